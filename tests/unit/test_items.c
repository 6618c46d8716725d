#include <config.h>

#include "ledger/item_shelf.h"
#include "ledger/items.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/merkle.h"
#include "tests/unit/check_ledger.h"

#define ZERO_LEAF "0000000000000000000000000000000000000000000000000000000000000000"

static struct mini m;

static void begin(void)
{
    mini_make(&m);
}

static void end(void)
{
    mini_free(&m);
}

struct seen {
    int64_t count;
    bool ordered;
};

static enum err_code see(void *ctx, int64_t index, const char *item, size_t len, struct err *e)
{
    struct seen *s = ctx;
    char want[MINI_ITEM];
    int n = mini_item(want, index);
    (void)e;
    s->ordered =
        s->ordered && index == s->count && (size_t)n == len && memcmp(item, want, len) == 0;
    s->count++;
    return ERR_OK;
}

static const uint32_t sizes[] = {1, 2, 255, 256, 257, 512, 1000, 4095, 4096};

START_TEST(items_come_back_in_order_with_their_root)
{
    struct seen s = {0, true};
    struct hash root;
    struct hash again;
    int64_t count = 0;
    int64_t seq = mini_batch(&m, sizes[_i]);
    assert_ok(items_each(m.db, seq, true, see, &s, &root, &count, &e));
    ck_assert(s.ordered);
    ck_assert_int_eq(s.count, sizes[_i]);
    ck_assert_int_eq(count, sizes[_i]);
    struct merkle_frontier tree;
    merkle_init(&tree);
    for (uint32_t i = 0; i < sizes[_i]; i++) {
        char item[MINI_ITEM];
        struct hash leaf;
        int n = mini_item(item, i);
        merkle_leaf(item, (size_t)n, &leaf);
        merkle_append(&tree, &leaf);
    }
    merkle_root(&tree, &again);
    ck_assert(hash_equal(&root, &again));
    assert_holds(&m);
}
END_TEST

START_TEST(one_item_is_found_by_its_index)
{
    static const int64_t at[] = {0, 255, 256, 299};
    struct buf out;
    int64_t seq = mini_batch(&m, 300);
    buf_init(&out, 4096);
    for (size_t i = 0; i < 4; i++) {
        char want[MINI_ITEM];
        (void)mini_item(want, at[i]);
        buf_clear(&out);
        assert_ok(items_get(m.db, seq, at[i], &out, &e));
        ck_assert_str_eq(buf_str(&out), want);
    }
    assert_error(items_get(m.db, seq, 300, &out, &e), ERR_NOT_FOUND, "item 300");
    assert_error(items_get(m.db, seq, 512, &out, &e), ERR_NOT_FOUND, "item 512");
    assert_error(items_get(m.db, 1, 0, &out, &e), ERR_NOT_FOUND, "entry 1");
    buf_release(&out);
}
END_TEST

/* More bundles than the shelf holds, each asked for twice: the same item as without it, and the
 * second time without the database. */
START_TEST(a_shelf_gives_what_the_database_gives)
{
    struct item_shelf *shelf = item_shelf_new();
    struct buf out;
    int64_t first = mini_batch(&m, 4096); /* as many bundles as there are slots */
    int64_t second = mini_batch(&m, 300);
    const struct item_source from = {.db = m.db, .shelf = shelf};
    const struct item_source alone = {.db = NULL, .shelf = shelf};
    ck_assert_ptr_nonnull(shelf);
    buf_init(&out, 4096);
    for (int64_t i = 0; i < 4096 + 300; i += 37) {
        const int64_t seq = i < 4096 ? first : second;
        char want[MINI_ITEM];
        (void)mini_item(want, i < 4096 ? i : i - 4096);
        for (int again = 0; again < 2; again++) {
            buf_clear(&out);
            assert_ok(
                items_get_from(again ? &alone : &from, seq, i < 4096 ? i : i - 4096, &out, &e));
            ck_assert_str_eq(buf_str(&out), want);
        }
    }
    ck_assert_ptr_null(item_shelf_get(shelf, first, 0)); /* what was asked for longest ago */
    ck_assert_ptr_nonnull(item_shelf_get(shelf, first, 15));
    assert_error(items_get_from(&from, second, 300, &out, &e), ERR_NOT_FOUND, "item 300");
    assert_error(items_get_from(&from, second, 512, &out, &e), ERR_NOT_FOUND, "item 512");
    ck_assert_ptr_null(item_shelf_path(shelf, 3, 9));
    item_shelf_path_put(shelf, 3, 9, "path");
    ck_assert_str_eq(item_shelf_path(shelf, 3, 9), "path");
    ck_assert_ptr_null(item_shelf_path(shelf, 3, 10));
    ck_assert_ptr_null(item_shelf_path(shelf, 3 + SHELF_PATHS, 9));
    item_shelf_path_put(shelf, 3 + SHELF_PATHS, 9, "other");
    ck_assert_ptr_null(item_shelf_path(shelf, 3, 9));
    buf_release(&out);
    item_shelf_free(shelf);
}
END_TEST

