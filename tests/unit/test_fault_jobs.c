/* What keeps an office for long: segments, backups, keys, an import taken back. Each is killed
 * before and in its Nth call to the disk, its disk is full at any byte, a call fails once and
 * from there on; streams count too. Nothing acknowledged is lost, the deep check holds, and the
 * same command again completes the work. */
#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/backup.h"
#include "app/backup_file.h"
#include "app/segments.h"
#include "tests/unit/check_faults.h"

#define POINTS_SOAK 400
#define OFFSETS_SOAK 200
#define PATH_SIZE 1024

/* A key pair for this test alone. */
static const struct age_key to = {
    .text = "age17zm4g6hrphk7vcqdgn32jpy0sh3n2ympt2h4vrsaa63jfw9p95msx0a8w9"};
static const struct age_key from = {
    .text = "AGE-SECRET-KEY-1SRP95R4LJHR88QR89PWCXH74Q2L5AACFK8S9RVRX4HJT9TJRFVYQZRP4M6"};

/* What a job begins with: a folder with the office in "office", more beside it. */
enum base { BASE_WINDOWS, BASE_SEALED, BASE_DROPPED, BASE_READ, BASE_COPY, BASE_COUNT };
static char bases[BASE_COUNT][FIXTURE_PATH_MAX];
static pid_t owner;

static const char *in(const char *top, const char *name)
{
    static char paths[4][PATH_SIZE];
    static int next;
    char *out = paths[next++ % 4];
    ck_assert_int_lt(snprintf(out, PATH_SIZE, "%s/%s", top, name), PATH_SIZE);
    return out;
}

static bool there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* ---- the jobs: each done, and what is there when it is ---- */

static enum err_code seal(const char *top, unsigned salt, struct err *e)
{
    return rig_client(in(top, "office"), "ana", salt, e, "segment seal", "before", "2026-12-01",
                      NULL);
}

static bool sealed(const char *top)
{
    struct err e = ERR_INIT;
    struct db *db = NULL;
    struct segment_row row = {.id = 0};
    bool found = false;
    FILE *f = NULL;
    ck_assert_int_eq(db_open(in(top, "office/office.db"), DB_READ, &db, &e), ERR_OK);
    ck_assert_int_eq(segment_load(db, 1, &row, &found, &e), ERR_OK);
    if (found &&
        segment_file_open(in(top, "office/segments"), "SJ01", &row, &f, &e) == ERR_OK) {
        (void)fclose(f);
    }
    db_close(db);
    return found && f != NULL && row.packets == RIG_PACKETS;
}

#define BUNDLES                                                                                \
    "SELECT count(*) FROM item i JOIN history h ON h.seq = i.seq AND h.kind = 'window.batch' " \
    "WHERE i.data IS "

static enum err_code drop(const char *top, unsigned salt, struct err *e)
{
    return rig_client(in(top, "office"), "ana", salt, e, "segment drop", "segment", "1", NULL);
}

static bool dropped(const char *top)
{
    return rig_count(in(top, "office"), BUNDLES "NOT NULL") == 0 &&
           rig_count(in(top, "office"), "SELECT count(dropped) FROM segment") == 1;
}

static enum err_code take_back(const char *top, unsigned salt, struct err *e)
{
    return rig_client(in(top, "office"), "ana", salt, e, "segment restore", "segment", "1",
                      NULL);
}

static bool taken_back(const char *top)
{
    return rig_count(in(top, "office"), BUNDLES "NULL") == 0 &&
           rig_count(in(top, "office"), "SELECT count(dropped) FROM segment") == 0;
}

static enum err_code back_up(const char *top, unsigned salt, struct err *e)
{
    struct env_fake clock;
    struct office *o = NULL;
    struct backup_info info;
    rig_clock(&clock, salt);
    enum err_code code = office_open(in(top, "office"), DB_READ, &clock.env, &o, e);
    if (code == ERR_OK) {
        code = backup_make(o, in(top, "copy.tar.age"), &to, 0, NULL, &info, e);
    }
    office_close(o);
    return code;
}

