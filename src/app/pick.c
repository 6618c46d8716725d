#include <config.h>

#include "app/pick.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/page.h"
#include "app/personal_join.h"
#include "app/query_bill.h"
#include "app/queue.h"
#include "app/receivable.h"
#include "app/words.h"
#include "base/i18n.h"
#include "base/text.h"

#define PICK_BYTES ((size_t)1 << 20)
#define PICK_TEXT_MAX 4096u

struct pick_row {
    const char *param;
    const char *of;  /* command, or its first words; NULL: any */
    const char *as;  /* types of the columns behind the value */
    const char *sql; /* NULL: nothing is picked, it is something new */
};

#define PICK(param, of, as, sql) {param, of, as, sql},
static const struct pick_row rows[] = {
#include "app/pick.def"
};
#undef PICK
#define ROWS (sizeof rows / sizeof rows[0])

struct picks *picks_new(void)
{
    struct picks *p = mem_alloc(sizeof *p);
    if (p != NULL) {
        *p = (struct picks){.count = 0};
        arena_init(&p->arena, PICK_BYTES);
    }
    return p;
}

void picks_free(struct picks *p)
{
    if (p != NULL) {
        arena_release(&p->arena);
        mem_free(p);
    }
}

static bool is_of(const struct pick_row *r, const char *command)
{
    size_t len = r->of != NULL ? strlen(r->of) : 0;
    return r->of == NULL ||
           (strncmp(command, r->of, len) == 0 && (command[len] == '\0' || command[len] == ' '));
}

static const struct pick_row *row_of(const char *command, const char *param)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].param, param) == 0 && is_of(&rows[i], command)) {
            return rows[i].sql != NULL ? &rows[i] : NULL;
        }
    }
    return NULL;
}

bool pick_known(const char *command, const char *param)
{
    return row_of(command, param) != NULL;
}

bool pick_at(size_t index, const char **command, const char **param)
{
    if (index >= ROWS) {
        return false;
    }
    *command = rows[index].of;
    *param = rows[index].param;
    return true;
}

/* ---- what tells a value from the others -------------------------------------------------- */

static void quantity_add(const struct office *o, const struct stmt *q, int column,
                         struct buf *out)
{
    const struct unit *unit = unit_find(stmt_text(q, column + 1));
    char text[PAGE_TEXT_MAX];
    page_quantity(stmt_text(q, column + 1), stmt_int(q, column + 2), stmt_int(q, column), text);
    numfmt_number(o->numfmt, text, out);
    buf_addf(out, " %s", unit != NULL ? unit->pretty : "");
}

static void figure_add(const struct office *o, char as, const struct stmt *q, int column,
                       struct buf *out)
{
    char words[MONEY_WORDS_MAX];
    switch (as) {
    case 'm':
        money_words(o, stmt_int(q, column), words);
        buf_adds(out, words);
        return;
    case 'n':
        numfmt_number(o->numfmt, stmt_text(q, column), out);
        return;
    case 'd':
        numfmt_day(o->numfmt, stmt_text(q, column), out);
        return;
    case 'l':
        numfmt_clock(o->numfmt, civil_from_secs(stmt_int(q, column)), out);
        return;
    case 'q':
        quantity_add(o, q, column, out);
        return;
    case 'w':
        buf_adds(out, code_said(stmt_text(q, column)));
        return;
    case 'a':
        buf_adds(out, alert_title(stmt_text(q, column)));
        return;
    default:
        buf_adds(out, stmt_text(q, column));
        return;
    }
}

/* One after the other, what is not known left out. */
static void text_fill(const struct office *o, const char *as, const struct stmt *q,
                      struct buf *out)
{
    int column = 1;
    for (; *as != '\0'; as++) {
        if (!stmt_is_null(q, column) && stmt_text(q, column)[0] != '\0') {
            buf_adds(out, out->len > 0 ? " · " : "");
            figure_add(o, *as, q, column, out);
        }
        column += *as == 'q' ? 3 : 1;
    }
}

static enum err_code take(const struct office *o, const char *as, const struct stmt *q,
                          struct picks *out, struct err *e)
{
    struct pick *p = &out->list[out->count];
    struct buf text;
    buf_init(&text, PICK_TEXT_MAX);
    text_fill(o, as, q, &text);
    p->value = arena_strdup(&out->arena, stmt_text(q, 0));
    p->text = arena_strdup(&out->arena, buf_str(&text));
    buf_release(&text);
    if (p->value == NULL || p->text == NULL) {
        return err_nomem(e);
    }
    out->count++;
    return ERR_OK;
}

enum err_code picks_load(struct office *o, const char *command, const char *param,
                         const char *typed, struct picks *out, struct err *e)
{
    const struct pick_row *r = row_of(command, param);
    struct stmt *q = NULL;
    bool row = false;
    if (r == NULL) {
        return ERR_OK;
    }
    bool narrowed = strstr(r->sql, "?1") != NULL;
    struct val like = V_TEXT(typed);
    TRY(db_query(o->db, &q, e, r->sql, &like, narrowed ? 1 : 0));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && !out->more && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        out->more = out->count == PICKS_MAX;
        code = out->more ? ERR_OK : take(o, r->as, q, out, e);
    }
    stmt_done(q);
    return code;
}

/* "WITH k(v, c1, c2) AS (...) SELECT * FROM k WHERE v = ?2": the row's query, narrowed. */
static void one_sql(const struct pick_row *r, struct buf *sql)
{
    int columns = 0;
    for (const char *as = r->as; *as != '\0'; as++) {
        columns += *as == 'q' ? 3 : 1;
    }
    buf_adds(sql, "WITH k(v");
    for (int i = 1; i <= columns; i++) {
        buf_addf(sql, ", c%d", i);
    }
    buf_addf(sql, ") AS (%s) SELECT * FROM k WHERE v = ?2 LIMIT 1", r->sql);
}

enum err_code pick_tell(struct office *o, const char *command, const char *param,
                        const char *value, struct buf *out, struct err *e)
{
    const struct pick_row *r = row_of(command, param);
    struct stmt *q = NULL;
    struct buf sql;
    bool row = false;
    if (r == NULL) {
        return ERR_OK;
    }
    buf_init(&sql, PICK_TEXT_MAX);
    one_sql(r, &sql);
    enum err_code code = buf_status(&sql, param, e);
    if (code == ERR_OK) {
        code = db_query_once(o->db, &q, e, buf_str(&sql), VALS(V_TEXT(value), V_TEXT(value)));
    }
    if (code == ERR_OK) {
        code = stmt_next(q, &row, e);
    }
    if (code == ERR_OK && row) {
        text_fill(o, r->as, q, out);
    }
    stmt_done(q);
    buf_release(&sql);
    return code;
}
