#include <config.h>

#include "base/arena.h"

#include <stdint.h>
#include <string.h>

#include "tests/lib/fault.h"
#include "tests/unit/check_base.h"

START_TEST(arena_memory_is_zeroed_and_aligned)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 300; size++) {
            unsigned char *p = arena_alloc(&a, size);
            ck_assert_ptr_nonnull(p);
            QUICK((uintptr_t)p % _Alignof(max_align_t) == 0);
            for (size_t i = 0; i < size; i++) {
                QUICK(p[i] == 0);
            }
            memset(p, 0xAA, size); /* what the next round must not see */
        }
        arena_reset(&a);
        QUICK(a.used_bytes == 0);
    }
    arena_release(&a);
}
END_TEST

START_TEST(arena_pieces_do_not_overlap)
{
    struct arena a;
    unsigned char *p[200];
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < 200; i++) {
        p[i] = arena_alloc(&a, i + 1);
        memset(p[i], (int)i, i + 1);
    }
    for (size_t i = 0; i < 200; i++) {
        for (size_t k = 0; k <= i; k++) {
            QUICK(p[i][k] == i);
        }
    }
    arena_release(&a);
}
END_TEST

START_TEST(arena_stops_at_its_limit)
{
    struct arena a;
    arena_init(&a, 1000);
    ck_assert_ptr_null(arena_alloc(&a, 1001));
    ck_assert_ptr_nonnull(arena_alloc(&a, 16));
    ck_assert_ptr_null(arena_alloc(&a, 977));
    ck_assert_ptr_nonnull(arena_alloc(&a, 976));
    ck_assert_ptr_null(arena_alloc(&a, 1));
    arena_reset(&a);
    ck_assert_ptr_nonnull(arena_alloc(&a, 900));
    arena_release(&a);
    arena_init(&a, SIZE_MAX);
    ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX));
    for (size_t below = 0; below < 100;
         below++) { /* rounding and the block's head must not wrap */
        ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX - below));
    }
    ck_assert_ptr_null(arena_alloc(&a, PTRDIFF_MAX));
    arena_release(&a);
}
END_TEST

START_TEST(arena_of_nothing_can_be_released_and_reset)
{
    struct arena a;
    arena_init(&a, 100);
    arena_reset(&a);
    arena_release(&a);
    arena_release(&a);
    ck_assert_ptr_null(a.head);
}
END_TEST

START_TEST(arena_blocks_grow_so_that_large_use_needs_few)
{
    struct arena a;
    arena_init(&a, (size_t)64 << 20);
    fault_arm(0, false);
    for (size_t i = 0; i < 400000; i++) {
        ck_assert_ptr_nonnull(arena_alloc(&a, 64));
    }
    ck_assert_ptr_nonnull(arena_alloc(&a, 3 << 20)); /* larger than any block */
    (void)fault_disarm();
    ck_assert_uint_lt(fault_count(), 60);
    arena_release(&a);
}
END_TEST

START_TEST(arena_arrays_are_checked_for_overflow)
{
    struct arena a;
    arena_init(&a, 4096);
    ck_assert_ptr_null(arena_array(&a, SIZE_MAX / 2 + 2, 2));
    ck_assert_ptr_nonnull(arena_array(&a, 10, 8));
    ck_assert_uint_eq(a.used_bytes, 80);
    arena_release(&a);
}
END_TEST

START_TEST(arena_strings_are_copies)
{
    struct arena a;
    char text[] = "agua potable";
    arena_init(&a, 4096);
    char *whole = arena_strdup(&a, text);
    char *part = arena_strndup(&a, text, 4);
    text[0] = 'X';
    ck_assert_str_eq(whole, "agua potable");
    ck_assert_str_eq(part, "agua");
    ck_assert_str_eq(arena_strndup(&a, NULL, 0), "");
    ck_assert_str_eq(arena_printf(&a, "%s-%03d", "m", 7), "m-007");
    ck_assert_ptr_null(arena_strndup(&a, text, SIZE_MAX));
    ck_assert_ptr_null(arena_printf(&a, "%5000d", 1));
    arena_release(&a);
}
END_TEST

