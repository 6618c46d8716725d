#include <config.h>

#include "reports/out_qr.h"

#include <errno.h>
#include <string.h>

#include <qrencode.h>

#include "base/i18n.h"

#define QUIET 4 /* modules around the code: ISO/IEC 18004, 9.1 */

#define SIDE_MAX 177 /* modules of the largest code, version 40 */

/* One bit a module, rows packed to bytes. */
static void modules_pack(const QRcode *qr, unsigned char *bits)
{
    size_t width = (size_t)qr->width, row_bytes = (width + 7) / 8;
    for (size_t i = 0; i < width * width; i++) {
        size_t row = i / width, column = i % width;
        if ((qr->data[i] & 1) != 0) {
            bits[row * row_bytes + column / 8] |= (unsigned char)(0x80 >> column % 8);
        }
    }
}

/* Level M: a fold or a stain of an eighth of the area does no harm. */
enum err_code qr_draw(struct pdf *p, const char *text, float x, float y, float side,
                      struct err *e)
{
    unsigned char bits[SIDE_MAX * ((SIDE_MAX + 7) / 8)] = {0};
    QRcode *qr =
        QRcode_encodeData((int)strlen(text), (const unsigned char *)text, 0, QR_ECLEVEL_M);
    if (qr == NULL) {
        return errno == ENOMEM ? err_nomem(e)
                               : err_set(e, ERR_LIMIT, _("a text of %zu bytes fits no QR code"),
                                         strlen(text));
    }
    CHECK(qr->width <= SIDE_MAX);
    unsigned width = (unsigned)qr->width;
    float module = side / (float)(width + 2 * QUIET), inside = module * (float)width;
    modules_pack(qr, bits);
    pdf_bitmap(p, x + QUIET * module, y - side + QUIET * module, inside, inside, width, width,
               bits);
    QRcode_free(qr);
    return pdf_status(p, e);
}
