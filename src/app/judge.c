#include <config.h>

#include "app/judge.h"

#include <string.h>

#include "base/i18n.h"

#define SAME_MAX 8
/* Readings closer together than this do not make a period that could be compared. */
#define PERIOD_DAYS_MIN 15
#define CYCLE_DAYS 30
#define DAY_S 86400

#define BELIEVED                                                                               \
    "state = 'accepted' AND (run IS NULL OR run NOT IN "                                       \
    "(SELECT id FROM import_run WHERE state <> 'closed'))"

static enum err_code point_one(struct office *o, const char *sql, int64_t reg, int64_t utc,
                               struct point *out, bool *found, struct err *e)
{
    struct stmt *q = NULL;
    TRY(db_query(o->db, &q, e, sql, VALS(V_INT(reg), V_INT(utc))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        *out = (struct point){stmt_int(q, 0), stmt_int(q, 1)};
    }
    stmt_done(q);
    return code;
}

static enum err_code same_instant(struct office *o, int64_t reg, int64_t utc,
                                  int64_t values[SAME_MAX], size_t *count, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *count = 0;
    TRY(db_query(o->db, &q, e,
                 "SELECT value FROM reading WHERE register = ? AND utc = ? AND state IN "
                 "('accepted', 'held') AND (run IS NULL OR run NOT IN "
                 "(SELECT id FROM import_run WHERE state <> 'closed')) ORDER BY id LIMIT 8",
                 VALS(V_INT(reg), V_INT(utc))));
    enum err_code code = ERR_OK;
    while (*count < SAME_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        values[(*count)++] = stmt_int(q, 0);
    }
    stmt_done(q);
    return code;
}

static enum err_code period_history(struct office *o, int64_t reg,
                                    struct period_use out[HISTORY_MAX], size_t *count,
                                    struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *count = 0;
    TRY(db_query(
        o->db, &q, e,
        "SELECT bm.consumption, bm.days FROM bill_meter bm JOIN bill b ON b.id = bm.bill "
        "JOIN billing_run r ON r.id = b.run WHERE bm.register = ? AND r.state = 'closed' "
        "AND bm.flags = '' ORDER BY bm.bill DESC LIMIT ?",
        VALS(V_INT(reg), V_INT(HISTORY_MAX))));
    enum err_code code = ERR_OK;
    while (*count < HISTORY_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        out[(*count)++] = (struct period_use){stmt_int(q, 0), stmt_int(q, 1)};
    }
    stmt_done(q);
    return code;
}

/* Midnight of a date of the tables, or a fallback where there is none. */
static int64_t date_instant(struct office *o, const char *text, int64_t fallback)
{
    struct date d;
    struct err ignored = ERR_INIT;
    return *text != '\0' && date_parse(text, strlen(text), &d, &ignored) == ERR_OK
               ? zone_day_start(o->zone, d)
               : fallback;
}

/* The most use since the previous reading that history makes plausible: twice the highest
 * billed period, by the day. */
static int64_t plausible_use(const struct period_use *h, size_t count, int64_t days)
{
    int64_t highest = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t a_day = h[i].use / (h[i].days > 0 ? h[i].days : 1) + 1;
        highest = a_day > highest ? a_day : highest;
    }
    int64_t most = 0;
    return mul_i64(highest * 2, days, &most) ? most : 0;
}

static void judge_period_too(const struct meter_row *m, const struct rule_set *rules,
                             const struct period_use *history, size_t count,
                             struct judgement *out)
{
    struct findings period;
    struct period_ctx ctx = {.rules = rules,
                             .period = {out->consumption, out->days},
                             .cycle_days = CYCLE_DAYS,
                             .active = m->state == METER_IN_SERVICE,
                             .history = history,
                             .count = count};
    rules_judge_period(&ctx, &period);
    for (size_t i = 0; i < period.count && out->findings.count < FINDINGS_MAX; i++) {
        if (period.item[i].rule == RULE_PERIOD_LENGTH) {
            continue; /* when a route is read is not the reader's doing */
        }
        out->findings.item[out->findings.count++] = period.item[i];
        out->findings.hold = out->findings.hold || period.item[i].hold;
        if (period.item[i].severity > out->findings.severity) {
            out->findings.severity = period.item[i].severity;
        }
    }
}