static bool backed_up(const char *top)
{
    struct err e = ERR_INIT;
    return backup_file_read(in(top, "copy.tar.age"), &from, NULL, NULL, &e) == ERR_OK;
}

static enum err_code put_back(const char *top, unsigned salt, struct err *e)
{
    struct env_fake clock;
    struct backup_info info;
    rig_clock(&clock, salt);
    return backup_restore(in(top, "copy.tar.age"), in(top, "new"), &from, NULL, NULL,
                          &clock.env, NULL, &info, e);
}

static bool put_back_whole(const char *top)
{
    return there(in(top, "new/office.db")) && rig_entries(in(top, "new")) > 0;
}

static enum err_code rotate(const char *top, unsigned salt, struct err *e)
{
    return rig_client(in(top, "office"), "ana", salt, e, "key rotate", "purpose", "entry",
                      NULL);
}

static bool rotated(const char *top)
{
    return rig_count(in(top, "office"),
                     "SELECT count(*) FROM history WHERE kind = 'key.added'") > 0;
}

static enum err_code discard(const char *top, unsigned salt, struct err *e)
{
    return rig_client(in(top, "office"), "ana", salt, e, "import discard", "run", "1", NULL);
}

static bool discarded(const char *top)
{
    return rig_count(in(top, "office"),
                     "SELECT count(*) FROM import_run WHERE state = 'discarded'") == 1;
}

static const struct job {
    const char *name;
    enum err_code (*run)(const char *top, unsigned salt, struct err *e);
    bool (*complete)(const char *top);
    enum err_code again; /* the answer where it was done already */
    enum base base;
} jobs[] = {
    {"seal", seal, sealed, ERR_STATE, BASE_WINDOWS},
    {"drop", drop, dropped, ERR_OK, BASE_SEALED},
    {"take_back", take_back, taken_back, ERR_STATE, BASE_DROPPED},
    {"backup", back_up, backed_up, ERR_EXISTS, BASE_READ},
    {"restore", put_back, put_back_whole, ERR_EXISTS, BASE_COPY},
    {"rotate", rotate, rotated, ERR_OK, BASE_READ},
    {"discard", discard, discarded, ERR_STATE, BASE_READ},
};
#define JOBS ((int)(sizeof jobs / sizeof jobs[0]))

/* ---- one point ---- */

enum fault { FAULT_STOP, FAULT_TEAR, FAULT_FULL, FAULT_ERROR, FAULTS };
static const char *const fault_names[FAULTS] = {"before", "torn", "full", "error"};

static struct {
    const struct job *job;
    enum fault fault;
    uint64_t all, points;
} sweep;
static uint64_t calls[JOBS], grown[JOBS];
static struct spread *spreads[JOBS * FAULTS];

static void must_be_usable(const char *dir, const char *what)
{
    struct err e = ERR_INIT;
    struct office *o = NULL;
    struct sign_key *key = NULL;
    if (there(in(dir, "office.db"))) {
        bool deep = soak() || sweep.fault == FAULT_STOP;
        rig_holds(dir, deep ? VERIFY_DEEP : VERIFY_FULL, what);
        enum err_code code = office_open(dir, DB_READ, &env_system, &o, &e);
        code = code == ERR_OK ? office_key(o, &key, &e) : code;
        ck_assert_msg(code == ERR_OK, "%s: the office's key: %s", what, e.text);
        office_close(o);
    }
}

/* Half-made files that a job had and did not take away. (A .new in state is written over by the
 * next.) */
