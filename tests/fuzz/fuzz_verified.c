/* The file of what was verified last. The checksum at its end is made to fit, so that what is
 * above it is read with whatever was changed. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ledger/verified.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err_code parse(const char *text, size_t len)
{
    struct chain c;
    int64_t at_ms = 0;

    chain_init(&c);
    enum err_code code = verified_parse(text, len, &c, &at_ms, NULL);
    CHECK(code == ERR_OK || code == ERR_TAMPERED || code == ERR_NOMEM);
    chain_release(&c);
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text;
    struct hash sum;

    (void)parse((const char *)data, size);
    buf_init(&text, 1 << 20);
    buf_add(&text, data, size);
    sha256(data, size, &sum);
    buf_adds(&text, "sha256 ");
    buf_add_hex(&text, sum.b, HASH_SIZE);
    buf_addc(&text, '\n');
    if (!text.failed) {
        (void)parse(text.data, text.len);
    }
    buf_release(&text);
    return 0;
}
