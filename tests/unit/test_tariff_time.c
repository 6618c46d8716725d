/* Tariffs that measure more than the use of the main register: hours, demand, other registers;
 * levies, thresholds, seasons, and parts of a period. */
#include <config.h>

#include <check.h>
#include <string.h>

#include "base/caltime.h"
#include "check_domain.h"
#include "domain/tou.h"
#include "domain_util.h"

/* A usage with quantities by name; what is not named is 0. */
struct named {
    const char *name;
    int64_t value;
};

static struct bill_result bill_measured(const struct tariff *t, struct usage u,
                                        const struct named *named)
{
    int64_t *values = arena_array(&test_arena, t->quantity_count + 1, sizeof *values);
    struct bill_result b;
    struct err e = ERR_INIT;
    ck_assert_ptr_nonnull(values);
    memset(values, 0, (t->quantity_count + 1) * sizeof *values);
    for (size_t i = 0; named != NULL && named[i].name != NULL; i++) {
        bool known = false;
        for (size_t q = 0; q < t->quantity_count; q++) {
            if (strcmp(t->quantities[q].name, named[i].name) == 0) {
                values[q] = named[i].value;
                known = true;
            }
        }
        ck_assert_msg(known, "the tariff does not measure %s", named[i].name);
    }
    u.quantities = values;
    enum err_code code = bill_compute(t, &u, &test_arena, &b, &e);
    ck_assert_msg(code == ERR_OK, "%s", e.text);
    return b;
}

START_TEST(ergon_tariff_12_by_hours)
{
    const struct tariff *t = tariff_file("tests/fixtures/tariffs/qld-t12-ergon-2017.json");
    static const struct named use[] = {{"peak", 75490}, {"offpeak", 109500}, {NULL, 0}};
    struct bill_result b =
        bill_measured(t, (struct usage){.consumption = 184990, .days = 31, .month = 1}, use);
    /* published: 3,455 + 4,639 + 0 + 2,392 cents with GST, total 10,486 (tolerance 0.5) */
    ck_assert_str_eq(money_text(t, b.total), "104.86");
    ck_assert_uint_eq(b.count, 4); /* no line for a period without use */
    ck_assert_str_eq(explained(&b, 1),
                     "75.49 × 0.55865 = 42.1724885 → 42.17 (half up to 0.01)");
    struct buf title;
    buf_init(&title, 100);
    bill_line_title(&b.lines[1], t, NULL, &title);
    ck_assert_str_eq(buf_str(&title), "Energy, peak");
    buf_release(&title);
}
END_TEST

START_TEST(ergon_tariff_14_by_demand_and_season)
{
    const struct tariff *t = tariff_file("tests/fixtures/tariffs/qld-t14-ergon-2017.json");
    static const struct named use[] = {
        {"demand-30-peak", 700}, {"demand-30-shoulder", 900}, {NULL, 0}};
    struct usage u = {.consumption = 183920, .days = 31, .month = 1};
    struct bill_result b = bill_measured(t, u, use);
    ck_assert_str_eq(money_text(t, b.total), "98.53"); /* published 9,853 */
    u.month = 5; /* another season: at least 3 kW at 11.258 */
    b = bill_measured(t, u, use);
    ck_assert_str_eq(b.lines[2].component->id, "demand");
    ck_assert_str_eq(
        explained(&b, 2),
        "3 (the least that is charged) × 11.258 = 33.774 → 33.77 (half up to 0.01)");
    struct err e = ERR_INIT;
    u.month = 0;
    u.quantities = (const int64_t[]){0, 0, 0, 0, 0};
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, &e), ERR_USAGE);
    u.month = 1;
    u.quantities = NULL;
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, &e), ERR_RANGE);
}
END_TEST

