#include <config.h>

#include "reports/out_pdf_canvas.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hpdf.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"
#include "reports/model.h"
#include "reports/out_pdf_attach.h"
#include "reports/out_pdf_font.h"

#define TEXT_MAX (64 * 1024) /* bytes of one line; the library refuses 65,535 */
#define SHRINK_MIN 0.6F
#define TAIL_SIZE 64 /* a PDF ends: startxref\nN\n%%EOF\n */

/* What the page being drawn knows already; only changes are written. Lengths in hundredths of a
 * point, so that positions relative to each other never drift. */
struct pen {
    bool in_text;
    long x, y; /* of the last text */
    HPDF_Font font;
    long size, thickness;
    uint32_t fill, stroke;
};

struct pdf {
    HPDF_Doc doc;
    HPDF_Page page;
    HPDF_Page *pages;
    size_t page_count, page_size;
    struct pdf_fonts fonts;
    HPDF_STATUS failed, detail; /* the library's first error */
    uint32_t ink;               /* asked for; the page learns it when something is drawn */
    struct pen pen;
    struct buf clean, cut;
    bool lost; /* memory ran out for a text */
};

static void on_error(HPDF_STATUS error_no, HPDF_STATUS detail_no, void *user_data)
{
    struct pdf *p = user_data;
    if (p->failed == HPDF_OK) {
        p->failed = error_no;
        p->detail = detail_no;
    }
}

void pdf_reset(struct pdf *p, struct buf *b)
{
    report_buf_reset(b, &p->lost);
}

void pdf_drop(struct pdf *p, struct buf *b)
{
    report_buf_reset(b, &p->lost);
    buf_release(b);
}

enum err_code pdf_status(const struct pdf *p, struct err *e)
{
    if (p->lost || p->clean.failed || p->cut.failed || p->failed == HPDF_FAILD_TO_ALLOC_MEM ||
        (p->failed == HPDF_OK && p->fonts.lost)) {
        return err_nomem(e);
    }
    if (p->failed != HPDF_OK) {
        return err_set(e, ERR_IO,
                       _("The PDF could not be made: the library reports error 0x%04lX, %lu."),
                       (unsigned long)p->failed, (unsigned long)p->detail);
    }
    return ERR_OK;
}

static void meta_set(struct pdf *p, const struct pdf_meta *meta)
{
    struct civil c = meta->created;
    HPDF_Date date = {c.date.year, c.date.month, c.date.day, c.hour, c.minute,
                      c.second,    'Z',          0,          0};
    const struct {
        HPDF_InfoType type;
        const char *text;
    } info[] = {{HPDF_INFO_TITLE, meta->title},
                {HPDF_INFO_AUTHOR, meta->author},
                {HPDF_INFO_SUBJECT, meta->subject},
                {HPDF_INFO_CREATOR, "Aforo"}};
    for (size_t i = 0; i < sizeof(info) / sizeof(info[0]); i++) {
        if (info[i].text != NULL) {
            pdf_fonts_info(&p->fonts, info[i].type, info[i].text);
        }
    }
    (void)HPDF_SetInfoDateAttr(p->doc, HPDF_INFO_CREATION_DATE, date);
    (void)HPDF_SetInfoDateAttr(p->doc, HPDF_INFO_MOD_DATE, date);
}

enum err_code pdf_new(const struct pdf_meta *meta, struct pdf **out, struct err *e)
{
    struct pdf *p = mem_alloc(sizeof(*p));
    *out = NULL;
    if (p == NULL) {
        return err_nomem(e);
    }
    buf_init(&p->clean, 8 * (size_t)REPORT_TEXT_MAX);
    buf_init(&p->cut, 8 * (size_t)REPORT_TEXT_MAX);
    p->doc = HPDF_New(on_error, p);
    enum err_code code = p->doc == NULL ? err_nomem(e) : ERR_OK;
    if (code == ERR_OK) {
        code = pdf_fonts_init(&p->fonts, p->doc,
                              meta->font_dir != NULL ? meta->font_dir : AFORO_FONTDIR, e);
    }
    if (code == ERR_OK) {
        (void)HPDF_SetCompressionMode(p->doc, HPDF_COMP_ALL);
        meta_set(p, meta);
        code = pdf_status(p, e);
    }
    if (code != ERR_OK) {
        pdf_free(p);
        return code;
    }
    *out = p;
    return ERR_OK;
}

void pdf_free(struct pdf *p)
{
    if (p == NULL) {
        return;
    }
    if (p->doc != NULL) {
        HPDF_Free(p->doc);
    }
    pdf_fonts_release(&p->fonts);
    mem_free(p->pages);
    buf_release(&p->clean);
    buf_release(&p->cut);
    mem_free(p);
}

