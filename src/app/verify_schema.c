#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/verify_deep.h"
#include "base/i18n.h"
#include "base/text.h"

/* ---- schema
 * -------------------------------------------------------------------------------- */

/* The last column: a text that became a blob reads the same, and is not. */
static const char objects_sql[] =
    "SELECT type, name, tbl_name, sql, typeof(type) || ' ' || typeof(name) || ' ' || "
    "typeof(tbl_name) || ' ' || typeof(sql) FROM sqlite_schema ORDER BY name, type";
enum { OBJECT_COLUMNS = 5 };

static const char *text_or_empty(const struct stmt *q, int column)
{
    const char *s = stmt_text(q, column);
    return s != NULL ? s : "";
}

/* An object that only one of the two has, or that differs; the other is NULL. */
static void object_fault(struct audit *a, const struct stmt *have, const struct stmt *want)
{
    char name[64];
    const struct stmt *q = have != NULL ? have : want;
    const char *type = text_or_empty(q, 0);
    const char *raw = text_or_empty(q, 1);
    const char *expected = want != NULL ? text_or_empty(want, 3) : "";
    const char *found = have != NULL ? text_or_empty(have, 3) : "";
    text_sanitize_to(raw, strlen(raw), name, sizeof name);
    struct audit_fault *f =
        want == NULL   ? audit_add(a, "schema", 0, -1,
                                   _("the %s %s does not belong into the database"), type, name)
        : have == NULL ? audit_add(a, "schema", 0, -1,
                                   _("the %s %s is missing from the database"), type, name)
                       : audit_add(a, "schema", 0, -1,
                                   _("the %s %s is not defined as it should be"), type, name);
    if (f != NULL) {
        memcpy(f->table, name, sizeof name);
        text_sanitize_to(expected, strlen(expected), f->expected, sizeof f->expected);
        text_sanitize_to(found, strlen(found), f->found, sizeof f->found);
    }
}

static int object_order(const struct stmt *x, const struct stmt *y)
{
    int by_name = strcmp(text_or_empty(x, 1), text_or_empty(y, 1));
    return by_name != 0 ? by_name : strcmp(text_or_empty(x, 0), text_or_empty(y, 0));
}

/* Names may hold NULs in a file that was edited: what strcmp calls equal is compared whole. */
static bool object_same(const struct stmt *x, const struct stmt *y)
{
    for (int i = 0; i < OBJECT_COLUMNS; i++) {
        struct val a = stmt_val(x, i);
        struct val b = stmt_val(y, i);
        if (a.type != b.type || a.len != b.len ||
            (a.len > 0 && memcmp(a.data, b.data, a.len) != 0)) {
            return false;
        }
    }
    return true;
}

/* Both lists are ordered: one walk over the two. */
static enum err_code objects_walk(struct stmt *have, struct stmt *want, struct audit *a,
                                  struct err *e)
{
    bool more_have = false;
    bool more_want = false;
    TRY(stmt_next(have, &more_have, e));
    TRY(stmt_next(want, &more_want, e));
    while (more_have || more_want) {
        int order = !more_have ? 1 : !more_want ? -1 : object_order(have, want);
        if (order != 0 || !object_same(have, want)) {
            object_fault(a, order <= 0 ? have : NULL, order >= 0 ? want : NULL);
        }
        if (order <= 0) {
            TRY(stmt_next(have, &more_have, e));
        }
        if (order >= 0) {
            TRY(stmt_next(want, &more_want, e));
        }
    }
    return ERR_OK;
}

static enum err_code mark_compare(struct db *db, struct db *fresh, const char *pragma,
                                  const char *name, struct audit *a, struct err *e)
{
    int64_t have = 0;
    int64_t want = 0;
    TRY(db_get_int(db, &have, NULL, e, pragma, NO_VALS));
    TRY(db_get_int(fresh, &want, NULL, e, pragma, NO_VALS));
    if (have != want) {
        (void)audit_add(a, "schema", 0, -1,
                        _("the database's %s is %" PRId64 " instead of %" PRId64), name, have,
                        want);
    }
    return ERR_OK;
}

enum err_code schema_compare(struct db *db, struct db *fresh, struct audit *a, struct err *e)
{
    struct stmt *have = NULL;
    struct stmt *want = NULL;
    TRY(mark_compare(db, fresh, "PRAGMA application_id", "application_id", a, e));
    TRY(mark_compare(db, fresh, "PRAGMA user_version", "user_version", a, e));
    enum err_code code = db_query(db, &have, e, objects_sql, NO_VALS);
    if (code == ERR_OK) {
        code = db_query(fresh, &want, e, objects_sql, NO_VALS);
    }
    if (code == ERR_OK) {
        code = objects_walk(have, want, a, e);
    }
    stmt_done(have);
    stmt_done(want);
    return code;
}

/* ---- SQLite's own checks
 * ------------------------------------------------------------------- */

/* "" when the pages hold. */
static enum err_code pages_ask(struct db *db, char *out, size_t size, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    out[0] = '\0';
    TRY(db_query(db, &q, e, "PRAGMA integrity_check(1)", NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row && strcmp(text_or_empty(q, 0), "ok") != 0) {
        (void)snprintf(out, size, "%s", text_or_empty(q, 0));
    }
    stmt_done(q);
    return code;
}

/* SQLite tells of a page that the disk would not give as of one that is wrong. So before
 * anybody is accused, the file is read once more, and then asked once more. */
static enum err_code pages_check(struct db *db, struct audit *a, struct err *e)
{
    char first[256];
    char again[256];
    TRY(pages_ask(db, first, sizeof first, e));
    if (first[0] == '\0') {
        return ERR_OK;
    }
    TRY(db_disk_check(db, e));
    TRY(pages_ask(db, again, sizeof again, e));
    if (again[0] == '\0') {
        return err_set(e, ERR_IO,
                       _("the disk gave %s wrong once and right once (%s); copy the office to "
                         "another disk and check it there"),
                       db_path(db), first);
    }
    (void)audit_add(a, "integrity", 0, -1, _("the database file is damaged: %s"), again);
    return ERR_OK;
}

static enum err_code references_check(struct db *db, struct audit *a, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(db, &q, e, "PRAGMA foreign_key_check", NO_VALS));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        struct audit_fault *f =
            audit_add(a, "foreign_key", 0, -1,
                      _("a row of table %s (rowid %" PRId64
                        ") refers to a row of %s that does not exist"),
                      text_or_empty(q, 0), stmt_int(q, 1), text_or_empty(q, 2));
        if (f != NULL) {
            (void)snprintf(f->table, sizeof f->table, "%s", text_or_empty(q, 0));
            (void)snprintf(f->key, sizeof f->key, "rowid=%" PRId64, stmt_int(q, 1));
        }
    }
    stmt_done(q);
    return code;
}

enum err_code integrity_check(struct db *db, struct audit *a, struct err *e)
{
    TRY(pages_check(db, a, e));
    return references_check(db, a, e);
}
