#include <config.h>

#include "crypto/ecdsa.h"

#include <string.h>

#define ERR_STATE ossl_renamed_err_state
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#undef ERR_STATE

#include "tests/unit/check_packet.h"

static const char *const openssl_names[CURVE_COUNT] = {
    "secp192k1", "prime192v1", "secp256k1",       "prime256v1",
    "secp384r1", "secp521r1",  "brainpoolP256r1", "brainpoolP384r1"};

struct pair {
    EVP_PKEY *private;
    struct ecdsa_key *public;
    uint8_t spki[ECDSA_SPKI_MAX];
    size_t spki_len;
};

static void pair_make(struct pair *p, const char *curve)
{
    struct err e = ERR_INIT;
    unsigned char *at = p->spki;
    p->private = EVP_EC_gen(curve);
    ck_assert_ptr_nonnull(p->private);
    p->spki_len = (size_t)i2d_PUBKEY(p->private, &at);
    ck_assert_int_eq(ecdsa_key_load(p->spki, p->spki_len, &p->public, &e), ERR_OK);
}

static void pair_release(struct pair *p)
{
    EVP_PKEY_free(p->private);
    ecdsa_key_free(p->public);
}

static size_t pair_sign(struct pair *p, const EVP_MD *md, const char *text, uint8_t *sig)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t len = ECDSA_SIG_MAX;
    ck_assert_int_eq(EVP_DigestSignInit(ctx, NULL, md, NULL, p->private), 1);
    ck_assert_int_eq(EVP_DigestSign(ctx, sig, &len, (const unsigned char *)text, strlen(text)),
                     1);
    EVP_MD_CTX_free(ctx);
    return len;
}

START_TEST(signatures_of_every_curve_and_digest_hold_and_no_others)
{
    struct pair p;
    struct pair other;
    uint8_t sig[ECDSA_SIG_MAX];
    pair_make(&p, openssl_names[_i]);
    pair_make(&other, openssl_names[_i]);
    ck_assert_int_eq(ecdsa_key_curve(p.public), _i);
    for (int d = 0; d < 2; d++) {
        enum ecdsa_digest digest = d == 0 ? ECDSA_SHA256 : ECDSA_SHA512;
        size_t len = pair_sign(&p, d == 0 ? EVP_sha256() : EVP_sha512(), "lectura", sig);
        ck_assert(ecdsa_verify(p.public, digest, "lectura", 7, sig, len));
        ck_assert(!ecdsa_verify(p.public, digest, "lecturb", 7, sig, len));
        ck_assert(!ecdsa_verify(p.public, d == 0 ? ECDSA_SHA512 : ECDSA_SHA256, "lectura", 7,
                                sig, len));
        ck_assert(!ecdsa_verify(other.public, digest, "lectura", 7, sig, len));
        ck_assert(!ecdsa_verify(p.public, digest, "lectura", 7, sig, len - 1));
        ck_assert(!ecdsa_verify(p.public, digest, "lectura", 7, sig, 0));
        for (size_t i = 0; i < len; i++) {
            sig[i] ^= 0x10;
            ck_assert(!ecdsa_verify(p.public, digest, "lectura", 7, sig, len));
            sig[i] ^= 0x10;
        }
    }
    pair_release(&p);
    pair_release(&other);
}
END_TEST

START_TEST(one_key_has_one_name_in_every_form)
{
    struct pair p;
    struct err e = ERR_INIT;
    struct buf text;
    struct ecdsa_key *k = NULL;
    pair_make(&p, openssl_names[_i]);
    buf_init(&text, 4096);
    for (int form = 0; form < 4; form++) {
        enum ecdsa_curve curve = CURVE_COUNT;
        buf_clear(&text);
        if (form == 0) {
            buf_add_hex(&text, p.spki, p.spki_len);
        } else if (form == 1) {
            buf_add_base64(&text, p.spki, p.spki_len);
        } else if (form == 2) {
            buf_adds(&text, "-----BEGIN PUBLIC KEY-----\n");
            buf_add_base64(&text, p.spki, p.spki_len);
            buf_adds(&text, "\n-----END PUBLIC KEY-----\n");
        } else { /* the bare point, digits in groups of two */
            size_t len = EVP_PKEY_get_bits(p.private) == 521
                             ? 133
                             : (size_t)EVP_PKEY_get_bits(p.private) / 4 + 1;
            for (size_t i = p.spki_len - len; i < p.spki_len; i++) {
                buf_addf(&text, "%02X ", p.spki[i]);
            }
            curve = (enum ecdsa_curve)_i;
        }
        ck_assert_msg(ecdsa_key_read(buf_str(&text), text.len, curve, &k, &e) == ERR_OK, "%s",
                      e.text);
        ck_assert(hash_equal(ecdsa_key_id(k), ecdsa_key_id(p.public)));
        ecdsa_key_free(k);
    }
    /* a key of another curve than was said */
    buf_clear(&text);
    buf_add_hex(&text, p.spki, p.spki_len);
    enum ecdsa_curve other = _i == 0 ? CURVE_SECP256R1 : CURVE_SECP192K1;
    ck_assert_int_eq(ecdsa_key_read(buf_str(&text), text.len, other, &k, &e), ERR_PARSE);
    buf_release(&text);
    pair_release(&p);
}
END_TEST

