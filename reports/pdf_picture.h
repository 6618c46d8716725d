/* A picture ready to be put into any number of PDFs: JPEG bytes as they are, PNG as packed
 * pixels. */
#ifndef AFORO_REPORTS_PDF_PICTURE_H
#define AFORO_REPORTS_PDF_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "reports/pdf_press.h"

#define PDF_PICTURE_SIDE_MAX 4000 /* pixels */

struct pdf_picture {
    unsigned width, height; /* pixels */
    unsigned channels;      /* 1 grey, 3 RGB */
    bool jpeg;              /* else packed rows of 8-bit channels */
    struct buf bytes;
};

/*
 * Read a PNG or a JPEG. What is transparent becomes white.
 *
 * out:    filled on success; pdf_picture_release() in any case.
 * Errors: ERR_PARSE when it is neither, is damaged, or a kind of JPEG that PDF does not know;
 * ERR_LIMIT above PDF_PICTURE_SIDE_MAX; ERR_NOMEM.
 */
enum err_code pdf_picture_read(struct pdf_press *press, const void *data, size_t len,
                               struct pdf_picture *out, struct err *e) MUST_CHECK;
void pdf_picture_release(struct pdf_picture *p);

#endif
