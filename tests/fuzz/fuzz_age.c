/* Encrypted backups from anybody: headers and chunks, opened with an identity that fits none or
 * the one of the corpus. A passphrase is not tried: its cost is what the file asks for. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crypto/age.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Of no use but here: it opens tests/fuzz/corpus/fuzz_age. */
    static const struct age_key key = {
        .text = "AGE-SECRET-KEY-1SRP95R4LJHR88QR89PWCXH74Q2L5AACFK8S9RVRX4HJT9TJRFVYQZRP4M6"};
    struct age *a = NULL;
    uint8_t bytes[4096];
    size_t got = sizeof bytes;
    FILE *f = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "rb") : NULL;
    if (f == NULL) {
        return 0;
    }
    enum err_code code = age_read_open(f, &key, &a, NULL);
    while (code == ERR_OK && got == sizeof bytes) {
        code = age_read(a, bytes, sizeof bytes, &got, NULL);
    }
    age_free(a);
    (void)fclose(f);
    return 0;
}
