/* Keys in devices that never give them away: PKCS#11 tokens and TPMs. Made and opened here;
 * signed with as any other key (sign.h), in one thread at a time. What is said of a device that
 * is missing, locked or another is said in full: the person before it must know what to do.
 * Everybody but keyfile.c goes through keyfile.h. */
#ifndef AFORO_CRYPTO_TOKEN_H
#define AFORO_CRYPTO_TOKEN_H

#include "base/buf.h"
#include "base/env.h"
#include "base/err.h"
#include "crypto/sign.h"

#define TOKEN_PLACE_MAX 4096 /* bytes of what says where a key is */
#define TOKEN_PIN_MAX 128

/*
 * PKCS#11. A place is an RFC 7512 URI that names the module and the token, and, of a key, its
 * id: "pkcs11:token=aforo;id=%01%02?module-path=/usr/lib/softhsm/libsofthsm2.so".
 *
 * make: uri without id; place gets it with the id. Errors: ERR_UNSUPPORTED where the token
 *       cannot make keys of that algorithm, and those of open.
 * open: id must be the key's own, in the token. ERR_USAGE for a malformed URI, ERR_NOT_FOUND
 *       for a module, token or key that is not there, ERR_DENIED for a PIN that is wrong or a
 *       token that is locked, ERR_STATE for another key, ERR_IO where the token fails.
 */
enum err_code pkcs11_make(enum key_algorithm a, const char *uri, const char *pin,
                          const char *label, const struct env *env, struct buf *place,
                          struct sign_key **out, struct err *e) MUST_CHECK;
enum err_code pkcs11_open(enum key_algorithm a, const char *place, const char *pin,
                          const struct hash *id, struct sign_key **out,
                          struct err *e) MUST_CHECK;
/* Is this a URI as above? With or without an id. ERR_USAGE says what is missing. */
enum err_code pkcs11_uri_check(const char *uri, struct err *e) MUST_CHECK;

/*
 * TPM 2.0, through OpenSSL's provider "tpm2" (package tpm2-openssl), which TPM2OPENSSL_TCTI
 * leads to a TPM other than /dev/tpmrm0. P-256 only. A place is the key itself in base64,
 * wrapped by the TPM (TSS2 PRIVATE KEY): it opens in that TPM only.
 *
 * pin: NULL for a key without one. Errors as above.
 */
enum err_code tpm2_make(const char *pin, struct buf *place, struct sign_key **out,
                        struct err *e) MUST_CHECK;
enum err_code tpm2_open(const char *place, const char *pin, const struct hash *id,
                        struct sign_key **out, struct err *e) MUST_CHECK;

#endif
