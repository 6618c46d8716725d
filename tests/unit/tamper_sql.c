#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "tests/unit/tamper.h"

#define SQL_SIZE 16384

const char *const tamper_kind_names[TAMPER_KINDS] = {
    "value", "type", "NULL", "longer", "other's", "delete", "insert", "swap", "empty", "old"};

/* ---- what a table looks like
 * ---------------------------------------------------------------- */

static bool asks(sqlite3 *raw, const char *sql, const char *a, const char *b)
{
    sqlite3_stmt *q = NULL;
    ck_assert_msg(sqlite3_prepare_v2(raw, sql, -1, &q, NULL) == SQLITE_OK, "%s", sql);
    (void)sqlite3_bind_text(q, 1, a, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(q, 2, b, -1, SQLITE_STATIC);
    bool yes = sqlite3_step(q) == SQLITE_ROW;
    (void)sqlite3_finalize(q);
    return yes;
}

void shape_read(sqlite3 *raw, const struct table_info *info, struct table_shape *out)
{
    sqlite3_stmt *q = NULL;
    char sql[256];
    *out = (struct table_shape){.info = info};
    ck_assert_int_eq(sqlite3_prepare_v2(raw, "SELECT name, type, pk FROM pragma_table_info(?)",
                                        -1, &q, NULL),
                     SQLITE_OK);
    (void)sqlite3_bind_text(q, 1, info->name, -1, SQLITE_STATIC);
    while (sqlite3_step(q) == SQLITE_ROW) {
        ck_assert_int_lt(out->count, COLUMNS_MAX);
        struct column *c = &out->columns[out->count++];
        (void)snprintf(c->name, sizeof c->name, "%s", (const char *)sqlite3_column_text(q, 0));
        (void)snprintf(c->type, sizeof c->type, "%s", (const char *)sqlite3_column_text(q, 1));
        c->key = sqlite3_column_int(q, 2) > 0;
        c->unique = asks(raw,
                         "SELECT 1 FROM pragma_index_list(?1) l, pragma_index_info(l.name) i "
                         "WHERE l.\"unique\" AND i.name = ?2",
                         info->name, c->name);
    }
    (void)sqlite3_finalize(q);
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", info->name);
    out->rows = raw_int(raw, sql);
    ck_assert_msg(out->count > 0, "the table %s has no columns", info->name);
    ck_assert_msg(
        out->rows > 0,
        "the table %s has no row to tamper with: let tests/lib/office_busy.c make one",
        info->name);
}

/* ---- a schema that takes anything
 * ------------------------------------------------------------ */

/* The definition without STRICT and NOT NULL. */
static void loosened(const char *sql, struct buf *out)
{
    static const char *const words[] = {" STRICT,", " STRICT", " NOT NULL"};
    while (*sql != '\0') {
        size_t skip = 0;
        for (size_t i = 0; i < 3 && skip == 0; i++) {
            size_t len = strlen(words[i]);
            bool here = strncmp(sql, words[i], len) == 0;
            bool is_not =
                i == 2 && out->len >= 3 && memcmp(out->data + out->len - 3, " IS", 3) == 0;
            skip = here && !is_not ? len : 0;
        }
        if (skip == 0) {
            buf_addc(out, *sql++);
        }
        sql += skip;
    }
}

static void schema_loosen(sqlite3 *raw, const char *table)
{
    sqlite3_stmt *q = NULL;
    struct buf sql;
    raw_exec(raw, "CREATE TEMP TABLE kept AS SELECT name, sql FROM sqlite_schema WHERE type = "
                  "'table'; PRAGMA writable_schema=ON;");
    buf_init(&sql, SQL_SIZE);
    ck_assert_int_eq(
        sqlite3_prepare_v2(raw, "SELECT sql FROM kept WHERE name = ?", -1, &q, NULL),
        SQLITE_OK);
    (void)sqlite3_bind_text(q, 1, table, -1, SQLITE_STATIC);
    ck_assert_int_eq(sqlite3_step(q), SQLITE_ROW);
    loosened((const char *)sqlite3_column_text(q, 0), &sql);
    (void)sqlite3_finalize(q);
    ck_assert_int_eq(sqlite3_prepare_v2(raw, "UPDATE sqlite_schema SET sql = ? WHERE name = ?",
                                        -1, &q, NULL),
                     SQLITE_OK);
    (void)sqlite3_bind_text(q, 1, buf_str(&sql), -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(q, 2, table, -1, SQLITE_STATIC);
    ck_assert_int_eq(sqlite3_step(q), SQLITE_DONE);
    (void)sqlite3_finalize(q);
    buf_release(&sql);
    raw_exec(raw, "PRAGMA writable_schema=RESET;");
}

static void schema_restore(sqlite3 *raw)
{
    raw_exec(raw,
             "PRAGMA writable_schema=ON; UPDATE sqlite_master SET sql = (SELECT k.sql FROM "
             "kept k WHERE k.name = sqlite_master.name) WHERE type = 'table'; PRAGMA "
             "writable_schema=RESET; DROP TABLE kept;");
}

/* ---- edits of a column
 * ---------------------------------------------------------------------- */

/* Another value of the same type. */
static void other_value(const struct column *c, char *out, size_t size)
{
    if (strcmp(c->type, "INTEGER") == 0) {
        (void)snprintf(out, size, "coalesce(%s, 0) + %d", c->name,
                       c->key || c->unique ? 1000003 : 1);
    } else if (strcmp(c->type, "TEXT") == 0) {
        (void)snprintf(out, size, "coalesce(%s, '') || 'x'", c->name);
    } else { /* the first byte becomes another one */
        (void)snprintf(out, size,
                       "CAST(CASE substr(%s, 1, 1) WHEN X'07' THEN X'08' ELSE X'07' END || "
                       "coalesce(substr(%s, 2), zeroblob(31)) AS BLOB)",
                       c->name, c->name);
    }
}

static void new_value(const struct table_shape *t, const struct column *c,
                      enum tamper_kind kind, char *out, size_t size)
{
    const char *n = c->name;
    bool integer = strcmp(c->type, "INTEGER") == 0;
    bool text = strcmp(c->type, "TEXT") == 0;
    if (kind == TAMPER_VALUE) {
        other_value(c, out, size);
    } else if (kind == TAMPER_NULL) {
        (void)snprintf(out, size, "CASE WHEN %s IS NULL THEN 0 END", n);
    } else if (kind == TAMPER_OTHER) {
        (void)snprintf(out, size,
                       "(SELECT x.%s FROM %s x WHERE x.%s IS NOT %s.%s ORDER BY %s LIMIT 1)", n,
                       t->info->name, n, t->info->name, n, t->info->key);
    } else if (kind == TAMPER_TYPE) {
        (void)snprintf(out, size,
                       integer ? "CAST(CAST(coalesce(%s, 1) AS TEXT) AS BLOB)"
                       : text  ? "CAST(coalesce(%s, 'x') AS BLOB)"
                               : "CAST(coalesce(%s, X'78') AS TEXT)",
                       n);
    } else {
        (void)snprintf(out, size,
                       integer ? "coalesce(%s, 0) + 72057594037927936"
                       : text  ? "CAST(CAST(coalesce(%s, '') AS BLOB) || X'0078' AS TEXT)"
                               : "CAST(coalesce(%s, X'') || X'00' AS BLOB)",
                       n);
    }
}

static bool column_edit(sqlite3 *raw, const struct table_shape *t, enum tamper_kind kind,
                        int column)
{
    const struct column *c = &t->columns[column];
    const char *table = t->info->name;
    const char *key = t->info->key;
    char value[1024];
    char where[1024];
    char sql[SQL_SIZE];
    sqlite3_stmt *q = NULL;
    char before[16];
    /* The middle one of the rows that hold a value. */
    (void)snprintf(where, sizeof where,
                   "(%s) = (SELECT %s FROM %s ORDER BY %s IS NULL, %s LIMIT 1 OFFSET (SELECT "
                   "count(%s) / 2 FROM %s))",
                   key, key, table, c->name, key, c->name, table);
    new_value(t, c, kind, value, sizeof value);
    schema_loosen(raw, table);
    (void)snprintf(sql, sizeof sql, "SELECT typeof(%s) FROM %s WHERE %s", c->name, table,
                   where);
    ck_assert_msg(sqlite3_prepare_v2(raw, sql, -1, &q, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(raw));
    ck_assert_int_eq(sqlite3_step(q), SQLITE_ROW);
    (void)snprintf(before, sizeof before, "%s", (const char *)sqlite3_column_text(q, 0));
    (void)sqlite3_finalize(q);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE %s SET %s = %s WHERE %s AND %s IS NOT (%s) RETURNING typeof(%s)",
                   table, c->name, value, where, c->name, value, c->name);
    ck_assert_msg(sqlite3_prepare_v2(raw, sql, -1, &q, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(raw));
    int rc = sqlite3_step(q);
    bool made = rc == SQLITE_ROW;
    if (made && (kind == TAMPER_TYPE || kind == TAMPER_NULL)) {
        made = strcmp((const char *)sqlite3_column_text(q, 0), before) != 0;
    }
    if (!made && rc != SQLITE_DONE && rc != SQLITE_ROW) {
        ck_assert_msg((rc & 0xff) == SQLITE_CONSTRAINT || (rc & 0xff) == SQLITE_MISMATCH,
                      "%s: %s", sql, sqlite3_errmsg(raw));
        ck_assert_msg(c->key || c->unique, "%s: %s", sql, sqlite3_errmsg(raw));
    }
    if (made) {
        rc = sqlite3_step(q);
    }
    (void)sqlite3_finalize(q);
    schema_restore(raw);
    return made;
}

/* ---- edits of rows
 * -------------------------------------------------------------------------- */

static void where_row(const struct table_shape *t, int64_t offset, char *out, size_t size)
{
    (void)snprintf(out, size,
                   "(%s) = (SELECT %s FROM %s ORDER BY %s LIMIT 1 OFFSET %" PRId64 ")",
                   t->info->key, t->info->key, t->info->name, t->info->key, offset);
}

/* The columns' names, or for those that `pick` names another value. */
static void column_list(const struct table_shape *t, bool keys, bool others, struct buf *out)
{
    const char *comma = "";
    for (int i = 0; i < t->count; i++) {
        const struct column *c = &t->columns[i];
        char value[512];
        if (c->key && !keys) {
            continue;
        }
        other_value(c, value, sizeof value);
        buf_addf(out, "%s%s", comma, others && (c->key || c->unique) ? value : c->name);
        comma = ", ";
    }
}

static bool rows_insert(sqlite3 *raw, const struct table_shape *t)
{
    struct buf sql;
    char where[1024];
    buf_init(&sql, SQL_SIZE);
    where_row(t, 0, where, sizeof where);
    buf_addf(&sql, "INSERT INTO %s SELECT ", t->info->name);
    column_list(t, true, true, &sql);
    buf_addf(&sql, " FROM %s WHERE %s", t->info->name, where);
    raw_exec(raw, buf_str(&sql));
    buf_release(&sql);
    return true;
}

/* First and last change places: everything but the key, through tables in between; what must be
 * unique stands in neither for a moment. */
static bool rows_swap(sqlite3 *raw, const struct table_shape *t)
{
    struct buf names;
    struct buf apart;
    struct buf sql;
    char first[1024];
    char last[1024];
    const char *table = t->info->name;
    buf_init(&names, SQL_SIZE);
    buf_init(&apart, SQL_SIZE);
    buf_init(&sql, SQL_SIZE);
    column_list(t, false, false, &names);
    column_list(t, false, true, &apart);
    where_row(t, 0, first, sizeof first);
    where_row(t, t->rows - 1, last, sizeof last);
    bool can = names.len > 0 && t->rows > 1;
    if (can) {
        const char *n = buf_str(&names);
        buf_addf(&sql, "CREATE TEMP TABLE one AS SELECT %s FROM %s WHERE %s;", n, table, first);
        buf_addf(&sql, "CREATE TEMP TABLE two AS SELECT %s FROM %s WHERE %s;", n, table, last);
        buf_addf(&sql, "UPDATE %s SET (%s) = (%s) WHERE %s;", table, n, buf_str(&apart), first);
        buf_addf(&sql, "UPDATE %s SET (%s) = (SELECT %s FROM one) WHERE %s;", table, n, n,
                 last);
        buf_addf(&sql, "UPDATE %s SET (%s) = (SELECT %s FROM two) WHERE %s;", table, n, n,
                 first);
        raw_exec(raw, buf_str(&sql));
        can = raw_int(raw,
                      "SELECT count(*) FROM (SELECT * FROM one EXCEPT SELECT * FROM two)") > 0;
        raw_exec(raw, "DROP TABLE one; DROP TABLE two");
    }
    buf_release(&names);
    buf_release(&apart);
    buf_release(&sql);
    return can;
}

static bool rows_old(sqlite3 *raw, const struct table_shape *t)
{
    char sql[SQL_SIZE];
    const char *n = t->info->name;
    (void)snprintf(sql, sizeof sql, "ATTACH '%s/office.db' AS old", office_before());
    raw_exec(raw, sql);
    (void)snprintf(sql, sizeof sql,
                   "SELECT EXISTS(SELECT * FROM main.%s EXCEPT SELECT * FROM old.%s) OR "
                   "EXISTS(SELECT * FROM old.%s EXCEPT SELECT * FROM main.%s)",
                   n, n, n, n);
    bool differs = raw_int(raw, sql) != 0;
    (void)snprintf(sql, sizeof sql,
                   "DELETE FROM main.%s; INSERT INTO main.%s SELECT * FROM "
                   "old.%s; DETACH old",
                   n, n, n);
    raw_exec(raw, sql);
    return differs;
}

bool tamper_make(sqlite3 *raw, const struct table_shape *t, enum tamper_kind kind, int column)
{
    char sql[SQL_SIZE];
    char where[1024];
    switch (kind) {
    case TAMPER_VALUE:
    case TAMPER_TYPE:
    case TAMPER_NULL:
    case TAMPER_LONGER:
    case TAMPER_OTHER:
        return column_edit(raw, t, kind, column);
    case TAMPER_DELETE:
        where_row(t, column == 0 ? 0 : t->rows - 1, where, sizeof where);
        (void)snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s", t->info->name, where);
        raw_exec(raw, sql);
        return sqlite3_changes(raw) == 1;
    case TAMPER_INSERT:
        return rows_insert(raw, t);
    case TAMPER_SWAP:
        return rows_swap(raw, t);
    case TAMPER_EMPTY:
        (void)snprintf(sql, sizeof sql, "DELETE FROM %s", t->info->name);
        raw_exec(raw, sql);
        return true;
    case TAMPER_OLD:
        return rows_old(raw, t);
    case TAMPER_KINDS:
        break;
    }
    return false;
}
