#include <config.h>

#include <check.h>
#include <string.h>

#include "check_domain.h"
#include "domain/rules.h"
#include "domain/rules_judge.h"

#define PER_DAY_CUT 100000000000LL /* smallest units a day that history is cut to */

static struct rule_set rules;
static struct period_use history[HISTORY_MAX + 1];
static struct period_ctx ctx;
static struct findings found;

/* An active water account of 30 m3 in each of twelve periods of 30 days. */
static void setup(void)
{
    rules_defaults(METER_WATER, &rules);
    for (size_t i = 0; i <= HISTORY_MAX; i++) {
        history[i] = (struct period_use){30000, 30};
    }
    ctx = (struct period_ctx){.rules = &rules,
                              .period = {30000, 30},
                              .cycle_days = 30,
                              .active = true,
                              .history = history,
                              .count = HISTORY_MAX};
}

static void judge(int64_t use)
{
    ctx.period.use = use;
    rules_judge_period(&ctx, &found);
}

static void expect_none(int64_t use)
{
    judge(use);
    ck_assert_msg(found.count == 0, "%lld: %s", (long long)use, rule_name(found.item[0].rule));
}

static void expect(int64_t use, enum rule_id rule, enum finding_class kind)
{
    judge(use);
    ck_assert_msg(found.count == 1, "%lld: %zu findings", (long long)use, found.count);
    ck_assert_str_eq(rule_name(found.item[0].rule), rule_name(rule));
    ck_assert_str_eq(finding_class_name(found.item[0].kind), finding_class_name(kind));
    ck_assert_int_eq(found.hold, rules.rule[rule].hold);
}

static void expect_text(const char *text)
{
    struct buf b;
    buf_init(&b, 1000);
    finding_text(&found.item[0], unit_find("m3"), NULL, &b);
    ck_assert_str_eq(buf_str(&b), text);
    buf_release(&b);
}

START_TEST(a_small_water_mean_has_a_band_of_65_percent)
{
    rules.rule[RULE_SPIKE].on = false;
    expect_none(30000);
    expect_none(49500);
    expect(49501, RULE_HIGH, CLASS_BAND);
    ck_assert_int_eq(found.item[0].limit, 49500);
    expect_text(
        "The consumption of 49.501 m³ is above 49.5 m³, the limit 65 % over the mean of 30 m³. "
        "Source: CREG 105 007 of 2024: mean of 12 normalised periods plus 3 standard "
        "deviations; "
        "water: 35 % above the mean from 40 m3, 65 % below that.");
    expect_none(10500);
    expect(10499, RULE_LOW, CLASS_BAND);
    ck_assert_int_eq(found.item[0].limit, 10500);
    expect_text("The consumption of 10.499 m³ is below 10.5 m³, the limit 65 % under the mean "
                "of 30 m³. "
                "Source: CREG 105 007 of 2024: mean of 12 normalised periods less 3 standard "
                "deviations; "
                "water: 35 % under the mean from 40 m3, 65 % below that.");
}
END_TEST

START_TEST(from_40_m3_on_the_band_is_35_percent)
{
    rules.rule[RULE_SPIKE].on = false;
    for (size_t i = 0; i < HISTORY_MAX; i++) {
        history[i].use = 40000;
    }
    expect_none(54000);
    expect(54001, RULE_HIGH, CLASS_BAND);
    ck_assert_int_eq(found.item[0].to, 35);
    expect_none(26000);
    expect(25999, RULE_LOW, CLASS_BAND);
    for (size_t i = 0; i < HISTORY_MAX; i++) {
        history[i].use = 39999;
    }
    expect_none(65998); /* 39,999 x 1.65 = 65,998.35 */
    expect(65999, RULE_HIGH, CLASS_BAND);
    ck_assert_int_eq(found.item[0].to, 65);
}
END_TEST

