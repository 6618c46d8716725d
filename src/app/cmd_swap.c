/* A meter's end: exchanged for another in one act, or taken away, with its final reading. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/bill_build.h"
#include "app/cmd.h"
#include "app/judge.h"
#include "app/lookup.h"
#include "app/meter_data.h"
#include "app/meter_end.h"
#include "app/receivable.h"
#include "base/i18n.h"

/* Meter data's own limit (register.v1.json, meter.installed.v1.json). */
#define REGISTERS_MAX 16
#define CLOCKS_DIFFER_S 300

/* One register of the meter that ends, and how its dial and the new one's stood. */
struct end_register {
    int64_t id;
    char obis[41];
    struct meter_row row;
    char final[32], initial[32]; /* as typed */
};

struct meter_end {
    struct meter_row meter;
    struct end_register reg[REGISTERS_MAX];
    size_t count;
    int64_t utc;
    struct civil local;
    char date[DATE_TEXT],
        ends[DATE_TEXT];    /* day of the act; first day on which it counts no more */
    int64_t reading, alert; /* next ids */
};

static enum err_code registers_read(struct command_ctx *c, struct meter_end *x, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT id, obis FROM register WHERE meter=? ORDER BY id",
                 VALS(V_INT(x->meter.id))));
    enum err_code code = ERR_OK;
    while (x->count < REGISTERS_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct end_register *r = &x->reg[x->count++];
        r->id = stmt_int(q, 0);
        (void)snprintf(r->obis, sizeof r->obis, "%s", stmt_text(q, 1));
    }
    stmt_done(q);
    for (size_t i = 0; code == ERR_OK && i < x->count; i++) {
        code = meter_by_register(c->office, x->reg[i].id, &x->reg[i].row, e);
    }
    return code;
}

static bool obis_named(const struct end_register *r, const char *name, size_t len)
{
    return strlen(r->obis) == len && memcmp(r->obis, name, len) == 0;
}

/* "12.5", or "1-0:1.8.1=12.5,1-0:1.8.2=7" of a meter with several registers. */
static enum err_code values_read(struct meter_end *x, const char *text, bool initial,
                                 const char *param, struct err *e)
{
    size_t given = 0;
    for (const char *at = text; at != NULL;) {
        const char *end = strchr(at, ',');
        size_t len = end == NULL ? strlen(at) : (size_t)(end - at);
        const char *eq = memchr(at, '=', len);
        size_t i = 0;
        while (eq != NULL && i < x->count && !obis_named(&x->reg[i], at, (size_t)(eq - at))) {
            i++;
        }
        const char *value = eq == NULL ? at : eq + 1;
        size_t value_len = len - (size_t)(value - at);
        if (i == x->count || value_len == 0 || value_len >= sizeof x->reg[i].final) {
            return err_set(e, ERR_USAGE, _("--%s: \"%.*s\" is no value of meter %s's dial"),
                           param, (int)len, at, x->meter.serial);
        }
        char *into = initial ? x->reg[i].initial : x->reg[i].final;
        given += into[0] == '\0';
        memcpy(into, value, value_len);
        into[value_len] = '\0';
        at = end == NULL ? NULL : end + 1;
    }
    if (given != x->count) {
        return err_set(e, ERR_USAGE,
                       _("--%s: meter %s has %zu registers; give each as CODE=VALUE, "
                         "separated by commas"),
                       param, x->meter.serial, x->count);
    }
    return ERR_OK;
}

/* When it happened; nothing may have been read or assigned later. */
static enum err_code end_time(struct command_ctx *c, struct meter_end *x, struct err *e)
{
    const struct arg *when = arg_get(c, "time");
    int64_t now = env_wall_ms(c->office->env) / 1000;
    int64_t newest = INT64_MIN;
    int64_t later = 0;
    TRY(db_get_int(c->office->db, &newest, NULL, e,
                   "SELECT max(r.utc) FROM reading r JOIN register g ON g.id = r.register "
                   "WHERE g.meter = ? AND r.state <> 'rejected' AND r.state <> 'corrected' AND "
                   "(r.run IS NULL OR r.run NOT IN (SELECT id FROM import_run WHERE state = "
                   "'discarded'))",
                   VALS(V_INT(x->meter.id))));
    x->utc = now;
    x->local = zone_to_civil(c->office->zone, now);
    if (when->given) {
        x->local = when->time;
        TRY(local_instant(c->office, when->time, newest, &x->utc, e));
    }
    if (x->utc > now + CLOCKS_DIFFER_S) {
        return err_set(e, ERR_RANGE, _("that would happen in the future"));
    }
    if (newest > x->utc) {
        return err_set(e, ERR_STATE,
                       _("meter %s was read later than that; reject that reading, or give "
                         "--time after it"),
                       x->meter.serial);
    }
    date_text(x->local.date, x->date);
    date_text(date_from_days(date_to_days(x->local.date) + 1), x->ends);
    TRY(db_get_int(c->office->db, &later, NULL, e,
                   "SELECT count(*) FROM assignment WHERE meter=? AND start_date>?",
                   VALS(V_INT(x->meter.id), V_TEXT(x->date))));
    return later == 0 && strcmp(x->meter.installed, x->date) <= 0
               ? ERR_OK
               : err_set(e, ERR_STATE,
                         _("meter %s was installed or assigned after %s; give a later --time"),
                         x->meter.serial, x->date);
}

