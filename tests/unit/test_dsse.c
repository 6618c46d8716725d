#include <config.h>

#include "crypto/dsse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_crypto.h"

static const char type[] = "application/vnd.aforo.entry+json";
static struct sign_key *key;
static struct verify_key *public_key;
static struct buf text;
static struct buf body;

static void set_up(void)
{
    struct buf spki;

    buf_init(&spki, 1024);
    buf_init(&text, 1 << 20);
    buf_init(&body, 1 << 20);
    ck_assert_int_eq(sign_key_generate(&key, NULL), ERR_OK);
    ck_assert_int_eq(sign_key_public(key, &spki, NULL), ERR_OK);
    ck_assert_int_eq(verify_key_load(spki.data, spki.len, &public_key, NULL), ERR_OK);
    buf_release(&spki);
}

static void tear_down(void)
{
    sign_key_free(key);
    verify_key_free(public_key);
    buf_release(&text);
    buf_release(&body);
}

static struct dsse sign_as(const char *as, const void *data, size_t len)
{
    struct dsse d = {{0}, {{0}}, {{0}, 0}};

    (void)snprintf(d.type, sizeof(d.type), "%s", as);
    d.keyid = *sign_key_id(key);
    ck_assert_int_eq(dsse_sign(key, d.type, data, len, &d.sig, NULL), ERR_OK);
    return d;
}

static void write_envelope(const struct dsse *d, const void *data, size_t len)
{
    struct err e = ERR_INIT;

    buf_clear(&text);
    ck_assert_msg(dsse_write(d, data, len, &text, &e) == ERR_OK, "%s", e.text);
}

static enum err_code parse(const char *s, size_t len, struct dsse *d)
{
    struct err e = ERR_INIT;
    enum err_code rc = ERR_OK;

    buf_clear(&body);
    rc = dsse_parse(s, len, d, &body, &e);
    ck_assert_int_eq(rc, e.code);
    return rc;
}

/* The example of protocol.md, and what its lengths are for. */
START_TEST(pae_is_that_of_the_specification)
{
    dsse_pae("http://example.com/HelloWorld", "hello world", 11, &text);
    ck_assert_str_eq(buf_str(&text), "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    buf_clear(&text);
    dsse_pae("", NULL, 0, &text);
    ck_assert_str_eq(buf_str(&text), "DSSEv1 0  0 ");
    buf_clear(&text);
    dsse_pae("t", "a\0b", 3, &text);
    ck_assert_uint_eq(text.len, 16);
    ck_assert_mem_eq(text.data, "DSSEv1 1 t 3 a\0b", 16);
}
END_TEST

/* protocol.md, "Test Vectors": its key, and its signature with R and S in DER. */
START_TEST(published_signature_holds)
{
    static const char spki_hex[] =
        "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
        "67cd390f77aa359cb08c2235f652270493a9ed832b0abcc01f70954c0390d238"
        "0c782bd54e269125a44f4433aff1432ce94e12bca73aa67ac80cea12608ddf74";
    static const char sig_hex[] =
        "3044022003726ab101ad56c2763b6c6aac8e487275e2a79193a09dc5f859d9f8ef3c4a3b"
        "022051eab0c06a369b64a7222537d4887a893dc200ae21060074d57825235b624864";
    struct dsse d = {"http://example.com/HelloWorld", {{0}}, {{0}, 0}};
    struct verify_key *k = NULL;
    uint8_t spki[128];

    ck_assert_int_eq(verify_key_load(spki, unhex(spki_hex, spki, sizeof(spki)), &k, NULL),
                     ERR_OK);
    d.sig.len = unhex(sig_hex, d.sig.der, sizeof(d.sig.der));
    ck_assert_int_eq(dsse_verify(k, &d, "hello world", 11, NULL), ERR_OK);
    ck_assert_int_eq(dsse_verify(k, &d, "hello World", 11, NULL), ERR_TAMPERED);
    verify_key_free(k);
}
END_TEST

START_TEST(envelope_has_the_exact_form)
{
    static const char payload[] = "{\"a\":1}";
    struct dsse d = sign_as(type, payload, strlen(payload));
    struct buf expected;
    char id[65];

    hash_hex(&d.keyid, id);
    buf_init(&expected, 1024);
    buf_addf(&expected,
             "{\"payload\":\"eyJhIjoxfQ==\",\"payloadType\":\"%s\",\"signatures\":[{\"keyid\":"
             "\"%s\",\"sig\":\"",
             type, id);
    buf_add_base64(&expected, d.sig.der, d.sig.len);
    buf_adds(&expected, "\"}]}");
    write_envelope(&d, payload, strlen(payload));
    ck_assert_str_eq(text.data, expected.data);
    buf_release(&expected);
}
END_TEST

START_TEST(envelope_gives_back_what_was_put_in)
{
    static const size_t lengths[] = {0, 1, 2, 3, 4, 255, 1000, 48000};
    uint8_t *data = malloc(48000);

    ck_assert_ptr_nonnull(data);
    for (size_t i = 0; i < 48000; i++) {
        data[i] = (uint8_t)(i * 7 + i / 256);
    }
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct dsse d = sign_as(type, data, lengths[i]);
        struct dsse back;

        write_envelope(&d, data, lengths[i]);
        ck_assert_int_eq(parse(text.data, text.len, &back), ERR_OK);
        ck_assert_str_eq(back.type, type);
        ck_assert(hash_equal(&back.keyid, &d.keyid));
        ck_assert_uint_eq(back.sig.len, d.sig.len);
        ck_assert_mem_eq(back.sig.der, d.sig.der, d.sig.len);
        ck_assert_uint_eq(body.len, lengths[i]);
        ck_assert(lengths[i] == 0 || memcmp(body.data, data, lengths[i]) == 0);
        ck_assert_int_eq(dsse_verify(public_key, &back, body.data, body.len, NULL), ERR_OK);
    }
    free(data);
}
END_TEST

