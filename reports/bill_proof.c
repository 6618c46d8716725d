/* Where the reader is told how to check the bill: the QR code, and the file attached. */
#include <config.h>

#include "base/i18n.h"
#include "reports/bill_sheet.h"
#include "reports/out_qr.h"

#define QR_SIDE 80.0F
#define QR_SIDE_TIGHT 62.0F /* below a payment barcode, or where it keeps the bill one page */
#define QR_GAP 12.0F
#define SECTION_HEAD 26.0F /* what sheet_section() asks for besides what follows */

enum err_code bill_proof_draw(struct sheet *s, struct err *e)
{
    const struct bill_doc *d = s->doc;
    bool tight = d->pay_code != NULL || s->y - SECTION_HEAD - QR_SIDE < SHEET_BOTTOM;
    float side = tight ? QR_SIDE_TIGHT : QR_SIDE, gap = tight ? 2 : 4;
    float x = SHEET_LEFT + side + QR_GAP;
    if (d->code == NULL) {
        return ERR_OK;
    }
    TRY(sheet_section(s, _("Check this bill"), tight ? side - 10 : side, e));
    TRY(sheet_need(s, side, NULL, e));
    float top = s->y;
    pdf_ink(s->pdf, INK_TEXT);
    TRY(qr_draw(s->pdf, d->code, SHEET_LEFT, top, side, e));
    s->y = top - (tight ? 2 : 12);
    TRY(sheet_paragraph(s, PDF_SANS, 8, INK_TEXT, x, SHEET_RIGHT - x,
                        _("The code holds the number of the bill, its amount, the leaf hash of "
                          "its record and the office's signature over them."),
                        e));
    if (d->proof_name != NULL) {
        s->y -= gap;
        TRY(sheet_paragraph(s, PDF_SANS, 8, INK_TEXT, x, SHEET_RIGHT - x,
                            _("The whole proof, from the readings to the signed checkpoint, is "
                              "attached to this file. Anybody can check it, without asking us: "
                              "aforo check, with this file."),
                            e));
        s->y -= gap;
        TRY(sheet_paragraph(s, PDF_MONO, 7, INK_SOFT, x, SHEET_RIGHT - x, d->proof_name, e));
    }
    s->y = top - side < s->y ? top - side : s->y;
    return pdf_status(s->pdf, e);
}
