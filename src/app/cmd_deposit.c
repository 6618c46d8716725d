/* Deposits: money held for an account, no part of its balance until it is applied. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/payment.h"
#include "app/receivable.h"
#include "base/i18n.h"

static enum err_code build_deposit_take(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct account_row a;
    int64_t amount = 0;
    int64_t id = 0;
    int64_t receipt = 0;
    int64_t shift = 0;
    char words[MONEY_WORDS_MAX];
    const char *method = arg_text(c, "method");
    TRY(account_open_named(c, arg_text(c, "account"), &a, e));
    TRY(amount_arg(c, "amount", &amount, e));
    TRY(next_id(c, "SELECT max(id) FROM deposit", &id, e));
    TRY(receipt_next(c, &receipt, e));
    TRY(draft_begin(c, d, "deposit.taken", e));
    TRY(data_int(c, d->data, "deposit", id, e));
    TRY(data_int(c, d->data, "account", a.id, e));
    TRY(data_int(c, d->data, "receipt", receipt, e));
    TRY(data_int(c, d->data, "amount", amount, e));
    TRY(data_text(c, d->data, "method", method, e));
    if (strcmp(method, "cash") == 0) {
        TRY(shift_of_user(c, &shift, e));
        TRY(data_int(c, d->data, "shift", shift, e));
    }
    c->result_id = id;
    money_words(c->office, amount, words);
    (void)snprintf(c->message, sizeof c->message,
                   _("deposit %" PRId64 " of %s held for account %s, receipt %" PRId64), id,
                   words, a.number, receipt);
    return ERR_OK;
}

/* A deposit with what is still held of it. */
struct held {
    int64_t id, account, rest;
    char number[41];
};

static enum err_code held_find(struct command_ctx *c, struct held *h, int64_t *amount,
                               struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    char words[MONEY_WORDS_MAX];
    *h = (struct held){.id = arg_get(c, "deposit")->integer};
    TRY(db_query(c->office->db, &q, e,
                 "SELECT d.account, d.rest, a.number FROM deposit d JOIN account a ON a.id = "
                 "d.account WHERE d.id = ?",
                 VALS(V_INT(h->id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no deposit %" PRId64), h->id);
    } else if (code == ERR_OK) {
        h->account = stmt_int(q, 0);
        h->rest = stmt_int(q, 1);
        (void)snprintf(h->number, sizeof h->number, "%s", stmt_text(q, 2));
    }
    stmt_done(q);
    TRY(code);
    *amount = h->rest;
    if (arg_text(c, "amount") != NULL) {
        TRY(amount_arg(c, "amount", amount, e));
    }
    money_words(c->office, h->rest, words);
    return *amount > 0 && *amount <= h->rest
               ? ERR_OK
               : err_set(e, ERR_STATE, _("of deposit %" PRId64 " only %s is held"), h->id,
                         words);
}

/* It pays what the account owes, as a payment of its own. */
static enum err_code build_deposit_apply(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct held h;
    int64_t left = 0;
    char words[MONEY_WORDS_MAX];
    struct payment p = {.channel = "deposit",
                        .method = "deposit",
                        .value_date = c->date,
                        .tender_currency = c->office->currency->code,
                        .rate = "1"};
    TRY(held_find(c, &h, &p.amount, e));
    TRY(next_id(c, "SELECT max(id) FROM payment", &p.id, e));
    TRY(next_id(c, "SELECT max(id) FROM posting", &p.posting, e));
    TRY(receipt_next(c, &p.receipt, e));
    p.account = h.account;
    p.tendered = p.amount;
    p.txn = arena_printf(c->arena, "%" PRId64 ":%" PRId64, h.id, p.id);
    if (p.txn == NULL) {
        return err_nomem(e);
    }
    TRY(draft_begin(c, d, "payment.recorded", e));
    TRY(data_int(c, d->data, "deposit", h.id, e));
    TRY(payment_data(c, d->data, &p, &left, e));
    money_words(c->office, p.amount - left, words);
    if (left > 0) {
        return err_set(e, ERR_STATE, _("account %s owes only %s"), h.number, words);
    }
    c->result_id = p.receipt;
    (void)snprintf(c->message, sizeof c->message,
                   _("%s of deposit %" PRId64 " applied to account %s, receipt %" PRId64),
                   words, h.id, h.number, p.receipt);
    return ERR_OK;
}

static enum err_code build_deposit_return(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct held h;
    int64_t amount = 0;
    char words[MONEY_WORDS_MAX];
    const char *method = arg_text(c, "method");
    TRY(held_find(c, &h, &amount, e));
    TRY(draft_begin(c, d, "deposit.returned", e));
    TRY(data_int(c, d->data, "deposit", h.id, e));
    TRY(data_int(c, d->data, "account", h.account, e));
    TRY(data_int(c, d->data, "amount", amount, e));
    TRY(data_text(c, d->data, "method", method, e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    if (strcmp(method, "cash") == 0) {
        TRY(cash_out_data(c, d->data, amount, e));
    }
    money_words(c->office, amount, words);
    (void)snprintf(c->message, sizeof c->message,
                   _("%s of deposit %" PRId64 " returned to account %s"), words, h.id,
                   h.number);
    return ERR_OK;
}

#define PARAM_DEPOSIT                                                                          \
    {                                                                                          \
        "deposit", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("number of the deposit"),  \
            NULL, NULL                                                                         \
    }
#define PARAM_PART                                                                             \
    {                                                                                          \
        "amount", PARAM_DECIMAL, 0, N_("how much of it; else all that is held"), NULL, NULL    \
    }

static const struct param take_params[] = {
    {"account", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the account's number"), NULL,
     NULL},
    {"amount", PARAM_DECIMAL, PARAM_REQUIRED | PARAM_POSITIONAL, N_("how much"), NULL, NULL},
    {"method", PARAM_CHOICE, 0, N_("how it is paid"), "cash|card|cheque|transfer", "cash"},
    PARAM_END};
const struct command cmd_deposit_take = {
    "deposit take", N_("hold a customer's deposit"), 0, take_params, build_deposit_take, NULL};

static const struct param apply_params[] = {PARAM_DEPOSIT, PARAM_PART, PARAM_END};
const struct command cmd_deposit_apply = {
    "deposit apply",     N_("pay what an account owes from its deposit"),
    CMD_CONFIRM,         apply_params,
    build_deposit_apply, NULL};

static const struct param return_params[] = {
    PARAM_DEPOSIT,
    PARAM_PART,
    {"method", PARAM_CHOICE, 0, N_("how it is paid back"), "cash|transfer|cheque", "transfer"},
    PARAM_REASON,
    PARAM_END};
const struct command cmd_deposit_return = {
    "deposit return",     N_("give a deposit back to the customer"),
    CMD_CONFIRM,          return_params,
    build_deposit_return, NULL};
