#include <config.h>

#include "crypto/sign.h"

#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/ossl.h"

/* A key has one name only if it has one encoding: RFC 5480 section 2.1.1 with the named curve
 * and section 2.2 with the uncompressed point, which is always 91 bytes. */
#define SPKI_SIZE 91
static const uint8_t spki_prefix[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

struct sign_key {
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *signer; /* initialised once; every signature works on a copy */
    struct hash id;
    uint8_t spki[SPKI_SIZE];
};

struct verify_key {
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *verifier; /* as above: copying only reads it, so threads may share a key */
    struct hash id;
};

/* The order n of P-256 and (n - 1) / 2, the largest S that is low. Source: SEC 2 section 2.4.2.
 */
#define SCALAR_SIZE 32
static const uint8_t order[SCALAR_SIZE] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                           0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                           0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                           0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
static const uint8_t low_s_max[SCALAR_SIZE] = {0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00,
                                               0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                               0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42,
                                               0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8};

/* The public half of any P-256 pair in the one form taken. */
static bool spki_of(const EVP_PKEY *pkey, uint8_t spki[SPKI_SIZE])
{
    unsigned char *p = spki;

    return i2d_PUBKEY(pkey, NULL) == SPKI_SIZE && i2d_PUBKEY(pkey, &p) == SPKI_SIZE &&
           memcmp(spki, spki_prefix, sizeof(spki_prefix)) == 0;
}

/* Takes pkey over, on failure too. */
static enum err_code sign_key_take(EVP_PKEY *pkey, struct sign_key **out, struct err *e)
{
    struct sign_key *k = mem_alloc(sizeof(*k));

    if (k == NULL) {
        EVP_PKEY_free(pkey);
        return err_nomem(e);
    }
    k->pkey = pkey;
    if (!spki_of(pkey, k->spki)) {
        sign_key_free(k);
        return err_set(e, ERR_UNSUPPORTED,
                       _("This private key is not an ECDSA key on the curve P-256."));
    }
    sha256(k->spki, SPKI_SIZE, &k->id);
    k->signer = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    if (k->signer == NULL || EVP_PKEY_sign_init(k->signer) != 1 ||
        EVP_PKEY_CTX_set_signature_md(k->signer, ossl_sha256()) != 1) {
        sign_key_free(k);
        return ossl_error(e, ERR_CRYPTO, _("The private key cannot be prepared for signing"));
    }
    *out = k;
    return ERR_OK;
}

enum err_code sign_key_generate(struct sign_key **out, struct err *e)
{
    EVP_PKEY *pkey = EVP_EC_gen(SN_X9_62_prime256v1);

    if (pkey == NULL) {
        return ossl_error(e, ERR_CRYPTO, _("A new signing key cannot be made"));
    }
    return sign_key_take(pkey, out, e);
}

/* The public half in a PKCS#8 file may be anybody's: with a wrong one every signature would
 * fail later, elsewhere. */
static bool pair_holds(EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bool holds = ctx != NULL && EVP_PKEY_check(ctx) == 1;

    EVP_PKEY_CTX_free(ctx);
    return holds;
}

enum err_code sign_key_load(const void *der, size_t len, struct sign_key **out, struct err *e)
{
    EVP_PKEY *pkey = ossl_load_pkcs8(der, len);

    if (pkey == NULL) {
        return ossl_refuse(e, ERR_PARSE, _("This is not a private key in PKCS#8 form."));
    }
    if (EVP_PKEY_is_a(pkey, "EC") && !pair_holds(pkey)) {
        EVP_PKEY_free(pkey);
        return err_set(
            e, ERR_PARSE,
            _("The private key and the public key stored with it do not belong together."));
    }
    return sign_key_take(pkey, out, e);
}

enum err_code sign_key_save(const struct sign_key *k, struct buf *der, struct err *e)
{
    return ossl_save_pkcs8(k->pkey, der, e);
}

void sign_key_free(struct sign_key *k)
{
    if (k != NULL) {
        EVP_PKEY_CTX_free(k->signer);
        EVP_PKEY_free(k->pkey);
        mem_free(k);
    }
}

const struct hash *sign_key_id(const struct sign_key *k)
{
    return &k->id;
}

enum err_code sign_key_public(const struct sign_key *k, struct buf *spki, struct err *e)
{
    buf_add(spki, k->spki, SPKI_SIZE);
    return buf_status(spki, _("public key"), e);
}

/* A DER INTEGER, in its shortest form and never negative; returns its length. */
static size_t put_integer(uint8_t *p, const uint8_t v[SCALAR_SIZE])
{
    size_t zeros = 0;
    size_t pad = 0;

    while (zeros < SCALAR_SIZE - 1 && v[zeros] == 0) {
        zeros++;
    }
    pad = v[zeros] >> 7;
    p[0] = 0x02;
    p[1] = (uint8_t)(pad + SCALAR_SIZE - zeros);
    p[2] = 0;
    memcpy(p + 2 + pad, v + zeros, SCALAR_SIZE - zeros);
    return 2u + p[1];
}

/* Encode anew with n - S in the place of an S in the upper half: both verify, and only one is
 * ours. False when `der` is no signature: OpenSSL 3.0 reports one that it had no memory to
 * encode as made. */
static bool make_low_s(const uint8_t *der, size_t len, struct signature *out)
{
    ECDSA_SIG *sig = len <= SIGNATURE_MAX ? d2i_ECDSA_SIG(NULL, &der, (long)len) : NULL;
    uint8_t r[SCALAR_SIZE];
    uint8_t s[SCALAR_SIZE];
    int borrow = 0;

    if (sig == NULL) {
        return false;
    }
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(sig), r, SCALAR_SIZE) == SCALAR_SIZE);
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(sig), s, SCALAR_SIZE) == SCALAR_SIZE);
    ECDSA_SIG_free(sig);
    if (memcmp(s, low_s_max, SCALAR_SIZE) > 0) {
        for (size_t i = SCALAR_SIZE; i-- > 0;) {
            int d = order[i] - s[i] - borrow;

            s[i] = (uint8_t)d;
            borrow = d < 0;
        }
    }
    out->len = 2 + put_integer(out->der + 2, r);
    out->len += put_integer(out->der + out->len, s);
    out->der[0] = 0x30;
    out->der[1] = (uint8_t)(out->len - 2);
    return true;
}

