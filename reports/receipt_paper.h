/* A receipt as lines of paper, before any format: what the 80 mm text, the thermal printer and
 * the PDF all print, in the language of the messages. */
#ifndef AFORO_REPORTS_RECEIPT_PAPER_H
#define AFORO_REPORTS_RECEIPT_PAPER_H

#include <stddef.h>

#include "app/receipt.h"
#include "base/arena.h"
#include "base/text.h"
#include "reports/brand.h"

enum paper_style {
    PAPER_OFFICE,  /* left: large, centred */
    PAPER_TITLE,   /* left: bold, centred */
    PAPER_MARK,    /* left: bold, centred: copy, reversed */
    PAPER_PAIR,    /* left, and right at the right edge */
    PAPER_TOTAL,   /* the same, bold */
    PAPER_TEXT,    /* left: a paragraph */
    PAPER_RULE,    /* a line across */
    PAPER_BARCODE, /* left: text of the payment barcode: paper of 80 mm is too narrow for it */
    PAPER_QR       /* left: text of the QR code */
};

struct paper_line {
    enum paper_style style;
    const char *left, *right; /* clean UTF-8: what a terminal or printer would obey is shown */
};

struct paper {
    struct paper_line *lines;
    size_t count;
};

/* The lines of a receipt, in arena. fmt: the office's numbers and dates. ERR_NOMEM. */
enum err_code receipt_paper(const struct receipt *r, const struct numfmt *fmt,
                            struct arena *arena, struct paper *out, struct err *e) MUST_CHECK;

#define PAPER_COLUMNS_MIN 24
#define PAPER_COLUMNS_MAX 132
/* Append the paper as plain text, `columns` wide (48 or 42 on 80 mm, 32 on 58 mm). A QR code is
 * left out: text draws none. */
void paper_text(const struct paper *p, unsigned columns, struct buf *out);

/* The paper of a receipt as a PDF of A4 sheets; path "-": standard output. look: the office's
 * face; NULL: plain. The same receipt gives the same bytes. Errors: those of pdf_save_as. */
enum err_code receipt_pdf_write(const struct receipt *r, const struct paper *p,
                                const struct office_look *look, const char *path,
                                struct err *e) MUST_CHECK;

#endif