/* The path proves the item against the batch's root, for every item of batches of all shapes.
 */
START_TEST(path_proves_each_item)
{
    int64_t seq = mini_batch(&m, sizes[_i]);
    for (int64_t i = 0;
         i<sizes[_i]; i += i % 256> 2 && i % 256 < 253 && sizes[_i] > 600 ? 97 : 1) {
        struct hash path[MERKLE_PATH_MAX];
        struct hash root;
        struct hash leaf;
        char item[MINI_ITEM];
        size_t len = 0;
        int64_t count = 0;
        int n = mini_item(item, i);
        assert_ok(items_path(m.db, seq, i, path, &len, &root, &count, &e));
        ck_assert_int_eq(count, sizes[_i]);
        merkle_leaf(item, (size_t)n, &leaf);
        ck_assert(merkle_verify_inclusion(&leaf, (uint64_t)i, sizes[_i], path, len, &root));
    }
    assert_holds(&m); /* where the root is the one recorded */
    struct hash want;
    struct hash have;
    struct hash path[MERKLE_PATH_MAX];
    size_t len = 0;
    int64_t count = 0;
    assert_ok(items_each(m.db, seq, false, NULL, NULL, &want, &count, &e));
    assert_ok(items_path(m.db, seq, 0, path, &len, &have, &count, &e));
    ck_assert(hash_equal(&have, &want));
    assert_error(items_path(m.db, seq, sizes[_i], path, &len, &have, &count, &e), ERR_NOT_FOUND,
                 "has no item");
    assert_error(items_path(m.db, seq, -1, path, &len, &have, &count, &e), ERR_NOT_FOUND, "-1");
}
END_TEST

START_TEST(path_over_damaged_bundles_is_refused)
{
    static const char *const damage[] = {
        "UPDATE item SET leaves=zeroblob(8192) WHERE bundle=1",
        "UPDATE item SET leaves=zeroblob(8191) WHERE bundle=1",
        "UPDATE item SET count=255 WHERE bundle=0",
        "DELETE FROM item WHERE bundle=0",
        "UPDATE item SET bundle=16 WHERE bundle=2",
        "UPDATE item SET root=zeroblob(32) WHERE bundle=1",
    };
    struct hash path[MERKLE_PATH_MAX];
    struct hash root;
    size_t len = 0;
    int64_t count = 0;
    int64_t seq = mini_batch(&m, 600);
    mini_exec(&m, damage[_i]);
    assert_error(items_path(m.db, seq, 300, path, &len, &root, &count, &e), ERR_TAMPERED,
                 "bundle");
}
END_TEST

START_TEST(batch_takes_4096_items_and_no_more)
{
    struct item_batch b;
    assert_ok(items_init(&b, &e));
    for (int i = 0; i < ITEMS_PER_BATCH; i++) {
        ck_assert(!items_full(&b));
        assert_ok(items_add(&b, "{}", 2, &e));
    }
    ck_assert(items_full(&b));
    assert_error(items_add(&b, "{}", 2, &e), ERR_LIMIT, "does not fit");
    items_clear(&b);
    assert_ok(items_add(&b, "{}", 2, &e));
    items_release(&b);
}
END_TEST

