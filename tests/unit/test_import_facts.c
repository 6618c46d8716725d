#include <config.h>

#include "app/import_facts.h"

#include "check_app.h"

static struct import_facts f;

static void setup(void)
{
    f = (struct import_facts){0};
}

static void feed(uint32_t reg, int64_t local, uint32_t line, int64_t value)
{
    struct sort_row row = {.reg = reg, .local = local, .line = line, .value = value};
    facts_feed(&f, &row);
}

START_TEST(a_fall_is_small_up_to_a_hundred)
{
    feed(1, 0, 1, 1000);
    feed(1, 60, 2, 900);
    feed(1, 120, 3, 799);
    feed(1, 180, 4, 798);
    ck_assert_uint_eq(f.falls, 3);
    ck_assert_uint_eq(f.small_falls, 2);
}
END_TEST

START_TEST(a_repeated_time_may_have_another_value)
{
    feed(1, 60, 1, 5);
    feed(1, 60, 2, 5);
    feed(1, 60, 3, 6);
    ck_assert_uint_eq(f.repeats, 2);
    ck_assert_uint_eq(f.repeats_other, 1);
    ck_assert_uint_eq(f.no_use, 1);
}
END_TEST

START_TEST(a_gap_is_longer_than_two_hours)
{
    feed(1, 0, 1, 0);
    feed(1, 7200, 2, 0);
    feed(1, 14401, 3, 0);
    ck_assert_uint_eq(f.gaps, 1);
    ck_assert_int_eq(f.longest_gap_secs, 7201);
}
END_TEST

START_TEST(a_jump_is_more_than_five_cubic_metres)
{
    feed(1, 0, 1, 0);
    feed(1, 1, 2, 5000);
    feed(1, 2, 3, 10001);
    ck_assert_uint_eq(f.jumps, 1);
}
END_TEST

START_TEST(a_register_is_out_of_order_once)
{
    feed(1, 0, 3, 0);
    feed(1, 1, 2, 0);
    feed(1, 2, 1, 0);
    feed(2, 0, 4, 0);
    feed(2, 1, 5, 0);
    feed(3, 0, 9, 0);
    feed(3, 1, 8, 0);
    ck_assert_uint_eq(f.unordered, 2);
    ck_assert_uint_eq(f.registers, 3);
    ck_assert_uint_eq(f.rows, 7);
}
END_TEST

START_TEST(registers_are_not_compared_with_each_other)
{
    feed(1, 1000000, 1, 500000);
    feed(2, 0, 2, 0);
    ck_assert_uint_eq(f.falls + f.gaps + f.jumps + f.no_use + f.repeats, 0);
}
END_TEST

START_TEST(flags_of_rows_are_counted)
{
    struct sort_row row = {.reg = 1, .flags = SORT_FLAG_EXPONENT | SORT_FLAG_AMBIGUOUS};
    facts_feed(&f, &row);
    row.flags = SORT_FLAG_EXPONENT;
    facts_feed(&f, &row);
    ck_assert_uint_eq(f.exponents, 2);
    ck_assert_uint_eq(f.doubled_hour, 1);
}
END_TEST

Suite *suite_import_facts(void)
{
    Suite *s = suite_create("import_facts");
    TCase *t = tcase_create("import_facts");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, a_fall_is_small_up_to_a_hundred);
    tcase_add_test(t, a_repeated_time_may_have_another_value);
    tcase_add_test(t, a_gap_is_longer_than_two_hours);
    tcase_add_test(t, a_jump_is_more_than_five_cubic_metres);
    tcase_add_test(t, a_register_is_out_of_order_once);
    tcase_add_test(t, registers_are_not_compared_with_each_other);
    tcase_add_test(t, flags_of_rows_are_counted);
    suite_add_tcase(s, t);
    return s;
}
