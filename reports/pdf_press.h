/* What documents share so that each costs little: the typefaces, cut down once by HarfBuzz to
 * the characters in use, and packed once; and the packer. One press serves any number of
 * documents, one after the other, in one thread. The only header between us and HarfBuzz. */
#ifndef AFORO_REPORTS_PDF_PRESS_H
#define AFORO_REPORTS_PDF_PRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum pdf_face { PDF_SANS, PDF_BOLD, PDF_MONO, PDF_FACE_COUNT };

/* Characters of the Latin encoding come in groups: a document embeds the groups it uses, so
 * that few different programs are needed, and each is made once. */
enum pdf_group {
    PDF_GROUP_PLAIN = 1 << 0, /* space, digits, letters a to f, what stands in numbers */
    PDF_GROUP_ASCII = 1 << 1,
    PDF_GROUP_SPANISH = 1 << 2,
    PDF_GROUP_REST = 1 << 3,
    PDF_GROUPS = 1 << 4 /* how many combinations there are */
};

struct pdf_press;

/* A font program, packed with zlib. */
struct pdf_program {
    char *packed;
    size_t len;
    size_t raw_len;
};

/* Lengths in thousandths of the size. Source: ISO 32000-1, table 122. */
struct pdf_metrics {
    const char *name; /* PostScript name: "DejaVuSans-Bold" */
    int ascent, descent, cap_height, stem;
    int box[4]; /* lower left, upper right */
    bool fixed; /* all characters are equally wide */
};

/*
 * Make a press.
 *
 * font_dir: folder of the DejaVu fonts; NULL: where the build found them.
 * out:      the caller's, freed with pdf_press_free.
 * Errors:   ERR_NOT_FOUND names the font file that is missing; ERR_NOMEM.
 */
enum err_code pdf_press_new(const char *font_dir, struct pdf_press **out,
                            struct err *e) MUST_CHECK;
void pdf_press_free(struct pdf_press *press);

/* Code of a character in the Latin encoding; 0: it has none. */
uint8_t pdf_press_code(const struct pdf_press *press, uint32_t cp);
/* Character of a code (0: none) and its group. */
uint32_t pdf_press_char(uint8_t code, enum pdf_group *group);
/* Advance of a character of the BMP in thousandths. 0 when the face could not be read: see
 * pdf_press_failed. */
unsigned pdf_press_width(struct pdf_press *press, enum pdf_face face, uint32_t cp);
const struct pdf_metrics *pdf_press_metrics(const struct pdf_press *press, enum pdf_face face);
/* The program of these groups' characters; borrowed from the press. NULL: no memory. */
const struct pdf_program *pdf_press_latin(struct pdf_press *press, enum pdf_face face,
                                          unsigned groups);
/*
 * A program of just these characters.
 *
 * glyphs: for each of count characters its glyph in the program; 0 where the face has none.
 * out:    the packed program is appended. False when memory is out.
 */
bool pdf_press_glyphs(struct pdf_press *press, enum pdf_face face, const uint32_t *cps,
                      size_t count, uint16_t *glyphs, size_t *raw_len, struct buf *out);
/* Pack bytes with zlib, appended to out. False when memory is out. */
bool pdf_press_pack(struct pdf_press *press, const void *data, size_t len, struct buf *out);

#endif
