#include <config.h>

#include "ledger/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "tests/unit/check_ledger.h"

static struct arena arena;

static void begin(void)
{
    arena_init(&arena, (size_t)16 << 20);
}

static void end(void)
{
    arena_release(&arena);
}

#define OBJ(members, rest)                                                                     \
    "{\"type\":\"object\",\"properties\":{" members "}," rest "\"additionalProperties\":"      \
    "false}"
#define ONE(schema) OBJ("\"a\":" schema, "\"required\":[\"a\"],")

/* A value, whether it fits, and a word of why not. */
static const struct {
    const char *schema, *value, *why;
} values[] = {
    {ONE("{\"type\":\"integer\",\"minimum\":-2,\"maximum\":5}"), "{\"a\":5}", NULL},
    {ONE("{\"type\":\"integer\",\"minimum\":-2,\"maximum\":5}"), "{\"a\":-2}", NULL},
    {ONE("{\"type\":\"integer\",\"minimum\":-2,\"maximum\":5}"), "{\"a\":6}",
     "$.a: this number"},
    {ONE("{\"type\":\"integer\",\"minimum\":-2,\"maximum\":5}"), "{\"a\":-3}", "bounds"},
    {ONE("{\"type\":\"integer\"}"), "{\"a\":9007199254740991}", NULL},
    {ONE("{\"type\":\"integer\"}"), "{\"a\":-9007199254740991}", NULL},
    {ONE("{\"type\":\"integer\"}"), "{\"a\":9007199254740992}", "2^53"},
    {ONE("{\"type\":\"integer\"}"), "{\"a\":99999999999999999}", "2^53"},
    {ONE("{\"type\":\"integer\"}"), "{\"a\":1.0}", "2^53"},
    {ONE("{\"type\":\"integer\"}"), "{\"a\":1e3}", "2^53"},
    {ONE("{\"type\":\"integer\"}"), "{\"a\":-0}", "2^53"},
    {ONE("{\"type\":\"integer\"}"), "{\"a\":01}", "2^53"},
    {ONE("{\"type\":\"integer\"}"), "{\"a\":-}", "whole number"},
    {ONE("{\"type\":\"integer\"}"), "{\"a\":\"1\"}", "whole number"},
    {ONE("{\"type\":\"boolean\"}"), "{\"a\":true}", NULL},
    {ONE("{\"type\":\"boolean\"}"), "{\"a\":null}", "true or false"},
    {ONE("{\"type\":\"string\"}"), "{\"a\":\"\\u001f\\u000f\\u0000\\n\\t\\\"\\\\ñ€\"}", NULL},
    {ONE("{\"type\":\"string\"}"), "{\"a\":\"\\u000a\"}", "canonical"},
    {ONE("{\"type\":\"string\"}"), "{\"a\":\"\\u001F\"}", "canonical"},
    {ONE("{\"type\":\"string\"}"), "{\"a\":\"\\/\"}", "canonical"},
    {ONE("{\"type\":\"string\"}"), "{\"a\":\"\\u0041\"}", "canonical"},
    {ONE("{\"type\":\"string\"}"), "{\"a\":\"\x01\"}", "canonical"},
    {ONE("{\"type\":\"string\"}"), "{\"a\":\"\xc3\x28\"}", "UTF-8"},
    {ONE("{\"type\":\"string\"}"), "{\"a\":\"", "canonical"},
    {ONE("{\"type\":\"string\"}"), "{\"a\":\"\\", "canonical"},
    {ONE("{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}"), "{\"a\":\"ñ€\"}", NULL},
    {ONE("{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}"), "{\"a\":\"ñ\"}", "too long"},
    {ONE("{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}"), "{\"a\":\"abcd\"}",
     "too long"},
    {ONE("{\"type\":\"string\",\"enum\":[\"in\",\"out\"]}"), "{\"a\":\"out\"}", NULL},
    {ONE("{\"type\":\"string\",\"enum\":[\"in\",\"out\"]}"), "{\"a\":\"ou\"}", "words"},
    {ONE("{\"type\":\"string\",\"enum\":[\"in\",\"out\"]}"), "{\"a\":\"outs\"}", "words"},
    {ONE("{\"type\":\"string\",\"enum\":[\"in\"]}"), "{\"a\":\"\"}", "words"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^[0-9]{2}-[a-z]+$\"}"), "{\"a\":\"12-x\"}", NULL},
    {ONE("{\"type\":\"string\",\"pattern\":\"^[0-9]{2}-[a-z]+$\"}"), "{\"a\":\"1-x\"}", "form"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^[0-9]{2}-[a-z]+$\"}"), "{\"a\":\"12-\"}", "form"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^[0-9]{2}-[a-z]+$\"}"), "{\"a\":\"12-xX\"}",
     "form"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^[0-9]{2}-[a-z]+$\"}"), "{\"a\":\"12-x\\n\"}",
     "form"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^-?[0-9]{1,3}\\\\.[0-9]*$\"}"), "{\"a\":\"-1.\"}",
     NULL},
    {ONE("{\"type\":\"string\",\"pattern\":\"^-?[0-9]{1,3}\\\\.[0-9]*$\"}"),
     "{\"a\":\"1234.\"}", "form"},
    {ONE("{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":1,\"maxItems\":2}"),
     "{\"a\":[1,2]}", NULL},
    {ONE("{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":1,\"maxItems\":2}"),
     "{\"a\":[]}", "$.a: this list"},
    {ONE("{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":1,\"maxItems\":2}"),
     "{\"a\":[1,2,3]}", "this list"},
    {ONE("{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}"), "{\"a\":[1,\"x\"]}",
     "$.a[1]: "},
    {ONE("{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}"), "{\"a\":[1,]}",
     "whole number"},
    {ONE("{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}"), "{\"a\":[1", "canonical"},
    {ONE("{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}"), "{\"a\":{}}", "a list"},
    {ONE("true"), "{\"a\":{\"b\":[{},[],null,\"x\",{\"c\":1,\"d\":false}]}}", NULL},
    {ONE("true"), "{\"a\":{\"c\":1,\"b\":1}}", "order"},
    {ONE("true"), "{\"a\":{\"b\":1,\"b\":1}}", "order"},
    {ONE("true"), "{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", NULL},
    {ONE("true"), "{\"a\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}", "too deeply"},
    {ONE("true"), "{\"a\":[1}}", "canonical"},
    {ONE("true"), "{\"a\":{\"b\":1]}", "canonical"},
    {ONE("true"), "{\"a\":{\"b\"}}", "canonical"},
    {ONE("true"), "{\"a\":[,1]}", "whole number"},
    {ONE("true"), "{\"a\":}", "whole number"},
    {ONE("true"), "{\"a\":nul}", "whole number"},
    {ONE("true"), "{}", "$.a: this member is missing"},
    {ONE("true"), "{\"b\":1}", "$.a: this member is missing"},
    {ONE("true"), "{\"a\":1,\"b\":2}", "$.b: no such member"},
    {ONE("true"), "{\"A\":1,\"a\":2}", "$.A: no such member"},
    {ONE("true"), "{\"a\":1,\"a\":1}", "twice"},
    {ONE("true"), "{\"a\":1 }", "canonical"},
    {ONE("true"), "{ \"a\":1}", "canonical"},
    {ONE("true"), "{\"a\":1}x", "behind the end"},
    {ONE("true"), "", "an object"},
    {ONE("true"), "[]", "an object"},
    {OBJ("\"b\":true,\"d\":true", "\"required\":[\"d\"],"), "{\"d\":1}", NULL},
    {OBJ("\"b\":true,\"d\":true", "\"required\":[\"d\"],"), "{\"b\":1}", "$.d: this member"},
    {OBJ("\"b\":true,\"d\":true", "\"required\":[\"d\"],"), "{\"d\":1,\"b\":1}", "order"},
    {OBJ("\"b\":true,\"d\":true", ""), "{}", NULL},
    {"{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}}",
     "{\"x/y\":1,\"z\":2}", NULL},
    {"{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}}",
     "{\"z\":1,\"x\":2}", "order"},
    {"{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}}", "{\"x\":\"1\"}",
     "$.x: a whole number"},
    {"{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}}", "{\"x\\n\":1}",
     "canonical"},
    {"{\"$ref\":\"hash.v1.json\"}", "\"" MINI_HASH "\"", NULL},
    {"{\"$ref\":\"hash.v1.json\"}", "\"" MINI_HASH "0\"", "$: this text"},
};