START_TEST(signature_covers_type_and_payload)
{
    struct dsse d = sign_as(type, "payload", 7);
    struct dsse other = d;
    struct sign_key *stranger = NULL;

    ck_assert_int_eq(dsse_verify(public_key, &d, "payload", 7, NULL), ERR_OK);
    ck_assert_int_eq(dsse_verify(public_key, &d, "Payload", 7, NULL), ERR_TAMPERED);
    ck_assert_int_eq(dsse_verify(public_key, &d, "payload", 6, NULL), ERR_TAMPERED);
    other.type[0] = 'A';
    ck_assert_int_eq(dsse_verify(public_key, &other, "payload", 7, NULL), ERR_TAMPERED);
    ck_assert_int_eq(sign_key_generate(&stranger, NULL), ERR_OK);
    ck_assert_int_eq(dsse_sign(stranger, type, "payload", 7, &other.sig, NULL), ERR_OK);
    other.type[0] = 'a';
    ck_assert_int_eq(dsse_verify(public_key, &other, "payload", 7, NULL), ERR_TAMPERED);
    /* A signature over the payload alone is not one over the envelope. */
    ck_assert_int_eq(sign_data(key, "payload", 7, &other.sig, NULL), ERR_OK);
    ck_assert_int_eq(dsse_verify(public_key, &other, "payload", 7, NULL), ERR_TAMPERED);
    sign_key_free(stranger);
}
END_TEST

/* What is still accepted after a change must say something else, and then the signature or the
 * key id does not fit. */
START_TEST(envelope_with_any_byte_changed_is_refused_or_does_not_verify)
{
    struct dsse d = sign_as(type, "some payload", 12);
    struct dsse got;

    write_envelope(&d, "some payload", 12);
    for (size_t at = 0; at < text.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            text.data[at] = (char)(text.data[at] ^ (1 << bit));
            if (parse(text.data, text.len, &got) == ERR_OK) {
                ck_assert_msg(!hash_equal(&got.keyid, &d.keyid) ||
                                  dsse_verify(public_key, &got, body.data, body.len, NULL) ==
                                      ERR_TAMPERED,
                              "byte %zu bit %u", at, bit);
            }
            text.data[at] = (char)(text.data[at] ^ (1 << bit));
        }
    }
    ck_assert_int_eq(parse(text.data, text.len, &got), ERR_OK);
}
END_TEST

