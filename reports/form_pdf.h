/* Sheets of A4 that are filled from top to bottom: paragraphs, rows of label and value,
 * amounts, signatures. What field papers and letters are made of. */
#ifndef AFORO_REPORTS_FORM_PDF_H
#define AFORO_REPORTS_FORM_PDF_H

#include "base/text.h"
#include "reports/bill_sheet.h"
#include "reports/brand.h"

#define FORM_SIZE 9.5F
#define FORM_LEADING (FORM_SIZE * 1.4F)
#define FORM_SIGN_HEIGHT 92.0F
#define FORM_SIGN_WIDTH ((SHEET_WIDTH - 40.0F) / 2.0F)

struct form {
    struct pdf *pdf;
    const struct numfmt *fmt;  /* the office's numbers and dates */
    const struct brand *brand; /* the office's face when the paper was recorded; NULL: none */
    float y;                   /* top of what comes next */
};

/* Colour of heads and figures: the office's, or ours. */
uint32_t form_accent(const struct form *f);

/* The next sheet. Errors of all: those of pdf_page, ERR_NOMEM. */
enum err_code form_page(struct form *f, struct err *e) MUST_CHECK;
/* Keep `height` points free: on the next sheet where this one is full. */
enum err_code form_need(struct form *f, float height, struct err *e) MUST_CHECK;
/* A paragraph in the ink that is set; each of its lines stays whole on a sheet. */
enum err_code form_words(struct form *f, enum pdf_face face, float x, float width,
                         const char *text, struct err *e) MUST_CHECK;
/* Logo, office with its lines, and number; then a title with its rule. number: "" for none. */
enum err_code form_head(struct form *f, const char *office, const char *number,
                        const char *title, struct err *e) MUST_CHECK;
/* Label and value side by side, a rule below; form_row_if leaves out what is empty. */
enum err_code form_row(struct form *f, const char *label, const char *value,
                       struct err *e) MUST_CHECK;
enum err_code form_row_if(struct form *f, const char *label, const char *value,
                          struct err *e) MUST_CHECK;
/* The same, of a day as the tables hold it ("2026-11-21"); "" for none. */
enum err_code form_row_date(struct form *f, const char *label, const char *iso,
                            struct err *e) MUST_CHECK;
/* A line to sign on at x, the name and in what quality below it. The caller keeps
 * FORM_SIGN_HEIGHT free, and moves down by it. */
void form_sign(struct form *f, float x, const char *name, const char *quality);
/* A small line at the foot of the sheet. */
void form_foot(struct form *f, const char *text);

#endif
