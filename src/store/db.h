/* The only layer that calls SQLite: opening, transactions, prepared statements with bound
 * values. */
#ifndef AFORO_STORE_DB_H
#define AFORO_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct db;   /* one connection; used by one thread at a time */
struct stmt; /* a prepared statement, borrowed from its connection between db_query and
                stmt_done */

enum db_mode {
    DB_READ,    /* must exist; nothing can be written, the folder may be read-only too */
    DB_WRITE,   /* must exist */
    DB_CREATE,  /* is created when absent */
    DB_SCRATCH, /* created; no durability asked: for rebuilds in a temporary folder */
};

/* A value to bind. */
enum val_type { VAL_NULL, VAL_INT, VAL_TEXT, VAL_BLOB };
struct val {
    enum val_type type;
    int64_t integer;
    const void *data; /* borrowed until the statement is done */
    size_t len;
};
struct val val_text(const char *s); /* NULL binds NULL */
#define V_INT(x) ((struct val){VAL_INT, (int64_t)(x), NULL, 0})
#define V_TEXT(s) val_text(s)
#define V_TEXT_N(s, n) ((struct val){VAL_TEXT, 0, (s), (n)})
#define V_BLOB(p, n) ((struct val){VAL_BLOB, 0, (p), (n)})
#define V_HASH(h) ((struct val){VAL_BLOB, 0, (h)->b, 32})
#define V_NULL() ((struct val){VAL_NULL, 0, NULL, 0})
#define VALS(...)                                                                              \
    (const struct val[]){__VA_ARGS__},                                                         \
        sizeof((const struct val[]){__VA_ARGS__}) / sizeof(struct val)
#define NO_VALS NULL, 0

/*
 * Open a database file: WAL, synchronous=FULL (both asserted), foreign keys on, trusted_schema
 * off.
 *
 * Errors: ERR_NOT_FOUND, ERR_IO, ERR_DB, ERR_TAMPERED when the file is not a database.
 */
enum err_code db_open(const char *path, enum db_mode mode, struct db **out,
                      struct err *e) MUST_CHECK;
void db_close(struct db *db);
const char *db_path(const struct db *db);
bool db_is_read_only(const struct db *db);
/* Ask `stop` now and then while statements run, also while they find nothing: true ends the one
 * at work with ERR_CANCELLED. NULL: never. The function fold(text) of every connection is
 * text_fold(): "José" and "jose" are one; with_point(-1234, 2) is "-12.34",
 * in_unit(1500, 'm3', 1) "1.5". */
void db_set_stop(struct db *db, bool (*stop)(void *ctx), void *ctx);
/* Ask `before` before each statement starts that reads rows of this table: what it says is
 * wrong is the error of db_query. A statement that writes and reads of it no more than `key` is
 * a foreign key looking for its parent, and is not told. One table a connection; NULL: no more.
 * No statement may be open. */
void db_before_read(struct db *db, const char *table, const char *key,
                    enum err_code (*before)(void *ctx, struct err *e), void *ctx);
/* How long a writer waits for another (default 10,000 ms). */
void db_set_busy_timeout(struct db *db, int timeout_ms);

/* Several statements without values: schema and pragmas. */
enum err_code db_exec(struct db *db, const char *sql, struct err *e) MUST_CHECK;

/* Is the file still where it was opened? ERR_IO when it was moved, deleted or replaced: this
 * connection would go on in a file that nobody finds. */
enum err_code db_here(const struct db *db, struct err *e) MUST_CHECK;

/* BEGIN IMMEDIATE: ERR_CONFLICT when another writer held the lock for the whole busy timeout.
 */
enum err_code db_begin(struct db *db, struct err *e) MUST_CHECK;
enum err_code db_begin_read(struct db *db, struct err *e) MUST_CHECK;
/* What was written to a file that is not where it was is not committed: ERR_IO as db_here(). */
enum err_code db_commit(struct db *db, struct err *e) MUST_CHECK;
void db_rollback(struct db *db); /* also when nothing is open */
bool db_in_transaction(const struct db *db);

