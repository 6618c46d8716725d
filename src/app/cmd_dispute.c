/* Disputes on a bill or a reading. While one is open, its amount is frozen: no late fee, no
 * notice, no cut for it. Upheld, it ends in a credit note in the same entry. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/cut_hold.h"
#include "app/note.h"
#include "app/own.h"
#include "app/policy.h"
#include "app/receivable.h"
#include "app/words.h"
#include "base/i18n.h"

#define DEADLINE_DAYS 15 /* where the office set no other */
#define DEADLINE_DAYS_MAX 365

static const char *const policy_names[] = {"days", NULL};

void dispute_policy_check(const struct jnode *root)
{
    int64_t days = 0;
    jread_only(root, policy_names, NULL);
    (void)jread_int(root, "days", true, 1, DEADLINE_DAYS_MAX, &days);
}

static enum err_code deadline_take(struct command_ctx *c, char out[DATE_TEXT], struct err *e)
{
    const struct json *spec = NULL;
    struct date today;
    bool found = false;
    int64_t days = DEADLINE_DAYS;
    TRY(policy_load(c->office, "dispute", c->arena, &spec, &found, e));
    if (found && !json_get_int(spec, "days", &days)) {
        return err_set(e, ERR_TAMPERED, _("the policy %s cannot be read"), "dispute");
    }
    TRY(date_parse(c->date, 10, &today, e));
    date_text(date_from_days(date_to_days(today) + (int32_t)days), out);
    return ERR_OK;
}

struct dispute {
    int64_t id, account, bill, reading, amount;
    char number[41]; /* of the account */
};

/* The bill in force that a reading went into; 0: none yet. The account: whose meter it is. */
static enum err_code reading_take(struct command_ctx *c, struct dispute *x, struct err *e)
{
    bool found = false;
    TRY(db_get_int(c->office->db, &x->account, &found, e,
                   "SELECT g.account FROM reading x JOIN register r ON r.id = x.register JOIN "
                   "assignment g ON g.meter = r.meter WHERE x.id = ? AND g.start_date <= "
                   "date(x.local, 'unixepoch') ORDER BY g.start_date DESC LIMIT 1",
                   VALS(V_INT(x->reading))));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND, _("there is no reading %" PRId64 " of an account"),
                       x->reading);
    }
    return db_get_int(c->office->db, &x->bill, NULL, e,
                      "SELECT b.id FROM bill_meter m JOIN bill b ON b.id = m.bill JOIN "
                      "billing_run r ON r.id = b.run WHERE m.to_reading = ? AND b.cancelled IS "
                      "NULL AND r.state = 'closed' ORDER BY b.id DESC LIMIT 1",
                      VALS(V_INT(x->reading)));
}

static enum err_code is_first(struct command_ctx *c, const struct dispute *x, struct err *e)
{
    int64_t other = 0;
    bool found = false;
    TRY(db_get_int(
        c->office->db, &other, &found, e,
        "SELECT id FROM dispute WHERE state = 'open' AND (bill = ?1 OR reading = ?2)",
        VALS(V_INT(x->bill), V_INT(x->reading))));
    return !found
               ? ERR_OK
               : err_set(e, ERR_EXISTS, _("dispute %" PRId64 " on it is open already"), other);
}

/* What is in dispute: named, or all that the bill came to with its notes. */
static enum err_code amount_take(struct command_ctx *c, struct dispute *x, struct err *e)
{
    struct noted_bill b;
    char words[MONEY_WORDS_MAX];
    if (x->bill == 0) {
        return arg_text(c, "amount") == NULL
                   ? ERR_OK
                   : err_set(e, ERR_USAGE,
                             _("reading %" PRId64 " is in no bill yet: --amount has nothing to "
                               "freeze"),
                             x->reading);
    }
    TRY(noted_bill_find(c, x->bill, &b, e));
    x->account = b.account;
    x->amount = b.total + b.debited - b.credited;
    if (x->amount <= 0) {
        return err_set(e, ERR_STATE, _("bill %" PRId64 " asks for nothing"), x->bill);
    }
    int64_t whole = x->amount;
    if (arg_text(c, "amount") != NULL) {
        TRY(amount_arg(c, "amount", &x->amount, e));
    }
    money_words(c->office, whole, words);
    return x->amount <= whole
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("--amount: bill %" PRId64 " comes to %s"), x->bill,
                         words);
}

