/* Keys at rest. A user's PKCS#8 key is sealed under AES-256-GCM with a key from argon2id of the
 * password; the office's key lies in a file, sealed with a 32-byte secret that may live
 * elsewhere (a systemd credential). */
#ifndef AFORO_CRYPTO_KEYSTORE_H
#define AFORO_CRYPTO_KEYSTORE_H

#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "crypto/sign.h"

/* Cost of argon2id; stored with the sealed key so that it can be raised later. */
struct kdf_cost {
    uint32_t memory_kib, passes, lanes;
};
extern const struct kdf_cost
    kdf_cost_default; /* 65536 KiB, 3, 4. Source: quality.md; RFC 9106 section 4 */

/*
 * Seal a private key under a password.
 *
 * aad: user and key id, bound into the seal (ledger.md, An entry).
 * out: one printable line: "aforo-seal-v1$argon2id$m=..,t=..,p=..$salt$nonce$ciphertext"
 * (base64).
 */
enum err_code key_seal_password(const struct sign_key *k, const char *password, const char *aad,
                                const struct kdf_cost *cost, const struct env *env,
                                struct buf *out, struct err *e) MUST_CHECK;
/* ERR_DENIED for a wrong password or another aad; the same work is done whatever is wrong. */
enum err_code key_open_password(const char *sealed, const char *password, const char *aad,
                                struct sign_key **out, struct err *e) MUST_CHECK;
/* Do the work of key_open_password for nobody: an unknown user takes as long as a known one. */
void key_open_dummy(const char *password);

/* The same under a random 32-byte secret: office key file and sessions. Result of the same line
 * form, "aforo-seal-v1$raw$nonce$ciphertext". */
enum err_code key_seal_secret(const struct sign_key *k, const uint8_t secret[32],
                              const char *aad, const struct env *env, struct buf *out,
                              struct err *e) MUST_CHECK;
enum err_code key_open_secret(const char *sealed, const uint8_t secret[32], const char *aad,
                              struct sign_key **out, struct err *e) MUST_CHECK;
enum err_code key_open_secret_as(enum key_algorithm a, const char *sealed,
                                 const uint8_t secret[32], const char *aad,
                                 struct sign_key **out, struct err *e) MUST_CHECK;

#endif
