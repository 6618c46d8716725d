/* A linear barcode as vector bars. Source: ISO/IEC 15417 (Code 128) and GS1 General
 * Specifications 5.4 (GS1-128), through libzint. */
#ifndef AFORO_REPORTS_OUT_BARCODE_H
#define AFORO_REPORTS_OUT_BARCODE_H

#include <stddef.h>

#include "base/err.h"
#include "reports/out_pdf_canvas.h"

/* The module is four dots of a printer of 300 dpi, eight of one of 600: each bar is a whole
 * number of dots wide, on any of them. 0.96 points are 0.339 mm; GS1 asks for 0.25 to 0.495. */
#define BARCODE_DOT 0.24F
#define BARCODE_MODULE (4.0F * BARCODE_DOT)
#define BARCODE_QUIET 10 /* modules at either side: ISO/IEC 15417, 4.5 */
#define BARCODE_MODULES_MAX 1152

struct barcode {
    size_t modules;                              /* without quiet zones */
    unsigned char bars[BARCODE_MODULES_MAX / 8]; /* a bit a module, the lowest first */
};

/*
 * Encode a text: GS1-128 where it begins with a bracket, "(415)...(8020)...", else Code 128.
 *
 * Errors: ERR_RANGE for what the symbology or an identifier does not take, in the library's
 * words; ERR_NOMEM.
 */
enum err_code barcode_encode(const char *text, struct barcode *out, struct err *e) MUST_CHECK;
/* Width on paper, quiet zones included. */
float barcode_width(const struct barcode *b);
/* Draw the bars in the ink that is set, the quiet zones left white at both ends; x, y: the
 * lower left corner, moved to the next dot. */
void barcode_draw(struct pdf *p, const struct barcode *b, float x, float y, float height);

#endif
