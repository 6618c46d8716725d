/* Meters' life through the command path: exchanged in one act, taken away, billed through. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "lib/office_fixture.h"

Suite *suite_meter_life(void);

static int64_t number(struct office_fixture *f, const char *sql)
{
    struct err e = ERR_INIT;
    int64_t v = -1;
    ck_assert_msg(db_get_int(f->office->db, &v, NULL, &e, sql, NO_VALS) == ERR_OK, "%s: %s",
                  sql, e.text);
    return v;
}

static void read_at(struct office_fixture *f, const char *serial, const char *value,
                    const char *time)
{
    (void)fixture_run(f, f->olga, "reading add", "serial", serial, "value", value, "time", time,
                      NULL);
}

static void swap(struct office_fixture *f, const char *final, const char *initial,
                 const char *time)
{
    (void)fixture_run(f, f->ana, "meter swap", "serial", "W00001", "new", "W90001", "final",
                      final, "initial", initial, "time", time, "reason", "dial roto", NULL);
}

START_TEST(a_swap_is_billed_through_once)
{
    struct office_fixture f;
    fixture_init(&f);
    fixture_meters(&f, 1);
    read_at(&f, "W00001", "10", "2026-09-01 00:00");
    swap(&f, "14", "100", "2026-09-13 10:00");
    read_at(&f, "W90001", "109", "2026-10-01 00:00");
    (void)fixture_run(&f, f.luis, "reading decide", "all", "1", "action", "accept", "reason",
                      "vista", NULL);
    (void)fixture_run(&f, f.marta, "bill run", "from", "2026-09-01", "to", "2026-10-01", NULL);
    ck_assert_int_eq(number(&f, "SELECT count(*) FROM bill_meter"), 2);
    ck_assert_int_eq(number(&f, "SELECT sum(consumption) FROM bill_meter"), 13000);
    ck_assert_int_eq(number(&f, "SELECT max(consumption) FROM bill_meter"), 9000);
    ck_assert_int_eq(number(&f, "SELECT min(whole_days) FROM bill_meter"), 30);
    ck_assert_int_eq(number(&f, "SELECT sum(days) FROM bill_meter"), 30);
    /* The limit of 20 m3 counts once, and so does the fixed charge of 500.00. */
    ck_assert_int_eq(number(&f, "SELECT sum(threshold) FROM bill_meter"), 20000);
    ck_assert_int_eq(number(&f, "SELECT total FROM bill"), 50000);
    ck_assert_int_eq(number(&f, "SELECT count(*) FROM surcharge"), 0);
    fixture_free(&f);
}
END_TEST

START_TEST(the_bill_after_a_swap_goes_on_with_the_new_meter)
{
    struct office_fixture f;
    fixture_init(&f);
    fixture_meters(&f, 1);
    read_at(&f, "W00001", "10", "2026-09-01 00:00");
    swap(&f, "14", "100", "2026-09-01 10:00"); /* on the first day of a period */
    read_at(&f, "W90001", "109", "2026-10-01 00:00");
    read_at(&f, "W90001", "115", "2026-11-01 00:00");
    (void)fixture_run(&f, f.luis, "reading decide", "all", "1", "action", "accept", "reason",
                      "vista", NULL);
    (void)fixture_run(&f, f.marta, "bill run", "from", "2026-08-01", "to", "2026-09-01", NULL);
    (void)fixture_run(&f, f.marta, "bill run", "from", "2026-09-01", "to", "2026-10-01", NULL);
    (void)fixture_run(&f, f.marta, "bill run", "from", "2026-10-01", "to", "2026-11-01", NULL);
    ck_assert_int_eq(number(&f, "SELECT sum(consumption) FROM bill_meter WHERE bill = 1"),
                     10000);
    ck_assert_int_eq(number(&f, "SELECT sum(consumption) FROM bill_meter WHERE bill = 2"),
                     13000);
    ck_assert_int_eq(number(&f, "SELECT count(*) FROM bill_meter WHERE bill = 2"), 2);
    ck_assert_int_eq(number(&f, "SELECT sum(consumption) FROM bill_meter WHERE bill = 3"),
                     6000);
    ck_assert_int_eq(number(&f, "SELECT count(*) FROM bill_meter WHERE bill = 3"), 1);
    ck_assert_int_eq(number(&f, "SELECT count(*) FROM bill_meter WHERE bill = 3 AND whole_days "
                                "IS NULL"),
                     1);
    fixture_free(&f);
}
END_TEST

START_TEST(a_swap_through_the_dial_s_zero_is_billed)
{
    struct office_fixture f;
    fixture_init(&f);
    fixture_meters(&f, 1);
    read_at(&f, "W00001", "99998", "2026-09-01 00:00");
    (void)fixture_run(&f, f.luis, "reading decide", "all", "1", "action", "accept", "reason",
                      "vista", NULL);
    swap(&f, "3", "0", "2026-09-13 10:00");
    (void)fixture_run(&f, f.marta, "bill run", "from", "2026-08-01", "to", "2026-09-01", NULL);
    (void)fixture_run(&f, f.marta, "bill run", "from", "2026-09-01", "to", "2026-10-01", NULL);
    ck_assert_int_eq(number(&f, "SELECT sum(consumption) FROM bill_meter WHERE bill = 2"),
                     5000);
    fixture_free(&f);
}
END_TEST

