/* Sealed keys: any line, through parsing, unsealing and loading what was inside. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/keystore.h"
#include "crypto/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Argon2 is not what is tested here, and a line may ask for seconds of it. */
static bool cheap(const struct seal_parts *p)
{
    return p->cost.memory_kib <= 256 && p->cost.passes <= 2 && p->cost.lanes <= 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t secret[32] = {1, 2, 3, 4, 5, 6, 7, 8};
    char *line = malloc(size + 1);
    struct sign_key *k = NULL;
    struct seal_parts p;

    CHECK(line != NULL);
    if (size > 0) {
        memcpy(line, data, size);
    }
    line[size] = '\0';
    if (seal_parse(line, &p, NULL) == ERR_OK) {
        CHECK(p.head_len < strlen(line) && p.sealed_len > SEAL_TAG_SIZE);
        if (!p.by_password) {
            (void)!key_open_secret(line, secret, "user:1", &k, NULL);
        } else if (cheap(&p)) {
            (void)!key_open_password(line, "password", "user:1", &k, NULL);
        }
    }
    sign_key_free(k);
    free(line);
    return 0;
}