START_TEST(truncated_or_longer_envelope_is_refused)
{
    struct dsse d = sign_as(type, "some payload", 12);
    struct dsse got;

    write_envelope(&d, "some payload", 12);
    for (size_t cut = 0; cut < text.len; cut++) {
        /* A copy of exactly that size: a byte read too far is seen. */
        char *copy = malloc(cut + 1);

        ck_assert_ptr_nonnull(copy);
        memcpy(copy, text.data, cut);
        ck_assert_int_eq(parse(copy, cut, &got), ERR_PARSE);
        free(copy);
    }
    buf_addc(&text, '\n');
    ck_assert_int_eq(parse(text.data, text.len, &got), ERR_PARSE);
}
END_TEST

#define ID "520828bdeacc2d499eb0d490093764a211f43d38623ace5924f8492ab93a489e"
#define HEAD "{\"payload\":\"YQ==\",\"payloadType\":\"t\",\"signatures\":[{\"keyid\":\""

START_TEST(other_spellings_are_refused)
{
    static const char *const bad[] = {
        "",
        "{}",
        " " HEAD ID "\",\"sig\":\"YQ==\"}]}",
        "{ \"payload\":\"YQ==\",\"payloadType\":\"t\",\"signatures\":[{\"keyid\":\"" ID
        "\",\"sig\":\"YQ==\"}]}",
        /* members in another order */
        "{\"payloadType\":\"t\",\"payload\":\"YQ==\",\"signatures\":[{\"keyid\":\"" ID
        "\",\"sig\":\"YQ==\"}]}",
        "{\"payload\":\"YQ==\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"YQ==\","
        "\"keyid\":\"" ID "\"}]}",
        /* another member, no signature, two of them */
        HEAD ID "\",\"sig\":\"YQ==\",\"cert\":\"\"}]}",
        "{\"payload\":\"YQ==\",\"payloadType\":\"t\",\"signatures\":[]}",
        HEAD ID "\",\"sig\":\"YQ==\"},{\"keyid\":\"" ID "\",\"sig\":\"YQ==\"}]}",
        /* a base64 of other bits, without padding, of the URL alphabet */
        "{\"payload\":\"YR==\",\"payloadType\":\"t\",\"signatures\":[{\"keyid\":\"" ID
        "\",\"sig\":\"YQ==\"}]}",
        "{\"payload\":\"YQ\",\"payloadType\":\"t\",\"signatures\":[{\"keyid\":\"" ID
        "\",\"sig\":\"YQ==\"}]}",
        "{\"payload\":\"_-__\",\"payloadType\":\"t\",\"signatures\":[{\"keyid\":\"" ID
        "\",\"sig\":\"YQ==\"}]}",
        HEAD ID "\",\"sig\":\"YR==\"}]}",
        /* an escape, although it would be a legal one */
        "{\"payload\":\"YQ==\",\"payloadType\":\"\\u0074\",\"signatures\":[{\"keyid\":\"" ID
        "\",\"sig\":\"YQ==\"}]}",
        "{\"payload\":\"YQ==\",\"payloadType\":\"\xc3\xa9\",\"signatures\":[{\"keyid\":\"" ID
        "\",\"sig\":\"YQ==\"}]}",
        "{\"payload\":\"YQ==\",\"payloadType\":\"\x7f\",\"signatures\":[{\"keyid\":\"" ID
        "\",\"sig\":\"YQ==\"}]}",
        "{\"payload\":\"YQ==\",\"payloadType\":\"\",\"signatures\":[{\"keyid\":\"" ID
        "\",\"sig\":\"YQ==\"}]}",
        /* key ids: upper case, too short, too long, none */
        HEAD "520828BDEACC2D499EB0D490093764A211F43D38623ACE5924F8492AB93A489E\",\"sig\":\"YQ=="
             "\"}]}",
        HEAD
        "520828bdeacc2d499eb0d490093764a211f43d38623ace5924f8492ab93a48\",\"sig\":\"YQ==\"}]}",
        HEAD ID "00\",\"sig\":\"YQ==\"}]}",
        HEAD "\",\"sig\":\"YQ==\"}]}",
        /* signatures: none, no base64, the string not closed */
        HEAD ID "\",\"sig\":\"\"}]}",
        HEAD ID "\",\"sig\":\"!\"}]}",
        HEAD ID "\",\"sig\":\"YQ==",
        HEAD ID "\",\"sig\":\"YQ==\"}]} ",
    };
    static const char good[] = HEAD ID "\",\"sig\":\"YQ==\"}]}";
    struct dsse got;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(parse(bad[i], strlen(bad[i]), &got) == ERR_PARSE, "%s", bad[i]);
    }
    ck_assert_int_eq(parse(good, strlen(good), &got), ERR_OK);
    ck_assert_str_eq(buf_str(&body), "a");
    ck_assert_str_eq(got.type, "t");
    ck_assert_uint_eq(got.sig.len, 1);
}
END_TEST

