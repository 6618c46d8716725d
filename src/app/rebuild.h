/* An office's tables made again from an export of its ledger: every entry is checked as in
 * verification, stored and projected. Personal data and keys are in no export. */
#ifndef AFORO_APP_REBUILD_H
#define AFORO_APP_REBUILD_H

#include <stdio.h>

#include "base/progress.h"
#include "ledger/audit.h"
#include "ledger/ledger.h"

/*
 * Make DIR/office.db from an export.
 *
 * dir:       is made; may exist when it is empty.
 * projector: office_projector.
 * done:      entries, items, size and root that were rebuilt.
 * Errors: ERR_EXISTS when dir holds something, ERR_TAMPERED for an entry or item that does not
 * hold, ERR_PARSE for a malformed export, ERR_CANCELLED, ERR_IO, ERR_DB, ERR_NOMEM. On failure
 * the unfinished database is removed.
 */
enum err_code rebuild(const char *export_path, const char *dir,
                      const struct projector *projector, const struct progress *progress,
                      struct audit *done, struct err *e) MUST_CHECK;

/*
 * The same for another process, which reads one JSON object a line from `lines`:
 * {"done":N,"total":N} now and then, at the end {"entries":N,"items":N}. Stops when nobody
 * reads any more.
 */
enum err_code rebuild_reporting(const char *export_path, const char *dir,
                                const struct projector *projector,
                                const struct progress *progress, FILE *lines,
                                struct err *e) MUST_CHECK;

#endif
