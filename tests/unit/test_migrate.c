#include <config.h>

#include "store/migrate.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "tests/unit/check_store.h"

static const int64_t newest_unset = -1;

static int64_t newest(void)
{
    ck_assert_uint_gt(migrations_count, 0);
    return (int64_t)migrations_count;
}

/* All schema text of a database, one hash-free string to compare. */
static void schema_text(struct db *db, struct buf *out)
{
    struct stmt *q = NULL;
    bool row = false;
    assert_ok(db_query(db, &q, &e,
                       "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || "
                       "coalesce(sql, '-') FROM sqlite_schema ORDER BY 1",
                       NO_VALS));
    for (;;) {
        assert_ok(stmt_next(q, &row, &e));
        if (!row) {
            break;
        }
        buf_adds(out, stmt_text(q, 0));
        buf_addc(out, '\n');
    }
    stmt_done(q);
}

START_TEST(migrations_are_numbered_without_gaps)
{
    for (size_t i = 0; i < migrations_count; i++) {
        char number[32];
        (void)snprintf(number, sizeof number, "%04zu_", i + 1);
        ck_assert_int_eq(migrations[i].version, (int)i + 1);
        ck_assert_msg(strncmp(migrations[i].name, number, 5) == 0, "%s", migrations[i].name);
        ck_assert_uint_gt(strlen(migrations[i].sql), 0);
    }
}
END_TEST

START_TEST(empty_database_becomes_the_newest)
{
    struct db *db = store_open("a.db", DB_CREATE);
    int64_t version = newest_unset;
    assert_ok(schema_version(db, &version, &e));
    ck_assert_int_eq(version, 0);
    assert_error(schema_require(db, &e), ERR_STATE, "aforo migrate");
    assert_ok(schema_migrate(db, newest(), &e));
    assert_ok(schema_version(db, &version, &e));
    ck_assert_int_eq(version, newest());
    ck_assert_int_eq(store_int(db, "PRAGMA application_id"), DB_APPLICATION_ID);
    assert_ok(schema_require(db, &e));
    assert_ok(schema_migrate(db, newest(), &e)); /* again: nothing happens */
    db_close(db);
}
END_TEST

START_TEST(every_older_version_becomes_the_same_schema)
{
    struct db *db = store_open("fresh.db", DB_CREATE);
    struct buf fresh;
    buf_init(&fresh, 1 << 20);
    assert_ok(schema_migrate(db, newest(), &e));
    schema_text(db, &fresh);
    db_close(db);
    for (int64_t from = 0; from < newest(); from++) {
        char name[32];
        struct buf text;
        buf_init(&text, 1 << 20);
        (void)snprintf(name, sizeof name, "from%d.db", (int)from);
        db = store_open(name, DB_CREATE);
        assert_ok(schema_migrate(db, from, &e));
        int64_t version = newest_unset;
        assert_ok(schema_version(db, &version, &e));
        ck_assert_int_eq(version, from);
        assert_error(schema_require(db, &e), ERR_STATE, "aforo migrate");
        assert_ok(schema_migrate(db, newest(), &e));
        schema_text(db, &text);
        ck_assert_str_eq(buf_str(&text), buf_str(&fresh));
        buf_release(&text);
        db_close(db);
    }
    buf_release(&fresh);
}
END_TEST

START_TEST(newer_database_is_refused_and_untouched)
{
    struct db *db = store_open("a.db", DB_CREATE);
    char sql[64];
    assert_ok(schema_migrate(db, newest(), &e));
    (void)snprintf(sql, sizeof sql, "PRAGMA user_version=%d", (int)newest() + 1);
    store_exec(db, sql);
    assert_error(schema_require(db, &e), ERR_UNSUPPORTED, "newer Aforo");
    assert_error(schema_migrate(db, newest(), &e), ERR_UNSUPPORTED, "newer Aforo");
    ck_assert_int_eq(store_int(db, "PRAGMA user_version"), newest() + 1);
    db_close(db);
}
END_TEST

START_TEST(database_of_another_program_is_refused)
{
    struct db *db = store_open("a.db", DB_CREATE);
    int64_t version = newest_unset;
    store_exec(db, "CREATE TABLE bookmarks(url TEXT); PRAGMA user_version=1;");
    assert_error(schema_version(db, &version, &e), ERR_TAMPERED, "another program");
    assert_error(schema_require(db, &e), ERR_TAMPERED, "another program");
    assert_error(schema_migrate(db, newest(), &e), ERR_TAMPERED, "another program");
    ck_assert_int_eq(store_int(db, "SELECT count(*) FROM sqlite_schema"), 1);
    db_close(db);
}
END_TEST

