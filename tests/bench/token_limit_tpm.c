/* The provider "tpm2" of OpenSSL as it is. */
#include <config.h>

#include "tests/bench/token_limit.h"

#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/provider.h>

static OSSL_LIB_CTX *lib;
static OSSL_PROVIDER *base, *tpm;
static EVP_PKEY *keys[2];
static EVP_PKEY_CTX *signers[2];

static void need(int good)
{
    if (!good) {
        exit(EXIT_FAILURE);
    }
}

void limit_tpm_open(void)
{
    lib = OSSL_LIB_CTX_new();
    base = OSSL_PROVIDER_load(lib, "base");
    tpm = OSSL_PROVIDER_load(lib, "tpm2");
    need(base != NULL && tpm != NULL);
    for (int i = 0; i < 2; i++) {
        keys[i] = EVP_PKEY_Q_keygen(lib, "provider=tpm2", "EC", "P-256");
        need(keys[i] != NULL);
        signers[i] = EVP_PKEY_CTX_new_from_pkey(lib, keys[i], "provider=tpm2");
        need(signers[i] != NULL && EVP_PKEY_sign_init(signers[i]) == 1 &&
             EVP_PKEY_CTX_set_signature_md(signers[i], EVP_sha256()) == 1);
    }
}

void limit_tpm_window(const uint8_t entry[32], const uint8_t checkpoint[32])
{
    unsigned char der[80];
    size_t len = sizeof der;
    need(EVP_PKEY_sign(signers[0], der, &len, entry, 32) == 1);
    len = sizeof der;
    need(EVP_PKEY_sign(signers[1], der, &len, checkpoint, 32) == 1);
}

void limit_tpm_close(void)
{
    for (int i = 0; i < 2; i++) {
        EVP_PKEY_CTX_free(signers[i]);
        EVP_PKEY_free(keys[i]);
    }
    (void)OSSL_PROVIDER_unload(tpm);
    (void)OSSL_PROVIDER_unload(base);
    OSSL_LIB_CTX_free(lib);
}
