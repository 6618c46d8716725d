#include <config.h>

#include "crypto/merkle.h"

#include <string.h>

#include "base/err.h"

void merkle_leaf(const void *data, size_t len_bytes, struct hash *out)
{
    static const uint8_t prefix = 0x00;

    sha256_2(&prefix, 1, data, len_bytes, out);
}

void merkle_node(const struct hash *left, const struct hash *right, struct hash *out)
{
    uint8_t body[1 + 2 * HASH_SIZE];

    body[0] = 0x01;
    memcpy(body + 1, left->b, HASH_SIZE);
    memcpy(body + 1 + HASH_SIZE, right->b, HASH_SIZE);
    sha256(body, sizeof(body), out);
}

void merkle_init(struct merkle_frontier *f)
{
    memset(f, 0, sizeof(*f));
}

/* Add a complete subtree of 2^level leaves: a binary addition, in which each full subtree met
 * is carried one level up. */
static void append_subtree(struct merkle_frontier *f, unsigned level, const struct hash *root)
{
    struct hash h = *root;
    uint64_t added = UINT64_C(1) << level;

    CHECK(f->size <= UINT64_MAX - added && (f->size & (added - 1)) == 0);
    while ((f->size >> level & 1) != 0) {
        merkle_node(&f->edge[level], &h, &h);
        level++;
    }
    f->edge[level] = h;
    f->size += added;
}

void merkle_append(struct merkle_frontier *f, const struct hash *leaf)
{
    append_subtree(f, 0, leaf);
}

void merkle_join(struct merkle_frontier *f, const struct merkle_frontier *tail)
{
    for (unsigned level = MERKLE_PATH_MAX; level-- > 0;) {
        if ((tail->size >> level & 1) != 0) {
            append_subtree(f, level, &tail->edge[level]);
        }
    }
}

void merkle_root(const struct merkle_frontier *f, struct hash *out)
{
    struct hash h;
    bool any = false;

    for (unsigned level = 0; level < MERKLE_PATH_MAX; level++) {
        if ((f->size >> level & 1) == 0) {
            continue;
        }
        if (any) {
            merkle_node(&f->edge[level], &h, &h);
        } else {
            h = f->edge[level];
            any = true;
        }
    }
    if (any) {
        *out = h;
    } else {
        sha256("", 0, out);
    }
}

void merkle_root_of(const struct hash *leaves, uint64_t count, struct hash *out)
{
    struct merkle_frontier f;

    merkle_init(&f);
    for (uint64_t i = 0; i < count; i++) {
        merkle_append(&f, &leaves[i]);
    }
    merkle_root(&f, out);
}

uint64_t merkle_split(uint64_t n)
{
    uint64_t k = UINT64_C(1) << 63;

    while (k >= n) {
        k >>= 1;
    }
    return k;
}

void merkle_path_reverse(struct hash *path, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        struct hash h = path[i];

        path[i] = path[len - 1 - i];
        path[len - 1 - i] = h;
    }
}

size_t merkle_inclusion(const struct hash *leaves, uint64_t count, uint64_t index,
                        struct hash path[MERKLE_PATH_MAX])
{
    size_t len = 0;

    CHECK(index < count);
    while (count > 1) { /* RFC 6962 section 2.1.1, PATH(m, D[n]) */
        uint64_t k = merkle_split(count);

        CHECK(len < MERKLE_PATH_MAX);
        if (index < k) {
            merkle_root_of(leaves + k, count - k, &path[len++]);
            count = k;
        } else {
            merkle_root_of(leaves, k, &path[len++]);
            leaves += k;
            index -= k;
            count -= k;
        }
    }
    merkle_path_reverse(path, len);
    return len;
}

size_t merkle_consistency(const struct hash *leaves, uint64_t count, uint64_t old_count,
                          struct hash path[MERKLE_PATH_MAX])
{
    size_t len = 0;
    bool old_root_known = true;

    CHECK(old_count <= count);
    if (old_count == 0) {
        return 0;
    }
    while (old_count != count) { /* RFC 6962 section 2.1.2, SUBPROOF(m, D[n], b) */
        uint64_t k = merkle_split(count);

        CHECK(len < MERKLE_PATH_MAX);
        if (old_count <= k) {
            merkle_root_of(leaves + k, count - k, &path[len++]);
            count = k;
        } else {
            merkle_root_of(leaves, k, &path[len++]);
            leaves += k;
            old_count -= k;
            count -= k;
            old_root_known = false;
        }
    }
    if (!old_root_known) {
        CHECK(len < MERKLE_PATH_MAX);
        merkle_root_of(leaves, count, &path[len++]);
    }
    merkle_path_reverse(path, len);
    return len;
}

bool merkle_verify_inclusion(const struct hash *leaf, uint64_t index, uint64_t size,
                             const struct hash *path, size_t path_len, const struct hash *root)
{
    uint64_t fn = index;
    uint64_t sn = size - 1;
    struct hash r = *leaf;

    if (index >= size || path_len > MERKLE_PATH_MAX) {
        return false;
    }
    for (size_t i = 0; i < path_len; i++) { /* RFC 9162 section 2.1.3.2 */
        if (sn == 0) {
            return false;
        }
        if ((fn & 1) != 0 || fn == sn) {
            merkle_node(&path[i], &r, &r);
            while ((fn & 1) == 0) { /* ends: fn is odd, or sn, which is not 0 */
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            merkle_node(&r, &path[i], &r);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && hash_equal(&r, root);
}

bool merkle_consistency_roots(uint64_t old_size, uint64_t size, const struct hash *path,
                              size_t path_len, struct hash *old_root, struct hash *root)
{
    uint64_t fn = old_size - 1;
    uint64_t sn = size - 1;
    size_t i = 0;
    struct hash fr; /* what the path makes of the old root */
    struct hash sr; /* and of the new one */

    if (old_size == 0 || old_size >= size || path_len > MERKLE_PATH_MAX) {
        return false;
    }
    while ((fn & 1) != 0) { /* RFC 9162 section 2.1.4.2 */
        fn >>= 1;
        sn >>= 1;
    }
    if (fn == 0) { /* the old tree is complete: its root starts both, and the path does not
                      repeat it */
        fr = *old_root;
    } else if (path_len > 0) {
        fr = path[i++];
    } else {
        return false;
    }
    sr = fr;
    for (; i < path_len; i++) {
        if (sn == 0) {
            return false;
        }
        if ((fn & 1) != 0 || fn == sn) {
            merkle_node(&path[i], &fr, &fr);
            merkle_node(&path[i], &sr, &sr);
            while ((fn & 1) == 0) { /* ends: fn is odd, or sn, which is not 0 */
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            merkle_node(&sr, &path[i], &sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    *old_root = fr;
    *root = sr;
    return sn == 0;
}

bool merkle_verify_consistency(uint64_t old_size, uint64_t size, const struct hash *path,
                               size_t path_len, const struct hash *old_root,
                               const struct hash *root)
{
    struct hash fr = *old_root;
    struct hash sr;

    if (old_size == size && size != 0) {
        return path_len == 0 && hash_equal(old_root, root);
    }
    return merkle_consistency_roots(old_size, size, path, path_len, &fr, &sr) &&
           hash_equal(&fr, old_root) && hash_equal(&sr, root);
}