START_TEST(item_limit_is_exact)
{
    static char text[ITEM_MAX_BYTES + 1];
    struct item_batch b;
    struct hash root;
    memset(text, 'x', sizeof text);
    assert_ok(items_init(&b, &e));
    assert_error(items_add(&b, text, ITEM_MAX_BYTES + 1, &e), ERR_LIMIT, "65536 bytes");
    assert_ok(items_add(&b, text, ITEM_MAX_BYTES, &e));
    assert_ok(items_add(&b, "", 0, &e));
    assert_ok(items_finish(&b, &root, &e));
    size_t cursor = 0;
    const char *item = NULL;
    size_t len = 0;
    ck_assert(items_next(&b, &cursor, &item, &len));
    ck_assert_uint_eq(len, ITEM_MAX_BYTES);
    ck_assert(items_next(&b, &cursor, &item, &len));
    ck_assert_uint_eq(len, 0);
    ck_assert(!items_next(&b, &cursor, &item, &len));
    items_release(&b);
}
END_TEST

START_TEST(empty_batch_has_the_empty_root)
{
    struct item_batch b;
    struct hash root;
    struct hash empty;
    size_t cursor = 0;
    const char *item = NULL;
    size_t len = 0;
    sha256("", 0, &empty);
    assert_ok(items_init(&b, &e));
    assert_ok(items_finish(&b, &root, &e));
    ck_assert(hash_equal(&root, &empty));
    ck_assert(!items_next(&b, &cursor, &item, &len));
    items_release(&b);
}
END_TEST

/* SQL that damages the batch of entry 3 (600 items, bundles 0 to 2), and what is said of it. */
static const struct damage {
    const char *sql, *check, *word;
} damages[] = {
    /* The leaf of item 300, 44 in bundle 1. */
    {"UPDATE item SET leaves = CAST(substr(leaves, 1, 44*32) || X'00' || substr(leaves, "
     "44*32+2) "
     "AS BLOB) WHERE seq=3 AND bundle=1",
     "item", "item 300 of entry 3"},
    {"UPDATE item SET leaves = substr(leaves, 1, length(leaves) - 32) WHERE seq=3 AND bundle=1",
     "item", "do not fit"},
    {"UPDATE item SET count = 255 WHERE seq=3 AND bundle=1", "item", "do not fit"},
    {"UPDATE item SET count = 255, leaves = substr(leaves, 1, 255*32) WHERE seq=3 AND bundle=1",
     "item", "more items than it says"},
    {"UPDATE item SET count = 89, leaves = CAST(leaves || X'" ZERO_LEAF
     "' AS BLOB) WHERE seq=3 AND bundle=2",
     "item", "fewer items than it says"},
    {"UPDATE item SET root = X'" ZERO_LEAF "' WHERE seq=3 AND bundle=2", "item",
     "its root is not that of its leaf hashes"},
    {"UPDATE item SET data = X'00' WHERE seq=3 AND bundle=0", "item", "cannot be unpacked"},
    {"UPDATE item SET data = substr(data, 1, length(data) - 1) WHERE seq=3 AND bundle=0",
     "item", "cannot be unpacked"},
    {"UPDATE item SET data = X'' WHERE seq=3 AND bundle=2", "item", "cannot be unpacked"},
    {"DELETE FROM item WHERE seq=3 AND bundle=1", "item", "do not fit"},
    {"DELETE FROM item WHERE seq=3 AND bundle=2", "items", "512 items"},
    {"DELETE FROM item WHERE seq=3", "items", "0 items"},
    {"UPDATE item SET bundle=3 WHERE seq=3 AND bundle=2", "item", "do not fit"},
    {"UPDATE item SET bundle=bundle + (1 << 56) WHERE seq=3 AND bundle=2", "item",
     "do not fit"},
    {"UPDATE item SET data=CAST(substr(data, 1, length(data) - 32) || X'502A4D1800000000' || "
     "zeroblob(32) AS BLOB) WHERE seq=3 AND bundle=2",
     "item", "packed bytes"},
    {"UPDATE item SET bundle=9 WHERE seq=3 AND bundle=0; UPDATE item SET bundle=0 WHERE seq=3 "
     "AND bundle=1; UPDATE item SET bundle=1 WHERE seq=3 AND bundle=9",
     "items", "another root"},
    {"INSERT INTO item SELECT 3, 3, count, root, leaves, data FROM item WHERE seq=3 AND "
     "bundle=2",
     "item", "do not fit"},
    {"INSERT INTO item SELECT 2, 0, count, root, leaves, data FROM item WHERE seq=3 AND "
     "bundle=2",
     "extra_items", "entry 2"},
    {"PRAGMA foreign_keys=OFF; INSERT INTO item SELECT 9, 0, count, root, leaves, data FROM "
     "item "
     "WHERE "
     "seq=3 AND bundle=2",
     "extra_items", "entry 9"},
    {"PRAGMA foreign_keys=OFF; INSERT INTO item SELECT 0, 0, count, root, leaves, data FROM "
     "item "
     "WHERE "
     "seq=3 AND bundle=2",
     "extra_items", "entry 0"},
};

