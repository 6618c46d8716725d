#include <config.h>

#include <check.h>
#include <string.h>

#include "check_domain.h"
#include "domain/urdb.h"
#include "domain_util.h"

static const struct json_limits limits = {1 << 20, 16, false};

static enum err_code convert(const char *text, const struct urdb_options *options,
                             struct faults *faults, struct json **out, struct err *e)
{
    struct json *doc = NULL;
    ck_assert_msg(json_parse(text, strlen(text), &limits, &test_arena, &doc, e) == ERR_OK, "%s",
                  e->text);
    return urdb_convert(doc, options, &test_arena, faults, out, e);
}

static const char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "the rate has no %s", from);
    return arena_printf(&test_arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static struct tariff *converted(const char *text, const struct urdb_options *options)
{
    struct faults faults;
    struct json *doc = NULL;
    struct tariff *t = NULL;
    struct err e = ERR_INIT;
    ck_assert_msg(convert(text, options, &faults, &doc, &e) == ERR_OK, "%s", e.text);
    ck_assert_msg(tariff_from_json(doc, &test_arena, &faults, &t, &e) == ERR_OK, "%s", e.text);
    return t;
}

START_TEST(a_rate_becomes_a_tariff_that_bills_the_same)
{
    size_t len = 0;
    const char *text = source_file("tests/fixtures/tariffs/urdb.json", &len);
    struct urdb_options options = {.code = "tou-8"};
    const struct tariff *t = converted(text, &options);
    ck_assert_int_eq(date_cmp(t->valid_from, (struct date){2017, 1, 1}), 0);
    /* p1, p2 and the demand over 15 minutes. By hand: 12.50 + 350 x 0.0512 + 350 x 0.08
     * + 150 x 0.15 + 150 x 0.20 + 10 x 1.00 + 2 x 9.50 in July; 12 x 5.25 in May */
    const int64_t values[] = {700000, 300000, 12000};
    ck_assert_uint_eq(t->quantity_count, 3);
    struct usage u = {.consumption = 1000000, .days = 31, .month = 7, .quantities = values};
    struct bill_result b;
    struct err e = ERR_INIT;
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, &e), ERR_OK);
    ck_assert_str_eq(money_text(t, b.total), "139.92");
    u.month = 5;
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, &e), ERR_OK);
    ck_assert_str_eq(money_text(t, b.total), "173.92");
    /* nothing used: the minimum */
    const int64_t none[] = {0, 0, 0};
    u = (struct usage){.days = 31, .month = 5, .quantities = none};
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, &e), ERR_OK);
    ck_assert_str_eq(money_text(t, b.total), "20.00");
}
END_TEST

START_TEST(one_period_needs_no_schedule)
{
    struct urdb_options options = {.code = "flat", .valid_from = "2020-02-01"};
    const struct tariff *t = converted("{\"name\":\"R\",\"fixedchargefirstmeter\":0.25,"
                                       "\"fixedchargeunits\":\"$/day\",\"energyratestructure\":"
                                       "[[{\"max\":10,\"unit\":\"kWh daily\",\"rate\":0.1},"
                                       "{\"rate\":0.2}]]}",
                                       &options);
    ck_assert_ptr_null(t->tou);
    struct bill_result b = bill_for(t, 400000, -1, 30); /* 300 x 0.10 + 100 x 0.20 + 7.50 */
    ck_assert_str_eq(money_text(t, b.total), "57.50");
}
END_TEST

START_TEST(hours_of_use_ratchet_and_daily_minimum_are_taken)
{
    struct urdb_options options = {.code = "lgs", .valid_from = "2020-02-01"};
    const struct tariff *t = converted(
        "{\"name\":\"LGS\",\"mincharge\":3,\"minchargeunits\":\"$/day\",\"demandwindow\":30,"
        "\"demandrateunit\":\"kW\",\"flatdemandunit\":\"kW\",\"lookbackPercent\":0.8,"
        "\"lookbackRange\":0,\"lookbackMonths\":[0,0,0,0,0,1,1,1,0,0,0,0],"
        "\"flatdemandstructure\":[[{\"rate\":10}]],\"energyratestructure\":[[{\"max\":200,"
        "\"unit\":\"kWh/kW\",\"rate\":0.09},{\"rate\":0.05}]]}",
        &options);
    ck_assert_uint_eq(t->quantity_count, 2);
    ck_assert_str_eq(t->quantities[0].name, "demand-30");
    ck_assert_str_eq(t->quantities[1].name, "demand-30-before-12");
    ck_assert_uint_eq(t->quantities[1].months, 7U << 5);
    struct bill_result b;
    struct usage u = {
        .consumption = 20000000, .days = 31, .quantities = (const int64_t[]){50000, 80000}};
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, NULL), ERR_OK);
    ck_assert_str_eq(money_text(t, b.total), "2040.00"); /* 900 + 500 + 64 kW x 10 */
    u = (struct usage){.days = 31, .quantities = (const int64_t[]){0, 0}};
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, NULL), ERR_OK);
    ck_assert_str_eq(money_text(t, b.total), "93.00"); /* 3 a day */
}
END_TEST

