/* Drawing a PDF: pages, faces, text, lines and boxes in points from the lower left corner. The
 * only header between our pages and the PDF library. Failures are kept and reported once, by
 * pdf_status and pdf_save. */
#ifndef AFORO_REPORTS_OUT_PDF_CANVAS_H
#define AFORO_REPORTS_OUT_PDF_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/caltime.h"
#include "base/err.h"
#include "reports/out_file.h"
#include "reports/pdf_picture.h"
#include "reports/pdf_press.h"

#define PDF_A4_SHORT 595.28F
#define PDF_A4_LONG 841.89F
/* The library's page tree and object table are flat and in memory; beyond this a PDF is the
 * wrong format. */
#define PDF_PAGES_MAX 32000

enum pdf_anchor { PDF_LEFT, PDF_CENTRE, PDF_RIGHT };

struct pdf;

struct pdf_meta {
    const char *title; /* document properties; NULL leaves one out */
    const char *author;
    const char *subject;
    struct civil created; /* office time, from the data: the same input gives the same bytes */
    const char *font_dir; /* NULL: where the build found DejaVu */
    /* Shared by documents that are made one after the other, and kept by whoever lends it; it
     * outlives the document. NULL: one of the document's own. */
    struct pdf_press *press;
};

/*
 * Begin a document without pages.
 *
 * out:    the caller's, freed with pdf_free.
 * Errors: ERR_NOT_FOUND when a font file is missing, ERR_NOMEM.
 */
enum err_code pdf_new(const struct pdf_meta *meta, struct pdf **out, struct err *e) MUST_CHECK;
void pdf_free(struct pdf *p);
/* Add an A4 page and draw on it from now on. Errors: ERR_LIMIT beyond PDF_PAGES_MAX, ERR_NOMEM.
 */
enum err_code pdf_page(struct pdf *p, bool landscape, struct err *e) MUST_CHECK;
size_t pdf_page_count(const struct pdf *p);
/* Draw again on page `index`: for "page x of y", known at the end. */
void pdf_return_to(struct pdf *p, size_t index);
/* Pack all pages, which makes them small in memory. They can be returned to; what is drawn then
 * lies above what was there. */
void pdf_pages_pack(struct pdf *p);
float pdf_page_height(const struct pdf *p);

void pdf_ink(struct pdf *p,
             uint32_t rgb); /* colour of text, lines and boxes from now on, 0xRRGGBB */
/* One line of UTF-8, anchored at x on the baseline y. Control characters show as tokens. Size
 * in points. */
void pdf_text(struct pdf *p, enum pdf_face face, float size, enum pdf_anchor anchor, float x,
              float y, const char *s);
void pdf_text_n(struct pdf *p, enum pdf_face face, float size, enum pdf_anchor anchor, float x,
                float y, const char *s, size_t len);
/* The same, made smaller where it is wider than max_width, down to 60 %; then cut with an
 * ellipsis. */
void pdf_text_within(struct pdf *p, enum pdf_face face, float size, enum pdf_anchor anchor,
                     float x, float y, float max_width, bool whole, const char *s);
float pdf_text_width(struct pdf *p, enum pdf_face face, float size, const char *s, size_t len);
/* Bytes of s that make one line of at most `width`, broken at a space where there is one; at
 * least one character. *next is where the following line begins. */
size_t pdf_line_fit(struct pdf *p, enum pdf_face face, float size, float width, const char *s,
                    size_t len, size_t *next);
void pdf_line(struct pdf *p, float x1, float y1, float x2, float y2, float thickness);
void pdf_dashed_line(struct pdf *p, float x1, float y1, float x2, float y2, float thickness);
void pdf_box(struct pdf *p, float x, float y, float width, float height); /* filled */
/*
 * A picture of one bit a pixel, drawn in the ink where a bit is 1, its lower left corner at x,
 * y.
 *
 * bits: rows from the top, each of (columns + 7) / 8 bytes, the highest bit first.
 */
void pdf_bitmap(struct pdf *p, float x, float y, float width, float height, unsigned columns,
                unsigned rows, const unsigned char *bits);
/* A picture in the box, which has its proportions or stretches it. It stays the caller's, and
 * lives as long as the document. */
void pdf_picture_draw(struct pdf *p, const struct pdf_picture *picture, float x, float y,
                      float width, float height);
/* Attach a file of JSON to the document, under an ASCII name. */
void pdf_attach(struct pdf *p, const char *name, const void *data, size_t len);

/* Remember that memory ran out for a text to be drawn, so that no page lacks it unseen. Then
 * forget the contents. */
void pdf_reset(struct pdf *p, struct buf *b);
/* The same, and release it. */
void pdf_drop(struct pdf *p, struct buf *b);
enum err_code pdf_status(const struct pdf *p, struct err *e) MUST_CHECK;
/*
 * Write the document over f's temporary file and put it in its place.
 *
 * Errors: ERR_IO when the disk is full; ERR_NOMEM.
 */
enum err_code pdf_save(struct pdf *p, struct out_file *f, struct err *e) MUST_CHECK;
/* The same into a file of this name. Errors: those of out_file_open and pdf_save. */
enum err_code pdf_save_as(struct pdf *p, const char *path, struct err *e) MUST_CHECK;

#endif
