/* A field paper as one A4 sheet to be signed, or to be filed beside the signed one. */
#ifndef AFORO_REPORTS_FIELD_PAPER_PDF_H
#define AFORO_REPORTS_FIELD_PAPER_PDF_H

#include "app/field_paper.h"
#include "base/text.h"
#include "reports/brand.h"

/* path "-": standard output. fmt: the office's dates. The same paper gives the same bytes.
 * Errors: those of pdf_save_as. */
enum err_code field_paper_pdf_write(const struct field_paper *p, const struct numfmt *fmt,
                                    const struct office_look *look, const char *path,
                                    struct err *e) MUST_CHECK;

/* The paper of that number. Errors: those of field_paper_load and above. */
enum err_code field_paper_print(struct office *o, int64_t number, const char *path,
                                struct err *e) MUST_CHECK;

#endif