static const struct {
    const char *from, *to, *path;
} wrong[] = {
    {"\"sector\"", "\"fueladjustmentsmonthly\": [0.1], \"sector\"", "$.fueladjustmentsmonthly"},
    {"\"sector\"", "\"coincidentratestructure\": [[{\"rate\": 1}]], \"sector\"",
     "$.coincidentratestructure"},
    {"\"sector\"", "\"energyoverage\": 3, \"sector\"", "$.energyoverage"},
    {"\"sector\"", "\"demandratchetpercentage\": [0.5], \"sector\"",
     "$.demandratchetpercentage"},
    {"\"rate\": 0.05", "\"sell\": 0.03, \"rate\": 0.05", "$.energyratestructure[0][0].sell"},
    {"\"rate\": 0.05", "\"rate\": \"0.05\"", "$.energyratestructure[0][0].rate"},
    {"\"rate\": 0.05", "\"rate\": -1", "$.energyratestructure[0][0].rate"},
    {"\"rate\": 0.05", "\"rate\": 0.00000000012", "$.energyratestructure[0][0].rate"},
    {"\"unit\": \"kWh\"", "\"unit\": \"kWh/hp\"", "$.energyratestructure[0][0].unit"},
    {"\"flatdemandunit\": \"kW\"", "\"flatdemandunit\": \"kVA\"", "$.flatdemandunit"},
    {"\"sector\"", "\"lookbackpercent\": 80, \"lookbackrange\": 11, \"sector\"",
     "$.lookbackpercent"},
    {"\"sector\"", "\"lookbackPercent\": 0.8, \"sector\"", "$.lookbackPercent"},
    {"$/month", "$/year", "$.fixedchargeunits"},
    {"\"energyweekdayschedule\"", "\"energyweekdayschedules\"", "$.energyweekdayschedules"},
    {"[0,0,0,0,0,0,0,0,0,0,0,0,1,", "[0,0,0,0,0,0,0,0,0,0,0,0,9,", "$.energyweekdayschedule"},
    {"\"startdate\": 1483228800", "\"startdate\": 0", "$.startdate"},
    {"[0,0,0,0,0,1,1,1,1,0,0,0]", "[0,0,0,0,0,1,1,1,1,0,0,2]", "$.flatdemandmonths"},
};

START_TEST(what_cannot_be_expressed_is_refused_by_name)
{
    size_t len = 0;
    const char *text = replaced(source_file("tests/fixtures/tariffs/urdb.json", &len),
                                wrong[_i].from, wrong[_i].to);
    struct urdb_options options = {.code = "x"};
    struct faults faults;
    struct json *doc = NULL;
    struct err e = ERR_INIT;
    bool found = false;
    ck_assert_int_eq(convert(text, &options, &faults, &doc, &e), ERR_PARSE);
    for (size_t i = 0; i < faults.count; i++) {
        found = found || strcmp(faults.item[i].path, wrong[_i].path) == 0;
    }
    ck_assert_msg(found, "%s: %s", wrong[_i].path, e.text);
}
END_TEST

START_TEST(what_is_left_out_is_said_in_the_note)
{
    size_t len = 0;
    const char *text = replaced(source_file("tests/fixtures/tariffs/urdb.json", &len),
                                "\"sector\"", "\"energyoverage\": 3, \"sector\"");
    static const char *const names[] = {"energyoverage", NULL};
    struct urdb_options options = {.code = "x", .leave_out = names};
    const struct tariff *t = converted(text, &options);
    ck_assert_ptr_nonnull(strstr(t->note.en, "without: energyoverage"));
    ck_assert_ptr_nonnull(strstr(t->note.es, "sin: energyoverage"));
}
END_TEST

/* As the programs of NREL write them: zeros and whole numbers with a point, digits that mean
 * nothing, and the names of older versions. */
START_TEST(what_programs_write_is_read)
{
    static const char rate[] =
        "{\"label\": \"x\", \"name\": \"n\", \"startdate\": 1401580800.0, \"eiaid\": 14940.0,"
        "\"coincidentrateunit\": \"kW\", \"coincidentschedule\": [[0, 0]], \"mincharge\": 0.0,"
        "\"energyratestructure\": [[{\"rate\": 0.08579999999999999, \"sell\": 0.0}]],"
        "\"fixedmonthlycharge\": 298.92,"
        "\"fueladjustmentsmonthly\": [0.01, 0.01, 0.0, -0.5, 0.02, 0, 0, 0, 0, 0, 0, 0.01]}";
    struct urdb_options options = {.code = "x"};
    const struct tariff *t = converted(rate, &options);
    ck_assert_int_eq(date_cmp(t->valid_from, (struct date){2014, 6, 1}), 0);
    /* 298.92 + 100 x 0.0858, and the fuel of the month; it takes off no more than there is */
    static const char *const totals[12] = {"308.50", "308.50", "307.50", "257.50",
                                           "309.50", "307.50", "307.50", "307.50",
                                           "307.50", "307.50", "307.50", "308.50"};
    for (unsigned m = 0; m < 12; m++) {
        struct usage u = {.consumption = 100000, .days = 30, .month = (uint8_t)(m + 1)};
        struct bill_result b;
        ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, NULL), ERR_OK);
        ck_assert_str_eq(money_text(t, b.total), totals[m]);
    }
}
END_TEST

Suite *suite_urdb(void)
{
    Suite *s = suite_create("urdb");
    TCase *t = tcase_create("urdb");
    tcase_add_checked_fixture(t, domain_setup, domain_teardown);
    tcase_add_test(t, a_rate_becomes_a_tariff_that_bills_the_same);
    tcase_add_test(t, one_period_needs_no_schedule);
    tcase_add_test(t, hours_of_use_ratchet_and_daily_minimum_are_taken);
    tcase_add_loop_test(t, what_cannot_be_expressed_is_refused_by_name, 0,
                        sizeof wrong / sizeof wrong[0]);
    tcase_add_test(t, what_is_left_out_is_said_in_the_note);
    tcase_add_test(t, what_programs_write_is_read);
    suite_add_tcase(s, t);
    return s;
}
