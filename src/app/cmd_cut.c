/* Cut orders: asked for by one, approved by others (app/request.h), carried out by an
 * installer. What more than the hourly cap is approved waits in quarantine, until it is
 * released by another request. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/collection.h"
#include "app/lookup.h"
#include "app/receivable.h"
#include "app/words.h"
#include "base/i18n.h"

/* What the account owes, where no rule is against cutting it off. */
static enum err_code debt_judge(struct command_ctx *c, int64_t account, int64_t *amount,
                                struct err *e)
{
    struct collection_policy p;
    struct overdue debt;
    enum cut_rule rule = CUT_ALLOWED;
    TRY(collection_policy_load(c->office, c->arena, &p, e));
    TRY(overdue_find(c->office, account, c->date, &debt, e));
    TRY(cut_rule_of(c->office, &p, account, c->date, &debt, &rule, e));
    *amount = debt.amount;
    return rule == CUT_ALLOWED ? ERR_OK
                               : err_set(e, ERR_DENIED, _("no cut: %s (rule %s)"),
                                         cut_rule_text(rule), cut_rule_name(rule));
}

static enum err_code meter_take(struct command_ctx *c, const char *serial, int64_t *meter,
                                int64_t *account, struct err *e)
{
    struct meter_row m;
    int64_t other = 0;
    bool found = false;
    TRY(meter_by_serial(c->office, serial, &m, NULL, e));
    *meter = m.id;
    TRY(db_get_int(c->office->db, account, &found, e,
                   "SELECT account FROM assignment WHERE meter = ? AND end_date IS NULL",
                   VALS(V_INT(m.id))));
    if (!found || m.state != METER_IN_SERVICE) {
        return err_set(e, ERR_STATE, _("meter %s serves no account"), serial);
    }
    TRY(db_get_int(c->office->db, &other, &found, e,
                   "SELECT id FROM cut_order WHERE meter = ? AND state NOT IN ('reconnected', "
                   "'withdrawn')",
                   VALS(V_INT(m.id))));
    return !found
               ? ERR_OK
               : err_set(e, ERR_EXISTS, _("cut order %" PRId64 " of meter %s stands already"),
                         other, serial);
}

static enum err_code cut_data(struct command_ctx *c, struct json *data, int64_t cut,
                              int64_t account, int64_t meter, struct err *e)
{
    TRY(data_int(c, data, "cut", cut, e));
    TRY(data_int(c, data, "account", account, e));
    return data_int(c, data, "meter", meter, e);
}

static enum err_code work_next(struct command_ctx *c, struct json *data, struct err *e)
{
    int64_t work = 0;
    TRY(next_id(c, "SELECT max(id) FROM work_order", &work, e));
    return data_int(c, data, "work", work, e);
}

static enum err_code build_order(struct command_ctx *c, struct draft *d, struct err *e)
{
    int64_t meter = 0;
    int64_t account = 0;
    int64_t amount = 0;
    int64_t cut = 0;
    bool full = false;
    TRY(meter_take(c, arg_text(c, "serial"), &meter, &account, e));
    TRY(debt_judge(c, account, &amount, e));
    TRY(cut_cap_reached(c->office, false, &full, e));
    TRY(next_id(c, "SELECT max(id) FROM cut_order", &cut, e));
    TRY(draft_begin(c, d, "cut.ordered", e));
    TRY(cut_data(c, d->data, cut, account, meter, e));
    TRY(data_int(c, d->data, "amount", amount, e));
    c->result_id = cut;
    (void)snprintf(c->message, sizeof c->message,
                   full
                       ? _("cut order %" PRId64 " is in quarantine, for as many as may be were "
                           "ordered in the last hour; later: aforo cut release %" PRId64)
                       : _("cut order %" PRId64 " stands; its work order is to be assigned"),
                   cut, cut);
    return full ? ERR_OK : work_next(c, d->data, e);
}

struct cut {
    int64_t id, account, meter;
    char state[16];
};

