#include <config.h>

#include <check.h>
#include <string.h>

#include "domain_util.h"
#include "check_domain.h"

/* Bills that others computed: file, use and days -> total, and the sum before rounding where it
 * was published. */
static const struct {
    const char *file;
    int64_t consumption, limit, days;
    const char *total, *exact;
} published[] = {
    /* Document 07, views 2 and 3 */
    {"data/tariffs/doc07-water.json", 12042000, 6000000, 30, "1404.50", "1404.50"},
    {"data/tariffs/doc07-energy.json", 384000, 350000, 30, "80.00", "80.00"},
    /* CNFL, October 2020 */
    {"tests/fixtures/tariffs/cnfl-2020-10.json", 250000, -1, 31, "20051.50", "20051.50"},
    {"tests/fixtures/tariffs/cnfl-2020-10-minimum.json", 250000, -1, 31, "20051.50",
     "20051.50"},
    {"tests/fixtures/tariffs/cnfl-2020-10.json", 0, -1, 31, "2173.80", "2173.80"},
    {"tests/fixtures/tariffs/cnfl-2020-10-minimum.json", 0, -1, 31, "2173.80", "2173.80"},
    {"tests/fixtures/tariffs/cnfl-2020-10.json", 30000, -1, 31, "2173.80", "2173.80"},
    {"tests/fixtures/tariffs/cnfl-2020-10-minimum.json", 30000, -1, 31, "2173.80", "2173.80"},
    {"tests/fixtures/tariffs/cnfl-2020-10.json", 31000, -1, 31, "2246.26", "2246.26"},
    {"tests/fixtures/tariffs/cnfl-2020-10-minimum.json", 31000, -1, 31, "2246.26", "2246.26"},
    /* Celsia: 51,703 and 66,857 */
    {"tests/fixtures/tariffs/celsia-173.json", 190000, -1, 30, "51703.00", "51703.07"},
    {"tests/fixtures/tariffs/celsia-130.json", 190000, -1, 30, "66857.00", "66856.70"},
    /* Ergon 2017: 2,064 and 6,025 cents with GST */
    {"tests/fixtures/tariffs/qld-supply.json", 0, -1, 31, "20.64", "20.635274"},
    {"tests/fixtures/tariffs/qld-t11-ergon-2017.json", 142500, -1, 22, "60.25", "60.252599"},
    /* Santa Monica water, unrounded */
    {"tests/fixtures/tariffs/owrs-commercial.json", 388000, -1, 60, "1632.16", "1632.16"},
    {"tests/fixtures/tariffs/owrs-residential.json", 27300, -1, 60, "152.28", "152.281"},
    {"tests/fixtures/tariffs/owrs-irrigation-budget.json", 41000, -1, 60, "308.32", "308.32"},
    {"tests/fixtures/tariffs/owrs-residential-budget.json", 27300, -1, 60, "201.50", "201.501"},
};

START_TEST(published_bills_come_out_to_the_cent)
{
    const struct tariff *t = tariff_file(published[_i].file);
    struct bill_result b =
        bill_for(t, published[_i].consumption, published[_i].limit, published[_i].days);
    ck_assert_str_eq(money_text(t, b.total), published[_i].total);
    ck_assert_str_eq(exact_total(&b), published[_i].exact);
}
END_TEST

START_TEST(document_07_shows_limit_and_tolerance_at_work)
{
    const struct tariff *t = tariff_file("data/tariffs/doc07-water.json");
    struct bill_result b = bill_for(t, 12042000, 6000000, 30);
    ck_assert_uint_eq(b.count, 2);
    ck_assert_str_eq(b.lines[0].component->id, "base");
    ck_assert_str_eq(money_text(t, b.lines[0].amount), "500.00");
    ck_assert_str_eq(explained(&b, 0), "500.00");
    ck_assert_str_eq(money_text(t, b.lines[1].amount), "904.50");
    ck_assert_str_eq(explained(&b, 1), "(6042 − 12) × 0.15 = 904.50");
    ck_assert(b.has_surcharge);
    ck_assert_int_eq(b.surcharge.consumption, 12042000);
    ck_assert_int_eq(b.surcharge.limit, 6000000);
    ck_assert_int_eq(b.surcharge.excess, 6042000);
    ck_assert_int_eq(b.surcharge.billable, 6030000);
    ck_assert_str_eq(money_text(t, b.surcharge.amount), "904.50");
    const struct tariff *energy = tariff_file("data/tariffs/doc07-energy.json");
    b = bill_for(energy, 384000, 350000, 30);
    ck_assert_str_eq(explained(&b, 1), "(34 − 0) × 1.00 = 34.00");
    ck_assert_int_eq(b.surcharge.excess, 34000);
    ck_assert_int_eq(b.surcharge.billable, 34000);
}
END_TEST

