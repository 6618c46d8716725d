/* Work orders: opened, given to somebody, closed with what came of it. Only who it was given to
 * closes an order, and a failed one is followed by another. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/collection.h"
#include "app/cut_hold.h"
#include "app/lookup.h"
#include "app/work.h"
#include "app/words.h"
#include "base/i18n.h"

enum err_code work_find(struct command_ctx *c, struct work *w, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *w = (struct work){.id = arg_get(c, "work")->integer};
    TRY(db_query(c->office->db, &q, e,
                 "SELECT kind, state, coalesce(meter, 0), coalesce(account, 0), "
                 "coalesce(assignee, 0), coalesce(cut, 0) FROM work_order WHERE id = ?",
                 VALS(V_INT(w->id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND,
                       _("there is no work order %" PRId64 "; see: aforo list work"), w->id);
    } else if (code == ERR_OK) {
        (void)snprintf(w->kind, sizeof w->kind, "%s", stmt_text(q, 0));
        (void)snprintf(w->state, sizeof w->state, "%s", stmt_text(q, 1));
        w->meter = stmt_int(q, 2);
        w->account = stmt_int(q, 3);
        w->assignee = stmt_int(q, 4);
        w->cut = stmt_int(q, 5);
    }
    stmt_done(q);
    if (code == ERR_OK && strcmp(w->state, "open") != 0 && strcmp(w->state, "assigned") != 0 &&
        strcmp(w->state, "begun") != 0) {
        code = err_set(e, ERR_STATE, _("work order %" PRId64 " is %s already"), w->id,
                       code_said(w->state));
    }
    return code;
}

enum err_code work_is_mine(struct command_ctx *c, const struct work *w, struct err *e)
{
    return w->assignee == c->session->user
               ? ERR_OK
               : err_set(e, ERR_DENIED,
                         _("work order %" PRId64 " is not yours; who has it closes it, or give "
                           "it to another: aforo work assign"),
                         w->id);
}

enum err_code work_data(struct command_ctx *c, struct json *data, const struct work *w,
                        struct err *e)
{
    TRY(data_int(c, data, "work", w->id, e));
    if (w->meter != 0) {
        TRY(data_int(c, data, "meter", w->meter, e));
    }
    return w->account != 0 ? data_int(c, data, "account", w->account, e) : ERR_OK;
}

/* Where somebody is to go: a meter and who has it now, or an account whose meter is yet to be
 * installed. */
static enum err_code place_take(struct command_ctx *c, struct work *w, struct err *e)
{
    struct meter_row m;
    struct account_row a;
    const char *serial = arg_text(c, "serial");
    const char *number = arg_text(c, "account");
    if (serial == NULL && (number == NULL || strcmp(w->kind, "install") != 0)) {
        return err_set(e, ERR_USAGE,
                       _("name the meter by its serial number; only an installation may name "
                         "--account instead"));
    }
    if (number != NULL) {
        TRY(account_by_number(c->office, number, &a, NULL, e));
        w->account = a.id;
    }
    if (serial == NULL) {
        return ERR_OK;
    }
    TRY(meter_by_serial(c->office, serial, &m, NULL, e));
    w->meter = m.id;
    if (m.state == METER_REMOVED && strcmp(w->kind, "install") != 0) {
        return err_set(e, ERR_STATE, _("meter %s is removed"), serial);
    }
    return number != NULL ? ERR_OK
                          : db_get_int(c->office->db, &w->account, NULL, e,
                                       "SELECT account FROM assignment WHERE meter = ? AND "
                                       "end_date IS NULL",
                                       VALS(V_INT(m.id)));
}

