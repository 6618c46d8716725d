/* Import runs: what opens, closes and cuts them off, who stands in the way of whom, and what
 * goes on where it stopped. */
#include <config.h>

#include "app/import_run.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app_util.h"
#include "base/arena.h"
#include "ledger/items.h"

Suite *suite_import_run(void);

#define HEADING "serial,time,value\n"

static struct import_report report;
static struct err e;
static struct buf text;

static void setup(void)
{
    app_setup();
    e = (struct err)ERR_INIT;
    buf_init(&text, 1 << 20);
}

static void teardown(void)
{
    buf_release(&text);
    app_teardown();
}

static enum err_code import(const char *path)
{
    e = (struct err)ERR_INIT;
    return app_import("import readings", "readings", path, &report, &e);
}

static void refused(enum err_code got, enum err_code want, const char *words)
{
    ck_assert_msg(got == want, "%s: %s", err_code_name(got), e.text);
    ck_assert_msg(strstr(e.text, words) != NULL, "%s", e.text);
}

/* Kinds of the entries behind `height`, in order. */
static const char *kinds_since(int64_t height)
{
    static char out[1024];
    struct stmt *q = NULL;
    bool row = false;
    out[0] = '\0';
    ck_assert_int_eq(db_query(app_office.office->db, &q, &e,
                              "SELECT kind FROM history WHERE seq > ? ORDER BY seq",
                              VALS(V_INT(height))),
                     ERR_OK);
    while (stmt_next(q, &row, &e) == ERR_OK && row) {
        size_t len = strlen(out);
        (void)snprintf(out + len, sizeof out - len, "%s%s", len > 0 ? " " : "",
                       stmt_text(q, 0));
    }
    stmt_done(q);
    return out;
}

/* A minute apart, from the start of 2026-02: more rows than a batch takes. */
static const char *long_file(int rows)
{
    buf_clear(&text);
    buf_adds(&text, HEADING);
    for (int i = 0; i < rows; i++) {
        buf_addf(&text, "W00001,2026-02-%02d %02d:%02d,%d.%03d\n", 1 + i / 1440, i / 60 % 24,
                 i % 60, i / 1000, i % 1000);
    }
    return app_file("long.csv", buf_str(&text));
}

/* The first of two batches is stored, then somebody stops it. */
static void cut_off(const char *path)
{
    app_progress = app_stop_at("storing", 1);
    refused(import(path), ERR_CANCELLED, "stopped; import 1 is open: import the same file");
    app_progress = NULL;
}

START_TEST(a_run_is_opened_stored_in_batches_and_closed)
{
    int64_t before = app_height();
    report = app_import_fine("import readings", "readings", long_file(ITEMS_PER_BATCH));
    ck_assert_str_eq(kinds_since(before), "readings.opened readings.batch readings.closed");
    ck_assert_int_eq(report.run, 1);
    before = app_height();
    report = app_import_fine("import readings", "readings", long_file(2 * ITEMS_PER_BATCH + 1));
    ck_assert_str_eq(kinds_since(before),
                     "readings.opened readings.batch readings.batch readings.closed");
    ck_assert_uint_eq(report.already, ITEMS_PER_BATCH);
    ck_assert_int_eq(app_count("SELECT batches FROM import_run WHERE id = 2"), 2);
}
END_TEST

START_TEST(a_file_that_brings_nothing_new_records_nothing)
{
    const char *path = app_file("a.csv", HEADING "W00001,2026-02-01 10:00,1\n");
    report = app_import_fine("import readings", "readings", path);
    int64_t before = app_height();
    report = app_import_fine("import readings", "readings", path);
    ck_assert_uint_eq(report.already, 1);
    ck_assert_int_eq(report.run, 0);
    ck_assert_int_eq(app_height(), before);
    /* under another name, too */
    app_import_fine("import readings", "readings",
                    app_file("b.csv", HEADING "W00001,2026-02-01 10:00,1\n"));
    ck_assert_int_eq(app_height(), before);
}
END_TEST