START_TEST(memory_functions_check_sizes)
{
    ck_assert_ptr_null(mem_array(SIZE_MAX / 4, 8));
    ck_assert_ptr_null(mem_realloc_array(NULL, SIZE_MAX / 4, 8));
    unsigned char *p = mem_array(3, 7);
    for (size_t i = 0; i < 21; i++) {
        ck_assert_uint_eq(p[i], 0);
    }
    memset(p, 7, 21);
    p = mem_realloc_array(p, 4, 7);
    ck_assert_uint_eq(p[20], 7);
    p = mem_realloc_array(p, 0, 7); /* never the free() in disguise */
    ck_assert_ptr_nonnull(p);
    mem_free(p);
    p = mem_alloc(0);
    ck_assert_ptr_nonnull(p);
    mem_free(p);
    mem_free(NULL);
    char *s = mem_strdup("lectura");
    ck_assert_str_eq(s, "lectura");
    mem_free(s);
}
END_TEST

static bool use_all(void)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    char *s = mem_strdup("x");
    void *p = mem_alloc(10);
    void *q = mem_array(10, 10);
    void *r = mem_realloc_array(NULL, 10, 10);
    void *b = arena_alloc(&a, 10);
    void *c = arena_alloc(&a, 100000);
    bool all = s != NULL && p != NULL && q != NULL && r != NULL && b != NULL && c != NULL;
    arena_release(&a);
    mem_free(r);
    mem_free(q);
    mem_free(p);
    mem_free(s);
    return all;
}

START_TEST(an_array_doubles_when_it_is_full_and_stays_when_memory_is_out)
{
    int *items = NULL;
    size_t room = 0;
    for (int i = 0; i < 33; i++) {
        int *more = mem_grow(items, (size_t)i, &room, sizeof *items);
        ck_assert_ptr_nonnull(more);
        ck_assert_uint_eq(room, i < 16 ? 16 : i < 32 ? 32 : 64);
        items = more;
        items[i] = i;
    }
    ck_assert_ptr_null(mem_grow(items, 64, &room, SIZE_MAX / 64));
    ck_assert_uint_eq(room, 64);
    for (int i = 0; i < 33; i++) {
        ck_assert_int_eq(items[i], i);
    }
    mem_free(items);
    room = SIZE_MAX / 2 + 1;
    ck_assert_ptr_null(mem_grow(NULL, room, &room, 1));
}
END_TEST

START_TEST(the_nth_allocation_fails_and_no_other)
{
    for (uint64_t n = 1; n <= 6; n++) {
        fault_arm(n, false);
        ck_assert(!use_all());
        ck_assert(fault_disarm());
        ck_assert_uint_eq(fault_count(), 6);
    }
    fault_arm(7, false);
    ck_assert(use_all());
    ck_assert(!fault_disarm());
}
END_TEST

START_TEST(persistent_faults_fail_all_that_follow)
{
    fault_arm(2, true);
    void *first = mem_alloc(1);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(mem_alloc(1));
    ck_assert_ptr_null(mem_alloc(1));
    ck_assert(fault_disarm());
    mem_free(first);
    void *after = mem_alloc(1);
    ck_assert_ptr_nonnull(after);
    mem_free(after);
}
END_TEST

static void count_step(void *ctx, bool failing)
{
    int *runs = ctx;
    (*runs)++;
    ck_assert_int_eq(use_all(), !failing);
}

START_TEST(a_sweep_meets_every_allocation_twice)
{
    int runs = 0;
    ck_assert_uint_eq(fault_sweep(count_step, &runs), 12);
    ck_assert_int_eq(runs, 13);
}
END_TEST

Suite *suite_arena(void)
{
    Suite *s = suite_create("arena");
    TCase *t = tcase_create("arena");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, arena_memory_is_zeroed_and_aligned);
    tcase_add_test(t, arena_pieces_do_not_overlap);
    tcase_add_test(t, arena_stops_at_its_limit);
    tcase_add_test(t, arena_of_nothing_can_be_released_and_reset);
    tcase_add_test(t, arena_blocks_grow_so_that_large_use_needs_few);
    tcase_add_test(t, arena_arrays_are_checked_for_overflow);
    tcase_add_test(t, arena_strings_are_copies);
    tcase_add_test(t, memory_functions_check_sizes);
    tcase_add_test(t, an_array_doubles_when_it_is_full_and_stays_when_memory_is_out);
    tcase_add_test(t, the_nth_allocation_fails_and_no_other);
    tcase_add_test(t, persistent_faults_fail_all_that_follow);
    tcase_add_test(t, a_sweep_meets_every_allocation_twice);
    suite_add_tcase(s, t);
    return s;
}
