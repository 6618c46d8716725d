#include <config.h>

#include "app/bank_import.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/bank_key.h"
#include "app/bank_match.h"
#include "app/cmd.h"
#include "app/files.h"
#include "app/policy.h"
#include "app/receivable.h"
#include "base/i18n.h"
#include "ledger/items.h"

#define ROWS_PER_BATCH 1024
#define ROWS_MAX 200000
#define ARENA_MAX ((size_t)1 << 30)

struct counts {
    int64_t rows, matched, waiting, ignored, seen;
    int64_t matched_minor, waiting_minor;
};

struct bank_import {
    struct arena arena;
    struct bank_file file;
    const char *path, *channel;
    char name[201], sha256[65];
    int64_t id;
    struct bank_key *rows;
    size_t count, next, end;
    struct counts done, batch;
    struct item_batch items;
    int64_t seen_accounts[ROWS_PER_BATCH]; /* of the batch: laid on only once */
    size_t seen_count;
};

/* ---- reading and checking
 * --------------------------------------------------------------------------------------------
 */

static enum err_code file_take(struct command_ctx *c, struct bank_import *b, struct err *e)
{
    struct buf text;
    struct hash h;
    const char *mapping = arg_text(c, "mapping");
    const char *slash = strrchr(b->path, '/');
    text_sanitize_to(slash != NULL ? slash + 1 : b->path,
                     strlen(slash != NULL ? slash + 1 : b->path), b->name, sizeof b->name);
    if (mapping != NULL) {
        return bank_read_csv(c, b->path, mapping, &b->arena, &b->file, b->sha256, e);
    }
    buf_init(&text, BANK_FILE_MAX);
    enum err_code code = file_read(b->path, &text, e);
    if (code == ERR_OK) {
        sha256(buf_str(&text), text.len, &h);
        hash_hex(&h, b->sha256);
        code = bank_read(buf_str(&text), text.len, &b->arena, &b->file, e);
        code = code == ERR_OK ? code : err_wrap(e, "%s", b->path);
    }
    buf_release(&text);
    return code;
}

static enum err_code accounts_own(struct command_ctx *c, struct bank_import *b, struct err *e)
{
    const struct json *spec = NULL;
    bool set = false;
    TRY(policy_load(c->office, "bank", &b->arena, &spec, &set, e));
    if (!set) {
        return err_set(e, ERR_STATE,
                       _("it is not told which bank accounts are the office's; say so with: "
                         "aforo policy set bank FILE"));
    }
    const struct json *list = json_get(spec, "accounts");
    for (size_t i = 0; i < b->file.count; i++) {
        bool own = false;
        for (size_t k = 0; list != NULL && k < list->u.array.count; k++) {
            own = own || bank_account_same(b->file.statements[i].account,
                                           list->u.array.items[k]->u.string.data);
        }
        if (!own) {
            return err_set(e, ERR_STATE,
                           _("%s: statement %s is of account %s, which is not the office's"),
                           b->name, b->file.statements[i].id, b->file.statements[i].account);
        }
    }
    return ERR_OK;
}

static enum err_code statements_check(struct command_ctx *c, struct bank_import *b,
                                      struct err *e)
{
    if (arg_text(c, "mapping") == NULL) {
        TRY(accounts_own(c, b, e));
    }
    for (size_t i = 0; i < b->file.count; i++) {
        const struct bank_statement *s = &b->file.statements[i];
        for (size_t k = 0; k < s->count; k++) {
            if (s->txns[k].currency != c->office->currency) {
                return err_set(e, ERR_STATE,
                               _("%s: statement %s is in %s, the office's accounts are in %s"),
                               b->name, s->id, s->txns[k].currency->code,
                               c->office->currency->code);
            }
        }
        if (!bank_statement_balanced(s) && !arg_flag(c, "unbalanced")) {
            return err_set(
                e, ERR_PARSE,
                _("%s: the movements of statement %s do not lead from its opening to "
                  "its closing balance; if the bank says that it is whole, add "
                  "--unbalanced"),
                b->name, s->id);
        }
        b->count += s->count;
    }
    return b->count <= ROWS_MAX
               ? ERR_OK
               : err_set(e, ERR_LIMIT, _("a file may have at most %d movements"), ROWS_MAX);
}

