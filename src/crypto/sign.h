/* ECDSA P-256 with SHA-256, DER, low S; keys named by the hex SHA-256 of their
 * SubjectPublicKeyInfo. */
#ifndef AFORO_CRYPTO_SIGN_H
#define AFORO_CRYPTO_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/hash.h"

#define SIGNATURE_MAX 72 /* DER of two 33-byte integers */

struct signature {
    uint8_t der[SIGNATURE_MAX];
    size_t len;
};

struct sign_key;   /* private */
struct verify_key; /* public, parsed once, shared between threads */

enum err_code sign_key_generate(struct sign_key **out, struct err *e) MUST_CHECK;
/* PKCS#8 DER. */
enum err_code sign_key_load(const void *der, size_t len, struct sign_key **out,
                            struct err *e) MUST_CHECK;
enum err_code sign_key_save(const struct sign_key *k, struct buf *der,
                            struct err *e) MUST_CHECK;
void sign_key_free(struct sign_key *k);
const struct hash *sign_key_id(const struct sign_key *k);
enum err_code sign_key_public(const struct sign_key *k, struct buf *spki,
                              struct err *e) MUST_CHECK;
/* Sign the bytes; S is made low. */
enum err_code sign_data(struct sign_key *k, const void *data, size_t len, struct signature *out,
                        struct err *e) MUST_CHECK;

/* SubjectPublicKeyInfo DER; only P-256 is taken. */
enum err_code verify_key_load(const void *spki, size_t len, struct verify_key **out,
                              struct err *e) MUST_CHECK;
void verify_key_free(struct verify_key *k);
const struct hash *verify_key_id(const struct verify_key *k);
/* True when the signature holds; any S accepted. Thread-safe on a shared key. */
bool verify_data(const struct verify_key *k, const void *data, size_t len, const void *sig,
                 size_t sig_len);

#endif
