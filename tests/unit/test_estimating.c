/* Estimates through the command path: from what, how often, and taken back. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "check_vee.h"
#include "vee_util.h"

static struct office_fixture f;
static struct err e;

static void setup(void)
{
    vee_office(&f, 3);
    e = (struct err)ERR_INIT;
}

static void teardown(void)
{
    fixture_free(&f);
}

static void estimate(const char *time)
{
    (void)fixture_run(&f, f.luis, "reading estimate", "time", time, "reason", "lluvia", NULL);
}

static void bill(const char *period)
{
    (void)fixture_run(&f, f.marta, "bill run", "period", period, NULL);
}

/* The newest reading of a meter. */
static int64_t newest(const char *column, const char *serial)
{
    static char sql[512];
    static char kept[16][512]; /* statements are cached by address */
    static unsigned next;
    (void)snprintf(sql, sizeof sql,
                   "SELECT %s FROM reading x JOIN register g ON g.id = x.register JOIN meter m "
                   "ON m.id = g.meter WHERE m.serial = '%s' ORDER BY x.id DESC LIMIT 1",
                   column, serial);
    for (unsigned i = 0; i < next; i++) {
        if (strcmp(kept[i], sql) == 0) {
            return vee_number(&f, kept[i]);
        }
    }
    ck_assert_uint_lt(next, 16);
    (void)snprintf(kept[next], sizeof kept[0], "%s", sql);
    return vee_number(&f, kept[next++]);
}

/* Three periods of 11 m3 in 212 days; 61 days later 3.165 m3 more, the dial shows litres. */
START_TEST(own_periods_make_the_mean)
{
    estimate("2026-10-01 00:00");
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM reading WHERE source = 'estimated' "
                                    "AND state = 'accepted'"),
                     3);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate WHERE method = 'mean' AND "
                                    "periods = 3"),
                     3);
    ck_assert_int_eq(vee_number(&f, "SELECT use FROM estimate ORDER BY reading LIMIT 1"),
                     33000);
    ck_assert_int_eq(newest("value", "W00001"), 33000 + 33000 * 61 / 212);
    bill("2026-08");
    bill("2026-09");
    ck_assert_int_eq(vee_number(&f,
                                "SELECT sum(consumption) FROM bill_meter JOIN bill b ON b.id "
                                "= bill WHERE b.start_date = '2026-09-01'"),
                     33000 * 61 / 212 + 36000 * 61 / 212 + 39000 * 61 / 212);
    vee_verify(&f);
}
END_TEST

START_TEST(who_was_read_is_not_estimated)
{
    vee_read(&f, "W00001", "44", "2026-09-01 00:00");
    estimate("2026-09-01 00:00");
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate"), 2);
    /* The default looks 15 days back; --since says otherwise. */
    vee_read(&f, "W00002", "46", "2026-09-16 00:00");
    (void)fixture_run(&f, f.luis, "reading estimate", "serial", "W00002", "time",
                      "2026-10-01 00:00", "since", "2026-09-16", "reason", "x", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate"), 3);
    (void)fixture_run(&f, f.luis, "reading estimate", "serial", "W00001", "time",
                      "2026-09-16 00:00", "since", "2026-08-31", "reason", "x", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate"), 3);
}
END_TEST

START_TEST(a_held_reading_is_decided_first)
{
    vee_read(&f, "W00001", "900", "2026-09-01 00:00");
    estimate("2026-09-01 00:00");
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate"), 2);
    (void)fixture_run(&f, f.luis, "reading decide", "all", "1", "action", "reject", "reason",
                      "x", NULL);
    estimate("2026-09-01 00:00");
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate"), 3);
}
END_TEST

START_TEST(two_in_a_row_are_told_a_third_is_not_made)
{
    estimate("2026-09-01 00:00");
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM alert WHERE rule = 'consecutive'"),
                     0);
    estimate("2026-10-01 00:00");
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM alert WHERE rule = 'consecutive' AND "
                                    "observed = 2 AND threshold = 3"),
                     3);
    estimate("2026-11-01 00:00");
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate"), 6);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM alert WHERE rule = 'consecutive' AND "
                                    "observed = 3 AND reading IS NULL"),
                     3);
    /* Told once: nothing is left to record. */
    estimate("2026-11-01 00:00");
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM alert WHERE rule = 'consecutive'"),
                     6);
    /* A reading that was taken ends the row. */
    vee_read(&f, "W00001", "47", "2026-10-15 00:00");
    ck_assert_int_eq(newest("x.state = 'accepted'", "W00001"), 1);
    (void)fixture_run(&f, f.luis, "reading estimate", "serial", "W00001", "time",
                      "2026-11-01 00:00", "reason", "x", NULL);
    ck_assert_int_eq(newest("source = 'estimated'", "W00001"), 1);
    /* The office may set other limits. */
    (void)fixture_run(&f, f.ana, "rule set", "rule", "consecutive", "kind", "water", "limits",
                      "3,4", "reason", "x", NULL);
    (void)fixture_run(&f, f.luis, "reading estimate", "serial", "W00002", "time",
                      "2026-11-01 00:00", "reason", "x", NULL);
    ck_assert_int_eq(newest("source = 'estimated'", "W00002"), 1);
    ck_assert_int_eq(newest("utc > 1793000000", "W00002"), 1);
}
END_TEST

