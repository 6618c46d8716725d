#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "domain/meter.h"
#include "check_domain.h"

static struct register_def cubic_metres(uint8_t digits, uint8_t decimals)
{
    return (struct register_def){unit_find("m3"), digits, decimals, 1, 1, 0};
}

START_TEST(every_kind_and_state_is_found_by_its_own_name)
{
    for (int i = 0; i < METER_KIND_COUNT; i++) {
        enum meter_kind kind = METER_KIND_COUNT;
        ck_assert(meter_kind_find(meter_kind_name((enum meter_kind)i), &kind));
        ck_assert_int_eq((int)kind, i);
    }
    for (int i = 0; i < METER_STATE_COUNT; i++) {
        enum meter_state state = METER_STATE_COUNT;
        ck_assert(meter_state_find(meter_state_name((enum meter_state)i), &state));
        ck_assert_int_eq((int)state, i);
    }
    enum meter_kind kind;
    enum meter_state state;
    ck_assert(!meter_kind_find("steam", &kind));
    ck_assert(!meter_state_find("", &state));
}
END_TEST

START_TEST(kinds_take_their_own_units_only)
{
    static const struct {
        const char *unit;
        bool water, energy, gas;
    } rows[] = {
        {"l", true, false, true},     {"m3", true, false, true},
        {"dm3", true, false, true},   {"Wh", false, true, false},
        {"kWh", false, true, false},  {"MWh", false, true, false},
        {"varh", false, true, false}, {"kvarh", false, true, false},
        {"kW", false, true, false},   {"gal", true, false, false},
        {"kgal", true, false, false}, {"CCF", true, false, true},
        {"HCF", true, false, true},   {"ft3", true, false, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct unit *u = unit_find(rows[i].unit);
        ck_assert_ptr_nonnull(u);
        ck_assert_int_eq(meter_kind_takes(METER_WATER, u), rows[i].water);
        ck_assert_int_eq(meter_kind_takes(METER_ENERGY, u), rows[i].energy);
        ck_assert_int_eq(meter_kind_takes(METER_GAS, u), rows[i].gas);
    }
    ck_assert(!meter_kind_takes(METER_KIND_COUNT, unit_find("l")));
}
END_TEST

START_TEST(dial_maximum_is_one_step_below_the_modulus)
{
    struct register_def r = cubic_metres(5, 3);
    ck_assert_int_eq(register_modulus(&r), 100000000);
    ck_assert_int_eq(register_step(&r), 1);
    ck_assert_int_eq(register_dial_max(&r), 99999999);
    r = cubic_metres(4, 0);
    ck_assert_int_eq(register_step(&r), 1000);
    ck_assert_int_eq(register_dial_max(&r), 9999000);
}
END_TEST

START_TEST(register_check_refuses_what_no_dial_can_be)
{
    struct err e = ERR_INIT;
    struct register_def good = cubic_metres(REGISTER_DIGITS_MAX, 3);
    ck_assert_int_eq(register_check(&good, &e), ERR_OK);
    good.digits = 1;
    good.multiplier_num = good.multiplier_den = REGISTER_MULTIPLIER_MAX;
    good.max_rate_per_hour = 1000000000000;
    ck_assert_int_eq(register_check(&good, &e), ERR_OK);
    struct register_def bad[] = {good, good, good, good, good, good, good, good, good, good};
    bad[0].unit = NULL;
    bad[1].digits = 0;
    bad[2].digits = REGISTER_DIGITS_MAX + 1;
    bad[3].decimals = 4;
    bad[4].multiplier_num = 0;
    bad[5].multiplier_den = 0;
    bad[6].multiplier_num = REGISTER_MULTIPLIER_MAX + 1;
    bad[7].multiplier_den = REGISTER_MULTIPLIER_MAX + 1;
    bad[8].max_rate_per_hour = -1;
    bad[9].max_rate_per_hour = 1000000000001;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(register_check(&bad[i], &e) == ERR_RANGE, "row %zu was taken", i);
    }
}
END_TEST

START_TEST(consumption_is_difference_times_multiplier)
{
    struct err e = ERR_INIT;
    struct register_def r = {unit_find("kWh"), 5, 1, 200, 5, 0};
    int64_t c = -1;
    ck_assert_int_eq(register_consumption(&r, 1000, 1100, 0, &c, &e), ERR_OK);
    ck_assert_int_eq(c, 4000);
    ck_assert_int_eq(register_consumption(&r, 1000, 1000, 0, &c, &e), ERR_OK);
    ck_assert_int_eq(c, 0);
    r.multiplier_num = 1;
    r.multiplier_den = 2; /* half a watt-hour is rounded up */
    ck_assert_int_eq(register_consumption(&r, 0, 3, 0, &c, &e), ERR_OK);
    ck_assert_int_eq(c, 2);
}
END_TEST

