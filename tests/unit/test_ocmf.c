#include <config.h>

#include "tests/unit/check_packet.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "tests/lib/corpus.h"

static struct packet_scratch scratch;
static struct packet packet;
static enum packet_refusal why;
static struct err e;

static void setup(void)
{
    packet_scratch_init(&scratch);
    e = (struct err)ERR_INIT;
}

static void teardown(void)
{
    packet_scratch_release(&scratch);
}

static enum err_code parse(const char *text)
{
    return packet_parse(text, strlen(text), &scratch, &packet, &why, &e);
}

static bool is(struct slice s, const char *text)
{
    return s.data != NULL && s.len == strlen(text) && memcmp(s.data, text, s.len) == 0;
}

#define RD(more)                                                                               \
    "\"RD\":[{\"TM\":\"2021-10-26T10:21:22,000+0200 S\",\"TX\":\"E\",\"RV\":9.0380,"           \
    "\"RI\":\"1-b:1.8.0\",\"RU\":\"kWh\",\"EF\":\"\",\"ST\":\"G\"}" more "]"
#define SIG "|{\"SD\":\"3000\"}"
#define SOUND "OCMF|{\"GS\":\"K1\",\"PG\":\"T32\"," RD("") "}"

/* ---- real records with their verdicts ---- */

/* The vectors' verdict is that of OpenSSL: "curve:valid", "curve:INVALID", "key-undecodable".
 */
static void check_vector(const struct json *v)
{
    struct ecdsa_key *key = NULL;
    const char *verdict = json_get_str(v, "openssl");
    const char *text = json_get_str(v, "ocmf");
    const char *public = json_get_str(v, "public_key");
    const struct json *raw = json_get(v, "raw_RV");
    const struct json *readings = json_get(v, "readings");
    size_t values = 0;
    ck_assert(verdict != NULL && text != NULL && public != NULL);
    ck_assert_msg(parse(text) == ERR_OK, "%s: %s", text, e.text);
    for (size_t i = 0; i < packet.reading_count; i++) {
        values += packet.readings[i].value.data != NULL;
    }
    ck_assert_uint_eq(values, raw->u.array.count);
    ck_assert_uint_eq(packet.reading_count, readings->u.array.count);
    for (size_t i = 0; i < raw->u.array.count; i++) {
        const char *want = raw->u.array.items[i]->u.string.data;
        want += strspn(want, "\" ");
        struct slice got = packet.readings[i].value;
        ck_assert_mem_eq(got.data, want, got.len);
        ck_assert_uint_eq(strcspn(want, "\" "), got.len);
    }
    enum err_code code = ecdsa_key_read(public, strlen(public), CURVE_COUNT, &key, &e);
    if (strcmp(verdict, "key-undecodable") == 0) {
        ck_assert_int_eq(code, ERR_PARSE);
        return;
    }
    ck_assert_msg(code == ERR_OK, "%s: %s", public, e.text);
    const char *colon = strchr(verdict, ':');
    enum ecdsa_curve curve = CURVE_COUNT;
    ck_assert(ecdsa_curve_find(verdict, (size_t)(colon - verdict), &curve));
    ck_assert_int_eq(ecdsa_key_curve(key), curve);
    bool fits = packet.curve == CURVE_COUNT || packet.curve == curve;
    bool holds = ecdsa_verify(key, packet.digest, packet.signed_bytes.data,
                              packet.signed_bytes.len, packet.sig, packet.sig_len);
    ck_assert_msg((fits && holds) == (strcmp(colon, ":valid") == 0), "%s", text);
    ecdsa_key_free(key);
}

START_TEST(records_from_the_field_come_out_as_openssl_says)
{
    struct buf b;
    struct arena a;
    struct json *all = NULL;
    buf_init(&b, 8 << 20);
    arena_init(&a, 64 << 20);
    if (corpus_read("records_from_the_field_come_out_as_openssl_says", "ocmf/vectors.json",
                    &b)) {
        ck_assert_int_eq(json_parse(b.data, b.len, &json_limits_default, &a, &all, &e), ERR_OK);
        ck_assert_uint_gt(all->u.array.count, 50);
        for (size_t i = 0; i < all->u.array.count; i++) {
            check_vector(all->u.array.items[i]);
        }
    }
    arena_release(&a);
    buf_release(&b);
}
END_TEST

