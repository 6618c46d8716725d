#include <config.h>

#include "crypto/merkle.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "tests/lib/corpus.h"
#include "tests/unit/check_crypto.h"

/* Reading transparency-dev's vectors: a hash of another length cannot be told to our functions,
 * which take 32 bytes; refusing it is the reader's part. */
static bool read_hash(const char *text, struct hash *out)
{
    struct buf b;
    bool good = false;

    buf_init(&b, 1024);
    ck_assert_int_eq(base64_decode(text, strlen(text), &b, NULL), ERR_OK);
    good = b.len == HASH_SIZE;
    if (good) {
        memcpy(out->b, b.data, HASH_SIZE);
    }
    buf_release(&b);
    return good;
}

static bool read_named_hash(const struct json *c, const char *name, struct hash *out)
{
    const char *text = json_get_str(c, name);

    return text != NULL && read_hash(text, out);
}

static bool read_path(const struct json *c, struct hash path[MERKLE_PATH_MAX], size_t *len)
{
    const struct json *p = json_get(c, "proof");

    *len = 0;
    if (p == NULL || p->type != JSON_ARRAY) {
        return true; /* null: an empty proof */
    }
    for (size_t i = 0; i < p->u.array.count; i++) {
        ck_assert_uint_lt(i, MERKLE_PATH_MAX);
        if (!read_hash(p->u.array.items[i]->u.string.data, &path[i])) {
            return false;
        }
        *len = i + 1;
    }
    return true;
}

/* One vector gives 2^64-1 as an index, which JSON readers round to 2^64. */
static uint64_t read_size(const struct json *c, const char *name)
{
    const struct json *v = json_get(c, name);
    int64_t i = 0;

    ck_assert_ptr_nonnull(v);
    if (json_get_int(c, name, &i)) {
        return (uint64_t)i;
    }
    ck_assert(v->type == JSON_DOUBLE && v->u.number > 1e19);
    return UINT64_MAX;
}

static bool inclusion_holds(const struct json *c)
{
    struct hash path[MERKLE_PATH_MAX];
    struct hash root;
    struct hash leaf;
    size_t len = 0;

    return read_path(c, path, &len) && read_named_hash(c, "root", &root) &&
           read_named_hash(c, "leafHash", &leaf) &&
           merkle_verify_inclusion(&leaf, read_size(c, "leafIdx"), read_size(c, "treeSize"),
                                   path, len, &root);
}

static bool consistency_holds(const struct json *c)
{
    struct hash path[MERKLE_PATH_MAX];
    struct hash old_root;
    struct hash root;
    size_t len = 0;

    return read_path(c, path, &len) && read_named_hash(c, "root1", &old_root) &&
           read_named_hash(c, "root2", &root) &&
           merkle_verify_consistency(read_size(c, "size1"), read_size(c, "size2"), path, len,
                                     &old_root, &root);
}

static void walk_vectors(const char *file, bool (*holds)(const struct json *c))
{
    struct buf text;
    struct arena arena;
    struct json *all = NULL;
    struct err e = ERR_INIT;
    size_t accepted = 0;

    buf_init(&text, 1 << 20);
    if (!corpus_read(file, file, &text)) {
        return;
    }
    arena_init(&arena, 16 << 20);
    ck_assert_msg(json_parse(text.data, text.len, &json_limits_default, &arena, &all, &e) ==
                      ERR_OK,
                  "%s", e.text);
    ck_assert_uint_eq(all->u.array.count, 49);
    for (size_t i = 0; i < all->u.array.count; i++) {
        const struct json *row = all->u.array.items[i];
        const struct json *c = json_get(row, "case");
        bool want_err = false;

        ck_assert(json_get_bool(c, "wantErr", &want_err));
        ck_assert_msg(holds(c) == !want_err, "%s", json_get_str(row, "name"));
        accepted += !want_err;
    }
    ck_assert_uint_gt(accepted, 2);
    arena_release(&arena);
    buf_release(&text);
}

START_TEST(inclusion_vectors_of_transparency_dev_are_judged_right)
{
    walk_vectors("vectors/merkle/inclusion.json", inclusion_holds);
}
END_TEST

START_TEST(consistency_vectors_of_transparency_dev_are_judged_right)
{
    walk_vectors("vectors/merkle/consistency.json", consistency_holds);
}
END_TEST

Suite *suite_merkle_vectors(void)
{
    Suite *s = suite_create("merkle_vectors");
    TCase *t = tcase_create("merkle_vectors");

    tcase_add_test(t, inclusion_vectors_of_transparency_dev_are_judged_right);
    tcase_add_test(t, consistency_vectors_of_transparency_dev_are_judged_right);
    suite_add_tcase(s, t);
    return s;
}
