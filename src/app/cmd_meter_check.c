/* Checks over a window of time: what no single reading can show. Each fault becomes an alert.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/balance.h"
#include "app/cmd.h"
#include "app/rule_settings.h"
#include "base/i18n.h"

#define ALERTS_PER_ENTRY 100
#define REGISTERS_MAX 1000000
#define PARTS_MAX 16

struct check_run {
    int64_t *regs;
    size_t count, next, end;
    int64_t *feeders;
    size_t feeder_count;
    int64_t from_utc, to_utc;
    struct rule_set rules[METER_KIND_COUNT];
    int64_t alerts, own; /* in all; in the entry at hand */
};

/* Automatic and imported readings: how many of the usual intervals are there. */
static enum err_code intervals_judge(struct command_ctx *c, const struct check_run *r,
                                     const struct meter_row *m, struct findings *out,
                                     struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct interval_ctx ctx = {.rules = &r->rules[m->kind]};
    int64_t gap = 0;
    int64_t usual = 0;
    TRY(db_query(
        c->office->db, &q, e,
        "WITH g(gap) AS (SELECT utc - lag(utc) OVER (ORDER BY utc) FROM (SELECT DISTINCT "
        "utc FROM reading WHERE register = ?1 AND utc >= ?2 AND utc <= ?3 AND state <> "
        "'rejected' AND source IN ('automatic', 'import'))) SELECT gap, count(*), "
        "(SELECT count(*) FROM g WHERE gap IS NOT NULL) FROM g WHERE gap IS NOT NULL "
        "GROUP BY gap ORDER BY 2 DESC, 1 LIMIT 1",
        VALS(V_INT(m->register_id), V_INT(r->from_utc), V_INT(r->to_utc))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        gap = stmt_int(q, 0);
        usual = stmt_int(q, 1);
        ctx.seen = stmt_int(q, 2);
    }
    stmt_done(q);
    out->count = 0;
    if (code != ERR_OK || gap <= 0 || usual * 2 < ctx.seen) {
        return code; /* no regular series */
    }
    ctx.expected = (r->to_utc - r->from_utc) / gap;
    rules_judge_intervals(&ctx, out);
    return ERR_OK;
}

/* The registers of a meter that count parts of one total: same code but the tariff's group. */
static enum err_code sum_judge(struct command_ctx *c, const struct check_run *r,
                               const struct meter_row *m, struct findings *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct compare_ctx ctx = {.rules = &r->rules[m->kind], .unit = m->reg.unit};
    int64_t regs[PARTS_MAX];
    struct obis code_of[PARTS_MAX];
    size_t n = 0;
    size_t total = PARTS_MAX;
    out->count = 0;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT id, obis FROM register WHERE meter = ? ORDER BY id LIMIT 16",
                 VALS(V_INT(m->id))));
    enum err_code code = ERR_OK;
    while (n < PARTS_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct err ignored = ERR_INIT;
        if (obis_parse(stmt_text(q, 1), &code_of[n], &ignored) == ERR_OK) {
            regs[n] = stmt_int(q, 0);
            total = code_of[n].e == 0 && total == PARTS_MAX ? n : total;
            n++;
        }
    }
    stmt_done(q);
    TRY(code);
    if (total == PARTS_MAX || regs[total] != m->register_id) {
        return ERR_OK;
    }
    for (size_t i = 0; i < n; i++) {
        struct meter_row part;
        int64_t use = 0;
        bool read = false;
        if (code_of[i].c != code_of[total].c || code_of[i].d != code_of[total].d) {
            continue;
        }
        TRY(meter_by_register(c->office, regs[i], &part, e));
        TRY(window_use(c->office, &part, r->from_utc, r->to_utc, &use, &read, e));
        if (!read) {
            return ERR_OK;
        }
        ctx.whole += i == total ? use : 0;
        ctx.parts += i == total ? 0 : use;
        ctx.count += i != total;
    }
    if (ctx.count > 0) {
        rules_judge_sum(&ctx, out);
    }
    return ERR_OK;
}

