#include <config.h>

#include <check.h>
#include <string.h>

#include "check_domain.h"
#include "domain/period.h"
#include "domain_util.h"

static struct zone *zone;
static struct err e;

static void setup(void)
{
    e = (struct err)ERR_INIT;
    ck_assert_msg(zone_load("Europe/Madrid", &zone, &e) == ERR_OK, "%s", e.text);
}

static void teardown(void)
{
    zone_free(zone);
}

static const struct {
    enum cycle cycle;
    unsigned first_month;
    const char *day, *start, *end, *name;
    int64_t days;
} periods[] = {
    {CYCLE_MONTHLY, 1, "2016-02-29", "2016-02-01", "2016-03-01", "2016-02", 29},
    {CYCLE_MONTHLY, 7, "2016-03-01", "2016-03-01", "2016-04-01", "2016-03", 31},
    {CYCLE_MONTHLY, 1, "2016-12-31", "2016-12-01", "2017-01-01", "2016-12", 31},
    {CYCLE_BIMONTHLY, 1, "2016-02-29", "2016-01-01", "2016-03-01", "2016-01/P2M", 60},
    {CYCLE_BIMONTHLY, 1, "2016-03-01", "2016-03-01", "2016-05-01", "2016-03/P2M", 61},
    {CYCLE_BIMONTHLY, 2, "2016-01-31", "2015-12-01", "2016-02-01", "2015-12/P2M", 62},
    {CYCLE_BIMONTHLY, 2, "2016-02-01", "2016-02-01", "2016-04-01", "2016-02/P2M", 60},
    {CYCLE_BIMONTHLY, 12, "2016-12-31", "2016-12-01", "2017-02-01", "2016-12/P2M", 62},
    {CYCLE_QUARTERLY, 1, "2016-03-31", "2016-01-01", "2016-04-01", "2016-01/P3M", 91},
    {CYCLE_QUARTERLY, 1, "2016-04-01", "2016-04-01", "2016-07-01", "2016-04/P3M", 91},
    {CYCLE_QUARTERLY, 3, "2016-02-29", "2015-12-01", "2016-03-01", "2015-12/P3M", 91},
    {CYCLE_QUARTERLY, 12, "2016-06-01", "2016-06-01", "2016-09-01", "2016-06/P3M", 92},
};

static struct date day(const char *text)
{
    struct date d = {0, 0, 0};
    ck_assert_int_eq(date_parse(text, strlen(text), &d, &e), ERR_OK);
    return d;
}

START_TEST(each_day_lies_in_one_period_of_its_cycle)
{
    struct period p, again;
    char text[PERIOD_TEXT_MAX];
    period_of(periods[_i].cycle, periods[_i].first_month, day(periods[_i].day), zone, &p);
    ck_assert_int_eq(date_cmp(p.start, day(periods[_i].start)), 0);
    ck_assert_int_eq(date_cmp(p.end, day(periods[_i].end)), 0);
    ck_assert_int_eq(period_days(&p), periods[_i].days);
    period_print(periods[_i].cycle, &p, text);
    ck_assert_str_eq(text, periods[_i].name);
    ck_assert_int_eq(
        period_parse(text, periods[_i].cycle, periods[_i].first_month, zone, &again, &e),
        ERR_OK);
    ck_assert_int_eq(again.start_utc, p.start_utc);
    ck_assert_int_eq(again.end_utc, p.end_utc);
}
END_TEST

START_TEST(periods_follow_each_other_without_gap)
{
    for (int cycle = 0; cycle < CYCLE_COUNT; cycle++) {
        for (unsigned first = 1; first <= 12; first++) {
            struct period p, next;
            period_of((enum cycle)cycle, first, (struct date){2015, 1, 15}, zone, &p);
            for (int i = 0; i < 30; i++) {
                period_after((enum cycle)cycle, first, &p, zone, &next);
                ck_assert_int_eq(date_cmp(next.start, p.end), 0);
                ck_assert_int_eq(next.start_utc, p.end_utc);
                ck_assert_int_lt(date_cmp(next.start, next.end), 0);
                p = next;
            }
        }
    }
}
END_TEST

START_TEST(bounds_are_local_midnights)
{
    struct period p;
    period_of(CYCLE_MONTHLY, 1, (struct date){2016, 3, 27}, zone, &p);
    ck_assert_int_eq(p.start_utc, 1456786800); /* 2016-02-29T23:00Z */
    ck_assert_int_eq(p.end_utc, 1459461600);   /* 2016-03-31T22:00Z: summer time */
}
END_TEST