START_TEST(the_surcharge_begins_above_limit_and_tolerance)
{
    static const struct {
        int64_t consumption, limit;
        bool event;
        int64_t billable;
        const char *total;
    } rows[] = {
        {5999999, 6000000, false, 0, "500.00"}, {6000000, 6000000, false, 0, "500.00"},
        {6000001, 6000000, true, 0, "500.00"},  {6012000, 6000000, true, 0, "500.00"},
        {6012001, 6000000, true, 1, "500.00"},  {6013000, 6000000, true, 1000, "500.15"},
        {6013000, -1, false, 0, "500.00"},      {0, 0, false, 0, "500.00"},
        {12001, 0, true, 1, "500.00"},          {12033, 0, true, 33, "500.00"},
        {12034, 0, true, 34, "500.01"},
    };
    const struct tariff *t = tariff_file("data/tariffs/doc07-water.json");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bill_result b = bill_for(t, rows[i].consumption, rows[i].limit, 30);
        ck_assert_msg(b.has_surcharge == rows[i].event, "row %zu", i);
        ck_assert_int_eq(b.surcharge.billable, rows[i].billable);
        ck_assert_str_eq(money_text(t, b.total), rows[i].total);
    }
}
END_TEST

START_TEST(each_block_bound_turns_the_price_just_above_it)
{
    static const struct {
        int64_t wh;
        const char *total;
    } rows[] = {
        {29999, "2173.80"},     {30000, "2173.80"},   {30001, "2173.87"},
        {199999, "14491.93"},   {200000, "14492.00"}, {200001, "14492.11"},
        {299999, "25610.89"},   {300000, "25611.00"}, {300001, "25611.11"},
        {1000000, "106076.00"},
    };
    const struct tariff *t = tariff_file("tests/fixtures/tariffs/cnfl-2020-10.json");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bill_result b = bill_for(t, rows[i].wh, -1, 30);
        ck_assert_msg(strcmp(money_text(t, b.total), rows[i].total) == 0, "%lld Wh: %s",
                      (long long)rows[i].wh, money_text(t, b.total));
    }
}
END_TEST

START_TEST(lines_explain_themselves)
{
    const struct tariff *t = tariff_file("tests/fixtures/tariffs/every-component.json");
    struct bill_result b = bill_for(t, 300000, 200000, 15);
    static const struct {
        const char *id, *text;
    } rows[] = {
        {"rent", "2.50"},
        {"power", "15 × 0.123456 = 1.85184 → 1.85 (half up to 0.01)"},
        {"energy", "50 × 0.10 = 5.00"},
        {"energy", "75 × 0.20 = 15.00"},
        {"energy", "175 × 0.30 = 52.50"},
        {"excess", "50 × 0.50 = 25.00"},
        {"excess", "45 × 1.00 = 45.00"},
        {"social", "−(5.00 × 25 %) = −1.25"},
        {"levy", "74.35 × 5.1127 % = 3.80129245 → 3.80 (half up to 0.01)"},
        {"loyal", "−(72.50 × 1.5 %) = −1.0875 → −1.09 (half up to 0.01)"},
        {"electricity_tax", "76.30 × 5 % = 3.815 → 3.82 (half up to 0.01)"},
        {"vat", "149.63 × 21 % = 31.4223 → 31.42 (half up to 0.01)"},
        {"coin", "183.55 → 183.55"},
    };
    size_t count =
        sizeof(rows) / sizeof(rows[0]) - 1; /* 183.55 is a multiple of 0.05: no line */
    ck_assert_uint_eq(b.count, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_str_eq(b.lines[i].component->id, rows[i].id);
        ck_assert_str_eq(explained(&b, i), rows[i].text);
    }
    ck_assert_str_eq(money_text(t, b.total), "183.55");
    ck_assert_int_eq(b.surcharge.billable, 95000);
    ck_assert_str_eq(money_text(t, b.surcharge.amount), "70.00");
}
END_TEST

