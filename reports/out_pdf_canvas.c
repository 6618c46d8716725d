#include <config.h>

#include "reports/out_pdf_canvas.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hpdf.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"
#include "reports/model.h"
#include "reports/out_pdf_font.h"

#define TEXT_MAX (64 * 1024) /* bytes of one line; the library refuses 65,535 */
#define SHRINK_MIN 0.6F
#define TAIL_SIZE 64 /* a PDF ends: startxref\nN\n%%EOF\n */

struct pdf {
    HPDF_Doc doc;
    HPDF_Page page;
    HPDF_Page *pages;
    size_t page_count, page_size;
    struct pdf_fonts fonts;
    HPDF_STATUS failed, detail; /* the library's first error */
    uint32_t ink;
    struct buf clean, cut;
};

static void on_error(HPDF_STATUS error_no, HPDF_STATUS detail_no, void *user_data)
{
    struct pdf *p = user_data;
    if (p->failed == HPDF_OK) {
        p->failed = error_no;
        p->detail = detail_no;
    }
}

enum err_code pdf_status(const struct pdf *p, struct err *e)
{
    if (p->clean.failed || p->cut.failed || p->failed == HPDF_FAILD_TO_ALLOC_MEM ||
        (p->failed == HPDF_OK && p->fonts.run.failed)) {
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
    p->page = HPDF_AddPage(p->doc);
    if (p->page == NULL) {
        return pdf_status(p, e);
    }
    (void)HPDF_Page_SetWidth(p->page, landscape ? PDF_A4_LONG : PDF_A4_SHORT);
    (void)HPDF_Page_SetHeight(p->page, landscape ? PDF_A4_SHORT : PDF_A4_LONG);
    p->pages[p->page_count++] = p->page;
    p->ink = 0;
    return pdf_status(p, e);
}

size_t pdf_page_count(const struct pdf *p)
{
    return p->page_count;
}

void pdf_return_to(struct pdf *p, size_t index)
{
    CHECK(index < p->page_count);
    p->page = p->pages[index];
    HPDF_RGBColor c = HPDF_Page_GetRGBFill(p->page);
    p->ink = (uint32_t)(c.r * 255.0F + 0.5F) << 16 | (uint32_t)(c.g * 255.0F + 0.5F) << 8 |
             (uint32_t)(c.b * 255.0F + 0.5F);
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
    if (p->ink == rgb) {
        return;
    }
    float r = (float)(rgb >> 16 & 0xFF) / 255.0F, g = (float)(rgb >> 8 & 0xFF) / 255.0F,
          b = (float)(rgb & 0xFF) / 255.0F;
    (void)HPDF_Page_SetRGBFill(p->page, r, g, b);
    (void)HPDF_Page_SetRGBStroke(p->page, r, g, b);
    p->ink = rgb;
}

/* Text the library can take: one line, no control characters, nothing beyond the BMP, bounded.
 */
static const char *text_clean(struct pdf *p, const char *s, size_t len, size_t *out_len)
{
    uint64_t changed = 0;
    buf_clear(&p->cut);
    report_text_clean(s, len < TEXT_MAX ? len : TEXT_MAX, false, &p->cut, &changed);
    buf_clear(&p->clean);
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
        uint32_t cp = 0xFFFD;
        size_t n = utf8_decode(s + i, len - i, &cp);
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
    pdf_fonts_show(&p->fonts, p->page, face, size, x, y, s, len);
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
        buf_clear(&p->cut);
        buf_add(&p->cut, clean, len);
        buf_adds(&p->cut, ellipsis);
        clean = buf_str(&p->cut);
        len = p->cut.len;
    }
    show(p, face, size, anchor, x, y, clean, len);
}

void pdf_line(struct pdf *p, float x1, float y1, float x2, float y2, float thickness)
{
    (void)HPDF_Page_SetLineWidth(p->page, thickness);
    (void)HPDF_Page_MoveTo(p->page, x1, y1);
    (void)HPDF_Page_LineTo(p->page, x2, y2);
    (void)HPDF_Page_Stroke(p->page);
}

void pdf_dashed_line(struct pdf *p, float x1, float y1, float x2, float y2, float thickness)
{
    static const HPDF_UINT16 dashes[] = {3, 2};
    (void)HPDF_Page_SetDash(p->page, dashes, 2, 0);
    pdf_line(p, x1, y1, x2, y2, thickness);
    (void)HPDF_Page_SetDash(p->page, NULL, 0, 0);
}

void pdf_box(struct pdf *p, float x, float y, float width, float height)
{
    (void)HPDF_Page_Rectangle(p->page, x, y, width, height);
    (void)HPDF_Page_Fill(p->page);
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