START_TEST(refusal_names_the_byte)
{
    static const char bad[] = "{\"payload\":\"YQ==\",\"payloadtype\":\"t\"";
    struct err e = ERR_INIT;
    struct dsse got;

    ck_assert_int_eq(dsse_parse(bad, strlen(bad), &got, &body, &e), ERR_PARSE);
    ck_assert_ptr_nonnull(strstr(e.text, "byte 17 "));
    ck_assert_int_eq(dsse_parse("{\"payload\":\"Y\",", 15, &got, &body, &e), ERR_PARSE);
    ck_assert_ptr_nonnull(strstr(e.text, "byte 13 "));
}
END_TEST

START_TEST(types_that_json_would_escape_are_not_written)
{
    static const char *const bad[] = {"", "a\"b", "a\\b", "a\nb", "t\x7f", "\xc3\xa9"};
    struct dsse d = sign_as(type, "x", 1);

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        (void)snprintf(d.type, sizeof(d.type), "%s", bad[i]);
        ck_assert_int_eq(dsse_write(&d, "x", 1, &text, NULL), ERR_RANGE);
    }
    memset(d.type, 't', sizeof(d.type)); /* not ended */
    ck_assert_int_eq(dsse_write(&d, "x", 1, &text, NULL), ERR_RANGE);
    ck_assert_uint_eq(text.len, 0);
    d.type[DSSE_TYPE_MAX] = '\0';
    ck_assert_int_eq(dsse_write(&d, "x", 1, &text, NULL), ERR_OK);
    ck_assert_int_eq(parse(text.data, text.len, &d), ERR_OK);
    ck_assert_uint_eq(strlen(d.type), DSSE_TYPE_MAX);
}
END_TEST

START_TEST(type_of_one_byte_too_many_is_refused)
{
    struct dsse got;

    buf_adds(&text, "{\"payload\":\"YQ==\",\"payloadType\":\"");
    for (size_t i = 0; i <= DSSE_TYPE_MAX; i++) {
        buf_addc(&text, 't');
    }
    buf_adds(&text, "\",\"signatures\":[{\"keyid\":\"" ID "\",\"sig\":\"YQ==\"}]}");
    ck_assert_int_eq(parse(text.data, text.len, &got), ERR_PARSE);
}
END_TEST

START_TEST(signature_has_a_largest_length)
{
    struct dsse d = sign_as(type, "x", 1);
    struct dsse got;
    uint8_t zeros[SIGNATURE_MAX + 1] = {0};

    d.sig.len = 0;
    ck_assert_int_eq(dsse_write(&d, "x", 1, &text, NULL), ERR_RANGE);
    d.sig.len = SIGNATURE_MAX + 1;
    ck_assert_int_eq(dsse_write(&d, "x", 1, &text, NULL), ERR_RANGE);
    d.sig.len = SIGNATURE_MAX;
    write_envelope(&d, "x", 1);
    ck_assert_int_eq(parse(text.data, text.len, &got), ERR_OK);
    ck_assert_uint_eq(got.sig.len, SIGNATURE_MAX);
    buf_clear(&text);
    buf_adds(&text, HEAD ID "\",\"sig\":\"");
    buf_add_base64(&text, zeros, sizeof(zeros));
    buf_adds(&text, "\"}]}");
    ck_assert_int_eq(parse(text.data, text.len, &got), ERR_PARSE);
}
END_TEST

/* A payload so long that the envelope has exactly `want` bytes; false when base64 does not
 * allow it. */
static bool envelope_of(size_t want, const uint8_t *data, struct dsse *d, enum err_code *rc)
{
    size_t around = 0;

    write_envelope(d, data, 0);
    around = text.len;
    if ((want - around) % 4 != 0) {
        return false;
    }
    buf_clear(&text);
    *rc = dsse_write(d, data, (want - around) / 4 * 3, &text, NULL);
    return true;
}

