/* An import and billing killed before, in and after their Nth change of the disk. The client's
 * own log of acknowledgements judges: nothing in it is missing, and the same commands finish.
 */
#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/check_faults.h"

/* A process that has done such work before reads a page or two less: the last of the counted
 * calls may then lie behind the end of the work, which must hold as well. */
#define SLACK 4

static struct {
    uint64_t all, points;
    enum disk_harm harm;
} sweep;

/* The work in a process of its own, which is killed where the plan says. */
static void killed_run(const char *dir, const char *log, const struct disk_plan *plan)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct err e = ERR_INIT;
        rig_acks(open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
        disk_watch(dir);
        disk_arm(plan);
        enum err_code code = rig_run(FLOW_WORK, dir, 7, &e);
        _exit(code == ERR_OK ? 1 : 2); /* it was to be killed */
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    bool ended = WIFEXITED(status) && WEXITSTATUS(status) == 1 && plan->nth + SLACK > sweep.all;
    ck_assert_msg(killed || ended, "call %" PRIu64 " was not reached: status %d", plan->nth,
                  status);
}

static void try_stop(uint64_t i)
{
    char dir[FIXTURE_PATH_MAX];
    char log[FIXTURE_PATH_MAX + 8];
    char what[64];
    struct disk_plan plan = {.calls = soak() ? DISK_ALL : DISK_CHANGES, .harm = sweep.harm};
    plan.nth = point(i, sweep.points, sweep.all);
    (void)snprintf(what, sizeof what, "%s call %" PRIu64 " of %" PRIu64,
                   sweep.harm == DISK_STOP ? "killed before" : "killed in", plan.nth,
                   sweep.all);
    fixture_temp_folder(dir);
    (void)snprintf(log, sizeof log, "%s.log", dir);
    rig_copy(FLOW_WORK, dir);
    killed_run(dir, log, &plan);
    rig_finishes(dir, rig_acked(log), what);
    (void)unlink(log);
    fixture_remove_folder(dir);
}

static struct spread *stops, *tears;

/* How many calls there are; once, before Check forks. */
static void calls_count(void)
{
    char dir[FIXTURE_PATH_MAX];
    struct err e = ERR_INIT;
    struct disk_plan count = {.calls = soak() ? DISK_ALL : DISK_CHANGES};
    fixture_temp_folder(dir);
    rig_copy(FLOW_WORK, dir);
    disk_watch(dir);
    disk_arm(&count);
    ck_assert_int_eq(rig_run(FLOW_WORK, dir, 7, &e), ERR_OK);
    (void)disk_disarm();
    sweep.all = disk_calls();
    disk_watch(NULL);
    fixture_remove_folder(dir);
    sweep.points = points_of(sweep.all, 50, 10000);
#ifdef AFORO_SANITIZED /* a third of them, see points_of() */
    ck_assert_uint_ge(sweep.points, soak() ? 50 : 15);
#else
    ck_assert_uint_ge(sweep.points, 50);
#endif
    (void)rig_calm();
}

START_TEST(work_that_is_killed_before_a_call_loses_nothing_acknowledged)
{
    sweep.harm = DISK_STOP;
    rig_spread(stops, _i, sweep.points, try_stop);
}
END_TEST

START_TEST(work_that_is_killed_in_a_call_loses_nothing_acknowledged)
{
    sweep.harm = DISK_TEAR;
    rig_spread(tears, _i, sweep.points, try_stop);
}
END_TEST

static TCase *stop_case(const char *name)
{
    TCase *t = tcase_create(name);
    tcase_set_timeout(t, spread_timeout());
    tcase_add_unchecked_fixture(t, calls_count, NULL);
    return t;
}

Suite *suite_fault_stop(void)
{
    Suite *s = suite_create("fault_stop");
    TCase *before = stop_case("stops_before");
    TCase *torn = stop_case("stops_torn");
    stops = spread_new("stops_before", 40);
    tears = spread_new("stops_torn", 40);
    tcase_add_loop_test(before, work_that_is_killed_before_a_call_loses_nothing_acknowledged, 0,
                        spread_parts(stops));
    tcase_add_loop_test(torn, work_that_is_killed_in_a_call_loses_nothing_acknowledged, 0,
                        spread_parts(tears));
    suite_add_tcase(s, before);
    suite_add_tcase(s, torn);
    return s;
}
