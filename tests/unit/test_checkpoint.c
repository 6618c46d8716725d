#include <config.h>

#include "crypto/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/merkle.h"
#include "tests/lib/corpus.h"
#include "tests/unit/check_crypto.h"

/* The log of transparency-dev/tessera (testdata/log): 0 to 15 leaves, a checkpoint of each
 * size. */
#define LOG "example.com/log/testdata"
#define LOG_KEY LOG "+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
#define LOG_LEAVES 15
#define ROOT_0 "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static struct note_verifier *log_key;
static struct buf text;

static void set_up(void)
{
    ck_assert_int_eq(note_verifier_parse(LOG_KEY, &log_key, NULL), ERR_OK);
    buf_init(&text, 1 << 20);
}

static void tear_down(void)
{
    note_verifier_free(log_key);
    buf_release(&text);
}

/* False when the corpora are not there: the test then returns. */
static bool read_log(const char *file)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "vectors/tiles/log/%s", file);
    buf_clear(&text);
    return corpus_read("checkpoints of tessera", path, &text);
}

static bool read_numbered(const char *stem, unsigned n)
{
    char file[64];

    (void)snprintf(file, sizeof(file), "%s%u", stem, n);
    return read_log(file);
}

static bool open_numbered(unsigned n, struct checkpoint *c)
{
    struct err e = ERR_INIT;

    if (!read_numbered("checkpoint.", n)) {
        return false;
    }
    ck_assert_msg(checkpoint_open(text.data, text.len, log_key, c, &e) == ERR_OK, "%u: %s", n,
                  e.text);
    return true;
}

static enum err_code parse(const char *s, size_t len, struct checkpoint *c)
{
    struct err e = ERR_INIT;
    enum err_code rc = checkpoint_parse(s, len, c, &e);

    ck_assert_int_eq(rc, e.code);
    return rc;
}

START_TEST(checkpoints_of_tessera_open_and_have_the_roots_of_its_tiles)
{
    struct hash leaf[LOG_LEAVES];
    struct hash root;
    struct checkpoint c;

    for (unsigned n = 0; n <= LOG_LEAVES; n++) {
        if (n > 0) {
            if (!read_numbered("tile/0/000.p/", n)) {
                return;
            }
            ck_assert_uint_eq(text.len, n * HASH_SIZE);
            memcpy(leaf, text.data, text.len);
        }
        merkle_root_of(leaf, n, &root);
        if (!open_numbered(n, &c)) {
            return;
        }
        ck_assert_str_eq(c.origin, LOG);
        ck_assert_uint_eq(c.size, n);
        ck_assert(hash_equal(&c.root, &root));
        ck_assert_ptr_null(c.extension);
        ck_assert_uint_eq(c.extension_len, 0);
    }
}
END_TEST

START_TEST(newest_checkpoint_of_tessera_is_the_last_one)
{
    struct checkpoint c;

    if (!read_log("checkpoint")) {
        return;
    }
    ck_assert_int_eq(checkpoint_open(text.data, text.len, log_key, &c, NULL), ERR_OK);
    ck_assert_uint_eq(c.size, LOG_LEAVES);
}
END_TEST

/* Entry bundles: 16-bit length and bytes, for each leaf (c2sp.org/tlog-tiles). */
START_TEST(entries_of_tessera_hash_to_its_leaves)
{
    struct hash leaf[LOG_LEAVES];
    struct hash root;
    struct checkpoint c;
    const uint8_t *p = NULL;
    size_t left = 0;
    unsigned n = 0;

    if (!read_numbered("tile/entries/000.p/", LOG_LEAVES)) {
        return;
    }
    p = (const uint8_t *)text.data;
    for (left = text.len; left > 0; n++) {
        size_t len = 0;

        ck_assert_uint_lt(n, LOG_LEAVES);
        ck_assert_uint_ge(left, 2);
        len = (size_t)p[0] << 8 | p[1];
        ck_assert_uint_le(len, left - 2);
        merkle_leaf(p + 2, len, &leaf[n]);
        p += 2 + len;
        left -= 2 + len;
    }
    ck_assert_uint_eq(n, LOG_LEAVES);
    merkle_root_of(leaf, n, &root);
    ck_assert(open_numbered(LOG_LEAVES, &c));
    ck_assert(hash_equal(&c.root, &root));
}
END_TEST

