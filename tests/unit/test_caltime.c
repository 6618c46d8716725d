#include <config.h>

#include "base/caltime.h"

#include <string.h>

#include "tests/unit/check_base.h"

static int days_in(int year, int month)
{
    if (month == 2) {
        return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Counting every day from the first to the last. */
START_TEST(days_count_without_a_gap)
{
    int32_t n = date_to_days((struct date){1, 1, 1});
    ck_assert_int_eq(n, -719162);
    for (int32_t year = 1; year <= 9999; year++) {
        for (uint8_t month = 1; month <= 12; month++) {
            for (uint8_t day = 1; day <= days_in(year, month); day++, n++) {
                struct date d = {year, month, day}, back = date_from_days(n);
                if (!date_valid(d) || date_to_days(d) != n || date_cmp(back, d) != 0) {
                    ck_abort_msg("%04d-%02d-%02d", year, month, day);
                }
            }
        }
    }
    ck_assert_int_eq(n, 2932897);
    ck_assert_int_eq(date_to_days((struct date){1970, 1, 1}), 0);
    ck_assert_int_eq(date_to_days((struct date){2026, 11, 21}), 20778);
}
END_TEST

START_TEST(days_that_do_not_exist_are_not_valid)
{
    static const struct date rows[] = {
        {2025, 2, 29}, {1900, 2, 29}, {2026, 4, 31}, {2026, 13, 1}, {2026, 0, 1},
        {2026, 1, 0},  {0, 1, 1},     {10000, 1, 1}, {2026, 1, 32}, {-5, 1, 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert(!date_valid(rows[i]));
    }
    ck_assert(date_valid((struct date){2000, 2, 29}));
    ck_assert(date_valid((struct date){2024, 2, 29}));
}
END_TEST

START_TEST(days_beyond_the_calendar_are_clamped)
{
    ck_assert_int_eq(date_cmp(date_from_days(INT32_MIN), (struct date){1, 1, 1}), 0);
    ck_assert_int_eq(date_cmp(date_from_days(INT32_MAX), (struct date){9999, 12, 31}), 0);
    ck_assert_int_eq(date_cmp(date_from_days(2932897), (struct date){9999, 12, 31}), 0);
    ck_assert_int_eq(date_cmp(date_from_days(-719163), (struct date){1, 1, 1}), 0);
}
END_TEST

START_TEST(dates_compare_by_year_month_day)
{
    static const struct date sorted[] = {{1, 1, 1},     {2025, 12, 31}, {2026, 1, 1},
                                         {2026, 1, 31}, {2026, 2, 1},   {9999, 12, 31}};
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < 6; j++) {
            int order = i < j ? -1 : i > j;
            ck_assert_int_eq(date_cmp(sorted[i], sorted[j]), order);
        }
    }
}
END_TEST

START_TEST(months_are_added_with_the_day_clamped)
{
    static const struct {
        struct date from;
        int months;
        struct date to;
    } rows[] = {
        {{2026, 1, 31}, 1, {2026, 2, 28}},    {{2024, 1, 31}, 1, {2024, 2, 29}},
        {{2026, 3, 31}, -1, {2026, 2, 28}},   {{2026, 11, 21}, 2, {2027, 1, 21}},
        {{2026, 1, 15}, -1, {2025, 12, 15}},  {{2026, 5, 5}, 0, {2026, 5, 5}},
        {{2026, 5, 31}, 13, {2027, 6, 30}},   {{1, 1, 31}, -1, {1, 1, 1}},
        {{9999, 12, 5}, 1, {9999, 12, 31}},   {{9999, 11, 5}, 1, {9999, 12, 5}},
        {{1, 2, 5}, -1, {1, 1, 5}},           {{2026, 1, 1}, INT32_MAX, {9999, 12, 31}},
        {{2026, 1, 1}, INT32_MIN, {1, 1, 1}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_int_eq(date_cmp(date_add_months(rows[i].from, rows[i].months), rows[i].to),
                         0);
    }
}
END_TEST

START_TEST(dates_have_one_spelling)
{
    static const char *const wrong[] = {
        "",           "2026-1-21",   "2026-11-2",   "26-11-21",   "2026/11/21",
        "2026-11/21", "2026-11-21 ", " 2026-11-21", "2026-11-2x", "2026-x1-21",
        "x026-11-21", "2026-11-211", "20261121",    "-026-11-21"};
    static const char *const absent[] = {"2026-02-29", "2026-13-01", "0000-01-01", "2026-00-10",
                                         "2026-01-00"};
    struct date d;
    struct buf b;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        FAILS(ERR_PARSE, date_parse(wrong[i], strlen(wrong[i]), &d, e));
    }
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        FAILS(ERR_RANGE, date_parse(absent[i], strlen(absent[i]), &d, e));
    }
    OK(date_parse("0987-06-05", 10, &d, e));
    buf_init(&b, 100);
    date_print(d, &b);
    assert_text(&b, "0987-06-05");
}
END_TEST

