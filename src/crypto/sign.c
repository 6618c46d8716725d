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
static const uint8_t p256_prefix[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
/* RFC 8410 section 4: the point follows, 32 bytes. */
static const uint8_t ed25519_prefix[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                         0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

static const struct form {
    const char *name, *type; /* ours, OpenSSL's */
    const uint8_t *prefix;
    size_t prefix_len, spki_len;
} forms[] = {
    [KEY_P256] = {"p256", "EC", p256_prefix, sizeof(p256_prefix), SPKI_SIZE},
    [KEY_ED25519] = {"ed25519", "ED25519", ed25519_prefix, sizeof(ed25519_prefix),
                     sizeof(ed25519_prefix) + ED25519_PUBLIC_SIZE},
};

struct sign_key {
    enum key_algorithm algorithm;
    EVP_PKEY *pkey;             /* NULL where a token has it */
    EVP_PKEY_CTX *signer;       /* P-256: initialised once; one thread at a time signs */
    const struct sign_ops *ops; /* of a token; else NULL */
    void *token;
    bool failed;
    struct hash id;
    uint8_t spki[SPKI_SIZE];
    size_t spki_len;
};

struct verify_key {
    enum key_algorithm algorithm;
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

const char *key_algorithm_name(enum key_algorithm a)
{
    return forms[a].name;
}

static bool form_fits(const struct form *f, const void *spki, size_t len)
{
    return len == f->spki_len && memcmp(spki, f->prefix, f->prefix_len) == 0;
}

bool key_algorithm_of(const void *spki, size_t len, enum key_algorithm *out)
{
    *out = form_fits(&forms[KEY_ED25519], spki, len) ? KEY_ED25519 : KEY_P256;
    return form_fits(&forms[*out], spki, len);
}

size_t spki_of_ed25519(const uint8_t raw[ED25519_PUBLIC_SIZE], uint8_t spki[SPKI_SIZE_MAX])
{
    memcpy(spki, ed25519_prefix, sizeof(ed25519_prefix));
    memcpy(spki + sizeof(ed25519_prefix), raw, ED25519_PUBLIC_SIZE);
    return sizeof(ed25519_prefix) + ED25519_PUBLIC_SIZE;
}

/* The public half of a pair in the one form taken. */
static bool spki_of(const EVP_PKEY *pkey, const struct form *f, uint8_t spki[SPKI_SIZE])
{
    unsigned char *p = spki;
    int len = (int)f->spki_len;

    return i2d_PUBKEY(pkey, NULL) == len && i2d_PUBKEY(pkey, &p) == len &&
           form_fits(f, spki, f->spki_len);
}

static enum err_code refuse_private(enum key_algorithm a, struct err *e)
{
    return ossl_refuse(e, ERR_UNSUPPORTED,
                       a == KEY_P256
                           ? _("This private key is not an ECDSA key on the curve P-256.")
                           : _("This private key is not an Ed25519 key."));
}

/* Malformed, or well formed but not what we take? */
static enum err_code refuse_spki(enum key_algorithm a, const void *spki, size_t len,
                                 struct err *e)
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
    return err_set(e, ERR_UNSUPPORTED, "%s",
                   a == KEY_P256 ? _("Only ECDSA keys on the curve P-256 are accepted, with "
                                     "the public point uncompressed.")
                                 : _("Only Ed25519 keys are accepted."));
}

/* Takes pkey over, on failure too. */
static enum err_code sign_key_take(enum key_algorithm a, EVP_PKEY *pkey, struct sign_key **out,
                                   struct err *e)
{
    struct sign_key *k = mem_alloc(sizeof(*k));

    if (k == NULL) {
        EVP_PKEY_free(pkey);
        return err_nomem(e);
    }
    k->algorithm = a;
    k->pkey = pkey;
    k->spki_len = forms[a].spki_len;
    if (!spki_of(pkey, &forms[a], k->spki)) {
        sign_key_free(k);
        return refuse_private(a, e);
    }
    sha256(k->spki, k->spki_len, &k->id);
    if (a == KEY_ED25519) { /* it takes the message whole: there is nothing to prepare */
        *out = k;
        return ERR_OK;
    }
    k->signer = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    if (k->signer == NULL || EVP_PKEY_sign_init(k->signer) != 1 ||
        EVP_PKEY_CTX_set_signature_md(k->signer, ossl_sha256()) != 1) {
        sign_key_free(k);
        return ossl_error(e, ERR_CRYPTO, _("The private key cannot be prepared for signing"));
    }
    *out = k;
    return ERR_OK;
}

enum err_code sign_key_generate_as(enum key_algorithm a, struct sign_key **out, struct err *e)
{
    EVP_PKEY *pkey = a == KEY_P256 ? EVP_EC_gen(SN_X9_62_prime256v1)
                                   : EVP_PKEY_Q_keygen(NULL, NULL, forms[a].type);

    if (pkey == NULL) {
        return ossl_error(e, ERR_CRYPTO, _("A new signing key cannot be made"));
    }
    return sign_key_take(a, pkey, out, e);
}

enum err_code sign_key_generate(struct sign_key **out, struct err *e)
{
    return sign_key_generate_as(KEY_P256, out, e);
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

enum err_code sign_key_load_as(enum key_algorithm a, const void *der, size_t len,
                               struct sign_key **out, struct err *e)
{
    EVP_PKEY *pkey = ossl_load_pkcs8(der, len);

    if (pkey == NULL) {
        return ossl_refuse(e, ERR_PARSE, _("This is not a private key in PKCS#8 form."));
    }
    if (!EVP_PKEY_is_a(pkey, forms[a].type)) {
        EVP_PKEY_free(pkey);
        return refuse_private(a, e);
    }
    if (a == KEY_P256 && !pair_holds(pkey)) { /* an Ed25519 file has no public half */
        EVP_PKEY_free(pkey);
        return err_set(
            e, ERR_PARSE,
            _("The private key and the public key stored with it do not belong together."));
    }
    return sign_key_take(a, pkey, out, e);
}

enum err_code sign_key_load(const void *der, size_t len, struct sign_key **out, struct err *e)
{
    return sign_key_load_as(KEY_P256, der, len, out, e);
}

enum err_code sign_key_of_token(const void *spki, size_t len, const struct sign_ops *ops,
                                void *token, struct sign_key **out, struct err *e)
{
    struct sign_key *k = mem_alloc(sizeof(*k));
    struct verify_key *point = NULL;
    enum key_algorithm a = KEY_P256;
    enum err_code rc = k == NULL ? err_nomem(e) : ERR_OK;

    if (rc == ERR_OK && !key_algorithm_of(spki, len, &a)) {
        rc = refuse_spki(KEY_P256, spki, len, e);
    }
    if (rc == ERR_OK) { /* refuses a point that is not on the curve */
        rc = verify_key_load_as(a, spki, len, &point, e);
    }
    if (rc != ERR_OK) {
        mem_free(k);
        ops->free(token);
        return rc;
    }
    k->algorithm = a;
    k->ops = ops;
    k->token = token;
    k->id = *verify_key_id(point);
    k->spki_len = len;
    memcpy(k->spki, spki, len);
    verify_key_free(point);
    *out = k;
    return ERR_OK;
}

bool sign_key_failed(const struct sign_key *k)
{
    return k->failed;
}

bool sign_key_in_token(const struct sign_key *k)
{
    return k->ops != NULL;
}

enum err_code sign_key_save(const struct sign_key *k, struct buf *der, struct err *e)
{
    if (k->ops != NULL) {
        return err_set(e, ERR_UNSUPPORTED, _("The private key does not leave its token."));
    }
    return ossl_save_pkcs8(k->pkey, der, e);
}

void sign_key_free(struct sign_key *k)
{
    if (k != NULL) {
        EVP_PKEY_CTX_free(k->signer);
        EVP_PKEY_free(k->pkey);
        if (k->ops != NULL) {
            k->ops->free(k->token);
        }
        mem_free(k);
    }
}

const struct hash *sign_key_id(const struct sign_key *k)
{
    return &k->id;
}

enum key_algorithm sign_key_algorithm(const struct sign_key *k)
{
    return k->algorithm;
}

enum err_code sign_key_public(const struct sign_key *k, struct buf *spki, struct err *e)
{
    buf_add(spki, k->spki, k->spki_len);
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

/* Encode r || s with n - S in the place of an S in the upper half: both verify, and only one is
 * ours. */
static void put_low_s(const uint8_t rs[2 * SCALAR_SIZE], struct signature *out)
{
    uint8_t s[SCALAR_SIZE];
    int borrow = 0;

    memcpy(s, rs + SCALAR_SIZE, SCALAR_SIZE);
    if (memcmp(s, low_s_max, SCALAR_SIZE) > 0) {
        for (size_t i = SCALAR_SIZE; i-- > 0;) {
            int d = order[i] - s[i] - borrow;

            s[i] = (uint8_t)d;
            borrow = d < 0;
        }
    }
    out->len = 2 + put_integer(out->der + 2, rs);
    out->len += put_integer(out->der + out->len, s);
    out->der[0] = 0x30;
    out->der[1] = (uint8_t)(out->len - 2);
}

/* False when `der` is no signature: OpenSSL 3.0 reports one that it had no memory to encode as
 * made. */
static bool make_low_s(const uint8_t *der, size_t len, struct signature *out)
{
    uint8_t rs[2 * SCALAR_SIZE];

    if (!ossl_split_ecdsa(der, len, rs)) {
        return false;
    }
    put_low_s(rs, out);
    return true;
}

static enum err_code sign_token(struct sign_key *k, const void *data, size_t len,
                                struct signature *out, struct err *e)
{
    uint8_t raw[ED25519_SIGNATURE_SIZE];
    struct hash digest;
    enum err_code rc = ERR_OK;

    if (k->algorithm == KEY_ED25519) {
        rc = k->ops->sign(k->token, data, len, raw, e);
        out->len = sizeof(raw);
        memcpy(out->der, raw, sizeof(raw));
    } else {
        sha256(data, len, &digest);
        rc = k->ops->sign(k->token, digest.b, HASH_SIZE, raw, e);
        put_low_s(raw, out);
    }
    k->failed = k->failed || rc != ERR_OK;
    return rc;
}

/* RFC 8032 section 5.1.6: the message is signed as it is, not its hash. */
static enum err_code sign_ed25519(const struct sign_key *k, const void *data, size_t len,
                                  struct signature *out, struct err *e)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool done = false;

    out->len = ED25519_SIGNATURE_SIZE;
    done = ctx != NULL && EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
           EVP_DigestSign(ctx, out->der, &out->len, data, len) == 1 &&
           out->len == ED25519_SIGNATURE_SIZE;
    EVP_MD_CTX_free(ctx);
    return done ? ERR_OK : ossl_error(e, ERR_CRYPTO, _("The signature cannot be made"));
}

enum err_code sign_data(struct sign_key *k, const void *data, size_t len, struct signature *out,
                        struct err *e)
{
    if (k->ops != NULL) {
        return sign_token(k, data, len, out, e);
    }
    if (k->algorithm == KEY_ED25519) {
        return sign_ed25519(k, data, len, out, e);
    }
    uint8_t der[SIGNATURE_MAX];
    size_t der_len = sizeof(der);
    struct hash digest;
    enum err_code rc = ERR_OK;

    sha256(data, len, &digest);
    if (EVP_PKEY_sign(k->signer, der, &der_len, digest.b, HASH_SIZE) != 1 ||
        !make_low_s(der, der_len, out)) {
        rc = ossl_error(e, ERR_CRYPTO, _("The signature cannot be made"));
    }
    return rc;
}

static bool verifier_prepare(struct verify_key *k)
{
    if (k->algorithm == KEY_ED25519) {
        return true;
    }
    k->verifier = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
    return k->verifier != NULL && EVP_PKEY_verify_init(k->verifier) == 1 &&
           EVP_PKEY_CTX_set_signature_md(k->verifier, ossl_sha256()) == 1;
}

/* The key behind the prefix. OpenSSL's own decoder tries every form that it knows, which takes
 * twice as long as the check of a signature. NULL for a point that is not on P-256. */
static EVP_PKEY *public_of(enum key_algorithm a, const uint8_t *spki)
{
    const uint8_t *point = spki + forms[a].prefix_len;

    /* The prefix of P-256 ends with the 4 that begins an uncompressed point. */
    return a == KEY_ED25519
               ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point, ED25519_PUBLIC_SIZE)
               : ossl_ec_public(SN_X9_62_prime256v1, point - 1, 2 * SCALAR_SIZE + 1);
}

enum err_code verify_key_load_as(enum key_algorithm a, const void *spki, size_t len,
                                 struct verify_key **out, struct err *e)
{
    struct verify_key *k = NULL;
    EVP_PKEY *pkey = NULL;

    if (!form_fits(&forms[a], spki, len)) {
        return refuse_spki(a, spki, len, e);
    }
    pkey = public_of(a, spki);
    if (pkey == NULL) {
        return ossl_error(e, ERR_PARSE, _("The public key is not a point of the curve P-256"));
    }
    k = mem_alloc(sizeof(*k));
    if (k == NULL) {
        EVP_PKEY_free(pkey);
        return err_nomem(e);
    }
    k->algorithm = a;
    k->pkey = pkey;
    sha256(spki, len, &k->id);
    if (!verifier_prepare(k)) {
        verify_key_free(k);
        return ossl_error(e, ERR_CRYPTO, _("The public key cannot be prepared for verifying"));
    }
    *out = k;
    return ERR_OK;
}

enum err_code verify_key_load(const void *spki, size_t len, struct verify_key **out,
                              struct err *e)
{
    return verify_key_load_as(KEY_P256, spki, len, out, e);
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

static bool verify_ed25519(const struct verify_key *k, const void *data, size_t len,
                           const void *sig, size_t sig_len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool holds = ctx != NULL && sig_len == ED25519_SIGNATURE_SIZE &&
                 EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
                 EVP_DigestVerify(ctx, sig, sig_len, data, len) == 1;

    EVP_MD_CTX_free(ctx);
    if (!holds) {
        ERR_clear_error();
    }
    return holds;
}

bool verify_data(const struct verify_key *k, const void *data, size_t len, const void *sig,
                 size_t sig_len)
{
    EVP_PKEY_CTX *ctx = NULL;
    struct hash digest;
    bool holds = false;

    if (k->algorithm == KEY_ED25519) {
        return verify_ed25519(k, data, len, sig, sig_len);
    }
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
