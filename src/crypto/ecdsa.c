#include <config.h>

#include "crypto/ecdsa.h"

#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "crypto/ossl.h"

#define POINT_MAX 133 /* uncompressed, secp521r1 */
#define KEY_TEXT_MAX 4096

struct ecdsa_key {
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *verifier[2]; /* by digest; every check works on a copy */
    enum ecdsa_curve curve;
    struct hash id;
    uint8_t spki[ECDSA_SPKI_MAX];
    size_t spki_len;
};

/* Sources of the names: OCMF 1.x table of SA; SEC 2; RFC 5639. */
static const struct {
    const char *name;
    int nid;
} curves[CURVE_COUNT] = {
    [CURVE_SECP192K1] = {"secp192k1", NID_secp192k1},
    [CURVE_SECP192R1] = {"secp192r1", NID_X9_62_prime192v1},
    [CURVE_SECP256K1] = {"secp256k1", NID_secp256k1},
    [CURVE_SECP256R1] = {"secp256r1", NID_X9_62_prime256v1},
    [CURVE_SECP384R1] = {"secp384r1", NID_secp384r1},
    [CURVE_SECP521R1] = {"secp521r1", NID_secp521r1},
    [CURVE_BRAINPOOL256R1] = {"brainpool256r1", NID_brainpoolP256r1},
    [CURVE_BRAINPOOL384R1] = {"brainpool384r1", NID_brainpoolP384r1},
};

static const struct {
    const char *name;
    enum ecdsa_curve curve;
} other_names[] = {
    {"P-256", CURVE_SECP256R1},
    {"P-384", CURVE_SECP384R1},
    {"P-521", CURVE_SECP521R1},
    {"prime192v1", CURVE_SECP192R1},
    {"prime256v1", CURVE_SECP256R1},
    {"brainpoolP256r1", CURVE_BRAINPOOL256R1},
    {"brainpoolP384r1", CURVE_BRAINPOOL384R1},
};

const char *ecdsa_curve_name(enum ecdsa_curve curve)
{
    return curve < CURVE_COUNT ? curves[curve].name : "";
}

static bool same_text(const char *name, const char *s, size_t len)
{
    return strlen(name) == len && memcmp(name, s, len) == 0;
}

