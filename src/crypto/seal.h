/* Bytes at rest under a password or a secret: the line form that keystore and note keys share
 * (keystore.h gives it to the other floors). Source: RFC 9106 (argon2id), NIST SP 800-38D
 * (AES-GCM). */
#ifndef AFORO_CRYPTO_SEAL_H
#define AFORO_CRYPTO_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "crypto/keystore.h"

#define SEAL_PLAIN_MAX 4096 /* bytes sealed; a PKCS#8 key takes some 140 */
#define SEAL_LINE_MAX 8192
#define SEAL_SALT_SIZE 16
#define SEAL_NONCE_SIZE 12
#define SEAL_TAG_SIZE 16

/* A line taken apart. Costs are within the limits of seal.c, so that a forged line cannot ask
 * for all memory. */
struct seal_parts {
    bool by_password; /* else by a secret: cost and salt are not set */
    struct kdf_cost cost;
    uint8_t salt[SEAL_SALT_SIZE];
    uint8_t nonce[SEAL_NONCE_SIZE];
    uint8_t sealed[SEAL_PLAIN_MAX + SEAL_TAG_SIZE]; /* ciphertext, then tag */
    size_t sealed_len;
    size_t head_len; /* bytes of the line before the ciphertext field; bound into the seal with
                        the caller's aad */
};

/* The key of a password: argon2id version 1.3. ERR_LIMIT for a cost beyond the limits of
 * seal.c, ERR_RANGE for one that argon2 does not know. */
enum err_code seal_derive(const char *password, const void *salt, size_t salt_len,
                          const struct kdf_cost *cost, uint8_t key[32],
                          struct err *e) MUST_CHECK;

/* ERR_PARSE unless it is the one spelling of such a line; ERR_LIMIT for a cost beyond the
 * limits. */
enum err_code seal_parse(const char *line, struct seal_parts *out, struct err *e) MUST_CHECK;

/* As key_seal_password and its three companions of keystore.h, for any bytes. Results are
 * appended; the caller wipes with buf_wipe() what was opened. */
enum err_code seal_password(const void *plain, size_t len, const char *password,
                            const char *aad, const struct kdf_cost *cost, const struct env *env,
                            struct buf *out, struct err *e) MUST_CHECK;
enum err_code unseal_password(const char *line, const char *password, const char *aad,
                              struct buf *plain, struct err *e) MUST_CHECK;
enum err_code seal_secret(const void *plain, size_t len, const uint8_t secret[32],
                          const char *aad, const struct env *env, struct buf *out,
                          struct err *e) MUST_CHECK;
enum err_code unseal_secret(const char *line, const uint8_t secret[32], const char *aad,
                            struct buf *plain, struct err *e) MUST_CHECK;
/* The work of one unseal_password at the default cost. */
void unseal_dummy(const char *password);

#endif
