#include <config.h>

#include "app/receipt.h"

#include <inttypes.h>
#include <string.h>

#include "app/bill_code.h"
#include "app/biller.h"
#include "app/query_bill.h"
#include "base/i18n.h"

#define RECEIPT_LINES_MAX 512

static struct date date_at(const struct stmt *q, int column)
{
    struct date d = {1970, 1, 1};
    struct err ignored = ERR_INIT;
    const char *text = stmt_text(q, column);
    if (text != NULL) {
        (void)(date_parse(text, strlen(text), &d, &ignored) == ERR_OK);
    }
    return d;
}

#define LOGIN_OF                                                                               \
    "(SELECT l.value FROM user u JOIN personal l ON l.owner = 'user' AND l.id = u.id AND "     \
    "l.field = 'login' AND l.hash = u.login WHERE h.actor = 'user:' || u.id)"

/* Paid or held: one row, of which the other half is NULL. */
static const char receipt_sql[] = "SELECT a.number, " CUSTOMER_NAME_THEN(
    "d.seq") ", " LOGIN_OF ", h.time, d.amount, a.currency, d.seq, n.leaf, "
             "p.id IS NULL, coalesce(p.state, 'posted'), coalesce(p.value_date, d.date), "
             "coalesce(p.channel, 'counter'), coalesce(p.method, json_extract(n.payload, "
             "'$.data.method')), p.txn, coalesce(p.tender_currency, a.currency), "
             "coalesce(p.tendered, d.amount), coalesce(p.rate, '1'), coalesce(p.change, 0), "
             "coalesce(p.posting, 0), (SELECT coalesce(sum(x.amount), 0) FROM posting x WHERE "
             "x.account "
             "= a.id AND x.id <= coalesce(p.posting, (SELECT max(y.id) FROM posting y WHERE "
             "y.seq < "
             "d.seq))), a.id "
             "FROM document d JOIN account a ON a.id = d.account JOIN customer c ON c.id = "
             "a.customer "
             "JOIN history h ON h.seq = d.seq JOIN entry n ON n.seq = d.seq "
             "LEFT JOIN payment p ON p.receipt = d.number WHERE d.type = 'receipt' AND "
             "d.number = ?";

static void head_read(const struct stmt *q, const struct office *o, struct arena *a,
                      struct receipt *r, bool *bad)
{
    size_t len = 0;
    const void *leaf = stmt_blob(q, 7, &len);
    r->account = stmt_keep(q, 0, a, bad);
    r->customer = stmt_keep(q, 1, a, bad);
    r->cashier = stmt_keep(q, 2, a, bad);
    r->taken = zone_to_civil(o->zone, stmt_int(q, 3) / 1000);
    r->amount = stmt_int(q, 4);
    r->currency = currency_find(stmt_text(q, 5));
    r->seq = stmt_int(q, 6);
    if (len == HASH_SIZE) {
        memcpy(r->leaf.b, leaf, HASH_SIZE);
    }
    r->deposit = stmt_int(q, 8) != 0;
    r->state = stmt_keep(q, 9, a, bad);
    r->value_date = date_at(q, 10);
    r->channel = stmt_keep(q, 11, a, bad);
    r->method = stmt_keep(q, 12, a, bad);
    r->slip = stmt_keep(q, 13, a, bad);
    r->tender = currency_find(stmt_text(q, 14));
    r->tendered = stmt_int(q, 15);
    r->rate = stmt_keep(q, 16, a, bad);
    r->change = stmt_int(q, 17);
    r->balance = stmt_int(q, 19);
}

/* "card:0042" is the slip's number; what we made up ourselves is nothing to print. */
static void slip_trim(struct receipt *r)
{
    size_t n = strlen(r->method);
    bool named = strcmp(r->channel, "counter") == 0 && strncmp(r->slip, r->method, n) == 0 &&
                 r->slip[n] == ':' && strcmp(r->method, "cash") != 0;
    r->slip = named ? r->slip + n + 1 : "";
}

