/* Payments at the counter and their reversal. A payment is one entry: what it is, what it
 * settles, its receipt's number. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/payment.h"
#include "app/receivable.h"
#include "app/words.h"
#include "base/i18n.h"

#define TXN_MAX 120

enum err_code payment_is_new(struct command_ctx *c, const char *channel, const char *txn,
                             struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT p.receipt, a.number, p.date FROM payment p JOIN account a ON a.id = "
                 "p.account WHERE p.channel = ? AND p.txn = ? AND p.state <> 'undone'",
                 VALS(V_TEXT(channel), V_TEXT(txn))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        code =
            err_set(e, ERR_EXISTS,
                    _("payment %s of %s is recorded already: receipt %" PRId64
                      " of account %s on %s; it is not counted twice"),
                    txn, code_said(channel), stmt_int(q, 0), stmt_text(q, 1), stmt_text(q, 2));
    }
    stmt_done(q);
    return code;
}

enum err_code receipt_next(struct command_ctx *c, int64_t *number, struct err *e)
{
    return next_id(c, "SELECT max(number) FROM document WHERE type = 'receipt'", number, e);
}

enum err_code payment_data(struct command_ctx *c, struct json *data, const struct payment *p,
                           int64_t *left, struct err *e)
{
    TRY(data_int(c, data, "payment", p->id, e));
    TRY(data_int(c, data, "receipt", p->receipt, e));
    TRY(data_int(c, data, "account", p->account, e));
    TRY(data_int(c, data, "posting", p->posting, e));
    TRY(data_int(c, data, "amount", p->amount, e));
    TRY(data_text(c, data, "channel", p->channel, e));
    TRY(data_text(c, data, "txn", p->txn, e));
    TRY(data_text(c, data, "method", p->method, e));
    TRY(data_text(c, data, "value_date", p->value_date, e));
    TRY(data_text(c, data, "tender_currency", p->tender_currency, e));
    TRY(data_int(c, data, "tendered", p->tendered, e));
    TRY(data_text(c, data, "rate", p->rate, e));
    TRY(data_int(c, data, "change", p->change, e));
    if (p->shift > 0) {
        TRY(data_int(c, data, "shift", p->shift, e));
    }
    if (p->bank_row > 0) {
        TRY(data_int(c, data, "bank_row", p->bank_row, e));
    }
    return credit_lay(c, data, p->account, p->amount, p->bills, left, e);
}

/* What the customer laid down, in the account's currency: tendered x rate, half up. */
static enum err_code tender_take(struct command_ctx *c, struct payment *p, struct err *e)
{
    const char *code = arg_text(c, "currency");
    const char *tendered = arg_text(c, "tendered");
    const char *rate_text = arg_text(c, "rate");
    const struct currency *cur = code != NULL ? currency_find(code) : c->office->currency;
    struct decimal rate = {1, 0};
    struct money m = {p->amount};
    int64_t value = 0;
    if (cur == NULL) {
        return err_set(e, ERR_USAGE, _("--currency: there is no currency \"%s\""), code);
    }
    if (cur != c->office->currency && (tendered == NULL || rate_text == NULL)) {
        return err_set(e, ERR_USAGE,
                       _("a tender in %s needs --tendered and --rate (%s for one "
                         "%s)"),
                       cur->code, c->office->currency->code, cur->code);
    }
    if (cur == c->office->currency && rate_text != NULL) {
        return err_set(e, ERR_USAGE, _("--rate goes with a tender in another currency"));
    }
    if (tendered != NULL) {
        TRY(money_parse(tendered, strlen(tendered), cur, &m, e));
    }
    if (rate_text != NULL) {
        TRY(decimal_parse(rate_text, strlen(rate_text), &rate, e));
        if (rate.mantissa <= 0) {
            return err_set(e, ERR_USAGE, _("--rate must be above zero"));
        }
    }
    p->tender_currency = cur->code;
    p->tendered = m.minor;
    p->rate = rate_text != NULL ? rate_text : "1";
    TRY(tender_value(m.minor, cur, rate, c->office->currency, &value, e));
    if (value < p->amount) {
        char words[MONEY_WORDS_MAX];
        money_words(c->office, value, words);
        return err_set(e, ERR_USAGE, _("--tendered: %s is less than the amount that is paid"),
                       words);
    }
    p->change = value - p->amount;
    return ERR_OK;
}

