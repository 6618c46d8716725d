/* Estimates as arithmetic: at, below and above each bound. */
#include <config.h>

#include <check.h>
#include <string.h>

#include "check_domain.h"
#include "domain/estimate.h"

#define DAY 86400

static struct register_def reg;
static struct err e;
static struct estimate out;

static void setup(void)
{
    reg = (struct register_def){.unit = unit_find("m3"),
                                .digits = 5,
                                .decimals = 0,
                                .multiplier_num = 1,
                                .multiplier_den = 1};
    e = (struct err)ERR_INIT;
    out = (struct estimate){0};
}

static struct estimate_basis basis(int64_t use, int64_t days)
{
    return (struct estimate_basis){ESTIMATE_MEAN, use, days * DAY, 3};
}

START_TEST(it_is_rounded_down_to_the_dial)
{
    struct estimate_basis b = basis(30000, 30); /* 1 m3 a day */
    struct point from = {100000, 0};
    ck_assert_int_eq(estimate_at(&reg, &b, from, 10 * DAY, &out, &e), ERR_OK);
    ck_assert_int_eq(out.value, 110000);
    ck_assert_int_eq(out.use, 10000);
    ck_assert_uint_eq(out.rollovers, 0);
    ck_assert_int_eq(estimate_at(&reg, &b, from, 11 * DAY - 1, &out, &e), ERR_OK);
    ck_assert_int_eq(out.value, 110000);
    ck_assert_int_eq(estimate_at(&reg, &b, from, 11 * DAY, &out, &e), ERR_OK);
    ck_assert_int_eq(out.value, 111000);
    ck_assert_int_eq(estimate_at(&reg, &b, from, 0, &out, &e), ERR_OK);
    ck_assert_int_eq(out.value, 100000);
    b = basis(0, 30);
    ck_assert_int_eq(estimate_at(&reg, &b, from, 10 * DAY, &out, &e), ERR_OK);
    ck_assert_int_eq(out.use, 0);
}
END_TEST

START_TEST(it_goes_through_the_dial_s_zero_once)
{
    struct estimate_basis b = basis(30000, 30);
    struct point from = {99995000, 0};
    ck_assert_int_eq(estimate_at(&reg, &b, from, 4 * DAY, &out, &e), ERR_OK);
    ck_assert_int_eq(out.value, 99999000);
    ck_assert_uint_eq(out.rollovers, 0);
    ck_assert_int_eq(estimate_at(&reg, &b, from, 5 * DAY, &out, &e), ERR_OK);
    ck_assert_int_eq(out.value, 0);
    ck_assert_uint_eq(out.rollovers, 1);
    ck_assert_int_eq(out.use, 5000);
    b = basis(100000000, 1); /* the whole dial in a day */
    ck_assert_int_eq(estimate_at(&reg, &b, from, DAY, &out, &e), ERR_RANGE);
    b = basis(99999000, 1);
    ck_assert_int_eq(estimate_at(&reg, &b, from, DAY, &out, &e), ERR_OK);
    b = basis(INT64_MAX, 1);
    ck_assert_int_eq(estimate_at(&reg, &b, from, 400 * DAY, &out, &e), ERR_RANGE);
}
END_TEST

START_TEST(a_multiplier_divides_the_use)
{
    struct estimate_basis b = basis(40000, 10);
    reg.multiplier_num = 40;
    ck_assert_int_eq(estimate_at(&reg, &b, (struct point){7000, 0}, 10 * DAY, &out, &e),
                     ERR_OK);
    ck_assert_int_eq(out.value, 8000);
    ck_assert_int_eq(out.use, 40000);
}
END_TEST

START_TEST(between_two_readings_time_decides)
{
    struct point from = {100000, 0};
    struct point to = {110000, 10 * DAY};
    ck_assert_int_eq(estimate_between(&reg, from, to, 0), 100000);
    ck_assert_int_eq(estimate_between(&reg, from, to, 5 * DAY), 105000);
    ck_assert_int_eq(estimate_between(&reg, from, to, 6 * DAY - 1), 105000);
    ck_assert_int_eq(estimate_between(&reg, from, to, 10 * DAY), 110000);
    to.value = from.value;
    ck_assert_int_eq(estimate_between(&reg, from, to, 5 * DAY), 100000);
}
END_TEST

START_TEST(methods_have_names)
{
    for (int i = 0; i < ESTIMATE_METHODS; i++) {
        enum estimate_method m = ESTIMATE_METHODS;
        ck_assert(estimate_method_find(estimate_method_name((enum estimate_method)i), &m));
        ck_assert_int_eq((int)m, i);
    }
    enum estimate_method m = ESTIMATE_MEAN;
    ck_assert(!estimate_method_find("auto", &m));
}
END_TEST

Suite *suite_estimate(void)
{
    Suite *s = suite_create("estimate");
    TCase *t = tcase_create("estimate");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, it_is_rounded_down_to_the_dial);
    tcase_add_test(t, it_goes_through_the_dial_s_zero_once);
    tcase_add_test(t, a_multiplier_divides_the_use);
    tcase_add_test(t, between_two_readings_time_decides);
    tcase_add_test(t, methods_have_names);
    suite_add_tcase(s, t);
    return s;
}
