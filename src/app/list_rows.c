#include <config.h>

#include <string.h>

#include "app/attached.h"
#include "app/figure_sql.h"
#include "app/list.h"
#include "app/personal_join.h"
#include "app/query_bill.h"
#include "app/words.h"
#include "base/i18n.h"

/* The lists. Columns stand in the order of the screen's (ui/list_*.c); tests compare the names.
 */

/* ---- bills ---- */

#define BILL_RUN_IS(state)                                                                     \
    "EXISTS(SELECT 1 FROM billing_run r WHERE r.id = b.run AND r.state = '" state "')"

/* What is owed for a bill b, as p. */
#define BILL_POSTING                                                                           \
    "LEFT JOIN posting p ON p.id = (SELECT y.id FROM posting y WHERE y.kind = 'bill' AND "     \
    "y.ref = b.id LIMIT 1) "

static enum err_code bill_lines(struct office *o, int64_t id, struct list_detail *out,
                                struct err *e)
{
    struct stmt *q = NULL;
    struct buf words;
    bool row = false;
    TRY(db_query(
        o->db, &q, e,
        "SELECT label_es, label_en, amount FROM bill_line WHERE bill = ? ORDER BY line",
        VALS(V_INT(id))));
    enum err_code code;
    buf_init(&words, 4096);
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        int column = i18n_lang()[0] == 'e' && i18n_lang()[1] == 's' ? 0 : 1;
        const char *label = stmt_text(q, column);
        buf_clear(&words);
        label_words(o->numfmt, label, strlen(label), &words);
        label = arena_strdup(&out->arena, buf_str(&words));
        if (label != NULL) {
            list_say_money(out, o, label, stmt_int(q, 2));
        }
    }
    stmt_done(q);
    buf_release(&words);
    return code;
}

static enum err_code dispute_files(struct office *o, int64_t id, struct list_detail *out,
                                   struct err *e)
{
    return attached_note(o, "dispute", id, out, e);
}

static enum err_code work_files(struct office *o, int64_t id, struct list_detail *out,
                                struct err *e)
{
    return attached_note(o, "work", id, out, e);
}

static enum err_code customer_files(struct office *o, int64_t id, struct list_detail *out,
                                    struct err *e)
{
    return attached_note(o, "customer", id, out, e);
}

static enum err_code alert_files(struct office *o, int64_t id, struct list_detail *out,
                                 struct err *e)
{
    int64_t reading = 0;
    TRY(db_get_int(o->db, &reading, NULL, e,
                   "SELECT coalesce(reading, 0) FROM alert WHERE id = ?", VALS(V_INT(id))));
    return reading > 0 ? attached_note(o, "reading", reading, out, e) : ERR_OK;
}

const struct list_query list_queries[] = {
    {.name = "bills",
     .links = {{"account", "account", "b.account"}},
     .id = "b.id",
     .from = "bill b LEFT JOIN account a ON a.id = b.account LEFT JOIN customer c ON c.id = "
             "a.customer " PERSONAL("n", "customer", "c", "name") BILL_POSTING,
     .where = "NOT " BILL_RUN_IS("open"),
     .scope = "b.account = ?1",
     .columns = {{"number", LIST_NUMBER, "b.id", NULL, NULL},
                 {"account", LIST_TEXT, "a.number", NULL, NULL},
                 {"customer", LIST_TEXT, "n.value", NULL, NULL},
                 {"from", LIST_DATE, "b.start_date", NULL, NULL},
                 {"until", LIST_DATE, "b.end_date", NULL, NULL},
                 {"due", LIST_DATE, "b.due", NULL, NULL},
                 {"total", LIST_MONEY, "b.total", NULL, NULL},
                 {"open", LIST_MONEY, "p.open", NULL, NULL},
                 {"state", LIST_TEXT,
                  "CASE WHEN " BILL_RUN_IS("discarded") " THEN 'discarded' ELSE " BILL_STATE(
                      LIST_TODAY) " END",
                  NULL, NULL},
                 {"document", LIST_TEXT, BILL_NUMBER("b"), "b.id", NULL},
                 {0}},
     .detail = bill_lines},
#include "app/list_field.def"
#include "app/list_money.def"
#include "app/list_office.def"
};
const size_t list_query_count = sizeof list_queries / sizeof list_queries[0];
