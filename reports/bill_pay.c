/* What to pay by: the reference, and the barcode that holds it with amount and day. */
#include <config.h>

#include <stdio.h>

#include "base/i18n.h"
#include "reports/bill_sheet.h"
#include "reports/out_barcode.h"

#define BAR_HEIGHT 34.0F /* 12 mm */
#define TEXT_SIZE 7.5F
#define TEXT_HEIGHT 13.0F

static enum err_code bars(struct sheet *s, struct err *e)
{
    struct barcode code;
    TRY(barcode_encode(s->doc->pay_code, &code, e));
    float width = barcode_width(&code), x = SHEET_LEFT + (SHEET_WIDTH - width) / 2;
    s->y -= 4 + BAR_HEIGHT;
    pdf_ink(s->pdf, 0x000000);
    barcode_draw(s->pdf, &code, x, s->y, BAR_HEIGHT);
    pdf_text_within(s->pdf, PDF_SANS, TEXT_SIZE, PDF_CENTRE, x + width / 2, s->y - 9,
                    SHEET_WIDTH, true, s->doc->pay_code);
    s->y -= TEXT_HEIGHT;
    return ERR_OK;
}

enum err_code bill_pay_draw(struct sheet *s, struct err *e)
{
    char line[128];
    const struct bill_doc *d = s->doc;
    if (d->pay_reference == NULL) {
        return ERR_OK;
    }
    s->y -= 3;
    TRY(sheet_section(s, _("To pay at a bank, agency or till"),
                      d->pay_code != NULL ? BAR_HEIGHT + TEXT_HEIGHT + 4 : 0, e));
    (void)snprintf(line, sizeof line, _("Payment reference: %s"), d->pay_reference);
    pdf_ink(s->pdf, INK_TEXT);
    pdf_text_within(s->pdf, PDF_BOLD, 9, PDF_RIGHT, SHEET_RIGHT, s->y + 6.5F,
                    SHEET_WIDTH * 0.5F, true, line);
    if (d->pay_code != NULL) {
        TRY(bars(s, e));
    }
    return pdf_status(s->pdf, e);
}
