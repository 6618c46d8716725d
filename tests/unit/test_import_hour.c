#include <config.h>

#include "app/import_hour.h"

#include <string.h>

#include "base/arena.h"
#include "check_app.h"

static struct zone *zone;
static struct local_clock *clock_;

static void setup(void)
{
    struct err e = ERR_INIT;
    ck_assert_msg(zone_load("Europe/Madrid", &zone, &e) == ERR_OK, "%s", e.text);
    clock_ = mem_alloc(sizeof *clock_);
    ck_assert_ptr_nonnull(clock_);
    local_clock_init(clock_, zone);
}

static void teardown(void)
{
    mem_free(clock_);
    zone_free(zone);
}

static int64_t local_of(const char *text)
{
    struct civil c;
    ck_assert_int_eq(civil_parse_format(text, strlen(text), "%Y-%m-%d %H:%M", &c, NULL),
                     ERR_OK);
    return civil_to_secs(c);
}

START_TEST(the_quick_way_agrees_with_the_zone)
{
    int64_t start = local_of("2016-01-01 00:00");
    for (int64_t i = 0; i < INT64_C(400) * 24 * 6; i++) {
        int64_t local = start + i * 599;
        int64_t a = 0;
        int64_t b = 0;
        int64_t x = 0;
        int64_t y = 0;
        enum local_kind quick = local_resolve(clock_, local, &a, &b);
        enum local_kind slow = zone_resolve(zone, civil_from_secs(local), &x, &y);
        ck_assert_int_eq(quick, slow);
        ck_assert_int_eq(a, x);
        ck_assert_int_eq(b, y);
    }
}
END_TEST

START_TEST(days_that_share_a_place_do_not_mix)
{
    int64_t a = 0;
    int64_t b = 0;
    int64_t winter = local_of("2016-01-10 12:00");
    int64_t other = winter + INT64_C(86400) * LOCAL_DAYS; /* 2027-03-30: summer */
    ck_assert_int_eq(local_resolve(clock_, winter, &a, &b), LOCAL_UNIQUE);
    ck_assert_int_eq(winter - a, 3600);
    ck_assert_int_eq(local_resolve(clock_, other, &a, &b), LOCAL_UNIQUE);
    ck_assert_int_eq(other - a, 7200);
    ck_assert_int_eq(local_resolve(clock_, winter, &a, &b), LOCAL_UNIQUE);
    ck_assert_int_eq(winter - a, 3600);
    ck_assert_int_eq(local_resolve(clock_, local_of("1969-12-31 23:00"), &a, &b), LOCAL_UNIQUE);
}
END_TEST

/* Minutes after 02:00 of 2016-10-30, value, in the order of the lines; f and s: first and
 * second pass that come out, in order of the instants. */
static const struct {
    const char *name;
    size_t count;
    int minute[6];
    int64_t value[6];
    bool falling;
    const char *passes; /* by line */
    enum hour_by by;
} hours[] = {
    {"two rows of one time", 2, {15, 15}, {5, 7}, false, "fs", BY_ORDER},
    {"and no use", 2, {15, 15}, {5, 5}, false, "fs", BY_ORDER},
    {"the second a little earlier", 2, {28, 19}, {5, 7}, false, "fs", BY_ORDER},
    {"twice half-hourly", 4, {0, 30, 0, 30}, {1, 2, 3, 4}, false, "ffss", BY_ORDER},
    {"newest first", 4, {30, 0, 30, 0}, {4, 3, 2, 1}, true, "ssff", BY_ORDER},
    {"sorted by the clock", 4, {0, 0, 30, 30}, {1, 3, 2, 4}, false, "fsfs", BY_REGISTER},
    {"mixed up", 4, {30, 0, 30, 0}, {2, 3, 4, 1}, false, "fssf", BY_REGISTER},
    {"the file's order makes it fall", 2, {15, 15}, {7, 5}, false, "sf", BY_REGISTER},
    {"one row alone", 1, {15}, {5}, false, "f", BY_DEFAULT},
    {"rising once", 3, {0, 20, 40}, {1, 2, 3}, false, "fff", BY_DEFAULT},
    {"thrice one time", 3, {15, 15, 15}, {5, 5, 5}, false, "fff", BY_DEFAULT},
};

START_TEST(the_doubled_hour_is_told_apart)
{
    struct timed_row rows[6];
    int64_t hour = local_of("2016-10-30 02:00");
    size_t n = hours[_i].count;
    for (size_t i = 0; i < n; i++) {
        rows[i] = (struct timed_row){.row = {.reg = 1,
                                             .line = (uint32_t)i + 1,
                                             .local = hour + hours[_i].minute[i] * INT64_C(60),
                                             .value = hours[_i].value[i],
                                             .flags = 2}};
    }
    hour_resolve(clock_, rows, n, hours[_i].falling);
    for (size_t i = 0; i < n; i++) {
        char wanted = hours[_i].passes[rows[i].row.line - 1];
        ck_assert_msg(rows[i].pass == (wanted == 'f' ? PASS_FIRST : PASS_SECOND), "%s: line %u",
                      hours[_i].name, rows[i].row.line);
        ck_assert_msg(rows[i].by == hours[_i].by, "%s", hours[_i].name);
        int64_t offset = rows[i].pass == PASS_FIRST ? 7200 : 3600;
        ck_assert_int_eq(rows[i].utc, rows[i].row.local - offset);
        ck_assert(i == 0 || rows[i].utc >= rows[i - 1].utc);
    }
}
END_TEST

START_TEST(a_full_hour_of_rows_is_sorted)
{
    static struct timed_row rows[HOUR_ROWS_MAX];
    int64_t hour = local_of("2016-10-30 02:00");
    for (size_t i = 0; i < HOUR_ROWS_MAX; i++) {
        /* twice through the hour, every second of 2,048 */
        rows[i] = (struct timed_row){.row = {.reg = 1,
                                             .line = (uint32_t)i + 1,
                                             .local = hour + (int64_t)(i % 2048),
                                             .value = (int64_t)i}};
    }
    hour_resolve(clock_, rows, HOUR_ROWS_MAX, false);
    for (size_t i = 0; i < HOUR_ROWS_MAX; i++) {
        ck_assert_uint_eq(rows[i].row.line, i + 1);
        ck_assert_int_eq(rows[i].pass, i < 2048 ? PASS_FIRST : PASS_SECOND);
    }
}
END_TEST

START_TEST(passes_and_reasons_have_names)
{
    ck_assert_str_eq(hour_pass_name(PASS_FIRST), "first");
    ck_assert_str_eq(hour_pass_name(PASS_SECOND), "second");
    ck_assert_str_eq(hour_by_name(BY_ORDER), "order");
    ck_assert_str_eq(hour_by_name(BY_REGISTER), "register");
    ck_assert_str_eq(hour_by_name(BY_DEFAULT), "default");
}
END_TEST

Suite *suite_import_hour(void)
{
    Suite *s = suite_create("import_hour");
    TCase *t = tcase_create("import_hour");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_quick_way_agrees_with_the_zone);
    tcase_add_test(t, days_that_share_a_place_do_not_mix);
    tcase_add_loop_test(t, the_doubled_hour_is_told_apart, 0, sizeof hours / sizeof hours[0]);
    tcase_add_test(t, a_full_hour_of_rows_is_sorted);
    tcase_add_test(t, passes_and_reasons_have_names);
    suite_add_tcase(s, t);
    return s;
}