START_TEST(value_fits_or_is_refused_with_the_place)
{
    const struct schema *s = NULL;
    struct err why = ERR_INIT;
    const char *v = values[_i].value;
    assert_ok(schema_compile("test", values[_i].schema, &arena, &s, &e));
    enum err_code code = schema_check(s, v, strlen(v), &why);
    if (values[_i].why == NULL) {
        ck_assert_msg(code == ERR_OK, "%s: %s", v, why.text);
    } else {
        ck_assert_msg(code == ERR_PARSE && strstr(why.text, values[_i].why) != NULL, "%s: %s",
                      v, why.text);
    }
}
END_TEST

/* Whatever is cut off is refused, and nothing behind the end is read (sanitizers look on). */
START_TEST(value_that_is_cut_anywhere_is_refused)
{
    static const char whole[] =
        "{\"a\":{\"b\":[1,\"x\\u0000ñ\",true],\"c\":{}},\"d\":\"2026-11-02\"}";
    const struct schema *s = NULL;
    assert_ok(schema_compile("test", OBJ("\"a\":true,\"d\":{\"$ref\":\"date.v1.json\"}", ""),
                             &arena, &s, &e));
    for (size_t len = 0; len < strlen(whole); len++) {
        char *part = arena_strndup(&arena, whole, len);
        char *exact = mem_alloc(len + 1);
        ck_assert_ptr_nonnull(exact);
        memcpy(exact + 1, part, len); /* ends where the block ends */
        ck_assert_int_eq(schema_check(s, exact + 1, len, NULL), ERR_PARSE);
        mem_free(exact);
    }
    assert_ok(schema_check(s, whole, strlen(whole), &e));
}
END_TEST

