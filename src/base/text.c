#include <config.h>

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "base/clocale.h"

size_t utf8_decode(const char *s, size_t len, uint32_t *cp)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)s;
    if (p[0] < 0x80) {
        *cp = p[0];
        return 1;
    }
    size_t n = p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    if (n == 0 || n > len) {
        return 0;
    }
    uint32_t v = p[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
        v = v << 6 | (p[i] & 0x3F);
    }
    if (v < least[n] || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF)) {
        return 0;
    }
    *cp = v;
    return n;
}

bool utf8_valid(const char *s, size_t len)
{
    size_t i = 0;
    while (i < len) {
        uint64_t eight;
        if (len - i >= sizeof(eight)) { /* most text is ASCII */
            memcpy(&eight, s + i, sizeof(eight));
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                i += sizeof(eight);
                continue;
            }
        }
        uint32_t cp;
        size_t n = utf8_decode(s + i, len - i, &cp);
        if (n == 0) {
            return false;
        }
        i += n;
    }
    return true;
}

uint32_t latin1_decode(unsigned char byte)
{
    static const uint16_t others[32] = {
        0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    return byte >= 0x80 && byte < 0xA0 ? others[byte - 0x80] : byte;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

/* -1 for what has no width of its own: controls and unassigned code points. */
static int raw_width(uint32_t cp)
{
    if ((cp >= 0x20 && cp < 0x7F) || (cp >= 0xC0 && cp < 0x250)) { /* Latin letters */
        return 1;
    }
    /* wcwidth looks at the thread's locale only; without this it would depend on who calls. */
    locale_t utf8 = clocale_utf8();
    locale_t before = utf8 != (locale_t)0 ? uselocale(utf8) : (locale_t)0;
    int width = wcwidth((wchar_t)cp);
    if (before != (locale_t)0) {
        uselocale(before);
    }
    return width;
}

int cp_width(uint32_t cp)
{
    int width = raw_width(cp);
    return width < 0 ? 0 : width;
}

size_t text_fit(const char *s, size_t len, size_t columns, size_t *used)
{
    size_t i = 0, taken = 0;
    while (i < len) {
        uint32_t cp;
        if (s[i] >= ' ' && s[i] <= '~' && taken < columns) { /* most text */
            i++;
            taken++;
            continue;
        }
        size_t n = utf8_decode(s + i, len - i, &cp);
        size_t width = n == 0 ? 1 : (size_t)cp_width(cp);
        if (width > columns - taken) {
            break;
        }
        taken += width;
        i += n == 0 ? 1 : n;
    }
    if (used != NULL) {
        *used = taken;
    }
    return i;
}

size_t text_width(const char *s, size_t len)
{
    size_t used;
    text_fit(s, len, SIZE_MAX, &used);
    return used;
}

struct range {
    uint32_t first, last;
};

/*
 * What a terminal or a reader would not see, or would be misled by: bidirectional controls and
 * every code point with Default_Ignorable_Code_Point, with the line and paragraph separators
 * and the interlinear annotation marks. Source: Unicode 15 DerivedCoreProperties; UAX #9; UTR
 * #36.
 */
static const struct range hidden[] = {
    {0x00AD, 0x00AD},   {0x034F, 0x034F}, {0x061C, 0x061C},   {0x115F, 0x1160},
    {0x17B4, 0x17B5},   {0x180B, 0x180F}, {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F},   {0x3164, 0x3164}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF},
};

static bool is_hidden(uint32_t cp)
{
    size_t low = 0, high = sizeof(hidden) / sizeof(hidden[0]);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cp > hidden[middle].last) {
            low = middle + 1;
        } else if (cp < hidden[middle].first) {
            high = middle;
        } else {
            return true;
        }
    }
    return false;
}

enum char_class { CLASS_PLAIN, CLASS_MARK, CLASS_CONTROL, CLASS_HIDDEN };

static enum char_class classify(uint32_t cp)
{
    if (cp < 0x20 || cp == 0x7F) {
        return CLASS_CONTROL;
    }
    if (cp < 0x7F) {
        return CLASS_PLAIN;
    }
    int width = is_hidden(cp) ? -1 : raw_width(cp);
    return width < 0 ? CLASS_HIDDEN : width == 0 ? CLASS_MARK : CLASS_PLAIN;
}

