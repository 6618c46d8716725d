#include <config.h>

#include "reports/qr_text.h"

#include <errno.h>
#include <string.h>

#include <qrencode.h>

#include "base/i18n.h"

#define QUIET 4 /* modules around the code: ISO/IEC 18004, 9.1 */

static bool dark(const QRcode *qr, int row, int column)
{
    return row >= 0 && column >= 0 && row < qr->width && column < qr->width &&
           (qr->data[row * qr->width + column] & 1) != 0;
}

/* What shines on a dark screen are the light modules; readers of codes take either. */
static void half_blocks(const QRcode *qr, struct buf *out)
{
    static const char *const blocks[4] = {"\xe2\x96\x88", "\xe2\x96\x80", "\xe2\x96\x84", " "};
    for (int row = -QUIET; row < qr->width + QUIET; row += 2) {
        for (int column = -QUIET; column < qr->width + QUIET; column++) {
            int upper = dark(qr, row, column) ? 2 : 0;
            int lower = dark(qr, row + 1, column) ? 1 : 0;
            buf_adds(out, blocks[upper + lower]);
        }
        buf_addc(out, '\n');
    }
}

static void pairs(const QRcode *qr, struct buf *out)
{
    for (int row = -QUIET; row < qr->width + QUIET; row++) {
        for (int column = -QUIET; column < qr->width + QUIET; column++) {
            buf_adds(out, dark(qr, row, column) ? "  " : "##");
        }
        buf_addc(out, '\n');
    }
}

enum err_code qr_text(const char *text, bool ascii, struct buf *out, struct err *e)
{
    QRcode *qr =
        QRcode_encodeData((int)strlen(text), (const unsigned char *)text, 0, QR_ECLEVEL_L);
    if (qr == NULL) {
        return errno == ENOMEM ? err_nomem(e)
                               : err_set(e, ERR_LIMIT, _("a text of %zu bytes fits no QR code"),
                                         strlen(text));
    }
    if (ascii) {
        pairs(qr, out);
    } else {
        half_blocks(qr, out);
    }
    QRcode_free(qr);
    return buf_status(out, _("QR code"), e);
}