START_TEST(what_stands_between_two_readings_is_shared_out)
{
    vee_read(&f, "W00001", "38", "2026-09-20 00:00"); /* 5 m3 in 50 days */
    (void)fixture_run(&f, f.luis, "reading estimate", "serial", "W00001", "time",
                      "2026-08-26 00:00", "reason", "x", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM reading WHERE state = 'held'"), 0);
    ck_assert_int_eq(newest("value", "W00001"), 35500);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate WHERE method = 'between'"),
                     1);
}
END_TEST

/* A new meter: neither periods nor a year of its own; its group speaks. */
START_TEST(the_group_speaks_for_who_has_no_history)
{
    fixture_meters(&f, 1);
    vee_read(&f, "W00004", "0", "2026-08-10 00:00");
    (void)fixture_run(&f, f.luis, "reading estimate", "serial", "W00004", "time",
                      "2026-09-09 00:00", "method", "year", "reason", "x", "preview", "1",
                      NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate"), 0);
    (void)fixture_run(&f, f.luis, "reading estimate", "serial", "W00004", "time",
                      "2026-09-09 00:00", "method", "peers", "reason", "x", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate WHERE method = 'peers' AND "
                                    "periods >= 3"),
                     1);
    /* The median of the bills: 12 m3 in 31 days. */
    ck_assert_int_eq(vee_number(&f, "SELECT use * 86400 * 10 / secs FROM estimate"),
                     vee_number(&f,
                                "SELECT consumption * 10 / days FROM (SELECT "
                                "bm.consumption, bm.days FROM bill_meter bm JOIN bill b ON "
                                "b.id = bm.bill WHERE b.end_date > '2026-06-01' ORDER BY "
                                "bm.consumption * 1000 / bm.days, bm.register LIMIT 1 OFFSET "
                                "(SELECT (count(*) - 1) / 2 FROM bill b WHERE b.end_date > "
                                "'2026-06-01'))"));
}
END_TEST

START_TEST(the_same_period_of_the_year_before)
{
    /* Nothing but readings: 30 m3 in the September before, 5 in the rest. */
    fixture_meters(&f, 1);
    (void)fixture_run(&f, f.ana, "meter add", "serial", "V-1", "kind", "water", "unit", "m3",
                      "digits", "5", "decimals", "0", "account", "V-1", "customer", "Vera",
                      "tariff", "doc07-water", "installed", "2025-08-20", "initial", "0", NULL);
    vee_read(&f, "V-1", "5", "2025-09-01 00:00");
    vee_read(&f, "V-1", "35", "2025-10-01 00:00");
    vee_read(&f, "V-1", "40", "2026-09-01 00:00");
    (void)fixture_run(&f, f.luis, "reading decide", "serial", "V-1", "action", "accept",
                      "reason", "x", NULL);
    (void)fixture_run(&f, f.luis, "reading estimate", "serial", "V-1", "time",
                      "2026-10-01 00:00", "method", "year", "reason", "x", NULL);
    ck_assert_int_eq(newest("value", "V-1"), 70000);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate WHERE method = 'year'"), 1);
}
END_TEST

START_TEST(a_preview_records_nothing)
{
    int64_t height = vee_number(&f, "SELECT max(seq) FROM entry");
    (void)fixture_run(&f, f.luis, "reading estimate", "time", "2026-10-01 00:00", "reason", "x",
                      "preview", "1", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT max(seq) FROM entry"), height);
}
END_TEST

START_TEST(bad_requests_change_nothing)
{
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "reading estimate", "time",
                                 "2027-01-01 00:00", "reason", "x", NULL),
                     ERR_RANGE);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "reading estimate", "time",
                                 "2026-10-01 00:00", "since", "2026-10-01", "reason", "x",
                                 NULL),
                     ERR_USAGE);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "reading estimate", "serial", "NOPE",
                                 "reason", "x", NULL),
                     ERR_NOT_FOUND);
    ck_assert_int_eq(fixture_try(&f, f.olga, NULL, &e, "reading estimate", "reason", "x", NULL),
                     ERR_DENIED);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM estimate"), 0);
}
END_TEST

