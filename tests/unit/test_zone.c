#include <config.h>

#include "base/caltime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/lib/fault.h"
#include "tests/unit/check_base.h"

static struct zone *loaded(const char *name)
{
    struct zone *z = NULL;
    OK(zone_load(name, &z, e));
    ck_assert_str_eq(zone_name(z), name);
    return z;
}

static int64_t secs(int year, int month, int day, int hour, int minute)
{
    return civil_to_secs((struct civil){.date = {year, (uint8_t)month, (uint8_t)day},
                                        .hour = (uint8_t)hour,
                                        .minute = (uint8_t)minute});
}

static void assert_local(const struct zone *z, int64_t wall, enum local_kind kind,
                         int64_t first, int64_t second)
{
    int64_t a = 0, b = 0;
    ck_assert_int_eq(zone_resolve(z, civil_from_secs(wall), &a, &b), kind);
    ck_assert_int_eq(a, first);
    ck_assert_int_eq(b, second);
}

START_TEST(costa_rica_is_six_hours_west_all_year)
{
    struct zone *z = loaded("America/Costa_Rica");
    for (int year = 1995; year < 9999; year += 97) {
        for (int month = 1; month <= 12; month++) {
            int64_t wall = secs(year, month, 15, 12, 0);
            ck_assert_int_eq(zone_offset_at(z, wall), -21600);
            assert_local(z, wall, LOCAL_UNIQUE, wall + 21600, wall + 21600);
        }
    }
    zone_free(z);
}
END_TEST

/* The changes of 2016 in the hourly water data. */
START_TEST(madrid_skips_an_hour_in_march_and_doubles_one_in_october)
{
    struct zone *z = loaded("Europe/Madrid");
    int64_t jump = secs(2016, 3, 27, 1, 0), back = secs(2016, 10, 30, 1, 0);
    assert_local(z, secs(2016, 3, 27, 1, 59), LOCAL_UNIQUE, jump - 60, jump - 60);
    assert_local(z, secs(2016, 3, 27, 2, 0), LOCAL_NONEXISTENT, jump, jump);
    assert_local(z, secs(2016, 3, 27, 2, 59), LOCAL_NONEXISTENT, jump, jump);
    assert_local(z, secs(2016, 3, 27, 3, 0), LOCAL_UNIQUE, jump, jump);
    assert_local(z, secs(2016, 10, 30, 1, 59), LOCAL_UNIQUE, back - 3660, back - 3660);
    assert_local(z, secs(2016, 10, 30, 2, 0), LOCAL_AMBIGUOUS, back - 3600, back);
    assert_local(z, secs(2016, 10, 30, 2, 59), LOCAL_AMBIGUOUS, back - 60, back + 3540);
    assert_local(z, secs(2016, 10, 30, 3, 0), LOCAL_UNIQUE, back + 3600, back + 3600);
    ck_assert_int_eq(zone_offset_at(z, jump - 1), 3600);
    ck_assert_int_eq(zone_offset_at(z, jump), 7200);
    ck_assert_int_eq(civil_to_secs(zone_to_civil(z, jump)), secs(2016, 3, 27, 3, 0));
    zone_free(z);
}
END_TEST

START_TEST(rules_go_on_in_years_that_no_file_lists)
{
    struct zone *z = loaded("Europe/Madrid");
    for (int year = 2030; year <= 9998; year += 11) {
        ck_assert_int_eq(zone_offset_at(z, secs(year, 7, 1, 0, 0)), 7200);
        ck_assert_int_eq(zone_offset_at(z, secs(year, 1, 1, 0, 0)), 3600);
        /* the last Sunday of October, 01:00 UTC */
        int32_t day = date_to_days((struct date){year, 10, 31});
        int64_t back = (int64_t)(day - (day + 4) % 7) * 86400 + 3600;
        assert_local(z, back + 3600, LOCAL_AMBIGUOUS, back - 3600, back);
        assert_local(z, back + 7200, LOCAL_UNIQUE, back + 3600, back + 3600);
    }
    zone_free(z);
}
END_TEST

