/* What a connection does to its own files and its own temporary schema. */
#include <config.h>

#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "store/db_priv.h"

/* *left true when somebody's snapshot kept pages in the log. */
static enum err_code log_empty(struct db *db, bool *left, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e, "PRAGMA wal_checkpoint(TRUNCATE)", NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    *left = code == ERR_OK && row && stmt_int(q, 0) != 0;
    stmt_done(q);
    return code;
}

enum err_code db_compact(struct db *db, bool *left, struct err *e)
{
    TRY(db_exec(db, "VACUUM", e));
    return log_empty(db, left, e);
}

static enum err_code schema_own(struct db *db, const char *sql, struct err *e)
{
    bool read_only = db_is_read_only(db);
    if (read_only) { /* what it forbids includes the connection's own temporary schema */
        TRY(db_exec(db, "PRAGMA query_only=OFF", e));
    }
    enum err_code code = db_exec(db, sql, e);
    struct err second = ERR_INIT;
    enum err_code back =
        read_only ? db_exec(db, "PRAGMA query_only=ON", code == ERR_OK ? e : &second) : ERR_OK;
    return code == ERR_OK ? back : code;
}

enum err_code db_shadow(struct db *db, const char *name, const char *select_sql, struct err *e)
{
    struct buf sql;
    TRY(db_unshadow(db, name, e));
    buf_init(&sql, 4096);
    buf_addf(&sql, "CREATE TEMP VIEW %s AS %s", name, select_sql);
    enum err_code code = buf_status(&sql, _("view"), e);
    if (code == ERR_OK) {
        code = schema_own(db, buf_str(&sql), e);
    }
    buf_release(&sql);
    return code;
}

enum err_code db_unshadow(struct db *db, const char *name, struct err *e)
{
    struct buf sql;
    buf_init(&sql, 256);
    buf_addf(&sql, "DROP VIEW IF EXISTS temp.%s", name);
    enum err_code code = buf_status(&sql, _("view"), e);
    if (code == ERR_OK) {
        code = schema_own(db, buf_str(&sql), e);
    }
    buf_release(&sql);
    return code;
}

enum err_code db_backup(struct db *db, const char *path, struct err *e)
{
    sqlite3 *to = NULL;
    errno = 0;
    int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_backup *b = sqlite3_backup_init(to, "main", db->raw, "main");
        rc = b == NULL ? sqlite3_errcode(to) : sqlite3_backup_step(b, -1);
        rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
        if (b != NULL) {
            (void)sqlite3_backup_finish(b);
        }
    }
    enum err_code code = ERR_OK;
    if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB) {
        code = db_fail(db, rc, _("database"), e); /* of what is copied: the copy is new */
    } else if (rc != SQLITE_OK) {
        code = err_set(e, ERR_IO, _("cannot copy the database to %s: %s"), path,
                       sqlite3_errstr(rc));
    }
    (void)sqlite3_close(to);
    return code;
}

enum err_code db_disk_check(struct db *db, struct err *e)
{
    enum { BLOCK = 1 << 16 };
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    uint8_t *block = mem_alloc(BLOCK);
    if (block == NULL) {
        return err_nomem(e);
    }
    int rc = sqlite3_file_control(db->raw, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (rc == SQLITE_OK) {
        rc = file->pMethods->xFileSize(file, &size);
    }
    for (sqlite3_int64 at = 0; rc == SQLITE_OK && at < size; at += BLOCK) {
        rc = file->pMethods->xRead(file, block, BLOCK, at);
        rc = rc == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : rc; /* the end */
    }
    mem_free(block);
    return rc == SQLITE_OK ? ERR_OK
                           : err_set(e, ERR_IO, _("the disk cannot read %s: %s"), db->path,
                                     sqlite3_errstr(rc));
}

enum err_code db_reserve_log(struct db *db, int64_t bytes, struct err *e)
{
    static const uint8_t zeros[4096];
    sqlite3_file *log = NULL;
    sqlite3_int64 at = 0;
    errno = 0;
    TRY(db_begin(db, e)); /* nobody else appends to it */
    int rc = sqlite3_file_control(db->raw, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (rc == SQLITE_OK && log->pMethods != NULL) {
        rc = log->pMethods->xFileSize(log, &at);
        bool more = rc == SQLITE_OK && at < bytes;
        for (; rc == SQLITE_OK && at < bytes; at += (sqlite3_int64)sizeof zeros) {
            rc = log->pMethods->xWrite(log, zeros, sizeof zeros, at);
        }
        if (rc == SQLITE_OK && more) {
            rc = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
        }
    }
    db_rollback(db);
    return rc == SQLITE_OK ? ERR_OK : db_fail(db, rc, _("database"), e);
}
