/* The reading judge: what of the office's stored readings a new one is judged against. The
 * rules themselves are the domain's (test_rules_reading.c). */
#include <config.h>

#include "app/reading_judge.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "app_util.h"
#include "base/caltime.h"

Suite *suite_reading_judge(void);

#define DAY INT64_C(86400)
#define REG 1 /* of W00001: 5 digits, 3 decimals, at 0 from 2026-01-01 */

static struct judge_rules rules;
static struct judge_subject subject;
static struct judge_state state;
static struct findings found;
static struct err e;
static int64_t now; /* of the office's clock */

static void load(void)
{
    ck_assert_msg(judge_rules_init(app_office.office, &rules, &e) == ERR_OK, "%s", e.text);
    ck_assert_msg(judge_subject_load(app_office.office, REG, &rules, &subject, &e) == ERR_OK,
                  "%s", e.text);
}

static void setup(void)
{
    app_setup();
    e = (struct err)ERR_INIT;
    now = FIXTURE_START_MS / 1000;
    load();
}

/* Judge a value so many days before now, as of now, from a fresh start for a run. */
static const struct findings *judge_in(int64_t run, int64_t days_ago, int64_t value)
{
    struct point p = {.value = value, .utc = now - days_ago * DAY};
    ck_assert_int_eq(judge_start(app_office.office, &subject, run, p.utc, &state, &e), ERR_OK);
    ck_assert_int_eq(judge_next(app_office.office, &subject, &state, p, now, &found, &e),
                     ERR_OK);
    return &found;
}

static bool has(const struct findings *f, enum rule_id rule, enum finding_class kind)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->item[i].rule == rule && f->item[i].kind == kind) {
            return true;
        }
    }
    return false;
}

/* "2026-10-03 08:00" so many days before now: the office's clock is six hours behind UTC. */
static const char *day(int64_t days_ago)
{
    static char out[4][32];
    static unsigned next;
    struct buf b;
    char *at = out[next++ % 4];
    buf_init(&b, 64);
    civil_print(civil_from_secs(now - days_ago * DAY - 6 * 3600), &b);
    (void)snprintf(at, sizeof out[0], "%.16s", buf_str(&b));
    at[10] = ' ';
    buf_release(&b);
    return at;
}

static void stored(int64_t days_ago, const char *value)
{
    (void)fixture_run(&app_office, app_office.olga, "reading add", "serial", "W00001", "value",
                      value, "time", day(days_ago), NULL);
}

static int64_t newest(void)
{
    return app_count("SELECT max(id) FROM reading");
}

static void decide(const char *action)
{
    char id[32];
    (void)snprintf(id, sizeof id, "%lld", (long long)newest());
    (void)fixture_run(&app_office, app_office.luis, "reading decide", "ids", id, "action",
                      action, "reason", "vista", NULL);
}

/* So many readings by an import, a day apart, the newest a day before now; "held": below zero
 * use, so that each waits. */
static void imported(int count, bool held)
{
    static char rows[64 * 1024];
    size_t len = (size_t)snprintf(rows, sizeof rows, "serial,time,value\n");
    for (int i = count; i > 0; i--) {
        len += (size_t)snprintf(rows + len, sizeof rows - len, "W00001,%s,%d.%03d\n", day(i),
                                held ? 1 : 10 + (count - i), 0);
    }
    struct import_report report = {0};
    enum err_code code =
        app_import("import readings", "readings", app_file("rows.csv", rows), &report, &e);
    ck_assert_msg(code == ERR_OK || code == ERR_CANCELLED, "%s", e.text);
}

START_TEST(the_first_reading_is_judged_against_the_dial_at_installation)
{
    ck_assert_uint_eq(judge_in(0, 30, 5000)->count, 0);
    ck_assert(state.has_prev);
    ck_assert_int_eq(state.prev.value, 5000); /* it was taken: the next one's before */
    stored(20, "10");
    ck_assert(judge_in(0, 10, 9999)->hold);
    ck_assert(has(&found, RULE_DECREASE, CLASS_BACKFLOW));
    ck_assert_int_eq(state.prev.value, 10000); /* a held one is no before */
    ck_assert_int_eq(state.seen.value, 9999);  /* but was seen */
    ck_assert_uint_eq(judge_in(0, 10, 10000)->count, 0);
}
END_TEST

