/* A connection and its statements; shared by the modules of the store only. */
#ifndef AFORO_STORE_DB_PRIV_H
#define AFORO_STORE_DB_PRIV_H

#include <sqlite3.h>

#include "store/db.h"

/* Statements kept prepared per connection; more than this many distinct queries only costs
 * preparing again. */
#define STMT_CACHE 256

struct stmt {
    sqlite3_stmt *raw;
    struct db *db;
    const char *sql; /* key of the cache: address of the literal */
    bool busy;
    bool cached;
    bool watched; /* reads the table of db_before_read */
};

struct db {
    sqlite3 *raw;
    char *path;
    bool read_only;
    bool (*stop)(void *ctx);
    void *stop_ctx;
    const char *watched, *watched_key; /* a table; `before` is asked before its rows are read */
    enum err_code (*before)(void *ctx, struct err *e);
    void *before_ctx;
    bool read_rows, read_key; /* what the statement that is being prepared reads of it */
    struct stmt cache[STMT_CACHE];
};

/* Turn SQLite's answer into ours: the sentence says what a person can do about it. `what` was
 * being done. */
enum err_code db_fail(const struct db *db, int rc, const char *what, struct err *e) MUST_CHECK;

#endif
