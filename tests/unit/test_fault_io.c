/* Every call to the disk and every allocation of a flow fails once, and fails from there on:
 * the answer is a clean error that blames the disk or the memory, nothing leaks, the ledger
 * holds, and the same work can be done afterwards. */
#include <config.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/fault.h"
#include "tests/lib/sqlite_memory.h"
#include "tests/unit/check_faults.h"

static char dir[FIXTURE_PATH_MAX];
static uint64_t runs, findings;

static void begin(void)
{
    fixture_temp_folder(dir);
}

static void end(void)
{
    disk_watch(NULL);
    fixture_remove_folder(dir);
}

/* What one faulty run must leave. */
static void judge(enum flow flow, unsigned calls, enum err_code code, const struct err *e,
                  const char *what)
{
    char path[FIXTURE_PATH_MAX + 32];
    struct stat st;
    struct err again = ERR_INIT;
    runs++;
    ck_assert_msg(disk_open_files() == 0, "%s: %u files stayed open", what, disk_open_files());
    ck_assert_msg(code == ERR_OK || code == ERR_IO || code == ERR_DB || code == ERR_NOMEM,
                  "%s: %s: %s", what, err_code_name(code), e->text);
    ck_assert_msg(code == ERR_OK || e->text[0] != '\0', "%s: no sentence", what);
    (void)snprintf(path, sizeof path, "%s/rebuilt", dir);
    if (flow == FLOW_REBUILD && code != ERR_OK && calls != DISK_NAME) { /* could be removed */
        ck_assert_msg(stat(path, &st) != 0, "%s: %s was left behind", what, path);
    }
    rig_holds(dir, runs % 8 == 0 || soak() ? VERIFY_DEEP : VERIFY_FULL, what);
    if (runs % 4 == 0 && code != ERR_OK && calls != DISK_NAME) {
        code = rig_run(flow, dir, 900, &again);
        ck_assert_msg(code == ERR_OK, "%s: afterwards: %s", what, again.text);
    }
}

/* ---- the disk */

static const struct {
    const char *name;
    unsigned calls;
} call_kinds[] = {{"read", DISK_READ},         {"write", DISK_WRITE}, {"sync", DISK_SYNC},
                  {"truncate", DISK_TRUNCATE}, {"open", DISK_OPEN},   {"name", DISK_NAME}};
#define CALL_KINDS ((int)(sizeof call_kinds / sizeof call_kinds[0]))

static uint64_t disk_run(enum flow flow, const struct disk_plan *plan, const char *what)
{
    struct err e = ERR_INIT;
    rig_copy(flow, dir);
    disk_watch(dir);
    disk_arm(plan);
    enum err_code code = rig_run(flow, dir, 7, &e);
    bool hit = disk_disarm();
    uint64_t calls = disk_calls();
    /* The threads of a verification share out their reads differently each time. */
    ck_assert_msg(hit == (plan->nth > 0) || flow == FLOW_VERIFY, "%s: not injected", what);
    if (!hit) {
        ck_assert_msg(code == ERR_OK, "%s: %s", what, e.text);
    } else {
        judge(flow, plan->calls, code, &e, what);
    }
    return calls;
}

START_TEST(refused_calls_are_clean_errors)
{
    enum flow flow = (enum flow)(_i / CALL_KINDS);
    const char *name = call_kinds[_i % CALL_KINDS].name;
    struct disk_plan plan = {.calls = call_kinds[_i % CALL_KINDS].calls};
    char what[128];
    uint64_t all = disk_run(flow, &plan, name);
    uint64_t count = points_of(all, 4, 1000);
    for (uint64_t i = 1; i <= count; i++) {
        plan.nth = point(i, count, all);
        for (int persistent = 0; persistent < 2; persistent++) {
            plan.persistent = persistent != 0;
            (void)snprintf(what, sizeof what, "%s: %s %llu of %llu%s", flow_names[flow], name,
                           (unsigned long long)plan.nth, (unsigned long long)all,
                           plan.persistent ? " and all behind it" : "");
            (void)disk_run(flow, &plan, what);
        }
    }
    printf("# count fault_%s_%s %llu %llu\n", flow_names[flow], name, (unsigned long long)runs,
           (unsigned long long)findings);
}
END_TEST

/* ---- memory: ours, then SQLite's */

typedef void (*arm_fn)(uint64_t nth, bool persistent);

static uint64_t memory_run(enum flow flow, arm_fn arm, bool sqlite, uint64_t nth,
                           bool persistent, const char *what)
{
    struct err e = ERR_INIT;
    rig_copy(flow, dir);
    disk_watch(dir);
    arm(nth, persistent);
    enum err_code code = rig_run(flow, dir, 7, &e);
    bool hit = sqlite ? sqlite_memory_disarm() : fault_disarm();
    uint64_t calls = sqlite ? sqlite_memory_count() : fault_count();
    ck_assert_msg(nth != 0 || code == ERR_OK, "%s: %s", what, e.text);
    if (hit) {
        judge(flow, 0, code, &e, what);
    }
    return calls;
}

START_TEST(memory_that_is_out_is_a_clean_error)
{
    enum flow flow = (enum flow)(_i / 2);
    bool sqlite = _i % 2 == 1;
    arm_fn arm = sqlite ? sqlite_memory_arm : fault_arm;
    const char *whose = sqlite ? "sqlite" : "own";
    char what[128] = "undisturbed";
    uint64_t all = memory_run(flow, arm, sqlite, 0, false, what);
    ck_assert_uint_gt(all, 10);
    uint64_t count = points_of(all, 6, 2000);
    for (uint64_t i = 1; i <= count; i++) {
        uint64_t nth = point(i, count, all);
        for (int persistent = 0; persistent < 2; persistent++) {
            (void)snprintf(what, sizeof what, "%s: %s allocation %llu of %llu%s",
                           flow_names[flow], whose, (unsigned long long)nth,
                           (unsigned long long)all,
                           persistent != 0 ? " and all behind it" : "");
            (void)memory_run(flow, arm, sqlite, nth, persistent != 0, what);
        }
    }
    printf("# count fault_%s_memory_%s %llu %llu\n", flow_names[flow], whose,
           (unsigned long long)runs, (unsigned long long)findings);
}
END_TEST

Suite *suite_fault_io(void)
{
    Suite *s = suite_create("fault_io");
    TCase *t = tcase_create("fault_io");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, refused_calls_are_clean_errors, 0, CALL_KINDS * FLOW_WORK);
    tcase_add_loop_test(t, memory_that_is_out_is_a_clean_error, 0, 2 * FLOW_WORK);
    suite_add_tcase(s, t);
    return s;
}
