/* Personal data: who may read it, what is held of a person, and its erasure down to the last
 * byte. Source: ledger.md, Personal data. */
#ifndef AFORO_APP_PERSONAL_H
#define AFORO_APP_PERSONAL_H

#include "app/erasures.h"
#include "app/session.h"
#include "base/progress.h"

/* What stands in place of a value that may not be read. */
#define PERSONAL_MASK "\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2"
#define PERSONAL_READ "personal read" /* the permission */

/*
 * Show or hide personal data on this office's connection, for all read models, reports and
 * exports alike: sorting and searching see what is shown. Names of the office's own users are
 * always shown: who did what is the audit.
 *
 * user: 0: nobody is logged in, nothing is shown.
 */
enum err_code personal_access(struct office *o, int64_t user, struct err *e) MUST_CHECK;

/* Every value held of a customer, as a query of (owner, id, field, hash, value): ?1 customer,
 * ?2 field ("all", "name" ... "place", "note"). A new table that holds personal data of a
 * customer adds its part here: export and erasure follow. */
extern const char personal_of_customer_sql[];
/* The same of one attachment: ?1 its number; ?2 is not used. */
extern const char personal_of_attachment_sql[];

/*
 * Erasure's second half: rows that an entry deleted leave bytes in free pages and in the log
 * until the files are written anew.
 *
 * pending: entry of the newest erasure whose bytes may still be there; 0: none.
 */
enum err_code personal_pending(struct office *o, int64_t *pending, struct err *e) MUST_CHECK;
/*
 * Write the database anew and empty its log; keep the list of erasures outside it. Nothing to
 * do when nothing is pending, unless `force`.
 *
 * Errors: ERR_CONFLICT when other programs keep the files open: again when they have ended.
 */
enum err_code personal_purge(struct office *o, bool force, const struct progress *progress,
                             struct err *e) MUST_CHECK;

/* Erase again, signed by the office, what a list says and this database still holds; *count:
 * values erased. The purge is the caller's. */
enum err_code personal_erase_again(struct office *o, const struct erasures *list,
                                   int64_t *count, struct err *e) MUST_CHECK;

/* How many of a list's values this database still holds. */
enum err_code personal_held(struct office *o, const struct erasures *list, int64_t *count,
                            struct err *e) MUST_CHECK;

/* Everything held of a customer, as one JSON document with the entries that name it. */
enum err_code personal_export(struct office *o, int64_t customer, const char *path,
                              const struct progress *progress, struct err *e) MUST_CHECK;

#endif
