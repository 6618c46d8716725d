/* Files of keys: what is read is written back byte by byte, and a sealed key opens for no other
 * key's id. Tokens are not asked: what a file says of them is fuzz_pkcs11_uri's. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto/keyfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t secret[32] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct hash nobody = {{0}};
    struct sign_key *k = NULL;
    struct keyfile f;
    struct buf text;

    buf_init(&text, KEYFILE_BYTES_MAX);
    if (keyfile_parse((const char *)data, size, &f, NULL) == ERR_OK) {
        CHECK(keyfile_print(&f, &text, NULL) == ERR_OK);
        CHECK(text.len == size && memcmp(text.data, data, size) == 0);
        if (f.store == STORE_FILE) {
            CHECK(keyfile_open(&f, secret, "office:log", &nobody, &k, NULL) != ERR_OK);
            CHECK(k == NULL);
        }
    } else {
        CHECK(f.place[0] == '\0' && f.pin[0] == '\0');
    }
    buf_release(&text);
    return 0;
}
