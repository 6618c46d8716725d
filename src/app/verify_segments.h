/* The segments' part of a deep check. */
#ifndef AFORO_APP_VERIFY_SEGMENTS_H
#define AFORO_APP_VERIFY_SEGMENTS_H

#include "base/progress.h"
#include "ledger/audit.h"
#include "store/db.h"

/*
 * Check the file of each segment that an entry sealed, and put what was dropped back into this
 * copy of the database, so that it is checked and rebuilt like all else. Segments are found in
 * the entries: nothing that can be rebuilt is believed.
 *
 * folder:  where the files lie. A file that is missing is nothing to the check as long as its
 *          packets are in the database.
 * copy:    path of a copy that may be written.
 * lacking: set to the sentence about the first file that is missing and needed.
 * a:       a fault ("segment") for each file that is not as it was sealed.
 * Errors: those of reading.
 */
enum err_code segments_fill(const char *copy, const char *folder,
                            const struct progress *progress, struct audit *a,
                            struct err *lacking, struct err *e) MUST_CHECK;

#endif
