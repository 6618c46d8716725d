#include <config.h>

#include "ledger/tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/merkle.h"
#include "tests/unit/check_ledger.h"

/* Two tiles of the level above the leaves, and a bit. */
#define LEAVES_MANY 66003

static struct mini m;
static struct hash *leaves;

/* Entries that are nothing but leaves: the tree asks for no more. */
static void leaves_put(uint64_t count)
{
    assert_ok(db_begin(m.db, &e));
    mini_exec(&m, "DELETE FROM entry; DELETE FROM tile");
    for (uint64_t i = 0; i < count; i++) {
        merkle_leaf(&i, sizeof i, &leaves[i]);
        assert_ok(db_run(m.db, &e,
                         "INSERT INTO entry(seq, payload, keyid, sig, leaf) "
                         "VALUES(?, '', zeroblob(32), x'', ?)",
                         VALS(V_INT(i + 1), V_HASH(&leaves[i]))));
        assert_ok(tree_append(m.db, (int64_t)i + 1, &e));
    }
    assert_ok(db_commit(m.db, &e));
}

static void begin(void)
{
    mini_make(&m);
    leaves = mem_array(LEAVES_MANY, sizeof leaves[0]);
    ck_assert_ptr_nonnull(leaves);
}

static void end(void)
{
    mem_free(leaves);
    mini_free(&m);
}

static void check_path(const struct hash *have, size_t have_len, const struct hash *want,
                       size_t want_len)
{
    ck_assert_uint_eq(have_len, want_len);
    for (size_t i = 0; i < want_len; i++) {
        ck_assert(hash_equal(&have[i], &want[i]));
    }
}

static void check_root(uint64_t size)
{
    struct hash have;
    struct hash want;
    assert_ok(tree_root(m.db, size, &have, &e));
    merkle_root_of(leaves, size, &want);
    ck_assert_msg(hash_equal(&have, &want), "root of %" PRIu64, size);
}

static void check_inclusion(uint64_t index, uint64_t size)
{
    struct hash have[MERKLE_PATH_MAX];
    struct hash want[MERKLE_PATH_MAX];
    size_t len = 0;
    assert_ok(tree_inclusion(m.db, index, size, have, &len, &e));
    check_path(have, len, want, merkle_inclusion(leaves, size, index, want));
}

static void check_consistency(uint64_t old_size, uint64_t size)
{
    struct hash have[MERKLE_PATH_MAX];
    struct hash want[MERKLE_PATH_MAX];
    size_t len = 0;
    assert_ok(tree_consistency(m.db, old_size, size, have, &len, &e));
    check_path(have, len, want, merkle_consistency(leaves, size, old_size, want));
}

START_TEST(every_root_and_path_of_a_small_tree_is_rfc_6962s)
{
    leaves_put(40);
    for (uint64_t size = 0; size <= 40; size++) {
        check_root(size);
        for (uint64_t i = 0; i < size; i++) {
            check_inclusion(i, size);
        }
        for (uint64_t old = 0; old <= size; old++) {
            check_consistency(old, size);
        }
    }
}
END_TEST

static const uint64_t edges[] = {1,     2,     255,   256,   257,   511,
                                 512,   513,   769,   1024,  65279, 65280,
                                 65281, 65535, 65536, 65537, 65792, LEAVES_MANY};
#define EDGES (sizeof edges / sizeof edges[0])

START_TEST(roots_and_paths_hold_around_the_edges_of_tiles)
{
    leaves_put(LEAVES_MANY);
    for (size_t s = 0; s < EDGES; s++) {
        check_root(edges[s]);
        for (size_t i = 0; i <= s; i += s > 9 ? 3 : 1) {
            check_inclusion(edges[i] - 1, edges[s]);
            check_consistency(edges[i], edges[s]);
        }
        check_inclusion(0, edges[s]);
    }
}
END_TEST

START_TEST(what_is_beyond_the_tree_is_refused)
{
    struct hash root;
    struct hash path[MERKLE_PATH_MAX];
    struct buf out;
    size_t len = 0;
    buf_init(&out, 65536);
    leaves_put(300);
    assert_error(tree_root(m.db, 301, &root, &e), ERR_RANGE, "300");
    assert_error(tree_inclusion(m.db, 300, 300, path, &len, &e), ERR_RANGE, "entry 301");
    assert_error(tree_inclusion(m.db, 0, 0, path, &len, &e), ERR_RANGE, "entry 1");
    assert_error(tree_inclusion(m.db, 0, 301, path, &len, &e), ERR_RANGE, "301");
    assert_error(tree_consistency(m.db, 3, 2, path, &len, &e), ERR_RANGE, "beginning");
    assert_error(tree_consistency(m.db, 3, 301, path, &len, &e), ERR_RANGE, "301");
    assert_error(tree_tile(m.db, 0, 2, 300, &out, &e), ERR_RANGE, "tile 2");
    assert_error(tree_tile(m.db, 2, 0, 300, &out, &e), ERR_RANGE, "level 2");
    assert_error(tree_tile(m.db, 8, 0, 300, &out, &e), ERR_RANGE, "level 8");
    buf_release(&out);
}
END_TEST

