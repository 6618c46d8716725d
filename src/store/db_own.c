/* What a connection does to its own files and its own temporary schema. */
#include <config.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "store/db.h"

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
