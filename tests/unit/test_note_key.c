#include <config.h>

#include "crypto/note.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_crypto.h"
#include "tests/unit/note_samples.h"

struct note_key *load_peter(void)
{
    uint8_t der[64];
    struct note_key *k = NULL;

    ck_assert_int_eq(
        note_key_load("PeterNeumann", der, unhex(peter_pkcs8, der, sizeof(der)), &k, NULL),
        ERR_OK);
    return k;
}

static enum err_code try_vkey(const char *vkey)
{
    struct note_verifier *v = NULL;
    struct err e = ERR_INIT;
    enum err_code rc = note_verifier_parse(vkey, &v, &e);

    ck_assert((rc == ERR_OK) == (v != NULL));
    ck_assert_int_eq(rc, e.code);
    note_verifier_free(v);
    return rc;
}

static enum err_code try_load(const uint8_t *der, size_t len)
{
    struct note_key *k = NULL;
    struct err e = ERR_INIT;
    enum err_code rc = note_key_load("n", der, len, &k, &e);

    ck_assert((rc == ERR_OK) == (k != NULL));
    ck_assert_int_eq(rc, e.code);
    note_key_free(k);
    return rc;
}

START_TEST(mangled_verifier_keys_are_refused)
{
    static const char vkey[] = PETER;
    char copy[sizeof(vkey)];
    size_t len = strlen(vkey);

    for (size_t from = 0; from < len; from++) {
        for (size_t to = from + 1; to <= len; to++) {
            memcpy(copy, vkey + from, to - from);
            copy[to - from] = '\0';
            ck_assert_int_eq(try_vkey(copy), to - from == len ? ERR_OK : ERR_PARSE);
        }
    }
    for (size_t at = 0; at < len; at++) {
        memcpy(copy, vkey, sizeof(vkey));
        copy[at]++;
        ck_assert_int_ne(try_vkey(copy), ERR_OK);
    }
}
END_TEST

