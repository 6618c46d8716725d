#include <config.h>

#include <string.h>

#include "app/erasing.h"
#include "app/index_file.h"
#include "app/list_index_priv.h"
#include "base/arena.h"
#include "base/i18n.h"

/* Making the file of a list. Cells lie column by column, each in the order of the list's first
 * column; where all cells of a chunk are the same it stands there once. Numbers are of this
 * machine. Pages are large, for all of it is read in pieces of many kilobytes. */

#define CELLS_MAX ((size_t)64 << 20) /* of a chunk of a column */

static const char schema[] =
    "CREATE TABLE made(format INTEGER NOT NULL, shape TEXT NOT NULL, seq INTEGER NOT NULL, "
    "leaf BLOB NOT NULL, base "
    "INTEGER NOT NULL, rows INTEGER NOT NULL, room INTEGER NOT NULL, day TEXT NOT NULL, known0 "
    "INTEGER NOT NULL, known1 INTEGER NOT NULL, known2 INTEGER NOT NULL);"
    "CREATE TABLE cell(id INTEGER PRIMARY KEY, cells BLOB NOT NULL);"
    "CREATE TABLE sign(chunk INTEGER PRIMARY KEY, signs BLOB NOT NULL);"
    "CREATE TABLE ordering(id INTEGER PRIMARY KEY, ids BLOB NOT NULL);";

struct building {
    struct office *o;
    struct db *db;
    const struct list_query *q;
    const struct progress *progress;
    int64_t rows, base, room;
    uint64_t done; /* rows gone through, of all columns */
    size_t chunk;
    uint32_t ids[LIST_INDEX_DOCS];
    size_t count;
    struct buf cells[LIST_COLUMNS_MAX];
    bool other[LIST_COLUMNS_MAX]; /* not all cells of the chunk are as the first */
};

struct job {
    const struct list_query *q;
    const struct progress *progress;
};

static enum err_code go_on(struct building *b, struct err *e)
{
    uint64_t total = (uint64_t)b->rows * list_columns(b->q);
    return !erasing_left(b->o) && progress_step(b->progress, "", b->done, total)
               ? ERR_OK
               : err_set(e, ERR_CANCELLED, "%s", _("the search index is not wanted now"));
}

static enum err_code add_id(struct building *b, int64_t id, struct err *e)
{
    b->done++;
    b->ids[b->count++] = (uint32_t)(id - b->base);
    return id >= b->base && id - b->base < b->room ? ERR_OK : list_index_damaged(e);
}

static enum err_code flush_ids(struct building *b, size_t column, struct err *e)
{
    enum err_code code = b->count == 0
                             ? ERR_OK
                             : db_run(b->db, e, "INSERT INTO ordering(id, ids) VALUES(?,?)",
                                      VALS(V_INT(list_chunk_id(column, b->chunk++)),
                                           V_BLOB(b->ids, b->count * sizeof b->ids[0])));
    b->count = 0;
    return code == ERR_OK ? go_on(b, e) : code;
}

/* ---- the cells ---- */

static void add_cell(struct building *b, const struct stmt *s, size_t column)
{
    struct buf *cells = &b->cells[column];
    size_t from = cells->len;
    list_cell_add(s, (int)column + 1, cells);
    if (b->count == 0) {
        b->other[column] = false;
    } else if (!b->other[column] && !cells->failed) {
        /* so far only the first cell stands there, again and again */
        size_t len = cells->len - from;
        b->other[column] = from % b->count != 0 || from / b->count != len ||
                           memcmp(cells->data, cells->data + from, len) != 0;
    }
}

static enum err_code flush_signs(struct building *b, struct err *e)
{
    uint8_t signs[LIST_COLUMNS_MAX][LIST_SIGNS] = {{0}};
    size_t count = list_columns(b->q);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < b->cells[i].len; k++) {
            list_sign_add(signs[i], b->cells[i].data[k]);
        }
    }
    return db_run(b->db, e, "INSERT INTO sign(chunk, signs) VALUES(?,?)",
                  VALS(V_INT(b->chunk), V_BLOB(signs, count * sizeof signs[0])));
}

static enum err_code flush_cells(struct building *b, struct err *e)
{
    if (b->count > 0) {
        TRY(flush_signs(b, e));
    }
    for (size_t i = 0; i < list_columns(b->q) && b->count > 0; i++) {
        struct buf *cells = &b->cells[i];
        TRY(buf_status(cells, _("search index"), e));
        TRY(db_run(
            b->db, e, "INSERT INTO cell(id, cells) VALUES(?,?)",
            VALS(V_INT(list_chunk_id(i, b->chunk)),
                 V_BLOB(cells->data, b->other[i] ? cells->len : cells->len / b->count))));
        buf_clear(cells);
    }
    return flush_ids(b, 0, e);
}

