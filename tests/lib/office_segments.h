/* Windows of packets in the fixture's office, sealed into segments. */
#ifndef AFORO_TESTS_LIB_OFFICE_SEGMENTS_H
#define AFORO_TESTS_LIB_OFFICE_SEGMENTS_H

#include "tests/lib/office_fixture.h"

/* Import packets, a line each, as two windows, the first line being the first: each is sealed
 * into a segment of its own. */
void fixture_windows(struct office_fixture *f, const char *packets);
/* Drop a segment's packets, and take them back. */
void fixture_segment_drop(struct office_fixture *f, const char *segment);
void fixture_segment_restore(struct office_fixture *f, const char *segment);

#endif
