/* Power cuts: what no sync has followed is lost, torn or written in another order (seeded).
 * What was acknowledged is there; and a sync precedes every acknowledgement. */
#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/check_faults.h"

static uint64_t changes; /* of the undisturbed work */

static uint64_t mixed(uint64_t seed)
{
    seed = (seed + 0x9e3779b97f4a7c15U) * 0xbf58476d1ce4e5b9U;
    return (seed ^ seed >> 29) >> 3;
}

/* The work, the power cut at a change chosen by the seed; what the disk holds goes to `to`. */
static void cut_run(const char *dir, const char *to, const char *log, uint64_t seed, bool lies)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct err e = ERR_INIT;
        struct disk_plan plan = {.calls = DISK_CHANGES, .harm = DISK_CUT};
        plan.nth = 1 + mixed(seed) % changes;
        rig_acks(open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
        disk_watch(dir);
        disk_power();
        disk_lies(lies);
        disk_power_to(to, seed);
        disk_arm(&plan);
        (void)rig_run(FLOW_WORK, dir, 7, &e);
        _exit(1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
                  "seed %" PRIu64 ": status %d", seed, status);
}

struct cut {
    char dir[FIXTURE_PATH_MAX], after[FIXTURE_PATH_MAX], log[FIXTURE_PATH_MAX + 8];
};

static void cut_make(struct cut *c, uint64_t seed, bool lies)
{
    fixture_temp_folder(c->dir);
    fixture_temp_folder(c->after);
    (void)snprintf(c->log, sizeof c->log, "%s.log", c->dir);
    rig_copy(FLOW_WORK, c->dir);
    cut_run(c->dir, c->after, c->log, seed, lies);
}

static void cut_free(struct cut *c)
{
    (void)unlink(c->log);
    fixture_remove_folder(c->dir);
    fixture_remove_folder(c->after);
}

static void try_cut(uint64_t seed)
{
    struct cut c;
    char what[64];
    (void)snprintf(what, sizeof what, "power cut of seed %" PRIu64, seed);
    cut_make(&c, seed, false);
    rig_finishes(c.after, rig_acked(c.log), what);
    cut_free(&c);
}

static void changes_count(void)
{
    char dir[FIXTURE_PATH_MAX];
    struct err e = ERR_INIT;
    struct disk_plan count = {.calls = DISK_CHANGES};
    fixture_temp_folder(dir);
    rig_copy(FLOW_WORK, dir);
    disk_watch(dir);
    disk_arm(&count);
    ck_assert_int_eq(rig_run(FLOW_WORK, dir, 7, &e), ERR_OK);
    (void)disk_disarm();
    changes = disk_calls();
    disk_watch(NULL);
    fixture_remove_folder(dir);
}

static struct spread *cuts;

START_TEST(power_cut_loses_nothing_acknowledged)
{
    changes_count();
    rig_spread(cuts, _i, points_of(1000, 50, 1000), try_cut);
}
END_TEST

/* The same on a disk whose syncs do nothing: acknowledged entries go, and it is seen. */
START_TEST(lying_disk_is_found_out)
{
    int lost = 0;
    changes_count();
    for (uint64_t seed = 0; seed < 40 && lost == 0; seed += 4) { /* all that is unsynced goes */
        struct cut c;
        cut_make(&c, seed, true);
        lost += rig_entries(c.after) < rig_acked(c.log);
        cut_free(&c);
    }
    ck_assert_int_gt(lost, 0);
}
END_TEST

/* ---- a sync precedes every answer */

static uint64_t syncs_before;
static int answers;

static void look(void)
{
    ck_assert_msg(disk_unsynced("office.db-wal") == 0,
                  "answer %d: %zu writes to the WAL were not synced", answers + 1,
                  disk_unsynced("office.db-wal"));
    ck_assert_uint_gt(disk_syncs(), syncs_before);
    syncs_before = disk_syncs();
    answers++;
}

START_TEST(sync_precedes_every_answer)
{
    char dir[FIXTURE_PATH_MAX];
    struct err e = ERR_INIT;
    fixture_temp_folder(dir);
    rig_copy(FLOW_WORK, dir);
    disk_watch(dir);
    disk_power();
    syncs_before = disk_syncs();
    rig_at_ack(look);
    ck_assert_int_eq(rig_run(FLOW_ACT, dir, 5, &e), ERR_OK);
    ck_assert_int_eq(answers, 1);
    ck_assert_int_eq(rig_run(FLOW_WORK, dir, 6, &e), ERR_OK);
    ck_assert_int_ge(answers, 13); /* two imports and two billing runs: opened, batch, closed */
    rig_at_ack(NULL);
    disk_watch(NULL);
    fixture_remove_folder(dir);
}
END_TEST

Suite *suite_fault_power(void)
{
    Suite *s = suite_create("fault_power");
    TCase *t = tcase_create("fault_power");
    tcase_set_timeout(t, spread_timeout());
    cuts = spread_new("power_cuts", 8);
    tcase_add_loop_test(t, power_cut_loses_nothing_acknowledged, 0, spread_parts(cuts));
    tcase_add_test(t, lying_disk_is_found_out);
    tcase_add_test(t, sync_precedes_every_answer);
    suite_add_tcase(s, t);
    return s;
}