/* ---- the rules ---- */

START_TEST(payload_is_signed_as_it_stands_and_numbers_keep_their_digits)
{
    ck_assert_int_eq(parse("OCMF|{ \"GS\" : \"a|b\" ,\"PG\":\"F7\", " RD("") "}" SIG), ERR_OK);
    ck_assert_int_eq(packet.signed_bytes.data[0], '{');
    ck_assert_int_eq(packet.signed_bytes.data[packet.signed_bytes.len - 1], '}');
    ck_assert(is(packet.device, "a|b"));
    ck_assert_int_eq(packet.lane, LANE_OCMF_F);
    ck_assert_int_eq(packet.nonce, 7);
    ck_assert(is(packet.readings[0].value, "9.0380"));
    ck_assert(is(packet.readings[0].obis_c, "1"));
    ck_assert(is(packet.readings[0].obis_d, "8"));
    ck_assert_int_eq(packet.utc, 1635236482);
    ck_assert(packet.readings[0].usable);
}
END_TEST

START_TEST(readings_inherit_and_clocks_errors_and_states_are_heeded)
{
    ck_assert_int_eq(
        parse("OCMF|{\"MS\":\"M\",\"PG\":\"T1\"," RD(
            ",{\"RV\":1,\"RI\":\"01-00:01.08.00.FF\"},{\"RV\":\" 2 \",\"ST\":\"T\"},"
            "{\"RV\":3,\"ST\":\"G\",\"EF\":\"E\"},{\"RV\":3,\"EF\":\"t\"},"
            "{\"TM\":\"2021-10-26T10:21:22,000+0200 U\",\"RV\":4,\"EF\":\"\"},"
            "{\"TM\":\"2021-10-26T10:21:23,000+0200 R\",\"RV\":5,\"RU\":\"sec\"},"
            "{\"TX\":\"X\"}") "}" SIG),
        ERR_OK);
    static const bool usable[] = {true, true, false, false, false, false, false};
    ck_assert(is(packet.device, "M"));
    ck_assert_uint_eq(packet.reading_count, 7); /* the last one has no value */
    for (size_t i = 0; i < 7; i++) {
        ck_assert_msg(packet.readings[i].usable == usable[i], "%zu", i);
    }
    ck_assert(is(packet.readings[1].obis_d, "8"));
    ck_assert(is(packet.readings[2].value, "2"));
    ck_assert_ptr_null(packet.readings[6].unit);
}
END_TEST

