/*
 * Bundles of items as they lie in the database: damaged ones are refused, sound ones walked.
 *
 * The first byte is the bundle's count. The second says what follows: even, the stored bytes as
 * they are; odd, the items before compression, so that the fuzzer gets past zstd and the sum
 * behind it.
 */
#include <config.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "ledger/items.h"
#include "store/db.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PACKED_MAX = 1 << 17 };

static struct db *db;
static char folder[256];

static void remove_folder(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    char path[512];

    db_close(db);
    db = NULL;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/items.db%s", folder, suffixes[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static void open_once(void)
{
    const char *tmp = getenv("TMPDIR");
    char path[512];

    if (db != NULL) {
        return;
    }
    (void)snprintf(folder, sizeof(folder), "%s/fuzz_items.XXXXXX", tmp != NULL ? tmp : "/tmp");
    CHECK(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof(path), "%s/items.db", folder);
    CHECK(db_open(path, DB_SCRATCH, &db, NULL) == ERR_OK);
    CHECK(db_exec(db,
                  "CREATE TABLE item(seq INTEGER, bundle INTEGER, count INTEGER, root BLOB, "
                  "leaves BLOB,"
                  " data BLOB)",
                  NULL) == ERR_OK);
    CHECK(atexit(remove_folder) == 0);
}

static enum err_code count_item(void *ctx, int64_t index, const char *item, size_t len,
                                struct err *e)
{
    int64_t *seen = ctx;

    (void)e;
    CHECK(index == *seen && item != NULL && len <= ITEM_MAX_BYTES);
    (*seen)++;
    return ERR_OK;
}

static void store(uint8_t count, const void *packed, size_t len)
{
    static const struct hash leaves[ITEMS_PER_BUNDLE];
    struct hash root;

    merkle_root_of(leaves, count, &root);
    CHECK(db_begin(db, NULL) == ERR_OK);
    CHECK(db_run(db, NULL,
                 "INSERT INTO item(seq, bundle, count, root, leaves, data) VALUES(1, 0, ?, ?, "
                 "?, ?)",
                 VALS(V_INT(count), V_HASH(&root), V_BLOB(leaves, (size_t)count * HASH_SIZE),
                      V_BLOB(packed, len))) == ERR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t packed[PACKED_MAX];
    const void *bytes = data + 2;
    struct buf item;
    struct hash sum;
    int64_t seen = 0;
    int64_t total = 0;

    if (size < 2 || size > PACKED_MAX / 2) {
        return 0;
    }
    open_once();
    size -= 2;
    if (data[1] % 2 == 1) {
        size = ZSTD_compress(packed, sizeof(packed) - HASH_SIZE, bytes, size, 1);
        CHECK(!ZSTD_isError(size));
        sha256(packed, size, &sum);
        memcpy(packed + size, sum.b, HASH_SIZE);
        size += HASH_SIZE;
        bytes = packed;
    }
    store(data[0], bytes, size);
    if (items_each(db, 1, false, count_item, &seen, NULL, &total, NULL) == ERR_OK) {
        CHECK(seen == data[0] && total == seen);
        buf_init(&item, ITEM_MAX_BYTES + 1);
        CHECK(items_get(db, 1, seen - 1, &item, NULL) == ERR_OK);
        buf_release(&item);
    }
    db_rollback(db);
    return 0;
}
