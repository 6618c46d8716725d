/* What is charged of what was counted: sub-meters taken off their master's bill, and gas by its
 * factors. */
#include <config.h>

#include "tests/unit/check_billing.h"

#include <stdio.h>
#include <string.h>

#include "app/proof_check.h"
#include "app/proof_make.h"
#include "app/query_bill.h"
#include "domain/charged.h"

static struct buf said;

static const char gas_tariff[] =
    "{\"aforo_tariff\":1,\"code\":\"gas\",\"version\":1,\"name\":{\"es\":\"Gas\",\"en\":"
    "\"Gas\"},"
    "\"kind\":\"gas\",\"currency\":\"USD\",\"valid_from\":\"2025-01-01\",\"unit\":\"kWh\","
    "\"rounding\":{\"mode\":\"half_up\",\"level\":\"line\"},\"components\":[{\"type\":"
    "\"blocks\","
    "\"id\":\"energy\",\"label\":{\"es\":\"Energía\",\"en\":\"Energy\"},\"price\":\"0.06\"}]}";
static const char water_tariff[] =
    "{\"aforo_tariff\":1,\"code\":\"agua\",\"version\":1,\"name\":{\"es\":\"Agua\",\"en\":"
    "\"Water\"},\"kind\":\"water\",\"currency\":\"USD\",\"valid_from\":\"2025-01-01\",\"unit\":"
    "\"m3\",\"rounding\":{\"mode\":\"half_up\",\"level\":\"line\"},\"components\":[{\"type\":"
    "\"blocks\",\"id\":\"use\",\"label\":{\"es\":\"Agua\",\"en\":\"Water\"},\"price\":\"2\"}]}";

static void meter(const char *serial, const char *kind, const char *tariff)
{
    fixture_run(&billing, billing.ana, "meter add", "serial", serial, "kind", kind, "unit",
                "m3", "digits", "5", "decimals", "0", "initial", "0", "installed", "2026-01-01",
                "account", serial, "customer", serial, "tariff", tariff, NULL);
}

static void read_at(const char *serial, const char *value, const char *time)
{
    fixture_run(&billing, billing.olga, "reading add", "serial", serial, "value", value, "time",
                time, NULL);
}

static void link_below(const char *serial, const char *start)
{
    fixture_run(&billing, billing.ana, "meter link", "serial", serial, "above", "M1", "deduct",
                "yes", "start", start, NULL);
}

static void setup(void)
{
    billing_setup();
    buf_init(&said, (size_t)1 << 20);
    fixture_run(&billing, billing.ana, "tariff publish", "file",
                billing_file("agua.json", water_tariff), NULL);
    fixture_run(&billing, billing.ana, "tariff publish", "file",
                billing_file("gas.json", gas_tariff), NULL);
    meter("M1", "water", "agua");
    meter("S1", "water", "agua");
    meter("S2", "water", "agua");
    link_below("S1", "2026-01-02");
    link_below("S2", "2026-01-02");
}

static void teardown(void)
{
    buf_release(&said);
    billing_teardown();
}

/* What a preview of a month prints, as JSON. */
static const char *preview(const char *period)
{
    struct ticket t;
    struct command_ctx c = {.office = billing.office,
                            .session = billing.marta,
                            .command = command_find("bill run"),
                            .out = &said,
                            .json = true};
    billing_err = (struct err)ERR_INIT;
    buf_clear(&said);
    ck_assert_int_eq(arg_set(&c, "period", period, &billing_err), ERR_OK);
    ck_assert_int_eq(arg_set(&c, "preview", "yes", &billing_err), ERR_OK);
    ck_assert_msg(command_run(&c, &t, &billing_err) == ERR_OK, "%s", billing_err.text);
    return buf_str(&said);
}

static void bill_month(const char *period)
{
    fixture_run(&billing, billing.marta, "bill run", "period", period, NULL);
}

/* The total of a meter's newest bill, minor units. */
static int64_t billed(const char *serial)
{
    int64_t n = -1;
    ck_assert_int_eq(db_get_int(billing.office->db, &n, NULL, &billing_err,
                                "SELECT b.total FROM bill b JOIN account a ON a.id = b.account "
                                "WHERE a.number = ? ORDER BY b.id DESC LIMIT 1",
                                VALS(V_TEXT(serial))),
                     ERR_OK);
    return n;
}

