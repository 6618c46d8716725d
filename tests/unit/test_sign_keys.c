#include <config.h>

#include "crypto/sign.h"

#include <string.h>

#include "tests/unit/check_crypto.h"
#include "tests/unit/key_samples.h"

struct verify_key *load_spki(const char *hex)
{
    uint8_t der[KEY_ROOM];
    struct verify_key *k = NULL;
    struct err e = ERR_INIT;

    ck_assert_msg(verify_key_load(der, unhex(hex, der, sizeof(der)), &k, &e) == ERR_OK, "%s",
                  e.text);
    return k;
}

struct sign_key *load_pkcs8(const char *hex)
{
    uint8_t der[KEY_ROOM];
    struct sign_key *k = NULL;
    struct err e = ERR_INIT;

    ck_assert_msg(sign_key_load(der, unhex(hex, der, sizeof(der)), &k, &e) == ERR_OK, "%s",
                  e.text);
    return k;
}

struct verify_key *public_of(const struct sign_key *k)
{
    struct verify_key *v = NULL;
    struct buf spki;

    buf_init(&spki, 1024);
    ck_assert_int_eq(sign_key_public(k, &spki, NULL), ERR_OK);
    ck_assert_int_eq(verify_key_load(spki.data, spki.len, &v, NULL), ERR_OK);
    buf_release(&spki);
    return v;
}

static enum err_code try_spki(const uint8_t *der, size_t len)
{
    struct verify_key *k = NULL;
    struct err e = ERR_INIT;
    enum err_code rc = verify_key_load(der, len, &k, &e);

    ck_assert((rc == ERR_OK) == (k != NULL));
    ck_assert((rc == ERR_OK) == (e.text[0] == '\0'));
    verify_key_free(k);
    return rc;
}

static enum err_code try_pkcs8(const uint8_t *der, size_t len)
{
    struct sign_key *k = NULL;
    struct err e = ERR_INIT;
    enum err_code rc = sign_key_load(der, len, &k, &e);

    ck_assert((rc == ERR_OK) == (k != NULL));
    ck_assert((rc == ERR_OK) == (e.text[0] == '\0'));
    sign_key_free(k);
    return rc;
}

START_TEST(key_id_is_the_hash_of_the_public_key)
{
    static const char id[] =
        "520828bdeacc2d499eb0d490093764a211f43d38623ace5924f8492ab93a489e"; /* sha256sum */
    struct verify_key *v = load_spki(spki_p256);
    struct sign_key *k = load_pkcs8(pkcs8_p256);

    assert_hash_hex(verify_key_id(v), id);
    assert_hash_hex(sign_key_id(k), id);
    verify_key_free(v);
    sign_key_free(k);
}
END_TEST

START_TEST(public_keys_of_other_kinds_are_refused)
{
    static const char *const others[] = {spki_p256_compressed, spki_p256_explicit, spki_p384,
                                         spki_secp256k1,       spki_ed25519,       spki_sm2};
    uint8_t der[KEY_ROOM];

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        ck_assert_int_eq(try_spki(der, unhex(others[i], der, sizeof(der))), ERR_UNSUPPORTED);
    }
}
END_TEST

START_TEST(private_keys_of_other_kinds_are_refused)
{
    static const char *const others[] = {pkcs8_p384, pkcs8_secp256k1, pkcs8_ed25519, pkcs8_sm2};
    uint8_t der[KEY_ROOM];

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        ck_assert_int_eq(try_pkcs8(der, unhex(others[i], der, sizeof(der))), ERR_UNSUPPORTED);
    }
}
END_TEST

START_TEST(truncated_or_longer_public_key_is_refused)
{
    uint8_t der[KEY_ROOM] = {0};
    size_t len = unhex(spki_p256, der, sizeof(der));

    for (size_t cut = 0; cut < len; cut++) {
        ck_assert_int_eq(try_spki(der, cut), ERR_PARSE);
    }
    ck_assert_int_eq(try_spki(der, len + 1), ERR_PARSE);
    ck_assert_int_eq(try_spki(der, SIZE_MAX), ERR_PARSE);
    ck_assert_int_eq(try_spki(der, len), ERR_OK);
    len = unhex(spki_p384, der, sizeof(der));
    ck_assert_int_eq(try_spki(der, len + 1), ERR_PARSE);
}
END_TEST

