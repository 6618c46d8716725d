#include <config.h>

#include "reports/form_pdf.h"

#include <string.h>

#include "base/i18n.h"
#include "reports/model.h"

#define LABEL_WIDTH 200.0F
#define LOGO_HEIGHT 40.0F
#define LOGO_WIDTH 120.0F
#define VALUE_LEFT (SHEET_LEFT + LABEL_WIDTH + 12.0F)
#define VALUE_WIDTH (SHEET_RIGHT - VALUE_LEFT)

enum err_code form_page(struct form *f, struct err *e)
{
    TRY(pdf_page(f->pdf, false, e));
    f->y = SHEET_TOP;
    return ERR_OK;
}

enum err_code form_need(struct form *f, float height, struct err *e)
{
    return f->y - height >= SHEET_BOTTOM ? ERR_OK : form_page(f, e);
}

enum err_code form_words(struct form *f, enum pdf_face face, float x, float width,
                         const char *text, struct err *e)
{
    size_t len = strlen(text);
    for (size_t at = 0, next = 0; at < len; at += next) {
        size_t n = pdf_line_fit(f->pdf, face, FORM_SIZE, width, text + at, len - at, &next);
        TRY(form_need(f, FORM_LEADING, e));
        pdf_text_n(f->pdf, face, FORM_SIZE, PDF_LEFT, x, f->y - FORM_SIZE, text + at, n);
        f->y -= FORM_LEADING;
    }
    return ERR_OK;
}

uint32_t form_accent(const struct form *f)
{
    return f->brand != NULL && f->brand->accent != 0 ? f->brand->accent : INK_ACCENT;
}

/* The logo in its place; returns how far the office's name moves right. */
static float logo(struct form *f)
{
    const struct pdf_picture *picture =
        f->brand != NULL && f->brand->has_logo ? &f->brand->logo : NULL;
    if (picture == NULL) {
        return 0;
    }
    float scale = LOGO_HEIGHT / (float)picture->height;
    scale =
        (float)picture->width * scale > LOGO_WIDTH ? LOGO_WIDTH / (float)picture->width : scale;
    float width = (float)picture->width * scale, height = (float)picture->height * scale;
    pdf_picture_draw(f->pdf, picture, SHEET_LEFT, f->y - height, width, height);
    return width + 10;
}

/* Who writes: moves down below the logo and the office's own lines. */
static void office_head(struct form *f, const char *office, const char *number)
{
    float x = SHEET_LEFT + logo(f), least = x > SHEET_LEFT ? f->y - LOGO_HEIGHT : f->y;
    float width = SHEET_LEFT + SHEET_WIDTH * 0.7F - x;
    pdf_ink(f->pdf, form_accent(f));
    pdf_text_within(f->pdf, PDF_BOLD, 12, PDF_LEFT, x, f->y - 12, width, false, office);
    pdf_text(f->pdf, PDF_SANS, 11, PDF_RIGHT, SHEET_RIGHT, f->y - 12, number);
    f->y -= 12;
    pdf_ink(f->pdf, INK_SOFT);
    for (size_t i = 0;
         f->brand != NULL && i < BILL_TEXT_LINES_MAX && f->brand->lines[i] != NULL; i++) {
        f->y -= i == 0 ? 13 : 10.5F;
        pdf_text_within(f->pdf, PDF_SANS, 8, PDF_LEFT, x, f->y, width, false,
                        f->brand->lines[i]);
    }
    f->y = (f->y < least ? f->y : least) - 22;
}

enum err_code form_head(struct form *f, const char *office, const char *number,
                        const char *title, struct err *e)
{
    TRY(form_page(f, e));
    office_head(f, office, number);
    pdf_ink(f->pdf, INK_TEXT);
    pdf_text_within(f->pdf, PDF_BOLD, 17, PDF_LEFT, SHEET_LEFT, f->y - 14, SHEET_WIDTH, false,
                    title);
    f->y -= 26;
    pdf_ink(f->pdf, form_accent(f));
    pdf_box(f->pdf, SHEET_LEFT, f->y, SHEET_WIDTH, 1.4F);
    f->y -= 14;
    pdf_ink(f->pdf, INK_TEXT);
    return ERR_OK;
}

enum err_code form_row(struct form *f, const char *label, const char *value, struct err *e)
{
    TRY(form_need(f, 3 * FORM_LEADING, e));
    float top = f->y;
    pdf_ink(f->pdf, INK_SOFT);
    TRY(form_words(f, PDF_SANS, SHEET_LEFT, LABEL_WIDTH, label, e));
    float below = f->y;
    f->y = top;
    pdf_ink(f->pdf, INK_TEXT);
    TRY(form_words(f, PDF_BOLD, VALUE_LEFT, VALUE_WIDTH, value, e));
    /* The longer of the two says where the next row begins; a value that went on to the next
     * sheet left its label behind. */
    f->y = f->y <= top && below < f->y ? below : f->y;
    f->y -= 5;
    pdf_ink(f->pdf, INK_RULE);
    pdf_line(f->pdf, SHEET_LEFT, f->y, SHEET_RIGHT, f->y, 0.5F);
    f->y -= 5;
    return ERR_OK;
}

enum err_code form_row_if(struct form *f, const char *label, const char *value, struct err *e)
{
    return *value != '\0' ? form_row(f, label, value, e) : ERR_OK;
}

enum err_code form_row_date(struct form *f, const char *label, const char *iso, struct err *e)
{
    struct date d;
    struct buf text;
    if (*iso == '\0') {
        return ERR_OK;
    }
    TRY(date_parse(iso, strlen(iso), &d, e));
    buf_init(&text, 64);
    numfmt_date(f->fmt, d, &text);
    enum err_code code = buf_status(&text, _("date"), e);
    if (code == ERR_OK) {
        code = form_row(f, label, buf_str(&text), e);
    }
    buf_release(&text);
    return code;
}

void form_sign(struct form *f, float x, const char *name, const char *quality)
{
    float y = f->y - FORM_SIGN_HEIGHT + 28;
    pdf_ink(f->pdf, INK_TEXT);
    pdf_line(f->pdf, x, y, x + FORM_SIGN_WIDTH, y, 0.8F);
    pdf_text_within(f->pdf, PDF_BOLD, FORM_SIZE, PDF_LEFT, x, y - 13, FORM_SIGN_WIDTH, false,
                    name);
    pdf_ink(f->pdf, INK_SOFT);
    pdf_text_within(f->pdf, PDF_SANS, FORM_SIZE - 1, PDF_LEFT, x, y - 25, FORM_SIGN_WIDTH,
                    false, quality);
}

void form_foot(struct form *f, const char *text)
{
    pdf_ink(f->pdf, INK_SOFT);
    pdf_text(f->pdf, PDF_SANS, 7.5F, PDF_LEFT, SHEET_LEFT, SHEET_BOTTOM - 24, text);
}
