/* A private key and where it is kept, behind one interface: an encrypted file, a PKCS#11 token
 * or a TPM. Each key has one small text file that says where it is:
 *
 *   aforo-key 1
 *   store file|pkcs11|tpm2
 *   algorithm p256|ed25519
 *   place ...        file: the sealed key; pkcs11: its URI; tpm2: the key wrapped by the TPM
 *   pin ...          of the token, sealed; only where there is one
 *
 * What is sealed is sealed under the office's secret. No private key is in clear anywhere. */
#ifndef AFORO_CRYPTO_KEYFILE_H
#define AFORO_CRYPTO_KEYFILE_H

#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "crypto/sign.h"

#define KEYFILE_BYTES_MAX 16384
#define KEYFILE_PLACE_MAX 4096
#define KEYFILE_PIN_MAX 1024 /* sealed */

enum key_store { STORE_FILE, STORE_PKCS11, STORE_TPM2, KEY_STORES };
/* "file", "pkcs11", "tpm2". KEY_STORES for any other name. */
const char *key_store_name(enum key_store s);
enum key_store key_store_find(const char *name);

struct keyfile {
    enum key_store store;
    enum key_algorithm algorithm;
    char place[KEYFILE_PLACE_MAX + 1];
    char pin[KEYFILE_PIN_MAX + 1]; /* empty: none */
};

/* ERR_PARSE unless it is the one spelling of such a file. */
enum err_code keyfile_parse(const char *text, size_t len, struct keyfile *out,
                            struct err *e) MUST_CHECK;
enum err_code keyfile_print(const struct keyfile *f, struct buf *out, struct err *e) MUST_CHECK;

/* What key to make, and where. */
struct key_want {
    enum key_store store;
    enum key_algorithm algorithm;
    const char *token; /* pkcs11: URI that names module and token */
    const char *pin;   /* of the token; NULL: it has none */
    const char *label; /* shown by the token's own tools */
};

/*
 * Make a key pair in a store.
 *
 * aad:  what the key is for ("office:log"); bound, with the key's id, into what is sealed.
 * f:    what to write into its file.
 * out:  the key, open; owned by the caller.
 * Errors: those of token.h; ERR_UNSUPPORTED for Ed25519 in a TPM; ERR_CRYPTO, ERR_NOMEM.
 */
enum err_code keyfile_make(const struct key_want *want, const uint8_t secret[32],
                           const char *aad, const struct env *env, struct keyfile *f,
                           struct sign_key **out, struct err *e) MUST_CHECK;
/*
 * Open it.
 *
 * id:   the key that is on record; any other is refused (ERR_DENIED, ERR_STATE).
 * Errors: ERR_DENIED when the secret is another or the token is locked, ERR_NOT_FOUND when the
 * token is not there, and others of token.h.
 */
enum err_code keyfile_open(const struct keyfile *f, const uint8_t secret[32], const char *aad,
                           const struct hash *id, struct sign_key **out,
                           struct err *e) MUST_CHECK;
/* Keep another PIN. NULL: none. */
enum err_code keyfile_pin(struct keyfile *f, const char *pin, const uint8_t secret[32],
                          const char *aad, const struct hash *id, const struct env *env,
                          struct err *e) MUST_CHECK;

#endif
