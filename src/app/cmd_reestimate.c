/* An actual reading shows that the estimates before it were too high: they are rolled back and
 * made anew between the readings that were taken, and the bills corrected, in one act. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/billed.h"
#include "app/cmd.h"
#include "app/estimating.h"
#include "app/note.h"
#include "app/receivable.h"
#include "app/rule_settings.h"
#include "app/use_history.h"
#include "base/i18n.h"
#include "domain/period.h"

#define ESTIMATES_MAX 12 /* in a row: more is no estimate any more */
#define DAYS_BACK_MAX 36600

struct rolled {
    struct bill_reading old;
    int64_t value; /* in its place */
};

struct reestimate {
    struct meter_row meter;
    struct bill_reading actual, measured;
    struct rolled rolled[ESTIMATES_MAX];
    size_t rolled_count;
    struct billed bills[BILLED_MAX];
    size_t bill_count;
    int64_t account; /* of the newest bill; else who has the meter */
};

/* The held reading, by somebody else than who decides. */
static enum err_code actual_take(struct command_ctx *c, struct reestimate *x, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t reg = 0;
    int64_t id = arg_get(c, "reading")->integer;
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT x.register, x.value, x.utc, x.state, x.source, h.actor, coalesce(("
        "SELECT state FROM import_run WHERE id = x.run), 'closed') FROM reading x JOIN "
        "history h ON h.seq = x.seq WHERE x.id = ?",
        VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no reading %" PRId64), id);
    } else if (code == ERR_OK && (strcmp(stmt_text(q, 3), "held") != 0 ||
                                  strcmp(stmt_text(q, 6), "closed") != 0)) {
        code = err_set(e, ERR_STATE, _("reading %" PRId64 " does not wait for a decision"), id);
    } else if (code == ERR_OK && strcmp(stmt_text(q, 4), "manual") == 0 &&
               strcmp(stmt_text(q, 5), c->session->actor) == 0) {
        code =
            err_set(e, ERR_DENIED,
                    _("reading %" PRId64 " was taken by you; somebody else decides on it"), id);
    } else if (code == ERR_OK) {
        reg = stmt_int(q, 0);
        x->actual = (struct bill_reading){id, stmt_int(q, 1), stmt_int(q, 2)};
    }
    stmt_done(q);
    TRY(code);
    return meter_by_register(c->office, reg, &x->meter, e);
}

/* How often the meter's estimates were rolled back in so many days before a date. */
static enum err_code rolled_before(struct command_ctx *c, int64_t meter, int64_t days,
                                   int64_t *times, struct err *e)
{
    struct date today;
    char since[DATE_TEXT];
    TRY(date_parse(c->date, strlen(c->date), &today, e));
    date_text(date_from_days(date_to_days(today) - (int32_t)days), since);
    return db_get_int(c->office->db, times, NULL, e,
                      "SELECT count(*) FROM history WHERE meter = ? AND kind = "
                      "'estimates.rolled_back' AND date > ?",
                      VALS(V_INT(meter), V_TEXT(days > 0 ? since : "")));
}

/* How far back and how often, as the office set it (rule "estimate_high"). */
static enum err_code limits_hold(struct command_ctx *c, const struct reestimate *x,
                                 struct err *e)
{
    struct rule_set sets[METER_KIND_COUNT];
    const struct meter_row *m = &x->meter;
    int64_t times = 0;
    TRY(rules_load(c->office, sets, e));
    int64_t most_days = sets[m->kind].rule[RULE_ESTIMATE_HIGH].limit[0];
    int64_t most_times = sets[m->kind].rule[RULE_ESTIMATE_HIGH].limit[1];
    int64_t days = local_days(c->office->zone, x->measured.utc, x->actual.utc);
    most_days = most_days < DAYS_BACK_MAX ? most_days : DAYS_BACK_MAX;
    if (most_days > 0 && days > most_days) {
        return err_set(e, ERR_STATE,
                       _("meter %s was last read %" PRId64 " days before reading %" PRId64
                         "; estimates are rolled back over %" PRId64
                         " days: correct the bills with notes, or: aforo rule set "
                         "estimate_high --kind %s --limits DAYS,TIMES"),
                       m->serial, days, x->actual.id, most_days, meter_kind_name(m->kind));
    }
    TRY(rolled_before(c, m->id, most_days, &times, e));
    if (most_times > 0 && times >= most_times) {
        return err_set(
            e, ERR_STATE,
            _("the estimates of meter %s were rolled back as often as the office allows "
              "already (%" PRId64 " in %" PRId64
              " days): look at the meter, or: aforo rule set estimate_high --kind "
              "%s --limits DAYS,TIMES"),
            m->serial, times, most_days, meter_kind_name(m->kind));
    }
    return ERR_OK;
}

/* The accepted estimates between the last measured reading and this one. */
static enum err_code estimates_list(struct command_ctx *c, struct reestimate *x, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool found = false;
    TRY(measured_until(c->office, x->meter.register_id, x->actual.utc - 1, &x->measured, &found,
                       e));
    if (!found) {
        return err_set(e, ERR_STATE, _("meter %s has no measured reading before"),
                       x->meter.serial);
    }
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT id, value, utc FROM reading WHERE register = ? AND utc > ? AND utc < ? "
        "AND source = 'estimated' AND state = 'accepted' ORDER BY utc, id LIMIT ?",
        VALS(V_INT(x->meter.register_id), V_INT(x->measured.utc), V_INT(x->actual.utc),
             V_INT(ESTIMATES_MAX + 1))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        if (x->rolled_count == ESTIMATES_MAX) {
            code = err_set(e, ERR_LIMIT,
                           _("meter %s has more than %d estimates since it was last read; "
                             "correct its bills with notes"),
                           x->meter.serial, ESTIMATES_MAX);
            break;
        }
        x->rolled[x->rolled_count++].old =
            (struct bill_reading){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
    }
    stmt_done(q);
    TRY(code);
    if (x->rolled_count == 0 || x->rolled[x->rolled_count - 1].old.value <= x->actual.value) {
        return err_set(e, ERR_STATE,
                       _("no estimate before reading %" PRId64 " is too high; decide on it "
                         "with: aforo reading decide"),
                       x->actual.id);
    }
    return x->actual.value >= x->measured.value
               ? ERR_OK
               : err_set(e, ERR_STATE,
                         _("reading %" PRId64
                           " is below the last one that was taken; estimates "
                           "do not explain it"),
                         x->actual.id);
}

static enum err_code values_make(struct command_ctx *c, struct reestimate *x, struct err *e)
{
    struct point from = {x->measured.value, x->measured.utc};
    struct point to = {x->actual.value, x->actual.utc};
    for (size_t i = 0; i < x->rolled_count; i++) {
        struct rolled *r = &x->rolled[i];
        TRY(reading_not_credited(c->office, r->old.id, e));
        r->value = estimate_between(&x->meter.reg, from, to, r->old.utc);
    }
    return ERR_OK;
}

static const struct rolled *rolled_find(const struct reestimate *x, int64_t reading)
{
    for (size_t i = 0; i < x->rolled_count; i++) {
        if (x->rolled[i].old.id == reading) {
            return &x->rolled[i];
        }
    }
    return NULL;
}

/* The bills in force that stand between estimates; a note follows the one at its end. */
static enum err_code bills_list(struct command_ctx *c, struct reestimate *x, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    enum err_code code = ERR_OK;
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT b.id, b.account, bm.from_reading, bm.to_reading, bm.share FROM " BILLED_ENDS
        " bm JOIN bill b ON b.id = bm.bill JOIN billing_run n ON n.id = b.run JOIN reading t "
        "ON t.id = bm.to_reading JOIN reading f ON f.id = bm.from_reading WHERE n.state = "
        "'closed' AND b.cancelled IS NULL AND t.utc > ?2 AND (t.source = 'estimated' OR "
        "f.source = 'estimated') AND bm.from_reading <> bm.to_reading ORDER BY bm.share <> ?1, "
        "b.id, t.utc",
        VALS(V_INT(x->meter.register_id), V_INT(x->measured.utc))));
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        const struct rolled *from = rolled_find(x, stmt_int(q, 2));
        const struct rolled *to = rolled_find(x, stmt_int(q, 3));
        if (from == NULL && to == NULL) {
            continue;
        }
        const struct billed b = {.bill = stmt_int(q, 0),
                                 .account = stmt_int(q, 1),
                                 .share = stmt_int(q, 4),
                                 .reading = to != NULL ? to->old.id : from->old.id};
        x->account = x->bill_count == 0 ? b.account : x->account;
        code = billed_add(x->bills, &x->bill_count, &b, e);
    }
    stmt_done(q);
    return code;
}

