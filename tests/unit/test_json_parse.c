#include <config.h>

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fault.h"
#include "tests/unit/check_base.h"

static enum err_code parse_with(const char *text, size_t len, const struct json_limits *limits,
                                struct err *e)
{
    struct arena a;
    struct json *v = NULL;
    arena_init(&a, 1 << 26);
    enum err_code code = json_parse(text, len, limits, &a, &v, e);
    ck_assert_int_eq(code == ERR_OK, v != NULL);
    arena_release(&a);
    return code;
}

/* What it reads, in canonical form. */
static void assert_reads(const char *text, const char *canonical)
{
    struct arena a;
    struct json *v;
    struct buf b;
    arena_init(&a, 1 << 20);
    buf_init(&b, 10000);
    OK(json_parse(text, strlen(text), &json_limits_default, &a, &v, e));
    OK(json_write_jcs(v, &b, e));
    assert_text(&b, canonical);
    arena_release(&a);
}

START_TEST(json_texts_are_read)
{
    static const char *const rows[][2] = {
        {"null", "null"},
        {" true ", "true"},
        {"\t\r\n false\n", "false"},
        {"0", "0"},
        {"-0", "0"},
        {"-7", "-7"},
        {"9007199254740991", "9007199254740991"},
        {"-9007199254740991", "-9007199254740991"},
        {"9007199254740992", "9007199254740992"},
        {"12345678901234567890", "12345678901234567000"},
        {"1.0", "1"},
        {"1.5e3", "1500"},
        {"1E+2", "100"},
        {"1e-2", "0.01"},
        {"-0.0", "0"},
        {"1e-999", "0"},
        {"\"\"", "\"\""},
        {"\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"a\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {"\"\\u0041\\u00e9\\u20aC\\ud83d\\uDE00\"", "\"Aé€😀\""},
        {"\"\\ud7ff\\ue000\\uFB33\\uffff\"", "\"\ud7ff\ue000\ufb33\uffff\""},
        {"\"\\u0000\\u001f\\u007f\"", "\"\\u0000\\u001f\x7f\""},
        {"\"é€😀\"", "\"é€😀\""},
        {"[]", "[]"},
        {"[ ]", "[]"},
        {"{}", "{}"},
        {"{ }", "{}"},
        {"[1,2,[3]]", "[1,2,[3]]"},
        {" [ 1 , 2 ] ", "[1,2]"},
        {"{\"b\":1,\"a\":{\"c\":[]}}", "{\"a\":{\"c\":[]},\"b\":1}"},
        {" { \"a\" : 1 , \"\" : null } ", "{\"\":null,\"a\":1}"},
        {"{\"a\":1,\"A\":2,\"a\\u0000\":3}", "{\"A\":2,\"a\":1,\"a\\u0000\":3}"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_reads(rows[i][0], rows[i][1]);
    }
}
END_TEST

static const char *const malformed[] = {
    "",
    " ",
    "nul",
    "nulL",
    "tru",
    "True",
    "falsey",
    "fals",
    "null null",
    "1 2",
    "+1",
    "01",
    "-01",
    "00",
    "-",
    "-x",
    ".5",
    "1.",
    "1.e5",
    "1e",
    "1e+",
    "1e-",
    "0x10",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e999",
    "1_000",
    "\"",
    "\"abc",
    "\"abc\\",
    "\"abc\\\"",
    "\"\\x41\"",
    "\"\\u12\"",
    "\"\\u123g\"",
    "\"\\u",
    "\"\\U0041\"",
    "\"a\nb\"",
    "\"a\tb\"",
    "\"\x1f\"",
    "\"\\ud800\"",
    "\"\\ud800x\"",
    "\"\\ud800\\n\"",
    "\"\\ud800\\u0041\"",
    "\"\\ud800\\ud800\"",
    "\"\\ud800\\ue000\"",
    "\"\\ud800\\u12\"",
    "\"\\udc00\"",
    "\"\\udc00\\ud800\"",
    "\"\xff\"",
    "\"\xc0\x80\"",
    "\"\xed\xa0\x80\"",
    "\"\xc3\"",
    "'a'",
    "[",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1}",
    "]",
    "[[]",
    "{",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{\"a\" 1}",
    "{a:1}",
    "{1:1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1]",
    "{,}",
    "{\"a\":1,\"a\":1}",
    "{\"a\":1,\"b\":2,\"\\u0061\":3}",
    "}",
    "// x\n1",
    "/* x */ 1",
    "\xef\xbb\xbf[]",
    "\v1",
    "[1]x",
    "{\"\xff\":1}",
};

START_TEST(malformed_texts_are_refused)
{
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
        size_t len = strlen(malformed[i]);
        char *copy = malloc(len > 0 ? len : 1); /* without a NUL behind it */
        memcpy(copy, malformed[i], len);
        struct err e = ERR_INIT;
        ck_assert_msg(parse_with(copy, len, &json_limits_default, &e) == ERR_PARSE, "%s",
                      malformed[i]);
        ck_assert_ptr_nonnull(strstr(e.text, "line "));
        free(copy);
    }
    FAILS(ERR_PARSE, parse_with("\"a\0b\"", 5, &json_limits_default, e));
    FAILS(ERR_PARSE, parse_with("\"\\\0\"", 4, &json_limits_default, e));
    FAILS(ERR_PARSE, parse_with("1\0", 2, &json_limits_default, e));
    FAILS(ERR_PARSE, parse_with("\0", 1, &json_limits_default, e));
}
END_TEST

START_TEST(every_cut_of_a_good_text_is_refused)
{
    static const char text[] = "{\"a\":[1.5e3,\"\\u00e9\\n\",{\"b\":null}],\"c\":[true,false]}";
    for (size_t n = 0; n < sizeof(text) - 1; n++) {
        char *copy = malloc(n > 0 ? n : 1);
        memcpy(copy, text, n);
        FAILS(ERR_PARSE, parse_with(copy, n, &json_limits_default, e));
        free(copy);
    }
    OK(parse_with(text, sizeof(text) - 1, &json_limits_default, e));
}
END_TEST

START_TEST(faults_are_placed_by_line_and_column)
{
    static const struct {
        const char *text, *place;
    } rows[] = {
        {"x", "line 1, column 1:"},
        {"[1,\n 2,\n  x]", "line 3, column 3:"},
        {"[\"éé\" x]", "line 1, column 7:"},
        {"{\"a\":1,\n\"a\":2}\n", "line 2, column 7:"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err e = ERR_INIT;
        ck_assert_int_eq(
            parse_with(rows[i].text, strlen(rows[i].text), &json_limits_default, &e),
            ERR_PARSE);
        ck_assert_msg(strstr(e.text, rows[i].place) != NULL, "%s", e.text);
    }
}
END_TEST

START_TEST(duplicate_names_are_named)
{
    struct err e = ERR_INIT;
    static const char text[] = "{\"kind\":1,\"\\u006bind\":2}";
    ck_assert_int_eq(parse_with(text, strlen(text), &json_limits_default, &e), ERR_PARSE);
    ck_assert_ptr_nonnull(strstr(e.text, "\"kind\""));
}
END_TEST

/* Objects on both sides of the size at which they are sorted, with a duplicate at each pair of
 * places. */
START_TEST(duplicates_are_found_wherever_they_are)
{
    for (int count = 2; count <= 20; count += 3) {
        for (int first = 0; first < count; first++) {
            for (int second = 0; second <= first; second++) {
                char text[400] = "{";
                for (int i = 0; i < count; i++) {
                    size_t len = strlen(text);
                    (void)snprintf(text + len, sizeof(text) - len, "%s\"n%d\":0",
                                   i > 0 ? "," : "", i == first ? second : i);
                }
                size_t len = strlen(text);
                (void)snprintf(text + len, sizeof(text) - len, "}");
                ck_assert_int_eq(parse_with(text, strlen(text), &json_limits_default, NULL),
                                 first == second ? ERR_OK : ERR_PARSE);
            }
        }
    }
}
END_TEST

/* 100,000 members in under a few seconds: looking for duplicates is not quadratic. */
START_TEST(objects_with_many_members_are_read_quickly)
{
    struct buf b;
    buf_init(&b, 4 << 20);
    buf_addc(&b, '{');
    for (int i = 0; i < 100000; i++) {
        buf_addf(&b, "%s\"member-%06d\":%d", i > 0 ? "," : "", 99999 - i, i);
    }
    buf_addc(&b, '}');
    OK(parse_with(buf_str(&b), b.len, &json_limits_default, e));
    buf_release(&b);
}
END_TEST

static void nested(struct buf *b, unsigned depth, const char *open, const char *close)
{
    for (unsigned i = 0; i < depth; i++) {
        buf_adds(b, open);
    }
    buf_adds(b, "0");
    for (unsigned i = 0; i < depth; i++) {
        buf_adds(b, close);
    }
}

START_TEST(depth_is_limited)
{
    static const struct {
        unsigned depth, max;
        enum err_code code;
    } rows[] = {
        {63, 64, ERR_OK},       {64, 64, ERR_OK},
        {65, 64, ERR_LIMIT},    {0, 0, ERR_OK},
        {1, 0, ERR_LIMIT},      {256, 5000, ERR_OK},
        {257, 5000, ERR_LIMIT}, {100000, UINT32_MAX, ERR_LIMIT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct json_limits limits = {.max_bytes = 1 << 24, .max_depth = rows[i].max};
        for (int objects = 0; objects < 2; objects++) {
            struct buf b;
            buf_init(&b, 1 << 24);
            nested(&b, rows[i].depth, objects ? "{\"a\":" : "[", objects ? "}" : "]");
            ck_assert_int_eq(parse_with(buf_str(&b), b.len, &limits, NULL), rows[i].code);
            buf_release(&b);
        }
    }
    /* Depth is what is open at once, not what there is. */
    struct json_limits two = {.max_bytes = 1000, .max_depth = 2};
    OK(parse_with("[[1],[2],[3],{}]", 16, &two, e));
}
END_TEST

START_TEST(size_is_limited)
{
    struct json_limits limits = {.max_bytes = 4, .max_depth = 4};
    OK(parse_with("[10]", 4, &limits, e));
    FAILS(ERR_LIMIT, parse_with("[100]", 5, &limits, e));
}
END_TEST

START_TEST(long_numbers_are_limited)
{
    char digits[1100];
    memset(digits, '0', sizeof(digits));
    digits[0] = '0';
    digits[1] = '.';
    OK(parse_with(digits, 1024, &json_limits_default, e));
    FAILS(ERR_LIMIT, parse_with(digits, 1025, &json_limits_default, e));
}
END_TEST

START_TEST(entries_hold_whole_numbers_and_ascii_names_only)
{
    static const char *const fine[] = {"{\"a\":9007199254740991}", "{\"a\":-9007199254740991}",
                                       "{\"a\":\"é 12.5\"}", "[0,true,null,\"x\"]"};
    static const char *const wrong[] = {"1.5",
                                        "1.0",
                                        "1e2",
                                        "9007199254740992",
                                        "-9007199254740992",
                                        "-0",
                                        "{\"é\":1}",
                                        "{\"a\\u00e9\":1}",
                                        "99999999999999999999"};
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        OK(parse_with(fine[i], strlen(fine[i]), &json_limits_entry, e));
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        FAILS(ERR_PARSE, parse_with(wrong[i], strlen(wrong[i]), &json_limits_entry, e));
        OK(parse_with(wrong[i], strlen(wrong[i]), &json_limits_default, e));
    }
    ck_assert_uint_eq(json_limits_entry.max_bytes, 65535);
    ck_assert_uint_eq(json_limits_entry.max_depth, 16);
    ck_assert_uint_eq(json_limits_default.max_bytes, 16 * 1024 * 1024);
    ck_assert_uint_eq(json_limits_default.max_depth, 64);
}
END_TEST

START_TEST(types_of_numbers)
{
    struct arena a;
    struct json *v;
    arena_init(&a, 1 << 20);
    OK(json_parse("9007199254740991", 16, &json_limits_default, &a, &v, e));
    ck_assert_int_eq(v->type, JSON_INT);
    ck_assert_int_eq(v->u.integer, INT64_C(9007199254740991));
    OK(json_parse("9007199254740992", 16, &json_limits_default, &a, &v, e));
    ck_assert_int_eq(v->type, JSON_DOUBLE);
    ck_assert(v->u.number == 9007199254740992.0);
    OK(json_parse("-1.5", 4, &json_limits_default, &a, &v, e));
    ck_assert(v->u.number == -1.5);
    arena_release(&a);
}
END_TEST

static const char rich[] =
    "{\"a\":[1,2.5,\"x\\n\",null,true],\"b\":{\"c\":{}},\"d\":1,\"e\":2,\"f\":3,\"g\":4,\"h\":"
    "5,"
    "\"i\":6,\"j\":7,\"k\":8,\"l\":\"0123456789012345678901234567890123456789\"}";

static void parse_step(void *ctx, bool failing)
{
    (void)ctx;
    enum err_code code = parse_with(rich, strlen(rich), &json_limits_default, NULL);
    ck_assert_int_eq(code, failing ? ERR_NOMEM : ERR_OK);
}

START_TEST(parsing_survives_every_allocation_failure)
{
    ck_assert_uint_ge(fault_sweep(parse_step, NULL), 4);
}
END_TEST

/* Every place at which the arena may be full. */
START_TEST(parsing_survives_every_limit_of_the_arena)
{
    size_t failures = 0;
    for (size_t max = 0; max < 4000; max += 16) {
        struct arena a;
        struct json *v = NULL;
        arena_init(&a, max);
        enum err_code code = json_parse(rich, strlen(rich), &json_limits_default, &a, &v, NULL);
        ck_assert(code == ERR_OK || code == ERR_NOMEM);
        failures += code == ERR_NOMEM;
        arena_release(&a);
    }
    ck_assert_uint_gt(failures, 50);
    ck_assert_uint_lt(failures, 240);
}
END_TEST

Suite *suite_json_parse(void)
{
    Suite *s = suite_create("json_parse");
    TCase *t = tcase_create("json_parse");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, json_texts_are_read);
    tcase_add_test(t, malformed_texts_are_refused);
    tcase_add_test(t, every_cut_of_a_good_text_is_refused);
    tcase_add_test(t, faults_are_placed_by_line_and_column);
    tcase_add_test(t, duplicate_names_are_named);
    tcase_add_test(t, duplicates_are_found_wherever_they_are);
    tcase_add_test(t, objects_with_many_members_are_read_quickly);
    tcase_add_test(t, depth_is_limited);
    tcase_add_test(t, size_is_limited);
    tcase_add_test(t, long_numbers_are_limited);
    tcase_add_test(t, entries_hold_whole_numbers_and_ascii_names_only);
    tcase_add_test(t, types_of_numbers);
    tcase_add_test(t, parsing_survives_every_allocation_failure);
    tcase_add_test(t, parsing_survives_every_limit_of_the_arena);
    suite_add_tcase(s, t);
    return s;
}
