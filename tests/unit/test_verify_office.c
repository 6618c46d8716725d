#include <config.h>

#include "app/verify_office.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/migrate.h"
#include "tests/unit/check_verify.h"

static struct copied office;
static struct audit a;

static void begin(void)
{
    copied_make(&office);
}

static void end(void)
{
    copied_free(&office);
}

static void path_in(char out[OFFICE_PATH], const char *name)
{
    (void)snprintf(out, OFFICE_PATH, "%s/%s", office.dir, name);
}

/* Folders of deep checks in state/. */
static int deep_folders(void)
{
    char state[OFFICE_PATH];
    int count = 0;
    path_in(state, "state");
    DIR *d = opendir(state);
    ck_assert_ptr_nonnull(d);
    for (const struct dirent *f = readdir(d); f != NULL; f = readdir(d)) {
        count += strncmp(f->d_name, "deep-", 5) == 0;
    }
    (void)closedir(d);
    return count;
}

START_TEST(every_level_holds)
{
    assert_ok(check_office(office.dir, VERIFY_NEW, &a, &e));
    ck_assert_int_eq(a.entries, 0); /* all was checked when the office was made */
    ck_assert(a.remembered);
    assert_ok(check_office(office.dir, VERIFY_FULL, &a, &e));
    ck_assert_int_eq(a.from, 1);
    ck_assert_int_gt(a.entries, 40);
    ck_assert_int_gt(a.items, 8);
    ck_assert_str_eq(a.office, "SJ01");
    struct hash root = a.root;
    assert_ok(check_office(office.dir, VERIFY_DEEP, &a, &e));
    ck_assert(hash_equal(&a.root, &root));
    ck_assert_int_gt(a.rows, 150);
    ck_assert_int_gt(a.kept, 20);
    ck_assert_int_eq(deep_folders(), 0);
}
END_TEST

START_TEST(new_entries_alone_are_checked)
{
    static struct office_fixture f;
    struct err e = ERR_INIT;
    fixture_init(&f);
    ck_assert_int_eq(check_office(f.dir, VERIFY_NEW, &a, &e), ERR_OK);
    int64_t before = a.entries;
    ck_assert_int_eq(a.from, 1);
    fixture_meters(&f, 2);
    ck_assert_int_eq(check_office(f.dir, VERIFY_NEW, &a, &e), ERR_OK);
    ck_assert_int_eq(a.from, before + 1);
    ck_assert_int_eq(a.entries, 2);
    fixture_free(&f);
}
END_TEST

START_TEST(older_copy_is_a_roll_back_at_every_level)
{
    static const enum verify_level levels[] = {VERIFY_NEW, VERIFY_FULL, VERIFY_DEEP};
    char state[OFFICE_PATH];
    char kept[OFFICE_PATH];
    path_in(state, "state/verified");
    path_in(kept, "verified-kept");
    ck_assert_int_eq(rename(state, kept), 0);
    fixture_copy_folder(office_before(), office.dir);
    ck_assert_int_eq(rename(kept, state), 0);
    assert_error(check_office(office.dir, levels[_i], &a, &e), ERR_TAMPERED, "rolled back");
    ck_assert_str_eq(a.faults[0].check, "rollback");
    /* The mark stays where it was: the next check says so again. */
    assert_error(check_office(office.dir, VERIFY_NEW, &a, &e), ERR_TAMPERED, "rolled back");
}
END_TEST

START_TEST(damaged_mark_is_a_fault_until_it_is_removed)
{
    char state[OFFICE_PATH];
    path_in(state, "state/verified");
    FILE *f = fopen(state, "r+");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fseek(f, 40, SEEK_SET), 0);
    ck_assert_int_eq(fputc('#', f), '#');
    ck_assert_int_eq(fclose(f), 0);
    assert_error(check_office(office.dir, VERIFY_FULL, &a, &e), ERR_TAMPERED, "remove it");
    ck_assert_str_eq(a.faults[0].check, "verified_file");
    ck_assert_int_eq(unlink(state), 0);
    assert_ok(check_office(office.dir, VERIFY_NEW, &a, &e));
    ck_assert_int_eq(a.from, 1);
}
END_TEST

START_TEST(failed_check_is_not_remembered)
{
    sqlite3 *raw = raw_open(office.db);
    struct err e = ERR_INIT;
    char state[OFFICE_PATH];
    path_in(state, "state/verified");
    ck_assert_int_eq(unlink(state), 0);
    raw_exec(raw, "UPDATE meter SET serial='X' WHERE id=1");
    raw_close(raw);
    ck_assert_int_eq(check_office(office.dir, VERIFY_DEEP, &a, &e), ERR_TAMPERED);
    ck_assert_int_ne(access(state, F_OK), 0);
}
END_TEST

/* ---- projectors that are wrong */

static const struct {
    const char *name, *check, *word;
    enum err_code code;
} projectors[] = {
    {"silent", "rows", "table history", ERR_TAMPERED},
    {"off_by_one", "rows", "table reading", ERR_TAMPERED},
    {"refusing", "rebuild", "refuses entry 9", ERR_TAMPERED},
    {"crashing", "", "ended with status 77", ERR_DB},
};

