#include <config.h>

#include "app/list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/list_index.h"
#include "app/list_sql.h"
#include "base/i18n.h"
#include "base/text.h"

#define DETAIL_MAX_BYTES (1u << 20)

const struct list_query *list_find(const char *name)
{
    for (size_t i = 0; i < list_query_count; i++) {
        if (strcmp(list_queries[i].name, name) == 0) {
            return &list_queries[i];
        }
    }
    return NULL;
}

size_t list_columns(const struct list_query *q)
{
    size_t n = 0;
    while (n < LIST_COLUMNS_MAX && q->columns[n].name != NULL) {
        n++;
    }
    return n;
}

/* ---- putting SQL together: only from the table's own literals; what people type is bound ----
 */

void list_sql_condition(struct buf *sql, bool *first, const char *condition)
{
    buf_addf(sql, "%s(%s)", *first ? " WHERE " : " AND ", condition);
    *first = false;
}

static void add_term(struct buf *sql, bool *first, const struct office *o,
                     const struct list_query *q, const struct list_term *t, const char *folded,
                     size_t number)
{
    size_t count = list_columns(q);
    size_t from = t->column < 0 ? 0 : (size_t)t->column;
    size_t to = t->column < 0 ? count : from + 1;
    buf_addf(sql, "%s(instr(fold(''", *first ? " WHERE " : " AND ");
    for (size_t i = from; i < to && i < count; i++) {
        if (list_may_hold(&q->columns[i], folded)) {
            buf_adds(sql, " || coalesce(");
            list_sql_text(sql, o, &q->columns[i]);
            buf_adds(sql, ", '') || char(10)"); /* a term never reaches over two cells */
        }
    }
    buf_addf(sql, "), ?%zu) > 0)", number);
    *first = false;
}

void list_sql_all(struct buf *sql, const struct list_query *q, bool *first)
{
    *first = true;
    buf_addf(sql, " FROM %s", q->from);
    if (q->where != NULL) {
        list_sql_condition(sql, first, q->where);
    }
}

/* "FROM ... WHERE ...": ?1 is the scope, the terms follow. */
static void add_rows(struct buf *sql, const struct office *o, const struct list_query *q,
                     const struct list_ask *ask, const struct buf *folded)
{
    bool first = true;
    list_sql_all(sql, q, &first);
    if (q->scope != NULL && ask->scope != 0) {
        list_sql_condition(sql, &first, q->scope);
    }
    for (size_t i = 0; i < ask->term_count; i++) {
        add_term(sql, &first, o, q, &ask->terms[i], buf_str(&folded[i]), i + 2);
    }
}

/* How many values that takes. */
static size_t bound_values(const struct list_query *q, const struct list_ask *ask)
{
    return ask->term_count > 0                   ? ask->term_count + 1
           : q->scope != NULL && ask->scope != 0 ? 1
                                                 : 0;
}

/* The day takes the place of its mark, which is as long. */
enum err_code list_sql_finish(const struct office *o, struct buf *sql, struct err *e)
{
    char day[DATE_TEXT];
    TRY(buf_status(sql, _("list"), e));
    date_text(office_today(o), day);
    for (char *at = sql->data; (at = strstr(at, LIST_TODAY)) != NULL;) {
        memcpy(at + 1, day, strlen(LIST_TODAY) - 2);
    }
    return ERR_OK;
}

size_t list_sort_column(const struct list_query *q, const struct list_ask *ask)
{
    return ask->sort_column >= 0 && (size_t)ask->sort_column < list_columns(q)
               ? (size_t)ask->sort_column
               : 0;
}

const char *list_sql_order(const struct list_query *q, size_t column)
{
    const struct list_column *c = &q->columns[column];
    return c->order != NULL ? c->order : c->sql;
}

static void add_order(struct buf *sql, const struct list_query *q, const struct list_ask *ask)
{
    const char *way = ask->descending ? " DESC" : "";
    buf_addf(sql, " ORDER BY %s%s, %s%s", list_sql_order(q, list_sort_column(q, ask)), way,
             q->id, way);
}

