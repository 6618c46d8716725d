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
    bool lost;      /* memory ran out */
    struct buf run; /* one stretch of text in one font's bytes */
};

/* Errors: ERR_NOT_FOUND names the font file that is missing. */
enum err_code pdf_fonts_init(struct pdf_fonts *f, HPDF_Doc doc, const char *dir,
                             struct err *e) MUST_CHECK;
void pdf_fonts_release(struct pdf_fonts *f);
/* Advance of a character in thousandths; 0 when the face could not be loaded (the library then
 * holds the error). */
unsigned pdf_fonts_width(struct pdf_fonts *f, enum pdf_face face, uint32_t cp);
/*
 * Take the longest stretch at s that one font can show.
 *
 * s:     clean UTF-8 (BMP only), len > 0.
 * font:  set, NULL after a failure; bytes: the text in that font's codes, valid until the next
 * call. Returns the bytes of s taken.
 */
size_t pdf_fonts_run(struct pdf_fonts *f, enum pdf_face face, const char *s, size_t len,
                     HPDF_Font *font, const char **bytes);
/* A property of the document, in UTF-16. */
void pdf_fonts_info(struct pdf_fonts *f, HPDF_InfoType type, const char *text);

#endif
