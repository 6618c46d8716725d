#include <config.h>

#include "crypto/keystore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <argon2.h>

#include "crypto/seal.h"
#include "tests/unit/check_crypto.h"

static const struct kdf_cost cheap = {16, 1, 1};
static const uint8_t secret[32] = {1, 2, 3, 4, 5, 6, 7, 8};
static const char aad[] = "user:7f3a 520828bdeacc2d49";
static struct env_fake fake;
static struct sign_key *key;
static struct buf line;

static void set_up(void)
{
    env_fake_init(&fake, 1795248512123, 42);
    ck_assert_int_eq(sign_key_generate(&key, NULL), ERR_OK);
    buf_init(&line, SEAL_LINE_MAX);
}

static void tear_down(void)
{
    sign_key_free(key);
    buf_wipe(&line);
}

static void seal_with_password(const char *password)
{
    struct err e = ERR_INIT;

    buf_clear(&line);
    ck_assert_msg(key_seal_password(key, password, aad, &cheap, &fake.env, &line, &e) == ERR_OK,
                  "%s", e.text);
}

static void seal_with_secret(void)
{
    struct err e = ERR_INIT;

    buf_clear(&line);
    ck_assert_msg(key_seal_secret(key, secret, aad, &fake.env, &line, &e) == ERR_OK, "%s",
                  e.text);
}

static enum err_code open_password(const char *sealed, const char *password, const char *with)
{
    struct sign_key *k = NULL;
    struct err e = ERR_INIT;
    enum err_code rc = key_open_password(sealed, password, with, &k, &e);

    ck_assert((rc == ERR_OK) == (k != NULL));
    ck_assert((rc == ERR_OK) == (e.text[0] == '\0'));
    ck_assert(rc != ERR_OK || hash_equal(sign_key_id(k), sign_key_id(key)));
    sign_key_free(k);
    return rc;
}

static enum err_code open_secret(const char *sealed, const uint8_t with_secret[32],
                                 const char *with)
{
    struct sign_key *k = NULL;
    struct err e = ERR_INIT;
    enum err_code rc = key_open_secret(sealed, with_secret, with, &k, &e);

    ck_assert((rc == ERR_OK) == (k != NULL));
    ck_assert((rc == ERR_OK) == (e.text[0] == '\0'));
    ck_assert(rc != ERR_OK || hash_equal(sign_key_id(k), sign_key_id(key)));
    sign_key_free(k);
    return rc;
}

START_TEST(default_cost_is_the_one_decided)
{
    ck_assert_uint_eq(kdf_cost_default.memory_kib, 65536);
    ck_assert_uint_eq(kdf_cost_default.passes, 3);
    ck_assert_uint_eq(kdf_cost_default.lanes, 4);
    ck_assert_int_eq(
        key_seal_password(key, "correct", aad, &kdf_cost_default, &fake.env, &line, NULL),
        ERR_OK);
    ck_assert_ptr_nonnull(strstr(line.data, "$m=65536,t=3,p=4$"));
    ck_assert_int_eq(open_password(line.data, "correct", aad), ERR_OK);
    ck_assert_int_eq(open_password(line.data, "Correct", aad), ERR_DENIED);
}
END_TEST

START_TEST(password_opens_what_it_sealed)
{
    static const char *const passwords[] = {"a", "contraseña de María", "",
                                            " spaces at both ends "};

    for (size_t i = 0; i < sizeof(passwords) / sizeof(passwords[0]); i++) {
        seal_with_password(passwords[i]);
        ck_assert_int_eq(open_password(line.data, passwords[i], aad), ERR_OK);
    }
}
END_TEST

START_TEST(line_has_the_form_of_the_header)
{
    seal_with_password("p");
    ck_assert_int_eq(strncmp(line.data, "aforo-seal-v1$argon2id$m=16,t=1,p=1$", 36), 0);
    seal_with_secret();
    ck_assert_int_eq(strncmp(line.data, "aforo-seal-v1$raw$", 18), 0);
    ck_assert_ptr_null(strpbrk(line.data, " \n\t"));
}
END_TEST

START_TEST(wrong_password_is_denied)
{
    static const char *const wrong[] = {"", "secre", "Secret", "secret ", "secrets"};

    seal_with_password("secret");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ck_assert_int_eq(open_password(line.data, wrong[i], aad), ERR_DENIED);
    }
}
END_TEST

