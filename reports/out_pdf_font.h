/* The faces of a PDF: text is written one byte a character in a Latin encoding of ours, which
 * keeps files small and quick; what Latin lacks goes through a 16-bit font made only when such
 * a character appears. */
#ifndef AFORO_REPORTS_OUT_PDF_FONT_H
#define AFORO_REPORTS_OUT_PDF_FONT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hpdf.h>

#include "base/buf.h"
#include "base/err.h"
#include "reports/out_pdf_canvas.h"

#define PDF_LATIN_SIZE 0x2600 /* code points the Latin encoding is looked up in */

struct pdf_face_fonts {
    const char *name; /* the library's name of the loaded file; NULL: not loaded yet */
    HPDF_Font latin, wide;
    uint16_t *widths; /* by code point of the BMP, thousandths of the size; the library would
                         search each time */
};

struct pdf_fonts {
    HPDF_Doc doc;
    char dir[PATH_MAX];
    struct pdf_face_fonts faces[PDF_FACE_COUNT];
    uint8_t latin[PDF_LATIN_SIZE]; /* code point -> byte, 0: none */
    bool wide_ready;
    struct buf run; /* one stretch of text in one font's bytes */
};

/* Errors: ERR_NOT_FOUND names the font file that is missing. */
enum err_code pdf_fonts_init(struct pdf_fonts *f, HPDF_Doc doc, const char *dir,
                             struct err *e) MUST_CHECK;
void pdf_fonts_release(struct pdf_fonts *f);
/* Advance of a character in thousandths; 0 when the face could not be loaded (the library then
 * holds the error). */
unsigned pdf_fonts_width(struct pdf_fonts *f, enum pdf_face face, uint32_t cp);
/* Draw clean UTF-8 (BMP only) with its left end at x, y. */
void pdf_fonts_show(struct pdf_fonts *f, HPDF_Page page, enum pdf_face face, float size,
                    float x, float y, const char *s, size_t len);
/* A property of the document, in UTF-16. */
void pdf_fonts_info(struct pdf_fonts *f, HPDF_InfoType type, const char *text);

#endif
