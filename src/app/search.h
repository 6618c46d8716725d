/* The index behind the list of a million meters: state/search.db, made in the background from
 * the office's tables and never changed once it is there, and a tail in memory: what changed
 * since, as the ledger and the rows that were added tell, taken in before each answer. An
 * answer never depends on the index, only how long the answer takes. When the tail is long the
 * file is made anew; until that is done the old one answers with its tail.
 *
 * Each program has a tail of its own, so that nobody waits for anybody. File and tail hold
 * places, which are personal data: an erasure removes the file, and the tail goes with it. */
#ifndef AFORO_APP_SEARCH_H
#define AFORO_APP_SEARCH_H

#include "app/office.h"
#include "base/progress.h"

/* Changed meters from which on the file is made anew in the background, and one more for each
 * so many that it knows: a program that opens it takes them in within a tenth of a second. */
#define SEARCH_TAIL_LONG 8192u
#define SEARCH_TAIL_SHARE 64
/* As many as the tail holds: 15 MB. With more, every row is looked at until it is made anew. */
#define SEARCH_TAIL_MAX 131072u
/* Readings since it was made from which on it is made anew for their sake. */
#define SEARCH_READINGS_LONG 100000

struct search;

/* A handle for one thread. Nothing is opened yet. Errors: ERR_NOMEM. */
enum err_code search_new(const struct office *o, struct search **out, struct err *e) MUST_CHECK;
void search_free(struct search *s); /* NULL is fine */

/*
 * May the index answer for this connection's state of the office, which should be one snapshot?
 * Opens a newer file when one is there, and takes in what changed.
 *
 * readings: the answer depends on readings too, not on serial, place, route, account and kind
 * alone.
 */
enum err_code search_usable(struct search *s, struct db *office, bool readings, bool *usable,
                            struct err *e) MUST_CHECK;
/* Rows of meters that the tail has taken in. */
size_t search_tail_count(const struct search *s);

/*
 * Make the file if there is none that is usable with a short tail; nothing to do when another
 * program is at it. o is read as it is, personal data unmasked.
 *
 * Errors: ERR_CANCELLED; disk errors, after which the old state stands.
 */
enum err_code search_build(struct office *o, const struct progress *progress,
                           struct err *e) MUST_CHECK;
/* Remove the index and what is left of one being made. */
enum err_code search_forget(const struct office *o, struct err *e) MUST_CHECK;

#endif
