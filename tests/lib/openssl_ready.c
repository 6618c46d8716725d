#include <config.h>

#include "tests/lib/openssl_ready.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "crypto/sign.h"

void openssl_ready(void)
{
    struct sign_key *key = NULL;
    struct verify_key *public = NULL;
    struct signature sig;
    struct buf spki;
    struct err e = ERR_INIT;
    buf_init(&spki, 256);
    if (sign_key_generate(&key, &e) != ERR_OK || sign_key_public(key, &spki, &e) != ERR_OK ||
        verify_key_load(spki.data, spki.len, &public, &e) != ERR_OK ||
        sign_data(key, "x", 1, &sig, &e) != ERR_OK ||
        !verify_data(public, "x", 1, sig.der, sig.len)) {
        (void)fprintf(stderr, "OpenSSL: %s\n", e.text);
        abort();
    }
    buf_release(&spki);
    verify_key_free(public);
    sign_key_free(key);
}
