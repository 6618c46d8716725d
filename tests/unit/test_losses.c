/* What feeders lose a month: reckoned by hand here, and the report's bytes in each format that
 * is text. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "app/losses.h"
#include "check_papers.h"
#include "reports/out.h"
#include "reports/rep_office.h"
#include "vee_util.h"

static struct office_fixture f;
static struct err e;

/* W1, W2 and W4 use 11, 12 and 14 m3 a month; W5 stands above all three. July's use is on the
 * bills of 2026-06 (its readings are of the first of July); W2 was estimated at its end, W4 is
 * not read in August any more. */
static void setup(void)
{
    static const char *const below[] = {"W00001", "W00002", "W00004"};
    e = (struct err)ERR_INIT;
    vee_office(&f, 6);
    for (int i = 0; i < 3; i++) {
        (void)fixture_run(&f, f.ana, "meter link", "serial", below[i], "above", "W00005",
                          "start", "2026-05-01", NULL);
    }
    (void)fixture_run(&f, f.ana, "meter link", "serial", "W00003", "above", "W00006", "start",
                      "2026-07-01", NULL);
    vee_read(&f, "W00005", "95", "2026-09-01 00:00"); /* 45 + 50 */
    vee_read(&f, "W00001", "43", "2026-09-01 00:00");
    (void)fixture_run(&f, f.luis, "reading decide", "serial", "W00005", "action", "accept",
                      "reason", "seen", NULL);
    (void)fixture_run(&f, f.luis, "reading decide", "serial", "W00001", "action", "accept",
                      "reason", "seen", NULL);
    (void)fixture_run(&f, f.luis, "reading estimate", "serial", "W00002", "time",
                      "2026-09-01 00:00", "reason", "closed gate", NULL);
}

static void teardown(void)
{
    fixture_free(&f);
}

struct seen {
    size_t count;
    struct loss rows[16];
};

static enum err_code keep(void *ctx, const struct loss *l, struct err *err)
{
    struct seen *s = ctx;
    (void)err;
    ck_assert_uint_lt(s->count, 16);
    s->rows[s->count++] = *l;
    return ERR_OK;
}

static const struct loss *row_of(const struct seen *s, const char *serial, const char *month)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->rows[i].month, month) == 0 &&
            strcmp(s->rows[i].counted.meter.serial, serial) == 0) {
            return &s->rows[i];
        }
    }
    ck_abort_msg("no row of %s in %s", serial, month);
    return NULL;
}

START_TEST(what_went_in_less_what_came_out)
{
    struct seen s = {0};
    struct loss_choice all = {NULL, NULL, NULL};
    ck_assert_msg(losses_each(f.office, &all, keep, &s, &e) == ERR_OK, "%s", e.text);
    const struct loss *june = row_of(&s, "W00005", "2026-06");
    ck_assert(june->counted.known);
    ck_assert_int_eq(june->counted.whole, 15000);
    ck_assert_int_eq(june->counted.parts, 11000 + 12000 + 14000);
    ck_assert_int_eq(june->counted.estimated, 0);
    ck_assert_int_eq(june->billed, 11000 + 12000 + 14000);
    ck_assert_int_eq(june->counted.read, 3);
    const struct loss *august = row_of(&s, "W00005", "2026-08");
    ck_assert_int_eq(august->counted.whole, 50000);
    ck_assert_int_gt(august->counted.estimated, 0);
    ck_assert_int_eq(august->counted.parts, 10000 + august->counted.estimated);
    ck_assert_int_eq(august->billed, 0);
    ck_assert_int_eq(august->counted.count, 3);
    ck_assert_int_eq(august->counted.read, 2);
    ck_assert_int_eq(row_of(&s, "W00006", "2026-07")->billed, 13000);
}
END_TEST

