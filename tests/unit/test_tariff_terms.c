/* What tariffs of many countries need: categories by use, powers under contract, ratchets,
 * amounts by days, taxes inside the price. Each row is a small tariff with its bill. */
#include <config.h>

#include <check.h>
#include <string.h>

#include "domain_util.h"
#include "check_domain.h"

#define HEAD                                                                                   \
    "{'aforo_tariff':1,'code':'c','version':1,'name':{'es':'n','en':'n'},'currency':'EUR',"    \
    "'valid_from':'2016-01-01',"
#define ENERGY HEAD "'kind':'energy','unit':'kWh',"
#define WATER HEAD "'kind':'water','unit':'m3',"
#define TOU                                                                                    \
    "'time_of_use':{'periods':[{'id':'day','mark':'d',@},{'id':'night','mark':'n',@}],"        \
    "'weekday':[" YEAR "],'weekend':[" YEAR "]},"
#define NIGHT "'nnnnnnnnddddddddddddddnn'"
#define YEAR                                                                                   \
    NIGHT "," NIGHT "," NIGHT "," NIGHT "," NIGHT "," NIGHT "," NIGHT "," NIGHT "," NIGHT      \
          "," NIGHT "," NIGHT "," NIGHT

/* ' for ", @ for a label. */
static const char *spelled(const char *text)
{
    struct buf b;
    buf_init(&b, 100000);
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '@') {
            buf_adds(&b, "\"label\":{\"es\":\"x\",\"en\":\"x\"}");
        } else {
            buf_addc(&b, *p == '\'' ? '"' : *p);
        }
    }
    const char *out = arena_strdup(&test_arena, buf_str(&b));
    buf_release(&b);
    ck_assert_ptr_nonnull(out);
    return out;
}

#define CATEGORIES                                                                             \
    ENERGY                                                                                     \
    "'components':[{'type':'blocks','id':'f',@,'whole':true,'blocks':[{'from':'0','to':'1"     \
    "50','amount':'350'},{'from':'150','to':'325','amount':'420'},{'from':'325','amount'"      \
    ":'300'}]},{'type':'blocks','id':'v',@,'whole':true,'blocks':[{'from':'0','to':'150'"      \
    ",'price':'5'},{'from':'150','to':'325','price':'6'},{'from':'325','price':'7'}]}]}"
#define STEPS                                                                                  \
    ENERGY "'components':[{'type':'blocks','id':'a',@,'price':'0.3','when':{'up_to':'30'}},"   \
           "{'type':'blocks','id':'b',@,'price':'0.4','when':{'above':'30','up_to':'100'}},"   \
           "{'type':'blocks','id':'c',@,'price':'0.5','when':{'above':'100'}}]}"
#define STEPS_BY_DAYS                                                                          \
    ENERGY                                                                                     \
    "'components':[{'type':'fixed','id':'a',@,'per':'period','price':'1','when':{'above'"      \
    ":'100','prorate_by_days':true,'reference_days':30,'prorate_step':'1'}}]}"
#define CONTRACT                                                                               \
    ENERGY                                                                                     \
    "'components':[{'type':'fixed','id':'p',@,'per':'day','price':'0.073782','times':{'r"      \
    "egister':'0-0:17.0.0','unit':'kW'}},{'type':'fixed','id':'y',@,'per':'period','pric"      \
    "e':'36.5','prorate_by_days':true,'reference_days':365,'times':{'register':'0-0:17.0"      \
    ".0','unit':'kW'}}]}"
#define DWELLINGS                                                                              \
    WATER                                                                                      \
    "'components':[{'type':'fixed','id':'p',@,'per':'period','price':'8','times':{'regist"     \
    "er':'0-0:96.50.0','unit':'u'}}]}"
#define RATCHET                                                                                \
    ENERGY                                                                                     \
    "'components':[{'type':'demand','id':'d',@,'minutes':15,'price':'10','minimum':'5',"       \
    "'step':'1','mode':'up','ratchet':{'percent':'80','months':11,'of_months':[6,7,8]}}]}"
#define LOAD_FACTOR                                                                            \
    ENERGY                                                                                     \
    "'components':[{'type':'demand','id':'d',@,'minutes':15,'price':'300','load_factor':"      \
    "'57'}]}"
