#include <config.h>

#include "reports/field_paper_pdf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "reports/bill_sheet.h"
#include "reports/model.h"

#define LABEL_WIDTH 200.0F
#define VALUE_LEFT (SHEET_LEFT + LABEL_WIDTH + 12.0F)
#define VALUE_WIDTH (SHEET_RIGHT - VALUE_LEFT)
#define SIZE 9.5F
#define LEADING (SIZE * 1.4F)
#define SIGN_WIDTH ((SHEET_WIDTH - 40.0F) / 2.0F)
#define SIGN_HEIGHT 92.0F

struct page {
    struct pdf *pdf;
    const struct field_paper *paper;
    const struct numfmt *fmt;
    float y; /* top of what comes next */
};

static enum err_code page_need(struct page *g, float height, struct err *e)
{
    if (g->y - height >= SHEET_BOTTOM) {
        return ERR_OK;
    }
    TRY(pdf_page(g->pdf, false, e));
    g->y = SHEET_TOP;
    return ERR_OK;
}

/* A paragraph; each of its lines stays whole on a page. */
static enum err_code words(struct page *g, enum pdf_face face, float x, float width,
                           const char *text, struct err *e)
{
    size_t len = strlen(text);
    for (size_t at = 0, next = 0; at < len; at += next) {
        size_t n = pdf_line_fit(g->pdf, face, SIZE, width, text + at, len - at, &next);
        TRY(page_need(g, LEADING, e));
        pdf_text_n(g->pdf, face, SIZE, PDF_LEFT, x, g->y - SIZE, text + at, n);
        g->y -= LEADING;
    }
    return ERR_OK;
}

/* Label and value side by side; the longer of the two says where the next row begins. */
static enum err_code row(struct page *g, const char *label, const char *value, struct err *e)
{
    TRY(page_need(g, 3 * LEADING, e));
    float top = g->y;
    pdf_ink(g->pdf, INK_SOFT);
    TRY(words(g, PDF_SANS, SHEET_LEFT, LABEL_WIDTH, label, e));
    float below = g->y;
    g->y = top;
    pdf_ink(g->pdf, INK_TEXT);
    TRY(words(g, PDF_BOLD, VALUE_LEFT, VALUE_WIDTH, value, e));
    /* A value that went on to the next page leaves its label behind. */
    g->y = g->y > top ? g->y : below < g->y ? below : g->y;
    g->y -= 5;
    pdf_ink(g->pdf, INK_RULE);
    pdf_line(g->pdf, SHEET_LEFT, g->y, SHEET_RIGHT, g->y, 0.5F);
    g->y -= 5;
    return ERR_OK;
}

static enum err_code row_if(struct page *g, const char *label, const char *value, struct err *e)
{
    return *value != '\0' ? row(g, label, value, e) : ERR_OK;
}

static enum err_code row_date(struct page *g, const char *label, const char *iso, struct err *e)
{
    struct date d;
    struct buf text;
    if (*iso == '\0') {
        return ERR_OK;
    }
    TRY(date_parse(iso, strlen(iso), &d, e));
    buf_init(&text, 64);
    report_print_date(d, g->fmt, &text);
    enum err_code code = buf_status(&text, _("date"), e);
    if (code == ERR_OK) {
        code = row(g, label, buf_str(&text), e);
    }
    buf_release(&text);
    return code;
}

static enum err_code head(struct page *g, struct err *e)
{
    const struct field_paper *p = g->paper;
    char number[64];
    TRY(pdf_page(g->pdf, false, e));
    g->y = SHEET_TOP;
    pdf_ink(g->pdf, INK_ACCENT);
    pdf_text_within(g->pdf, PDF_BOLD, 12, PDF_LEFT, SHEET_LEFT, g->y - 12, SHEET_WIDTH * 0.7F,
                    false, p->office);
    (void)snprintf(number, sizeof number, _("No. %" PRId64), p->number);
    pdf_text(g->pdf, PDF_SANS, 11, PDF_RIGHT, SHEET_RIGHT, g->y - 12, number);
    g->y -= 34;
    pdf_ink(g->pdf, INK_TEXT);
    pdf_text(g->pdf, PDF_BOLD, 17, PDF_LEFT, SHEET_LEFT, g->y - 14, _(p->template->title));
    g->y -= 26;
    pdf_ink(g->pdf, INK_ACCENT);
    pdf_box(g->pdf, SHEET_LEFT, g->y, SHEET_WIDTH, 1.4F);
    g->y -= 14;
    if (p->is_void) {
        pdf_ink(g->pdf, INK_TEXT);
        TRY(words(g, PDF_BOLD, SHEET_LEFT, SHEET_WIDTH, _("VOID: it counts no more"), e));
        TRY(words(g, PDF_SANS, SHEET_LEFT, SHEET_WIDTH, p->void_reason, e));
        g->y -= 8;
    }
    return ERR_OK;
}

