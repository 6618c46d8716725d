#include <config.h>

#include "app/notices.h"

#include <inttypes.h>
#include <string.h>

#include "app/collection.h"
#include "app/query_bill.h"
#include "base/i18n.h"

#define NOTICE_ARENA_MAX ((size_t)1 << 20)

static const char notices_sql[] =
    "SELECT n.id, n.step, n.seq, n.date, n.overdue, n.amount, a.number, coalesce(p.value, ''), "
    "coalesce(d.value, ''), a.currency, a.id FROM notice n JOIN account a ON a.id = n.account "
    "JOIN customer c ON c.id = a.customer LEFT JOIN personal p ON p.owner = 'customer' AND "
    "p.id = c.id AND p.field = 'name' AND p.hash = c.name LEFT JOIN personal d ON d.owner = "
    "'customer' AND d.id = c.id AND d.field = 'address' AND d.hash = c.address "
    "WHERE (?1 = 0 OR n.id = ?1) AND (?2 = 0 OR n.step = ?2) AND (?3 IS NULL OR n.date >= ?3) "
    "AND (?4 IS NULL OR n.date <= ?4) AND (?5 IS NULL OR a.number = ?5) ORDER BY n.id";

static enum err_code notice_read(const struct stmt *q, struct arena *a, struct notice *n,
                                 struct err *e)
{
    bool bad = false;
    *n = (struct notice){.number = stmt_int(q, 0),
                         .step = stmt_int(q, 1),
                         .seq = stmt_int(q, 2),
                         .date = stmt_keep(q, 3, a, &bad),
                         .overdue = stmt_keep(q, 4, a, &bad),
                         .amount = stmt_int(q, 5),
                         .account = stmt_keep(q, 6, a, &bad),
                         .customer = stmt_keep(q, 7, a, &bad),
                         .place = stmt_keep(q, 8, a, &bad),
                         .currency = currency_find(stmt_text(q, 9))};
    if (n->currency == NULL) {
        return err_set(e, ERR_TAMPERED,
                       _("account %s is in a currency that this program does not know; run: "
                         "aforo verify --deep"),
                       n->account);
    }
    return bad ? err_nomem(e) : ERR_OK;
}

/* What was due before the day of the notice, is not paid yet and not in dispute. */
static enum err_code lines_read(struct office *o, int64_t account, struct arena *a,
                                struct notice *n, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool bad = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT kind, " POSTING_NUMBER("kind", "ref") ", due, left FROM " OVERDUE_ROWS
                                                               " ORDER BY due, id",
                 VALS(V_INT(account), V_TEXT(n->date))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        int64_t open = stmt_int(q, 3);
        n->open += open;
        if (n->line_count == NOTICE_LINES_MAX) {
            n->rest += open;
            continue;
        }
        n->lines[n->line_count++] = (struct notice_line){
            stmt_keep(q, 0, a, &bad), stmt_keep(q, 1, a, &bad), stmt_keep(q, 2, a, &bad), open};
    }
    stmt_done(q);
    return code == ERR_OK && bad ? err_nomem(e) : code;
}

enum err_code notices_each(struct office *o, const struct notice_choice *choice, notice_fn fn,
                           void *ctx, size_t *count, struct err *e)
{
    struct stmt *q = NULL;
    struct arena arena;
    struct notice n;
    bool row = false;
    *count = 0;
    TRY(db_query(o->db, &q, e, notices_sql,
                 VALS(V_INT(choice->number), V_INT(choice->step),
                      choice->from != NULL ? V_TEXT(choice->from) : V_NULL(),
                      choice->to != NULL ? V_TEXT(choice->to) : V_NULL(),
                      choice->account != NULL ? V_TEXT(choice->account) : V_NULL())));
    arena_init(&arena, NOTICE_ARENA_MAX);
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        arena_reset(&arena);
        code = notice_read(q, &arena, &n, e);
        if (code == ERR_OK) {
            code = lines_read(o, stmt_int(q, 10), &arena, &n, e);
        }
        if (code == ERR_OK) {
            code = fn(ctx, &n, e);
            (*count)++;
        }
    }
    stmt_done(q);
    arena_release(&arena);
    return code;
}