START_TEST(checkpoints_of_tessera_are_consistent_with_each_other)
{
    struct hash leaf[LOG_LEAVES];
    struct hash path[MERKLE_PATH_MAX];
    struct checkpoint old;
    struct checkpoint now;

    if (!read_numbered("tile/0/000.p/", LOG_LEAVES)) {
        return;
    }
    memcpy(leaf, text.data, sizeof(leaf));
    for (unsigned n = 1; n <= LOG_LEAVES; n++) {
        for (unsigned m = 1; m <= n; m++) {
            size_t len = merkle_consistency(leaf, n, m, path);

            ck_assert(open_numbered(m, &old) && open_numbered(n, &now));
            ck_assert(merkle_verify_consistency(m, n, path, len, &old.root, &now.root));
        }
    }
}
END_TEST

START_TEST(checkpoint_with_any_byte_changed_does_not_open)
{
    struct checkpoint c;

    if (!read_numbered("checkpoint.", 12)) {
        return;
    }
    for (size_t at = 0; at < text.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            text.data[at] = (char)(text.data[at] ^ (1 << bit));
            ck_assert_msg(checkpoint_open(text.data, text.len, log_key, &c, NULL) != ERR_OK,
                          "byte %zu", at);
            text.data[at] = (char)(text.data[at] ^ (1 << bit));
        }
    }
    ck_assert_int_eq(checkpoint_open(text.data, text.len, log_key, &c, NULL), ERR_OK);
}
END_TEST

/* The example of c2sp.org/tlog-checkpoint. */
START_TEST(published_text_is_parsed_and_written_the_same)
{
    static const char example[] = "example.com/behind-the-sofa\n20852163\n"
                                  "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    struct checkpoint c;

    ck_assert_int_eq(parse(example, strlen(example), &c), ERR_OK);
    ck_assert_str_eq(c.origin, "example.com/behind-the-sofa");
    ck_assert_uint_eq(c.size, 20852163);
    assert_hash_hex(&c.root,
                    "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
    ck_assert_int_eq(checkpoint_write(&c, &text, NULL), ERR_OK);
    ck_assert_str_eq(text.data, example);
}
END_TEST

START_TEST(extension_lines_are_kept)
{
    static const char example[] = "o\n0\n" ROOT_0 "\none \xc3\xb1\ntwo\n";
    struct checkpoint c;

    ck_assert_int_eq(parse(example, strlen(example), &c), ERR_OK);
    ck_assert_uint_eq(c.extension_len, strlen("one \xc3\xb1\ntwo\n"));
    ck_assert_mem_eq(c.extension, "one \xc3\xb1\ntwo\n", c.extension_len);
    ck_assert_int_eq(checkpoint_write(&c, &text, NULL), ERR_OK);
    ck_assert_str_eq(text.data, example);
}
END_TEST

START_TEST(texts_of_other_forms_are_refused)
{
    static const char *const bad[] = {
        "",
        "o\n",
        "o\n0\n",
        "o\n0\n" ROOT_0,          /* the last line is not ended */
        "\n0\n" ROOT_0 "\n",      /* no origin */
        "o\x01\n0\n" ROOT_0 "\n", /* control character */
        "\xff\n0\n" ROOT_0 "\n",  /* not UTF-8 */
        "o\n\n" ROOT_0 "\n",      /* no size */
        "o\n00\n" ROOT_0 "\n",
        "o\n01\n" ROOT_0 "\n",
        "o\n+1\n" ROOT_0 "\n",
        "o\n-1\n" ROOT_0 "\n",
        "o\n1 \n" ROOT_0 "\n",
        "o\n1a\n" ROOT_0 "\n",
        "o\n0x1\n" ROOT_0 "\n",
        "o\n99999999999999999999x\n" ROOT_0 "\n",
        "o\n0\n\n",                                             /* no root */
        "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n", /* bits behind the last byte */
        "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==\n", /* 31 bytes */
        "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA\n", /* 33 */
        "o\n0\n" ROOT_0 " \n",
        "o\n0\n" ROOT_0 "\n\n", /* an empty extension line */
        "o\n0\n" ROOT_0 "\na\n\nb\n",
        "o\n0\n" ROOT_0 "\na", /* one not ended */
        "o\r\n0\n" ROOT_0 "\n",
    };
    struct checkpoint c;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(parse(bad[i], strlen(bad[i]), &c) == ERR_PARSE, "row %zu: %s", i, bad[i]);
    }
    ck_assert_int_eq(parse("o\n0\n" ROOT_0 "\n", strlen("o\n0\n" ROOT_0 "\n"), &c), ERR_OK);
}
END_TEST

