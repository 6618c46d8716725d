#include <config.h>

#include "crypto/seal.h"

#include <stdlib.h>
#include <string.h>

#include <argon2.h>

#include "tests/unit/check_crypto.h"

static const struct kdf_cost cheap = {16, 1, 1};
static const uint8_t secret[32] = {1, 2, 3, 4, 5, 6, 7, 8};
static const char aad[] = "user:7f3a";
static struct env_fake fake;
static struct buf line;

static void set_up(void)
{
    env_fake_init(&fake, 1795248512123, 42);
    buf_init(&line, SEAL_LINE_MAX);
}

static void tear_down(void)
{
    buf_wipe(&line);
}

/* Pieces of a line: salt of 16 bytes, nonce of 12, sealed of 17 (one byte and a tag). */
#define SALT "AAAAAAAAAAAAAAAAAAAAAA=="
#define NONCE "AAAAAAAAAAAAAAAA"
#define BODY "AAAAAAAAAAAAAAAAAAAAAAA="

/* RFC 9106 section 5.3: the library linked here computes argon2id as the RFC does (secret and
 * data are not of our interface, so this vector goes past it). */
START_TEST(argon2id_is_that_of_rfc_9106)
{
    static const char tag[] =
        "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659";
    uint8_t password[32];
    uint8_t salt[16];
    uint8_t pepper[8];
    uint8_t data[12];
    struct hash out;
    argon2_context c = {0};

    memset(password, 1, sizeof(password));
    memset(salt, 2, sizeof(salt));
    memset(pepper, 3, sizeof(pepper));
    memset(data, 4, sizeof(data));
    c.out = out.b;
    c.outlen = HASH_SIZE;
    c.pwd = password;
    c.pwdlen = sizeof(password);
    c.salt = salt;
    c.saltlen = sizeof(salt);
    c.secret = pepper;
    c.secretlen = sizeof(pepper);
    c.ad = data;
    c.adlen = sizeof(data);
    c.t_cost = 3;
    c.m_cost = 32;
    c.lanes = 4;
    c.threads = 4;
    c.version = ARGON2_VERSION_13;
    ck_assert_int_eq(argon2id_ctx(&c), ARGON2_OK);
    assert_hash_hex(&out, tag);
}
END_TEST

/* Vectors of the reference implementation (phc-winner-argon2, src/test.c): passes, KiB, lanes,
 * password, salt. */
START_TEST(derived_keys_match_the_reference_implementation)
{
    static const struct {
        struct kdf_cost cost;
        const char *password;
        const char *salt;
        const char *hex;
    } cases[] = {
        {{65536, 2, 1},
         "password",
         "somesalt",
         "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"},
        {{256, 2, 1},
         "password",
         "somesalt",
         "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"},
        {{256, 2, 2},
         "password",
         "somesalt",
         "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"},
    };
    struct hash h;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_int_eq(seal_derive(cases[i].password, cases[i].salt, strlen(cases[i].salt),
                                     &cases[i].cost, h.b, NULL),
                         ERR_OK);
        assert_hash_hex(&h, cases[i].hex);
    }
}
END_TEST

