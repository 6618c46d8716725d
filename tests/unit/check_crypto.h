/* What the tests of this floor share. */
#ifndef AFORO_TESTS_CHECK_CRYPTO_H
#define AFORO_TESTS_CHECK_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <check.h>

#include "crypto/hash.h"
#include "crypto/note.h"
#include "crypto/sign.h"

Suite *suite_hash(void);
Suite *suite_merkle(void);
Suite *suite_merkle_vectors(void);
Suite *suite_sign(void);
Suite *suite_sign_keys(void);
Suite *suite_keyfile(void);
Suite *suite_keystore(void);
Suite *suite_seal(void);
Suite *suite_dsse(void);
Suite *suite_note(void);
Suite *suite_note_key(void);
Suite *suite_checkpoint(void);
Suite *suite_age(void);
Suite *suite_cosign(void);
Suite *suite_witness_request(void);

/* A test that has to end in abort(); left out where tests share the process (CK_FORK=no), which
 * cannot outlive it. */
void add_abort_test(TCase *t, const TTest *test);
/* Hex digits of a constant into bytes; returns how many. */
size_t unhex(const char *hex, uint8_t *out, size_t size);
void assert_hash_hex(const struct hash *h, const char *hex);

/* Samples that have to load (key_samples.h, note_samples.h); the caller frees them. */
enum { KEY_ROOM = 512 };
struct verify_key *load_spki(const char *hex);
struct sign_key *load_pkcs8(const char *hex);
struct verify_key *public_of(const struct sign_key *k);
struct note_key *load_peter(void);

/*
 * Run `step` with each allocation, ours and OpenSSL's, failing in turn, once and from then on:
 * it must fail and say so, or not need the memory, and never crash or leak.
 */
void walk_faults(enum err_code (*step)(struct err *e));
/* What argon2 answers from now on without working, or ARGON2_OK to let it work. */
void argon2_answers(int code);

#endif