START_TEST(rollover_counts_only_where_told)
{
    struct err e = ERR_INIT;
    struct register_def r = cubic_metres(5, 3);
    int64_t c = -1;
    ck_assert_int_eq(register_consumption(&r, 99999990, 15, 0, &c, &e), ERR_RANGE);
    ck_assert_int_eq(register_consumption(&r, 99999990, 15, 1, &c, &e), ERR_OK);
    ck_assert_int_eq(c, 25);
    ck_assert_int_eq(register_consumption(&r, 10, 15, 2, &c, &e), ERR_OK);
    ck_assert_int_eq(c, 200000005);
}
END_TEST

START_TEST(values_off_the_dial_have_no_consumption)
{
    struct err e = ERR_INIT;
    struct register_def r = cubic_metres(5, 3);
    int64_t c = -1;
    ck_assert_int_eq(register_consumption(&r, 0, 99999999, 0, &c, &e), ERR_OK);
    ck_assert_int_eq(register_consumption(&r, 0, 100000000, 0, &c, &e), ERR_RANGE);
    ck_assert_int_eq(register_consumption(&r, -1, 5, 0, &c, &e), ERR_RANGE);
    ck_assert_int_eq(register_consumption(&r, 5, -1, 1, &c, &e), ERR_RANGE);
    ck_assert_int_eq(register_consumption(&r, 100000000, 5, 1, &c, &e), ERR_RANGE);
}
END_TEST

START_TEST(a_consumption_that_does_not_fit_is_refused)
{
    struct err e = ERR_INIT;
    struct register_def r = {unit_find("MWh"), 12, 0, REGISTER_MULTIPLIER_MAX, 1, 0};
    int64_t c = -1;
    ck_assert_int_eq(register_consumption(&r, 0, register_dial_max(&r), 0, &c, &e), ERR_RANGE);
    ck_assert_int_eq(register_scale(&r, -INT64_MAX, &c, &e), ERR_RANGE);
    ck_assert_int_eq(register_consumption(&r, 0, 0, 4000000000u, &c, &e), ERR_RANGE);
}
END_TEST

START_TEST(serials_are_letters_digits_and_inner_marks)
{
    static const char *const good[] = {"1", "A-1", "9348c9bb-e66e-4970-94c8-609ba5461ef2",
                                       "EL 12/34_5.6",
                                       "0123456789012345678901234567890123456789"};
    static const char *const bad[] = {
        "",      "-1",  "1-",       " 1",   "1 ",  "a  b",
        "a\tb",  "ñ1",  "a\x1b[1m", "a,b1", "a=1", "=1",
        "a\"b1", "1:1", "1[1",      "1{1",  "1@",  "01234567890123456789012345678901234567890"};
    struct err e = ERR_INIT;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ck_assert_msg(serial_check(good[i], &e) == ERR_OK, "%s: %s", good[i], e.text);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(serial_check(bad[i], &e) == ERR_PARSE, "\"%s\" was taken", bad[i]);
    }
}
END_TEST

START_TEST(obis_codes_are_read_and_written_back)
{
    static const char *const good[] = {"1-0:1.8.0*255", "1-0:1.8.0", "8-1:1.0.0",
                                       "1.8.0",         "1.8",       "255-255:255.255.255*255",
                                       "1.8*1"};
    static const char *const bad[] = {"",           "1",           "1.",       "1.8.",
                                      "1.8.0.1",    "1-0:1.8.256", "1-0:1",    "1:1.8.0",
                                      "-0:1.8.0",   "1-:1.8.0",    "x.8.0",    "1.8.0*",
                                      "1.8.0 ",     "1.8.0\n",     "1.1234",   "1-0:1.8.0*256",
                                      "1-0-1.8.0:", "+1.8.0",      "1000.8.0", "1-0:"};
    struct err e = ERR_INIT;
    struct obis o;
    char text[OBIS_TEXT_MAX];
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ck_assert_msg(obis_parse(good[i], &o, &e) == ERR_OK, "%s", e.text);
        obis_print(&o, text);
        ck_assert_str_eq(text, good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(obis_parse(bad[i], &o, &e) == ERR_PARSE, "\"%s\" was taken", bad[i]);
    }
    ck_assert_int_eq(obis_parse("1.8.0", &o, &e), ERR_OK);
    ck_assert_int_eq(o.a, OBIS_ABSENT);
    ck_assert_int_eq(o.d, 8);
}
END_TEST

Suite *suite_meter(void)
{
    Suite *s = suite_create("meter");
    TCase *t = tcase_create("meter");
    tcase_add_test(t, every_kind_and_state_is_found_by_its_own_name);
    tcase_add_test(t, kinds_take_their_own_units_only);
    tcase_add_test(t, dial_maximum_is_one_step_below_the_modulus);
    tcase_add_test(t, register_check_refuses_what_no_dial_can_be);
    tcase_add_test(t, consumption_is_difference_times_multiplier);
    tcase_add_test(t, rollover_counts_only_where_told);
    tcase_add_test(t, values_off_the_dial_have_no_consumption);
    tcase_add_test(t, a_consumption_that_does_not_fit_is_refused);
    tcase_add_test(t, serials_are_letters_digits_and_inner_marks);
    tcase_add_test(t, obis_codes_are_read_and_written_back);
    suite_add_tcase(s, t);
    return s;
}
