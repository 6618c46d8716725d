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

static struct spread *full, *full_small[2];
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
    offsets = points_of(OFFSETS, 40, OFFSETS);
    rig_spread(full, _i, offsets, try_full);
}
END_TEST

/* The same of packets and of attachments: what was taken is there, the rest is taken again. */
static enum flow small;
static int64_t small_grown;

static void try_small(uint64_t i)
{
    char dir[FIXTURE_PATH_MAX];
    char log[FIXTURE_PATH_MAX + 8];
    char what[96];
    struct err e = ERR_INIT;
    int64_t room =
        (int64_t)point(i, points_of(OFFSETS, 10, OFFSETS), OFFSETS) * small_grown / OFFSETS - 1;
    (void)snprintf(what, sizeof what, "%s, disk full after %" PRId64 " of %" PRId64 " bytes",
                   flow_names[small], room, small_grown);
    fixture_temp_folder(dir);
    (void)snprintf(log, sizeof log, "%s.log", dir);
    rig_copy(small, dir);
    int64_t before = rig_attachments(dir);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    rig_acks(fd);
    disk_watch(dir);
    disk_quota(room);
    enum err_code code = rig_run(small, dir, 7, &e);
    disk_watch(NULL);
    rig_acks(-1);
    (void)close(fd);
    ck_assert_msg(code == ERR_OK || (code == ERR_IO && says_full(&e)), "%s: %s: %s", what,
                  err_code_name(code), e.text);
    ck_assert_msg(rig_entries(dir) >= rig_acked(log), "%s: an acknowledged entry is lost",
                  what);
    rig_holds(dir, VERIFY_DEEP, what);
    if (small == FLOW_PACKETS || code != ERR_OK) {
        enum err_code again = rig_run(small, dir, 8, &e);
        ck_assert_msg(again == ERR_OK, "%s: afterwards: %s", what, e.text);
    }
    ck_assert_int_eq(rig_packets(dir), small == FLOW_PACKETS ? RIG_PACKETS : 0);
    ck_assert_int_eq(rig_attachments(dir), before + (small == FLOW_ATTACH));
    rig_holds(dir, VERIFY_DEEP, what);
    (void)unlink(log);
    fixture_remove_folder(dir);
}

START_TEST(full_disk_loses_no_packet_and_no_attachment)
{
    char dir[FIXTURE_PATH_MAX];
    struct err e = ERR_INIT;
    small = _i == 0 ? FLOW_PACKETS : FLOW_ATTACH;
    fixture_temp_folder(dir);
    rig_copy(small, dir);
    disk_watch(dir);
    ck_assert_msg(rig_run(small, dir, 7, &e) == ERR_OK, "%s", e.text);
    small_grown = disk_grown_most();
    disk_watch(NULL);
    fixture_remove_folder(dir);
    ck_assert_int_gt(small_grown, 4096);
    rig_spread(full_small[_i], 0, points_of(OFFSETS, 10, OFFSETS), try_small);
}
END_TEST

/* ---- intake stops before that */

static enum err_code with_free(const char *dir, int free_of_1000, enum flow flow, struct err *e)
{
    disk_watch(dir);
    disk_free_of_1000(free_of_1000);
    enum err_code code = rig_run(flow, dir, 7, e);
    disk_watch(NULL);
    return code;
}

START_TEST(intake_stops_at_5_percent_free)
{
    char dir[FIXTURE_PATH_MAX];
    struct err e = ERR_INIT;
    fixture_temp_folder(dir);
    rig_copy(FLOW_IMPORT, dir);
    int64_t before = rig_entries(dir);
    ck_assert_int_eq(with_free(dir, 49, FLOW_IMPORT, &e), ERR_LIMIT);
    ck_assert_msg(strstr(e.text, "5 %") != NULL && strstr(e.text, "make room") != NULL, "%s",
                  e.text);
    ck_assert_int_eq(rig_entries(dir), before);
    ck_assert_int_eq(with_free(dir, 0, FLOW_ACT, &e), ERR_OK); /* what a person records */
    ck_assert_int_eq(with_free(dir, 50, FLOW_IMPORT, &e), ERR_OK);
    rig_holds(dir, VERIFY_DEEP, "an import that was refused for room");
    fixture_remove_folder(dir);
}
END_TEST

static void room_goes(void)
{
    disk_free_of_1000(10);
}

/* The room goes while a file is imported: its run stays open, and is finished later. */
START_TEST(intake_stops_between_batches)
{
    char dir[FIXTURE_PATH_MAX];
    char digest[65];
    struct err e = ERR_INIT;
    fixture_temp_folder(dir);
    rig_copy(FLOW_WORK, dir);
    rig_at_ack(room_goes); /* at the first entry */
    ck_assert_int_eq(with_free(dir, 500, FLOW_IMPORT, &e), ERR_LIMIT);
    rig_at_ack(NULL);
    ck_assert_int_eq(rig_run(FLOW_WORK, dir, 9, &e), ERR_OK);
    rig_work_digest(dir, digest);
    ck_assert_str_eq(digest, rig_calm());
    rig_holds(dir, VERIFY_DEEP, "an import that ran out of room");
    fixture_remove_folder(dir);
}
END_TEST

Suite *suite_fault_full(void)
{
    Suite *s = suite_create("fault_full");
    TCase *t = tcase_create("fault_full");
    tcase_set_timeout(t, spread_timeout());
    full = spread_new("disk_full", 4);
    full_small[0] = spread_new("disk_full_packets", 1);
    full_small[1] = spread_new("disk_full_attachment", 1);
    tcase_add_loop_test(t, full_disk_loses_nothing_acknowledged, 0, spread_parts(full));
    tcase_add_loop_test(t, full_disk_loses_no_packet_and_no_attachment, 0, 2);
    tcase_add_test(t, intake_stops_at_5_percent_free);
    tcase_add_test(t, intake_stops_between_batches);
    suite_add_tcase(s, t);
    return s;
}
