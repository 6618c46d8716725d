/* Group commit: what is answered is durable, and nobody's fault is anybody else's. */
#include <config.h>

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/group.h"
#include "app/verify_office.h"
#include "base/i18n.h"
#include "tests/lib/disk_fault.h"
#include "tests/lib/office_fixture.h"

#define THREADS 16
#define ACTS 12

static struct office_fixture f;
static struct group *g;
static struct env_fake writer;

static void setup(void)
{
    struct err e = ERR_INIT;
    fixture_init(&f);
    /* A clock of its own: the writer is another thread. */
    env_fake_init(&writer, f.clock.wall, 424242);
    writer.boot = f.clock.boot;
    ck_assert_msg(group_start(f.dir, &writer.env, &g, &e) == ERR_OK, "%s", e.text);
}

static void teardown(void)
{
    group_stop(g);
    fixture_free(&f);
}

static int64_t count(const char *sql)
{
    int64_t n = -1;
    struct err e = ERR_INIT;
    ck_assert_msg(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS) == ERR_OK, "%s", e.text);
    return n;
}

/* A client: its own session of the same user, and its own reader of the database. */
struct client {
    pthread_t thread;
    struct session *session;
    const char *command, *param, *value;
    const struct command *instead; /* of the one of that name; NULL: that one */
    int acts;
    int64_t seqs[ACTS];
    enum err_code codes[ACTS];
    int missing; /* answers whose entry another connection did not see */
};

static void *client_main(void *arg)
{
    struct client *c = arg;
    struct db *db = NULL;
    struct err e = ERR_INIT;
    char path[FIXTURE_PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/office.db", f.dir);
    if (db_open(path, DB_READ, &db, &e) != ERR_OK) {
        abort();
    }
    for (int i = 0; i < c->acts; i++) {
        struct ticket t = {0, TICKET_FINAL};
        struct command_ctx x = {.session = c->session,
                                .command =
                                    c->instead != NULL ? c->instead : command_find(c->command)};
        bool found = false;
        int64_t one = 0;
        if (arg_set(&x, c->param, c->value, &e) != ERR_OK) {
            abort();
        }
        c->codes[i] = group_run(g, &x, &t, &e);
        c->seqs[i] = t.seq;
        if (c->codes[i] == ERR_OK &&
            (db_get_int(db, &one, &found, &e, "SELECT 1 FROM entry WHERE seq = ?",
                        VALS(V_INT(t.seq))) != ERR_OK ||
             !found)) {
            c->missing++;
        }
    }
    db_close(db);
    return NULL;
}

static struct session *another_session(const char *who)
{
    struct session *s = NULL;
    struct err e = ERR_INIT;
    char path[FIXTURE_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/state/token-%s", f.dir, who);
    ck_assert_msg(session_resume(f.office, path, &s, &e) == ERR_OK, "%s", e.text);
    return s;
}

static void clients_run(struct client *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(pthread_create(&all[i].thread, NULL, client_main, &all[i]), 0);
    }
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(pthread_join(all[i].thread, NULL), 0);
        session_free(all[i].session);
    }
}

static void assert_verified(void)
{
    static struct audit a;
    struct err e = ERR_INIT;
    struct verify_request q = {.dir = f.dir, .env = &f.clock.env, .level = VERIFY_FULL};
    ck_assert_msg(verify_office(&q, &a, &e) == ERR_OK, "%s", e.text);
}

START_TEST(what_is_answered_is_committed_and_many_share_it)
{
    static struct client all[THREADS];
    bool seen[THREADS * ACTS] = {false};
    int64_t before = count("SELECT max(seq) FROM entry");
    for (size_t i = 0; i < THREADS; i++) {
        all[i] = (struct client){.session = another_session("ana"),
                                 .command = "customer add",
                                 .param = "name",
                                 .value = "Rosa Ficticia",
                                 .acts = ACTS};
    }
    clients_run(all, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_int_eq(all[i].missing, 0);
        for (size_t k = 0; k < ACTS; k++) {
            ck_assert_int_eq(all[i].codes[k], ERR_OK);
            int64_t at = all[i].seqs[k] - before - 1;
            ck_assert(at >= 0 && at < THREADS * ACTS && !seen[at]);
            seen[at] = true;
        }
    }
    struct group_counts n = group_counts(g);
    ck_assert_uint_eq(n.commands, THREADS * ACTS);
    ck_assert_uint_lt(n.commits, n.commands);
    ck_assert_int_eq(count("SELECT count(DISTINCT id) FROM customer"), THREADS * ACTS);
    assert_verified();
}
END_TEST