static void no_rest(const char *dir, const char *what)
{
    static const char *const ends[] = {".part", ".making"};
    DIR *d = opendir(dir);
    for (const struct dirent *f = NULL; d != NULL && (f = readdir(d)) != NULL;) {
        size_t len = strlen(f->d_name);
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
            size_t end = strlen(ends[i]);
            ck_assert_msg(len < end || strcmp(f->d_name + len - end, ends[i]) != 0,
                          "%s: %s is left in %s", what, f->d_name, dir);
        }
        ck_assert_msg(strncmp(f->d_name, "deep-", 5) != 0, "%s: %s is left", what, f->d_name);
    }
    if (d != NULL) {
        (void)closedir(d);
    }
}

static void judge(const char *top, int64_t acked, enum err_code code, const char *what)
{
    const struct job *j = sweep.job;
    struct err e = ERR_INIT;
    if (there(in(top, "office/office.db"))) {
        ck_assert_msg(rig_entries(in(top, "office")) >= acked,
                      "%s: an acknowledged entry is lost", what);
    }
    must_be_usable(in(top, "office"), what);
    must_be_usable(in(top, "new"), what);
    ck_assert_msg(code != ERR_OK || j->complete(top), "%s: it is not done", what);
    bool over = j->complete(top);
    code = j->run(top, 8, &e);
    ck_assert_msg(code == ERR_OK || (over && code == j->again), "%s: again: %s", what, e.text);
    ck_assert_msg(j->complete(top), "%s: not complete", what);
    must_be_usable(in(top, "office"), what);
    must_be_usable(in(top, "new"), what);
    no_rest(top, what);
    no_rest(in(top, "office/state"), what);
    no_rest(in(top, "office/segments"), what);
}

/* The job with its fault, in a process of its own: what it leaves, it leaves for good. */
static enum err_code faulty_run(const char *top, const char *log, uint64_t nth,
                                const char *what)
{
    struct err e = ERR_INIT;
    struct disk_plan plan = {.calls = DISK_ALL, .nth = nth};
    bool kills = sweep.fault == FAULT_STOP || sweep.fault == FAULT_TEAR;
    int status = 0;
    pid_t child = fork();
    if (child != 0) {
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        bool ended = WIFEXITED(status) && (!kills || nth + 4 > sweep.all);
        ck_assert_msg(killed ? kills : ended, "%s: not reached, status %d", what, status);
        return killed ? ERR_CANCELLED : (enum err_code)WEXITSTATUS(status);
    }
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    rig_acks(fd);
    disk_watch(top);
    disk_streams();
    if (sweep.fault == FAULT_FULL) {
        disk_quota((int64_t)nth - 1);
    } else {
        plan.harm = sweep.fault == FAULT_STOP   ? DISK_STOP
                    : sweep.fault == FAULT_TEAR ? DISK_TEAR
                                                : DISK_ERROR;
        plan.persistent = nth % 2 == 0;
        disk_arm(&plan);
    }
    enum err_code code = sweep.job->run(top, 7, &e);
    ck_assert_msg(code == ERR_OK || code == ERR_IO || code == ERR_DB, "%s: %s: %s", what,
                  err_code_name(code), e.text);
    ck_assert_msg(disk_open_files() == 0, "%s: %u files stayed open", what, disk_open_files());
    _exit((int)code);
}

static void try_job(uint64_t i)
{
    char top[FIXTURE_PATH_MAX], log[FIXTURE_PATH_MAX + 8], what[128];
    /* The only one of an ordinary run lies in the middle, not at the beginning. */
    uint64_t nth = sweep.points == 1 ? sweep.all * 3 / 5 : point(i, sweep.points, sweep.all);
    fixture_temp_folder(top);
    (void)snprintf(log, sizeof log, "%s.log", top);
    (void)snprintf(what, sizeof what, "%s, %s at %" PRIu64 " of %" PRIu64, sweep.job->name,
                   fault_names[sweep.fault], nth, sweep.all);
    disk_watch(NULL);
    fixture_copy_folder(bases[sweep.job->base], top);
    enum err_code code = faulty_run(top, log, nth, what);
    judge(top, rig_acked(log), code, what);
    (void)unlink(log);
    fixture_remove_folder(top);
}