static enum err_code lines_read(struct office *o, int64_t posting, struct arena *a,
                                struct receipt *r, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool bad = false;
    struct receipt_line *lines = arena_array(a, RECEIPT_LINES_MAX, sizeof lines[0]);
    if (lines == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(o->db, &q, e,
                 "SELECT g.kind, g.due, x.amount, " POSTING_NUMBER(
                     "g.kind", "g.ref") " FROM allocation x JOIN posting g ON g.id = x.debit "
                                        "WHERE x.credit = ?1 AND "
                                        "x.seq = ?2 ORDER BY x.id LIMIT ?3",
                 VALS(V_INT(posting), V_INT(r->seq), V_INT(RECEIPT_LINES_MAX + 1))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        if (r->line_count == RECEIPT_LINES_MAX) {
            code = err_set(e, ERR_LIMIT,
                           _("receipt %" PRId64 " settled more than %d debts; print the "
                             "statement of account %s instead"),
                           r->number, RECEIPT_LINES_MAX, r->account);
            break;
        }
        lines[r->line_count++] = (struct receipt_line){.kind = stmt_keep(q, 0, a, &bad),
                                                       .due = date_at(q, 1),
                                                       .amount = stmt_int(q, 2),
                                                       .number = stmt_keep(q, 3, a, &bad)};
        r->credit -= stmt_int(q, 2);
    }
    stmt_done(q);
    r->lines = lines;
    return code == ERR_OK && bad ? err_nomem(e) : code;
}

static enum err_code code_read(struct office *o, struct arena *a, struct receipt *r,
                               struct err *e)
{
    struct buf text;
    buf_init(&text, 2 * (size_t)BILL_CODE_MAX);
    enum err_code code = receipt_code_make(o, r, &text, e);
    if (code == ERR_OK) {
        r->code = arena_strdup(a, buf_str(&text));
        code = r->code != NULL ? ERR_OK : err_nomem(e);
    }
    buf_release(&text);
    return code;
}

/* What is still owed can be paid by the account's reference: it may be several bills. */
static enum err_code demand_read(const struct biller *b, int64_t account, struct arena *a,
                                 struct receipt *r, struct err *e)
{
    if (r->deposit || r->balance <= 0 || strcmp(r->state, "posted") != 0) {
        return ERR_OK;
    }
    struct pay_demand demand = {
        .reference = {0, account}, .amount = r->balance, .decimals = r->currency->digits};
    return biller_demand(b, &demand, a, &r->pay_reference, &r->pay_code, e);
}

static enum err_code biller_read(struct office *o, int64_t account, struct arena *a,
                                 struct receipt *r, struct err *e)
{
    const struct biller *b = NULL;
    TRY(biller_load(o, r->seq, a, &b, e));
    if (b == NULL) {
        return ERR_OK;
    }
    if (b->tax_id[0] != '\0') {
        r->office_tax = arena_printf(a, "%s %s", b->tax_label, b->tax_id);
        TRY(r->office_tax != NULL ? ERR_OK : err_nomem(e));
    }
    TRY(biller_customer_line(o, b, account, r->seq, a, &r->tax_label, &r->tax_id, e));
    return demand_read(b, account, a, r, e);
}

enum err_code receipt_load(struct office *o, int64_t number, int64_t copy, struct arena *arena,
                           struct receipt *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool bad = false;
    int64_t posting = 0;
    int64_t account = 0;
    *out = (struct receipt){.number = number, .copy = copy};
    TRY(db_query(o->db, &q, e, receipt_sql, VALS(V_INT(number))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        head_read(q, o, arena, out, &bad);
        posting = stmt_int(q, 18);
        account = stmt_int(q, 20);
    }
    stmt_done(q);
    TRY(code);
    if (!row) {
        return err_set(e, ERR_NOT_FOUND, _("there is no receipt %" PRId64), number);
    }
    out->office = arena_strdup(arena, o->name);
    if (bad || out->office == NULL) {
        return err_nomem(e);
    }
    if (out->currency == NULL || out->tender == NULL) {
        return err_set(e, ERR_TAMPERED,
                       _("receipt %" PRId64 " is in a currency that this program does not "
                         "know; run: aforo verify --deep"),
                       number);
    }
    slip_trim(out);
    out->credit = out->deposit ? 0 : out->amount;
    if (!out->deposit) {
        TRY(lines_read(o, posting, arena, out, e));
    }
    TRY(biller_read(o, account, arena, out, e));
    return code_read(o, arena, out, e);
}

const char *payment_method_text(const char *method)
{
    static const struct {
        const char *method, *text;
    } known[] = {{"cash", N_("Cash")},
                 {"card", N_("Card")},
                 {"cheque", N_("Cheque")},
                 {"transfer", N_("Transfer")},
                 {"deposit", N_("From a deposit")}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].method, method) == 0) {
            return _(known[i].text);
        }
    }
    return method;
}
