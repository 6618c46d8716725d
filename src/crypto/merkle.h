/* RFC 6962 section 2.1 Merkle trees: leaf prefix 0x00, node prefix 0x01. */
#ifndef AFORO_CRYPTO_MERKLE_H
#define AFORO_CRYPTO_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/hash.h"

#define MERKLE_PATH_MAX 64

void merkle_leaf(const void *data, size_t len_bytes, struct hash *out);
void merkle_node(const struct hash *left, const struct hash *right, struct hash *out);

/* The right edge of a growing tree: enough to append and to know the root. Plain data, may be
 * saved and restored. */
struct merkle_frontier {
    uint64_t size;
    struct hash edge[MERKLE_PATH_MAX]; /* edge[i]: root of the complete subtree of 2^i leaves,
                                          where bit i of size is set */
};
void merkle_init(struct merkle_frontier *f);
void merkle_append(struct merkle_frontier *f, const struct hash *leaf);
/* Append a tree whole. f->size must be a multiple of the smallest power of two not below
 * tail->size. */
void merkle_join(struct merkle_frontier *f, const struct merkle_frontier *tail);
void merkle_root(const struct merkle_frontier *f,
                 struct hash *out); /* SHA-256("") of an empty tree */
/* Root of count leaves in memory. */
void merkle_root_of(const struct hash *leaves, uint64_t count, struct hash *out);

/* Inclusion path of leaf `index` in leaves[0..count); returns path length (<= MERKLE_PATH_MAX).
 */
size_t merkle_inclusion(const struct hash *leaves, uint64_t count, uint64_t index,
                        struct hash path[MERKLE_PATH_MAX]);
size_t merkle_consistency(const struct hash *leaves, uint64_t count, uint64_t old_count,
                          struct hash path[MERKLE_PATH_MAX]);
bool merkle_verify_inclusion(const struct hash *leaf, uint64_t index, uint64_t size,
                             const struct hash *path, size_t path_len, const struct hash *root);
/* Sizes of 0 are refused: there is nothing to be consistent with. */
bool merkle_verify_consistency(uint64_t old_size, uint64_t size, const struct hash *path,
                               size_t path_len, const struct hash *old_root,
                               const struct hash *root);
/*
 * What a consistency path makes of both roots, so that a path that leads to another old root
 * (two histories) can be told from one that leads nowhere.
 *
 * old_root: in: the root known of old_size leaves, which a path does not repeat when old_size
 * is a power of two; out: what the path says it is. Sizes: 0 < old_size < size. False when the
 * path has not the length that the sizes ask for; both roots are then undefined.
 */
bool merkle_consistency_roots(uint64_t old_size, uint64_t size, const struct hash *path,
                              size_t path_len, struct hash *old_root, struct hash *root);

/* The largest power of two smaller than n (n >= 2): where RFC 6962 splits a tree. */
uint64_t merkle_split(uint64_t n);
/* Proofs are collected from the root down, and read from the leaf up. */
void merkle_path_reverse(struct hash *path, size_t len);

#endif
