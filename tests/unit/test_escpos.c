/* What goes to a thermal printer, read back by a parser of our own that knows these commands
 * and no others. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "reports/escpos.h"
#include "reports/qr_text.h"
#include "tests/unit/check_reports.h"

struct printed {
    char text[8192]; /* as printed, Windows-1252 */
    size_t len;
    char qr[512];
    unsigned bold, centred, large, cuts, codes, resets;
    bool now_bold, now_centre, now_large;
};

/* One command or letter; false when the bytes are none that we send. */
static bool step(const uint8_t **at, const uint8_t *end, struct printed *p)
{
    const uint8_t *b = *at;
    size_t left = (size_t)(end - b);
    size_t used = 1;
    if (b[0] == 0x1b && left >= 2 && b[1] == '@') {
        used = 2;
        p->resets++;
    } else if (b[0] == 0x1b && left >= 3 && b[1] == 't' && b[2] == 16) {
        used = 3;
    } else if (b[0] == 0x1b && left >= 3 && b[1] == 'a' && b[2] <= 1) {
        used = 3;
        p->now_centre = b[2] == 1;
        p->centred += b[2];
    } else if (b[0] == 0x1b && left >= 3 && b[1] == 'E' && b[2] <= 1) {
        used = 3;
        p->now_bold = b[2] == 1;
        p->bold += b[2];
    } else if (b[0] == 0x1d && left >= 3 && b[1] == '!' && (b[2] == 0 || b[2] == 0x11)) {
        used = 3;
        p->now_large = b[2] != 0;
        p->large += b[2] != 0 ? 1 : 0;
    } else if (b[0] == 0x1b && left >= 3 && b[1] == 'd') {
        used = 3;
    } else if (b[0] == 0x1d && left >= 4 && b[1] == 'V' && b[2] == 66) {
        used = 4;
        p->cuts++;
    } else if (b[0] == 0x1d && left >= 8 && b[1] == '(' && b[2] == 'k') {
        size_t n = b[3] + 256u * b[4];
        used = 5 + n;
        if (used > left || b[5] != 49) {
            return false;
        }
        if (b[6] == 80 && n - 3 < sizeof p->qr) {
            memcpy(p->qr, b + 8, n - 3);
            p->qr[n - 3] = '\0';
        }
        p->codes += b[6] == 81 ? 1 : 0;
    } else if (b[0] == '\n' || b[0] >= ' ') {
        p->text[p->len++] = (char)b[0];
    } else {
        return false;
    }
    *at += used;
    return p->len < sizeof p->text - 1;
}

static void parse(const struct buf *b, struct printed *p)
{
    const uint8_t *at = (const uint8_t *)b->data;
    const uint8_t *end = at + b->len;
    *p = (struct printed){.len = 0};
    while (at < end) {
        ck_assert_msg(step(&at, end, p), "byte %zu (0x%02x) is no command that we send",
                      b->len - (size_t)(end - at), *at);
    }
}

static struct paper_line lines[] = {
    {PAPER_OFFICE, "Acueducto San José", ""},
    {PAPER_TITLE, "Recibo 17", ""},
    {PAPER_RULE, "", ""},
    {PAPER_PAIR, "Señora Ñandú", "1 404,50 €"},
    {PAPER_TOTAL, "Pagado", "₡ 300"},
    {PAPER_TEXT, "una nota larga que pasa de la anchura del papel y sigue en otra línea", ""},
    {PAPER_QR, "AFORO1R SJ01 17 USD 300.00 abc= 0123 def=", ""},
};

