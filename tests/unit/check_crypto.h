/* What the tests of this floor share. */
#ifndef AFORO_TESTS_CHECK_CRYPTO_H
#define AFORO_TESTS_CHECK_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <check.h>

#include "crypto/hash.h"

Suite *suite_hash(void);
Suite *suite_merkle(void);
Suite *suite_merkle_vectors(void);
Suite *suite_sign(void);
Suite *suite_keystore(void);

/* Hex digits of a constant into bytes; returns how many. */
size_t unhex(const char *hex, uint8_t *out, size_t size);
void assert_hash_hex(const struct hash *h, const char *hex);

/*
 * Run `step` with each of OpenSSL's allocations failing in turn, once and from then on: it must
 * fail in a way that says so, or not need the memory, and never crash or leak.
 */
void walk_openssl_faults(enum err_code (*step)(struct err *e));

#endif
