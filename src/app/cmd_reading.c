/* Readings taken by hand, and a supervisor's decisions on held ones. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/judge.h"
#include "app/note.h"
#include "app/own.h"
#include "base/i18n.h"

/* Decisions that fit one entry with room to spare. */
#define DECISIONS_PER_ENTRY 200
#define DECISIONS_MAX 1000000

/* ---- recording
 * -----------------------------------------------------------------------------------------------------
 */

/* A reading as it will be recorded. */
struct new_reading {
    struct meter_row meter;
    int64_t value, utc;
    struct civil local;
    struct judgement judged;
};

/* Customers read now: their command takes no time. */
static bool by_customer(const struct command_ctx *c)
{
    return c->command == &cmd_own_reading;
}

static enum err_code reading_time(struct command_ctx *c, const struct meter_row *m,
                                  struct new_reading *r, struct err *e)
{
    static const struct arg now = {.given = false};
    const struct arg *when = by_customer(c) ? &now : arg_get(c, "time");
    int64_t newest = INT64_MIN;
    if (!when->given) {
        r->utc = env_wall_ms(c->office->env) / 1000;
        r->local = zone_to_civil(c->office->zone, r->utc);
        return ERR_OK;
    }
    TRY(db_get_int(c->office->db, &newest, NULL, e,
                   "SELECT max(utc) FROM reading WHERE register = ? AND state = 'accepted'",
                   VALS(V_INT(m->register_id))));
    r->local = when->time;
    return local_instant(c->office, when->time, newest, &r->utc, e);
}

static enum err_code reading_check(struct command_ctx *c, struct new_reading *r, struct err *e)
{
    const char *text = arg_text(c, "value");
    TRY(meter_by_serial(c->office, arg_text(c, "serial"), &r->meter, NULL, e));
    if (arg_text(c, "register") != NULL) {
        TRY(meter_register_row(c->office, &r->meter, arg_text(c, "register"), &r->meter, e));
    }
    TRY(quantity_parse(text, strlen(text), r->meter.reg.unit, &r->value, e));
    if (r->value < 0 || r->value > register_dial_max(&r->meter.reg)) {
        return err_set(e, ERR_RANGE,
                       _("%s %s is beyond the dial of meter %s, which has %d digits before the "
                         "point"),
                       text, r->meter.reg.unit->pretty, r->meter.serial,
                       (int)r->meter.reg.digits);
    }
    TRY(reading_time(c, &r->meter, r, e));
    return judge_manual(c->office, &r->meter, r->value, r->utc,
                        env_wall_ms(c->office->env) / 1000, &r->judged, e);
}

/* Members that every reading has. */
static enum err_code reading_members(struct command_ctx *c, struct json *o, int64_t id,
                                     int64_t reg, int64_t utc, struct civil local,
                                     int64_t value, struct err *e)
{
    struct buf text;
    buf_init(&text, 32);
    civil_print(local, &text);
    enum err_code code = data_text(c, o, "local", buf_str(&text), e);
    buf_release(&text);
    TRY(code);
    TRY(data_int(c, o, "id", id, e));
    TRY(data_int(c, o, "register", reg, e));
    TRY(data_int(c, o, "utc", utc, e));
    return data_int(c, o, "value", value, e);
}

static void reading_message(struct command_ctx *c, const struct new_reading *r, bool held)
{
    struct buf text;
    buf_init(&text, 4096);
    if (held) {
        buf_addf(&text, _("meter %s: held for a supervisor: "), r->meter.serial);
        finding_text(findings_worst(&r->judged.findings), r->meter.reg.unit, c->office->numfmt,
                     &text);
    } else {
        buf_addf(&text, _("meter %s: reading accepted"), r->meter.serial);
        if (r->judged.has_previous) {
            struct buf used;
            buf_init(&used, 64);
            quantity_print(r->judged.consumption, r->meter.reg.unit,
                           (unsigned)r->meter.reg.decimals, &used);
            buf_adds(&text, ", ");
            numfmt_number(c->office->numfmt, buf_str(&used), &text);
            buf_release(&used);
            buf_addf(&text, _(" %s in %" PRId64 " days"), r->meter.reg.unit->pretty,
                     r->judged.days);
        }
    }
    (void)snprintf(c->message, sizeof c->message, "%s", buf_str(&text));
    buf_release(&text);
}

