#include <config.h>

#include "base/text.h"

#include <locale.h>
#include <string.h>

#include "tests/unit/check_base.h"

/* What Unicode says about a code point's encoding, written the other way round. */
static bool is_scalar(uint32_t cp)
{
    return cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF);
}

START_TEST(every_code_point_goes_there_and_back)
{
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char bytes[4];
        uint32_t back;
        size_t n = utf8_encode(cp, bytes);
        size_t expected = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
        QUICK(n == expected);
        if (is_scalar(cp)) {
            QUICK(utf8_decode(bytes, n, &back) == n);
            QUICK(back == cp);
            QUICK((utf8_decode(bytes, n - 1 > 0 ? n - 1 : 1, &back) != 0) == (n == 1));
        } else {
            QUICK(utf8_decode(bytes, n, &back) == 0);
        }
    }
}
END_TEST

/* All pairs of first bytes, with fine and wrong bytes behind them: valid exactly when the
 * decoded value, encoded again, gives the same bytes. */
START_TEST(only_the_shortest_form_is_valid)
{
    static const unsigned char tails[][2] = {{0x80, 0x80}, {0xBF, 0xBF}, {0x80, 0x7F},
                                             {0xC0, 0x80}, {0x41, 0x80}, {0xA0, 0x9F}};
    size_t valid = 0;
    for (unsigned a = 0x80; a < 0x100; a++) {
        for (unsigned b = 0; b < 0x100; b++) {
            for (size_t t = 0; t < sizeof(tails) / sizeof(tails[0]); t++) {
                char s[4] = {(char)a, (char)b, (char)tails[t][0], (char)tails[t][1]};
                char again[4];
                uint32_t cp;
                size_t n = utf8_decode(s, 4, &cp);
                if (n > 0) {
                    valid++;
                    ck_assert(is_scalar(cp));
                    ck_assert_uint_eq(utf8_encode(cp, again), n);
                    ck_assert_int_eq(memcmp(s, again, n), 0);
                }
            }
        }
    }
    /* 2 bytes: 30 leads x 64 x 6 tails; 3: 16 leads x 64, without 32 overlong and 32
     * surrogates, x 4 tails whose first byte continues; 4: 48 + 3 x 64 + 16 second bytes x 3
     * tails. */
    ck_assert_uint_eq(valid, 30 * 64 * 6 + (16 * 64 - 64) * 4 + (48 + 3 * 64 + 16) * 3);
}
END_TEST