START_TEST(a_day_starts_where_its_first_instant_is)
{
    struct zone *z = loaded("America/Havana"); /* summer time starts at midnight */
    ck_assert_int_eq(zone_day_start(z, (struct date){2023, 3, 12}), secs(2023, 3, 12, 5, 0));
    ck_assert_int_eq(zone_day_start(z, (struct date){2023, 11, 5}), secs(2023, 11, 5, 4, 0));
    ck_assert_int_eq(zone_day_start(z, (struct date){2023, 6, 1}), secs(2023, 6, 1, 4, 0));
    zone_free(z);
    z = loaded("Pacific/Apia"); /* 30 December 2011 does not exist */
    ck_assert_int_eq(zone_day_start(z, (struct date){2011, 12, 30}),
                     zone_day_start(z, (struct date){2011, 12, 31}));
    ck_assert_int_eq(zone_day_start(z, (struct date){2011, 12, 31}), secs(2011, 12, 30, 10, 0));
    zone_free(z);
}
END_TEST

/* Against the C library, which reads the same files with code of its own. */
START_TEST(offsets_agree_with_the_c_library)
{
    static const char *const names[] = {
        "America/Costa_Rica",
        "America/Mexico_City",
        "America/Bogota",
        "America/Santiago",
        "America/New_York",
        "America/Argentina/Buenos_Aires",
        "America/Sao_Paulo",
        "America/Caracas",
        "America/Scoresbysund",
        "Europe/Madrid",
        "Europe/Dublin",
        "Africa/Casablanca",
        "Asia/Kathmandu",
        "Asia/Gaza",
        "Asia/Tehran",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Chatham",
        "Antarctica/Troll",
        "Etc/GMT+6",
        "UTC",
        "EST5EDT",
        "America/Havana",
        "America/Asuncion",
    };
    uint64_t seed = 9;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct zone *z = loaded(names[i]);
        ck_assert_int_eq(setenv("TZ", names[i], 1), 0);
        tzset();
        for (int k = 0; k < 4000; k++) {
            /* from the year 1 to 2400, most of it near today */
            int64_t utc = k % 4 == 0 ? (int64_t)random_below(&seed, 75000000000u) - 62000000000
                                     : (int64_t)random_below(&seed, 5000000000u) - 1500000000;
            struct tm local;
            time_t t = utc;
            ck_assert_ptr_nonnull(localtime_r(&t, &local));
            ck_assert_msg(zone_offset_at(z, utc) == local.tm_gmtoff, "%s at %lld: %d, not %ld",
                          names[i], (long long)utc, zone_offset_at(z, utc), local.tm_gmtoff);
        }
        zone_free(z);
    }
}
END_TEST

/* What must hold of every answer, tried around every change of sixty years. */
static void check_resolution(const struct zone *z, int64_t wall)
{
    int64_t first, second;
    enum local_kind kind = zone_resolve(z, civil_from_secs(wall), &first, &second);
    if (kind == LOCAL_NONEXISTENT) {
        ck_assert_int_eq(first, second);
        ck_assert_int_le(first - 1 + zone_offset_at(z, first - 1), wall - 1);
        ck_assert_int_gt(first + zone_offset_at(z, first), wall);
        return;
    }
    ck_assert_int_eq(first + zone_offset_at(z, first), wall);
    ck_assert_int_eq(second + zone_offset_at(z, second), wall);
    ck_assert_int_eq(kind == LOCAL_AMBIGUOUS, first < second);
    ck_assert_int_le(first, second);
}

START_TEST(resolution_and_offset_agree_around_every_change)
{
    static const char *const names[] = {
        "America/Santiago", "Europe/Madrid", "Africa/Casablanca",   "Australia/Lord_Howe",
        "Pacific/Apia",     "Asia/Gaza",     "America/Scoresbysund"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct zone *z = loaded(names[i]);
        for (int64_t t = 0; t < INT64_C(2700000000); t += 3 * 3600) {
            int32_t before = zone_offset_at(z, t), after = zone_offset_at(z, t + 3 * 3600);
            for (int64_t k = -8; before != after && k <= 8 * 4; k++) {
                check_resolution(z, t + before + k * 900);
            }
        }
        zone_free(z);
    }
}
END_TEST

