/* Bills as A4 pages: many in one file, or a file each. The same bill gives the same bytes. */
#ifndef AFORO_REPORTS_BILL_PDF_H
#define AFORO_REPORTS_BILL_PDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/caltime.h"
#include "base/err.h"
#include "base/text.h"
#include "reports/bill_doc.h"

struct bill_pdf;
struct pdf_press;

struct bill_pdf_options {
    const struct numfmt *fmt; /* never NULL; the language is the process's (i18n_switch) */
    struct civil
        created;       /* office time of the bill or the run, from its data, not from a clock */
    const char *title; /* of the file; NULL: "Bills" */
    const char *author;      /* NULL or the office */
    const char *font_dir;    /* NULL: where the build found the fonts */
    uint32_t accent;         /* 0xRRGGBB of titles and bars; 0: ours */
    struct pdf_press *press; /* shared by many files, as in out_pdf_canvas.h; NULL: its own */
    bool relaxed;            /* as in out_file.h */
};

/*
 * Begin a file of bills.
 *
 * path:   replaced when bill_pdf_close succeeds, untouched otherwise; "-" is standard output.
 * out:    the caller's; ended by bill_pdf_close or bill_pdf_discard.
 * Errors: ERR_IO, ERR_NOT_FOUND (folder, font), ERR_NOMEM.
 */
enum err_code bill_pdf_open(const char *path, const struct bill_pdf_options *options,
                            struct bill_pdf **out, struct err *e) MUST_CHECK;
/*
 * Draw one bill on pages of its own.
 *
 * Errors: those of bill_doc_check; ERR_LIMIT when the file has too many pages: close it and
 * begin another.
 */
enum err_code bill_pdf_add(struct bill_pdf *b, const struct bill_doc *d,
                           struct err *e) MUST_CHECK;
/* Pages drawn so far. */
size_t bill_pdf_pages(const struct bill_pdf *b);
/* Write the file and put it in its place; frees b in any case. Errors: ERR_IO when the disk is
 * full, ERR_STATE without a bill. */
enum err_code bill_pdf_close(struct bill_pdf *b, struct err *e) MUST_CHECK;
/* Give up: nothing is written. b may be NULL. */
void bill_pdf_discard(struct bill_pdf *b);
/* A file with this one bill. */
enum err_code bill_pdf_write(const char *path, const struct bill_pdf_options *options,
                             const struct bill_doc *d, struct err *e) MUST_CHECK;

#endif
