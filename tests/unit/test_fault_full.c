/* A disk that fills up anywhere in an import and billing: an error that says so, the office
 * opens again, nothing acknowledged is lost, and with room the same commands finish. */
#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/check_faults.h"

#define OFFSETS 200

static int64_t grown;    /* by the undisturbed work, bytes at its largest */
static uint64_t offsets; /* how many are tried */

static bool says_full(const struct err *e)
{
    return strstr(e->text, "full") != NULL || strstr(e->text, "No space left") != NULL;
}

static void try_full(uint64_t i)
{
    char dir[FIXTURE_PATH_MAX];
    char log[FIXTURE_PATH_MAX + 8];
    char what[64];
    struct err e = ERR_INIT;
    int64_t room = (int64_t)point(i, offsets, OFFSETS) * grown / OFFSETS - 1;
    (void)snprintf(what, sizeof what, "disk full after %" PRId64 " of %" PRId64 " bytes", room,
                   grown);
    fixture_temp_folder(dir);
    (void)snprintf(log, sizeof log, "%s.log", dir);
    rig_copy(FLOW_WORK, dir);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    rig_acks(fd);
    disk_watch(dir);
    disk_quota(room);
    enum err_code code = rig_run(FLOW_WORK, dir, 7, &e);
    disk_watch(NULL);
    rig_acks(-1);
    (void)close(fd);
    ck_assert_msg(code == ERR_OK || (code == ERR_IO && says_full(&e)), "%s: %s: %s", what,
                  err_code_name(code), e.text);
    rig_finishes(dir, rig_acked(log), what);
    (void)unlink(log);
    fixture_remove_folder(dir);
}

START_TEST(full_disk_loses_nothing_acknowledged)
{
    char dir[FIXTURE_PATH_MAX];
    struct err e = ERR_INIT;
    fixture_temp_folder(dir);
    rig_copy(FLOW_WORK, dir);
    disk_watch(dir);
    ck_assert_int_eq(rig_run(FLOW_WORK, dir, 7, &e), ERR_OK);
    grown = disk_grown_most();
    disk_watch(NULL);
    fixture_remove_folder(dir);
    ck_assert_int_gt(grown, OFFSETS * 512);
    offsets = points_of(OFFSETS, 40);
    rig_spread(offsets, try_full);
    printf("# count disk_full %" PRIu64 " 0\n", offsets);
}
END_TEST

Suite *suite_fault_full(void)
{
    Suite *s = suite_create("fault_full");
    TCase *t = tcase_create("fault_full");
    tcase_set_timeout(t, soak() ? 14400 : 120);
    tcase_add_test(t, full_disk_loses_nothing_acknowledged);
    suite_add_tcase(s, t);
    return s;
}