START_TEST(wall_clock_times_count_seconds)
{
    struct civil c = {.date = {2016, 3, 1}, .hour = 0, .minute = 28, .second = 55};
    struct buf b;
    ck_assert_int_eq(civil_to_secs(c), INT64_C(1456792135));
    buf_init(&b, 100);
    civil_print(civil_from_secs(1456792135), &b);
    assert_text(&b, "2016-03-01T00:28:55");
    uint64_t seed = 2;
    for (int i = 0; i < 20000; i++) {
        int64_t secs = (int64_t)random_below(&seed, 315537897600u) - 62135596800;
        ck_assert_int_eq(civil_to_secs(civil_from_secs(secs)), secs);
    }
    ck_assert_int_eq(civil_from_secs(-1).second, 59);
}
END_TEST

START_TEST(wall_clock_times_beyond_the_calendar_are_clamped)
{
    const int64_t first = INT64_C(-62135596800), last = INT64_C(253402300799);
    ck_assert_int_eq(civil_to_secs(civil_from_secs(INT64_MIN)), first);
    ck_assert_int_eq(civil_to_secs(civil_from_secs(first)), first);
    ck_assert_int_eq(civil_to_secs(civil_from_secs(last)), last);
    ck_assert_int_eq(civil_to_secs(civil_from_secs(last + 1)), last);
    ck_assert_int_eq(civil_to_secs(civil_from_secs(INT64_MAX)), last);
}
END_TEST

START_TEST(utc_times_go_there_and_back)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"1970-01-01T00:00:00.000Z", 0},
        {"1969-12-31T23:59:59.999Z", -1},
        {"1969-12-31T23:59:59.000Z", -1000},
        {"2026-11-21T08:08:32.123Z", INT64_C(1795248512123)},
        {"0001-01-01T00:00:00.000Z", INT64_C(-62135596800000)},
        {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;
        int64_t ms;
        buf_init(&b, 100);
        time_print_utc(rows[i].ms, &b);
        OK(time_parse_utc(rows[i].text, strlen(rows[i].text), &ms, e));
        ck_assert_int_eq(ms, rows[i].ms);
        assert_text(&b, rows[i].text);
    }
    int64_t ms;
    OK(time_parse_utc("1970-01-01T00:01:00Z", 20, &ms, e));
    ck_assert_int_eq(ms, 60000);
}
END_TEST