/* What `explain bill` says of it: every line is reckoned again. */
static const char *explained(const char *serial)
{
    struct arena a;
    struct bill_view v = {0};
    int64_t n = 0;
    arena_init(&a, (size_t)16 << 20);
    buf_clear(&said);
    ck_assert_int_eq(db_get_int(billing.office->db, &n, NULL, &billing_err,
                                "SELECT max(b.id) FROM bill b JOIN account a ON a.id = "
                                "b.account WHERE a.number = ?",
                                VALS(V_TEXT(serial))),
                     ERR_OK);
    ck_assert_int_eq(bill_view(billing.office, n, &a, &v, &billing_err), ERR_OK);
    ck_assert_msg(bill_explain(billing.office, &v, &said, &billing_err) == ERR_OK, "%s",
                  billing_err.text);
    arena_release(&a);
    return buf_str(&said);
}

START_TEST(gas_is_reckoned_as_the_regulation_prints_it)
{
    struct err e = ERR_INIT;
    int64_t out = 0;
    struct gas_span span[2] = {{1, {102264, 5}, {400, 1}, 1, 2}, {3, {1, 0}, {36, 1}, 0, 3}};
    const struct unit *kwh = unit_find("kWh");
    /* 100 m3 x 1.02264 x 40.0 / 3.6 = 1136.27 kWh */
    ck_assert_int_eq(charged_use(100000, 0, span, 1, kwh, &out, &e), ERR_OK);
    ck_assert_int_eq(out, 1136267);
    ck_assert_int_eq(charged_use(100000, 0, span, 1, unit_find("MJ"), &out, &e), ERR_OK);
    ck_assert_int_eq(out, 4090560);
    ck_assert_int_eq(charged_use(100000, 0, span, 1, unit_find("m3"), &out, &e), ERR_OK);
    ck_assert_int_eq(out, 102264);
    /* by days: (1 x 1.02264 x 40 + 3 x 3.6) / 4 = 12.9264 MJ/m3 */
    ck_assert_int_eq(charged_use(100000, 0, span, 2, unit_find("MJ"), &out, &e), ERR_OK);
    ck_assert_int_eq(out, 1292640);
    /* half up: 1 l x 1.8 / 3.6 = 0.5 Wh */
    struct gas_span half = {1, {1, 0}, {18, 1}, 0, 1};
    ck_assert_int_eq(charged_use(1, 0, &half, 1, kwh, &out, &e), ERR_OK);
    ck_assert_int_eq(out, 1);
    half.calorific = (struct decimal){1799999, 6};
    ck_assert_int_eq(charged_use(1, 0, &half, 1, kwh, &out, &e), ERR_OK);
    ck_assert_int_eq(out, 0);
    half.calorific = (struct decimal){0, 0};
    ck_assert_int_eq(charged_use(1, 0, &half, 1, kwh, &out, &e), ERR_RANGE);
    ck_assert_int_eq(charged_use(INT64_C(1000000000001), 0, span, 1, kwh, &out, &e), ERR_RANGE);
    ck_assert_int_eq(charged_use(INT64_C(1000000000000), 0, span, 1, kwh, &out, &e), ERR_OK);
    ck_assert_int_eq(charged_use(7, 7, NULL, 0, unit_find("m3"), &out, &e), ERR_OK);
    ck_assert_int_eq(out, 0);
    ck_assert_int_eq(charged_use(7, 8, NULL, 0, unit_find("m3"), &out, &e), ERR_RANGE);
    ck_assert_int_eq(charged_use(7, -1, NULL, 0, unit_find("m3"), &out, &e), ERR_RANGE);
}
END_TEST