/* ---- taken back ---- */

static void accept_high(void)
{
    (void)fixture_run(&f, f.luis, "reading decide", "all", "1", "action", "accept", "reason",
                      "x", NULL);
}

/* Two estimates of a thirsty meter, billed with surcharges, then a reading far below. */
static void overestimate(void)
{
    vee_read(&f, "W00001", "333", "2026-08-20 00:00"); /* 300 m3 in 19 days: a leak */
    accept_high();
    bill("2026-08");
    (void)fixture_run(&f, f.luis, "reading estimate", "serial", "W00001", "time",
                      "2026-10-01 00:00", "reason", "x", NULL);
    bill("2026-09");
    (void)fixture_run(&f, f.luis, "reading estimate", "serial", "W00001", "time",
                      "2026-10-31 12:00", "reason", "x", NULL);
    bill("2026-10");
}

START_TEST(estimates_too_high_are_held_and_rolled_back)
{
    char number[24];
    overestimate();
    int64_t old = newest("value", "W00001");
    ck_assert_int_gt(old, 333000 + 4000);
    vee_read(&f, "W00001", "337", "2026-11-01 00:00");
    ck_assert_int_eq(newest("x.state = 'held'", "W00001"), 1);
    ck_assert_int_eq(
        vee_number(&f, "SELECT count(*) FROM finding WHERE rule = 'estimate_high'"), 1);
    (void)snprintf(number, sizeof number, "%lld", (long long)newest("x.id", "W00001"));
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "reading decide", "ids", number,
                                 "action", "accept", "reason", "x", NULL),
                     ERR_STATE);
    int64_t billed = vee_number(&f, "SELECT sum(amount) FROM posting");
    int64_t height = vee_number(&f, "SELECT max(seq) FROM entry");
    (void)fixture_run(&f, f.luis, "reading reestimate", "reading", number, "reason", "leída",
                      "preview", "1", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT max(seq) FROM entry"), height);
    (void)fixture_run(&f, f.luis, "reading reestimate", "reading", number, "reason", "leída",
                      NULL);
    /* Nothing was overwritten; two new estimates share 4 m3 out by time. */
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM reading WHERE source = 'estimated' "
                                    "AND state = 'corrected'"),
                     2);
    ck_assert_int_eq(vee_number(&f, "SELECT min(value) FROM reading WHERE source = 'estimated' "
                                    "AND state = 'accepted'"),
                     333000 + 4000 * 42 / 73);
    ck_assert_int_eq(vee_number(&f, "SELECT max(value) FROM reading WHERE source = 'estimated' "
                                    "AND state = 'accepted'"),
                     333000 + 4000 * 145 / 146);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM reading WHERE source = 'manual' AND "
                                    "value = 337000 AND state = 'accepted'"),
                     1);
    ck_assert_int_le(vee_number(&f, "SELECT sum(amount) FROM posting"), billed);
    /* Bills as they would be now: what was billed, less the notes. */
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM document WHERE cause = 'correction' "
                                    "AND type = 'credit_note'"),
                     vee_number(&f, "SELECT count(*) FROM surcharge s JOIN bill b ON b.id = "
                                    "s.bill WHERE b.start_date >= '2026-09-01'"));
    vee_verify(&f);
}
END_TEST

START_TEST(what_comes_after_bills_from_the_new_estimate)
{
    char number[24];
    overestimate();
    vee_read(&f, "W00001", "337", "2026-11-01 00:00");
    (void)snprintf(number, sizeof number, "%lld", (long long)newest("x.id", "W00001"));
    (void)fixture_run(&f, f.luis, "reading reestimate", "reading", number, "reason", "leída",
                      NULL);
    /* The same reading is not settled twice. */
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "reading reestimate", "reading", number,
                                 "reason", "x", NULL),
                     ERR_STATE);
    f.clock.wall += INT64_C(31) * 86400 * 1000;
    f.clock.boot += INT64_C(31) * 86400 * 1000;
    bill("2026-11");
    ck_assert_int_eq(vee_number(&f, "SELECT x.value FROM bill_meter bm JOIN bill b ON b.id = "
                                    "bm.bill JOIN reading x ON x.id = bm.from_reading JOIN "
                                    "register g ON g.id = bm.register JOIN meter m ON m.id = "
                                    "g.meter WHERE m.serial = 'W00001' AND b.start_date = "
                                    "'2026-11-01'"),
                     vee_number(&f, "SELECT max(value) FROM reading WHERE source = 'estimated' "
                                    "AND state = 'accepted'"));
    vee_verify(&f);
}
END_TEST