static enum err_code about(struct page *g, struct err *e)
{
    const struct field_paper *p = g->paper;
    char work[32] = "";
    if (p->work != 0) {
        (void)snprintf(work, sizeof work, "%" PRId64, p->work);
    }
    TRY(row_date(g, _("Date"), p->date, e));
    TRY(row_if(g, _("Meter"), p->serial, e));
    TRY(row_if(g, _("Place"), p->place, e));
    TRY(row_if(g, _("Account"), p->account, e));
    TRY(row_if(g, _("Customer"), p->customer, e));
    TRY(row_if(g, _("Work order"), work, e));
    for (size_t i = 0; i < p->value_count; i++) {
        TRY(row_if(g, p->values[i].label, p->values[i].text, e));
    }
    return row_date(g, _("Next due, or kept until"), p->due, e);
}

/* Who signs: a line, and below it the name and in what quality. */
static void sign(struct page *g, float x, const char *name, const char *quality)
{
    float y = g->y - SIGN_HEIGHT + 28;
    pdf_ink(g->pdf, INK_TEXT);
    pdf_line(g->pdf, x, y, x + SIGN_WIDTH, y, 0.8F);
    pdf_text_within(g->pdf, PDF_BOLD, SIZE, PDF_LEFT, x, y - 13, SIGN_WIDTH, false, name);
    pdf_ink(g->pdf, INK_SOFT);
    pdf_text_within(g->pdf, PDF_SANS, SIZE - 1, PDF_LEFT, x, y - 25, SIGN_WIDTH, false,
                    quality);
}

static enum err_code signatures(struct page *g, struct err *e)
{
    const struct field_paper *p = g->paper;
    g->y -= 10;
    pdf_ink(g->pdf, INK_TEXT);
    TRY(words(g, PDF_SANS, SHEET_LEFT, SHEET_WIDTH, _(p->template->statement), e));
    TRY(page_need(g, SIGN_HEIGHT, e));
    sign(g, SHEET_LEFT, p->author, _("for the company"));
    if (*p->signer != '\0') {
        sign(g, SHEET_LEFT + SIGN_WIDTH + 40, p->signer, _("for the customer"));
    }
    g->y -= SIGN_HEIGHT;
    return ERR_OK;
}

static void foot(struct page *g)
{
    char text[200];
    (void)snprintf(text, sizeof text, _("entry %" PRId64 " of the ledger, %.16s..."),
                   g->paper->seq, g->paper->leaf);
    pdf_ink(g->pdf, INK_SOFT);
    pdf_text(g->pdf, PDF_SANS, 7.5F, PDF_LEFT, SHEET_LEFT, SHEET_BOTTOM - 24, text);
}

static enum err_code draw(struct page *g, struct err *e)
{
    TRY(head(g, e));
    TRY(about(g, e));
    TRY(signatures(g, e));
    foot(g);
    return pdf_status(g->pdf, e);
}

enum err_code field_paper_pdf_write(const struct field_paper *p, const struct numfmt *fmt,
                                    const char *path, struct err *e)
{
    char title[96];
    struct page g = {.paper = p, .fmt = fmt};
    struct date day;
    TRY(date_parse(p->date, strlen(p->date), &day, e));
    struct out_file *file = mem_alloc(sizeof *file);
    if (file == NULL) {
        return err_nomem(e);
    }
    (void)snprintf(title, sizeof title, "%s %" PRId64, _(p->template->title), p->number);
    struct pdf_meta meta = {.title = title, .author = p->office, .created = {.date = day}};
    enum err_code code = out_file_open(file, path, e);
    if (code == ERR_OK) {
        code = pdf_new(&meta, &g.pdf, e);
    }
    if (code == ERR_OK) {
        code = draw(&g, e);
    }
    if (code == ERR_OK) {
        code = pdf_save(g.pdf, file, e);
    }
    pdf_free(g.pdf);
    out_file_discard(file);
    mem_free(file);
    return code;
}