START_TEST(every_measured_component_explains_itself)
{
    const struct tariff *t = tariff_file("tests/fixtures/tariffs/every-measure.json");
    static const struct named use[] = {{"1.8.1", 100000}, {"1.8.2", 200000}, {"1.6.0", 7500},
                                       {"3.8.0", 190000}, {"2.8.0", 40000},  {NULL, 0}};
    struct bill_result b =
        bill_measured(t, (struct usage){.consumption = 300000, .days = 30}, use);
    static const struct {
        const char *id, *text;
    } rows[] = {
        {"energy", "300 × 0.10 = 30.00"},
        /* bounds are of all 300 kWh: a third of each period's use lies below 100 */
        {"tou", "33.333 × 0.30 = 9.9999 → 10.00 (half up to 0.01)"},
        {"tou", "66.667 × 0.50 = 33.3335 → 33.33 (half up to 0.01)"},
        {"tou", "66.667 × 0.10 = 6.6667 → 6.67 (half up to 0.01)"},
        {"tou", "133.333 × 0.20 = 26.6666 → 26.67 (half up to 0.01)"},
        {"demand", "7.5 × 30 × 0.04 = 9.00"},
        {"reactive", "(190 − 150) × 0.05 = 2.00"},
        {"export", "−(40 × 0.06) = −2.40"},
        {"lighting", "250 × 0.01 = 2.50 → 2.25 (at most 2.25)"},
        {"firemen", "30.00 × 1.75 % = 0.525 → 0.53 (half up to 0.01)"},
        {"welcome", "−5.00"},
        {"vat", "113.05 × 13 % × 20 / 300 = 0.979766666667 → 0.98 (half up to 0.01)"},
    };
    ck_assert_uint_eq(b.count, sizeof rows / sizeof rows[0]);
    for (size_t i = 0; i < b.count; i++) {
        ck_assert_str_eq(b.lines[i].component->id, rows[i].id);
        ck_assert_str_eq(explained(&b, i), rows[i].text);
    }
    ck_assert_str_eq(money_text(t, b.total), "114.03");
}
END_TEST

START_TEST(levies_and_thresholds_begin_above_their_level)
{
    const struct tariff *t = tariff_file("tests/fixtures/tariffs/every-measure.json");
    static const struct {
        int64_t use;
        bool firemen, vat;
    } rows[] = {{0, false, false},
                {100000, false, false},
                {100001, true, false},
                {280000, true, false},
                {280001, true, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bill_result b =
            bill_measured(t, (struct usage){.consumption = rows[i].use, .days = 30}, NULL);
        bool firemen = false, vat = false;
        for (size_t k = 0; k < b.count; k++) {
            firemen = firemen || strcmp(b.lines[k].component->id, "firemen") == 0;
            vat = vat || strcmp(b.lines[k].component->id, "vat") == 0;
        }
        ck_assert_msg(firemen == rows[i].firemen && vat == rows[i].vat, "row %zu", i);
    }
}
END_TEST

START_TEST(a_cliff_taxes_all_an_excess_only_what_is_above)
{
    static const struct {
        const char *threshold;
        int64_t use;
        const char *total;
    } rows[] = {
        {"'use':'10','mode':'cliff'", 10000, "10.00"},
        {"'use':'10','mode':'cliff'", 10001, "11.00"},
        {"'use':'10','mode':'excess'", 20000, "21.00"},
        {"'amount':'10','mode':'cliff'", 10000, "10.00"},
        {"'amount':'10','mode':'cliff'", 11000, "12.10"},
        {"'amount':'10','mode':'excess'", 11000, "11.10"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *text =
            arena_printf(&test_arena,
                         "{'type':'blocks','id':'a',@,'price':'1'},"
                         "{'type':'tax','id':'b',@,'percent':'10','threshold':{%s}}",
                         rows[i].threshold);
        const struct tariff *t = tariff_short("m3", "", text);
        struct bill_result b = bill_for(t, rows[i].use, -1, 30);
        ck_assert_msg(strcmp(money_text(t, b.total), rows[i].total) == 0, "row %zu: %s", i,
                      money_text(t, b.total));
    }
}
END_TEST

/* A budget tariff: blocks at 100 and 126 percent of the meter's limit, rounded to whole units.
 * Source: California-Data-Collaborative/RateParser, residential budget (budget 11 ccf). */
START_TEST(blocks_by_percent_of_the_limit)
{
    const struct tariff *t = tariff_short(
        "m3", "'level':'total'",
        "{'type':'fixed','id':'s',@,'per':'period','price':'11'},"
        "{'type':'blocks','id':'w',@,'bounds':'limit_percent','blocks':["
        "{'from':'0','to':'63.64','price':'2.87'},{'from':'63.64','to':'100','price':'4.29'},"
        "{'from':'100','to':'126','price':'6.44'},{'from':'126','price':'10.07'}]}");
    struct bill_result b = bill_for(t, 27300, 11000, 60);
    ck_assert_str_eq(exact_total(&b), "201.501");
    struct err e = ERR_INIT;
    struct usage u = {.consumption = 27300, .days = 60};
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, &e), ERR_STATE);
    ck_assert_ptr_nonnull(strstr(e.text, "limit set"));
}
END_TEST

