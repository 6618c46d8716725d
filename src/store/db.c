#include <config.h>

#include "store/db.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "store/db_functions.h"
#include "store/db_priv.h"

struct val val_text(const char *s)
{
    return s == NULL ? V_NULL() : (struct val){VAL_TEXT, 0, s, strlen(s)};
}

/* SQLite says "malformed" of a page that the disk would not give (it takes EIO for a broken
 * file system), and who reads that looks for a culprit instead of a disk. errno, which is
 * cleared before each call, keeps what the disk said. */
static bool disk_refused(void)
{
    return errno == EIO || errno == ENXIO;
}

enum err_code db_fail(const struct db *db, int rc, const char *what, struct err *e)
{
    const char *path = db->path;
    if (((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB) && disk_refused()) {
        return err_set(e, ERR_IO, _("%s: the disk cannot read %s: %s"), what, path,
                       sqlite3_errstr(SQLITE_IOERR));
    }
    if (((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN) &&
        (errno == ENOSPC || errno == EDQUOT)) {
        rc = SQLITE_FULL; /* a file beside the database, which SQLite calls an I/O error */
    }
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set(e, ERR_CONFLICT, _("%s: another program is writing to %s; try again"),
                       what, path);
    case SQLITE_READONLY:
        return err_set(
            e, ERR_IO,
            _("%s: %s is read-only; check the permissions of the file and its folder"), what,
            path);
    case SQLITE_FULL:
        return err_set(e, ERR_IO, _("%s: the disk that holds %s is full; nothing was changed"),
                       what, path);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return err_set(e, ERR_TAMPERED,
                       _("%s: %s is damaged (%s); restore a backup, do not repair it"), what,
                       path, sqlite3_errmsg(db->raw));
    case SQLITE_NOMEM:
        return err_nomem(e);
    case SQLITE_INTERRUPT:
        return err_set(e, ERR_CANCELLED, _("%s: stopped"), what);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return err_set(e, ERR_IO, _("%s: cannot read or write %s (%s)"), what, path,
                       sqlite3_errmsg(db->raw));
    default:
        return err_set(e, ERR_DB, "%s: %s: %s", what, path, sqlite3_errmsg(db->raw));
    }
}

static enum err_code pragma_is(struct db *db, const char *sql, const char *wanted,
                               struct err *e)
{
    sqlite3_stmt *s = NULL;
    errno = 0;
    int rc = sqlite3_prepare_v2(db->raw, sql, -1, &s, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(s);
    }
    const char *got = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
    enum err_code code = ERR_OK;
    if (got == NULL) {
        code = db_fail(db, rc, _("opening"), e);
    } else if (strcmp(got, wanted) != 0) {
        code = err_set(e, ERR_DB,
                       _("%s: %s gives %s instead of %s; the folder must allow WAL files"),
                       db->path, sql, got, wanted);
    }
    sqlite3_finalize(s);
    return code;
}

static enum err_code db_configure(struct db *db, enum db_mode mode, struct err *e)
{
    (void)sqlite3_extended_result_codes(db->raw, 1);
    (void)sqlite3_db_config(db->raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(db->raw, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    db_set_busy_timeout(db, 10000);
    if (db_add_functions(db->raw) != SQLITE_OK) {
        return err_nomem(e);
    }
    TRY(db_exec(db, "PRAGMA foreign_keys=ON; PRAGMA cache_size=-16384; PRAGMA temp_store=FILE;",
                e));
    if (mode == DB_SCRATCH) {
        return db_exec(db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;", e);
    }
    if (mode == DB_READ) {
        return db_exec(db, "PRAGMA query_only=ON;", e);
    }
    /* Durability is asserted, not assumed: an acknowledged act must survive a power cut. */
    TRY(pragma_is(db, "PRAGMA journal_mode=WAL", "wal", e));
    TRY(db_exec(db, "PRAGMA synchronous=FULL;", e));
    TRY(pragma_is(db, "PRAGMA synchronous", "2", e));
    return pragma_is(db, "PRAGMA foreign_keys", "1", e);
}

/* Reading a database in WAL mode needs two small files beside it. In a folder that cannot be
 * written, where no writer can be, the file is read by itself: its name as a URI, or NULL. */
static char *immutable_uri(const char *path)
{
    struct buf name;
    const char *slash = strrchr(path, '/');
    buf_init(&name, 16384);
    buf_add(&name, slash == NULL ? "." : path, slash == NULL ? 1 : (size_t)(slash - path) + 1);
    bool writable = !name.failed && access(buf_str(&name), W_OK) == 0;
    buf_clear(&name);
    buf_addf(&name, "%s-wal", path);
    struct stat st;
    bool wal = !name.failed && stat(buf_str(&name), &st) == 0 && st.st_size > 0;
    buf_clear(&name);
    buf_adds(&name, "file:");
    for (const char *at = path; *at != '\0'; at++) {
        if (strchr("%?#", *at) != NULL) {
            buf_addf(&name, "%%%02x", (unsigned)*at);
        } else {
            buf_addc(&name, *at);
        }
    }
    buf_adds(&name, "?immutable=1");
    if (writable || wal || name.failed) {
        buf_release(&name);
        return NULL;
    }
    return name.data; /* the caller's now */
}

enum err_code db_open(const char *path, enum db_mode mode, struct db **out, struct err *e)
{
    *out = NULL;
    struct db *db = mem_alloc(sizeof *db);
    if (db == NULL) {
        return err_nomem(e);
    }
    enum err_code code = ERR_OK;
    db->path = mem_strdup(path);
    if (db->path == NULL) {
        code = err_nomem(e);
        goto out;
    }
    struct stat st;
    if ((mode == DB_READ || mode == DB_WRITE) && stat(path, &st) != 0) {
        code = err_errno(e, _("cannot open %s"), path);
        goto out;
    }
    char *uri = mode == DB_READ ? immutable_uri(path) : NULL;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= uri != NULL ? SQLITE_OPEN_URI : 0;
    flags |= mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    flags |= mode == DB_CREATE || mode == DB_SCRATCH ? SQLITE_OPEN_CREATE : 0;
    errno = 0;
    int rc = sqlite3_open_v2(uri != NULL ? uri : path, &db->raw, flags, NULL);
    mem_free(uri);
    if (rc != SQLITE_OK) {
        code = db->raw == NULL ? err_nomem(e) : db_fail(db, rc, _("opening"), e);
        goto out;
    }
    db->read_only = mode == DB_READ || sqlite3_db_readonly(db->raw, "main") == 1;
    if (db->read_only && mode != DB_READ) {
        code = db_fail(db, SQLITE_READONLY, _("opening"), e);
        goto out;
    }
    code = db_configure(db, mode, e);
out:
    if (code != ERR_OK) {
        db_close(db);
        return code;
    }
    *out = db;
    return ERR_OK;
}

static void cache_clear(struct db *db)
{
    for (size_t i = 0; i < STMT_CACHE; i++) {
        CHECK(!db->cache[i].busy);
        sqlite3_finalize(db->cache[i].raw);
        db->cache[i] = (struct stmt){.raw = NULL};
    }
}

void db_close(struct db *db)
{
    if (db == NULL) {
        return;
    }
    cache_clear(db);
    if (db->raw != NULL) {
        (void)sqlite3_close_v2(db->raw);
    }
    mem_free(db->path);
    mem_free(db);
}

const char *db_path(const struct db *db)
{
    return db->path;
}

bool db_is_read_only(const struct db *db)
{
    return db->read_only;
}

static int ask_stop(void *ctx)
{
    const struct db *db = ctx;
    return db->stop(db->stop_ctx) ? 1 : 0;
}

void db_set_stop(struct db *db, bool (*stop)(void *ctx), void *ctx)
{
    db->stop = stop;
    db->stop_ctx = ctx;
    sqlite3_progress_handler(db->raw, stop != NULL ? 20000 : 0, stop != NULL ? ask_stop : NULL,
                             db);
}

/* SQLite tells what a statement reads while it is prepared. */
static int note_read(void *ctx, int action, const char *table, const char *column,
                     const char *schema, const char *inner)
{
    struct db *db = ctx;
    (void)schema;
    (void)inner;
    if (action == SQLITE_READ && strcmp(table, db->watched) == 0) {
        bool key = strcmp(column, db->watched_key) == 0;
        db->read_key = db->read_key || key;
        db->read_rows = db->read_rows || !key;
    }
    return SQLITE_OK;
}

void db_before_read(struct db *db, const char *table, const char *key,
                    enum err_code (*before)(void *ctx, struct err *e), void *ctx)
{
    cache_clear(db);
    db->watched = table;
    db->watched_key = key;
    db->before = before;
    db->before_ctx = ctx;
    (void)sqlite3_set_authorizer(db->raw, table != NULL ? note_read : NULL, db);
}

void db_set_busy_timeout(struct db *db, int timeout_ms)
{
    (void)sqlite3_busy_timeout(db->raw, timeout_ms);
}

enum err_code db_exec(struct db *db, const char *sql, struct err *e)
{
    errno = 0;
    int rc = sqlite3_exec(db->raw, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? ERR_OK : db_fail(db, rc, _("database"), e);
}

enum err_code db_here(const struct db *db, struct err *e)
{
    int moved = 0;
    (void)sqlite3_file_control(db->raw, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved == 0
               ? ERR_OK
               : err_set(
                     e, ERR_IO,
                     _("%s was moved or deleted while it was open; nothing was recorded. Put "
                       "it back, or start again"),
                     db->path);
}

enum err_code db_begin(struct db *db, struct err *e)
{
    return db_run(db, e, "BEGIN IMMEDIATE", NO_VALS);
}

enum err_code db_begin_read(struct db *db, struct err *e)
{
    return db_run(db, e, "BEGIN", NO_VALS);
}

enum err_code db_commit(struct db *db, struct err *e)
{
    if (sqlite3_txn_state(db->raw, "main") == SQLITE_TXN_WRITE) {
        TRY(db_here(db, e)); /* what is written to a file without its name is lost */
    }
    return db_run(db, e, "COMMIT", NO_VALS);
}

void db_rollback(struct db *db)
{
    if (db_in_transaction(db)) {
        (void)sqlite3_exec(db->raw, "ROLLBACK", NULL, NULL, NULL);
    }
}

bool db_in_transaction(const struct db *db)
{
    return sqlite3_get_autocommit(db->raw) == 0;
}

/* The cache slot for this literal: its own, a free one, or NULL when all neighbours are taken
 * or it is in use. */
static struct stmt *stmt_slot(struct db *db, const char *sql)
{
    size_t home = ((uintptr_t)sql >> 3) % STMT_CACHE;
    for (size_t probe = 0; probe < 16; probe++) {
        struct stmt *s = &db->cache[(home + probe) % STMT_CACHE];
        if (s->raw == NULL || s->sql == sql) {
            return s->busy ? NULL : s;
        }
    }
    return NULL;
}

static int stmt_bind(struct stmt *s, const struct val *vals, size_t count)
{
    CHECK((int)count == sqlite3_bind_parameter_count(s->raw));
    int rc = SQLITE_OK;
    for (size_t i = 0; i < count && rc == SQLITE_OK; i++) {
        const struct val *v = &vals[i];
        int at = (int)i + 1;
        switch (v->type) {
        case VAL_NULL:
            rc = sqlite3_bind_null(s->raw, at);
            break;
        case VAL_INT:
            rc = sqlite3_bind_int64(s->raw, at, v->integer);
            break;
        case VAL_TEXT:
            rc = sqlite3_bind_text64(s->raw, at, v->data, v->len, SQLITE_STATIC, SQLITE_UTF8);
            break;
        case VAL_BLOB:
            rc = v->len == 0 ? sqlite3_bind_zeroblob(s->raw, at, 0)
                             : sqlite3_bind_blob64(s->raw, at, v->data, v->len, SQLITE_STATIC);
            break;
        }
    }
    return rc;
}

/* The key alone is what a foreign key of a row that is written looks for. */
static int stmt_prepare(struct stmt *s, const char *sql, unsigned flags)
{
    struct db *db = s->db;
    db->read_rows = false;
    db->read_key = false;
    int rc = sqlite3_prepare_v3(db->raw, sql, -1, flags, &s->raw, NULL);
    s->sql = sql;
    s->watched = rc == SQLITE_OK &&
                 (db->read_rows || (db->read_key && sqlite3_stmt_readonly(s->raw) != 0));
    return rc;
}

static enum err_code stmt_ask(const struct stmt *s, struct err *e)
{
    return s->watched ? s->db->before(s->db->before_ctx, e) : ERR_OK;
}

/* Takes s over, on failure too. */
static enum err_code stmt_start(struct stmt *s, struct stmt **out, const char *sql,
                                const struct val *vals, size_t count, struct err *e)
{
    int rc = SQLITE_OK;
    errno = 0;
    if (s->raw == NULL) {
        rc = stmt_prepare(s, sql, s->cached ? SQLITE_PREPARE_PERSISTENT : 0);
    }
    s->busy = rc == SQLITE_OK;
    enum err_code code = rc == SQLITE_OK ? stmt_ask(s, e) : ERR_OK;
    if (code == ERR_OK && rc == SQLITE_OK) {
        rc = stmt_bind(s, vals, count);
    }
    if (code == ERR_OK && rc != SQLITE_OK) {
        code = db_fail(s->db, rc, _("database"), e);
    }
    if (code != ERR_OK) {
        stmt_done(s);
        return code;
    }
    *out = s;
    return ERR_OK;
}

enum err_code db_query_once(struct db *db, struct stmt **out, struct err *e, const char *sql,
                            const struct val *vals, size_t count)
{
    *out = NULL;
    struct stmt *s = mem_alloc(sizeof *s);
    if (s == NULL) {
        return err_nomem(e);
    }
    s->db = db;
    return stmt_start(s, out, sql, vals, count, e);
}

enum err_code db_query(struct db *db, struct stmt **out, struct err *e, const char *sql,
                       const struct val *vals, size_t count)
{
    *out = NULL;
    struct stmt *s = stmt_slot(db, sql);
    if (s == NULL) {
        return db_query_once(db, out, e, sql, vals, count);
    }
    s->db = db;
    s->cached = true;
    return stmt_start(s, out, sql, vals, count, e);
}

enum err_code stmt_restart(struct stmt *s, const struct val *vals, size_t count, struct err *e)
{
    (void)sqlite3_reset(s->raw);
    TRY(stmt_ask(s, e));
    int rc = stmt_bind(s, vals, count);
    return rc == SQLITE_OK ? ERR_OK : db_fail(s->db, rc, _("database"), e);
}

enum err_code stmt_next(struct stmt *s, bool *row, struct err *e)
{
    errno = 0;
    int rc = sqlite3_step(s->raw);
    *row = rc == SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? ERR_OK
                                                 : db_fail(s->db, rc, _("database"), e);
}

void stmt_done(struct stmt *s)
{
    if (s == NULL) {
        return;
    }
    if (!s->cached) {
        sqlite3_finalize(s->raw);
        mem_free(s);
        return;
    }
    if (s->raw != NULL) {
        (void)sqlite3_reset(s->raw);
        (void)sqlite3_clear_bindings(s->raw);
    }
    s->busy = false;
}

int64_t stmt_int(const struct stmt *s, int column)
{
    return sqlite3_column_int64(s->raw, column);
}

const char *stmt_text(const struct stmt *s, int column)
{
    return (const char *)sqlite3_column_text(s->raw, column);
}

const char *stmt_keep(const struct stmt *s, int column, struct arena *a, bool *bad)
{
    const char *text = stmt_text(s, column);
    const char *copy = arena_strdup(a, text != NULL ? text : "");
    *bad = *bad || copy == NULL;
    return copy != NULL ? copy : "";
}

const void *stmt_blob(const struct stmt *s, int column, size_t *len)
{
    const void *p = sqlite3_column_blob(s->raw, column);
    *len = (size_t)sqlite3_column_bytes(s->raw, column);
    return p;
}

bool stmt_is_null(const struct stmt *s, int column)
{
    return sqlite3_column_type(s->raw, column) == SQLITE_NULL;
}

int stmt_columns(const struct stmt *s)
{
    return sqlite3_column_count(s->raw);
}

const char *stmt_column_name(const struct stmt *s, int column)
{
    const char *name = sqlite3_column_name(s->raw, column);
    return name != NULL ? name : "";
}

struct val stmt_val(const struct stmt *s, int column)
{
    size_t len = 0;
    switch (sqlite3_column_type(s->raw, column)) {
    case SQLITE_INTEGER:
        return V_INT(stmt_int(s, column));
    case SQLITE_TEXT: {
        const char *text = stmt_text(s, column);
        return V_TEXT_N(text, (size_t)sqlite3_column_bytes(s->raw, column));
    }
    case SQLITE_NULL:
        return V_NULL();
    default: { /* a blob; a float cannot stand in a STRICT table of ours, and compares unequal
                  as bytes */
        const void *p = stmt_blob(s, column, &len);
        return V_BLOB(p, len);
    }
    }
}

enum err_code db_run(struct db *db, struct err *e, const char *sql, const struct val *vals,
                     size_t count)
{
    struct stmt *s = NULL;
    TRY(db_query(db, &s, e, sql, vals, count));
    bool row = false;
    enum err_code code = stmt_next(s, &row, e);
    stmt_done(s);
    return code;
}

enum err_code db_get_int(struct db *db, int64_t *out, bool *found, struct err *e,
                         const char *sql, const struct val *vals, size_t count)
{
    struct stmt *s = NULL;
    TRY(db_query(db, &s, e, sql, vals, count));
    bool row = false;
    enum err_code code = stmt_next(s, &row, e);
    bool have = code == ERR_OK && row && !stmt_is_null(s, 0);
    if (have) {
        *out = stmt_int(s, 0);
    }
    if (found != NULL) {
        *found = have;
    }
    stmt_done(s);
    return code;
}

int64_t db_changes(const struct db *db)
{
    return sqlite3_changes64(db->raw);
}
