/* The reference that a payment names, and the barcode that holds it. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "check_domain.h"
#include "domain/pay_code.h"

#define GLN "7707232377896"
static const struct pay_biller gs1 = {PAY_CODE_GS1_128, GLN, ""};
static const struct pay_biller plain = {PAY_CODE_128, "", "4321"};
static const struct pay_biller plain_none = {PAY_CODE_128, "", ""};

START_TEST(a_reference_is_read_back)
{
    static const struct pay_reference all[] = {
        {2016, 17}, {0, 1}, {9999, 99999999}, {2017, 100000000}, {0, 999999999999999}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        char text[PAY_REFERENCE_MAX + 1];
        struct pay_reference r = {-1, -1};
        pay_reference_print(&all[i], text);
        ck_assert_msg(pay_reference_read(text, &r), "%s", text);
        ck_assert_int_eq(r.year, all[i].year);
        ck_assert_int_eq(r.number, all[i].number);
    }
    char text[PAY_REFERENCE_MAX + 1];
    pay_reference_print(&all[0], text);
    ck_assert_str_eq(text, "20160000001709"); /* 98 - 201600000017 * 100 mod 97 */
}
END_TEST

/* What MOD 97-10 is for: one digit wrong, two neighbours changed places. */
START_TEST(a_slip_is_no_reference)
{
    static const struct pay_reference bill = {2016, 12345678};
    char text[PAY_REFERENCE_MAX + 1], slip[PAY_REFERENCE_MAX + 2];
    struct pay_reference r;
    pay_reference_print(&bill, text);
    for (size_t i = 0; text[i] != '\0'; i++) {
        memcpy(slip, text, sizeof text);
        for (char c = '0'; c <= '9'; c++) {
            slip[i] = c;
            ck_assert(c == text[i] || !pay_reference_read(slip, &r));
        }
        memcpy(slip, text, sizeof text);
        slip[i] = text[i + 1] != '\0' ? text[i + 1] : text[i];
        slip[i + 1] = text[i + 1] != '\0' ? text[i] : '\0';
        ck_assert(strcmp(slip, text) == 0 || !pay_reference_read(slip, &r));
    }
    (void)snprintf(slip, sizeof slip, "%.13s", text);
    ck_assert(!pay_reference_read(slip, &r) && !pay_reference_read("", &r));
    ck_assert(!pay_reference_read("20160000000098", &r)); /* number 0 */
    ck_assert(!pay_reference_read("0020160001234567801", &r));
}
END_TEST

START_TEST(a_gln_has_a_check_digit)
{
    ck_assert(gln_fits(GLN) && gln_fits("4006381333931"));
    for (char c = '0'; c <= '9'; c++) {
        char text[] = GLN;
        text[12] = c;
        ck_assert(gln_fits(text) == (c == '6'));
    }
    ck_assert(!gln_fits("770723237789") && !gln_fits("77072323778960") &&
              !gln_fits("770723237789A"));
}
END_TEST

static void expect(const struct pay_biller *b, const struct pay_demand *d, const char *want)
{
    struct buf out;
    struct err e = ERR_INIT;
    struct pay_reference r;
    buf_init(&out, 256);
    ck_assert_msg(pay_code_print(b, d, &out, &e) == ERR_OK, "%s", e.text);
    ck_assert_str_eq(buf_str(&out), want);
    ck_assert(pay_code_read(b, want, &r));
    ck_assert(r.year == d->reference.year && r.number == d->reference.number);
    buf_release(&out);
}

START_TEST(a_barcode_holds_who_what_how_much_and_until_when)
{
    struct pay_demand d = {{2016, 17}, 140450, 2, true, {2016, 4, 15}};
    expect(&gs1, &d, "(415)" GLN "(8020)20160000001709(3902)0000140450(96)20160415");
    expect(&plain, &d, "43212016000000170900000014045020160415");
    expect(&plain_none, &d, "2016000000170900000014045020160415");
    d.amount = 140400;
    expect(&gs1, &d, "(415)" GLN "(8020)20160000001709(3900)0000001404(96)20160415");
    d.amount = INT64_C(12345678901);
    expect(&gs1, &d, "(415)" GLN "(8020)20160000001709(3902)012345678901(96)20160415");
    d = (struct pay_demand){{0, 3}, 5, 0, false, {0, 0, 0}};
    expect(&gs1, &d, "(415)" GLN "(8020)00000000000389(3900)0000000005");
    expect(&plain, &d, "43210000000000038900000000000500000000");
}
END_TEST

START_TEST(more_digits_than_the_form_takes_are_refused)
{
    struct pay_demand d = {{2016, 17}, INT64_C(99999999999999), 2, false, {0, 0, 0}};
    struct buf out;
    struct err e = ERR_INIT;
    buf_init(&out, 256);
    ck_assert_int_eq(pay_code_print(&gs1, &d, &out, &e), ERR_OK);
    d.amount += 2;
    ck_assert_int_eq(pay_code_print(&gs1, &d, &out, &e), ERR_RANGE);
    d.amount = INT64_C(999999999999);
    ck_assert_int_eq(pay_code_print(&plain, &d, &out, &e), ERR_OK);
    d.amount++;
    ck_assert_int_eq(pay_code_print(&plain, &d, &out, &e), ERR_RANGE);
    buf_release(&out);
}
END_TEST

START_TEST(scanners_and_files_write_it_in_their_ways)
{
    static const char *const same[] = {
        "20160000001709",
        "C1415" GLN "802020160000001709",
        "]C1415" GLN "802020160000001709\x1D"
        "39020000140450\x1D"
        "9620160415",
        "415" GLN "802020160000001709\x1D"
        "39020000140450\x1D"
        "9620160415",
        "415" GLN "802020160000001709390200001404509620160415",
        "(415) " GLN " (8020) 20160000001709",
        "415" GLN "802020160000001709",
        "415" GLN "8020201600000017099620160415",
    };
    static const char *const none[] = {
        "415"
        "7707232377889"
        "802020160000001709", /* another biller's */
        "415" GLN "802020160000001776",
        "415" GLN "8020",

        "415",
        "",
        "]C",
        "]C1",
        "415" GLN "80202016000000170912345",
        "2016-00000017",
        "43212016000000170900000014045020160415",
        "(415)" GLN "(8020)20160000001709\n",
    };
    struct pay_reference r;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        r = (struct pay_reference){0, 0};
        ck_assert_msg(pay_code_read(&gs1, same[i], &r) && r.year == 2016 && r.number == 17,
                      "%s", same[i]);
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        ck_assert_msg(!pay_code_read(&gs1, none[i], &r), "%s", none[i]);
    }
    ck_assert(!pay_code_read(&plain, "43222016000000170900000014045020160415", &r));
    ck_assert(!pay_code_read(&plain, "4321201600000017090000001404502016041", &r));
}
END_TEST

Suite *suite_pay_code(void)
{
    Suite *s = suite_create("pay_code");
    TCase *t = tcase_create("pay_code");
    tcase_add_test(t, a_reference_is_read_back);
    tcase_add_test(t, a_slip_is_no_reference);
    tcase_add_test(t, a_gln_has_a_check_digit);
    tcase_add_test(t, a_barcode_holds_who_what_how_much_and_until_when);
    tcase_add_test(t, more_digits_than_the_form_takes_are_refused);
    tcase_add_test(t, scanners_and_files_write_it_in_their_ways);
    suite_add_tcase(s, t);
    return s;
}