START_TEST(signatures_come_in_hex_and_base64_and_name_their_curve)
{
    static const struct {
        const char *sig;
        enum packet_refusal why;
        enum ecdsa_curve curve;
    } cases[] = {
        {"|{\"SD\":\"30ABcd\"}", PACKET_TAKEN, CURVE_COUNT},
        {"|{\"SD\":\"MKvN\",\"SE\":\"base64\"}", PACKET_TAKEN, CURVE_COUNT},
        {"|{\"SD\":\"MKvN\"}", PACKET_TAKEN, CURVE_COUNT},
        {"|{\"SD\":\"30ABcd\",\"SA\":\"ECDSA-brainpool384r1-SHA256\",\"SE\":\"hex\","
         "\"SM\":\"application/x-der\"}",
         PACKET_TAKEN, CURVE_BRAINPOOL384R1},
        {"|{\"SD\":\"30ABcd\",\"SA\":\"ECDSA-brainpoolP256r1-SHA256\"}", PACKET_TAKEN,
         CURVE_BRAINPOOL256R1},
        {"|{\"SD\":\"30ABcd\",\"SA\":\"ECDSA-secp192r1-SHA256\"}", PACKET_TAKEN,
         CURVE_SECP192R1},
        {"|{\"SD\":\"MKvN\",\"SE\":\"hex\"}", PACKET_BAD_FIELD, CURVE_COUNT},
        {"|{\"SD\":\"30ABcd\",\"SE\":\"base32\"}", PACKET_BAD_FIELD, CURVE_COUNT},
        {"|{\"SD\":\"30ABcd\",\"SM\":\"text/plain\"}", PACKET_BAD_FIELD, CURVE_COUNT},
        {"|{\"SD\":\"30ABc\"}", PACKET_BAD_FIELD, CURVE_COUNT},
        {"|{\"SD\":\"\"}", PACKET_BAD_FIELD, CURVE_COUNT},
        {"|{\"SD\":7}", PACKET_BAD_FIELD, CURVE_COUNT},
        {"|{}", PACKET_BAD_FIELD, CURVE_COUNT},
        {"|{\"SD\":\"30ABcd\",\"SA\":\"RSA\"}", PACKET_CURVE, CURVE_COUNT},
        {"|{\"SD\":\"30ABcd\",\"SA\":\"ECDSA-secp256r1\"}", PACKET_CURVE, CURVE_COUNT},
        {"|{\"SD\":\"30ABcd\",\"SA\":\"ECDSA-secp256r1-MD5\"}", PACKET_CURVE, CURVE_COUNT},
        {"|{\"SD\":\"30ABcd\",\"SA\":\"ECDSA-\"}", PACKET_CURVE, CURVE_COUNT},
        {"|", PACKET_MALFORMED, CURVE_COUNT},
        {"", PACKET_MALFORMED, CURVE_COUNT},
        {"|[]", PACKET_MALFORMED, CURVE_COUNT},
        {"|{\"SD\":\"30ABcd\"}|{}", PACKET_MALFORMED, CURVE_COUNT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        (void)snprintf(text, sizeof text, "%s%s", SOUND, cases[i].sig);
        enum err_code code = parse(text);
        ck_assert_msg(why == cases[i].why, "%s: %s", text, packet_refusal_name(why));
        ck_assert_int_eq(code == ERR_OK, why == PACKET_TAKEN);
        if (code == ERR_OK) {
            ck_assert_int_eq(packet.curve, cases[i].curve);
            ck_assert_uint_eq(packet.sig_len, 3);
            ck_assert_mem_eq(packet.sig, "\x30\xab\xcd", 3);
        }
    }
}
END_TEST

START_TEST(payloads_that_lack_what_counts_are_refused)
{
    static const struct {
        const char *text;
        enum packet_refusal why;
    } cases[] = {
        {"OCMF|" SIG, PACKET_MALFORMED},
        {"OCMF|{\"GS\":\"K1\"", PACKET_MALFORMED},
        {"OCMF|{\"GS\":\"K1\",\"GS\":\"K2\",\"PG\":\"T1\"," RD("") "}" SIG, PACKET_MALFORMED},
        {"OCMF|{,:\"GS\":\"K1\"}" SIG, PACKET_MALFORMED},
        {"OCMF|{\"a\":[[[[[[[[[1]]]]]]]]],\"GS\":\"K1\",\"PG\":\"T1\"," RD("") "}" SIG,
         PACKET_MALFORMED},
        {"OCMF|{\"PG\":\"T1\"," RD("") "}" SIG, PACKET_BAD_FIELD},
        {"OCMF|{\"GS\":\"\",\"PG\":\"T1\"," RD("") "}" SIG, PACKET_BAD_FIELD},
        {"OCMF|{\"GS\":\"K1\"," RD("") "}" SIG, PACKET_BAD_FIELD},
        {"OCMF|{\"GS\":\"K1\",\"PG\":\"X1\"," RD("") "}" SIG, PACKET_BAD_FIELD},
        {"OCMF|{\"GS\":\"K1\",\"PG\":\"T\"," RD("") "}" SIG, PACKET_BAD_FIELD},
        {"OCMF|{\"GS\":\"K1\",\"PG\":\"T1x\"," RD("") "}" SIG, PACKET_BAD_FIELD},
        {"OCMF|{\"GS\":\"K1\",\"PG\":\"T1\"}" SIG, PACKET_BAD_FIELD},
        {"OCMF|{\"GS\":\"K1\",\"PG\":\"T1\",\"RD\":[]}" SIG, PACKET_BAD_FIELD},
        {"OCMF|{\"GS\":\"K1\",\"PG\":\"T1\",\"RD\":[7]}" SIG, PACKET_BAD_FIELD},
        {"OCMF|{\"GS\":\"K1\",\"PG\":\"T1\",\"RD\":[{\"RV\":7}]}" SIG, PACKET_BAD_FIELD},
        {"OCMF|{\"GS\":\"K1\",\"PG\":\"T1\"," RD(",{\"RV\":\"x\"}") "}" SIG, PACKET_BAD_FIELD},
        {"OCMF|{\"GS\":\"K1\",\"PG\":\"T1\"," RD(",{\"TM\":\"2021-10-26T10:21:22\"}") "}" SIG,
         PACKET_BAD_FIELD},
        {"OCMF|{\"GS\":\"K1\",\"PG\":\"T1\"," RD(
             ",{\"TM\":\"2021-10-26T10:21:22,000+0200 Q\"}") "}" SIG,
         PACKET_BAD_FIELD},
    };
    ck_assert_int_eq(parse(SOUND SIG), ERR_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_ne(parse(cases[i].text), ERR_OK);
        ck_assert_msg(why == cases[i].why, "%s: %s: %s", cases[i].text,
                      packet_refusal_name(why), e.text);
    }
}
END_TEST

/* A register shows whole smallest units; what was signed beyond that stays beside it. */
START_TEST(a_finer_value_is_shown_as_a_dial_shows_it)
{
    static const struct {
        const char *text, *unit;
        bool fits, finer;
        int64_t value;
    } cases[] = {{"12.3456", "kWh", true, true, 12345},
                 {"12.3450", "kWh", true, false, 12345},
                 {"12.345", "kWh", true, false, 12345},
                 {"12.3459", "kWh", true, true, 12345},
                 {"0.0009", "kWh", true, true, 0},
                 {"-12.3456", "kWh", false, false, 0},
                 {"-12.345", "kWh", true, false, -12345},
                 {"7.5", "Wh", true, true, 7},
                 {"99999999999999999999", "Wh", false, false, 0},
                 {"9223372036854775807", "kWh", false, false, 0},
                 {"0.0000000000000000000000000000000000000012", "kWh", false, false, 0}};
    ck_assert_int_eq(parse(SOUND SIG), ERR_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct unit *unit = unit_find(cases[i].unit);
        struct slice text = {cases[i].text, strlen(cases[i].text)};
        int64_t value = 0;
        bool finer = false;
        packet.lane = LANE_OCMF_T;
        ck_assert_msg(packet_value_shown(&packet, text, unit, &value, &finer) == cases[i].fits,
                      "%s", cases[i].text);
        ck_assert(finer == cases[i].finer);
        ck_assert_int_eq(cases[i].fits ? value : 0, cases[i].value);
        /* what is kept must be what was signed, and only where it is finer */
        struct packet_reading r = {.value = text, .unit = unit};
        ck_assert(packet_reading_agrees(&packet, &r, value, finer ? cases[i].text : NULL) ==
                  cases[i].fits);
        ck_assert(!packet_reading_agrees(&packet, &r, value, finer ? NULL : cases[i].text));
        ck_assert(!packet_reading_agrees(&packet, &r, value, finer ? "12.3457" : "1"));
        ck_assert(!packet_reading_agrees(&packet, &r, value + 1, finer ? cases[i].text : NULL));
        packet.lane = LANE_JSON;
        ck_assert(packet_value_shown(&packet, text, unit, &value, &finer) ==
                  (cases[i].fits && !cases[i].finer));
    }
}
END_TEST

Suite *suite_ocmf(void)
{
    Suite *s = suite_create("ocmf");
    TCase *t = tcase_create("ocmf");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, records_from_the_field_come_out_as_openssl_says);
    tcase_add_test(t, payload_is_signed_as_it_stands_and_numbers_keep_their_digits);
    tcase_add_test(t, readings_inherit_and_clocks_errors_and_states_are_heeded);
    tcase_add_test(t, signatures_come_in_hex_and_base64_and_name_their_curve);
    tcase_add_test(t, a_finer_value_is_shown_as_a_dial_shows_it);
    tcase_add_test(t, payloads_that_lack_what_counts_are_refused);
    suite_add_tcase(s, t);
    return s;
}
