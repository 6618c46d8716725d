/* What is drawn on a page: the operators of its contents. Source: ISO 32000-1, 8 and 9. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "reports/model.h"
#include "reports/out_pdf_canvas.h"
#include "reports/out_pdf_private.h"

#define TEXT_MAX (64 * 1024) /* bytes of one line */
#define SHRINK_MIN 0.6F

static void draw(struct pdf *p, const char *s)
{
    buf_adds(&p->page->draw, s);
}

/* Hundredths of a point as "12.34", with a blank behind. */
static void draw_hundredths(struct pdf *p, long v)
{
    char digits[24];
    size_t at = sizeof(digits);
    unsigned long n = v < 0 ? 0UL - (unsigned long)v : (unsigned long)v;
    unsigned long part = n % 100, whole = n / 100;
    digits[--at] = ' ';
    if (part != 0) {
        if (part % 10 != 0) {
            digits[--at] = (char)('0' + part % 10);
        }
        digits[--at] = (char)('0' + part / 10);
        digits[--at] = '.';
    }
    do {
        digits[--at] = (char)('0' + whole % 10);
        whole /= 10;
    } while (whole != 0);
    if (v < 0) {
        digits[--at] = '-';
    }
    buf_add(&p->page->draw, digits + at, sizeof(digits) - at);
}

/* A length that is not one, or is off any paper, is our bug: it is drawn at the edge. */
static long hundredths(float points)
{
    return !(points > -20000.0F) ? -2000000L
           : points > 20000.0F   ? 2000000L
                                 : lroundf(points * 100.0F);
}

static void draw_point(struct pdf *p, float x, float y)
{
    draw_hundredths(p, hundredths(x));
    draw_hundredths(p, hundredths(y));
}

void pdf_text_end(struct pdf *p)
{
    if (p->page->pen.in_text) {
        draw(p, "ET\n");
        p->page->pen.in_text = false;
    }
}

void pdf_ink(struct pdf *p, uint32_t rgb)
{
    p->ink = rgb;
}

/* "0.106 0.145 0.188 rg" */
static void draw_ink(struct pdf *p, const char *operator)
{
    for (int shift = 16; shift >= 0; shift -= 8) {
        unsigned v = ((p->ink >> shift & 0xFF) * 1000 + 127) / 255;
        char text[] = {
            '0', '.', (char)('0' + v / 100), (char)('0' + v / 10 % 10), (char)('0' + v % 10),
            ' '};
        if (v == 0 || v == 1000) {
            draw(p, v == 0 ? "0 " : "1 ");
        } else {
            buf_add(&p->page->draw, text, sizeof(text));
        }
    }
    draw(p, operator);
}

static void fill_set(struct pdf *p)
{
    if (p->page->pen.fill != (int64_t)p->ink) {
        draw_ink(p, "rg\n");
        p->page->pen.fill = (int64_t)p->ink;
    }
}

static void stroke_set(struct pdf *p, float thickness)
{
    if (p->page->pen.stroke != (int64_t)p->ink) {
        draw_ink(p, "RG\n");
        p->page->pen.stroke = (int64_t)p->ink;
    }
    if (p->page->pen.thickness != hundredths(thickness)) {
        p->page->pen.thickness = hundredths(thickness);
        draw_hundredths(p, p->page->pen.thickness);
        draw(p, "w\n");
    }
}

/* Most text needs no cleaning: printable ASCII and the letters of Latin-1. */
static bool plain(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i], next = i + 1 < len ? (unsigned char)s[i + 1] : 0;
        if (c >= 0x20 && c < 0x7F) {
            continue;
        }
        bool letter = c == 0xC3 && next >= 0x80 && next <= 0xBF;
        bool sign =
            c == 0xC2 && next >= 0xA0 && next <= 0xBF && next != 0xAD; /* not the soft hyphen */
        if (!letter && !sign) {
            return false;
        }
        i++;
    }
    return true;
}

/* Text the library can take: one line, no control characters, nothing beyond the BMP, bounded.
 */
