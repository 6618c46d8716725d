#include <config.h>

#include "app/judge.h"

#include <string.h>

#include "app/reading_judge.h"
#include "base/i18n.h"

/* Readings closer together than this do not make a period that could be compared. */
#define PERIOD_DAYS_MIN 15
#define CYCLE_DAYS 30
#define DAY_S 86400

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
                             .unit = m->reg.unit,
                             .period = {out->consumption, out->days},
                             .cycle_days = CYCLE_DAYS,
                             .active = m->state == METER_IN_SERVICE,
                             .multiplier = m->reg.multiplier_num,
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

static void previous_note(const struct meter_row *m, const struct judge_state *st,
                          int64_t value, int64_t utc, struct judgement *out)
{
    struct err ignored = ERR_INIT;
    out->has_previous = st->has_prev && register_cumulative(&m->reg);
    if (!out->has_previous) {
        return;
    }
    out->previous = st->prev;
    out->days = (utc - st->prev.utc + DAY_S / 2) / DAY_S;
    out->days = out->days < 1 ? 1 : out->days;
    if (register_consumption(&m->reg, st->prev.value, value, 0, &out->consumption, &ignored) !=
        ERR_OK) {
        out->consumption = 0;
    }
}

static enum err_code judge_with(struct office *o, const struct meter_row *m, int64_t value,
                                int64_t utc, int64_t as_of_utc, struct judge_state *st,
                                struct judgement *out, struct err *e)
{
    struct judge_rules rules;
    struct judge_subject subject;
    struct period_use history[HISTORY_MAX];
    size_t count = 0;
    TRY(judge_rules_init(o, &rules, e));
    TRY(judge_subject_load(o, m->register_id, &rules, &subject, e));
    TRY(period_history(o, m->register_id, history, &count, e));
    TRY(judge_start(o, &subject, 0, utc, st, e));
    previous_note(m, st, value, utc, out);
    subject.typical_high = plausible_use(history, count, out->days);
    TRY(judge_next(o, &subject, st, (struct point){value, utc}, as_of_utc, &out->findings, e));
    if (out->has_previous && register_cumulative(&m->reg) && value >= out->previous.value &&
        out->days >= PERIOD_DAYS_MIN) {
        judge_period_too(m, subject.rules, history, count, out);
    }
    return ERR_OK;
}

enum err_code judge_manual(struct office *o, const struct meter_row *m, int64_t value,
                           int64_t utc, int64_t as_of_utc, struct judgement *out, struct err *e)
{
    struct judge_state *st = mem_alloc(sizeof *st);
    *out = (struct judgement){.days = 1};
    enum err_code code =
        st != NULL ? judge_with(o, m, value, utc, as_of_utc, st, out, e) : err_nomem(e);
    mem_free(st);
    return code;
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