static enum err_code each_cell(struct building *b, struct stmt *s, struct err *e)
{
    bool row = false;
    enum err_code code;
    while ((code = stmt_next(s, &row, e)) == ERR_OK && row) {
        for (size_t i = 0; i < list_columns(b->q); i++) {
            add_cell(b, s, i);
        }
        code = add_id(b, stmt_int(s, 0), e);
        if (code == ERR_OK && b->count == LIST_INDEX_DOCS) {
            code = flush_cells(b, e);
        }
        if (code != ERR_OK) {
            break;
        }
    }
    return code == ERR_OK ? flush_cells(b, e) : code;
}

static enum err_code each_id(struct building *b, struct stmt *s, size_t column, struct err *e)
{
    bool row = false;
    enum err_code code;
    while ((code = stmt_next(s, &row, e)) == ERR_OK && row) {
        code = add_id(b, stmt_int(s, 0), e);
        if (code == ERR_OK && b->count == LIST_INDEX_DOCS) {
            code = flush_ids(b, column, e);
        }
        if (code != ERR_OK) {
            break;
        }
    }
    return code == ERR_OK ? flush_ids(b, column, e) : code;
}

/* All rows in the order of a column, for the first one with what stands in them. */
static enum err_code fill_column(struct building *b, size_t column, struct err *e)
{
    struct stmt *s = NULL;
    struct buf sql;
    bool first = true;
    b->chunk = 0;
    buf_init(&sql, LIST_SQL_MAX);
    buf_addf(&sql, "SELECT %s", b->q->id);
    if (column == 0) {
        list_sql_cells(&sql, b->o, b->q);
    }
    list_sql_all(&sql, b->q, &first);
    buf_addf(&sql, " ORDER BY %s, %s", list_sql_order(b->q, column), b->q->id);
    enum err_code code = list_sql_finish(b->o, &sql, e);
    if (code == ERR_OK) {
        code = db_query_once(b->o->db, &s, e, buf_str(&sql), NO_VALS);
    }
    if (code == ERR_OK) {
        code = column == 0 ? each_cell(b, s, e) : each_id(b, s, column, e);
    }
    stmt_done(s);
    buf_release(&sql);
    return code;
}

/* ---- the whole ---- */

static enum err_code fill_made(struct building *b, struct err *e)
{
    const struct list_indexed *of = list_indexed_find(b->q);
    struct stmt *s = NULL;
    bool row = false;
    struct buf shape;
    int64_t known[LIST_SOURCES_MAX] = {0};
    char day[DATE_TEXT];
    date_text(office_today(b->o), day);
    for (size_t i = 0; i < LIST_SOURCES_MAX && of->sources[i].newest != NULL; i++) {
        TRY(db_get_int(b->o->db, &known[i], NULL, e, of->sources[i].newest, NO_VALS));
    }
    TRY(db_query(b->o->db, &s, e, "SELECT seq, leaf FROM entry ORDER BY seq DESC LIMIT 1",
                 NO_VALS));
    buf_init(&shape, 2 * LIST_SQL_MAX);
    list_sql_shape(&shape, b->o, b->q);
    enum err_code code = buf_status(&shape, _("search index"), e);
    if (code == ERR_OK) {
        code = stmt_next(s, &row, e);
    }
    if (code == ERR_OK && row) {
        size_t len = 0;
        const void *leaf = stmt_blob(s, 1, &len);
        code = db_run(b->db, e, "INSERT INTO made VALUES(?,?,?,?,?,?,?,?,?,?,?)",
                      VALS(V_INT(LIST_INDEX_FORMAT), V_TEXT(buf_str(&shape)),
                           V_INT(stmt_int(s, 0)), V_BLOB(leaf, len), V_INT(b->base),
                           V_INT(b->rows), V_INT(b->room), V_TEXT(day), V_INT(known[0]),
                           V_INT(known[1]), V_INT(known[2])));
    }
    stmt_done(s);
    buf_release(&shape);
    return code;
}

static enum err_code fill(struct building *b, struct err *e)
{
    TRY(db_exec(b->db, "PRAGMA page_size=32768; PRAGMA cache_size=-4096;", e));
    TRY(db_exec(b->db, schema, e));
    TRY(db_begin(b->db, e));
    TRY(fill_made(b, e));
    for (size_t i = 0; i < list_columns(b->q); i++) {
        TRY(fill_column(b, i, e));
    }
    return db_commit(b->db, e);
}

/* Ids with large gaps would take more memory than there is; a connection that masks personal
 * data would write the mask. */