START_TEST(envelope_has_a_largest_size)
{
    uint8_t *data = calloc(1, 70000);
    struct dsse d = sign_as(type, "x", 1);
    struct dsse got;
    enum err_code rc = ERR_OK;
    size_t n = 0;

    ck_assert_ptr_nonnull(data);
    /* One byte more in the type moves the envelope by one: each size from 65,532 on is met. */
    for (size_t more = 0; more < 4; more++) {
        for (size_t want = DSSE_ENVELOPE_MAX - 3; want <= DSSE_ENVELOPE_MAX + 4; want++) {
            if (envelope_of(want, data, &d, &rc)) {
                ck_assert_int_eq(rc, want <= DSSE_ENVELOPE_MAX ? ERR_OK : ERR_LIMIT);
                ck_assert(rc != ERR_OK || parse(text.data, text.len, &got) == ERR_OK);
                n++;
            }
        }
        d.type[strlen(d.type)] = 't';
    }
    ck_assert_uint_eq(n, 8);
    buf_clear(&text);
    ck_assert_int_eq(dsse_write(&d, data, DSSE_ENVELOPE_MAX + 1, &text, NULL), ERR_LIMIT);
    memset(data, '{', 70000);
    ck_assert_int_eq(parse((const char *)data, DSSE_ENVELOPE_MAX + 1, &got), ERR_LIMIT);
    ck_assert_int_eq(parse((const char *)data, DSSE_ENVELOPE_MAX, &got), ERR_PARSE);
    free(data);
}
END_TEST

START_TEST(result_larger_than_the_buffer_is_an_error)
{
    struct dsse d = sign_as(type, "some payload", 12);
    struct buf small;

    write_envelope(&d, "some payload", 12);
    buf_init(&small, text.len - 1);
    ck_assert_int_eq(dsse_write(&d, "some payload", 12, &small, NULL), ERR_LIMIT);
    buf_release(&small);
    buf_init(&small, 5);
    ck_assert_int_eq(dsse_parse(text.data, text.len, &d, &small, NULL), ERR_LIMIT);
    buf_release(&small);
}
END_TEST

static struct dsse life;

static enum err_code step_sign(struct err *e)
{
    struct signature sig;

    return dsse_sign(key, type, "x", 1, &sig, e);
}

static enum err_code step_verify(struct err *e)
{
    return dsse_verify(public_key, &life, "x", 1, e);
}

static enum err_code step_write(struct err *e)
{
    struct buf out;
    enum err_code rc = ERR_OK;

    buf_init(&out, 1024);
    rc = dsse_write(&life, "x", 1, &out, e);
    buf_release(&out);
    return rc;
}

static enum err_code step_parse(struct err *e)
{
    struct buf out;
    struct dsse d;
    enum err_code rc = ERR_OK;

    buf_init(&out, 1024);
    rc = dsse_parse(text.data, text.len, &d, &out, e);
    buf_release(&out);
    return rc;
}

START_TEST(running_out_of_memory_anywhere_is_an_error)
{
    life = sign_as(type, "x", 1);
    write_envelope(&life, "x", 1);
    walk_faults(step_sign);
    walk_faults(step_verify);
    walk_faults(step_write);
    walk_faults(step_parse);
}
END_TEST

Suite *suite_dsse(void)
{
    Suite *s = suite_create("dsse");
    TCase *t = tcase_create("dsse");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, pae_is_that_of_the_specification);
    tcase_add_test(t, published_signature_holds);
    tcase_add_test(t, envelope_has_the_exact_form);
    tcase_add_test(t, envelope_gives_back_what_was_put_in);
    tcase_add_test(t, signature_covers_type_and_payload);
    tcase_add_test(t, envelope_with_any_byte_changed_is_refused_or_does_not_verify);
    tcase_add_test(t, truncated_or_longer_envelope_is_refused);
    tcase_add_test(t, other_spellings_are_refused);
    tcase_add_test(t, refusal_names_the_byte);
    tcase_add_test(t, types_that_json_would_escape_are_not_written);
    tcase_add_test(t, type_of_one_byte_too_many_is_refused);
    tcase_add_test(t, signature_has_a_largest_length);
    tcase_add_test(t, envelope_has_a_largest_size);
    tcase_add_test(t, result_larger_than_the_buffer_is_an_error);
    tcase_add_test(t, running_out_of_memory_anywhere_is_an_error);
    suite_add_tcase(s, t);
    return s;
}
