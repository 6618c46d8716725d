/* A credit or debit note as one A4 sheet. */
#ifndef AFORO_REPORTS_NOTE_PDF_H
#define AFORO_REPORTS_NOTE_PDF_H

#include "app/note_paper.h"
#include "base/text.h"
#include "reports/brand.h"

/* path "-": standard output. fmt: the office's numbers and dates. look: its face; NULL: plain.
 * The same note gives the same bytes. Errors: those of pdf_save_as. */
enum err_code note_pdf_write(const struct note_paper *n, const struct numfmt *fmt,
                             const struct office_look *look, const char *path,
                             struct err *e) MUST_CHECK;

/* The note of that type ("credit_note", "debit_note") and number. Errors: those of
 * note_paper_load and above. */
enum err_code note_print(struct office *o, const char *type, int64_t number, const char *path,
                         struct err *e) MUST_CHECK;

#endif
