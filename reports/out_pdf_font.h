/* The faces of one document: text is written one byte a character in the press's Latin
 * encoding, which keeps files small and quick; what Latin lacks goes through a second font of
 * the face, with codes given in the order of appearance. Private to the canvas. */
#ifndef AFORO_REPORTS_OUT_PDF_FONT_H
#define AFORO_REPORTS_OUT_PDF_FONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hpdf.h>

#include "base/buf.h"
#include "base/err.h"
#include "reports/pdf_press.h"

/* Codes for characters beyond Latin: more than the BMP has. */
#define PDF_WIDE_MAX (255 * 255)

struct pdf_face_fonts {
    HPDF_Dict latin, wide; /* NULL: not used in this document */
    unsigned groups;       /* of the Latin characters used */
    uint32_t *chars;       /* beyond Latin, in the order of appearance */
    uint16_t *index;       /* code point of the BMP -> place in chars plus 1 */
    size_t char_count;
};

struct pdf_fonts {
    HPDF_Doc doc;
    struct pdf_press *press;
    struct pdf_face_fonts faces[PDF_FACE_COUNT];
    HPDF_Dict resources; /* "Font" of all pages */
    bool lost;           /* memory ran out */
};

/* One font in pages: "S", and "SX" for what Latin lacks. */
#define PDF_FONT_NAME_SIZE 4

/* resources: the dictionary that pages look fonts up in. */
void pdf_fonts_init(struct pdf_fonts *f, HPDF_Doc doc, struct pdf_press *press,
                    HPDF_Dict resources);
void pdf_fonts_release(struct pdf_fonts *f);
/*
 * Take the longest stretch at s that one font can show.
 *
 * s:    clean UTF-8 (BMP only), len > 0.
 * name: of the font in pages. out: the text in that font's codes is appended, as a literal
 * string. Returns the bytes of s taken.
 */
size_t pdf_fonts_run(struct pdf_fonts *f, enum pdf_face face, const char *s, size_t len,
                     const char **name, struct buf *out);
/* Embed what the document used; once, before it is saved. */
void pdf_fonts_embed(struct pdf_fonts *f);

#endif
