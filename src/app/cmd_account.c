/* Commands on what an account owes, besides bills, notes and payments. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/receivable.h"
#include "base/i18n.h"

/* What an account brought from another system: owed, or credit when negative. */
static enum err_code build_opening(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct account_row a;
    struct money m = {0};
    int64_t before = 0;
    char words[MONEY_WORDS_MAX];
    const char *text = arg_text(c, "amount");
    TRY(account_open_named(c, arg_text(c, "account"), &a, e));
    TRY(money_parse(text, strlen(text), c->office->currency, &m, e));
    if (m.minor == 0) {
        return err_set(e, ERR_USAGE, _("an opening balance of zero needs no entry"));
    }
    /* An opening that came in a file and was taken back with it is no obstacle. */
    TRY(db_get_int(c->office->db, &before, NULL, e,
                   "SELECT coalesce(sum(kind <> 'opening'), 0) + (coalesce(sum(amount), 0) <> "
                   "0) FROM posting WHERE account = ?",
                   VALS(V_INT(a.id))));
    if (before > 0) {
        return err_set(e, ERR_STATE,
                       _("account %s has postings already; correct it with a debit or credit "
                         "note"),
                       a.number);
    }
    TRY(draft_begin(c, d, "balance.opened", e));
    TRY(posting_data(c, d->data, a.id, m.minor, e));
    TRY(data_text(c, d->data, "due", arg_date_or_today(c, "due"), e));
    money_words(c->office, m.minor, words);
    (void)snprintf(c->message, sizeof c->message, _("account %s opens with a balance of %s"),
                   a.number, words);
    return ERR_OK;
}

static enum err_code build_write_off(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct account_row a;
    int64_t amount = 0;
    int64_t left = 0;
    char words[MONEY_WORDS_MAX];
    TRY(account_by_number(c->office, arg_text(c, "account"), &a, NULL, e));
    TRY(amount_arg(c, "amount", &amount, e));
    TRY(draft_begin(c, d, "debt.written_off", e));
    TRY(posting_data(c, d->data, a.id, amount, e));
    TRY(credit_lay(c, d->data, a.id, amount, arg_text(c, "bills"), &left, e));
    money_words(c->office, amount - left, words);
    if (left > 0) {
        return err_set(e, ERR_STATE, _("account %s owes only %s"), a.number, words);
    }
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    (void)snprintf(c->message, sizeof c->message, _("%s of account %s written off"), words,
                   a.number);
    return ERR_OK;
}

static enum err_code build_refund(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct account_row a;
    int64_t amount = 0;
    int64_t left = 0;
    char words[MONEY_WORDS_MAX];
    const char *method = arg_text(c, "method");
    TRY(account_by_number(c->office, arg_text(c, "account"), &a, NULL, e));
    TRY(amount_arg(c, "amount", &amount, e));
    TRY(draft_begin(c, d, "refund.paid", e));
    TRY(posting_data(c, d->data, a.id, amount, e));
    TRY(debit_lay(c, d->data, a.id, amount, &left, e));
    money_words(c->office, amount - left, words);
    if (left > 0) {
        return err_set(e, ERR_STATE, _("account %s has a credit of %s, not more"), a.number,
                       words);
    }
    TRY(data_text(c, d->data, "method", method, e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    if (strcmp(method, "cash") == 0) {
        TRY(cash_out_data(c, d->data, amount, e));
    }
    (void)snprintf(c->message, sizeof c->message, _("%s refunded to account %s"), words,
                   a.number);
    return ERR_OK;
}

#define PARAM_ACCOUNT                                                                          \
    {                                                                                          \
        "account", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the account's number"),  \
            NULL, NULL                                                                         \
    }

static const struct param opening_params[] = {
    PARAM_ACCOUNT,
    {"amount", PARAM_DECIMAL, PARAM_REQUIRED, N_("what it owes; negative: its credit"), NULL,
     NULL},
    {"due", PARAM_DATE, 0, N_("since when it is due; else today"), NULL, NULL},
    PARAM_END};
const struct command cmd_account_opening = {
    "account opening",
    N_("record what an account brought from another system"),
    0,
    opening_params,
    build_opening,
    NULL};

static const struct param write_off_params[] = {
    PARAM_ACCOUNT,
    {"amount", PARAM_DECIMAL, PARAM_REQUIRED, N_("how much"), NULL, NULL},
    {"bills", PARAM_TEXT, 0, N_("bills it is for, as 17,18; else the oldest"), NULL, NULL},
    PARAM_REASON,
    PARAM_END};
const struct command cmd_account_write_off = {
    "account write-off", N_("give up a debt that cannot be collected"),
    CMD_CONFIRM,         write_off_params,
    build_write_off,     NULL};

static const struct param refund_params[] = {
    PARAM_ACCOUNT,
    {"amount", PARAM_DECIMAL, PARAM_REQUIRED, N_("how much of its credit"), NULL, NULL},
    {"method", PARAM_CHOICE, 0, N_("how it is paid back"), "cash|transfer|cheque", "transfer"},
    PARAM_REASON,
    PARAM_END};
const struct command cmd_account_refund = {
    "account refund", N_("pay an account's credit back to the customer"),
    CMD_CONFIRM,      refund_params,
    build_refund,     NULL};
