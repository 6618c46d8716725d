#include <config.h>

#include <check.h>
#include <string.h>

#include "domain/exact.h"
#include "check_domain.h"

/* The largest 128-bit integer, built without a literal that C does not have. */
static struct exact largest(void)
{
    int128 half = (int128)1 << 126;
    return (struct exact){half - 1 + half, 0};
}

static void expect(struct exact x, unsigned decimals, const char *text)
{
    struct buf b;
    buf_init(&b, 200);
    exact_print(x, decimals, &b);
    ck_assert_str_eq(buf_str(&b), text);
    buf_release(&b);
}

START_TEST(numbers_are_printed_without_needless_zeros)
{
    expect(exact_from_int(0), 0, "0");
    expect(exact_from_int(0), 2, "0.00");
    expect((struct exact){90450, 2}, 2, "904.50");
    expect((struct exact){90450, 2}, 0, "904.5");
    expect((struct exact){9045000, 4}, 2, "904.50");
    expect((struct exact){-5, 3}, 2, "-0.005");
    expect((struct exact){5, 1}, 2, "0.50");
    expect(exact_from_int(-1200), 0, "-1200");
    expect(exact_from_minor(-7, 2), 2, "-0.07");
    expect(largest(), 0, "170141183460469231731687303715884105727");
}
END_TEST

START_TEST(sums_align_their_scales)
{
    struct exact x;
    ck_assert(exact_add((struct exact){15, 1}, (struct exact){25, 3}, &x));
    expect(x, 0, "1.525");
    ck_assert(exact_sub((struct exact){25, 3}, (struct exact){15, 1}, &x));
    expect(x, 0, "-1.475");
    ck_assert(exact_mul((struct exact){-15, 1}, (struct exact){25, 3}, &x));
    expect(x, 0, "-0.0375");
    ck_assert(exact_shift((struct exact){1305, 0}, 2, &x));
    expect(x, 0, "13.05");
}
END_TEST

START_TEST(what_does_not_fit_is_refused_not_wrapped)
{
    struct exact x;
    ck_assert(!exact_add(largest(), exact_from_int(1), &x));
    ck_assert(!exact_sub(exact_neg(largest()), exact_from_int(1), &x));
    ck_assert(exact_add(largest(), exact_from_int(0), &x));
    ck_assert(exact_add(largest(), exact_from_int(-1), &x));
    ck_assert(!exact_mul(largest(), exact_from_int(2), &x));
    ck_assert(!exact_mul(exact_from_int(2), exact_neg(largest()), &x));
    ck_assert(exact_mul(largest(), exact_from_int(0), &x));
    ck_assert_int_eq(exact_cmp(x, exact_from_int(0)), 0);
    ck_assert(exact_mul(exact_from_int(INT64_MIN), exact_from_int(INT64_MIN), &x));
    ck_assert(!exact_add(largest(), (struct exact){1, 1}, &x));
    ck_assert(!exact_mul((struct exact){3, 20}, (struct exact){3, 20}, &x));
    ck_assert(!exact_shift((struct exact){3, 35}, 2, &x));
    ck_assert(exact_shift((struct exact){3, 34}, 2, &x));
    ck_assert_int_eq(x.scale, EXACT_SCALE_MAX);
}
END_TEST

START_TEST(trailing_zeros_never_make_a_number_too_long)
{
    struct exact x;
    struct exact padded = {3 * (int128)1000000000000000000, 18};
    ck_assert(exact_mul(padded, padded, &x));
    expect(x, 0, "9");
    ck_assert(exact_mul(x, padded, &x));
    expect(x, 0, "27");
    ck_assert(exact_shift((struct exact){30, 36}, 1, &x));
    struct exact wide = {largest().mantissa / 10 * 10, 1};
    ck_assert(exact_add(wide, wide, &x));
}
END_TEST