START_TEST(energy_is_judged_by_three_standard_deviations)
{
    /* 2, 4, 4, 4, 5, 5, 7, 9 kWh a day: mean 5, sum of squares about it 32, deviation of the
     * sample sqrt(32/7) = 2.13809 */
    static const int64_t per_day[] = {2, 4, 4, 4, 5, 5, 7, 9};
    rules_defaults(METER_ENERGY, &rules);
    rules.rule[RULE_SPIKE].on = false;
    for (size_t i = 0; i < 8; i++) {
        history[i] =
            (struct period_use){per_day[i] * 1000 * (20 + (int64_t)i), 20 + (int64_t)i};
    }
    ctx.count = 8;
    ctx.period.days = 31; /* (5 + 3 x 2.13809) x 31 = 353.842 kWh */
    expect_none(353842);
    expect(353843, RULE_HIGH, CLASS_DEVIATION);
    ck_assert_int_eq(found.item[0].limit, 353842);
    ck_assert_int_eq(found.item[0].from, 155000);
    expect_none(1); /* the lower limit is below zero: nothing is too low */
    for (size_t i = 0; i < 8; i++) {
        history[i] = (struct period_use){(per_day[i] + 10) * 1000, 1};
    }
    ctx.period.days = 30; /* (15 - 6.41427) x 30 = 257.572 */
    expect_none(257573);
    expect(257571, RULE_LOW, CLASS_DEVIATION);
    struct buf b;
    buf_init(&b, 1000);
    finding_text(&found.item[0], unit_find("kWh"), NULL, &b);
    ck_assert_ptr_nonnull(
        strstr(buf_str(&b),
               "The consumption of 257.571 kWh is below 257.572 kWh, the limit 3 standard "
               "deviations under the mean of 450 kWh."));
    expect(999999999, RULE_HIGH, CLASS_DEVIATION);
    buf_clear(&b);
    finding_text(&found.item[0], unit_find("kWh"), NULL, &b);
    ck_assert_ptr_nonnull(strstr(buf_str(&b), "standard deviations over the mean of 450 kWh."));
    buf_release(&b);
}
END_TEST

START_TEST(periods_of_other_lengths_are_compared_by_the_day)
{
    for (size_t i = 0; i < HISTORY_MAX; i++) {
        history[i] = (struct period_use){61000, 61}; /* 1 m3 a day, as before */
    }
    expect_none(30000);
    expect_none(49500);
    expect(49501, RULE_HIGH, CLASS_BAND);
}
END_TEST

START_TEST(short_history_says_nothing_about_high_and_low)
{
    ctx.count = 2;
    expect_none(500000);
    expect_none(1);
    ctx.count = 3;
    rules.rule[RULE_SPIKE].on = false;
    expect(500000, RULE_HIGH, CLASS_BAND);
    ctx.count = 0;
    ctx.history = NULL;
    expect_none(500000);
}
END_TEST

START_TEST(only_the_newest_twelve_periods_count)
{
    rules.rule[RULE_SPIKE].on = false;
    history[HISTORY_MAX].use = 1000000000;
    ctx.count = HISTORY_MAX + 1;
    expect(49501, RULE_HIGH, CLASS_BAND);
    ck_assert_int_eq(found.item[0].from, 30000);
}
END_TEST

START_TEST(a_spike_is_above_180_percent_of_the_third_peak)
{
    rules.rule[RULE_HIGH].on = false;
    history[3].use = 90000;
    history[5].use = 80000;
    history[7].use = 60000;
    expect_none(108000);
    expect(108001, RULE_SPIKE, CLASS_PLAIN);
    expect_text("The consumption of 108.001 m³ is above 108 m³, which is 180 % of the third "
                "highest period "
                "(60 m³). Source: spike check of meter data validation: above 180 % of the "
                "third highest "
                "period.");
    ctx.count = 2; /* no third */
    expect_none(1000000);
}
END_TEST

START_TEST(no_use_on_an_active_account_is_told_but_not_held)
{
    expect(0, RULE_ZERO, CLASS_PLAIN);
    ck_assert_int_eq(found.item[0].observed, 1);
    ck_assert(!found.hold);
    expect_text(
        "The account is active and has used nothing for 1 period. Source: office practice: an "
        "account in service uses something.");
    history[0].use = 0;
    expect(0, RULE_ZERO, CLASS_PLAIN);
    ck_assert_int_eq(found.item[0].observed, 2);
    rules.rule[RULE_ZERO].limit[0] = 3;
    expect_none(0);
    rules.rule[RULE_ZERO].limit[0] = 2;
    ctx.active = false;
    expect_none(0);
}
END_TEST

START_TEST(three_periods_without_use_after_use_are_a_stuck_register)
{
    history[0].use = history[1].use = 0;
    expect(0, RULE_STUCK, CLASS_PLAIN);
    ck_assert_int_eq(found.item[0].observed, 3);
    expect_text("The register stands still for 3 periods after periods with use. Source: "
                "office practice: "
                "three periods without use after periods with use.");
    rules.rule[RULE_STUCK].on = false;
    expect(0, RULE_ZERO, CLASS_PLAIN);
    rules.rule[RULE_STUCK].on = true;
    for (size_t i = 0; i < HISTORY_MAX; i++) {
        history[i].use = 0; /* it never moved: an empty house */
    }
    expect(0, RULE_ZERO, CLASS_PLAIN);
    ck_assert_int_eq(found.item[0].observed, 13);
    expect(1, RULE_HIGH, CLASS_BAND);
}
END_TEST

