/* The suites of what an office prints. */
#ifndef AFORO_TESTS_CHECK_PAPERS_H
#define AFORO_TESTS_CHECK_PAPERS_H

#include <check.h>

#include "app/office.h"
#include "base/buf.h"

/* Fails unless a file holds what tests/golden/NAME does; under AFORO_UPDATE_GOLDEN writes that.
 */
void papers_golden(const char *path, const char *name);
/* Append what a program says, both streams; it has to succeed. argv ends with NULL. */
void papers_run(const char *const *argv, struct buf *out);
/* Append a file's bytes; a PDF's text as it is laid out, unbreakable blanks as blanks. */
void papers_read(const char *path, struct buf *out);
void papers_pdf_text(const char *path, struct buf *out);

/* The busy office that all tests of the first case share. */
struct office *papers_office(void);
/* Add the tests of reports' queries to that case. */
void papers_query_tests(TCase *t);

Suite *suite_losses(void);
Suite *suite_biller(void);
Suite *suite_ubl(void);

#endif