/* Each byte of a good time, replaced by something else, spoils it. */
START_TEST(utc_times_of_another_shape_are_refused)
{
    static const char good[] = "2026-11-21T08:08:32.123Z";
    int64_t ms;
    for (size_t i = 0; i < sizeof(good) - 1; i++) {
        char s[sizeof(good)];
        memcpy(s, good, sizeof(good));
        s[i] = 'x';
        FAILS(ERR_PARSE, time_parse_utc(s, 24, &ms, e));
        FAILS(ERR_PARSE, time_parse_utc(good, i, &ms, e));
    }
    FAILS(ERR_PARSE, time_parse_utc("2026-11-21T08:08:32.12Z", 23, &ms, e));
    FAILS(ERR_PARSE, time_parse_utc("2026-11-21T08:08:32.1234Z", 25, &ms, e));
    FAILS(ERR_PARSE, time_parse_utc("2026-11-21T08:08:32z", 20, &ms, e));
    FAILS(ERR_RANGE, time_parse_utc("2026-02-30T08:08:32Z", 20, &ms, e));
    FAILS(ERR_RANGE, time_parse_utc("2026-11-21T24:00:00Z", 20, &ms, e));
    FAILS(ERR_RANGE, time_parse_utc("2026-11-21T23:60:00Z", 20, &ms, e));
    FAILS(ERR_RANGE, time_parse_utc("2026-12-31T23:59:60Z", 20, &ms, e));
}
END_TEST

