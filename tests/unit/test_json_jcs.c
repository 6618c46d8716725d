#include <config.h>

#include "base/json.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fault.h"
#include "tests/unit/check_base.h"

static void assert_number(uint64_t bits, const char *expected)
{
    struct json v = {.type = JSON_DOUBLE};
    struct buf b;
    memcpy(&v.u.number, &bits, sizeof(bits));
    buf_init(&b, 100);
    OK(json_write_jcs(&v, &b, e));
    assert_text(&b, expected);
}

/* RFC 8785 appendix B, and the edges of each branch of Number::toString. */
static struct json none = {.type = JSON_NULL};

START_TEST(numbers_print_as_ecmascript_does)
{
    static const struct {
        uint64_t bits;
        const char *text;
    } rows[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
        {0x3d30000000000000, "5.684341886080802e-14"}, /* 2^-44: not the closest of 16 digits */
        {0x3ff0000000000000, "1"},
        {0x3ff8000000000000, "1.5"},
        {0x3fb999999999999a, "0.1"},
        {0x0010000000000000, "2.2250738585072014e-308"},
        {0x000fffffffffffff, "2.225073858507201e-308"},
        {0x4024000000000000, "10"},
        {0x3f50624dd2f1a9fc, "0.001"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_number(rows[i].bits, rows[i].text);
    }
}
END_TEST

static size_t count_digits(const char *s)
{
    char digits[64];
    size_t n = 0;
    for (; *s != '\0' && *s != 'e'; s++) {
        if (*s >= '0' && *s <= '9' && (n > 0 || *s != '0')) {
            digits[n++] = *s;
        }
    }
    while (n > 0 && digits[n - 1] == '0') {
        n--;
    }
    return n;
}

/* For random doubles and for the edges of every binade: the text reads back exactly, and no
 * number with a digit less, rounded either way, does. */
START_TEST(numbers_read_back_and_are_shortest)
{
    uint64_t seed = 17;
    for (uint64_t i = 0; i < 30000; i++) {
        uint64_t bits = i < 6141 ? (i / 3) << 52 | (i % 3 == 2 ? 0xfffffffffffff : i % 3)
                                 : random_next(&seed) >> 1;
        struct json v = {.type = JSON_DOUBLE};
        struct buf b;
        char shorter[40];
        memcpy(&v.u.number, &bits, sizeof(bits));
        if (!isfinite(v.u.number) || v.u.number == 0) {
            continue;
        }
        buf_init(&b, 100);
        OK(json_write_jcs(&v, &b, e));
        QUICK(strtod(buf_str(&b), NULL) == v.u.number);
        size_t digits = count_digits(buf_str(&b));
        if (digits > 1) {
            (void)snprintf(shorter, sizeof(shorter), "%.*e", (int)digits - 2, v.u.number);
            ck_assert_msg(strtod(shorter, NULL) != v.u.number, "%s", buf_str(&b));
        }
        buf_release(&b);
    }
}
END_TEST

START_TEST(numbers_that_json_does_not_know_are_refused)
{
    const double wrong[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < 3; i++) {
        struct json v = {.type = JSON_DOUBLE};
        struct buf b;
        v.u.number = wrong[i];
        buf_init(&b, 100);
        FAILS(ERR_RANGE, json_write_jcs(&v, &b, e));
        buf_release(&b);
    }
}
END_TEST

START_TEST(integers_beyond_53_bits_are_refused)
{
    static const int64_t fine[] = {INT64_C(9007199254740991), INT64_C(-9007199254740991), 0};
    static const int64_t wrong[] = {INT64_C(9007199254740992), INT64_C(-9007199254740992),
                                    INT64_MAX, INT64_MIN};
    struct buf b;
    buf_init(&b, 100);
    for (size_t i = 0; i < 3; i++) {
        struct json v = {.type = JSON_INT, .u.integer = fine[i]};
        OK(json_write_jcs(&v, &b, e));
    }
    for (size_t i = 0; i < 4; i++) {
        struct json v = {.type = JSON_INT, .u.integer = wrong[i]};
        FAILS(ERR_RANGE, json_write_jcs(&v, &b, e));
    }
    buf_release(&b);
}
END_TEST

START_TEST(vectors_of_the_jcs_authors)
{
    static const char *const names[] = {"french", "structures", "values"};
    for (size_t i = 0; i < 3; i++) {
        char path[64];
        struct buf in, expected, out;
        struct arena a;
        struct json *v;
        buf_init(&in, 1 << 20);
        buf_init(&expected, 1 << 20);
        buf_init(&out, 1 << 20);
        (void)snprintf(path, sizeof(path), "vectors/jcs/input/%s.json", names[i]);
        if (!data_read(path, &in)) {
            (void)fprintf(stderr,
                          "# the folder of the test data is missing: vectors not read\n");
            return;
        }
        (void)snprintf(path, sizeof(path), "vectors/jcs/output/%s.json", names[i]);
        ck_assert(data_read(path, &expected));
        arena_init(&a, 1 << 20);
        OK(json_parse(in.data, in.len, &json_limits_default, &a, &v, e));
        OK(json_write_jcs(v, &out, e));
        ck_assert_uint_eq(out.len, expected.len);
        ck_assert_int_eq(memcmp(out.data, expected.data, out.len), 0);
        ck_assert(json_is_canonical(expected.data, expected.len, v));
        ck_assert(!json_is_canonical(in.data, in.len, v));
        arena_release(&a);
        buf_release(&in);
        buf_release(&expected);
        buf_release(&out);
    }
}
END_TEST

/* RFC 8785 3.2.3: the order of UTF-16 code units, not of bytes or code points. */
START_TEST(names_are_sorted_by_utf16)
{
    static const char *const sorted[] = {
        "",           "\x01",       "\r",     "1",      "A",      "a",
        "aa",         "\xc2\x80",   "ö",      "\u20ac", "\uD7FF", "\U00010000",
        "\U0001f600", "\U0010ffff", "\ue000", "\ufb33", "\uffff"};
    const size_t count = sizeof(sorted) / sizeof(sorted[0]);
    struct arena a;
    arena_init(&a, 1 << 20);
    for (uint64_t seed = 1; seed < 40; seed++) {
        uint64_t state = seed;
        struct json *o = json_new_object(&a);
        struct buf b, expected;
        bool used[17] = {false};
        buf_init(&b, 10000);
        buf_init(&expected, 10000);
        for (size_t n = 0; n < count;) {
            size_t i = random_below(&state, count);
            if (!used[i]) {
                used[i] = true;
                ck_assert(json_set_int(&a, o, sorted[i], (int64_t)i));
                n++;
            }
        }
        buf_addc(&expected, '{');
        for (size_t i = 0; i < count; i++) {
            json_add_string(&expected, sorted[i], strlen(sorted[i]));
            buf_addf(&expected, ":%zu%s", i, i + 1 < count ? "," : "}");
        }
        OK(json_write_jcs(o, &b, e));
        ck_assert_str_eq(buf_str(&b), buf_str(&expected));
        buf_release(&b);
        buf_release(&expected);
    }
    arena_release(&a);
}
END_TEST

START_TEST(objects_of_any_size_are_sorted)
{
    for (int count = 0; count < 100; count += count < 30 || count > 36 ? 9 : 1) {
        struct arena a;
        struct buf b;
        char last[16] = "";
        arena_init(&a, 1 << 20);
        buf_init(&b, 100000);
        struct json *o = json_new_object(&a), *back;
        for (int i = 0; i < count; i++) {
            char name[16];
            (void)snprintf(name, sizeof(name), "n%02d", i * 101 % count);
            ck_assert(json_set_int(&a, o, name, i));
        }
        OK(json_write_jcs(o, &b, e));
        OK(json_parse(buf_str(&b), b.len, &json_limits_default, &a, &back, e));
        ck_assert_uint_eq(back->u.object.count, (size_t)count);
        for (int i = 0; i < count; i++) {
            ck_assert_int_lt(strcmp(last, back->u.object.members[i].name), 0);
            (void)snprintf(last, sizeof(last), "%s", back->u.object.members[i].name);
        }
        arena_release(&a);
        buf_release(&b);
    }
}
END_TEST

START_TEST(strings_are_escaped_as_little_as_possible)
{
    struct buf b;
    buf_init(&b, 1000);
    for (char c = 0; c < 0x20; c++) {
        json_add_string(&b, &c, 1);
    }
    json_add_string(&b, "/<>&'\x7f\"\\ \u2028é", strlen("/<>&'\x7f\"\\ \u2028é"));
    assert_text(
        &b, "\"\\u0000\"\"\\u0001\"\"\\u0002\"\"\\u0003\"\"\\u0004\"\"\\u0005\"\"\\u0006\""
            "\"\\u0007\"\"\\b\"\"\\t\"\"\\n\"\"\\u000b\"\"\\f\"\"\\r\"\"\\u000e\"\"\\u000f\""
            "\"\\u0010\"\"\\u0011\"\"\\u0012\"\"\\u0013\"\"\\u0014\"\"\\u0015\"\"\\u0016\""
            "\"\\u0017\"\"\\u0018\"\"\\u0019\"\"\\u001a\"\"\\u001b\"\"\\u001c\"\"\\u001d\""
            "\"\\u001e\"\"\\u001f\"\"/<>&'\x7f\\\"\\\\ \u2028é\"");
}
END_TEST

START_TEST(strings_that_are_not_utf8_are_refused)
{
    struct arena a;
    struct buf b;
    arena_init(&a, 1 << 20);
    buf_init(&b, 1000);
    FAILS(ERR_PARSE, json_write_jcs(json_new_string(&a, "a\xff"), &b, e));
    struct json *o = json_new_object(&a), *l = json_new_array(&a);
    ck_assert(json_set_int(&a, o, "\xc3", 1));
    FAILS(ERR_PARSE, json_write_jcs(o, &b, e));
    ck_assert(json_push(&a, l, o));
    FAILS(ERR_PARSE, json_write_jcs(l, &b, e));
    struct json *outer = json_new_object(&a);
    ck_assert(json_set(&a, outer, "x", o));
    FAILS(ERR_PARSE, json_write_jcs(outer, &b, e));
    buf_release(&b);
    arena_release(&a);
}
END_TEST

START_TEST(values_nested_too_deeply_are_refused)
{
    struct arena a;
    struct buf b;
    arena_init(&a, 1 << 20);
    buf_init(&b, 10000);
    struct json *v = &none;
    for (int depth = 1; depth < 300; depth++) {
        buf_clear(&b);
        if (depth <= 256) {
            OK(json_write_jcs(v, &b, e));
        } else {
            FAILS(ERR_LIMIT, json_write_jcs(v, &b, e));
        }
        struct json *l = json_new_array(&a);
        ck_assert(json_push(&a, l, v));
        v = l;
    }
    buf_release(&b);
    arena_release(&a);
}
END_TEST

START_TEST(output_beyond_the_buffer_is_refused)
{
    struct arena a;
    struct buf b;
    arena_init(&a, 1 << 20);
    buf_init(&b, 5);
    FAILS(ERR_LIMIT, json_write_jcs(json_new_string(&a, "0123"), &b, e));
    buf_clear(&b);
    OK(json_write_jcs(json_new_string(&a, "012"), &b, e));
    buf_release(&b);
    arena_release(&a);
}
END_TEST

START_TEST(only_the_canonical_text_is_canonical)
{
    static const char text[] = "{\"a\":[1,\"x\"],\"b\":null}";
    struct arena a;
    struct json *v;
    arena_init(&a, 1 << 20);
    OK(json_parse(text, strlen(text), &json_limits_default, &a, &v, e));
    ck_assert(json_is_canonical(text, strlen(text), v));
    for (size_t i = 0; i < strlen(text); i++) { /* each byte matters, and so does the length */
        char other[sizeof(text)];
        memcpy(other, text, sizeof(text));
        other[i] ^= 1;
        ck_assert(!json_is_canonical(other, strlen(text), v));
        ck_assert(!json_is_canonical(text, i, v));
    }
    ck_assert(!json_is_canonical("{\"a\":[1,\"x\"],\"b\":null} ", strlen(text) + 1, v));
    arena_release(&a);
}
END_TEST

static void write_step(void *ctx, bool failing)
{
    struct buf b;
    buf_init(&b, 100000);
    enum err_code code = json_write_jcs(ctx, &b, NULL);
    ck_assert_int_eq(code, failing ? ERR_NOMEM : ERR_OK);
    buf_release(&b);
}

START_TEST(writing_survives_every_allocation_failure)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    struct json *o = json_new_object(&a);
    for (int i = 0; i < 40; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "n%d", i);
        ck_assert(json_set_str(&a, o, name, "some text"));
    }
    ck_assert_uint_gt(fault_sweep(write_step, o), 6);
    arena_release(&a);
}
END_TEST

