/* A text as a QR code for screens and printers of text. Source: ISO/IEC 18004, through
 * libqrencode. */
#ifndef AFORO_REPORTS_QR_TEXT_H
#define AFORO_REPORTS_QR_TEXT_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * Append the code as lines of text, dark modules on light, four light modules around it.
 *
 * ascii: two characters a module ("##"); else half blocks, two modules a character.
 * Errors: ERR_LIMIT for a text that no QR code holds, ERR_NOMEM.
 */
enum err_code qr_text(const char *text, bool ascii, struct buf *out, struct err *e) MUST_CHECK;

#endif
