#include <config.h>

#include "base/text.h"

#include <string.h>

#include "tests/unit/check_base.h"

START_TEST(search_forgets_case_and_accents)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"José", "jose"},
        {"JOSÉ MUÑOZ", "jose munoz"},
        {"Jose\u0301", "jose"}, /* the accent as a character of its own */
        {"Ångström", "angstrom"},
        {"Straße", "strasse"},
        {"STRAẞE", "strasse"},
        {"Æther œuvre", "aether oeuvre"},
        {"Þór ĳ Ĳ", "thor ij ij"},
        {"Łódź Đặng Øre", "lodz dang ore"},
        {"Nguyễn Thị Ước", "nguyen thi uoc"},
        {"İstanbul ışık", "istanbul isik"},
        {"ΑΘΗΝΑ Москва", "αθηνα москва"},
        {"中文 12 m³", "中文 12 m³"},
        {"×÷Ƣ", "×÷ƣ"}, /* neighbours of letters in the tables */
        {"a\xff"
         "B",
         "a\xff"
         "b"},
        {"ſſ", "ss"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;
        buf_init(&b, 1000);
        text_fold(rows[i][0], strlen(rows[i][0]), &b);
        assert_text(&b, rows[i][1]);
    }
}
END_TEST

START_TEST(folding_keeps_utf8_and_is_stable)
{
    for (uint32_t cp = 1; cp < 0x20000; cp++) {
        char s[4];
        struct buf once, twice;
        if (cp >= 0xD800 && cp <= 0xDFFF) {
            continue;
        }
        buf_init(&once, 100);
        buf_init(&twice, 100);
        text_fold(s, utf8_encode(cp, s), &once);
        QUICK(utf8_valid(buf_str(&once), once.len));
        text_fold(buf_str(&once), once.len, &twice);
        ck_assert_msg(strcmp(buf_str(&once), buf_str(&twice)) == 0, "U+%04X", cp);
        buf_release(&once);
        buf_release(&twice);
    }
}
END_TEST

Suite *suite_text_fold(void)
{
    Suite *s = suite_create("text_fold");
    TCase *t = tcase_create("text_fold");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, search_forgets_case_and_accents);
    tcase_add_test(t, folding_keeps_utf8_and_is_stable);
    suite_add_tcase(s, t);
    return s;
}