/* The newest reading by hand in the window, between the two automatic ones around it. */
static enum err_code adapter_judge(struct command_ctx *c, const struct check_run *r,
                                   const struct meter_row *m, struct findings *out,
                                   struct err *e)
{
    static const char by_hand[] =
        "SELECT id, value, utc FROM reading WHERE register = ?1 AND utc <= ?2 AND source = "
        "'manual' AND " READING_BELIEVED " ORDER BY utc DESC LIMIT 1";
    static const char before[] =
        "SELECT id, value, utc FROM reading WHERE register = ?1 AND utc <= ?2 AND source = "
        "'automatic' AND " READING_BELIEVED " ORDER BY utc DESC LIMIT 1";
    static const char after[] =
        "SELECT id, value, utc FROM reading WHERE register = ?1 AND utc >= ?2 AND source = "
        "'automatic' AND " READING_BELIEVED " ORDER BY utc LIMIT 1";
    struct bill_reading hand;
    struct bill_reading a;
    struct bill_reading b;
    bool found = false;
    struct compare_ctx ctx = {.rules = &r->rules[m->kind], .unit = m->reg.unit};
    out->count = 0;
    TRY(reading_of(c->office, by_hand, m->register_id, r->to_utc, &hand, &found, e));
    if (!found || hand.utc < r->from_utc) {
        return ERR_OK;
    }
    TRY(reading_of(c->office, before, m->register_id, hand.utc, &a, &found, e));
    if (found) {
        TRY(reading_of(c->office, after, m->register_id, hand.utc, &b, &found, e));
    }
    if (!found || b.value < a.value || a.utc < r->from_utc) {
        return ERR_OK;
    }
    int64_t at = a.value;
    if (b.utc > a.utc) {
        at += (int64_t)((int128)(b.value - a.value) * (hand.utc - a.utc) / (b.utc - a.utc));
    }
    TRY(window_use(c->office, m, r->from_utc, r->to_utc, &ctx.whole, &found, e));
    ctx.parts = at > hand.value ? at - hand.value : hand.value - at;
    rules_judge_adapter(&ctx, out);
    return ERR_OK;
}

static enum err_code alert_data(struct command_ctx *c, struct check_run *r, int64_t meter,
                                const struct findings *f, int64_t *id, struct json *list,
                                struct err *e)
{
    int64_t one = 0;
    bool open = false;
    if (f->count == 0) {
        return ERR_OK;
    }
    const struct finding *x = &f->item[0];
    TRY(db_get_int(
        c->office->db, &one, &open, e,
        "SELECT 1 FROM alert WHERE meter = ? AND rule = ? AND resolved IS NULL LIMIT "
        "1",
        VALS(V_INT(meter), V_TEXT(rule_name(x->rule)))));
    if (open) {
        return ERR_OK;
    }
    struct json *o = json_new_object(c->arena);
    r->own++;
    bool ok = o != NULL && json_set_int(c->arena, o, "id", (*id)++) &&
              json_set_int(c->arena, o, "meter", meter) &&
              json_set_int(c->arena, o, "observed", x->observed) &&
              json_set_str(c->arena, o, "rule", rule_name(x->rule)) &&
              json_set_int(c->arena, o, "threshold", x->limit) && json_push(c->arena, list, o);
    return ok ? ERR_OK : err_nomem(e);
}

/* A register, or behind the registers a feeder. */
static enum err_code subject_check(struct command_ctx *c, struct check_run *r, size_t at,
                                   int64_t *id, struct json *list, struct err *e)
{
    struct findings f = {0};
    struct meter_row m;
    if (at >= r->count) {
        struct balance b;
        TRY(balance_load(c->office, r->feeders[at - r->count], r->from_utc, r->to_utc, &b, e));
        struct compare_ctx ctx = {.rules = &r->rules[b.meter.kind],
                                  .whole = b.whole,
                                  .parts = b.parts,
                                  .read = b.read,
                                  .count = b.known ? b.count : 0};
        rules_judge_balance(&ctx, &f);
        return alert_data(c, r, b.meter.id, &f, id, list, e);
    }
    TRY(meter_by_register(c->office, r->regs[at], &m, e));
    if (!register_cumulative(&m.reg)) {
        return ERR_OK;
    }
    TRY(intervals_judge(c, r, &m, &f, e));
    TRY(alert_data(c, r, m.id, &f, id, list, e));
    TRY(adapter_judge(c, r, &m, &f, e));
    TRY(alert_data(c, r, m.id, &f, id, list, e));
    TRY(sum_judge(c, r, &m, &f, e));
    return alert_data(c, r, m.id, &f, id, list, e);
}

