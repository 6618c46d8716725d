/* ECDSA of foreign devices: any curve that meters sign with, SHA-256 or SHA-512, DER as it
 * comes (any S). Our own signatures are crypto/sign.h. */
#ifndef AFORO_CRYPTO_ECDSA_H
#define AFORO_CRYPTO_ECDSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/hash.h"

enum ecdsa_curve {
    CURVE_SECP192K1,
    CURVE_SECP192R1,
    CURVE_SECP256K1,
    CURVE_SECP256R1,
    CURVE_SECP384R1,
    CURVE_SECP521R1,
    CURVE_BRAINPOOL256R1,
    CURVE_BRAINPOOL384R1,
    CURVE_COUNT
};

enum ecdsa_digest { ECDSA_SHA256, ECDSA_SHA512 };

/* Largest DER signature: two 67-byte integers of secp521r1. */
#define ECDSA_SIG_MAX 144
/* Largest SubjectPublicKeyInfo that is taken. */
#define ECDSA_SPKI_MAX 256

/* "secp256r1"; brainpool curves as OCMF names them: "brainpool256r1". */
const char *ecdsa_curve_name(enum ecdsa_curve curve);
/* Also knows what others call them: P-256, prime256v1, brainpoolP256r1 ... */
bool ecdsa_curve_find(const char *name, size_t len, enum ecdsa_curve *out);

struct ecdsa_key; /* public, parsed once, shared between threads */

/*
 * Load a public key.
 *
 * der: SubjectPublicKeyInfo with a named curve; len bytes of it and no more.
 * Errors: ERR_PARSE when it is none, or its point is not on the curve; ERR_UNSUPPORTED for
 * another kind of key or curve; ERR_NOMEM.
 */
enum err_code ecdsa_key_load(const void *der, size_t len, struct ecdsa_key **out,
                             struct err *e) MUST_CHECK;
/*
 * The same from text: PEM, or hex (white space between digits allowed) or base64 of a
 * SubjectPublicKeyInfo, or of the bare point when `curve` is not CURVE_COUNT.
 */
enum err_code ecdsa_key_read(const char *text, size_t len, enum ecdsa_curve curve,
                             struct ecdsa_key **out, struct err *e) MUST_CHECK;
void ecdsa_key_free(struct ecdsa_key *k);
enum ecdsa_curve ecdsa_key_curve(const struct ecdsa_key *k);
/* SHA-256 of the SubjectPublicKeyInfo below. */
const struct hash *ecdsa_key_id(const struct ecdsa_key *k);
/* The key's one encoding, whatever it was read from: named curve, uncompressed point. */
enum err_code ecdsa_key_public(const struct ecdsa_key *k, struct buf *spki,
                               struct err *e) MUST_CHECK;

/* True when the signature holds. Thread-safe on a shared key. */
bool ecdsa_verify(const struct ecdsa_key *k, enum ecdsa_digest digest, const void *data,
                  size_t len, const void *sig, size_t sig_len);

#endif
