/* A supervisor's decisions on held readings, one or many at once. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/billed.h"
#include "app/cmd.h"
#include "app/decide.h"
#include "app/note.h"
#include "app/queue.h"
#include "app/words.h"
#include "base/i18n.h"

/* Decisions that fit one entry with room to spare. */
#define DECISIONS_PER_ENTRY 200
#define ESTIMATES_PER_ENTRY 60

static const char *const names[DECIDE_ACTIONS] = {
    [DECIDE_ACCEPT] = "accept",     [DECIDE_REJECT] = "reject",   [DECIDE_CORRECT] = "correct",
    [DECIDE_ESTIMATE] = "estimate", [DECIDE_RE_READ] = "re-read",
};

const char *decide_action_name(enum decide_action a)
{
    CHECK(a < DECIDE_ACTIONS);
    return names[a];
}

const char *decide_action_word(enum decide_action a)
{
    return gettext(decide_action_name(a));
}

enum err_code decidable(struct command_ctx *c, const struct decide_run *r, int64_t id,
                        struct decided *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT x.register, x.utc, x.local, x.value, x.state, x.source, h.actor, "
        "EXISTS(SELECT 1 FROM " BILLED_READINGS " bm JOIN bill b ON b.id = bm.bill JOIN "
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
                           id, stmt_int(q, 9), code_said(stmt_text(q, 8)));
        } else if (!held && !(accepted && r->action != DECIDE_ACCEPT)) {
            code = err_set(e, ERR_STATE, _("reading %" PRId64 " is %s already"), id,
                           code_said(state));
        } else if (strcmp(stmt_text(q, 5), "manual") == 0 &&
                   strcmp(stmt_text(q, 6), c->session->actor) == 0) {
            code = err_set(
                e, ERR_DENIED,
                _("reading %" PRId64 " was taken by you; somebody else decides on it"), id);
        } else if (r->action == DECIDE_ACCEPT && stmt_int(q, 10) != 0) {
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

enum err_code correction_value(struct command_ctx *c, const struct decided *was,
                               struct meter_row *m, int64_t *value, struct err *e)
{
    const char *text = arg_text(c, "value");
    TRY(meter_by_register(c->office, was->reg, m, e));
    TRY(quantity_parse(text, strlen(text), m->reg.unit, value, e));
    return *value >= 0 && *value <= register_dial_max(&m->reg)
               ? ERR_OK
               : err_set(e, ERR_RANGE, _("%s is beyond the dial of meter %s"), text, m->serial);
}

static enum err_code correction_data(struct command_ctx *c, const struct decided *was,
                                     int64_t new_id, struct json *one, struct err *e)
{
    struct meter_row m;
    struct buf text;
    int64_t value = 0;
    struct json *o = json_new_object(c->arena);
    if (o == NULL) {
        return err_nomem(e);
    }
    TRY(correction_value(c, was, &m, &value, e));
    buf_init(&text, 32);
    civil_print(civil_from_secs(was->local), &text);
    enum err_code code = data_text(c, o, "local", buf_str(&text), e);
    buf_release(&text);
    TRY(code);
    TRY(data_int(c, o, "id", new_id, e));
    TRY(data_int(c, o, "register", was->reg, e));
    TRY(data_int(c, o, "utc", was->utc, e));
    TRY(data_int(c, o, "value", value, e));
    TRY(data_text(c, o, "state", "accepted", e));
    TRY(data_text(c, o, "source", "correction", e));
    TRY(data_int(c, o, "corrects", was->id, e));
    return data_set(c, one, "correction", o, e);
}

enum err_code decided_estimate(struct command_ctx *c, struct decide_run *r,
                               const struct decided *was, struct estimating *x, struct err *e)
{
    int64_t told = 0;
    int64_t refused = 0;
    *x = (struct estimating){.utc = was->utc, .any = true};
    TRY(meter_by_register(c->office, was->reg, &x->meter, e));
    TRY(estimating_reckon(c->office, &r->groups, x, e));
    estimating_limits(&r->rules[x->meter.kind], &told, &refused);
    if (x->from.id == 0 || x->basis.secs == 0) {
        return err_set(e, ERR_STATE, _("meter %s: there is nothing to estimate from"),
                       x->meter.serial);
    }
    return estimating_number(x) < refused
               ? ERR_OK
               : err_set(e, ERR_STATE,
                         _("meter %s was estimated %" PRId64 " times in a row; have it read: "
                           "--action re-read"),
                         x->meter.serial, x->run);
}

static enum err_code estimate_data(struct command_ctx *c, struct decide_run *r,
                                   const struct decided *was, int64_t new_id, struct json *one,
                                   struct err *e)
{
    struct estimating x;
    struct json *o = NULL;
    bool alerted = false;
    TRY(decided_estimate(c, r, was, &x, e));
    TRY(estimating_data(c, &x, &r->rules[x.meter.kind], new_id, was->id, 0, &o, &alerted, e));
    return data_set(c, one, "correction", o, e);
}

static enum err_code decision_data(struct command_ctx *c, struct decide_run *r,
                                   const struct decided *was, int64_t decision, int64_t reading,
                                   struct json **out, struct err *e)
{
    struct json *one = json_new_object(c->arena);
    *out = one;
    if (one == NULL) {
        return err_nomem(e);
    }
    TRY(data_int(c, one, "id", decision, e));
    TRY(data_int(c, one, "reading", was->id, e));
    if (r->action == DECIDE_CORRECT) {
        return correction_data(c, was, reading, one, e);
    }
    return r->action == DECIDE_ESTIMATE ? estimate_data(c, r, was, reading, one, e) : ERR_OK;
}

/* Does the entry hold an estimate of that register? The next must see what it leaves. */
static bool register_known(const int64_t *regs, size_t count, int64_t reg)
{
    for (size_t i = 0; i < count; i++) {
        if (regs[i] == reg) {
            return true;
        }
    }
    return false;
}

/* Decisions from r->next on; r->end is behind the last one that was looked at. */
static enum err_code decisions_fill(struct command_ctx *c, struct decide_run *r,
                                    struct json *list, struct err *e)
{
    int64_t decision = 0;
    int64_t reading = 0;
    int64_t regs[ESTIMATES_PER_ENTRY];
    size_t reg_count = 0;
    bool estimate = r->action == DECIDE_ESTIMATE;
    size_t most = estimate ? ESTIMATES_PER_ENTRY : DECISIONS_PER_ENTRY;
    TRY(next_id(c, "SELECT max(id) FROM decision", &decision, e));
    TRY(next_id(c, "SELECT max(id) FROM reading", &reading, e));
    for (; r->end < r->count && list->u.array.count < most; r->end++) {
        struct decided was;
        struct json *one = NULL;
        struct err why = ERR_INIT;
        enum err_code code = decidable(c, r, r->ids[r->end], &was, &why);
        if (code == ERR_OK && estimate && register_known(regs, reg_count, was.reg)) {
            return ERR_OK;
        }
        if (code == ERR_OK) {
            code = decision_data(c, r, &was, decision, reading, &one, &why);
        }
        if (code == ERR_OK) {
            decision++;
            reading++;
            if (estimate) {
                regs[reg_count++] = was.reg;
            }
            TRY(json_push(c->arena, list, one) ? ERR_OK : err_nomem(e));
        } else if (r->listed || (code != ERR_DENIED && code != ERR_STATE)) {
            return err_set(e, code, "%s", why.text);
        } else {
            r->own++;
        }
    }
    return ERR_OK;
}

static enum err_code build_decide(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct decide_run *r = c->report;
    struct json *list = json_new_array(c->arena);
    if (list == NULL) {
        return err_nomem(e);
    }
    r->own = 0;
    r->end = r->next;
    TRY(decisions_fill(c, r, list, e));
    if (list->u.array.count == 0) {
        return err_set(e, ERR_NOT_FOUND, _("there is nothing to decide"));
    }
    TRY(draft_begin(c, d, "readings.decided", e));
    TRY(data_text(c, d->data, "action",
                  names[r->action == DECIDE_ESTIMATE ? DECIDE_CORRECT : r->action], e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    return data_set(c, d->data, "decisions", list, e);
}

/* A meter that somebody is to read already is passed over. */
static enum err_code build_re_read(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct decide_run *r = c->report;
    const char *due = arg_date_or_today(c, "due");
    int64_t work = 0;
    int64_t account = 0;
    int64_t one = 0;
    bool open = false;
    bool has_account = false;
    struct decided was;
    struct meter_row m;
    r->own = 0;
    r->end = r->next + 1;
    TRY(decidable(c, r, r->ids[r->next], &was, e));
    TRY(meter_by_register(c->office, was.reg, &m, e));
    TRY(db_get_int(
        c->office->db, &one, &open, e,
        "SELECT 1 FROM work_order WHERE meter = ? AND kind = 're-read' AND closed IS "
        "NULL LIMIT 1",
        VALS(V_INT(m.id))));
    if (open) {
        return err_set(e, ERR_STATE, _("somebody is to read meter %s already"), m.serial);
    }
    if (strcmp(due, c->date) < 0) {
        return err_set(e, ERR_USAGE, _("--due: %s is over"), due);
    }
    TRY(db_get_int(c->office->db, &account, &has_account, e,
                   "SELECT account FROM assignment WHERE meter = ? AND end_date IS NULL",
                   VALS(V_INT(m.id))));
    TRY(next_id(c, "SELECT max(id) FROM work_order", &work, e));
    TRY(draft_begin(c, d, "work.opened", e));
    TRY(data_int(c, d->data, "work", work, e));
    TRY(data_int(c, d->data, "meter", m.id, e));
    if (has_account) {
        TRY(data_int(c, d->data, "account", account, e));
    }
    TRY(data_text(c, d->data, "kind", "re-read", e));
    TRY(data_text(c, d->data, "due", due, e));
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

/* "17,18,21" */
static enum err_code ids_listed(struct decide_run *r, const char *text, struct err *e)
{
    for (const char *at = text; at != NULL && r->count < DECIDE_MAX;) {
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

static int id_order(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* What the queue shows with the same filter, in the order in which it was read. */
static enum err_code ids_filtered(struct command_ctx *c, struct decide_run *r, struct err *e)
{
    const struct arg *run = arg_get(c, "run");
    struct queue q;
    struct queue_filter f = {.what = "readings",
                             .rule = arg_text(c, "rule"),
                             .class = arg_text(c, "class"),
                             .serial = arg_text(c, "serial"),
                             .account = arg_text(c, "account"),
                             .route = arg_text(c, "route"),
                             .kind = arg_text(c, "kind"),
                             .severity = arg_text(c, "severity"),
                             .run = run->given ? run->integer : 0};
    TRY(queue_load(c->office, &f, &q, e));
    for (size_t i = 0; i < q.count && r->count < DECIDE_MAX; i++) {
        r->ids[r->count++] = q.items[i].reading;
    }
    queue_release(&q);
    if (r->count > 1) {
        qsort(r->ids, r->count, sizeof r->ids[0], id_order);
    }
    return ERR_OK;
}

static enum err_code decide_check(struct command_ctx *c, struct decide_run *r, struct err *e)
{
    static const char *const filters[] = {"rule",  "class", "serial",   "account",
                                          "route", "kind",  "severity", "run"};
    const char *ids = arg_text(c, "ids");
    bool filter = arg_flag(c, "all");
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        filter = filter || arg_get(c, filters[i])->given;
    }
    for (int i = 0; i < DECIDE_ACTIONS; i++) {
        if (strcmp(arg_text(c, "action"), names[i]) == 0) {
            r->action = (enum decide_action)i;
        }
    }
    if ((r->action == DECIDE_CORRECT) != (arg_text(c, "value") != NULL)) {
        return err_set(e, ERR_USAGE,
                       _("--value goes with --action correct, and with it alone"));
    }
    if ((ids != NULL) == filter) {
        return err_set(e, ERR_USAGE,
                       _("say which readings: their numbers, or a filter (--rule, --class, "
                         "--serial, --account, --route, --kind, --severity, --run, --all)"));
    }
    r->ids = mem_array(DECIDE_MAX, sizeof r->ids[0]);
    if (r->ids == NULL) {
        return err_nomem(e);
    }
    TRY(rules_load(c->office, r->rules, e));
    TRY(ids != NULL ? ids_listed(r, ids, e) : ids_filtered(c, r, e));
    if (r->action == DECIDE_CORRECT && r->count != 1) {
        return err_set(e, ERR_USAGE, _("a correction takes one reading at a time"));
    }
    return ERR_OK;
}

static bool passed_over(const struct decide_run *r, enum err_code code)
{
    if (r->action == DECIDE_RE_READ) {
        return code == ERR_STATE || code == ERR_DENIED;
    }
    return code == ERR_NOT_FOUND && r->end == r->count;
}

static enum err_code decide_all(struct command_ctx *c, struct decide_run *r, int64_t *done,
                                struct err *e)
{
    struct ticket t;
    int64_t passed = 0;
    build_fn build = r->action == DECIDE_RE_READ ? build_re_read : build_decide;
    while (r->next < r->count) {
        if (!progress_step(c->progress, _("Deciding"), r->next, r->count)) {
            return err_set(e, ERR_CANCELLED,
                           ngettext("stopped after %zu reading", "stopped after %zu readings",
                                    (unsigned long)r->next),
                           r->next);
        }
        r->end = r->next;
        enum err_code code = act_user(c, build, &t, e);
        if (code != ERR_OK && (r->listed || !passed_over(r, code))) {
            return code;
        }
        if (code != ERR_OK && r->action == DECIDE_RE_READ) {
            r->own = 1;
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
    struct decide_run *r = mem_alloc(sizeof *r);
    int64_t done = 0;
    if (r == NULL) {
        return err_nomem(e);
    }
    enum err_code code = decide_check(c, r, e);
    c->report = r;
    if (code == ERR_OK && arg_flag(c, "preview")) {
        code = decide_preview(c, r, e);
    } else if (code == ERR_OK) {
        code = decide_all(c, r, &done, e);
        (void)snprintf(c->message, sizeof c->message,
                       _("readings decided: %" PRId64 " (%s), passed over: %" PRId64), done,
                       decide_action_word(r->action), r->own);
    }
    mem_free(r->ids);
    mem_free(r);
    c->report = NULL;
    return code;
}

static const struct param reading_decide_params[] = {
    {"ids", PARAM_TEXT, PARAM_POSITIONAL, N_("numbers of readings, separated by commas"), NULL,
     NULL},
    {"action", PARAM_CHOICE, PARAM_REQUIRED, N_("what is decided"),
     "accept|reject|correct|estimate|re-read", NULL},
    {"reason", PARAM_TEXT, PARAM_REQUIRED, N_("why; it stands in the history"), NULL, NULL},
    {"value", PARAM_DECIMAL, 0, N_("the right value, for a correction"), NULL, NULL},
    {"rule", PARAM_CHOICE, 0, N_("all held by this rule"), rule_choices + 1, NULL},
    {"class", PARAM_CHOICE, 0, N_("all held with this class of finding"),
     finding_class_choices + 1, NULL},
    {"serial", PARAM_TEXT, 0, N_("all held of this meter"), NULL, NULL},
    {"account", PARAM_TEXT, 0, N_("all held of this account"), NULL, NULL},
    {"route", PARAM_TEXT, 0, N_("all held of this route"), NULL, NULL},
    {"kind", PARAM_CHOICE, 0, N_("all held of this kind of meter"), "water|energy|gas", NULL},
    {"severity", PARAM_CHOICE, 0, N_("all as grave as this or graver"), "info|warning|alarm",
     NULL},
    {"run", PARAM_INT, 0, N_("all held of this import"), NULL, NULL},
    {"all", PARAM_FLAG, 0, N_("all that are held"), NULL, NULL},
    {"due", PARAM_DATE, 0, N_("until when it is to be read again; today"), NULL, NULL},
    {"preview", PARAM_FLAG, 0, N_("show what it does to bills, record nothing"), NULL, NULL},
    PARAM_END};
const struct command cmd_reading_decide = {
    "reading decide",
    N_("accept, reject, correct or estimate readings, or have them read again"),
    CMD_BULK,
    reading_decide_params,
    NULL,
    run_decide};
