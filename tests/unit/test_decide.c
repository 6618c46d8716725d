/* Decisions: one or many, by the queue's filters, previewed on bills, taken back. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "app/pick.h"
#include "app/undo.h"
#include "check_vee.h"
#include "vee_util.h"

static struct office_fixture f;
static struct err e;

/* W1 uses 60 m3, W2 500, W3 fell; what waits is what olga read. */
static void setup(void)
{
    vee_office(&f, 3);
    e = (struct err)ERR_INIT;
    vee_read(&f, "W00001", "93", "2026-09-01 00:00");
    vee_read(&f, "W00002", "536", "2026-09-01 00:00");
    vee_read(&f, "W00003", "12", "2026-09-01 00:00");
}

static void teardown(void)
{
    fixture_free(&f);
}

static int64_t held(void)
{
    return vee_number(&f, "SELECT count(*) FROM reading WHERE state = 'held'");
}

/* What a command says. */
static const char *say(struct session *who, const char *name, const char *const *args)
{
    static struct command_ctx c;
    struct ticket t;
    c = (struct command_ctx){.office = f.office, .session = who, .command = command_find(name)};
    for (; *args != NULL; args += 2) {
        ck_assert_int_eq(arg_set(&c, args[0], args[1], &e), ERR_OK);
    }
    ck_assert_msg(command_run(&c, &t, &e) == ERR_OK, "%s", e.text);
    return c.message;
}

START_TEST(filters_are_the_queue_s)
{
    (void)fixture_run(&f, f.luis, "reading decide", "account", "A00001", "action", "reject",
                      "reason", "x", NULL);
    ck_assert_int_eq(held(), 2);
    (void)fixture_run(&f, f.luis, "reading decide", "severity", "alarm", "action", "reject",
                      "reason", "x", NULL);
    ck_assert_int_eq(held(), 2);
    (void)fixture_run(&f, f.luis, "reading decide", "rule", "decrease", "kind", "water",
                      "action", "reject", "reason", "x", NULL);
    ck_assert_int_eq(held(), 1);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "reading decide", "action", "reject",
                                 "reason", "x", NULL),
                     ERR_USAGE);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "reading decide", "all", "1", "ids", "1",
                                 "action", "reject", "reason", "x", NULL),
                     ERR_USAGE);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "reading decide", "ids", "4711",
                                 "action", "reject", "reason", "x", NULL),
                     ERR_NOT_FOUND);
}
END_TEST

/* 60 and 500 m3 against a limit of 20 and 12 free: 28 and 468 at 0.15. */
START_TEST(a_preview_says_what_bills_come_to)
{
    static const char *const accept[] = {"all", "1",       "action", "accept", "reason",
                                         "x",   "preview", "1",      NULL};
    int64_t height = vee_number(&f, "SELECT max(seq) FROM entry");
    const char *said = say(f.luis, "reading decide", accept);
    ck_assert_msg(strstr(said, "3 readings would be decided (accept)") == said, "%s", said);
    ck_assert_msg(strstr(said, "574,40 USD instead of 1 500,00 USD") == NULL, "%s", said);
    ck_assert_msg(strstr(said, "574,40") != NULL, "%s", said);
    ck_assert_int_eq(vee_number(&f, "SELECT max(seq) FROM entry"), height);
    ck_assert_int_eq(held(), 3);
}
END_TEST

START_TEST(an_estimate_takes_its_place)
{
    (void)fixture_run(&f, f.luis, "reading decide", "all", "1", "action", "estimate", "reason",
                      "mal leídas", NULL);
    ck_assert_int_eq(held(), 0);
    ck_assert_int_eq(vee_number(&f,
                                "SELECT count(*) FROM decision WHERE action = 'correct' AND "
                                "corrected IS NOT NULL"),
                     3);
    ck_assert_int_eq(vee_number(&f,
                                "SELECT count(*) FROM reading x JOIN estimate s ON s.reading "
                                "= x.id WHERE x.source = 'estimated' AND x.state = "
                                "'accepted' AND x.utc = unixepoch('2026-09-01T06:00:00')"),
                     3);
    (void)fixture_run(&f, f.marta, "bill run", "period", "2026-08", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM bill_meter bm JOIN bill b ON b.id = "
                                    "bm.bill WHERE b.start_date = '2026-08-01' AND flags = ''"),
                     3);
    vee_verify(&f);
}
END_TEST

