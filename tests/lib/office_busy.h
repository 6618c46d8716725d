/* The fixture's office after some weeks of work: every table of the schema holds at least two
 * rows, but `office`
 * and `tile`. */
#ifndef AFORO_TESTS_LIB_OFFICE_BUSY_H
#define AFORO_TESTS_LIB_OFFICE_BUSY_H

#include "tests/lib/office_fixture.h"

void fixture_busy(struct office_fixture *f);
/* So many more acts that the ledger's tree has tiles of two levels (`tile` is empty before). */
void fixture_busy_long(struct office_fixture *f);

#endif
