/* Two consoles that do the same at once: the other one's whole command falls between any two
 * looks at the clock of ours. Nothing is billed, charged or told twice, and no number either.
 */
#include <config.h>

#include "tests/unit/check_billing.h"

#include <stdio.h>
#include <string.h>

#define LOOKS_MAX 40

static struct office_fixture other;
static struct env hooked;
static int looks, at;
static const char *const *doing; /* command, then names and values */

static enum err_code do_it(struct office_fixture *f, struct err *e)
{
    struct session *who = strncmp(doing[0], "reading", 7) == 0 ? f->luis : f->marta;
    return fixture_try(f, who, NULL, e, doing[0], doing[1], doing[2], doing[3], doing[4], NULL);
}

/* Done, or refused because the other one was first. */
static void fine(enum err_code code, const struct err *e)
{
    ck_assert_msg(code == ERR_OK || code == ERR_STATE || code == ERR_EXISTS, "%s: %s", doing[0],
                  e->text);
}

/* Between two looks of the console under test. */
static int64_t hooked_wall(void *ctx)
{
    (void)ctx;
    if (++looks == at) {
        struct err e = ERR_INIT;
        fine(do_it(&other, &e), &e);
    }
    return env_wall_ms(&billing.clock.env);
}

static void consoles_open(void)
{
    billing_setup();
    billing_run();
    fixture_run(&billing, billing.marta, "bill cancel", "bill", "2", "reason", "x", NULL);
    fixture_run(&billing, billing.ana, "policy set", "policy", "collection", "file",
                billing_file("collection.json",
                             "{\"notice_1\":5,\"notice_2\":15,\"notice_3\":25,\"cut_days\":9,"
                             "\"minimum\":1,\"from_hour\":8,\"to_hour\":15}"),
                NULL);
    other = billing;
    other.office = NULL;
    env_fake_init(&other.clock, billing.clock.wall, 77);
    other.clock.boot = billing.clock.boot;
    fixture_reopen(&other);
    hooked = billing.clock.env;
    hooked.ctx = &billing.clock;
    hooked.wall_ms = hooked_wall;
    billing.office->env = billing.office->ledger.env = &hooked;
    looks = 0;
}

static void consoles_close(void)
{
    fixture_close(&other);
    billing_teardown();
}

/* Each moment at which ours looks at the clock, until there are no more. */
static void sweep(const char *const *command, const char *twice)
{
    doing = command;
    for (at = 1; at <= LOOKS_MAX; at++) {
        struct err e = ERR_INIT;
        consoles_open();
        enum err_code code = do_it(&billing, &e);
        fine(code, &e);
        ck_assert_msg(billing_count(twice) == 0, "%s, look %d: twice", doing[0], at);
        ck_assert_int_eq(billing_count("SELECT max(id) <> count(*) FROM bill"), 0);
        bool all = looks < at;
        consoles_close();
        if (all) {
            break;
        }
    }
    ck_assert_int_gt(at, 1);
    ck_assert_int_lt(at, LOOKS_MAX);
}

START_TEST(no_period_is_billed_twice)
{
    static const char *const run[] = {"bill run", "from", "2026-10-01", "to", "2026-11-01"};
    sweep(run, "SELECT count(*) FROM (SELECT 1 FROM bill GROUP BY account, start_date, "
               "cancelled HAVING count(*) > 1)");
}
END_TEST

START_TEST(no_bill_is_made_again_twice)
{
    static const char *const again[] = {"bill rebill", "bill", "2", NULL, NULL};
    sweep(again, "SELECT count(*) FROM (SELECT 1 FROM bill WHERE cancelled IS NULL GROUP BY "
                 "account, start_date HAVING count(*) > 1)");
}
END_TEST

/* Long after the due day, three would be due at once. */
START_TEST(nobody_is_told_twice)
{
    static const char *const run[] = {"collection run", "date", "2027-01-15", NULL, NULL};
    sweep(run, "SELECT count(*) - 2 FROM notice");
}
END_TEST

START_TEST(no_reading_is_estimated_twice)
{
    static const char *const run[] = {"reading estimate", "time", "2026-10-31 00:00", "reason",
                                      "x"};
    sweep(run, "SELECT count(*) - 3 FROM reading WHERE source = 'estimated'");
}
END_TEST

Suite *suite_race(void)
{
    Suite *s = suite_create("race");
    TCase *t = tcase_create("race");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, no_period_is_billed_twice);
    tcase_add_test(t, no_bill_is_made_again_twice);
    tcase_add_test(t, nobody_is_told_twice);
    tcase_add_test(t, no_reading_is_estimated_twice);
    suite_add_tcase(s, t);
    return s;
}