START_TEST(a_paper_is_read_back_from_the_bytes)
{
    struct paper p = {lines, sizeof lines / sizeof lines[0]};
    struct printed got;
    struct buf b;
    buf_init(&b, 65536);
    escpos_paper(&p, 42, &b);
    parse(&b, &got);
    ck_assert_ptr_nonnull(strstr(got.text, "Acueducto San Jos\xe9\n"));
    ck_assert_ptr_nonnull(strstr(got.text, "Se\xf1ora \xd1"
                                           "and\xfa                    1 404,50 \x80\n"));
    ck_assert_ptr_nonnull(strstr(got.text, "? 300\n")); /* the code page has no colón sign */
    ck_assert_ptr_nonnull(strstr(got.text, "------------------------------------------\n"));
    ck_assert_str_eq(got.qr, lines[6].left);
    ck_assert_uint_eq(got.codes, 1);
    ck_assert_uint_eq(got.cuts, 1);
    ck_assert_uint_eq(got.resets, 1);
    ck_assert_uint_eq(got.bold, 2);
    ck_assert_uint_eq(got.large, 1);
    ck_assert(!got.now_bold && !got.now_centre && !got.now_large);
    for (char *s = got.text; *s != '\0';) {
        size_t len = strcspn(s, "\n");
        ck_assert_uint_le(len, 42);
        s += len + (s[len] == '\n' ? 1 : 0);
    }
    buf_release(&b);
}
END_TEST

START_TEST(text_never_becomes_a_command)
{
    static const char *const hostile[] = {"\x1b@\x1d(k",
                                          "a\x1dV\x42\x01",
                                          "\xc2\x9b"
                                          "2J",
                                          "\xff\xfe\x80",
                                          "\xe2\x80\xae"
                                          "abc",
                                          "x\x07\x10\x04"};
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        for (int style = PAPER_OFFICE; style < PAPER_RULE; style++) {
            struct paper_line one = {(enum paper_style)style, hostile[i], hostile[i]};
            struct paper p = {&one, 1};
            struct printed got;
            struct buf b;
            buf_init(&b, 65536);
            escpos_paper(&p, 42, &b);
            parse(&b, &got);
            ck_assert_uint_eq(got.cuts, 1);
            ck_assert_uint_eq(got.resets, 1);
            ck_assert_uint_eq(got.codes, 0);
            buf_release(&b);
        }
    }
}
END_TEST

START_TEST(a_code_as_text_is_a_square_of_modules)
{
    struct err e = ERR_INIT;
    struct buf blocks;
    struct buf ascii;
    buf_init(&blocks, 65536);
    buf_init(&ascii, 65536);
    ck_assert_int_eq(qr_text("AFORO1R SJ01", false, &blocks, &e), ERR_OK);
    ck_assert_int_eq(qr_text("AFORO1R SJ01", true, &ascii, &e), ERR_OK);
    size_t rows = 0;
    for (const char *s = buf_str(&ascii); *s != '\0'; rows++) {
        size_t len = strcspn(s, "\n");
        ck_assert_uint_eq(len, 2 * 29); /* 21 modules and 4 light ones at each side */
        s += len + 1;
    }
    ck_assert_uint_eq(rows, 29);
    for (size_t y = 0; y < 7; y++) { /* the upper left finder pattern */
        for (size_t x = 0; x < 7; x++) {
            bool ring = y == 0 || y == 6 || x == 0 || x == 6;
            bool core = y >= 2 && y <= 4 && x >= 2 && x <= 4;
            const char *cell = buf_str(&ascii) + (y + 4) * (2 * 29 + 1) + 2 * (x + 4);
            ck_assert_msg((cell[0] == ' ') == (ring || core), "%zu %zu", y, x);
        }
    }
    ck_assert_uint_gt(blocks.len, 0);
    buf_release(&blocks);
    buf_release(&ascii);
}
END_TEST

Suite *suite_escpos(void)
{
    Suite *s = suite_create("escpos");
    TCase *t = tcase_create("escpos");
    tcase_add_test(t, a_paper_is_read_back_from_the_bytes);
    tcase_add_test(t, text_never_becomes_a_command);
    tcase_add_test(t, a_code_as_text_is_a_square_of_modules);
    suite_add_tcase(s, t);
    return s;
}