START_TEST(damaged_items_are_named)
{
    static struct audit a;
    const struct damage *d = &damages[_i];
    ck_assert_int_eq(mini_batch(&m, 600), 3);
    mini_acts(&m, 2);
    assert_holds(&m);
    mini_exec(&m, d->sql);
    ck_assert_msg(mini_verify(&m, &a) == ERR_TAMPERED, "%s", d->sql);
    ck_assert_msg(strcmp(a.faults[0].check, d->check) == 0, "%s: %s", d->sql, a.faults[0].text);
    ck_assert_msg(strstr(a.faults[0].text, d->word) != NULL, "%s: %s", d->sql,
                  a.faults[0].text);
}
END_TEST

/* Every byte of a bundle's data flipped once is seen, also where zstd unpacks the same. */
START_TEST(each_flipped_byte_of_a_bundle_is_seen)
{
    static struct audit a;
    struct stmt *q = NULL;
    bool row = false;
    (void)mini_batch(&m, 24);
    assert_ok(db_query(m.db, &q, &e, "SELECT data FROM item WHERE seq=3", NO_VALS));
    assert_ok(stmt_next(q, &row, &e));
    size_t len = 0;
    const void *blob = stmt_blob(q, 0, &len);
    uint8_t *data = malloc(len);
    ck_assert_ptr_nonnull(data);
    memcpy(data, blob, len);
    stmt_done(q);
    for (size_t i = 0; i < len; i++) {
        data[i] ^= 0x10;
        assert_ok(
            db_run(m.db, &e, "UPDATE item SET data=? WHERE seq=3", VALS(V_BLOB(data, len))));
        enum err_code code = mini_verify(&m, &a);
        data[i] ^= 0x10;
        ck_assert_msg(code == ERR_TAMPERED && a.faults[0].seq == 3, "byte %zu", i);
    }
    free(data);
}
END_TEST

Suite *suite_items(void)
{
    Suite *s = suite_create("items");
    TCase *t = tcase_create("items");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, items_come_back_in_order_with_their_root, 0,
                        (int)(sizeof sizes / sizeof sizes[0]));
    tcase_add_loop_test(t, path_proves_each_item, 0, 9);
    tcase_add_loop_test(t, path_over_damaged_bundles_is_refused, 0, 6);
    tcase_add_test(t, one_item_is_found_by_its_index);
    tcase_add_test(t, a_shelf_gives_what_the_database_gives);
    tcase_add_test(t, batch_takes_4096_items_and_no_more);
    tcase_add_test(t, item_limit_is_exact);
    tcase_add_test(t, empty_batch_has_the_empty_root);
    tcase_add_loop_test(t, damaged_items_are_named, 0,
                        (int)(sizeof damages / sizeof damages[0]));
    tcase_add_test(t, each_flipped_byte_of_a_bundle_is_seen);
    suite_add_tcase(s, t);
    return s;
}
