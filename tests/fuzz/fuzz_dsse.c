/* Envelopes: what is taken is written back byte for byte. */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto/dsse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dsse d;
    struct buf body;
    struct buf again;

    buf_init(&body, DSSE_ENVELOPE_MAX);
    buf_init(&again, DSSE_ENVELOPE_MAX);
    if (dsse_parse((const char *)data, size, &d, &body, NULL) == ERR_OK) {
        CHECK(dsse_write(&d, body.data, body.len, &again, NULL) == ERR_OK);
        CHECK(again.len == size && memcmp(again.data, data, size) == 0);
    }
    buf_release(&body);
    buf_release(&again);
    return 0;
}
