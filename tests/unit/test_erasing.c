/* The mark of an erasure, and the list of backups that may still hold what it erased. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/backups_made.h"
#include "app/erasing.h"
#include "app/erasures.h"
#include "app/files.h"
#include "tests/unit/app_util.h"
#include "tests/unit/check_app.h"

static struct err e;

static const struct office *office(void)
{
    return app_office.office;
}

/* ---- the mark */

START_TEST(a_mark_stays_until_the_erasure_is_done)
{
    int lock = -1;
    ck_assert(!erasing_left(office()));
    ck_assert_int_eq(erasing_begin(office(), &lock, &e), ERR_OK);
    ck_assert_int_ge(lock, 0);
    ck_assert(erasing_left(office()));
    erasing_end(lock, false); /* cut off, or failed */
    ck_assert(erasing_left(office()));
    ck_assert_int_eq(erasing_begin(office(), &lock, &e), ERR_OK);
    erasing_end(lock, true);
    ck_assert(!erasing_left(office()));
    erasing_end(-1, true); /* fine */
}
END_TEST

START_TEST(what_is_at_work_is_left_alone)
{
    int lock = -1;
    int64_t before = app_height();
    ck_assert_int_eq(erasing_begin(office(), &lock, &e), ERR_OK);
    ck_assert_int_eq(erasing_finish(app_office.office, NULL, &e), ERR_OK);
    ck_assert(erasing_left(office())); /* its owner takes it away, nobody else */
    erasing_end(lock, false);
    ck_assert_int_eq(erasing_finish(app_office.office, NULL, &e), ERR_OK);
    ck_assert(!erasing_left(office()));
    ck_assert_int_eq(app_height(), before); /* there was nothing to be erased */
}
END_TEST

/* What a list says is erased again, though the database still has it: as after a restore. */
START_TEST(what_the_list_names_is_erased_again)
{
    struct erasures list = {0};
    struct buf text;
    int lock = -1;
    int64_t customer =
        fixture_run(&app_office, app_office.ana, "customer add", "name", "Rosa", NULL);
    ck_assert_int_gt(customer, 0);
    customer = app_count("SELECT max(id) FROM customer");
    const char *sql = "SELECT count(*) FROM personal p JOIN customer c ON c.name = p.hash "
                      "WHERE c.id = (SELECT max(id) FROM customer) AND p.value IS NOT NULL";
    ck_assert_int_eq(app_count(sql), 1);
    struct stmt *q = NULL;
    bool row = false;
    char hex[65];
    struct hash h;
    size_t len = 0;
    ck_assert_int_eq(db_query(office()->db, &q, &e,
                              "SELECT name FROM customer ORDER BY id DESC LIMIT 1", NO_VALS),
                     ERR_OK);
    ck_assert(stmt_next(q, &row, &e) == ERR_OK && row);
    memcpy(h.b, stmt_blob(q, 0, &len), HASH_SIZE);
    stmt_done(q);
    hash_hex(&h, hex);
    buf_init(&text, 4096);
    buf_addf(&text, "aforo erasures 1\n99999 customer %lld name %s\n", (long long)customer,
             hex);
    ck_assert_msg(erasures_parse(&list, buf_str(&text), text.len, "list", &e) == ERR_OK, "%s",
                  e.text);
    ck_assert_int_eq(erasures_write(&list, app_path("state/erasures"), &e), ERR_OK);
    erasures_release(&list);
    buf_release(&text);
    ck_assert_int_eq(erasing_begin(office(), &lock, &e), ERR_OK);
    erasing_end(lock, false);
    ck_assert_msg(erasing_finish(app_office.office, NULL, &e) == ERR_OK, "%s", e.text);
    ck_assert(!erasing_left(office()));
    ck_assert_int_eq(app_count(sql), 0);
    ck_assert_int_eq(app_count("SELECT count(*) FROM entry WHERE payload LIKE "
                               "'%\"kind\":\"personal.erased\"%'"),
                     1);
}
END_TEST

START_TEST(an_office_behind_what_it_published_waits)
{
    int lock = -1;
    ck_assert_int_eq(erasing_begin(office(), &lock, &e), ERR_OK);
    erasing_end(lock, false);
    (void)err_set(&app_office.office->behind, ERR_STATE, "behind");
    ck_assert_int_eq(erasing_finish(app_office.office, NULL, &e), ERR_OK);
    ck_assert(erasing_left(office()));
    app_office.office->behind = (struct err)ERR_INIT;
}
END_TEST