START_TEST(a_value_without_type_is_our_bug)
{
    struct json v = {.type = (enum json_type)77};
    struct buf b;
    buf_init(&b, 100);
    ck_assert_int_ne(json_write_jcs(&v, &b, NULL), ERR_OK);
}
END_TEST

Suite *suite_json_jcs(void)
{
    Suite *s = suite_create("json_jcs");
    TCase *t = tcase_create("json_jcs");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, numbers_print_as_ecmascript_does);
    tcase_add_test(t, numbers_read_back_and_are_shortest);
    tcase_add_test(t, numbers_that_json_does_not_know_are_refused);
    tcase_add_test(t, integers_beyond_53_bits_are_refused);
    tcase_add_test(t, vectors_of_the_jcs_authors);
    tcase_add_test(t, names_are_sorted_by_utf16);
    tcase_add_test(t, objects_of_any_size_are_sorted);
    tcase_add_test(t, strings_are_escaped_as_little_as_possible);
    tcase_add_test(t, strings_that_are_not_utf8_are_refused);
    tcase_add_test(t, values_nested_too_deeply_are_refused);
    tcase_add_test(t, output_beyond_the_buffer_is_refused);
    tcase_add_test(t, only_the_canonical_text_is_canonical);
    tcase_add_test(t, writing_survives_every_allocation_failure);
    tcase_add_test_raise_signal(t, a_value_without_type_is_our_bug, SIGABRT);
    suite_add_tcase(s, t);
    return s;
}
