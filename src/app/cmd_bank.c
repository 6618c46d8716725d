/* Money of bank files that waits for an account: given to accounts, rejected, or the whole file
 * taken back. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/bank_import.h"
#include "app/cmd.h"
#include "app/receivable.h"
#include "app/words.h"
#include "base/i18n.h"

#define SHARES_MAX 50

struct waiting {
    int64_t id, rest;
    char key[65], value_date[DATE_TEXT], channel[16];
};

static enum err_code waiting_find(struct command_ctx *c, struct waiting *w, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *w = (struct waiting){.id = arg_get(c, "row")->integer};
    TRY(db_query(c->office->db, &q, e,
                 "SELECT b.rest, b.state, b.key, b.value_date, f.channel FROM bank_row b JOIN "
                 "bank_file f ON f.id = b.file WHERE b.id = ?",
                 VALS(V_INT(w->id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code =
            err_set(e, ERR_NOT_FOUND, _("there is no row %" PRId64 " of a bank file"), w->id);
    } else if (code == ERR_OK && strcmp(stmt_text(q, 1), "unmatched") != 0) {
        code = err_set(e, ERR_STATE,
                       _("row %" PRId64 " waits for nothing: it is %s; the rows that wait: "
                         "aforo list exceptions"),
                       w->id, code_said(stmt_text(q, 1)));
    } else if (code == ERR_OK) {
        w->rest = stmt_int(q, 0);
        (void)snprintf(w->key, sizeof w->key, "%s", stmt_text(q, 2));
        (void)snprintf(w->value_date, sizeof w->value_date, "%s", stmt_text(q, 3));
        (void)snprintf(w->channel, sizeof w->channel, "%s", stmt_text(q, 4));
    }
    stmt_done(q);
    return code;
}

/* A row that waits with nothing to give: its money is counted, or was taken back. */
static enum err_code nothing_left(struct command_ctx *c, const struct waiting *w, struct err *e)
{
    int64_t sum = 0;
    bool part = false;
    TRY(db_get_int(c->office->db, &sum, &part, e,
                   "SELECT s.id FROM bank_row p JOIN bank_row s ON s.value_date = p.value_date "
                   "AND substr(s.key, 1, 16) = p.batch AND s.batch IS NULL AND s.state <> "
                   "'undone' WHERE p.id = ? AND p.reason = 'in_sum' LIMIT 1",
                   VALS(V_INT(w->id))));
    return part ? err_set(e, ERR_STATE,
                          _("row %" PRId64 " is a part of row %" PRId64
                            ", which another file told as a sum: assign that one, and reject "
                            "this one with: aforo bank reject %" PRId64 " --reason TEXT"),
                          w->id, sum, w->id)
                : err_set(e, ERR_STATE,
                          _("row %" PRId64 " has no money to give: reverse the payment that it "
                            "takes back with: aforo payment reverse RECEIPT, then: aforo bank "
                            "reject %" PRId64 " --reason TEXT"),
                          w->id, w->id);
}

/* "A-17" or "A-17:100.00": an account and its share; without one, all that is left. */
static enum err_code share_take(struct command_ctx *c, const char *text, size_t len,
                                int64_t left, struct account_row *a, int64_t *amount,
                                struct err *e)
{
    char number[41];
    struct money m = {left};
    const char *colon = memchr(text, ':', len);
    size_t n = colon != NULL ? (size_t)(colon - text) : len;
    if (n == 0 || n >= sizeof number) {
        return err_set(e, ERR_USAGE,
                       _("say to which account, or ACCOUNT:AMOUNT,ACCOUNT:AMOUNT"));
    }
    memcpy(number, text, n);
    number[n] = '\0';
    TRY(account_open_named(c, number, a, e));
    if (colon != NULL) {
        TRY(money_parse(colon + 1, len - n - 1, c->office->currency, &m, e));
    }
    *amount = m.minor;
    char words[MONEY_WORDS_MAX];
    money_words(c->office, left, words);
    return m.minor > 0 && m.minor <= left
               ? ERR_OK
               : err_set(e, ERR_STATE, _("only %s of row %" PRId64 " is left to assign"), words,
                         arg_get(c, "row")->integer);
}

/* Shares of one row, each a payment of its own. */
static enum err_code shares_data(struct command_ctx *c, struct waiting *w, struct json *list,
                                 struct err *e)
{
    struct payment p = {.channel = w->channel, .value_date = w->value_date, .bank_row = w->id};
    int64_t taken[SHARES_MAX];
    size_t count = 0;
    TRY(next_id(c, "SELECT max(id) FROM payment", &p.id, e));
    TRY(next_id(c, "SELECT max(id) FROM posting", &p.posting, e));
    TRY(receipt_next(c, &p.receipt, e));
    for (const char *at = arg_text(c, "to"); at != NULL;) {
        const char *end = strchr(at, ',');
        struct account_row a;
        struct json *o = json_new_object(c->arena);
        if (o == NULL || count == SHARES_MAX) {
            return o == NULL
                       ? err_nomem(e)
                       : err_set(e, ERR_LIMIT, _("at most %d accounts at once"), SHARES_MAX);
        }
        TRY(share_take(c, at, end == NULL ? strlen(at) : (size_t)(end - at), w->rest, &a,
                       &p.amount, e));
        for (size_t i = 0; i < count; i++) {
            if (taken[i] == a.id) {
                return err_set(e, ERR_USAGE, _("account %s is named twice"), a.number);
            }
        }
        taken[count++] = a.id;
        p.account = a.id;
        p.txn = arena_printf(c->arena, "%s:%" PRId64, w->key, p.id);
        if (p.txn == NULL) {
            return err_nomem(e);
        }
        TRY(bank_payment_data(c, o, &p, true, e));
        TRY(json_push(c->arena, list, o) ? ERR_OK : err_nomem(e));
        w->rest -= p.amount;
        p.id++;
        p.posting++;
        p.receipt++;
        at = end == NULL ? NULL : end + 1;
    }
    return ERR_OK;
}

