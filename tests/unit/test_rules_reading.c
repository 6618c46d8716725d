#include <config.h>

#include <check.h>
#include <string.h>

#include "check_domain.h"
#include "domain/rules.h"

#define HOUR 3600
#define DAY 86400
#define NOW 1480000000

/* A water meter in service, read an hour after an accepted 50 m3. Each test changes what it is
 * about. */
static struct register_def reg;
static struct rule_set rules;
static struct point prev, next, seen;
static struct reading_ctx ctx;
static struct findings found;

static void setup(void)
{
    reg = (struct register_def){unit_find("m3"), 5, 3, 1, 1, 3000};
    rules_defaults(METER_WATER, &rules);
    prev = (struct point){50000, NOW - HOUR};
    ctx = (struct reading_ctx){.reg = &reg,
                               .rules = &rules,
                               .reading = {50100, NOW},
                               .as_of_utc = NOW,
                               .prev = &prev,
                               .active_from = NOW - 1000 * DAY,
                               .active_until = INT64_MAX};
}

static void judge(void)
{
    rules_judge_reading(&ctx, &found);
}

static void expect_none(void)
{
    judge();
    ck_assert_msg(found.count == 0, "%s %s", rule_name(found.item[0].rule),
                  finding_class_name(found.item[0].kind));
    ck_assert(!found.hold);
}

static void expect(enum rule_id rule, enum finding_class kind)
{
    judge();
    ck_assert_msg(found.count == 1, "%zu findings", found.count);
    ck_assert_str_eq(rule_name(found.item[0].rule), rule_name(rule));
    ck_assert_str_eq(finding_class_name(found.item[0].kind), finding_class_name(kind));
    ck_assert_int_eq(found.item[0].severity, rules.rule[rule].severity);
    ck_assert_int_eq(found.hold, rules.rule[rule].hold);
}

static void expect_text(const char *text)
{
    struct buf b;
    buf_init(&b, 1000);
    finding_text(&found.item[0], reg.unit, NULL, &b);
    ck_assert_str_eq(buf_str(&b), text);
    buf_release(&b);
}

START_TEST(an_ordinary_reading_is_not_held)
{
    expect_none();
    ctx.prev = NULL; /* the first of a register */
    expect_none();
}
END_TEST

START_TEST(an_interval_must_be_what_the_register_rose)
{
    struct step step = {.delta = 100, .before = 50000, .next = true};
    ctx.step = &step;
    expect_none();
    step.delta = 99;
    expect(RULE_DELTA, CLASS_PLAIN);
    step.delta = 101;
    expect(RULE_DELTA, CLASS_PLAIN);
    expect_text(
        "The device says that 0.101 m³ were used since its packet before, but its register "
        "rose by 0.1 m³. Source: sum check of meter data validation: intervals against "
        "the register.");
    step.next = false; /* packets were lost: it may have risen by more, not by less */
    expect(RULE_DELTA, CLASS_PLAIN);
    step.delta = 100;
    expect_none();
    step.delta = 0;
    expect_none();
    step = (struct step){.delta = 100, .before = 50101, .next = true};
    expect_none(); /* what fell is for the other rules */
}
END_TEST

START_TEST(a_fall_is_backflow_up_to_its_limit)
{
    ctx.reading.value = 50000;
    expect_none();
    ctx.reading.value = 49999;
    expect(RULE_DECREASE, CLASS_BACKFLOW);
    ck_assert_int_eq(found.item[0].observed, 1);
    ctx.reading.value = 49900;
    expect(RULE_DECREASE, CLASS_BACKFLOW);
    expect_text(
        "The register fell by 0.1 m³, from 50 m³ to 49.9 m³: no more than 0.1 m³, as when "
        "water "
        "runs back or two clocks differ. Source: a register of consumption only rises.");
    ctx.reading.value = 49899;
    expect(RULE_DECREASE, CLASS_UNEXPLAINED);
    expect_text("The register fell by 0.101 m³, from 50 m³ to 49.899 m³. Source: a register of "
                "consumption only rises.");
}
END_TEST