START_TEST(a_swap_keeps_place_payer_tariff_and_limit)
{
    struct office_fixture f;
    fixture_init(&f);
    fixture_meters(&f, 1);
    swap(&f, "14", "0", "2026-09-13 10:00");
    ck_assert_int_eq(number(&f,
                            "SELECT count(*) FROM meter a JOIN meter b ON b.replaces = a.id "
                            "AND b.point = a.point AND a.removed = '2026-09-13' AND "
                            "b.installed = '2026-09-13' AND b.state = 'in_service' AND "
                            "a.state = 'removed'"),
                     1);
    ck_assert_int_eq(number(&f,
                            "SELECT count(*) FROM assignment a JOIN assignment b ON "
                            "b.account = a.account AND b.tariff = a.tariff AND a.end_date = "
                            "'2026-09-14' AND b.start_date = '2026-09-13' AND b.end_date "
                            "IS NULL WHERE a.meter = 1 AND b.meter = 2"),
                     1);
    ck_assert_int_eq(number(&f, "SELECT value FROM usage_limit WHERE meter = 2"), 20000);
    fixture_free(&f);
}
END_TEST

static enum err_code swap_try(struct office_fixture *f, const char *new, const char *final,
                              const char *initial, const char *time, struct err *e)
{
    return fixture_try(f, f->ana, NULL, e, "meter swap", "serial", "W00001", "new", new,
                       "final", final, "initial", initial, "time", time, "reason", "x", NULL);
}

START_TEST(a_swap_that_contradicts_what_is_known_changes_nothing)
{
    struct office_fixture f;
    struct err e = ERR_INIT;
    const char *day = "2026-09-13 10:00";
    fixture_init(&f);
    fixture_meters(&f, 2);
    read_at(&f, "W00001", "10", "2026-09-01 00:00");
    int64_t before = number(&f, "SELECT max(seq) FROM entry");
    ck_assert_int_eq(swap_try(&f, "W00002", "14", "0", day, &e), ERR_EXISTS);
    ck_assert_int_eq(swap_try(&f, "W9", "9.999", "0", day, &e), ERR_STATE);
    ck_assert_int_eq(swap_try(&f, "W9", "100000", "0", day, &e), ERR_RANGE);
    ck_assert_int_eq(swap_try(&f, "W9", "14", "100000", day, &e), ERR_RANGE);
    ck_assert_int_eq(swap_try(&f, "W9", "14", "0", "2026-08-31 23:59", &e), ERR_STATE);
    ck_assert_int_eq(swap_try(&f, "W9", "14", "0", "2026-12-01 10:00", &e), ERR_RANGE);
    ck_assert_int_eq(swap_try(&f, "W9", "1.8.1=14", "0", day, &e), ERR_USAGE);
    ck_assert_int_eq(swap_try(&f, "W9", "14", "", day, &e), ERR_USAGE);
    ck_assert_int_eq(number(&f, "SELECT max(seq) FROM entry"), before);
    ck_assert_int_eq(swap_try(&f, "W9", "10", "0", day, &e), ERR_OK);
    ck_assert_int_eq(swap_try(&f, "W10", "10", "0", day, &e), ERR_STATE);
    fixture_free(&f);
}
END_TEST

START_TEST(a_swap_takes_every_register)
{
    struct office_fixture f;
    struct err e = ERR_INIT;
    fixture_init(&f);
    fixture_meters(&f, 1);
    (void)fixture_run(&f, f.ana, "meter register", "serial", "W00001", "obis", "8-0:2.0.0",
                      "initial", "0", "installed", "2026-01-01", NULL);
    ck_assert_int_eq(swap_try(&f, "W9", "14", "0", "2026-09-13 10:00", &e), ERR_USAGE);
    (void)fixture_run(&f, f.ana, "meter swap", "serial", "W00001", "new", "W9", "final",
                      "8-0:1.0.0=14,8-0:2.0.0=3", "initial", "8-0:1.0.0=0,8-0:2.0.0=1", "time",
                      "2026-09-13 10:00", "digits", "6", "reason", "x", NULL);
    ck_assert_int_eq(number(&f, "SELECT count(*) FROM register WHERE meter = 2 AND digits = 6"),
                     2);
    ck_assert_int_eq(number(&f, "SELECT count(*) FROM reading WHERE source = 'removal'"), 2);
    ck_assert_int_eq(number(&f, "SELECT value FROM reading x JOIN register g ON g.id = "
                                "x.register WHERE g.meter = 2 AND g.obis = '8-0:2.0.0'"),
                     1000);
    fixture_free(&f);
}
END_TEST