enum err_code tender_value(int64_t tendered, const struct currency *from, struct decimal rate,
                           const struct currency *to, int64_t *minor, struct err *e)
{
    /* minor of `from` x rate x 10^(to - from digits), exact, rounded once, half up. */
    int128 n = (int128)tendered * rate.mantissa;
    unsigned down = rate.scale;
    if (to->digits >= from->digits) {
        n *= pow10_i64((unsigned)(to->digits - from->digits));
    } else {
        down += (unsigned)(from->digits - to->digits);
    }
    if (down > 18) {
        return err_set(e, ERR_RANGE, _("a rate has at most %d decimals"), 16);
    }
    int128 value = div_round128(n, pow10_i64(down), ROUND_HALF_UP);
    if (value > INT64_MAX / 4 || value < 0) {
        return err_set(e, ERR_RANGE, _("the amount is too large"));
    }
    *minor = (int64_t)value;
    return ERR_OK;
}

/* Cash goes into the drawer; any other means names its slip, which makes the payment this one
 * and no other. */
static enum err_code means_take(struct command_ctx *c, struct payment *p, struct err *e)
{
    const char *slip = arg_text(c, "slip");
    const char *key = arg_text(c, "key");
    bool cash = strcmp(p->method, "cash") == 0;
    if (!cash && slip == NULL) {
        return err_set(e, ERR_USAGE, _("a payment by %s needs --slip, the number on its paper"),
                       code_said(p->method));
    }
    if (!cash && (arg_text(c, "tendered") != NULL || arg_text(c, "currency") != NULL)) {
        return err_set(e, ERR_USAGE, _("--tendered and --currency go with cash"));
    }
    if (cash) {
        TRY(shift_of_user(c, &p->shift, e));
    }
    p->txn = !cash         ? arena_printf(c->arena, "%s:%s", p->method, slip)
             : key != NULL ? arena_printf(c->arena, "key:%s", key)
                           : arena_printf(c->arena, "cash:%" PRId64, p->id);
    if (p->txn == NULL) {
        return err_nomem(e);
    }
    return strlen(p->txn) <= TXN_MAX
               ? payment_is_new(c, p->channel, p->txn, e)
               : err_set(e, ERR_USAGE, _("--slip and --key have at most %d characters"), 100);
}

static void payment_message(struct command_ctx *c, const struct payment *p, const char *number,
                            int64_t left)
{
    char amount[MONEY_WORDS_MAX];
    char more[MONEY_WORDS_MAX];
    size_t n = 0;
    money_words(c->office, p->amount, amount);
    n = (size_t)snprintf(c->message, sizeof c->message,
                         _("receipt %" PRId64 ": %s paid into account %s"), p->receipt, amount,
                         number);
    if (p->change > 0 && n < sizeof c->message) {
        money_words(c->office, p->change, more);
        n += (size_t)snprintf(c->message + n, sizeof c->message - n, _("; change %s"), more);
    }
    if (left > 0 && n < sizeof c->message) {
        money_words(c->office, left, more);
        (void)snprintf(c->message + n, sizeof c->message - n, _("; %s stays as credit"), more);
    }
}

static enum err_code build_payment_take(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct account_row a;
    int64_t left = 0;
    struct payment p = {.channel = "counter",
                        .method = arg_text(c, "method"),
                        .value_date = arg_date_or_today(c, "value-date"),
                        .bills = arg_text(c, "bills")};
    TRY(account_open_named(c, arg_text(c, "account"), &a, e));
    p.account = a.id;
    TRY(amount_arg(c, "amount", &p.amount, e));
    TRY(next_id(c, "SELECT max(id) FROM payment", &p.id, e));
    TRY(next_id(c, "SELECT max(id) FROM posting", &p.posting, e));
    TRY(receipt_next(c, &p.receipt, e));
    TRY(means_take(c, &p, e));
    TRY(tender_take(c, &p, e));
    TRY(draft_begin(c, d, "payment.recorded", e));
    TRY(payment_data(c, d->data, &p, &left, e));
    c->result_id = p.receipt;
    payment_message(c, &p, a.number, left);
    return ERR_OK;
}

/* A payment as its reversal needs it. */
struct reversal {
    int64_t id, account, posting, amount;
    char method[16], channel[16], state[16], number[41];
};