START_TEST(a_volume_factor_follows_from_pressure_and_temperature)
{
    struct err e = ERR_INIT;
    struct decimal f;
    /* The UK's 1.02264: 12.2 degrees, 21 mbar over the pressure at 67.5 m. */
    struct gas_conditions g = {.pressure = {102612, 2},
                               .base_pressure = {101325, 2},
                               .temperature = {122, 1},
                               .base_temperature = {15, 0},
                               .compressibility = {1, 0}};
    ck_assert_int_eq(gas_volume_factor(&g, &f, &e), ERR_OK);
    ck_assert_int_eq(f.mantissa, 102264);
    ck_assert_int_eq(f.scale, 5);
    g.pressure = g.base_pressure;
    g.temperature = g.base_temperature;
    ck_assert_int_eq(gas_volume_factor(&g, &f, &e), ERR_OK);
    ck_assert_int_eq(f.mantissa, 100000);
    g.compressibility = (struct decimal){0, 0};
    ck_assert_int_eq(gas_volume_factor(&g, &f, &e), ERR_RANGE);
    g.compressibility = (struct decimal){1, 0};
    g.pressure = (struct decimal){499, 0};
    ck_assert_int_eq(gas_volume_factor(&g, &f, &e), ERR_RANGE);
    g.pressure = (struct decimal){500, 0};
    ck_assert_int_eq(gas_volume_factor(&g, &f, &e), ERR_OK);
}
END_TEST

START_TEST(sub_meters_are_taken_off_and_nothing_is_lost)
{
    read_at("M1", "100", "2026-02-01 00:00");
    read_at("S1", "30", "2026-01-31 09:00");
    ck_assert_ptr_nonnull(strstr(preview("2026-01"), "\"sub_missing\",\"account\":\"M1\""));
    read_at("S2", "20", "2026-01-31 10:00");
    ck_assert_ptr_null(strstr(preview("2026-01"), "\"sub_missing\",\"account\""));
    bill_month("2026-01");
    ck_assert_int_eq(billed("M1"), 10000); /* (100 - 30 - 20) x 2 */
    ck_assert_int_eq(billed("S1"), 6000);
    ck_assert_ptr_nonnull(strstr(explained("M1"), "less sub-meter S1: 30"));
    /* they counted 50, the master 40 */
    read_at("M1", "140", "2026-03-01 00:00");
    read_at("S1", "60", "2026-03-01 00:00");
    read_at("S2", "40", "2026-03-01 00:00");
    ck_assert_ptr_nonnull(strstr(preview("2026-02"), "\"sub_exceeds\",\"account\":\"M1\""));
    bill_month("2026-02");
    ck_assert_int_eq(billed("M1"), 0);
    ck_assert_int_eq(
        billing_count(
            "SELECT count(*) FROM alert WHERE rule = 'sub_exceeds' AND resolved IS NULL"),
        1);
    read_at("M1", "200", "2026-04-01 00:00");
    read_at("S1", "70", "2026-04-01 00:00");
    read_at("S2", "50", "2026-04-01 00:00");
    bill_month("2026-03");
    /* all of it: 200 - 70 - 50 = 80, of which 50 were billed */
    ck_assert_int_eq(billed("M1"), 6000);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM bill_sub"), 4);
}
END_TEST

START_TEST(a_sub_meter_corrected_changes_both_bills)
{
    char reading[16];
    read_at("M1", "100", "2026-02-01 00:00");
    read_at("S1", "30", "2026-02-01 00:00");
    read_at("S2", "20", "2026-02-01 00:00");
    bill_month("2026-01");
    (void)snprintf(reading, sizeof reading, "%lld",
                   (long long)billing_count("SELECT max(x.id) FROM reading x JOIN register r "
                                            "ON r.id = x.register JOIN meter m ON m.id = "
                                            "r.meter WHERE m.serial = 'S1'"));
    fixture_run(&billing, billing.marta, "reading correct", "reading", reading, "value", "25",
                "reason", "mal leído", NULL);
    ck_assert_int_eq(
        billing_count("SELECT amount FROM document d JOIN account a ON a.id = "
                      "d.account WHERE d.type = 'credit_note' AND a.number = 'S1'"),
        1000);
    ck_assert_int_eq(billing_count("SELECT amount FROM document d JOIN account a ON a.id = "
                                   "d.account WHERE d.type = 'debit_note' AND a.number = 'M1'"),
                     1000);
    /* and the master's own, with what its sub-meters took off */
    (void)snprintf(reading, sizeof reading, "%lld",
                   (long long)billing_count("SELECT max(x.id) FROM reading x JOIN register r "
                                            "ON r.id = x.register JOIN meter m ON m.id = "
                                            "r.meter WHERE m.serial = 'M1'"));
    fixture_run(&billing, billing.marta, "reading correct", "reading", reading, "value", "110",
                "reason", "mal leído", NULL);
    ck_assert_int_eq(billing_count("SELECT sum(amount) FROM document d JOIN account a ON a.id "
                                   "= d.account WHERE d.type = 'debit_note' AND a.number = "
                                   "'M1'"),
                     3000);
}
END_TEST

