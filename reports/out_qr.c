#include <config.h>

#include "reports/out_qr.h"

#include <errno.h>
#include <string.h>

#include <qrencode.h>

#include "base/i18n.h"

#define QUIET 4 /* modules around the code: ISO/IEC 18004, 9.1 */

/* Level M: a fold or a stain of an eighth of the area does no harm. */
enum err_code qr_draw(struct pdf *p, const char *text, float x, float y, float side,
                      struct err *e)
{
    QRcode *qr =
        QRcode_encodeData((int)strlen(text), (const unsigned char *)text, 0, QR_ECLEVEL_M);
    if (qr == NULL) {
        return errno == ENOMEM ? err_nomem(e)
                               : err_set(e, ERR_LIMIT, _("a text of %zu bytes fits no QR code"),
                                         strlen(text));
    }
    int width = qr->width;
    float module = side / (float)(width + 2 * QUIET);
    for (int row = 0; row < width; row++) {
        const unsigned char *bits = qr->data + (size_t)row * (size_t)width;
        for (int from = 0, to = 0; from < width; from = to + 1) {
            for (to = from; to < width && (bits[to] & 1) != 0; to++) {
            }
            if (to > from) {
                pdf_box_add(p, x + (float)(from + QUIET) * module,
                            y - (float)(row + 1 + QUIET) * module, (float)(to - from) * module,
                            module);
            }
        }
    }
    pdf_boxes_fill(p);
    QRcode_free(qr);
    return pdf_status(p, e);
}