/* ---- the rows
 * --------------------------------------------------------------------------------------------
 */

static enum err_code rows_list(struct bank_import *b, const char *mapping, struct err *e)
{
    size_t n = 0;
    b->rows = arena_array(&b->arena, b->count + 1, sizeof b->rows[0]);
    if (b->rows == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < b->file.count; i++) {
        const struct bank_statement *s = &b->file.statements[i];
        for (size_t k = 0; k < s->count; k++) {
            b->rows[n++] = (struct bank_key){.statement = s, .txn = &s->txns[k]};
        }
    }
    return bank_keys_make(b->rows, b->count, mapping, e);
}

/* ---- a batch
 * ---------------------------------------------------------------------------------------------------------
 */

/* Ids that count on within the batch. */
struct ids {
    int64_t row, payment, posting, receipt;
};

static enum err_code ids_take(struct command_ctx *c, struct ids *ids, struct err *e)
{
    TRY(next_id(c, "SELECT max(id) FROM bank_row", &ids->row, e));
    TRY(next_id(c, "SELECT max(id) FROM payment", &ids->payment, e));
    TRY(next_id(c, "SELECT max(id) FROM posting", &ids->posting, e));
    return receipt_next(c, &ids->receipt, e);
}

enum err_code bank_payment_data(struct command_ctx *c, struct json *o, struct payment *p,
                                bool lay, struct err *e)
{
    int64_t left = 0;
    p->method = "transfer";
    p->tender_currency = c->office->currency->code;
    p->tendered = p->amount;
    p->rate = "1";
    TRY(payment_data(c, o, p, &left, e));
    return lay ? ERR_OK : data_set(c, o, "allocations", json_new_array(c->arena), e);
}

static bool first_of_account(struct bank_import *b, int64_t account)
{
    for (size_t i = 0; i < b->seen_count; i++) {
        if (b->seen_accounts[i] == account) {
            return false;
        }
    }
    b->seen_accounts[b->seen_count++] = account;
    return true;
}

/* "17" when that bill is still open, to be paid first. */
static enum err_code bill_named(struct command_ctx *c, int64_t bill, const char **out,
                                struct err *e)
{
    int64_t open = 0;
    *out = NULL;
    if (bill == 0) {
        return ERR_OK;
    }
    TRY(db_get_int(c->office->db, &open, NULL, e,
                   "SELECT open FROM posting WHERE kind = 'bill' AND ref = ?",
                   VALS(V_INT(bill))));
    if (open > 0) {
        *out = arena_printf(c->arena, "%" PRId64, bill);
        return *out != NULL ? ERR_OK : err_nomem(e);
    }
    return ERR_OK;
}

static enum err_code matched_data(struct command_ctx *c, struct bank_import *b,
                                  const struct bank_key *r, const struct bank_match *m,
                                  struct ids *ids, const char *value_date, struct json *o,
                                  struct err *e)
{
    struct json *pay = json_new_object(c->arena);
    struct payment p = {.id = ids->payment++,
                        .receipt = ids->receipt++,
                        .posting = ids->posting++,
                        .account = m->account,
                        .amount = r->txn->amount,
                        .channel = b->channel,
                        .txn = r->text,
                        .value_date = value_date,
                        .bank_row = ids->row};
    if (pay == NULL) {
        return err_nomem(e);
    }
    TRY(bill_named(c, m->bill, &p.bills, e));
    TRY(bank_payment_data(c, pay, &p, first_of_account(b, m->account), e));
    return data_set(c, o, "payment", pay, e);
}

