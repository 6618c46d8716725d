#include <config.h>

#include "reports/escpos.h"

#include <string.h>

#include "base/text.h"

#define ESC 0x1b
#define GS 0x1d
#define CODE_PAGE_1252 16
#define QR_MODEL_2 50
#define QR_DOT 4 /* dots a module: a code of 57 modules is 28 mm at 203 dots an inch */
#define QR_LEVEL_L 48
#define FEED_LINES 4 /* from the print head to the knife */

static void bytes(struct buf *out, const uint8_t *b, size_t len)
{
    buf_add(out, b, len);
}
#define SEND(out, ...)                                                                         \
    bytes(out, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void align(struct buf *out, uint8_t how) /* 0 left, 1 centre */
{
    SEND(out, ESC, 'a', how);
}

static void bold(struct buf *out, uint8_t on)
{
    SEND(out, ESC, 'E', on);
}

static void size(struct buf *out, uint8_t how) /* 0 plain, 0x11 twice as wide and high */
{
    SEND(out, GS, '!', how);
}

/* Code points that Windows-1252 has outside of Latin-1 and that receipts use. */
static uint8_t to_1252(uint32_t cp)
{
    static const struct {
        uint32_t cp;
        uint8_t byte;
    } more[] = {{0x20ac, 0x80}, {0x2026, 0x85}, {0x2018, 0x91}, {0x2019, 0x92}, {0x201c, 0x93},
                {0x201d, 0x94}, {0x2022, 0x95}, {0x2013, 0x96}, {0x2014, 0x97}};
    if ((cp >= ' ' && cp < 0x7f) || (cp >= 0xa0 && cp <= 0xff)) {
        return cp == 0xa0 ? ' ' : (uint8_t)cp;
    }
    if (cp == 0x202f || cp == 0x2009) { /* narrow spaces within numbers */
        return ' ';
    }
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        if (more[i].cp == cp) {
            return more[i].byte;
        }
    }
    return '?';
}

/* No byte of a text is a command: controls have no place in the code page's letters. */
static void text(struct buf *out, const char *s, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t cp = 0;
        size_t n = utf8_decode(s + at, len - at, &cp);
        if (s[at] == '\n') {
            buf_addc(out, '\n');
        } else {
            buf_addc(out, (char)(n > 0 ? to_1252(cp) : '?'));
        }
        at += n > 0 ? n : 1;
    }
}

/* GS ( k: model, size of a dot, level, data, print. */
static void qr(struct buf *out, const char *s)
{
    size_t n = strlen(s) + 3;
    SEND(out, GS, '(', 'k', 4, 0, 49, 65, QR_MODEL_2, 0);
    SEND(out, GS, '(', 'k', 3, 0, 49, 67, QR_DOT);
    SEND(out, GS, '(', 'k', 3, 0, 49, 69, QR_LEVEL_L);
    SEND(out, GS, '(', 'k', (uint8_t)(n & 0xff), (uint8_t)(n >> 8 & 0xff), 49, 80, 48);
    buf_adds(out, s);
    SEND(out, GS, '(', 'k', 3, 0, 49, 81, 48);
    buf_addc(out, '\n');
}

/* One line of the paper, laid out as the plain text has it. */
static void line(struct buf *out, const struct paper_line *l, unsigned columns)
{
    struct paper_line copy = *l;
    struct paper one = {&copy, 1};
    struct buf laid;
    buf_init(&laid, (size_t)1 << 16);
    paper_text(&one, columns, &laid);
    text(out, buf_str(&laid), laid.len);
    buf_release(&laid);
}

void escpos_paper(const struct paper *p, unsigned columns, struct buf *out)
{
    SEND(out, ESC, '@');
    SEND(out, ESC, 't', CODE_PAGE_1252);
    for (size_t i = 0; i < p->count; i++) {
        const struct paper_line *l = &p->lines[i];
        switch (l->style) {
        case PAPER_OFFICE:
            align(out, 1);
            size(out, 0x11);
            text(out, l->left, strlen(l->left));
            buf_addc(out, '\n');
            size(out, 0);
            align(out, 0);
            break;
        case PAPER_TITLE:
        case PAPER_MARK:
        case PAPER_TOTAL:
            bold(out, 1);
            line(out, l, columns);
            bold(out, 0);
            break;
        case PAPER_PAIR:
        case PAPER_TEXT:
        case PAPER_RULE:
            line(out, l, columns);
            break;
        case PAPER_BARCODE:
            break;
        case PAPER_QR:
            align(out, 1);
            qr(out, l->left);
            align(out, 0);
            break;
        }
    }
    SEND(out, ESC, 'd', FEED_LINES);
    SEND(out, GS, 'V', 66, 0); /* feed to the knife, cut but for one point */
}
