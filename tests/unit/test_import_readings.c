/* Files of readings: boundaries of a value, a time and a crowd; what is bad by line, field and
 * reason; the same rows again; what only looks and writes nothing. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "app/import_chunk.h"
#include "app_util.h"

Suite *suite_import_readings(void);

#define HEADING "serial,time,value\n"

static struct import_report report;
static struct err e;

static void setup(void)
{
    app_setup();
    e = (struct err)ERR_INIT;
}

static enum err_code import(const char *rows)
{
    e = (struct err)ERR_INIT;
    return app_import("import readings", "readings", app_file("rows.csv", rows), &report, &e);
}

static void counted(uint64_t accepted, uint64_t held, uint64_t already, uint64_t refused)
{
    ck_assert_msg(report.stored.accepted == accepted && report.stored.held == held &&
                      report.already == already && report.refused == refused,
                  "%d accepted, %d held, %d stored before, %d refused: %s",
                  (int)report.stored.accepted, (int)report.stored.held, (int)report.already,
                  (int)report.refused, report.first_count > 0 ? report.first[0].text : e.text);
}

static const struct {
    const char *row;
    enum refusal why;
    const char *field; /* words of the reason */
} bad[] = {
    {",2026-02-01 10:00,1", REFUSE_NO_SERIAL, "field serial"},
    {"W00009,2026-02-01 10:00,1", REFUSE_UNKNOWN_METER, "\"W00009\""},
    {"W00001,2026-02-30 10:00,1", REFUSE_NO_SUCH_TIME, "field time"},
    {"W00001,2026-02-01 24:00,1", REFUSE_NO_SUCH_TIME, "field time"},
    {"W00001,01/02/2026 10:00,1", REFUSE_BAD_TIME, "field time"},
    {"W00001,,1", REFUSE_BAD_TIME, "field time"},
    {"W00001,2026-02-01 10:00,", REFUSE_EMPTY, "field skip"},
    {"W00001,2026-02-01 10:00,doce", REFUSE_BAD_VALUE, "field value"},
    {"W00001,2026-02-01 10:00,\"1,5\"", REFUSE_BAD_VALUE, "field value"},
    {"W00001,2026-02-01 10:00,-0.001", REFUSE_NEGATIVE, "field value"},
    {"W00001,2026-02-01 10:00,1.0001", REFUSE_TOO_FINE, "field value"},
    {"W00001,2026-02-01 10:00,99999999999999999999", REFUSE_TOO_FINE, "field value"},
    {"W00001,2026-02-01 10:00,100000", REFUSE_OVER_DIAL, "field value"},
    {"W00001,2026-02-01 10:00", REFUSE_TOO_FEW_FIELDS, "2"},
};

/* Each bad row between two good ones: these are stored, it is told. */
START_TEST(a_bad_row_is_told_by_line_field_and_reason)
{
    char rows[512];
    (void)snprintf(rows, sizeof rows,
                   HEADING "W00001,2026-02-01 09:00,1\n%s\nW00002,2026-02-01 10:00,1\n",
                   bad[_i].row);
    ck_assert_int_eq(import(rows), ERR_PARSE);
    counted(2, 0, 0, 1);
    ck_assert_uint_eq(report.first[0].line, 3);
    ck_assert_msg(report.first[0].why == bad[_i].why, "%d: %s", (int)report.first[0].why,
                  report.first[0].text);
    ck_assert_msg(strstr(report.first[0].text, bad[_i].field) != NULL, "%s",
                  report.first[0].text);
    ck_assert_msg(strstr(e.text, "line 3") != NULL, "%s", e.text);
    ck_assert_int_eq(app_count("SELECT count(*) FROM reading WHERE source = 'import'"), 2);
}
END_TEST

START_TEST(a_file_of_bad_rows_alone_changes_nothing)
{
    int64_t before = app_height();
    ck_assert_int_eq(import(HEADING "W00009,2026-02-01 10:00,1\nW00001,x,1\n"), ERR_PARSE);
    counted(0, 0, 0, 2);
    ck_assert_int_eq(report.run, 0);
    ck_assert_int_eq(app_height(), before);
}
END_TEST

static const struct {
    const char *rows, *words;
} unreadable[] = {
    {"", "rows.csv"},
    {HEADING, "no rows under its heading"},
    {"serie,tiempo,valor\nW00001,2026-02-01 10:00,1\n", "line 1 has no heading \"serial\""},
    {"serial,time,time,value\nW00001,a,b,1\n", "heading \"time\" twice"},
};

START_TEST(a_file_that_cannot_be_read_changes_nothing)
{
    int64_t before = app_height();
    ck_assert_int_eq(import(unreadable[_i].rows), ERR_PARSE);
    ck_assert_msg(strstr(e.text, unreadable[_i].words) != NULL, "%s", e.text);
    ck_assert_int_eq(app_height(), before);
    ck_assert_int_eq(app_count("SELECT count(*) FROM import_run"), 0);
}
END_TEST

