/* Segments whose packets are in their file alone: no copy of the database holds them. */
#ifndef AFORO_APP_SEGMENTS_OUTSIDE_H
#define AFORO_APP_SEGMENTS_OUTSIDE_H

#include "app/office.h"
#include "base/buf.h"

/* More are counted, not named. */
#define SEGMENTS_OUTSIDE_NAMED 20

/*
 * Which segments were dropped from the database, a line each: the file, and whether it is in
 * the folder of segments.
 *
 * list:  added to. count: how many there are. missing: of these, files that are not there.
 */
enum err_code segments_outside(const struct office *o, struct buf *list, int64_t *count,
                               int64_t *missing, struct err *e) MUST_CHECK;

#endif