enum err_code judge_manual(struct office *o, const struct meter_row *m, int64_t value,
                           int64_t utc, int64_t as_of_utc, struct judgement *out, struct err *e)
{
    struct rule_set rules;
    struct period_use history[HISTORY_MAX];
    struct point next;
    struct point seen;
    int64_t same[SAME_MAX];
    size_t same_count = 0;
    size_t count = 0;
    bool has_next = false;
    bool has_seen = false;
    int64_t reg = m->register_id;
    *out = (struct judgement){.days = 1};
    rules_defaults(m->kind, &rules);
    TRY(point_one(o,
                  "SELECT value, utc FROM reading WHERE register = ? AND utc < ? AND " BELIEVED
                  " ORDER BY utc DESC, id DESC LIMIT 1",
                  reg, utc, &out->previous, &out->has_previous, e));
    TRY(point_one(o,
                  "SELECT value, utc FROM reading WHERE register = ? AND utc > ? AND " BELIEVED
                  " ORDER BY utc, id LIMIT 1",
                  reg, utc, &next, &has_next, e));
    TRY(point_one(o,
                  "SELECT value, utc FROM reading WHERE register = ? AND utc < ? "
                  "ORDER BY utc DESC, id DESC LIMIT 1",
                  reg, utc, &seen, &has_seen, e));
    TRY(same_instant(o, reg, utc, same, &same_count, e));
    TRY(period_history(o, reg, history, &count, e));
    if (out->has_previous) {
        struct err ignored = ERR_INIT;
        out->days = (utc - out->previous.utc + DAY_S / 2) / DAY_S;
        out->days = out->days < 1 ? 1 : out->days;
        if (register_consumption(&m->reg, out->previous.value, value, 0, &out->consumption,
                                 &ignored) != ERR_OK) {
            out->consumption = 0;
        }
    }
    struct reading_ctx ctx = {.reg = &m->reg,
                              .rules = &rules,
                              .reading = {value, utc},
                              .as_of_utc = as_of_utc,
                              .prev = out->has_previous ? &out->previous : NULL,
                              .next = has_next ? &next : NULL,
                              .seen = has_seen ? &seen : NULL,
                              .same = same,
                              .same_count = same_count,
                              .active_from = date_instant(o, m->installed, INT64_MIN),
                              .active_until = date_instant(o, m->removed, INT64_MAX),
                              .typical_high = plausible_use(history, count, out->days)};
    rules_judge_reading(&ctx, &out->findings);
    if (out->has_previous && value >= out->previous.value && out->days >= PERIOD_DAYS_MIN) {
        judge_period_too(m, &rules, history, count, out);
    }
    return ERR_OK;
}

const struct finding *findings_worst(const struct findings *f)
{
    const struct finding *worst = NULL;
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *x = &f->item[i];
        if (worst == NULL || (x->hold && !worst->hold) ||
            (x->hold == worst->hold && x->severity > worst->severity)) {
            worst = x;
        }
    }
    return worst;
}

struct json *findings_json(const struct findings *f, struct arena *a)
{
    struct json *list = json_new_array(a);
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < f->count; i++) {
        const struct finding *x = &f->item[i];
        struct json *o = json_new_object(a);
        ok = o != NULL && json_set_str(a, o, "class", finding_class_name(x->kind)) &&
             json_set_bool(a, o, "hold", x->hold) &&
             json_set_int(a, o, "observed", x->observed) &&
             json_set_str(a, o, "rule", rule_name(x->rule)) &&
             json_set_int(a, o, "threshold", x->limit) && json_push(a, list, o);
    }
    return ok ? list : NULL;
}

struct json *findings_alert(const struct findings *f, int64_t alert, int64_t meter,
                            struct arena *a)
{
    const struct finding *x = findings_worst(f);
    struct json *o = json_new_object(a);
    bool ok = o != NULL && x != NULL && json_set_int(a, o, "id", alert) &&
              json_set_int(a, o, "meter", meter) &&
              json_set_int(a, o, "observed", x->observed) &&
              json_set_str(a, o, "rule", rule_name(x->rule)) &&
              json_set_int(a, o, "threshold", x->limit);
    return ok ? o : NULL;
}

enum err_code local_instant(struct office *o, struct civil local, int64_t after_utc,
                            int64_t *utc, struct err *e)
{
    int64_t first = 0;
    int64_t second = 0;
    switch (zone_resolve(o->zone, local, &first, &second)) {
    case LOCAL_UNIQUE:
        *utc = first;
        return ERR_OK;
    case LOCAL_AMBIGUOUS:
        *utc = first > after_utc ? first : second;
        return ERR_OK;
    case LOCAL_NONEXISTENT:
        return err_set(e, ERR_RANGE,
                       _("that time does not exist: the clocks of %s were put forward over it"),
                       zone_name(o->zone));
    }
    return ERR_OK;
}
