/* Projectors of an account's ledger: postings and what settles what. */
#include <config.h>

#include <inttypes.h>

#include "base/i18n.h"
#include "domain/project_money.h"
#include "store/db.h"

enum err_code posting_insert(struct projection *p, const struct posting_row *x)
{
    return db_run(p->db, p->e,
                  "INSERT INTO posting(id, account, date, kind, ref, due, amount, open, seq) "
                  "VALUES(?,?,?,?,?,?,?,?,?)",
                  VALS(V_INT(x->id), V_INT(x->account), V_TEXT(p->entry->date), V_TEXT(x->kind),
                       V_INT(x->ref), V_TEXT(x->due != NULL ? x->due : p->entry->date),
                       V_INT(x->amount), V_INT(x->amount), V_INT(p->entry->seq)));
}

/* Move the open amounts of both sides; the table's CHECK keeps each between 0 and its amount.
 */
static enum err_code open_move(struct projection *p, int64_t credit, int64_t debit,
                               int64_t amount)
{
    TRY(db_run(p->db, p->e, "UPDATE posting SET open = open + ? WHERE id = ?",
               VALS(V_INT(amount), V_INT(credit))));
    return db_run(p->db, p->e, "UPDATE posting SET open = open - ? WHERE id = ?",
                  VALS(V_INT(amount), V_INT(debit)));
}

static enum err_code allocation_insert(struct projection *p, int64_t credit, int64_t debit,
                                       int64_t amount)
{
    TRY(open_move(p, credit, debit, amount));
    return db_run(p->db, p->e,
                  "INSERT INTO allocation(credit, debit, amount, seq) VALUES(?,?,?,?)",
                  VALS(V_INT(credit), V_INT(debit), V_INT(amount), V_INT(p->entry->seq)));
}

enum err_code posting_allocate(struct projection *p, int64_t credit, int64_t debit,
                               int64_t amount)
{
    int64_t account = 0;
    bool fits = false;
    TRY(db_get_int(p->db, &account, &fits, p->e,
                   "SELECT c.account FROM posting c JOIN posting d ON d.account = c.account "
                   "WHERE c.id = ?1 AND d.id = ?2 AND -c.open >= ?3 AND d.open >= ?3 AND "
                   "?3 > 0",
                   VALS(V_INT(credit), V_INT(debit), V_INT(amount))));
    if (!fits) {
        return err_set(p->e, ERR_TAMPERED,
                       _("entry %" PRId64 " settles more than is open of posting %" PRId64
                         " by posting %" PRId64),
                       p->entry->seq, debit, credit);
    }
    TRY(allocation_insert(p, credit, debit, amount));
    return cuts_review(p, account);
}

/* One pair that `posting` stands in and that is not taken back yet. */
static enum err_code pair_next(struct projection *p, int64_t posting, int64_t pair[3],
                               bool *found)
{
    struct stmt *q = NULL;
    TRY(db_query(p->db, &q, p->e,
                 "SELECT credit, debit, sum(amount) AS net FROM (SELECT credit, debit, amount "
                 "FROM allocation WHERE credit = ?1 UNION ALL SELECT credit, debit, amount "
                 "FROM allocation WHERE debit = ?1) GROUP BY credit, debit HAVING net <> 0 "
                 "ORDER BY credit, debit LIMIT 1",
                 VALS(V_INT(posting))));
    enum err_code code = stmt_next(q, found, p->e);
    for (int i = 0; code == ERR_OK && *found && i < 3; i++) {
        pair[i] = stmt_int(q, i);
    }
    stmt_done(q);
    return code;
}

enum err_code posting_free(struct projection *p, int64_t posting)
{
    int64_t pair[3] = {0};
    bool found = true;
    while (found) { /* each turn takes one pair back for good */
        TRY(pair_next(p, posting, pair, &found));
        if (found) {
            TRY(allocation_insert(p, pair[0], pair[1], -pair[2]));
        }
    }
    return ERR_OK;
}

