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
Suite *suite_money(void)
{
    Suite *s = suite_create("money");
    TCase *t = tcase_create("money");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, currencies_have_the_digits_of_iso_4217);
    tcase_add_test(t, sums_that_overflow_are_refused);
    tcase_add_test(t, amounts_are_read_and_printed_in_minor_units);
    tcase_add_test(t, amounts_that_lose_digits_or_are_none_are_refused);
    suite_add_tcase(s, t);
    return s;
}
