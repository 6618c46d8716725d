/* For programs that type passwords and record by the thousand: what is costly on purpose costs
 * nothing here. Linked in, these stand before the system's and the library's own, as in
 * disk_fault.c. Not for tests of what a sync or a password's cost is worth. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>

#include "crypto/hash.h"

int fsync(int fd);
int fdatasync(int fd);
int argon2id_hash_raw(uint32_t passes, uint32_t memory_kib, uint32_t lanes,
                      const void *password, size_t password_len, const void *salt,
                      size_t salt_len, void *out, size_t out_len);

int fsync(int fd)
{
    (void)fd;
    return 0;
}

int fdatasync(int fd)
{
    (void)fd;
    return 0;
}

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