static const char *text_clean(struct pdf *p, const char *s, size_t len, size_t *out_len)
{
    uint64_t changed = 0;
    if (len < TEXT_MAX && plain(s, len)) {
        *out_len = len;
        return s;
    }
    pdf_reset(p, &p->cut);
    report_text_clean(s, len < TEXT_MAX ? len : TEXT_MAX, false, &p->cut, &changed);
    pdf_reset(p, &p->clean);
    for (size_t i = 0; i < p->cut.len && p->clean.len < TEXT_MAX - 8;) {
        uint32_t cp = 0;
        size_t n = utf8_decode(p->cut.data + i, p->cut.len - i, &cp);
        if (n == 4 || n == 0) {
            buf_adds(&p->clean, "\xEF\xBF\xBD");
        } else if (cp == 0x202F || (cp >= 0x2000 && cp <= 0x200A)) {
            buf_adds(
                &p->clean,
                "\xC2\xA0"); /* thin and wide spaces alike: the Latin encoding has this one */
        } else {
            buf_add(&p->clean, p->cut.data + i, n);
        }
        i += n == 0 ? 1 : n;
    }
    *out_len = p->clean.len;
    return buf_str(&p->clean);
}

float pdf_text_width(struct pdf *p, enum pdf_face face, float size, const char *s, size_t len)
{
    uint64_t thousandths = 0;
    for (size_t i = 0; i < len;) {
        uint32_t cp = (unsigned char)s[i];
        size_t n = cp < 0x80 ? 1 : utf8_decode(s + i, len - i, &cp);
        thousandths += pdf_press_width(p->press, face, n == 0 ? 0xFFFD : cp);
        i += n == 0 ? 1 : n;
    }
    return (float)thousandths * size / 1000.0F;
}

size_t pdf_line_fit(struct pdf *p, enum pdf_face face, float size, float width, const char *s,
                    size_t len, size_t *next)
{
    float limit = width * 1000.0F / size;
    uint64_t used = 0;
    size_t space = 0, i = 0;
    while (i < len) {
        uint32_t cp = 0xFFFD;
        size_t n = utf8_decode(s + i, len - i, &cp);
        n = n == 0 ? 1 : n;
        used += pdf_press_width(p->press, face, cp);
        if ((float)used > limit && i > 0) {
            break;
        }
        if (s[i] == ' ') {
            space = i;
        }
        i += n;
    }
    size_t end = i < len && s[i] != ' ' && space > 0 ? space : i;
    *next = end;
    while (*next < len && s[*next] == ' ') {
        (*next)++;
    }
    return end;
}

/* Move to where a text begins, opening a text object if none is. */
static void text_to(struct pdf *p, float x, float y)
{
    struct pen *pen = &p->page->pen;
    long to_x = hundredths(x), to_y = hundredths(y);
    fill_set(p);
    if (!pen->in_text) {
        draw(p, "BT\n");
        pen->in_text = true;
        pen->x = pen->y = 0;
    }
    draw_hundredths(p, to_x - pen->x);
    draw_hundredths(p, to_y - pen->y);
    draw(p, "Td\n");
    pen->x = to_x;
    pen->y = to_y;
}

static void show(struct pdf *p, enum pdf_face face, float size, enum pdf_anchor anchor, float x,
                 float y, const char *s, size_t len)
{
    struct pen *pen = &p->page->pen;
    if (len == 0 || p->failed != HPDF_OK) {
        return;
    }
    if (anchor != PDF_LEFT) {
        float width = pdf_text_width(p, face, size, s, len);
        x -= anchor == PDF_RIGHT ? width : width / 2;
    }
    text_to(p, x, y);
    for (size_t at = 0; at < len;) {
        const char *font = NULL;
        pdf_reset(p, &p->packed);
        at += pdf_fonts_run(&p->fonts, face, s + at, len - at, &font, &p->packed);
        if (pen->font != font || pen->size != hundredths(size)) {
            pen->font = font;
            pen->size = hundredths(size);
            draw(p, "/");
            draw(p, font);
            draw(p, " ");
            draw_hundredths(p, pen->size);
            draw(p, "Tf\n");
        }
        buf_add(&p->page->draw, p->packed.data, p->packed.len);
        draw(p, "Tj\n");
    }
}

