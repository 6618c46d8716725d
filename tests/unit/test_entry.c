#include <config.h>

#include "ledger/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_ledger.h"

static struct arena arena;
static struct buf out;

static void begin(void)
{
    arena_init(&arena, 64 << 20);
    buf_init(&out, 2 * ENTRY_ENVELOPE_MAX);
}

static void end(void)
{
    arena_release(&arena);
    buf_release(&out);
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
/* The bytes of an entry never change: what is signed today is checked in twenty years. */
static const char golden[] =
    "{\"actor\":\"user:1\",\"clock\":\"held\",\"data\":{\"meter\":7,\"text\":"
    "\"\xc3\xb1\\u0007\"},"
    "\"date\":\"2026-11-21\",\"kind\":\"limit.set\",\"office\":\"SJ01\",\"prev\":\"" ZEROS
    "\",\"seq\":1234,\"time\":\"2026-11-21T08:08:32.123Z\",\"v\":1}";

static struct json *data_of(const char *text)
{
    struct json *o = NULL;
    assert_ok(json_parse(text, strlen(text), &json_limits_entry, &arena, &o, &e));
    return o;
}

static struct entry sample(void)
{
    return (struct entry){.seq = 1234,
                          .kind = "limit.set",
                          .version = 1,
                          .actor = "user:1",
                          .office = "SJ01",
                          .date = "2026-11-21",
                          .time_ms = INT64_C(1795248512123),
                          .clock_held = true,
                          .data = data_of("{\"text\":\"\xc3\xb1\\u0007\",\"meter\":7}")};
}

START_TEST(entry_has_its_golden_bytes)
{
    struct entry en = sample();
    assert_ok(entry_encode(&en, &arena, &out, &e));
    ck_assert_str_eq(buf_str(&out), golden);
}
END_TEST

START_TEST(entry_comes_back)
{
    struct entry en;
    assert_ok(entry_decode(golden, strlen(golden), &arena, &en, &e));
    ck_assert_int_eq(en.seq, 1234);
    ck_assert_str_eq(en.kind, "limit.set");
    ck_assert_int_eq(en.version, 1);
    ck_assert_str_eq(en.actor, "user:1");
    ck_assert_str_eq(en.office, "SJ01");
    ck_assert_str_eq(en.date, "2026-11-21");
    ck_assert_int_eq(en.time_ms, INT64_C(1795248512123));
    ck_assert(en.clock_held);
    struct hash zero = {{0}};
    ck_assert(hash_equal(&en.prev, &zero));
    assert_ok(entry_encode(&en, &arena, &out, &e));
    ck_assert_str_eq(buf_str(&out), golden);
}
END_TEST

/* Computed with Python's base64 and hashlib, not with ours. */
START_TEST(leaf_is_the_hash_of_the_golden_envelope)
{
    struct hash keyid;
    struct hash leaf;
    char hex[65];
    memset(keyid.b, 0xab, sizeof keyid.b);
    assert_ok(entry_leaf(golden, strlen(golden), &keyid, "\x01\x02\x03", 3, &out, &leaf, &e));
    hash_hex(&leaf, hex);
    ck_assert_str_eq(hex, "f991d5c9872acdf84752f3fa4a16738da465509fa02cfed2c4951ef0344cd31f");
    buf_clear(&out);
    entry_signing_bytes(golden, strlen(golden), &out);
    ck_assert_int_eq(
        strncmp(buf_str(&out), "DSSEv1 32 application/vnd.aforo.entry+json 250 {", 48), 0);
}
END_TEST

START_TEST(overlong_signature_has_no_leaf)
{
    static const char sig[SIGNATURE_MAX + 1];
    struct hash keyid = {{0}};
    struct hash leaf;
    assert_ok(entry_leaf(golden, strlen(golden), &keyid, sig, SIGNATURE_MAX, &out, &leaf, &e));
    assert_error(
        entry_leaf(golden, strlen(golden), &keyid, sig, SIGNATURE_MAX + 1, &out, &leaf, &e),
        ERR_TAMPERED, "73 bytes");
}
END_TEST

/* golden with its first `what` replaced. */
static const char *with(const char *what, const char *by)
{
    static char text[2048];
    const char *at = strstr(golden, what);
    ck_assert_ptr_nonnull(at);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - golden), golden, by,
                   at + strlen(what));
    return text;
}

