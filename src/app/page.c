#include <config.h>

#include "app/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

#define PAGE(ident) extern const struct page page_##ident;
#include "app/pages.def"
#include "app/words.h"
#undef PAGE
#define PAGE(ident) &page_##ident,
const struct page *const pages[] = {
#include "app/pages.def"
    NULL};
#undef PAGE

const struct page *page_find(const char *name)
{
    for (size_t i = 0; pages[i] != NULL; i++) {
        if (strcmp(pages[i]->name, name) == 0) {
            return pages[i];
        }
    }
    return NULL;
}

void page_amount(const struct office *o, int64_t minor, char out[PAGE_TEXT_MAX])
{
    struct buf b;
    buf_init(&b, PAGE_TEXT_MAX - 1);
    money_print((struct money){minor}, o->currency, &b);
    (void)snprintf(out, PAGE_TEXT_MAX, "%s", buf_str(&b));
    buf_release(&b);
}

void page_money(struct sheet *s, const struct office *o, const char *label, int64_t minor)
{
    char text[PAGE_TEXT_MAX];
    page_amount(o, minor, text);
    sheet_fact(s, label, SHEET_AS_NUMBER, text);
    sheet_unit(s, o->currency->symbol);
}

void page_quantity(const char *unit, int64_t decimals, int64_t value, char out[PAGE_TEXT_MAX])
{
    const struct unit *u = unit != NULL ? unit_find(unit) : NULL;
    struct buf b;
    buf_init(&b, PAGE_TEXT_MAX - 1);
    if (u != NULL) {
        quantity_print(value, u, decimals > 0 ? (unsigned)decimals : 0, &b);
    }
    (void)snprintf(out, PAGE_TEXT_MAX, "%s", buf_str(&b));
    buf_release(&b);
}

void page_clock(int64_t local_secs, char out[PAGE_TEXT_MAX])
{
    struct civil c = civil_from_secs(local_secs);
    (void)snprintf(out, PAGE_TEXT_MAX, "%04d-%02d-%02d %02d:%02d", c.date.year, c.date.month,
                   c.date.day, c.hour, c.minute);
}

static enum sheet_mood mood_of(const char *word)
{
    static const char *const words[] = {
        [SHEET_DIM] = "dim",   [SHEET_GOOD] = "good", [SHEET_NOTE] = "note",
        [SHEET_WARN] = "warn", [SHEET_BAD] = "bad",
    };
    for (size_t i = SHEET_DIM; word != NULL && i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], word) == 0) {
            return (enum sheet_mood)i;
        }
    }
    return SHEET_PLAIN;
}

/* One cell; returns the columns of the query that it took. */
static int cell_fill(struct sheet *s, const struct office *o, char as, size_t cell,
                     const struct stmt *q, int column)
{
    char text[PAGE_TEXT_MAX];
    if (stmt_is_null(q, column)) {
        return as == 'q' ? 3 : 1;
    }
    switch (as) {
    case 'm':
        page_amount(o, stmt_int(q, column), text);
        sheet_put(s, cell, text);
        return 1;
    case 'n':
        sheet_put_int(s, cell, stmt_int(q, column));
        return 1;
    case 'l':
        page_clock(stmt_int(q, column), text);
        sheet_put(s, cell, text);
        return 1;
    case 'q':
        page_quantity(stmt_text(q, column + 1), stmt_int(q, column + 2), stmt_int(q, column),
                      text);
        sheet_put(s, cell, text);
        return 3;
    case 'w':
        sheet_put(s, cell, code_msgid(stmt_text(q, column)));
        return 1;
    default:
        sheet_put(s, cell, stmt_text(q, column));
        return 1;
    }
}

enum err_code page_account_id(struct sheet *s, struct office *o, const char *number,
                              struct err *e)
{
    char text[24];
    int64_t id = 0;
    TRY(db_get_int(o->db, &id, NULL, e, "SELECT id FROM account WHERE number = ?",
                   VALS(V_TEXT(number))));
    (void)snprintf(text, sizeof text, "%" PRId64, id);
    sheet_set(s, "account_id", text);
    return ERR_OK;
}

enum err_code page_rows(struct sheet *s, struct office *o, const char *opens, const char *as,
                        const char *sql, const struct val *vals, size_t count, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(o->db, &q, e, sql, vals, count));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        int column = 3;
        sheet_row(s, stmt_int(q, 0), opens, stmt_text(q, 1));
        sheet_mood(s, mood_of(stmt_text(q, 2)));
        for (size_t i = 0; as[i] != '\0'; i++) {
            column += cell_fill(s, o, as[i], i, q, column);
        }
    }
    stmt_done(q);
    return code;
}
