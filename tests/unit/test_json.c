#include <config.h>

#include "base/json.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/fault.h"
#include "tests/unit/check_base.h"

static void assert_jcs(const struct json *v, const char *expected)
{
    struct buf b;
    buf_init(&b, 100000);
    OK(json_write_jcs(v, &b, e));
    assert_text(&b, expected);
}

static struct json none = {.type = JSON_NULL};

START_TEST(values_are_built_and_read_back)
{
    struct arena a;
    int64_t i = 0;
    bool yes = false;
    arena_init(&a, 1 << 20);
    struct json *o = json_new_object(&a), *list = json_new_array(&a);
    ck_assert(json_set_int(&a, o, "seq", 1234));
    ck_assert(json_set_str(&a, o, "kind", "reading.recorded"));
    ck_assert(json_set_bool(&a, o, "held", true));
    ck_assert(json_set_bool(&a, o, "paid", false));
    ck_assert(json_set(&a, o, "note", &none));
    ck_assert(json_push(&a, list, json_new_int(&a, -1)));
    ck_assert(json_push(&a, list, json_new_string_n(&a, "a\0b", 3)));
    ck_assert(json_set(&a, o, "list", list));
    ck_assert(json_get_int(o, "seq", &i) && i == 1234);
    ck_assert_str_eq(json_get_str(o, "kind"), "reading.recorded");
    ck_assert(json_get_bool(o, "held", &yes) && yes);
    ck_assert(json_get_bool(o, "paid", &yes) && !yes);
    ck_assert_int_eq(json_get(o, "note")->type, JSON_NULL);
    ck_assert_uint_eq(json_get(o, "list")->u.array.count, 2);
    assert_jcs(o, "{\"held\":true,\"kind\":\"reading.recorded\",\"list\":[-1,\"a\\u0000b\"],"
                  "\"note\":null,\"paid\":false,\"seq\":1234}");
    arena_release(&a);
}
END_TEST

START_TEST(names_and_strings_are_copied)
{
    struct arena a;
    char name[] = "kind", value[] = "water";
    arena_init(&a, 1 << 20);
    struct json *o = json_new_object(&a);
    ck_assert(json_set_str(&a, o, name, value));
    name[0] = value[0] = 'X';
    assert_jcs(o, "{\"kind\":\"water\"}");
    arena_release(&a);
}
END_TEST

START_TEST(setting_a_name_again_replaces_its_value)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    struct json *o = json_new_object(&a);
    ck_assert(json_set_int(&a, o, "a", 1) && json_set_int(&a, o, "b", 2));
    ck_assert(json_set_str(&a, o, "a", "x"));
    ck_assert_uint_eq(o->u.object.count, 2);
    assert_jcs(o, "{\"a\":\"x\",\"b\":2}");
    arena_release(&a);
}
END_TEST

START_TEST(what_is_absent_or_of_another_type_is_not_read)
{
    struct arena a;
    int64_t i = 7;
    bool yes = true;
    arena_init(&a, 1 << 20);
    struct json *o = json_new_object(&a), *s = json_new_string(&a, "x");
    ck_assert(json_set(&a, o, "s", s) && json_set_int(&a, o, "i", 1));
    ck_assert(json_set(&a, o, "nul", json_new_string_n(&a, "a\0b", 3)));
    ck_assert_ptr_null(json_get(NULL, "s"));
    ck_assert_ptr_null(json_get(s, "s"));
    ck_assert_ptr_null(json_get(o, "t"));
    ck_assert_ptr_null(json_get(o, ""));
    ck_assert_ptr_null(json_get_str(o, "i"));
    ck_assert_ptr_null(json_get_str(o, "t"));
    ck_assert_ptr_null(json_get_str(o, "nul")); /* would read shorter than it is */
    ck_assert(!json_get_int(o, "s", &i) && !json_get_int(o, "t", &i));
    ck_assert(!json_get_bool(o, "s", &yes) && !json_get_bool(o, "t", &yes));
    ck_assert_int_eq(i, 7);
    arena_release(&a);
}
END_TEST

START_TEST(missing_memory_passes_through_as_null)
{
    struct arena a;
    arena_init(&a, 0);
    ck_assert_ptr_null(json_new_object(&a));
    ck_assert_ptr_null(json_new_array(&a));
    ck_assert_ptr_null(json_new_int(&a, 1));
    ck_assert_ptr_null(json_new_bool(&a, true));
    ck_assert_ptr_null(json_new_string(&a, "x"));
    ck_assert(!json_set_int(&a, NULL, "x", 1));
    ck_assert(!json_push(&a, NULL, NULL));
    arena_release(&a);
    arena_init(&a, 4096);
    struct json *o = json_new_object(&a), *l = json_new_array(&a), *v = &none;
    ck_assert(!json_set(&a, o, "x", NULL));
    ck_assert(!json_set(&a, NULL, "x", v));
    ck_assert(!json_push(&a, l, NULL));
    ck_assert(!json_push(&a, NULL, v));
    arena_release(&a);
}
END_TEST

