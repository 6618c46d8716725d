/* A receipt on A4: the same lines in the middle of the sheet, larger. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "reports/bill_sheet.h"
#include "reports/out_barcode.h"
#include "reports/out_qr.h"
#include "reports/receipt_paper.h"

#define STRIP 300.0F /* width of the strip that the lines stand on */
#define STRIP_LEFT ((PDF_A4_SHORT - STRIP) / 2.0F)
#define STRIP_RIGHT (STRIP_LEFT + STRIP)
#define QR_SIDE 110.0F
#define LEADING 1.45F
#define BAR_HEIGHT 43.0F /* 15 mm */

struct strip {
    struct pdf *pdf;
    const struct brand *brand; /* NULL: none */
    float y;
};

/* Keep `height` free: on the next sheet when this one is full. */
static enum err_code strip_need(struct strip *s, float height, struct err *e)
{
    if (s->y - height >= SHEET_BOTTOM) {
        return ERR_OK;
    }
    TRY(pdf_page(s->pdf, false, e));
    s->y = SHEET_TOP;
    return ERR_OK;
}

static enum err_code strip_words(struct strip *s, enum pdf_face face, float size, bool centred,
                                 const char *text, struct err *e)
{
    size_t len = strlen(text);
    for (size_t at = 0, next = 0; at < len; at += next) {
        size_t n = pdf_line_fit(s->pdf, face, size, STRIP, text + at, len - at, &next);
        TRY(strip_need(s, size * LEADING, e));
        s->y -= size * LEADING;
        pdf_text_n(s->pdf, face, size, centred ? PDF_CENTRE : PDF_LEFT,
                   centred ? PDF_A4_SHORT / 2.0F : STRIP_LEFT, s->y, text + at, n);
    }
    return ERR_OK;
}

static enum err_code strip_pair(struct strip *s, const struct paper_line *l, enum pdf_face face,
                                float size, struct err *e)
{
    float right = pdf_text_width(s->pdf, face, size, l->right, strlen(l->right));
    right = right > STRIP * 0.6F ? STRIP * 0.6F : right;
    TRY(strip_need(s, size * LEADING, e));
    s->y -= size * LEADING;
    pdf_text_within(s->pdf, face, size, PDF_LEFT, STRIP_LEFT, s->y, STRIP - right - 8, false,
                    l->left);
    pdf_text_within(s->pdf, face, size, PDF_RIGHT, STRIP_RIGHT, s->y, STRIP * 0.6F, false,
                    l->right);
    return ERR_OK;
}

static enum err_code strip_rule(struct strip *s, struct err *e)
{
    TRY(strip_need(s, 14, e));
    s->y -= 8;
    pdf_ink(s->pdf, INK_RULE);
    pdf_line(s->pdf, STRIP_LEFT, s->y, STRIP_RIGHT, s->y, 0.8F);
    s->y -= 2;
    return ERR_OK;
}

static enum err_code strip_qr(struct strip *s, const char *text, struct err *e)
{
    TRY(strip_need(s, QR_SIDE + 8, e));
    s->y -= 8;
    TRY(qr_draw(s->pdf, text, (PDF_A4_SHORT - QR_SIDE) / 2.0F, s->y, QR_SIDE, e));
    s->y -= QR_SIDE;
    return ERR_OK;
}

/* Wider than the strip, in the middle of the sheet. */
static enum err_code strip_barcode(struct strip *s, const char *text, struct err *e)
{
    struct barcode code;
    TRY(barcode_encode(text, &code, e));
    TRY(strip_need(s, BAR_HEIGHT + 24, e));
    s->y -= 10 + BAR_HEIGHT;
    pdf_ink(s->pdf, 0x000000);
    barcode_draw(s->pdf, &code, (PDF_A4_SHORT - barcode_width(&code)) / 2.0F, s->y, BAR_HEIGHT);
    s->y -= 10;
    pdf_text_within(s->pdf, PDF_SANS, 7.5F, PDF_CENTRE, PDF_A4_SHORT / 2.0F, s->y, SHEET_WIDTH,
                    true, text);
    s->y -= 4;
    return ERR_OK;
}

/* The office's name in its colour, and its own lines below. */
static enum err_code strip_office(struct strip *s, const char *name, struct err *e)
{
    const struct brand *b = s->brand;
    pdf_ink(s->pdf, b != NULL && b->accent != 0 ? b->accent : INK_ACCENT);
    TRY(strip_words(s, PDF_BOLD, 15, true, name, e));
    pdf_ink(s->pdf, INK_SOFT);
    for (size_t i = 0; b != NULL && i < BILL_TEXT_LINES_MAX && b->lines[i] != NULL; i++) {
        TRY(strip_words(s, PDF_SANS, 8, true, b->lines[i], e));
    }
    return ERR_OK;
}

static enum err_code strip_line(struct strip *s, const struct paper_line *l, struct err *e)
{
    pdf_ink(s->pdf, INK_TEXT);
    switch (l->style) {
    case PAPER_OFFICE:
        return strip_office(s, l->left, e);
    case PAPER_TITLE:
        return strip_words(s, PDF_BOLD, 12, true, l->left, e);
    case PAPER_MARK:
        return strip_words(s, PDF_BOLD, 11, true, l->left, e);
    case PAPER_PAIR:
        return strip_pair(s, l, PDF_SANS, 9, e);
    case PAPER_TOTAL:
        return strip_pair(s, l, PDF_BOLD, 11, e);
    case PAPER_TEXT:
        return strip_words(s, PDF_SANS, 8, false, l->left, e);
    case PAPER_RULE:
        return strip_rule(s, e);
    case PAPER_BARCODE:
        return strip_barcode(s, l->left, e);
    case PAPER_QR:
        return strip_qr(s, l->left, e);
    }
    return ERR_OK;
}

static enum err_code strip_draw(struct pdf *pdf, const struct paper *p,
                                const struct brand *brand, struct err *e)
{
    struct strip s = {pdf, brand, SHEET_TOP};
    TRY(pdf_page(pdf, false, e));
    for (size_t i = 0; i < p->count; i++) {
        TRY(strip_line(&s, &p->lines[i], e));
    }
    return pdf_status(pdf, e);
}

enum err_code receipt_pdf_write(const struct receipt *r, const struct paper *p,
                                const struct office_look *look, const char *path, struct err *e)
{
    char title[64];
    struct pdf *pdf = NULL;
    (void)snprintf(title, sizeof title, _("Receipt %" PRId64), r->number);
    struct pdf_meta meta = {.title = title,
                            .author = r->office,
                            .created = r->taken,
                            .press = look != NULL ? look->press : NULL};
    enum err_code code = pdf_new(&meta, &pdf, e);
    if (code == ERR_OK) {
        code = strip_draw(pdf, p, office_look_at(look, r->seq), e);
    }
    if (code == ERR_OK) {
        code = pdf_save_as(pdf, path, e);
    }
    pdf_free(pdf);
    return code;
}