static enum err_code dial_value(struct command_ctx *c, const struct meter_row *m,
                                const char *text, int64_t *value, struct err *e)
{
    char words[MONEY_WORDS_MAX];
    TRY(quantity_parse(text, strlen(text), m->reg.unit, value, e));
    number_words(c->office, text, "", words);
    return *value >= 0 && *value <= register_dial_max(&m->reg)
               ? ERR_OK
               : err_set(e, ERR_RANGE, _("%s is beyond the dial of meter %s"), words,
                         m->serial);
}

static enum err_code reading_json(struct command_ctx *c, struct meter_end *x, int64_t reg,
                                  int64_t value, const char *source, struct json **out,
                                  struct err *e)
{
    struct buf text;
    struct json *o = json_new_object(c->arena);
    *out = o;
    if (o == NULL) {
        return err_nomem(e);
    }
    buf_init(&text, 32);
    civil_print(x->local, &text);
    enum err_code code = data_text(c, o, "local", buf_str(&text), e);
    buf_release(&text);
    TRY(code);
    TRY(data_int(c, o, "id", x->reading++, e));
    TRY(data_int(c, o, "register", reg, e));
    TRY(data_int(c, o, "utc", x->utc, e));
    TRY(data_int(c, o, "value", value, e));
    TRY(data_text(c, o, "state", "accepted", e));
    return data_text(c, o, "source", source, e);
}

/* Names the reading in the way: the newest accepted one, by its number, value and time. */
static enum err_code final_refused(struct command_ctx *c, const struct meter_end *x,
                                   const struct end_register *r, struct err *e)
{
    struct bill_reading last;
    char final[MONEY_WORDS_MAX];
    char read[MONEY_WORDS_MAX];
    struct buf value;
    struct buf when;
    bool found = false;
    TRY(reading_until(c->office, r->row.register_id, INT64_MAX, &last, &found, e));
    number_words(c->office, r->final, "", final);
    if (!found) {
        return err_set(e, ERR_STATE,
                       _("the final reading %s contradicts what was read of meter %s before"),
                       final, x->meter.serial);
    }
    buf_init(&value, 64);
    buf_init(&when, 64);
    quantity_print(last.value, r->row.reg.unit, r->row.reg.decimals, &value);
    number_words(c->office, buf_str(&value), "", read);
    numfmt_clock(c->office->numfmt, zone_to_civil(c->office->zone, last.utc), &when);
    (void)err_set(e, ERR_STATE,
                  _("the final reading %s of meter %s contradicts %s, read on %s; look at the "
                    "dial again, or first put that one right: aforo reading correct %" PRId64),
                  final, x->meter.serial, read, buf_str(&when), last.id);
    buf_release(&value);
    buf_release(&when);
    return e->code;
}

/* Who stands before the dial decides: the final reading is accepted as it is, unless the
 * register would have fallen; what else the rules say of it becomes an alert. */
static enum err_code final_findings(struct command_ctx *c, struct meter_end *x,
                                    const struct end_register *r, int64_t value, struct json *o,
                                    struct err *e)
{
    struct judgement j;
    TRY(judge_manual(c->office, &r->row, value, x->utc, env_wall_ms(c->office->env) / 1000, &j,
                     e));
    for (size_t i = 0; i < j.findings.count; i++) {
        enum rule_id rule = j.findings.item[i].rule;
        if (rule == RULE_DECREASE ||
            (rule == RULE_DUPLICATE && j.findings.item[i].kind == CLASS_OTHER_VALUE)) {
            return final_refused(c, x, r, e);
        }
    }
    if (j.findings.count == 0) {
        return ERR_OK;
    }
    TRY(data_set(c, o, "findings", findings_json(&j.findings, c->arena), e));
    return j.findings.hold
               ? data_set(c, o, "alert",
                          findings_alert(&j.findings, x->alert++, x->meter.id, c->arena), e)
               : ERR_OK;
}