START_TEST(parts_of_a_period_add_up)
{
    const struct tariff *t =
        tariff_short("m3", "",
                     "{'type':'fixed','id':'a',@,'per':'period','price':'30'},"
                     "{'type':'fixed','id':'d',@,'per':'day','price':'0.10'},"
                     "{'type':'blocks','id':'w',@,'blocks':[{'from':'0','to':'30','price':'1'},"
                     "{'from':'30','price':'2'}]},"
                     "{'type':'minimum','id':'m',@,'amount':'60'}");
    struct usage first = {.consumption = 20000, .days = 10, .whole_days = 30};
    struct usage rest = {.consumption = 40000, .days = 20, .whole_days = 30};
    struct usage whole = {.consumption = 60000, .days = 30};
    struct bill_result a = bill_measured(t, first, NULL), b = bill_measured(t, rest, NULL),
                       w = bill_measured(t, whole, NULL);
    ck_assert_str_eq(explained(&a, 0), "30.00 × 10 / 30 = 10.00");
    ck_assert_str_eq(explained(&a, 2), "10 × 1.00 = 10.00");
    ck_assert_str_eq(money_text(t, w.total), "123.00");
    ck_assert_int_eq(a.total.minor + b.total.minor, w.total.minor);
    struct usage wrong = {.consumption = 1, .days = 31, .whole_days = 30};
    struct err e = ERR_INIT;
    ck_assert_int_eq(bill_compute(t, &wrong, &test_arena, &a, &e), ERR_RANGE);
}
END_TEST

START_TEST(a_discount_takes_no_more_than_there_is)
{
    const struct tariff *t = tariff_short("m3", "",
                                          "{'type':'blocks','id':'w',@,'price':'1'},"
                                          "{'type':'discount','id':'d',@,'amount':'5'}");
    struct bill_result b = bill_for(t, 3000, -1, 30);
    ck_assert_str_eq(money_text(t, b.total), "0.00");
    b = bill_for(t, 7000, -1, 30);
    ck_assert_str_eq(money_text(t, b.total), "2.00");
    b = bill_for(t, 0, -1, 30);
    ck_assert_str_eq(money_text(t, b.total), "0.00");
}
END_TEST

/* --- measuring ---------------------------------------------------------------------------- */

static const struct tariff *hours_tariff(void)
{
    return tariff_file("tests/fixtures/tariffs/qld-t14-ergon-2017.json");
}

static int64_t quantity(const struct tariff *t, const int64_t *values, const char *name)
{
    for (size_t i = 0; i < t->quantity_count; i++) {
        if (strcmp(t->quantities[i].name, name) == 0) {
            return values[i];
        }
    }
    ck_abort_msg("no quantity %s", name);
    return -1;
}

static int64_t utc_of(int year, int month, int day, int hour, int minute)
{
    struct date d = {(int16_t)year, (uint8_t)month, (uint8_t)day};
    return (int64_t)date_to_days(d) * 86400 + hour * 3600 + minute * 60;
}

START_TEST(intervals_fall_into_their_period_and_add_up)
{
    const struct tariff *t = hours_tariff();
    int64_t values[TARIFF_QUANTITIES_MAX] = {0};
    struct tou_meter m;
    struct zone *zone = NULL;
    struct err e = ERR_INIT;
    ck_assert_int_eq(zone_load("UTC", &zone, &e), ERR_OK);
    tou_meter_init(&m, t, zone, 0, values);
    /* 14:30-15:00 off-peak, 15:00-15:30 peak (January), 21:00-22:00 half and half */
    ck_assert_int_eq(
        tou_meter_add(&m, utc_of(2017, 1, 10, 14, 30), utc_of(2017, 1, 10, 15, 0), 100, &e),
        ERR_OK);
    ck_assert_int_eq(
        tou_meter_add(&m, utc_of(2017, 1, 10, 15, 0), utc_of(2017, 1, 10, 15, 30), 400, &e),
        ERR_OK);
    ck_assert_int_eq(m.spread, 0);
    ck_assert_int_eq(
        tou_meter_add(&m, utc_of(2017, 1, 10, 21, 0), utc_of(2017, 1, 10, 22, 0), 301, &e),
        ERR_OK);
    ck_assert_int_eq(m.spread, 1);
    ck_assert_int_eq(quantity(t, values, "peak"), 400 + 151);
    ck_assert_int_eq(quantity(t, values, "offpeak"), 100 + 150);
    ck_assert_int_eq(quantity(t, values, "shoulder"), 0);
    /* demand: 400 Wh in half an hour are 800 W; the hour-long interval does not count */
    ck_assert_int_eq(quantity(t, values, "demand-30-peak"), 800);
    ck_assert_int_eq(quantity(t, values, "demand-30-shoulder"), 0);
    /* a day in May is shoulder from 15:00 to 21:30; an interval of a day is divided by time */
    ck_assert_int_eq(
        tou_meter_add(&m, utc_of(2017, 5, 1, 0, 0), utc_of(2017, 5, 2, 0, 0), 4800, &e),
        ERR_OK);
    ck_assert_int_eq(quantity(t, values, "shoulder"), 1300);
    zone_free(zone);
}
END_TEST

