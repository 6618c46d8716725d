#include <config.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/index_file.h"
#include "app/list_index_priv.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"

const struct list_indexed list_indexed[] = {
#include "app/list_indexed.def"
};
const size_t list_indexed_count = sizeof list_indexed / sizeof list_indexed[0];

const struct list_indexed *list_indexed_find(const struct list_query *q)
{
    for (size_t i = 0; i < list_indexed_count; i++) {
        if (strcmp(list_indexed[i].name, q->name) == 0) {
            return &list_indexed[i];
        }
    }
    return NULL;
}

unsigned list_columns_named(const struct list_query *q, const char *const *names)
{
    unsigned bits = 0;
    for (; *names != NULL; names++) {
        size_t i = 0;
        while (i < list_columns(q) && strcmp(q->columns[i].name, *names) != 0) {
            i++;
        }
        CHECK(i < list_columns(q));
        bits |= 1u << i;
    }
    return bits;
}

void list_index_name(const struct list_query *q, char out[32])
{
    (void)snprintf(out, 32, "list-%.24s", q->name);
}

enum err_code list_index_damaged(struct err *e)
{
    return err_set(e, ERR_TAMPERED, "%s", _("the search index is damaged"));
}

/* ---- SQL ---- */

void list_sql_cells(struct buf *sql, const struct office *o, const struct list_query *q)
{
    for (size_t i = 0; i < list_columns(q); i++) {
        buf_adds(sql, ", '' || coalesce(");
        list_sql_text(sql, o, &q->columns[i]);
        buf_adds(sql, ", '')");
    }
}

void list_sql_shape(struct buf *out, const struct office *o, const struct list_query *q)
{
    bool first = true;
    buf_adds(out, q->id);
    list_sql_cells(out, o, q);
    list_sql_all(out, q, &first);
    for (size_t i = 0; i < list_columns(q); i++) {
        buf_addf(out, "; %s", list_sql_order(q, i));
    }
}

enum err_code list_sql_one(const struct office *o, const struct list_query *q, struct buf *sql,
                           struct err *e)
{
    bool first = true;
    buf_addf(sql, "SELECT %s", q->id);
    list_sql_cells(sql, o, q);
    list_sql_all(sql, q, &first);
    buf_addf(sql, " %s %s = ?1", first ? "WHERE" : "AND", q->id);
    return list_sql_finish(o, sql, e);
}

void list_cell_add(const struct stmt *s, int column, struct buf *out)
{
    const char *text = stmt_text(s, column);
    size_t from = out->len;
    text_fold(text != NULL ? text : "", text != NULL ? strlen(text) : 0, out);
    for (size_t i = from; !out->failed && i < out->len; i++) {
        if (out->data[i] == METER_CELL_END) { /* no UTF-8, and no term */
            out->data[i] = '?';
        }
    }
    buf_addc(out, METER_CELL_END);
}

/* ---- the handle ---- */

enum err_code list_index_new(struct list_index **out, struct err *e)
{
    struct list_index *x = mem_alloc(sizeof *x);
    *out = x;
    if (x == NULL) {
        return err_nomem(e);
    }
    *x = (struct list_index){.placed_column = -1};
    list_tail_init(&x->tail);
    return ERR_OK;
}

static void shut(struct list_index *x)
{
    db_close(x->db);
    x->db = NULL;
    x->inode = 0;
    list_tail_release(&x->tail);
    mem_free(x->placed);
    x->placed = NULL;
    x->placed_count = 0;
    x->placed_column = -1;
}

static void leave(struct list_index *x)
{
    shut(x);
    mem_free(x->path);
    x->path = NULL;
    x->q = NULL;
}

void list_index_free(struct list_index *x)
{
    if (x != NULL) {
        leave(x);
        mem_free(x);
    }
}

void list_index_drop(struct list_index *x)
{
    shut(x);
    if (x->path != NULL) {
        (void)unlink(x->path);
    }
}

size_t list_index_tail_count(const struct list_index *x)
{
    return x->tail.count;
}