enum err_code build_reading_add(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct new_reading r = {0};
    int64_t id = 0;
    int64_t alert = 0;
    struct json *o = json_new_object(c->arena);
    const char *note = by_customer(c) ? NULL : arg_text(c, "note");
    TRY(reading_check(c, &r, e));
    TRY(next_id(c, "SELECT max(id) FROM reading", &id, e));
    TRY(next_id(c, "SELECT max(id) FROM alert", &alert, e));
    if (o == NULL) {
        return err_nomem(e);
    }
    bool held = r.judged.findings.hold;
    TRY(reading_members(c, o, id, r.meter.register_id, r.utc, r.local, r.value, e));
    TRY(data_text(c, o, "state", held ? "held" : "accepted", e));
    TRY(data_text(c, o, "source", by_customer(c) ? "customer" : "manual", e));
    if (r.judged.findings.count > 0) {
        TRY(data_set(c, o, "findings", findings_json(&r.judged.findings, c->arena), e));
    }
    if (held) {
        TRY(data_set(c, o, "alert",
                     findings_alert(&r.judged.findings, alert, r.meter.id, c->arena), e));
    }
    TRY(draft_begin(c, d, "reading.recorded", e));
    if (note != NULL && *note != '\0') {
        TRY(data_personal(c, d, o, "reading_note", id, "note", note, e));
    }
    TRY(data_int(c, d->data, "meter", r.meter.id, e));
    c->result_id = id;
    reading_message(c, &r, held);
    return data_set(c, d->data, "reading", o, e);
}

/* ---- deciding
 * ------------------------------------------------------------------------------------------------------
 */

enum action { ACTION_ACCEPT, ACTION_REJECT, ACTION_CORRECT };

/* A decision on many readings: listed once, judged again in each entry. */
struct decide_run {
    enum action action;
    const char *name;
    int64_t *ids;
    size_t count, next, end;
    bool listed; /* by number: each must be decidable; else the filter's rest is passed over */
    int64_t own; /* passed over: captured by the same person */
};

struct decided {
    int64_t id, reg, utc, local, value;
};

/* Why a reading cannot be decided by this user now; ERR_OK when it can. */
static enum err_code decidable(struct command_ctx *c, const struct decide_run *r, int64_t id,
                               struct decided *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT x.register, x.utc, x.local, x.value, x.state, x.source, h.actor, "
        "EXISTS(SELECT 1 FROM bill_meter bm JOIN bill b ON b.id = bm.bill JOIN "
        "billing_run r ON "
        "r.id = b.run WHERE bm.register = x.register AND r.state <> 'discarded' AND "
        "b.cancelled IS NULL AND "
        "(bm.from_reading = x.id OR bm.to_reading = x.id)), coalesce((SELECT i.state "
        "FROM import_run i WHERE i.id = x.run), 'closed'), x.run, EXISTS(SELECT 1 FROM "
        "finding WHERE reading = x.id AND rule = 'estimate_high') FROM reading x "
        "JOIN history h ON h.seq = x.seq WHERE x.id = ?",
        VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no reading %" PRId64), id);
    }
    if (code == ERR_OK) {
        const char *state = stmt_text(q, 4);
        bool held = strcmp(state, "held") == 0;
        bool accepted = strcmp(state, "accepted") == 0;
        *out = (struct decided){id, stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2),
                                stmt_int(q, 3)};
        if (strcmp(stmt_text(q, 8), "closed") != 0) {
            code = err_set(e, ERR_STATE,
                           _("reading %" PRId64 " belongs to import %" PRId64
                             ", which is %s: there is nothing to decide"),
                           id, stmt_int(q, 9), stmt_text(q, 8));
        } else if (!held && !(accepted && r->action != ACTION_ACCEPT)) {
            code = err_set(e, ERR_STATE, _("reading %" PRId64 " is %s already"), id, state);
        } else if (strcmp(stmt_text(q, 5), "manual") == 0 &&
                   strcmp(stmt_text(q, 6), c->session->actor) == 0) {
            code = err_set(
                e, ERR_DENIED,
                _("reading %" PRId64 " was taken by you; somebody else decides on it"), id);
        } else if (r->action == ACTION_ACCEPT && stmt_int(q, 10) != 0) {
            code = err_set(e, ERR_STATE,
                           _("reading %" PRId64 " is below the estimates before it; roll them "
                             "back: aforo reading reestimate %" PRId64),
                           id, id);
        } else if (stmt_int(q, 7) != 0) {
            code = err_set(e, ERR_STATE,
                           _("reading %" PRId64 " stands on a bill; discard its billing run "
                             "first"),
                           id);
        }
    }
    stmt_done(q);
    return code == ERR_OK ? reading_not_credited(c->office, id, e) : code;
}