static const struct {
    const char *schema, *why;
} refused[] = {
    {"{", "JSON"},
    {"false", "type"},
    {"{}", "type"},
    {"{\"type\":\"null\"}", "type"},
    {"{\"type\":\"number\"}", "type"},
    {"{\"type\":[\"string\"]}", "type"},
    {"{\"type\":\"object\"}", "additionalProperties"},
    {"{\"type\":\"object\",\"additionalProperties\":false,\"minProperties\":1}",
     "minProperties"},
    {"{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"a\"]}", "required"},
    {ONE("{\"type\":\"string\",\"const\":\"x\"}"), "const"},
    {ONE("{\"type\":\"string\",\"format\":\"date\"}"), "format"},
    {ONE("{\"type\":\"string\",\"minLength\":-1}"), "minLength"},
    {ONE("{\"type\":\"integer\",\"minimum\":0.5}"), "minimum"},
    {ONE("{\"type\":\"integer\",\"exclusiveMinimum\":0}"), "exclusiveMinimum"},
    {ONE("{\"type\":\"array\"}"), "items"},
    {ONE("{\"type\":\"string\",\"enum\":[]}"), "enum"},
    {ONE("{\"type\":\"string\",\"enum\":[1]}"), "enum"},
    {ONE("{\"type\":\"string\",\"enum\":[\"a\\\"\"]}"), "enum"},
    {ONE("{\"type\":\"string\",\"pattern\":\"a\"}"), "\"a\""},
    {ONE("{\"type\":\"string\",\"pattern\":\"^a\"}"), "^a"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^a$b\"}"), "^a$b"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^.$\"}"), "^.$"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^(a|b)$\"}"), "(a|b)"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^[a\"}"), "^[a"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^[z-a]$\"}"), "[z-a]"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^[^a]$\"}"), "[^a]"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^a{2$\"}"), "a{2"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^a{3,2}$\"}"), "a{3,2}"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^a{0}$\"}"), "a{0}"},
    {ONE("{\"type\":\"string\",\"pattern\":\"^[a-z]*x$\"}"), "[a-z]*x"}, /* leaves a choice */
    {ONE("{\"type\":\"string\",\"pattern\":\"^a?b*a$\"}"), "a?b*a"},
    {"{\"$ref\":\"nothing.v1.json\"}", "nothing.v1.json"},
    {"{\"$ref\":\"hash.v1\"}", "hash.v1"},
    {"{\"$ref\":\"hash.v1.json\",\"type\":\"string\"}", "$ref"},
    {"{\"$ref\":\"hash.v1.json\",\"maxLength\":3}", "maxLength"},
};

START_TEST(schema_outside_the_subset_is_refused_by_name)
{
    const struct schema *s = NULL;
    assert_error(schema_compile("test", refused[_i].schema, &arena, &s, &e), ERR_PARSE,
                 refused[_i].why);
    assert_error(schema_compile("test", refused[_i].schema, &arena, &s, &e), ERR_PARSE,
                 "schema test");
}
END_TEST