START_TEST(altered_projector_is_found)
{
    struct err e = ERR_INIT;
    rebuild_with(projectors[_i].name);
    enum err_code code = check_office(office.dir, VERIFY_DEEP, &a, &e);
    ck_assert_msg(code == projectors[_i].code, "%s", e.text);
    ck_assert_msg(strstr(e.text, projectors[_i].word) != NULL, "%s", e.text);
    if (code == ERR_TAMPERED) {
        ck_assert_str_eq(a.faults[0].check, projectors[_i].check);
    }
    ck_assert_int_eq(deep_folders(), 0);
}
END_TEST

START_TEST(program_that_is_not_there_is_named)
{
    struct verify_request q = {.dir = office.dir,
                               .level = VERIFY_DEEP,
                               .env = &env_system,
                               .program = "/no/such/program"};
    assert_error(verify_office(&q, &a, &e), ERR_NOT_FOUND, "second process");
    ck_assert_int_eq(deep_folders(), 0);
}
END_TEST

/* ---- stopping */

struct stopper {
    int left;
};

static bool stop_after(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct stopper *s = ctx;
    (void)what;
    (void)done;
    (void)total;
    return s->left-- > 0;
}

START_TEST(deep_check_can_be_stopped_at_any_step)
{
    int stopped = 0;
    enum err_code code = ERR_CANCELLED;
    for (int n = 0; code == ERR_CANCELLED; n++) {
        struct err e = ERR_INIT;
        struct stopper s = {n};
        struct progress p = {&s, stop_after};
        struct verify_request q = {
            .dir = office.dir, .level = VERIFY_DEEP, .env = &env_system, .progress = &p};
        code = verify_office(&q, &a, &e);
        ck_assert_msg(code == ERR_OK || code == ERR_CANCELLED, "%s", e.text);
        ck_assert_int_eq(deep_folders(), 0);
        stopped++;
    }
    ck_assert_int_gt(stopped, 4);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}
END_TEST

START_TEST(leftovers_of_the_killed_are_removed_and_no_others)
{
    char dead[OFFICE_PATH];
    char alive[OFFICE_PATH];
    char name[64];
    char file[2 * OFFICE_PATH];
    path_in(dead, "state/deep-999999999-abcdef");
    (void)snprintf(name, sizeof name, "state/deep-%ld-abcdef", (long)getppid());
    path_in(alive, name);
    ck_assert_int_eq(mkdir(dead, 0700), 0);
    ck_assert_int_eq(mkdir(alive, 0700), 0);
    (void)snprintf(file, sizeof file, "%s/rebuilt", dead);
    ck_assert_int_eq(mkdir(file, 0700), 0);
    (void)snprintf(file, sizeof file, "%s/rebuilt/office.db", dead);
    FILE *f = fopen(file, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fclose(f), 0);
    assert_ok(check_office(office.dir, VERIFY_DEEP, &a, &e));
    ck_assert_int_ne(access(dead, F_OK), 0);
    ck_assert_int_eq(access(alive, F_OK), 0);
}
END_TEST

/* ---- offices of other kinds */

START_TEST(missing_older_newer_and_foreign_offices_are_named)
{
    sqlite3 *raw = NULL;
    char sql[128];
    assert_error(check_office("/no/such/office", VERIFY_NEW, &a, &e), ERR_NOT_FOUND,
                 "aforo init");
    raw = raw_open(office.db);
    (void)snprintf(sql, sizeof sql, "PRAGMA user_version=%zu", migrations_count + 1);
    raw_exec(raw, sql);
    assert_error(check_office(office.dir, VERIFY_DEEP, &a, &e), ERR_UNSUPPORTED, "newer");
    (void)snprintf(sql, sizeof sql, "PRAGMA user_version=%zu", migrations_count - 1);
    raw_exec(raw, sql);
    assert_error(check_office(office.dir, VERIFY_DEEP, &a, &e), ERR_STATE, "migrate");
    (void)snprintf(sql, sizeof sql, "PRAGMA user_version=%zu; PRAGMA application_id=7",
                   migrations_count);
    raw_exec(raw, sql);
    assert_error(check_office(office.dir, VERIFY_DEEP, &a, &e), ERR_TAMPERED,
                 "another program");
    raw_close(raw);
}
END_TEST

