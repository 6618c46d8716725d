/* Estimating what nobody read, for a meter or for all that were not read in a period. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/estimating.h"
#include "app/judge.h"
#include "app/receivable.h"
#include "app/rule_settings.h"
#include "app/use_history.h"
#include "app/words.h"
#include "base/i18n.h"

#define ESTIMATES_PER_ENTRY 60
#define REGISTERS_MAX 1000000
#define KEEP_BYTES ((size_t)64 << 20)
#define SCRATCH_BYTES ((size_t)4 << 20)
#define CLOCKS_DIFFER_S 300
/* Who was read within half a monthly cycle needs no estimate, unless --since says otherwise. */
#define RECENT_DAYS 15

/* What became of the registers that were looked at. */
struct tally {
    int64_t by[ESTIMATE_METHODS];
    int64_t held, never, nothing, refused, told;
    int64_t money; /* preview: what the uses come to */
};

struct estimate_run {
    int64_t *regs;
    size_t count, next, end;
    int64_t utc, since_utc;
    bool any;
    enum estimate_method method;
    struct rule_set rules[METER_KIND_COUNT];
    struct estimate_groups groups;
    struct tally own, sum; /* of the entry at hand; of all before it */
    struct arena keep, scratch;
    struct tariff_book book; /* preview */
};

/* The office's wall clock. */
static enum err_code times_take(struct command_ctx *c, struct estimate_run *r, struct err *e)
{
    const struct arg *when = arg_get(c, "time");
    const struct arg *since = arg_get(c, "since");
    int64_t now = env_wall_ms(c->office->env) / 1000;
    struct civil local = zone_to_civil(c->office->zone, now);
    r->utc = now;
    if (when->given) {
        local = when->time;
        TRY(local_instant(c->office, local, INT64_MIN, &r->utc, e));
    }
    if (r->utc > now + CLOCKS_DIFFER_S) {
        return err_set(e, ERR_RANGE,
                       _("what is not over cannot be estimated; give an earlier "
                         "--time"));
    }
    if (since->given) {
        r->since_utc = zone_day_start(c->office->zone, since->date);
    } else {
        r->since_utc = r->utc - (int64_t)RECENT_DAYS * 86400;
    }
    return r->since_utc < r->utc ? ERR_OK
                                 : err_set(e, ERR_USAGE, _("--since must lie before --time"));
}

