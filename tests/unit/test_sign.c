#include <config.h>

#include "crypto/sign.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_crypto.h"
#include "tests/unit/key_samples.h"

/* ECDSA by `openssl dgst -sha256 -sign` over "a foreign signature": its S is in the upper half.
 */
static const char sig_foreign[] =
    "30450220610e662449c8ad57749879f1fe8e5ce68ec3765c7acd29132011560431c4382a022100bb8001b77f"
    "f1400e78f82cd41ed16594669f1ba351898d8928f360cea0a25c73";
static const char foreign_data[] = "a foreign signature";

/* (n - 1) / 2 and n of P-256 (SEC 2 section 2.4.2). */
static const char half_order_hex[] =
    "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8";
static const char order_hex[] =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

/* S of a DER signature as 32 bytes. */
static void take_s(const struct signature *sig, uint8_t s[32])
{
    size_t r_len = sig->der[3];
    const uint8_t *p = sig->der + 4 + r_len;
    size_t s_len = p[1];

    ck_assert(sig->der[0] == 0x30 && sig->der[1] == sig->len - 2 && sig->der[2] == 2 &&
              p[0] == 2);
    p += 2;
    ck_assert(p + s_len == sig->der + sig->len);
    if (s_len == 33) {
        ck_assert_uint_eq(*p, 0);
        p++;
        s_len--;
    }
    ck_assert_uint_le(s_len, 32);
    memset(s, 0, 32);
    memcpy(s + 32 - s_len, p, s_len);
}

/* The same signature with order - S in the place of S. */
static void turn_s(const struct signature *sig, struct signature *out)
{
    uint8_t s[32];
    uint8_t n[32];
    size_t r_part = 4u + sig->der[3];
    int borrow = 0;
    bool pad = false;

    take_s(sig, s);
    (void)unhex(order_hex, n, sizeof(n));
    for (size_t i = 32; i-- > 0;) {
        int d = n[i] - s[i] - borrow;

        borrow = d < 0;
        s[i] = (uint8_t)(d + (borrow ? 256 : 0));
    }
    ck_assert(borrow == 0 && s[0] != 0); /* a high S has no leading zero byte */
    pad = (s[0] & 0x80) != 0;
    memcpy(out->der, sig->der, r_part);
    out->der[r_part] = 2;
    out->der[r_part + 1] = (uint8_t)(32 + pad);
    out->der[r_part + 2] = 0;
    memcpy(out->der + r_part + 2 + pad, s, 32);
    out->len = r_part + 2 + pad + 32;
    out->der[1] = (uint8_t)(out->len - 2);
}

START_TEST(signature_holds_for_its_data_and_key_only)
{
    static const size_t lengths[] = {0, 1, 31, 32, 1000, 70000};
    uint8_t *data = calloc(1, 70001);
    struct sign_key *k = NULL;
    struct sign_key *other = NULL;
    struct verify_key *v = NULL;
    struct verify_key *other_v = NULL;
    struct signature sig;

    ck_assert_ptr_nonnull(data);
    ck_assert_int_eq(sign_key_generate(&k, NULL), ERR_OK);
    ck_assert_int_eq(sign_key_generate(&other, NULL), ERR_OK);
    v = public_of(k);
    other_v = public_of(other);
    ck_assert(hash_equal(sign_key_id(k), verify_key_id(v)));
    ck_assert(!hash_equal(sign_key_id(k), sign_key_id(other)));
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        size_t len = lengths[i];

        ck_assert_int_eq(sign_data(k, data, len, &sig, NULL), ERR_OK);
        ck_assert(verify_data(v, data, len, sig.der, sig.len));
        ck_assert(!verify_data(other_v, data, len, sig.der, sig.len));
        ck_assert(!verify_data(v, data, len + 1, sig.der, sig.len));
        data[len / 2] ^= 1;
        ck_assert(len == 0 || !verify_data(v, data, len, sig.der, sig.len));
        data[len / 2] ^= 1;
    }
    sign_key_free(k);
    sign_key_free(other);
    verify_key_free(v);
    verify_key_free(other_v);
    free(data);
}
END_TEST

START_TEST(own_signatures_have_a_low_s)
{
    struct sign_key *k = load_pkcs8(pkcs8_p256);
    struct verify_key *v = load_spki(spki_p256);
    struct signature sig;
    uint8_t half[32];
    uint8_t s[32];

    (void)unhex(half_order_hex, half, sizeof(half));
    /* 2,000, of which some 1,000 had to be turned, and some 4 of these get shorter. */
    for (unsigned i = 0; i < 2000; i++) {
        ck_assert_int_eq(sign_data(k, &i, sizeof(i), &sig, NULL), ERR_OK);
        take_s(&sig, s);
        ck_assert_int_le(memcmp(s, half, sizeof(s)), 0);
        ck_assert(verify_data(v, &i, sizeof(i), sig.der, sig.len));
    }
    sign_key_free(k);
    verify_key_free(v);
}
END_TEST

