#include <config.h>

#include "reports/out_pdf_canvas.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hpdf_doc.h>
#include <hpdf_pages.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "reports/model.h"
#include "reports/out_pdf_attach.h"
#include "reports/out_pdf_object.h"
#include "reports/out_pdf_private.h"

#define PAGE_MAX ((size_t)8 << 20) /* bytes of what is drawn on one page */
#define TAIL_SIZE 64               /* a PDF ends: startxref\nN\n%%EOF\n */

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
    if (p->lost || p->clean.failed || p->cut.failed || p->packed.failed ||
        (p->page != NULL && p->page->draw.failed) || p->failed == HPDF_FAILD_TO_ALLOC_MEM ||
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
        const char *key, *text;
    } info[] = {{"Title", meta->title},
                {"Author", meta->author},
                {"Subject", meta->subject},
                {"Creator", "Aforo"}};
    (void)HPDF_SetInfoDateAttr(p->doc, HPDF_INFO_CREATION_DATE, date);
    (void)HPDF_SetInfoDateAttr(p->doc, HPDF_INFO_MOD_DATE, date);
    for (size_t i = 0; i < sizeof(info) / sizeof(info[0]) && p->doc->info != NULL; i++) {
        if (info[i].text != NULL && !pdf_add_text(p->doc->info, info[i].key, info[i].text)) {
            p->lost = true;
        }
    }
}

/* Pages look fonts and pictures up in one dictionary for all of them. */
static bool resources_make(struct pdf *p)
{
    p->resources = pdf_shared_dict(p->doc);
    HPDF_Dict fonts = p->resources == NULL ? NULL : HPDF_Dict_New(p->doc->mmgr);
    if (fonts == NULL || HPDF_Dict_Add(p->resources, "Font", fonts) != HPDF_OK) {
        return false;
    }
    pdf_fonts_init(&p->fonts, p->doc, p->press, fonts);
    return true;
}

static enum err_code document_begin(struct pdf *p, const struct pdf_meta *meta, struct err *e)
{
    p->press = meta->press;
    if (p->press == NULL) {
        TRY(pdf_press_new(meta->font_dir, &p->own_press, e));
        p->press = p->own_press;
    }
    p->doc = HPDF_New(on_error, p);
    if (p->doc == NULL || !resources_make(p)) {
        return err_nomem(e);
    }
    p->doc->pdf_version = HPDF_VER_17; /* of embedded files and their names */
    meta_set(p, meta);
    return pdf_status(p, e);
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
    buf_init(&p->packed, PAGE_MAX + (PAGE_MAX >> 4));
    enum err_code code = document_begin(p, meta, e);
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
    for (size_t i = 0; i < p->page_count; i++) {
        buf_release(&p->pages[i].draw);
    }
    mem_free(p->pages);
    buf_release(&p->clean);
    buf_release(&p->cut);
    buf_release(&p->packed);
    pdf_press_free(p->own_press);
    mem_free(p);
}

static bool pages_grow(struct pdf *p)
{
    struct pdf_leaf *pages = mem_grow(p->pages, p->page_count, &p->page_size, sizeof(*pages));
    p->pages = pages != NULL ? pages : p->pages;
    return pages != NULL;
}

/* A page that nothing was drawn on is black; one that was packed forgot what it was. */
static void page_open(struct pdf_leaf *leaf, bool fresh)
{
    leaf->pen = (struct pen){.size = -1,
                             .thickness = -1,
                             .fill = fresh ? 0 : PDF_INK_UNKNOWN,
                             .stroke = fresh ? 0 : PDF_INK_UNKNOWN};
}