static enum err_code reversal_find(struct command_ctx *c, int64_t receipt, struct reversal *r,
                                   struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT p.id, p.account, p.posting, p.amount, p.method, p.channel, p.state, "
                 "a.number FROM payment p JOIN account a ON a.id = p.account WHERE "
                 "p.receipt = ?",
                 VALS(V_INT(receipt))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code =
            err_set(e, ERR_NOT_FOUND, _("there is no payment with receipt %" PRId64), receipt);
    } else if (code == ERR_OK) {
        *r = (struct reversal){
            stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2), stmt_int(q, 3), "", "", "", ""};
        (void)snprintf(r->method, sizeof r->method, "%s", stmt_text(q, 4));
        (void)snprintf(r->channel, sizeof r->channel, "%s", stmt_text(q, 5));
        (void)snprintf(r->state, sizeof r->state, "%s", stmt_text(q, 6));
        (void)snprintf(r->number, sizeof r->number, "%s", stmt_text(q, 7));
    }
    stmt_done(q);
    if (code == ERR_OK && strcmp(r->state, "posted") != 0) {
        code = err_set(e, ERR_STATE, _("the payment of receipt %" PRId64 " is %s already"),
                       receipt, code_said(r->state));
    }
    return code;
}

/* Money that was refunded meanwhile cannot go back a second time: the payment's posting must be
 * able to stand against its reversal once what it settled is owed again. */
static enum err_code reversal_fits(struct command_ctx *c, const struct reversal *r,
                                   int64_t receipt, struct err *e)
{
    int64_t refunded = 0;
    TRY(db_get_int(c->office->db, &refunded, NULL, e,
                   "SELECT coalesce(sum(x.amount), 0) FROM allocation x JOIN posting d ON d.id "
                   "= x.debit WHERE x.credit = ? AND d.kind = 'refund'",
                   VALS(V_INT(r->posting))));
    return refunded == 0 ? ERR_OK
                         : err_set(e, ERR_STATE,
                                   _("money of receipt %" PRId64
                                     " was refunded; it cannot be reversed as well"),
                                   receipt);
}

static enum err_code build_payment_reverse(struct command_ctx *c, struct draft *d,
                                           struct err *e)
{
    int64_t receipt = arg_get(c, "receipt")->integer;
    struct reversal r = {0};
    char words[MONEY_WORDS_MAX];
    TRY(reversal_find(c, receipt, &r, e));
    TRY(reversal_fits(c, &r, receipt, e));
    TRY(draft_begin(c, d, "payment.reversed", e));
    TRY(data_int(c, d->data, "payment", r.id, e));
    TRY(data_int(c, d->data, "of", r.posting, e));
    TRY(posting_data(c, d->data, r.account, r.amount, e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    if (strcmp(r.method, "cash") == 0 && strcmp(r.channel, "counter") == 0) {
        TRY(cash_out_data(c, d->data, r.amount, e));
    }
    c->result_id = receipt;
    money_words(c->office, r.amount, words);
    (void)snprintf(c->message, sizeof c->message,
                   _("receipt %" PRId64 " reversed: account %s owes %s again"), receipt,
                   r.number, words);
    return ERR_OK;
}

static const struct param take_params[] = {
    {"account", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the account's number"), NULL,
     NULL},
    {"amount", PARAM_DECIMAL, PARAM_REQUIRED | PARAM_POSITIONAL, N_("what is paid"), NULL,
     NULL},
    {"method", PARAM_CHOICE, 0, N_("how it is paid"), "cash|card|cheque|transfer", "cash"},
    {"tendered", PARAM_DECIMAL, 0, N_("cash that was laid down; the change is told"), NULL,
     NULL},
    {"currency", PARAM_TEXT, 0, N_("currency of the cash, when it is another"), NULL, NULL},
    {"rate", PARAM_DECIMAL, 0, N_("office's currency for one of the other"), NULL, NULL},
    {"slip", PARAM_TEXT, 0, N_("number on the card's slip, cheque or transfer"), NULL, NULL},
    {"key", PARAM_TEXT, 0, N_("the same key never pays twice"), NULL, NULL},
    {"bills", PARAM_TEXT, 0, N_("bills it is for, as 17,18; else the oldest"), NULL, NULL},
    {"value-date", PARAM_DATE, 0, N_("when the money was there; else today"), NULL, NULL},
    PARAM_END};
const struct command cmd_payment_take = {"payment take",
                                         N_("take a payment at the counter"),
                                         0,
                                         take_params,
                                         build_payment_take,
                                         NULL};

static const struct param reverse_params[] = {{"receipt", PARAM_INT,
                                               PARAM_REQUIRED | PARAM_POSITIONAL,
                                               N_("number of the receipt"), NULL, NULL},
                                              PARAM_REASON,
                                              PARAM_END};
const struct command cmd_payment_reverse = {
    "payment reverse",     N_("take a payment back; what it settled is owed again"),
    CMD_CONFIRM,           reverse_params,
    build_payment_reverse, NULL};
