/* The indexes behind large lists other than that of meters (app/search.h): for each list of
 * list_indexed.def a file state/list-NAME.db, made in the background and never changed once it
 * is there. Of each column it holds the folded cells of all rows as one piece of bytes, so that
 * a million are gone through as fast as memory is read, and the order of the rows by that
 * column. What changed since, as the ledger and the rows that were added tell, is looked at row
 * by row and kept in memory (the tail). An answer never depends on the index, only how long it
 * takes.
 *
 * Columns that many entries change at once, as a balance, may be out of date while the others
 * hold: terms that could stand in them, and orders by them, are answered without the index
 * then.
 *
 * Files and tail hold personal data: an erasure removes the files. */
#ifndef AFORO_APP_LIST_INDEX_H
#define AFORO_APP_LIST_INDEX_H

#include "app/list.h"
#include "app/list_sql.h"
#include "base/progress.h"

/* Below so many rows every one is looked at, which takes a twentieth of a second; above so many
 * the bytes are more than can be gone through while somebody types. */
#define LIST_INDEX_FROM 10000
#define LIST_INDEX_TO 4000000
/* Changed rows from which on the file is made anew in the background, and one more for each so
 * many that it knows. */
#define LIST_INDEX_TAIL_LONG 1024u
#define LIST_INDEX_TAIL_SHARE 512
/* As many as the tail holds: 3 MB. With more there is no index until it is made anew. */
#define LIST_INDEX_TAIL_MAX 16384u

struct list_index;

/* A handle for one thread and any of the lists, one after the other. Nothing is opened yet.
 * Errors: ERR_NOMEM. */
enum err_code list_index_new(struct list_index **out, struct err *e) MUST_CHECK;
void list_index_free(struct list_index *x); /* NULL is fine */

/*
 * The ids that match, where the index may answer; what list_ids() asks first.
 *
 * folded: the ask's terms. *answered false: it may not, and nothing was handed over.
 */
enum err_code list_index_ids(struct list_index *x, struct office *o, const struct list_query *q,
                             const struct list_ask *ask, const struct buf *folded,
                             struct list_taking *t, bool *answered, struct err *e) MUST_CHECK;

/*
 * May it answer for this connection's state of the office? Opens a newer file when one is
 * there, and takes in what changed.
 *
 * *changing: also for the columns that change often.
 */
enum err_code list_index_usable(struct list_index *x, struct office *o,
                                const struct list_query *q, bool masked, bool *usable,
                                bool *changing, struct err *e) MUST_CHECK;
/* Rows that the tail has taken in. */
size_t list_index_tail_count(const struct list_index *x);

/*
 * Make the file of a list, or of each that has LIST_INDEX_FROM to LIST_INDEX_TO rows, where
 * there is none that is usable with a short tail. o shows personal data as it is; on a
 * connection that masks it nothing is made.
 *
 * Errors: ERR_CANCELLED; disk errors, after which the old state stands.
 */
enum err_code list_index_build(struct office *o, const struct list_query *q,
                               const struct progress *progress, struct err *e) MUST_CHECK;
enum err_code list_indexes_build(struct office *o, const struct progress *progress,
                                 struct err *e) MUST_CHECK;
/* Remove all of them and what is left of one being made. */
enum err_code list_indexes_forget(const struct office *o, struct err *e) MUST_CHECK;

#endif
