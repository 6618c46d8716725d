#include <config.h>

#include "base/env.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/check_base.h"

START_TEST(system_clocks_are_the_kernels)
{
    int64_t before = (int64_t)time(NULL) * 1000;
    int64_t wall = env_wall_ms(&env_system);
    ck_assert_int_ge(wall, before);
    ck_assert_int_lt(wall, before + 60000);
    int64_t boot = env_boot_ms(&env_system);
    ck_assert_int_gt(boot, 0);
    ck_assert_int_le(boot, env_boot_ms(&env_system));
}
END_TEST

START_TEST(boot_id_is_the_kernels)
{
    char id[37], expected[37] = "";
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(read(fd, expected, 36), 36);
    (void)close(fd);
    OK(env_boot_id(&env_system, id, e));
    ck_assert_str_eq(id, expected);
}
END_TEST

START_TEST(system_randomness_fills_all_that_is_asked)
{
    static unsigned char a[100000], b[100000];
    size_t differing = 0, counts[256] = {0};
    OK(env_random(&env_system, a, sizeof(a), e));
    OK(env_random(&env_system, b, sizeof(b), e));
    OK(env_random(&env_system, NULL, 0, e));
    for (size_t i = 0; i < sizeof(a); i++) {
        differing += a[i] != b[i];
        counts[a[i]]++;
    }
    ck_assert_uint_gt(differing, 98000);
    for (size_t i = 0; i < 256; i++) { /* 390 expected, 13 standard deviations below */
        ck_assert_uint_gt(counts[i], 130);
    }
}
END_TEST

START_TEST(fake_clock_moves_one_step_at_each_look)
{
    struct env_fake f;
    env_fake_init(&f, 1000000, 1);
    f.step_ms = 250;
    ck_assert_int_eq(env_wall_ms(&f.env), 1000000);
    ck_assert_int_eq(env_wall_ms(&f.env), 1000250);
    int64_t boot = env_boot_ms(&f.env);
    ck_assert_int_eq(env_wall_ms(&f.env), 1000750);
    ck_assert_int_eq(env_boot_ms(&f.env), boot + 500);
    f.wall = 5; /* a test sets the clock */
    ck_assert_int_eq(env_wall_ms(&f.env), 5);
}
END_TEST

START_TEST(fake_randomness_replays_from_its_seed)
{
    struct env_fake f, g, h;
    unsigned char a[33], b[33], c[33];
    env_fake_init(&f, 0, 42);
    env_fake_init(&g, 0, 42);
    env_fake_init(&h, 0, 43);
    OK(env_random(&f.env, a, sizeof(a), e));
    OK(env_random(&g.env, b, sizeof(b), e));
    OK(env_random(&h.env, c, sizeof(c), e));
    ck_assert_int_eq(memcmp(a, b, sizeof(a)), 0);
    ck_assert_int_ne(memcmp(a, c, sizeof(a)), 0);
    OK(env_random(&f.env, a, sizeof(a), e));
    ck_assert_int_ne(memcmp(a, b, sizeof(a)), 0);
}
END_TEST

/* xoshiro256** seeded by splitmix64 from 0: first output 11091344671253066420. */
START_TEST(fake_generator_is_xoshiro256)
{
    struct env_fake f;
    unsigned char p[8];
    uint64_t v = 0;
    env_fake_init(&f, 0, 0);
    OK(env_random(&f.env, p, 8, e));
    for (size_t i = 8; i > 0; i--) {
        v = v << 8 | p[i - 1];
    }
    ck_assert_uint_eq(v, UINT64_C(11091344671253066420));
}
END_TEST

START_TEST(fake_boot_id_has_the_shape_of_a_real_one)
{
    struct env_fake f;
    char id[37];
    env_fake_init(&f, 0, 0);
    OK(env_boot_id(&f.env, id, e));
    ck_assert_uint_eq(strlen(id), 36);
    ck_assert_int_eq(id[8], '-');
}
END_TEST

Suite *suite_env(void)
{
    Suite *s = suite_create("env");
    TCase *t = tcase_create("env");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, system_clocks_are_the_kernels);
    tcase_add_test(t, boot_id_is_the_kernels);
    tcase_add_test(t, system_randomness_fills_all_that_is_asked);
    tcase_add_test(t, fake_clock_moves_one_step_at_each_look);
    tcase_add_test(t, fake_randomness_replays_from_its_seed);
    tcase_add_test(t, fake_generator_is_xoshiro256);
    tcase_add_test(t, fake_boot_id_has_the_shape_of_a_real_one);
    suite_add_tcase(s, t);
    return s;
}
