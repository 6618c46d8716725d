#include <config.h>

#include "app/name_map.h"

#include <stdio.h>

#include "base/arena.h"
#include "check_app.h"

START_TEST(a_full_map_finds_every_name_and_no_other)
{
    static char names[NAME_MAP_MAX + 1][16];
    struct name_map *m = mem_alloc(sizeof *m);
    int64_t number = 0;
    ck_assert_ptr_nonnull(m);
    name_map_clear(m);
    for (int i = 0; i <= NAME_MAP_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "N%d", i);
    }
    for (int i = 0; i < NAME_MAP_MAX; i++) {
        ck_assert(!name_map_get(m, names[i], &number));
        name_map_put(m, names[i], i * 3);
    }
    for (int i = 0; i < NAME_MAP_MAX; i++) {
        ck_assert(name_map_get(m, names[i], &number));
        ck_assert_int_eq(number, i * 3);
    }
    ck_assert(!name_map_get(m, names[NAME_MAP_MAX], &number));
    name_map_clear(m);
    ck_assert(!name_map_get(m, names[0], &number));
    mem_free(m);
}
END_TEST

START_TEST(a_name_too_many_is_our_bug)
{
    static char names[NAME_MAP_MAX + 1][16];
    struct name_map *m = mem_alloc(sizeof *m);
    name_map_clear(m);
    for (int i = 0; i <= NAME_MAP_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "N%d", i);
        name_map_put(m, names[i], i);
    }
    mem_free(m);
}
END_TEST

Suite *suite_name_map(void)
{
    Suite *s = suite_create("name_map");
    TCase *t = tcase_create("name_map");
    tcase_add_test(t, a_full_map_finds_every_name_and_no_other);
    tcase_add_test_raise_signal(t, a_name_too_many_is_our_bug, 6 /* SIGABRT */);
    suite_add_tcase(s, t);
    return s;
}
