#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/attached.h"
#include "app/page.h"
#include "app/query_bill.h"
#include "app/receivable.h"
#include "base/i18n.h"

/* An account as the person at the counter needs it: who, what is owed, what was used, what was
 * paid, and what is going on. */

#define PERSONAL(as, table, row, column)                                                       \
    " LEFT JOIN personal " as " ON " as ".owner = '" table "' AND " as ".id = " row            \
    ".id AND " as ".field = '" column "' AND " as ".hash = " row "." column

static enum err_code head_fill(struct office *o, int64_t id, struct sheet *s, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT a.number, n.value, t.value, h.value, m.value, d.value, a.opened, "
                 "a.closed, c.id FROM account a JOIN customer c ON c.id = a.customer" PERSONAL(
                     "n", "customer", "c", "name") PERSONAL("t", "customer", "c", "tax_id")
                     PERSONAL("h", "customer", "c", "phone")
                         PERSONAL("m", "customer", "c", "email")
                             PERSONAL("d", "customer", "c", "address") " WHERE a.id = ?",
                 VALS(V_INT(id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no account with the id %" PRId64), id);
    }
    if (code == ERR_OK) {
        const char *name = stmt_text(q, 1);
        char customer[24]; /* then the account */
        (void)snprintf(customer, sizeof customer, "%" PRId64, stmt_int(q, 8));
        sheet_head(s, "%s   %s", stmt_text(q, 0), name != NULL ? name : "");
        sheet_set(s, "account", stmt_text(q, 0));
        sheet_set(s, "customer", customer);
        (void)snprintf(customer, sizeof customer, "%" PRId64, id);
        sheet_set(s, "account_id", customer);
        sheet_fact(s, N_("Tax id"), SHEET_AS_TEXT, stmt_text(q, 2));
        sheet_fact(s, N_("Phone"), SHEET_AS_TEXT, stmt_text(q, 3));
        sheet_fact(s, N_("E-mail"), SHEET_AS_TEXT, stmt_text(q, 4));
        sheet_fact(s, N_("Address"), SHEET_AS_TEXT, stmt_text(q, 5));
        sheet_fact(s, N_("Open since"), SHEET_AS_DATE, stmt_text(q, 6));
        sheet_fact(s, N_("Closed on"), SHEET_AS_DATE, stmt_text(q, 7));
    }
    stmt_done(q);
    return code;
}

static enum err_code balance_fill(struct office *o, int64_t id, struct sheet *s, struct err *e)
{
    struct ageing a;
    char today[DATE_TEXT];
    char text[PAGE_TEXT_MAX];
    int64_t overdue = 0;
    date_text(office_today(o), today);
    TRY(account_ageing(o, id, today, &a, e));
    for (size_t i = 1; i < AGE_BUCKETS; i++) {
        overdue += a.bucket[i];
    }
    page_money(s, o, a.balance < 0 ? N_("Credit") : N_("Balance"),
               a.balance < 0 ? -a.balance : a.balance);
    sheet_mood(s, overdue > 0 ? SHEET_WARN : a.balance > 0 ? SHEET_NOTE : SHEET_GOOD);
    page_amount(o, a.balance > 0 ? a.balance : 0, text);
    sheet_set(s, "balance", text);
    if (overdue > 0) {
        page_money(s, o, N_("Overdue"), overdue);
        sheet_mood(s, SHEET_BAD);
        sheet_fact(s, N_("Oldest due"), SHEET_AS_DATE, a.oldest_due);
    }
    return ERR_OK;
}

/* What the person at the counter must know before taking money or making promises. */
static enum err_code state_fill(struct office *o, int64_t id, struct sheet *s, struct err *e)
{
    static const struct {
        const char *label, *sql;
        enum sheet_mood mood;
    } rows[] = {
        {N_("Instalment plans"),
         "SELECT count(*) FROM plan WHERE account = ? AND ended IS NULL", SHEET_NOTE},
        {N_("Cut orders"),
         "SELECT count(*) FROM cut_order WHERE account = ? AND state IN ('quarantined', "
         "'ordered', 'suspended', 'cut')",
         SHEET_BAD},
        {N_("Work orders"),
         "SELECT count(*) FROM work_order WHERE account = ? AND closed IS NULL", SHEET_NOTE},
    };
    int64_t held = 0;
    int64_t disputed = 0;
    TRY(db_get_int(o->db, &disputed, NULL, e,
                   "SELECT coalesce(sum(amount), 0) FROM dispute WHERE account = ? AND state = "
                   "'open'",
                   VALS(V_INT(id))));
    if (disputed > 0) {
        page_money(s, o, N_("Of it in dispute"), disputed);
        sheet_mood(s, SHEET_WARN);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t count = 0;
        TRY(db_get_int(o->db, &count, NULL, e, rows[i].sql, VALS(V_INT(id))));
        if (count > 0) {
            sheet_fact_int(s, rows[i].label, count);
            sheet_mood(s, rows[i].mood);
        }
    }
    TRY(db_get_int(o->db, &held, NULL, e,
                   "SELECT coalesce(sum(rest), 0) FROM deposit WHERE account = ?",
                   VALS(V_INT(id))));
    if (held > 0) {
        page_money(s, o, N_("Deposit held"), held);
    }
    return ERR_OK;
}

#define HELD "EXISTS(SELECT 1 FROM reading z WHERE z.register = r.id AND z.state = 'held')"

static enum err_code meters_fill(struct office *o, int64_t id, struct sheet *s, struct err *e)
{
    static const struct sheet_column columns[] = {
        {N_("Serial"), SHEET_AS_TEXT, 8, 16, 1},     {N_("Kind"), SHEET_AS_WORD, 7, 8, 4},
        {N_("Place"), SHEET_AS_TEXT, 16, 34, 3},     {N_("Last"), SHEET_AS_DATE, 8, 8, 2},
        {N_("Reading"), SHEET_AS_NUMBER, 10, 14, 1}, {N_("State"), SHEET_AS_STATE, 11, 16, 3},
        {N_("Tariff"), SHEET_AS_TEXT, 10, 18, 5},    {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    sheet_heading(s, N_("Meters"));
    sheet_table(s, columns, N_("No meter is assigned to this account."));
    return page_rows(
        s, o, "meter", "twttqwt",
        "SELECT m.id, m.serial, CASE WHEN " HELD " THEN 'bad' WHEN m.state = 'in_service' THEN "
        "'good' ELSE 'dim' END, m.serial, m.kind, p.value, date(x.local, 'unixepoch'), "
        "x.value, r.unit, r.decimals, CASE WHEN " HELD
        " THEN 'held' ELSE m.state END, g.tariff "
        "FROM assignment g JOIN meter m ON m.id = "
        "g.meter "
        "JOIN service_point s ON s.id = m.point JOIN register r ON r.id = (SELECT min(id) FROM "
        "register WHERE meter = m.id) LEFT JOIN reading x ON x.id = (SELECT id FROM reading y "
        "WHERE y.register = r.id AND y.state = 'accepted' ORDER BY y.utc DESC, y.id DESC LIMIT "
        "1)" PERSONAL("p", "service_point", "s", "place") " WHERE g.account = ? AND g.end_date "
                                                          "IS NULL ORDER BY m.id LIMIT 40",
        VALS(V_INT(id)), e);
}

static enum err_code bills_fill(struct office *o, int64_t id, struct sheet *s, struct err *e)
{
    static const struct sheet_column columns[] = {
        {N_("Bill"), SHEET_AS_TEXT, 13, 13, 1},    {N_("From"), SHEET_AS_DATE, 8, 8, 4},
        {N_("Until"), SHEET_AS_DATE, 8, 8, 3},     {N_("Due"), SHEET_AS_DATE, 8, 8, 2},
        {N_("Total"), SHEET_AS_NUMBER, 10, 14, 1}, {N_("Unpaid"), SHEET_AS_NUMBER, 10, 14, 2},
        {N_("State"), SHEET_AS_STATE, 11, 13, 2},  {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    char today[DATE_TEXT];
    date_text(office_today(o), today);
    sheet_heading(s, N_("Bills"));
    sheet_table(s, columns, N_("Nothing has been billed yet."));
    return page_rows(
        s, o, "bill", "ttttmmw",
        "SELECT b.id, b.id, CASE " BILL_STATE(
            "?2") " WHEN 'cancelled' THEN 'dim' WHEN 'paid' "
                  "THEN 'good' WHEN 'disputed' THEN 'warn' WHEN 'overdue' THEN 'bad' ELSE "
                  "'note' END, " BILL_NUMBER("b") ", b.start_date, b.end_date, b.due, b.total, "
                                                  "p.open, " BILL_STATE(
                                                      "?2") " FROM bill b JOIN billing_run r "
                                                            "ON r.id = b.run "
                                                            "AND r.state = 'closed' LEFT JOIN "
                                                            "posting p ON p.kind = 'bill' AND "
                                                            "p.ref = b.id WHERE "
                                                            "b.account = ?1 ORDER BY b.id DESC "
                                                            "LIMIT 13",
        VALS(V_INT(id), V_TEXT(today)), e);
}

static enum err_code payments_fill(struct office *o, int64_t id, struct sheet *s, struct err *e)
{
    static const struct sheet_column columns[] = {
        {N_("Receipt"), SHEET_AS_ID, 7, 9, 1},    {N_("Date"), SHEET_AS_DATE, 8, 8, 1},
        {N_("Method"), SHEET_AS_WORD, 9, 14, 2},  {N_("Amount"), SHEET_AS_NUMBER, 10, 14, 1},
        {N_("State"), SHEET_AS_STATE, 10, 12, 3}, {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    sheet_heading(s, N_("Payments"));
    sheet_table(s, columns, N_("Nothing has been paid yet."));
    return page_rows(s, o, "receipt", "ntwmw",
                     "SELECT receipt, receipt, CASE state WHEN 'posted' THEN NULL ELSE 'dim' "
                     "END, receipt, date, method, amount, state FROM payment WHERE account = ? "
                     "ORDER BY id DESC LIMIT 13",
                     VALS(V_INT(id)), e);
}

static enum err_code notes_fill(struct office *o, int64_t id, struct sheet *s, struct err *e)
{
    static const struct sheet_column columns[] = {
        {N_("Kind"), SHEET_AS_WORD, 12, 16, 1},
        {N_("No."), SHEET_AS_ID, 5, 7, 1},
        {N_("Date"), SHEET_AS_DATE, 8, 8, 1},
        {N_("Bill"), SHEET_AS_TEXT, 13, 13, 3},
        {N_("Amount"), SHEET_AS_NUMBER, 9, 14, 1},
        {N_("Reason"), SHEET_AS_TEXT, 10, 40, 2},
        {NULL, SHEET_AS_TEXT, 0, 0, 0},
    };
    int64_t one = 0;
    bool any = false;
    TRY(db_get_int(o->db, &one, &any, e,
                   "SELECT 1 FROM document WHERE account = ? AND type <> 'receipt' LIMIT 1",
                   VALS(V_INT(id))));
    if (!any) {
        return ERR_OK;
    }
    sheet_heading(s, N_("Credit and debit notes"));
    sheet_table(s, columns, "");
    return page_rows(
        s, o, "entry", "wnttmt",
        "SELECT seq, number, NULL, type, number, date, (SELECT " BILL_NUMBER(
            "b") " FROM bill b WHERE b.id = document.bill), amount, reason FROM "
                 "document WHERE account = ? AND type <> 'receipt' ORDER BY seq DESC LIMIT "
                 "13",
        VALS(V_INT(id)), e);
}

static enum err_code files_fill(struct office *o, int64_t id, struct sheet *s, struct err *e)
{
    TRY(attached_part(o, "account", id, N_("Attachments"), s, e));
    return attached_part(o, "customer", strtoll(sheet_get(s, "customer"), NULL, 10),
                         N_("Attachments of the customer"), s, e);
}

static enum err_code account_fill(struct office *o, int64_t user, int64_t id, struct sheet *s,
                                  struct err *e)
{
    (void)user;
    TRY(head_fill(o, id, s, e));
    TRY(balance_fill(o, id, s, e));
    TRY(state_fill(o, id, s, e));
    TRY(meters_fill(o, id, s, e));
    TRY(bills_fill(o, id, s, e));
    sheet_side(s, true);
    TRY(payments_fill(o, id, s, e));
    TRY(notes_fill(o, id, s, e));
    TRY(files_fill(o, id, s, e));
    sheet_side(s, false);
    return ERR_OK;
}

const struct page page_account = {"account", NULL, account_fill};
