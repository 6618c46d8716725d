#include <config.h>

#include "crypto/ossl.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/i18n.h"

static CRYPTO_ONCE fetch_once = CRYPTO_ONCE_STATIC_INIT;
static EVP_MD *md_sha256;
static EVP_CIPHER *cipher_gcm;

static void fetch_release(void)
{
    EVP_MD_free(md_sha256);
    EVP_CIPHER_free(cipher_gcm);
}

static void fetch_all(void)
{
    md_sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    cipher_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    /* Before OpenSSL takes its own tables down; a failure only means a report by a leak
     * checker. */
    (void)OPENSSL_atexit(fetch_release);
}

const EVP_MD *ossl_sha256(void)
{
    /* Both are part of the default provider: without them no ledger can be read or written. */
    (void)CRYPTO_THREAD_run_once(&fetch_once, fetch_all);
    CHECK(md_sha256 != NULL);
    return md_sha256;
}

const EVP_CIPHER *ossl_aes_256_gcm(void)
{
    (void)CRYPTO_THREAD_run_once(&fetch_once, fetch_all);
    CHECK(cipher_gcm != NULL);
    return cipher_gcm;
}

/* Empties the queue; `first` gets its oldest error, 0 when there is none. */
static bool drain_errors(unsigned long *first)
{
    unsigned long code = ERR_get_error();
    bool no_memory = false;

    *first = code;
    for (; code != 0; code = ERR_get_error()) {
        no_memory = no_memory || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
    }
    return no_memory;
}

enum err_code ossl_error(struct err *e, enum err_code code, const char *what)
{
    unsigned long first = 0;
    const char *reason = NULL;

    if (drain_errors(&first)) {
        return err_nomem(e);
    }
    reason = ERR_reason_error_string(first);
    if (reason == NULL) {
        return err_set(e, code, "%s", what);
    }
    return err_set(e, code, "%s: %s", what, reason);
}

enum err_code ossl_refuse(struct err *e, enum err_code code, const char *sentence)
{
    unsigned long first = 0;

    return drain_errors(&first) ? err_nomem(e) : err_set(e, code, "%s", sentence);
}

bool ossl_split_ecdsa(const uint8_t *der, size_t len, uint8_t rs[64])
{
    ECDSA_SIG *sig = len <= 255 ? d2i_ECDSA_SIG(NULL, &der, (long)len) : NULL;
    bool fits = sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, 32) == 32 &&
                BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + 32, 32) == 32;

    ECDSA_SIG_free(sig);
    return fits;
}

EVP_PKEY *ossl_load_pkcs8(const void *der, size_t len)
{
    const unsigned char *p = der;
    PKCS8_PRIV_KEY_INFO *info = NULL;
    EVP_PKEY *pkey = NULL;

    if (len <= LONG_MAX) {
        info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)len);
    }
    if (info != NULL && p == (const unsigned char *)der + len) {
        pkey = EVP_PKCS82PKEY(info);
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    return pkey;
}

enum err_code ossl_save_pkcs8(const EVP_PKEY *pkey, struct buf *der, struct err *e)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
    unsigned char *bytes = NULL;
    int len = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &bytes) : -1;
    enum err_code rc = ERR_OK;

    PKCS8_PRIV_KEY_INFO_free(info);
    if (len < 0) {
        return ossl_error(e, ERR_CRYPTO, _("The private key cannot be encoded"));
    }
    buf_add(der, bytes, (size_t)len);
    rc = buf_status(der, _("private key"), e);
    OPENSSL_clear_free(bytes, (size_t)len);
    return rc;
}

EVP_PKEY *ossl_ec_public(const char *group, const void *point, size_t len)
{
    /* Read only; the library's parameters serve for both ways. */
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (void *)(uintptr_t)group,
                               strlen(group)),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point, len),
        OSSL_PARAM_END};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;

    if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}
