/* Tariff files, and bills by those that are sound: the lines add up to the total, whatever the
 * use. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>

#include "domain/bill_calc.h"
#include "domain/tariff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void bill(const struct tariff *t, const struct usage *usage, struct arena *arena)
{
    struct bill_result r;
    struct buf text;
    int64_t sum = 0;

    if (bill_compute(t, usage, arena, &r, NULL) != ERR_OK) {
        return;
    }
    buf_init(&text, 1 << 16);
    for (size_t i = 0; i < r.count; i++) {
        CHECK(add_i64(sum, r.lines[i].amount.minor, &sum));
        text.len = 0;
        bill_line_title(&r.lines[i], t, NULL, &text);
        bill_line_explain(&r.lines[i], t, NULL, &text);
    }
    CHECK(add_i64(sum, r.rounding_gap.minor, &sum));
    CHECK(sum == r.total.minor);
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct usage uses[] = {
        {.consumption = 0, .days = 1},
        {.consumption = 1, .has_limit = true, .limit = 0, .days = 31},
        {.consumption = 12042000, .has_limit = true, .limit = 6000000, .days = 30},
        {.consumption = INT64_MAX,
         .has_limit = true,
         .limit = INT64_MAX,
         .days = USAGE_DAYS_MAX},
    };
    struct faults faults = {0};
    struct tariff *t = NULL;
    struct arena arena;

    arena_init(&arena, 16 << 20);
    if (tariff_parse((const char *)data, size, &arena, &faults, &t, NULL) == ERR_OK) {
        CHECK(t != NULL && faults.count == 0);
        for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
            bill(t, &uses[i], &arena);
        }
    }
    arena_release(&arena);
    return 0;
}
