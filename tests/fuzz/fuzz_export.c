/*
 * An exported ledger from anywhere: frames, envelopes, entries, keys and items, as rebuilding
 * takes them, without the database. What is read through to its end and follows the chain is
 * written again: the envelopes are the same bytes.
 */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "crypto/dsse.h"
#include "ledger/chain.h"
#include "ledger/export.h"
#include "ledger/items.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    struct chain chain;
    struct audit audit;
    struct arena arena;
    struct buf payload, scratch;
    struct item_batch batch;
};

static void entry_read(struct reading *r, const struct export_record *rec)
{
    struct dsse d;
    struct entry en;
    const struct verify_key *key = NULL;
    struct chain_row row = {.seq = (int64_t)r->chain.tree.size + 1};

    arena_reset(&r->arena);
    buf_clear(&r->payload);
    items_clear(&r->batch);
    if (dsse_parse(rec->data, rec->len, &d, &r->payload, NULL) != ERR_OK) {
        return;
    }
    row.payload = buf_str(&r->payload);
    row.payload_len = r->payload.len;
    row.keyid = d.keyid;
    row.sig = d.sig.der;
    row.sig_len = d.sig.len;
    merkle_leaf(rec->data, rec->len, &row.leaf);
    if (chain_decode(&row, &r->arena, &r->scratch, &en, &r->audit, NULL) != ERR_OK) {
        return;
    }
    /* The leaf hash came out the same, so the envelope written again is the one that was read.
     */
    CHECK(r->scratch.len == rec->len && memcmp(r->scratch.data, rec->data, rec->len) == 0);
    if (chain_follow(&r->chain, &row, &en, &key, &r->audit, NULL) == ERR_OK) {
        CHECK(key != NULL);
        (void)!chain_signature(&row, key, &r->scratch, &r->audit, NULL);
    }
}

static void item_read(struct reading *r, const struct export_record *rec)
{
    if (!items_full(&r->batch)) {
        CHECK(items_add(&r->batch, rec->data, rec->len, NULL) == ERR_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct reading r;
    struct export_reader in;
    struct export_record rec = {EXPORT_ENTRY, NULL, 0};
    FILE *f = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "rb") : NULL;

    if (f == NULL) {
        return 0;
    }
    r = (struct reading){.audit = {.from = 1}};
    chain_init(&r.chain);
    arena_init(&r.arena, 16 << 20);
    buf_init(&r.payload, ENTRY_ENVELOPE_MAX);
    buf_init(&r.scratch, 2 * ENTRY_ENVELOPE_MAX);
    CHECK(items_init(&r.batch, NULL) == ERR_OK);
    enum err_code code = export_open(&in, f, NULL);
    while (code == ERR_OK && rec.type != EXPORT_END) {
        code = export_next(&in, &rec, NULL);
        if (code == ERR_OK && rec.type == EXPORT_ENTRY) {
            entry_read(&r, &rec);
        } else if (code == ERR_OK && rec.type == EXPORT_ITEM) {
            item_read(&r, &rec);
        }
    }
    export_close(&in);
    items_release(&r.batch);
    chain_release(&r.chain);
    arena_release(&r.arena);
    buf_release(&r.payload);
    buf_release(&r.scratch);
    (void)fclose(f);
    return 0;
}