static enum err_code build_open(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct work w = {0};
    const char *due = arg_date_or_today(c, "due");
    (void)snprintf(w.kind, sizeof w.kind, "%s", arg_text(c, "kind"));
    TRY(place_take(c, &w, e));
    if (strcmp(due, c->date) < 0) {
        return err_set(e, ERR_USAGE, _("--due: %s is over"), due);
    }
    TRY(next_id(c, "SELECT max(id) FROM work_order", &w.id, e));
    TRY(draft_begin(c, d, "work.opened", e));
    TRY(work_data(c, d->data, &w, e));
    TRY(data_text(c, d->data, "kind", w.kind, e));
    TRY(data_text(c, d->data, "due", due, e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    c->result_id = w.id;
    (void)snprintf(c->message, sizeof c->message,
                   _("work order %" PRId64 " opened; give it to somebody with: aforo work "
                     "assign %" PRId64 " --to LOGIN"),
                   w.id, w.id);
    return ERR_OK;
}

static enum err_code user_take(struct command_ctx *c, const char *login, int64_t *user,
                               struct err *e)
{
    bool found = false;
    bool may = false;
    TRY(db_get_int(c->office->db, user, &found, e,
                   "SELECT u.id FROM user u JOIN personal p ON p.owner = 'user' AND p.id = "
                   "u.id AND p.field = 'login' AND p.hash = u.login WHERE p.value = ? AND "
                   "u.state = 'active'",
                   VALS(V_TEXT(login))));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND, _("there is no active user \"%s\""), login);
    }
    TRY(session_may(c->office, *user, "work close", &may, e));
    return may ? ERR_OK
               : err_set(e, ERR_STATE,
                         _("user \"%s\" may not close work orders; give the order to an "
                           "installer"),
                         login);
}

static enum err_code build_assign(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct work w;
    int64_t user = 0;
    TRY(work_find(c, &w, e));
    TRY(user_take(c, arg_text(c, "to"), &user, e));
    if (w.assignee == user) {
        return err_set(e, ERR_EXISTS, _("user \"%s\" has work order %" PRId64 " already"),
                       arg_text(c, "to"), w.id);
    }
    TRY(draft_begin(c, d, "work.assigned", e));
    TRY(work_data(c, d->data, &w, e));
    (void)snprintf(c->message, sizeof c->message, _("work order %" PRId64 " is given to %s"),
                   w.id, arg_text(c, "to"));
    return data_int(c, d->data, "user", user, e);
}

/* At the door, just before: a cut asks every protection once more. */
static enum err_code build_begin(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct work w;
    TRY(work_find(c, &w, e));
    TRY(work_is_mine(c, &w, e));
    if (strcmp(w.state, "begun") == 0) {
        return err_set(e, ERR_EXISTS, _("work order %" PRId64 " is begun already"), w.id);
    }
    if (strcmp(w.kind, "cut") == 0) {
        TRY(cut_may_begin(c, w.cut, w.account, e));
    }
    TRY(draft_begin(c, d, "work.begun", e));
    (void)snprintf(c->message, sizeof c->message, _("work order %" PRId64 " is begun"), w.id);
    return work_data(c, d->data, &w, e);
}

static enum err_code build_close(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct work w;
    int64_t next = 0;
    int64_t dispute = 0;
    const char *outcome = arg_text(c, "outcome");
    bool failed = strcmp(outcome, "failed") == 0;
    TRY(work_find(c, &w, e));
    TRY(work_is_mine(c, &w, e));
    if (!failed && strcmp(w.kind, "cut") == 0 && strcmp(w.state, "begun") != 0) {
        return err_set(e, ERR_STATE,
                       _("a cut is begun first, which looks at every protection again: aforo "
                         "work begin %" PRId64),
                       w.id);
    }
    TRY(draft_begin(c, d, "work.closed", e));
    TRY(work_data(c, d->data, &w, e));
    TRY(data_text(c, d->data, "outcome", outcome, e));
    TRY(data_text(c, d->data, "result", arg_text(c, "result"), e));
    if (!failed) {
        (void)snprintf(c->message, sizeof c->message, _("work order %" PRId64 " is done"),
                       w.id);
        return ERR_OK;
    }
    TRY(strcmp(w.kind, "cut") == 0 ? dispute_open_of(c->office, w.account, &dispute, e)
                                   : ERR_OK);
    if (dispute != 0) {
        (void)snprintf(c->message, sizeof c->message,
                       _("work order %" PRId64 " failed; cut order %" PRId64
                         " is suspended while dispute %" PRId64 " is open"),
                       w.id, w.cut, dispute);
        return data_int(c, d->data, "dispute", dispute, e);
    }
    TRY(next_id(c, "SELECT max(id) FROM work_order", &next, e));
    (void)snprintf(c->message, sizeof c->message,
                   _("work order %" PRId64 " failed; work order %" PRId64 " follows it"), w.id,
                   next);
    return data_int(c, d->data, "next", next, e);
}

