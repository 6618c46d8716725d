#include <config.h>

#include <check.h>
#include <string.h>

#include "check_domain.h"
#include "domain/interleave.h"

static const struct interleave_limits limits = {
    .rate_per_hour = 3125, .floor_secs = 3600, .backflow = 100, .step_run = 3, .patience = 24};

/* Readings an hour apart and the series that each must get: M main, O outlier, F foreign, S
 * step. */
static void expect(const int64_t *values, size_t count, const char *series)
{
    static const char letters[] = {'M', 'O', 'F', 'S'};
    struct interleave s = {0};
    char got[64] = "";
    ck_assert_uint_eq(strlen(series), count);
    for (size_t i = 0; i < count; i++) {
        got[i] =
            letters[interleave_feed(&s, &limits, (struct point){values[i], (int64_t)i * 3600})];
        ck_assert_int_eq(s.verdict == SERIES_FOREIGN, got[i] == 'F');
    }
    ck_assert_str_eq(got, series);
}
#define EXPECT(series, ...)                                                                    \
    expect((const int64_t[]){__VA_ARGS__},                                                     \
           sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t), series)

START_TEST(one_rising_series_is_main_throughout)
{
    EXPECT("MMMMM", 0, 0, 10, 3135, 3135);
    EXPECT("MMMM", 1000, 1100, 1000, 1150); /* backflow of 100 */
}
END_TEST

START_TEST(a_second_meter_is_recognised_at_its_second_reading)
{
    /* The real case: an account at some 207,900 and a meter at some 456,000, in turns */
    EXPECT("MMOMFMFMFMMM", 207774, 207774, 456017, 207814, 456273, 207851, 456353, 207886,
           456427, 207907, 207925, 207932);
    EXPECT("MOMFMF", 456017, 207774, 456273, 207814, 456353,
           207851); /* whichever comes first is the main one */
    EXPECT("MMOMFFMF", 100000, 100010, 500, 100020, 510, 520, 100030, 530);
    EXPECT("MMMOMFMF", 1000, 1010, 3100, 1020, 3110, 1030, 3120,
           1040); /* close to each other: the nearer series has it */
}
END_TEST

START_TEST(a_single_stray_value_is_an_outlier_only)
{
    EXPECT("MOMM", 100000, 400000, 100010, 100020);
    EXPECT("MOMM", 307775, 295487, 307788, 307824);
    EXPECT("MOMOMM", 307775, 295487, 307788, 304712, 307824,
           307830); /* two strays that do not continue each other */
}
END_TEST

START_TEST(an_old_stray_value_does_not_make_later_small_falls_a_second_meter)
{
    /* The real case: a fall of 112, and four thousand litres later one of 109 */
    EXPECT("MOMMMOMM", 66288, 66176, 66288, 68000, 70186, 70077, 70186, 70190);
}
END_TEST

START_TEST(an_exchange_is_a_step_and_not_a_second_meter)
{
    EXPECT("MMOOSSS", 900000, 900010, 5, 20, 30, 40, 50);
    EXPECT("MMOOMM", 900000, 900010, 5, 20, 900020, 900030);
    EXPECT("MMOOMFMF", 900000, 900010, 5, 20, 900020, 30, 900030, 40);
}
END_TEST

START_TEST(a_stray_series_is_forgotten_when_the_main_one_goes_on)
{
    struct interleave s = {0};
    int64_t utc = 0;
    (void)interleave_feed(&s, &limits, (struct point){100000, utc});
    ck_assert_int_eq(interleave_feed(&s, &limits, (struct point){5000, utc += 3600}),
                     SERIES_OUTLIER);
    for (int i = 0; i < 24; i++) {
        ck_assert(s.has_other);
        ck_assert_int_eq(interleave_feed(&s, &limits, (struct point){100000, utc += 3600}),
                         SERIES_MAIN);
    }
    ck_assert(!s.has_other);
    ck_assert_int_eq(interleave_feed(&s, &limits, (struct point){5010, utc += 3600}),
                     SERIES_OUTLIER);
}
END_TEST

START_TEST(a_recognised_meter_is_remembered)
{
    struct interleave s = {0};
    static const int64_t start[] = {100000, 5000, 100010, 5010};
    int64_t utc = 0;
    for (size_t i = 0; i < 4; i++) {
        (void)interleave_feed(&s, &limits, (struct point){start[i], utc += 3600});
    }
    ck_assert(s.recognised);
    ck_assert_uint_eq(s.other_first_seq, 1);
    ck_assert_int_eq(s.other_first.value, 5000);
    for (int i = 0; i < 100; i++) {
        (void)interleave_feed(&s, &limits, (struct point){100020, utc += 3600});
    }
    ck_assert_int_eq(interleave_feed(&s, &limits, (struct point){700000, utc += 3600}),
                     SERIES_OUTLIER);
    ck_assert_int_eq(interleave_feed(&s, &limits, (struct point){5020, utc += 3600}),
                     SERIES_FOREIGN);
    ck_assert_uint_eq(s.other_count, 3);
}
END_TEST

START_TEST(marking_names_the_first_foreign_reading_too)
{
    static const int64_t values[] = {207774, 456017, 207814, 456273, 207851,
                                     456353, 207886, 456427, 207907};
    static const enum series told[] = {SERIES_MAIN,    SERIES_OUTLIER, SERIES_MAIN,
                                       SERIES_FOREIGN, SERIES_MAIN,    SERIES_FOREIGN,
                                       SERIES_MAIN,    SERIES_FOREIGN, SERIES_MAIN};
    struct interleave s = {0};
    for (size_t i = 0; i < 9; i++) {
        ck_assert_int_eq(
            interleave_feed(&s, &limits, (struct point){values[i], (int64_t)i * 1800}),
            told[i]);
    }
    ck_assert(s.recognised);
    ck_assert_uint_eq(s.other_first_seq, 1); /* an outlier when it came, foreign since */
}
END_TEST

START_TEST(what_a_meter_can_count_grows_with_time_and_never_wraps)
{
    ck_assert_int_eq(most_use(3125, 3600, 0), 3125);
    ck_assert_int_eq(most_use(3125, 3600, -5), 3125);
    ck_assert_int_eq(most_use(3125, 3600, 3600), 3125);
    ck_assert_int_eq(most_use(3125, 3600, 3601), 3126); /* a started litre */
    ck_assert_int_eq(most_use(3125, 3600, 7200), 6250);
    ck_assert_int_eq(most_use(INT64_MAX, 3600, 7200), INT64_MAX);
    EXPECT("MOM", INT64_MAX, INT64_MIN, INT64_MAX);
}
END_TEST

Suite *suite_interleave(void)
{
    Suite *s = suite_create("interleave");
    TCase *t = tcase_create("interleave");
    tcase_add_test(t, one_rising_series_is_main_throughout);
    tcase_add_test(t, a_second_meter_is_recognised_at_its_second_reading);
    tcase_add_test(t, a_single_stray_value_is_an_outlier_only);
    tcase_add_test(t, an_old_stray_value_does_not_make_later_small_falls_a_second_meter);
    tcase_add_test(t, an_exchange_is_a_step_and_not_a_second_meter);
    tcase_add_test(t, a_stray_series_is_forgotten_when_the_main_one_goes_on);
    tcase_add_test(t, a_recognised_meter_is_remembered);
    tcase_add_test(t, marking_names_the_first_foreign_reading_too);
    tcase_add_test(t, what_a_meter_can_count_grows_with_time_and_never_wraps);
    suite_add_tcase(s, t);
    return s;
}