START_TEST(validity_of_whole_strings)
{
    static const struct {
        const char *s;
        bool valid;
    } rows[] = {
        {"", true},
        {"lectura normal de un medidor", true},
        {"José Ñandú — 12 m³", true},
        {"😀😀", true},
        {"ascii ascii \xff", false},
        {"\xc0\x80", false},
        {"\xe0\x80\x80", false},
        {"\xed\xa0\x80", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"12345678\xc3", false},
        {"\x80", false},
        {"1234567\xc3\xa9", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_int_eq(utf8_valid(rows[i].s, strlen(rows[i].s)), rows[i].valid);
    }
    ck_assert(utf8_valid("a\0b", 3));
}
END_TEST

START_TEST(widths_are_columns)
{
    ck_assert_int_eq(cp_width('a'), 1);
    ck_assert_int_eq(cp_width(0xE9), 1);
    ck_assert_int_eq(cp_width(0x4E2D), 2);
    ck_assert_int_eq(cp_width(0x1F600), 2);
    ck_assert_int_eq(cp_width(0x0301), 0);
    ck_assert_int_eq(cp_width(0x1B), 0);
    ck_assert_int_eq(cp_width(0x0378), 0); /* unassigned */
    ck_assert_uint_eq(text_width("José 中文", strlen("José 中文")), 9);
    ck_assert_uint_eq(text_width("e\u0301", 3), 1);
    ck_assert_uint_eq(text_width("", 0), 0);
    ck_assert_uint_eq(text_width("\xff\xff", 2), 2);
}
END_TEST

START_TEST(widths_do_not_depend_on_the_process_locale)
{
    ck_assert_ptr_nonnull(setlocale(LC_ALL, "C"));
    ck_assert_int_eq(cp_width(0xE9), 1);
    ck_assert_int_eq(cp_width(0x4E2D), 2);
    ck_assert_str_eq(setlocale(LC_CTYPE, NULL), "C"); /* and it is left alone */
}
END_TEST

START_TEST(fitting_takes_whole_characters)
{
    static const struct {
        const char *s;
        size_t columns, bytes, used;
    } rows[] = {
        {"medidor", 3, 3, 3},
        {"medidor", 7, 7, 7},
        {"medidor", 9, 7, 7},
        {"José", 3, 3, 3},
        {"José", 4, 5, 4},
        {"中文", 1, 0, 0},
        {"中文", 2, 3, 2},
        {"中文", 3, 3, 2},
        {"中文", 4, 6, 4},
        {"e\u0301x", 1, 3, 1},
        {"e\u0301x", 2, 4, 2},
        {"", 5, 0, 0},
        {"abc", 0, 0, 0},
        {"\u0301", 0, 2, 0},
        {"\xff"
         "a",
         1, 1, 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t used;
        ck_assert_uint_eq(text_fit(rows[i].s, strlen(rows[i].s), rows[i].columns, &used),
                          rows[i].bytes);
        ck_assert_uint_eq(used, rows[i].used);
        ck_assert_uint_eq(text_fit(rows[i].s, strlen(rows[i].s), rows[i].columns, NULL),
                          rows[i].bytes);
    }
}
END_TEST

START_TEST(dangerous_text_becomes_visible_tokens)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"agua 12 m³ — José", "agua 12 m³ — José"},
        {"\x1b[31mrojo", "␛[31mrojo"},
        {"a\nb\tc\r", "a␊b␉c␍"},
        {"\x7f", "␡"},
        {"\xc2\x80\xc2\x9b", "<U+0080><U+009B>"}, /* C1: 9B is CSI */
        {"\u202eevil\u202c", "<U+202E>evil<U+202C>"},
        {"\u2066\u2069\u061c\u200e\u200f", "<U+2066><U+2069><U+061C><U+200E><U+200F>"},
        {"a\u200bb\u200dc\u2060\ufeff", "a<U+200B>b<U+200D>c<U+2060><U+FEFF>"},
        {"so\u00adft", "so<U+00AD>ft"},
        {"\u2028\u2029", "<U+2028><U+2029>"},
        {"\ufe0f\U000e0041", "<U+FE0F><U+E0041>"},
        {"\u3164\uffa0\u115f", "<U+3164><U+FFA0><U+115F>"}, /* blanks that are letters */
        {"\u0378", "<U+0378>"},
        {"\xff\xc3(", "<FF><C3>("},
        {"\xed\xa0\x80", "<ED><A0><80>"},
        {"e\u0301", "e\u0301"},
        {"e\u0301\u0302", "e\u0301\u0302"},
        {"e\u0301\u0302\u0303", "e\u0301\u0302<+1>"},
        {"e\u0301\u0302\u0303\u0304\u0305x\u0301", "e\u0301\u0302<+3>x\u0301"},
        {"\u0301a", "\u25cc\u0301a"},
        {"\u0301\u0302\u0303", "\u25cc\u0301\u0302<+1>"},
        {"e\u0301\u0302\u0303\xff", "e\u0301\u0302<+1><FF>"},
        {"\n\u0301", "␊\u0301"},
        {"中\u0301", "中\u0301"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;
        char fixed[200];
        buf_init(&b, 1000);
        text_sanitize(rows[i][0], strlen(rows[i][0]), &b);
        text_sanitize_to(rows[i][0], strlen(rows[i][0]), fixed, sizeof(fixed));
        ck_assert_str_eq(fixed, rows[i][1]);
        assert_text(&b, rows[i][1]);
    }
}
END_TEST

START_TEST(nul_is_shown_too)
{
    struct buf b;
    buf_init(&b, 100);
    text_sanitize("a\0b", 3, &b);
    assert_text(&b, "a␀b");
}
END_TEST

/* All of C0 and C1, alone and in front of text. */
START_TEST(no_control_byte_survives)
{
    for (uint32_t cp = 0; cp < 0xA0; cp++) {
        char s[8];
        struct buf b;
        if (cp >= 0x20 && cp < 0x7F) {
            continue;
        }
        size_t n = utf8_encode(cp, s);
        s[n++] = 'x';
        buf_init(&b, 100);
        text_sanitize(s, n, &b);
        for (size_t i = 0; i < b.len; i++) {
            ck_assert_uint_ge((unsigned char)b.data[i], 0x20);
            ck_assert_uint_ne((unsigned char)b.data[i], 0x7F);
        }
        ck_assert_uint_gt(b.len, 2);
        ck_assert_ptr_null(strstr(b.data, "\xc2\x9b"));
        buf_release(&b);
    }
}
END_TEST

