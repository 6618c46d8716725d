/* What the tests of validation share: an office with meters that were read and billed. */
#ifndef AFORO_TESTS_VEE_UTIL_H
#define AFORO_TESTS_VEE_UTIL_H

#include <stdint.h>

#include "lib/office_fixture.h"

/* An office with `meters` water meters (W00001.., accounts A00001.., limit 20 m3), read by olga
 * on the first of each of the months from June to August 2026 and billed: meter i uses
 * 10 + i m3 a month. Free with fixture_free(). */
void vee_office(struct office_fixture *f, unsigned meters);
/* The same with only the first `months` of these months. */
void vee_office_months(struct office_fixture *f, unsigned meters, unsigned months);
void vee_read(struct office_fixture *f, const char *serial, const char *value,
              const char *time);
int64_t vee_number(struct office_fixture *f, const char *sql);
/* Fails the test with its words unless the office's tables are what its ledger says. */
void vee_verify(struct office_fixture *f);

#endif