/* ---- ids ---- */

static bool hand_over(struct list_taking *t)
{
    size_t n = t->count;
    t->count = 0;
    t->any = t->any || n > 0;
    return t->take(t->ctx, n > 0 ? t->ids : NULL, n);
}

enum err_code list_give_now(struct list_taking *t, struct err *e)
{
    return hand_over(t)
               ? ERR_OK
               : err_set(e, ERR_CANCELLED, "%s", _("the list was not wanted any more"));
}

enum err_code list_give(struct list_taking *t, int64_t id, struct err *e)
{
    t->ids[t->count++] = id;
    return t->count < LIST_IDS_AT_ONCE ? ERR_OK : list_give_now(t, e);
}

bool list_unwanted(void *ctx)
{
    return !hand_over(ctx);
}

static bool is_marked(const struct list_marks *m, int64_t id)
{
    return id >= m->base && (uint64_t)(id - m->base) < m->room &&
           (m->bits[(id - m->base) / 8] >> ((id - m->base) % 8) & 1u) != 0;
}

/* m: NULL: all rows. */
static enum err_code run_ids(struct stmt *s, const struct list_marks *m, struct list_taking *t,
                             struct err *e)
{
    bool row = false;
    enum err_code code;
    while ((code = stmt_next(s, &row, e)) == ERR_OK && row) {
        if (m == NULL || is_marked(m, stmt_int(s, 0))) {
            code = list_give(t, stmt_int(s, 0), e);
        }
        if (code != ERR_OK) {
            break;
        }
    }
    return code;
}

enum err_code list_marked_ids(struct office *o, const struct list_query *q,
                              const struct list_ask *ask, const struct list_marks *m,
                              struct list_taking *t, struct err *e)
{
    struct stmt *s = NULL;
    struct buf sql;
    bool first = true;
    buf_init(&sql, LIST_SQL_MAX);
    buf_addf(&sql, "SELECT %s", q->id);
    list_sql_all(&sql, q, &first);
    add_order(&sql, q, ask);
    enum err_code code = list_sql_finish(o, &sql, e);
    if (code == ERR_OK) {
        code = db_query_once(o->db, &s, e, buf_str(&sql), NO_VALS);
    }
    if (code == ERR_OK) {
        code = run_ids(s, m, t, e);
    }
    stmt_done(s);
    buf_release(&sql);
    return code;
}

/* Every row is looked at. */
static enum err_code scan(struct office *o, const struct list_query *q,
                          const struct list_ask *ask, const struct buf *folded,
                          struct list_taking *t, struct err *e)
{
    struct val vals[LIST_TERMS_MAX + 1] = {V_INT(ask->scope)};
    struct stmt *s = NULL;
    struct buf sql;
    buf_init(&sql, LIST_SQL_MAX);
    for (size_t i = 0; i < ask->term_count; i++) {
        vals[i + 1] = V_TEXT(buf_str(&folded[i]));
    }
    buf_addf(&sql, "SELECT %s", q->id);
    add_rows(&sql, o, q, ask, folded);
    add_order(&sql, q, ask);
    enum err_code code = list_sql_finish(o, &sql, e);
    if (code == ERR_OK) {
        code = db_query_once(o->db, &s, e, buf_str(&sql), vals, bound_values(q, ask));
    }
    if (code == ERR_OK) {
        code = run_ids(s, NULL, t, e);
    }
    stmt_done(s);
    buf_release(&sql);
    return code;
}

