#include <config.h>

#include <string.h>

#include "app/balance.h"
#include "base/i18n.h"
#include "base/json.h"
#include "reports/rep_reckon.h"

static enum err_code day_start(struct office *o, const char *text, int64_t otherwise,
                               int64_t *utc, struct err *e)
{
    struct date day;
    *utc = otherwise;
    if (text == NULL) {
        return ERR_OK;
    }
    TRY(date_parse(text, strlen(text), &day, e));
    *utc = zone_day_start(o->zone, day);
    return ERR_OK;
}

static void balance_print(const struct balance *b, struct buf *json)
{
    int64_t loss = b->whole - b->parts;
    buf_adds(json, json->len > 1 ? ",[" : "[");
    json_add_string(json, b->meter.serial, strlen(b->meter.serial));
    buf_addc(json, ',');
    json_add_string(json, b->meter.reg.unit->symbol, strlen(b->meter.reg.unit->symbol));
    if (b->known) {
        buf_addf(json, ",%lld,%lld,%lld,", (long long)b->whole, (long long)b->parts,
                 (long long)loss);
    } else {
        buf_addf(json, ",null,%lld,null,", (long long)b->parts);
    }
    if (b->known && b->whole > 0) {
        buf_add_int(json, (int64_t)div_round128((int128)loss * 100, b->whole, ROUND_HALF_UP));
    } else {
        buf_adds(json, "null");
    }
    buf_addf(json, ",%lld,%lld]", (long long)b->count, (long long)b->read);
}

static enum err_code rows_print(struct office *o, const int64_t *feeders, size_t count,
                                const char *const *values, struct buf *json, struct err *e)
{
    int64_t from = 0;
    int64_t to = 0;
    TRY(day_start(o, values[0], INT64_MIN / 2, &from, e));
    TRY(day_start(o, values[1], env_wall_ms(o->env) / 1000, &to, e));
    for (size_t i = 0; i < count; i++) {
        struct balance b;
        TRY(balance_load(o, feeders[i], from, to, &b, e));
        if (values[2] == NULL || strcmp(values[2], b.meter.serial) == 0) {
            balance_print(&b, json);
        }
    }
    return ERR_OK;
}

enum err_code balance_reckon(struct office *o, const char *const *values, struct buf *json,
                             struct err *e)
{
    size_t count = 0;
    int64_t *feeders = mem_array(FEEDERS_MAX, sizeof feeders[0]);
    if (feeders == NULL) {
        return err_nomem(e);
    }
    enum err_code code = feeders_list(o, feeders, &count, e);
    buf_addc(json, '[');
    code = code == ERR_OK ? rows_print(o, feeders, count, values, json, e) : code;
    buf_addc(json, ']');
    mem_free(feeders);
    return code;
}
