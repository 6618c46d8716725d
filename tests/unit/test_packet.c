#include <config.h>

#include "tests/unit/check_packet.h"

#include <string.h>

#include "base/json.h"

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

#define HEAD "{\"device_id\":\"AKM-0001\",\"timestamp\":\"2025-08-29T10:03:00Z\",\"nonce\":7"
#define TAIL ",\"register\":1.5,\"kwh_delta\":0.125,\"signature\":\"MAA=\"}"

START_TEST(what_the_firmware_builds_is_read_and_its_signature_holds)
{
    struct sign_key *key = NULL;
    struct buf text;
    buf_init(&text, 4096);
    ck_assert_int_eq(sign_key_generate(&key, &e), ERR_OK);
    struct packet_fields f = sample_fields(123456);
    sample_packet(key, &f, &text);
    struct ecdsa_key *k = device_key(key);
    ck_assert_int_eq(parse(buf_str(&text)), ERR_OK);
    ck_assert(is(packet.device, "AKM-0001"));
    ck_assert_int_eq(packet.lane, LANE_JSON);
    ck_assert_int_eq(packet.nonce, 123456);
    ck_assert_int_eq(packet.utc, 1756461780);
    ck_assert_int_eq(packet.kind, METER_ENERGY);
    ck_assert(is(packet.delta, "0.125"));
    ck_assert_uint_eq(packet.reading_count, 1);
    ck_assert(is(packet.readings[0].value, "135.956"));
    ck_assert_str_eq(packet.readings[0].unit->symbol, "kWh");
    ck_assert(ecdsa_verify(k, packet.digest, packet.signed_bytes.data, packet.signed_bytes.len,
                           packet.sig, packet.sig_len));
    /* Any changed byte is either refused or does not verify. */
    for (size_t i = 0; i < text.len; i++) {
        text.data[i] ^= 1;
        if (packet_parse(text.data, text.len, &scratch, &packet, &why, &e) == ERR_OK) {
            ck_assert(!ecdsa_verify(k, packet.digest, packet.signed_bytes.data,
                                    packet.signed_bytes.len, packet.sig, packet.sig_len));
        } else {
            ck_assert_int_ne(why, PACKET_TAKEN);
        }
        text.data[i] ^= 1;
    }
    ecdsa_key_free(k);
    sign_key_free(key);
    buf_release(&text);
}
END_TEST

START_TEST(signed_bytes_are_the_canonical_form_however_the_packet_is_laid_out)
{
    ck_assert_int_eq(parse("{ \"nonce\" : 7 , \"voltage\":220.10,\t\"current\":-0.0,\n"
                           "\"device_id\":\"AKM-0001\",\"firmware\":\"v\\u0031\\/\\n\\u00e9\","
                           "\"register\":100,\"kwh_delta\":0.50, \"x\":true,"
                           "\"timestamp\":\"2025-08-29T10:03:00Z\",\"signature\":\"MAA=\"}"),
                     ERR_PARSE); /* a firmware with escapes is no version */
    ck_assert_int_eq(why, PACKET_BAD_FIELD);
    ck_assert_int_eq(parse("{ \"nonce\" : 7 , \"voltage\":220.10,\t\"current\":-0.0,\n"
                           "\"device_id\":\"AKM-0001\",\"note\":\"v\\u0031\\/\\n\\u00e9\","
                           "\"register\":100,\"kwh_delta\":0.50, \"x\":true,"
                           "\"timestamp\":\"2025-08-29T10:03:00Z\",\"signature\":\"MAA=\"}"),
                     ERR_OK);
    ck_assert(is(packet.signed_bytes,
                 "{\"current\":0,\"device_id\":\"AKM-0001\",\"kwh_delta\":0.5,\"nonce\":7,"
                 "\"note\":\"v1/\\n\xc3\xa9\",\"register\":100,"
                 "\"timestamp\":\"2025-08-29T10:03:00Z\",\"voltage\":220.1,\"x\":true}"));
}
END_TEST

static const struct {
    const char *text;
    enum packet_refusal why;
} refused[] = {
    {"", PACKET_MALFORMED},
    {"[]", PACKET_MALFORMED},
    {"{}", PACKET_MALFORMED},
    {HEAD "", PACKET_MALFORMED},
    {HEAD TAIL "x", PACKET_MALFORMED},
    {HEAD ",\"nonce\":7" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":{}" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":[1]" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":1e3" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":01" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":1." TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":.5" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":+1" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":NaN" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":1234567890123456" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":0.0000001" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":\"\\ud800\"" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":\"\\q\"" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":\"\x01\"" TAIL, PACKET_MALFORMED},
    {HEAD ",\"\\u0061\":1" TAIL, PACKET_MALFORMED},
    {HEAD ",\"\":1" TAIL, PACKET_MALFORMED},
    {HEAD ",\"a\":\"\xff\"" TAIL, PACKET_MALFORMED},
    {"{\"timestamp\":\"2025-08-29T10:03:00Z\",\"nonce\":7" TAIL, PACKET_BAD_FIELD},
    {"{\"device_id\":\"A\",\"timestamp\":\"2025-08-29 10:03\",\"nonce\":7" TAIL,
     PACKET_BAD_FIELD},
    {"{\"device_id\":\"A\",\"timestamp\":\"2025-02-30T10:03:00Z\",\"nonce\":7" TAIL,
     PACKET_BAD_FIELD},
    {"{\"device_id\":\"A\",\"timestamp\":\"2025-08-29T10:03:00Z\",\"nonce\":-1" TAIL,
     PACKET_BAD_FIELD},
    {"{\"device_id\":\"A\",\"timestamp\":\"2025-08-29T10:03:00Z\",\"nonce\":\"7\"" TAIL,
     PACKET_BAD_FIELD},
    {"{\"device_id\":\"A\",\"timestamp\":\"2025-08-29T10:03:00Z\",\"nonce\":7.5" TAIL,
     PACKET_BAD_FIELD},
    {HEAD ",\"delta\":1" TAIL, PACKET_BAD_FIELD},
    {HEAD ",\"unidad\":\"furlong\"" TAIL, PACKET_BAD_FIELD},
    {HEAD ",\"tipo_medida\":\"vapor\"" TAIL, PACKET_BAD_FIELD},
    {HEAD ",\"voltage\":\"220\"" TAIL, PACKET_BAD_FIELD},
    {HEAD ",\"register\":1.5,\"signature\":\"MAA=\"}", PACKET_BAD_FIELD},    /* of no unit */
    {HEAD ",\"kwh_delta\":0.125,\"signature\":\"MAA=\"}", PACKET_BAD_FIELD}, /* no register */
    {HEAD ",\"register\":1,\"kwh_delta\":1}", PACKET_BAD_FIELD},
    {HEAD ",\"register\":1,\"kwh_delta\":1,\"signature\":\"\"}", PACKET_BAD_FIELD},
    {HEAD ",\"register\":1,\"kwh_delta\":1,\"signature\":\"MAA\"}", PACKET_BAD_FIELD},
};