START_TEST(the_minimum_and_the_coin_are_lines_of_their_own)
{
    const struct tariff *t = tariff_file("tests/fixtures/tariffs/every-component.json");
    struct bill_result b = bill_for(t, 0, 200000, 30);
    ck_assert(!b.has_surcharge);
    /* rent, power, energy (0), minimum, levy, discount, tax, vat, coin; no subsidy where
     * nothing was used */
    ck_assert_uint_eq(b.count, 9);
    ck_assert_str_eq(explained(&b, 2), "0 × 0.10 = 0.00");
    ck_assert_str_eq(explained(&b, 3), "12.00 − 3.70 = 8.30");
    ck_assert_str_eq(explained(&b, 8), "17.26 → 17.25 (half up to 0.05)");
    ck_assert_int_eq(b.lines[8].amount.minor, -1);
    ck_assert_str_eq(money_text(t, b.total), "17.25");
}
END_TEST

START_TEST(titles_name_the_block_where_there_are_several)
{
    const struct tariff *t = tariff_file("data/tariffs/demo-water.json");
    struct bill_result b = bill_for(t, 40000, -1, 15);
    static const char *const titles[] = {"Service charge",
                                         "Water use (0–1.5 m³)",
                                         "Water use (1.5–5 m³)",
                                         "Water use (5–10 m³)",
                                         "Water use (> 10 m³)",
                                         "Sewer",
                                         "VAT 10 %"};
    ck_assert_uint_eq(b.count, sizeof(titles) / sizeof(titles[0]));
    for (size_t i = 0; i < b.count; i++) {
        struct buf text;
        buf_init(&text, 200);
        bill_line_title(&b.lines[i], t, NULL, &text);
        ck_assert_str_eq(buf_str(&text), titles[i]);
        buf_release(&text);
    }
}
END_TEST

START_TEST(explanations_take_the_form_of_the_place)
{
    const struct tariff *t = tariff_file("tests/fixtures/tariffs/celsia-173.json");
    struct bill_result b = bill_for(t, 190000, -1, 30);
    struct buf text;
    buf_init(&text, 1000);
    bill_line_explain(&b, &b.lines[1], numfmt_find("es_CO"), &text);
    ck_assert_str_eq(
        buf_str(&text),
        "−(102.589,00 (energy) − 173 × 240,59) = −60.966,93 → −60.967,00 (half up to 1,00)");
    buf_release(&text);
}
END_TEST

START_TEST(people_are_told_what_a_sum_is_made_of_and_entries_are_not)
{
    const struct tariff *t = tariff_file("data/tariffs/demo-water.json");
    struct bill_result b = bill_for(t, 5356, 3000, 28);
    struct buf text;
    buf_init(&text, 1000);
    ck_assert_uint_eq(b.count, 6);
    bill_line_explain(&b, &b.lines[4], numfmt_find("es_ES"), &text);
    buf_addc(&text, '\n');
    bill_line_explain(&b, &b.lines[5], numfmt_find("es_ES"), &text);
    buf_addc(&text, '\n');
    bill_line_explain(&b, &b.lines[4], NULL, &text);
    ck_assert_str_eq(
        buf_str(&text),
        "2,01 (Water use) × 35 % = 0,7035 → 0,70 (half up to 0,01)\n"
        "9,17 (Service charge, Water use, Surcharge above the limit, Sewer) × 10 % "
        "= 0,917 → 0,92 (half up to 0,01)\n"
        "2.01 × 35 % = 0.7035 → 0.70 (half up to 0.01)");
    buf_release(&text);
}
END_TEST

START_TEST(blocks_shrink_and_grow_with_the_days)
{
    const struct tariff *t = tariff_file("data/tariffs/demo-water.json");
    static const struct {
        int64_t days, bound;
    } rows[] = {{1, 100}, {15, 1500}, {30, 3000}, {31, 3100}, {60, 6000}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bill_result b = bill_for(t, rows[i].bound, -1, rows[i].days);
        ck_assert_int_eq(b.lines[1].quantity, rows[i].bound);
        ck_assert_str_eq(b.lines[2].component->id, "sewer");
        b = bill_for(t, rows[i].bound + 1, -1, rows[i].days);
        ck_assert_int_eq(b.lines[1].to, rows[i].bound);
        ck_assert_int_eq(b.lines[2].quantity, 1);
    }
}
END_TEST