enum err_code list_ids(struct office *o, const struct list_query *q, const struct list_ask *ask,
                       list_take_fn take, void *ctx, struct err *e)
{
    struct list_taking t = {.take = take, .ctx = ctx};
    struct buf folded[LIST_TERMS_MAX];
    size_t count = ask->term_count;
    bool answered = false;
    enum err_code code = ERR_OK;
    CHECK(count <= LIST_TERMS_MAX);
    for (size_t i = 0; i < count; i++) {
        buf_init(&folded[i], 4096);
        text_fold(ask->terms[i].text, strlen(ask->terms[i].text), &folded[i]);
        code = code == ERR_OK ? buf_status(&folded[i], _("list"), e) : code;
    }
    db_set_stop(o->db, list_unwanted, &t);
    if (code == ERR_OK && ask->index != NULL && (ask->scope == 0 || q->scope == NULL)) {
        code = list_index_ids(ask->index, o, q, ask, folded, &t, &answered, e);
    }
    if (code == ERR_OK && !answered) {
        code = scan(o, q, ask, folded, &t, e);
    }
    db_set_stop(o->db, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        buf_release(&folded[i]);
    }
    return code == ERR_OK ? list_give_now(&t, e) : code;
}

enum err_code list_total(struct office *o, const struct list_query *q, int64_t scope,
                         list_take_fn wanted, void *ctx, int64_t *out, struct err *e)
{
    struct list_ask all = {.scope = scope};
    struct list_taking t = {.take = wanted, .ctx = ctx};
    struct val scoped = V_INT(scope);
    struct stmt *s = NULL;
    struct buf sql;
    bool row = false;
    *out = 0;
    buf_init(&sql, LIST_SQL_MAX);
    buf_addf(&sql, "SELECT count(%s)", q->id);
    add_rows(&sql, o, q, &all, NULL);
    enum err_code code = list_sql_finish(o, &sql, e);
    db_set_stop(o->db, wanted != NULL ? list_unwanted : NULL, &t);
    if (code == ERR_OK) {
        code = db_query_once(o->db, &s, e, buf_str(&sql), &scoped, bound_values(q, &all));
    }
    if (code == ERR_OK) {
        code = stmt_next(s, &row, e);
    }
    if (code == ERR_OK && row) {
        *out = stmt_int(s, 0);
    }
    stmt_done(s);
    db_set_stop(o->db, NULL, NULL);
    buf_release(&sql);
    return code;
}

/* ---- rows ---- */

static void add_local(const struct office *o, int64_t utc, struct buf *out)
{
    civil_print_format(zone_to_civil(o->zone, utc), "%F %R", out);
}

/* The cell that begins at a column of the statement; quantities take three. */
static void add_cell(const struct office *o, const struct stmt *s, int at,
                     const struct list_column *c, struct buf *out)
{
    const struct unit *unit;
    if (stmt_is_null(s, at)) {
        return;
    }
    switch (c->type) {
    case LIST_TEXT:
    case LIST_DATE:
    case LIST_NUMBER:
        buf_adds(out, stmt_text(s, at));
        break;
    case LIST_MONEY:
        money_print((struct money){stmt_int(s, at)}, o->currency, out);
        break;
    case LIST_TIME:
        add_local(o, stmt_int(s, at), out);
        break;
    case LIST_QUANTITY:
        unit = stmt_is_null(s, at + 1) ? NULL : unit_find(stmt_text(s, at + 1));
        if (unit != NULL) {
            quantity_print(stmt_int(s, at), unit, (unsigned)stmt_int(s, at + 2), out);
        } else { /* a number of something else */
            buf_adds(out, stmt_text(s, at));
        }
        break;
    }
}

static enum err_code give_row(struct office *o, const struct list_query *q, struct stmt *s,
                              int64_t id, struct buf *text, list_row_fn take, void *ctx,
                              struct err *e)
{
    const char *cells[LIST_COLUMNS_MAX] = {NULL};
    size_t starts[LIST_COLUMNS_MAX];
    size_t count = list_columns(q);
    int at = 0;
    buf_clear(text);
    for (size_t i = 0; i < count; i++) {
        starts[i] = text->len;
        add_cell(o, s, at, &q->columns[i], text);
        buf_addc(text, '\0');
        at += q->columns[i].type == LIST_QUANTITY ? 3 : 1;
    }
    TRY(buf_status(text, _("list"), e));
    for (size_t i = 0; i < count; i++) {
        cells[i] = text->data + starts[i];
    }
    return take(ctx, id, cells, e);
}

