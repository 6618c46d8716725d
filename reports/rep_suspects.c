#include <config.h>

#include <string.h>

#include "app/suspects.h"
#include "base/arena.h"
#include "base/caltime.h"
#include "base/json.h"
#include "reports/rep_reckon.h"

#define SLICE_ROWS 4096

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
    buf_init(&signs, 512);
    signs_print(&s->found, &signs);
    buf_addf(json, "[%lld,%lld,%lld,", (long long)s->reg, (long long)s->found.recovered,
             (long long)s->found.expected);
    if (s->last >= 0) {
        buf_add_int(json, s->last);
    } else {
        buf_adds(json, "null");
    }
    buf_addf(json, ",%lld,%lld,", (long long)(s->found.confidence_k / 10),
             (long long)civil_to_secs(zone_to_civil(o->zone, s->since_utc)));
    json_add_string(json, buf_str(&signs), signs.len);
    buf_addc(json, ']');
    buf_release(&signs);
}

struct listing {
    struct suspects *all;
    size_t next;
};

static void listing_end(void *state)
{
    struct listing *l = state;
    if (l != NULL) {
        suspects_free(l->all);
    }
    mem_free(l);
}

static enum err_code listing_begin(struct office *o, const char *const *values,
                                   const struct progress *progress, void **state, struct err *e)
{
    struct date day;
    int64_t to = env_wall_ms(o->env) / 1000;
    if (values[0] != NULL) {
        TRY(date_parse(values[0], strlen(values[0]), &day, e));
        to = zone_day_start(o->zone, day);
    }
    struct listing *l = mem_alloc(sizeof *l);
    if (l == NULL) {
        return err_nomem(e);
    }
    enum err_code code = suspects_find(o, to, values[1], progress, &l->all, e);
    if (code != ERR_OK) {
        mem_free(l);
        return code;
    }
    *state = l;
    return ERR_OK;
}

static bool listing_more(const void *state)
{
    const struct listing *l = state;
    return l->next < suspects_count(l->all);
}

static void listing_next(struct office *o, void *state, struct buf *json)
{
    struct listing *l = state;
    struct suspect x;
    buf_addc(json, '[');
    for (int i = 0; i < SLICE_ROWS && listing_more(l); i++) {
        suspects_get(l->all, l->next++, &x);
        if (i > 0) {
            buf_addc(json, ',');
        }
        suspect_print(o, &x, json);
    }
    buf_addc(json, ']');
}

const struct reckon_slices suspects_slices = {listing_begin, listing_next, listing_more,
                                              listing_end};
