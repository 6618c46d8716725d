/* Requests and approvals with each allocation failing in turn: what fails says so and changes
 * nothing, and the same act done again succeeds. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "lib/fault.h"
#include "lib/office_fixture.h"

Suite *suite_request_faults(void);

#define FAILURES_MAX 2000

static struct office_fixture f;
static struct err e;

static void setup(void)
{
    fixture_init(&f);
    e = (struct err)ERR_INIT;
}

static void teardown(void)
{
    fixture_free(&f);
}

static int64_t count(const char *sql)
{
    int64_t n = -1;
    struct err why = ERR_INIT;
    ck_assert_msg(db_get_int(f.office->db, &n, NULL, &why, sql, NO_VALS) == ERR_OK, "%s",
                  why.text);
    return n;
}

static enum err_code act_on(struct session *who, const char *command)
{
    e = (struct err)ERR_INIT;
    return fixture_try(&f, who, NULL, &e, command, "request", "1", NULL);
}

/*
 * Fail all allocations from the first on, then all from the second on, and so on until the act
 * is done. (One alone may be done without, as where an old erasure is looked for: the act would
 * be done, and what follows not tried.) Each failure must be told as lack of memory and leave
 * what `left` counts as it was, or say that the act is done. Returns how many failed.
 */
static unsigned until_done(struct session *who, const char *command, const char *left)
{
    int64_t before = count(left);
    unsigned failures = 0;
    while (failures < FAILURES_MAX) {
        fault_arm(failures + 1, true);
        enum err_code code = act_on(who, command);
        (void)fault_disarm();
        if (code == ERR_OK) {
            break;
        }
        ck_assert_msg(code == ERR_NOMEM, "%s, allocation %u: %s", command, failures + 1,
                      e.text);
        failures++;
        if (count(left) != before) {
            ck_assert_msg(strstr(e.text, "it is done") || strstr(e.text, "approved, but"), "%s",
                          e.text);
            break;
        }
    }
    return failures;
}

static void ask(void)
{
    struct ticket t;
    ck_assert_msg(fixture_try(&f, f.ana, &t, &e, "user recover", "login", "olga", "reason", "r",
                              "password", "una-clave-nueva", NULL) == ERR_OK,
                  "%s", e.text);
}

START_TEST(an_approval_without_memory_is_none)
{
    static const char entries[] = "SELECT count(*) FROM entry";
    ask();
    int64_t before = count(entries);
    ck_assert_uint_ge(until_done(f.luis, "request approve", entries), 5);
    ck_assert_int_eq(count(entries), before + 1);
    ck_assert_int_eq(count("SELECT count(*) FROM approval"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM request WHERE state='open'"), 1);
}
END_TEST

START_TEST(what_was_approved_and_lacked_memory_is_done_when_run)
{
    static const char open[] = "SELECT count(*) FROM request WHERE state='open'";
    static const char entries[] = "SELECT count(*) FROM entry";
    ask();
    ck_assert_int_eq(act_on(f.luis, "request approve"), ERR_OK);
    /* Ends where the approval is written and carrying it out has failed. */
    ck_assert_uint_ge(until_done(f.marta, "request approve", open), 5);
    ck_assert_int_eq(count("SELECT count(*) FROM approval"), 2);
    ck_assert_int_eq(count("SELECT count(*) FROM request WHERE state='approved'"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM key WHERE owner='user:2'"), 1);
    ck_assert_uint_ge(until_done(f.marta, "request run", entries), 5);
    ck_assert_int_eq(count("SELECT count(*) FROM request WHERE state='done'"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM key WHERE owner='user:2'"), 2);
    ck_assert_int_eq(count("SELECT count(*) FROM history WHERE kind='user.key_set'"), 1);
}
END_TEST

START_TEST(a_request_withdrawn_without_memory_is_still_open)
{
    static const char entries[] = "SELECT count(*) FROM entry";
    ask();
    ck_assert_uint_ge(until_done(f.ana, "request withdraw", entries), 5);
    ck_assert_int_eq(count("SELECT count(*) FROM request WHERE state='withdrawn'"), 1);
}
END_TEST

Suite *suite_request_faults(void)
{
    Suite *s = suite_create("request_faults");
    TCase *t = tcase_create("request_faults");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, an_approval_without_memory_is_none);
    tcase_add_test(t, what_was_approved_and_lacked_memory_is_done_when_run);
    tcase_add_test(t, a_request_withdrawn_without_memory_is_still_open);
    suite_add_tcase(s, t);
    return s;
}
