/* Numbers of bank accounts, as banks of different countries and formats write them. */
#include <config.h>

#include "app/bank_match.h"

#include <string.h>

#include "tests/unit/check_app.h"

START_TEST(a_bank_account_is_the_same_however_it_is_written)
{
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {"NL26 VAYB 8060 4768 90", "NL26VAYB8060476890", true},
        {"NL26VAYB8060476890EUR", "NL26VAYB8060476890", true},
        {"NL26VAYB8060476890EUR", "NL26VAYB8060476890USD", true},
        {"VAYBNL2A/NL26VAYB8060476890", "NL26VAYB8060476890", true},
        {"DE51210501700012345678", "21050170/12345678", true},
        {"21050170/0012345678EUR", "21050170/12345678", true},
        {"DE51210501700012345678", "21050170/12345679", false},
        {"DE51210501700012345678", "21050171/12345678", false},
        {"DE5121050170001234567", "21050170/1234567", false},
        {"12345678/", "12345678/", true},
        {"12345678/", "12345678", false},
        {"0039364/12345678912", "39364/12345678912", false},
        {"001-2345-EUR", "001-2345-", false}, /* a currency stands behind a digit */
        {"123ABC", "123", false},
        {"EUR", "", false},
        {"", "", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg(bank_account_same(rows[i].a, rows[i].b) == rows[i].same, "%s, %s",
                      rows[i].a, rows[i].b);
        ck_assert(bank_account_same(rows[i].b, rows[i].a) == rows[i].same);
    }
}
END_TEST

START_TEST(a_number_that_is_too_long_is_cut)
{
    char out[BANK_ACCOUNT_SIZE];
    char text[200];
    memset(text, '7', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    bank_account_plain(text, out);
    ck_assert_uint_eq(strlen(out), BANK_ACCOUNT_SIZE - 1);
}
END_TEST

Suite *suite_bank_match(void)
{
    Suite *s = suite_create("bank match");
    TCase *tc = tcase_create("bank match");
    tcase_add_test(tc, a_bank_account_is_the_same_however_it_is_written);
    tcase_add_test(tc, a_number_that_is_too_long_is_cut);
    suite_add_tcase(s, tc);
    return s;
}