START_TEST(stopped_while_it_reads_nothing_is_recorded)
{
    int64_t before = app_height();
    app_progress = app_stop_at("reading the file", 1);
    refused(import(long_file(5000)), ERR_CANCELLED, "stopped; nothing was recorded");
    ck_assert_int_eq(app_height(), before);
    app_progress = NULL;
    app_import_fine("import readings", "readings", long_file(10));
}
END_TEST

START_TEST(a_run_that_was_cut_off_goes_on_with_the_same_file)
{
    cut_off(long_file(ITEMS_PER_BATCH + 7));
    ck_assert_int_eq(app_count("SELECT count(*) FROM import_run WHERE state = 'open'"), 1);
    int64_t before = app_height();
    report = app_import_fine("import readings", "readings", long_file(ITEMS_PER_BATCH + 7));
    ck_assert(report.resumed);
    ck_assert_uint_eq(report.already, ITEMS_PER_BATCH);
    ck_assert_uint_eq(report.stored.accepted + report.stored.held, 7);
    ck_assert_str_eq(kinds_since(before), "readings.batch readings.closed");
    ck_assert_int_eq(app_count("SELECT count(*) FROM reading WHERE source = 'import'"),
                     ITEMS_PER_BATCH + 7);
    app_verify_deep();
}
END_TEST

/* Cut off behind the last batch: only the end is missing. */
START_TEST(a_run_that_lacks_nothing_but_its_end_gets_it)
{
    const char *path = app_file("a.csv", HEADING "W00001,2026-02-01 10:00,1\n");
    cut_off(path);
    int64_t before = app_height();
    report = app_import_fine("import readings", "readings", path);
    ck_assert_str_eq(kinds_since(before), "readings.closed");
    ck_assert_uint_eq(report.already, 1);
}
END_TEST

START_TEST(an_open_run_stands_in_the_way_of_every_other)
{
    cut_off(app_file("a.csv", HEADING "W00001,2026-02-01 10:00,1\n"));
    int64_t before = app_height();
    refused(import(app_file("b.csv", HEADING "W00001,2026-02-01 10:00,2\n")), ERR_STATE,
            "import 1 (file a.csv, mapping readings) was cut off");
    refused(app_import("import readings", "madrid",
                       app_file("c.csv", "W00001;01/02/2026 10:00:00;5\n"), &report, &e),
            ERR_STATE, "aforo import discard 1");
    refused(app_import("import meters", "meters",
                       app_file("m.csv", "serial;place;installed;initial;account;customer;"
                                         "tariff;limit\nN1;;;;;;;\n"),
                       &report, &e),
            ERR_STATE, "was cut off");
    ck_assert_int_eq(app_height(), before);
}
END_TEST

START_TEST(a_mapping_that_was_changed_since_does_not_go_on)
{
    const char *path = app_file("a.csv", HEADING "W00001,2026-02-01 10:00,1\n");
    cut_off(path);
    app_mapping("readings",
                "{\"kind\":\"readings\",\"columns\":{\"serial\":1,\"time\":2,\"value\":3},"
                "\"time_format\":\"%Y-%m-%d %H:%M\",\"unit\":\"l\"}");
    refused(import(app_file("a.csv", HEADING "W00001,2026-02-01 10:00,1\n")), ERR_STATE,
            "begun with an earlier version of the mapping readings; discard it");
    (void)fixture_run(&app_office, app_office.luis, "import discard", "run", "1", "reason",
                      "otra unidad", NULL);
    report = app_import_fine("import readings", "readings",
                             app_file("a.csv", HEADING "W00001,2026-02-01 10:00,1\n"));
    ck_assert_int_eq(report.run, 2);
    ck_assert(!report.resumed);
    ck_assert_int_eq(app_count("SELECT value FROM reading WHERE run = 2"), 1);
}
END_TEST

