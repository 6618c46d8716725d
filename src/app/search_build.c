#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/erasing.h"
#include "app/query_meter.h"
#include "app/search_priv.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"

/* Rows between two looks at whether to go on. */
#define ROWS_BETWEEN_LOOKS 1024u
#define FOLD_MAX 4096u

/* ordering: all meters in the order of each column, ascending, as arrays of 64-bit numbers of
 * this machine. A document of the two indexes is a meter's place in the order by serial, in
 * which the list begins, from 1; they keep no text of their own (content=''), and it is folded
 * before it comes here. */
static const char schema[] =
    "CREATE TABLE made(format INTEGER NOT NULL, seq INTEGER NOT NULL, leaf BLOB NOT NULL);"
    "CREATE TABLE ordering(col INTEGER NOT NULL, chunk INTEGER NOT NULL, ids BLOB NOT NULL, "
    "PRIMARY KEY(col, chunk)) WITHOUT ROWID;"
    "CREATE TABLE fact(chunk INTEGER PRIMARY KEY, days BLOB NOT NULL, conditions BLOB NOT "
    "NULL, "
    "kinds BLOB NOT NULL);"
    "CREATE VIRTUAL TABLE anywhere USING fts5(serial, place, route, account, content='', "
    "tokenize='trigram case_sensitive 1');"
    "CREATE VIRTUAL TABLE words USING fts5(serial, place, route, account, content='', "
    "tokenize='unicode61 remove_diacritics 0', prefix='1 2', detail=column);";

struct building {
    struct office *o;
    struct db *db;
    const struct progress *progress;
    struct buf text[4];
    int64_t total;
};

static enum err_code add_one(struct building *b, struct stmt *in, int64_t position,
                             struct stmt **out, struct err *e)
{
    struct val vals[5] = {V_INT(position)};
    bool row = false;
    for (int i = 0; i < 4; i++) {
        const char *text = stmt_text(in, i + 1);
        buf_clear(&b->text[i]);
        text_fold(text != NULL ? text : "", text != NULL ? strlen(text) : 0, &b->text[i]);
        TRY(buf_status(&b->text[i], _("search index"), e));
        vals[i + 1] = V_TEXT_N(buf_str(&b->text[i]), b->text[i].len);
    }
    TRY(stmt_restart(out[0], vals, 5, e));
    TRY(stmt_next(out[0], &row, e));
    TRY(stmt_restart(out[1], vals, 5, e));
    return stmt_next(out[1], &row, e);
}

static enum err_code add_all(struct building *b, struct stmt *in, struct stmt **out,
                             struct err *e)
{
    bool row = false;
    int64_t position = 0;
    enum err_code code;
    while ((code = stmt_next(in, &row, e)) == ERR_OK && row) {
        TRY(add_one(b, in, ++position, out, e));
        if (position % ROWS_BETWEEN_LOOKS == 0 &&
            (erasing_left(b->o) ||
             !progress_step(b->progress, "", (uint64_t)position, (uint64_t)b->total))) {
            return err_set(e, ERR_CANCELLED, "%s", _("the search index is not wanted now"));
        }
    }
    return code;
}

static enum err_code fill_tables(struct building *b, struct err *e)
{
    static const char *const inserts[] = {
        "INSERT INTO anywhere(rowid, serial, place, route, account) VALUES(?,?,?,?,?)",
        "INSERT INTO words(rowid, serial, place, route, account) VALUES(?,?,?,?,?)"};
    struct stmt *in = NULL;
    struct stmt *out[2] = {NULL};
    const struct val none[5] = {{0}};
    enum err_code code = db_query(
        b->o->db, &in, e,
        "SELECT m.id, m.serial, p.value, s.route, (SELECT a.number FROM assignment g JOIN "
        "account a ON a.id = g.account WHERE g.meter = m.id AND g.end_date IS NULL LIMIT 1) "
        "FROM meter m JOIN service_point s ON s.id = m.point LEFT JOIN main.personal p ON "
        "p.owner = 'service_point' AND p.id = s.id AND p.field = 'place' AND p.hash = s.place "
        "ORDER BY m.serial",
        NO_VALS);
    for (size_t i = 0; i < 2 && code == ERR_OK; i++) {
        code = db_query(b->db, &out[i], e, inserts[i], none, 5);
    }
    if (code == ERR_OK) {
        code = add_all(b, in, out, e);
    }
    for (size_t i = 0; i < 2; i++) {
        stmt_done(out[i]);
    }
    stmt_done(in);
    return code;
}