START_TEST(instants_without_limit_have_an_offset)
{
    static const int64_t edges[] = {
        INT64_MIN, INT64_MIN + 1,    -(INT64_C(1) << 59), -1,
        0,         INT64_C(1) << 59, INT64_MAX - 1,       INT64_MAX};
    static const char *const names[] = {"Europe/Madrid", "UTC", "Asia/Kathmandu",
                                        "America/Santiago"};
    for (size_t i = 0; i < 4; i++) {
        struct zone *z = loaded(names[i]);
        for (size_t k = 0; k < sizeof(edges) / sizeof(edges[0]); k++) {
            ck_assert_int_le(abs(zone_offset_at(z, edges[k])), 93600);
            ck_assert(date_valid(zone_to_civil(z, edges[k]).date));
        }
        zone_free(z);
    }
}
END_TEST

START_TEST(names_that_leave_the_zone_folder_are_refused)
{
    static const char *const names[] = {
        "",
        "/etc/passwd",
        "../../etc/passwd",
        "America/../UTC",
        "No/Such_Zone",
        "America",
        "zone.tab",
        "Europe/Madrid\n",
        "America/Costa Rica",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct zone *z = NULL;
        FAILS(ERR_NOT_FOUND, zone_load(names[i], &z, e));
        ck_assert_ptr_null(z);
    }
    zone_free(NULL);
}
END_TEST

START_TEST(leap_second_zones_are_refused)
{
    struct zone *z = NULL;
    FAILS(ERR_UNSUPPORTED, zone_load("right/UTC", &z, e));
}
END_TEST

/* A file put together by hand. */
struct tzif {
    uint8_t data[4096];
    size_t len;
};

static void put(struct tzif *f, uint64_t v, size_t size)
{
    for (size_t i = size; i > 0; i--) {
        f->data[f->len++] = (uint8_t)(v >> (8 * (i - 1)));
    }
}

static void put_header(struct tzif *f, char version, uint32_t times, uint32_t types,
                       uint32_t chars, uint32_t leaps)
{
    memcpy(f->data + f->len, "TZif", 4);
    f->len += 4;
    put(f, (uint64_t)(unsigned char)version, 1);
    memset(f->data + f->len, 0, 15 + 8);
    f->len += 15 + 8;
    put(f, leaps, 4);
    put(f, times, 4);
    put(f, types, 4);
    put(f, chars, 4);
}

/* Types: 0 is UTC-6, 1 is UTC-5. */
static void put_types(struct tzif *f)
{
    put(f, (uint32_t)-21600, 4);
    put(f, 0, 2);
    put(f, (uint32_t)-18000, 4);
    put(f, 0x0104, 2);
    memcpy(f->data + f->len, "CST\0CDT", 8);
    f->len += 8;
}

static void put_footer(struct tzif *f, const char *rule)
{
    size_t n = strlen(rule);
    f->data[f->len++] = '\n';
    memcpy(f->data + f->len, rule, n);
    f->len += n;
    f->data[f->len++] = '\n';
}

/* Version 2 with the given 64-bit transition times; types alternate from 1 on. */
static void make_v2(struct tzif *f, const int64_t *times, uint32_t count, const char *rule)
{
    f->len = 0;
    put_header(f, '2', 0, 1, 4, 0);
    put(f, 0, 6);
    put(f, 0x414C4C00, 4);
    put_header(f, '2', count, 2, 8, 0);
    for (uint32_t i = 0; i < count; i++) {
        put(f, (uint64_t)times[i], 8);
    }
    for (uint32_t i = 0; i < count; i++) {
        put(f, (i + 1) % 2, 1);
    }
    put_types(f);
    put_footer(f, rule);
}

static struct zone *parsed(const struct tzif *f)
{
    struct zone *z = NULL;
    OK(zone_parse(f->data, f->len, "test", &z, e));
    return z;
}

static void assert_refused(const struct tzif *f)
{
    struct zone *z = NULL;
    FAILS(ERR_PARSE, zone_parse(f->data, f->len, "test", &z, e));
}

START_TEST(version_1_files_are_read)
{
    struct tzif f = {.len = 0};
    put_header(&f, '\0', 2, 2, 8, 0);
    put(&f, (uint32_t)-1000, 4);
    put(&f, 1000, 4);
    put(&f, 1, 1);
    put(&f, 0, 1);
    put_types(&f);
    struct zone *z = parsed(&f);
    ck_assert_int_eq(zone_offset_at(z, -1001), -21600);
    ck_assert_int_eq(zone_offset_at(z, -1000), -18000);
    ck_assert_int_eq(zone_offset_at(z, 999), -18000);
    ck_assert_int_eq(zone_offset_at(z, 1000), -21600);
    zone_free(z);
}
END_TEST

