/* Credit and debit notes, and the cancelling of a bill. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/note.h"
#include "app/receivable.h"
#include "app/words.h"
#include "base/i18n.h"

enum err_code noted_bill_find(struct command_ctx *c, int64_t bill, struct noted_bill *out,
                              struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT b.account, b.total, p.id, p.open, a.number, b.cancelled IS NOT NULL, "
        "r.state, (SELECT coalesce(sum(amount), 0) FROM document WHERE bill = b.id AND "
        "type = 'credit_note'), (SELECT coalesce(sum(amount), 0) FROM document WHERE "
        "bill = b.id AND type = 'debit_note' AND cause <> 'late_fee') FROM bill b JOIN "
        "account a ON a.id = b.account JOIN billing_run r ON r.id = b.run LEFT JOIN "
        "posting p ON p.kind = 'bill' AND p.ref = b.id WHERE b.id = ?",
        VALS(V_INT(bill))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no bill %" PRId64), bill);
    } else if (code == ERR_OK && stmt_int(q, 5) != 0) {
        code = err_set(e, ERR_STATE, _("bill %" PRId64 " is cancelled already"), bill);
    } else if (code == ERR_OK && strcmp(stmt_text(q, 6), "closed") != 0) {
        code =
            err_set(e, ERR_STATE, _("bill %" PRId64 " is not in force: its billing run is %s"),
                    bill, code_said(stmt_text(q, 6)));
    } else if (code == ERR_OK) {
        *out = (struct noted_bill){.id = bill,
                                   .account = stmt_int(q, 0),
                                   .total = stmt_int(q, 1),
                                   .posting = stmt_int(q, 2),
                                   .open = stmt_int(q, 3),
                                   .credited = stmt_int(q, 7),
                                   .debited = stmt_int(q, 8)};
        (void)snprintf(out->number, sizeof out->number, "%s", stmt_text(q, 4));
    }
    stmt_done(q);
    return code;
}

/* "credit note 3 of 2026-11-02 (meter misread)" */
static enum err_code note_named(struct stmt *q, const char *fmt, int64_t id, struct err *e)
{
    char what[512];
    (void)snprintf(what, sizeof what,
                   strcmp(stmt_text(q, 0), NOTE_CREDIT) == 0
                       ? _("credit note %" PRId64 " of %s (%s)")
                       : _("debit note %" PRId64 " of %s (%s)"),
                   stmt_int(q, 1), stmt_text(q, 2), stmt_text(q, 3));
    return err_set(e, ERR_EXISTS, "%s %" PRId64 ": %s", fmt, id, what);
}

enum err_code note_is_first(struct command_ctx *c, int64_t bill, int64_t reading,
                            const char *cause, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT type, number, date, reason FROM document WHERE bill = ?1 AND cause = "
                 "?3 AND (?2 = 0 OR reading = ?2) ORDER BY date, number LIMIT 1",
                 VALS(V_INT(bill), V_INT(reading), V_TEXT(cause))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        code = note_named(q, _("a note stands already for bill"), bill, e);
    }
    stmt_done(q);
    return code;
}

enum err_code reading_not_credited(struct office *o, int64_t reading, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        o->db, &q, e,
        "SELECT type, number, date, reason FROM document WHERE reading = ?1 OR reading "
        "IN (SELECT reading FROM decision WHERE corrected = ?1) LIMIT 1",
        VALS(V_INT(reading))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        code = note_named(q, _("a note stands already for reading"), reading, e);
    }
    stmt_done(q);
    return code;
}

static enum err_code note_lay(struct command_ctx *c, struct json *o, const struct note *n,
                              struct err *e)
{
    int64_t left = 0;
    int64_t open = 0;
    char bill[32];
    bool credit = strcmp(n->type, NOTE_CREDIT) == 0;
    TRY(db_get_int(c->office->db, &open, NULL, e,
                   "SELECT open FROM posting WHERE kind = 'bill' AND ref = ?",
                   VALS(V_INT(n->bill))));
    (void)snprintf(bill, sizeof bill, "%" PRId64, n->bill);
    if (n->laying == LAY_NONE || (n->laying == LAY_BILL && (!credit || open <= 0))) {
        return data_set(c, o, "allocations", json_new_array(c->arena), e);
    }
    if (!credit) {
        return debit_lay(c, o, n->account, n->amount, &left, e);
    }
    int64_t amount = n->laying == LAY_BILL && open < n->amount ? open : n->amount;
    return credit_lay(c, o, n->account, amount, open > 0 ? bill : NULL, &left, e);
}

enum err_code note_data(struct command_ctx *c, struct json *o, struct note *n, struct err *e)
{
    if (n->number == 0) {
        TRY(db_get_int(c->office->db, &n->number, NULL, e,
                       "SELECT coalesce(max(number), 0) + 1 FROM document WHERE type = ?",
                       VALS(V_TEXT(n->type))));
    }
    if (n->posting == 0) {
        TRY(next_id(c, "SELECT max(id) FROM posting", &n->posting, e));
    }
    TRY(data_text(c, o, "type", n->type, e));
    TRY(data_int(c, o, "number", n->number, e));
    TRY(data_int(c, o, "account", n->account, e));
    TRY(data_int(c, o, "posting", n->posting, e));
    TRY(data_int(c, o, "amount", n->amount, e));
    TRY(data_text(c, o, "cause", n->cause, e));
    TRY(data_text(c, o, "reason", n->reason, e));
    if (n->due != NULL) {
        TRY(data_text(c, o, "due", n->due, e));
    }
    if (n->bill > 0) {
        TRY(data_int(c, o, "bill", n->bill, e));
    }
    if (n->reading > 0) {
        TRY(data_int(c, o, "reading", n->reading, e));
    }
    return note_lay(c, o, n, e);
}