START_TEST(compressed_keys_get_the_same_name)
{
    struct pair p;
    struct err e = ERR_INIT;
    struct ecdsa_key *k = NULL;
    uint8_t short_spki[ECDSA_SPKI_MAX];
    unsigned char *at = short_spki;
    pair_make(&p, "prime256v1");
    ck_assert_int_eq(EVP_PKEY_set_utf8_string_param(p.private, "point-format", "compressed"),
                     1);
    size_t len = (size_t)i2d_PUBKEY(p.private, &at);
    ck_assert_uint_lt(len, p.spki_len);
    ck_assert_int_eq(ecdsa_key_load(short_spki, len, &k, &e), ERR_OK);
    ck_assert(hash_equal(ecdsa_key_id(k), ecdsa_key_id(p.public)));
    ecdsa_key_free(k);
    pair_release(&p);
}
END_TEST

START_TEST(what_is_no_key_is_refused)
{
    static const char *const bad[] = {
        "",
        "-",
        "zz",
        "3059",
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMAA=",
        "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n"};
    struct pair p;
    struct err e = ERR_INIT;
    struct ecdsa_key *k = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(ecdsa_key_read(bad[i], strlen(bad[i]), CURVE_COUNT, &k, &e),
                         ERR_PARSE);
    }
    pair_make(&p, "prime256v1");
    p.spki[p.spki_len - 1] ^= 1; /* off the curve */
    ck_assert_int_eq(ecdsa_key_load(p.spki, p.spki_len, &k, &e), ERR_PARSE);
    p.spki[p.spki_len - 1] ^= 1;
    ck_assert_int_eq(ecdsa_key_load(p.spki, p.spki_len - 1, &k, &e), ERR_PARSE);
    pair_release(&p);
    EVP_PKEY *other = EVP_EC_gen("secp224r1");
    unsigned char *at = p.spki;
    size_t len = (size_t)i2d_PUBKEY(other, &at);
    ck_assert_int_eq(ecdsa_key_load(p.spki, len, &k, &e), ERR_UNSUPPORTED);
    EVP_PKEY_free(other);
    other = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    at = p.spki;
    len = (size_t)i2d_PUBKEY(other, &at);
    ck_assert_int_eq(ecdsa_key_load(p.spki, len, &k, &e), ERR_UNSUPPORTED);
    EVP_PKEY_free(other);
}
END_TEST

START_TEST(curves_are_found_by_each_of_their_names)
{
    enum ecdsa_curve c = CURVE_COUNT;
    for (int i = 0; i < CURVE_COUNT; i++) {
        const char *name = ecdsa_curve_name((enum ecdsa_curve)i);
        ck_assert(ecdsa_curve_find(name, strlen(name), &c));
        ck_assert_int_eq(c, i);
        ck_assert(ecdsa_curve_find(openssl_names[i], strlen(openssl_names[i]), &c));
        ck_assert_int_eq(c, i);
        ck_assert(!ecdsa_curve_find(name, strlen(name) - 1, &c));
    }
    ck_assert(!ecdsa_curve_find("", 0, &c));
    ck_assert_str_eq(ecdsa_curve_name(CURVE_COUNT), "");
}
END_TEST

Suite *suite_ecdsa(void)
{
    Suite *s = suite_create("ecdsa");
    TCase *t = tcase_create("ecdsa");
    tcase_add_loop_test(t, signatures_of_every_curve_and_digest_hold_and_no_others, 0,
                        CURVE_COUNT);
    tcase_add_loop_test(t, one_key_has_one_name_in_every_form, 0, CURVE_COUNT);
    tcase_add_test(t, compressed_keys_get_the_same_name);
    tcase_add_test(t, what_is_no_key_is_refused);
    tcase_add_test(t, curves_are_found_by_each_of_their_names);
    suite_add_tcase(s, t);
    return s;
}