START_TEST(password_has_a_largest_length)
{
    char longest[1026];
    struct kdf_cost cost = cheap;

    memset(longest, 'x', sizeof(longest));
    longest[1025] = '\0';
    ck_assert_int_eq(key_seal_password(key, longest, aad, &cost, &fake.env, &line, NULL),
                     ERR_RANGE);
    ck_assert_uint_eq(line.len, 0);
    seal_with_password("");
    ck_assert_int_eq(open_password(line.data, longest, aad), ERR_DENIED);
    longest[1024] = '\0';
    seal_with_password(longest);
    ck_assert_int_eq(open_password(line.data, longest, aad), ERR_OK);
}
END_TEST

START_TEST(other_user_or_key_id_is_denied)
{
    static const char *const others[] = {"", "user:7f3a 520828bdeacc2d4",
                                         "user:7f3b 520828bdeacc2d49",
                                         "user:7f3a 520828bdeacc2d49 "};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        seal_with_password("secret");
        ck_assert_int_eq(open_password(line.data, "secret", others[i]), ERR_DENIED);
        seal_with_secret();
        ck_assert_int_eq(open_secret(line.data, secret, others[i]), ERR_DENIED);
    }
}
END_TEST

START_TEST(secret_opens_what_it_sealed_and_no_other_does)
{
    uint8_t other[32];

    seal_with_secret();
    ck_assert_int_eq(open_secret(line.data, secret, aad), ERR_OK);
    for (size_t at = 0; at < sizeof(other); at++) {
        memcpy(other, secret, sizeof(other));
        other[at] ^= 0x80;
        ck_assert_int_eq(open_secret(line.data, other, aad), ERR_DENIED);
    }
}
END_TEST

START_TEST(each_kind_of_line_opens_its_own_way_only)
{
    seal_with_password("secret");
    ck_assert_int_eq(open_secret(line.data, secret, aad), ERR_PARSE);
    seal_with_secret();
    ck_assert_int_eq(open_password(line.data, "secret", aad), ERR_PARSE);
}
END_TEST

START_TEST(two_seals_of_a_key_share_no_salt_or_nonce)
{
    struct seal_parts a;
    struct seal_parts b;

    seal_with_password("secret");
    ck_assert_int_eq(seal_parse(line.data, &a, NULL), ERR_OK);
    seal_with_password("secret");
    ck_assert_int_eq(seal_parse(line.data, &b, NULL), ERR_OK);
    ck_assert_mem_ne(a.salt, b.salt, SEAL_SALT_SIZE);
    ck_assert_mem_ne(a.nonce, b.nonce, SEAL_NONCE_SIZE);
}
END_TEST

/* Any other byte in any place; what still parses must not open. */
static void assert_each_byte_matters(enum err_code (*open_line)(const char *changed))
{
    char *copy = strdup(line.data);
    size_t len = line.len;

    ck_assert_ptr_nonnull(copy);
    ck_assert_int_eq(open_line(copy), ERR_OK);
    for (size_t at = 0; at < len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            enum err_code rc = ERR_OK;

            copy[at] = (char)(line.data[at] ^ (1 << bit));
            rc = open_line(copy);
            ck_assert_msg(rc == ERR_DENIED || rc == ERR_PARSE || rc == ERR_LIMIT ||
                              rc == ERR_RANGE,
                          "byte %zu bit %u: %s in %s", at, bit, err_code_name(rc), copy);
            copy[at] = line.data[at];
        }
        copy[at] = '\0'; /* truncated here */
        ck_assert_int_ne(open_line(copy), ERR_OK);
        copy[at] = line.data[at];
    }
    free(copy);
}

static enum err_code open_line_secret(const char *changed)
{
    return open_secret(changed, secret, aad);
}

/* A damaged line costs the work of the default each time, by design; here only the seal itself
 * is looked at. */
static enum err_code open_line_password(const char *changed)
{
    struct seal_parts p;
    enum err_code rc = seal_parse(changed, &p, NULL);

    return rc == ERR_OK ? open_password(changed, "secret", aad) : rc;
}

START_TEST(line_under_a_secret_with_any_byte_changed_does_not_open)
{
    seal_with_secret();
    assert_each_byte_matters(open_line_secret);
}
END_TEST

START_TEST(line_under_a_password_with_any_byte_changed_does_not_open)
{
    seal_with_password("secret");
    assert_each_byte_matters(open_line_password);
}
END_TEST