static enum err_code cut_find(struct command_ctx *c, struct cut *x, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *x = (struct cut){.id = arg_get(c, "cut")->integer};
    TRY(db_query(c->office->db, &q, e, "SELECT account, meter, state FROM cut_order WHERE id=?",
                 VALS(V_INT(x->id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND,
                       _("there is no cut order %" PRId64 "; see: aforo list cuts"), x->id);
    } else if (code == ERR_OK) {
        x->account = stmt_int(q, 0);
        x->meter = stmt_int(q, 1);
        (void)snprintf(x->state, sizeof x->state, "%s", stmt_text(q, 2));
    }
    stmt_done(q);
    return code;
}

static enum err_code build_release(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct cut x;
    int64_t amount = 0;
    bool full = false;
    TRY(cut_find(c, &x, e));
    if (strcmp(x.state, "quarantined") != 0) {
        return err_set(e, ERR_STATE, _("cut order %" PRId64 " is %s, not in quarantine"), x.id,
                       code_said(x.state));
    }
    TRY(debt_judge(c, x.account, &amount, e));
    TRY(cut_cap_reached(c->office, false, &full, e));
    if (full) {
        return err_set(e, ERR_DENIED, _("no cut: %s (rule %s)"), cut_rule_text(CUT_CAP),
                       cut_rule_name(CUT_CAP));
    }
    TRY(draft_begin(c, d, "cut.released", e));
    TRY(cut_data(c, d->data, x.id, x.account, x.meter, e));
    (void)snprintf(c->message, sizeof c->message,
                   _("cut order %" PRId64 " stands; its work order is to be assigned"), x.id);
    return work_next(c, d->data, e);
}

static enum err_code build_withdraw(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct cut x;
    int64_t one = 0;
    bool begun = false;
    TRY(cut_find(c, &x, e));
    TRY(db_get_int(c->office->db, &one, &begun, e,
                   "SELECT 1 FROM work_order WHERE cut=? AND state='begun'",
                   VALS(V_INT(x.id))));
    if (begun || (strcmp(x.state, "ordered") != 0 && strcmp(x.state, "quarantined") != 0 &&
                  strcmp(x.state, "suspended") != 0)) {
        return err_set(e, ERR_STATE, _("cut order %" PRId64 " is %s and cannot be withdrawn"),
                       x.id, code_said(begun ? "begun" : x.state));
    }
    TRY(draft_begin(c, d, "cut.withdrawn", e));
    TRY(cut_data(c, d->data, x.id, x.account, x.meter, e));
    (void)snprintf(c->message, sizeof c->message, _("cut order %" PRId64 " is withdrawn"),
                   x.id);
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

#define PARAM_CUT                                                                              \
    {                                                                                          \
        "cut", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("number of the cut order"),    \
            NULL, NULL                                                                         \
    }

static const struct param order_params[] = {{"serial", PARAM_TEXT,
                                             PARAM_REQUIRED | PARAM_POSITIONAL,
                                             N_("serial number of the meter"), NULL, NULL},
                                            PARAM_END};
static const struct param release_params[] = {PARAM_CUT, PARAM_END};
static const struct param withdraw_params[] = {PARAM_CUT, PARAM_REASON, PARAM_END};

const struct command cmd_cut_order = {"cut order",
                                      N_("ask that the supply of a debtor is cut"),
                                      CMD_TWO_PERSON | CMD_CONFIRM,
                                      order_params,
                                      build_order,
                                      NULL};
const struct command cmd_cut_release = {"cut release",
                                        N_("ask that a cut order leaves quarantine"),
                                        CMD_TWO_PERSON | CMD_CONFIRM,
                                        release_params,
                                        build_release,
                                        NULL};
const struct command cmd_cut_withdraw = {"cut withdraw",
                                         N_("withdraw a cut order that is not carried out"),
                                         0,
                                         withdraw_params,
                                         build_withdraw,
                                         NULL};
