/* An office in which an entry of every kind stands, each made by its command: what the golden
 * bytes of kinds are taken from. */
#ifndef AFORO_TESTS_LIB_OFFICE_KINDS_H
#define AFORO_TESTS_LIB_OFFICE_KINDS_H

#include "tests/lib/office_fixture.h"

/* To f, made by fixture_init. A new kind's command goes to the end of its list. */
void fixture_every_kind(struct office_fixture *f);

#endif