START_TEST(lines_of_other_forms_are_refused)
{
    static const char *const bad[] = {
        "",
        "$",
        "aforo-seal-v2$raw$" NONCE "$" BODY,
        "aforo-seal-v1$RAW$" NONCE "$" BODY,
        "aforo-seal-v1$raw$$" BODY,
        "aforo-seal-v1$raw$" NONCE "$",
        "aforo-seal-v1$raw$" NONCE,
        "aforo-seal-v1$raw$AAAAAAAAAAAAAAA=$" BODY,             /* nonce of 11 bytes */
        "aforo-seal-v1$raw$AAAAAAAAAAAAAAAAAA==$" BODY,         /* of 13 */
        "aforo-seal-v1$raw$" NONCE "$AAAAAAAAAAAAAAAAAAAAAA==", /* a tag and nothing else */
        "aforo-seal-v1$raw$" NONCE "$" BODY "$",                /* one more field */
        "aforo-seal-v1$raw$" NONCE "$" BODY "\n",               /* more after the end */
        "aforo-seal-v1$raw$" NONCE "$AAAAAAAAAAAAAAAAAAAAAAB=", /* bits behind the last byte */
        "aforo-seal-v1$raw$" NONCE "$AAAAAAAAAAAAAAAAAAAAAAA",  /* no padding */
        "aforo-seal-v1$argon2id$m=,t=1,p=1$" SALT "$" NONCE "$" BODY,
        "aforo-seal-v1$argon2id$m=016,t=1,p=1$" SALT "$" NONCE "$" BODY,
        "aforo-seal-v1$argon2id$m=+16,t=1,p=1$" SALT "$" NONCE "$" BODY,
        "aforo-seal-v1$argon2id$m=1600000000,t=1,p=1$" SALT "$" NONCE "$" BODY, /* 10 digits */
        "aforo-seal-v1$argon2id$m=16 ,t=1,p=1$" SALT "$" NONCE "$" BODY,
        "aforo-seal-v1$argon2id$m=16,t=0,p=1$" SALT "$" NONCE "$" BODY,
        "aforo-seal-v1$argon2id$m=16,p=1,t=1$" SALT "$" NONCE "$" BODY,
        "aforo-seal-v1$argon2id$m=16,t=1,p=$" SALT "$" NONCE "$" BODY,
        "aforo-seal-v1$argon2id$m=16,t=1,p=1" SALT "$" NONCE "$" BODY,
        "aforo-seal-v1$argon2id$m=16,t=1,p=1$AAAAAAAAAAAAAAAAAAAA$" NONCE
        "$" BODY, /* salt of 15 bytes */
        "aforo-seal-v1$argon2id$m=16,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAAA=$" NONCE
        "$" BODY, /* of 17 */
        "aforo-seal-v1$argon2id$m=16,t=1,p=1$" NONCE "$" BODY,
    };
    struct seal_parts p;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct err e = ERR_INIT;

        ck_assert_msg(seal_parse(bad[i], &p, &e) == ERR_PARSE, "%s", bad[i]);
        ck_assert_ptr_nonnull(strstr(e.text, "damaged"));
    }
    ck_assert_int_eq(seal_parse("aforo-seal-v1$raw$" NONCE "$" BODY, &p, NULL), ERR_OK);
    ck_assert_uint_eq(p.sealed_len, 17);
    ck_assert_uint_eq(p.head_len, 35);
    ck_assert_int_eq(
        seal_parse("aforo-seal-v1$argon2id$m=16,t=1,p=1$" SALT "$" NONCE "$" BODY, &p, NULL),
        ERR_OK);
    ck_assert(p.by_password && p.cost.memory_kib == 16 && p.cost.passes == 1 &&
              p.cost.lanes == 1);
}
END_TEST

START_TEST(line_larger_than_any_seal_is_refused)
{
    struct seal_parts p;
    char *longest = malloc(SEAL_LINE_MAX + 2);

    ck_assert_ptr_nonnull(longest);
    memset(longest, 'A', SEAL_LINE_MAX + 1);
    longest[SEAL_LINE_MAX + 1] = '\0';
    memcpy(longest, "aforo-seal-v1$raw$" NONCE "$", 35);
    ck_assert_int_eq(seal_parse(longest, &p, NULL), ERR_PARSE);
    longest[SEAL_LINE_MAX] = '\0';
    ck_assert_int_eq(seal_parse(longest, &p, NULL),
                     ERR_PARSE); /* the sealed bytes are too many */
    free(longest);
}
END_TEST

START_TEST(costs_have_limits)
{
    static const struct {
        struct kdf_cost cost;
        enum err_code rc;
    } cases[] = {
        {{8, 1, 1}, ERR_OK},
        {{7, 1, 1}, ERR_RANGE},
        {{15, 1, 2}, ERR_RANGE},
        {{16, 1, 2}, ERR_OK},
        {{8, 0, 1}, ERR_RANGE},
        {{8, 1, 0}, ERR_RANGE},
        {{128, 1, 16}, ERR_OK},
        {{136, 1, 17}, ERR_RANGE},
        {{8, 16, 1}, ERR_OK},
        {{8, 17, 1}, ERR_LIMIT},
        {{2097153, 1, 1}, ERR_LIMIT},
        {{1048576, 5, 1}, ERR_LIMIT},
        {{UINT32_MAX, UINT32_MAX, 16}, ERR_LIMIT},
    };
    uint8_t k[32];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_msg(seal_derive("p", "somesalt", 8, &cases[i].cost, k, NULL) == cases[i].rc,
                      "row %zu", i);
    }
}
END_TEST

