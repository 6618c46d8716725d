/* Files of meters: what a row may say at its limits, what is refused by line and field, what is
 * there already, and that several rows share an account. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "app_util.h"
#include "app/import_lines.h"

Suite *suite_import_meters(void);

#define HEADING                                                                                \
    "serial;kind;unit;digits;decimals;multiplier;installed;initial;account;customer;tariff\n"

static struct import_report report;
static struct err e;

static void setup(void)
{
    app_setup();
    e = (struct err)ERR_INIT;
    app_mapping("all",
                "{\"kind\":\"meters\",\"columns\":{\"serial\":\"serial\",\"kind\":\"kind\","
                "\"unit\":\"unit\",\"digits\":\"digits\",\"decimals\":\"decimals\","
                "\"multiplier\":\"multiplier\",\"installed\":\"installed\",\"initial\":"
                "\"initial\",\"account\":\"account\",\"customer\":\"customer\",\"tariff\":"
                "\"tariff\"},\"separator\":\";\"}");
}

static enum err_code import(const char *rows)
{
    e = (struct err)ERR_INIT;
    return app_import("import meters", "all", app_file("rows.csv", rows), &report, &e);
}

static void counted(uint64_t made, uint64_t already, uint64_t refused)
{
    ck_assert_msg(report.stored.accepted == made && report.already == already &&
                      report.refused == refused,
                  "%d made, %d stored before, %d refused: %s", (int)report.stored.accepted,
                  (int)report.already, (int)report.refused,
                  report.first_count > 0 ? report.first[0].text : e.text);
}

#define GOOD "N1;water;m3;5;3;1;2026-02-01;12.5;C1;Rosa;doc07-water\n"

START_TEST(a_row_makes_the_meter_that_it_says)
{
    ck_assert_msg(import(HEADING GOOD) == ERR_OK, "%s", e.text);
    counted(1, 0, 0);
    ck_assert_int_eq(app_count("SELECT count(*) FROM meter WHERE serial = 'N1' AND installed = "
                               "'2026-02-01'"),
                     1);
    ck_assert_int_eq(
        app_count("SELECT value FROM reading WHERE source = 'install' AND register "
                  "= (SELECT max(id) FROM register)"),
        12500);
    ck_assert_int_eq(app_count("SELECT count(*) FROM account WHERE number = 'C1'"), 1);
}
END_TEST

START_TEST(the_same_file_again_records_nothing)
{
    ck_assert_int_eq(import(HEADING GOOD), ERR_OK);
    int64_t before = app_height();
    ck_assert_int_eq(import(HEADING GOOD), ERR_OK);
    counted(0, 1, 0);
    ck_assert_int_eq(import(HEADING "N1;;;;;;;;;;\n"), ERR_OK); /* says nothing that differs */
    counted(0, 1, 0);
    ck_assert_int_eq(app_height(), before);
}
END_TEST

static const struct {
    const char *row, *field;
} differs[] = {
    {"N1;energy;kWh;5;3;1;2026-02-01;;;;\n", "field kind"},
    {"N1;water;l;5;0;1;2026-02-01;;;;\n", "field unit"},
    {"N1;water;m3;6;3;1;2026-02-01;;;;\n", "field digits"},
    {"N1;water;m3;5;2;1;2026-02-01;;;;\n", "field decimals"},
    {"N1;water;m3;5;3;10;2026-02-01;;;;\n", "field multiplier"},
    {"N1;water;m3;5;3;1;2026-02-02;;;;\n", "field installed"},
};

START_TEST(another_meter_of_that_serial_is_refused_by_field)
{
    ck_assert_int_eq(import(HEADING GOOD), ERR_OK);
    int64_t before = app_height();
    char rows[512];
    (void)snprintf(rows, sizeof rows, HEADING "%s", differs[_i].row);
    ck_assert_int_eq(import(rows), ERR_PARSE);
    counted(0, 0, 1);
    ck_assert_int_eq((int)report.first[0].line, 2);
    ck_assert_msg(strstr(report.first[0].text, differs[_i].field) != NULL, "%s",
                  report.first[0].text);
    ck_assert_int_eq(app_height(), before);
}
END_TEST

