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

/* The order of P-256 and its half, for the low form of S (SEC 1 section 4.1.3; BIP 62 states
 * the bound). */
static CRYPTO_ONCE order_once = CRYPTO_ONCE_STATIC_INIT;
static BIGNUM *order;
static BIGNUM *half_order;

static void release_order(void)
{
    BN_free(order);
    BN_free(half_order);
}

static void make_order(void)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);

    if (group != NULL) {
        order = BN_dup(EC_GROUP_get0_order(group));
        half_order = BN_new();
    }
    if (order == NULL || half_order == NULL || BN_rshift1(half_order, order) != 1) {
        BN_free(half_order);
        half_order = NULL;
    }
    EC_GROUP_free(group);
    (void)OPENSSL_atexit(release_order);
}

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
    unsigned char *bytes = NULL;
    int len = ossl_save_pkcs8(k->pkey, &bytes);

    if (len < 0) {
        return ossl_error(e, ERR_CRYPTO, _("The private key cannot be encoded"));
    }
    buf_add(der, bytes, (size_t)len);
    ossl_free_secret(bytes, len);
    return buf_status(der, _("private key"), e);
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

/* Replace S by order - S when it is in the upper half: both verify, and only one is ours. */
static bool make_low_s(const unsigned char *der, size_t len, struct signature *out)
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
    unsigned char *p = out->der;
    BIGNUM *r = NULL;
    BIGNUM *s = NULL;
    bool done = false;
    int der_len = 0;

    if (sig == NULL || CRYPTO_THREAD_run_once(&order_once, make_order) != 1 ||
        half_order == NULL) {
        goto out;
    }
    if (BN_cmp(ECDSA_SIG_get0_s(sig), half_order) > 0) {
        r = BN_dup(ECDSA_SIG_get0_r(sig));
        s = BN_new();
        if (r == NULL || s == NULL || BN_sub(s, order, ECDSA_SIG_get0_s(sig)) != 1) {
            goto out;
        }
        (void)ECDSA_SIG_set0(sig, r, s); /* takes both over; fails for NULL only */
        r = NULL;
        s = NULL;
    }
    der_len = i2d_ECDSA_SIG(sig, NULL);
    if (der_len > 0 && der_len <= SIGNATURE_MAX) {
        out->len = (size_t)i2d_ECDSA_SIG(sig, &p);
        done = true;
    }
out:
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    return done;
}

enum err_code sign_data(struct sign_key *k, const void *data, size_t len, struct signature *out,
                        struct err *e)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_dup(k->signer);
    unsigned char der[SIGNATURE_MAX];
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
