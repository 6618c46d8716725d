/* What proofs are made of, kept for who makes many near each other: bundles of items that were
 * unpacked, and where entries stand in the tree. A run of bills reads each bundle some hundreds
 * of times, and names the same entries in every proof. */
#ifndef AFORO_LEDGER_ITEM_SHELF_H
#define AFORO_LEDGER_ITEM_SHELF_H

#include <stdint.h>

#include "base/buf.h"

#define SHELF_SLOTS 16
#define SHELF_PATHS 64

/* For one reader of one database that records nothing meanwhile: a savepoint that is rolled
 * back would leave on it what the ledger does not hold. */
struct item_shelf;

/* Owned by the caller; NULL when there is no memory. */
struct item_shelf *item_shelf_new(void);
void item_shelf_free(struct item_shelf *s);
/* The bytes of a bundle; NULL when it is not there. Borrowed until the next item_shelf_put().
 */
const struct buf *item_shelf_get(struct item_shelf *s, int64_t seq, int64_t bundle);
/* Keep a bundle's bytes in the place of what nobody asked for longest: `plain` gets the buffer
 * that was there, and is empty. */
const struct buf *item_shelf_put(struct item_shelf *s, int64_t seq, int64_t bundle,
                                 struct buf *plain);
/* An entry's path in the tree of `size` entries, as text (tlog_proof.h). get: NULL when it is
 * not there, borrowed until the next put. put: copied; without memory it is not kept. */
const char *item_shelf_path(struct item_shelf *s, uint64_t index, uint64_t size);
void item_shelf_path_put(struct item_shelf *s, uint64_t index, uint64_t size, const char *text);

#endif
