/* A text as a QR code. Source: ISO/IEC 18004, through libqrencode. */
#ifndef AFORO_REPORTS_OUT_QR_H
#define AFORO_REPORTS_OUT_QR_H

#include "base/err.h"
#include "reports/out_pdf_canvas.h"

/* Draw it in the square with the upper left corner x, y; around it four modules stay white.
 * Errors: ERR_LIMIT for a text that no QR code holds, ERR_NOMEM. */
enum err_code qr_draw(struct pdf *p, const char *text, float x, float y, float side,
                      struct err *e) MUST_CHECK;

#endif