START_TEST(schema_nested_too_deeply_is_refused)
{
    struct buf text;
    const struct schema *s = NULL;
    buf_init(&text, 1 << 16);
    for (int depth = 12; depth <= 13; depth++) {
        buf_clear(&text);
        for (int i = 0; i < depth - 1; i++) {
            buf_adds(&text, "{\"type\":\"array\",\"items\":");
        }
        buf_adds(&text, "{\"type\":\"boolean\"}");
        for (int i = 0; i < depth - 1; i++) {
            buf_adds(&text, "}");
        }
        if (depth == 12) {
            assert_ok(schema_compile("test", buf_str(&text), &arena, &s, &e));
        } else {
            assert_error(schema_compile("test", buf_str(&text), &arena, &s, &e), ERR_PARSE,
                         "nested too deeply");
        }
    }
    buf_release(&text);
}
END_TEST

/* Also those that nothing refers to. */
START_TEST(every_file_is_in_the_subset)
{
    ck_assert_uint_gt(schema_sources_count, KIND_COUNT);
    for (size_t i = 0; i < schema_sources_count; i++) {
        const struct schema *s = NULL;
        assert_ok(
            schema_compile(schema_sources[i].name, schema_sources[i].text, &arena, &s, &e));
        ck_assert_ptr_eq(
            schema_source_find(schema_sources[i].name, strlen(schema_sources[i].name)),
            &schema_sources[i]);
    }
    ck_assert_ptr_null(schema_source_find("hash", 4));
}
END_TEST

START_TEST(every_kind_has_a_schema_of_an_object)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct schema *s = NULL;
        assert_ok(schema_of_entry((enum kind)k, &s, &e));
        ck_assert_ptr_nonnull(s);
        assert_error(schema_check(s, "[]", 2, &e), ERR_PARSE, "an object");
        assert_ok(schema_of_item((enum kind)k, &s, &e));
        ck_assert_int_eq(s != NULL, kind_items((enum kind)k) == ITEMS_JSON);
    }
}
END_TEST

START_TEST(unknown_kind_has_none_and_passes)
{
    const struct schema *s = NULL;
    assert_ok(schema_of_entry(KIND_COUNT, &s, &e));
    ck_assert_ptr_null(s);
    assert_ok(schema_of_item(KIND_COUNT, &s, &e));
    ck_assert_ptr_null(s);
    assert_ok(schema_check_payload(KIND_COUNT, "", 0, &e));
}
END_TEST

START_TEST(data_of_a_payload_is_found)
{
    static const char *const heads[] = {"{\"actor\":\"user:1\",\"data\":",
                                        "{\"actor\":\"a\\\\\",\"clock\":\"held\",\"data\":"};
    struct buf text;
    buf_init(&text, 4096);
    for (size_t i = 0; i < 2; i++) {
        buf_clear(&text);
        buf_addf(&text, "%s%s,\"date\":\"2026-11-02\"}", heads[i], MINI_LIMIT);
        assert_ok(schema_check_payload(KIND_limit_set, text.data, text.len, &e));
        assert_error(schema_check_payload(KIND_meter_assigned, text.data, text.len, &e),
                     ERR_PARSE, "$.account: this member is missing");
        assert_error(schema_check_payload(KIND_limit_set, text.data, strlen(heads[i]) + 5, &e),
                     ERR_PARSE, "$");
    }
    assert_error(schema_check_payload(KIND_limit_set, "{\"data\":{}}", 11, &e), ERR_PARSE,
                 "\"data\"");
    assert_error(schema_check_payload(KIND_limit_set, "{\"actor\":\"u", 11, &e), ERR_PARSE,
                 "\"data\"");
    buf_release(&text);
}
END_TEST

Suite *suite_schema(void)
{
    Suite *s = suite_create("schema");
    TCase *t = tcase_create("schema");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, value_fits_or_is_refused_with_the_place, 0,
                        sizeof values / sizeof values[0]);
    tcase_add_test(t, value_that_is_cut_anywhere_is_refused);
    tcase_add_loop_test(t, schema_outside_the_subset_is_refused_by_name, 0,
                        sizeof refused / sizeof refused[0]);
    tcase_add_test(t, schema_nested_too_deeply_is_refused);
    tcase_add_test(t, every_file_is_in_the_subset);
    tcase_add_test(t, every_kind_has_a_schema_of_an_object);
    tcase_add_test(t, unknown_kind_has_none_and_passes);
    tcase_add_test(t, data_of_a_payload_is_found);
    suite_add_tcase(s, t);
    return s;
}
