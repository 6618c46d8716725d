/* Rules over a window of time, and of factors: at, below and above each threshold. */
#include <config.h>

#include <check.h>
#include <string.h>

#include "check_domain.h"
#include "domain/rules.h"

static struct rule_set rules;
static struct findings found;

static void setup(void)
{
    rules_defaults(METER_ENERGY, &rules);
}

static void expect(bool fires, enum rule_id rule)
{
    ck_assert_uint_eq(found.count, fires ? 1 : 0);
    if (fires) {
        struct buf text;
        ck_assert_int_eq((int)found.item[0].rule, (int)rule);
        buf_init(&text, 4096);
        finding_text(&found.item[0], unit_find("kWh"), NULL, &text);
        ck_assert_uint_gt(text.len, 20);
        ck_assert(!text.failed);
        buf_release(&text);
    }
}

static void intervals(int64_t seen, int64_t expected, bool fires)
{
    struct interval_ctx ctx = {&rules, seen, expected};
    rules_judge_intervals(&ctx, &found);
    expect(fires, RULE_MISSING_INTERVAL);
}

START_TEST(five_percent_of_the_intervals_may_be_missing)
{
    intervals(100, 100, false);
    intervals(95, 100, false); /* at the bound */
    intervals(94, 100, true);
    intervals(24, 100, true);
    intervals(23, 100, false); /* too few to be a series */
    intervals(101, 100, false);
    ck_assert_int_eq(rule_scope(RULE_MISSING_INTERVAL), SCOPE_WINDOW);
}
END_TEST

static void sum(int64_t whole, int64_t parts, bool fires)
{
    struct compare_ctx ctx = {.rules = &rules, .whole = whole, .parts = parts};
    rules_judge_sum(&ctx, &found);
    expect(fires, RULE_SUM);
}

START_TEST(parts_add_up_to_the_total)
{
    sum(1000, 1000, false);
    sum(1000, 970, false); /* 2 % and 10 besides */
    sum(1000, 969, true);
    sum(1000, 1030, false);
    sum(1000, 1031, true);
    sum(0, 10, false);
    sum(0, 11, true);
}
END_TEST

static void adapter(int64_t use, int64_t apart, bool fires)
{
    struct compare_ctx ctx = {.rules = &rules, .whole = use, .parts = apart};
    rules_judge_adapter(&ctx, &found);
    expect(fires, RULE_ADAPTER);
}

START_TEST(adapter_and_dial_agree)
{
    adapter(10000, 0, false);
    adapter(10000, 250, false); /* 2 % and 50 besides */
    adapter(10000, 251, true);
    adapter(0, 50, false);
    adapter(0, 51, true);
}
END_TEST

static void balance(int64_t whole, int64_t parts, int64_t read, bool fires)
{
    struct compare_ctx ctx = {
        .rules = &rules, .whole = whole, .parts = parts, .read = read, .count = 10};
    rules_judge_balance(&ctx, &found);
    expect(fires, RULE_BALANCE);
}

START_TEST(a_feeder_loses_little_and_gains_nothing)
{
    balance(1000, 1000, 10, false);
    balance(1000, 850, 10, false); /* 15 % lost */
    balance(1000, 849, 10, true);
    balance(1000, 1020, 10, false); /* 2 % more below it than above */
    balance(1000, 1021, 10, true);
    balance(1000, 500, 8, true);
    balance(1000, 500, 7, false); /* too few were read */
    struct compare_ctx none = {.rules = &rules, .whole = 1000};
    rules_judge_balance(&none, &found);
    expect(false, RULE_BALANCE);
}
END_TEST

START_TEST(what_is_switched_off_is_silent)
{
    for (int i = 0; i < RULE_COUNT; i++) {
        rules.rule[i].on = false;
    }
    intervals(24, 100, false);
    sum(1000, 1, false);
    adapter(1, 1000, false);
    balance(1000, 1, 10, false);
}
END_TEST

static bool factor(int64_t use, int64_t multiplier)
{
    static const struct period_use history[] = {{3000, 30}, {3000, 30}, {3000, 30}};
    struct period_ctx ctx = {.rules = &rules,
                             .period = {use, 30},
                             .cycle_days = 30,
                             .active = true,
                             .multiplier = multiplier,
                             .history = history,
                             .count = 3};
    rules_judge_period(&ctx, &found);
    for (size_t i = 0; i < found.count; i++) {
        if (found.item[i].rule == RULE_FACTOR) {
            return true;
        }
    }
    return false;
}

START_TEST(ten_times_the_mean_is_a_factor)
{
    ck_assert(factor(30000, 1));
    ck_assert(factor(34500, 1)); /* 15 % more */
    ck_assert(!factor(34501, 1));
    ck_assert(factor(25500, 1));
    ck_assert(!factor(25499, 1));
    ck_assert(factor(300, 1)); /* a tenth */
    ck_assert(factor(3000000, 1));
    ck_assert(!factor(3000, 1));
    ck_assert(!factor(120000, 1));
    ck_assert(factor(120000, 40)); /* the multiplier counted twice */
    ck_assert(factor(75, 40));     /* or not at all */
    ck_assert(!factor(0, 40));
    ck_assert(!factor(6000, 2)); /* twice is no sign of it */
    rules.rule[RULE_FACTOR].limit[1] = 4;
    ck_assert(!factor(30000, 1)); /* too little history */
}
END_TEST

Suite *suite_rules_window(void)
{
    Suite *s = suite_create("rules_window");
    TCase *t = tcase_create("rules_window");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, five_percent_of_the_intervals_may_be_missing);
    tcase_add_test(t, parts_add_up_to_the_total);
    tcase_add_test(t, adapter_and_dial_agree);
    tcase_add_test(t, a_feeder_loses_little_and_gains_nothing);
    tcase_add_test(t, what_is_switched_off_is_silent);
    tcase_add_test(t, ten_times_the_mean_is_a_factor);
    suite_add_tcase(s, t);
    return s;
}