START_TEST(foreign_signatures_hold_with_either_s)
{
    struct verify_key *v = load_spki(spki_p256);
    struct sign_key *k = load_pkcs8(pkcs8_p256);
    struct signature sig;
    struct signature high;
    uint8_t half[32];
    uint8_t s[32];

    sig.len = unhex(sig_foreign, sig.der, sizeof(sig.der));
    ck_assert(verify_data(v, foreign_data, strlen(foreign_data), sig.der, sig.len));
    (void)unhex(half_order_hex, half, sizeof(half));
    for (unsigned i = 0; i < 20; i++) {
        ck_assert_int_eq(sign_data(k, &i, sizeof(i), &sig, NULL), ERR_OK);
        turn_s(&sig, &high);
        take_s(&high, s);
        ck_assert_int_gt(memcmp(s, half, sizeof(s)), 0);
        ck_assert(verify_data(v, &i, sizeof(i), high.der, high.len));
    }
    verify_key_free(v);
    sign_key_free(k);
}
END_TEST

/* RFC 6979 appendix A.2.5, P-256 with SHA-256: one signature has a high S, the other a low one
 * with a leading zero. */
START_TEST(published_signatures_hold)
{
    static const char spki[] =
        "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    static const char sample[] =
        "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
    static const char test[] =
        "3045022100f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
        "0220019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083";
    struct verify_key *v = load_spki(spki);
    uint8_t sig[SIGNATURE_MAX];
    size_t len = unhex(sample, sig, sizeof(sig));

    ck_assert_uint_eq(len, SIGNATURE_MAX);
    ck_assert(verify_data(v, "sample", 6, sig, len));
    ck_assert(!verify_data(v, "test", 4, sig, len));
    len = unhex(test, sig, sizeof(sig));
    ck_assert(verify_data(v, "test", 4, sig, len));
    ck_assert(!verify_data(v, "sample", 6, sig, len));
    verify_key_free(v);
}
END_TEST

START_TEST(signature_with_any_byte_changed_is_refused)
{
    struct verify_key *v = load_spki(spki_p256);
    uint8_t sig[SIGNATURE_MAX + 1] = {0};
    size_t len = unhex(sig_foreign, sig, sizeof(sig));
    size_t n = strlen(foreign_data);

    for (size_t at = 0; at < len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            sig[at] ^= (uint8_t)(1u << bit);
            ck_assert(!verify_data(v, foreign_data, n, sig, len));
            sig[at] ^= (uint8_t)(1u << bit);
        }
    }
    for (size_t cut = 0; cut < len; cut++) {
        ck_assert(!verify_data(v, foreign_data, n, sig, cut));
    }
    ck_assert(!verify_data(v, foreign_data, n, sig, len + 1));
    ck_assert(!verify_data(v, foreign_data, n, sig, SIGNATURE_MAX + 1));
    ck_assert(verify_data(v, foreign_data, n, sig, len));
    verify_key_free(v);
}
END_TEST

START_TEST(signature_in_another_encoding_is_refused)
{
    /* sig_foreign with a needless zero before R and with a long-form length. */
    static const char *const others[] = {
        "3046022100610e662449c8ad57749879f1fe8e5ce68ec3765c7acd29132011560431c4382a022100bb8001"
        "b77f"
        "f1400e78f82cd41ed16594669f1ba351898d8928f360cea0a25c73",
        "3081450220610e662449c8ad57749879f1fe8e5ce68ec3765c7acd29132011560431c4382a022100bb8001"
        "b77f"
        "f1400e78f82cd41ed16594669f1ba351898d8928f360cea0a25c73"};
    struct verify_key *v = load_spki(spki_p256);
    uint8_t sig[SIGNATURE_MAX];

    for (size_t i = 0; i < 2; i++) {
        ck_assert(!verify_data(v, foreign_data, strlen(foreign_data), sig,
                               unhex(others[i], sig, sizeof(sig))));
    }
    verify_key_free(v);
}
END_TEST

START_TEST(zero_and_order_are_no_signature)
{
    /* (R, S) of (0, 0), (1, 0), (0, 1), (n, n): what psychic verifiers took. */
    static const char *const forged[] = {
        "3006020100020100", "3006020101020100", "3006020100020101",
        ("3046022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
         "022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")};
    struct verify_key *v = load_spki(spki_p256);
    uint8_t sig[SIGNATURE_MAX];

    for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
        ck_assert(!verify_data(v, foreign_data, strlen(foreign_data), sig,
                               unhex(forged[i], sig, sizeof(sig))));
    }
    verify_key_free(v);
}
END_TEST