enum err_code allocations_project(struct projection *p, const struct json *d, int64_t posting,
                                  bool posting_is_credit)
{
    const struct json *list = NULL;
    TRY(take_array(p, d, "allocations", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        int64_t other = 0;
        int64_t amount = 0;
        TRY(take_int(p, list->u.array.items[i], "posting", &other));
        TRY(take_int(p, list->u.array.items[i], "amount", &amount));
        TRY(posting_is_credit ? posting_allocate(p, posting, other, amount)
                              : posting_allocate(p, other, posting, amount));
    }
    return ERR_OK;
}

enum err_code document_insert(struct projection *p, const struct document_row *x)
{
    return db_run(p->db, p->e,
                  "INSERT INTO document(type, number, account, date, amount, bill, reading, "
                  "cause, reason, seq) VALUES(?,?,?,?,?,?,?,?,?,?)",
                  VALS(V_TEXT(x->type), V_INT(x->number), V_INT(x->account),
                       V_TEXT(p->entry->date), V_INT(x->amount),
                       x->bill > 0 ? V_INT(x->bill) : V_NULL(),
                       x->reading > 0 ? V_INT(x->reading) : V_NULL(), V_TEXT(x->cause),
                       V_TEXT(x->reason), V_INT(p->entry->seq)));
}

/* ---- bills
 * ---------------------------------------------------------------------------------------------------------
 */

enum err_code bills_post(struct projection *p, int64_t run)
{
    return db_run(p->db, p->e,
                  "INSERT INTO posting(account, date, kind, ref, due, amount, open, seq) "
                  "SELECT account, issued, 'bill', id, due, total, total, ? FROM bill "
                  "WHERE run = ? ORDER BY id",
                  VALS(V_INT(p->entry->seq), V_INT(run)));
}

/* The posting of a bill, its account and amount. */
static enum err_code bill_posting(struct projection *p, int64_t bill, struct posting_row *x,
                                  bool *found)
{
    struct stmt *q = NULL;
    TRY(db_query(p->db, &q, p->e,
                 "SELECT id, account, amount FROM posting WHERE kind = 'bill' AND ref = ?",
                 VALS(V_INT(bill))));
    enum err_code code = stmt_next(q, found, p->e);
    if (code == ERR_OK && *found) {
        *x = (struct posting_row){.id = stmt_int(q, 0),
                                  .account = stmt_int(q, 1),
                                  .amount = stmt_int(q, 2),
                                  .ref = bill,
                                  .kind = "void"};
    }
    stmt_done(q);
    return code;
}

/* Free a posting and settle it with its opposite, which x describes but for id and amount. */
static enum err_code posting_void(struct projection *p, int64_t was, int64_t amount,
                                  struct posting_row *x)
{
    int64_t top = 0;
    TRY(posting_free(p, was));
    TRY(db_get_int(p->db, &top, NULL, p->e, "SELECT max(id) FROM posting", NO_VALS));
    x->id = top + 1;
    x->amount = -amount;
    TRY(posting_insert(p, x));
    return amount > 0   ? posting_allocate(p, x->id, was, amount)
           : amount < 0 ? posting_allocate(p, was, x->id, -amount)
                        : ERR_OK;
}

static enum err_code bill_void(struct projection *p, int64_t bill)
{
    struct posting_row x = {0};
    bool found = false;
    TRY(bill_posting(p, bill, &x, &found));
    return found ? posting_void(p, x.id, x.amount, &x) : ERR_OK; /* its run never closed */
}

enum err_code opening_void(struct projection *p, int64_t posting)
{
    struct posting_row x = {.kind = "opening"};
    bool found = false;
    TRY(db_get_int(p->db, &x.account, NULL, p->e, "SELECT account FROM posting WHERE id = ?",
                   VALS(V_INT(posting))));
    TRY(db_get_int(p->db, &x.amount, &found, p->e,
                   "SELECT amount FROM posting WHERE id = ? AND kind = 'opening'",
                   VALS(V_INT(posting))));
    return found ? posting_void(p, posting, x.amount, &x) : ERR_OK;
}

enum err_code bills_void(struct projection *p, int64_t run)
{
    int64_t bill = 0;
    bool found = true;
    while (found) {
        TRY(db_get_int(p->db, &bill, &found, p->e,
                       "SELECT id FROM bill WHERE run = ? AND id > ? AND cancelled IS NULL "
                       "ORDER BY id LIMIT 1",
                       VALS(V_INT(run), V_INT(bill))));
        if (found) {
            TRY(bill_void(p, bill));
        }
    }
    return ERR_OK;
}

/* ---- entries
 * -------------------------------------------------------------------------------------------------------
 */

/* Members that each entry with a posting has. sign: 1 when it is owed, -1 when it is given. */
static enum err_code money_take(struct projection *p, const struct json *d, int64_t sign,
                                struct posting_row *x)
{
    TRY(take_int(p, d, "account", &x->account));
    TRY(take_int(p, d, "posting", &x->id));
    TRY(take_int(p, d, "amount", &x->amount));
    x->amount *= sign;
    x->due = json_get_str(d, "due");
    return ERR_OK;
}

enum err_code project_balance_opened(struct projection *p, const struct json *d)
{
    struct posting_row x = {.kind = "opening"};
    TRY(money_take(p, d, 1, &x));
    return posting_insert(p, &x);
}

enum err_code project_debt_written_off(struct projection *p, const struct json *d)
{
    struct posting_row x = {.kind = "write_off"};
    TRY(money_take(p, d, -1, &x));
    TRY(posting_insert(p, &x));
    return allocations_project(p, d, x.id, true);
}

enum err_code project_refund_paid(struct projection *p, const struct json *d)
{
    struct posting_row x = {.kind = "refund"};
    TRY(money_take(p, d, 1, &x));
    TRY(posting_insert(p, &x));
    TRY(allocations_project(p, d, x.id, false));
    return cash_project(p, d, "refund", -x.amount, x.id);
}

enum err_code project_credits_batch(struct projection *p, const struct json *d)
{
    (void)p;
    (void)d; /* its items say all */
    return ERR_OK;
}

/* What an account had paid too much settles what it owes. */
enum err_code project_credits_item(struct projection *p, const struct json *item)
{
    const struct json *list = NULL;
    TRY(take_array(p, item, "allocations", &list));
    for (size_t i = 0; i < list->u.array.count; i++) {
        int64_t v[3] = {0};
        static const char *const names[3] = {"credit", "debit", "amount"};
        for (size_t k = 0; k < 3; k++) {
            TRY(take_int(p, list->u.array.items[i], names[k], &v[k]));
        }
        TRY(posting_allocate(p, v[0], v[1], v[2]));
    }
    return ERR_OK;
}
