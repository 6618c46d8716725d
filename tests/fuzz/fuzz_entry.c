/* Ledger entries: a payload that is read is written back byte for byte, so it has one spelling.
 */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ledger/entry.h"
#include "ledger/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The quick reading takes nothing that the thorough one refuses, and reads the same. */
static void scan_agrees(const char *text, size_t size, struct arena *arena)
{
    struct entry fast;
    struct entry slow;
    enum kind kind = KIND_COUNT;
    const char *part = NULL;
    size_t len = 0;
    if (!entry_scan(text, size, arena, &fast, &kind, &part, &len)) {
        return;
    }
    CHECK(entry_decode(text, size, arena, &slow, NULL) == ERR_OK);
    CHECK(schema_check_payload(kind, text, size, NULL) == ERR_OK);
    CHECK(kind == kind_find(slow.kind, slow.version) && fast.seq == slow.seq &&
          fast.time_ms == slow.time_ms && fast.clock_held == slow.clock_held &&
          hash_equal(&fast.prev, &slow.prev) && strcmp(fast.actor, slow.actor) == 0 &&
          strcmp(fast.office, slow.office) == 0 && strcmp(fast.date, slow.date) == 0);
}

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
    scan_agrees((const char *)data, size, &arena);
    buf_release(&again);
    arena_release(&arena);
    return 0;
}
