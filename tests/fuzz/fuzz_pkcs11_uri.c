/* URIs of PKCS#11 tokens, as people and files of keys give them. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = ERR_INIT;
    char *text = malloc(size + 1);
    enum err_code code = ERR_OK;

    CHECK(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    code = pkcs11_uri_check(text, &e);
    CHECK(code == ERR_OK || code == ERR_USAGE);
    CHECK((code == ERR_OK) == (e.text[0] == '\0'));
    CHECK(code != ERR_OK || strlen(text) <= TOKEN_PLACE_MAX);
    free(text);
    return 0;
}