/*
 * Bind values and start a query. sql must be a string that outlives the connection (a literal):
 * statements are cached by its address. out: give back with stmt_done(), also after an error of
 * stmt_next().
 */
enum err_code db_query(struct db *db, struct stmt **out, struct err *e, const char *sql,
                       const struct val *vals, size_t count) MUST_CHECK;
/* The same for SQL that was put together: it is copied and prepared anew each time. */
enum err_code db_query_once(struct db *db, struct stmt **out, struct err *e, const char *sql,
                            const struct val *vals, size_t count) MUST_CHECK;
/* Bind again and restart a query that is held: for loops over rows. */
enum err_code stmt_restart(struct stmt *s, const struct val *vals, size_t count,
                           struct err *e) MUST_CHECK;
/* *row false at the end. */
enum err_code stmt_next(struct stmt *s, bool *row, struct err *e) MUST_CHECK;
void stmt_done(struct stmt *s); /* NULL is fine */

/* Columns of the current row; text and blobs are borrowed until the next stmt call. */
int64_t stmt_int(const struct stmt *s, int column);
const char *stmt_text(const struct stmt *s, int column); /* NULL for NULL */
/* The text in the arena; "" for NULL, and when memory is out, which `bad` then says. */
const char *stmt_keep(const struct stmt *s, int column, struct arena *a, bool *bad);
const void *stmt_blob(const struct stmt *s, int column, size_t *len);
bool stmt_is_null(const struct stmt *s, int column);
int stmt_columns(const struct stmt *s);
const char *stmt_column_name(const struct stmt *s, int column);
/* Type of the value as SQLite stored it, for comparing rows byte by byte. */
struct val stmt_val(const struct stmt *s, int column);

/* Run a statement that returns no rows. */
enum err_code db_run(struct db *db, struct err *e, const char *sql, const struct val *vals,
                     size_t count) MUST_CHECK;
/* First column of the first row; *found false and *out untouched when there is none or it is
 * NULL. found may be NULL. */
enum err_code db_get_int(struct db *db, int64_t *out, bool *found, struct err *e,
                         const char *sql, const struct val *vals, size_t count) MUST_CHECK;
int64_t db_changes(const struct db *db);

/*
 * Write every page anew and empty the log, so that no byte of a deleted row is left in the
 * database's files.
 *
 * *left: true when another program still reads an older state: the log could not be emptied,
 * call again when it has ended. Errors: ERR_CONFLICT when a writer held the lock for the whole
 * busy timeout, ERR_IO (disk full), ERR_DB.
 */
enum err_code db_compact(struct db *db, bool *left, struct err *e) MUST_CHECK;
/*
 * Let the log have its size at once, in zeros, which no reader takes for frames: to sync what
 * is written over waits for the disk alone, what makes the file longer for the file system's
 * own log too. Of use to who commits often and stays.
 *
 * Errors: ERR_CONFLICT when a writer held the lock, ERR_IO (disk full), ERR_DB.
 */
enum err_code db_reserve_log(struct db *db, int64_t bytes, struct err *e) MUST_CHECK;
/* Until the connection ends, unqualified `name` is this query instead of the table. */
enum err_code db_shadow(struct db *db, const char *name, const char *select_sql,
                        struct err *e) MUST_CHECK;
enum err_code db_unshadow(struct db *db, const char *name, struct err *e) MUST_CHECK;

/* Consistent copy of the whole database into a new file (SQLite's online backup). */
enum err_code db_backup(struct db *db, const char *path, struct err *e) MUST_CHECK;
/* Read the whole database file once, past every cache: ERR_IO when the disk refuses. */
enum err_code db_disk_check(struct db *db, struct err *e) MUST_CHECK;

#endif