START_TEST(an_estimate_of_a_sub_meter_is_said_of_its_master)
{
    read_at("M1", "100", "2026-02-01 00:00");
    read_at("S1", "30", "2026-02-01 00:00");
    read_at("S2", "20", "2026-02-01 00:00");
    bill_month("2026-01");
    read_at("M1", "200", "2026-03-01 00:00");
    read_at("S2", "40", "2026-03-01 00:00");
    fixture_run(&billing, billing.luis, "reading estimate", "serial", "S1", "time",
                "2026-03-01 00:00", "reason", "portón cerrado", NULL);
    ck_assert_ptr_nonnull(strstr(preview("2026-02"), "\"estimated\",\"account\":\"M1\""));
    bill_month("2026-02");
    ck_assert_ptr_nonnull(strstr(explained("M1"), "estimated"));
    /* Read below its estimate, S1 is estimated anew: what it is credited its master owes. */
    read_at("S1", "40", "2026-04-01 00:00");
    char held[16];
    (void)snprintf(held, sizeof held, "%lld",
                   (long long)billing_count("SELECT id FROM reading WHERE state = 'held'"));
    fixture_run(&billing, billing.luis, "reading reestimate", "reading", held, "reason",
                "leído de nuevo", NULL);
    static const char notes[] =
        "SELECT coalesce(sum(amount), 0) FROM document d JOIN account a "
        "ON a.id = d.account WHERE d.type = '%s' AND a.number = '%s'";
    char sql[2][256];
    (void)snprintf(sql[0], sizeof sql[0], notes, "credit_note", "S1");
    (void)snprintf(sql[1], sizeof sql[1], notes, "debit_note", "M1");
    int64_t credited = billing_count(sql[0]);
    ck_assert_int_gt(credited, 0);
    ck_assert_int_eq(credited, billing_count(sql[1]));
    /* 30 on 1 February, 40 on 1 April: 34 m3 after 28 of 59 days */
    ck_assert_int_eq(credited,
                     billing_count("SELECT total FROM bill b JOIN account a ON a.id = "
                                   "b.account WHERE a.number = 'S1' ORDER BY b.id "
                                   "DESC LIMIT 1") -
                         2 * 400);
}
END_TEST

START_TEST(a_sub_meter_that_is_exchanged_is_taken_off_whole)
{
    fixture_run(&billing, billing.ana, "meter swap", "serial", "S1", "final", "12", "new", "S9",
                "initial", "5", "time", "2026-01-15 10:00", "reason", "roto", NULL);
    read_at("M1", "100", "2026-02-01 00:00");
    read_at("S2", "20", "2026-02-01 00:00");
    read_at("S9", "23", "2026-02-01 00:00");
    bill_month("2026-01");
    ck_assert_int_eq(billed("M1"), 2 * (10000 - 2000 - 1200 - 1800));
    ck_assert_int_eq(billing_count("SELECT count(*) FROM bill_sub"), 3);
    /* The proof follows S9 through the exchange to the link of S1. */
    struct buf proof;
    struct proof_checked c;
    struct err e = ERR_INIT;
    buf_init(&proof, (size_t)8 << 20);
    proof_checked_init(&c);
    int64_t bill = billing_count("SELECT b.id FROM bill b JOIN account a ON a.id = b.account "
                                 "WHERE a.number = 'M1'");
    ck_assert_msg(proof_make(billing.office, "bill", bill, PROOF_NEWEST, &proof, &e) == ERR_OK,
                  "%s", e.text);
    ck_assert_msg(proof_check(proof.data, proof.len, NULL, 0, &c, &e) == ERR_OK, "%s", e.text);
    int found = 0;
    for (const char *at = buf_str(&c.said); (at = strstr(at, "taken off by the link")) != NULL;
         at++) {
        found++;
    }
    ck_assert_int_eq(found, 3);
    proof_checked_release(&c);
    buf_release(&proof);
}
END_TEST