static bool pages_grow(struct pdf *p)
{
    if (p->page_count < p->page_size) {
        return true;
    }
    size_t size = p->page_size == 0 ? 64 : p->page_size * 2;
    HPDF_Page *pages = mem_realloc_array(p->pages, size, sizeof(HPDF_Page));
    if (pages == NULL) {
        return false;
    }
    p->pages = pages;
    p->page_size = size;
    return true;
}

static uint32_t color_of(HPDF_RGBColor c)
{
    return (uint32_t)(c.r * 255.0F + 0.5F) << 16 | (uint32_t)(c.g * 255.0F + 0.5F) << 8 |
           (uint32_t)(c.b * 255.0F + 0.5F);
}

static void text_end(struct pdf *p)
{
    if (p->pen.in_text) {
        (void)HPDF_Page_EndText(p->page);
        p->pen.in_text = false;
    }
}

/* Draw on this page from now on, whatever was drawn on it before. */
static void page_take(struct pdf *p, HPDF_Page page)
{
    static const struct pen unknown = {false, 0, 0, NULL, -1, -1, 0, 0};
    if (p->page != NULL) {
        text_end(p);
    }
    p->page = page;
    p->pen = unknown;
    p->pen.fill = color_of(HPDF_Page_GetRGBFill(page));
    p->pen.stroke = color_of(HPDF_Page_GetRGBStroke(page));
    p->ink = p->pen.fill;
}

enum err_code pdf_page(struct pdf *p, bool landscape, struct err *e)
{
    TRY(pdf_status(p, e));
    if (p->page_count == PDF_PAGES_MAX) {
        return err_set(
            e, ERR_LIMIT,
            _("A PDF of more than %d pages is not made: narrow the report, or choose xlsx "
              "or CSV."),
            PDF_PAGES_MAX);
    }
    if (!pages_grow(p)) {
        return err_nomem(e);
    }
    HPDF_Page page = HPDF_AddPage(p->doc);
    if (page == NULL) {
        return pdf_status(p, e);
    }
    (void)HPDF_Page_SetWidth(page, landscape ? PDF_A4_LONG : PDF_A4_SHORT);
    (void)HPDF_Page_SetHeight(page, landscape ? PDF_A4_SHORT : PDF_A4_LONG);
    p->pages[p->page_count++] = page;
    page_take(p, page);
    return pdf_status(p, e);
}

size_t pdf_page_count(const struct pdf *p)
{
    return p->page_count;
}

void pdf_return_to(struct pdf *p, size_t index)
{
    CHECK(index < p->page_count);
    page_take(p, p->pages[index]);
}

float pdf_page_width(const struct pdf *p)
{
    return HPDF_Page_GetWidth(p->page);
}

float pdf_page_height(const struct pdf *p)
{
    return HPDF_Page_GetHeight(p->page);
}

void pdf_ink(struct pdf *p, uint32_t rgb)
{
    p->ink = rgb;
}

static float channel(uint32_t rgb, unsigned shift)
{
    return roundf((float)(rgb >> shift & 0xFF) * 1000.0F / 255.0F) / 1000.0F;
}

static void fill_set(struct pdf *p)
{
    if (p->pen.fill != p->ink) {
        (void)HPDF_Page_SetRGBFill(p->page, channel(p->ink, 16), channel(p->ink, 8),
                                   channel(p->ink, 0));
        p->pen.fill = p->ink;
    }
}

static void stroke_set(struct pdf *p, float thickness)
{
    if (p->pen.stroke != p->ink) {
        (void)HPDF_Page_SetRGBStroke(p->page, channel(p->ink, 16), channel(p->ink, 8),
                                     channel(p->ink, 0));
        p->pen.stroke = p->ink;
    }
    if (p->pen.thickness != lroundf(thickness * 100.0F)) {
        (void)HPDF_Page_SetLineWidth(p->page, thickness);
        p->pen.thickness = lroundf(thickness * 100.0F);
    }
}

/* Hundredths of a point: finer than any printer, and shorter in the file. */
static float rounded(float points)
{
    return (float)lroundf(points * 100.0F) / 100.0F;
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
        thousandths += pdf_fonts_width(&p->fonts, face, n == 0 ? 0xFFFD : cp);
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
        used += pdf_fonts_width(&p->fonts, face, cp);
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
    long to_x = lroundf(x * 100.0F), to_y = lroundf(y * 100.0F);
    fill_set(p);
    if (!p->pen.in_text) {
        (void)HPDF_Page_BeginText(p->page);
        p->pen.in_text = true;
        p->pen.x = p->pen.y = 0;
    }
    (void)HPDF_Page_MoveTextPos(p->page, (float)(to_x - p->pen.x) / 100.0F,
                                (float)(to_y - p->pen.y) / 100.0F);
    p->pen.x = to_x;
    p->pen.y = to_y;
}