#define MARKS_MAX 2  /* stacked on one cell */
#define PIECE_MAX 24 /* bytes of the longest token */
#define DOTTED_CIRCLE "\u25CC"

struct piece {
    char data[PIECE_MAX];
    size_t len;
};

static void piece_set(struct piece *p, const char *data, size_t len)
{
    memcpy(p->data, data, len);
    p->len = len;
}

__attribute__((format(printf, 2, 3))) static void piece_format(struct piece *p, const char *fmt,
                                                               ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(p->data, sizeof(p->data), fmt, ap);
    va_end(ap);
    p->len = n < 0 ? 0 : (size_t)n;
}

/* The marks at s beyond those allowed on a cell become one token with their number. */
static size_t surplus_marks(const char *s, size_t len, struct piece *out)
{
    size_t i = 0, count = 0;
    uint32_t cp;
    while (i < len) {
        size_t n = utf8_decode(s + i, len - i, &cp);
        if (n == 0 || classify(cp) != CLASS_MARK) {
            break;
        }
        i += n;
        count++;
    }
    piece_format(out, "<+%zu>", count);
    return i;
}

/* *marks: how many the cell has already; -1 at the start, where there is no cell to put one on.
 */
static size_t mark_piece(const char *s, size_t len, size_t n, int *marks, struct piece *out)
{
    if (*marks >= MARKS_MAX) {
        return surplus_marks(s, len, out);
    }
    out->len = 0;
    if (*marks < 0) {
        piece_set(out, DOTTED_CIRCLE, sizeof(DOTTED_CIRCLE) - 1);
        *marks = 0;
    }
    memcpy(out->data + out->len, s, n);
    out->len += n;
    ++*marks;
    return n;
}

/* One safe piece for what stands at s; returns the bytes of s it covers. */
static size_t next_piece(const char *s, size_t len, int *marks, struct piece *out)
{
    uint32_t cp;
    char token[4];
    size_t n = utf8_decode(s, len, &cp);
    if (n == 0) {
        *marks = 0;
        piece_format(out, "<%02X>", (unsigned)(unsigned char)s[0]);
        return 1;
    }
    switch (classify(cp)) {
    case CLASS_PLAIN:
        *marks = 0;
        piece_set(out, s, n);
        break;
    case CLASS_MARK:
        return mark_piece(s, len, n, marks, out);
    case CLASS_CONTROL: /* the block "Control Pictures" shows them in one column */
        *marks = 0;
        piece_set(out, token, utf8_encode(cp == 0x7F ? 0x2421 : 0x2400 + cp, token));
        break;
    case CLASS_HIDDEN:
        *marks = 0;
        piece_format(out, "<U+%04X>", cp);
        break;
    }
    return n;
}

static bool plain_ascii(char c)
{
    return c >= 0x20 && c < 0x7F;
}

void text_sanitize(const char *s, size_t len, struct buf *out)
{
    int marks = -1;
    size_t i = 0;
    while (i < len && !out->failed) {
        size_t run = i;
        while (run < len && plain_ascii(s[run])) {
            run++;
        }
        if (run > i) {
            buf_add(out, s + i, run - i);
            marks = 0;
            i = run;
            continue;
        }
        struct piece piece = {.len = 0};
        i += next_piece(s + i, len - i, &marks, &piece);
        buf_add(out, piece.data, piece.len);
    }
}

void text_sanitize_to(const char *s, size_t len, char *out, size_t out_size)
{
    int marks = -1;
    size_t i = 0, used = 0;
    while (i < len) {
        struct piece piece = {.len = 0};
        i += next_piece(s + i, len - i, &marks, &piece);
        if (piece.len > out_size - 1 - used) {
            break;
        }
        memcpy(out + used, piece.data, piece.len);
        used += piece.len;
    }
    out[used] = '\0';
}

uint64_t text_hash(uint64_t h, const char *s)
{
    for (; *s != '\0'; s++) {
        h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
    }
    return h;
}