static enum err_code personal_data(struct command_ctx *c, struct draft *d,
                                   const struct bank_txn *t, int64_t row, struct json *o,
                                   struct err *e)
{
    const char *reference = t->structured[0] != '\0'   ? t->structured
                            : t->end_to_end[0] != '\0' ? t->end_to_end
                                                       : t->customer_reference;
    const char *const values[4] = {reference, t->name, t->counter_account, t->text};
    static const char *const names[4] = {"reference", "name", "counter", "text"};
    for (size_t i = 0; i < 4; i++) {
        if (values[i][0] != '\0') {
            TRY(data_personal(c, d, o, "bank_row", row, names[i], values[i], e));
        }
    }
    return ERR_OK;
}

static const char *date_keep(struct arena *a, struct date d)
{
    char text[DATE_TEXT];
    date_text(d, text);
    return arena_strdup(a, text);
}

static void row_count(struct counts *n, const char *state, int64_t waits,
                      const struct bank_txn *t)
{
    n->rows++;
    if (strcmp(state, "matched") == 0) {
        n->matched++;
        n->matched_minor += t->amount;
    } else if (strcmp(state, "unmatched") == 0) {
        n->waiting++;
        n->waiting_minor += waits;
    } else {
        n->ignored++;
    }
}

/* Money that went out is no payment; but one that the bank took back needs a person. */
static const char *state_of(const struct bank_txn *t, struct bank_match *m)
{
    if (m->account > 0) {
        return "matched";
    }
    if (t->booked && t->amount < 0 && t->reversal) {
        m->reason = "returned";
        return "unmatched";
    }
    return !t->booked || t->amount <= 0 ? "ignored" : "unmatched";
}

/* A part of a sum that is recorded waits with nothing to give, so that a person sees whose it
 * is; one that may be told twice waits whole. */
static void batch_hold(enum bank_batch batch, struct bank_match *m)
{
    if (batch != BATCH_NONE) {
        *m = (struct bank_match){.reason = batch == BATCH_IN_SUM ? "in_sum" : "perhaps_twice"};
    }
}

static enum err_code row_item(struct command_ctx *c, struct draft *d, struct bank_import *b,
                              const struct bank_key *r, enum bank_batch batch, struct ids *ids,
                              struct err *e)
{
    struct bank_match m;
    struct buf text;
    struct json *o = json_new_object(c->arena);
    const char *date = date_keep(c->arena, r->txn->entry_date);
    const char *value_date = date_keep(c->arena, r->txn->date);
    if (o == NULL || date == NULL || value_date == NULL) {
        return err_nomem(e);
    }
    TRY(bank_match(c, r->txn, &m, e));
    batch_hold(batch, &m);
    const char *state = state_of(r->txn, &m);
    bool waits = strcmp(state, "unmatched") == 0 && r->txn->amount > 0 && batch != BATCH_IN_SUM;
    TRY(data_int(c, o, "row", ids->row, e));
    TRY(data_text(c, o, "key", r->text, e));
    TRY(data_text(c, o, "date", date, e));
    TRY(data_text(c, o, "value_date", value_date, e));
    TRY(data_int(c, o, "amount", r->txn->amount, e));
    TRY(data_int(c, o, "rest", waits ? r->txn->amount : 0, e));
    TRY(data_text(c, o, "state", state, e));
    TRY(data_text(c, o, "reason", m.reason, e));
    TRY(r->batch[0] != '\0' ? data_text(c, o, "batch", r->batch, e) : ERR_OK);
    TRY(personal_data(c, d, r->txn, ids->row, o, e));
    if (m.account > 0) {
        TRY(matched_data(c, b, r, &m, ids, value_date, o, e));
    }
    row_count(&b->batch, state, waits ? r->txn->amount : 0, r->txn);
    ids->row++;
    buf_init(&text, ITEM_MAX_BYTES);
    enum err_code code = json_write_jcs(o, &text, e);
    if (code == ERR_OK) {
        code = buf_status(&text, _("bank file"), e);
    }
    if (code == ERR_OK) {
        code = items_add(&b->items, text.data, text.len, e);
    }
    buf_release(&text);
    return code;
}

/* Recorded before, or earlier in this batch; of what was not, is it a sum or a part of what
 * was? */
