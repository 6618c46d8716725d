/* Merkle proofs: from anybody, and our own with a bit changed. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "crypto/merkle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LEAVES_MAX 200
#define HEAD 16 /* two numbers of 64 bits */

static uint64_t number(const uint8_t *p)
{
    uint64_t v = 0;

    memcpy(&v, p, sizeof(v));
    return v;
}

/* Sizes, index and path as they come: no answer is known, but there is one. */
static void try_foreign(uint64_t a, uint64_t b, const struct hash *path, size_t len)
{
    struct hash root;

    sha256("root", 4, &root);
    CHECK(!merkle_verify_inclusion(&root, a, b, path, len, &root) || (b == 1 && len == 0));
    CHECK(!merkle_verify_consistency(a, b, path, len, &root, &root) || (a == b && len == 0));
}

/* A proof of ours holds, and with one bit changed it does not. */
static void try_own(uint64_t count, uint64_t index, size_t at)
{
    struct hash leaves[LEAVES_MAX];
    struct hash path[MERKLE_PATH_MAX];
    struct hash root;
    struct hash old_root;
    size_t len = 0;

    for (uint64_t i = 0; i < count; i++) {
        merkle_leaf(&i, sizeof(i), &leaves[i]);
    }
    merkle_root_of(leaves, count, &root);
    len = merkle_inclusion(leaves, count, index, path);
    CHECK(merkle_verify_inclusion(&leaves[index], index, count, path, len, &root));
    if (len > 0) {
        path[at / 8 % (len * HASH_SIZE) / HASH_SIZE].b[at / 8 % HASH_SIZE] ^=
            (uint8_t)(1u << at % 8);
        CHECK(!merkle_verify_inclusion(&leaves[index], index, count, path, len, &root));
    }
    merkle_root_of(leaves, index + 1, &old_root);
    len = merkle_consistency(leaves, count, index + 1, path);
    CHECK(merkle_verify_consistency(index + 1, count, path, len, &old_root, &root));
    if (len > 0) {
        path[at / 8 % (len * HASH_SIZE) / HASH_SIZE].b[at / 8 % HASH_SIZE] ^=
            (uint8_t)(1u << at % 8);
        CHECK(!merkle_verify_consistency(index + 1, count, path, len, &old_root, &root));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hash path[MERKLE_PATH_MAX + 2];
    size_t len = 0;
    uint64_t a = 0;
    uint64_t b = 0;

    if (size < HEAD) {
        return 0;
    }
    a = number(data);
    b = number(data + 8);
    len = (size - HEAD) / HASH_SIZE;
    len = len < MERKLE_PATH_MAX + 2 ? len : MERKLE_PATH_MAX + 2;
    memcpy(path, data + HEAD, len * HASH_SIZE);
    try_foreign(a, b, path, len);
    b = b % LEAVES_MAX + 1;
    try_own(b, a % b, size);
    return 0;
}