static void build_step(void *ctx, bool failing)
{
    (void)ctx;
    struct arena a;
    arena_init(&a, 1 << 20);
    struct json *o = json_new_object(&a), *l = json_new_array(&a);
    bool fine = o != NULL && l != NULL;
    for (int i = 0; i < 2000 && fine; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "n%d", i % 40);
        fine = json_set_int(&a, o, name, i) && json_push(&a, l, json_new_string(&a, name));
    }
    ck_assert_int_eq(fine, !failing);
    arena_release(&a);
}

START_TEST(building_survives_every_allocation_failure)
{
    ck_assert_uint_gt(fault_sweep(build_step, NULL), 8);
}
END_TEST

/* Each point of a small arena at which it may be full. */
START_TEST(building_survives_every_limit)
{
    for (size_t max = 0; max < 3000; max += 16) {
        struct arena a;
        arena_init(&a, max);
        struct json *o = json_new_object(&a), *l = json_new_array(&a);
        for (int i = 0; i < 10; i++) {
            char name[2] = {(char)('a' + i), '\0'};
            bool set = json_set_str(&a, o, name, "value");
            bool pushed = json_push(&a, l, json_new_int(&a, i));
            ck_assert(set == (json_get(o, name) != NULL));
            ck_assert(!pushed || l->u.array.count > 0);
        }
        arena_release(&a);
    }
}
END_TEST

START_TEST(large_arrays_and_objects_keep_all_in_order)
{
    struct arena a;
    arena_init(&a, 1 << 24);
    struct json *l = json_new_array(&a), *o = json_new_object(&a);
    for (int i = 0; i < 1000; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "%d", i);
        ck_assert(json_push(&a, l, json_new_int(&a, i)) && json_set_int(&a, o, name, i));
    }
    for (int i = 0; i < 1000; i++) {
        char name[16];
        int64_t v = -1;
        (void)snprintf(name, sizeof(name), "%d", i);
        ck_assert_int_eq(l->u.array.items[i]->u.integer, i);
        ck_assert(json_get_int(o, name, &v) && v == i);
    }
    arena_release(&a);
}
END_TEST

/* A parsed value is added to like a built one. */
START_TEST(parsed_values_can_grow)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    for (int n = 0; n < 20; n++) {
        struct json *l;
        char text[100] = "[";
        for (int i = 0; i < n; i++) {
            size_t len = strlen(text);
            (void)snprintf(text + len, sizeof(text) - len, "%s%d", i > 0 ? "," : "", i);
        }
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof(text) - len, "]");
        OK(json_parse(text, strlen(text), &json_limits_default, &a, &l, e));
        for (int i = n; i < 40; i++) {
            ck_assert(json_push(&a, l, json_new_int(&a, i)));
        }
        for (int i = 0; i < 40; i++) {
            ck_assert_int_eq(l->u.array.items[i]->u.integer, i);
        }
    }
    arena_release(&a);
}
END_TEST

START_TEST(pushing_to_no_array_is_our_bug)
{
    struct arena a;
    arena_init(&a, 4096);
    (void)json_push(&a, json_new_object(&a), &none);
}
END_TEST

START_TEST(setting_in_no_object_is_our_bug)
{
    struct arena a;
    arena_init(&a, 4096);
    (void)json_set_int(&a, json_new_array(&a), "x", 1);
}
END_TEST

Suite *suite_json(void)
{
    Suite *s = suite_create("json");
    TCase *t = tcase_create("json");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, values_are_built_and_read_back);
    tcase_add_test(t, names_and_strings_are_copied);
    tcase_add_test(t, setting_a_name_again_replaces_its_value);
    tcase_add_test(t, what_is_absent_or_of_another_type_is_not_read);
    tcase_add_test(t, missing_memory_passes_through_as_null);
    tcase_add_test(t, building_survives_every_allocation_failure);
    tcase_add_test(t, building_survives_every_limit);
    tcase_add_test(t, large_arrays_and_objects_keep_all_in_order);
    tcase_add_test(t, parsed_values_can_grow);
    tcase_add_test_raise_signal(t, pushing_to_no_array_is_our_bug, SIGABRT);
    tcase_add_test_raise_signal(t, setting_in_no_object_is_our_bug, SIGABRT);
    suite_add_tcase(s, t);
    return s;
}