static enum err_code registers_list(struct command_ctx *c, struct estimate_run *r,
                                    struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    char day[DATE_TEXT];
    date_text(zone_to_civil(c->office->zone, r->utc - 1).date, day);
    enum err_code code = db_query(
        c->office->db, &q, e,
        "SELECT g.id FROM register g JOIN meter m ON m.id = g.meter JOIN service_point s ON "
        "s.id = m.point WHERE m.state = 'in_service' AND m.installed <= ?1 AND g.unit NOT IN "
        "('W', 'kW') AND EXISTS (SELECT 1 FROM assignment a JOIN account k ON k.id = a.account "
        "WHERE a.meter = m.id AND a.start_date <= ?1 AND (a.end_date IS NULL OR a.end_date > "
        "?1) AND (?4 IS NULL OR k.number = ?4)) AND (?2 IS NULL OR m.serial = ?2) AND (?3 IS "
        "NULL OR s.route = ?3) AND (?5 IS NULL OR m.kind = ?5) AND NOT EXISTS (SELECT 1 FROM "
        "reading WHERE register = g.id AND utc > ?6 AND utc <= ?7 AND " READING_BELIEVED
        ") ORDER BY g.id LIMIT ?8",
        VALS(V_TEXT(day), V_TEXT(arg_text(c, "serial")), V_TEXT(arg_text(c, "route")),
             V_TEXT(arg_text(c, "account")), V_TEXT(arg_text(c, "kind")), V_INT(r->since_utc),
             V_INT(r->utc), V_INT(REGISTERS_MAX)));
    while (code == ERR_OK && r->count < REGISTERS_MAX &&
           (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        r->regs[r->count++] = stmt_int(q, 0);
    }
    stmt_done(q);
    return code;
}

/* A reading that waits is to be decided, not passed over by an estimate. */
static enum err_code held_there(struct command_ctx *c, const struct estimate_run *r,
                                int64_t reg, bool *held, struct err *e)
{
    int64_t one = 0;
    *held = false;
    return db_get_int(c->office->db, &one, held, e,
                      "SELECT 1 FROM reading WHERE register = ? AND utc > ? AND utc <= ? AND "
                      "state = 'held' AND (run IS NULL OR run IN (SELECT id FROM import_run "
                      "WHERE state = 'closed')) LIMIT 1",
                      VALS(V_INT(reg), V_INT(r->since_utc), V_INT(r->utc)));
}

/* Read or estimated since the registers were listed: by another console. */
static enum err_code read_there(struct command_ctx *c, const struct estimate_run *r,
                                int64_t reg, bool *there, struct err *e)
{
    int64_t one = 0;
    *there = false;
    return db_get_int(c->office->db, &one, there, e,
                      "SELECT 1 FROM reading WHERE register = ? AND utc > ? AND utc <= ? "
                      "AND " READING_BELIEVED " LIMIT 1",
                      VALS(V_INT(reg), V_INT(r->since_utc), V_INT(r->utc)));
}

/* Reckon one register; *made false where there is no estimate, counted by why. */
static enum err_code register_reckon(struct command_ctx *c, struct estimate_run *r, int64_t reg,
                                     struct estimating *x, bool *made, struct err *e)
{
    bool held = false;
    bool there = false;
    int64_t told = 0;
    int64_t refused = 0;
    *made = false;
    *x = (struct estimating){.utc = r->utc, .any = r->any, .method = r->method};
    TRY(read_there(c, r, reg, &there, e));
    TRY(held_there(c, r, reg, &held, e));
    r->own.held += held && !there;
    if (held || there) {
        return ERR_OK;
    }
    TRY(meter_by_register(c->office, reg, &x->meter, e));
    enum err_code code = estimating_reckon(c->office, &r->groups, x, e);
    if (code != ERR_OK) {
        return err_wrap(e, _("meter %s"), x->meter.serial);
    }
    estimating_limits(&r->rules[x->meter.kind], &told, &refused);
    if (x->from.id == 0) {
        r->own.never++;
    } else if (x->basis.secs == 0) {
        r->own.nothing++;
    } else if (estimating_number(x) >= refused) {
        r->own.refused++;
    } else {
        r->own.by[x->basis.method]++;
        r->own.told += estimating_number(x) >= told;
        *made = true;
    }
    return ERR_OK;
}

/* The meter that may not be estimated again is told once, until somebody resolves it. */
static enum err_code refusal_data(struct command_ctx *c, const struct estimate_run *r,
                                  const struct estimating *x, int64_t *alert, struct json *list,
                                  struct err *e)
{
    int64_t one = 0;
    bool open = false;
    int64_t told = 0;
    int64_t refused = 0;
    estimating_limits(&r->rules[x->meter.kind], &told, &refused);
    TRY(db_get_int(c->office->db, &one, &open, e,
                   "SELECT 1 FROM alert WHERE meter = ? AND rule = 'consecutive' AND resolved "
                   "IS NULL AND observed >= ? LIMIT 1",
                   VALS(V_INT(x->meter.id), V_INT(refused))));
    if (open) {
        return ERR_OK;
    }
    struct json *o = json_new_object(c->arena);
    bool ok = o != NULL && json_set_int(c->arena, o, "id", (*alert)++) &&
              json_set_int(c->arena, o, "meter", x->meter.id) &&
              json_set_int(c->arena, o, "observed", estimating_number(x)) &&
              json_set_str(c->arena, o, "rule", rule_name(RULE_CONSECUTIVE)) &&
              json_set_int(c->arena, o, "threshold", refused) && json_push(c->arena, list, o);
    return ok ? ERR_OK : err_nomem(e);
}

static enum err_code register_data(struct command_ctx *c, struct estimate_run *r,
                                   int64_t *reading, int64_t *alert, struct json *readings,
                                   struct json *alerts, struct err *e)
{
    struct estimating x;
    struct json *one = NULL;
    bool made = false;
    bool alerted = false;
    int64_t refused = r->own.refused;
    TRY(register_reckon(c, r, r->regs[r->end], &x, &made, e));
    if (r->own.refused > refused) {
        return refusal_data(c, r, &x, alert, alerts, e);
    }
    if (!made) {
        return ERR_OK;
    }
    TRY(estimating_data(c, &x, &r->rules[x.meter.kind], *reading, 0, *alert, &one, &alerted,
                        e));
    *alert += alerted;
    (*reading)++;
    return json_push(c->arena, readings, one) ? ERR_OK : err_nomem(e);
}

static enum err_code build_estimate(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct estimate_run *r = c->report;
    struct json *readings = json_new_array(c->arena);
    struct json *alerts = json_new_array(c->arena);
    int64_t reading = 0;
    int64_t alert = 0;
    if (readings == NULL || alerts == NULL) {
        return err_nomem(e);
    }
    TRY(next_id(c, "SELECT max(id) FROM reading", &reading, e));
    TRY(next_id(c, "SELECT max(id) FROM alert", &alert, e));
    r->own = (struct tally){0};
    for (r->end = r->next; r->end < r->count && readings->u.array.count < ESTIMATES_PER_ENTRY &&
                           alerts->u.array.count < ESTIMATES_PER_ENTRY;
         r->end++) {
        TRY(register_data(c, r, &reading, &alert, readings, alerts, e));
    }
    if (readings->u.array.count == 0 && alerts->u.array.count == 0) {
        return err_set(e, ERR_NOT_FOUND, _("there is nothing to estimate"));
    }
    TRY(draft_begin(c, d, "readings.estimated", e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    TRY(data_set(c, d->data, "readings", readings, e));
    return data_set(c, d->data, "alerts", alerts, e);
}

static void tally_add(struct tally *to, const struct tally *t)
{
    for (int i = 0; i < ESTIMATE_METHODS; i++) {
        to->by[i] += t->by[i];
    }
    to->held += t->held;
    to->never += t->never;
    to->nothing += t->nothing;
    to->refused += t->refused;
    to->told += t->told;
    to->money += t->money;
}

static enum err_code estimate_all(struct command_ctx *c, struct estimate_run *r, struct err *e)
{
    struct ticket t;
    while (r->next < r->count) {
        if (!progress_step(c->progress, _("Estimating"), r->next, r->count)) {
            return err_set(e, ERR_CANCELLED,
                           ngettext("stopped after %zu register", "stopped after %zu registers",
                                    (unsigned long)r->next),
                           r->next);
        }
        r->end = r->next;
        enum err_code code = act_user(c, build_estimate, &t, e);
        if (code != ERR_OK && !(code == ERR_NOT_FOUND && r->end == r->count)) {
            return code;
        }
        tally_add(&r->sum, &r->own);
        r->next = r->end;
    }
    (void)progress_step(c->progress, _("Estimating"), r->count, r->count);
    return ERR_OK;
}

/* One line a register: what would be recorded, from what, and what it comes to. */
static enum err_code preview_line(struct command_ctx *c, struct estimate_run *r,
                                  const struct estimating *x, struct err *e)
{
    struct use_price price;
    char words[MONEY_WORDS_MAX];
    int64_t account = 0;
    int64_t minor = 0;
    bool known = false;
    int64_t days = (x->utc - x->from.utc + 43200) / 86400;
    arena_reset(&r->scratch);
    TRY(use_price_find(c->office, &r->book, x->meter.id,
                       zone_to_civil(c->office->zone, x->utc - 1).date, &price, &account, e));
    TRY(use_price(&price, x->estimate.use, days, &r->scratch, &minor, &known, e));
    r->own.money += known ? minor : 0;
    if (c->out == NULL) {
        return ERR_OK;
    }
    struct buf value;
    struct buf use;
    buf_init(&value, 64);
    buf_init(&use, 64);
    quantity_print(x->estimate.value, x->meter.reg.unit, x->meter.reg.decimals, &value);
    quantity_print(x->estimate.use, x->meter.reg.unit, x->meter.reg.decimals, &use);
    money_words(c->office, minor, words);
    if (c->json) {
        buf_adds(c->out, "{\"serial\":");
        json_add_string(c->out, x->meter.serial, strlen(x->meter.serial));
        buf_addf(c->out,
                 ",\"register\":%" PRId64 ",\"value\":\"%s\",\"use\":\"%s\",\"days\":%" PRId64
                 ",\"method\":\"%s\",\"periods\":%" PRId64 ",\"in_a_row\":%" PRId64
                 ",\"amount\":%" PRId64 "}\n",
                 x->meter.register_id, buf_str(&value), buf_str(&use), days,
                 estimate_method_name(x->basis.method), x->basis.periods, estimating_number(x),
                 minor);
    } else {
        char said[2][MONEY_WORDS_MAX];
        number_words(c->office, buf_str(&value), x->meter.reg.unit->pretty, said[0]);
        number_words(c->office, buf_str(&use), "", said[1]);
        buf_addf(c->out, "%s  %s  +%s  %s  %s\n", x->meter.serial, said[0], said[1],
                 code_said(estimate_method_name(x->basis.method)), words);
    }
    buf_release(&value);
    buf_release(&use);
    return ERR_OK;
}

static enum err_code preview(struct command_ctx *c, struct estimate_run *r, struct err *e)
{
    struct estimating x;
    bool made = false;
    TRY(tariff_book_load(c->office, &r->keep, &r->book, e));
    for (; r->next < r->count; r->next++) {
        if (!progress_step(c->progress, _("Estimating"), r->next, r->count)) {
            return err_set(e, ERR_CANCELLED,
                           ngettext("stopped after %zu register", "stopped after %zu registers",
                                    (unsigned long)r->next),
                           r->next);
        }
        TRY(register_reckon(c, r, r->regs[r->next], &x, &made, e));
        if (made) {
            TRY(preview_line(c, r, &x, e));
        }
    }
    tally_add(&r->sum, &r->own);
    return ERR_OK;
}

static void tally_say(struct command_ctx *c, const struct tally *t)
{
    char words[MONEY_WORDS_MAX];
    int64_t made = 0;
    for (int i = 0; i < ESTIMATE_METHODS; i++) {
        made += t->by[i];
    }
    int n = snprintf(
        c->message, sizeof c->message,
        _("%" PRId64 " readings estimated: from their own periods %" PRId64 ", the year before "
          "%" PRId64 ", their group %" PRId64 ", between two readings %" PRId64
          "; second in a row %" PRId64 "; not estimated: %" PRId64 " with a held reading, "
          "%" PRId64 " never read, %" PRId64 " with nothing to go by, %" PRId64
          " that were estimated too often"),
        made, t->by[ESTIMATE_MEAN], t->by[ESTIMATE_YEAR], t->by[ESTIMATE_PEERS],
        t->by[ESTIMATE_BETWEEN], t->told, t->held, t->never, t->nothing, t->refused);
    if (arg_flag(c, "preview") && n > 0 && (size_t)n < sizeof c->message) {
        money_words(c->office, t->money, words);
        (void)snprintf(c->message + n, sizeof c->message - (size_t)n,
                       _("; by today's tariffs %s; a preview: nothing was recorded"), words);
    }
}

static enum err_code estimate_begin(struct command_ctx *c, struct estimate_run *r,
                                    struct err *e)
{
    const char *method = arg_text(c, "method");
    struct meter_row m;
    struct account_row a;
    r->any = method == NULL || !estimate_method_find(method, &r->method);
    if (arg_text(c, "serial") != NULL) {
        TRY(meter_by_serial(c->office, arg_text(c, "serial"), &m, NULL, e));
    }
    if (arg_text(c, "account") != NULL) {
        TRY(account_by_number(c->office, arg_text(c, "account"), &a, NULL, e));
    }
    r->regs = mem_array(REGISTERS_MAX, sizeof r->regs[0]);
    if (r->regs == NULL) {
        return err_nomem(e);
    }
    TRY(rules_load(c->office, r->rules, e));
    TRY(times_take(c, r, e));
    return registers_list(c, r, e);
}

static enum err_code run_estimate(struct command_ctx *c, struct err *e)
{
    struct estimate_run *r = mem_alloc(sizeof *r);
    if (r == NULL) {
        return err_nomem(e);
    }
    arena_init(&r->keep, KEEP_BYTES);
    arena_init(&r->scratch, SCRATCH_BYTES);
    c->report = r;
    enum err_code code = estimate_begin(c, r, e);
    if (code == ERR_OK) {
        code = arg_flag(c, "preview") ? preview(c, r, e) : estimate_all(c, r, e);
    }
    if (code == ERR_OK) {
        tally_say(c, &r->sum);
    }
    arena_release(&r->keep);
    arena_release(&r->scratch);
    mem_free(r->regs);
    mem_free(r);
    c->report = NULL;
    return code;
}

static const struct param estimate_params[] = {
    {"serial", PARAM_TEXT, PARAM_POSITIONAL, N_("one meter; else all that were not read"), NULL,
     NULL},
    {"time", PARAM_TIME, 0, N_("for when, the office's wall clock: the end of the period; now"),
     NULL, NULL},
    {"since", PARAM_DATE, 0,
     N_("who was read from this day on is left out; 15 days before --time"), NULL, NULL},
    {"route", PARAM_TEXT, 0, N_("only this route"), NULL, NULL},
    {"account", PARAM_TEXT, 0, N_("only this account"), NULL, NULL},
    {"kind", PARAM_CHOICE, 0, N_("only meters of this kind"), "water|energy|gas", NULL},
    {"method", PARAM_CHOICE, 0,
     N_("from what: own periods, year before, group; whatever is there"),
     "auto|mean|year|peers", "auto"},
    {"reason", PARAM_TEXT, PARAM_REQUIRED, N_("why they were not read"), NULL, NULL},
    {"preview", PARAM_FLAG, 0, N_("show what would be estimated, record nothing"), NULL, NULL},
    PARAM_END};
const struct command cmd_reading_estimate = {
    "reading estimate", N_("estimate what was not read"), CMD_BULK, estimate_params, NULL,
    run_estimate};
