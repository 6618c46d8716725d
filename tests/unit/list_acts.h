/* What people do with accounts, bills and money, by chance, for tests of what follows from it.
 */
#ifndef AFORO_TESTS_UNIT_LIST_ACTS_H
#define AFORO_TESTS_UNIT_LIST_ACTS_H

#include "lib/office_fixture.h"

/* In fixture_busy()'s office, with an open drawer of olga's. dice: a number below `sides`. */
void acts_one(struct office_fixture *office, unsigned (*dice)(unsigned sides));
/* The clock goes on. */
void acts_days(struct office_fixture *office, int64_t days);
/* Run a command that may be refused: pairs of name and text, NULL for none. */
void acts_try(struct office_fixture *office, struct session *who, const char *command,
              const char *a, const char *av, const char *b, const char *bv, const char *c,
              const char *cv);
/* A file of that text in the office's folder; the name holds until the next call. */
const char *acts_file(const struct office_fixture *office, const char *text);

#endif