/* A refused command is recorded; a faulty one leaves nothing; both stand between good ones. */
START_TEST(faults_of_one_are_not_those_of_others)
{
    static struct client all[6];
    static const char *const faulty[] = {"customer add", "account close"};
    int64_t before = count("SELECT max(seq) FROM entry");
    for (size_t i = 0; i < 6; i++) {
        all[i] = (struct client){.session = another_session(i % 3 == 2 ? "olga" : "ana"),
                                 .command = i % 3 == 2 ? "tariff publish" : faulty[i % 3],
                                 .param = i % 3 == 0   ? "name"
                                          : i % 3 == 1 ? "number"
                                                       : "file",
                                 .value = "none",
                                 .acts = 4};
    }
    clients_run(all, 6);
    for (size_t i = 0; i < 6; i++) {
        enum err_code wanted = i % 3 == 0 ? ERR_OK : i % 3 == 1 ? ERR_NOT_FOUND : ERR_DENIED;
        for (int k = 0; k < all[i].acts; k++) {
            ck_assert_int_eq(all[i].codes[k], wanted);
        }
    }
    ck_assert_int_eq(count("SELECT max(seq) FROM entry"), before + 16);
    ck_assert_int_eq(count("SELECT count(*) FROM history WHERE kind = 'access.refused'"), 8);
    assert_verified();
}
END_TEST

/* While another process appends one by one, and the head moves under the group's feet. */
START_TEST(other_processes_append_between_groups)
{
    static struct client all[4];
    int64_t before = count("SELECT max(seq) FROM entry");
    for (size_t i = 0; i < 4; i++) {
        all[i] = (struct client){.session = another_session("ana"),
                                 .command = "customer add",
                                 .param = "name",
                                 .value = "Rosa Ficticia",
                                 .acts = ACTS};
        ck_assert_int_eq(pthread_create(&all[i].thread, NULL, client_main, &all[i]), 0);
    }
    for (int i = 0; i < ACTS; i++) {
        (void)fixture_run(&f, f.ana, "customer add", "name", "Ana Ficticia", NULL);
    }
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_join(all[i].thread, NULL), 0);
        session_free(all[i].session);
    }
    ck_assert_int_eq(count("SELECT max(seq) FROM entry"), before + 5 * ACTS);
    assert_verified();
}
END_TEST

/* The disk does not take the commit: everybody is told, and nothing of it is there. */
START_TEST(commit_that_fails_is_told_to_all_of_its_group)
{
    static struct client all[4];
    int64_t before = count("SELECT max(seq) FROM entry");
    group_stop(g);
    disk_watch(f.dir);
    struct err e = ERR_INIT;
    ck_assert(group_start(f.dir, &writer.env, &g, &e) == ERR_OK);
    for (size_t i = 0; i < 4; i++) {
        all[i] = (struct client){.session = another_session("ana"),
                                 .command = "customer add",
                                 .param = "name",
                                 .value = "Rosa Ficticia",
                                 .acts = 3};
    }
    struct disk_plan plan = {.calls = DISK_SYNC, .nth = 1, .persistent = true};
    disk_arm(&plan);
    clients_run(all, 4);
    ck_assert(disk_disarm());
    for (size_t i = 0; i < 4; i++) {
        for (int k = 0; k < all[i].acts; k++) {
            ck_assert_int_eq(all[i].codes[k], ERR_IO);
            ck_assert_int_eq(all[i].seqs[k], 0);
        }
    }
    fixture_close(&f);
    fixture_reopen(&f);
    ck_assert_int_eq(count("SELECT max(seq) FROM entry"), before);
    disk_watch(NULL);
    assert_verified();
}
END_TEST

/* What only shows when the rows are written: the others of its group are recorded all the same.
 */
