/* The suites of what an office prints. */
#ifndef AFORO_TESTS_CHECK_PAPERS_H
#define AFORO_TESTS_CHECK_PAPERS_H

#include <check.h>

/* Fails unless a file holds what tests/golden/NAME does; under AFORO_UPDATE_GOLDEN writes that.
 */
void papers_golden(const char *path, const char *name);

Suite *suite_losses(void);

#endif
