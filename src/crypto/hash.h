/* SHA-256 and friends over the system's OpenSSL, the only place that sees it. */
#ifndef AFORO_CRYPTO_HASH_H
#define AFORO_CRYPTO_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define HASH_SIZE 32

struct hash {
    uint8_t b[HASH_SIZE];
};

/* A hash has no failure to report. */
void sha256(const void *data, size_t len_bytes, struct hash *out);
/* SHA-256(a || b): prefix byte and body, salt and value. */
void sha256_2(const void *a, size_t a_len, const void *b, size_t b_len, struct hash *out);
/* Hash what comes in pieces: a file. NULL when memory is out; `hasher_end` gives the hash
 * (unless out is NULL) and frees. */
struct hasher;
struct hasher *hasher_new(void);
void hasher_add(struct hasher *h, const void *data, size_t len_bytes);
void hasher_end(struct hasher *h, struct hash *out);
/* Constant-time comparison. */
int hash_equal(const struct hash *a, const struct hash *b);
void hash_hex(const struct hash *h, char out[65]);
void secure_wipe(void *p, size_t len_bytes);

/* Salted commitment to a value kept off the ledger: SHA-256(32-byte salt || value). Source:
 * ledger.md, Personal data. */
#define SALT_SIZE 32
void commitment(const uint8_t salt[SALT_SIZE], const void *value, size_t len_bytes,
                struct hash *out);

#endif
