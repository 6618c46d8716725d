/* The recovery key as it is typed: what is taken holds 68 hexadecimal digits and separators,
 * signs, and one digit changed is refused or gives another key. */
#include <config.h>

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/recovery.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The digits counted, one of them changed; false where something else stands in the text. */
static bool digits_change(char *text, size_t at)
{
    size_t n = 0;

    for (; *text != '\0'; text++) {
        if (isxdigit((unsigned char)*text)) {
            if (n == at) {
                *text = *text == '0' ? '1' : '0';
            }
            n++;
        } else if (strchr(" -\t\r\n", *text) == NULL) {
            return false;
        }
    }
    return n == 68;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct sign_key *k = NULL;
    struct sign_key *other = NULL;
    struct signature sig;

    CHECK(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    if (recovery_key_read(text, &k, NULL) == ERR_OK) {
        CHECK(sign_key_algorithm(k) == KEY_ED25519);
        CHECK(sign_data(k, "x", 1, &sig, NULL) == ERR_OK);
        CHECK(digits_change(text, size % 68));
        if (recovery_key_read(text, &other, NULL) == ERR_OK) {
            CHECK(!hash_equal(sign_key_id(k), sign_key_id(other)));
        }
    }
    sign_key_free(k);
    sign_key_free(other);
    free(text);
    return 0;
}