START_TEST(malformed_packets_are_refused_with_a_reason)
{
    ck_assert_int_eq(parse(HEAD TAIL), ERR_OK);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        e.text[0] = '\0';
        ck_assert_msg(parse(refused[i].text) == ERR_PARSE, "taken: %s", refused[i].text);
        ck_assert_msg(why == refused[i].why, "%s: %s", refused[i].text,
                      packet_refusal_name(why));
        ck_assert_str_ne(e.text, "");
    }
}
END_TEST

START_TEST(limits_are_where_they_are_said_to_be)
{
    struct buf b;
    buf_init(&b, 3 * PACKET_BYTES_MAX);
    buf_adds(&b, HEAD TAIL);
    while (b.len < PACKET_BYTES_MAX) {
        buf_addc(&b, ' ');
    }
    ck_assert_int_eq(packet_parse(b.data, b.len, &scratch, &packet, &why, &e), ERR_OK);
    buf_addc(&b, ' ');
    ck_assert_int_eq(packet_parse(b.data, b.len, &scratch, &packet, &why, &e), ERR_LIMIT);
    ck_assert_int_eq(why, PACKET_TOO_LONG);
    buf_clear(&b);
    buf_adds(&b, HEAD);
    for (unsigned i = 0; i < PACKET_MEMBERS_MAX - 6; i++) {
        buf_addf(&b, ",\"m%u\":%u", i, i);
    }
    size_t head = b.len;
    buf_adds(&b, TAIL);
    ck_assert_int_eq(packet_parse(b.data, b.len, &scratch, &packet, &why, &e), ERR_OK);
    b.len = head;
    buf_adds(&b, ",\"one\":1" TAIL);
    ck_assert_int_eq(packet_parse(b.data, b.len, &scratch, &packet, &why, &e), ERR_PARSE);
    buf_release(&b);
}
END_TEST

/* The scanner of ours against the general reader and writer of canonical JSON. */
START_TEST(canonical_form_agrees_with_the_general_writer)
{
    static const char *const texts[] = {
        HEAD TAIL,
        HEAD ",\"Z\":\"\\u20ac\\t\\\"\",\"a\":-12.50,\"B\":null" TAIL,
        HEAD ",\"a\":999999999999999,\"b\":0.000001,\"c\":123456.7890,\"d\":-0" TAIL,
        HEAD ",\"a\":\"\xe2\x82\xac\",\"~\":\"\",\"!\":\"\\b\\f\\r\\u001f\"" TAIL,
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct arena a;
        struct json *v = NULL;
        struct json *cut = NULL;
        struct buf want;
        arena_init(&a, 1 << 20);
        buf_init(&want, 1 << 16);
        ck_assert_int_eq(parse(texts[i]), ERR_OK);
        ck_assert_int_eq(
            json_parse(texts[i], strlen(texts[i]), &json_limits_default, &a, &v, &e), ERR_OK);
        cut = json_new_object(&a);
        for (size_t m = 0; m < v->u.object.count; m++) {
            if (strcmp(v->u.object.members[m].name, "signature") != 0) {
                ck_assert(json_set(&a, cut, v->u.object.members[m].name,
                                   v->u.object.members[m].value));
            }
        }
        ck_assert_int_eq(json_write_jcs(cut, &want, &e), ERR_OK);
        ck_assert_uint_eq(want.len, packet.signed_bytes.len);
        ck_assert_mem_eq(want.data, packet.signed_bytes.data, want.len);
        buf_release(&want);
        arena_release(&a);
    }
}
END_TEST

Suite *suite_packet(void)
{
    Suite *s = suite_create("packet");
    TCase *t = tcase_create("json");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_the_firmware_builds_is_read_and_its_signature_holds);
    tcase_add_test(t, signed_bytes_are_the_canonical_form_however_the_packet_is_laid_out);
    tcase_add_test(t, malformed_packets_are_refused_with_a_reason);
    tcase_add_test(t, limits_are_where_they_are_said_to_be);
    tcase_add_test(t, canonical_form_agrees_with_the_general_writer);
    suite_add_tcase(s, t);
    return s;
}