START_TEST(a_fall_to_what_a_new_meter_reaches_is_an_exchange)
{
    ctx.reading.value = 3000; /* an hour at 3 m3/h */
    expect(RULE_DECREASE, CLASS_RESET);
    expect_text(
        "The register fell by 47 m³, from 50 m³ to 3 m³, which a new meter could have reached: "
        "was the meter exchanged? Source: a register of consumption only rises.");
    ctx.reading.value = 3001;
    expect(RULE_DECREASE, CLASS_UNEXPLAINED);
    prev.utc =
        NOW - 90 * DAY; /* in three months anything is reachable: then it must be well below */
    ctx.reading.value = 24999;
    expect(RULE_DECREASE, CLASS_RESET);
    ctx.reading.value = 25000;
    expect(RULE_DECREASE, CLASS_UNEXPLAINED);
}
END_TEST

START_TEST(a_fall_that_the_next_reading_undoes_is_a_dip)
{
    ctx.next = &next;
    ctx.reading.value = 49000;
    next = (struct point){50000, NOW + HOUR};
    expect(RULE_DECREASE, CLASS_DIP);
    expect_text("The value fell by 1 m³, from 50 m³ to 49 m³, and the next reading is up "
                "again: the value "
                "is probably garbled. Source: a register of consumption only rises.");
    next.value = 49999;
    expect(RULE_DECREASE, CLASS_UNEXPLAINED);
}
END_TEST

START_TEST(after_a_fall_the_register_is_below_until_it_has_caught_up)
{
    ctx.seen = &seen;
    seen = (struct point){49950, NOW - 60};
    ctx.reading.value = 49950;
    expect(RULE_DECREASE, CLASS_BELOW);
    expect_text(
        "The register is still 0.05 m³ below the last accepted value: 50 m³, now 49.95 m³. "
        "Source: a register of consumption only rises.");
    ctx.reading.value = 49949; /* it fell again */
    expect(RULE_DECREASE, CLASS_BACKFLOW);
    ctx.reading.value = 50000;
    expect_none();
    seen.value = 60000; /* a held jump was seen last: this one is a fall of its own */
    ctx.reading.value = 49950;
    expect(RULE_DECREASE, CLASS_BACKFLOW);
}
END_TEST

START_TEST(a_late_reading_must_fit_under_the_next_one)
{
    ctx.next = &next;
    next = (struct point){50200, NOW + HOUR};
    ctx.reading.value = 50200;
    expect_none();
    ctx.reading.value = 50201;
    expect(RULE_DECREASE, CLASS_ABOVE_NEXT);
    expect_text(
        "The value is 0.001 m³ above the reading that follows it: 50.201 m³, then 50.2 m³. "
        "Source: a register of consumption only rises.");
    ctx.reading.value = 50100;
    next.value = 53100;
    expect_none();
    next.value = 53101;
    expect(RULE_MAX_RATE, CLASS_ABOVE_NEXT);
    expect_text("The reading that follows is 3.001 m³ higher (50.1 m³, then 53.101 m³); in "
                "that time the "
                "meter can measure 3 m³ at most. Source: overload flow or current of the meter "
                "(for water "
                "Q4 of ISO 4064-1).");
}
END_TEST

START_TEST(a_nearly_full_dial_may_roll_over)
{
    prev.value = 99999000;
    ctx.reading.value = 2000; /* 1,000 to zero and 2,000 more: the 3,000 of an hour */
    expect(RULE_ROLLOVER, CLASS_PLAIN);
    ck_assert_int_eq(found.item[0].observed, 3000);
    expect_text("The dial may have passed zero: from 99999 m³ to 2 m³ would be a use of 3 m³, "
                "within the "
                "possible 3 m³. Source: previous value above 90 % of the dial, and the use "
                "through zero "
                "within what is possible.");
    ctx.reading.value = 2001;
    expect(RULE_DECREASE, CLASS_RESET);
    ctx.reading.value = 2000;
    ctx.typical_high = 3000;
    expect(RULE_ROLLOVER, CLASS_PLAIN);
    ctx.typical_high = 2999;
    expect(RULE_DECREASE, CLASS_RESET);
}
END_TEST

