/* Signatures: ECDSA P-256 with SHA-256 (DER, low S), which entries carry, and Ed25519 (64
 * bytes), which checkpoints and printed documents carry. Keys are named by the hex SHA-256 of
 * their SubjectPublicKeyInfo. */
#ifndef AFORO_CRYPTO_SIGN_H
#define AFORO_CRYPTO_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/hash.h"

#define SIGNATURE_MAX 72 /* DER of two 33-byte integers */
#define ED25519_SIGNATURE_SIZE 64
#define ED25519_PUBLIC_SIZE 32
#define SPKI_SIZE_MAX 91 /* P-256, uncompressed; Ed25519 has 44 bytes */

enum key_algorithm { KEY_P256, KEY_ED25519 };
/* "p256", "ed25519": what tables and files say. */
const char *key_algorithm_name(enum key_algorithm a);
/* Of a SubjectPublicKeyInfo, by its first bytes and length; the point is not judged. False for
 * any other form. */
bool key_algorithm_of(const void *spki, size_t len, enum key_algorithm *out);

/* Write the 44 bytes of an Ed25519 key; returns how many. */
size_t spki_of_ed25519(const uint8_t raw[ED25519_PUBLIC_SIZE], uint8_t spki[SPKI_SIZE_MAX]);

struct signature {
    uint8_t der[SIGNATURE_MAX]; /* Ed25519: the 64 bytes as they are */
    size_t len;
};

struct sign_key;   /* private */
struct verify_key; /* public, parsed once, shared between threads */

/* The short names take P-256 and nothing else. */
enum err_code sign_key_generate(struct sign_key **out, struct err *e) MUST_CHECK;
enum err_code sign_key_generate_as(enum key_algorithm a, struct sign_key **out,
                                   struct err *e) MUST_CHECK;
/* PKCS#8 DER. ERR_PARSE, ERR_UNSUPPORTED for a key of another algorithm. */
enum err_code sign_key_load(const void *der, size_t len, struct sign_key **out,
                            struct err *e) MUST_CHECK;
enum err_code sign_key_load_as(enum key_algorithm a, const void *der, size_t len,
                               struct sign_key **out, struct err *e) MUST_CHECK;
enum err_code sign_key_save(const struct sign_key *k, struct buf *der,
                            struct err *e) MUST_CHECK;
void sign_key_free(struct sign_key *k);
const struct hash *sign_key_id(const struct sign_key *k);
enum key_algorithm sign_key_algorithm(const struct sign_key *k);
enum err_code sign_key_public(const struct sign_key *k, struct buf *spki,
                              struct err *e) MUST_CHECK;
/* A key that lies in a token: what signs with it, and what lets it go. */
struct sign_ops {
    /*
     * P-256: `data` is the SHA-256 digest, out r || s. Ed25519: `data` is the message.
     * Errors: those of the token, in a sentence that names it.
     */
    enum err_code (*sign)(void *token, const void *data, size_t len, uint8_t out[64],
                          struct err *e);
    void (*free)(void *token);
};
/* token: taken over, on failure too. ERR_UNSUPPORTED for a public key of no form taken. */
enum err_code sign_key_of_token(const void *spki, size_t len, const struct sign_ops *ops,
                                void *token, struct sign_key **out, struct err *e) MUST_CHECK;
/* Did a token refuse to sign? Then the key should be opened anew: it may be plugged in again.
 */
bool sign_key_failed(const struct sign_key *k);
/* Does it lie in a token, so that a signature is a call to a device? */
bool sign_key_in_token(const struct sign_key *k);
/* Sign the bytes; S is made low. One thread at a time a key. */
enum err_code sign_data(struct sign_key *k, const void *data, size_t len, struct signature *out,
                        struct err *e) MUST_CHECK;

/* SubjectPublicKeyInfo DER; the first takes only P-256. */
enum err_code verify_key_load(const void *spki, size_t len, struct verify_key **out,
                              struct err *e) MUST_CHECK;
enum err_code verify_key_load_as(enum key_algorithm a, const void *spki, size_t len,
                                 struct verify_key **out, struct err *e) MUST_CHECK;
void verify_key_free(struct verify_key *k);
const struct hash *verify_key_id(const struct verify_key *k);
/* True when the signature holds; any S accepted. Thread-safe on a shared key. */
bool verify_data(const struct verify_key *k, const void *data, size_t len, const void *sig,
                 size_t sig_len);

#endif