static enum err_code build_assign(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct waiting w;
    char words[MONEY_WORDS_MAX];
    struct json *list = json_new_array(c->arena);
    TRY(waiting_find(c, &w, e));
    if (list == NULL) {
        return err_nomem(e);
    }
    TRY(w.rest == 0 ? nothing_left(c, &w, e) : ERR_OK);
    TRY(draft_begin(c, d, "bank.assigned", e));
    TRY(shares_data(c, &w, list, e));
    TRY(data_int(c, d->data, "row", w.id, e));
    TRY(data_int(c, d->data, "rest", w.rest, e));
    TRY(data_set(c, d->data, "payments", list, e));
    money_words(c->office, w.rest, words);
    (void)snprintf(c->message, sizeof c->message,
                   _("row %" PRId64 " assigned; %s of it still waits"), w.id, words);
    return ERR_OK;
}

static enum err_code build_reject(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct waiting w;
    TRY(waiting_find(c, &w, e));
    TRY(draft_begin(c, d, "bank.rejected", e));
    TRY(data_int(c, d->data, "row", w.id, e));
    (void)snprintf(c->message, sizeof c->message, _("row %" PRId64 " rejected"), w.id);
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

/* Parts of its sums wait with nothing to give, because the sums are counted. */
static enum err_code parts_elsewhere(struct command_ctx *c, int64_t file, struct err *e)
{
    int64_t other = 0;
    bool any = false;
    TRY(db_get_int(c->office->db, &other, &any, e,
                   "SELECT p.file FROM bank_row s JOIN bank_row p ON p.value_date = "
                   "s.value_date AND p.batch = substr(s.key, 1, 16) AND p.reason = 'in_sum' "
                   "AND p.state <> 'undone' AND p.file <> s.file WHERE s.file = ? AND s.batch "
                   "IS NULL LIMIT 1",
                   VALS(V_INT(file))));
    return any ? err_set(e, ERR_STATE,
                         _("bank file %" PRId64
                           " tells in parts what this one sums up; discard "
                           "it first with: aforo bank discard %" PRId64
                           " --reason TEXT, and import it again afterwards"),
                         other, other)
               : ERR_OK;
}

static enum err_code build_discard(struct command_ctx *c, struct draft *d, struct err *e)
{
    int64_t file = arg_get(c, "file")->integer;
    int64_t receipt = 0;
    bool there = false;
    bool refunded = false;
    TRY(db_get_int(c->office->db, &receipt, &there, e,
                   "SELECT 1 FROM bank_file WHERE id = ? AND state <> 'discarded'",
                   VALS(V_INT(file))));
    if (!there) {
        return err_set(e, ERR_NOT_FOUND, _("there is no bank file %" PRId64 " to discard"),
                       file);
    }
    TRY(db_get_int(c->office->db, &receipt, &refunded, e,
                   "SELECT min(p.receipt) FROM payment p JOIN bank_row b ON b.id = p.bank_row "
                   "JOIN allocation x ON x.credit = p.posting JOIN posting r ON r.id = x.debit "
                   "WHERE b.file = ? AND r.kind = 'refund'",
                   VALS(V_INT(file))));
    if (refunded) {
        return err_set(e, ERR_STATE,
                       _("money of receipt %" PRId64
                         " was refunded; the file cannot be discarded any more, reverse its "
                         "payments one by one"),
                       receipt);
    }
    TRY(parts_elsewhere(c, file, e));
    TRY(draft_begin(c, d, "bank.discarded", e));
    TRY(data_int(c, d->data, "file", file, e));
    (void)snprintf(c->message, sizeof c->message,
                   _("bank file %" PRId64 " discarded: its payments are reversed"), file);
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

#define PARAM_ROW                                                                              \
    {                                                                                          \
        "row", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL,                                   \
            N_("number of the row: aforo list exceptions"), NULL, NULL                         \
    }

static const struct param assign_params[] = {
    PARAM_ROW,
    {"to", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("an account, or shares: ACCOUNT:AMOUNT,ACCOUNT:AMOUNT"), NULL, NULL},
    PARAM_END};
const struct command cmd_bank_assign = {"bank assign",
                                        N_("give money that waits to accounts, split or whole"),
                                        0,
                                        assign_params,
                                        build_assign,
                                        NULL};

static const struct param reject_params[] = {PARAM_ROW, PARAM_REASON, PARAM_END};
const struct command cmd_bank_reject = {
    "bank reject", N_("say that money that waits is for no account of ours"),
    CMD_CONFIRM,   reject_params,
    build_reject,  NULL};

static const struct param discard_params[] = {
    {"file", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("number of the file: aforo list bank-files"), NULL, NULL},
    PARAM_REASON,
    PARAM_END};
const struct command cmd_bank_discard = {
    "bank discard", N_("take a whole bank file back; its payments are reversed"),
    CMD_CONFIRM,    discard_params,
    build_discard,  NULL};