START_TEST(line_that_asks_too_much_is_refused_before_the_work)
{
    struct seal_parts p;

    ck_assert_int_eq(seal_parse("aforo-seal-v1$argon2id$m=4194304,t=1,p=1$" SALT "$" NONCE
                                "$" BODY,
                                &p, NULL),
                     ERR_LIMIT);
    ck_assert_int_eq(
        seal_parse("aforo-seal-v1$argon2id$m=7,t=1,p=1$" SALT "$" NONCE "$" BODY, &p, NULL),
        ERR_RANGE);
    ck_assert_int_eq(unseal_password("aforo-seal-v1$argon2id$m=999999999,t=9,p=1$" SALT
                                     "$" NONCE "$" BODY,
                                     "secret", aad, &line, NULL),
                     ERR_LIMIT);
    ck_assert_uint_eq(line.len, 0);
}
END_TEST

START_TEST(short_salt_is_refused_by_argon2_and_said_so)
{
    struct err e = ERR_INIT;
    uint8_t k[32];

    ck_assert_int_eq(seal_derive("p", "salt", 4, &cheap, k, &e), ERR_CRYPTO);
    ck_assert_ptr_nonnull(strstr(e.text, "alt"));
}
END_TEST

START_TEST(sealed_bytes_have_limits)
{
    static uint8_t plain[SEAL_PLAIN_MAX + 1];
    struct buf opened;

    buf_init(&opened, sizeof(plain));
    ck_assert_int_eq(seal_secret(plain, 0, secret, aad, &fake.env, &line, NULL), ERR_RANGE);
    ck_assert_int_eq(seal_secret(plain, sizeof(plain), secret, aad, &fake.env, &line, NULL),
                     ERR_RANGE);
    ck_assert_uint_eq(line.len, 0);
    ck_assert_int_eq(seal_secret(plain, SEAL_PLAIN_MAX, secret, aad, &fake.env, &line, NULL),
                     ERR_OK);
    ck_assert_int_eq(unseal_secret(line.data, secret, aad, &opened, NULL), ERR_OK);
    ck_assert_uint_eq(opened.len, SEAL_PLAIN_MAX);
    buf_clear(&line);
    buf_clear(&opened);
    ck_assert_int_eq(seal_secret("x", 1, secret, aad, &fake.env, &line, NULL), ERR_OK);
    ck_assert_int_eq(unseal_secret(line.data, secret, aad, &opened, NULL), ERR_OK);
    ck_assert_str_eq(opened.data, "x");
    buf_wipe(&opened);
}
END_TEST

static enum err_code step_seal(struct err *e)
{
    struct buf out;
    enum err_code rc = ERR_OK;

    buf_init(&out, SEAL_LINE_MAX);
    rc = seal_secret("key", 3, secret, aad, &fake.env, &out, e);
    ck_assert(rc == ERR_OK || out.len == 0);
    buf_wipe(&out);
    return rc;
}

static enum err_code step_unseal(struct err *e)
{
    struct buf out;
    enum err_code rc = ERR_OK;

    buf_init(&out, SEAL_LINE_MAX);
    rc = unseal_secret(line.data, secret, aad, &out, e);
    ck_assert(rc == ERR_OK || (rc != ERR_DENIED && out.len == 0));
    buf_wipe(&out);
    return rc;
}

START_TEST(running_out_of_memory_anywhere_seals_and_opens_nothing)
{
    struct hash h;

    sha256("", 0, &h);
    walk_faults(step_seal);
    ck_assert_int_eq(seal_secret("key", 3, secret, aad, &fake.env, &line, NULL), ERR_OK);
    walk_faults(step_unseal);
}
END_TEST

Suite *suite_seal(void)
{
    Suite *s = suite_create("seal");
    TCase *t = tcase_create("seal");

    tcase_set_timeout(t, 300);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, argon2id_is_that_of_rfc_9106);
    tcase_add_test(t, derived_keys_match_the_reference_implementation);
    tcase_add_test(t, lines_of_other_forms_are_refused);
    tcase_add_test(t, line_larger_than_any_seal_is_refused);
    tcase_add_test(t, costs_have_limits);
    tcase_add_test(t, line_that_asks_too_much_is_refused_before_the_work);
    tcase_add_test(t, short_salt_is_refused_by_argon2_and_said_so);
    tcase_add_test(t, sealed_bytes_have_limits);
    tcase_add_test(t, running_out_of_memory_anywhere_seals_and_opens_nothing);
    suite_add_tcase(s, t);
    return s;
}