static enum err_code correction_data(struct command_ctx *c, const struct decided *was,
                                     int64_t new_id, struct json *one, struct err *e)
{
    struct meter_row m;
    int64_t value = 0;
    const char *text = arg_text(c, "value");
    struct json *o = json_new_object(c->arena);
    if (o == NULL) {
        return err_nomem(e);
    }
    TRY(meter_by_register(c->office, was->reg, &m, e));
    TRY(quantity_parse(text, strlen(text), m.reg.unit, &value, e));
    if (value < 0 || value > register_dial_max(&m.reg)) {
        return err_set(e, ERR_RANGE, _("%s is beyond the dial of meter %s"), text, m.serial);
    }
    TRY(reading_members(c, o, new_id, was->reg, was->utc, civil_from_secs(was->local), value,
                        e));
    TRY(data_text(c, o, "state", "accepted", e));
    TRY(data_text(c, o, "source", "correction", e));
    TRY(data_int(c, o, "corrects", was->id, e));
    return data_set(c, one, "correction", o, e);
}

static enum err_code decision_data(struct command_ctx *c, const struct decide_run *r,
                                   const struct decided *was, int64_t *decision,
                                   int64_t *reading, struct json *list, struct err *e)
{
    struct json *one = json_new_object(c->arena);
    if (one == NULL) {
        return err_nomem(e);
    }
    TRY(data_int(c, one, "id", (*decision)++, e));
    TRY(data_int(c, one, "reading", was->id, e));
    if (r->action == ACTION_CORRECT) {
        TRY(correction_data(c, was, (*reading)++, one, e));
    }
    return json_push(c->arena, list, one) ? ERR_OK : err_nomem(e);
}

