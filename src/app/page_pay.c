#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "app/page.h"
#include "app/query_bill.h"
#include "app/receivable.h"
#include "base/i18n.h"

/* What the person who takes a payment sees below the fields: what is owed, the oldest first,
 * which is the order in which money is laid against it. */

static enum err_code open_items(struct office *o, int64_t id, struct sheet *s, struct err *e)
{
    static const struct sheet_column columns[] = {
        {N_("Owed for"), SHEET_AS_WORD, 14, 24, 1},
        {N_("Number"), SHEET_AS_TEXT, 13, 13, 2},
        {N_("Date"), SHEET_AS_DATE, 8, 8, 3},
        {N_("Due"), SHEET_AS_DATE, 8, 8, 1},
        {N_("Amount"), SHEET_AS_NUMBER, 10, 16, 3},
        {N_("Unpaid"), SHEET_AS_NUMBER, 10, 16, 1},
        {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    sheet_heading(s, N_("What is owed, the oldest first"));
    sheet_table(s, columns, N_("Nothing is owed; what is paid stays as credit."));
    return page_rows(
        s, o, NULL, "wtttmm",
        "SELECT p.id, CASE p.kind WHEN 'bill' THEN p.ref END, CASE WHEN p.due < (SELECT "
        "max(date) FROM history) THEN 'bad' END, "
        "p.kind, CASE p.kind WHEN 'bill' THEN (SELECT " BILL_NUMBER(
            "b") " FROM bill b WHERE b.id = p.ref) ELSE nullif(p.ref, 0) END, p.date, p.due, "
                 "p.amount, p.open "
                 "FROM posting p WHERE p.account = ? AND p.open > 0 ORDER BY "
                 "p.due, p.id LIMIT 60",
        VALS(V_INT(id)), e);
}

/* Where nobody says otherwise, a drawer is called as it was the last time, or as its holder. */
static enum err_code drawer_name(struct office *o, int64_t user, struct sheet *s, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        o->db, &q, e,
        "SELECT coalesce((SELECT drawer FROM shift WHERE user = ?1 ORDER BY id DESC "
        "LIMIT 1), (SELECT p.value FROM user u JOIN personal p ON p.owner = 'user' AND "
        "p.id = u.id AND p.field = 'login' AND p.hash = u.login WHERE u.id = ?1))",
        VALS(V_INT(user))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        sheet_set(s, "drawer", stmt_text(q, 0));
    }
    stmt_done(q);
    return code;
}

static enum err_code pay_fill(struct office *o, int64_t user, int64_t id, struct sheet *s,
                              struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t balance = 0;
    int64_t shift = 0;
    char text[PAGE_TEXT_MAX];
    TRY(db_query(o->db, &q, e,
                 "SELECT a.number, n.value FROM account a JOIN customer c ON c.id = a.customer "
                 "LEFT JOIN personal n ON n.owner = 'customer' AND n.id = c.id AND n.field = "
                 "'name' AND n.hash = c.name WHERE a.id = ?",
                 VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no account with the id %" PRId64), id);
    }
    if (code == ERR_OK) {
        sheet_set(s, "account", stmt_text(q, 0));
        sheet_set(s, "name", stmt_text(q, 1));
    }
    stmt_done(q);
    TRY(code);
    TRY(account_balance(o, id, &balance, e));
    page_amount(o, balance, text);
    sheet_set(s, "balance", text);
    sheet_set(s, "currency", o->currency->symbol);
    TRY(db_get_int(o->db, &shift, NULL, e,
                   "SELECT id FROM shift WHERE user = ? AND closed IS NULL LIMIT 1",
                   VALS(V_INT(user))));
    if (shift != 0) {
        int64_t holds = 0;
        TRY(shift_expected(o, shift, &holds, e));
        page_amount(o, holds, text);
        sheet_set(s, "in_drawer", text);
    } else {
        sheet_text(s, SHEET_WARN,
                   _("You have no drawer open, so you cannot take cash: press Ctrl+O to open "
                     "one."));
        TRY(drawer_name(o, user, s, e));
    }
    return open_items(o, id, s, e);
}

const struct page page_pay = {"pay", "payment take", pay_fill};