START_TEST(a_prorated_bound_is_rounded_to_the_litre)
{
    const struct tariff *t =
        tariff_short("m3", "",
                     "{'type':'blocks','id':'w',@,'prorate_by_days':true,'reference_days':7,"
                     "'blocks':[{'from':'0','to':'1','price':'1'},{'from':'1','price':'2'}]}");
    ck_assert_int_eq(bill_for(t, 5000, -1, 1).lines[0].quantity, 143); /* 142.86 */
    ck_assert_int_eq(bill_for(t, 5000, -1, 2).lines[0].quantity, 286); /* 285.71 */
    ck_assert_int_eq(bill_for(t, 5000, -1, 3).lines[0].quantity, 429); /* 428.57 */
    ck_assert_int_eq(bill_for(t, 5000, -1, 4).lines[0].quantity, 571); /* 571.43 */
}
END_TEST

START_TEST(rounding_the_total_only_leaves_a_named_gap)
{
    const struct tariff *t = tariff_file("tests/fixtures/tariffs/qld-t11-ergon-2017.json");
    struct bill_result b = bill_for(t, 142500, -1, 22);
    ck_assert_str_eq(money_text(t, b.lines[0].amount), "19.71"); /* 19.70584 */
    ck_assert_str_eq(money_text(t, b.lines[1].amount), "35.07"); /* 35.06925 */
    ck_assert_str_eq(money_text(t, b.lines[2].amount),
                     "5.48"); /* 5.477509: of the unrounded lines */
    ck_assert_str_eq(money_text(t, b.total), "60.25");
    ck_assert_int_eq(b.rounding_gap.minor, -1);
}
END_TEST

START_TEST(a_bound_beyond_all_use_stays_beyond_it)
{
    const struct tariff *t = tariff_short(
        "MWh", "",
        "{'type':'blocks','id':'w',@,'prorate_by_days':true,'reference_days':1,'blocks':["
        "{'from':'0','to':'999999999999','price':'0'},{'from':'999999999999','price':'1'}]}");
    struct bill_result b = bill_for(t, INT64_MAX, -1, USAGE_DAYS_MAX);
    ck_assert_uint_eq(b.count, 1);
    ck_assert_int_eq(b.lines[0].quantity, INT64_MAX);
}
END_TEST

START_TEST(a_flat_block_is_due_once_it_is_entered)
{
    const struct tariff *t =
        tariff_short("m3", "'mode':'down','step':'10'",
                     "{'type':'blocks','id':'w',@,'blocks':[{'from':'0','to':'"
                     "1','price':'19'},{'from':'1','amount':'75'}]},"
                     "{'type':'surcharge','id':'s',@,'blocks':[{'from':'0','to'"
                     ":'1','amount':'100'},{'from':'1','price':'3'}]}");
    ck_assert_str_eq(money_text(t, bill_for(t, 0, -1, 30).total), "0.00");
    ck_assert_uint_eq(bill_for(t, 0, -1, 30).count, 1);
    ck_assert_str_eq(money_text(t, bill_for(t, 1000, -1, 30).total), "10.00");
    ck_assert_str_eq(money_text(t, bill_for(t, 1001, -1, 30).total), "80.00");
    struct bill_result b = bill_for(t, 11001, 1000, 30);
    ck_assert_str_eq(money_text(t, b.total), "200.00"); /* 10 + 70 + 100 + 20 */
    ck_assert_str_eq(explained(&b, 2), "100.00");
    ck_assert_str_eq(explained(&b, 3), "9.001 × 3.00 = 27.003 → 20.00 (towards zero to 10.00)");
    ck_assert_str_eq(money_text(t, b.surcharge.amount), "120.00");
    /* A single flat amount for passing the limit, whatever the excess */
    t = tariff_short("m3", "",
                     "{'type':'surcharge','id':'s',@,'blocks':[{'from':'0','amount':'9'}]}");
    ck_assert_str_eq(money_text(t, bill_for(t, 11001, 1000, 30).total), "9.00");
    ck_assert_str_eq(money_text(t, bill_for(t, 1000, 1000, 30).total), "0.00");
}
END_TEST

