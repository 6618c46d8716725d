/* Files that are no proofs, or not of what they say: each refused, with the reason. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_proof.h"

static struct err e;
static struct buf b;

static void set_up(void)
{
    e = (struct err)ERR_INIT;
    buf_init(&b, 2 * PROOF_SIZE_MAX);
}

static void tear_down(void)
{
    buf_release(&b);
}

/* The sample with the first `from` replaced by `to`. */
static void replaced(const struct buf *s, const char *from, const char *to)
{
    const char *at = strstr(s->data, from);
    ck_assert_ptr_nonnull(at);
    buf_clear(&b);
    buf_add(&b, s->data, (size_t)(at - s->data));
    buf_adds(&b, to);
    buf_adds(&b, at + strlen(from));
}

static void refused(enum err_code code, const char *reason)
{
    enum err_code got = check_text(buf_str(&b), b.len, &e);
    ck_assert_msg(got == code, "%s: %s", err_code_name(got), e.text);
    ck_assert_msg(strstr(e.text, reason) != NULL, "%s", e.text);
}

START_TEST(a_truncated_file_is_refused_at_every_length)
{
    for (size_t n = 0; n < sample_entry.len; n++) {
        ck_assert_int_ne(check_text(sample_entry.data, n, &e), ERR_OK);
    }
    buf_add(&b, sample_bill.data, sample_bill.len / 2);
    refused(ERR_PARSE, "line 1");
}
END_TEST

START_TEST(other_spellings_are_refused)
{
    replaced(&sample_entry, "{\"aforo_proof\":1,", "{\"aforo_proof\": 1,");
    refused(ERR_PARSE, "canonical");
    replaced(&sample_entry, "{\"aforo_proof\":1,", "{\"aforo_proof\":1.0,");
    refused(ERR_PARSE, "JSON");
    buf_clear(&b);
    buf_add(&b, sample_entry.data, sample_entry.len - 1);
    refused(ERR_PARSE, "newline");
    buf_adds(&b, "\n\n");
    refused(ERR_PARSE, "canonical");
    replaced(&sample_entry, "\"office\":", "\"\\u006ffice\":");
    refused(ERR_PARSE, "canonical");
}
END_TEST

START_TEST(duplicate_and_unknown_members_are_refused)
{
    replaced(&sample_entry, "\"office\":", "\"office\":\"SJ01\",\"office\":");
    refused(ERR_PARSE, "JSON, line 1");
    replaced(&sample_entry, "\"target\":", "\"surplus\":1,\"target\":");
    refused(ERR_PARSE, "aforo_proof");
    replaced(&sample_entry, "{\"aforo_proof\":1,", "{\"aforo_proof\":2,");
    refused(ERR_UNSUPPORTED, "version");
}
END_TEST

START_TEST(a_deep_file_is_refused)
{
    for (int i = 0; i < 100000; i++) {
        buf_addc(&b, '[');
    }
    refused(ERR_LIMIT, "JSON");
}
END_TEST

START_TEST(a_large_file_is_refused)
{
    for (size_t i = 0; i <= PROOF_SIZE_MAX; i++) {
        buf_addc(&b, ' ');
    }
    refused(ERR_LIMIT, "at most");
}
END_TEST

/* A million empty lists in two megabytes would be fifty times that in memory. */
START_TEST(a_dense_file_takes_no_more_than_a_small_multiple)
{
    struct proof_checked c;
    buf_addc(&b, '[');
    for (size_t i = 0; i < 1000000; i++) {
        buf_adds(&b, "1,");
    }
    buf_adds(&b, "1]\n");
    proof_checked_init(&c);
    ck_assert_int_eq(proof_check(b.data, b.len, NULL, 0, &c, &e), ERR_LIMIT);
    ck_assert_msg(strstr(e.text, "too many values") != NULL, "%s", e.text);
    ck_assert_uint_le(c.arena.used_bytes, 12 * b.len + 262144);
    proof_checked_release(&c);
}
END_TEST

START_TEST(a_step_of_another_office_is_named)
{
    replaced(&sample_entry, "\"office\":\"SJ01\"", "\"office\":\"SJ02\"");
    refused(ERR_TAMPERED, "SJ02");
    replaced(&sample_entry, "aforo.office/SJ01\\n", "aforo.office/SJ02\\n");
    refused(ERR_TAMPERED, "aforo.office/SJ02");
}
END_TEST

/* An envelope of the same office's key, but of something else. */
START_TEST(an_envelope_of_another_type_is_refused)
{
    replaced(&sample_entry, "application/vnd.aforo.entry+json",
             "application/vnd.aforo.other+json");
    refused(ERR_TAMPERED, "application/vnd.aforo.other+json");
}
END_TEST