#define HOURS_OF_USE                                                                           \
    ENERGY                                                                                     \
    "'components':[{'type':'blocks','id':'e',@,'per_kw':{'minutes':15},'blocks':[{'from'"      \
    ":'0','to':'200','price':'0.09'},{'from':'200','price':'0.05'}]}]}"
#define INSIDE                                                                                 \
    ENERGY                                                                                     \
    "'components':[{'type':'blocks','id':'e',@,'price':'0.6'},{'type':'tax','id':'t',@,"       \
    "'percent':'25','inside':true}]}"
#define LEAST                                                                                  \
    ENERGY                                                                                     \
    "'components':[{'type':'fixed','id':'f',@,'per':'day','price':'0.1'},{'type':'tax',"       \
    "'id':'t',@,'percent':'0.5','min_per_unit':'0.001'}]}"
#define MINIMUM                                                                                \
    ENERGY                                                                                     \
    "'components':[{'type':'blocks','id':'e',@,'price':'0.1'},{'type':'minimum','id':'m"       \
    "',@,'amount':'0.4','prorate_by_days':true,'reference_days':1}]}"
#define PRICE_OFF                                                                              \
    ENERGY                                                                                     \
    "'components':[{'type':'blocks','id':'e',@,'price':'0.1'},{'type':'discount','id':'d"      \
    "',@,'price':'0.03','up_to':'50'},{'type':'discount','id':'x',@,'price':'9'}]}"
#define SEWER                                                                                  \
    WATER                                                                                      \
    "'components':[{'type':'blocks','id':'s',@,'percent_of_use':'80','blocks':[{'from':'0"     \
    "','to':'20','price':'1.5'},{'from':'20','price':'2.5'}]}]}"
#define STEPPED                                                                                \
    WATER                                                                                      \
    "'components':[{'type':'blocks','id':'w',@,'prorate_by_days':true,'reference_days':60"     \
    ",'prorate_step':'1','blocks':[{'from':'0','to':'30','price':'2'},{'from':'30','price"     \
    "':'3'}]}]}"
#define BONUS                                                                                  \
    ENERGY TOU                                                                                 \
        "'components':[{'type':'time_of_use','id':'e',@,'periods':[{'period':'day','pric"      \
        "e':'0.2'},{'period':'night','price':'0.1'}]},{'type':'subsidy','id':'b',@,'of':"      \
        "'e','up_to':'100','percent':'40'}]}"
#define WHOLE_SUBSIDY                                                                          \
    ENERGY                                                                                     \
    "'components':[{'type':'blocks','id':'v',@,'whole':true,'blocks':[{'from':'0','to':'"      \
    "150','price':'5'},{'from':'150','price':'6'}]},{'type':'subsidy','id':'s',@,'of':'v"      \
    "','up_to':'100','percent':'50'}]}"

#define POWER_FACTOR                                                                           \
    ENERGY                                                                                     \
    "'components':[{'type':'blocks','id':'e',@,'price':'1'},{'type':'power_factor','id':"      \
    "'f',@,'register':'3.8.0','target':'90','penalty':'60','penalty_max':'120','bonus':'2"     \
    "5','bonus_max':'2.5'}]}"

