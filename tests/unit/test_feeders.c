/* Feeders: links, balances, and the checks that become alerts. */
#include <config.h>

#include <check.h>

#include "app/balance.h"
#include "check_vee.h"
#include "vee_util.h"

static struct office_fixture f;
static struct err e;

/* W3 feeds W1 and W2: 13 m3 a month against 11 and 12. */
static void setup(void)
{
    vee_office(&f, 3);
    e = (struct err)ERR_INIT;
}

static void teardown(void)
{
    fixture_free(&f);
}

static void link(const char *below, const char *above)
{
    (void)fixture_run(&f, f.ana, "meter link", "serial", below, "above", above, "start",
                      "2026-06-01", NULL);
}

START_TEST(a_balance_adds_up_what_is_below)
{
    struct balance b;
    struct date from = {2026, 6, 1};
    struct date to = {2026, 8, 1};
    link("W00001", "W00003");
    link("W00002", "W00003");
    ck_assert_int_eq(balance_load(f.office, 3, zone_day_start(f.office->zone, from),
                                  zone_day_start(f.office->zone, to), &b, &e),
                     ERR_OK);
    ck_assert(b.known);
    ck_assert_int_eq(b.whole, 26000);
    ck_assert_int_eq(b.parts, 22000 + 24000);
    ck_assert_int_eq(b.count, 2);
    ck_assert_int_eq(b.read, 2);
}
END_TEST

START_TEST(a_fault_is_told_once)
{
    link("W00001", "W00003");
    link("W00002", "W00003");
    (void)fixture_run(&f, f.luis, "meter check", "from", "2026-06-01", "to", "2026-08-01",
                      NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM alert WHERE rule = 'balance' AND "
                                    "meter = 3 AND observed = -20000"),
                     1);
    (void)fixture_run(&f, f.luis, "meter check", "from", "2026-06-01", "to", "2026-08-01",
                      NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM alert WHERE rule = 'balance'"), 1);
    vee_verify(&f);
}
END_TEST

START_TEST(nothing_stands_above_itself)
{
    link("W00001", "W00002");
    link("W00002", "W00003");
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "meter link", "serial", "W00003", "above",
                                 "W00001", NULL),
                     ERR_STATE);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "meter link", "serial", "W00003", "above",
                                 "W00003", NULL),
                     ERR_STATE);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "meter link", "serial", "W00003", "above",
                                 "NOPE", NULL),
                     ERR_NOT_FOUND);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "meter link", "serial", "W00001", "above",
                                 "W00003", "start", "2026-05-01", NULL),
                     ERR_STATE);
}
END_TEST

START_TEST(links_end_and_go_on_through_an_exchange)
{
    link("W00001", "W00003");
    link("W00002", "W00003");
    (void)fixture_run(&f, f.ana, "meter link", "serial", "W00002", "start", "2026-07-01", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM feed WHERE end_date IS NULL"), 1);
    (void)fixture_run(&f, f.ana, "meter swap", "serial", "W00001", "new", "N-1", "final", "40",
                      "initial", "0", "time", "2026-08-10 10:00", "reason", "x", NULL);
    (void)fixture_run(&f, f.ana, "meter swap", "serial", "W00003", "new", "N-3", "final", "40",
                      "initial", "0", "time", "2026-08-11 10:00", "reason", "x", NULL);
    ck_assert_int_eq(vee_number(&f,
                                "SELECT count(*) FROM feed x JOIN meter m ON m.id = x.meter "
                                "JOIN meter a ON a.id = x.above WHERE m.serial = 'N-1' AND "
                                "a.serial = 'N-3' AND end_date IS NULL"),
                     1);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM feed WHERE end_date IS NULL"), 1);
    vee_verify(&f);
}
END_TEST

Suite *suite_feeders(void)
{
    Suite *s = suite_create("feeders");
    TCase *t = tcase_create("feeders");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, a_balance_adds_up_what_is_below);
    tcase_add_test(t, a_fault_is_told_once);
    tcase_add_test(t, nothing_stands_above_itself);
    tcase_add_test(t, links_end_and_go_on_through_an_exchange);
    suite_add_tcase(s, t);
    return s;
}
