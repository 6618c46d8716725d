/* Projectors of payments and of the cash drawers they go into. */
#include <config.h>

#include "domain/project_money.h"
#include "store/db.h"

enum err_code cash_project(struct projection *p, const struct json *d, const char *kind,
                           int64_t amount, int64_t ref)
{
    int64_t shift = 0;
    const char *reason = json_get_str(d, "reason");
    if (!json_get_int(d, "shift", &shift)) {
        return ERR_OK;
    }
    return db_run(p->db, p->e,
                  "INSERT INTO cash_move(shift, date, kind, amount, ref, reason, seq) "
                  "VALUES(?,?,?,?,?,?,?)",
                  VALS(V_INT(shift), V_TEXT(p->entry->date), V_TEXT(kind), V_INT(amount),
                       V_INT(ref), V_TEXT(reason != NULL ? reason : ""), V_INT(p->entry->seq)));
}

static enum err_code payment_insert(struct projection *p, const struct json *d,
                                    const int64_t v[5])
{
    int64_t n[3] = {0};
    int64_t shift = 0;
    int64_t row = 0;
    int64_t deposit = 0;
    const char *t[6] = {NULL};
    static const char *const ints[3] = {"receipt", "tendered", "change"};
    static const char *const texts[6] = {"value_date", "channel",         "txn",
                                         "method",     "tender_currency", "rate"};
    for (size_t i = 0; i < 3; i++) {
        TRY(take_int(p, d, ints[i], &n[i]));
    }
    for (size_t i = 0; i < 6; i++) {
        TRY(take_text(p, d, texts[i], &t[i]));
    }
    bool has_shift = json_get_int(d, "shift", &shift);
    bool has_row = json_get_int(d, "bank_row", &row);
    bool has_deposit = json_get_int(d, "deposit", &deposit);
    if (has_deposit) {
        TRY(db_run(p->db, p->e, "UPDATE deposit SET rest = rest - ? WHERE id = ?",
                   VALS(V_INT(v[3]), V_INT(deposit))));
    }
    return db_run(
        p->db, p->e,
        "INSERT INTO payment(id, account, receipt, posting, date, value_date, channel, txn, "
        "method, amount, tender_currency, tendered, rate, change, shift, deposit, bank_row, "
        "state, seq) "
        "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'posted',?)",
        VALS(V_INT(v[0]), V_INT(v[1]), V_INT(n[0]), V_INT(v[2]), V_TEXT(p->entry->date),
             V_TEXT(t[0]), V_TEXT(t[1]), V_TEXT(t[2]), V_TEXT(t[3]), V_INT(v[3]), V_TEXT(t[4]),
             V_INT(n[1]), V_TEXT(t[5]), V_INT(n[2]), has_shift ? V_INT(shift) : V_NULL(),
             has_deposit ? V_INT(deposit) : V_NULL(), has_row ? V_INT(row) : V_NULL(),
             V_INT(p->entry->seq)));
}

/* A payment: its row, its receipt, what is owed less, and the money in the drawer. */
enum err_code payment_project(struct projection *p, const struct json *d)
{
    int64_t v[5] = {0};
    static const char *const names[5] = {"payment", "account", "posting", "amount", "receipt"};
    for (size_t i = 0; i < 5; i++) {
        TRY(take_int(p, d, names[i], &v[i]));
    }
    struct posting_row x = {
        .id = v[2], .account = v[1], .ref = v[0], .amount = -v[3], .kind = "payment"};
    struct document_row doc = {.type = "receipt",
                               .number = v[4],
                               .account = v[1],
                               .amount = v[3],
                               .cause = "payment",
                               .reason = ""};
    TRY(posting_insert(p, &x));
    TRY(payment_insert(p, d, v));
    TRY(document_insert(p, &doc));
    TRY(allocations_project(p, d, x.id, true));
    return cash_project(p, d, "payment", v[3], v[0]);
}

enum err_code project_payment_recorded(struct projection *p, const struct json *d)
{
    return payment_project(p, d);
}

/* Both legs stay: what the payment settled is owed again, and payment and reversal settle each
 * other. */
