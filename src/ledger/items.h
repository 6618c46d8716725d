/* Items: what comes in bulk, kept verbatim in bundles behind one entry. Source: ledger.md,
 * Items. */
#ifndef AFORO_LEDGER_ITEMS_H
#define AFORO_LEDGER_ITEMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/merkle.h"

#define ITEMS_PER_BATCH 4096
#define ITEMS_PER_BUNDLE 256
#define ITEM_MAX_BYTES 65535

struct db;

/* A batch being filled: leaf hashes and compressed bundles, nothing in the database yet. */
struct item_batch {
    struct hash *leaves; /* ITEMS_PER_BATCH of them */
    uint32_t count;
    struct buf plain;  /* items of the batch, each behind its length (32-bit little endian) */
    struct buf packed; /* zstd bundles, each with its SHA-256 behind it */
    size_t bundle_start[ITEMS_PER_BATCH / ITEMS_PER_BUNDLE + 1]; /* offsets into packed */
    struct hash roots[ITEMS_PER_BATCH / ITEMS_PER_BUNDLE];       /* of the bundles */
    struct merkle_frontier tree;                                 /* of the closed bundles */
    uint32_t bundles;                                            /* closed bundles */
    size_t plain_bundle; /* where the open bundle starts in plain */
    void *zstd;          /* compression context */
};

enum err_code items_init(struct item_batch *b, struct err *e) MUST_CHECK;
void items_release(struct item_batch *b);
void items_clear(struct item_batch *b);
/* Add one item's bytes. ERR_LIMIT when the batch is full or the item is too large. */
enum err_code items_add(struct item_batch *b, const char *item, size_t len,
                        struct err *e) MUST_CHECK;
bool items_full(const struct item_batch *b);
/* Close the last bundle and give the RFC 6962 root over the items. */
enum err_code items_finish(struct item_batch *b, struct hash *root, struct err *e) MUST_CHECK;
/* Walk the plain items in order: *cursor starts at 0; false at the end. */
bool items_next(const struct item_batch *b, size_t *cursor, const char **item, size_t *len);
/* Insert the bundles of a finished batch behind entry seq. */
enum err_code items_store(const struct item_batch *b, struct db *db, int64_t seq,
                          struct err *e) MUST_CHECK;

/*
 * Call `each` for every item of the batch entry seq, in order, straight from the database.
 *
 * check_leaves: compare each item with its stored leaf hash; a bad one is named (ERR_TAMPERED).
 * root, count:  of the stored leaves; NULL when not wanted.
 * Errors: ERR_TAMPERED for a bundle that cannot be unpacked; whatever `each` returns.
 */
typedef enum err_code (*item_fn)(void *ctx, int64_t index, const char *item, size_t len,
                                 struct err *e);
enum err_code items_each(struct db *db, int64_t seq, bool check_leaves, item_fn each, void *ctx,
                         struct hash *root, int64_t *count, struct err *e) MUST_CHECK;
/* One item, appended to out. ERR_NOT_FOUND when there is none. */
enum err_code items_get(struct db *db, int64_t seq, int64_t index, struct buf *out,
                        struct err *e) MUST_CHECK;

/* Where items are read: a database, and behind it whatever holds the bundles whose bytes were
 * dropped from it (segments; their hashes stay in the database, and what comes back is compared
 * with them). */
struct item_source {
    struct db *db;
    /* Append the bytes of a bundle; or nothing, and its items are passed over. NULL: nothing
     * stands behind, and a dropped bundle is ERR_NOT_FOUND. */
    enum err_code (*dropped)(void *ctx, int64_t seq, int64_t bundle, struct buf *out,
                             struct err *e);
    void *ctx;
    struct item_shelf *shelf; /* for items_get_from(); NULL: nothing is kept. item_shelf.h */
};
enum err_code items_each_from(const struct item_source *s, int64_t seq, bool check_leaves,
                              item_fn each, void *ctx, struct hash *root, int64_t *count,
                              struct err *e) MUST_CHECK;
enum err_code items_get_from(const struct item_source *s, int64_t seq, int64_t index,
                             struct buf *out, struct err *e) MUST_CHECK;

/*
 * Take a bundle's bytes apart, from wherever they came.
 *
 * plain:  what they unpack to.
 * leaves: the leaf hash of each item. count: how many there must be.
 * each:   called for every item, numbered from `number` * ITEMS_PER_BUNDLE; may be NULL.
 * Errors: ERR_TAMPERED naming the entry; whatever `each` returns.
 */
enum err_code items_unpack(const void *data, size_t len, int64_t seq, int64_t number,
                           int64_t count, struct buf *plain,
                           struct hash leaves[ITEMS_PER_BUNDLE], item_fn each, void *ctx,
                           struct err *e) MUST_CHECK;
#define ITEMS_PLAIN_MAX ((size_t)ITEMS_PER_BUNDLE * (ITEM_MAX_BYTES + 4)) /* of a bundle */

/*
 * Path of item `index` in the tree of its batch, from the stored hashes; the item itself is not
 * read.
 *
 * root, count: of the batch, as stored: compare them with what the entry recorded.
 * Errors: ERR_NOT_FOUND when there is no such item; ERR_TAMPERED for malformed bundles.
 */
enum err_code items_path(struct db *db, int64_t seq, int64_t index,
                         struct hash path[MERKLE_PATH_MAX], size_t *len, struct hash *root,
                         int64_t *count, struct err *e) MUST_CHECK;

#endif
