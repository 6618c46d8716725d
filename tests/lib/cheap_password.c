/* For programs that type passwords by the hundred: what is costly on purpose costs nothing
 * here. Linked in, it stands before the library's own function, as in disk_fault.c. Not for
 * tests of what a password costs: that is check_crypto's and the end-to-end scripts' matter. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>

#include "crypto/hash.h"

int argon2id_hash_raw(uint32_t passes, uint32_t memory_kib, uint32_t lanes,
                      const void *password, size_t password_len, const void *salt,
                      size_t salt_len, void *out, size_t out_len);

/* Still another key for another password or salt. */
int argon2id_hash_raw(uint32_t passes, uint32_t memory_kib, uint32_t lanes,
                      const void *password, size_t password_len, const void *salt,
                      size_t salt_len, void *out, size_t out_len)
{
    struct hash part[2];
    struct hash h;
    (void)passes;
    (void)memory_kib;
    (void)lanes;
    sha256(password, password_len, &part[0]);
    sha256(salt, salt_len, &part[1]);
    sha256(part, sizeof part, &h);
    for (size_t i = 0; i < out_len; i++) {
        ((uint8_t *)out)[i] = h.b[i % HASH_SIZE];
    }
    return 0;
}