static enum err_code reestimate_find(struct command_ctx *c, struct reestimate *x, struct err *e)
{
    struct dial_change dials[ESTIMATES_MAX];
    *x = (struct reestimate){0};
    TRY(actual_take(c, x, e));
    TRY(estimates_list(c, x, e));
    TRY(limits_hold(c, x, e));
    TRY(values_make(c, x, e));
    TRY(bills_list(c, x, e));
    for (size_t i = 0; i < x->rolled_count; i++) {
        dials[i] = (struct dial_change){x->rolled[i].old.id, x->rolled[i].value};
    }
    for (size_t i = 0; i < x->bill_count; i++) {
        TRY(billed_again(c, dials, x->rolled_count, &x->bills[i], e));
    }
    return ERR_OK;
}

/* The estimate that takes the place of one that was rolled back. */
static enum err_code rolled_data(struct command_ctx *c, const struct reestimate *x, size_t i,
                                 int64_t decision, int64_t reading, struct json *list,
                                 struct err *e)
{
    static const struct rule_set no_rules; /* all are off: nothing new is to be said of it */
    struct json *one = json_new_object(c->arena);
    struct json *o = NULL;
    bool alerted = false;
    struct estimating est = {.meter = x->meter, .utc = x->rolled[i].old.utc};
    est.from = x->measured;
    est.basis = (struct estimate_basis){
        .method = ESTIMATE_BETWEEN, .secs = x->actual.utc - x->measured.utc, .periods = 1};
    est.estimate.value = x->rolled[i].value;
    if (one == NULL) {
        return err_nomem(e);
    }
    TRY(register_consumption(&x->meter.reg, x->measured.value, x->actual.value, 0,
                             &est.basis.use, e));
    TRY(estimating_data(c, &est, &no_rules, reading, x->rolled[i].old.id, 0, &o, &alerted, e));
    TRY(data_int(c, one, "id", decision, e));
    TRY(data_int(c, one, "reading", x->rolled[i].old.id, e));
    TRY(data_set(c, one, "correction", o, e));
    return json_push(c->arena, list, one) ? ERR_OK : err_nomem(e);
}