static void factor(const char *kind, const char *value, const char *start, const char *zone)
{
    fixture_run(&billing, billing.marta, "gas factor", "kind", kind, "value", value, "start",
                start, "source", "boletín", zone != NULL ? "zone" : (char *)NULL, zone, NULL);
}

START_TEST(gas_is_billed_by_the_factors_of_its_days)
{
    char bill[16];
    meter("G1", "gas", "gas");
    read_at("G1", "100", "2026-02-01 00:00");
    ck_assert_ptr_nonnull(strstr(preview("2026-01"), "no calorific value for 2026-01-01"));
    factor("calorific", "30", "2026-01-01", NULL);
    factor("calorific", "39.5", "2026-01-01", "norte");
    factor("calorific", "39.3", "2026-01-16", "norte");
    factor("volume", "1.02264", "2025-01-01", NULL);
    fixture_run(&billing, billing.ana, "gas zone", "zone", "norte", "serial", "G1", "start",
                "2026-01-01", NULL);
    bill_month("2026-01");
    /* 100 x 1.02264 x (15 x 39.5 + 16 x 39.3) / 31 / 3.6 = 1,119.131 kWh */
    ck_assert_int_eq(billed("G1"), 6715);
    ck_assert_ptr_nonnull(strstr(explained("G1"), "39,3 MJ/m³"));
    /* A later factor for the same days supersedes; the bill keeps what it was made with. */
    factor("calorific", "39.4", "2026-01-01", "norte");
    ck_assert_ptr_nonnull(strstr(explained("G1"), "39,5 MJ/m³"));
    (void)snprintf(bill, sizeof bill, "%lld",
                   (long long)billing_count(
                       "SELECT max(b.id) FROM bill b JOIN account a ON a.id = b.account WHERE "
                       "a.number = 'G1'"));
    fixture_run(&billing, billing.marta, "bill cancel", "bill", bill, "reason", "factor", NULL);
    fixture_run(&billing, billing.marta, "bill rebill", "bill", bill, NULL);
    ck_assert_ptr_null(strstr(explained("G1"), "39,5 MJ/m³"));
    ck_assert_int_eq(billed("G1"), 6707); /* 15 days at 39.4: 1,117.753 kWh */
}
END_TEST

/* Days billed with a calorific value, of all meters. */
#define DAYS_WITH(value)                                                                       \
    billing_count("SELECT sum(days) FROM bill_gas WHERE calorific = '" value "'")

START_TEST(the_nearest_factor_counts_on_each_day)
{
    meter("G1", "gas", "gas");
    fixture_run(&billing, billing.ana, "meter add", "serial", "G2", "kind", "gas", "unit", "m3",
                "digits", "5", "decimals", "0", "initial", "0", "installed", "2026-01-01",
                "account", "G2", "customer", "G2", "tariff", "gas", "route", "R-1", NULL);
    read_at("G1", "100", "2026-02-01 00:00");
    read_at("G2", "100", "2026-02-01 00:00");
    factor("calorific", "30", "2026-01-01", NULL);
    factor("calorific", "31", "2025-06-01", "norte");
    factor("calorific", "32", "2025-06-01", "sur");
    /* For five days another one; then the older one counts again. */
    fixture_run(&billing, billing.marta, "gas factor", "kind", "calorific", "value", "33",
                "start", "2026-01-11", "end", "2026-01-16", "source", "boletín", "zone",
                "norte", NULL);
    fixture_run(&billing, billing.marta, "gas factor", "kind", "calorific", "value", "34",
                "start", "2026-01-30", "source", "acta", "serial", "G1", NULL);
    /* G1 by itself is in the north from the 6th on; G2's route is in the south from the 21st.
     */
    fixture_run(&billing, billing.ana, "gas zone", "zone", "norte", "serial", "G1", "start",
                "2026-01-06", NULL);
    fixture_run(&billing, billing.ana, "gas zone", "zone", "sur", "route", "R-1", "start",
                "2026-01-21", NULL);
    bill_month("2026-01");
    ck_assert_int_eq(DAYS_WITH("30"), 5 + 20); /* the office's: 1st to 5th, 1st to 20th */
    ck_assert_int_eq(DAYS_WITH("31"), 5 + 14); /* 6th to 10th, 16th to 29th */
    ck_assert_int_eq(DAYS_WITH("33"), 5);
    ck_assert_int_eq(DAYS_WITH("34"), 2); /* the meter's own, before its zone's */
    ck_assert_int_eq(DAYS_WITH("32"), 11);
}
END_TEST