START_TEST(a_file_without_a_rule_keeps_its_last_offset)
{
    static const int64_t times[] = {0};
    struct tzif f;
    make_v2(&f, times, 1, "");
    struct zone *z = parsed(&f);
    ck_assert_int_eq(zone_offset_at(z, -1), -21600);
    ck_assert_int_eq(zone_offset_at(z, 0), -18000);
    ck_assert_int_eq(zone_offset_at(z, INT64_MAX), -18000);
    zone_free(z);
}
END_TEST

START_TEST(a_rule_alone_holds_for_all_years)
{
    struct tzif f;
    make_v2(&f, NULL, 0, "CST6CDT,M4.1.0,M10.5.0");
    struct zone *z = parsed(&f);
    for (int year = 2; year <= 9999; year += 13) {
        ck_assert_int_eq(zone_offset_at(z, secs(year, 7, 1, 0, 0)), -18000);
        ck_assert_int_eq(zone_offset_at(z, secs(year, 1, 1, 12, 0)), -21600);
    }
    zone_free(z);
}
END_TEST

/* RFC 8536 3.3.1: summer time all year round. */
START_TEST(permanent_summer_time_never_changes)
{
    static const int64_t times[] = {1000000000};
    struct tzif f;
    make_v2(&f, times, 1, "CST6CDT,0/0,J365/25");
    struct zone *z = parsed(&f);
    for (int64_t t = 1000000000; t < INT64_C(90000000000); t += 40 * 86400 + 1234) {
        ck_assert_int_eq(zone_offset_at(z, t), -18000);
    }
    zone_free(z);
}
END_TEST

START_TEST(changes_of_the_name_alone_are_no_changes)
{
    static const int64_t times[] = {0, 100, 200};
    struct tzif f;
    make_v2(&f, times, 3, "CST6");
    f.data[44 + 6 + 4 + 44 + 24 + 1] = 1; /* the second transition starts the same type */
    struct zone *z = parsed(&f);
    ck_assert_int_eq(zone_offset_at(z, 150), -18000);
    assert_local(z, 150 - 18000, LOCAL_UNIQUE, 150, 150);
    zone_free(z);
}
END_TEST

START_TEST(damaged_counts_and_indices_are_refused)
{
    static const int64_t times[] = {0, 100};
    static const int64_t falling[] = {100, 100};
    static const int64_t early[] = {-(INT64_C(1) << 59) - 1, 0};
    static const int64_t late[] = {0, (INT64_C(1) << 59) + 1};
    const size_t second = 44 + 6 + 4; /* where the 64-bit block starts */
    struct tzif f;
    make_v2(&f, falling, 2, "CST6");
    assert_refused(&f);
    make_v2(&f, early, 2, "CST6");
    assert_refused(&f);
    make_v2(&f, late, 2, "CST6");
    assert_refused(&f);
    make_v2(&f, times, 2, "CST6");
    f.data[second + 44 + 16] = 2; /* index of a type that is not there */
    assert_refused(&f);
    make_v2(&f, times, 2, "CST6");
    f.data[second + 44 + 18] = 0x7F; /* an offset of years */
    assert_refused(&f);
    make_v2(&f, times, 2, "CST6");
    f.data[second + 39] = 0; /* no types */
    assert_refused(&f);
    make_v2(&f, times, 2, "CST6");
    f.data[second + 38] = 2; /* more types than an index can name */
    assert_refused(&f);
    for (size_t i = 20; i < 44; i += 4) { /* every count of both headers made huge */
        make_v2(&f, times, 2, "CST6");
        memset(f.data + i, 0xFF, 4);
        assert_refused(&f);
        make_v2(&f, times, 2, "CST6");
        memset(f.data + second + i, 0xFF, 4);
        assert_refused(&f);
    }
}
END_TEST