static enum err_code finals_data(struct command_ctx *c, struct meter_end *x, struct json *o,
                                 struct err *e)
{
    struct json *list = json_new_array(c->arena);
    struct json *one = NULL;
    for (size_t i = 0; list != NULL && i < x->count; i++) {
        int64_t value = 0;
        TRY(dial_value(c, &x->reg[i].row, x->reg[i].final, &value, e));
        TRY(reading_json(c, x, x->reg[i].id, value, "removal", &one, e));
        TRY(final_findings(c, x, &x->reg[i], value, one, e));
        if (!json_push(c->arena, list, one)) {
            return err_nomem(e);
        }
    }
    return list != NULL ? data_set(c, o, "final", list, e) : err_nomem(e);
}

static enum err_code end_load(struct command_ctx *c, struct meter_end *x, struct err *e)
{
    *x = (struct meter_end){0};
    TRY(meter_by_serial(c->office, arg_text(c, "serial"), &x->meter, NULL, e));
    if (x->meter.state == METER_REMOVED) {
        return err_set(e, ERR_STATE, _("meter %s was removed on %s"), x->meter.serial,
                       x->meter.removed);
    }
    TRY(registers_read(c, x, e));
    TRY(end_time(c, x, e));
    TRY(next_id(c, "SELECT max(id) FROM alert", &x->alert, e));
    return next_id(c, "SELECT max(id) FROM reading", &x->reading, e);
}

enum err_code meter_removal_data(struct command_ctx *c, struct json *o, struct err *e)
{
    struct meter_end x;
    const char *final = arg_text(c, "final");
    TRY(end_load(c, &x, e));
    if (final != NULL) {
        TRY(values_read(&x, final, false, "final", e));
        TRY(finals_data(c, &x, o, e));
    }
    TRY(data_text(c, o, "ends", x.ends, e));
    return data_text(c, o, "removed", x.date, e);
}

/* ---- exchange ---- */

/* The new meter's register: as the old one's, but where the command says otherwise. */
static enum err_code twin_register(struct command_ctx *c, struct meter_end *x,
                                   const struct end_register *old, int64_t id,
                                   const char *serial, struct json **out, struct err *e)
{
    struct json *r = json_new_object(c->arena);
    struct json *initial = NULL;
    struct meter_row m = old->row;
    struct new_meter changes = {.obis = old->obis,
                                .unit = m.reg.unit->symbol,
                                .digits = arg_text(c, "digits"),
                                .decimals = arg_text(c, "decimals"),
                                .multiplier = arg_text(c, "multiplier"),
                                .max_rate = arg_text(c, "max-rate")};
    int64_t value = 0;
    *out = r;
    if (r == NULL) {
        return err_nomem(e);
    }
    TRY(data_int(c, r, "id", id, e));
    TRY(meter_register_twin(c, &changes, m.kind, &m.reg, r, e));
    (void)snprintf(m.serial, sizeof m.serial, "%s", serial);
    TRY(dial_value(c, &m, old->initial, &value, e));
    TRY(reading_json(c, x, id, value, "install", &initial, e));
    return data_set(c, r, "initial", initial, e);
}

static enum err_code new_meter_data(struct command_ctx *c, struct meter_end *x,
                                    struct meter_ids *ids, int64_t id, struct json *o,
                                    struct err *e)
{
    const char *serial = arg_text(c, "new");
    struct meter_row other;
    bool taken = false;
    struct json *n = json_new_object(c->arena);
    struct json *list = json_new_array(c->arena);
    if (n == NULL || list == NULL) {
        return err_nomem(e);
    }
    TRY(serial_check(serial, e));
    TRY(meter_by_serial(c->office, serial, &other, &taken, e));
    if (taken) {
        return serial_taken(&other, e);
    }
    for (size_t i = 0; i < x->count; i++) {
        struct json *r = NULL;
        TRY(twin_register(c, x, &x->reg[i], ids->reg++, serial, &r, e));
        if (!json_push(c->arena, list, r)) {
            return err_nomem(e);
        }
    }
    TRY(data_int(c, n, "meter", id, e));
    TRY(data_text(c, n, "serial", serial, e));
    TRY(data_text(c, n, "installed", x->date, e));
    TRY(data_set(c, n, "registers", list, e));
    return data_set(c, o, "new", n, e);
}

