#include <config.h>

#include "crypto/hash.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_crypto.h"

/* Vectors: NIST, "Secure Hash Standard" examples (FIPS 180-4). */
START_TEST(sha256_matches_the_standard)
{
    static const struct {
        const char *data;
        const char *hex;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    struct hash h;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sha256(cases[i].data, strlen(cases[i].data), &h);
        assert_hash_hex(&h, cases[i].hex);
    }
}
END_TEST

START_TEST(sha256_takes_a_million_bytes)
{
    char *a = malloc(1000000);
    struct hash h;

    ck_assert_ptr_nonnull(a);
    memset(a, 'a', 1000000);
    sha256(a, 1000000, &h);
    assert_hash_hex(&h, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(a);
}
END_TEST

START_TEST(sha256_takes_no_data_without_pointer)
{
    struct hash h;

    sha256(NULL, 0, &h);
    assert_hash_hex(&h, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(sha256_2_is_the_hash_of_both_joined)
{
    static const char text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    size_t len = strlen(text);
    struct hash whole;
    struct hash h;

    sha256(text, len, &whole);
    for (size_t cut = 0; cut <= len; cut++) {
        sha256_2(text, cut, text + cut, len - cut, &h);
        ck_assert(hash_equal(&h, &whole));
    }
}
END_TEST

START_TEST(hasher_gives_the_hash_of_all_pieces)
{
    static const size_t pieces[] = {1, 63, 64, 65, 1000, 0, 4096};
    uint8_t data[8192];
    struct hasher *h = NULL;
    struct hash whole;
    struct hash got;

    for (size_t i = 0; i < sizeof(data); i++) {
        data[i] = (uint8_t)(i * 31 + i / 256);
    }
    sha256(data, sizeof(data), &whole);
    for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
        size_t at = 0;

        h = hasher_new();
        ck_assert_ptr_nonnull(h);
        while (pieces[p] > 0 && at + pieces[p] < sizeof(data)) {
            hasher_add(h, data + at, pieces[p]);
            at += pieces[p];
        }
        hasher_add(h, data + at, sizeof(data) - at);
        hasher_end(h, &got);
        ck_assert(hash_equal(&got, &whole));
    }
    h = hasher_new();
    ck_assert_ptr_nonnull(h);
    hasher_end(h, &got);
    assert_hash_hex(&got, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

static enum err_code step_hasher(struct err *e)
{
    struct hasher *h = hasher_new();

    hasher_end(h, NULL); /* given up: nothing is told, nothing is left */
    return h != NULL ? ERR_OK : err_nomem(e);
}

START_TEST(hasher_without_memory_is_none)
{
    struct hash h;

    sha256("", 0, &h);
    walk_faults(step_hasher);
    h.b[0] ^= 1;
    hasher_end(NULL, &h);
    assert_hash_hex(&h, "e2b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(hash_equal_sees_every_bit)
{
    struct hash a;
    struct hash b;

    sha256("x", 1, &a);
    b = a;
    ck_assert(hash_equal(&a, &b));
    for (size_t bit = 0; bit < HASH_SIZE * 8; bit++) {
        b = a;
        b.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert(!hash_equal(&a, &b));
    }
}
END_TEST

START_TEST(hash_hex_is_lower_case_and_ended)
{
    struct hash h;
    char text[65];

    for (size_t i = 0; i < HASH_SIZE; i++) {
        h.b[i] = (uint8_t)(i * 8 + 7);
    }
    memset(text, '!', sizeof(text));
    hash_hex(&h, text);
    ck_assert_str_eq(text, "070f171f272f373f474f575f676f777f878f979fa7afb7bfc7cfd7dfe7eff7ff");
}
END_TEST

START_TEST(secure_wipe_leaves_zeros)
{
    uint8_t secret[33];
    uint8_t after[33] = {0};

    memset(secret, 0xa5, sizeof(secret));
    after[32] = 0xa5;
    secure_wipe(secret, 32);
    ck_assert_mem_eq(secret, after, sizeof(secret));
    secure_wipe(secret, 0);
    secure_wipe(NULL, 0);
    ck_assert_mem_eq(secret, after, sizeof(secret));
}
END_TEST

START_TEST(commitment_is_salt_then_value)
{
    uint8_t salt[SALT_SIZE];
    uint8_t joined[SALT_SIZE + 5];
    struct hash expected;
    struct hash c;

    memset(salt, 7, sizeof(salt));
    memcpy(joined, salt, SALT_SIZE);
    memcpy(joined + SALT_SIZE, "value", 5);
    sha256(joined, sizeof(joined), &expected);
    commitment(salt, "value", 5, &c);
    ck_assert(hash_equal(&c, &expected));
    salt[SALT_SIZE - 1] ^= 1;
    commitment(salt, "value", 5, &c);
    ck_assert(!hash_equal(&c, &expected));
}
END_TEST

static void *hash_many(void *arg)
{
    struct hash *h = arg;

    for (unsigned i = 0; i < 2000; i++) {
        sha256_2(h->b, HASH_SIZE, &i, sizeof(i), h);
    }
    return NULL;
}

START_TEST(sha256_is_the_same_in_every_thread)
{
    struct hash expected = {{0}};
    struct hash h[4] = {{{0}}};
    pthread_t thread[4];

    (void)hash_many(&expected);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_create(&thread[i], NULL, hash_many, &h[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
        ck_assert(hash_equal(&h[i], &expected));
    }
}
END_TEST

Suite *suite_hash(void)
{
    Suite *s = suite_create("hash");
    TCase *t = tcase_create("hash");

    tcase_add_test(t, sha256_matches_the_standard);
    tcase_add_test(t, sha256_takes_a_million_bytes);
    tcase_add_test(t, sha256_takes_no_data_without_pointer);
    tcase_add_test(t, sha256_2_is_the_hash_of_both_joined);
    tcase_add_test(t, hasher_gives_the_hash_of_all_pieces);
    tcase_add_test(t, hasher_without_memory_is_none);
    tcase_add_test(t, hash_equal_sees_every_bit);
    tcase_add_test(t, hash_hex_is_lower_case_and_ended);
    tcase_add_test(t, secure_wipe_leaves_zeros);
    tcase_add_test(t, commitment_is_salt_then_value);
    tcase_add_test(t, sha256_is_the_same_in_every_thread);
    suite_add_tcase(s, t);
    return s;
}
