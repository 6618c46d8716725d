/* A time zone file of any bytes: whatever is accepted gives offsets within bounds, and what
 * resolves to an instant comes back from it. */
#include <config.h>

#include "base/caltime.h"

#include "base/zone_rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_wall(const struct zone *z, int64_t wall)
{
    int64_t first, second;
    switch (zone_resolve(z, civil_from_secs(wall), &first, &second)) {
    case LOCAL_UNIQUE:
        CHECK(first == second && first + zone_offset_at(z, first) == wall);
        break;
    case LOCAL_AMBIGUOUS:
        CHECK(first < second);
        CHECK(first + zone_offset_at(z, first) == wall);
        CHECK(second + zone_offset_at(z, second) == wall);
        break;
    case LOCAL_NONEXISTENT:
        CHECK(first == second);
        CHECK(first - 1 + zone_offset_at(z, first - 1) < wall);
        CHECK(first + zone_offset_at(z, first) > wall);
        break;
    }
}

static void check_zone(const struct zone *z)
{
    for (int32_t year = 1; year <= 9999; year += year < 1900 || year > 2100 ? 571 : 9) {
        for (int32_t day = 0; day < 366; day += 61) {
            int64_t t = (int64_t)(date_to_days((struct date){year, 1, 1}) + day) * 86400 + 9000;
            int32_t offset = zone_offset_at(z, t);
            CHECK(offset >= -ZONE_OFFSET_MAX && offset <= ZONE_OFFSET_MAX);
            check_wall(z, t);
        }
    }
    (void)zone_offset_at(z, INT64_MIN);
    (void)zone_to_civil(z, INT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct zone *z = NULL;
    struct zone_rule rule;
    if (zone_parse(data, size, "fuzz", &z, NULL) == ERR_OK) {
        check_zone(z);
        zone_free(z);
    }
    (void)zone_rule_parse((const char *)data, size, &rule);
    return 0;
}