START_TEST(periods_that_do_not_exist_are_refused)
{
    static const struct {
        const char *text;
        enum cycle cycle;
        unsigned first;
        enum err_code code;
    } rows[] = {
        {"2016-13", CYCLE_MONTHLY, 1, ERR_PARSE},
        {"2016-00", CYCLE_MONTHLY, 1, ERR_PARSE},
        {"2016-3", CYCLE_MONTHLY, 1, ERR_PARSE},
        {"", CYCLE_MONTHLY, 1, ERR_PARSE},
        {"2016-03-01", CYCLE_MONTHLY, 1, ERR_PARSE},
        {"2016-03/", CYCLE_MONTHLY, 1, ERR_RANGE},
        {"2016-03/P1M", CYCLE_MONTHLY, 1, ERR_RANGE},
        {"2016-02/P2M", CYCLE_BIMONTHLY, 1, ERR_RANGE},
        {"2016-03", CYCLE_BIMONTHLY, 1, ERR_RANGE},
        {"2016-03/P3M", CYCLE_BIMONTHLY, 1, ERR_RANGE},
        {"2016-02/P3M", CYCLE_QUARTERLY, 1, ERR_RANGE},
        {"marzo de 2016", CYCLE_MONTHLY, 1, ERR_PARSE},
    };
    struct period p;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_msg(period_parse(rows[i].text, rows[i].cycle, rows[i].first, zone, &p, &e) ==
                          rows[i].code,
                      "%s: %s", rows[i].text, e.text);
    }
    ck_assert_int_eq(period_parse("2016-02/P2M", CYCLE_BIMONTHLY, 1, zone, &p, &e), ERR_RANGE);
    ck_assert_ptr_nonnull(strstr(e.text, "2016-01/P2M"));
}
END_TEST

START_TEST(cycles_have_names)
{
    for (int i = 0; i < CYCLE_COUNT; i++) {
        enum cycle c = CYCLE_COUNT;
        ck_assert(cycle_find(cycle_name((enum cycle)i), &c));
        ck_assert_int_eq((int)c, i);
        ck_assert_int_gt((int)strlen(cycle_label(c)), 3);
        ck_assert_int_eq(12 % cycle_months(c), 0);
    }
    enum cycle c;
    ck_assert(!cycle_find("weekly", &c));
}
END_TEST

START_TEST(the_reading_at_an_instant_is_the_last_not_after_it)
{
    static const struct accepted r[] = {
        {{1, 100}, 0}, {{2, 200}, 0}, {{3, 200}, 0}, {{4, 300}, 0}};
    static const struct {
        int64_t utc;
        bool found;
        size_t index;
    } rows[] = {{99, false, 0}, {100, true, 0}, {199, true, 0}, {200, true, 2},
                {299, true, 2}, {300, true, 3}, {9999, true, 3}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t index = 0;
        ck_assert_int_eq(reading_at(r, 4, rows[i].utc, &index), rows[i].found);
        ck_assert(!rows[i].found || index == rows[i].index);
    }
    size_t index = 0;
    ck_assert(!reading_at(NULL, 0, 100, &index));
}
END_TEST

/* March 2016 in Madrid, read at its first midnight, inside, a second before and at its last. */
static struct period march(void)
{
    struct period p;
    period_of(CYCLE_MONTHLY, 1, (struct date){2016, 3, 1}, zone, &p);
    return p;
}

static const struct register_def reg_m3 = {NULL, 5, 3, 1, 1, 0};

static struct period_cut cut(const struct accepted *r, size_t count)
{
    struct period p = march();
    struct register_def reg = reg_m3;
    struct period_cut c;
    reg.unit = unit_find("m3");
    ck_assert_msg(period_cut(&p, r, count, &reg, zone, &c, &e) == ERR_OK, "%s", e.text);
    return c;
}

START_TEST(a_period_is_cut_at_the_last_readings_up_to_its_ends)
{
    struct period p = march();
    struct accepted r[] = {{{900, p.start_utc - 86400}, 0},  {{1000, p.start_utc}, 0},
                           {{1500, p.start_utc + 86400}, 0}, {{2990, p.end_utc - 1}, 0},
                           {{3000, p.end_utc}, 0},           {{3100, p.end_utc + 1}, 0}};
    struct period_cut c = cut(r, 6);
    ck_assert_uint_eq(c.open, 1);
    ck_assert_uint_eq(c.close, 4);
    ck_assert_int_eq(c.consumption, 2000);
    ck_assert_int_eq(c.days, 31);
    ck_assert(!c.opened_late);
    r[1].p.utc++; /* a second late: the reading of the day before opens it */
    r[4].p.utc++; /* and the one a second before closes it */
    r[5].p.utc++;
    c = cut(r, 6);
    ck_assert_uint_eq(c.open, 0);
    ck_assert_uint_eq(c.close, 3);
    ck_assert_int_eq(c.consumption, 2090);
    ck_assert_int_eq(c.days, 31); /* from 29 February to 31 March */
}
END_TEST

