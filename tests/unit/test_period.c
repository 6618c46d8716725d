#include <config.h>

#include <check.h>
#include <string.h>

#include "check_domain.h"
#include "domain/period.h"
#include "domain_util.h"

static struct err e;

static void printed(struct date d, const char *want)
{
    char text[16];
    struct buf b;
    buf_init(&b, sizeof text);
    date_print(d, &b);
    ck_assert_str_eq(buf_str(&b), want);
    buf_release(&b);
}

START_TEST(a_period_is_a_month_or_two_or_three_from_one_on)
{
    static const char *const rows[][3] = {
        {"2016-02", "2016-02-01", "2016-03-01"},
        {"2016-12", "2016-12-01", "2017-01-01"},
        {"2015-12/P2M", "2015-12-01", "2016-02-01"},
        {"2016-01/P2M", "2016-01-01", "2016-03-01"},
        {"2016-12/P3M", "2016-12-01", "2017-03-01"},
        {"2016-03/P3M", "2016-03-01", "2016-06-01"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct date start, end;
        ck_assert_msg(period_parse(rows[i][0], &start, &end, &e) == ERR_OK, "%s", e.text);
        printed(start, rows[i][1]);
        printed(end, rows[i][2]);
    }
}
END_TEST

START_TEST(what_is_no_period_is_refused)
{
    static const char *const rows[] = {
        "2016-13",     "2016-00",     "2016-3",       "",        "2016-03-01",   "2016-03/",
        "2016-03/P1M", "2016-03/P4M", "2016-03/P2M ", "201-034", "marzo de 2016"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct date start, end;
        ck_assert_msg(period_parse(rows[i], &start, &end, &e) == ERR_PARSE, "%s", rows[i]);
    }
}
END_TEST

START_TEST(days_of_23_and_25_hours_count_as_one)
{
    struct zone *zone = NULL;
    ck_assert_msg(zone_load("Europe/Madrid", &zone, &e) == ERR_OK, "%s", e.text);
    int64_t march = zone_day_start(zone, (struct date){2016, 3, 1});
    ck_assert_int_eq(march, 1456786800); /* 2016-02-29T23:00Z */
    int64_t april = zone_day_start(zone, (struct date){2016, 4, 1});
    ck_assert_int_eq(april, 1459461600); /* 2016-03-31T22:00Z: summer time */
    ck_assert_int_eq(local_days(zone, march, april), 31);
    ck_assert_int_eq(local_days(zone, march, april - 1), 30);
    ck_assert_int_eq(local_days(zone, april, march), -31);
    zone_free(zone);
}
END_TEST

Suite *suite_period(void)
{
    Suite *s = suite_create("period");
    TCase *t = tcase_create("period");
    tcase_add_test(t, a_period_is_a_month_or_two_or_three_from_one_on);
    tcase_add_test(t, what_is_no_period_is_refused);
    tcase_add_test(t, days_of_23_and_25_hours_count_as_one);
    suite_add_tcase(s, t);
    return s;
}