START_TEST(below_ninety_percent_of_the_dial_there_is_no_rollover)
{
    prev.utc = NOW - 5000 * HOUR; /* 15,000 m3 are possible */
    prev.value = 90000001;
    ctx.reading.value = 0;
    expect(RULE_ROLLOVER, CLASS_PLAIN);
    prev.value = 90000000;
    expect(RULE_DECREASE, CLASS_RESET);
}
END_TEST

START_TEST(use_beyond_the_meters_flow_is_held)
{
    ctx.reading.value = 53000;
    expect_none();
    ctx.reading.value = 53001;
    expect(RULE_MAX_RATE, CLASS_PLAIN);
    ck_assert_int_eq(found.item[0].limit, 3000);
    expect_text(
        "The register rose by 3.001 m³, from 50 m³ to 53.001 m³; in that time the meter can "
        "measure 3 m³ at most. Source: overload flow or current of the meter (for water Q4 of "
        "ISO "
        "4064-1).");
    prev.utc = NOW - 1; /* a second counts as an hour: clocks differ */
    expect(RULE_MAX_RATE, CLASS_PLAIN);
    ctx.reading.value = 53000;
    expect_none();
    prev.utc = NOW - HOUR - 1; /* part of a litre more is possible, so a litre is */
    ctx.reading.value = 53001;
    expect_none();
    ctx.reading.value = 53002;
    expect(RULE_MAX_RATE, CLASS_PLAIN);
}
END_TEST

START_TEST(a_register_without_maximum_takes_the_kinds)
{
    reg.max_rate_per_hour = 0;
    ctx.reading.value = 53125;
    expect_none();
    ctx.reading.value = 53126;
    expect(RULE_MAX_RATE, CLASS_PLAIN);
    rules_defaults(METER_GAS, &rules);
    expect_none();
    reg.max_rate_per_hour = INT64_MAX; /* no limit at all */
    ctx.reading.value = 99999999;
    expect_none();
}
END_TEST

START_TEST(values_off_the_dial_are_not_compared)
{
    ctx.reading.value = 99999999;
    reg.max_rate_per_hour = 1000000000;
    expect_none();
    ctx.reading.value = 100000000;
    expect(RULE_OVER_DIAL, CLASS_PLAIN);
    expect_text("The value 100000 m³ is more than the dial can show, 99999.999 m³. Source: "
                "digits of the "
                "register.");
    ctx.reading.value = 0;
    ctx.prev = NULL;
    expect_none();
    ctx.reading.value = -1;
    expect(RULE_NEGATIVE, CLASS_PLAIN);
    expect_text("The value -0.001 m³ is below zero. Source: a register counts from zero.");
}
END_TEST

START_TEST(a_clock_may_be_five_minutes_ahead)
{
    ctx.as_of_utc = NOW - 300;
    expect_none();
    ctx.as_of_utc = NOW - 301;
    expect(RULE_FUTURE, CLASS_PLAIN);
    expect_text("The reading is dated 5 minutes after its capture; 5 minutes are allowed. "
                "Source: office "
                "practice: five minutes for clocks that differ.");
    ctx.as_of_utc = NOW - 3 * HOUR;
    expect(RULE_FUTURE, CLASS_PLAIN);
    ck_assert_int_eq(found.item[0].observed, 3 * HOUR);
}
END_TEST

START_TEST(too_old_counts_from_the_capture)
{
    ctx.as_of_utc = NOW + 730 * DAY;
    expect_none();
    ctx.as_of_utc++;
    expect(RULE_TOO_OLD, CLASS_PLAIN);
    expect_text(
        "The reading is 730 days older than its capture; 730 days are allowed. Source: office "
        "practice: two years before the date of capture.");
}
END_TEST