START_TEST(factors_come_from_a_file_and_go_back_until_they_are_used)
{
    static const char mapping[] =
        "{\"kind\":\"factors\",\"columns\":{\"kind\":\"tipo\",\"value\":\"valor\",\"unit\":"
        "\"unidad\",\"zone\":\"zona\",\"start\":\"desde\",\"end\":\"hasta\",\"source\":"
        "\"fuente\"}}";
    static const char rows[] = "tipo,valor,unidad,zona,desde,hasta,fuente\n"
                               "calorific,11.0,kWh/m3,,2026-01-01,2026-02-01,Gaceta 1\n"
                               "volume,0.98,,,2026-01-01,,Gaceta 1\n"
                               "calor,1,,,2026-01-01,,Gaceta 1\n"
                               "calorific,0,,,2026-01-01,,Gaceta 1\n";
    meter("G1", "gas", "gas");
    read_at("G1", "100", "2026-02-01 00:00");
    fixture_run(&billing, billing.ana, "mapping save", "name", "f", "file",
                billing_file("m.json", mapping), NULL);
    (void)fixture_try(&billing, billing.ana, NULL, &billing_err, "import factors", "file",
                      billing_file("f.csv", rows), "mapping", "f", NULL);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM gas_factor"), 2);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM gas_factor WHERE value = '39.6'"), 1);
    fixture_run(&billing, billing.ana, "import discard", "run", "1", NULL);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM gas_factor"), 0);
    for (int i = 0; i < 2; i++) { /* the second time nothing is new */
        (void)fixture_try(&billing, billing.ana, NULL, &billing_err, "import factors", "file",
                          billing_file("f.csv", rows), "mapping", "f", NULL);
        ck_assert_int_eq(billing_count("SELECT count(*) FROM gas_factor"), 2);
    }
    bill_month("2026-01");
    ck_assert_int_eq(billed("G1"), 6468); /* 100 x 0.98 x 11 x 0.06 */
    ck_assert_int_eq(fixture_try(&billing, billing.ana, NULL, &billing_err, "import discard",
                                 "run", "2", NULL),
                     ERR_STATE);
    ck_assert_ptr_nonnull(strstr(billing_err.text, "stand on bills"));
}
END_TEST

