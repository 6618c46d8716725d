/* What the files of the canvas share. */
#ifndef AFORO_REPORTS_OUT_PDF_PRIVATE_H
#define AFORO_REPORTS_OUT_PDF_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hpdf.h>

#include "base/buf.h"
#include "reports/out_pdf_font.h"
#include "reports/pdf_press.h"

#define PDF_PICTURES_MAX 8 /* other ones in one document */
#define PDF_INK_UNKNOWN INT64_C(-1)

/* What the page being drawn knows already; only changes are written. Lengths in hundredths of a
 * point, so that positions relative to each other never drift. */
struct pen {
    bool in_text;
    long x, y; /* of the last text */
    const char *font;
    long size, thickness;
    int64_t fill, stroke; /* 0xRRGGBB, or PDF_INK_UNKNOWN */
};

/* The library makes the page; what is drawn on it is written here, and handed over packed. */
struct pdf_leaf {
    HPDF_Page page;
    HPDF_Array parts; /* of what was handed over; NULL: one at most */
    bool landscape;
    bool packed;     /* something was handed over already */
    struct buf draw; /* since then */
    struct pen pen;
};

struct pdf {
    HPDF_Doc doc;
    struct pdf_press *press, *own_press;
    HPDF_Dict resources;
    struct pdf_leaf *pages, *page;
    size_t page_count, page_size, pages_packed;
    struct pdf_fonts fonts;
    HPDF_STATUS failed, detail; /* the library's first error */
    uint32_t ink;               /* asked for; the page learns it when something is drawn */
    struct buf clean, cut, packed;
    const struct pdf_picture *pictures[PDF_PICTURES_MAX];
    HPDF_Dict picture_objects; /* "XObject" of all pages; NULL: none */
    size_t picture_count;
    bool lost; /* memory ran out for a text */
};

/* End the text object, if one is open on the page. */
void pdf_text_end(struct pdf *p);
/* Save the state and make the unit square this box. */
void pdf_draw_box_matrix(struct pdf *p, float x, float y, float width, float height);

#endif
