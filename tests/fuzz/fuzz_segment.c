/*
 * A file of sealed windows from anywhere: frames, note, entries, keys, paths and items, as
 * `aforo check` and a deep verification take them. Nothing that was fuzzed is taken for a
 * segment unless it is as one was made.
 */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ledger/segment_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err_code bundle_seen(void *ctx, int64_t seq, int64_t number,
                                 const struct hash *leaves, int64_t count, const void *data,
                                 size_t len, struct err *e)
{
    int64_t *bundles = ctx;
    (void)leaves;
    (void)data;
    (void)e;
    CHECK(seq > 0 && number >= 0 && count > 0 && count <= ITEMS_PER_BUNDLE && len > 0);
    ++*bundles;
    return ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t bundles = 0;
    struct segment_seen seen;
    const struct segment_watch watch = {.ctx = &bundles, .bundle = bundle_seen};
    FILE *f = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "rb") : NULL;
    if (f == NULL) {
        return 0;
    }
    if (segment_check(f, &watch, &seen, NULL) == ERR_OK) {
        CHECK(seen.windows > 0 && seen.first <= seen.last && bundles >= seen.batches);
    }
    (void)fclose(f);
    return 0;
}