static enum err_code build_cancel(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct work w;
    TRY(work_find(c, &w, e));
    if (strcmp(w.kind, "reconnect") == 0 && w.cut != 0) {
        return err_set(e, ERR_STATE,
                       _("work order %" PRId64 " gives a customer who paid the supply back; it "
                         "cannot be cancelled"),
                       w.id);
    }
    if (strcmp(w.kind, "cut") == 0) {
        return err_set(e, ERR_STATE,
                       _("work order %" PRId64 " carries out cut order %" PRId64
                         "; withdraw that: aforo cut withdraw %" PRId64),
                       w.id, w.cut, w.cut);
    }
    TRY(draft_begin(c, d, "work.cancelled", e));
    TRY(work_data(c, d->data, &w, e));
    (void)snprintf(c->message, sizeof c->message, _("work order %" PRId64 " is cancelled"),
                   w.id);
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

#define PARAM_WORK                                                                             \
    {                                                                                          \
        "work", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("number of the work order"),  \
            NULL, NULL                                                                         \
    }

/* A cut is no choice here: it comes from a cut order that others approved. */
static const struct param open_params[] = {
    {"kind", PARAM_CHOICE, PARAM_REQUIRED | PARAM_POSITIONAL, N_("what is to be done"),
     "reconnect|re-read|install|swap|inspect", NULL},
    {"serial", PARAM_TEXT, PARAM_POSITIONAL, N_("serial number of the meter"), NULL, NULL},
    {"account", PARAM_TEXT, 0, N_("number of the account, where no meter is installed yet"),
     NULL, NULL},
    {"due", PARAM_DATE, 0, N_("by when; else today"), NULL, NULL},
    PARAM_REASON,
    PARAM_END};
static const struct param begin_params[] = {PARAM_WORK, PARAM_END};
static const struct param assign_params[] = {
    PARAM_WORK,
    {"to", PARAM_TEXT, PARAM_REQUIRED, N_("login of the installer"), NULL, NULL},
    PARAM_END};
static const struct param close_params[] = {
    PARAM_WORK,
    {"outcome", PARAM_CHOICE, PARAM_REQUIRED, N_("what came of it"), "done|failed", NULL},
    {"result", PARAM_TEXT, PARAM_REQUIRED, N_("what was found and done there"), NULL, NULL},
    PARAM_END};
static const struct param cancel_params[] = {PARAM_WORK, PARAM_REASON, PARAM_END};

const struct command cmd_work_open = {
    "work open", N_("open a work order for the field"), 0, open_params, build_open, NULL};
const struct command cmd_work_assign = {
    "work assign", N_("give a work order to an installer"), 0, assign_params, build_assign,
    NULL};
const struct command cmd_work_close = {
    "work close", N_("close a work order with what came of it"), 0, close_params, build_close,
    NULL};
const struct command cmd_work_cancel = {
    "work cancel", N_("cancel a work order"), CMD_CONFIRM, cancel_params, build_cancel, NULL};
const struct command cmd_work_begin = {
    "work begin",
    N_("say that you are there and begin; a cut asks every protection again"),
    0,
    begin_params,
    build_begin,
    NULL};