static const struct {
    const char *tariff;
    int64_t use, days;
    int64_t quantities[2];
    const char *total, *last; /* how the last line came about; "" where there is none */
} rows[] = {
    /* Argentina: the category that the use reaches has a fixed charge and a price for all of
       it. */
    {CATEGORIES, 0, 30, {0}, "350.00", "0 × 5.00 = 0.00"},
    {CATEGORIES, 150000, 30, {0}, "1100.00", "150 × 5.00 = 750.00"},
    {CATEGORIES,
     150001,
     30,
     {0},
     "1320.01",
     "150.001 × 6.00 = 900.006 → 900.01 (half up to 0.01)"},
    {CATEGORIES, 325000, 30, {0}, "2370.00", "325 × 6.00 = 1950.00"},
    {CATEGORIES, 326000, 30, {0}, "2582.00", "326 × 7.00 = 2282.00"},
    /* Peru: another tariff above a use */
    {STEPS, 0, 30, {0}, "0.00", "0 × 0.30 = 0.00"},
    {STEPS, 30000, 30, {0}, "9.00", "30 × 0.30 = 9.00"},
    {STEPS, 30001, 30, {0}, "12.00", "30.001 × 0.40 = 12.0004 → 12.00 (half up to 0.01)"},
    {STEPS, 100000, 30, {0}, "40.00", "100 × 0.40 = 40.00"},
    {STEPS, 101000, 30, {0}, "50.50", "101 × 0.50 = 50.50"},
    {STEPS_BY_DAYS, 103000, 31, {0}, "0.00", ""}, /* 103.33, to the unit */
    {STEPS_BY_DAYS, 103001, 31, {0}, "1.00", "1.00"},
    /* Spain: power under contract, by the day and by the year */
    {CONTRACT, 0, 31, {4600}, "24.78", "4.6 × 36.50 × 31 / 365 = 14.26"},
    {DWELLINGS, 0, 31, {4}, "32.00", "4 × 8.00 = 32.00"},
    /* United States */
    {RATCHET,
     0,
     31,
     {50000, 80000},
     "640.00",
     "64 (80 % of 80 in the months before) × 10.00 = 640.00"},
    {RATCHET, 0, 31, {64001, 80000}, "650.00", "65 × 10.00 = 650.00"},
    {RATCHET, 0, 31, {1000, 0}, "50.00", "5 (the least that is charged) × 10.00 = 50.00"},
    {HOURS_OF_USE, 20000000, 31, {50000}, "1400.00", "10000 × 0.05 = 500.00"},
    {HOURS_OF_USE, 10000000, 31, {50000}, "900.00", "10000 × 0.09 = 900.00"},
    /* Mexico */
    {LOAD_FACTOR,
     10000000,
     30,
     {40000},
     "7309.80",
     "24.366 (what the use comes to at a load factor of 57 %) × 300.00 = 7309.80"},
    {LOAD_FACTOR, 10000000, 30, {24000}, "7200.00", "24 × 300.00 = 7200.00"},
    {POWER_FACTOR,
     1000000,
     30,
     {619744},
     "1035.00",
     "1000.00 × 3.5 % (power factor 85 %) = 35.00"},
    {POWER_FACTOR,
     1000000,
     30,
     {250624},
     "982.00",
     "−(1000.00 × 1.8 % (power factor 97 %)) = −18.00"},
    {POWER_FACTOR,
     1000000,
     30,
     {0},
     "975.00",
     "−(1000.00 × 2.5 % (power factor 100 %)) = −25.00"},
    {POWER_FACTOR, 1000000, 30, {484322}, "1000.00", "1000 × 1.00 = 1000.00"},
    {POWER_FACTOR,
     100000,
     30,
     {9000000},
     "220.00",
     "100.00 × 120 % (power factor 1.11 %) = 120.00"},
    {POWER_FACTOR, 0, 30, {0}, "0.00", "0 × 1.00 = 0.00"},
    /* Brazil */
    {INSIDE, 100000, 30, {0}, "80.00", "60.00 × 25 % × 100 / 75 = 20.00"},
    /* Spain: a tax of 0.5 %, at least 1 a MWh */
    {LEAST, 100000, 30, {0}, "3.10", "3.00 × 0.5 % = 0.015 → 0.10 (at least 100 × 0.001)"},
    {LEAST, 1000, 30, {0}, "3.02", "3.00 × 0.5 % = 0.015 → 0.02 (half up to 0.01)"},
    {MINIMUM, 20000, 30, {0}, "12.00", "0.40 × 30 − 2.00 = 10.00"},
    {MINIMUM, 120000, 30, {0}, "12.00", "120 × 0.10 = 12.00"},
    {PRICE_OFF, 100000, 30, {0}, "0.00", "−(8.50 × 100 %) = −8.50"},
    {SEWER, 27300, 30, {0}, "34.60", "1.84 (of 80 % of 27.3) × 2.50 = 4.60"},
    {STEPPED, 20000, 31, {0}, "44.00", "4 × 3.00 = 12.00"},
    {BONUS, 0, 30, {120000, 80000}, "25.60", "−(16.00 × 40 %) = −6.40"},
    {WHOLE_SUBSIDY, 200000, 30, {0}, "900.00", "−(600.00 × 50 %) = −300.00"},
};