START_TEST(service_begins_with_the_day_of_installation)
{
    int64_t first = 0;
    int64_t second = 0;
    struct civil at = {.date = {2026, 1, 1}};
    ck_assert_int_ne(zone_resolve(app_office.office->zone, at, &first, &second),
                     LOCAL_NONEXISTENT);
    ck_assert_int_eq(subject.active_from, first);
    ck_assert_int_eq(subject.active_until, INT64_MAX);
    struct point p = {.value = 0, .utc = first - 1};
    ck_assert_int_eq(judge_start(app_office.office, &subject, 0, p.utc, &state, &e), ERR_OK);
    ck_assert_int_eq(judge_next(app_office.office, &subject, &state, p, now, &found, &e),
                     ERR_OK);
    ck_assert(has(&found, RULE_INACTIVE, CLASS_NOT_YET));
}
END_TEST

START_TEST(a_meter_may_be_read_on_the_day_it_is_taken_away)
{
    (void)fixture_run(&app_office, app_office.ana, "meter state", "serial", "W00001", "state",
                      "removed", "reason", "x", NULL);
    load();
    ck_assert_int_eq(subject.active_until % DAY, 6 * 3600); /* midnight of Costa Rica */
    ck_assert_int_gt(subject.active_until, now);
    ck_assert_int_le(subject.active_until, now + DAY);
}
END_TEST

START_TEST(a_reading_between_two_is_judged_against_both)
{
    stored(30, "10");
    stored(10, "20");
    ck_assert_uint_eq(judge_in(0, 20, 15000)->count, 0);
    ck_assert(judge_in(0, 20, 20001)->hold);
    ck_assert(has(&found, RULE_DECREASE, CLASS_ABOVE_NEXT));
    ck_assert_uint_eq(judge_in(0, 20, 20000)->count, 0);
    ck_assert(judge_in(0, 20, 5000)->hold);
    ck_assert(has(&found, RULE_DECREASE, CLASS_DIP));
}
END_TEST

START_TEST(another_value_of_the_same_instant_is_found)
{
    stored(10, "20");
    ck_assert(has(judge_in(0, 10, 20000), RULE_DUPLICATE, CLASS_SAME_VALUE));
    ck_assert(has(judge_in(0, 10, 20001), RULE_DUPLICATE, CLASS_OTHER_VALUE));
    struct point later = {.value = 20001, .utc = now - 10 * DAY + 1};
    ck_assert_int_eq(judge_next(app_office.office, &subject, &state, later, now, &found, &e),
                     ERR_OK);
    ck_assert(!has(&found, RULE_DUPLICATE, CLASS_SAME_VALUE));
    ck_assert(!has(&found, RULE_DUPLICATE, CLASS_OTHER_VALUE));
}
END_TEST

/* As many values of an instant are remembered as there is room for; more are only not added. */
START_TEST(a_crowd_at_one_instant_does_no_harm)
{
    struct point p = {.utc = now - 10 * DAY};
    ck_assert_int_eq(judge_start(app_office.office, &subject, 0, p.utc, &state, &e), ERR_OK);
    for (int i = 0; i < JUDGE_SAME_MAX + 4; i++) {
        p.value = 100 + i;
        ck_assert_int_eq(judge_next(app_office.office, &subject, &state, p, now, &found, &e),
                         ERR_OK);
        ck_assert(has(&found, RULE_DUPLICATE, CLASS_OTHER_VALUE) == (i > 0));
    }
    ck_assert_uint_eq(state.same_count, JUDGE_SAME_MAX);
}
END_TEST

