/* Ledger entries: a payload that is read is written back byte for byte, so it has one spelling.
 */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ledger/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct entry entry;
    struct buf again;

    arena_init(&arena, 8 << 20);
    buf_init(&again, ENTRY_ENVELOPE_MAX);
    if (entry_decode((const char *)data, size, &arena, &entry, NULL) == ERR_OK &&
        size <= ENTRY_PAYLOAD_MAX) {
        CHECK(entry_encode(&entry, &arena, &again, NULL) == ERR_OK);
        CHECK(again.len == size && memcmp(again.data, data, size) == 0);
    }
    buf_release(&again);
    arena_release(&arena);
    return 0;
}