static enum err_code fill_made(struct building *b, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    const void *leaf = NULL;
    size_t len = 0;
    TRY(db_query(b->o->db, &q, e, "SELECT seq, leaf FROM entry ORDER BY seq DESC LIMIT 1",
                 NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        leaf = stmt_blob(q, 1, &len);
        code = db_run(b->db, e, "INSERT INTO made VALUES(2, ?, ?)",
                      VALS(V_INT(stmt_int(q, 0)), V_BLOB(leaf, len)));
    }
    stmt_done(q);
    return code;
}

/* ---- the orders ---- */

struct ordering {
    struct building *b;
    struct stmt *insert;
    int column;
    int64_t chunk;
    struct err *err;
};

static bool add_chunk(void *ctx, const int64_t *ids, size_t count)
{
    struct ordering *o = ctx;
    bool row = false;
    o->err->code = ERR_OK;
    if (erasing_left(o->b->o) || !progress_step(o->b->progress, "", 0, 0)) {
        return false;
    }
    return count == 0 || (stmt_restart(o->insert,
                                       VALS(V_INT(o->column), V_INT(++o->chunk),
                                            V_BLOB(ids, count * sizeof *ids)),
                                       o->err) == ERR_OK &&
                          stmt_next(o->insert, &row, o->err) == ERR_OK);
}

static enum err_code fill_orders(struct building *b, struct err *e)
{
    struct err inserting = ERR_INIT;
    struct ordering o = {.b = b, .err = &inserting};
    enum err_code code =
        db_query(b->db, &o.insert, e, "INSERT INTO ordering(col, chunk, ids) VALUES(?,?,?)",
                 VALS(V_INT(0), V_INT(0), V_NULL()));
    for (int column = 0; column < METER_COLUMNS && code == ERR_OK; column++) {
        struct meter_query q = {.sort_column = column};
        o.column = column;
        code = meters_find(b->o->db, NULL, false, &q, add_chunk, &o, e);
        if (inserting.code != ERR_OK) {
            *e = inserting;
            code = inserting.code;
        }
    }
    stmt_done(o.insert);
    return code;
}

static bool still_wanted(void *ctx)
{
    struct building *b = ctx;
    return !erasing_left(b->o) && progress_step(b->progress, "", 0, 0);
}

/* The whole index from one state of the office. */
static enum err_code fill(struct building *b, struct err *e)
{
    TRY(db_exec(b->db, "PRAGMA cache_size=-8192;", e));
    TRY(db_exec(b->db, schema, e));
    TRY(db_begin(b->db, e));
    TRY(fill_made(b, e));
    TRY(fill_orders(b, e));
    TRY(search_fill_facts(b->o->db, b->db, still_wanted, b, e));
    TRY(fill_tables(b, e));
    return db_commit(b->db, e);
}

static enum err_code make(struct office *o, const char *path, const struct progress *progress,
                          struct err *e)
{
    struct building b = {.o = o, .progress = progress};
    for (size_t i = 0; i < 4; i++) {
        buf_init(&b.text[i], FOLD_MAX);
    }
    (void)unlink(path);
    enum err_code code = db_open(path, DB_SCRATCH, &b.db, e);
    if (code == ERR_OK) {
        code = db_begin_read(o->db, e);
    }
    if (code == ERR_OK) {
        code = db_get_int(o->db, &b.total, NULL, e, "SELECT count(*) FROM meter", NO_VALS);
    }
    if (code == ERR_OK) {
        code = fill(&b, e);
    }
    db_rollback(o->db); /* it only read */
    if (code != ERR_OK && b.db != NULL) {
        db_rollback(b.db);
    }
    db_close(b.db);
    for (size_t i = 0; i < 4; i++) {
        buf_release(&b.text[i]);
    }
    return code;
}

/* Readings come every minute and cost no more than time: made anew for them at most so often.
 */
#define READINGS_EVERY_S 600

static bool made_lately(const struct office *o)
{
    struct stat st;
    char *path = office_path(o, "state/search.db");
    bool lately = path != NULL && stat(path, &st) == 0 &&
                  env_wall_ms(o->env) / 1000 - st.st_mtime < READINGS_EVERY_S;
    mem_free(path);
    return lately;
}

/* placed: it was put there just now: is it still right? */
static enum err_code is_needed(struct office *o, bool placed, bool *needed, struct err *e)
{
    struct search *s = NULL;
    bool usable = false;
    size_t dirty = 0;
    TRY(search_new(o, &s, e));
    enum err_code code = search_usable(s, o->db, false, &usable, e);
    (void)search_dirty(s, &dirty);
    *needed = code == ERR_OK && (!usable || dirty > SEARCH_DIRTY_MAX / 4);
    if (code == ERR_OK && !*needed && !placed && !made_lately(o)) {
        code = search_usable(s, o->db, true, &usable, e);
        *needed = !usable;
    }
    search_free(s);
    return code;
}

/* Make it beside its place and put it there whole. An erasure that came meanwhile has the last
 * word. */
static enum err_code make_and_place(struct office *o, int lock, const char *making,
                                    const char *place, const struct progress *progress,
                                    struct err *e)
{
    bool needed = false;
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        return ERR_OK; /* another program is at it */
    }
    TRY(is_needed(o, false, &needed, e));
    if (!needed || erasing_left(o)) {
        return ERR_OK;
    }
    enum err_code code = make(o, making, progress, e);
    if (code == ERR_OK && !erasing_left(o) && rename(making, place) != 0) {
        code = err_errno(e, _("cannot write %s"), place);
    }
    (void)unlink(making);
    if (code == ERR_OK) {
        code = is_needed(o, true, &needed, e);
    }
    return code == ERR_OK && (needed || erasing_left(o)) ? search_forget(o, e) : code;
}

enum err_code search_build(struct office *o, const struct progress *progress, struct err *e)
{
    char *lock_path = office_path(o, "state/search.lock");
    char *making = office_path(o, "state/search.new");
    char *place = office_path(o, "state/search.db");
    int lock = -1;
    enum err_code code = ERR_OK;
    if (lock_path == NULL || making == NULL || place == NULL) {
        code = err_nomem(e);
        goto out;
    }
    lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) {
        code = err_errno(e, _("cannot make %s"), lock_path);
        goto out;
    }
    code = make_and_place(o, lock, making, place, progress, e);
out:
    if (lock >= 0) {
        (void)close(lock);
    }
    mem_free(place);
    mem_free(making);
    mem_free(lock_path);
    return code;
}

enum err_code search_forget(const struct office *o, struct err *e)
{
    static const char *const names[] = {"state/search.new", "state/search.db"};
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < 2; i++) {
        char *path = office_path(o, names[i]);
        if (path == NULL) {
            return err_nomem(e);
        }
        if (unlink(path) != 0 && access(path, F_OK) == 0 && code == ERR_OK) {
            code = err_errno(e, _("cannot remove %s"), path);
        }
        mem_free(path);
    }
    return code;
}