static void show(struct pdf *p, enum pdf_face face, float size, enum pdf_anchor anchor, float x,
                 float y, const char *s, size_t len)
{
    if (len == 0 || p->failed != HPDF_OK) {
        return;
    }
    if (anchor != PDF_LEFT) {
        float width = pdf_text_width(p, face, size, s, len);
        x -= anchor == PDF_RIGHT ? width : width / 2;
    }
    text_to(p, x, y);
    for (size_t at = 0; at < len;) {
        HPDF_Font font = NULL;
        const char *bytes = NULL;
        at += pdf_fonts_run(&p->fonts, face, s + at, len - at, &font, &bytes);
        if (font == NULL) {
            return;
        }
        if (p->pen.font != font || p->pen.size != lroundf(size * 100.0F)) {
            (void)HPDF_Page_SetFontAndSize(p->page, font, rounded(size));
            p->pen.font = font;
            p->pen.size = lroundf(size * 100.0F);
        }
        (void)HPDF_Page_ShowText(p->page, bytes);
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
    text_end(p);
    stroke_set(p, thickness);
    (void)HPDF_Page_MoveTo(p->page, rounded(x1), rounded(y1));
    (void)HPDF_Page_LineTo(p->page, rounded(x2), rounded(y2));
    (void)HPDF_Page_Stroke(p->page);
}

void pdf_dashed_line(struct pdf *p, float x1, float y1, float x2, float y2, float thickness)
{
    static const HPDF_UINT16 dashes[] = {3, 2};
    text_end(p);
    (void)HPDF_Page_SetDash(p->page, dashes, 2, 0);
    pdf_line(p, x1, y1, x2, y2, thickness);
    (void)HPDF_Page_SetDash(p->page, NULL, 0, 0);
}

void pdf_box_add(struct pdf *p, float x, float y, float width, float height)
{
    text_end(p);
    fill_set(p);
    (void)HPDF_Page_Rectangle(p->page, rounded(x), rounded(y), rounded(width), rounded(height));
}

void pdf_boxes_fill(struct pdf *p)
{
    (void)HPDF_Page_Fill(p->page);
}

void pdf_box(struct pdf *p, float x, float y, float width, float height)
{
    pdf_box_add(p, x, y, width, height);
    pdf_boxes_fill(p);
}

void pdf_attach(struct pdf *p, const char *name, const void *data, size_t len)
{
    p->lost = !pdf_attach_to(p->doc, name, data, len) || p->lost;
}

/* The file ends with the place of its object table, and the table is there: no byte between was
 * lost. The library does not look at what closing the file says, so a full disk could go
 * unseen. */
static bool file_whole(const char *path)
{
    char tail[TAIL_SIZE + 1] = "", mark[5] = "";
    bool whole = false;
    FILE *f = fopen(path, "rbe");
    if (f == NULL) {
        return false;
    }
    if (fseek(f, -TAIL_SIZE, SEEK_END) == 0 && fread(tail, 1, TAIL_SIZE, f) == TAIL_SIZE) {
        const char *start = memmem(tail, TAIL_SIZE, "startxref\n", 10);
        char *end = NULL;
        unsigned long at = start == NULL ? 0 : strtoul(start + 10, &end, 10);
        whole = at > 0 && strncmp(end, "\n%%EOF", 6) == 0 &&
                fseek(f, (long)at, SEEK_SET) == 0 && fread(mark, 1, 4, f) == 4 &&
                memcmp(mark, "xref", 4) == 0;
    }
    (void)fclose(f);
    return whole;
}

enum err_code pdf_save(struct pdf *p, struct out_file *f, struct err *e)
{
    if (p->page != NULL) {
        text_end(p);
    }
    TRY(pdf_status(p, e));
    out_file_lend(f);
    errno = 0;
    if (HPDF_SaveToFile(p->doc, f->temp) !=
        HPDF_OK) { /* all was well before: memory, or the disk */
        return p->failed == HPDF_FAILD_TO_ALLOC_MEM
                   ? err_nomem(e)
                   : out_file_error(f, errno != 0 ? errno : EIO, e);
    }
    if (!file_whole(f->temp)) {
        return out_file_error(f, errno != 0 ? errno : ENOSPC, e);
    }
    return out_file_commit(f, e);
}
