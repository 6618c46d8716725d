#include <config.h>

#include "ledger/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/check_ledger.h"

#define MINUTE_MS INT64_C(60000)

static struct mini m;
static struct env_fake *clock_;

static void begin(void)
{
    mini_make(&m);
    clock_ = &m.clock;
    clock_->step_ms = 0;
    clock_->wall = MINI_START_MS;
    clock_->boot = 1000000;
}

static void end(void)
{
    mini_free(&m);
}

static int64_t next(int64_t last_ms, bool forced, bool *held)
{
    int64_t out = 0;
    assert_ok(clock_next(&clock_->env, m.clock_path, NULL, last_ms, forced, &out, held, &e));
    return out;
}

static void refused(int64_t last_ms, const char *word)
{
    int64_t out = 0;
    bool held = false;
    assert_error(clock_next(&clock_->env, m.clock_path, NULL, last_ms, false, &out, &held, &e),
                 ERR_STATE, word);
    assert_error(clock_next(&clock_->env, m.clock_path, NULL, last_ms, false, &out, &held, &e),
                 ERR_STATE, "aforo clock adjust");
}

START_TEST(clock_ahead_gives_its_own_time)
{
    bool held = true;
    ck_assert_int_eq(next(0, false, &held), MINI_START_MS);
    ck_assert(!held);
    ck_assert_int_eq(next(MINI_START_MS - 1, false, &held), MINI_START_MS);
    ck_assert(!held);
    ck_assert_int_eq(next(MINI_START_MS, false, &held), MINI_START_MS); /* same is not back */
    ck_assert(!held);
}
END_TEST

START_TEST(clock_a_little_back_is_held)
{
    bool held = false;
    ck_assert_int_eq(next(MINI_START_MS + 1, false, &held), MINI_START_MS + 2);
    ck_assert(held);
    int64_t last = MINI_START_MS + 4 * MINUTE_MS;
    ck_assert_int_eq(next(last, false, &held), last + 1);
    ck_assert(held);
    last = MINI_START_MS + 5 * MINUTE_MS; /* the boundary */
    ck_assert_int_eq(next(last, false, &held), last + 1);
    ck_assert(held);
}
END_TEST

START_TEST(clock_far_back_records_nothing)
{
    refused(MINI_START_MS + 5 * MINUTE_MS + 1, "behind the newest entry");
    refused(MINI_START_MS + 6 * MINUTE_MS, "360 s");
}
END_TEST

START_TEST(clock_that_left_the_boot_clock_records_nothing)
{
    bool held = false;
    assert_ok(clock_remember(&clock_->env, m.clock_path, NULL, false, &e));
    clock_->wall += 10 * MINUTE_MS; /* the boundary, while no time passed since boot */
    ck_assert_int_eq(next(0, false, &held), MINI_START_MS + 10 * MINUTE_MS);
    clock_->wall += 1;
    refused(0, "moved since this machine started");
    clock_->boot += MINUTE_MS; /* a minute did pass */
    clock_->wall += MINUTE_MS - 1;
    ck_assert_int_gt(next(0, false, &held), 0);
    clock_->wall =
        MINI_START_MS + MINUTE_MS - 11 * MINUTE_MS; /* back, against the boot clock */
    refused(0, "moved since this machine started");
}
END_TEST

START_TEST(clock_adjusted_goes_on_after_a_jump)
{
    bool held = true;
    assert_ok(clock_remember(&clock_->env, m.clock_path, NULL, false, &e));
    clock_->wall += 3 * 3600 * 1000;
    refused(0, "moved");
    ck_assert_int_eq(next(0, true, &held), clock_->wall);
    ck_assert(!held);
    assert_ok(clock_remember(&clock_->env, m.clock_path, NULL, true, &e));
    ck_assert_int_eq(next(0, false, &held), clock_->wall);
}
END_TEST

START_TEST(clock_adjusted_far_back_follows_the_newest_entry)
{
    bool held = true;
    int64_t last = MINI_START_MS + INT64_C(365) * 86400 * 1000;
    refused(last, "behind the newest entry");
    ck_assert_int_eq(next(last, true, &held), last + 1);
    ck_assert(!held);
}
END_TEST

static void state_write(const char *text)
{
    FILE *f = fopen(m.clock_path, "w");
    ck_assert_int_ge(fputs(text, f), 0);
    ck_assert_int_eq(fclose(f), 0);
}