START_TEST(a_bill_that_was_taken_back_is_not_billed)
{
    struct seen s = {0};
    struct loss_choice july = {"2026-07-15", "2026-07-01", "W00005"};
    ck_assert(losses_each(f.office, &july, keep, &s, &e) == ERR_OK);
    ck_assert_uint_eq(s.count, 1);
    ck_assert_int_eq(s.rows[0].billed, 37000);
    int64_t bill = vee_number(&f, "SELECT b.id FROM bill b JOIN account a ON a.id = b.account "
                                  "WHERE a.number = 'A00001' AND b.start_date = '2026-07-01'");
    char number[32];
    (void)snprintf(number, sizeof number, "%lld", (long long)bill);
    (void)fixture_run(&f, f.marta, "bill cancel", "bill", number, "reason", "x", NULL);
    s.count = 0;
    ck_assert(losses_each(f.office, &july, keep, &s, &e) == ERR_OK);
    ck_assert_int_eq(s.rows[0].billed, 26000);
}
END_TEST

START_TEST(bills_of_a_run_that_was_discarded_are_not_billed)
{
    struct seen s = {0};
    struct loss_choice july = {"2026-07-15", "2026-07-01", "W00005"};
    (void)fixture_run(&f, f.marta, "bill discard", "run", "3", "reason", "x", NULL);
    s.count = 0;
    ck_assert(losses_each(f.office, &july, keep, &s, &e) == ERR_OK);
    ck_assert_int_eq(s.rows[0].billed, 0);
    ck_assert_int_eq(s.rows[0].counted.parts, 37000);
}
END_TEST

START_TEST(months_have_a_limit)
{
    struct seen s = {0};
    struct loss_choice most = {"2016-09-01", "2026-08-31", "W00005"};
    struct loss_choice more = {"2016-08-31", "2026-08-31", "W00005"};
    struct loss_choice none = {"2026-08-01", "2026-07-01", NULL};
    ck_assert_msg(losses_each(f.office, &most, keep, &s, &e) == ERR_OK, "%s", e.text);
    ck_assert_uint_eq(s.count, 4); /* from May on, when the links began */
    ck_assert_int_eq(losses_each(f.office, &more, keep, &s, &e), ERR_LIMIT);
    s.count = 0;
    ck_assert_int_eq(losses_each(f.office, &none, keep, &s, &e), ERR_OK);
    ck_assert_uint_eq(s.count, 0);
}
END_TEST

START_TEST(the_report_is_the_same_bytes)
{
    static const char *const formats[] = {"text", "csv", "json"};
    const char *values[OFFICE_REPORT_PARAMS] = {"2026-06-01", NULL, NULL};
    char dir[FIXTURE_PATH_MAX];
    fixture_temp_folder(dir);
    for (int i = 0; i < 3; i++) {
        char path[FIXTURE_PATH_MAX + 16], golden[64];
        struct office_report r = {0};
        struct report_outcome outcome;
        const struct report_format *format = report_format_find(formats[i]);
        (void)snprintf(path, sizeof path, "%s/losses", dir);
        ck_assert(office_report_open(f.office, office_report_find("losses"), values, NULL, &r,
                                     &e) == ERR_OK);
        ck_assert_msg(office_report_write(f.office, &r, format, path, &outcome, &e) == ERR_OK,
                      "%s", e.text);
        office_report_close(&r);
        (void)snprintf(golden, sizeof golden, "report/losses%s", format->suffix);
        papers_golden(path, golden);
    }
    fixture_remove_folder(dir);
}
END_TEST

Suite *suite_losses(void)
{
    Suite *s = suite_create("losses");
    TCase *t = tcase_create("losses");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_went_in_less_what_came_out);
    tcase_add_test(t, a_bill_that_was_taken_back_is_not_billed);
    tcase_add_test(t, bills_of_a_run_that_was_discarded_are_not_billed);
    tcase_add_test(t, months_have_a_limit);
    tcase_add_test(t, the_report_is_the_same_bytes);
    suite_add_tcase(s, t);
    return s;
}