enum err_code list_rows(struct office *o, const struct list_query *q, const int64_t *ids,
                        size_t count, list_row_fn take, void *ctx, struct err *e)
{
    struct stmt *s = NULL;
    struct buf sql;
    struct buf text;
    bool row = false;
    enum err_code code = ERR_OK;
    buf_init(&sql, LIST_SQL_MAX);
    buf_init(&text, 1u << 20);
    buf_adds(&sql, "SELECT ");
    for (size_t i = 0; i < list_columns(q); i++) {
        const struct list_column *c = &q->columns[i];
        buf_addf(&sql, "%s%s", i > 0 ? ", " : "", c->sql);
        if (c->type == LIST_QUANTITY) {
            buf_addf(&sql, ", %s", c->unit);
        }
    }
    buf_addf(&sql, " FROM %s WHERE %s = ?1", q->from, q->id);
    code = list_sql_finish(o, &sql, e);
    for (size_t i = 0; i < count && code == ERR_OK; i++) {
        struct val id = V_INT(ids[i]);
        code = s == NULL ? db_query_once(o->db, &s, e, buf_str(&sql), &id, 1)
                         : stmt_restart(s, &id, 1, e);
        if (code == ERR_OK) {
            code = stmt_next(s, &row, e);
        }
        if (code == ERR_OK && row) {
            code = give_row(o, q, s, ids[i], &text, take, ctx, e);
        }
    }
    stmt_done(s);
    buf_release(&text);
    buf_release(&sql);
    return code;
}

/* ---- details ---- */

enum err_code list_goals(struct office *o, const struct list_query *q, int64_t id,
                         struct list_goal out[LIST_LINKS_MAX], size_t *count, struct err *e)
{
    struct stmt *s = NULL;
    struct val value = V_INT(id);
    struct buf sql;
    bool row = false;
    *count = 0;
    if (q->links[0].column == NULL) {
        return ERR_OK;
    }
    buf_init(&sql, LIST_SQL_MAX);
    for (size_t i = 0; i < LIST_LINKS_MAX && q->links[i].column != NULL; i++) {
        buf_addf(&sql, "%s%s", i == 0 ? "SELECT " : ", ", q->links[i].id);
    }
    buf_addf(&sql, " FROM %s WHERE %s = ?1", q->from, q->id);
    enum err_code code = list_sql_finish(o, &sql, e);
    code = code == ERR_OK ? db_query_once(o->db, &s, e, buf_str(&sql), &value, 1) : code;
    code = code == ERR_OK ? stmt_next(s, &row, e) : code;
    for (size_t i = 0; code == ERR_OK && row && i < LIST_LINKS_MAX; i++) {
        const struct list_link *link = &q->links[i];
        if (link->column == NULL) {
            break;
        }
        if (stmt_int(s, (int)i) > 0) {
            out[(*count)++] =
                (struct list_goal){link->column, link->opens, stmt_int(s, (int)i)};
        }
    }
    stmt_done(s);
    buf_release(&sql);
    return code;
}

void list_detail_init(struct list_detail *d)
{
    *d = (struct list_detail){.series_limit = -1};
    arena_init(&d->arena, DETAIL_MAX_BYTES);
}

void list_detail_release(struct list_detail *d)
{
    arena_release(&d->arena);
    d->count = 0;
}

void list_say(struct list_detail *d, const char *label, enum list_type type, const char *value)
{
    const char *kept = arena_strdup(&d->arena, value != NULL ? value : "");
    if (kept != NULL && d->count < LIST_LINES_MAX) {
        d->lines[d->count++] = (struct list_line){label, type, kept};
    }
}

void list_say_money(struct list_detail *d, const struct office *o, const char *label,
                    int64_t minor)
{
    struct buf text;
    buf_init(&text, 64);
    money_print((struct money){minor}, o->currency, &text);
    list_say(d, label, LIST_MONEY, buf_str(&text));
    buf_release(&text);
}