START_TEST(comparison_holds_beyond_a_common_scale)
{
    struct exact tiny = {1, 36};
    ck_assert_int_eq(exact_cmp((struct exact){150, 2}, (struct exact){15, 1}), 0);
    ck_assert_int_eq(exact_cmp((struct exact){151, 2}, (struct exact){15, 1}), 1);
    ck_assert_int_eq(exact_cmp((struct exact){149, 2}, (struct exact){15, 1}), -1);
    ck_assert_int_eq(exact_cmp(largest(), tiny), 1);
    ck_assert_int_eq(exact_cmp(tiny, largest()), -1);
    ck_assert_int_eq(exact_cmp(exact_neg(largest()), tiny), -1);
    ck_assert_int_eq(exact_cmp(tiny, exact_neg(largest())), 1);
    ck_assert_int_eq(exact_cmp(exact_from_int(0), tiny), -1);
}
END_TEST

START_TEST(rounding_turns_at_the_half_and_nowhere_else)
{
    static const struct {
        int64_t mantissa;
        enum rounding mode;
        int64_t step, expected;
    } rows[] = {
        {18499, ROUND_HALF_UP, 1, 185},   {18450, ROUND_HALF_UP, 1, 185},
        {18449, ROUND_HALF_UP, 1, 184},   {-18450, ROUND_HALF_UP, 1, -185},
        {-18449, ROUND_HALF_UP, 1, -184}, {18450, ROUND_HALF_EVEN, 1, 184},
        {18550, ROUND_HALF_EVEN, 1, 186}, {18451, ROUND_HALF_EVEN, 1, 185},
        {18499, ROUND_DOWN, 1, 184},      {-18499, ROUND_DOWN, 1, -184},
        {18401, ROUND_UP, 1, 185},        {18400, ROUND_UP, 1, 184},
        {18249, ROUND_HALF_UP, 5, 180},   {18250, ROUND_HALF_UP, 5, 185},
        {18750, ROUND_HALF_UP, 5, 190},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t minor = 0;
        ck_assert(exact_round((struct exact){rows[i].mantissa, 4}, 2, rows[i].step,
                              rows[i].mode, &minor));
        ck_assert_msg(minor == rows[i].expected, "row %zu gives %lld", i, (long long)minor);
    }
}
END_TEST

START_TEST(rounding_scales_up_and_refuses_what_is_no_money)
{
    int64_t minor = 0;
    ck_assert(exact_round((struct exact){3, 0}, 2, 1, ROUND_HALF_UP, &minor));
    ck_assert_int_eq(minor, 300);
    ck_assert(
        exact_round(exact_from_decimal((struct decimal){12, 0}), 0, 10, ROUND_HALF_UP, &minor));
    ck_assert_int_eq(minor, 10);
    ck_assert(!exact_round(largest(), 0, 1, ROUND_HALF_UP, &minor));
    ck_assert(!exact_round(largest(), 2, 1, ROUND_HALF_UP, &minor));
    ck_assert(exact_round(exact_from_int(INT64_MAX), 0, 1, ROUND_HALF_UP, &minor));
    ck_assert_int_eq(minor, INT64_MAX);
    ck_assert(!exact_round((struct exact){(int128)INT64_MAX * 10 + 5, 1}, 0, 1, ROUND_HALF_UP,
                           &minor));
}
END_TEST

Suite *suite_exact(void)
{
    Suite *s = suite_create("exact");
    TCase *t = tcase_create("exact");
    tcase_add_test(t, numbers_are_printed_without_needless_zeros);
    tcase_add_test(t, sums_align_their_scales);
    tcase_add_test(t, what_does_not_fit_is_refused_not_wrapped);
    tcase_add_test(t, trailing_zeros_never_make_a_number_too_long);
    tcase_add_test(t, comparison_holds_beyond_a_common_scale);
    tcase_add_test(t, rounding_turns_at_the_half_and_nowhere_else);
    tcase_add_test(t, rounding_scales_up_and_refuses_what_is_no_money);
    suite_add_tcase(s, t);
    return s;
}