/* ---- backups */

static const char *told(void)
{
    static struct buf out;
    buf_release(&out);
    buf_init(&out, 1 << 20);
    backups_made_tell(office(), &out);
    return buf_str(&out);
}

START_TEST(backups_that_are_there_are_told_newest_first)
{
    ck_assert_str_eq(told(), "");
    const char *old = app_file("old.tar.age", "x");
    ck_assert_int_eq(backups_made_add(office(), old, 5, &e), ERR_OK);
    const char *new = app_file("new.tar.age", "x");
    ck_assert_int_eq(backups_made_add(office(), new, 9, &e), ERR_OK);
    const char *first = strstr(told(), "new.tar.age, entries 1 to 9");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(strstr(first, "old.tar.age, entries 1 to 5"));
    ck_assert_int_eq(backups_made_add(office(), app_path("old.tar.age"), 7, &e), ERR_OK);
    ck_assert_ptr_nonnull(strstr(told(), "old.tar.age, entries 1 to 7"));
    ck_assert_ptr_null(strstr(told(), "entries 1 to 5")); /* one line a file */
}
END_TEST

START_TEST(backups_that_are_gone_are_forgotten)
{
    ck_assert_int_eq(backups_made_add(office(), app_file("gone.age", "x"), 5, &e), ERR_OK);
    ck_assert_int_eq(unlink(app_path("gone.age")), 0);
    ck_assert_str_eq(told(), "");
    ck_assert_int_eq(backups_made_add(office(), app_path("gone.age"), 6, &e), ERR_NOT_FOUND);
    ck_assert_int_eq(backups_made_add(office(), app_file("here.age", "x"), 8, &e), ERR_OK);
    ck_assert_int_eq(unlink(app_path("here.age")), 0);
    (void)app_file("gone.age", "x"); /* its line was dropped when the next was noted */
    ck_assert_str_eq(told(), "");
}
END_TEST

START_TEST(a_list_that_was_damaged_only_helps_less)
{
    struct buf text;
    char path[FIXTURE_PATH_MAX + 64];
    (void)snprintf(path, sizeof path, "%s", app_file("kept.age", "x"));
    buf_init(&text, 65536);
    buf_addf(&text, "aforo backups 1\nno line\n12 relative\n%s\n-\n7 %s\n99", path, path);
    (void)app_file("state/backups", buf_str(&text));
    buf_release(&text);
    ck_assert_ptr_nonnull(strstr(told(), "kept.age, entries 1 to 7"));
    ck_assert_ptr_null(strstr(told(), "relative"));
}
END_TEST

START_TEST(so_many_are_remembered_and_no_more)
{
    struct buf text;
    char path[FIXTURE_PATH_MAX + 64];
    buf_init(&text, 1 << 20);
    (void)snprintf(path, sizeof path, "%s", app_file("same.age", "x"));
    buf_adds(&text, "aforo backups 1\n");
    for (int i = 0; i < BACKUPS_MADE_MAX + 10; i++) { /* one folder, so all are there */
        char name[64];
        (void)snprintf(name, sizeof name, "b%03d.age", i);
        buf_addf(&text, "%d %s\n", i, app_file(name, "x"));
    }
    (void)app_file("state/backups", buf_str(&text));
    ck_assert_int_eq(backups_made_add(office(), path, 1000, &e), ERR_OK);
    buf_clear(&text);
    ck_assert_int_eq(file_read(app_path("state/backups"), &text, &e), ERR_OK);
    int lines = 0;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.data[i] == '\n';
    }
    ck_assert_int_eq(lines, 1 + BACKUPS_MADE_MAX);
    buf_release(&text);
}
END_TEST

Suite *suite_erasing(void)
{
    Suite *s = suite_create("erasing");
    TCase *tc = tcase_create("erasing");
    tcase_add_checked_fixture(tc, app_setup, app_teardown);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, a_mark_stays_until_the_erasure_is_done);
    tcase_add_test(tc, what_is_at_work_is_left_alone);
    tcase_add_test(tc, what_the_list_names_is_erased_again);
    tcase_add_test(tc, an_office_behind_what_it_published_waits);
    tcase_add_test(tc, backups_that_are_there_are_told_newest_first);
    tcase_add_test(tc, backups_that_are_gone_are_forgotten);
    tcase_add_test(tc, a_list_that_was_damaged_only_helps_less);
    tcase_add_test(tc, so_many_are_remembered_and_no_more);
    suite_add_tcase(s, tc);
    return s;
}
