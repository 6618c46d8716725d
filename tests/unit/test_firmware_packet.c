#include <config.h>

#include "tests/unit/check_packet.h"

#include <string.h>

#include "base/json.h"

static const char *text_of(const struct packet_fields *f)
{
    static char out[PACKET_LEN_MAX + 1];
    size_t len = 0;
    ck_assert_int_eq(packet_canonical(f, out, PACKET_LEN_MAX, &len), PACK_OK);
    out[len] = '\0';
    return out;
}

static enum packet_status status_of(const struct packet_fields *f)
{
    char out[PACKET_LEN_MAX];
    size_t len = 1;
    enum packet_status s = packet_canonical(f, out, sizeof out, &len);
    ck_assert(s == PACK_OK || len == 0);
    return s;
}

START_TEST(packet_is_the_documents_example_in_canonical_form)
{
    struct packet_fields f = sample_fields(123456);
    ck_assert_str_eq(text_of(&f),
                     "{\"current\":0.57,\"device_id\":\"AKM-0001\",\"firmware\":\"v1.2.3\","
                     "\"kwh_delta\":0.125,\"nonce\":123456,\"power_factor\":0.98,"
                     "\"register\":135.956,\"timestamp\":\"2025-08-29T10:03:00Z\","
                     "\"tipo_medida\":\"energia\",\"unidad\":\"kWh\",\"voltage\":220.1}");
    f.quantity = PACKET_WATER;
    f.has_electric = false;
    f.firmware = NULL;
    f.location_hash = "ab12";
    ck_assert_str_eq(text_of(&f),
                     "{\"delta\":0.125,\"device_id\":\"AKM-0001\",\"location_hash\":\"ab12\","
                     "\"nonce\":123456,\"register\":135.956,\"timestamp\":"
                     "\"2025-08-29T10:03:00Z\",\"tipo_medida\":\"agua\",\"unidad\":\"m3\"}");
}
END_TEST

START_TEST(numbers_lose_trailing_zeros_and_nothing_else)
{
    static const struct {
        struct packet_number n;
        const char *text;
    } cases[] = {
        {{0, 0}, "\"register\":0,"},
        {{0, 3}, "\"register\":0,"},
        {{1000, 3}, "\"register\":1,"},
        {{1050, 3}, "\"register\":1.05,"},
        {{-5, 1}, "\"register\":-0.5,"},
        {{1, 6}, "\"register\":0.000001,"},
        {{999999999999999, 0}, "\"register\":999999999999999,"},
        {{999999999999999, 9}, "\"register\":999999.999999999,"},
        {{100, 0}, "\"register\":100,"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct packet_fields f = sample_fields(1);
        f.reg = cases[i].n;
        ck_assert_ptr_nonnull(strstr(text_of(&f), cases[i].text));
    }
}
END_TEST

START_TEST(canonical_form_is_that_of_rfc_8785)
{
    for (uint64_t n = 0; n < 2000; n++) {
        struct arena a;
        struct json *v = NULL;
        struct packet_fields f = sample_fields(n * 7919);
        f.voltage =
            (struct packet_number){(int64_t)(n * 104729 % 1000000007), (uint8_t)(n % 7)};
        f.time = (int64_t)(n * 126000000);
        const char *text = text_of(&f);
        arena_init(&a, 1 << 20);
        ck_assert_int_eq(json_parse(text, strlen(text), &json_limits_default, &a, &v, NULL),
                         ERR_OK);
        ck_assert_msg(json_is_canonical(text, strlen(text), v), "%s", text);
        arena_release(&a);
    }
}
END_TEST

START_TEST(fields_that_no_packet_can_hold_are_refused)
{
    struct packet_fields f = sample_fields(1);
    f.reg.scale = 10;
    ck_assert_int_eq(status_of(&f), PACK_BAD_FIELD);
    f = sample_fields(1);
    f.reg = (struct packet_number){1, 7}; /* would need an exponent */
    ck_assert_int_eq(status_of(&f), PACK_BAD_FIELD);
    f.reg = (struct packet_number){1000000000000000, 0};
    ck_assert_int_eq(status_of(&f), PACK_BAD_FIELD);
    f = sample_fields(UINT64_C(9007199254740991));
    f.reg = (struct packet_number){1, 0};
    ck_assert_int_eq(status_of(&f), PACK_OK);
    f.nonce++;
    ck_assert_int_eq(status_of(&f), PACK_BAD_FIELD);
    f = sample_fields(1);
    f.time = INT64_C(253402300799);
    ck_assert_int_eq(status_of(&f), PACK_OK);
    f.time++;
    ck_assert_int_eq(status_of(&f), PACK_BAD_FIELD);
    f.time = -1;
    ck_assert_int_eq(status_of(&f), PACK_BAD_FIELD);
    static const char *const bad[] = {"", "a\"b", "a\\b", "a\nb", "\x7f", "\xc3\xb1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        f = sample_fields(1);
        f.device_id = bad[i];
        ck_assert_int_eq(status_of(&f), PACK_BAD_FIELD);
    }
}
END_TEST

START_TEST(a_buffer_too_small_is_said_and_not_overrun)
{
    struct packet_fields f = sample_fields(1);
    size_t whole = strlen(text_of(&f));
    for (size_t size = 0; size <= whole; size++) {
        char out[PACKET_LEN_MAX];
        size_t len = 0;
        memset(out, '#', sizeof out);
        ck_assert_int_eq(packet_canonical(&f, out, size, &len),
                         size == whole ? PACK_OK : PACK_NO_ROOM);
        ck_assert_int_eq(out[size], '#');
    }
}
END_TEST

START_TEST(a_signature_that_fails_makes_no_packet)
{
    struct packet_fields f = sample_fields(1);
    char out[PACKET_LEN_MAX];
    size_t len = 1;
    ck_assert_int_eq(packet_build(&f, host_sign, NULL, out, sizeof out, &len),
                     PACK_SIGN_FAILED);
    ck_assert_uint_eq(len, 0);
}
END_TEST

Suite *suite_firmware_packet(void)
{
    Suite *s = suite_create("firmware_packet");
    TCase *t = tcase_create("packet");
    tcase_add_test(t, packet_is_the_documents_example_in_canonical_form);
    tcase_add_test(t, numbers_lose_trailing_zeros_and_nothing_else);
    tcase_add_test(t, canonical_form_is_that_of_rfc_8785);
    tcase_add_test(t, fields_that_no_packet_can_hold_are_refused);
    tcase_add_test(t, a_buffer_too_small_is_said_and_not_overrun);
    tcase_add_test(t, a_signature_that_fails_makes_no_packet);
    suite_add_tcase(s, t);
    return s;
}