/* The payload of the first entry with one member changed, its envelope around it. */
static void payload_replaced(const struct buf *s, const char *from, const char *to)
{
    static const char head[] = "{\\\"payload\\\":\\\"";
    struct buf payload, coded;
    const char *start = strstr(s->data, head) + strlen(head);
    size_t len = strcspn(start, "\\");
    buf_init(&payload, 65536);
    buf_init(&coded, 131072);
    ck_assert_int_eq(base64_decode(start, len, &payload, &e), ERR_OK);
    char *at = strstr(payload.data, from);
    ck_assert_ptr_nonnull(at);
    ck_assert_uint_eq(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
    buf_add_base64(&coded, payload.data, payload.len);
    buf_add(&b, s->data, (size_t)(start - s->data));
    buf_add(&b, coded.data, coded.len);
    buf_adds(&b, start + len);
    buf_release(&coded);
    buf_release(&payload);
}

START_TEST(a_key_of_another_curve_is_refused)
{
    /* The object identifier of P-256 in its SubjectPublicKeyInfo, as base64: another curve's
     * in its place. */
    payload_replaced(&sample_entry, "KoZIzj0DAQcD", "KoZIzj0DAQED");
    refused(ERR_TAMPERED, "P-256");
}
END_TEST

START_TEST(a_changed_figure_is_refused)
{
    payload_replaced(&sample_entry, "\"currency\":\"USD\"", "\"currency\":\"CRC\"");
    refused(ERR_TAMPERED, "signature");
}
END_TEST

START_TEST(a_checkpoint_of_size_0_or_beyond_is_refused)
{
    const char *at = strstr(sample_entry.data, "aforo.office/SJ01\\n");
    char line[64] = "";
    ck_assert_ptr_nonnull(at);
    memcpy(line, at, strcspn(at + 19, "\\") + 19);
    replaced(&sample_entry, line, "aforo.office/SJ01\\n0");
    refused(ERR_TAMPERED, "");
    replaced(&sample_entry, line, "aforo.office/SJ01\\n9223372036854775808");
    refused(ERR_RANGE, "checkpoint");
}
END_TEST

/* Hexadecimal has two spellings, the proof one. Found by the mutation test. */
START_TEST(a_witness_key_with_other_digits_is_refused)
{
    const char *id = strstr(sample_bill.data, "witness.example/w1+") + 19;
    char from[32] = "w1+", to[32] = "w1+";
    memcpy(from + 3, id, 8);
    memcpy(to + 3, id, 8);
    for (size_t i = 3; i < 11; i++) {
        to[i] = (char)(to[i] >= 'a' ? to[i] - 'a' + 'A' : to[i]);
    }
    replaced(&sample_bill, from, to);
    if (strcmp(from, to) != 0) {
        refused(ERR_TAMPERED, "a key of the proof");
    }
}
END_TEST

START_TEST(steps_that_prove_nothing_are_refused)
{
    replaced(&sample_entry, "\"target\":{\"kind\":\"entry\",\"number\":5",
             "\"target\":{\"kind\":\"entry\",\"number\":1");
    refused(ERR_TAMPERED, "no part");
    replaced(&sample_payment, "\"missing\":[]", "\"missing\":[\"cosignatures\"]");
    refused(ERR_TAMPERED, "missing");
    replaced(&sample_bill, "\"kind\":\"bill\"", "\"kind\":\"bull\"");
    refused(ERR_UNSUPPORTED, "bull");
}
END_TEST

Suite *suite_proof_bad(void)
{
    Suite *s = suite_create("proof_bad");
    TCase *t = tcase_create("refused");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_truncated_file_is_refused_at_every_length);
    tcase_add_test(t, other_spellings_are_refused);
    tcase_add_test(t, duplicate_and_unknown_members_are_refused);
    tcase_add_test(t, a_deep_file_is_refused);
    tcase_add_test(t, a_large_file_is_refused);
    tcase_add_test(t, a_dense_file_takes_no_more_than_a_small_multiple);
    tcase_add_test(t, a_step_of_another_office_is_named);
    tcase_add_test(t, an_envelope_of_another_type_is_refused);
    tcase_add_test(t, a_key_of_another_curve_is_refused);
    tcase_add_test(t, a_changed_figure_is_refused);
    tcase_add_test(t, a_checkpoint_of_size_0_or_beyond_is_refused);
    tcase_add_test(t, a_witness_key_with_other_digits_is_refused);
    tcase_add_test(t, steps_that_prove_nothing_are_refused);
    suite_add_tcase(s, t);
    return s;
}
