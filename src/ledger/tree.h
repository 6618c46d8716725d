/* The office's RFC 6962 tree over entry leaves, leaf N being entry N+1. Its node hashes are
 * kept in the table `tile`, in tiles of height 8 as C2SP tlog-tiles defines them, so that a
 * root or a proof for any size reads a few tiles and hashes some hundreds of nodes, however
 * large the ledger is.
 *
 * Kept are the full tiles of leaves and, of the levels above, the last one too while it grows.
 * The leaves behind the last full tile stand in `entry` alone. Tiles follow from the entries:
 * verify --deep makes them again and compares.
 * Source: RFC 6962 section 2.1; c2sp.org/tlog-tiles. */
#ifndef AFORO_LEDGER_TREE_H
#define AFORO_LEDGER_TREE_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/merkle.h"

#define TREE_TILE_WIDTH 256
#define TREE_LEVELS 8 /* of tiles: 2^64 leaves */

struct db;

/* Keep the tiles up to date: call it in the transaction that inserted entry seq. Does something
 * at every 256th entry only. */
enum err_code tree_append(struct db *db, int64_t seq, struct err *e) MUST_CHECK;

/* Entries in the ledger. */
enum err_code tree_size(struct db *db, uint64_t *size, struct err *e) MUST_CHECK;

/*
 * Root of the first `size` entries; proofs that entry index+1 is in it, and that the first
 * old_size entries are its beginning (empty for 0 and for size itself).
 *
 * Errors: ERR_RANGE when there are fewer entries, or index or old_size is beyond size;
 * ERR_TAMPERED when a tile or entry is missing or malformed; ERR_DB, ERR_NOMEM.
 */
enum err_code tree_root(struct db *db, uint64_t size, struct hash *out,
                        struct err *e) MUST_CHECK;
enum err_code tree_inclusion(struct db *db, uint64_t index, uint64_t size,
                             struct hash path[MERKLE_PATH_MAX], size_t *len,
                             struct err *e) MUST_CHECK;
enum err_code tree_consistency(struct db *db, uint64_t old_size, uint64_t size,
                               struct hash path[MERKLE_PATH_MAX], size_t *len,
                               struct err *e) MUST_CHECK;

/* Append the hashes of one tile, as wide as it is in the tree of `size` entries: what
 * tlog-tiles publishes as tile/LEVEL/NUMBER. ERR_RANGE when the tile is not in that tree. */
enum err_code tree_tile(struct db *db, unsigned level, uint64_t number, uint64_t size,
                        struct buf *out, struct err *e) MUST_CHECK;

/* Tiles that lie elsewhere: in a folder that somebody exported. */
struct tree_source {
    void *ctx;
    /* Read the first `width` (1 to 256) hashes of a tile; any error, in its own words. */
    enum err_code (*read)(void *ctx, unsigned level, uint64_t number, size_t width,
                          struct hash nodes[TREE_TILE_WIDTH], struct err *e);
};
/* The root of the first `count` leaves, and as tree_consistency, from the tiles as they are in
 * a tree of `size` leaves; nothing says that such tiles are true. */
enum err_code tree_source_root(const struct tree_source *s, uint64_t size, uint64_t count,
                               struct hash *out, struct err *e) MUST_CHECK;
enum err_code tree_source_consistency(const struct tree_source *s, uint64_t old_size,
                                      uint64_t size, struct hash path[MERKLE_PATH_MAX],
                                      size_t *len, struct err *e) MUST_CHECK;

/*
 * Bring a right edge up to `size` from the entries themselves: envelopes are hashed again, and
 * no tile is read. What is signed is computed this way too.
 *
 * Errors: ERR_RANGE when there are fewer entries; ERR_TAMPERED when one is missing or is not
 * what its leaf hash says; ERR_DB, ERR_NOMEM.
 */
enum err_code tree_follow(struct db *db, struct merkle_frontier *f, uint64_t size,
                          struct err *e) MUST_CHECK;

#endif
