/* Keys and signatures in DER, as devices and files bring them. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>

#include "crypto/note.h"
#include "crypto/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A private key that loads signs, and is the same after saving. */
static void try_private(const uint8_t *data, size_t size)
{
    struct sign_key *k = NULL;
    struct sign_key *again = NULL;
    struct signature sig;
    struct buf der;

    buf_init(&der, 4096);
    if (sign_key_load(data, size, &k, NULL) == ERR_OK) {
        CHECK(sign_data(k, "x", 1, &sig, NULL) == ERR_OK);
        CHECK(sign_key_save(k, &der, NULL) == ERR_OK);
        CHECK(sign_key_load(der.data, der.len, &again, NULL) == ERR_OK);
        CHECK(hash_equal(sign_key_id(k), sign_key_id(again)));
    }
    sign_key_free(k);
    sign_key_free(again);
    buf_wipe(&der);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct verify_key *v = NULL;
    struct note_key *n = NULL;
    struct hash id;

    if (verify_key_load(data, size, &v, NULL) == ERR_OK) {
        sha256(data, size, &id);
        CHECK(hash_equal(&id, verify_key_id(v)));
        CHECK(!verify_data(v, "x", 1, data, size));
        CHECK(size > 72 && !verify_data(v, "x", 1, data, 72));
    }
    verify_key_free(v);
    try_private(data, size);
    (void)!note_key_load("n", data, size, &n, NULL);
    note_key_free(n);
    return 0;
}