START_TEST(public_key_with_any_byte_changed_is_refused)
{
    uint8_t der[KEY_ROOM];
    size_t len = unhex(spki_p256, der, sizeof(der));

    for (size_t at = 0; at < len; at++) {
        enum err_code rc = ERR_OK;

        der[at] ^= 0x04;
        rc = try_spki(der, len);
        ck_assert_msg(rc == ERR_PARSE || rc == ERR_UNSUPPORTED, "byte %zu", at);
        der[at] ^= 0x04;
    }
}
END_TEST

START_TEST(truncated_or_longer_private_key_is_refused)
{
    uint8_t der[KEY_ROOM] = {0};
    size_t len = unhex(pkcs8_p256, der, sizeof(der));

    for (size_t cut = 0; cut < len; cut++) {
        ck_assert_int_eq(try_pkcs8(der, cut), ERR_PARSE);
    }
    ck_assert_int_eq(try_pkcs8(der, len + 1), ERR_PARSE);
    ck_assert_int_eq(try_pkcs8(der, SIZE_MAX), ERR_PARSE);
    ck_assert_int_eq(try_pkcs8(der, len), ERR_OK);
}
END_TEST

START_TEST(private_key_with_another_public_half_is_refused)
{
    uint8_t der[KEY_ROOM];

    ck_assert_int_eq(try_pkcs8(der, unhex(pkcs8_p256_wrong_public, der, sizeof(der))),
                     ERR_PARSE);
}
END_TEST

START_TEST(private_key_without_public_half_gets_its_own)
{
    struct sign_key *with = load_pkcs8(pkcs8_p256);
    struct sign_key *without = load_pkcs8(pkcs8_p256_without_public);

    ck_assert(hash_equal(sign_key_id(with), sign_key_id(without)));
    sign_key_free(with);
    sign_key_free(without);
}
END_TEST

START_TEST(saved_key_loads_as_the_same)
{
    struct sign_key *k = NULL;
    struct sign_key *again = NULL;
    struct verify_key *v = NULL;
    struct signature sig;
    struct buf der;

    buf_init(&der, 1024);
    ck_assert_int_eq(sign_key_generate(&k, NULL), ERR_OK);
    ck_assert_int_eq(sign_key_save(k, &der, NULL), ERR_OK);
    ck_assert_int_eq(sign_key_load(der.data, der.len, &again, NULL), ERR_OK);
    ck_assert(hash_equal(sign_key_id(k), sign_key_id(again)));
    v = public_of(k);
    ck_assert_int_eq(sign_data(again, "x", 1, &sig, NULL), ERR_OK);
    ck_assert(verify_data(v, "x", 1, sig.der, sig.len));
    buf_wipe(&der);
    sign_key_free(k);
    sign_key_free(again);
    verify_key_free(v);
}
END_TEST

START_TEST(key_larger_than_the_buffer_is_an_error)
{
    struct sign_key *k = load_pkcs8(pkcs8_p256);
    struct buf small;

    buf_init(&small, 90);
    ck_assert_int_eq(sign_key_public(k, &small, NULL), ERR_LIMIT);
    buf_clear(&small);
    ck_assert_int_eq(sign_key_save(k, &small, NULL), ERR_LIMIT);
    buf_release(&small);
    buf_init(&small, 91);
    ck_assert_int_eq(sign_key_public(k, &small, NULL), ERR_OK);
    ck_assert_uint_eq(small.len, 91);
    buf_release(&small);
    sign_key_free(k);
}
END_TEST

Suite *suite_sign_keys(void)
{
    Suite *s = suite_create("sign_keys");
    TCase *t = tcase_create("sign_keys");

    tcase_add_test(t, key_id_is_the_hash_of_the_public_key);
    tcase_add_test(t, public_keys_of_other_kinds_are_refused);
    tcase_add_test(t, private_keys_of_other_kinds_are_refused);
    tcase_add_test(t, truncated_or_longer_public_key_is_refused);
    tcase_add_test(t, public_key_with_any_byte_changed_is_refused);
    tcase_add_test(t, truncated_or_longer_private_key_is_refused);
    tcase_add_test(t, private_key_with_another_public_half_is_refused);
    tcase_add_test(t, private_key_without_public_half_gets_its_own);
    tcase_add_test(t, saved_key_loads_as_the_same);
    tcase_add_test(t, key_larger_than_the_buffer_is_an_error);
    suite_add_tcase(s, t);
    return s;
}
