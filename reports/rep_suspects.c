#include <config.h>

#include <string.h>

#include "app/suspects.h"
#include "base/caltime.h"
#include "base/json.h"
#include "reports/rep_reckon.h"

/* "robust_z=-5.21 cusum=12.30 peers=32%": each sign that fired, with its figure. */
static void signs_print(const struct suspicion *x, struct buf *out)
{
    for (int i = 0; i < SIGN_COUNT; i++) {
        int64_t v = x->value_k[i];
        if (!x->fired[i]) {
            continue;
        }
        buf_addf(out, "%s%s=", out->len > 0 ? " " : "",
                 suspicion_sign_name((enum suspicion_sign)i));
        if (i == SIGN_YEAR_ON_YEAR || i == SIGN_PEERS || i == SIGN_BALANCE) {
            buf_addf(out, "%lld%%", (long long)(v / 10));
        } else if (i == SIGN_ZERO_RUN) {
            buf_addf(out, "%lld", (long long)(v / 1000));
        } else {
            int64_t size = v < 0 ? -v : v;
            buf_addf(out, "%s%lld.%02lld", v < 0 ? "-" : "", (long long)(size / 1000),
                     (long long)(size % 1000 / 10));
        }
    }
}

static void suspect_print(struct office *o, const struct suspect *s, struct buf *json)
{
    struct buf signs;
    int64_t last = s->series.use[s->series.count - 1];
    buf_init(&signs, 512);
    signs_print(&s->found, &signs);
    buf_addf(json, "%s[%lld,%lld,%lld,%lld,", json->len > 1 ? "," : "", (long long)s->reg,
             (long long)s->account, (long long)s->found.recovered,
             (long long)s->found.expected);
    if (last >= 0) {
        buf_add_int(json, last);
    } else {
        buf_adds(json, "null");
    }
    buf_addf(json, ",%lld,%lld,", (long long)(s->found.confidence_k / 10),
             (long long)civil_to_secs(zone_to_civil(o->zone, s->since_utc)));
    json_add_string(json, buf_str(&signs), signs.len);
    buf_addc(json, ']');
    buf_release(&signs);
}

enum err_code suspects_reckon(struct office *o, const char *const *values, struct buf *json,
                              struct err *e)
{
    struct suspects all;
    struct date day;
    int64_t to = env_wall_ms(o->env) / 1000;
    if (values[0] != NULL) {
        TRY(date_parse(values[0], strlen(values[0]), &day, e));
        to = zone_day_start(o->zone, day);
    }
    TRY(suspects_find(o, to, values[1], &all, e));
    buf_addc(json, '[');
    for (size_t i = 0; i < all.count; i++) {
        suspect_print(o, &all.all[i], json);
    }
    buf_addc(json, ']');
    suspects_release(&all);
    return ERR_OK;
}