START_TEST(damaged_rules_are_refused)
{
    static const int64_t times[] = {0};
    struct tzif f;
    make_v2(&f, times, 1, "CST6CDT,M4.1.0");
    assert_refused(&f);
    make_v2(&f, times, 1, "CST6");
    f.data[f.len - 6] = ' '; /* the line end before it */
    assert_refused(&f);
    make_v2(&f, times, 1, "CST6");
    f.data[f.len - 1] = ' ';
    assert_refused(&f);
    make_v2(&f, times, 1, "");
    f.len--;
    assert_refused(&f);
}
END_TEST

static size_t read_zone_file(const char *name, uint8_t *out, size_t size)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    size_t n = fread(out, 1, size, f);
    ck_assert_int_eq(fclose(f), 0);
    return n;
}

START_TEST(a_file_cut_anywhere_is_refused)
{
    static uint8_t data[8192];
    size_t len = read_zone_file("Europe/Madrid", data, sizeof(data));
    for (size_t n = 0; n < len; n++) {
        struct zone *z = NULL;
        uint8_t *copy =
            malloc(n > 0 ? n : 1); /* as long as what is there, so that a byte too far shows */
        memcpy(copy, data, n);
        FAILS(ERR_PARSE, zone_parse(copy, n, "cut", &z, e));
        free(copy);
    }
}
END_TEST

/* Whatever a byte is changed to, the answers stay within bounds. */
START_TEST(a_file_with_any_byte_changed_never_breaks_the_reader)
{
    static uint8_t data[8192];
    static const uint8_t flips[] = {0x01, 0x80, 0xFF, 0x20};
    size_t len = read_zone_file("America/Havana", data, sizeof(data));
    size_t refused = 0;
    for (size_t i = 0; i < len; i++) {
        for (size_t k = 0; k < sizeof(flips); k++) {
            struct zone *z = NULL;
            int64_t first, second;
            data[i] ^= flips[k];
            if (zone_parse(data, len, "flip", &z, NULL) == ERR_OK) {
                for (int year = 1900; year < 2500; year += 17) {
                    int64_t t = secs(year, 3, 12, 0, 0);
                    ck_assert_int_le(abs(zone_offset_at(z, t)), 93600);
                    (void)zone_resolve(z, civil_from_secs(t), &first, &second);
                }
                zone_free(z);
            } else {
                refused++;
            }
            data[i] ^= flips[k];
        }
    }
    ck_assert_uint_gt(refused, 100);
}
END_TEST

static void load_step(void *ctx, bool failing)
{
    (void)ctx;
    struct zone *z = NULL;
    enum err_code code = zone_load("Europe/Madrid", &z, NULL);
    ck_assert_int_eq(code, failing ? ERR_NOMEM : ERR_OK);
    zone_free(z);
}

START_TEST(loading_survives_every_allocation_failure)
{
    ck_assert_uint_eq(fault_sweep(load_step, NULL), 10);
}
END_TEST

Suite *suite_zone(void)
{
    Suite *s = suite_create("zone");
    TCase *t = tcase_create("zone");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, costa_rica_is_six_hours_west_all_year);
    tcase_add_test(t, madrid_skips_an_hour_in_march_and_doubles_one_in_october);
    tcase_add_test(t, rules_go_on_in_years_that_no_file_lists);
    tcase_add_test(t, a_day_starts_where_its_first_instant_is);
    tcase_add_test(t, offsets_agree_with_the_c_library);
    tcase_add_test(t, resolution_and_offset_agree_around_every_change);
    tcase_add_test(t, instants_without_limit_have_an_offset);
    tcase_add_test(t, names_that_leave_the_zone_folder_are_refused);
    tcase_add_test(t, leap_second_zones_are_refused);
    tcase_add_test(t, version_1_files_are_read);
    tcase_add_test(t, a_file_without_a_rule_keeps_its_last_offset);
    tcase_add_test(t, a_rule_alone_holds_for_all_years);
    tcase_add_test(t, permanent_summer_time_never_changes);
    tcase_add_test(t, changes_of_the_name_alone_are_no_changes);
    tcase_add_test(t, damaged_counts_and_indices_are_refused);
    tcase_add_test(t, damaged_rules_are_refused);
    tcase_add_test(t, a_file_cut_anywhere_is_refused);
    tcase_add_test(t, a_file_with_any_byte_changed_never_breaks_the_reader);
    tcase_add_test(t, loading_survives_every_allocation_failure);
    suite_add_tcase(s, t);
    return s;
}