START_TEST(a_meter_out_of_service_has_no_readings)
{
    ctx.active_from = NOW;
    expect_none();
    ctx.active_from = NOW + 1;
    expect(RULE_INACTIVE, CLASS_NOT_YET);
    expect_text(
        "The meter was installed 1 second after this reading. Source: record of the meter's "
        "installation and removal.");
    ctx.active_from = 0;
    ctx.active_until = NOW + 1;
    expect_none();
    ctx.active_until = NOW;
    expect(RULE_INACTIVE, CLASS_NO_LONGER);
    ctx.active_until = NOW - 2 * HOUR;
    expect(RULE_INACTIVE, CLASS_NO_LONGER);
    expect_text("The meter was out of service or removed 2 hours before this reading. Source: "
                "record of "
                "the meter's installation and removal.");
}
END_TEST

START_TEST(two_readings_of_one_instant_are_a_duplicate)
{
    int64_t same[] = {50100, 50100};
    ctx.same = same;
    ctx.same_count = 2;
    expect(RULE_DUPLICATE, CLASS_SAME_VALUE);
    ck_assert_int_eq(found.severity, SEVERITY_INFO);
    expect_text(
        "There is already a reading of this instant with the same value, 50.1 m³. Source: one "
        "register has one value at one instant.");
    same[0] = 50090;
    same[1] = 50110;
    expect(RULE_DUPLICATE, CLASS_OTHER_VALUE);
    expect_text(
        "There is already a reading of this instant with another value: 50.09 m³, now 50.1 m³. "
        "Source: one register has one value at one instant.");
    same[1] = 50100; /* one of them is equal, but the instant has two values */
    expect(RULE_DUPLICATE, CLASS_OTHER_VALUE);
}
END_TEST

START_TEST(a_reading_of_a_second_meter_is_named_so_and_not_a_fall)
{
    struct interleave s = {.has_main = true,
                           .main = {50000, NOW - HOUR},
                           .other_first = {7000, NOW - 2 * HOUR},
                           .verdict = SERIES_FOREIGN};
    ctx.series = &s;
    ctx.reading.value = 7100;
    expect(RULE_INTERLEAVED, CLASS_PLAIN);
    expect_text("A second meter alternates with this one: the value 7.1 m³ belongs to a series "
                "that began "
                "at 7 m³, while this meter stands at 50 m³. Source: two series, each rising by "
                "itself, that "
                "take turns.");
    rules.rule[RULE_INTERLEAVED].on = false; /* then it is what it looks like */
    expect(RULE_DECREASE, CLASS_UNEXPLAINED);
    rules.rule[RULE_INTERLEAVED].on = true;
    s.verdict = SERIES_MAIN;
    expect(RULE_DECREASE, CLASS_UNEXPLAINED);
}
END_TEST

START_TEST(several_rules_can_fire_and_the_worst_counts)
{
    ctx.as_of_utc = NOW - DAY;
    ctx.active_from = NOW + DAY;
    ctx.reading.value = 60000;
    judge();
    ck_assert_uint_eq(found.count, 3);
    ck_assert(found.hold);
    ck_assert_int_eq(found.severity, SEVERITY_ALARM);
}
END_TEST

START_TEST(an_office_can_switch_off_or_soften_each_reading_rule)
{
    ctx.reading.value = 60000;
    rules.rule[RULE_MAX_RATE].hold = false;
    rules.rule[RULE_MAX_RATE].severity = SEVERITY_INFO;
    expect(RULE_MAX_RATE, CLASS_PLAIN);
    ck_assert_int_eq(found.severity, SEVERITY_INFO);
    rules.rule[RULE_MAX_RATE].on = false;
    expect_none();
}
END_TEST