static const struct {
    const char *row, *words; /* NULL: taken */
} limits[] = {
    {"N2;water;m3;1;0;1;2026-02-01;9;;;\n", NULL},
    {"N2;water;m3;0;0;1;2026-02-01;;;;\n", "digits: \"0\" is not a whole number from 1 to 12"},
    {"N2;water;m3;12;0;1;2026-02-01;999999999999;;;\n", NULL},
    {"N2;water;m3;13;0;1;2026-02-01;;;;\n", "digits: \"13\""},
    {"N2;water;m3;1;3;1;2026-02-01;9.999;;;\n", NULL},
    {"N2;water;m3;5;4;1;2026-02-01;;;;\n", "decimals: \"4\""},
    {"N2;water;m3;5;-1;1;2026-02-01;;;;\n", "decimals: \"-1\""},
    {"N2;water;m3;5;3;0;2026-02-01;;;;\n", "multiplier: \"0\""},
    {"N2;water;m3;5;3;1.5;2026-02-01;;;;\n", "multiplier: \"1.5\""},
    {"N2;water;m3;1;0;1;2026-02-01;10;;;\n", "beyond the dial"},
    {"N2;water;m3;5;3;1;2026-02-01;-1;;;\n", "beyond the dial"},
    {"N2;water;m3;5;3;1;2026-02-01;1.0001;;;\n", "1.0001"},
    {"N2;water;kWh;5;3;1;2026-02-01;;;;\n", "cannot count in \"kWh\""},
    {"N2;steam;m3;5;3;1;2026-02-01;;;;\n", "steam"},
    {"N2;;m3;5;3;1;2026-02-01;;;;\n", "kind"},
    {";water;m3;5;3;1;2026-02-01;;;;\n", "field serial"},
    {"N2;water;m3;5;3;1;2026-02-30;;;;\n", "installed"},
    {"N2;water;m3;5;3;1;2026-02-01;;C2;Rosa;\n", "tariff"},
    {"N2;water;m3;5;3;1;2026-02-01;;C2;Rosa;nada\n", "nada"},
    {"N2;water;m3;5;3;1;2026-02-01;;C2;Rosa;doc07-energy\n", "doc07-energy"},
    {"N2;water;m3\n", "3"},
};

START_TEST(what_a_row_may_say_ends_where_it_is_said_to)
{
    char rows[512];
    int64_t before = app_height();
    (void)snprintf(rows, sizeof rows, HEADING "%s", limits[_i].row);
    enum err_code code = import(rows);
    if (limits[_i].words == NULL) {
        ck_assert_msg(code == ERR_OK, "%s: %s", limits[_i].row, e.text);
        counted(1, 0, 0);
        return;
    }
    ck_assert_int_eq(code, ERR_PARSE);
    counted(0, 0, 1);
    ck_assert_int_eq((int)report.first[0].line, 2);
    ck_assert_msg(strstr(report.first[0].text, limits[_i].words) != NULL, "%s: %s",
                  limits[_i].row, report.first[0].text);
    ck_assert_int_eq(app_height(), before);
}
END_TEST

START_TEST(a_serial_has_at_most_40_bytes)
{
    char rows[512];
    (void)snprintf(rows, sizeof rows, HEADING "%s;water;m3;5;3;1;2026-02-01;;;;\n",
                   "1234567890123456789012345678901234567890");
    ck_assert_msg(import(rows) == ERR_OK, "%s", e.text);
    (void)snprintf(rows, sizeof rows, HEADING "%s;water;m3;5;3;1;2026-02-01;;;;\n",
                   "12345678901234567890123456789012345678901");
    ck_assert_int_eq(import(rows), ERR_PARSE);
    counted(0, 0, 1);
}
END_TEST

START_TEST(an_account_that_an_earlier_row_made_is_the_same)
{
    ck_assert_msg(import(HEADING GOOD
                         "N2;water;m3;5;3;1;2026-02-01;0;C1;Rosa;doc07-water\n"
                         "N3;water;m3;5;3;1;2026-02-01;0;A00001;;doc07-water\n") == ERR_OK,
                  "%s", e.text);
    counted(3, 0, 0);
    ck_assert_int_eq(app_count("SELECT count(*) FROM account"), 4);
    ck_assert_int_eq(
        app_count("SELECT count(*) FROM assignment WHERE account = (SELECT id FROM "
                  "account WHERE number = 'C1')"),
        2);
}
END_TEST