START_TEST(what_a_supervisor_accepted_counts_and_what_he_rejected_does_not)
{
    stored(30, "10");
    stored(20, "9.5"); /* held */
    ck_assert_uint_eq(judge_in(0, 10, 10000)->count, 0);
    decide("reject");
    judge_in(0, 20, 9600);
    ck_assert(!has(&found, RULE_DUPLICATE, CLASS_OTHER_VALUE)); /* it is dropped */
    stored(15, "9.7");
    decide("accept");
    ck_assert_uint_eq(judge_in(0, 10, 9800)->count, 0);
    ck_assert_int_eq(state.prev.value, 9800);
}
END_TEST

/* More than the history that is read first: the accepted one is behind them. */
START_TEST(the_last_accepted_one_is_found_behind_any_number_of_held_ones)
{
    stored(60, "50");
    imported(40, true);
    ck_assert_int_eq(app_count("SELECT count(*) FROM reading WHERE state = 'held'"), 40);
    ck_assert(judge_in(0, 0, 49000)->hold);
    ck_assert(state.has_prev);
    ck_assert_int_eq(state.prev.value, 50000);
    ck_assert_uint_eq(judge_in(0, 0, 51000)->hold, 0);
}
END_TEST

/* More than a page of what is stored lies between two rows of a file. */
START_TEST(what_is_stored_is_passed_page_by_page)
{
    imported(JUDGE_PAGE_ROWS * 2 + 5, false);
    struct point first = {.value = 9000, .utc = now - (JUDGE_PAGE_ROWS * 2 + 6) * DAY};
    struct point last = {.value = 1000 * (10 + JUDGE_PAGE_ROWS * 2 + 4), .utc = now};
    ck_assert_int_eq(judge_start(app_office.office, &subject, 0, first.utc, &state, &e),
                     ERR_OK);
    ck_assert_int_eq(judge_next(app_office.office, &subject, &state, first, now, &found, &e),
                     ERR_OK);
    ck_assert_uint_eq(found.count, 0);
    ck_assert_int_eq(judge_next(app_office.office, &subject, &state, last, now, &found, &e),
                     ERR_OK);
    ck_assert_uint_eq(found.count, 0);
    last.value--;
    judge_in(0, 0, last.value);
    ck_assert(has(&found, RULE_DECREASE, CLASS_BACKFLOW));
}
END_TEST

START_TEST(an_open_run_is_believed_by_itself_alone)
{
    app_progress = app_stop_at("storing", 1);
    imported(3, false); /* 10, 11, 12 m3; cut off before its end */
    ck_assert_int_eq(app_count("SELECT count(*) FROM import_run WHERE state = 'open'"), 1);
    ck_assert_uint_eq(judge_in(0, 0, 1000)->count, 0);
    ck_assert(judge_in(1, 0, 1000)->hold);
    ck_assert_uint_eq(judge_in(2, 0, 1000)->count, 0);
    (void)fixture_run(&app_office, app_office.luis, "import discard", "run", "1", "reason", "x",
                      NULL);
    ck_assert_uint_eq(judge_in(0, 0, 1000)->count, 0);
}
END_TEST

START_TEST(who_looks_again_sees_what_others_decided)
{
    stored(30, "10");
    stored(20, "9.5");
    struct point p = {.value = 9800, .utc = now - 10 * DAY};
    ck_assert_int_eq(judge_start(app_office.office, &subject, 0, p.utc, &state, &e), ERR_OK);
    struct judge_state before = state;
    decide("accept");
    ck_assert_int_eq(judge_refresh(app_office.office, &state, &e), ERR_OK);
    ck_assert_int_eq(state.prev.value, 9500);
    ck_assert_int_eq(judge_next(app_office.office, &subject, &state, p, now, &found, &e),
                     ERR_OK);
    ck_assert(!found.hold);
    ck_assert_int_eq(judge_next(app_office.office, &subject, &before, p, now, &found, &e),
                     ERR_OK);
    ck_assert(found.hold); /* the copy knows what was known then */
}
END_TEST