START_TEST(estimates_in_bulk_end_at_the_limit)
{
    vee_read(&f, "W00002", "537", "2026-09-10 00:00");
    vee_read(&f, "W00002", "538", "2026-09-20 00:00");
    vee_read(&f, "W00002", "539", "2026-09-28 00:00");
    ck_assert_int_ge(held(), 5);
    (void)fixture_run(&f, f.luis, "reading decide", "serial", "W00002", "action", "estimate",
                      "reason", "x", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate"), 2);
}
END_TEST

START_TEST(somebody_is_sent_to_read_again_once)
{
    (void)fixture_run(&f, f.luis, "reading decide", "all", "1", "action", "re-read", "reason",
                      "¿fuga?", NULL);
    ck_assert_int_eq(vee_number(&f,
                                "SELECT count(*) FROM work_order WHERE kind = 're-read' AND "
                                "account IS NOT NULL"),
                     3);
    ck_assert_int_eq(held(), 3);
    (void)fixture_run(&f, f.luis, "reading decide", "all", "1", "action", "re-read", "reason",
                      "¿fuga?", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM work_order"), 3);
    vee_verify(&f);
}
END_TEST

START_TEST(nobody_decides_on_what_they_read)
{
    (void)fixture_run(&f, f.ana, "user roles", "login", "olga", "roles", "operator,supervisor",
                      NULL);
    ck_assert_int_eq(fixture_try(&f, f.olga, NULL, &e, "reading decide", "ids", "13", "action",
                                 "estimate", "reason", "x", NULL),
                     ERR_DENIED);
    (void)fixture_run(&f, f.olga, "reading decide", "all", "1", "action", "re-read", "reason",
                      "x", NULL);
    ck_assert_int_eq(held(), 3);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM work_order"), 0);
}
END_TEST

/* u in the console: one decision with its number, of many which numbers there are. */
START_TEST(the_entry_of_a_decision_leads_to_its_undoing)
{
    struct undo u;
    struct buf told;
    int64_t one = fixture_run(&f, f.luis, "reading decide", "serial", "W00002", "action",
                              "reject", "reason", "mal leída", NULL);
    ck_assert_msg(undo_of(f.office, one, &u, &e) == ERR_OK, "%s", e.text);
    ck_assert_str_eq(u.command, "decision undo");
    ck_assert_str_eq(u.values[0].value, "1");
    buf_init(&told, 1024);
    ck_assert_int_eq(
        pick_tell(f.office, u.command, u.values[0].name, u.values[0].value, &told, &e), ERR_OK);
    ck_assert_str_eq(buf_str(&told),
                     "W00002 · 536,000 m³ · rejected · 01/09/2026 00:00 · mal leída");
    buf_clear(&told);
    ck_assert_int_eq(pick_tell(f.office, u.command, "decision", "2", &told, &e), ERR_OK);
    ck_assert_str_eq(buf_str(&told), ""); /* there is none */
    buf_release(&told);
    (void)fixture_run(&f, f.luis, "reading decide", "all", "1", "action", "accept", "reason",
                      "x", NULL);
    int64_t many = vee_number(&f, "SELECT seq FROM decision WHERE id = 3");
    ck_assert_int_eq(undo_of(f.office, many, &u, &e), ERR_STATE);
    ck_assert_ptr_nonnull(strstr(e.text, "decided on 2 readings"));
    ck_assert_ptr_nonnull(strstr(e.text, "2 to 3"));
}
END_TEST

START_TEST(a_decision_is_taken_back)
{
    int64_t alerts = vee_number(&f, "SELECT count(*) FROM alert WHERE resolved IS NULL");
    (void)fixture_run(&f, f.luis, "reading decide", "serial", "W00001", "action", "accept",
                      "reason", "x", NULL);
    (void)fixture_run(&f, f.luis, "reading decide", "serial", "W00002", "action", "correct",
                      "value", "48", "reason", "x", NULL);
    ck_assert_int_eq(held(), 1);
    (void)fixture_run(&f, f.luis, "decision undo", "decision", "2", "reason", "otra vez", NULL);
    ck_assert_int_eq(held(), 2);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM reading WHERE source = 'correction' "
                                    "AND state = 'rejected'"),
                     1);
    (void)fixture_run(&f, f.luis, "decision undo", "decision", "1", "reason", "otra vez", NULL);
    ck_assert_int_eq(held(), 3);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM alert WHERE resolved IS NULL"),
                     alerts);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "decision undo", "decision", "1",
                                 "reason", "x", NULL),
                     ERR_STATE);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "decision undo", "decision", "9",
                                 "reason", "x", NULL),
                     ERR_NOT_FOUND);
    /* It can be decided anew. */
    (void)fixture_run(&f, f.luis, "reading decide", "serial", "W00002", "action", "correct",
                      "value", "48", "reason", "x", NULL);
    (void)fixture_run(&f, f.marta, "bill run", "period", "2026-08", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT max(consumption) FROM bill_meter bm JOIN bill b ON "
                                    "b.id = bm.bill WHERE b.start_date = '2026-08-01'"),
                     12000);
    vee_verify(&f);
}
END_TEST

START_TEST(what_was_billed_or_built_upon_stays)
{
    char number[24];
    (void)fixture_run(&f, f.luis, "reading decide", "serial", "W00001", "action", "accept",
                      "reason", "x", NULL);
    (void)fixture_run(&f, f.luis, "reading decide", "serial", "W00002", "action", "correct",
                      "value", "48", "reason", "x", NULL);
    (void)snprintf(number, sizeof number, "%lld",
                   (long long)vee_number(&f, "SELECT max(id) FROM reading"));
    (void)fixture_run(&f, f.luis, "reading decide", "ids", number, "action", "reject", "reason",
                      "x", NULL);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "decision undo", "decision", "2",
                                 "reason", "x", NULL),
                     ERR_STATE);
    (void)fixture_run(&f, f.luis, "decision undo", "decision", "3", "reason", "x", NULL);
    (void)fixture_run(&f, f.luis, "decision undo", "decision", "2", "reason", "x", NULL);
    (void)fixture_run(&f, f.marta, "bill run", "period", "2026-08", NULL);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "decision undo", "decision", "1",
                                 "reason", "x", NULL),
                     ERR_STATE);
    vee_verify(&f);
}
END_TEST

Suite *suite_decide(void)
{
    Suite *s = suite_create("decide");
    TCase *t = tcase_create("decide");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, filters_are_the_queue_s);
    tcase_add_test(t, a_preview_says_what_bills_come_to);
    tcase_add_test(t, an_estimate_takes_its_place);
    tcase_add_test(t, estimates_in_bulk_end_at_the_limit);
    tcase_add_test(t, somebody_is_sent_to_read_again_once);
    tcase_add_test(t, nobody_decides_on_what_they_read);
    tcase_add_test(t, the_entry_of_a_decision_leads_to_its_undoing);
    tcase_add_test(t, a_decision_is_taken_back);
    tcase_add_test(t, what_was_billed_or_built_upon_stays);
    suite_add_tcase(s, t);
    return s;
}