START_TEST(damaged_line_is_said_to_be_damaged_through_the_whole_way)
{
    seal_with_password("secret");
    line.data[line.len - 1] = '\0';
    ck_assert_int_eq(open_password(line.data, "secret", aad), ERR_PARSE);
}
END_TEST

START_TEST(argon2_without_memory_or_threads_is_an_error)
{
    seal_with_password("p");
    argon2_answers(ARGON2_MEMORY_ALLOCATION_ERROR);
    ck_assert_int_eq(open_password(line.data, "p", aad), ERR_NOMEM);
    key_open_dummy("p");
    argon2_answers(ARGON2_THREAD_FAIL);
    ck_assert_int_eq(open_password(line.data, "p", aad), ERR_CRYPTO);
    buf_clear(&line);
    ck_assert_int_eq(key_seal_password(key, "p", aad, &cheap, &fake.env, &line, NULL),
                     ERR_CRYPTO);
    ck_assert_uint_eq(line.len, 0);
    argon2_answers(ARGON2_OK);
    seal_with_password("p");
    ck_assert_int_eq(open_password(line.data, "p", aad), ERR_OK);
}
END_TEST

START_TEST(associated_data_has_a_largest_length)
{
    char *data = malloc(SEAL_LINE_MAX + 2);

    ck_assert_ptr_nonnull(data);
    memset(data, 'a', SEAL_LINE_MAX + 1);
    data[SEAL_LINE_MAX + 1] = '\0';
    ck_assert_int_eq(key_seal_secret(key, secret, data, &fake.env, &line, NULL), ERR_RANGE);
    seal_with_secret();
    ck_assert_int_eq(open_secret(line.data, secret, data), ERR_DENIED);
    buf_clear(&line);
    data[SEAL_LINE_MAX] = '\0';
    ck_assert_int_eq(key_seal_secret(key, secret, data, &fake.env, &line, NULL), ERR_OK);
    ck_assert_int_eq(open_secret(line.data, secret, data), ERR_OK);
    free(data);
}
END_TEST

START_TEST(sealed_bytes_that_are_no_key_do_not_open_as_one)
{
    ck_assert_int_eq(seal_secret("not a key", 9, secret, aad, &fake.env, &line, NULL), ERR_OK);
    ck_assert_int_eq(open_secret(line.data, secret, aad), ERR_PARSE);
    buf_clear(&line);
    ck_assert_int_eq(
        seal_password("not a key", 9, "secret", aad, &cheap, &fake.env, &line, NULL), ERR_OK);
    ck_assert_int_eq(open_password(line.data, "secret", aad), ERR_PARSE);
}
END_TEST

START_TEST(result_larger_than_the_buffer_is_an_error)
{
    struct buf small;

    buf_init(&small, 100);
    ck_assert_int_eq(key_seal_password(key, "p", aad, &cheap, &fake.env, &small, NULL),
                     ERR_LIMIT);
    buf_clear(&small);
    ck_assert_int_eq(key_seal_secret(key, secret, aad, &fake.env, &small, NULL), ERR_LIMIT);
    buf_clear(&small);
    seal_with_secret();
    ck_assert_int_eq(unseal_secret(line.data, secret, aad, &small, NULL), ERR_LIMIT);
    buf_wipe(&small);
}
END_TEST

struct dry {
    unsigned left; /* calls of random that succeed */
};

static enum err_code dry_random(void *ctx, void *out, size_t len_bytes, struct err *e)
{
    struct dry *d = ctx;

    memset(out, 0, len_bytes);
    if (d->left == 0) {
        return err_set(e, ERR_IO, "no randomness");
    }
    d->left--;
    return ERR_OK;
}

START_TEST(without_randomness_nothing_is_sealed)
{
    struct dry dry = {0};
    struct env env = fake.env;

    env.ctx = &dry;
    env.random = dry_random;
    ck_assert_int_eq(key_seal_password(key, "p", aad, &cheap, &env, &line, NULL), ERR_IO);
    dry.left = 1; /* the salt, not the nonce */
    ck_assert_int_eq(key_seal_password(key, "p", aad, &cheap, &env, &line, NULL), ERR_IO);
    ck_assert_int_eq(key_seal_secret(key, secret, aad, &env, &line, NULL), ERR_IO);
    ck_assert_uint_eq(line.len, 0);
}
END_TEST