static enum err_code can_be(struct building *b, bool *can, struct err *e)
{
    int64_t shadows = 0;
    int64_t last = 0;
    struct stmt *s = NULL;
    struct buf sql;
    bool row = false;
    bool first = true;
    *can = false;
    TRY(db_get_int(b->o->db, &shadows, NULL, e,
                   "SELECT count(*) FROM temp.sqlite_master WHERE name = 'personal'", NO_VALS));
    buf_init(&sql, LIST_SQL_MAX);
    buf_addf(&sql, "SELECT count(*), coalesce(min(%s), 0), coalesce(max(%s), 0)", b->q->id,
             b->q->id);
    list_sql_all(&sql, b->q, &first);
    enum err_code code = list_sql_finish(b->o, &sql, e);
    if (code == ERR_OK) {
        code = db_query_once(b->o->db, &s, e, buf_str(&sql), NO_VALS);
    }
    if (code == ERR_OK) {
        code = stmt_next(s, &row, e);
    }
    if (code == ERR_OK && row) {
        b->rows = stmt_int(s, 0);
        b->base = stmt_int(s, 1);
        last = stmt_int(s, 2);
        b->room = last - b->base + 1;
        *can = shadows == 0 && b->rows > 0 && b->rows <= LIST_INDEX_TO && b->base > 0 &&
               last <= UINT32_MAX &&
               b->room < b->rows * LIST_INDEX_IDS_A_ROW + LIST_INDEX_IDS_SPARE;
    }
    stmt_done(s);
    buf_release(&sql);
    return code;
}

static enum err_code make_in(struct building *b, const char *path, bool *made, struct err *e)
{
    TRY(db_open(path, DB_SCRATCH, &b->db, e));
    TRY(db_begin_read(b->o->db, e));
    TRY(can_be(b, made, e));
    return *made ? fill(b, e) : ERR_OK;
}

static enum err_code make(struct office *o, const void *ctx, const char *path, bool *made,
                          struct err *e)
{
    const struct job *job = ctx;
    struct building *b = mem_alloc(sizeof *b);
    *made = false;
    if (b == NULL) {
        return err_nomem(e);
    }
    b->o = o;
    b->q = job->q;
    b->progress = job->progress;
    for (size_t i = 0; i < LIST_COLUMNS_MAX; i++) {
        buf_init(&b->cells[i], CELLS_MAX);
    }
    enum err_code code = make_in(b, path, made, e);
    db_rollback(o->db); /* it only read */
    if (code != ERR_OK && b->db != NULL) {
        db_rollback(b->db);
    }
    db_close(b->db);
    for (size_t i = 0; i < LIST_COLUMNS_MAX; i++) {
        buf_release(&b->cells[i]);
    }
    mem_free(b);
    return code;
}

/* When a column is out of date the file is made anew, but not every minute. */
static enum err_code look(struct office *o, const void *ctx, bool *usable, bool *needed,
                          struct err *e)
{
    const struct job *job = ctx;
    struct list_index *x = NULL;
    bool changing = false;
    char name[32];
    TRY(list_index_new(&x, e));
    enum err_code code = db_begin_read(o->db, e);
    if (code == ERR_OK) {
        code = list_index_usable(x, o, job->q, false, usable, &changing, e);
    }
    if (code == ERR_OK) {
        list_index_name(job->q, name);
        *needed = !*usable ||
                  x->tail.count > LIST_INDEX_TAIL_LONG + x->room / LIST_INDEX_TAIL_SHARE ||
                  (!changing && !index_file_lately(o, name));
    }
    db_rollback(o->db);
    list_index_free(x);
    return code;
}

enum err_code list_index_build(struct office *o, const struct list_query *q,
                               const struct progress *progress, struct err *e)
{
    struct job job = {q, progress};
    char name[32];
    list_index_name(q, name);
    struct index_file f = {name, look, make, &job};
    return index_file_build(o, &f, e);
}

enum err_code list_indexes_build(struct office *o, const struct progress *progress,
                                 struct err *e)
{
    for (size_t i = 0; i < list_indexed_count; i++) {
        const struct list_query *q = list_find(list_indexed[i].name);
        int64_t newest = 0;
        TRY(db_get_int(o->db, &newest, NULL, e, list_indexed[i].sources[0].newest, NO_VALS));
        if (newest >= LIST_INDEX_FROM) { /* it counts them, or nearly */
            TRY(list_index_build(o, q, progress, e));
        }
    }
    return ERR_OK;
}

enum err_code list_indexes_forget(const struct office *o, struct err *e)
{
    for (size_t i = 0; i < list_indexed_count; i++) {
        char name[32];
        list_index_name(list_find(list_indexed[i].name), name);
        TRY(index_file_forget(o, name, e));
    }
    return ERR_OK;
}