/* How many calls there are, and by how many bytes the files grow. */
static void calm_run(int at)
{
    const struct job *j = &jobs[at];
    char top[FIXTURE_PATH_MAX];
    struct err e = ERR_INIT;
    struct disk_plan plan = {.calls = DISK_ALL};
    fixture_temp_folder(top);
    fixture_copy_folder(bases[j->base], top);
    ck_assert_msg(!j->complete(top), "%s: done before it began", j->name);
    disk_watch(top);
    disk_streams();
    disk_arm(&plan);
    enum err_code code = j->run(top, 7, &e);
    ck_assert_msg(code == ERR_OK, "%s: %s", j->name, e.text);
    (void)disk_disarm();
    calls[at] = disk_calls();
    grown[at] = (uint64_t)disk_grown_most();
    disk_watch(NULL);
    ck_assert_msg(j->complete(top), "%s: not complete", j->name);
    fixture_remove_folder(top);
}

START_TEST(a_job_that_is_disturbed_is_completed_by_running_it_again)
{
    sweep.job = &jobs[_i / FAULTS];
    sweep.fault = (enum fault)(_i % FAULTS);
    sweep.all = sweep.fault == FAULT_FULL ? grown[_i / FAULTS] : calls[_i / FAULTS];
    /* Half of the kinds of fault for each job, where time is short. */
    uint64_t most = sweep.fault == FAULT_FULL ? OFFSETS_SOAK : POINTS_SOAK;
    bool turn = soak() || (_i + _i / FAULTS) % 2 == 0;
    sweep.points = turn ? points_of(sweep.all, 1, most) : 0;
    rig_spread(spreads[_i], 0, sweep.points, try_job);
}
END_TEST

/* ---- the offices ---- */

static void bases_remove(void)
{
    for (int b = 0; b < BASE_COUNT && owner == getpid(); b++) {
        fixture_remove_folder(bases[b]);
    }
}

static void step(enum base from_base, enum base to_base,
                 enum err_code (*run)(const char *top, unsigned salt, struct err *e))
{
    struct err e = ERR_INIT;
    fixture_copy_folder(bases[from_base], bases[to_base]);
    ck_assert_msg(run(bases[to_base], 3, &e) == ERR_OK, "%s", e.text);
}

static void bases_make(void)
{
    struct err e = ERR_INIT;
    owner = getpid();
    for (int b = 0; b < BASE_COUNT; b++) {
        fixture_temp_folder(bases[b]);
    }
    rig_copy(FLOW_PACKETS, in(bases[BASE_WINDOWS], "office"));
    ck_assert_msg(rig_run(FLOW_PACKETS, in(bases[BASE_WINDOWS], "office"), 2, &e) == ERR_OK,
                  "%s", e.text);
    step(BASE_WINDOWS, BASE_SEALED, seal);
    step(BASE_SEALED, BASE_DROPPED, drop);
    rig_copy(FLOW_BILL, in(bases[BASE_READ], "office"));
    step(BASE_READ, BASE_COPY, back_up);
    fixture_remove_folder(in(bases[BASE_COPY], "office"));
    for (int i = 0; i < JOBS; i++) {
        calm_run(i);
    }
}

Suite *suite_fault_jobs(void)
{
    static char names[JOBS * FAULTS][48];
    Suite *s = suite_create("fault_jobs");
    TCase *t = tcase_create("fault_jobs");
    tcase_set_timeout(t, spread_timeout());
    tcase_add_unchecked_fixture(t, bases_make, bases_remove);
    for (int i = 0; i < JOBS * FAULTS; i++) {
        (void)snprintf(names[i], sizeof names[i], "jobs_%s_%s", jobs[i / FAULTS].name,
                       fault_names[i % FAULTS]);
        spreads[i] = spread_new(names[i], 1);
    }
    tcase_add_loop_test(t, a_job_that_is_disturbed_is_completed_by_running_it_again, 0,
                        JOBS * FAULTS);
    suite_add_tcase(s, t);
    return s;
}