START_TEST(verifier_keys_of_other_kinds_are_refused)
{
    char *longest = malloc(5000);

    ck_assert_ptr_nonnull(longest);
    ck_assert_int_eq(try_vkey(""), ERR_PARSE);
    ck_assert_int_eq(try_vkey("++"), ERR_PARSE);
    ck_assert_int_eq(try_vkey("PeterNeumann+c74f20a3+"), ERR_PARSE);
    ck_assert_int_eq(try_vkey("PeterNeumann+c74f20a3+AQ=="), ERR_PARSE);
    ck_assert_int_eq(try_vkey("PeterNeumann+c74f20a3+BA=="), ERR_PARSE);
    /* Go's: a key of wrong length and one of unknown algorithm, with ids that fit. */
    ck_assert_int_eq(
        try_vkey("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="),
        ERR_PARSE);
    ck_assert_int_eq(
        try_vkey("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADK"),
        ERR_PARSE);
    ck_assert_int_eq(
        try_vkey("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        ERR_UNSUPPORTED);
    ck_assert_int_eq(try_vkey("PeterNeumann+173116ae+AgAAAAAA"), ERR_PARSE);
    memset(longest, 'A', 5000);
    longest[4999] = '\0';
    memcpy(longest, "PeterNeumann+173116ae+", 22);
    ck_assert_int_eq(try_vkey(longest), ERR_PARSE);
    longest[22 + 2048] = '\0';
    ck_assert_int_eq(try_vkey(longest), ERR_UNSUPPORTED);
    free(longest);
}
END_TEST

START_TEST(names_are_checked)
{
    static const char *const bad[] = {"",
                                      "a b",
                                      "a+b",
                                      "a\nb",
                                      "a\tb",
                                      "\xff",
                                      "a\xc2\x85",
                                      "a\xc2\xa0",
                                      "\xe1\x9a\x80",
                                      "\xe2\x80\x80",
                                      "\xe2\x80\x8a",
                                      "\xe2\x80\xa8",
                                      "\xe2\x80\xa9",
                                      "\xe2\x80\xaf",
                                      "\xe2\x81\x9f",
                                      "\xe3\x80\x80"};
    static const char *const good[] = {"example.com/aforo/SJ01",
                                       ("Oficina-Se\xc3\xb1"
                                        "al"),
                                       "\xe2\x80\x8b", "\xe1\x9a\x81", "x"};
    struct note_key *k = NULL;
    uint8_t der[64];
    size_t len = unhex(peter_pkcs8, der, sizeof(der));
    char longest[NOTE_NAME_MAX + 2];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(note_key_load(bad[i], der, len, &k, NULL) == ERR_RANGE, "row %zu", i);
        ck_assert_int_eq(note_key_generate(bad[i], &k, NULL), ERR_RANGE);
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ck_assert_msg(note_key_load(good[i], der, len, &k, NULL) == ERR_OK, "row %zu", i);
        note_key_free(k);
    }
    memset(longest, 'n', sizeof(longest));
    longest[NOTE_NAME_MAX + 1] = '\0';
    ck_assert_int_eq(note_key_load(longest, der, len, &k, NULL), ERR_RANGE);
    longest[NOTE_NAME_MAX] = '\0';
    ck_assert_int_eq(note_key_load(longest, der, len, &k, NULL), ERR_OK);
    note_key_free(k);
}
END_TEST

START_TEST(generated_key_signs_after_saving_and_loading)
{
    struct note_key *k = NULL;
    struct note_key *again = NULL;
    struct note_verifier *v = NULL;
    const struct note_verifier *known[1];
    struct note_verified verified;
    struct buf der;
    struct buf out;

    buf_init(&der, 4096);
    buf_init(&out, 4096);
    ck_assert_int_eq(note_key_generate("example.com/log", &k, NULL), ERR_OK);
    ck_assert_int_eq(note_key_public(k, &out, NULL), ERR_OK);
    ck_assert_int_eq(note_verifier_parse(out.data, &v, NULL), ERR_OK);
    known[0] = v;
    ck_assert_int_eq(sign_key_save(note_key_signer(k), &der, NULL), ERR_OK);
    ck_assert_int_eq(note_key_load("example.com/log", der.data, der.len, &again, NULL), ERR_OK);
    buf_clear(&out);
    ck_assert_int_eq(note_sign("t\n", 2, again, &out, NULL), ERR_OK);
    ck_assert_int_eq(note_verify(out.data, out.len, known, 1, &verified, NULL), ERR_OK);
    note_key_free(again);
    /* Under another name it is another key, although the bytes are the same. */
    ck_assert_int_eq(note_key_load("example.com/other", der.data, der.len, &again, NULL),
                     ERR_OK);
    buf_clear(&out);
    ck_assert_int_eq(note_sign("t\n", 2, again, &out, NULL), ERR_OK);
    ck_assert_int_eq(note_verify(out.data, out.len, known, 1, &verified, NULL), ERR_NOT_FOUND);
    buf_release(&out);
    buf_init(&out, 50);
    ck_assert_int_eq(note_key_public(k, &out, NULL), ERR_LIMIT);
    buf_release(&out);
    buf_wipe(&der);
    note_key_free(k);
    note_key_free(again);
    note_verifier_free(v);
}
END_TEST

START_TEST(private_keys_of_other_kinds_or_truncated_are_refused)
{
    struct sign_key *p256 = NULL;
    struct buf der;
    uint8_t own[65] = {0};
    size_t len = unhex(peter_pkcs8, own, sizeof(own));

    buf_init(&der, 4096);
    ck_assert_int_eq(sign_key_generate(&p256, NULL), ERR_OK);
    ck_assert_int_eq(sign_key_save(p256, &der, NULL), ERR_OK);
    ck_assert_int_eq(try_load((const uint8_t *)der.data, der.len), ERR_UNSUPPORTED);
    for (size_t cut = 0; cut < len; cut++) {
        ck_assert_int_eq(try_load(own, cut), ERR_PARSE);
    }
    ck_assert_int_eq(try_load(own, len + 1), ERR_PARSE);
    ck_assert_int_eq(try_load(own, len), ERR_OK);
    sign_key_free(p256);
    buf_wipe(&der);
}
END_TEST

Suite *suite_note_key(void)
{
    Suite *s = suite_create("note_key");
    TCase *t = tcase_create("note_key");

    tcase_add_test(t, mangled_verifier_keys_are_refused);
    tcase_add_test(t, verifier_keys_of_other_kinds_are_refused);
    tcase_add_test(t, names_are_checked);
    tcase_add_test(t, generated_key_signs_after_saving_and_loading);
    tcase_add_test(t, private_keys_of_other_kinds_or_truncated_are_refused);
    suite_add_tcase(s, t);
    return s;
}