START_TEST(every_rule_has_name_title_source_and_scope)
{
    for (int i = 0; i < RULE_COUNT; i++) {
        enum rule_id id = RULE_COUNT;
        ck_assert(rule_find(rule_name((enum rule_id)i), &id));
        ck_assert_int_eq((int)id, i);
        ck_assert_int_gt((int)strlen(rule_title(id)), 8);
        ck_assert_int_gt((int)strlen(rule_source(id)), 8);
        bool period = (i >= RULE_HIGH && i <= RULE_PERIOD_LENGTH) || i == RULE_FACTOR;
        ck_assert_int_eq(rule_scope(id) == SCOPE_PERIOD, period);
        ck_assert(rules.rule[i].on);
    }
    enum rule_id id;
    ck_assert(!rule_find("none", &id));
    for (int i = 0; i < CLASS_COUNT; i++) {
        ck_assert_int_gt((int)strlen(finding_class_name((enum finding_class)i)), 2);
    }
    ck_assert_str_eq(severity_name(SEVERITY_INFO), "info");
    ck_assert_str_eq(severity_name(SEVERITY_ALARM), "alarm");
}
END_TEST

START_TEST(defaults_differ_by_kind_of_meter)
{
    struct rule_set energy, gas;
    rules_defaults(METER_ENERGY, &energy);
    rules_defaults(METER_GAS, &gas);
    ck_assert_int_eq(rules.rule[RULE_MAX_RATE].limit[0], 3125);
    ck_assert_int_eq(energy.rule[RULE_MAX_RATE].limit[0], 69000);
    ck_assert_int_eq(gas.rule[RULE_MAX_RATE].limit[0], 6000);
    ck_assert_int_eq(rules.rule[RULE_HIGH].limit[0], 0);
    ck_assert_int_eq(energy.rule[RULE_HIGH].limit[0], 3);
    ck_assert_int_eq(gas.rule[RULE_LOW].limit[0], 3);
}
END_TEST

START_TEST(sentences_take_the_number_form_of_the_place)
{
    struct buf b;
    buf_init(&b, 1000);
    ctx.reading.value = 60000;
    prev.value = 1000;
    judge();
    finding_text(&found.item[0], reg.unit, numfmt_find("es_AR"), &b);
    ck_assert_ptr_nonnull(strstr(buf_str(&b), "59 m³"));
    ctx.reading.value = 12345678;
    judge();
    buf_clear(&b);
    finding_text(&found.item[0], reg.unit, numfmt_find("es_AR"), &b);
    ck_assert_ptr_nonnull(strstr(buf_str(&b), "12.345,678 m³"));
    buf_release(&b);
}
END_TEST

Suite *suite_rules_reading(void)
{
    Suite *s = suite_create("rules_reading");
    TCase *t = tcase_create("rules_reading");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, an_ordinary_reading_is_not_held);
    tcase_add_test(t, a_fall_is_backflow_up_to_its_limit);
    tcase_add_test(t, a_fall_to_what_a_new_meter_reaches_is_an_exchange);
    tcase_add_test(t, a_fall_that_the_next_reading_undoes_is_a_dip);
    tcase_add_test(t, after_a_fall_the_register_is_below_until_it_has_caught_up);
    tcase_add_test(t, a_late_reading_must_fit_under_the_next_one);
    tcase_add_test(t, a_nearly_full_dial_may_roll_over);
    tcase_add_test(t, below_ninety_percent_of_the_dial_there_is_no_rollover);
    tcase_add_test(t, use_beyond_the_meters_flow_is_held);
    tcase_add_test(t, a_register_without_maximum_takes_the_kinds);
    tcase_add_test(t, values_off_the_dial_are_not_compared);
    tcase_add_test(t, a_clock_may_be_five_minutes_ahead);
    tcase_add_test(t, too_old_counts_from_the_capture);
    tcase_add_test(t, a_meter_out_of_service_has_no_readings);
    tcase_add_test(t, two_readings_of_one_instant_are_a_duplicate);
    tcase_add_test(t, a_reading_of_a_second_meter_is_named_so_and_not_a_fall);
    tcase_add_test(t, several_rules_can_fire_and_the_worst_counts);
    tcase_add_test(t, an_office_can_switch_off_or_soften_each_reading_rule);
    tcase_add_test(t, every_rule_has_name_title_source_and_scope);
    tcase_add_test(t, an_interval_must_be_what_the_register_rose);
    tcase_add_test(t, defaults_differ_by_kind_of_meter);
    tcase_add_test(t, sentences_take_the_number_form_of_the_place);
    suite_add_tcase(s, t);
    return s;
}
