/* Do the packets of an office's windows say what their items say, and are they signed by the
 * keys that were valid where the windows stand? */
#ifndef AFORO_APP_VERIFY_PACKETS_H
#define AFORO_APP_VERIFY_PACKETS_H

#include "base/progress.h"
#include "ledger/audit.h"
#include "store/db.h"

/*
 * Check every packet, on all cores. The projections of db have been found to follow from its
 * ledger. Faults go into the audit ("packet").
 *
 * threads: 0 asks for one a core.
 */
enum err_code packets_check(struct db *db, unsigned threads, const struct progress *progress,
                            struct audit *a, struct err *e) MUST_CHECK;

#endif