START_TEST(freeing_no_key_does_nothing)
{
    sign_key_free(NULL);
    verify_key_free(NULL);
}
END_TEST

struct shared {
    const struct verify_key *v;
    struct sign_key *k;
    unsigned failures;
};

static void *use_shared_key(void *arg)
{
    struct shared *s = arg;
    struct signature sig;

    for (unsigned i = 0; i < 50; i++) {
        if (sign_data(s->k, &i, sizeof(i), &sig, NULL) != ERR_OK ||
            !verify_data(s->v, &i, sizeof(i), sig.der, sig.len)) {
            s->failures++;
        }
        sig.der[sig.len - 1] ^= 1;
        s->failures += verify_data(s->v, &i, sizeof(i), sig.der, sig.len);
    }
    return NULL;
}

START_TEST(threads_share_one_key)
{
    struct verify_key *v = load_spki(spki_p256);
    struct sign_key *k = load_pkcs8(pkcs8_p256);
    struct shared shared[4];
    pthread_t thread[4];

    for (size_t i = 0; i < 4; i++) {
        shared[i] = (struct shared){v, k, 0};
        ck_assert_int_eq(pthread_create(&thread[i], NULL, use_shared_key, &shared[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
        ck_assert_uint_eq(shared[i].failures, 0);
    }
    verify_key_free(v);
    sign_key_free(k);
}
END_TEST

/* The steps of a key's life, each of which may run out of memory. */
static struct sign_key *life_key;
static struct verify_key *life_public;
static struct signature life_signature;

static enum err_code step_generate(struct err *e)
{
    struct sign_key *k = NULL;
    enum err_code rc = sign_key_generate(&k, e);

    sign_key_free(k);
    return rc;
}

static enum err_code step_save(struct err *e)
{
    struct buf der;
    enum err_code rc = ERR_OK;

    buf_init(&der, 1024);
    rc = sign_key_save(life_key, &der, e);
    buf_wipe(&der);
    return rc;
}

static enum err_code step_load(struct err *e)
{
    uint8_t der[KEY_ROOM];
    struct sign_key *k = NULL;
    enum err_code rc = sign_key_load(der, unhex(pkcs8_p256, der, sizeof(der)), &k, e);

    sign_key_free(k);
    return rc;
}

static enum err_code step_load_public(struct err *e)
{
    uint8_t der[KEY_ROOM];
    struct verify_key *k = NULL;
    enum err_code rc = verify_key_load(der, unhex(spki_p256, der, sizeof(der)), &k, e);

    verify_key_free(k);
    return rc;
}

static enum err_code step_refuse_public(struct err *e)
{
    uint8_t der[KEY_ROOM];
    struct verify_key *k = NULL;
    enum err_code rc = verify_key_load(der, unhex(spki_p384, der, sizeof(der)), &k, e);

    ck_assert_ptr_null(k);
    if (rc == ERR_UNSUPPORTED) { /* the answer it owes */
        e->code = ERR_OK;
        return ERR_OK;
    }
    return rc;
}

static enum err_code step_sign(struct err *e)
{
    return sign_data(life_key, "x", 1, &life_signature, e);
}

static enum err_code step_verify(struct err *e)
{
    bool holds = verify_data(life_public, "x", 1, life_signature.der, life_signature.len);

    return holds ? ERR_OK : err_set(e, ERR_CRYPTO, "does not hold");
}

START_TEST(running_out_of_memory_anywhere_is_an_error)
{
    /* What a thread or the library makes once is made before. */
    life_key = load_pkcs8(pkcs8_p256);
    life_public = load_spki(spki_p256);
    ck_assert_int_eq(step_sign(NULL), ERR_OK);
    ck_assert_int_eq(step_verify(NULL), ERR_OK);

    walk_faults(step_generate);
    walk_faults(step_save);
    walk_faults(step_load);
    walk_faults(step_load_public);
    walk_faults(step_refuse_public);
    walk_faults(step_sign);
    ck_assert_int_eq(step_sign(NULL), ERR_OK);
    walk_faults(step_verify);
    sign_key_free(life_key);
    verify_key_free(life_public);
}
END_TEST

/* RFC 8032 section 7.1, test 2: the message is one byte. */
START_TEST(ed25519_signs_as_published)
{
    static const char pkcs8[] =
        "302e020100300506032b6570042204204ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8c"
        "f6ed4fb8a6fb";
    static const char spki[] =
        "302a300506032b65700321003d4017c3e843895a92b70aa74d1b7ebc9c982ccf"
        "2ec4968cc0cd55f12af4660c";
    static const char published[] =
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f36"
        "13d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    uint8_t der[64];
    uint8_t expected[80];
    struct sign_key *k = NULL;
    struct verify_key *v = NULL;
    struct signature sig;
    struct buf b;
    enum key_algorithm a = KEY_P256;

    buf_init(&b, 128);
    ck_assert_int_eq(
        sign_key_load_as(KEY_ED25519, der, unhex(pkcs8, der, sizeof(der)), &k, NULL), ERR_OK);
    ck_assert_int_eq(sign_key_algorithm(k), KEY_ED25519);
    ck_assert_int_eq(sign_data(k, "\x72", 1, &sig, NULL), ERR_OK);
    ck_assert_uint_eq(sig.len, unhex(published, expected, sizeof(expected)));
    ck_assert_mem_eq(sig.der, expected, sig.len);
    ck_assert_int_eq(sign_key_public(k, &b, NULL), ERR_OK);
    ck_assert_uint_eq(b.len, unhex(spki, expected, sizeof(expected)));
    ck_assert_mem_eq(b.data, expected, b.len);
    ck_assert(key_algorithm_of(b.data, b.len, &a) && a == KEY_ED25519);
    ck_assert_int_eq(verify_key_load_as(KEY_ED25519, b.data, b.len, &v, NULL), ERR_OK);
    for (size_t i = 0; i <= sig.len; i++) {
        sig.der[i < sig.len ? i : 0] ^= i < sig.len;
        ck_assert_int_eq(verify_data(v, "\x72", 1, sig.der, sig.len), i == sig.len);
        sig.der[i < sig.len ? i : 0] ^= i < sig.len;
    }
    ck_assert(!verify_data(v, "\x72", 1, sig.der, sig.len - 1));
    ck_assert(!verify_data(v, "\x73", 1, sig.der, sig.len));
    verify_key_free(v);
    sign_key_free(k);
    buf_release(&b);
}
END_TEST

/* One algorithm is never taken for the other. */
START_TEST(keys_of_another_algorithm_are_refused)
{
    static const enum key_algorithm all[] = {KEY_P256, KEY_ED25519};

    for (size_t i = 0; i < 2; i++) {
        struct sign_key *k = NULL;
        struct sign_key *other = NULL;
        struct verify_key *v = NULL;
        struct buf der;
        struct buf spki;
        enum key_algorithm a = all[1 - i];

        buf_init(&der, 1024);
        buf_init(&spki, 1024);
        ck_assert_int_eq(sign_key_generate_as(all[i], &k, NULL), ERR_OK);
        ck_assert_int_eq(sign_key_save(k, &der, NULL), ERR_OK);
        ck_assert_int_eq(sign_key_public(k, &spki, NULL), ERR_OK);
        ck_assert_int_eq(sign_key_load_as(all[1 - i], der.data, der.len, &other, NULL),
                         ERR_UNSUPPORTED);
        ck_assert_int_eq(verify_key_load_as(all[1 - i], spki.data, spki.len, &v, NULL),
                         ERR_UNSUPPORTED);
        ck_assert(key_algorithm_of(spki.data, spki.len, &a) && a == all[i]);
        ck_assert(!key_algorithm_of(spki.data, spki.len - 1, &a));
        spki.data[0]++;
        ck_assert(!key_algorithm_of(spki.data, spki.len, &a));
        ck_assert(other == NULL && v == NULL);
        buf_release(&der);
        buf_release(&spki);
        sign_key_free(k);
    }
}
END_TEST

Suite *suite_sign(void)
{
    Suite *s = suite_create("sign");
    TCase *t = tcase_create("sign");

    tcase_set_timeout(t, 300);
    tcase_add_test(t, signature_holds_for_its_data_and_key_only);
    tcase_add_test(t, own_signatures_have_a_low_s);
    tcase_add_test(t, foreign_signatures_hold_with_either_s);
    tcase_add_test(t, published_signatures_hold);
    tcase_add_test(t, signature_with_any_byte_changed_is_refused);
    tcase_add_test(t, signature_in_another_encoding_is_refused);
    tcase_add_test(t, zero_and_order_are_no_signature);
    tcase_add_test(t, ed25519_signs_as_published);
    tcase_add_test(t, keys_of_another_algorithm_are_refused);
    tcase_add_test(t, freeing_no_key_does_nothing);
    tcase_add_test(t, threads_share_one_key);
    tcase_add_test(t, running_out_of_memory_anywhere_is_an_error);
    suite_add_tcase(s, t);
    return s;
}
