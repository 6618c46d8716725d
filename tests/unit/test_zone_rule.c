#include <config.h>

#include "base/zone_rule.h"

#include <string.h>

#include "base/caltime.h"
#include "tests/unit/check_base.h"

static struct zone_rule parsed(const char *s)
{
    struct zone_rule r;
    ck_assert_msg(zone_rule_parse(s, strlen(s), &r), "%s", s);
    return r;
}

START_TEST(rules_without_summer_time)
{
    static const struct {
        const char *text;
        int32_t offset;
    } rows[] = {
        {"UTC0", 0},
        {"CST6", -21600},
        {"<-03>3", 10800 * -1},
        {"<+0545>-5:45", 20700},
        {"LMT0:14:44", -884},
        {"<+14>-14", 50400},
        {"ABC+2:30:15", -9015},
        {"<-00>0", 0},
        {"XYZ24", -86400},
        {"abcdefgh-24", 86400},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct zone_rule r = parsed(rows[i].text);
        ck_assert(!r.has_summer);
        ck_assert_int_eq(r.standard, rows[i].offset);
    }
}
END_TEST

START_TEST(rules_with_summer_time)
{
    struct zone_rule r = parsed("EST5EDT,M3.2.0,M11.1.0");
    ck_assert(r.has_summer);
    ck_assert_int_eq(r.standard, -18000);
    ck_assert_int_eq(r.summer, -14400);
    ck_assert_int_eq(r.start.kind, WHEN_MONTH);
    ck_assert_int_eq(r.start.month, 3);
    ck_assert_int_eq(r.start.week, 2);
    ck_assert_int_eq(r.start.day, 0);
    ck_assert_int_eq(r.start.secs, 7200);
    r = parsed("IST-1GMT0,M10.5.0,M3.5.0/1");
    ck_assert_int_eq(r.summer, 0);
    ck_assert_int_eq(r.end.secs, 3600);
    r = parsed("<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
    ck_assert_int_eq(r.start.secs, -3600);
    r = parsed("IST-2IDT,M3.4.4/26,M10.5.0");
    ck_assert_int_eq(r.start.secs, 93600);
    r = parsed("AAA3BBB2:30,J60/167:59:59,364/-167");
    ck_assert_int_eq(r.summer, -9000);
    ck_assert_int_eq(r.start.kind, WHEN_JULIAN);
    ck_assert_int_eq(r.start.day, 60);
    ck_assert_int_eq(r.start.secs, 604799);
    ck_assert_int_eq(r.end.kind, WHEN_DAY);
    ck_assert_int_eq(r.end.secs, -601200);
    r = parsed("AAA3BBB,0,J365/+3");
    ck_assert_int_eq(r.start.day, 0);
    ck_assert_int_eq(r.end.secs, 10800);
}
END_TEST

START_TEST(malformed_rules_are_refused)
{
    static const char *const rows[] = {
        "",
        "E",
        "EST",
        "ES5",
        "<-0>3",
        "<-03",
        "<-03>",
        "<-03>x",
        "1234",
        "EST25",
        "EST5:60",
        "EST5:5:60",
        "EST5:",
        "EST5:5:",
        "EST1234",
        "EST5 ",
        "EST5ED",
        "EST5EDT",
        "EST5EDT4",
        "EST5EDT25,M3.2.0,M11.1.0",
        "EST5EDT,",
        "EST5EDT,M3.2.0",
        "EST5EDT,M3.2.0,",
        "EST5EDT,M3.2.0;M11.1.0",
        "EST5EDT,M0.2.0,M11.1.0",
        "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.0.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,M3-2.0,M11.1.0",
        "EST5EDT,M3.2-0,M11.1.0",
        "EST5EDT,M3.2,M11.1.0",
        "EST5EDT,J0,J365",
        "EST5EDT,J366,J365",
        "EST5EDT,366,0",
        "EST5EDT,x,0",
        "EST5EDT,M3.2.0/168,M11.1.0",
        "EST5EDT,M3.2.0/,M11.1.0",
        "EST5EDT,M3.2.0/-,M11.1.0",
        "EST5EDT,M3.2.0,M11.1.0x",
        "E\x80T5",
        "<E_T>5",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct zone_rule r;
        ck_assert_msg(!zone_rule_parse(rows[i], strlen(rows[i]), &r), "%s", rows[i]);
    }
}
END_TEST

static int64_t secs(int year, int month, int day, int hour, int minute)
{
    return civil_to_secs((struct civil){.date = {year, (uint8_t)month, (uint8_t)day},
                                        .hour = (uint8_t)hour,
                                        .minute = (uint8_t)minute});
}

START_TEST(instants_of_a_year)
{
    int64_t start, end;
    struct zone_rule r = parsed("CET-1CEST,M3.5.0,M10.5.0/3");
    zone_rule_year(&r, 2016, &start, &end);
    ck_assert_int_eq(start, secs(2016, 3, 27, 1, 0));
    ck_assert_int_eq(end, secs(2016, 10, 30, 1, 0));
    r = parsed("EST5EDT,M3.2.0,M11.1.0");
    zone_rule_year(&r, 2026, &start, &end);
    ck_assert_int_eq(start, secs(2026, 3, 8, 7, 0));
    ck_assert_int_eq(end, secs(2026, 11, 1, 6, 0));
    /* The day after 28 February, and the 61st: J60 is 1 March always, 60 only in leap years. */
    r = parsed("AAA0BBB,J60/0,60/0");
    zone_rule_year(&r, 2024, &start, &end);
    ck_assert_int_eq(start, secs(2024, 3, 1, 0, 0));
    ck_assert_int_eq(end, secs(2024, 2, 29, 23, 0) + 0);
    zone_rule_year(&r, 2025, &start, &end);
    ck_assert_int_eq(start, secs(2025, 3, 1, 0, 0));
    ck_assert_int_eq(end, secs(2025, 3, 1, 23, 0));
    r = parsed("AAA0BBB,J59/0,J365/0");
    zone_rule_year(&r, 2024, &start, &end);
    ck_assert_int_eq(start, secs(2024, 2, 28, 0, 0));
    ck_assert_int_eq(end, secs(2024, 12, 30, 23, 0));
}
END_TEST

/* Week and weekday against counting days one by one. */
START_TEST(weeks_of_a_month_for_a_whole_cycle)
{
    for (int year = 1970; year < 2370; year += 3) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 0; day < 7; day++) {
                int32_t nth[6] = {0}, last = 0;
                int count = 0;
                for (uint8_t d = 1; d <= 31; d++) {
                    struct date date = {year, (uint8_t)month, d};
                    if (date_valid(date) && (date_to_days(date) + 4) % 7 == day) {
                        nth[++count] = last = date_to_days(date);
                    }
                }
                for (int week = 1; week <= 5; week++) {
                    int64_t start, end;
                    struct zone_rule r = {.start = {.month = month, .week = week, .day = day}};
                    r.end = r.start;
                    zone_rule_year(&r, year, &start, &end);
                    ck_assert_int_eq(start / 86400,
                                     week <= count && week < 5 ? nth[week] : last);
                }
            }
        }
    }
}
END_TEST

Suite *suite_zone_rule(void)
{
    Suite *s = suite_create("zone_rule");
    TCase *t = tcase_create("zone_rule");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, rules_without_summer_time);
    tcase_add_test(t, rules_with_summer_time);
    tcase_add_test(t, malformed_rules_are_refused);
    tcase_add_test(t, instants_of_a_year);
    tcase_add_test(t, weeks_of_a_month_for_a_whole_cycle);
    suite_add_tcase(s, t);
    return s;
}