static enum err_code row_seen(struct command_ctx *c, const struct bank_import *b, size_t at,
                              bool *seen, enum bank_batch *batch, struct err *e)
{
    *batch = BATCH_NONE;
    TRY(bank_key_seen(c, &b->rows[at], seen, e));
    for (size_t i = b->next; i < at && !*seen; i++) {
        *seen = strcmp(b->rows[i].text, b->rows[at].text) == 0;
    }
    if (!*seen && arg_text(c, "mapping") == NULL) {
        TRY(bank_key_batch(c, &b->rows[at], b->id, batch, e));
        *seen = *batch == BATCH_IN_PARTS;
    }
    return ERR_OK;
}

static enum err_code rows_fill(struct command_ctx *c, struct draft *d, struct bank_import *b,
                               struct err *e)
{
    struct ids ids;
    items_clear(&b->items);
    b->batch = (struct counts){0};
    b->seen_count = 0;
    TRY(ids_take(c, &ids, e));
    for (b->end = b->next; b->end < b->count && b->end - b->next < ROWS_PER_BATCH; b->end++) {
        bool seen = false;
        enum bank_batch batch;
        TRY(row_seen(c, b, b->end, &seen, &batch, e));
        b->batch.seen += seen ? 1 : 0;
        TRY(seen ? ERR_OK : row_item(c, d, b, &b->rows[b->end], batch, &ids, e));
    }
    return ERR_OK;
}

static enum err_code build_batch(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct bank_import *b = c->report;
    TRY(draft_begin(c, d, "bank.batch", e));
    TRY(rows_fill(c, d, b, e));
    if (b->batch.rows == 0) { /* import_rows goes on without an entry */
        return err_set(e, ERR_NOT_FOUND, _("every movement was recorded before"));
    }
    TRY(data_int(c, d->data, "file", b->id, e));
    return data_items(c, d, &b->items, e);
}

/* ---- the file as a whole
 * ------------------------------------------------------------------------------------------------
 */

static enum err_code build_open(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct bank_import *b = c->report;
    TRY(next_id(c, "SELECT max(id) FROM bank_file", &b->id, e));
    TRY(draft_begin(c, d, "bank.opened", e));
    TRY(data_int(c, d->data, "file", b->id, e));
    TRY(data_text(c, d->data, "name", b->name, e));
    TRY(data_text(c, d->data, "sha256", b->sha256, e));
    TRY(data_text(c, d->data, "format", b->file.format, e));
    return data_text(c, d->data, "channel", b->channel, e);
}

static enum err_code build_close(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct bank_import *b = c->report;
    TRY(draft_begin(c, d, "bank.closed", e));
    TRY(data_int(c, d->data, "file", b->id, e));
    TRY(data_int(c, d->data, "rows", b->done.rows, e));
    TRY(data_int(c, d->data, "matched", b->done.matched_minor, e));
    return data_int(c, d->data, "waiting", b->done.waiting_minor, e);
}

/* The same file again is refused; one that was cut off goes on where it stopped. */
static enum err_code file_known(struct command_ctx *c, struct bank_import *b, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT f.id, f.state, h.date FROM bank_file f JOIN history h ON h.seq = "
                 "f.opened WHERE f.sha256 = ? AND f.state <> 'discarded'",
                 VALS(V_TEXT(b->sha256))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row && strcmp(stmt_text(q, 1), "open") == 0) {
        b->id = stmt_int(q, 0);
    } else if (code == ERR_OK && row) {
        code =
            err_set(e, ERR_EXISTS, _("%s was imported already, as bank file %" PRId64 " on %s"),
                    b->name, stmt_int(q, 0), stmt_text(q, 2));
    }
    stmt_done(q);
    return code;
}

static void counts_add(struct counts *to, const struct counts *from)
{
    to->rows += from->rows;
    to->matched += from->matched;
    to->waiting += from->waiting;
    to->ignored += from->ignored;
    to->seen += from->seen;
    to->matched_minor += from->matched_minor;
    to->waiting_minor += from->waiting_minor;
}

