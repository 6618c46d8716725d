#include <config.h>

#include <string.h>

#include "app/erasing.h"
#include "app/index_file.h"
#include "app/meter_cells.h"
#include "app/query_meter.h"
#include "app/search_priv.h"
#include "base/arena.h"
#include "base/i18n.h"

#define CELLS_MAX ((size_t)8 << 20) /* of a chunk */

/* The texts of a chunk lie in the order of the serials, in which the list begins; orders are
 * arrays of 32-bit numbers of this machine. Pages are large, for all of it is read in pieces of
 * many kilobytes. */
static const char schema[] =
    "CREATE TABLE made(format INTEGER NOT NULL, seq INTEGER NOT NULL, leaf BLOB NOT NULL, "
    "meter INTEGER NOT NULL, assignment INTEGER NOT NULL, reading INTEGER NOT NULL, decision "
    "INTEGER NOT NULL);"
    "CREATE TABLE doc(chunk INTEGER PRIMARY KEY, ids BLOB NOT NULL, ends BLOB NOT NULL, cells "
    "BLOB NOT NULL, read_ends BLOB NOT NULL, reads BLOB NOT NULL);"
    "CREATE TABLE ordering(col INTEGER NOT NULL, chunk INTEGER NOT NULL, first BLOB NOT NULL, "
    "ids BLOB NOT NULL, ends BLOB NOT NULL, keys BLOB NOT NULL, PRIMARY KEY(col, chunk));"
    "CREATE TABLE fact(chunk INTEGER PRIMARY KEY, days BLOB NOT NULL, conditions BLOB NOT "
    "NULL, "
    "kinds BLOB NOT NULL);";

struct building {
    struct office *o;
    struct db *db;
    const struct progress *progress;
    int64_t total;
    uint32_t ids[SEARCH_DOCS], ends[SEARCH_DOCS], read_ends[SEARCH_DOCS];
    size_t count;
    int64_t chunk;
    struct buf cells;
    struct buf reads; /* last readings as the list shows them */
};

static bool still_wanted(void *ctx)
{
    struct building *b = ctx;
    return !erasing_left(b->o) && progress_step(b->progress, "", 0, 0);
}

static enum err_code flush(struct building *b, struct err *e)
{
    size_t n = b->count;
    TRY(buf_status(&b->cells, _("search index"), e));
    TRY(buf_status(&b->reads, _("search index"), e));
    enum err_code code =
        n == 0 ? ERR_OK
               : db_run(b->db, e,
                        "INSERT INTO doc(chunk, ids, ends, cells, read_ends, reads) "
                        "VALUES(?,?,?,?,?,?)",
                        VALS(V_INT(b->chunk++), V_BLOB(b->ids, n * sizeof b->ids[0]),
                             V_BLOB(b->ends, n * sizeof b->ends[0]),
                             V_BLOB(b->cells.data, b->cells.len),
                             V_BLOB(b->read_ends, n * sizeof b->read_ends[0]),
                             V_BLOB(buf_str(&b->reads), b->reads.len)));
    b->count = 0;
    buf_clear(&b->cells);
    buf_clear(&b->reads);
    return code;
}

/* In the order of the ids the tables are read as they lie; to sort the rows costs less than to
 * look for each. */
static const char texts_sql[] =
    "SELECT m.id, " METER_CELLS_COLUMNS ", r.unit, r.decimals, (SELECT x.value FROM reading x "
    "WHERE x.register = r.id AND x.state = 'accepted' AND " READING_STANDS
    " ORDER BY x.utc DESC LIMIT "
    "1) " METER_CELLS_FROM("main.personal") "LEFT JOIN register r ON r.id = (SELECT min(y.id) "
                                            "FROM register y WHERE y.meter = m.id) ORDER BY "
                                            "+m.serial";
enum { TEXTS_UNIT = 1 + METER_CELLS, TEXTS_DECIMALS, TEXTS_VALUE };

static void add_text(struct building *b, const struct stmt *in)
{
    const char *name = stmt_text(in, TEXTS_UNIT);
    const struct unit *unit = name != NULL ? unit_find(name) : NULL;
    b->ids[b->count] = (uint32_t)stmt_int(in, 0);
    cells_add(in, 1, &b->cells);
    b->ends[b->count] = (uint32_t)b->cells.len;
    if (unit != NULL && !stmt_is_null(in, TEXTS_VALUE)) { /* digits: nothing to fold */
        quantity_print(stmt_int(in, TEXTS_VALUE), unit, (unsigned)stmt_int(in, TEXTS_DECIMALS),
                       &b->reads);
    }
    b->read_ends[b->count++] = (uint32_t)b->reads.len;
}

static enum err_code fill_texts(struct building *b, struct err *e)
{
    struct stmt *in = NULL;
    bool row = false;
    uint64_t rows = 0;
    enum err_code code;
    TRY(db_query(b->o->db, &in, e, texts_sql, NO_VALS));
    while ((code = stmt_next(in, &row, e)) == ERR_OK && row) {
        add_text(b, in);
        rows++;
        if (b->count == SEARCH_DOCS) {
            code =
                erasing_left(b->o) || !progress_step(b->progress, "", rows, (uint64_t)b->total)
                    ? search_unwanted(e)
                    : flush(b, e);
        }
        if (code != ERR_OK) {
            break;
        }
    }
    stmt_done(in);
    return code == ERR_OK ? flush(b, e) : code;
}