/* A credit note never gives back more than the bill came to. */
static enum err_code credit_fits(struct command_ctx *c, const struct noted_bill *b,
                                 int64_t amount, struct err *e)
{
    char words[MONEY_WORDS_MAX];
    int64_t rest = b->total + b->debited - b->credited;
    money_words(c->office, rest, words);
    return amount <= rest
               ? ERR_OK
               : err_set(e, ERR_STATE, _("of bill %" PRId64 " only %s can be credited"), b->id,
                         words);
}

static enum err_code build_note(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct note n = {.cause = "manual", .reason = arg_text(c, "reason")};
    struct noted_bill b = {0};
    struct account_row a = {0};
    char words[MONEY_WORDS_MAX];
    bool credit = strcmp(arg_text(c, "type"), "credit") == 0;
    const struct arg *bill = arg_get(c, "bill");
    const char *account = arg_text(c, "account");
    if (bill->given == (account != NULL)) {
        return err_set(e, ERR_USAGE, _("say --bill, or --account for a note without a bill"));
    }
    TRY(amount_arg(c, "amount", &n.amount, e));
    if (bill->given) {
        TRY(noted_bill_find(c, bill->integer, &b, e));
        TRY(note_is_first(c, b.id, 0, "manual", e));
        TRY(credit ? credit_fits(c, &b, n.amount, e) : ERR_OK);
        n.bill = b.id;
        n.account = b.account;
    } else {
        TRY(account_open_named(c, account, &a, e));
        n.account = a.id;
    }
    n.type = credit ? NOTE_CREDIT : NOTE_DEBIT;
    n.due = credit ? NULL : arg_date_or_today(c, "due");
    TRY(draft_begin(c, d, "note.issued", e));
    TRY(note_data(c, d->data, &n, e));
    c->result_id = n.number;
    money_words(c->office, n.amount, words);
    (void)snprintf(c->message, sizeof c->message,
                   credit ? _("credit note %" PRId64 " of %s issued")
                          : _("debit note %" PRId64 " of %s issued"),
                   n.number, words);
    return ERR_OK;
}

/* The whole bill is credited; what had paid it stays as credit on the account. */
static enum err_code build_bill_cancel(struct command_ctx *c, struct draft *d, struct err *e)
{
    int64_t bill = arg_get(c, "bill")->integer;
    struct noted_bill b;
    struct json *list = json_new_array(c->arena);
    struct json *one = json_new_object(c->arena);
    TRY(noted_bill_find(c, bill, &b, e));
    if (b.credited != 0 || b.debited != 0) {
        return err_set(e, ERR_EXISTS,
                       _("bill %" PRId64 " has notes already; correct what is left of it by "
                         "another note instead of cancelling it"),
                       bill);
    }
    if (b.total < 0 || list == NULL || one == NULL) {
        return b.total < 0 ? err_set(e, ERR_STATE,
                                     _("bill %" PRId64 " is a credit; correct it with a debit "
                                       "note"),
                                     bill)
                           : err_nomem(e);
    }
    struct note n = {.type = NOTE_CREDIT,
                     .cause = "cancel",
                     .reason = arg_text(c, "reason"),
                     .account = b.account,
                     .amount = b.total,
                     .bill = bill,
                     .laying = LAY_NONE};
    TRY(draft_begin(c, d, "bill.cancelled", e));
    TRY(note_data(c, d->data, &n, e));
    TRY(data_int(c, d->data, "of", b.posting, e));
    if (b.total > 0) { /* once its own settlements are taken back, all of it is open */
        TRY(data_int(c, one, "posting", b.posting, e));
        TRY(data_int(c, one, "amount", b.total, e));
        TRY(json_push(c->arena, list, one) ? ERR_OK : err_nomem(e));
    }
    TRY(data_set(c, d->data, "allocations", list, e));
    c->result_id = n.number;
    (void)snprintf(c->message, sizeof c->message,
                   _("bill %" PRId64 " cancelled by credit note %" PRId64
                     "; bill it again with: aforo bill rebill %" PRId64),
                   bill, n.number, bill);
    return ERR_OK;
}

static const struct param note_params[] = {
    {"type", PARAM_CHOICE, PARAM_REQUIRED | PARAM_POSITIONAL, N_("which kind of note"),
     "credit|debit", NULL},
    {"bill", PARAM_INT, 0, N_("the bill that it corrects"), NULL, NULL},
    {"account", PARAM_TEXT, 0, N_("or the account, when it corrects no bill"), NULL, NULL},
    {"amount", PARAM_DECIMAL, PARAM_REQUIRED, N_("how much"), NULL, NULL},
    {"due", PARAM_DATE, 0, N_("when a debit note is due; else today"), NULL, NULL},
    PARAM_REASON,
    PARAM_END};
const struct command cmd_note_issue = {"note issue", N_("issue a credit or debit note"),
                                       CMD_CONFIRM,  note_params,
                                       build_note,   NULL};

static const struct param cancel_params[] = {{"bill", PARAM_INT,
                                              PARAM_REQUIRED | PARAM_POSITIONAL,
                                              N_("number of the bill"), NULL, NULL},
                                             PARAM_REASON,
                                             PARAM_END};
const struct command cmd_bill_cancel = {
    "bill cancel",     N_("cancel a bill by a credit note over all of it"),
    CMD_CONFIRM,       cancel_params,
    build_bill_cancel, NULL};