enum err_code build_dispute_open(struct command_ctx *c, struct draft *d, struct err *e)
{
    /* Customers dispute bills: their command takes no reading. */
    static const struct arg none = {.given = false};
    const struct arg *reading = c->command == &cmd_own_dispute ? &none : arg_get(c, "reading");
    struct dispute x = {.bill = arg_get(c, "bill")->integer, .reading = reading->integer};
    char deadline[DATE_TEXT];
    char until[DAY_WORDS_MAX];
    char words[MONEY_WORDS_MAX];
    if (arg_get(c, "bill")->given == reading->given) {
        return err_set(e, ERR_USAGE, _("say what is in dispute: --bill or --reading"));
    }
    if (reading->given) {
        TRY(reading_take(c, &x, e));
    }
    TRY(is_first(c, &x, e));
    TRY(amount_take(c, &x, e));
    TRY(deadline_take(c, deadline, e));
    TRY(next_id(c, "SELECT max(id) FROM dispute", &x.id, e));
    TRY(draft_begin(c, d, "dispute.opened", e));
    TRY(data_int(c, d->data, "dispute", x.id, e));
    TRY(data_int(c, d->data, "account", x.account, e));
    TRY(x.bill != 0 ? data_int(c, d->data, "bill", x.bill, e) : ERR_OK);
    TRY(x.reading != 0 ? data_int(c, d->data, "reading", x.reading, e) : ERR_OK);
    TRY(data_int(c, d->data, "amount", x.amount, e));
    TRY(data_text(c, d->data, "deadline", deadline, e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    c->result_id = x.id;
    money_words(c->office, x.amount, words);
    day_words(c->office, deadline, until);
    if (x.bill != 0) {
        (void)snprintf(c->message, sizeof c->message,
                       _("dispute %" PRId64 " opened: %s is frozen; to be resolved by %s"),
                       x.id, words, until);
    } else {
        (void)snprintf(c->message, sizeof c->message,
                       _("dispute %" PRId64
                         " opened: no bill holds the reading yet, nothing is "
                         "frozen; to be resolved by %s"),
                       x.id, until);
    }
    return cuts_hold_data(c, d->data, x.account, e);
}

static enum err_code open_find(struct command_ctx *c, struct dispute *x, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *x = (struct dispute){.id = arg_get(c, "dispute")->integer};
    TRY(db_query(c->office->db, &q, e,
                 "SELECT d.state, d.account, coalesce(d.bill, 0), coalesce(d.reading, 0), "
                 "d.amount, a.number FROM dispute d JOIN account a ON a.id = d.account WHERE "
                 "d.id = ?",
                 VALS(V_INT(x->id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND,
                       _("there is no dispute %" PRId64 "; see: aforo list disputes"), x->id);
    } else if (code == ERR_OK && strcmp(stmt_text(q, 0), "open") != 0) {
        code = err_set(e, ERR_STATE, _("dispute %" PRId64 " is %s already"), x->id,
                       code_said(stmt_text(q, 0)));
    } else if (code == ERR_OK) {
        x->account = stmt_int(q, 1);
        x->bill = stmt_int(q, 2);
        x->reading = stmt_int(q, 3);
        x->amount = stmt_int(q, 4);
        (void)snprintf(x->number, sizeof x->number, "%s", stmt_text(q, 5));
    }
    stmt_done(q);
    return code;
}

/* What the customer gets back: all of it, or --amount of it where the dispute was right in
 * part. Notes that were issued meanwhile count: a bill never gives back more than it asked. */
static enum err_code credit_take(struct command_ctx *c, const struct dispute *x, bool partly,
                                 int64_t *amount, struct err *e)
{
    struct noted_bill b;
    char words[MONEY_WORDS_MAX];
    *amount = x->amount;
    if (partly != (arg_text(c, "amount") != NULL)) {
        return err_set(e, ERR_USAGE,
                       _("--amount goes with the outcome partly, which needs it"));
    }
    if (partly) {
        TRY(amount_arg(c, "amount", amount, e));
        money_words(c->office, x->amount, words);
        if (*amount >= x->amount) {
            return err_set(e, ERR_USAGE, _("--amount: the whole dispute is about %s"), words);
        }
    }
    TRY(noted_bill_find(c, x->bill, &b, e));
    money_words(c->office, b.total + b.debited - b.credited, words);
    return *amount <= b.total + b.debited - b.credited
               ? ERR_OK
               : err_set(e, ERR_STATE, _("of bill %" PRId64 " only %s can be credited"),
                         x->bill, words);
}

static enum err_code note_add(struct command_ctx *c, struct draft *d, const struct dispute *x,
                              bool partly, struct err *e)
{
    struct note n = {.type = NOTE_CREDIT,
                     .cause = "dispute",
                     .reason = arg_text(c, "reason"),
                     .account = x->account,
                     .bill = x->bill,
                     .laying = LAY_ANY};
    char words[MONEY_WORDS_MAX];
    struct json *o = json_new_object(c->arena);
    if (o == NULL) {
        return err_nomem(e);
    }
    TRY(credit_take(c, x, partly, &n.amount, e));
    TRY(note_data(c, o, &n, e));
    TRY(data_set(c, d->data, "note", o, e));
    money_words(c->office, n.amount, words);
    (void)snprintf(c->message, sizeof c->message,
                   _("dispute %" PRId64 " upheld: credit note %" PRId64 " of %s"), x->id,
                   n.number, words);
    return ERR_OK;
}

static enum err_code build_resolve(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct dispute x;
    const char *outcome = arg_text(c, "outcome");
    bool partly = strcmp(outcome, "partly") == 0;
    bool right = partly || strcmp(outcome, "upheld") == 0;
    TRY(open_find(c, &x, e));
    TRY(draft_begin(c, d, "dispute.resolved", e));
    TRY(data_int(c, d->data, "dispute", x.id, e));
    TRY(data_int(c, d->data, "account", x.account, e));
    TRY(data_text(c, d->data, "outcome", outcome, e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    c->result_id = x.id;
    (void)snprintf(c->message, sizeof c->message,
                   right ? _("dispute %" PRId64 " upheld; no bill is to be credited: correct "
                             "the reading")
                         : _("dispute %" PRId64 " closed; its amount is owed again"),
                   x.id);
    bool credited = right && x.bill != 0;
    if (credited) {
        TRY(note_add(c, d, &x, partly, e));
    } else if (arg_text(c, "amount") != NULL) {
        return err_set(e, ERR_USAGE, _("--amount: there is nothing to credit"));
    }
    return cuts_resume_data(c, d->data, x.account, x.id, credited, e);
}

static const struct param open_params[] = {
    {"bill", PARAM_INT, 0, N_("number of the bill"), NULL, NULL},
    {"reading", PARAM_INT, 0, N_("number of the reading"), NULL, NULL},
    {"amount", PARAM_DECIMAL, 0, N_("amount in dispute; if left out, all"), NULL, NULL},
    {"reason", PARAM_TEXT, PARAM_REQUIRED, N_("what the customer says"), NULL, NULL},
    PARAM_END};
static const struct param resolve_params[] = {
    {"dispute", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("number of the dispute"), NULL,
     NULL},
    {"outcome", PARAM_CHOICE, PARAM_REQUIRED, N_("what was decided"),
     "upheld|partly|rejected|withdrawn", NULL},
    {"amount", PARAM_DECIMAL, 0, N_("how much is credited, when it is upheld in part"), NULL,
     NULL},
    {"reason", PARAM_TEXT, PARAM_REQUIRED, N_("why it was decided so"), NULL, NULL},
    PARAM_END};

const struct command cmd_dispute_open = {"dispute open",
                                         N_("open a customer's dispute on a bill or a reading"),
                                         0,
                                         open_params,
                                         build_dispute_open,
                                         NULL};
const struct command cmd_dispute_resolve = {
    "dispute resolve", N_("resolve a dispute; upheld, it credits the bill"),
    CMD_CONFIRM,       resolve_params,
    build_resolve,     NULL};