enum err_code project_payment_reversed(struct projection *p, const struct json *d)
{
    int64_t v[5] = {0};
    static const char *const names[5] = {"payment", "account", "posting", "amount", "of"};
    for (size_t i = 0; i < 5; i++) {
        TRY(take_int(p, d, names[i], &v[i]));
    }
    struct posting_row x = {
        .id = v[2], .account = v[1], .ref = v[0], .amount = v[3], .kind = "reversal"};
    TRY(posting_free(p, v[4]));
    TRY(posting_insert(p, &x));
    TRY(posting_allocate(p, v[4], x.id, v[3]));
    TRY(db_run(p->db, p->e,
               "UPDATE deposit SET rest = rest + ?1 WHERE id = (SELECT deposit FROM payment "
               "WHERE id = ?2)",
               VALS(V_INT(v[3]), V_INT(v[0]))));
    TRY(db_run(p->db, p->e, "UPDATE payment SET state='reversed' WHERE id=?",
               VALS(V_INT(v[0]))));
    return cash_project(p, d, "reversal", -v[3], v[0]);
}

enum err_code project_drawer_opened(struct projection *p, const struct json *d)
{
    int64_t v[3] = {0};
    const char *drawer = NULL;
    static const char *const names[3] = {"shift", "user", "float"};
    for (size_t i = 0; i < 3; i++) {
        TRY(take_int(p, d, names[i], &v[i]));
    }
    TRY(take_text(p, d, "drawer", &drawer));
    TRY(db_run(p->db, p->e,
               "INSERT INTO shift(id, drawer, user, opened, seq) VALUES(?,?,?,?,?)",
               VALS(V_INT(v[0]), V_TEXT(drawer), V_INT(v[1]), V_TEXT(p->entry->date),
                    V_INT(p->entry->seq))));
    return cash_project(p, d, "float", v[2], 0);
}

enum err_code project_drawer_moved(struct projection *p, const struct json *d)
{
    int64_t amount = 0;
    TRY(take_int(p, d, "amount", &amount));
    return cash_project(p, d, amount > 0 ? "in" : "out", amount, 0);
}

/* The next shift of a drawer that was handed over starts with what was counted. */
static enum err_code shift_follows(struct projection *p, const struct json *d, int64_t shift,
                                   int64_t counted)
{
    int64_t next = 0;
    int64_t user = 0;
    if (!json_get_int(d, "next", &next)) {
        return ERR_OK;
    }
    TRY(take_int(p, d, "user", &user));
    TRY(db_run(p->db, p->e,
               "INSERT INTO shift(id, drawer, user, opened, previous, seq) "
               "SELECT ?, drawer, ?, ?, id, ? FROM shift WHERE id = ?",
               VALS(V_INT(next), V_INT(user), V_TEXT(p->entry->date), V_INT(p->entry->seq),
                    V_INT(shift))));
    return db_run(
        p->db, p->e,
        "INSERT INTO cash_move(shift, date, kind, amount, ref, reason, seq) "
        "VALUES(?,?,'float',?,0,'',?)",
        VALS(V_INT(next), V_TEXT(p->entry->date), V_INT(counted), V_INT(p->entry->seq)));
}

enum err_code project_drawer_closed(struct projection *p, const struct json *d)
{
    int64_t v[3] = {0};
    static const char *const names[3] = {"shift", "counted", "expected"};
    for (size_t i = 0; i < 3; i++) {
        TRY(take_int(p, d, names[i], &v[i]));
    }
    const char *reason = json_get_str(d, "reason");
    TRY(db_run(
        p->db, p->e, "UPDATE shift SET closed=?, counted=?, expected=?, reason=? WHERE id=?",
        VALS(V_TEXT(p->entry->date), V_INT(v[1]), V_INT(v[2]), V_TEXT(reason), V_INT(v[0]))));
    return shift_follows(p, d, v[0], v[1]);
}

enum err_code project_receipt_printed(struct projection *p, const struct json *d)
{
    int64_t receipt = 0;
    int64_t print = 0;
    TRY(take_int(p, d, "receipt", &receipt));
    TRY(take_int(p, d, "print", &print));
    return db_run(
        p->db, p->e, "INSERT INTO receipt_print(receipt, print, date, seq) VALUES(?,?,?,?)",
        VALS(V_INT(receipt), V_INT(print), V_TEXT(p->entry->date), V_INT(p->entry->seq)));
}