START_TEST(cost_beyond_the_limits_seals_nothing)
{
    static const struct kdf_cost wrong = {4, 1, 1};

    ck_assert_int_eq(key_seal_password(key, "p", aad, &wrong, &fake.env, &line, NULL),
                     ERR_RANGE);
    ck_assert_uint_eq(line.len, 0);
}
END_TEST

static int64_t time_of(void (*f)(void))
{
    int64_t start = env_boot_ms(&env_system);

    f();
    return env_boot_ms(&env_system) - start;
}

static void open_with_wrong_password(void)
{
    ck_assert_int_eq(open_password(line.data, "wrong", aad), ERR_DENIED);
}

static void open_for_nobody(void)
{
    key_open_dummy("wrong");
}

static void open_damaged(void)
{
    ck_assert_int_eq(open_password("damaged", "wrong", aad), ERR_PARSE);
}

static void open_with_endless_password(void)
{
    char *longest = calloc(1, 3000);

    ck_assert_ptr_nonnull(longest);
    memset(longest, 'x', 2999);
    ck_assert_int_eq(open_password(line.data, longest, aad), ERR_DENIED);
    free(longest);
}

/* The other ways to fail must not be faster; a factor of three separates them from a machine's
 * noise, and skipping the work would be a factor of a hundred or more. */
START_TEST(every_way_to_fail_does_the_work)
{
    int64_t wrong_ms = 0;

    ck_assert_int_eq(
        key_seal_password(key, "secret", aad, &kdf_cost_default, &fake.env, &line, NULL),
        ERR_OK);
    wrong_ms = time_of(open_with_wrong_password);
    ck_assert_int_gt(wrong_ms, 10);
    ck_assert_int_gt(time_of(open_for_nobody) * 3, wrong_ms);
    ck_assert_int_gt(time_of(open_damaged) * 3, wrong_ms);
    ck_assert_int_gt(time_of(open_with_endless_password) * 3, wrong_ms);
}
END_TEST

static enum err_code step_seal_key(struct err *e)
{
    struct buf out;
    enum err_code rc = ERR_OK;

    buf_init(&out, SEAL_LINE_MAX);
    rc = key_seal_password(key, "p", aad, &cheap, &fake.env, &out, e);
    buf_wipe(&out);
    return rc;
}

static enum err_code step_open_key(struct err *e)
{
    struct sign_key *k = NULL;
    enum err_code rc = key_open_password(line.data, "p", aad, &k, e);

    sign_key_free(k);
    return rc;
}

START_TEST(running_out_of_memory_anywhere_seals_and_opens_nothing)
{
    struct hash h;

    sha256("", 0, &h);
    walk_faults(step_seal_key);
    seal_with_password("p");
    walk_faults(step_open_key);
}
END_TEST

Suite *suite_keystore(void)
{
    Suite *s = suite_create("keystore");
    TCase *t = tcase_create("keystore");

    tcase_set_timeout(t, 300);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, default_cost_is_the_one_decided);
    tcase_add_test(t, password_opens_what_it_sealed);
    tcase_add_test(t, line_has_the_form_of_the_header);
    tcase_add_test(t, wrong_password_is_denied);
    tcase_add_test(t, password_has_a_largest_length);
    tcase_add_test(t, other_user_or_key_id_is_denied);
    tcase_add_test(t, secret_opens_what_it_sealed_and_no_other_does);
    tcase_add_test(t, each_kind_of_line_opens_its_own_way_only);
    tcase_add_test(t, two_seals_of_a_key_share_no_salt_or_nonce);
    tcase_add_test(t, line_under_a_secret_with_any_byte_changed_does_not_open);
    tcase_add_test(t, line_under_a_password_with_any_byte_changed_does_not_open);
    tcase_add_test(t, damaged_line_is_said_to_be_damaged_through_the_whole_way);
    tcase_add_test(t, argon2_without_memory_or_threads_is_an_error);
    tcase_add_test(t, associated_data_has_a_largest_length);
    tcase_add_test(t, sealed_bytes_that_are_no_key_do_not_open_as_one);
    tcase_add_test(t, result_larger_than_the_buffer_is_an_error);
    tcase_add_test(t, without_randomness_nothing_is_sealed);
    tcase_add_test(t, cost_beyond_the_limits_seals_nothing);
    tcase_add_test(t, every_way_to_fail_does_the_work);
    tcase_add_test(t, running_out_of_memory_anywhere_seals_and_opens_nothing);
    suite_add_tcase(s, t);
    return s;
}
