#include <config.h>

#include "base/progress.h"

#include <string.h>

#include "tests/unit/check_base.h"

struct seen {
    char what[32];
    uint64_t done, total;
    int calls;
};

static bool step(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct seen *s = ctx;
    strncpy(s->what, what, sizeof(s->what) - 1);
    s->done = done;
    s->total = total;
    return ++s->calls < 2;
}

START_TEST(progress_reaches_the_caller_who_may_stop_it)
{
    struct seen seen = {0};
    struct progress p = {.ctx = &seen, .step = step};
    ck_assert(progress_step(&p, "rows", 3, 10));
    ck_assert_str_eq(seen.what, "rows");
    ck_assert_uint_eq(seen.done, 3);
    ck_assert_uint_eq(seen.total, 10);
    ck_assert(!progress_step(&p, "rows", 4, 10));
}
END_TEST

START_TEST(progress_of_nobody_goes_on)
{
    struct progress p = {0};
    ck_assert(progress_step(NULL, "rows", 1, 2));
    ck_assert(progress_step(&p, "rows", 1, 2));
}
END_TEST

Suite *suite_progress(void)
{
    Suite *s = suite_create("progress");
    TCase *t = tcase_create("progress");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, progress_reaches_the_caller_who_may_stop_it);
    tcase_add_test(t, progress_of_nobody_goes_on);
    suite_add_tcase(s, t);
    return s;
}