START_TEST(a_period_may_be_a_tenth_off_its_cycle)
{
    static const struct {
        int64_t days, cycle;
        bool fine;
    } rows[] = {{30, 30, true},  {27, 30, true}, {33, 30, true}, {26, 30, false},
                {34, 30, false}, {55, 61, true}, {54, 61, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ctx.period.days = rows[i].days;
        ctx.cycle_days = rows[i].cycle;
        if (rows[i].fine) {
            expect_none(1000 * rows[i].days);
        } else {
            expect(1000 * rows[i].days, RULE_PERIOD_LENGTH, CLASS_PLAIN);
        }
    }
    expect_text(
        "There are 54 days between the readings; the cycle has 61, and 10 % more or less are "
        "allowed. Source: days between the readings within 10 % of the billing cycle.");
}
END_TEST

START_TEST(absurd_numbers_neither_overflow_nor_hide)
{
    for (size_t i = 0; i < HISTORY_MAX; i++) {
        history[i] = (struct period_use){INT64_MAX, 1};
    }
    ctx.period.days = 1;
    ctx.cycle_days = 1;
    judge(INT64_MAX); /* what is kept of such a history is cut, so that nothing wraps */
    ck_assert_int_eq(found.item[0].rule, RULE_HIGH);
    rules_defaults(METER_ENERGY, &rules);
    judge(INT64_MAX);
    ck_assert_int_eq(found.item[0].rule, RULE_HIGH);
    ck_assert_int_eq(found.item[0].limit, PER_DAY_CUT);
    ctx.period.days = INT64_MAX;
    ctx.cycle_days = INT64_MAX;
    judge(INT64_MAX);
    ctx.period.days = 1;
    ctx.cycle_days = 1;
    for (size_t i = 0; i < HISTORY_MAX; i++) {
        history[i] = (struct period_use){1, 3660};
    }
    judge(INT64_MAX);
    ck_assert_uint_eq(found.count, 2);
    ck_assert_int_eq(found.item[0].rule, RULE_HIGH);
    ck_assert_int_eq(found.item[1].rule, RULE_SPIKE);
}
END_TEST

/* Against the definition: squares, their neighbours, and the largest that can come. */
START_TEST(the_root_is_the_largest_whose_square_is_not_above)
{
    uint64_t state = 88172645463325252u;
    ck_assert_int_eq(rules_square_root(-1), 0);
    ck_assert_int_eq(rules_square_root(((int128)1 << 126) - 1), INT64_MAX);
    for (int64_t i = 0; i < 5000; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        int64_t root = i < 1000 ? i : (int64_t)(state >> (2 + i % 60));
        int128 square = (int128)root * root;
        ck_assert_int_eq(rules_square_root(square), root);
        ck_assert_int_eq(rules_square_root(square - 1), root > 0 ? root - 1 : 0);
        ck_assert_int_eq(rules_square_root(square + 2 * (int128)root), root);
    }
}
END_TEST

Suite *suite_rules_period(void)
{
    Suite *s = suite_create("rules_period");
    TCase *t = tcase_create("rules_period");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, the_root_is_the_largest_whose_square_is_not_above);
    tcase_add_test(t, a_small_water_mean_has_a_band_of_65_percent);
    tcase_add_test(t, from_40_m3_on_the_band_is_35_percent);
    tcase_add_test(t, energy_is_judged_by_three_standard_deviations);
    tcase_add_test(t, periods_of_other_lengths_are_compared_by_the_day);
    tcase_add_test(t, short_history_says_nothing_about_high_and_low);
    tcase_add_test(t, only_the_newest_twelve_periods_count);
    tcase_add_test(t, a_spike_is_above_180_percent_of_the_third_peak);
    tcase_add_test(t, no_use_on_an_active_account_is_told_but_not_held);
    tcase_add_test(t, three_periods_without_use_after_use_are_a_stuck_register);
    tcase_add_test(t, a_period_may_be_a_tenth_off_its_cycle);
    tcase_add_test(t, absurd_numbers_neither_overflow_nor_hide);
    suite_add_tcase(s, t);
    return s;
}
