/* TPM 2.0 through OpenSSL's provider "tpm2", in a library context of its own: what the rest of
 * the program does with OpenSSL never asks the TPM. Source: tpm2-openssl, docs/keys.md. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"
#include "crypto/ossl.h"
#include "crypto/token.h"

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/provider.h>

#define PROPERTIES "provider=tpm2"
static const char pem_begin[] = "-----BEGIN TSS2 PRIVATE KEY-----\n";
static const char pem_end[] = "-----END TSS2 PRIVATE KEY-----\n";

struct token {
    OSSL_LIB_CTX *lib;
    OSSL_PROVIDER *base, *tpm;
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *signer;
};

static void token_free(void *p)
{
    struct token *t = p;

    if (t == NULL) {
        return;
    }
    EVP_PKEY_CTX_free(t->signer);
    EVP_PKEY_free(t->pkey);
    if (t->tpm != NULL) {
        (void)OSSL_PROVIDER_unload(t->tpm);
    }
    if (t->base != NULL) {
        (void)OSSL_PROVIDER_unload(t->base);
    }
    OSSL_LIB_CTX_free(t->lib);
    mem_free(t);
}

/* Response codes, without the bits that tell which parameter or session they are about.
 * Source: TPM 2.0 Library, Part 2, section 6.6.3. */
enum { RC_AUTH_FAIL = 0x8e, RC_INTEGRITY = 0x9f, RC_BAD_AUTH = 0xa2, RC_LOCKOUT = 0x921 };

/* What the TPM answered, which the provider gives as "NUMBER words". 0 when it said nothing. */
static unsigned long response(char words[128])
{
    const char *data = NULL;
    int flags = 0;
    unsigned long rc = 0;

    words[0] = '\0';
    while (ERR_get_error_all(NULL, NULL, NULL, &data, &flags) != 0) {
        char *end = NULL;

        if (words[0] == '\0' && (flags & ERR_TXT_STRING) != 0) {
            rc = strtoul(data, &end, 10);
            (void)snprintf(words, 128, "%s", end != data && *end == ' ' ? end + 1 : data);
        }
    }
    return rc;
}

static enum err_code refused(struct err *e, enum err_code code, const char *what)
{
    char words[128];
    unsigned long rc = response(words);

    if (rc == RC_LOCKOUT) {
        return err_set(e, ERR_DENIED,
                       _("the TPM is locked after too many wrong PINs; it opens again by "
                         "itself after some time"));
    }
    if ((rc & 0xbf) == RC_AUTH_FAIL || (rc & 0xbf) == (RC_BAD_AUTH & 0xbf)) {
        return err_set(e, ERR_DENIED, _("the PIN of the TPM's key is wrong"));
    }
    if ((rc & 0xbf) == RC_INTEGRITY) {
        return err_set(e, ERR_STATE,
                       _("the TPM does not open the key: it was made in another TPM, or this "
                         "one was cleared since"));
    }
    return words[0] == '\0' ? err_set(e, code, "%s", what)
                            : err_set(e, code, "%s: %s", what, words);
}

static enum err_code no_tpm(struct err *e)
{
    return refused(e, ERR_NOT_FOUND,
                   _("no TPM answers, or it is in use or not permitted (TPM2OPENSSL_TCTI says "
                     "where it is, else /dev/tpmrm0)"));
}

static enum err_code token_open(struct token **out, struct err *e)
{
    struct token *t = mem_alloc(sizeof(*t));

    if (t == NULL) {
        return err_nomem(e);
    }
    t->lib = OSSL_LIB_CTX_new();
    if (t->lib == NULL) {
        token_free(t);
        return err_nomem(e);
    }
    t->base = OSSL_PROVIDER_load(t->lib, "base");
    t->tpm = t->base == NULL ? NULL : OSSL_PROVIDER_load(t->lib, "tpm2");
    if (t->tpm == NULL) {
        token_free(t);
        return refused(e, ERR_NOT_FOUND,
                       _("OpenSSL's provider for TPMs does not start: the package tpm2-openssl "
                         "is missing, or no TPM answers (TPM2OPENSSL_TCTI says where it is, "
                         "else /dev/tpmrm0)"));
    }
    *out = t;
    return ERR_OK;
}

static enum err_code token_sign(void *p, const void *data, size_t len, uint8_t out[64],
                                struct err *e)
{
    struct token *t = p;
    unsigned char der[256];
    size_t der_len = sizeof(der);

    if (EVP_PKEY_sign(t->signer, der, &der_len, data, len) != 1 ||
        !ossl_split_ecdsa(der, der_len, out)) {
        return refused(e, ERR_IO, _("the TPM did not sign"));
    }
    return ERR_OK;
}

static const struct sign_ops ops = {token_sign, token_free};

/* Takes t over, on failure too. */
static enum err_code token_finish(struct token *t, struct sign_key **out, struct err *e)
{
    uint8_t spki[SPKI_SIZE_MAX];
    unsigned char *p = spki;
    int len = t->pkey == NULL ? 0 : i2d_PUBKEY(t->pkey, NULL);

    if (len <= 0 || len > SPKI_SIZE_MAX || i2d_PUBKEY(t->pkey, &p) != len) {
        token_free(t);
        return ossl_error(e, ERR_UNSUPPORTED, _("the TPM's public key cannot be read"));
    }
    t->signer = EVP_PKEY_CTX_new_from_pkey(t->lib, t->pkey, PROPERTIES);
    if (t->signer == NULL || EVP_PKEY_sign_init(t->signer) != 1 ||
        EVP_PKEY_CTX_set_signature_md(t->signer, ossl_sha256()) != 1) {
        token_free(t);
        return no_tpm(e);
    }
    return sign_key_of_token(spki, (size_t)len, &ops, t, out, e);
}