/* Let anybody read the segments, or take that back. */
static bool segments_open(bool to_all)
{
    char folder[OFFICE_PATH];
    path_in(folder, "segments");
    DIR *d = opendir(folder);
    bool ok = d != NULL && fchmod(dirfd(d), to_all ? 0555 : 0700) == 0;
    for (const struct dirent *f = ok ? readdir(d) : NULL; f != NULL; f = readdir(d)) {
        ok = ok && (f->d_name[0] == '.' ||
                    fchmodat(dirfd(d), f->d_name, to_all ? 0444 : 0600, 0) == 0);
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    return ok;
}

/* An auditor's medium: nothing can be written, the check is done all the same. */
START_TEST(read_only_office_is_checked)
{
    char state[OFFICE_PATH];
    path_in(state, "state");
    pid_t pid = fork();
    if (pid == 0) {
        struct err e = ERR_INIT;
        char path[OFFICE_PATH];
        path_in(path, "state/verified");
        bool ok = chmod(path, 0444) == 0;
        path_in(path, "state/high-water");
        ok = ok && chmod(path, 0444) == 0 && chmod(office.db, 0444) == 0 &&
             segments_open(true) && chmod(state, 0555) == 0 && chmod(office.dir, 0555) == 0;
        if (!ok || (geteuid() == 0 && setuid(65534) != 0)) {
            _exit(2);
        }
        enum err_code code = check_office(office.dir, VERIFY_DEEP, &a, &e);
        if (code != ERR_OK) {
            (void)fprintf(stderr, "%s\n", e.text);
        }
        _exit(code == ERR_OK && !a.remembered ? 0 : 1);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(chmod(office.dir, 0700), 0);
    ck_assert_int_eq(chmod(state, 0700), 0);
    ck_assert(segments_open(false));
    ck_assert_int_eq(status, 0);
}
END_TEST

/* ---- lists that must be complete */

/* A column that may be a commitment is one, or stands here with what it is. */
START_TEST(every_commitment_column_is_listed)
{
    static const char *const listed[] = {
#define PERSONAL(table, key, column) #table "." #column,
#define SEALED(table, key, column) #table "." #column,
#include "app/commitments.def"
#undef PERSONAL
#undef SEALED
        "personal_past.hash", "attachment.content",
        "user.keyid",         "key.keyid",
        "key.spki",           "tariff.hash",
        "device_key.keyid",   "device_key.spki",
        "packet.hash",        "rollback.published_root",
        "rollback.root",      "segment.sha256",
        "segment.root", /* public */
    };
    sqlite3 *raw = raw_open(office.db);
    for (size_t i = 0; i < tables_count; i++) {
        sqlite3_stmt *q = NULL;
        if (tables[i].class != TABLE_PROJECTION) {
            continue;
        }
        ck_assert_int_eq(sqlite3_prepare_v2(raw,
                                            "SELECT ?1 || '.' || name FROM "
                                            "pragma_table_info(?1) WHERE type='BLOB'",
                                            -1, &q, NULL),
                         SQLITE_OK);
        ck_assert_int_eq(sqlite3_bind_text(q, 1, tables[i].name, -1, SQLITE_STATIC), SQLITE_OK);
        while (sqlite3_step(q) == SQLITE_ROW) {
            const char *name = (const char *)sqlite3_column_text(q, 0);
            bool found = false;
            for (size_t l = 0; l < sizeof listed / sizeof listed[0]; l++) {
                found = found || strcmp(listed[l], name) == 0;
            }
            ck_assert_msg(found, "%s is not in commitments.def", name);
        }
        ck_assert_int_eq(sqlite3_finalize(q), SQLITE_OK);
    }
    raw_close(raw);
}
END_TEST

/* What the tamper matrix edits must be there: two rows in each table, but one office. */
START_TEST(busy_office_has_rows_everywhere)
{
    for (size_t i = 0; i < tables_count; i++) {
        char sql[128];
        struct copied c;
        copied_make_for(&c, tables[i].name);
        sqlite3 *raw = raw_open(c.db);
        (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", tables[i].name);
        bool one = strcmp(tables[i].name, "office") == 0 ||
                   strcmp(tables[i].name, "approval_policy") == 0; /* a row a command */
        ck_assert_msg(raw_int(raw, sql) >= (one ? 1 : 2), "table %s", tables[i].name);
        raw_close(raw);
        copied_free(&c);
    }
}
END_TEST

Suite *suite_verify_office(void)
{
    Suite *s = suite_create("verify_office");
    TCase *t = tcase_create("verify_office");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, every_level_holds);
    tcase_add_test(t, new_entries_alone_are_checked);
    tcase_add_loop_test(t, older_copy_is_a_roll_back_at_every_level, 0, 3);
    tcase_add_test(t, damaged_mark_is_a_fault_until_it_is_removed);
    tcase_add_test(t, failed_check_is_not_remembered);
    tcase_add_loop_test(t, altered_projector_is_found, 0,
                        (int)(sizeof projectors / sizeof projectors[0]));
    tcase_add_test(t, program_that_is_not_there_is_named);
    tcase_add_test(t, deep_check_can_be_stopped_at_any_step);
    tcase_add_test(t, leftovers_of_the_killed_are_removed_and_no_others);
    tcase_add_test(t, missing_older_newer_and_foreign_offices_are_named);
    tcase_add_test(t, read_only_office_is_checked);
    tcase_add_test(t, every_commitment_column_is_listed);
    tcase_add_test(t, busy_office_has_rows_everywhere);
    suite_add_tcase(s, t);
    return s;
}