START_TEST(a_removed_meter_is_billed_to_its_final_reading_and_no_further)
{
    struct office_fixture f;
    struct err e = ERR_INIT;
    fixture_init(&f);
    fixture_meters(&f, 1);
    read_at(&f, "W00001", "10", "2026-09-01 00:00");
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "meter state", "serial", "W00001",
                                 "state", "out_of_service", "final", "16", "reason", "x", NULL),
                     ERR_USAGE);
    (void)fixture_run(&f, f.ana, "meter state", "serial", "W00001", "state", "removed", "final",
                      "16", "time", "2026-09-13 10:00", "reason", "demolida", NULL);
    (void)fixture_run(&f, f.marta, "bill run", "from", "2026-08-01", "to", "2026-09-01", NULL);
    (void)fixture_run(&f, f.marta, "bill run", "from", "2026-09-01", "to", "2026-10-01", NULL);
    ck_assert_int_eq(number(&f, "SELECT consumption FROM bill_meter WHERE bill = 2"), 6000);
    (void)fixture_run(&f, f.marta, "bill run", "from", "2026-10-01", "to", "2026-11-01", NULL);
    ck_assert_int_eq(number(&f, "SELECT count(*) FROM bill"), 2);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "meter state", "serial", "W00001",
                                 "state", "in_service", "reason", "x", NULL),
                     ERR_STATE);
    fixture_free(&f);
}
END_TEST

static int64_t held(struct office_fixture *f)
{
    return number(f, "SELECT count(*) FROM reading WHERE state = 'held'");
}

START_TEST(a_rule_holds_by_the_limit_that_the_office_set)
{
    struct office_fixture f;
    fixture_init(&f);
    fixture_meters(&f, 1);
    (void)fixture_run(&f, f.ana, "rule set", "rule", "too_old", "kind", "water", "limits", "31",
                      "reason", "x", NULL);
    read_at(&f, "W00001", "1", "2026-10-02 08:00"); /* 31 days before 2 November 08:00 */
    ck_assert_int_eq(held(&f), 0);
    read_at(&f, "W00001", "1", "2026-10-02 07:59");
    ck_assert_int_eq(held(&f), 1);
    (void)fixture_run(&f, f.ana, "rule set", "rule", "too_old", "kind", "water", "hold", "no",
                      "reason", "x", NULL);
    read_at(&f, "W00001", "0.5", "2026-09-01 08:00");
    ck_assert_int_eq(held(&f), 1);
    (void)fixture_run(&f, f.ana, "rule set", "rule", "too_old", "kind", "water", "hold", "yes",
                      "active", "no", "reason", "x", NULL);
    read_at(&f, "W00001", "0.2", "2026-08-01 08:00");
    ck_assert_int_eq(held(&f), 1);
    ck_assert_int_eq(number(&f, "SELECT limit0 FROM rule_setting"), 31);
    fixture_free(&f);
}
END_TEST

START_TEST(a_rule_that_cannot_be_set_changes_nothing)
{
    struct office_fixture f;
    struct err e = ERR_INIT;
    static const char *const bad[] = {"-1", "1,2,3,4,5,6", "1.5", "x", "1,", ""};
    fixture_init(&f);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "rule set", "rule", "too_old", "kind",
                                     "water", "limits", bad[i], "reason", "x", NULL),
                         ERR_USAGE);
    }
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "rule set", "rule", "moon", "kind",
                                 "water", "hold", "no", "reason", "x", NULL),
                     ERR_USAGE);
    /* by what people call it */
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "rule set", "rule",
                                 "the reading is TOO old", "kind", "Water", "limits", "730",
                                 "reason", "x", NULL),
                     ERR_STATE);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "rule set", "rule", "too_old", "kind",
                                 "water", "limits", "730", "reason", "x", NULL),
                     ERR_STATE);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "rule set", "rule", "too_old", "kind",
                                 "water", "limits", "31", "reason", "x", NULL),
                     ERR_DENIED);
    ck_assert_int_eq(number(&f, "SELECT count(*) FROM rule_setting"), 0);
    fixture_free(&f);
}
END_TEST

Suite *suite_meter_life(void)
{
    Suite *s = suite_create("meter_life");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 20);
    tcase_add_test(t, a_swap_is_billed_through_once);
    tcase_add_test(t, the_bill_after_a_swap_goes_on_with_the_new_meter);
    tcase_add_test(t, a_swap_through_the_dial_s_zero_is_billed);
    tcase_add_test(t, a_swap_keeps_place_payer_tariff_and_limit);
    tcase_add_test(t, a_swap_that_contradicts_what_is_known_changes_nothing);
    tcase_add_test(t, a_swap_takes_every_register);
    tcase_add_test(t, a_removed_meter_is_billed_to_its_final_reading_and_no_further);
    tcase_add_test(t, a_rule_holds_by_the_limit_that_the_office_set);
    tcase_add_test(t, a_rule_that_cannot_be_set_changes_nothing);
    suite_add_tcase(s, t);
    return s;
}