enum err_code sign_data(struct sign_key *k, const void *data, size_t len, struct signature *out,
                        struct err *e)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_dup(k->signer);
    uint8_t der[SIGNATURE_MAX];
    size_t der_len = sizeof(der);
    struct hash digest;
    enum err_code rc = ERR_OK;

    sha256(data, len, &digest);
    if (ctx == NULL || EVP_PKEY_sign(ctx, der, &der_len, digest.b, HASH_SIZE) != 1 ||
        !make_low_s(der, der_len, out)) {
        rc = ossl_error(e, ERR_CRYPTO, _("The signature cannot be made"));
    }
    EVP_PKEY_CTX_free(ctx);
    return rc;
}

/* Malformed, or well formed but not what we take? */
static enum err_code refuse_spki(const void *spki, size_t len, struct err *e)
{
    const unsigned char *p = spki;
    EVP_PKEY *other = len <= LONG_MAX ? d2i_PUBKEY(NULL, &p, (long)len) : NULL;
    bool whole = other != NULL && p == (const unsigned char *)spki + len;

    EVP_PKEY_free(other);
    if (!whole) {
        return ossl_refuse(e, ERR_PARSE,
                           _("This is not a public key in SubjectPublicKeyInfo form."));
    }
    ERR_clear_error(); /* decoders that were tried and did not fit */
    return err_set(e, ERR_UNSUPPORTED,
                   _("Only ECDSA keys on the curve P-256 are accepted, with the public point "
                     "uncompressed."));
}

enum err_code verify_key_load(const void *spki, size_t len, struct verify_key **out,
                              struct err *e)
{
    const unsigned char *p = spki;
    struct verify_key *k = NULL;
    EVP_PKEY *pkey = NULL;

    if (len != SPKI_SIZE || memcmp(spki, spki_prefix, sizeof(spki_prefix)) != 0) {
        return refuse_spki(spki, len, e);
    }
    pkey = d2i_PUBKEY(NULL, &p, SPKI_SIZE); /* refuses a point that is not on the curve */
    if (pkey == NULL) {
        return ossl_error(e, ERR_PARSE, _("The public key is not a point of the curve P-256"));
    }
    k = mem_alloc(sizeof(*k));
    if (k == NULL) {
        EVP_PKEY_free(pkey);
        return err_nomem(e);
    }
    k->pkey = pkey;
    sha256(spki, len, &k->id);
    k->verifier = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    if (k->verifier == NULL || EVP_PKEY_verify_init(k->verifier) != 1 ||
        EVP_PKEY_CTX_set_signature_md(k->verifier, ossl_sha256()) != 1) {
        verify_key_free(k);
        return ossl_error(e, ERR_CRYPTO, _("The public key cannot be prepared for verifying"));
    }
    *out = k;
    return ERR_OK;
}

void verify_key_free(struct verify_key *k)
{
    if (k != NULL) {
        EVP_PKEY_CTX_free(k->verifier);
        EVP_PKEY_free(k->pkey);
        mem_free(k);
    }
}

const struct hash *verify_key_id(const struct verify_key *k)
{
    return &k->id;
}

bool verify_data(const struct verify_key *k, const void *data, size_t len, const void *sig,
                 size_t sig_len)
{
    EVP_PKEY_CTX *ctx = NULL;
    struct hash digest;
    bool holds = false;

    if (sig_len == 0 || sig_len > SIGNATURE_MAX) {
        return false;
    }
    sha256(data, len, &digest);
    ctx = EVP_PKEY_CTX_dup(k->verifier);
    holds = ctx != NULL && EVP_PKEY_verify(ctx, sig, sig_len, digest.b, HASH_SIZE) == 1;
    EVP_PKEY_CTX_free(ctx);
    if (!holds) {
        ERR_clear_error();
    }
    return holds;
}