static bool is_bad(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || (cp >= 0x200B && cp <= 0x200F) ||
           (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF ||
           cp == 0x061C || cp == 0xAD;
}

static size_t random_text(uint64_t *seed, char *out, size_t size)
{
    static const uint32_t favourites[] = {0x1B,   0x9B,    0x202E, 0x0301, 0x0302, 0x200B,
                                          0x4E2D, 0x1F600, 0xE9,   0x0A,   0xFE0F, 0xAD};
    size_t n = 0;
    while (n + 4 < size) {
        switch (random_below(seed, 4)) {
        case 0:
            out[n++] = (char)random_next(seed);
            break;
        case 1:
            out[n++] = (char)(0x20 + random_below(seed, 0x5F));
            break;
        case 2:
            n += utf8_encode(favourites[random_below(seed, 12)], out + n);
            break;
        default:
            n += utf8_encode((uint32_t)random_below(seed, 0x30000), out + n);
        }
    }
    return n;
}

START_TEST(random_text_is_made_safe_and_stays_so)
{
    uint64_t seed = 11;
    for (int round = 0; round < 30000; round++) {
        char s[64], fixed[40];
        struct buf b, twice;
        size_t n = random_text(&seed, s, 5 + random_below(&seed, 59)), marks = 0;
        buf_init(&b, 2000);
        buf_init(&twice, 2000);
        text_sanitize(s, n, &b);
        QUICK(utf8_valid(buf_str(&b), b.len));
        for (size_t i = 0; i < b.len;) {
            uint32_t cp;
            i += utf8_decode(b.data + i, b.len - i, &cp);
            if (is_bad(cp)) {
                ck_abort_msg("seed 11 round %d: U+%04X", round, cp);
            }
            marks = cp_width(cp) == 0 ? marks + 1 : 0;
            QUICK(marks <= 2);
        }
        text_sanitize(buf_str(&b), b.len, &twice);
        ck_assert_str_eq(buf_str(&twice), buf_str(&b));
        text_sanitize_to(s, n, fixed, sizeof(fixed));
        QUICK(strncmp(fixed, buf_str(&b), strlen(fixed)) == 0);
        buf_release(&b);
        buf_release(&twice);
    }
}
END_TEST

START_TEST(a_fixed_copy_is_cut_before_a_token_not_in_it)
{
    char out[32];
    for (size_t size = 1; size < 20; size++) {
        memset(out, 'z', sizeof(out));
        text_sanitize_to("ab\u202e中c", strlen("ab\u202e中c"), out, size);
        /* ab, the token of 8 bytes, 中 of 3, c */
        size_t expected = size > 14   ? 14
                          : size > 13 ? 13
                          : size > 10 ? 10
                          : size > 2  ? 2
                                      : size - 1;
        ck_assert_uint_eq(strlen(out), expected);
    }
}
END_TEST

START_TEST(sanitizing_stops_with_a_full_buffer)
{
    struct buf b;
    buf_init(&b, 4);
    text_sanitize("\x1b\x1b\x1b", 3, &b);
    ck_assert(b.failed);
    buf_release(&b);
}
END_TEST

Suite *suite_text(void)
{
    Suite *s = suite_create("text");
    TCase *t = tcase_create("text");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, every_code_point_goes_there_and_back);
    tcase_add_test(t, only_the_shortest_form_is_valid);
    tcase_add_test(t, validity_of_whole_strings);
    tcase_add_test(t, widths_are_columns);
    tcase_add_test(t, widths_do_not_depend_on_the_process_locale);
    tcase_add_test(t, fitting_takes_whole_characters);
    tcase_add_test(t, dangerous_text_becomes_visible_tokens);
    tcase_add_test(t, nul_is_shown_too);
    tcase_add_test(t, no_control_byte_survives);
    tcase_add_test(t, random_text_is_made_safe_and_stays_so);
    tcase_add_test(t, a_fixed_copy_is_cut_before_a_token_not_in_it);
    tcase_add_test(t, sanitizing_stops_with_a_full_buffer);
    suite_add_tcase(s, t);
    return s;
}
