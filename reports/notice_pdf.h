/* Notices of collection as letters, one a sheet. */
#ifndef AFORO_REPORTS_NOTICE_PDF_H
#define AFORO_REPORTS_NOTICE_PDF_H

#include "app/notices.h"

/*
 * Write the letters of all that are chosen.
 *
 * path:   "-": standard output.
 * *count: letters written.
 * Errors: ERR_NOT_FOUND when no notice is chosen, and nothing is written; those of pdf_save_as.
 */
enum err_code notices_pdf_write(struct office *o, const struct notice_choice *choice,
                                const char *path, size_t *count, struct err *e) MUST_CHECK;

#endif