START_TEST(a_mapping_has_to_be_there_and_of_readings)
{
    const char *path = app_file("rows.csv", HEADING "W00001,2026-02-01 10:00,1\n");
    int64_t before = app_height();
    ck_assert_int_ne(app_import("import readings", "nada", path, &report, &e), ERR_OK);
    ck_assert_msg(strstr(e.text, "nada") != NULL, "%s", e.text);
    ck_assert_int_ne(app_import("import readings", "meters", path, &report, &e), ERR_OK);
    ck_assert_msg(strstr(e.text, "meters") != NULL, "%s", e.text);
    ck_assert_int_ne(
        app_import("import readings", "readings", app_path("gone.csv"), &report, &e), ERR_OK);
    ck_assert_msg(strstr(e.text, "gone.csv") != NULL, "%s", e.text);
    ck_assert_int_eq(app_height(), before);
}
END_TEST

/* A dial of 5 digits and 3 decimals. */
START_TEST(the_whole_dial_is_taken_and_no_more)
{
    ck_assert_int_eq(import(HEADING "W00001,2026-01-02 00:00,0\n"
                                    "W00002,2026-11-02 07:00,99999.999\n"
                                    "W00003,2026-11-02 07:00,100000.000\n"),
                     ERR_PARSE);
    ck_assert_uint_eq(report.refused_by[REFUSE_OVER_DIAL], 1);
    ck_assert_uint_eq(report.refused, 1);
    ck_assert_int_eq(app_count("SELECT max(value) FROM reading"), 99999999);
}
END_TEST

/* The office's clock is at 08:00; clocks may differ by five minutes. */
START_TEST(the_future_begins_after_five_minutes)
{
    ck_assert_int_eq(import(HEADING "W00001,2026-11-02 08:05,1\nW00002,2026-11-02 08:06,1\n"),
                     ERR_OK);
    counted(1, 1, 0, 0);
    ck_assert_uint_eq(report.stored.held_by[RULE_FUTURE][CLASS_PLAIN], 1);
}
END_TEST

START_TEST(age_is_judged_by_the_date_that_is_given)
{
    app_option = "as-of";
    app_option_value = "2026-02-01 10:00";
    ck_assert_int_eq(import(HEADING "W00001,2026-02-01 10:05,1\nW00002,2026-02-01 10:06,1\n"),
                     ERR_OK);
    counted(1, 1, 0, 0);
}
END_TEST

START_TEST(an_hour_that_the_clock_change_skips_is_refused)
{
    static const char rows[] = "W00001;29/03/2026 01:59:59;1\nW00001;29/03/2026 02:00:00;2\n"
                               "W00001;29/03/2026 02:59:59;3\nW00001;29/03/2026 03:00:00;4\n";
    ck_assert_int_eq(
        app_import("import readings", "madrid", app_file("m.csv", rows), &report, &e),
        ERR_PARSE);
    counted(2, 0, 0, 2);
    ck_assert_uint_eq(report.skipped_hour, 2);
    ck_assert_uint_eq(report.first[0].line, 2);
    ck_assert_int_eq(app_count("SELECT max(utc) - min(utc) FROM reading WHERE source = "
                               "'import'"),
                     1);
}
END_TEST

START_TEST(rows_of_one_time_are_taken_up_to_a_crowd)
{
    static char rows[64 * 1024];
    size_t len = (size_t)snprintf(rows, sizeof rows, HEADING);
    for (int i = 0; i <= CROWD_MAX; i++) {
        len +=
            (size_t)snprintf(rows + len, sizeof rows - len, "W00001,2026-02-01 10:00,%d\n", i);
    }
    ck_assert_int_eq(import(rows), ERR_PARSE);
    ck_assert_uint_eq(report.refused, 1);
    ck_assert_uint_eq(report.refused_by[REFUSE_CROWDED], 1);
    ck_assert_uint_eq(report.first[0].line, CROWD_MAX + 2);
    ck_assert_uint_eq(report.stored.accepted + report.stored.held, CROWD_MAX);
}
END_TEST

START_TEST(the_same_rows_in_another_order_and_file_are_known)
{
    ck_assert_int_eq(import(HEADING "W00001,2026-02-01 10:00,1\nW00002,2026-02-01 10:00,5\n"
                                    "W00001,2026-03-01 10:00,2\n"),
                     ERR_OK);
    counted(3, 0, 0, 0);
    int64_t before = app_height();
    ck_assert_int_eq(import("value,extra,serial,time\n2,x,W00001,2026-03-01 10:00\n"
                            "1.000,y,W00001,2026-02-01 10:00\n5,z,W00002,2026-02-01 10:00\n"),
                     ERR_OK);
    counted(0, 0, 3, 0);
    ck_assert_int_eq(app_height(), before);
    ck_assert_int_eq(import(HEADING "W00001,2026-03-01 10:00,2\nW00001,2026-04-01 10:00,3\n"),
                     ERR_OK); /* overlapping */
    counted(1, 0, 1, 0);
}
END_TEST