void pdf_text_n(struct pdf *p, enum pdf_face face, float size, enum pdf_anchor anchor, float x,
                float y, const char *s, size_t len)
{
    size_t clean_len = 0;
    const char *clean = text_clean(p, s, len, &clean_len);
    show(p, face, size, anchor, x, y, clean, clean_len);
}

void pdf_text(struct pdf *p, enum pdf_face face, float size, enum pdf_anchor anchor, float x,
              float y, const char *s)
{
    pdf_text_n(p, face, size, anchor, x, y, s, strlen(s));
}

void pdf_text_within(struct pdf *p, enum pdf_face face, float size, enum pdf_anchor anchor,
                     float x, float y, float max_width, bool whole, const char *s)
{
    static const char ellipsis[] = "\xE2\x80\xA6";
    size_t len = 0, next = 0;
    const char *clean = text_clean(p, s, strlen(s), &len);
    float width = pdf_text_width(p, face, size, clean, len);
    if (width > max_width) {
        float smaller = size * max_width / width;
        size = !whole && smaller < size * SHRINK_MIN ? size * SHRINK_MIN : smaller * 0.999F;
        width = pdf_text_width(p, face, size, clean, len);
    }
    if (width > max_width && !whole) {
        float dots = pdf_text_width(p, face, size, ellipsis, sizeof(ellipsis) - 1);
        len = pdf_line_fit(p, face, size, max_width - dots, clean, len, &next);
        pdf_reset(p, &p->cut);
        buf_add(&p->cut, clean, len);
        buf_adds(&p->cut, ellipsis);
        clean = buf_str(&p->cut);
        len = p->cut.len;
    }
    show(p, face, size, anchor, x, y, clean, len);
}

void pdf_line(struct pdf *p, float x1, float y1, float x2, float y2, float thickness)
{
    pdf_text_end(p);
    stroke_set(p, thickness);
    draw_point(p, x1, y1);
    draw(p, "m\n");
    draw_point(p, x2, y2);
    draw(p, "l\nS\n");
}

void pdf_dashed_line(struct pdf *p, float x1, float y1, float x2, float y2, float thickness)
{
    pdf_text_end(p);
    draw(p, "[3 2] 0 d\n");
    pdf_line(p, x1, y1, x2, y2, thickness);
    draw(p, "[] 0 d\n");
}

void pdf_box(struct pdf *p, float x, float y, float width, float height)
{
    pdf_text_end(p);
    fill_set(p);
    draw_point(p, x, y);
    draw_point(p, width, height);
    draw(p, "re\nf\n");
}

void pdf_draw_box_matrix(struct pdf *p, float x, float y, float width, float height)
{
    draw(p, "q\n");
    draw_hundredths(p, hundredths(width));
    draw(p, "0 0 ");
    draw_hundredths(p, hundredths(height));
    draw_point(p, x, y);
    draw(p, "cm\n");
}

/* An inline image, in hex so that no byte of it can be taken for its end; a 0 is painted unless
 * it is decoded the other way round. Source: ISO 32000-1, 8.9.6.2 and 8.9.7. */
void pdf_bitmap(struct pdf *p, float x, float y, float width, float height, unsigned columns,
                unsigned rows, const unsigned char *bits)
{
    pdf_text_end(p);
    fill_set(p);
    pdf_draw_box_matrix(p, x, y, width, height);
    buf_addf(&p->page->draw, "BI /W %u /H %u /BPC 1 /IM true /D [1 0] /F /AHx ID\n", columns,
             rows);
    buf_add_hex(&p->page->draw, bits, (size_t)rows * ((columns + 7) / 8));
    draw(p, ">\nEI\nQ\n");
}