static enum err_code import_rows(struct command_ctx *c, struct bank_import *b, bool preview,
                                 struct err *e)
{
    struct ticket t;
    while (b->next < b->count) {
        struct draft d = {0};
        b->end = b->next;
        if (preview) {
            arena_reset(c->arena);
        }
        enum err_code code = preview ? rows_fill(c, &d, b, e) : act_user(c, build_batch, &t, e);
        if (code == ERR_NOT_FOUND && b->batch.rows == 0 && b->end > b->next) {
            code = ERR_OK;
        }
        TRY(code);
        counts_add(&b->done, &b->batch);
        b->next = b->end;
        if (!progress_step(c->progress, _("Bank file"), b->next, b->count)) {
            return err_set(e, ERR_CANCELLED,
                           _("stopped; the same command goes on, or: aforo bank discard "
                             "%" PRId64),
                           b->id);
        }
    }
    return ERR_OK;
}

static enum err_code import_all(struct command_ctx *c, struct bank_import *b, struct err *e)
{
    struct ticket t;
    int64_t settled = 0;
    bool preview = arg_flag(c, "preview");
    TRY(file_take(c, b, e));
    TRY(statements_check(c, b, e));
    TRY(rows_list(b, arg_text(c, "mapping"), e));
    TRY(file_known(c, b, e));
    TRY(items_init(&b->items, e));
    if (preview) {
        return import_rows(c, b, true, e);
    }
    if (b->id == 0) {
        TRY(act_user(c, build_open, &t, e));
    }
    TRY(import_rows(c, b, false, e));
    TRY(act_user(c, build_close, &t, e));
    return credits_settle(c, 0, &settled, e);
}

static void import_message(struct command_ctx *c, const struct bank_import *b)
{
    char matched[MONEY_WORDS_MAX];
    char waiting[MONEY_WORDS_MAX];
    money_words(c->office, b->done.matched_minor, matched);
    money_words(c->office, b->done.waiting_minor, waiting);
    int n = snprintf(c->message, sizeof c->message,
                     _("%s: %" PRId64 " matched (%s), %" PRId64 " waiting (%s), %" PRId64
                       " ignored, %" PRId64 " recorded before"),
                     b->name, b->done.matched, matched, b->done.waiting, waiting,
                     b->done.ignored, b->done.seen);
    if (arg_flag(c, "preview") && n > 0 && (size_t)n < sizeof c->message) {
        (void)snprintf(c->message + n, sizeof c->message - (size_t)n, "%s",
                       _("; a preview: nothing was recorded"));
    }
}

static enum err_code run_import(struct command_ctx *c, struct err *e)
{
    struct bank_import *b = mem_alloc(sizeof *b);
    void *caller = c->report;
    if (b == NULL) {
        return err_nomem(e);
    }
    b->path = arg_text(c, "file");
    b->channel = arg_text(c, "channel");
    arena_init(&b->arena, ARENA_MAX);
    c->report = b;
    enum err_code code = import_all(c, b, e);
    if (code == ERR_OK) {
        c->result_id = b->id;
        import_message(c, b);
    }
    c->report = caller;
    items_release(&b->items);
    arena_release(&b->arena);
    mem_free(b);
    return code;
}

static const struct param import_params[] = {
    {"file", PARAM_FILE, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("the file: CAMT.053, MT940, or CSV with a mapping"), NULL, NULL},
    {"mapping", PARAM_TEXT, 0, N_("name of the mapping of a CSV file of payments"), NULL, NULL},
    {"channel", PARAM_CHOICE, 0, N_("whose file it is"), "bank|agency", "bank"},
    {"unbalanced", PARAM_FLAG, 0, N_("take statements whose balances do not add up"), NULL,
     NULL},
    {"preview", PARAM_FLAG, 0, N_("show what would be matched, record nothing"), NULL, NULL},
    PARAM_END};
const struct command cmd_bank_import = {
    "bank import", N_("import the payments in a bank's or agency's file"),
    CMD_BULK,      import_params,
    NULL,          run_import};