static const struct bad_entry {
    const char *what, *by, *word;
} bad[] = {
    {"user:1", "", "actor"},
    {"\"user:1\"", "7", "actor"},
    {"\"held\"", "\"wrong\"", "members"},
    {"\"held\"", "1", "members"},
    {"{\"meter\":7,\"text\":\"\xc3\xb1\\u0007\"}", "[]", "data"},
    {"2026-11-21\"", "2026-11-31\"", "date"},
    {"2026-11-21\"", "21/11/2026\"", "date"},
    {"limit.set", "", "kind"},
    {"SJ01", "", "office"},
    {"\"prev\":\"0", "\"prev\":\"", "prev"},
    {"\"prev\":\"0", "\"prev\":\"g", "prev"},
    {"1234", "0", "seq"},
    {"1234", "-1", "seq"},
    {"1234", "\"1234\"", "seq"},
    {"08:08:32.123Z", "08:08:60.123Z", "time"},
    {"08:08:32.123Z", "08:08:32.123", "time"},
    {"\"v\":1", "\"v\":0", "\"v\""},
    {"\"v\":1", "\"v\":1,\"w\":1", "members"},
    {"\"v\":1", "\"w\":1", "\"v\""},
    {"{\"actor\"", "{ \"actor\"", "canonical"},
    {"\"meter\":7", "\"meter\":7.0", ""},
    {"\\u0007", "\\u0041", "canonical"},
    {"\"v\":1}", "\"v\":1}x", ""},
    {"\"v\":1}", "\"v\":1", ""},
    {"\"seq\":1234", "\"seq\":1234,\"seq\":1234", ""},
};

START_TEST(malformed_entry_is_named)
{
    struct entry en;
    const char *text = with(bad[_i].what, bad[_i].by);
    assert_error(entry_decode(text, strlen(text), &arena, &en, &e), ERR_PARSE, bad[_i].word);
}
END_TEST

START_TEST(entry_that_is_no_object_is_refused)
{
    struct entry en;
    assert_error(entry_decode("[]", 2, &arena, &en, &e), ERR_PARSE, "object");
    assert_error(entry_decode("", 0, &arena, &en, &e), ERR_PARSE, "");
}
END_TEST

/* The largest payload that fits, and one byte more. */
START_TEST(payload_limit_is_exact)
{
    struct entry en = sample();
    static char text[ENTRY_PAYLOAD_MAX];
    struct json *o = json_new_object(&arena);
    ck_assert(json_set_str(&arena, o, "t", ""));
    en.data = o;
    assert_ok(entry_encode(&en, &arena, &out, &e));
    size_t room = ENTRY_PAYLOAD_MAX - out.len;
    memset(text, 'x', sizeof text);
    text[room] = '\0';
    ck_assert(json_set_str(&arena, o, "t", text));
    buf_clear(&out);
    assert_ok(entry_encode(&en, &arena, &out, &e));
    ck_assert_uint_eq(out.len, ENTRY_PAYLOAD_MAX);
    struct hash keyid = {{0}};
    struct hash leaf;
    struct buf scratch;
    static const char sig[SIGNATURE_MAX];
    buf_init(&scratch, 2 * ENTRY_ENVELOPE_MAX);
    assert_ok(entry_leaf(out.data, out.len, &keyid, sig, sizeof sig, &scratch, &leaf, &e));
    ck_assert_uint_le(scratch.len, ENTRY_ENVELOPE_MAX);
    buf_release(&scratch);
    struct entry back;
    assert_ok(entry_decode(out.data, out.len, &arena, &back, &e));
    text[room] = 'x';
    text[room + 1] = '\0';
    ck_assert(json_set_str(&arena, o, "t", text));
    buf_clear(&out);
    assert_error(entry_encode(&en, &arena, &out, &e), ERR_LIMIT, "at most 48000");
}
END_TEST

START_TEST(floating_point_is_no_entry)
{
    struct entry en = sample();
    struct json *o = NULL;
    assert_ok(json_parse("{\"x\":1.5}", 9, &json_limits_default, &arena, &o, &e));
    en.data = o;
    enum err_code code = ERR_OK;
    struct entry back;
    struct err e = ERR_INIT;
    code = entry_encode(&en, &arena, &out, &e);
    /* Written or not, it is never read as an entry. */
    ck_assert(code != ERR_OK ||
              entry_decode(buf_str(&out), out.len, &arena, &back, &e) == ERR_PARSE);
}
END_TEST

Suite *suite_entry(void)
{
    Suite *s = suite_create("entry");
    TCase *t = tcase_create("entry");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, entry_has_its_golden_bytes);
    tcase_add_test(t, entry_comes_back);
    tcase_add_test(t, leaf_is_the_hash_of_the_golden_envelope);
    tcase_add_test(t, overlong_signature_has_no_leaf);
    tcase_add_loop_test(t, malformed_entry_is_named, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(t, entry_that_is_no_object_is_refused);
    tcase_add_test(t, payload_limit_is_exact);
    tcase_add_test(t, floating_point_is_no_entry);
    suite_add_tcase(s, t);
    return s;
}