START_TEST(tariffs_of_many_countries_come_out)
{
    const struct tariff *t = tariff_text(spelled(rows[_i].tariff));
    struct bill_result b;
    struct usage u = {
        .consumption = rows[_i].use, .days = rows[_i].days, .quantities = rows[_i].quantities};
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, NULL), ERR_OK);
    ck_assert_str_eq(b.count == 0 ? "" : explained(&b, b.count - 1), rows[_i].last);
    ck_assert_str_eq(money_text(t, b.total), rows[_i].total);
}
END_TEST

START_TEST(a_part_of_a_period_scales_what_a_component_holds_for)
{
    const struct tariff *t = tariff_text(spelled(STEPS));
    struct bill_result b;
    struct usage u = {.consumption = 32258, .days = 10, .whole_days = 31};
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, NULL), ERR_OK);
    ck_assert_str_eq(b.lines[0].component->id, "b"); /* 100 in 31 days is no more than 100 */
    u.consumption++;
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, NULL), ERR_OK);
    ck_assert_str_eq(b.lines[0].component->id, "c");
}
END_TEST

START_TEST(a_minimum_of_a_part_explains_itself)
{
    const struct tariff *t = tariff_short(
        "m3", "",
        "{'type':'fixed','id':'f',@,'per':'day','price':'0.1'},{'type':'minimum','id':"
        "'m',@,'amount':'9.3'}");
    struct bill_result b;
    struct usage u = {.days = 10, .whole_days = 31};
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, NULL), ERR_OK);
    ck_assert_str_eq(explained(&b, 1), "9.30 × 10 / 31 − 1.00 = 2.00");
}
END_TEST