/* The key as the provider writes it, without its frame and line ends. */
static enum err_code place_print(const EVP_PKEY *pkey, struct buf *place, struct err *e)
{
    OSSL_ENCODER_CTX *ctx = OSSL_ENCODER_CTX_new_for_pkey(pkey, EVP_PKEY_KEYPAIR, "PEM",
                                                          "PrivateKeyInfo", PROPERTIES);
    unsigned char *pem = NULL;
    size_t len = 0;
    bool done = ctx != NULL && OSSL_ENCODER_to_data(ctx, &pem, &len) == 1 &&
                len > sizeof(pem_begin) + sizeof(pem_end) &&
                memcmp(pem, pem_begin, sizeof(pem_begin) - 1) == 0;

    for (size_t i = sizeof(pem_begin) - 1; done && i < len && pem[i] != '-'; i++) {
        if (pem[i] != '\n') {
            buf_addc(place, (char)pem[i]);
        }
    }
    OSSL_ENCODER_CTX_free(ctx);
    OPENSSL_free(pem);
    return done ? buf_status(place, _("key"), e)
                : ossl_error(e, ERR_CRYPTO, _("The private key cannot be encoded"));
}

static EVP_PKEY *pair_make(const struct token *t, const char *pin)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(t->lib, "EC", PROPERTIES);
    EVP_PKEY *pkey = NULL;
    char group[] = "P-256";
    char auth[TOKEN_PIN_MAX + 1] = "";
    OSSL_PARAM params[3];
    size_t n = 0;

    params[n++] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    if (pin != NULL) {
        memcpy(auth, pin, strnlen(pin, TOKEN_PIN_MAX));
        params[n++] = OSSL_PARAM_construct_utf8_string("user-auth", auth, 0);
    }
    params[n] = OSSL_PARAM_construct_end();
    if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
        EVP_PKEY_CTX_set_params(ctx, params) != 1 || EVP_PKEY_generate(ctx, &pkey) != 1) {
        pkey = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    OPENSSL_cleanse(auth, sizeof(auth));
    return pkey;
}

enum err_code tpm2_make(const char *pin, struct buf *place, struct sign_key **out,
                        struct err *e)
{
    struct token *t = NULL;

    TRY(token_open(&t, e));
    t->pkey = pair_make(t, pin);
    if (t->pkey == NULL) {
        token_free(t);
        return no_tpm(e);
    }
    if (place_print(t->pkey, place, e) != ERR_OK) {
        token_free(t);
        return e == NULL ? ERR_CRYPTO : e->code;
    }
    return token_finish(t, out, e);
}

/* OpenSSL takes the key in a frame of lines. */
static enum err_code pem_print(const char *place, struct buf *pem, struct err *e)
{
    size_t len = strnlen(place, TOKEN_PLACE_MAX + 1);

    if (len == 0 || len > TOKEN_PLACE_MAX ||
        strspn(place, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") !=
            len) {
        return err_set(e, ERR_PARSE, _("this is not a key of a TPM"));
    }
    buf_adds(pem, pem_begin);
    for (size_t at = 0; at < len; at += 64) {
        buf_add(pem, place + at, len - at < 64 ? len - at : 64);
        buf_addc(pem, '\n');
    }
    buf_adds(pem, pem_end);
    return buf_status(pem, _("key"), e);
}

static EVP_PKEY *key_decode(const struct token *t, const struct buf *pem, const char *pin)
{
    EVP_PKEY *pkey = NULL;
    const unsigned char *at = (const unsigned char *)pem->data;
    size_t len = pem->len;
    /* An empty PIN keeps the provider from asking the terminal. */
    const char *auth = pin == NULL ? "" : pin;
    OSSL_DECODER_CTX *ctx =
        OSSL_DECODER_CTX_new_for_pkey(&pkey, "PEM", NULL, "EC", EVP_PKEY_KEYPAIR, t->lib, NULL);

    if (ctx == NULL ||
        OSSL_DECODER_CTX_set_passphrase(ctx, (const unsigned char *)auth,
                                        strnlen(auth, TOKEN_PIN_MAX)) != 1 ||
        OSSL_DECODER_from_data(ctx, &at, &len) != 1) {
        pkey = NULL;
    }
    OSSL_DECODER_CTX_free(ctx);
    return pkey;
}

enum err_code tpm2_open(const char *place, const char *pin, const struct hash *id,
                        struct sign_key **out, struct err *e)
{
    struct token *t = NULL;
    struct sign_key *k = NULL;
    struct buf pem;
    enum err_code rc = ERR_OK;

    buf_init(&pem, (size_t)2 * TOKEN_PLACE_MAX);
    rc = pem_print(place, &pem, e);
    if (rc == ERR_OK) {
        rc = token_open(&t, e);
    }
    if (rc == ERR_OK) {
        t->pkey = key_decode(t, &pem, pin);
        if (t->pkey == NULL) {
            token_free(t);
            rc = refused(e, ERR_STATE, _("the TPM does not open the key"));
        }
    }
    buf_release(&pem);
    if (rc == ERR_OK) {
        rc = token_finish(t, &k, e);
    }
    if (rc == ERR_OK && !hash_equal(sign_key_id(k), id)) {
        sign_key_free(k);
        rc = err_set(e, ERR_STATE,
                     _("the TPM holds another key in the place of the one that is on record"));
    }
    if (rc == ERR_OK) {
        *out = k;
    }
    return rc;
}