START_TEST(a_demand_window_counts_once_all_of_it_is_known)
{
    const struct tariff *t = hours_tariff();
    int64_t values[TARIFF_QUANTITIES_MAX] = {0};
    struct tou_meter m;
    struct zone *zone = NULL;
    struct err e = ERR_INIT;
    ck_assert_int_eq(zone_load("UTC", &zone, &e), ERR_OK);
    tou_meter_init(&m, t, zone, 0, values);
    int64_t at = utc_of(2017, 1, 10, 16, 0);
    ck_assert_int_eq(tou_meter_add(&m, at, at + 600, 900, &e), ERR_OK);
    ck_assert_int_eq(tou_meter_add(&m, at + 600, at + 1200, 0, &e), ERR_OK);
    ck_assert_int_eq(quantity(t, values, "demand-30-peak"), 0);
    ck_assert_int_eq(tou_meter_add(&m, at + 1200, at + 1800, 100, &e), ERR_OK);
    ck_assert_int_eq(quantity(t, values, "demand-30-peak"), 2000);
    /* a gap: what was there of the window does not count for the next one */
    ck_assert_int_eq(tou_meter_add(&m, at + 1800, at + 2400, 9000, &e), ERR_OK);
    ck_assert_int_eq(tou_meter_add(&m, at + 3600, at + 5400, 1100, &e), ERR_OK);
    ck_assert_int_eq(quantity(t, values, "demand-30-peak"), 2200);
    zone_free(zone);
}
END_TEST

START_TEST(weekends_and_holidays_have_days_of_their_own)
{
    struct tou *u = arena_alloc(&test_arena, sizeof *u);
    ck_assert_ptr_nonnull(u);
    memset(u, 0, sizeof *u);
    u->slots = 24;
    memset(u->weekend, 1, sizeof u->weekend);
    struct date holiday = {2026, 12, 25}; /* a Friday */
    u->holidays = &holiday;
    u->holiday_count = 1;
    static const struct {
        struct date date;
        size_t period;
    } rows[] = {{{2026, 11, 20}, 0}, {{2026, 11, 21}, 1}, {{2026, 11, 22}, 1},
                {{2026, 11, 23}, 0}, {{2026, 12, 25}, 1}, {{1969, 12, 28}, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct civil c = {.date = rows[i].date, .hour = 23, .minute = 59, .second = 59};
        ck_assert_uint_eq(tou_period_at(u, &c), rows[i].period);
    }
}
END_TEST

/* --- faults --------------------------------------------------------------------------------
 */

static const struct {
    const char *from, *to, *path;
} wrong[] = {
    {"\"register\": \"1.8.2\"", "\"register\": \"1.8.\"", "$.time_of_use.periods[1].register"},
    {"\"id\": \"rest\"", "\"id\": \"peak\"", "$.time_of_use.periods[1].id"},
    {"\"register\": \"1.8.2\"", "\"mark\": \"x\"", "$.time_of_use.periods[1].register"},
    {"\"period\": \"rest\"", "\"period\": \"night\"", "$.components[1].periods[1].period"},
    {"\"period\": \"rest\"", "\"period\": \"peak\"", "$.components[1].periods[1].period"},
    {"\"register\": \"1.6.0\"", "\"register\": \"1.8.1\"", "$.components[2]"},
    {"\"register\": \"1.6.0\"", "\"minutes\": 7", "$.components[2].minutes"},
    {"\"register\": \"1.6.0\"", "\"register\": \"1.6.0\", \"minutes\": 15",
     "$.components[2].register"},
    {"\"register\": \"1.6.0\"", "\"minutes\": 15, \"period\": \"peak\"",
     "$.components[2].period"},
    {"\"register\": \"3.8.0\",", "", "$.components[3].register"},
    {"\"register\": \"2.8.0\",", "", "$.components[4].credit"},
    {"\"min\": \"1\"", "\"min\": \"3\"", "$.components[5].max"},
    {"\"percent\": \"1.75\"", "\"percent\": \"1.75\", \"amount\": \"1\"", "$.components[6]"},
    {"\"amount\": \"5\"", "\"amount\": \"5\", \"percent\": \"1\"", "$.components[7]"},
    {"\"use\": \"280\"", "\"use\": \"280\", \"amount\": \"1\"", "$.components[8].threshold"},
    {"\"mode\": \"excess\"", "\"mode\": \"some\"", "$.components[8].threshold.mode"},
    {"\"percent\": \"13\"", "\"percent\": \"13\", \"months\": [13]",
     "$.components[8].months[0]"},
    {"\"percent\": \"13\"", "\"percent\": \"13\", \"months\": [1, 1]",
     "$.components[8].months[1]"},
};

static const char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "the tariff has no %s", from);
    struct buf b;
    buf_init(&b, 100000);
    buf_add(&b, text, (size_t)(at - text));
    buf_adds(&b, to);
    buf_adds(&b, at + strlen(from));
    const char *out = arena_strdup(&test_arena, buf_str(&b));
    buf_release(&b);
    return out;
}

