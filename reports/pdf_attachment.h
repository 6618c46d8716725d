/* The file within a PDF that this program made: what `aforo check bill.pdf` reads. */
#ifndef AFORO_REPORTS_PDF_ATTACHMENT_H
#define AFORO_REPORTS_PDF_ATTACHMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Does a file begin as a PDF does? */
bool pdf_begins(const char *bytes, size_t len);
/*
 * Append the first embedded file. Only the form that this program writes is looked for: a PDF
 * that another program wrote anew is refused, with the way out.
 *
 * out:    its limit holds.
 * Errors: ERR_NOT_FOUND, ERR_PARSE when the stream is damaged, ERR_LIMIT, ERR_NOMEM.
 */
enum err_code pdf_attachment(const char *bytes, size_t len, struct buf *out,
                             struct err *e) MUST_CHECK;

#endif