START_TEST(the_finding_that_weighs_most_names_the_alert)
{
    struct findings f = {
        .count = 3,
        .item = {{.rule = RULE_FUTURE, .severity = SEVERITY_ALARM},
                 {.rule = RULE_TOO_OLD, .severity = SEVERITY_INFO, .hold = true},
                 {.rule = RULE_INACTIVE, .severity = SEVERITY_WARNING, .hold = true}}};
    ck_assert_int_eq(findings_worst(&f)->rule, RULE_INACTIVE);
    f.count = 2;
    ck_assert_int_eq(findings_worst(&f)->rule, RULE_TOO_OLD);
    f.count = 1;
    ck_assert_int_eq(findings_worst(&f)->rule, RULE_FUTURE);
    f.count = 0;
    ck_assert_ptr_null(findings_worst(&f));
}
END_TEST

/* Printed by hand for speed: it has to be what the general writer would print. */
static void canonical(const struct reading_item *r)
{
    struct buf printed, again;
    struct arena arena;
    struct json *o = NULL;
    buf_init(&printed, 65536);
    buf_init(&again, 65536);
    arena_init(&arena, 1 << 20);
    reading_item_print(r, &printed);
    ck_assert_msg(json_parse(printed.data, printed.len, &json_limits_default, &arena, &o, &e) ==
                      ERR_OK,
                  "%s: %s", buf_str(&printed), e.text);
    ck_assert_int_eq(json_write_jcs(o, &again, &e), ERR_OK);
    ck_assert_str_eq(buf_str(&printed), buf_str(&again));
    arena_release(&arena);
    buf_release(&again);
    buf_release(&printed);
}

START_TEST(a_reading_is_printed_in_canonical_form)
{
    struct findings f = {.count = 2,
                         .hold = true,
                         .item = {{.rule = RULE_FUTURE, .hold = true, .observed = -1},
                                  {.rule = RULE_DECREASE, .kind = CLASS_DIP}}};
    struct reading_item r = {
        .id = 1, .reg = 2, .meter = 3, .utc = now, .value = INT64_C(1) << 52};
    canonical(&r);
    r = (struct reading_item){.id = 1,
                              .reg = 2,
                              .meter = 3,
                              .utc = now,
                              .local = now,
                              .value = -7,
                              .line = 9,
                              .source = "manual",
                              .raw = "0012,5 \"x\" \\ \t\x01 ñ",
                              .dst = "first",
                              .dst_by = "order",
                              .note = "00",
                              .corrects = 4,
                              .findings = &f,
                              .alert = 5};
    canonical(&r);
}
END_TEST

Suite *suite_reading_judge(void)
{
    Suite *s = suite_create("reading_judge");
    TCase *t = tcase_create("judge");
    tcase_add_checked_fixture(t, setup, app_teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, the_first_reading_is_judged_against_the_dial_at_installation);
    tcase_add_test(t, service_begins_with_the_day_of_installation);
    tcase_add_test(t, a_meter_may_be_read_on_the_day_it_is_taken_away);
    tcase_add_test(t, a_reading_between_two_is_judged_against_both);
    tcase_add_test(t, another_value_of_the_same_instant_is_found);
    tcase_add_test(t, a_crowd_at_one_instant_does_no_harm);
    tcase_add_test(t, what_a_supervisor_accepted_counts_and_what_he_rejected_does_not);
    tcase_add_test(t, the_last_accepted_one_is_found_behind_any_number_of_held_ones);
    tcase_add_test(t, what_is_stored_is_passed_page_by_page);
    tcase_add_test(t, an_open_run_is_believed_by_itself_alone);
    tcase_add_test(t, who_looks_again_sees_what_others_decided);
    tcase_add_test(t, the_finding_that_weighs_most_names_the_alert);
    tcase_add_test(t, a_reading_is_printed_in_canonical_form);
    suite_add_tcase(s, t);
    return s;
}