static enum err_code turn_to(struct list_index *x, const struct office *o,
                             const struct list_query *q, bool masked, struct err *e)
{
    char name[32];
    if (x->q == q && x->masked == masked) {
        return ERR_OK;
    }
    leave(x);
    x->of = list_indexed_find(q);
    CHECK(x->of != NULL);
    list_index_name(q, name);
    x->path = index_file_path(o, name);
    if (x->path == NULL) {
        return err_nomem(e);
    }
    x->q = q;
    x->masked = masked;
    x->changing = list_columns_named(q, x->of->changing);
    x->personal = list_columns_named(q, x->of->personal);
    return ERR_OK;
}

static enum err_code read_made(struct list_index *x, const struct office *o, struct err *e)
{
    struct stmt *s = NULL;
    struct buf shape;
    bool row = false;
    bool sound = false;
    buf_init(&shape, 2 * LIST_SQL_MAX);
    list_sql_shape(&shape, o, x->q);
    enum err_code code =
        db_query(x->db, &s, e,
                 "SELECT seq, base, rows, room, day, known0, known1, known2 FROM made WHERE "
                 "format = ? AND shape = ?",
                 VALS(V_INT(LIST_INDEX_FORMAT), V_TEXT(buf_str(&shape))));
    if (code == ERR_OK) {
        code = stmt_next(s, &row, e);
    }
    if (code == ERR_OK && row) {
        int64_t room = stmt_int(s, 3);
        x->seq = stmt_int(s, 0);
        x->base = stmt_int(s, 1);
        x->rows = stmt_int(s, 2);
        sound = x->base > 0 && x->rows > 0 && x->rows <= LIST_INDEX_TO && room >= x->rows &&
                room < x->rows * LIST_INDEX_IDS_A_ROW + LIST_INDEX_IDS_SPARE;
        x->room = sound ? (size_t)room : 0;
        x->chunks = ((size_t)x->rows + LIST_INDEX_DOCS - 1) / LIST_INDEX_DOCS;
        (void)snprintf(x->day, sizeof x->day, "%.10s", stmt_text(s, 4));
        for (int i = 0; i < (int)LIST_SOURCES_MAX; i++) {
            x->tail.known[i] = stmt_int(s, 5 + i);
        }
        x->tail.seq = x->seq;
    }
    stmt_done(s);
    buf_release(&shape);
    return code != ERR_OK || sound ? code : list_index_damaged(e);
}

/* One that cannot be read is as good as none. */
static bool open_newest(struct list_index *x, const struct office *o)
{
    struct stat st;
    struct err ignored = ERR_INIT;
    if (stat(x->path, &st) != 0) {
        shut(x);
        return false;
    }
    if (x->db != NULL && (uint64_t)st.st_ino == x->inode) {
        return true;
    }
    shut(x);
    if (db_open(x->path, DB_READ, &x->db, &ignored) != ERR_OK ||
        db_exec(x->db, "PRAGMA cache_size=-1024;", &ignored) != ERR_OK ||
        read_made(x, o, &ignored) != ERR_OK) {
        shut(x);
        return false;
    }
    x->inode = (uint64_t)st.st_ino;
    return true;
}

enum err_code list_index_usable(struct list_index *x, struct office *o,
                                const struct list_query *q, bool masked, bool *usable,
                                bool *changing, struct err *e)
{
    char today[DATE_TEXT];
    *usable = false;
    *changing = false;
    if (list_indexed_find(q) == NULL) {
        return ERR_OK;
    }
    TRY(turn_to(x, o, q, masked, e));
    if (!open_newest(x, o)) {
        return ERR_OK;
    }
    TRY(index_file_same_ledger(x->db, o->db, x->seq, usable, e));
    if (!*usable) {
        return ERR_OK;
    }
    enum err_code code = list_tail_follow(x, o, e);
    if (code != ERR_OK) { /* half of it may have been taken in */
        shut(x);
        *usable = false;
        return code;
    }
    date_text(office_today(o), today);
    *usable = !x->tail.full;
    *changing = *usable && !x->tail.stale && strcmp(today, x->day) == 0;
    return code;
}