static enum err_code fill_made(struct building *b, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    const void *leaf = NULL;
    size_t len = 0;
    TRY(db_query(
        b->o->db, &q, e,
        "SELECT seq, leaf, (SELECT coalesce(max(id), 0) FROM meter), (SELECT "
        "coalesce(max(id), 0) FROM assignment), (SELECT coalesce(max(id), 0) FROM "
        "reading), (SELECT coalesce(max(id), 0) FROM decision) FROM entry ORDER BY seq "
        "DESC LIMIT 1",
        NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        leaf = stmt_blob(q, 1, &len);
        code = db_run(b->db, e, "INSERT INTO made VALUES(?, ?, ?, ?, ?, ?, ?)",
                      VALS(V_INT(SEARCH_FORMAT), V_INT(stmt_int(q, 0)), V_BLOB(leaf, len),
                           V_INT(stmt_int(q, 2)), V_INT(stmt_int(q, 3)), V_INT(stmt_int(q, 4)),
                           V_INT(stmt_int(q, 5))));
    }
    stmt_done(q);
    return code;
}

/* The whole index from one state of the office. */
static enum err_code fill(struct building *b, struct err *e)
{
    TRY(db_exec(b->db, "PRAGMA page_size=32768; PRAGMA cache_size=-4096;", e));
    TRY(db_exec(b->db, schema, e));
    TRY(db_begin(b->db, e));
    TRY(fill_made(b, e));
    TRY(fill_texts(b, e));
    TRY(orders_fill(b->o->db, b->db, still_wanted, b, e));
    TRY(facts_fill(b->o->db, b->db, still_wanted, b, e));
    return db_commit(b->db, e);
}

/* Numbers with large gaps would take more memory than there is. */
static enum err_code numbers_fit(struct building *b, bool *fit, struct err *e)
{
    int64_t largest = 0;
    TRY(db_get_int(b->o->db, &b->total, NULL, e, "SELECT count(*) FROM meter", NO_VALS));
    TRY(db_get_int(b->o->db, &largest, NULL, e, "SELECT max(id) FROM meter", NO_VALS));
    *fit =
        largest <= SEARCH_ID_MAX && largest < b->total * SEARCH_IDS_A_METER + SEARCH_ID_SPARE;
    return ERR_OK;
}

static enum err_code make(struct office *o, const void *ctx, const char *path, bool *made,
                          struct err *e)
{
    struct building *b = mem_alloc(sizeof *b);
    *made = false;
    if (b == NULL) {
        return err_nomem(e);
    }
    b->o = o;
    b->progress = ctx;
    buf_init(&b->cells, CELLS_MAX);
    buf_init(&b->reads, CELLS_MAX);
    enum err_code code = db_open(path, DB_SCRATCH, &b->db, e);
    if (code == ERR_OK) {
        code = db_begin_read(o->db, e);
    }
    if (code == ERR_OK) {
        code = numbers_fit(b, made, e);
    }
    if (code == ERR_OK && *made) {
        code = fill(b, e);
    }
    db_rollback(o->db); /* it only read */
    if (code != ERR_OK && b->db != NULL) {
        db_rollback(b->db);
    }
    db_close(b->db);
    buf_release(&b->cells);
    buf_release(&b->reads);
    mem_free(b);
    return code;
}

/* Entries since it was made that each program goes through when it opens the file. */
#define ENTRIES_LONG 100000

static enum err_code look_at_it(struct office *o, const void *ctx, bool *usable, bool *needed,
                                struct err *e)
{
    struct search *s = NULL;
    int64_t reading = 0;
    int64_t discarded = 0;
    (void)ctx;
    TRY(search_new(o, &s, e));
    enum err_code code = db_begin_read(o->db, e);
    if (code == ERR_OK) {
        code = search_usable(s, o->db, false, usable, e);
        *needed = !*usable ||
                  s->tail.count > SEARCH_TAIL_LONG + (uint64_t)s->meter / SEARCH_TAIL_SHARE;
    }
    if (code == ERR_OK && !*needed) { /* for many readings that count no more */
        code = db_get_int(o->db, &discarded, NULL, e,
                          "SELECT count(*) FROM history WHERE kind = 'run.discarded' AND seq > "
                          "?",
                          VALS(V_INT(s->seq)));
        *needed = discarded > 0;
    }
    if (code == ERR_OK && !*needed && !index_file_lately(o, SEARCH_FILE)) {
        code = db_get_int(o->db, &reading, NULL, e, "SELECT max(id) FROM reading", NO_VALS);
        *needed =
            reading > s->reading + SEARCH_READINGS_LONG || s->tail.seq > s->seq + ENTRIES_LONG;
    }
    db_rollback(o->db);
    search_free(s);
    return code;
}

enum err_code search_build(struct office *o, const struct progress *progress, struct err *e)
{
    struct index_file f = {SEARCH_FILE, look_at_it, make, progress};
    return index_file_build(o, &f, e);
}

enum err_code search_forget(const struct office *o, struct err *e)
{
    return index_file_forget(o, SEARCH_FILE, e);
}