START_TEST(a_subsidy_stops_at_its_level)
{
    static const char components[] = "{'type':'blocks','id':'w',@,'blocks':[{'from':'0','to':'"
                                     "1','amount':'2'},{'from':'1','to':'3','price':'4'},"
                                     "{'from':'3','price':'6'}]},{'type':'subsidy','id':'s',@,'"
                                     "of':'w','up_to':'2','percent':'50'}";
    static const struct {
        int64_t litres;
        const char *total;
    } rows[] = {{0, "2.00"},    {1, "1.00"},    {1000, "1.00"}, {1500, "2.00"},
                {1999, "3.00"}, {2000, "3.00"}, {2001, "3.00"}, {3000, "7.00"}};
    const struct tariff *t = tariff_short("m3", "", components);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_msg(strcmp(money_text(t, bill_for(t, rows[i].litres, -1, 30).total),
                             rows[i].total) == 0,
                      "%zu: %s", i, money_text(t, bill_for(t, rows[i].litres, -1, 30).total));
    }
}
END_TEST

START_TEST(taxes_follow_the_taxable_flags)
{
    /* 100 taxed + 50 untaxed; a taxable levy of 10 %; VAT on 100 + 15; a tax on the VAT alone
     */
    const struct tariff *t = tariff_short(
        "m3", "",
        "{'type':'fixed','id':'a',@,'per':'period','price':'100'},"
        "{'type':'fixed','id':'b',@,'per':'period','price':'50','taxable':false},"
        "{'type':'tax','id':'levy',@,'percent':'10','of':['a','b'],'taxable':true},"
        "{'type':'tax','id':'vat',@,'percent':'20'},{'type':'tax','id':'on_vat',@,'percent'"
        ":'1','of':['vat']},"
        "{'type':'tax','id':'again',@,'percent':'1'}");
    struct bill_result b = bill_for(t, 0, -1, 30);
    ck_assert_str_eq(explained(&b, 2), "150.00 × 10 % = 15.00");
    ck_assert_str_eq(explained(&b, 3), "115.00 × 20 % = 23.00");
    ck_assert_str_eq(explained(&b, 4), "23.00 × 1 % = 0.23");
    ck_assert_str_eq(explained(&b, 5), "115.00 × 1 % = 1.15");
    ck_assert_str_eq(money_text(t, b.total), "189.38");
}
END_TEST

START_TEST(a_minimum_counts_what_it_lists)
{
    const struct tariff *t =
        tariff_short("m3", "",
                     "{'type':'minimum','id':'first',@,'amount':'1'},{'type':'fixed','id':'"
                     "a',@,'per':'period','price':'3'},"
                     "{'type':'fixed','id':'b',@,'per':'period','price':'4'},"
                     "{'type':'minimum','id':'of_a',@,'amount':'5','of':['a']},{'type':'"
                     "minimum','id':'of_all',@,'amount':'10'},"
                     "{'type':'minimum','id':'more',@,'amount':'10.01'}");
    struct bill_result b = bill_for(t, 0, -1, 30);
    ck_assert_uint_eq(b.count, 5);
    ck_assert_str_eq(explained(&b, 0), "1.00 − 0.00 = 1.00"); /* nothing stands before it */
    ck_assert_str_eq(explained(&b, 3), "5.00 − 3.00 = 2.00");
    ck_assert_str_eq(explained(&b, 4), "10.01 − 10.00 = 0.01");
}
END_TEST

static const struct {
    const char *mode, *text;
} modes[] = {
    {"half_up", "5 × 0.125 = 0.625 → 0.63 (half up to 0.01)"},
    {"half_even", "5 × 0.125 = 0.625 → 0.62 (half to even, to 0.01)"},
    {"down", "5 × 0.125 = 0.625 → 0.62 (towards zero to 0.01)"},
    {"up", "5 × 0.125 = 0.625 → 0.63 (away from zero to 0.01)"},
};

