#include <config.h>

#include "app/note_paper.h"

#include <inttypes.h>
#include <string.h>

#include "app/biller.h"
#include "app/query_bill.h"
#include "base/i18n.h"

static const char note_sql[] = "SELECT a.number, " CUSTOMER_NAME_THEN(
    "d.seq") ", d.date, d.reason, d.cause, CASE WHEN d.bill IS NOT NULL "
             "THEN " POSTING_NUMBER("'bill'",
                                    "d.bill") " END, x.authority, x.external, "
                                              "lower(hex(n.leaf)), a.currency, d.amount, "
                                              "d.seq, a.id FROM document d JOIN account a "
                                              "ON a.id = d.account JOIN customer "
                                              "c ON c.id = a.customer JOIN entry n ON "
                                              "n.seq = d.seq LEFT JOIN registration "
                                              "x ON x.type = d.type AND x.number = "
                                              "d.number WHERE d.type = ? AND d.number "
                                              "= ?";

static enum err_code row_read(struct office *o, const char *type, int64_t number,
                              struct arena *a, struct note_paper *n, int64_t *account,
                              struct err *e)
{
    const char **const texts[] = {&n->account,   &n->customer, &n->date,
                                  &n->reason,    &n->cause,    &n->bill,
                                  &n->authority, &n->external, &n->leaf};
    struct stmt *q = NULL;
    bool row = false, bad = false;
    TRY(db_query(o->db, &q, e, note_sql, VALS(V_TEXT(type), V_INT(number))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            *texts[i] = stmt_keep(q, (int)i, a, &bad);
        }
        n->currency = currency_find(stmt_text(q, 9));
        n->amount = stmt_int(q, 10);
        n->seq = stmt_int(q, 11);
        *account = stmt_int(q, 12);
    }
    stmt_done(q);
    TRY(code);
    if (!row) {
        return err_set(e, ERR_NOT_FOUND, _("there is no %s %" PRId64), type, number);
    }
    return bad || n->currency == NULL ? err_nomem(e) : ERR_OK;
}

enum err_code note_paper_load(struct office *o, const char *type, int64_t number,
                              struct arena *arena, struct note_paper *out, struct err *e)
{
    const struct biller *b = NULL;
    int64_t account = 0;
    *out = (struct note_paper){
        .credit = strcmp(type, "credit_note") == 0, .number = number, .office = o->name};
    TRY(row_read(o, type, number, arena, out, &account, e));
    TRY(biller_load(o, out->seq, arena, &b, e));
    if (b == NULL) {
        return ERR_OK;
    }
    if (b->tax_id[0] != '\0') {
        out->office_tax = arena_printf(arena, "%s %s", b->tax_label, b->tax_id);
        TRY(out->office_tax != NULL ? ERR_OK : err_nomem(e));
    }
    return biller_customer_line(o, b, account, out->seq, arena, &out->tax_label, &out->tax_id,
                                e);
}
