/* Tax identifiers: numbers that their authorities or owners publish, and what a slip of the pen
 * makes of them. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "check_domain.h"
#include "domain/tax_id.h"

/* Published by their owners (companies, tax authorities) or as examples by the authority. */
static const struct {
    const char *scheme, *good;
    bool checked; /* has a check digit: any other digit in its place is refused */
} good[] = {
    {"ar_cuit", "30-54668997-9", true},
    {"ar_cuit", "33693450239", true},
    {"ar_dni", "12.345.678", false},
    {"br_cnpj", "00.000.000/0001-91", true},
    {"br_cnpj", "12.ABC.345/01DE-35", true},
    {"br_cpf", "390.533.447-05", true},
    {"cl_rut", "76.086.428-5", true},
    {"cl_rut", "12.345.670-k", true},
    {"co_cc", "79.123.456", false},
    {"co_nit", "800.197.268-4", true},
    {"co_nit", "890904996-1", true},
    {"co_nit", "8002498601", true},
    {"cr_cedula", "3-101-123456", false},
    {"ec_ci", "1710034065", true},
    {"ec_ruc", "1710034065001", false},
    {"ec_ruc", "1760013210001", false},
    {"ec_ruc", "1793213150001", false},
    {"mx_rfc", "GODE561231GR8", false},
    {"mx_rfc",
     "\xC3\x91"
     "AB-930714-8T4",
     false},
    {"mx_rfc", "XAXX010101000", false},
    {"pe_dni", "12345678", false},
    {"pe_ruc", "20131312955", true},
};
#define GOOD (sizeof good / sizeof good[0])

START_TEST(what_is_published_is_taken)
{
    for (size_t i = 0; i < GOOD; i++) {
        const struct tax_scheme *s = tax_scheme_find(good[i].scheme);
        ck_assert_msg(s != NULL && tax_id_fits(s, good[i].good), "%s %s", good[i].scheme,
                      good[i].good);
    }
    for (size_t i = 0; i < tax_scheme_count; i++) {
        bool shown = false;
        for (size_t n = 0; n < GOOD; n++) {
            shown = shown || strcmp(tax_schemes[i].name, good[n].scheme) == 0;
        }
        ck_assert_msg(shown, "%s has no example here", tax_schemes[i].name);
    }
    ck_assert_ptr_null(tax_scheme_find("nit"));
}
END_TEST

START_TEST(another_check_digit_is_refused)
{
    for (size_t i = 0; i < GOOD; i++) {
        char text[TAX_ID_MAX + 1];
        size_t last = strlen(good[i].good) - 1;
        for (char c = '0'; good[i].checked && c <= '9'; c++) {
            (void)snprintf(text, sizeof text, "%s", good[i].good);
            text[last] = c;
            ck_assert_msg(c == good[i].good[last] ||
                              !tax_id_fits(tax_scheme_find(good[i].scheme), text),
                          "%s %s", good[i].scheme, text);
        }
    }
}
END_TEST

START_TEST(what_is_none_is_refused)
{
    static const struct {
        const char *scheme, *text;
    } bad[] = {
        {"ar_cuit", "31-54668997-9"},
        {"ar_cuit", "30-54668997"},
        {"ar_dni", "123456"},
        {"ar_dni", "123456789"},
        {"br_cnpj", "00000000000000"},
        {"br_cpf", "11111111111"},
        {"br_cnpj", "12ABC34501DE3A"},
        {"cl_rut", "K-5"},
        {"cl_rut", "5"},
        {"co_cc", "0123456"},
        {"co_cc", "1234"},
        {"co_cc", "79123456-1"},
        {"co_nit", "79123456"},
        {"co_nit", "8001972684-"},
        {"co_nit", "890.904.99X-1"},
        {"cr_cedula", "012345678"},
        {"cr_cedula", "12345678"},
        {"cr_cedula", "1234567890123"},
        {"ec_ci", "2510034065"},
        {"ec_ruc", "1710034065000"},
        {"ec_ruc", "1760013220001"},
        {"ec_ruc", "1710034066001"},
        {"mx_rfc", "GODE561331GR8"},
        {"mx_rfc", "GODE560230GR8"},
        {"mx_rfc", "GO561231GR8"},
        {"mx_rfc", "GODE561231GRB"},
        {"mx_rfc", "GODE561231OO8"},
        {"pe_dni", "1234567"},
        {"pe_ruc", "21131312955"},
        {"pe_ruc", ""},
        {"pe_ruc", "2013131295\xC3\xB5"},
        {"pe_ruc", "20131312955\n"},
        {"co_nit", "890904996-1                                 "},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!tax_id_fits(tax_scheme_find(bad[i].scheme), bad[i].text), "%s %s",
                      bad[i].scheme, bad[i].text);
    }
}
END_TEST

START_TEST(only_what_counts_is_left)
{
    char plain[TAX_ID_PLAIN_MAX + 1];
    bool dashed = false;
    ck_assert(tax_id_plain(" 900.123.456-7 ", plain, &dashed) && dashed);
    ck_assert_str_eq(plain, "9001234567");
    ck_assert(tax_id_plain("9-001234567", plain, &dashed) && !dashed);
    ck_assert(tax_id_plain("\xC3\xB1x", plain, NULL));
    ck_assert_str_eq(plain, "\xD1X");
    ck_assert(tax_id_plain("12345678901234567890", plain, NULL));
    ck_assert(!tax_id_plain("123456789012345678901", plain, NULL));
    ck_assert(!tax_id_plain(" .-", plain, NULL) && !tax_id_plain("1_2", plain, NULL));
}
END_TEST

Suite *suite_tax_id(void)
{
    Suite *s = suite_create("tax_id");
    TCase *t = tcase_create("tax_id");
    tcase_add_test(t, what_is_published_is_taken);
    tcase_add_test(t, another_check_digit_is_refused);
    tcase_add_test(t, what_is_none_is_refused);
    tcase_add_test(t, only_what_counts_is_left);
    suite_add_tcase(s, t);
    return s;
}