bool ecdsa_curve_find(const char *name, size_t len, enum ecdsa_curve *out)
{
    for (size_t i = 0; i < CURVE_COUNT; i++) {
        if (same_text(curves[i].name, name, len)) {
            *out = (enum ecdsa_curve)i;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++) {
        if (same_text(other_names[i].name, name, len)) {
            *out = other_names[i].curve;
            return true;
        }
    }
    return false;
}

/* ---- loading ---- */

static bool curve_of(const EVP_PKEY *pkey, enum ecdsa_curve *out)
{
    char name[64];
    size_t len = 0;
    if (EVP_PKEY_is_a(pkey, "EC") != 1 ||
        EVP_PKEY_get_group_name(pkey, name, sizeof name, &len) != 1) {
        return false;
    }
    int nid = OBJ_txt2nid(name);
    for (size_t i = 0; i < CURVE_COUNT; i++) {
        if (curves[i].nid == nid) {
            *out = (enum ecdsa_curve)i;
            return true;
        }
    }
    return false;
}

static EVP_PKEY_CTX *verifier_new(EVP_PKEY *pkey, const EVP_MD *md)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    if (ctx == NULL || EVP_PKEY_verify_init(ctx) != 1 ||
        EVP_PKEY_CTX_set_signature_md(ctx, md) != 1) {
        EVP_PKEY_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

static enum err_code curve_refuse(struct err *e)
{
    ERR_clear_error(); /* decoders that were tried and did not fit */
    return err_set(
        e, ERR_UNSUPPORTED,
        _("Only ECDSA keys on the curves secp192k1, secp192r1, secp256k1, secp256r1, "
          "secp384r1, secp521r1, brainpool256r1 and brainpool384r1 are accepted."));
}

/* Takes pkey over, on failure too. */
static enum err_code key_take(EVP_PKEY *pkey, struct ecdsa_key **out, struct err *e)
{
    struct ecdsa_key *k = mem_alloc(sizeof *k);
    unsigned char *at = NULL;
    if (k == NULL) {
        EVP_PKEY_free(pkey);
        return err_nomem(e);
    }
    k->pkey = pkey;
    if (!curve_of(pkey, &k->curve)) {
        ecdsa_key_free(k);
        return curve_refuse(e);
    }
    /* One key has one name, however its file writes the point. */
    if (EVP_PKEY_set_utf8_string_param(pkey, "point-format", "uncompressed") != 1) {
        ecdsa_key_free(k);
        return ossl_error(e, ERR_CRYPTO, _("The public key cannot be encoded"));
    }
    int len = i2d_PUBKEY(pkey, NULL);
    at = k->spki;
    if (len <= 0 || len > ECDSA_SPKI_MAX || i2d_PUBKEY(pkey, &at) != len) {
        ecdsa_key_free(k);
        return ossl_refuse(e, ERR_UNSUPPORTED,
                           _("The public key does not name its curve in the usual way."));
    }
    k->spki_len = (size_t)len;
    sha256(k->spki, k->spki_len, &k->id);
    k->verifier[ECDSA_SHA256] = verifier_new(pkey, ossl_sha256());
    k->verifier[ECDSA_SHA512] = verifier_new(pkey, EVP_sha512());
    if (k->verifier[ECDSA_SHA256] == NULL || k->verifier[ECDSA_SHA512] == NULL) {
        ecdsa_key_free(k);
        return ossl_error(e, ERR_CRYPTO, _("The public key cannot be prepared for verifying"));
    }
    *out = k;
    return ERR_OK;
}

enum err_code ecdsa_key_load(const void *der, size_t len, struct ecdsa_key **out, struct err *e)
{
    const unsigned char *p = der;
    EVP_PKEY *pkey = len <= ECDSA_SPKI_MAX ? d2i_PUBKEY(NULL, &p, (long)len) : NULL;
    if (pkey == NULL || p != (const unsigned char *)der + len) {
        EVP_PKEY_free(pkey);
        return ossl_refuse(e, ERR_PARSE,
                           _("This is not an ECDSA public key in SubjectPublicKeyInfo form."));
    }
    return key_take(pkey, out, e);
}

static enum err_code point_load(const void *point, size_t len, enum ecdsa_curve curve,
                                struct ecdsa_key **out, struct err *e)
{
    EVP_PKEY *pkey = NULL;
    if (len > POINT_MAX) {
        return err_set(e, ERR_PARSE, _("This is not a public key: it is too long."));
    }
    pkey = ossl_ec_public(OBJ_nid2sn(curves[curve].nid), point, len);
    if (pkey == NULL) {
        return ossl_refuse(e, ERR_PARSE, _("The public key is not a point of its curve."));
    }
    return key_take(pkey, out, e);
}

/* ---- text ---- */

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Hex with white space between the digits, or base64 with white space. */
static bool text_decode(const char *text, size_t len, struct buf *out)
{
    char plain[KEY_TEXT_MAX];
    size_t n = 0;
    bool hex = true;
    for (size_t i = 0; i < len; i++) {
        if (!blank(text[i])) {
            plain[n++] = text[i];
            hex = hex && strchr("0123456789abcdefABCDEF", text[i]) != NULL && text[i] != '\0';
        }
    }
    if (n == 0) {
        return false;
    }
    if (hex && n % 2 == 0) {
        char *at = buf_reserve(out, n / 2);
        if (at == NULL || !hex_decode(plain, n, (uint8_t *)at, n / 2)) {
            return false;
        }
        out->len += n / 2;
        return true;
    }
    struct err why = ERR_INIT;
    return base64_decode(plain, n, out, &why) == ERR_OK;
}

/* What stands between the lines of a PEM file; all of the text when it is none. */
static bool pem_body(const char **text, size_t *len)
{
    static const char begin[] = "-----BEGIN PUBLIC KEY-----";
    static const char end[] = "-----END PUBLIC KEY-----";
    const char *stop = *text + *len;
    while (*len > 0 && blank(**text)) {
        (*text)++;
        (*len)--;
    }
    if (*len < sizeof begin - 1 || memcmp(*text, "-----", 5) != 0) {
        return true;
    }
    if (memcmp(*text, begin, sizeof begin - 1) != 0) {
        return false;
    }
    *text += sizeof begin - 1;
    for (const char *p = *text; p + sizeof end - 1 <= stop; p++) {
        if (memcmp(p, end, sizeof end - 1) == 0) {
            *len = (size_t)(p - *text);
            return true;
        }
    }
    return false;
}

enum err_code ecdsa_key_read(const char *text, size_t len, enum ecdsa_curve curve,
                             struct ecdsa_key **out, struct err *e)
{
    struct buf der;
    buf_init(&der, KEY_TEXT_MAX);
    enum err_code code = ERR_OK;
    if (len > KEY_TEXT_MAX || !pem_body(&text, &len) || !text_decode(text, len, &der)) {
        code = err_set(e, ERR_PARSE,
                       _("This is not a public key: it must be PEM, or hex or base64 of its "
                         "SubjectPublicKeyInfo."));
    } else if (curve != CURVE_COUNT && der.len > 0 && der.data[0] != 0x30) {
        code = point_load(der.data, der.len, curve, out, e);
    } else {
        code = ecdsa_key_load(der.data, der.len, out, e);
    }
    buf_release(&der);
    if (code == ERR_OK && curve != CURVE_COUNT && (*out)->curve != curve) {
        code = err_set(e, ERR_PARSE, _("The key is on the curve %s, not on %s."),
                       ecdsa_curve_name((*out)->curve), ecdsa_curve_name(curve));
        ecdsa_key_free(*out);
        *out = NULL;
    }
    return code;
}

/* ---- use ---- */

void ecdsa_key_free(struct ecdsa_key *k)
{
    if (k != NULL) {
        EVP_PKEY_CTX_free(k->verifier[0]);
        EVP_PKEY_CTX_free(k->verifier[1]);
        EVP_PKEY_free(k->pkey);
        mem_free(k);
    }
}

enum ecdsa_curve ecdsa_key_curve(const struct ecdsa_key *k)
{
    return k->curve;
}

const struct hash *ecdsa_key_id(const struct ecdsa_key *k)
{
    return &k->id;
}

enum err_code ecdsa_key_public(const struct ecdsa_key *k, struct buf *spki, struct err *e)
{
    buf_add(spki, k->spki, k->spki_len);
    return buf_status(spki, _("public key"), e);
}

bool ecdsa_verify(const struct ecdsa_key *k, enum ecdsa_digest digest, const void *data,
                  size_t len, const void *sig, size_t sig_len)
{
    struct hash md256;
    uint8_t md512[EVP_MAX_MD_SIZE];
    unsigned int md_len = HASH_SIZE;
    const uint8_t *md = md256.b;
    if (sig_len == 0 || sig_len > ECDSA_SIG_MAX) {
        return false;
    }
    if (digest == ECDSA_SHA256) {
        sha256(data, len, &md256);
    } else {
        md = md512;
        if (EVP_Digest(data, len, md512, &md_len, EVP_sha512(), NULL) != 1) {
            ERR_clear_error();
            return false;
        }
    }
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_dup(k->verifier[digest]);
    bool holds = ctx != NULL && EVP_PKEY_verify(ctx, sig, sig_len, md, md_len) == 1;
    EVP_PKEY_CTX_free(ctx);
    if (!holds) {
        ERR_clear_error();
    }
    return holds;
}