static const struct {
    const char *tariff, *path;
} wrong[] = {
    {ENERGY
     "'components':[{'type':'power_factor','id':'f',@,'register':'3.8.0','target':'101','"
     "penalty':'60'}]}",
     "$.components[0].target"},
    {ENERGY "'components':[{'type':'power_factor','id':'f',@,'target':'90','penalty':'60'}]}",
     "$.components[0].register"},
    {WATER
     "'components':[{'type':'fixed','id':'f',@,'per':'day','price':'1','when':{'above':'3'"
     ",'up_to':'3'}}]}",
     "$.components[0].when.up_to"},
    {WATER "'components':[{'type':'fixed','id':'f',@,'per':'day','price':'1','when':{}}]}",
     "$.components[0].when"},
    {WATER
     "'components':[{'type':'fixed','id':'f',@,'per':'day','price':'1','when':{'over':'1'}"
     "}]}",
     "$.components[0].when.over"},
    {WATER
     "'components':[{'type':'fixed','id':'f',@,'per':'day','price':'1','prorate_by_days':t"
     "rue,'reference_days':30}]}",
     "$.components[0].prorate_by_days"},
    {WATER
     "'components':[{'type':'fixed','id':'f',@,'per':'day','price':'1','times':{'register'"
     ":'1.1.1','unit':'kW'}}]}",
     "$.components[0].times.unit"},
    {WATER
     "'components':[{'type':'fixed','id':'f',@,'per':'day','price':'1','times':{'unit':'u'"
     "}}]}",
     "$.components[0].times.register"},
    {WATER "'components':[{'type':'blocks','id':'f',@,'price':'1','per_kw':{'minutes':15}}]}",
     "$.components[0].per_kw"},
    {WATER "'components':[{'type':'blocks','id':'f',@,'price':'1','whole':true}]}",
     "$.components[0].whole"},
    {WATER
     "'components':[{'type':'blocks','id':'f',@,'prorate_step':'1','blocks':[{'from':'0','"
     "to':'1','price':'1'},{'from':'1','price':'1'}]}]}",
     "$.components[0].prorate_step"},
    {WATER
     "'components':[{'type':'blocks','id':'f',@,'prorate_step':'0','prorate_by_days':true,"
     "'reference_days':3,'blocks':[{'from':'0','to':'1','price':'1'},{'from':'1','price':'"
     "1'}]}]}",
     "$.components[0].prorate_step"},
    {ENERGY
     "'components':[{'type':'blocks','id':'f',@,'bounds':'exact','per_kw':{'minutes':15},"
     "'blocks':[{'from':'0','to':'1','price':'1'},{'from':'1','price':'1'}]}]}",
     "$.components[0].per_kw"},
    {ENERGY
     "'components':[{'type':'demand','id':'d',@,'minutes':15,'price':'1','load_factor':'0"
     "'}]}",
     "$.components[0].load_factor"},
    {ENERGY "'components':[{'type':'demand','id':'d',@,'minutes':15,'price':'1','step':'0'}]}",
     "$.components[0].step"},
    {ENERGY "'components':[{'type':'demand','id':'d',@,'minutes':15,'price':'1','mode':'up'}]}",
     "$.components[0].mode"},
    {ENERGY
     "'components':[{'type':'demand','id':'d',@,'minutes':15,'price':'1','ratchet':{'perc"
     "ent':'101','months':11}}]}",
     "$.components[0].ratchet.percent"},
    {ENERGY
     "'components':[{'type':'demand','id':'d',@,'minutes':15,'price':'1','ratchet':{'perc"
     "ent':'80'}}]}",
     "$.components[0].ratchet.months"},
    {ENERGY
     "'components':[{'type':'demand','id':'d',@,'minutes':15,'price':'1','per':'day','pro"
     "rate_by_days':true,'reference_days':365}]}",
     "$.components[0].prorate_by_days"},
    {WATER "'components':[{'type':'tax','id':'t',@,'percent':'100','inside':true}]}",
     "$.components[0].percent"},
    {WATER
     "'components':[{'type':'tax','id':'t',@,'percent':'10','inside':true,'threshold':{'us"
     "e':'1','mode':'cliff'}}]}",
     "$.components[0].inside"},
    {WATER "'components':[{'type':'discount','id':'t',@,'percent':'10','price':'1'}]}",
     "$.components[0]"},
    {WATER "'components':[{'type':'discount','id':'t',@,'percent':'10','up_to':'1'}]}",
     "$.components[0].up_to"},
    {WATER "'components':[{'type':'discount','id':'t',@,'price':'10','max':'1'}]}",
     "$.components[0].max"},
    {ENERGY TOU
     "'components':[{'type':'time_of_use','id':'e',@,'periods':[{'period':'day','pric"
     "e':'0.2'},{'period':'night','price':'0.1'}]},{'type':'subsidy','id':'b',@,'of':"
     "'e','up_to':'100','price':'0.1'}]}",
     "$.components[1].price"},
};

START_TEST(each_fault_of_a_term_is_found_at_its_path)
{
    const char *text = spelled(wrong[_i].tariff);
    struct faults faults;
    struct tariff *t = NULL;
    struct err e = ERR_INIT;
    bool found = false;
    ck_assert_int_eq(tariff_parse(text, strlen(text), &test_arena, &faults, &t, &e), ERR_PARSE);
    for (size_t i = 0; i < faults.count; i++) {
        found = found || strcmp(faults.item[i].path, wrong[_i].path) == 0;
    }
    ck_assert_msg(found, "%s: not at %s", e.text, wrong[_i].path);
    ck_assert_ptr_nonnull(
        strstr(e.text, faults.item[faults.count - 1].path)); /* all are told */
}
END_TEST

Suite *suite_tariff_terms(void)
{
    Suite *s = suite_create("tariff_terms");
    TCase *t = tcase_create("tariff_terms");
    tcase_add_checked_fixture(t, domain_setup, domain_teardown);
    tcase_add_loop_test(t, tariffs_of_many_countries_come_out, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(t, a_part_of_a_period_scales_what_a_component_holds_for);
    tcase_add_test(t, a_minimum_of_a_part_explains_itself);
    tcase_add_loop_test(t, each_fault_of_a_term_is_found_at_its_path, 0,
                        sizeof wrong / sizeof wrong[0]);
    suite_add_tcase(s, t);
    return s;
}