START_TEST(import_formats_are_read)
{
    static const struct {
        const char *format, *text, *result;
    } rows[] = {
        {"%d/%m/%Y %H:%M:%S", "01/03/2016 00:28:55", "2016-03-01T00:28:55"},
        {"%d/%m/%Y %H:%M:%S", "1/3/2016 0:28:55", "2016-03-01T00:28:55"},
        {"%Y-%m-%d", "2026-11-21", "2026-11-21T00:00:00"},
        {"%Y-%m-%dT%H:%M:%SZ", "2026-11-21T08:08:32Z", "2026-11-21T08:08:32"},
        {"%F %T", "2026-11-21 08:08:32", "2026-11-21T08:08:32"},
        {"%F %R", "2026-11-21 8:08", "2026-11-21T08:08:00"},
        {"%m/%d/%y", "11/21/26", "2026-11-21T00:00:00"},
        {"%d.%m.%y", "1.1.68", "2068-01-01T00:00:00"},
        {"%d.%m.%y", "1.1.69", "1969-01-01T00:00:00"},
        {"%Y%m%d%H%M%S", "20261121080832", "2026-11-21T08:08:32"},
        {"%Y%m%d", "20261121", "2026-11-21T00:00:00"},
        {"%H:%M", "23:59", "1970-01-01T23:59:00"},
        {"%d%%%m%%%Y", "5%6%2026", "2026-06-05T00:00:00"},
        {"", "", "1970-01-01T00:00:00"},
        {"día %d de %m de %Y", "día 7 de 11 de 2026", "2026-11-07T00:00:00"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct civil c;
        struct buf b;
        buf_init(&b, 100);
        OK(civil_parse_format(rows[i].text, strlen(rows[i].text), rows[i].format, &c, e));
        civil_print(c, &b);
        assert_text(&b, rows[i].result);
    }
}
END_TEST

START_TEST(import_formats_refuse_what_differs)
{
    static const struct {
        const char *format, *text;
        enum err_code code;
    } rows[] = {
        {"%d/%m/%Y", "01-03-2016", ERR_PARSE},
        {"%d/%m/%Y", "01/03/16", ERR_PARSE},
        {"%d/%m/%Y", "001/3/2016", ERR_PARSE},
        {"%d/%m/%Y", "01/03/2016 ", ERR_PARSE},
        {"%d/%m/%Y", "01/03/20166", ERR_PARSE},
        {"%d/%m/%Y", "", ERR_PARSE},
        {"%d/%m/%Y", "/3/2016", ERR_PARSE},
        {"%Y%m%d", "2026112", ERR_PARSE}, /* 1 or 12? */
        {"%Y%m%d", "202611", ERR_PARSE},
        {"%H%M", "123", ERR_PARSE},
        {"%y", "5", ERR_PARSE},
        {"%F", "2026-11", ERR_PARSE},
        {"%F", "2026/11/21", ERR_PARSE},
        {"%F", "2026-11/21", ERR_PARSE},
        {"%F", "2026--21", ERR_PARSE},
        {"%F", "226-11-21", ERR_PARSE},
        {"%F", "2026-11-", ERR_PARSE},
        {"%T", "10:20", ERR_PARSE},
        {"%T", "10-20-30", ERR_PARSE},
        {"%T", ":20:30", ERR_PARSE},
        {"%T", "10:20:", ERR_PARSE},
        {"%R", "10:", ERR_PARSE},
        {"%%", "x", ERR_PARSE},
        {"%M", "x", ERR_PARSE},
        {"%S", "x", ERR_PARSE},
        {"%m", "x", ERR_PARSE},
        {"x", "", ERR_PARSE},
        {"%d/%m/%Y", "31/02/2016", ERR_RANGE},
        {"%d/%m/%Y", "00/02/2016", ERR_RANGE},
        {"%d/%m/%Y", "01/13/2016", ERR_RANGE},
        {"%d/%m/%Y", "01/01/0000", ERR_RANGE},
        {"%H:%M:%S", "24:00:00", ERR_RANGE},
        {"%H:%M:%S", "23:60:00", ERR_RANGE},
        {"%H:%M:%S", "23:59:60", ERR_RANGE},
        {"%q", "1", ERR_UNSUPPORTED},
        {"%d%", "1", ERR_UNSUPPORTED},
        {"%", "", ERR_UNSUPPORTED},
        {"%b", "nov", ERR_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct civil c = {.hour = 77};
        FAILS(rows[i].code,
              civil_parse_format(rows[i].text, strlen(rows[i].text), rows[i].format, &c, e));
        ck_assert_uint_eq(c.hour, 77); /* untouched */
    }
}
END_TEST

START_TEST(times_are_printed_in_a_format)
{
    static const char *const rows[][2] = {
        {"%d/%m/%y", "05/03/07"},
        {"%m/%d/%Y", "03/05/0907"},
        {"%F %T", "0907-03-05 01:02:04"},
        {"%R h", "01:02 h"},
        {"%H-%M-%S", "01-02-04"},
        {"100%% de %q%", "100% de %q%"},
        {"", ""},
        {"día %d", "día 05"},
    };
    const struct civil c = {.date = {907, 3, 5}, .hour = 1, .minute = 2, .second = 4};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;
        buf_init(&b, 100);
        civil_print_format(c, rows[i][0], &b);
        assert_text(&b, rows[i][1]);
    }
}
END_TEST

/* A long wrong text is quoted in part. */
START_TEST(errors_stay_short)
{
    char s[200];
    struct date d;
    struct err err = ERR_INIT;
    memset(s, 'x', sizeof(s));
    ck_assert_int_eq(date_parse(s, sizeof(s), &d, &err), ERR_PARSE);
    ck_assert_uint_lt(strlen(err.text), 100);
}
END_TEST

Suite *suite_caltime(void)
{
    Suite *s = suite_create("caltime");
    TCase *t = tcase_create("caltime");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, days_count_without_a_gap);
    tcase_add_test(t, days_that_do_not_exist_are_not_valid);
    tcase_add_test(t, days_beyond_the_calendar_are_clamped);
    tcase_add_test(t, dates_compare_by_year_month_day);
    tcase_add_test(t, months_are_added_with_the_day_clamped);
    tcase_add_test(t, dates_have_one_spelling);
    tcase_add_test(t, wall_clock_times_count_seconds);
    tcase_add_test(t, wall_clock_times_beyond_the_calendar_are_clamped);
    tcase_add_test(t, utc_times_go_there_and_back);
    tcase_add_test(t, utc_times_of_another_shape_are_refused);
    tcase_add_test(t, import_formats_are_read);
    tcase_add_test(t, import_formats_refuse_what_differs);
    tcase_add_test(t, times_are_printed_in_a_format);
    tcase_add_test(t, errors_stay_short);
    suite_add_tcase(s, t);
    return s;
}