START_TEST(across_boots_only_backward_steps_count)
{
    bool held = false;
    char line[128];
    const char *boot = "11111111-1111-4111-8111-111111111111";
    (void)snprintf(line, sizeof line, "%s %020d %020lld\n", boot, 5000,
                   (long long)(MINI_START_MS - INT64_C(40) * 86400 * 1000));
    state_write(line); /* switched off for forty days */
    ck_assert_int_eq(next(0, false, &held), MINI_START_MS);
    (void)snprintf(line, sizeof line, "%s %020d %020lld\n", boot, 5000,
                   (long long)(MINI_START_MS + 5 * MINUTE_MS));
    state_write(line); /* the boundary */
    ck_assert_int_eq(next(0, false, &held), MINI_START_MS);
    (void)snprintf(line, sizeof line, "%s %020d %020lld\n", boot, 5000,
                   (long long)(MINI_START_MS + 5 * MINUTE_MS + 1));
    state_write(line);
    refused(0, "before this machine was restarted");
}
END_TEST

START_TEST(torn_state_counts_as_absent)
{
    static const char *const torn[] = {"", "x", "00000000-0000-4000-8000-000000000000",
                                       "00000000-0000-4000-8000-000000000000 12",
                                       "short 0001 0001\n"};
    bool held = false;
    for (size_t i = 0; i < sizeof torn / sizeof torn[0]; i++) {
        state_write(torn[i]);
        ck_assert_int_eq(next(0, false, &held), MINI_START_MS);
    }
}
END_TEST

/* Many steps of less than the limit must add up: what is remembered is the start of the boot.
 */
START_TEST(small_steps_add_up)
{
    bool held = false;
    assert_ok(clock_remember(&clock_->env, m.clock_path, NULL, false, &e));
    for (int i = 0; i < 3; i++) {
        clock_->wall += 3 * MINUTE_MS;
        ck_assert_int_eq(next(0, false, &held), clock_->wall);
        assert_ok(clock_remember(&clock_->env, m.clock_path, NULL, false, &e));
    }
    clock_->wall += 3 * MINUTE_MS;
    refused(0, "moved");
}
END_TEST

START_TEST(state_that_cannot_be_written_is_named)
{
    assert_error(clock_remember(&clock_->env, "/no/such/folder/clock", NULL, true, &e),
                 ERR_NOT_FOUND, "/no/such/folder/clock");
}
END_TEST

/* A process that remembers reads no file, until what it remembers does not fit any more: then
 * another may have run clock adjust. */
START_TEST(remembered_state_is_read_again_before_it_accuses)
{
    struct clock_memory memory = {.valid = false};
    int64_t out = 0;
    bool held = false;
    struct env_fake *f = &m.clock;
    assert_ok(clock_remember(&f->env, m.clock_path, &memory, false, &e));
    ck_assert(memory.valid);
    ck_assert_int_eq(unlink(m.clock_path), 0);
    assert_ok(clock_next(&f->env, m.clock_path, &memory, 0, false, &out, &held, &e));
    assert_ok(clock_remember(&f->env, m.clock_path, &memory, false, &e));
    ck_assert_int_ne(access(m.clock_path, F_OK), 0); /* known, so not written again */
    assert_ok(clock_remember(&f->env, m.clock_path, &memory, true, &e));
    f->wall += 3600000;
    assert_error(clock_next(&f->env, m.clock_path, &memory, 0, false, &out, &held, &e),
                 ERR_STATE, "clock adjust");
    assert_ok(clock_remember(&f->env, m.clock_path, NULL, true, &e)); /* another process */
    assert_ok(clock_next(&f->env, m.clock_path, &memory, 0, false, &out, &held, &e));
    f->wall += 3600000;
    assert_error(clock_next(&f->env, m.clock_path, &memory, 0, false, &out, &held, &e),
                 ERR_STATE, "clock adjust");
}
END_TEST

Suite *suite_clock(void)
{
    Suite *s = suite_create("clock");
    TCase *t = tcase_create("clock");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, remembered_state_is_read_again_before_it_accuses);
    tcase_add_test(t, clock_ahead_gives_its_own_time);
    tcase_add_test(t, clock_a_little_back_is_held);
    tcase_add_test(t, clock_far_back_records_nothing);
    tcase_add_test(t, clock_that_left_the_boot_clock_records_nothing);
    tcase_add_test(t, clock_adjusted_goes_on_after_a_jump);
    tcase_add_test(t, clock_adjusted_far_back_follows_the_newest_entry);
    tcase_add_test(t, across_boots_only_backward_steps_count);
    tcase_add_test(t, torn_state_counts_as_absent);
    tcase_add_test(t, small_steps_add_up);
    tcase_add_test(t, state_that_cannot_be_written_is_named);
    suite_add_tcase(s, t);
    return s;
}