START_TEST(a_new_register_opens_with_its_first_reading)
{
    struct period p = march();
    struct accepted r[] = {{{5, p.start_utc + 10 * 86400}, 0},
                           {{25, p.start_utc + 20 * 86400}, 0}};
    struct period_cut c = cut(r, 2);
    ck_assert(c.opened_late);
    ck_assert_int_eq(c.consumption, 20);
    ck_assert_int_eq(c.days, 10);
    c = cut(r, 1);
    ck_assert_uint_eq(c.open, c.close);
    ck_assert_int_eq(c.consumption, 0);
    ck_assert_int_eq(c.days, 0);
}
END_TEST

START_TEST(no_reading_inside_leaves_nothing_to_bill)
{
    struct period p = march();
    struct register_def reg = reg_m3;
    struct accepted r[] = {{{5, p.start_utc - 5}, 0}, {{25, p.end_utc + 1}, 0}};
    struct period_cut c = cut(r, 2);
    reg.unit = unit_find("m3");
    ck_assert_uint_eq(c.open, c.close);
    ck_assert_int_eq(c.consumption, 0);
    ck_assert_int_eq(period_cut(&p, r + 1, 1, &reg, zone, &c, &e), ERR_NOT_FOUND);
    ck_assert_int_eq(period_cut(&p, NULL, 0, &reg, zone, &c, &e), ERR_NOT_FOUND);
}
END_TEST

START_TEST(consumption_goes_through_rollovers_and_over_accepted_falls)
{
    struct period p = march();
    struct register_def reg = reg_m3;
    struct period_cut c;
    struct accepted r[] = {{{99999990, p.start_utc}, 1},
                           {{10, p.start_utc + 86400}, 1},
                           {{5, p.start_utc + 2 * 86400}, 0},
                           {{30, p.end_utc}, 0}};
    reg.unit = unit_find("m3");
    ck_assert_int_eq(cut(r, 4).consumption,
                     40); /* the first reading's own rollover belongs to the period before */
    r[1].rollovers = 0;
    ck_assert_int_eq(period_cut(&p, r, 4, &reg, zone, &c, &e), ERR_RANGE);
}
END_TEST

START_TEST(consecutive_periods_add_up_to_the_whole)
{
    uint64_t seed = 42;
    enum { COUNT = 500 };
    static struct accepted r[COUNT];
    struct register_def reg = reg_m3;
    struct period p = march();
    int64_t value = 90000000, utc = p.start_utc, sum = 0, days = 0;
    unsigned rollovers = 0;
    reg.unit = unit_find("m3");
    for (size_t i = 0; i < COUNT; i++) {
        r[i] = (struct accepted){{value % 100000000, utc},
                                 (unsigned)(i > 0 && value % 100000000 < r[i - 1].p.value)};
        rollovers += r[i].rollovers;
        value += rnd_below(&seed, 100000);
        utc += rnd_below(&seed, 3 * 86400);
    }
    ck_assert_uint_gt(rollovers, 0);
    for (size_t last = 0; last < COUNT - 1; period_after(CYCLE_MONTHLY, 1, &p, zone, &p)) {
        struct period_cut c;
        ck_assert_int_eq(period_cut(&p, r, COUNT, &reg, zone, &c, &e), ERR_OK);
        ck_assert_uint_eq(c.open, last);
        sum += c.consumption;
        days += c.days;
        last = c.close;
    }
    int64_t whole = 0;
    ck_assert_int_eq(
        register_consumption(&reg, r[0].p.value, r[COUNT - 1].p.value, rollovers, &whole, &e),
        ERR_OK);
    ck_assert_int_eq(sum, whole);
    ck_assert_int_eq(days, local_days(zone, r[0].p.utc, r[COUNT - 1].p.utc));
}
END_TEST

Suite *suite_period(void)
{
    Suite *s = suite_create("period");
    TCase *t = tcase_create("period");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, each_day_lies_in_one_period_of_its_cycle, 0,
                        sizeof(periods) / sizeof(periods[0]));
    tcase_add_test(t, periods_follow_each_other_without_gap);
    tcase_add_test(t, bounds_are_local_midnights);
    tcase_add_test(t, periods_that_do_not_exist_are_refused);
    tcase_add_test(t, cycles_have_names);
    tcase_add_test(t, the_reading_at_an_instant_is_the_last_not_after_it);
    tcase_add_test(t, a_period_is_cut_at_the_last_readings_up_to_its_ends);
    tcase_add_test(t, a_new_register_opens_with_its_first_reading);
    tcase_add_test(t, no_reading_inside_leaves_nothing_to_bill);
    tcase_add_test(t, consumption_goes_through_rollovers_and_over_accepted_falls);
    tcase_add_test(t, consecutive_periods_add_up_to_the_whole);
    suite_add_tcase(s, t);
    return s;
}
