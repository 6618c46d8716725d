/* Meters that may count too little: what the ranking reads of each. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "app/suspects.h"
#include "base/buf.h"
#include "app_util.h"

#define STEPS 10 /* periods of 30 days from the installation on */
#define FELL 7   /* from which two of the meters count a tenth */

static struct err e;

/* What a meter shows after some periods. */
static int shown(int meter, int steps)
{
    int before = steps < FELL ? steps : FELL;
    return before * 10 + (steps - before) * (meter <= 2 ? 1 : 10);
}

/* W00001 is read at the end of each period, W00002 every six hours with the same values there;
 * four others keep their use. */
static void setup(void)
{
    struct buf csv;
    app_setup();
    e = (struct err)ERR_INIT;
    fixture_meters(&app_office, 3);
    buf_init(&csv, 1 << 20);
    buf_adds(&csv, "serial,time,value\n");
    int32_t first = date_to_days((struct date){2026, 1, 1});
    for (int meter = 1; meter <= 6; meter++) {
        for (int at = 1; at <= STEPS * 120; at++) {
            if (meter != 2 && at % 120 != 0) {
                continue;
            }
            struct date d = date_from_days(first + at / 4);
            buf_addf(&csv, "W%05d,%04d-%02d-%02d %02d:00,%d\n", meter, (int)d.year,
                     (int)d.month, (int)d.day, at % 4 * 6, shown(meter, at / 120));
        }
    }
    struct import_report r =
        app_import_fine("import readings", "readings", app_file("r.csv", buf_str(&csv)));
    ck_assert_uint_eq(r.stored.held, 0);
    buf_release(&csv);
}

static int64_t day_behind(void)
{
    int32_t first = date_to_days((struct date){2026, 1, 1});
    return zone_day_start(app_office.office->zone, date_from_days(first + STEPS * 30));
}

START_TEST(a_meter_read_often_is_judged_as_one_read_once_a_period)
{
    struct suspects *s = NULL;
    struct suspect one;
    struct suspect two;
    ck_assert_msg(suspects_find(app_office.office, day_behind(), NULL, NULL, &s, &e) == ERR_OK,
                  "%s", e.text);
    ck_assert_uint_eq(suspects_count(s), 2);
    suspects_get(s, 0, &one);
    suspects_get(s, 1, &two);
    suspects_free(s);
    ck_assert_int_lt(one.reg, two.reg);
    ck_assert_int_eq(one.last, 1000);
    ck_assert_int_eq(two.last, 1000);
    ck_assert_int_eq(one.found.expected, 10000);
    ck_assert_int_eq(one.since_utc, day_behind() - INT64_C(86400) * 30 * (STEPS - FELL));
    ck_assert_int_eq(two.since_utc, one.since_utc);
    ck_assert_int_eq(two.found.recovered, one.found.recovered);
    ck_assert_mem_eq(two.found.value_k, one.found.value_k, sizeof one.found.value_k);
    ck_assert_mem_eq(two.found.fired, one.found.fired, sizeof one.found.fired);
}
END_TEST

static bool stop(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    int *asked = ctx;
    (void)what;
    (void)done;
    ck_assert_uint_ge(total, 6); /* all meters of the office */
    return ++*asked < 1;
}

START_TEST(it_says_how_far_it_is_and_stops)
{
    int asked = 0;
    struct progress p = {&asked, stop};
    struct suspects *s = NULL;
    ck_assert_int_eq(suspects_find(app_office.office, day_behind(), NULL, &p, &s, &e),
                     ERR_CANCELLED);
    ck_assert_ptr_null(s);
    ck_assert_int_eq(asked, 1);
}
END_TEST

Suite *suite_suspects(void);
Suite *suite_suspects(void)
{
    Suite *s = suite_create("suspects");
    TCase *t = tcase_create("suspects");
    tcase_add_checked_fixture(t, setup, app_teardown);
    tcase_add_test(t, a_meter_read_often_is_judged_as_one_read_once_a_period);
    tcase_add_test(t, it_says_how_far_it_is_and_stops);
    suite_add_tcase(s, t);
    return s;
}