/* Who pays, and by which tariff, stays as it was. */
static enum err_code carry_assignment(struct command_ctx *c, const struct meter_end *x,
                                      struct meter_ids *ids, int64_t id, struct json *o,
                                      struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct json *a = json_new_object(c->arena);
    if (a == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(c->office->db, &q, e,
                 "SELECT account, tariff FROM assignment WHERE meter=? AND end_date IS NULL",
                 VALS(V_INT(x->meter.id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        code = data_int(c, a, "account", stmt_int(q, 0), e);
        code = code == ERR_OK ? data_text(c, a, "tariff", stmt_text(q, 1), e) : code;
    }
    stmt_done(q);
    if (code != ERR_OK || !row) {
        return code;
    }
    TRY(data_int(c, a, "assignment", ids->assignment++, e));
    TRY(data_int(c, a, "meter", id, e));
    TRY(data_text(c, a, "start", x->date, e));
    return data_set(c, o, "assignment", a, e);
}

static enum err_code carry_limit(struct command_ctx *c, const struct meter_end *x,
                                 struct meter_ids *ids, int64_t id, struct json *o,
                                 struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct json *l = json_new_object(c->arena);
    if (l == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT value, end_date FROM usage_limit WHERE meter=?1 AND start_date<=?2 AND "
        "(end_date IS NULL OR end_date>?2) ORDER BY start_date DESC, id DESC LIMIT 1",
        VALS(V_INT(x->meter.id), V_TEXT(x->date))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        code = data_int(c, l, "value", stmt_int(q, 0), e);
    }
    if (code == ERR_OK && row && !stmt_is_null(q, 1)) {
        code = data_text(c, l, "end", stmt_text(q, 1), e);
    }
    stmt_done(q);
    if (code != ERR_OK || !row) {
        return code;
    }
    TRY(data_int(c, l, "limit", ids->limit++, e));
    TRY(data_int(c, l, "meter", id, e));
    TRY(data_text(c, l, "start", x->date, e));
    return data_set(c, o, "limit", l, e);
}

static enum err_code build_swap(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct meter_end x;
    struct meter_ids ids;
    TRY(end_load(c, &x, e));
    if (c->import != 0 && x.meter.state != METER_IN_SERVICE) {
        return err_set(e, ERR_STATE,
                       _("meter %s is out of service; put it into service, or record its "
                         "exchange with: aforo meter swap"),
                       x.meter.serial);
    }
    TRY(values_read(&x, arg_text(c, "final"), false, "final", e));
    TRY(values_read(&x, arg_text(c, "initial"), true, "initial", e));
    TRY(meter_ids_next(c, &ids, e));
    TRY(draft_begin(c, d, "meter.swapped", e));
    TRY(data_int(c, d->data, "meter", x.meter.id, e));
    TRY(data_text(c, d->data, "removed", x.date, e));
    TRY(data_text(c, d->data, "ends", x.ends, e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    TRY(c->import != 0 ? data_int(c, d->data, "run", c->import, e) : ERR_OK);
    TRY(finals_data(c, &x, d->data, e));
    TRY(new_meter_data(c, &x, &ids, ids.meter, d->data, e));
    TRY(carry_assignment(c, &x, &ids, ids.meter, d->data, e));
    TRY(carry_limit(c, &x, &ids, ids.meter, d->data, e));
    c->result_id = ids.meter;
    (void)snprintf(c->message, sizeof c->message, _("meter %s takes the place of meter %s"),
                   arg_text(c, "new"), x.meter.serial);
    return ERR_OK;
}

static const struct param swap_params[] = {
    {"serial", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the meter that goes"), NULL,
     NULL},
    {"new", PARAM_TEXT, PARAM_REQUIRED, N_("serial number of the meter that comes"), NULL,
     NULL},
    {"final", PARAM_TEXT, PARAM_REQUIRED,
     N_("the old dial as it was taken down; several registers as CODE=VALUE,CODE=VALUE"), NULL,
     NULL},
    {"initial", PARAM_TEXT, PARAM_REQUIRED,
     N_("the new dial as it was put up; several registers as CODE=VALUE,CODE=VALUE"), NULL,
     NULL},
    {"time", PARAM_TIME, 0, N_("when, the office's wall clock; now"), NULL, NULL},
    {"digits", PARAM_INT, 0, N_("digits of the new dial before the point, where they differ"),
     NULL, NULL},
    {"decimals", PARAM_INT, 0, N_("digits of the new dial after the point, where they differ"),
     NULL, NULL},
    {"multiplier", PARAM_INT, 0, N_("multiplier of the new meter, where it differs"), NULL,
     NULL},
    {"max-rate", PARAM_DECIMAL, 0, N_("physical maximum an hour of the new meter"), NULL, NULL},
    PARAM_REASON,
    PARAM_END};
const struct command cmd_meter_swap = {
    "meter swap",
    N_("exchange a meter in one act: final reading of the old, initial reading of the new"),
    CMD_CONFIRM,
    swap_params,
    build_swap,
    NULL};