/* The second and later packed parts of a page: its contents become a list. */
static bool contents_append(struct pdf *p, struct pdf_leaf *leaf, HPDF_Dict part)
{
    HPDF_PageAttr attr = leaf->page->attr;
    if (leaf->parts == NULL) {
        leaf->parts = HPDF_Array_New(p->doc->mmgr);
        if (leaf->parts == NULL || HPDF_Array_Add(leaf->parts, attr->contents) != HPDF_OK ||
            HPDF_Dict_Add(leaf->page, "Contents", leaf->parts) != HPDF_OK) {
            return false;
        }
    }
    return HPDF_Array_Add(leaf->parts, part) == HPDF_OK;
}

static void page_pack(struct pdf *p, struct pdf_leaf *leaf)
{
    HPDF_PageAttr attr = leaf->page->attr;
    if (leaf->draw.len == 0 || p->failed != HPDF_OK) {
        return;
    }
    p->lost = p->lost || leaf->draw.failed;
    pdf_reset(p, &p->packed);
    bool done = pdf_press_pack(p->press, leaf->draw.data, leaf->draw.len, &p->packed);
    if (done && !leaf->packed) {
        done = pdf_packed_fill(attr->contents, p->packed.data, p->packed.len);
    } else if (done) {
        HPDF_Dict part = pdf_packed_stream(p->doc, p->packed.data, p->packed.len);
        done = part != NULL && contents_append(p, leaf, part);
    }
    p->lost = p->lost || !done;
    leaf->packed = true;
    buf_release(&leaf->draw);
    page_open(leaf, false);
}

void pdf_pages_pack(struct pdf *p)
{
    if (p->page != NULL) {
        pdf_text_end(p);
    }
    for (size_t i = p->pages_packed; i < p->page_count; i++) {
        page_pack(p, &p->pages[i]);
    }
    p->pages_packed = p->page_count;
}

/* The library's page, without the resources it gives each: all share ours. */
static HPDF_Page page_make(struct pdf *p, bool landscape)
{
    HPDF_Page page = HPDF_AddPage(p->doc);
    if (page == NULL || HPDF_Dict_Add(page, "Resources", p->resources) != HPDF_OK) {
        return NULL;
    }
    (void)HPDF_Page_SetWidth(page, landscape ? PDF_A4_LONG : PDF_A4_SHORT);
    (void)HPDF_Page_SetHeight(page, landscape ? PDF_A4_SHORT : PDF_A4_LONG);
    return page;
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
    if (p->page != NULL) {
        pdf_text_end(p);
    }
    if (!pages_grow(p)) {
        return err_nomem(e);
    }
    p->page = NULL; /* the pages may have moved */
    HPDF_Page page = page_make(p, landscape);
    if (page == NULL) {
        p->lost = true;
        return pdf_status(p, e);
    }
    p->page = &p->pages[p->page_count++];
    *p->page = (struct pdf_leaf){.page = page, .landscape = landscape};
    buf_init(&p->page->draw, PAGE_MAX);
    page_open(p->page, true);
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
    pdf_text_end(p);
    p->lost = p->lost || p->page->draw.failed;
    p->page = &p->pages[index];
    p->pages_packed = index < p->pages_packed ? index : p->pages_packed;
    p->ink = 0;
}

float pdf_page_height(const struct pdf *p)
{
    return p->page->landscape ? PDF_A4_SHORT : PDF_A4_LONG;
}

void pdf_attach(struct pdf *p, const char *name, const void *data, size_t len)
{
    pdf_reset(p, &p->packed);
    p->lost = !pdf_press_pack(p->press, data, len, &p->packed) ||
              !pdf_attach_to(p->doc, name, p->packed.data, p->packed.len) || p->lost;
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
    pdf_pages_pack(p);
    pdf_fonts_embed(&p->fonts);
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

enum err_code pdf_save_as(struct pdf *p, const char *path, struct err *e)
{
    struct out_file *f = mem_alloc(sizeof *f);
    if (f == NULL) {
        return err_nomem(e);
    }
    enum err_code code = out_file_open(f, path, e);
    if (code == ERR_OK) {
        code = pdf_save(p, f, e);
    }
    out_file_discard(f);
    mem_free(f);
    return code;
}
