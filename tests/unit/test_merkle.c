#include <config.h>

#include "crypto/merkle.h"

#include <string.h>

#include "tests/unit/check_crypto.h"

#define LEAVES                                                                                 \
    301 /* trees of 0 to 300 leaves are walked; one more for a leaf that is in none of them */
#define MUTATED 33 /* sizes up to here have every byte of every proof changed */

static struct hash leaves[LEAVES];

static void make_leaves(void)
{
    for (uint32_t i = 0; i < LEAVES; i++) {
        merkle_leaf(&i, sizeof(i), &leaves[i]);
    }
}

/* RFC 6962 section 2.1 as it is written, by recursion. */
static void reference_root(const struct hash *d, size_t n, struct hash *out)
{
    struct hash left;
    struct hash right;
    size_t k = 1;

    if (n == 0) {
        sha256("", 0, out);
    } else if (n == 1) {
        *out = d[0];
    } else {
        while (k * 2 < n) {
            k *= 2;
        }
        reference_root(d, k, &left);
        reference_root(d + k, n - k, &right);
        merkle_node(&left, &right, out);
    }
}

START_TEST(empty_tree_has_the_hash_of_nothing)
{
    struct merkle_frontier f;
    struct hash h;

    merkle_init(&f);
    merkle_root(&f, &h);
    assert_hash_hex(&h, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    merkle_root_of(NULL, 0, &h);
    assert_hash_hex(&h, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

/* The eight leaves and roots of the reference implementation of RFC 6962
 * (certificate-transparency, merkletree tests). */
START_TEST(roots_match_the_reference_implementation)
{
    static const char *const inputs[] = {"",
                                         "00",
                                         "10",
                                         "2021",
                                         "3031",
                                         "40414243",
                                         "5051525354555657",
                                         "606162636465666768696a6b6c6d6e6f"};
    static const char *const roots[] = {
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    struct merkle_frontier f;
    struct hash h;
    uint8_t bytes[16];

    merkle_init(&f);
    for (size_t i = 0; i < 8; i++) {
        merkle_leaf(bytes, unhex(inputs[i], bytes, sizeof(bytes)), &h);
        merkle_append(&f, &h);
        merkle_root(&f, &h);
        assert_hash_hex(&h, roots[i]);
    }
}
END_TEST

START_TEST(frontier_has_the_root_of_its_leaves_at_every_size)
{
    struct merkle_frontier f;
    struct hash expected;
    struct hash h;

    make_leaves();
    merkle_init(&f);
    for (size_t n = 0; n < LEAVES; n++) {
        ck_assert_uint_eq(f.size, n);
        reference_root(leaves, n, &expected);
        merkle_root(&f, &h);
        ck_assert(hash_equal(&h, &expected));
        merkle_root_of(leaves, n, &h);
        ck_assert(hash_equal(&h, &expected));
        merkle_append(&f, &leaves[n]);
    }
}
END_TEST

START_TEST(frontier_goes_on_from_a_saved_copy)
{
    struct merkle_frontier f;
    struct merkle_frontier saved;
    struct hash a;
    struct hash b;

    make_leaves();
    merkle_init(&f);
    for (size_t i = 0; i < 100; i++) {
        merkle_append(&f, &leaves[i]);
    }
    memcpy(&saved, &f, sizeof(saved));
    merkle_append(&f, &leaves[100]);
    merkle_append(&saved, &leaves[100]);
    merkle_root(&f, &a);
    merkle_root(&saved, &b);
    ck_assert(hash_equal(&a, &b));
    merkle_root_of(leaves, 101, &b);
    ck_assert(hash_equal(&a, &b));
}
END_TEST

START_TEST(frontier_counts_up_to_the_last_size)
{
    struct merkle_frontier f;

    make_leaves();
    merkle_init(&f);
    f.size = UINT64_MAX - 1;
    merkle_append(&f, &leaves[0]);
    ck_assert(f.size == UINT64_MAX);
    ck_assert(hash_equal(&f.edge[0], &leaves[0]));
}
END_TEST

START_TEST(full_frontier_is_a_bug_of_the_caller)
{
    struct merkle_frontier f;

    merkle_init(&f);
    f.size = UINT64_MAX;
    merkle_append(&f, &leaves[0]);
}
END_TEST

START_TEST(inclusion_of_a_leaf_beyond_the_tree_is_a_bug_of_the_caller)
{
    struct hash path[MERKLE_PATH_MAX];

    (void)merkle_inclusion(leaves, 3, 3, path);
}
END_TEST

START_TEST(every_inclusion_proof_holds_and_only_at_its_index)
{
    struct hash path[MERKLE_PATH_MAX] = {{{0}}};
    struct hash root;

    make_leaves();
    for (uint64_t n = 1; n < LEAVES; n++) {
        merkle_root_of(leaves, n, &root);
        for (uint64_t i = 0; i < n; i++) {
            size_t len = merkle_inclusion(leaves, n, i, path);

            ck_assert(merkle_verify_inclusion(&leaves[i], i, n, path, len, &root));
            ck_assert(!merkle_verify_inclusion(&leaves[n], i, n, path, len, &root));
            ck_assert(!merkle_verify_inclusion(&leaves[i], i + 1, n, path, len, &root));
            ck_assert(!merkle_verify_inclusion(&leaves[i], i - 1, n, path, len, &root));
            ck_assert(!merkle_verify_inclusion(&leaves[i], i ^ 2, n, path, len, &root));
            ck_assert(!merkle_verify_inclusion(&leaves[i], i, n, path, len + 1, &root));
            ck_assert(len == 0 ||
                      !merkle_verify_inclusion(&leaves[i], i, n, path, len - 1, &root));
            ck_assert(len == 0 ||
                      !merkle_verify_inclusion(&leaves[i], i, n, path + 1, len - 1, &root));
        }
    }
}
END_TEST

START_TEST(every_consistency_proof_holds_and_only_between_its_roots)
{
    static struct hash root[LEAVES];
    struct hash path[MERKLE_PATH_MAX] = {{{0}}};

    make_leaves();
    for (uint64_t n = 0; n < LEAVES; n++) {
        merkle_root_of(leaves, n, &root[n]);
    }
    for (uint64_t n = 1; n < LEAVES; n++) {
        for (uint64_t m = 1; m <= n; m++) {
            size_t len = merkle_consistency(leaves, n, m, path);

            ck_assert(merkle_verify_consistency(m, n, path, len, &root[m], &root[n]));
            ck_assert(m == n ||
                      !merkle_verify_consistency(m, n, path, len, &root[n], &root[m]));
            ck_assert(!merkle_verify_consistency(m, n, path, len, &root[m - 1], &root[n]));
            ck_assert(!merkle_verify_consistency(m, n, path, len, &root[m], &root[n - 1]));
            ck_assert(!merkle_verify_consistency(m, n, path, len + 1, &root[m], &root[n]));
            ck_assert(len == 0 ||
                      !merkle_verify_consistency(m, n, path, len - 1, &root[m], &root[n]));
            ck_assert(len == 0 ||
                      !merkle_verify_consistency(m, n, path + 1, len - 1, &root[m], &root[n]));
            ck_assert(m == n ||
                      !merkle_verify_consistency(n, m, path, len, &root[n], &root[m]));
        }
    }
}
END_TEST

START_TEST(consistency_path_tells_another_history_from_a_path_of_nothing)
{
    static struct hash root[LEAVES];
    struct hash path[MERKLE_PATH_MAX] = {{{0}}};
    struct hash fr;
    struct hash sr;

    make_leaves();
    for (uint64_t n = 0; n < LEAVES; n++) {
        merkle_root_of(leaves, n, &root[n]);
    }
    for (uint64_t n = 2; n < LEAVES; n++) {
        for (uint64_t m = 1; m < n; m++) {
            size_t len = merkle_consistency(leaves, n, m, path);
            bool complete = (m & (m - 1)) == 0;

            /* Whoever remembers another root learns the true one from the path, unless that is
             * where the path begins. */
            fr = root[0];
            ck_assert(merkle_consistency_roots(m, n, path, len, &fr, &sr));
            ck_assert(complete || hash_equal(&fr, &root[m]));
            ck_assert(hash_equal(&sr, &root[n]) == !complete);
            fr = root[m];
            ck_assert(merkle_consistency_roots(m, n, path, len, &fr, &sr));
            ck_assert(hash_equal(&fr, &root[m]) && hash_equal(&sr, &root[n]));
            ck_assert(!merkle_consistency_roots(m, n, path, len - 1, &fr, &sr));
            ck_assert(!merkle_consistency_roots(m, n, path, len + 1, &fr, &sr));
            path[len - 1].b[31] ^= 1;
            fr = root[m];
            ck_assert(merkle_consistency_roots(m, n, path, len, &fr, &sr));
            ck_assert(!hash_equal(&sr, &root[n]));
        }
    }
    ck_assert(!merkle_consistency_roots(0, 1, path, 0, &fr, &sr));
    ck_assert(!merkle_consistency_roots(1, 1, path, 0, &fr, &sr));
    ck_assert(!merkle_consistency_roots(2, 1, path, 0, &fr, &sr));
}
END_TEST

START_TEST(consistency_of_and_with_an_empty_tree_is_refused)
{
    struct hash path[MERKLE_PATH_MAX];
    struct hash empty;

    make_leaves();
    merkle_root_of(NULL, 0, &empty);
    ck_assert_uint_eq(merkle_consistency(leaves, 1, 0, path), 0);
    ck_assert_uint_eq(merkle_consistency(leaves, 0, 0, path), 0);
    ck_assert(!merkle_verify_consistency(0, 0, path, 0, &empty, &empty));
    ck_assert(!merkle_verify_consistency(0, 1, path, 0, &empty, &leaves[0]));
    ck_assert(!merkle_verify_consistency(1, 0, path, 0, &leaves[0], &empty));
    ck_assert(!merkle_verify_inclusion(&leaves[0], 0, 0, path, 0, &leaves[0]));
}
END_TEST

START_TEST(consistency_with_a_larger_old_tree_is_a_bug_of_the_caller)
{
    struct hash path[MERKLE_PATH_MAX];

    (void)merkle_consistency(leaves, 2, 3, path);
}
END_TEST

/* Flip each byte of each hash in turn; `holds` must be false each time. */
#define ASSERT_EACH_BYTE_MATTERS(hashes, count, holds)                                         \
    for (size_t at = 0; at < (count)*HASH_SIZE; at++) {                                        \
        (hashes)[at / HASH_SIZE].b[at % HASH_SIZE] ^= 0x10;                                    \
        ck_assert(!(holds));                                                                   \
        (hashes)[at / HASH_SIZE].b[at % HASH_SIZE] ^= 0x10;                                    \
    }

START_TEST(inclusion_proof_with_any_byte_changed_is_refused)
{
    struct hash path[MERKLE_PATH_MAX];
    struct hash end[2]; /* leaf and root */

    make_leaves();
    for (uint64_t n = 1; n <= MUTATED; n++) {
        merkle_root_of(leaves, n, &end[1]);
        for (uint64_t i = 0; i < n; i++) {
            size_t len = merkle_inclusion(leaves, n, i, path);

            end[0] = leaves[i];
            ASSERT_EACH_BYTE_MATTERS(path, len,
                                     merkle_verify_inclusion(&end[0], i, n, path, len, &end[1]))
            ASSERT_EACH_BYTE_MATTERS(end, 2,
                                     merkle_verify_inclusion(&end[0], i, n, path, len, &end[1]))
            ck_assert(merkle_verify_inclusion(&end[0], i, n, path, len, &end[1]));
        }
    }
}
END_TEST

START_TEST(consistency_proof_with_any_byte_changed_is_refused)
{
    struct hash path[MERKLE_PATH_MAX];
    struct hash end[2]; /* old and new root */

    make_leaves();
    for (uint64_t n = 1; n <= MUTATED; n++) {
        merkle_root_of(leaves, n, &end[1]);
        for (uint64_t m = 1; m <= n; m++) {
            size_t len = merkle_consistency(leaves, n, m, path);

            merkle_root_of(leaves, m, &end[0]);
            ASSERT_EACH_BYTE_MATTERS(
                path, len, merkle_verify_consistency(m, n, path, len, &end[0], &end[1]))
            ASSERT_EACH_BYTE_MATTERS(
                end, 2, merkle_verify_consistency(m, n, path, len, &end[0], &end[1]))
            ck_assert(merkle_verify_consistency(m, n, path, len, &end[0], &end[1]));
        }
    }
}
END_TEST

/* Where all leaves are equal, so are all subtrees of one height: the largest trees can be
 * checked. */
START_TEST(proofs_of_the_largest_trees_hold)
{
    struct hash height[MERKLE_PATH_MAX + 1];
    const uint64_t half = UINT64_C(1) << 62;
    struct merkle_frontier f;
    struct hash root;
    struct hash path[MERKLE_PATH_MAX + 1];

    make_leaves();
    height[0] = leaves[0];
    for (size_t i = 0; i < MERKLE_PATH_MAX; i++) {
        merkle_node(&height[i], &height[i], &height[i + 1]);
    }
    ck_assert(
        merkle_verify_inclusion(&height[0], 2 * half - 1, 2 * half, height, 63, &height[63]));
    ck_assert(
        !merkle_verify_inclusion(&height[0], 2 * half - 1, 2 * half, height, 62, &height[62]));
    ck_assert(
        merkle_verify_consistency(half, 2 * half, &height[62], 1, &height[62], &height[63]));

    /* Size 2^64-1, leaf 0: the subtree to the right of the root is the one of 2^63-1 leaves,
     * and so on. */
    merkle_init(&f);
    f.size = UINT64_MAX;
    memcpy(f.edge, height, sizeof(f.edge));
    merkle_root(&f, &root);
    memcpy(path, height, 63 * sizeof(path[0]));
    f.size = UINT64_MAX >> 1;
    merkle_root(&f, &path[63]);
    ck_assert(merkle_verify_inclusion(&height[0], 0, UINT64_MAX, path, 64, &root));
    path[64] = path[63];
    ck_assert(!merkle_verify_inclusion(&height[0], 0, UINT64_MAX, path, 65, &root));
    ck_assert(!merkle_verify_consistency(1, UINT64_MAX, path, 65, &height[0], &root));
    ck_assert(merkle_verify_consistency(1, UINT64_MAX, path, 64, &height[0], &root));
}
END_TEST

Suite *suite_merkle(void)
{
    Suite *s = suite_create("merkle");
    TCase *t = tcase_create("merkle");

    tcase_set_timeout(t, 300);
    tcase_add_test(t, empty_tree_has_the_hash_of_nothing);
    tcase_add_test(t, roots_match_the_reference_implementation);
    tcase_add_test(t, frontier_has_the_root_of_its_leaves_at_every_size);
    tcase_add_test(t, frontier_goes_on_from_a_saved_copy);
    tcase_add_test(t, frontier_counts_up_to_the_last_size);
    tcase_add_test(t, every_inclusion_proof_holds_and_only_at_its_index);
    tcase_add_test(t, every_consistency_proof_holds_and_only_between_its_roots);
    tcase_add_test(t, consistency_path_tells_another_history_from_a_path_of_nothing);
    tcase_add_test(t, consistency_of_and_with_an_empty_tree_is_refused);
    tcase_add_test(t, inclusion_proof_with_any_byte_changed_is_refused);
    tcase_add_test(t, consistency_proof_with_any_byte_changed_is_refused);
    tcase_add_test(t, proofs_of_the_largest_trees_hold);
    add_abort_test(t, full_frontier_is_a_bug_of_the_caller);
    add_abort_test(t, inclusion_of_a_leaf_beyond_the_tree_is_a_bug_of_the_caller);
    add_abort_test(t, consistency_with_a_larger_old_tree_is_a_bug_of_the_caller);
    suite_add_tcase(s, t);
    return s;
}