START_TEST(each_fault_of_a_measure_is_found_at_its_path)
{
    size_t len = 0;
    const char *sound = source_file("tests/fixtures/tariffs/every-measure.json", &len);
    const char *text = replaced(sound, wrong[_i].from, wrong[_i].to);
    struct faults faults;
    struct tariff *t = NULL;
    struct err e = ERR_INIT;
    ck_assert_int_eq(tariff_parse(text, strlen(text), &test_arena, &faults, &t, &e), ERR_PARSE);
    bool found = false;
    for (size_t i = 0; i < faults.count; i++) {
        found = found || strcmp(faults.item[i].path, wrong[_i].path) == 0;
    }
    ck_assert_msg(found, "%s -> %s: %s, not at %s", wrong[_i].from, wrong[_i].to, e.text,
                  wrong[_i].path);
}
END_TEST

START_TEST(each_fault_of_a_schedule_is_found_at_its_path)
{
    static const struct {
        const char *from, *to, *path;
    } rows[] = {
        {"\"mark\": \"S\"", "\"mark\": \"P\"", "$.time_of_use.periods[1].mark"},
        {"\"mark\": \"S\"", "\"mark\": \"s\"", "$.time_of_use.weekday[2]"},
        {"PPPPPPPPPPPPP", "PPPPPPPPPPPP", "$.time_of_use.weekday[0]"},
        {"\"weekend\"", "\"weekends\"", "$.time_of_use.weekend"},
        {"\"price\": \"0.14984\"", "\"price\": \"0.14984\", \"bounds\": \"limit_percent\"",
         "$.components[1].bounds"},
    };
    size_t len = 0;
    const char *sound = source_file("tests/fixtures/tariffs/qld-t14-ergon-2017.json", &len);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *text = replaced(sound, rows[i].from, rows[i].to);
        struct faults faults;
        struct tariff *t = NULL;
        struct err e = ERR_INIT;
        bool found = false;
        ck_assert_int_eq(tariff_parse(text, strlen(text), &test_arena, &faults, &t, &e),
                         ERR_PARSE);
        for (size_t k = 0; k < faults.count; k++) {
            found = found || strcmp(faults.item[k].path, rows[i].path) == 0;
        }
        ck_assert_msg(found, "row %zu: %s", i, e.text);
    }
}
END_TEST

Suite *suite_tariff_time(void)
{
    Suite *s = suite_create("tariff_time");
    TCase *t = tcase_create("tariff_time");
    tcase_add_checked_fixture(t, domain_setup, domain_teardown);
    tcase_add_test(t, ergon_tariff_12_by_hours);
    tcase_add_test(t, ergon_tariff_14_by_demand_and_season);
    tcase_add_test(t, every_measured_component_explains_itself);
    tcase_add_test(t, levies_and_thresholds_begin_above_their_level);
    tcase_add_test(t, a_cliff_taxes_all_an_excess_only_what_is_above);
    tcase_add_test(t, blocks_by_percent_of_the_limit);
    tcase_add_test(t, parts_of_a_period_add_up);
    tcase_add_test(t, a_discount_takes_no_more_than_there_is);
    tcase_add_test(t, intervals_fall_into_their_period_and_add_up);
    tcase_add_test(t, a_demand_window_counts_once_all_of_it_is_known);
    tcase_add_test(t, weekends_and_holidays_have_days_of_their_own);
    tcase_add_loop_test(t, each_fault_of_a_measure_is_found_at_its_path, 0,
                        sizeof wrong / sizeof wrong[0]);
    tcase_add_test(t, each_fault_of_a_schedule_is_found_at_its_path);
    suite_add_tcase(s, t);
    return s;
}