START_TEST(each_rounding_mode_is_named_and_obeyed)
{
    const char *rounding = arena_printf(&test_arena, "'mode':'%s'", modes[_i].mode);
    const struct tariff *t =
        tariff_short("m3", rounding, "{'type':'fixed','id':'w',@,'per':'day','price':'0.125'}");
    struct bill_result b = bill_for(t, 0, -1, 5);
    ck_assert_str_eq(explained(&b, 0), modes[_i].text);
}
END_TEST

START_TEST(usage_out_of_bounds_is_refused)
{
    static const struct usage bad[] = {
        {.consumption = 1, .days = 0},
        {.consumption = 1, .days = -1},
        {.consumption = 1, .days = USAGE_DAYS_MAX + 1},
        {.consumption = -1, .days = 30},
        {.consumption = 1, .days = 30, .has_limit = true, .limit = -1},
    };
    const struct tariff *t = tariff_file("data/tariffs/doc07-water.json");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bill_result b;
        struct err e = ERR_INIT;
        ck_assert_int_eq(bill_compute(t, &bad[i], &test_arena, &b, &e), ERR_RANGE);
    }
    ck_assert_str_eq(money_text(t, bill_for(t, 1, -1, USAGE_DAYS_MAX).total), "500.00");
    ck_assert_str_eq(money_text(t, bill_for(t, 1, -1, 1).total), "500.00");
}
END_TEST

/* Tariffs whose amounts no bill can hold. A tiny share of a share has so many decimals that a
 * large amount beside it needs more than 128 bits. */
#define DAILY(id) "{'type':'fixed','id':'" id "',@,'per':'day','price':'999999999999'},"
#define LARGE "{'type':'fixed','id':'l',@,'per':'period','price':'999999999999'},"
#define TINY "{'type':'fixed','id':'t',@,'per':'period','price':'0.000000001'},"
#define PART(id, of) "{'type':'percentage','id':'" id "',@,'percent':'0.000001','of':[" of "]}"
#define TINIEST TINY PART("t1", "'t'") "," PART("t2", "'t1'") "," PART("t3", "'t2'")
#define EIGHT(id)                                                                              \
    DAILY(id "a")                                                                              \
    DAILY(id "b")                                                                              \
    DAILY(id "c") DAILY(id "d") DAILY(id "e") DAILY(id "f") DAILY(id "g") DAILY(id "h")
static const struct {
    const char *unit, *level, *components;
} too_large[] = {
    {"m3", "line",
     DAILY("x") "{'type':'percentage','id':'p',@,'percent':'1000'},"
                "{'type':'percentage','id':'q',@,'percent':'1000'}"},
    {"m3", "line", "{'type':'blocks','id':'x',@,'price':'999999999999'}"},
    {"m3", "line", "{'type':'surcharge','id':'x',@,'price':'999999999999'}"},
    {"m3", "line",
     "{'type':'surcharge','id':'x',@,'blocks':[{'from':'0','to':'500000000000','price':"
     "'160000'},"
     "{'from':'500000000000','price':'20'}]}"},
    {"m3", "line",
     EIGHT("a") EIGHT("b") EIGHT("c")
         DAILY("y") "{'type':'fixed','id':'x',@,'per':'day','price':'999999999999'}"},
    {"m3", "line",
     EIGHT("a") EIGHT("b") EIGHT("c") DAILY("y")
         DAILY("z") "{'type':'rounding','id':'x',@,'step':'1'}"},
    {"m3", "total", LARGE TINIEST},
    {"m3", "total", TINIEST "," PART("t4", "'t3'") "," PART("t5", "'t4'")},
    {"m3", "total",
     TINIEST ",{'type':'minimum','id':'m',@,'amount':'999999999999','of':['t3']}"},
    {"m3", "total",
     LARGE TINY PART("t1", "'t'") "," PART(
         "t2", "'t1'") ",{'type':'discount','id':'d',@,'percent':'0.000001','of':['t2','l']}"},
    {"m3", "total",
     "{'type':'blocks','id':'w',@,'blocks':[{'from':'0','to':'0.001','price':'0.000000001'},"
     "{'from':'0.001','price':'9'}]},{'type':'subsidy','id':'s',@,'of':'w','up_to':'"
     "999999999999','percent':'99.999999'},"
     "{'type':'percentage','id':'p',@,'percent':'99.999999','of':['s']}"},
    {"m3", "total",
     "{'type':'blocks','id':'w',@,'blocks':[{'from':'0','to':'0.001','price':'0.000000001'},"
     "{'from':'0.001','price':'900000000000'}]},{'type':'subsidy','id':'s',@,'of':'w','up_to':'"
     "999999999999','price':'0'}"},
    {"MWh", "total",
     "{'type':'blocks','id':'w',@,'price':'9000.123456789'},"
     "{'type':'subsidy','id':'s',@,'of':'w','up_to':'999999999999','prorate_by_days':true,'"
     "reference_days':1,'percent':'99.999999'}"},
    {"MWh", "total",
     "{'type':'blocks','id':'w',@,'price':'9000.123456789'},"
     "{'type':'percentage','id':'s',@,'percent':'99.999999','of':['w']}"},
    {"MWh", "total",
     "{'type':'blocks','id':'w',@,'price':'9000.123456789'},"
     "{'type':'tax','id':'s',@,'percent':'99.999999'}"},
};

