/* entry_scan against entry_decode and the schema, which it must never be more lenient than. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/entry.h"
#include "ledger/schema.h"
#include "tests/unit/check_ledger.h"

#define HEX64 "d0c234d036f4ef03441e5bb7017fed10df15c7f2cc59d87d29a3ac983aae819d"

static const char *const good[] = {
    "{\"actor\":\"user:1\",\"data\":{\"meter\":33,\"reason\":\"revisi\xc3\xb3n \\\"anual\\\"\","
    "\"state\":\"out_of_service\"},\"date\":\"2026-11-02\",\"kind\":\"meter.state_set\","
    "\"office\":\"SJ01\",\"prev\":\"" HEX64
    "\",\"seq\":3000,\"time\":\"2026-11-02T14:00:09.000Z\",\"v\":1}",
    "{\"actor\":\"user:12\",\"clock\":\"held\",\"data\":{\"meter\":33,\"reason\":"
    "\",\\\"date\\\":\\\"2026-01-01\\\",\\\"kind\\\":\",\"state\":\"in_service\"},\"date\":"
    "\"2024-02-29\",\"kind\":\"meter.state_set\",\"office\":\"SJ01\",\"prev\":\"" HEX64
    "\",\"seq\":1,\"time\":\"2026-11-02T23:59:59.999Z\",\"v\":1}",
};

static struct arena arena;

static void begin(void)
{
    arena_init(&arena, 64 << 20);
}

static void end(void)
{
    arena_release(&arena);
}

static bool scanned(const char *text, size_t len, struct entry *out, enum kind *kind)
{
    const char *data = NULL;
    size_t data_len = 0;
    bool taken = entry_scan(text, len, &arena, out, kind, &data, &data_len);
    ck_assert(!taken || (data > text && data + data_len < text + len && *data == '{' &&
                         data[data_len - 1] == '}'));
    return taken;
}

/* What entry_scan takes, all the others take too, and read the same. */
static bool taken_by_all(const char *text, size_t len)
{
    struct entry fast;
    struct entry slow;
    enum kind kind = KIND_COUNT;
    if (!scanned(text, len, &fast, &kind)) {
        return false;
    }
    assert_ok(entry_decode(text, len, &arena, &slow, &e));
    ck_assert_int_eq(kind, kind_find(slow.kind, slow.version));
    assert_ok(schema_check_payload(kind, text, len, &e));
    ck_assert_str_eq(fast.actor, slow.actor);
    ck_assert_str_eq(fast.date, slow.date);
    ck_assert_str_eq(fast.kind, slow.kind);
    ck_assert_str_eq(fast.office, slow.office);
    ck_assert_int_eq(fast.seq, slow.seq);
    ck_assert_int_eq(fast.version, slow.version);
    ck_assert_int_eq(fast.time_ms, slow.time_ms);
    ck_assert_int_eq(fast.clock_held, slow.clock_held);
    ck_assert(hash_equal(&fast.prev, &slow.prev));
    return true;
}

START_TEST(usual_entry_is_taken)
{
    ck_assert(taken_by_all(good[_i], strlen(good[_i])));
}
END_TEST

/* Each byte replaced by each other one, and each one left out or doubled. */
START_TEST(nothing_is_taken_that_decoding_refuses)
{
    char text[1024];
    size_t len = strlen(good[_i]);
    size_t taken = 0;
    for (size_t at = 0; at < len; at++) {
        memcpy(text, good[_i], len + 1);
        for (int c = 0; c < 256; c++) {
            arena_reset(&arena);
            text[at] = (char)c;
            taken += taken_by_all(text, len);
        }
        memcpy(text, good[_i], at);
        memcpy(text + at, good[_i] + at + 1, len - at);
        taken += taken_by_all(text, len - 1);
        memcpy(text + at, good[_i] + at - (at > 0), len - at + 1);
        taken += taken_by_all(text, len + 1);
        (void)taken_by_all(good[_i], at); /* truncated */
    }
    ck_assert_uint_gt(taken, len); /* names and numbers have other values too */
}
END_TEST

static const struct left {
    const char *what, *by;
} left[] = {
    {"user:", "us\\u0001r:"}, /* may be fine: entry_decode says so */
    {"user:", "\xc3\xb1"},
    {"\"v\":1", "\"v\":2"}, /* a kind that is not known */
    {".000Z", "Z"},
    {"2026-11-02\",\"kind", "2026-02-30\",\"kind"},
    {"\"prev\":\"d0", "\"prev\":\"D0"},
    {"\"seq\":3000", "\"seq\":03000"},
    {"\"seq\":3000", "\"seq\":9007199254740993"},
    {"\"meter\":33", "\"meter\":-33"}, /* outside its schema */
    {"\"state\":\"out_of_service\"", "\"state\":\"broken\""},
    {"\"meter\":33", "\"lamp\":33"},
    {"\"meter\":33", "\"meter\": 33"},
};

START_TEST(other_spellings_are_left_to_decoding)
{
    char text[1024];
    struct entry en;
    enum kind kind = KIND_COUNT;
    const char *at = strstr(good[0], left[_i].what);
    ck_assert_ptr_nonnull(at);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good[0]), good[0], left[_i].by,
                   at + strlen(left[_i].what));
    ck_assert(!scanned(text, strlen(text), &en, &kind));
}
END_TEST

Suite *suite_entry_scan(void)
{
    Suite *s = suite_create("entry_scan");
    TCase *t = tcase_create("entry_scan");
    int texts = (int)(sizeof good / sizeof good[0]);
    tcase_add_checked_fixture(t, begin, end);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, usual_entry_is_taken, 0, texts);
    tcase_add_loop_test(t, nothing_is_taken_that_decoding_refuses, 0, texts);
    tcase_add_loop_test(t, other_spellings_are_left_to_decoding, 0,
                        (int)(sizeof left / sizeof left[0]));
    suite_add_tcase(s, t);
    return s;
}