/* A row is known by register, time as written, value and nth occurrence. */
START_TEST(a_row_that_stands_twice_is_two_rows_each_time)
{
    static const char twice[] =
        HEADING "W00001,2026-02-01 10:00,1\nW00001,2026-02-01 10:00,1\n";
    ck_assert_int_eq(import(HEADING "W00001,2026-02-01 10:00,1\n"), ERR_OK);
    ck_assert_int_eq(import(twice), ERR_OK);
    counted(0, 1, 1, 0);
    ck_assert_uint_eq(report.stored.held_by[RULE_DUPLICATE][CLASS_SAME_VALUE], 1);
    ck_assert_int_eq(import(twice), ERR_OK);
    counted(0, 0, 2, 0);
}
END_TEST

START_TEST(a_changed_value_alone_is_stored_and_held)
{
    ck_assert_int_eq(import(HEADING "W00001,2026-02-01 10:00,1\nW00001,2026-03-01 10:00,2\n"),
                     ERR_OK);
    ck_assert_int_eq(import(HEADING "W00001,2026-02-01 10:00,1\nW00001,2026-03-01 10:00,2.5\n"),
                     ERR_OK);
    counted(0, 1, 1, 0);
    ck_assert_uint_eq(report.stored.held_by[RULE_DUPLICATE][CLASS_OTHER_VALUE], 1);
    ck_assert_int_eq(app_count("SELECT count(*) FROM alert WHERE resolved IS NULL"), 1);
}
END_TEST

static const char mixed[] = HEADING "W00001,2026-02-01 10:00,10\nW00001,2026-03-01 10:00,9\n"
                                    "W00001,2026-03-01 10:00,11\nnobody,2026-03-01 10:00,1\n"
                                    "W00002,2026-11-02 20:00,1\n";

START_TEST(counting_without_writing_counts_the_same)
{
    int64_t before = app_height();
    app_option = "dry-run";
    app_option_value = "1";
    ck_assert_int_eq(import(mixed), ERR_PARSE);
    struct import_report dry = report;
    ck_assert(dry.dry);
    ck_assert_int_eq(app_height(), before);
    ck_assert_int_eq(app_count("SELECT count(*) FROM reading WHERE source = 'import'"), 0);
    app_option = NULL;
    ck_assert_int_eq(import(mixed), ERR_PARSE);
    counted(dry.stored.accepted, dry.stored.held, dry.already, dry.refused);
    ck_assert_mem_eq(report.stored.held_by, dry.stored.held_by, sizeof dry.stored.held_by);
    ck_assert_uint_eq(dry.refused, 1);
    ck_assert_uint_gt(dry.stored.held, 1);
    app_verify_deep();
}
END_TEST

START_TEST(a_preview_shows_from_1_to_1000_rows_and_writes_nothing)
{
    static const struct {
        const char *rows;
        enum err_code code;
    } sizes[] = {{"0", ERR_USAGE}, {"1", ERR_OK}, {"1000", ERR_OK}, {"1001", ERR_USAGE}};
    int64_t before = app_height();
    app_option = "preview";
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        app_option_value = sizes[i].rows;
        ck_assert_msg(import(mixed) == sizes[i].code, "%s: %s", sizes[i].rows, e.text);
    }
    ck_assert_int_eq(app_height(), before);
}
END_TEST

Suite *suite_import_readings(void)
{
    Suite *s = suite_create("import_readings");
    TCase *t = tcase_create("readings");
    tcase_add_checked_fixture(t, setup, app_teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, a_bad_row_is_told_by_line_field_and_reason, 0,
                        (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(t, a_file_of_bad_rows_alone_changes_nothing);
    tcase_add_loop_test(t, a_file_that_cannot_be_read_changes_nothing, 0,
                        (int)(sizeof unreadable / sizeof unreadable[0]));
    tcase_add_test(t, a_mapping_has_to_be_there_and_of_readings);
    tcase_add_test(t, the_whole_dial_is_taken_and_no_more);
    tcase_add_test(t, the_future_begins_after_five_minutes);
    tcase_add_test(t, age_is_judged_by_the_date_that_is_given);
    tcase_add_test(t, an_hour_that_the_clock_change_skips_is_refused);
    tcase_add_test(t, rows_of_one_time_are_taken_up_to_a_crowd);
    tcase_add_test(t, the_same_rows_in_another_order_and_file_are_known);
    tcase_add_test(t, a_row_that_stands_twice_is_two_rows_each_time);
    tcase_add_test(t, a_changed_value_alone_is_stored_and_held);
    tcase_add_test(t, counting_without_writing_counts_the_same);
    tcase_add_test(t, a_preview_shows_from_1_to_1000_rows_and_writes_nothing);
    suite_add_tcase(s, t);
    return s;
}