/* A step that fails in its middle leaves nothing of itself. */
START_TEST(failed_migration_leaves_nothing)
{
    struct db *db = store_open("a.db", DB_CREATE);
    int64_t version = newest_unset;
    char id[64];
    (void)snprintf(id, sizeof id, "PRAGMA application_id=%d", DB_APPLICATION_ID);
    store_exec(db, "CREATE TABLE reading(x INTEGER) STRICT"); /* 0001 makes one too, late */
    store_exec(db, id);
    assert_error(schema_migrate(db, newest(), &e), ERR_DB, migrations[0].name);
    ck_assert(!db_in_transaction(db));
    assert_ok(schema_version(db, &version, &e));
    ck_assert_int_eq(version, 0);
    ck_assert_int_eq(store_int(db, "SELECT count(*) FROM sqlite_schema"), 1);
    db_close(db);
}
END_TEST

static struct db *newest_db(void)
{
    struct db *db = store_open("t.db", DB_CREATE);
    assert_ok(schema_migrate(db, newest(), &e));
    return db;
}

START_TEST(every_table_is_listed_and_exists)
{
    struct db *db = newest_db();
    for (size_t i = 0; i < tables_count; i++) {
        bool found = false;
        int64_t strict = 0;
        assert_ok(db_get_int(db, &strict, &found, &e,
                             "SELECT strict FROM pragma_table_list WHERE name=? AND "
                             "type='table'",
                             VALS(V_TEXT(tables[i].name))));
        ck_assert_msg(found && strict == 1, "%s is no STRICT table", tables[i].name);
    }
    ck_assert_int_eq(store_int(db, "SELECT count(*) FROM sqlite_schema WHERE type='table' AND "
                                   "name NOT LIKE 'sqlite_%'"),
                     (int64_t)tables_count);
    db_close(db);
}
END_TEST

/* Ordering by its key gives each table one order: the key is its primary key. */
START_TEST(every_key_orders_rows_totally)
{
    struct db *db = newest_db();
    for (size_t i = 0; i < tables_count; i++) {
        bool same = false;
        int64_t one = 0;
        assert_ok(db_get_int(
            db, &one, &same, &e,
            "SELECT 1 WHERE ?2 = (SELECT group_concat(name, ', ') FROM (SELECT name FROM "
            "pragma_table_info(?1) WHERE pk > 0 ORDER BY pk))",
            VALS(V_TEXT(tables[i].name), V_TEXT(tables[i].key))));
        ck_assert_msg(same, "%s is not the primary key of %s", tables[i].key, tables[i].name);
    }
    db_close(db);
}
END_TEST

START_TEST(parents_stand_before_children)
{
    struct db *db = newest_db();
    for (size_t i = 0; i < tables_count; i++) {
        struct stmt *q = NULL;
        bool row = false;
        assert_ok(db_query(db, &q, &e, "SELECT \"table\" FROM pragma_foreign_key_list(?)",
                           VALS(V_TEXT(tables[i].name))));
        for (;;) {
            assert_ok(stmt_next(q, &row, &e));
            if (!row) {
                break;
            }
            size_t parent = 0;
            while (parent < tables_count && strcmp(tables[parent].name, stmt_text(q, 0)) != 0) {
                parent++;
            }
            /* A table that names itself goes by its key: a parent row stands before. */
            ck_assert_msg(parent <= i, "%s stands before %s", tables[i].name, stmt_text(q, 0));
        }
        stmt_done(q);
    }
    db_close(db);
}
END_TEST

Suite *suite_migrate(void)
{
    Suite *s = suite_create("migrate");
    TCase *t = tcase_create("migrate");
    tcase_add_checked_fixture(t, store_folder_make, store_folder_remove);
    tcase_add_test(t, migrations_are_numbered_without_gaps);
    tcase_add_test(t, empty_database_becomes_the_newest);
    tcase_add_test(t, every_older_version_becomes_the_same_schema);
    tcase_add_test(t, newer_database_is_refused_and_untouched);
    tcase_add_test(t, database_of_another_program_is_refused);
    tcase_add_test(t, failed_migration_leaves_nothing);
    tcase_add_test(t, every_table_is_listed_and_exists);
    tcase_add_test(t, every_key_orders_rows_totally);
    tcase_add_test(t, parents_stand_before_children);
    suite_add_tcase(s, t);
    return s;
}