START_TEST(tiles_are_as_wide_as_the_tree_says)
{
    struct buf out;
    struct hash root;
    buf_init(&out, 65536);
    leaves_put(600);
    assert_ok(tree_tile(m.db, 0, 0, 3, &out, &e));
    ck_assert_uint_eq(out.len, 3 * HASH_SIZE);
    ck_assert_mem_eq(out.data, leaves, out.len);
    buf_clear(&out);
    assert_ok(tree_tile(m.db, 0, 2, 600, &out, &e));
    ck_assert_uint_eq(out.len, 88 * HASH_SIZE);
    ck_assert_mem_eq(out.data, &leaves[512], out.len);
    buf_clear(&out);
    assert_ok(tree_tile(m.db, 1, 0, 511, &out, &e));
    merkle_root_of(leaves, 256, &root);
    ck_assert_uint_eq(out.len, HASH_SIZE);
    ck_assert_mem_eq(out.data, root.b, HASH_SIZE);
    buf_release(&out);
}
END_TEST

START_TEST(damaged_tile_is_named)
{
    struct hash root;
    struct hash path[MERKLE_PATH_MAX];
    size_t len = 0;
    leaves_put(600);
    mini_exec(&m, "DELETE FROM tile WHERE level=0 AND number=1");
    assert_error(tree_inclusion(m.db, 300, 600, path, &len, &e), ERR_TAMPERED,
                 "tile 1 of level 0");
    mini_exec(&m, "UPDATE tile SET hashes=substr(hashes, 1, 63) WHERE level=1");
    assert_error(tree_root(m.db, 600, &root, &e), ERR_TAMPERED, "tile 0 of level 1");
    mini_exec(&m, "DELETE FROM entry WHERE seq=600");
    mini_exec(&m, "INSERT INTO entry VALUES(601, '', zeroblob(32), x'', zeroblob(32))");
    assert_error(tree_root(m.db, 601, &root, &e), ERR_TAMPERED, "");
}
END_TEST

START_TEST(append_refuses_to_go_on_over_a_gap)
{
    leaves_put(511);
    mini_exec(&m, "DELETE FROM entry WHERE seq=300");
    mini_exec(&m, "INSERT INTO entry VALUES(512, '', zeroblob(32), x'', zeroblob(32))");
    assert_error(tree_append(m.db, 512, &e), ERR_TAMPERED, "tile 1 of level 0");
    leaves_put(512);
    mini_exec(&m, "DELETE FROM tile WHERE level=1");
    mini_exec(&m, "DELETE FROM tile WHERE level=0 AND number=1");
    assert_error(tree_append(m.db, 512, &e), ERR_TAMPERED, "tile 0 of level 1");
}
END_TEST

START_TEST(right_edge_follows_the_entries_and_no_tile)
{
    struct merkle_frontier f;
    struct hash root;
    struct hash want;
    merkle_init(&f);
    mini_acts(&m, 300);
    mini_exec(&m, "DELETE FROM tile");
    assert_ok(tree_follow(m.db, &f, 100, &e));
    assert_ok(tree_follow(m.db, &f, 302, &e));
    assert_ok(tree_follow(m.db, &f, 302, &e));
    merkle_root(&f, &root);
    mini_exec(&m, "DELETE FROM entry WHERE seq > 255"); /* so small a tree needs no tile */
    assert_ok(tree_root(m.db, 200, &want, &e));
    merkle_init(&f);
    assert_ok(tree_follow(m.db, &f, 200, &e));
    merkle_root(&f, &root);
    ck_assert(hash_equal(&root, &want));
    assert_error(tree_follow(m.db, &f, 256, &e), ERR_RANGE, "255 entries");
}
END_TEST

START_TEST(right_edge_stops_at_an_altered_entry)
{
    static const struct {
        const char *sql, *word;
    } rows[] = {
        {"UPDATE entry SET payload=replace(payload, '\"meter\":1', '\"meter\":2') WHERE seq=7",
         "entry 7"},
        {"UPDATE entry SET leaf=zeroblob(32) WHERE seq=7", "entry 7"},
        {"UPDATE entry SET keyid=zeroblob(32) WHERE seq=7", "entry 7"},
        {"UPDATE entry SET sig=x'00' WHERE seq=7", "entry 7"},
        {"UPDATE entry SET sig=zeroblob(73) WHERE seq=7", "entry 7"},
        {"DELETE FROM entry WHERE seq=7", "entry 7 is missing"},
    };
    struct merkle_frontier f;
    merkle_init(&f);
    mini_acts(&m, 10);
    mini_exec(&m, rows[_i].sql);
    assert_error(tree_follow(m.db, &f, 12, &e), ERR_TAMPERED, rows[_i].word);
    ck_assert_uint_eq(f.size, 6);
}
END_TEST

Suite *suite_tree(void)
{
    Suite *s = suite_create("tree");
    TCase *t = tcase_create("tree");
    tcase_add_checked_fixture(t, begin, end);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, every_root_and_path_of_a_small_tree_is_rfc_6962s);
    tcase_add_test(t, roots_and_paths_hold_around_the_edges_of_tiles);
    tcase_add_test(t, what_is_beyond_the_tree_is_refused);
    tcase_add_test(t, tiles_are_as_wide_as_the_tree_says);
    tcase_add_test(t, damaged_tile_is_named);
    tcase_add_test(t, append_refuses_to_go_on_over_a_gap);
    tcase_add_test(t, right_edge_follows_the_entries_and_no_tile);
    tcase_add_loop_test(t, right_edge_stops_at_an_altered_entry, 0, 6);
    suite_add_tcase(s, t);
    return s;
}