static enum err_code build_decide(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct decide_run *r = c->report;
    struct json *list = json_new_array(c->arena);
    int64_t decision = 0;
    int64_t reading = 0;
    if (list == NULL) {
        return err_nomem(e);
    }
    TRY(next_id(c, "SELECT max(id) FROM decision", &decision, e));
    TRY(next_id(c, "SELECT max(id) FROM reading", &reading, e));
    r->own = 0;
    for (r->end = r->next; r->end < r->count && list->u.array.count < DECISIONS_PER_ENTRY;
         r->end++) {
        struct decided was;
        struct err why = ERR_INIT;
        enum err_code code = decidable(c, r, r->ids[r->end], &was, &why);
        if (code == ERR_OK) {
            TRY(decision_data(c, r, &was, &decision, &reading, list, e));
        } else if (r->listed || (code != ERR_DENIED && code != ERR_STATE)) {
            return err_set(e, code, "%s", why.text);
        } else {
            r->own++;
        }
    }
    if (list->u.array.count == 0) {
        return err_set(e, ERR_NOT_FOUND, _("there is nothing to decide"));
    }
    TRY(draft_begin(c, d, "readings.decided", e));
    TRY(data_text(c, d->data, "action", r->name, e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    return data_set(c, d->data, "decisions", list, e);
}

/* "17,18,21" */
static enum err_code ids_listed(struct decide_run *r, const char *text, struct err *e)
{
    for (const char *at = text; at != NULL && r->count < DECISIONS_MAX;) {
        const char *end = strchr(at, ',');
        size_t len = end == NULL ? strlen(at) : (size_t)(end - at);
        struct decimal n;
        struct err ignored = ERR_INIT;
        if (decimal_parse(at, len, &n, &ignored) != ERR_OK || n.scale != 0 || n.mantissa < 1) {
            return err_set(e, ERR_USAGE, _("\"%.*s\" is no number of a reading"), (int)len, at);
        }
        r->ids[r->count++] = n.mantissa;
        at = end == NULL ? NULL : end + 1;
    }
    r->listed = true;
    return ERR_OK;
}

static enum err_code ids_filtered(struct command_ctx *c, struct decide_run *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    const struct arg *run = arg_get(c, "run");
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT DISTINCT x.id FROM reading x JOIN register g ON g.id = x.register "
        "JOIN meter m ON m.id = g.meter LEFT JOIN finding f ON f.reading = x.id AND f.hold = 1 "
        "WHERE x.state = 'held' AND (?1 IS NULL OR f.rule = ?1) AND (?2 IS NULL OR f.class = "
        "?2) "
        "AND (?3 IS NULL OR m.serial = ?3) AND (?4 IS NULL OR x.run = ?4) AND (x.run IS NULL "
        "OR "
        "x.run IN (SELECT id FROM import_run WHERE state = 'closed')) ORDER BY x.id LIMIT ?5",
        VALS(V_TEXT(arg_text(c, "rule")), V_TEXT(arg_text(c, "class")),
             V_TEXT(arg_text(c, "serial")), run->given ? V_INT(run->integer) : V_NULL(),
             V_INT(DECISIONS_MAX))));
    enum err_code code = ERR_OK;
    while (r->count < DECISIONS_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        r->ids[r->count++] = stmt_int(q, 0);
    }
    stmt_done(q);
    return code;
}

static enum err_code decide_check(struct command_ctx *c, struct decide_run *r, struct err *e)
{
    static const char *const names[] = {"accept", "reject", "correct"};
    const char *action = arg_text(c, "action");
    const char *ids = arg_text(c, "ids");
    bool filter = arg_text(c, "rule") != NULL || arg_text(c, "class") != NULL ||
                  arg_text(c, "serial") != NULL || arg_get(c, "run")->given ||
                  arg_flag(c, "all");
    for (int i = 0; i < 3; i++) {
        if (strcmp(action, names[i]) == 0) {
            r->action = (enum action)i;
            r->name = names[i];
        }
    }
    if ((r->action == ACTION_CORRECT) != (arg_text(c, "value") != NULL)) {
        return err_set(e, ERR_USAGE,
                       _("--value goes with --action correct, and with it alone"));
    }
    if ((ids != NULL) == filter) {
        return err_set(e, ERR_USAGE,
                       _("say which readings: their numbers, or a filter (--rule, --class, "
                         "--serial, --run, --all)"));
    }
    r->ids = mem_array(DECISIONS_MAX, sizeof r->ids[0]);
    if (r->ids == NULL) {
        return err_nomem(e);
    }
    TRY(ids != NULL ? ids_listed(r, ids, e) : ids_filtered(c, r, e));
    if (r->action == ACTION_CORRECT && r->count != 1) {
        return err_set(e, ERR_USAGE, _("a correction takes one reading at a time"));
    }
    return ERR_OK;
}