START_TEST(a_serial_that_stands_twice_is_one_meter_or_a_contradiction)
{
    ck_assert_msg(import(HEADING GOOD GOOD) == ERR_OK, "%s", e.text);
    counted(1, 1, 0);
    ck_assert_int_eq(import(HEADING "N2;water;m3;5;3;1;2026-02-01;0;;;\n"
                                    "N2;water;m3;6;3;1;2026-02-01;0;;;\n"),
                     ERR_PARSE);
    counted(1, 0, 1);
    ck_assert_int_eq((int)report.first[0].line, 3);
}
END_TEST

/* One row more than a batch takes: two entries, no meter twice. */
START_TEST(a_long_file_is_cut_into_batches_and_goes_on_where_it_stopped)
{
    static char rows[128 * 1024];
    size_t len = (size_t)snprintf(rows, sizeof rows, HEADING);
    for (int i = 0; i <= LINES_PER_BATCH; i++) {
        len += (size_t)snprintf(rows + len, sizeof rows - len,
                                "L%05d;water;m3;5;3;1;2026-02-01;;;;\n", i);
    }
    app_progress = app_stop_at("storing", 1);
    ck_assert_int_eq(import(rows), ERR_CANCELLED);
    ck_assert_int_eq(
        app_count("SELECT count(*) FROM import_run WHERE state = 'open' AND batches "
                  "= 1"),
        1);
    app_progress = NULL;
    ck_assert_msg(import(rows) == ERR_OK, "%s", e.text);
    counted(1, LINES_PER_BATCH, 0);
    ck_assert(report.resumed);
    ck_assert_int_eq(app_count("SELECT count(*) FROM meter WHERE serial LIKE 'L%'"),
                     LINES_PER_BATCH + 1);
}
END_TEST

START_TEST(what_was_taken_back_comes_again)
{
    ck_assert_int_eq(import(HEADING GOOD), ERR_OK);
    (void)fixture_run(&app_office, app_office.luis, "import discard", "run", "1", "reason", "x",
                      NULL);
    ck_assert_int_eq(app_count("SELECT count(*) FROM meter WHERE serial = 'N1'"), 0);
    ck_assert_msg(import(HEADING GOOD) == ERR_OK, "%s", e.text);
    counted(1, 0, 0);
    app_verify_deep();
}
END_TEST

START_TEST(counting_without_writing_writes_nothing)
{
    int64_t before = app_height();
    app_option = "dry-run";
    app_option_value = "1";
    ck_assert_int_eq(import(HEADING GOOD GOOD "N2;steam;;;;;;;;;\n"), ERR_PARSE);
    counted(1, 1, 1);
    ck_assert_int_eq(app_height(), before);
    ck_assert_int_eq(app_count("SELECT count(*) FROM meter"), 3);
}
END_TEST

Suite *suite_import_meters(void)
{
    Suite *s = suite_create("import_meters");
    TCase *t = tcase_create("meters");
    tcase_add_checked_fixture(t, setup, app_teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_row_makes_the_meter_that_it_says);
    tcase_add_test(t, the_same_file_again_records_nothing);
    tcase_add_loop_test(t, another_meter_of_that_serial_is_refused_by_field, 0,
                        (int)(sizeof differs / sizeof differs[0]));
    tcase_add_loop_test(t, what_a_row_may_say_ends_where_it_is_said_to, 0,
                        (int)(sizeof limits / sizeof limits[0]));
    tcase_add_test(t, a_serial_has_at_most_40_bytes);
    tcase_add_test(t, an_account_that_an_earlier_row_made_is_the_same);
    tcase_add_test(t, a_serial_that_stands_twice_is_one_meter_or_a_contradiction);
    tcase_add_test(t, a_long_file_is_cut_into_batches_and_goes_on_where_it_stopped);
    tcase_add_test(t, what_was_taken_back_comes_again);
    tcase_add_test(t, counting_without_writing_writes_nothing);
    suite_add_tcase(s, t);
    return s;
}