START_TEST(sizes_go_up_to_what_a_database_holds)
{
    struct checkpoint c;
    static const char last[] = "o\n9223372036854775807\n" ROOT_0 "\n";
    static const char beyond[] = "o\n9223372036854775808\n" ROOT_0 "\n";
    static const char digits[] = "o\n10000000000000000000\n" ROOT_0 "\n";

    ck_assert_int_eq(parse(last, strlen(last), &c), ERR_OK);
    ck_assert_uint_eq(c.size, INT64_MAX);
    ck_assert_int_eq(checkpoint_write(&c, &text, NULL), ERR_OK);
    ck_assert_str_eq(text.data, last);
    ck_assert_int_eq(parse(beyond, strlen(beyond), &c), ERR_RANGE);
    ck_assert_int_eq(parse(digits, strlen(digits), &c), ERR_RANGE);
    c.size = (uint64_t)INT64_MAX + 1;
    ck_assert_int_eq(checkpoint_write(&c, &text, NULL), ERR_RANGE);
}
END_TEST

START_TEST(origin_has_a_largest_length)
{
    struct checkpoint c = {{0}, 0, {{0}}, NULL, 0};
    struct checkpoint back;

    ck_assert_int_eq(checkpoint_write(&c, &text, NULL), ERR_RANGE);
    memset(c.origin, 'o', sizeof(c.origin)); /* not ended */
    ck_assert_int_eq(checkpoint_write(&c, &text, NULL), ERR_RANGE);
    ck_assert_uint_eq(text.len, 0);
    c.origin[CHECKPOINT_ORIGIN_MAX] = '\0';
    ck_assert_int_eq(checkpoint_write(&c, &text, NULL), ERR_OK);
    ck_assert_int_eq(parse(text.data, text.len, &back), ERR_OK);
    ck_assert_str_eq(back.origin, c.origin);
    buf_clear(&text);
    for (size_t i = 0; i <= CHECKPOINT_ORIGIN_MAX; i++) {
        buf_addc(&text, 'o');
    }
    buf_adds(&text, "\n0\n" ROOT_0 "\n");
    ck_assert_int_eq(parse(text.data, text.len, &back), ERR_PARSE);
}
END_TEST

START_TEST(extension_lines_that_are_none_are_not_written)
{
    static const char *const bad[] = {"\n", "a", "a\n\n", "\na\n"};
    struct checkpoint c = {"o", 0, {{0}}, NULL, 0};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        c.extension = bad[i];
        c.extension_len = strlen(bad[i]);
        ck_assert_int_eq(checkpoint_write(&c, &text, NULL), ERR_RANGE);
    }
    ck_assert_uint_eq(text.len, 0);
}
END_TEST

static struct note_verifier *verifier_of(const struct note_key *k)
{
    struct note_verifier *v = NULL;
    struct buf vkey;

