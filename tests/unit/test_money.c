#include <config.h>

#include "base/money.h"

#include <string.h>

#include "tests/unit/check_base.h"

START_TEST(currencies_have_the_digits_of_iso_4217)
{
    static const struct {
        const char *code;
        uint8_t digits;
    } rows[] = {{"CRC", 2}, {"MXN", 2}, {"COP", 2}, {"ARS", 2},
                {"USD", 2}, {"EUR", 2}, {"CLP", 0}, {"PYG", 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct currency *c = currency_find(rows[i].code);
        ck_assert_ptr_nonnull(c);
        ck_assert_str_eq(c->code, rows[i].code);
        ck_assert_uint_eq(c->digits, rows[i].digits);
    }
    ck_assert_str_eq(currency_find("CRC")->symbol, "₡");
    ck_assert_ptr_null(currency_find("ZZZ"));
    ck_assert_ptr_null(currency_find("crc"));
    ck_assert_ptr_null(currency_find(""));
    ck_assert_ptr_null(currency_find(NULL));
}
END_TEST

START_TEST(sums_that_overflow_are_refused)
{
    struct money out;
    OK(money_add((struct money){INT64_MAX - 5}, (struct money){5}, &out, e));
    ck_assert_int_eq(out.minor, INT64_MAX);
    FAILS(ERR_RANGE, money_add((struct money){INT64_MAX - 5}, (struct money){6}, &out, e));
    OK(money_sub((struct money){INT64_MIN + 5}, (struct money){5}, &out, e));
    ck_assert_int_eq(out.minor, INT64_MIN);
    FAILS(ERR_RANGE, money_sub((struct money){INT64_MIN + 5}, (struct money){6}, &out, e));
}
END_TEST

START_TEST(amounts_are_read_and_printed_in_minor_units)
{
    static const struct {
        const char *text, *currency;
        int64_t minor;
        const char *printed;
    } rows[] = {
        {"1404.50", "CRC", 140450, "1404.50"},
        {"0.01", "USD", 1, "0.01"},
        {"-80", "EUR", -8000, "-80.00"},
        {"1500", "CLP", 1500, "1500"},
        {"1500.00", "CLP", 1500, "1500"},
        {"12.3400", "USD", 1234, "12.34"},
        {"-92233720368547758.08", "USD", INT64_MIN, "-92233720368547758.08"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct currency *c = currency_find(rows[i].currency);
        struct money m;
        struct buf b;
        buf_init(&b, 100);
        OK(money_parse(rows[i].text, strlen(rows[i].text), c, &m, e));
        ck_assert_int_eq(m.minor, rows[i].minor);
        money_print(m, c, &b);
        assert_text(&b, rows[i].printed);
    }
}
END_TEST

START_TEST(amounts_that_lose_digits_or_are_none_are_refused)
{
    struct money m;
    const struct currency *usd = currency_find("USD"), *clp = currency_find("CLP");
    FAILS(ERR_RANGE, money_parse("0.001", 5, usd, &m, e));
    FAILS(ERR_RANGE, money_parse("0.5", 3, clp, &m, e));
    FAILS(ERR_RANGE, money_parse("92233720368547758.08", 20, usd, &m, e));
    FAILS(ERR_RANGE, money_parse("99999999999999999999", 20, usd, &m, e));
    FAILS(ERR_PARSE, money_parse("1e3", 3, usd, &m, e));
    FAILS(ERR_PARSE, money_parse("1E3", 3, usd, &m, e));
    FAILS(ERR_PARSE, money_parse("1,404.50", 8, usd, &m, e));
    FAILS(ERR_PARSE, money_parse("", 0, usd, &m, e));
    char digits[200];
    struct err err = ERR_INIT;
    memset(digits, 'e', sizeof(digits)); /* a long wrong text is quoted in part */
    ck_assert_int_eq(money_parse(digits, sizeof(digits), usd, &m, &err), ERR_PARSE);
    ck_assert_uint_lt(strlen(err.text), 100);
}
END_TEST

/* The surcharges of the requirement document's own tables. */
START_TEST(charges_of_the_document_come_out_to_the_cent)
{
    struct money m;
    const struct currency *crc = currency_find("CRC");
    OK(money_of(6042 - 12, unit_find("l"), (struct decimal){15, 2}, crc, ROUND_HALF_UP, &m, e));
    ck_assert_int_eq(m.minor, 90450);
    OK(money_of(34, unit_find("Wh"), (struct decimal){1, 0}, crc, ROUND_HALF_UP, &m, e));
    ck_assert_int_eq(m.minor, 3400);
}
END_TEST

START_TEST(a_product_is_rounded_once)
{
    static const struct {
        int64_t quantity;
        const char *unit;
        struct decimal price;
        const char *currency;
        enum rounding mode;
        int64_t minor;
    } rows[] = {
        {1005, "m3", {1, 0}, "USD", ROUND_HALF_UP, 101}, /* 1.005 */
        {1005, "m3", {1, 0}, "USD", ROUND_HALF_EVEN, 100},
        {1015, "m3", {1, 0}, "USD", ROUND_HALF_EVEN, 102},
        {1005, "m3", {1, 0}, "USD", ROUND_DOWN, 100},
        {1001, "m3", {1, 0}, "USD", ROUND_UP, 101},
        {-1005, "m3", {1, 0}, "USD", ROUND_HALF_UP, -101},
        {1, "MWh", {123456789012345678, 18}, "USD", ROUND_UP, 1}, /* 1.2e-7 */
        {1, "MWh", {123456789012345678, 18}, "USD", ROUND_HALF_UP, 0},
        {7, "l", {3, 0}, "USD", ROUND_DOWN, 2100},
        {7, "kWh", {3500, 0}, "CLP", ROUND_HALF_UP, 25},          /* 24.5 */
        {333333, "kWh", {123456, 6}, "CRC", ROUND_HALF_UP, 4115}, /* 41.1519... */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct money m;
        OK(money_of(rows[i].quantity, unit_find(rows[i].unit), rows[i].price,
                    currency_find(rows[i].currency), rows[i].mode, &m, e));
        ck_assert_msg(m.minor == rows[i].minor, "row %zu: %lld", i, (long long)m.minor);
    }
}
END_TEST

START_TEST(products_beyond_64_bits_are_refused_not_wrapped)
{
    struct money m;
    const struct currency *usd = currency_find("USD");
    const struct unit *l = unit_find("l"), *mwh = unit_find("MWh");
    FAILS(ERR_RANGE,
          money_of(INT64_MAX, l, (struct decimal){INT64_MAX, 0}, usd, ROUND_DOWN, &m, e));
    FAILS(ERR_RANGE,
          money_of(INT64_MIN, l, (struct decimal){INT64_MAX, 0}, usd, ROUND_DOWN, &m, e));
    FAILS(ERR_RANGE, money_of(INT64_MAX, l, (struct decimal){1, 0}, usd, ROUND_DOWN, &m, e));
    FAILS(ERR_RANGE, money_of(INT64_MIN, l, (struct decimal){1, 0}, usd, ROUND_DOWN, &m, e));
    OK(money_of(INT64_MAX, l, (struct decimal){1, 2}, usd, ROUND_DOWN, &m, e));
    ck_assert_int_eq(m.minor, INT64_MAX);
    OK(money_of(INT64_MIN, l, (struct decimal){1, 2}, usd, ROUND_DOWN, &m, e));
    ck_assert_int_eq(m.minor, INT64_MIN);
    OK(money_of(INT64_MAX, mwh, (struct decimal){INT64_MAX, 18}, usd, ROUND_DOWN, &m, e));
    ck_assert_int_eq(m.minor, INT64_C(8507059173023461)); /* 85.07...e36 / 10^22 */
}
END_TEST

Suite *suite_money(void)
{
    Suite *s = suite_create("money");
    TCase *t = tcase_create("money");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, currencies_have_the_digits_of_iso_4217);
    tcase_add_test(t, sums_that_overflow_are_refused);
    tcase_add_test(t, amounts_are_read_and_printed_in_minor_units);
    tcase_add_test(t, amounts_that_lose_digits_or_are_none_are_refused);
    tcase_add_test(t, charges_of_the_document_come_out_to_the_cent);
    tcase_add_test(t, a_product_is_rounded_once);
    tcase_add_test(t, products_beyond_64_bits_are_refused_not_wrapped);
    suite_add_tcase(s, t);
    return s;
}