static enum err_code build_check(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct check_run *r = c->report;
    struct json *list = json_new_array(c->arena);
    int64_t id = 0;
    if (list == NULL) {
        return err_nomem(e);
    }
    TRY(next_id(c, "SELECT max(id) FROM alert", &id, e));
    r->own = 0;
    for (r->end = r->next;
         r->end < r->count + r->feeder_count && list->u.array.count + 3 < ALERTS_PER_ENTRY;
         r->end++) {
        TRY(subject_check(c, r, r->end, &id, list, e));
    }
    if (list->u.array.count == 0) {
        return err_set(e, ERR_NOT_FOUND, _("there is nothing to alert"));
    }
    TRY(draft_begin(c, d, "meters.checked", e));
    TRY(data_text(c, d->data, "from", arg_text(c, "from"), e));
    TRY(data_text(c, d->data, "to", arg_text(c, "to"), e));
    return data_set(c, d->data, "alerts", list, e);
}

static enum err_code check_begin(struct command_ctx *c, struct check_run *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    r->from_utc = zone_day_start(c->office->zone, arg_get(c, "from")->date);
    r->to_utc = zone_day_start(c->office->zone, arg_get(c, "to")->date);
    if (r->from_utc >= r->to_utc) {
        return err_set(e, ERR_USAGE, _("--from must lie before --to"));
    }
    r->regs = mem_array(REGISTERS_MAX, sizeof r->regs[0]);
    r->feeders = mem_array(FEEDERS_MAX, sizeof r->feeders[0]);
    if (r->regs == NULL || r->feeders == NULL) {
        return err_nomem(e);
    }
    TRY(rules_load(c->office, r->rules, e));
    TRY(feeders_list(c->office, r->feeders, &r->feeder_count, e));
    TRY(db_query(c->office->db, &q, e,
                 "SELECT g.id FROM register g JOIN meter m ON m.id = g.meter WHERE m.state = "
                 "'in_service' ORDER BY g.id LIMIT ?",
                 VALS(V_INT(REGISTERS_MAX))));
    enum err_code code = ERR_OK;
    while (r->count < REGISTERS_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        r->regs[r->count++] = stmt_int(q, 0);
    }
    stmt_done(q);
    return code;
}

static enum err_code check_all(struct command_ctx *c, struct check_run *r, struct err *e)
{
    struct ticket t;
    size_t all = r->count + r->feeder_count;
    while (r->next < all) {
        if (!progress_step(c->progress, _("Checking"), r->next, all)) {
            return err_set(e, ERR_CANCELLED,
                           ngettext("stopped after %zu register", "stopped after %zu registers",
                                    (unsigned long)r->next),
                           r->next);
        }
        enum err_code code = act_user(c, build_check, &t, e);
        if (code != ERR_OK && !(code == ERR_NOT_FOUND && r->end == all)) {
            return code;
        }
        r->alerts += r->own;
        r->next = r->end;
    }
    (void)progress_step(c->progress, _("Checking"), all, all);
    (void)snprintf(c->message, sizeof c->message,
                   _("registers checked: %zu, feeders: %zu; alerts raised: %" PRId64), r->count,
                   r->feeder_count, r->alerts);
    return ERR_OK;
}

static enum err_code run_check(struct command_ctx *c, struct err *e)
{
    struct check_run *r = mem_alloc(sizeof *r);
    if (r == NULL) {
        return err_nomem(e);
    }
    c->report = r;
    enum err_code code = check_begin(c, r, e);
    code = code == ERR_OK ? check_all(c, r, e) : code;
    mem_free(r->regs);
    mem_free(r->feeders);
    mem_free(r);
    c->report = NULL;
    return code;
}

static const struct param check_params[] = {
    {"from", PARAM_DATE, PARAM_REQUIRED, N_("first day"), NULL, NULL},
    {"to", PARAM_DATE, PARAM_REQUIRED, N_("the day behind the last one"), NULL, NULL},
    PARAM_END};
const struct command cmd_meter_check = {
    "meter check",
    N_("check intervals, sums, adapters and feeders over some days; faults become alerts"),
    CMD_BULK,
    check_params,
    NULL,
    run_check};