/* What was in the future when it was opened stays so, however late it goes on. */
START_TEST(a_run_that_goes_on_keeps_the_date_that_it_began_with)
{
    buf_clear(&text);
    for (int i = 0; i < ITEMS_PER_BATCH; i++) {
        buf_addf(&text, "W00001,2026-02-%02d %02d:%02d,1\n", 1 + i / 1440, i / 60 % 24, i % 60);
    }
    static char rows[1 << 20];
    (void)snprintf(rows, sizeof rows, HEADING "%sW00002,2026-11-02 20:00,1\n", buf_str(&text));
    cut_off(app_file("future.csv", rows));
    app_office.clock.wall += INT64_C(86400000);
    app_office.clock.boot += INT64_C(86400000);
    ck_assert_msg(import(app_file("future.csv", rows)) == ERR_OK, "%s", e.text);
    ck_assert_uint_eq(report.stored.held, 1);
    ck_assert_uint_eq(report.stored.held_by[RULE_FUTURE][CLASS_PLAIN], 1);
}
END_TEST

START_TEST(one_import_at_a_time_and_the_lock_goes_with_its_holder)
{
    int first = -1;
    int second = -1;
    ck_assert_int_eq(import_lock(app_office.office, &first, &e), ERR_OK);
    refused(import_lock(app_office.office, &second, &e), ERR_CONFLICT,
            "another import is at work");
    (void)close(second);
    int64_t before = app_height();
    refused(import(app_file("a.csv", HEADING "W00001,2026-02-01 10:00,1\n")), ERR_CONFLICT,
            "wait until it ends");
    ck_assert_int_eq(app_height(), before);
    (void)close(first);
    app_import_fine("import readings", "readings",
                    app_file("a.csv", HEADING "W00001,2026-02-01 10:00,1\n"));
}
END_TEST

START_TEST(who_goes_on_with_a_run_finds_it_as_he_left_it_or_stops)
{
    cut_off(long_file(ITEMS_PER_BATCH + 7));
    struct command_ctx c = {.office = app_office.office};
    struct import_run run = {.id = 1, .batches = 1};
    ck_assert_int_eq(import_run_is_open(&c, &run, &e), ERR_OK);
    run.batches = 0;
    refused(import_run_is_open(&c, &run, &e), ERR_STATE, "continued or discarded by somebody");
    run.batches = 2;
    refused(import_run_is_open(&c, &run, &e), ERR_STATE, "import 1 was continued");
    run = (struct import_run){.id = 2, .batches = 1};
    refused(import_run_is_open(&c, &run, &e), ERR_STATE, "import 2 was");
    (void)fixture_run(&app_office, app_office.luis, "import discard", "run", "1", "reason", "x",
                      NULL);
    run = (struct import_run){.id = 1, .batches = 1};
    refused(import_run_is_open(&c, &run, &e), ERR_STATE, "import 1 was");
}
END_TEST

START_TEST(a_run_that_was_taken_back_may_come_again)
{
    const char *path = long_file(20);
    app_import_fine("import readings", "readings", path);
    (void)fixture_run(&app_office, app_office.luis, "import discard", "run", "1", "reason", "x",
                      NULL);
    report = app_import_fine("import readings", "readings", path);
    ck_assert_int_eq(report.run, 2);
    ck_assert_uint_eq(report.stored.accepted, 20);
}
END_TEST

Suite *suite_import_run(void)
{
    Suite *s = suite_create("import_run");
    TCase *t = tcase_create("runs");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_run_is_opened_stored_in_batches_and_closed);
    tcase_add_test(t, a_file_that_brings_nothing_new_records_nothing);
    tcase_add_test(t, stopped_while_it_reads_nothing_is_recorded);
    tcase_add_test(t, a_run_that_was_cut_off_goes_on_with_the_same_file);
    tcase_add_test(t, a_run_that_lacks_nothing_but_its_end_gets_it);
    tcase_add_test(t, an_open_run_stands_in_the_way_of_every_other);
    tcase_add_test(t, a_mapping_that_was_changed_since_does_not_go_on);
    tcase_add_test(t, a_run_that_goes_on_keeps_the_date_that_it_began_with);
    tcase_add_test(t, one_import_at_a_time_and_the_lock_goes_with_its_holder);
    tcase_add_test(t, who_goes_on_with_a_run_finds_it_as_he_left_it_or_stops);
    tcase_add_test(t, a_run_that_was_taken_back_may_come_again);
    suite_add_tcase(s, t);
    return s;
}
