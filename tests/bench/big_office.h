/* The fixture's office with very many meters, for what only reads: rows are put into its tables
 * directly, so that its ledger does not tell of them and `verify --deep` would say so. */
#ifndef AFORO_TESTS_BENCH_BIG_OFFICE_H
#define AFORO_TESTS_BENCH_BIG_OFFICE_H

#include <stdbool.h>

#include "tests/lib/office_fixture.h"

/* Add `meters` meters, each with place, account and 12 monthly readings; one in 200 has a
 * reading held, one in 50 an open alert. Serials are in no order. False: the error was printed.
 */
bool big_office_fill(struct office_fixture *f, int meters);
/* The same with its search index made. Where AFORO_BENCH_OFFICES names a folder, the office is
 * kept there the first time, and copied from it later: a million meters take a minute to make.
 */
bool big_office_take(struct office_fixture *f, int meters);
/* The same for an office that is filled otherwise: take the one of this name, if it is kept;
 * keep it. big_office_keep does nothing where no folder is named. */
bool big_office_kept(struct office_fixture *f, const char *name);
bool big_office_keep(struct office_fixture *f, const char *name);

/* A batch of meters without readings, or of readings of the first meters, one of 200 held. */
bool big_office_more(struct office_fixture *f, bool readings, int count);

#endif