    buf_init(&vkey, 1024);
    ck_assert_int_eq(note_key_public(k, &vkey, NULL), ERR_OK);
    ck_assert_int_eq(note_verifier_parse(vkey.data, &v, NULL), ERR_OK);
    buf_release(&vkey);
    return v;
}

START_TEST(signed_checkpoint_opens)
{
    struct checkpoint c = {"example.com/SJ01", 1234, {{1, 2, 3}}, "x\n", 2};
    struct checkpoint back;
    struct note_key *k = NULL;
    struct note_verifier *v = NULL;

    ck_assert_int_eq(note_key_generate("example.com/SJ01", &k, NULL), ERR_OK);
    v = verifier_of(k);
    ck_assert_int_eq(checkpoint_sign(&c, k, &text, NULL), ERR_OK);
    ck_assert_int_eq(checkpoint_open(text.data, text.len, v, &back, NULL), ERR_OK);
    ck_assert_str_eq(back.origin, c.origin);
    ck_assert_uint_eq(back.size, c.size);
    ck_assert(hash_equal(&back.root, &c.root));
    ck_assert_uint_eq(back.extension_len, 2);
    ck_assert_int_eq(checkpoint_open(text.data, text.len, log_key, &back, NULL), ERR_NOT_FOUND);
    c.size = UINT64_MAX;
    ck_assert_int_eq(checkpoint_sign(&c, k, &text, NULL), ERR_RANGE);
    note_key_free(k);
    note_verifier_free(v);
}
END_TEST

START_TEST(checkpoint_of_another_log_is_neither_signed_nor_opened)
{
    struct checkpoint c = {"example.com/SJ02", 0, {{0}}, NULL, 0};
    struct checkpoint back;
    struct note_key *k = NULL;
    struct note_verifier *v = NULL;
    struct buf plain;

    buf_init(&plain, 4096);
    ck_assert_int_eq(note_key_generate("example.com/SJ01", &k, NULL), ERR_OK);
    v = verifier_of(k);
    ck_assert_int_eq(checkpoint_sign(&c, k, &text, NULL), ERR_RANGE);
    ck_assert_uint_eq(text.len, 0);
    ck_assert_int_eq(checkpoint_write(&c, &plain, NULL), ERR_OK);
    ck_assert_int_eq(note_sign(plain.data, plain.len, k, &text, NULL), ERR_OK);
    ck_assert_int_eq(checkpoint_open(text.data, text.len, v, &back, NULL), ERR_TAMPERED);
    /* A note that is well signed and no checkpoint. */
    buf_clear(&text);
    ck_assert_int_eq(note_sign("hello\n", 6, k, &text, NULL), ERR_OK);
    ck_assert_int_eq(checkpoint_open(text.data, text.len, v, &back, NULL), ERR_PARSE);
    note_key_free(k);
    note_verifier_free(v);
    buf_release(&plain);
}
END_TEST

Suite *suite_checkpoint(void)
{
    Suite *s = suite_create("checkpoint");
    TCase *t = tcase_create("checkpoint");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, checkpoints_of_tessera_open_and_have_the_roots_of_its_tiles);
    tcase_add_test(t, newest_checkpoint_of_tessera_is_the_last_one);
    tcase_add_test(t, entries_of_tessera_hash_to_its_leaves);
    tcase_add_test(t, checkpoints_of_tessera_are_consistent_with_each_other);
    tcase_add_test(t, checkpoint_with_any_byte_changed_does_not_open);
    tcase_add_test(t, published_text_is_parsed_and_written_the_same);
    tcase_add_test(t, extension_lines_are_kept);
    tcase_add_test(t, texts_of_other_forms_are_refused);
    tcase_add_test(t, sizes_go_up_to_what_a_database_holds);
    tcase_add_test(t, origin_has_a_largest_length);
    tcase_add_test(t, extension_lines_that_are_none_are_not_written);
    tcase_add_test(t, signed_checkpoint_opens);
    tcase_add_test(t, checkpoint_of_another_log_is_neither_signed_nor_opened);
    suite_add_tcase(s, t);
    return s;
}
