#include <config.h>

#include "ledger/verify_pool.h"

#include <stdatomic.h>
#include <stdint.h>

#include "tests/unit/check_ledger.h"

static atomic_int done[5000];
static atomic_uint workers_seen;

static void count(void *ctx, unsigned worker, size_t index)
{
    ck_assert_ptr_eq(ctx, done);
    atomic_fetch_add(&done[index], 1);
    atomic_fetch_or(&workers_seen, 1U << worker);
}

/* Each job once, whatever the number of threads, round after round. */
START_TEST(every_job_is_done_once)
{
    static const unsigned threads[] = {1, 2, 3, 16};
    static const size_t counts[] = {0, 1, 2, 17, 5000};
    struct pool *p = NULL;
    assert_ok(pool_start(threads[_i], &p, &e));
    ck_assert_uint_ge(pool_threads(p), 1);
    ck_assert_uint_le(pool_threads(p), threads[_i]);
    for (int round = 1; round <= 20; round++) {
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
            for (size_t i = 0; i < counts[c]; i++) {
                atomic_store(&done[i], 0);
            }
            pool_begin(p, count, done, counts[c]);
            pool_finish(p);
            for (size_t i = 0; i < counts[c]; i++) {
                ck_assert_int_eq(atomic_load(&done[i]), 1);
            }
        }
    }
    ck_assert_uint_lt(atomic_load(&workers_seen), 1U << threads[_i]);
    pool_stop(p);
}
END_TEST

START_TEST(threads_are_bounded)
{
    struct pool *p = NULL;
    assert_ok(pool_start(100000, &p, &e));
    ck_assert_uint_le(pool_threads(p), POOL_THREADS_MAX);
    pool_stop(p);
    assert_ok(pool_start(0, &p, &e));
    ck_assert_uint_ge(pool_threads(p), 1);
    pool_stop(p);
    pool_stop(NULL);
}
END_TEST

Suite *suite_verify_pool(void)
{
    Suite *s = suite_create("verify_pool");
    TCase *t = tcase_create("verify_pool");
    tcase_add_loop_test(t, every_job_is_done_once, 0, 4);
    tcase_add_test(t, threads_are_bounded);
    suite_add_tcase(s, t);
    return s;
}
