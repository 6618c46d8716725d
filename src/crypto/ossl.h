/* What the files of this folder share of OpenSSL: its headers, algorithms fetched once, and its
 * error queue turned into ours. */
#ifndef AFORO_CRYPTO_OSSL_H
#define AFORO_CRYPTO_OSSL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* OpenSSL has a type ERR_STATE, and base/err.h a code of that name. Nobody here uses the type,
 * so it is renamed; that is why its headers are included here and nowhere else. */
#define ERR_STATE ossl_renamed_err_state
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/x509.h>
#undef ERR_STATE

/* Fetched at the first call of any thread and kept: a fetch for each use costs more than a
 * short hash. Never NULL. */
const EVP_MD *ossl_sha256(void);
const EVP_CIPHER *ossl_aes_256_gcm(void);

/*
 * Record a failure and empty this thread's queue of OpenSSL's errors. When that holds an
 * allocation that failed, ERR_NOMEM it is, whatever the caller thought: what lacks memory is
 * neither malformed nor denied.
 *
 * ossl_error:  "what: OpenSSL's first reason".
 * ossl_refuse: the sentence as it is, for input that is refused.
 */
enum err_code ossl_error(struct err *e, enum err_code code, const char *what);
enum err_code ossl_refuse(struct err *e, enum err_code code, const char *sentence);

/* r || s, 32 bytes each, of an ECDSA signature in DER by a curve of 256 bits. False when it is
 * none. */
bool ossl_split_ecdsa(const uint8_t *der, size_t len, uint8_t rs[64]);

/* The public key of an encoded point on the curve of OpenSSL's name `group`. NULL when it is
 * no point of it, or for lack of memory: OpenSSL's queue says which. */
EVP_PKEY *ossl_ec_public(const char *group, const void *point, size_t len);

/* Parse PKCS#8 DER of exactly len bytes. NULL when it is not that; OpenSSL's queue is left
 * empty. */
EVP_PKEY *ossl_load_pkcs8(const void *der, size_t len);
/* Append PKCS#8 DER; the caller wipes the buffer. */
enum err_code ossl_save_pkcs8(const EVP_PKEY *pkey, struct buf *der, struct err *e) MUST_CHECK;

#endif
