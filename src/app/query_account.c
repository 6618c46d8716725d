/* The account's side of a bill: what was owed before it, what came in since, what is owed with
 * it. All of it follows from the order of the postings, so it never changes. */
#include <config.h>

#include <string.h>

#include "app/query_bill.h"
#include "base/i18n.h"

/* The bill's own posting and that of the account's bill before it; 0: none. */
static enum err_code postings_find(struct office *o, struct bill_view *v, int64_t *own,
                                   int64_t *before, struct err *e)
{
    *own = 0;
    *before = 0;
    TRY(db_get_int(o->db, own, NULL, e,
                   "SELECT id FROM posting WHERE kind = 'bill' AND ref = ?",
                   VALS(V_INT(v->id))));
    return db_get_int(o->db, before, NULL, e,
                      "SELECT max(id) FROM posting WHERE account = ? AND id < ? AND kind = "
                      "'bill'",
                      VALS(V_INT(v->account), V_INT(*own)));
}

static enum err_code moves_read(struct office *o, struct bill_view *v, int64_t own,
                                int64_t before, struct arena *a, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    v->moves = arena_array(a, BILL_MOVES_MAX, sizeof v->moves[0]);
    if (v->moves == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(
        o->db, &q, e,
        "SELECT kind, sum(amount) FROM posting WHERE account = ? AND id > ? AND id < ? "
        "AND kind <> 'opening' GROUP BY kind ORDER BY min(id)",
        VALS(V_INT(v->account), V_INT(before), V_INT(own))));
    enum err_code code = ERR_OK;
    while (v->move_count < BILL_MOVES_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct bill_view_move *m = &v->moves[v->move_count++];
        m->kind = arena_strdup(a, stmt_text(q, 0));
        m->amount = stmt_int(q, 1);
        if (m->kind == NULL) {
            code = err_nomem(e);
            break;
        }
    }
    stmt_done(q);
    return code;
}

enum err_code bill_view_account(struct office *o, struct bill_view *v, struct arena *arena,
                                struct err *e)
{
    int64_t own = 0;
    int64_t before = 0;
    v->previous = 0;
    v->moves = NULL;
    v->move_count = 0;
    TRY(postings_find(o, v, &own, &before, e));
    v->due_total = v->total.minor;
    if (own == 0) { /* its run is open: nothing is owed yet */
        return ERR_OK;
    }
    TRY(db_get_int(o->db, &v->previous, NULL, e,
                   "SELECT coalesce(sum(amount), 0) FROM posting WHERE account = ?1 AND (id <= "
                   "?2 OR (id < ?3 AND kind = 'opening'))",
                   VALS(V_INT(v->account), V_INT(before), V_INT(own))));
    TRY(moves_read(o, v, own, before, arena, e));
    int64_t earlier = v->previous;
    for (size_t i = 0; i < v->move_count; i++) {
        earlier += v->moves[i].amount;
    }
    v->arrears = earlier > 0 ? earlier : 0;
    v->due_total = earlier + v->total.minor;
    return ERR_OK;
}

const char *posting_text(const char *kind)
{
    return strcmp(kind, "debit_note") == 0 ? _("Debit note")
           : strcmp(kind, "reversal") == 0 ? _("Reversed payment")
           : strcmp(kind, "refund") == 0   ? _("Refund")
                                           : posting_kind_text(kind);
}

const char *posting_kind_text(const char *kind)
{
    static const struct {
        const char *kind, *text;
    } rows[] = {
        {"opening", N_("Opening balance")},    {"bill", N_("Bill")},
        {"void", N_("Bills taken back")},      {"debit_note", N_("Debit notes")},
        {"credit_note", N_("Credit notes")},   {"payment", N_("Payments received")},
        {"reversal", N_("Reversed payments")}, {"refund", N_("Refunds")},
        {"write_off", N_("Written off")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].kind, kind) == 0) {
            return _(rows[i].text);
        }
    }
    return kind;
}