START_TEST(amounts_that_do_not_fit_are_refused_by_name)
{
    const char *rounding = arena_printf(&test_arena, "'level':'%s'", too_large[_i].level);
    const struct tariff *t =
        tariff_short(too_large[_i].unit, rounding, too_large[_i].components);
    struct usage u = {
        .consumption = INT64_MAX, .days = USAGE_DAYS_MAX, .has_limit = true, .limit = 0};
    struct bill_result b;
    struct err e = ERR_INIT;
    ck_assert_int_eq(bill_compute(t, &u, &test_arena, &b, &e), ERR_RANGE);
    ck_assert_int_gt((int)strlen(e.text), 20);
}
END_TEST

START_TEST(formulas_have_names)
{
    for (int f = FORMULA_AMOUNT; f <= FORMULA_COIN; f++) {
        ck_assert_int_gt((int)strlen(line_formula_name((enum line_formula)f)), 2);
        for (int g = FORMULA_AMOUNT; g < f; g++) {
            ck_assert_str_ne(line_formula_name((enum line_formula)f),
                             line_formula_name((enum line_formula)g));
        }
    }
}
END_TEST

Suite *suite_bill_calc(void)
{
    Suite *s = suite_create("bill_calc");
    TCase *t = tcase_create("bill_calc");
    tcase_add_checked_fixture(t, domain_setup, domain_teardown);
    tcase_add_loop_test(t, published_bills_come_out_to_the_cent, 0,
                        sizeof(published) / sizeof(published[0]));
    tcase_add_test(t, document_07_shows_limit_and_tolerance_at_work);
    tcase_add_test(t, the_surcharge_begins_above_limit_and_tolerance);
    tcase_add_test(t, each_block_bound_turns_the_price_just_above_it);
    tcase_add_test(t, lines_explain_themselves);
    tcase_add_test(t, the_minimum_and_the_coin_are_lines_of_their_own);
    tcase_add_test(t, titles_name_the_block_where_there_are_several);
    tcase_add_test(t, explanations_take_the_form_of_the_place);
    tcase_add_test(t, people_are_told_what_a_sum_is_made_of_and_entries_are_not);
    tcase_add_test(t, blocks_shrink_and_grow_with_the_days);
    tcase_add_test(t, a_prorated_bound_is_rounded_to_the_litre);
    tcase_add_test(t, rounding_the_total_only_leaves_a_named_gap);
    tcase_add_test(t, a_bound_beyond_all_use_stays_beyond_it);
    tcase_add_test(t, a_flat_block_is_due_once_it_is_entered);
    tcase_add_test(t, a_subsidy_stops_at_its_level);
    tcase_add_test(t, taxes_follow_the_taxable_flags);
    tcase_add_test(t, a_minimum_counts_what_it_lists);
    tcase_add_loop_test(t, each_rounding_mode_is_named_and_obeyed, 0,
                        sizeof(modes) / sizeof(modes[0]));
    tcase_add_test(t, usage_out_of_bounds_is_refused);
    tcase_add_loop_test(t, amounts_that_do_not_fit_are_refused_by_name, 0,
                        sizeof(too_large) / sizeof(too_large[0]));
    tcase_add_test(t, formulas_have_names);
    suite_add_tcase(s, t);
    return s;
}
