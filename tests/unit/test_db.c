#include <config.h>

#include "store/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/check_store.h"

static struct db *with_table(const char *name)
{
    struct db *db = store_open(name, DB_CREATE);
    store_exec(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, x INTEGER, s TEXT, b BLOB) STRICT");
    return db;
}

START_TEST(open_asks_for_durability)
{
    struct db *db = store_open("a.db", DB_CREATE);
    ck_assert_int_eq(store_int(db, "PRAGMA synchronous"), 2); /* FULL */
    ck_assert_int_eq(store_int(db, "PRAGMA foreign_keys"), 1);
    ck_assert_int_eq(store_int(db, "PRAGMA trusted_schema"), 0);
    ck_assert_int_eq(store_int(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
    ck_assert(!db_is_read_only(db));
    ck_assert_str_eq(db_path(db), store_file("a.db"));
    db_close(db);
}
END_TEST

START_TEST(open_names_what_is_missing)
{
    struct db *db = NULL;
    assert_error(db_open(store_file("none.db"), DB_READ, &db, &e), ERR_NOT_FOUND, "none.db");
    assert_error(db_open(store_file("none.db"), DB_WRITE, &db, &e), ERR_NOT_FOUND, "none.db");
    ck_assert_ptr_null(db);
    assert_error(db_open(store_file("no/such/folder.db"), DB_CREATE, &db, &e), ERR_IO,
                 "folder.db");
}
END_TEST

START_TEST(open_refuses_a_file_that_is_no_database)
{
    struct db *db = NULL;
    FILE *f = fopen(store_file("text.db"), "w");
    for (int i = 0; i < 500; i++) {
        ck_assert_int_gt(fputs("meter,value,date\n", f), 0);
    }
    ck_assert_int_eq(fclose(f), 0);
    assert_error(db_open(store_file("text.db"), DB_WRITE, &db, &e), ERR_TAMPERED, "damaged");
}
END_TEST

START_TEST(reader_cannot_write)
{
    db_close(with_table("a.db"));
    struct db *db = store_open("a.db", DB_READ);
    ck_assert(db_is_read_only(db));
    assert_error(db_run(db, &e, "INSERT INTO t(x) VALUES(1)", NO_VALS), ERR_IO, "read-only");
    db_close(db);
}
END_TEST

/* Root may write anything: the child becomes somebody else. */
START_TEST(file_without_permission_is_named_read_only)
{
    db_close(with_table("a.db"));
    ck_assert_int_eq(chmod(store_file("a.db"), 0444), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct err e = ERR_INIT;
        struct db *db = NULL;
        char dir[2 * STORE_PATH];
        (void)snprintf(dir, sizeof dir, "%s", store_file(""));
        if (geteuid() == 0 && (chmod(dir, 0755) != 0 || setuid(65534) != 0)) {
            _exit(2);
        }
        enum err_code code = db_open(store_file("a.db"), DB_WRITE, &db, &e);
        _exit(code == ERR_IO && strstr(e.text, "read-only") != NULL ? 0 : 1);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}
END_TEST

/* An auditor's medium: no file can be made beside the database. */
START_TEST(database_in_a_read_only_folder_is_read)
{
    char dir[2 * STORE_PATH];
    db_close(with_table("a%20b?#.db")); /* a name that a URI must quote */
    (void)snprintf(dir, sizeof dir, "%s", store_file(""));
    ck_assert_int_eq(chmod(dir, 0555), 0);
    ck_assert_int_eq(chmod(store_file("a%20b?#.db"), 0444), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct err e = ERR_INIT;
        struct db *db = NULL;
        int64_t n = 0;
        if (geteuid() == 0 && setuid(65534) != 0) {
            _exit(2);
        }
        enum err_code code = db_open(store_file("a%20b?#.db"), DB_READ, &db, &e);
        if (code == ERR_OK) {
            code = db_get_int(db, &n, NULL, &e, "SELECT count(*) FROM t", NO_VALS);
        }
        _exit(code == ERR_OK ? 0 : 1);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(chmod(dir, 0700), 0);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(values_come_back_as_they_went)
{
    static const char text[] = "a\0b\xc3\xb1";
    struct db *db = with_table("a.db");
    struct stmt *q = NULL;
    bool row = false;
    assert_ok(db_run(db, &e, "INSERT INTO t VALUES(1,?,?,?)",
                     VALS(V_INT(INT64_MIN), V_TEXT_N(text, 5), V_BLOB("\0\xff", 2))));
    assert_ok(db_run(db, &e, "INSERT INTO t VALUES(2,?,?,?)",
                     VALS(V_INT(INT64_MAX), V_TEXT(""), V_BLOB("", 0))));
    assert_ok(db_run(db, &e, "INSERT INTO t VALUES(3,?,?,?)",
                     VALS(V_NULL(), V_TEXT(NULL), V_NULL())));
    assert_ok(db_query(db, &q, &e, "SELECT x, s, b FROM t ORDER BY id", NO_VALS));
    assert_ok(stmt_next(q, &row, &e));
    ck_assert_int_eq(stmt_columns(q), 3);
    ck_assert_str_eq(stmt_column_name(q, 2), "b");
    ck_assert(stmt_int(q, 0) == INT64_MIN);
    struct val v = stmt_val(q, 1);
    ck_assert(v.type == VAL_TEXT && v.len == 5 && memcmp(v.data, text, 5) == 0);
    v = stmt_val(q, 2);
    ck_assert(v.type == VAL_BLOB && v.len == 2 && memcmp(v.data, "\0\xff", 2) == 0);
    assert_ok(stmt_next(q, &row, &e));
    v = stmt_val(q, 0);
    ck_assert(v.type == VAL_INT && v.integer == INT64_MAX);
    v = stmt_val(q, 1);
    ck_assert(v.type == VAL_TEXT && v.len == 0);
    v = stmt_val(q, 2);
    ck_assert(v.type == VAL_BLOB && v.len == 0);
    assert_ok(stmt_next(q, &row, &e));
    for (int i = 0; i < 3; i++) {
        ck_assert(stmt_is_null(q, i));
        ck_assert(stmt_val(q, i).type == VAL_NULL);
    }
    ck_assert_ptr_null(stmt_text(q, 1));
    assert_ok(stmt_next(q, &row, &e));
    ck_assert(!row);
    stmt_done(q);
    db_close(db);
}
END_TEST

START_TEST(get_int_tells_absent_from_null)
{
    struct db *db = with_table("a.db");
    int64_t v = 7;
    bool found = true;
    assert_ok(db_get_int(db, &v, &found, &e, "SELECT x FROM t WHERE id=1", NO_VALS));
    ck_assert(!found);
    store_exec(db, "INSERT INTO t(id) VALUES(1)");
    assert_ok(db_get_int(db, &v, &found, &e, "SELECT x FROM t WHERE id=1", NO_VALS));
    ck_assert(!found);
    ck_assert_int_eq(v, 7);
    ck_assert_int_eq(store_int(db, "SELECT count(*) FROM t"), 1);
    ck_assert_int_eq(db_changes(db), 1);
    db_close(db);
}
END_TEST

static const char select_one[] = "SELECT x FROM t WHERE id=?";

START_TEST(same_query_can_be_open_twice)
{
    struct db *db = with_table("a.db");
    store_exec(db, "INSERT INTO t(id, x) VALUES(1, 10), (2, 20)");
    struct stmt *a = NULL;
    struct stmt *b = NULL;
    bool row = false;
    assert_ok(db_query(db, &a, &e, select_one, VALS(V_INT(1))));
    assert_ok(db_query(db, &b, &e, select_one, VALS(V_INT(2))));
    assert_ok(stmt_next(b, &row, &e));
    ck_assert_int_eq(stmt_int(b, 0), 20);
    stmt_done(b);
    assert_ok(stmt_next(a, &row, &e));
    ck_assert_int_eq(stmt_int(a, 0), 10);
    assert_ok(stmt_restart(a, VALS(V_INT(2)), &e));
    assert_ok(stmt_next(a, &row, &e));
    ck_assert_int_eq(stmt_int(a, 0), 20);
    stmt_done(a);
    stmt_done(NULL);
    db_close(db);
}
END_TEST

/* More queries than the cache holds: each still gives its own answer, twice. */
START_TEST(many_queries_only_cost_preparing)
{
    enum { QUERIES = 600 };
    static char sql[QUERIES][32];
    struct db *db = with_table("a.db");
    for (int i = 0; i < QUERIES; i++) {
        (void)snprintf(sql[i], sizeof sql[i], "SELECT %d", i);
    }
    for (int i = 0; i < 2 * QUERIES; i++) {
        ck_assert_int_eq(store_int(db, sql[i % QUERIES]), i % QUERIES);
    }
    db_close(db);
}
END_TEST

START_TEST(rollback_undoes)
{
    struct db *db = with_table("a.db");
    assert_ok(db_begin(db, &e));
    ck_assert(db_in_transaction(db));
    store_exec(db, "INSERT INTO t(id) VALUES(1)");
    assert_ok(db_commit(db, &e));
    ck_assert(!db_in_transaction(db));
    assert_ok(db_begin(db, &e));
    store_exec(db, "DELETE FROM t");
    db_rollback(db);
    db_rollback(db); /* nothing is open: nothing happens */
    ck_assert_int_eq(store_int(db, "SELECT count(*) FROM t"), 1);
    db_close(db);
}
END_TEST

START_TEST(second_writer_is_told_to_try_again)
{
    struct db *a = with_table("a.db");
    struct db *b = store_open("a.db", DB_WRITE);
    db_set_busy_timeout(b, 20);
    assert_ok(db_begin(a, &e));
    store_exec(a, "INSERT INTO t(id) VALUES(1)");
    assert_error(db_begin(b, &e), ERR_CONFLICT, "another program");
    ck_assert_int_eq(store_int(b, "SELECT count(*) FROM t"), 0); /* readers go on */
    assert_ok(db_commit(a, &e));
    assert_ok(db_begin(b, &e));
    db_rollback(b);
    db_close(b);
    db_close(a);
}
END_TEST

START_TEST(reader_keeps_its_moment)
{
    struct db *a = with_table("a.db");
    struct db *b = store_open("a.db", DB_READ);
    assert_ok(db_begin_read(b, &e));
    ck_assert_int_eq(store_int(b, "SELECT count(*) FROM t"), 0);
    store_exec(a, "INSERT INTO t(id) VALUES(1)");
    ck_assert_int_eq(store_int(b, "SELECT count(*) FROM t"), 0);
    assert_ok(db_commit(b, &e));
    ck_assert_int_eq(store_int(b, "SELECT count(*) FROM t"), 1);
    db_close(b);
    db_close(a);
}
END_TEST

START_TEST(full_disk_changes_nothing)
{
    struct db *db = with_table("a.db");
    static char block[100000];
    store_exec(db, "PRAGMA max_page_count=10");
    assert_ok(db_begin(db, &e));
    assert_error(
        db_run(db, &e, "INSERT INTO t(b) VALUES(?)", VALS(V_BLOB(block, sizeof block))), ERR_IO,
        "full");
    db_rollback(db);
    ck_assert_int_eq(store_int(db, "SELECT count(*) FROM t"), 0);
    db_close(db);
}
END_TEST

START_TEST(constraints_hold)
{
    struct db *db = with_table("a.db");
    store_exec(db, "CREATE TABLE child(t INTEGER NOT NULL REFERENCES t(id)) STRICT");
    assert_error(db_run(db, &e, "INSERT INTO child VALUES(1)", NO_VALS), ERR_DB, "FOREIGN KEY");
    assert_error(db_run(db, &e, "INSERT INTO t(x) VALUES('a')", NO_VALS), ERR_DB, "INTEGER");
    assert_error(db_run(db, &e, "SELECT nothing FROM t", NO_VALS), ERR_DB, "nothing");
    assert_error(db_exec(db, "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema;", &e),
                 ERR_DB, "sqlite_master");
    db_close(db);
}
END_TEST

START_TEST(backup_is_the_same_database)
{
    struct db *db = with_table("a.db");
    store_exec(db, "INSERT INTO t(id, s) VALUES(1, 'uno'), (2, 'dos')");
    assert_ok(db_backup(db, store_file("copy.db"), &e));
    struct db *copy = store_open("copy.db", DB_READ);
    ck_assert_int_eq(
        store_int(copy, "SELECT count(*) FROM t WHERE (id, s) IN ((1, 'uno'), (2, 'dos'))"), 2);
    db_close(copy);
    assert_error(db_backup(db, store_file("no/such/copy.db"), &e), ERR_IO, "copy.db");
    db_close(db);
}
END_TEST

/* Overwrite a page of the table: reading says that the file is damaged, it does not go on. */
START_TEST(damaged_page_is_named)
{
    struct db *db = with_table("a.db");
    store_exec(db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<2000) "
                   "INSERT INTO t(s) SELECT 'row number ' || i FROM n; PRAGMA "
                   "wal_checkpoint(TRUNCATE);");
    db_close(db);
    FILE *f = fopen(store_file("a.db"), "r+b");
    static char noise[4096];
    memset(noise, 0xa5, sizeof noise);
    ck_assert_int_eq(fseek(f, 3 * 4096, SEEK_SET), 0);
    ck_assert_uint_eq(fwrite(noise, 1, sizeof noise, f), sizeof noise);
    ck_assert_int_eq(fclose(f), 0);
    db = store_open("a.db", DB_READ);
    int64_t v = 0;
    assert_error(db_get_int(db, &v, NULL, &e, "SELECT sum(length(s)) FROM t", NO_VALS),
                 ERR_TAMPERED, "damaged");
    db_close(db);
}
END_TEST

START_TEST(money_is_found_by_what_people_read)
{
    static const struct {
        const char *sql;
    } all[] = {
        {"SELECT with_point(-1234, 2) = '-12.34'"},
        {"SELECT with_point(5, 2) = '0.05'"},
        {"SELECT with_point(-5, 3) = '-0.005'"},
        {"SELECT with_point(1234, 0) = '1234'"},
        {"SELECT in_unit(1500, 'm3', 1) = '1.5'"},
        {"SELECT in_unit(1234, 'kWh', 0) = '1.234'"}, /* no digit is lost */
        {"SELECT in_unit(-7, NULL, 3) = -7 AND in_unit(7, 'no unit', 3) = 7"},
        {"SELECT in_unit(NULL, 'm3', 3) IS NULL"},
        {"SELECT with_point(-9223372036854775808, 18) = '-9.223372036854775808'"},
        {"SELECT with_point(NULL, 2) IS NULL"},
        {"SELECT with_point('x', 2) IS NULL"},
        {"SELECT with_point(1, 19) IS NULL"},
        {"SELECT fold('José Ñ') = 'jose n'"},
    };
    struct err e = ERR_INIT;
    struct db *db = with_table("functions.db");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        int64_t holds = 0;
        ck_assert_int_eq(db_get_int(db, &holds, NULL, &e, all[i].sql, NO_VALS), ERR_OK);
        ck_assert_msg(holds == 1, "%s", all[i].sql);
    }
    db_close(db);
}
END_TEST

START_TEST(scratch_database_takes_rows)
{
    struct db *db = store_open("scratch.db", DB_SCRATCH);
    store_exec(db, "CREATE TABLE t(x INTEGER) STRICT; INSERT INTO t VALUES(1)");
    ck_assert_int_eq(store_int(db, "PRAGMA synchronous"), 0);
    db_close(db);
    db = store_open("scratch.db", DB_READ);
    ck_assert_int_eq(store_int(db, "SELECT x FROM t"), 1);
    db_close(db);
}
END_TEST

/* Counts how often it was asked; says no while `refuse` is set. */
struct asked {
    int count;
    bool refuse;
};

static enum err_code note_asked(void *ctx, struct err *e)
{
    struct asked *a = ctx;
    a->count++;
    return a->refuse ? err_set(e, ERR_STATE, "not now") : ERR_OK;
}

START_TEST(what_reads_a_watched_table_asks_first)
{
    static const struct {
        const char *sql;
        int asks;
    } cases[] = {{"SELECT x FROM t", 1},
                 {"SELECT id FROM t", 1},
                 {"SELECT max(id) FROM t", 1},
                 {"SELECT count(*) FROM t", 1},
                 {"SELECT 1 FROM other o JOIN t ON t.id = o.id", 1},
                 {"SELECT 1 WHERE EXISTS (SELECT 1 FROM t)", 1},
                 {"INSERT INTO other(id) SELECT x FROM t WHERE x > 9", 1},
                 {"SELECT id FROM other", 0},
                 {"INSERT INTO t(x) VALUES(1)", 0},
                 {"INSERT INTO child(parent) VALUES(7)", 0}};
    struct db *db = with_table("a.db");
    struct asked a = {0, false};
    struct err why = ERR_INIT;
    store_exec(db, "CREATE TABLE other(id INTEGER); "
                   "CREATE TABLE child(parent INTEGER REFERENCES t(id)); "
                   "INSERT INTO t(id) VALUES(7)");
    ck_assert(db_run(db, &why, cases[0].sql, NO_VALS) ==
              ERR_OK); /* cached before it is watched */
    db_before_read(db, "t", "id", note_asked, &a);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int again = 1; again <= 2; again++) {
            a.count = 0;
            ck_assert_msg(db_run(db, &why, cases[i].sql, NO_VALS) == ERR_OK, "%s: %s",
                          cases[i].sql, why.text);
            ck_assert_msg(a.count == cases[i].asks, "%s: asked %d times", cases[i].sql,
                          a.count);
        }
    }
    a.refuse = true;
    assert_error(db_run(db, &e, cases[0].sql, NO_VALS), ERR_STATE, "not now");
    struct stmt *q = NULL;
    assert_error(db_query_once(db, &q, &e, cases[0].sql, NO_VALS), ERR_STATE, "not now");
    ck_assert_ptr_null(q);
    db_before_read(db, NULL, NULL, NULL, NULL);
    ck_assert(db_run(db, &why, cases[0].sql, NO_VALS) == ERR_OK);
    db_close(db);
}
END_TEST

static void copy_as(const char *from, const char *to)
{
    char block[4096];
    FILE *in = fopen(store_file(from), "r");
    ck_assert_ptr_nonnull(in);
    FILE *out = fopen(store_file(to), "w");
    ck_assert_ptr_nonnull(out);
    for (size_t n = 0; (n = fread(block, 1, sizeof block, in)) > 0;) {
        ck_assert_uint_eq(fwrite(block, 1, n, out), n);
    }
    (void)fclose(in);
    (void)fclose(out);
}

/* As the disk would look after the process was killed. */
static int64_t rows_left_by_kill(void)
{
    copy_as("a.db", "b.db");
    copy_as("a.db-wal", "b.db-wal");
    struct db *db = store_open("b.db", DB_WRITE);
    int64_t n = store_int(db, "SELECT count(*) FROM t");
    db_close(db);
    return n;
}

static int64_t log_size(void)
{
    struct stat st;
    ck_assert_int_eq(stat(store_file("a.db-wal"), &st), 0);
    return st.st_size;
}

START_TEST(log_with_room_keeps_what_is_in_it)
{
    struct db *made = with_table("a.db");
    db_close(made); /* no log is left */
    struct db *db = store_open("a.db", DB_WRITE);
    struct err why = ERR_INIT;
    for (int64_t rows = 0; rows < 3; rows++) { /* empty; with frames; with room already */
        ck_assert_msg(db_reserve_log(db, 300000 + 100000 * rows, &why) == ERR_OK, "%s",
                      why.text);
        ck_assert_int_ge(log_size(), 300000 + 100000 * rows);
        ck_assert_int_eq(rows_left_by_kill(), rows);
        store_exec(db, "INSERT INTO t(x) VALUES(1)");
        ck_assert_int_eq(rows_left_by_kill(), rows + 1);
    }
    int64_t before = log_size();
    ck_assert(db_reserve_log(db, 1, &why) == ERR_OK);
    ck_assert_int_eq(log_size(), before);
    db_close(db);
}
END_TEST

Suite *suite_db(void)
{
    Suite *s = suite_create("db");
    TCase *t = tcase_create("db");
    tcase_add_checked_fixture(t, store_folder_make, store_folder_remove);
    tcase_add_test(t, open_asks_for_durability);
    tcase_add_test(t, open_names_what_is_missing);
    tcase_add_test(t, open_refuses_a_file_that_is_no_database);
    tcase_add_test(t, reader_cannot_write);
    tcase_add_test(t, file_without_permission_is_named_read_only);
    tcase_add_test(t, database_in_a_read_only_folder_is_read);
    tcase_add_test(t, values_come_back_as_they_went);
    tcase_add_test(t, get_int_tells_absent_from_null);
    tcase_add_test(t, same_query_can_be_open_twice);
    tcase_add_test(t, many_queries_only_cost_preparing);
    tcase_add_test(t, rollback_undoes);
    tcase_add_test(t, second_writer_is_told_to_try_again);
    tcase_add_test(t, reader_keeps_its_moment);
    tcase_add_test(t, full_disk_changes_nothing);
    tcase_add_test(t, constraints_hold);
    tcase_add_test(t, backup_is_the_same_database);
    tcase_add_test(t, damaged_page_is_named);
    tcase_add_test(t, scratch_database_takes_rows);
    tcase_add_test(t, money_is_found_by_what_people_read);
    tcase_add_test(t, what_reads_a_watched_table_asks_first);
    tcase_add_test(t, log_with_room_keeps_what_is_in_it);
    suite_add_tcase(s, t);
    return s;
}