static enum err_code decide_all(struct command_ctx *c, struct decide_run *r, int64_t *done,
                                struct err *e)
{
    struct ticket t;
    int64_t passed = 0;
    while (r->next < r->count) {
        if (!progress_step(c->progress, _("Deciding"), r->next, r->count)) {
            return err_set(e, ERR_CANCELLED, _("stopped after %zu readings"), r->next);
        }
        r->end = r->next;
        enum err_code code = act_user(c, build_decide, &t, e);
        if (code != ERR_OK && !(code == ERR_NOT_FOUND && !r->listed && r->end == r->count)) {
            return code;
        }
        *done += (int64_t)(r->end - r->next) - r->own;
        passed += r->own;
        r->next = r->end;
    }
    r->own = passed;
    (void)progress_step(c->progress, _("Deciding"), r->count, r->count);
    return ERR_OK;
}

static enum err_code run_decide(struct command_ctx *c, struct err *e)
{
    struct decide_run r = {0};
    int64_t done = 0;
    enum err_code code = decide_check(c, &r, e);
    c->report = &r;
    if (code == ERR_OK && arg_flag(c, "preview")) {
        (void)snprintf(c->message, sizeof c->message,
                       _("%zu readings would be decided (%s); nothing was recorded"), r.count,
                       r.name);
    } else if (code == ERR_OK) {
        code = decide_all(c, &r, &done, e);
        (void)snprintf(c->message, sizeof c->message,
                       _("%" PRId64 " readings decided (%s), %" PRId64 " passed over"), done,
                       r.name, r.own);
    }
    mem_free(r.ids);
    c->report = NULL;
    return code;
}

static const struct param reading_add_params[] = {
    {"serial", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the meter's serial number"),
     NULL, NULL},
    {"value", PARAM_DECIMAL, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("what the dial shows, in its unit"), NULL, NULL},
    {"register", PARAM_TEXT, 0, N_("OBIS code of the register; the meter's first one"), NULL,
     NULL},
    {"time", PARAM_TIME, 0, N_("when it was read, the office's wall clock; now"), NULL, NULL},
    {"note", PARAM_TEXT, PARAM_PERSONAL, N_("a note of the reader"), NULL, NULL},
    {NULL, PARAM_TEXT, 0, NULL, NULL, NULL}};
const struct command cmd_reading_add = {"reading add",
                                        N_("record a reading taken by hand"),
                                        0,
                                        reading_add_params,
                                        build_reading_add,
                                        NULL};

static const struct param reading_decide_params[] = {
    {"ids", PARAM_TEXT, PARAM_POSITIONAL, N_("numbers of readings, separated by commas"), NULL,
     NULL},
    {"action", PARAM_CHOICE, PARAM_REQUIRED, N_("what is decided"), "accept|reject|correct",
     NULL},
    {"reason", PARAM_TEXT, PARAM_REQUIRED, N_("why; it stands in the history"), NULL, NULL},
    {"value", PARAM_DECIMAL, 0, N_("the right value, for a correction"), NULL, NULL},
    {"rule", PARAM_TEXT, 0, N_("all held by this rule"), NULL, NULL},
    {"class", PARAM_TEXT, 0, N_("all held with this class of finding"), NULL, NULL},
    {"serial", PARAM_TEXT, 0, N_("all held of this meter"), NULL, NULL},
    {"run", PARAM_INT, 0, N_("all held of this import"), NULL, NULL},
    {"all", PARAM_FLAG, 0, N_("all that are held"), NULL, NULL},
    {"preview", PARAM_FLAG, 0, N_("count them, record nothing"), NULL, NULL},
    {NULL, PARAM_TEXT, 0, NULL, NULL, NULL}};
const struct command cmd_reading_decide = {"reading decide",
                                           N_("accept, reject or correct readings"),
                                           CMD_BULK,
                                           reading_decide_params,
                                           NULL,
                                           run_decide};