START_TEST(act_that_cannot_be_written_spoils_no_other)
{
    static struct client all[6];
    struct err e = ERR_INIT;
    int64_t before = count("SELECT max(seq) FROM entry");
    ck_assert(
        db_exec(f.office->db,
                "CREATE TRIGGER spoiler BEFORE INSERT ON personal WHEN NEW.value = 'Mala' "
                "BEGIN SELECT RAISE(ABORT, 'spoiled'); END",
                &e) == ERR_OK);
    for (size_t i = 0; i < 6; i++) {
        all[i] = (struct client){.session = another_session("ana"),
                                 .command = "customer add",
                                 .param = "name",
                                 .value = i == 0 ? "Mala" : "Rosa Ficticia",
                                 .acts = ACTS};
    }
    clients_run(all, 6);
    for (size_t i = 0; i < 6; i++) {
        for (int k = 0; k < all[i].acts; k++) {
            ck_assert_int_eq(all[i].codes[k], i == 0 ? ERR_DB : ERR_OK);
            ck_assert_int_eq(all[i].seqs[k] != 0, i != 0);
        }
        ck_assert_int_eq(all[i].missing, 0);
    }
    ck_assert_int_eq(count("SELECT max(seq) FROM entry"), before + 5 * ACTS);
    ck_assert_int_eq(count("SELECT count(*) FROM customer"), 5 * ACTS);
    ck_assert(db_exec(f.office->db, "DROP TRIGGER spoiler", &e) == ERR_OK);
    assert_verified();
}
END_TEST

/* Two acts out of three give their entry to the signing thread; the third one's build wants to
 * see it. */
static int unseen;

static enum err_code build_looking(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct ledger_head head;
    int64_t newest = 0;
    TRY(db_get_int(c->office->db, &newest, NULL, e, "SELECT max(seq) FROM entry", NO_VALS));
    TRY(ledger_head(c->office->db, &head, e));
    unseen += newest != c->head.seq || head.seq != newest || head.time_ms != c->head.time_ms;
    return command_find("customer add")->build(c, d, e);
}

START_TEST(entries_are_there_for_who_reads_them)
{
    static struct client all[6];
    struct command looking = *command_find("customer add");
    looking.build = build_looking;
    for (size_t i = 0; i < 6; i++) {
        all[i] = (struct client){.session = another_session("ana"),
                                 .command = "customer add",
                                 .instead = i % 3 == 2 ? &looking : NULL,
                                 .param = "name",
                                 .value = "Rosa Ficticia",
                                 .acts = ACTS};
    }
    clients_run(all, 6);
    for (size_t i = 0; i < 6; i++) {
        for (int k = 0; k < all[i].acts; k++) {
            ck_assert_int_eq(all[i].codes[k], ERR_OK);
        }
    }
    ck_assert_int_eq(unseen, 0);
    ck_assert_int_eq(count("SELECT count(*) FROM customer"), 6 * ACTS);
    assert_verified();
}
END_TEST

/* Passwords cost a fifth of a second: not under the lock. */
START_TEST(command_with_a_secret_runs_by_itself)
{
    struct ticket t;
    struct err e = ERR_INIT;
    struct command_ctx x = {
        .office = f.office, .session = f.marta, .command = command_find("user password")};
    ck_assert(arg_set(&x, "password", "otra-clave-larga", &e) == ERR_OK);
    ck_assert_msg(group_run(g, &x, &t, &e) == ERR_OK, "%s", e.text);
    ck_assert_ptr_eq(x.office, f.office); /* its own again */
    ck_assert_int_gt(t.seq, 0);
    assert_verified();
}
END_TEST

int main(void)
{
    i18n_init("en");
    fixture_template();
    Suite *s = suite_create("group");
    TCase *t = tcase_create("group");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, what_is_answered_is_committed_and_many_share_it);
    tcase_add_test(t, faults_of_one_are_not_those_of_others);
    tcase_add_test(t, other_processes_append_between_groups);
    tcase_add_test(t, commit_that_fails_is_told_to_all_of_its_group);
    tcase_add_test(t, act_that_cannot_be_written_spoils_no_other);
    tcase_add_test(t, entries_are_there_for_who_reads_them);
    tcase_add_test(t, command_with_a_secret_runs_by_itself);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