START_TEST(estimates_do_not_explain_every_fall)
{
    char number[24];
    overestimate();
    vee_read(&f, "W00001", "60", "2026-11-01 00:00"); /* below what was taken */
    ck_assert_int_eq(
        vee_number(&f, "SELECT count(*) FROM finding WHERE rule = 'estimate_high'"), 0);
    (void)snprintf(number, sizeof number, "%lld", (long long)newest("x.id", "W00001"));
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "reading reestimate", "reading", number,
                                 "reason", "x", NULL),
                     ERR_STATE);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "reading reestimate", "reading", "1",
                                 "reason", "x", NULL),
                     ERR_STATE);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "reading reestimate", "reading", "4711",
                                 "reason", "x", NULL),
                     ERR_NOT_FOUND);
}
END_TEST

static void limits_set(const char *limits)
{
    (void)fixture_run(&f, f.ana, "rule set", "rule", "estimate_high", "kind", "water", "limits",
                      limits, "reason", "x", NULL);
}

static enum err_code reestimate_newest(void)
{
    char number[24];
    (void)snprintf(number, sizeof number, "%lld", (long long)newest("x.id", "W00001"));
    e = (struct err)ERR_INIT;
    return fixture_try(&f, f.luis, NULL, &e, "reading reestimate", "reading", number, "reason",
                       "leída", NULL);
}

#define CK_ERR_SAYS(what) ck_assert_msg(strstr(e.text, what) != NULL, "%s", e.text)

START_TEST(estimates_are_rolled_back_as_far_and_as_often_as_the_office_says)
{
    overestimate();
    vee_read(&f, "W00001", "337", "2026-11-01 00:00"); /* 73 days after it was read last */
    int64_t height = vee_number(&f, "SELECT max(seq) FROM entry");
    limits_set("72,3");
    ck_assert_int_eq(reestimate_newest(), ERR_STATE);
    CK_ERR_SAYS("meter W00001 was last read 73 days before");
    CK_ERR_SAYS("over 72 days");
    ck_assert_int_eq(vee_number(&f, "SELECT max(seq) FROM entry"), height + 1);
    limits_set("73,1");
    ck_assert_msg(reestimate_newest() == ERR_OK, "%s", e.text);
    f.clock.wall += INT64_C(31) * 86400 * 1000;
    f.clock.boot += INT64_C(31) * 86400 * 1000;
    (void)fixture_run(&f, f.luis, "reading estimate", "serial", "W00001", "time",
                      "2026-12-01 00:00", "reason", "x", NULL);
    vee_read(&f, "W00001", "338", "2026-12-02 00:00");
    ck_assert_int_eq(newest("x.state = 'held'", "W00001"), 1);
    ck_assert_int_eq(reestimate_newest(), ERR_STATE);
    CK_ERR_SAYS("as often as the office allows already (1 in 73 days)");
    limits_set("73,2");
    ck_assert_msg(reestimate_newest() == ERR_OK, "%s", e.text);
    vee_verify(&f);
}
END_TEST

Suite *suite_estimating(void)
{
    Suite *s = suite_create("estimating");
    TCase *t = tcase_create("estimating");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, own_periods_make_the_mean);
    tcase_add_test(t, who_was_read_is_not_estimated);
    tcase_add_test(t, a_held_reading_is_decided_first);
    tcase_add_test(t, two_in_a_row_are_told_a_third_is_not_made);
    tcase_add_test(t, what_stands_between_two_readings_is_shared_out);
    tcase_add_test(t, the_group_speaks_for_who_has_no_history);
    tcase_add_test(t, the_same_period_of_the_year_before);
    tcase_add_test(t, a_preview_records_nothing);
    tcase_add_test(t, bad_requests_change_nothing);
    tcase_add_test(t, estimates_too_high_are_held_and_rolled_back);
    tcase_add_test(t, what_comes_after_bills_from_the_new_estimate);
    tcase_add_test(t, estimates_do_not_explain_every_fall);
    tcase_add_test(t, estimates_are_rolled_back_as_far_and_as_often_as_the_office_says);
    suite_add_tcase(s, t);
    return s;
}
