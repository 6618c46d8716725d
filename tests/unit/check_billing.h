/* What the tests of billing share: an office with three accounts that owe one bill each. */
#ifndef AFORO_TESTS_CHECK_BILLING_H
#define AFORO_TESTS_CHECK_BILLING_H

#include <check.h>

#include "lib/office_fixture.h"

extern struct office_fixture billing;
extern struct err billing_err;

/* Setup and teardown of a test case: an office with 3 meters, W00001..3 of A00001..3. */
void billing_setup(void);
void billing_teardown(void);
/* Bills of September 2026 for the three accounts, 1,500.00 each. */
void billing_run(void);
int64_t billing_count(const char *sql);
/* Write a file in the office's folder and return its path; valid until the next call. */
const char *billing_file(const char *name, const char *text);

Suite *suite_receipt(void);
Suite *suite_charges(void);
Suite *suite_cycle(void);
Suite *suite_charged(void);
Suite *suite_try(void);
Suite *suite_document(void);
Suite *suite_year_property(void);
Suite *suite_race(void);
Suite *suite_bill_row(void);
Suite *suite_note_lines(void);

#endif
