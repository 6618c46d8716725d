#include <config.h>

#include "base/quantity.h"

#include <signal.h>
#include <string.h>

#include "tests/unit/check_base.h"

static void assert_parses(const char *s, const char *printed)
{
    struct decimal d;
    struct buf b;
    buf_init(&b, 100);
    OK(decimal_parse(s, strlen(s), &d, e));
    decimal_print(d, &b);
    assert_text(&b, printed);
}

START_TEST(decimals_keep_the_scale_they_are_written_with)
{
    static const char *const rows[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"7", "7"},
        {"-12.340", "-12.340"},
        {"007", "7"},
        {"0.000", "0.000"},
        {"-0.05", "-0.05"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {"5.", "5"},
        {"12042.5", "12042.5"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9.223372036854775807", "9.223372036854775807"},
        {"-9.223372036854775808", "-9.223372036854775808"},
        {"0.000000000000000001", "0.000000000000000001"},
        {"0.500000000000000000000000000000", "0.500000000000000000"},
        {"1.0000000000000000000000", "1.000000000000000000"},
        {"12.0000000000000000000000", "12.00000000000000000"},
        {"0000000000000000000000000000001", "1"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_parses(rows[i][0], rows[i][1]);
    }
}
END_TEST

START_TEST(exponents_are_exact)
{
    static const char *const rows[][2] = {
        {"4e+05", "400000"},
        {"4E5", "400000"},
        {"6e+05", "600000"},
        {"1.5e1", "15"},
        {"1.5e0", "1.5"},
        {"1.50e0", "1.50"},
        {"15e-1", "1.5"},
        {"-2.5e-3", "-0.0025"},
        {"9e18", "9000000000000000000"},
        {"0e999999", "0"},
        {"0e-5", "0.00000"},
        {"0.0e-999999", "0.000000000000000000"},
        {"1e-18", "0.000000000000000001"},
        {"1000e-19", "0.000000000000000100"}, /* zeros at the end give way */
        {"10e-19", "0.000000000000000001"},
        {"0.00001e23", "1000000000000000000"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_parses(rows[i][0], rows[i][1]);
    }
}
END_TEST

START_TEST(what_is_no_number_is_refused)
{
    static const char *const rows[] = {
        "",      "-",    ".",    "-.",  "+5",    "--5", "5-",    "1.2.3", "1,5",
        " 5",    "5 ",   "0x5",  "inf", "nan",   "1e",  "1e+",   "1e-",   "e5",
        "1e5.5", "1e5x", "1ee5", "½",   "1 000", "-e1", "1e +5", "1.e",   "12\t",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct decimal d;
        FAILS(ERR_PARSE, decimal_parse(rows[i], strlen(rows[i]), &d, e));
    }
    struct decimal d;
    FAILS(ERR_PARSE, decimal_parse("1\0002", 3, &d, e));
    OK(decimal_parse("12345", 2, &d, e)); /* len rules, not the NUL */
    ck_assert_int_eq(d.mantissa, 12);
}
END_TEST

START_TEST(numbers_that_do_not_fit_are_refused)
{
    static const char *const rows[] = {
        "9223372036854775808",
        "-9223372036854775809",
        "92233720368547758070",
        "9.2233720368547758071",
        "1e19",
        "1e-19",
        "15e-19",
        "0.0000000000000000001",
        "1e99999999999",
        "1e-99999999999",
        "9223372036854775807e1",
        "-9223372036854775808e1",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct decimal d;
        FAILS(ERR_RANGE, decimal_parse(rows[i], strlen(rows[i]), &d, e));
    }
}
END_TEST

/* A tiny number and a huge exponent must not meet in a counter that stopped. */
START_TEST(long_runs_of_zeros_and_exponents_do_not_cancel_wrongly)
{
    static char s[20100];
    struct decimal d;
    memset(s, '0', sizeof(s));
    s[1] = '.';
    memcpy(s + 152, "1e105", 5); /* 10^-151 * 10^105 */
    FAILS(ERR_RANGE, decimal_parse(s, 157, &d, e));
    memcpy(s + 152, "1e151", 5);
    OK(decimal_parse(s, 157, &d, e));
    ck_assert_int_eq(d.mantissa, 1);
    ck_assert_uint_eq(d.scale, 0);
    memset(s + 2, '0', sizeof(s) - 2);
    memcpy(s + 20001, "1e20000", 7); /* more zeros than are counted */
    FAILS(ERR_RANGE, decimal_parse(s, 20008, &d, e));
    OK(decimal_parse(s, 20001, &d, e));
    ck_assert_int_eq(d.mantissa, 0);
    ck_assert_uint_eq(d.scale, 18);
}
END_TEST

START_TEST(printing_and_parsing_agree)
{
    uint64_t seed = 3;
    for (int i = 0; i < 20000; i++) {
        struct decimal d = {.mantissa = (int64_t)random_next(&seed) >> random_below(&seed, 64),
                            .scale = (uint8_t)random_below(&seed, 19)};
        struct decimal back;
        struct buf b;
        buf_init(&b, 100);
        decimal_print(d, &b);
        OK(decimal_parse(buf_str(&b), b.len, &back, e));
        ck_assert_int_eq(back.mantissa, d.mantissa);
        ck_assert_uint_eq(back.scale, d.scale);
        buf_release(&b);
    }
}
END_TEST

START_TEST(rescaling_is_exact_or_refused)
{
    struct decimal out, d = {.mantissa = 12340, .scale = 3};
    OK(decimal_rescale(d, 2, &out, e));
    ck_assert_int_eq(out.mantissa, 1234);
    ck_assert_uint_eq(out.scale, 2);
    OK(decimal_rescale(d, 6, &out, e));
    ck_assert_int_eq(out.mantissa, 12340000);
    OK(decimal_rescale(d, 3, &out, e));
    ck_assert_int_eq(out.mantissa, 12340);
    FAILS(ERR_RANGE, decimal_rescale(d, 1, &out, e));
    FAILS(ERR_RANGE, decimal_rescale(d, 19, &out, e));
    FAILS(ERR_RANGE, decimal_rescale((struct decimal){1, 19}, 2, &out, e));
    FAILS(ERR_RANGE, decimal_rescale((struct decimal){INT64_MAX, 0}, 1, &out, e));
    OK(decimal_rescale((struct decimal){-9, 0}, 18, &out, e));
    ck_assert_int_eq(out.mantissa, INT64_C(-9000000000000000000));
    FAILS(ERR_RANGE, decimal_rescale((struct decimal){-10, 0}, 18, &out, e));
}
END_TEST

START_TEST(decimals_compare_by_value)
{
    static const struct {
        struct decimal a, b;
        int order;
    } rows[] = {
        {{10, 1}, {1, 0}, 0},
        {{0, 0}, {0, 18}, 0},
        {{11, 1}, {1, 0}, 1},
        {{-11, 1}, {-1, 0}, -1},
        {{INT64_MAX, 0}, {INT64_MAX, 18}, 1},
        {{INT64_MIN, 0}, {INT64_MIN, 18}, -1},
        {{1, 18}, {0, 0}, 1},
        {{INT64_MAX, 0}, {INT64_MAX - 1, 0}, 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_int_eq(decimal_cmp(rows[i].a, rows[i].b), rows[i].order);
        ck_assert_int_eq(decimal_cmp(rows[i].b, rows[i].a), -rows[i].order);
    }
}
END_TEST

/* The quotient that each mode must give, from the exact remainder and not from the code under
 * test: candidates around n/d are judged by their distance, in halves. */
static bool is_rounded(long n, long d, long q, enum rounding mode)
{
    long size = n < 0 ? -n : n, mine = n < 0 ? -q : q;
    long below = size / d, twice = 2 * (size % d);
    bool exact = size % d == 0;
    switch (mode) {
    case ROUND_DOWN:
        return mine == below;
    case ROUND_UP:
        return mine == below + !exact;
    case ROUND_HALF_UP:
        return mine == below + (twice >= d);
    case ROUND_HALF_EVEN:
        return mine == below + (twice > d || (twice == d && below % 2 == 1));
    }
    return false;
}

START_TEST(rounding_modes_hold_for_all_small_quotients)
{
    for (int mode = ROUND_HALF_UP; mode <= ROUND_UP; mode++) {
        for (long d = 1; d <= 40; d++) {
            for (long n = -400; n <= 400; n++) {
                long q = (long)div_round128(n, d, (enum rounding)mode);
                ck_assert_msg(is_rounded(n, d, q, (enum rounding)mode),
                              "%ld/%ld -> %ld mode %d", n, d, q, mode);
            }
        }
    }
}
END_TEST

START_TEST(rounding_holds_at_the_edge_of_128_bits)
{
    const int128 max = (int128)INT64_MAX << 64 | UINT64_MAX;
    ck_assert(div_round128(max, max, ROUND_HALF_UP) == 1);
    ck_assert(div_round128(max - 1, max, ROUND_HALF_UP) == 1);
    ck_assert(div_round128(max / 2, max, ROUND_HALF_UP) == 0); /* just below one half */
    ck_assert(div_round128(max / 2 + 1, max, ROUND_HALF_UP) == 1);
    ck_assert(div_round128(-max, 2, ROUND_UP) == -(max / 2 + 1));
    ck_assert(div_round128(max, 1, ROUND_UP) == max);
}
END_TEST

START_TEST(dividing_by_nothing_is_our_bug)
{
    ck_assert(div_round128(1, 0, ROUND_DOWN) == 0);
}
END_TEST

START_TEST(an_unknown_rounding_is_our_bug)
{
    ck_assert(div_round128(1, 2, (enum rounding)99) == 0);
}
END_TEST

START_TEST(a_power_above_18_is_our_bug)
{
    ck_assert_int_eq(pow10_i64(19), 0);
}
END_TEST

START_TEST(powers_and_checked_arithmetic)
{
    int64_t v = 1, out;
    for (unsigned n = 0; n <= 18; n++) {
        ck_assert_int_eq(pow10_i64(n), v);
        v = n < 18 ? v * 10 : v;
    }
    ck_assert(add_i64(INT64_MAX - 1, 1, &out) && out == INT64_MAX);
    ck_assert(!add_i64(INT64_MAX, 1, &out));
    ck_assert(sub_i64(INT64_MIN + 1, 1, &out) && out == INT64_MIN);
    ck_assert(!sub_i64(INT64_MIN, 1, &out));
    ck_assert(mul_i64(INT64_MAX, -1, &out) && out == -INT64_MAX);
    ck_assert(!mul_i64(INT64_MIN, -1, &out));
}
END_TEST

START_TEST(every_unit_is_found_and_sane)
{
    static const char *const symbols[] = {"l",   "m3",   "dm3",   "Wh", "kWh",
                                          "MWh", "varh", "kvarh", "W",  "kW"};
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        const struct unit *u = unit_find(symbols[i]);
        ck_assert_ptr_nonnull(u);
        ck_assert_str_eq(u->symbol, symbols[i]);
        const struct unit *base = unit_find(u->base);
        ck_assert_ptr_nonnull(base);
        ck_assert_uint_eq(base->exponent, 0);
    }
    ck_assert_uint_eq(unit_find("m3")->exponent, 3);
    ck_assert_str_eq(unit_find("m3")->base, "l");
    ck_assert_uint_eq(unit_find("MWh")->exponent, 6);
    ck_assert_ptr_null(unit_find("Gal"));
    ck_assert_ptr_null(unit_find("KWH"));
    ck_assert_ptr_null(unit_find(NULL));
}
END_TEST

START_TEST(gallons_and_cubic_feet_are_exact_and_their_limits_in_litres)
{
    static const struct {
        const char *symbol, *text;
        int64_t value;
        int64_t litres, limit; /* a limit, and the same in the unit's smallest */
    } rows[] = {{"gal", "1.25", 125, 40000, 1056688}, {"kgal", "12.34567", 1234567, 100, 2642},
                {"ft3", "7.5", 750, 3125, 11036},     {"CCF", "12.3456", 123456, 3125, 11036},
                {"HCF", "0.01", 100, 1, 4},           {"m3", "1.5", 1500, 40000, 40000},
                {"kWh", "2", 2000, 40000, 40000}};
    struct err e = ERR_INIT;
    struct buf b;
    buf_init(&b, 64);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct unit *u = unit_find(rows[i].symbol);
        int64_t v = 0;
        ck_assert_int_eq(quantity_parse(rows[i].text, strlen(rows[i].text), u, &v, &e), ERR_OK);
        ck_assert_int_eq(v, rows[i].value);
        buf_clear(&b);
        quantity_print(v, u, 0, &b);
        ck_assert_str_eq(buf_str(&b), rows[i].text);
        ck_assert_int_eq(unit_limit(u, rows[i].litres), rows[i].limit);
    }
    ck_assert_int_eq(quantity_parse("0.001", 5, unit_find("ft3"), &(int64_t){0}, &e),
                     ERR_RANGE);
    ck_assert_str_eq(unit_find("CCF")->base, unit_find("ft3")->base);
    ck_assert_str_ne(unit_find("kgal")->base, unit_find("m3")->base);
    ck_assert_int_eq(unit_limit(unit_find("gal"), INT64_MAX), INT64_MAX);
    ck_assert_int_eq(unit_limit(NULL, 7), 7);
    buf_release(&b);
}
END_TEST

START_TEST(quantities_are_integers_of_the_smallest_unit)
{
    int64_t v;
    const struct unit *m3 = unit_find("m3"), *l = unit_find("l");
    OK(quantity_parse("12042.5", 7, m3, &v, e));
    ck_assert_int_eq(v, 12042500);
    OK(quantity_parse("-0.001", 6, m3, &v, e));
    ck_assert_int_eq(v, -1);
    OK(quantity_parse("68321.0", 7, l, &v, e));
    ck_assert_int_eq(v, 68321);
    OK(quantity_parse("2e+05", 5, l, &v, e));
    ck_assert_int_eq(v, 200000);
    FAILS(ERR_RANGE, quantity_parse("0.0001", 6, m3, &v, e));
    FAILS(ERR_RANGE, quantity_parse("0.5", 3, l, &v, e));
    FAILS(ERR_RANGE, quantity_parse("9223372036854776", 16, m3, &v, e));
    OK(quantity_parse("9223372036854775.807", 20, m3, &v, e));
    ck_assert_int_eq(v, INT64_MAX);
    FAILS(ERR_PARSE, quantity_parse("12,5", 4, m3, &v, e));
    char digits[200];
    struct err err = ERR_INIT;
    memset(digits, '0', sizeof(digits)); /* a long wrong text is quoted in part */
    digits[1] = '.';
    digits[10] = '1';
    ck_assert_int_eq(quantity_parse(digits, sizeof(digits), m3, &v, &err), ERR_RANGE);
    ck_assert_uint_lt(strlen(err.text), 150);
}
END_TEST

START_TEST(quantities_print_with_the_dials_decimals)
{
    static const struct {
        int64_t value;
        const char *unit;
        unsigned decimals;
        const char *text;
    } rows[] = {
        {12042500, "m3", 3, "12042.500"},
        {12042500, "m3", 1, "12042.5"},
        {12042500, "m3", 0, "12042.5"}, /* digits are never lost */
        {12042000, "m3", 0, "12042"},
        {12042000, "m3", 2, "12042.00"},
        {-1, "m3", 0, "-0.001"},
        {0, "m3", 0, "0"},
        {0, "m3", 3, "0.000"},
        {5, "l", 0, "5"},
        {5, "l", 2, "5.00"},
        {1500, "kWh", 5, "1.50000"},
        {INT64_MIN, "MWh", 0, "-9223372036854.775808"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;
        buf_init(&b, 100);
        quantity_print(rows[i].value, unit_find(rows[i].unit), rows[i].decimals, &b);
        assert_text(&b, rows[i].text);
    }
}
END_TEST

START_TEST(decimals_of_a_print_are_bounded)
{
    struct buf b;
    buf_init(&b, 100);
    quantity_print(1, unit_find("m3"), UINT32_MAX, &b);
    assert_text(&b, "0.001000000000000000");
}
END_TEST

Suite *suite_quantity(void)
{
    Suite *s = suite_create("quantity");
    TCase *t = tcase_create("quantity");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, decimals_keep_the_scale_they_are_written_with);
    tcase_add_test(t, exponents_are_exact);
    tcase_add_test(t, what_is_no_number_is_refused);
    tcase_add_test(t, numbers_that_do_not_fit_are_refused);
    tcase_add_test(t, long_runs_of_zeros_and_exponents_do_not_cancel_wrongly);
    tcase_add_test(t, printing_and_parsing_agree);
    tcase_add_test(t, rescaling_is_exact_or_refused);
    tcase_add_test(t, decimals_compare_by_value);
    tcase_add_test(t, rounding_modes_hold_for_all_small_quotients);
    tcase_add_test(t, rounding_holds_at_the_edge_of_128_bits);
    tcase_add_test_raise_signal(t, dividing_by_nothing_is_our_bug, SIGABRT);
    tcase_add_test_raise_signal(t, an_unknown_rounding_is_our_bug, SIGABRT);
    tcase_add_test_raise_signal(t, a_power_above_18_is_our_bug, SIGABRT);
    tcase_add_test(t, powers_and_checked_arithmetic);
    tcase_add_test(t, every_unit_is_found_and_sane);
    tcase_add_test(t, gallons_and_cubic_feet_are_exact_and_their_limits_in_litres);
    tcase_add_test(t, quantities_are_integers_of_the_smallest_unit);
    tcase_add_test(t, quantities_print_with_the_dials_decimals);
    tcase_add_test(t, decimals_of_a_print_are_bounded);
    suite_add_tcase(s, t);
    return s;
}