static enum err_code build_reestimate(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct reestimate x;
    int64_t decision = 0;
    int64_t reading = 0;
    struct json *list = json_new_array(c->arena);
    struct json *accepted = json_new_object(c->arena);
    if (list == NULL || accepted == NULL) {
        return err_nomem(e);
    }
    TRY(reestimate_find(c, &x, e));
    TRY(next_id(c, "SELECT max(id) FROM decision", &decision, e));
    TRY(next_id(c, "SELECT max(id) FROM reading", &reading, e));
    for (size_t i = 0; i < x.rolled_count; i++) {
        TRY(rolled_data(c, &x, i, decision++, reading++, list, e));
    }
    TRY(draft_begin(c, d, "estimates.rolled_back", e));
    if (x.account != 0) {
        TRY(data_int(c, d->data, "account", x.account, e));
    }
    TRY(data_int(c, d->data, "meter", x.meter.id, e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    TRY(data_set(c, d->data, "rolled_back", list, e));
    TRY(data_int(c, accepted, "id", decision, e));
    TRY(data_int(c, accepted, "reading", x.actual.id, e));
    TRY(data_set(c, d->data, "accepted", accepted, e));
    return billed_notes(c, x.bills, x.bill_count, d->data, e);
}

static void reestimate_say(struct command_ctx *c, const struct reestimate *x)
{
    char end[256];
    (void)snprintf(end, sizeof end,
                   arg_flag(c, "preview")
                       ? ngettext("%zu estimate of meter %s would be rolled back; a preview: "
                                  "nothing was recorded",
                                  "%zu estimates of meter %s would be rolled back; a preview: "
                                  "nothing was recorded",
                                  (unsigned long)x->rolled_count)
                       : ngettext("%zu estimate of meter %s rolled back",
                                  "%zu estimates of meter %s rolled back",
                                  (unsigned long)x->rolled_count),
                   x->rolled_count, x->meter.serial);
    billed_say(c, x->bills, x->bill_count, end);
}

static enum err_code run_reestimate(struct command_ctx *c, struct err *e)
{
    struct reestimate x;
    struct ticket t;
    TRY(reestimate_find(c, &x, e));
    if (arg_flag(c, "preview")) {
        reestimate_say(c, &x);
        return ERR_OK;
    }
    TRY(act_user(c, build_reestimate, &t, e));
    reestimate_say(c, &x);
    int64_t last = 0;
    for (size_t i = 0; i < x.bill_count; i++) {
        int64_t settled = 0;
        if (x.bills[i].account != last) {
            TRY(credits_settle(c, x.bills[i].account, &settled, e));
        }
        last = x.bills[i].account;
    }
    return ERR_OK;
}

static const struct param reestimate_params[] = {
    {"reading", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("number of the held reading that was taken"), NULL, NULL},
    {"reason", PARAM_TEXT, PARAM_REQUIRED, N_("why; it stands on the notes"), NULL, NULL},
    {"preview", PARAM_FLAG, 0, N_("show the notes that would follow, record nothing"), NULL,
     NULL},
    PARAM_END};
const struct command cmd_reading_reestimate = {
    "reading reestimate",
    N_("accept a reading and roll back the estimates before it that were too high"),
    CMD_BULK,
    reestimate_params,
    NULL,
    run_reestimate};