/* Blocks of 10 CCF; the bill counts in the meter's unit, and no litre is rounded in between. */
START_TEST(hundred_cubic_feet_are_billed_as_they_are_read)
{
    static const char gal[] =
        "{\"aforo_tariff\":1,\"code\":\"gal\",\"version\":1,\"name\":{\"es\":\"Agua\",\"en\":"
        "\"Water\"},\"kind\":\"water\",\"currency\":\"USD\",\"valid_from\":\"2025-01-01\","
        "\"unit\":\"gal\",\"rounding\":{\"mode\":\"half_up\",\"level\":\"line\"},"
        "\"components\":[{"
        "\"type\":\"blocks\",\"id\":\"use\",\"label\":{\"es\":\"Agua\",\"en\":\"Water\"},"
        "\"price\":\"0.01\"}]}";
    static const char ccf[] =
        "{\"aforo_tariff\":1,\"code\":\"ccf\",\"version\":1,\"name\":{\"es\":\"Agua\",\"en\":"
        "\"Water\"},\"kind\":\"water\",\"currency\":\"USD\",\"valid_from\":\"2025-01-01\","
        "\"unit\":\"CCF\",\"rounding\":{\"mode\":\"half_up\",\"level\":\"line\"},"
        "\"components\":[{"
        "\"type\":\"blocks\",\"id\":\"use\",\"label\":{\"es\":\"Agua\",\"en\":\"Water\"},"
        "\"blocks\":[{\"from\":\"0\",\"to\":\"10\",\"price\":\"2.5\"},{\"from\":\"10\","
        "\"price\":"
        "\"4\"}]}]}";
    static const char *const units[] = {"CCF", "ft3", "kgal"};
    fixture_run(&billing, billing.ana, "tariff publish", "file", billing_file("ccf.json", ccf),
                NULL);
    fixture_run(&billing, billing.ana, "tariff publish", "file", billing_file("gal.json", gal),
                NULL);
    /* a meter in gallons is not billed by the cubic metre */
    ck_assert_int_eq(fixture_try(&billing, billing.ana, NULL, &billing_err, "meter add",
                                 "serial", "no", "kind", "water", "unit", "gal", "account",
                                 "no", "customer", "no", "tariff", "agua", NULL),
                     ERR_STATE);
    ck_assert_ptr_nonnull(strstr(billing_err.text, "by the m3"));
    for (size_t i = 0; i < 3; i++) {
        fixture_run(&billing, billing.ana, "meter add", "serial", units[i], "kind", "water",
                    "unit", units[i], "digits", "6", "decimals", "2", "initial", "0",
                    "installed", "2026-01-01", "account", units[i], "customer", units[i],
                    "tariff", i < 2 ? "ccf" : "gal", NULL);
    }
    read_at("CCF", "12.34", "2026-02-01 00:00");
    read_at("ft3", "1234.01", "2026-02-01 00:00");
    read_at("kgal", "9.23", "2026-02-01 00:00");
    read_at("M1", "100", "2026-02-01 00:00");
    read_at("S1", "30", "2026-02-01 00:00");
    read_at("S2", "20", "2026-02-01 00:00");
    ck_assert_int_eq(billing_count("SELECT count(*) FROM reading WHERE state <> 'accepted'"),
                     0);
    bill_month("2026-01");
    ck_assert_int_eq(billed("CCF"), 2500 + 936); /* 10 x 2.50 + 2.34 x 4 */
    ck_assert_int_eq(billed("ft3"), 2500 + 936); /* 2.3401 x 4 = 9.3604 */
    ck_assert_ptr_nonnull(strstr(explained("ft3"), "234,01"));
    ck_assert_int_eq(billed("kgal"), 9230); /* 9,230 gal x 0.01 */
    /* what is linked counts in one measure */
    ck_assert_int_eq(fixture_try(&billing, billing.ana, NULL, &billing_err, "meter link",
                                 "serial", "CCF", "above", "M1", NULL),
                     ERR_STATE);
}
END_TEST

Suite *suite_charged(void)
{
    Suite *s = suite_create("charged");
    TCase *t = tcase_create("charged");
    tcase_add_test(t, gas_is_reckoned_as_the_regulation_prints_it);
    tcase_add_test(t, a_volume_factor_follows_from_pressure_and_temperature);
    suite_add_tcase(s, t);
    t = tcase_create("office");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, sub_meters_are_taken_off_and_nothing_is_lost);
    tcase_add_test(t, a_sub_meter_corrected_changes_both_bills);
    tcase_add_test(t, an_estimate_of_a_sub_meter_is_said_of_its_master);
    tcase_add_test(t, a_sub_meter_that_is_exchanged_is_taken_off_whole);
    tcase_add_test(t, hundred_cubic_feet_are_billed_as_they_are_read);
    tcase_add_test(t, gas_is_billed_by_the_factors_of_its_days);
    tcase_add_test(t, the_nearest_factor_counts_on_each_day);
    tcase_add_test(t, factors_come_from_a_file_and_go_back_until_they_are_used);
    suite_add_tcase(s, t);
    return s;
}
