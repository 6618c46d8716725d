/* Cycles: who is billed together and from which day on; previews and what they point at. */
#include <config.h>

#include "tests/unit/check_billing.h"

#include <stdio.h>
#include <string.h>

static struct buf said;

static void meter(const char *serial, const char *account, const char *route)
{
    fixture_run(&billing, billing.ana, "meter add", "serial", serial, "kind", "water", "unit",
                "m3", "digits", "5", "decimals", "3", "initial", "0", "installed", "2026-01-01",
                "route", route, "account", account, "customer", serial, "tariff", "doc07-water",
                "limit", "20", NULL);
}

static void read_at(const char *serial, const char *value, const char *time)
{
    fixture_run(&billing, billing.olga, "reading add", "serial", serial, "value", value, "time",
                time, NULL);
}

/* W00001..3 on route R1; S1 and S2 on route SUR, and S3 of an account named itself. */
static void setup(void)
{
    billing_setup();
    buf_init(&said, (size_t)1 << 20);
    meter("S1", "SUR-1", "SUR");
    meter("S2", "SUR-2", "SUR");
    meter("S3", "SUELTA", "R1");
    for (int i = 0; i < 3; i++) {
        static const char *const serials[] = {"S1", "S2", "S3"};
        read_at(serials[i], "10", "2026-09-14 08:00");
        read_at(serials[i], "20", "2026-10-14 08:00");
    }
    fixture_run(&billing, billing.marta, "cycle set", "cycle", "sur", "day", "15", "routes",
                "SUR", "accounts", "SUELTA", NULL);
}

static void teardown(void)
{
    buf_release(&said);
    billing_teardown();
}

/* Run as marta with what it prints in `said`. */
static enum err_code run(bool json, const char *cycle, const char *period, bool preview)
{
    struct ticket t;
    struct command_ctx c = {.office = billing.office,
                            .session = billing.marta,
                            .command = command_find("bill run"),
                            .out = &said,
                            .json = json};
    billing_err = (struct err)ERR_INIT;
    buf_clear(&said);
    ck_assert_int_eq(arg_set(&c, "period", period, &billing_err), ERR_OK);
    if (cycle != NULL) {
        ck_assert_int_eq(arg_set(&c, "cycle", cycle, &billing_err), ERR_OK);
    }
    if (preview) {
        ck_assert_int_eq(arg_set(&c, "preview", "1", &billing_err), ERR_OK);
    }
    return command_run(&c, &t, &billing_err);
}

#define CK_SAYS(what)                                                                          \
    ck_assert_msg(strstr(buf_str(&said), what) != NULL, "%s lacks %s", buf_str(&said), what)

START_TEST(a_cycle_bills_its_own_from_its_day)
{
    ck_assert_msg(run(false, "sur", "2026-09", false) == ERR_OK, "%s", billing_err.text);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM bill WHERE start_date = '2026-09-15' "
                                   "AND end_date = '2026-10-15' AND account IN (SELECT id FROM "
                                   "account WHERE number IN ('SUR-1', 'SUR-2', 'SUELTA'))"),
                     3);
    /* the others are billed without it, the same days or not */
    billing_run();
    ck_assert_int_eq(billing_count("SELECT count(*) FROM bill WHERE run = 2"), 3);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM billing_run WHERE cycle IS NULL"), 1);
    ck_assert_int_eq(run(false, "sur", "2026-09", false), ERR_OK);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM bill"), 6);
}
END_TEST

START_TEST(periods_of_one_cycle_do_not_overlap)
{
    ck_assert_int_eq(run(false, "sur", "2026-09", false), ERR_OK);
    fixture_run(&billing, billing.marta, "cycle set", "cycle", "sur", "day", "10", "routes",
                "SUR", NULL);
    ck_assert_int_eq(run(false, "sur", "2026-09", false), ERR_STATE);
    /* an account that left the cycle was billed by it: not twice for the same days */
    ck_assert_int_eq(run(false, NULL, "2026-09", false), ERR_STATE);
    ck_assert_msg(strstr(billing_err.text, "SUELTA") != NULL, "%s", billing_err.text);
}
END_TEST

START_TEST(a_run_is_taken_back_whatever_other_cycles_billed_since)
{
    ck_assert_int_eq(run(false, "sur", "2026-08", false), ERR_OK);
    billing_run();
    fixture_run(&billing, billing.marta, "bill discard", "run", "1", "reason", "r", NULL);
    ck_assert_int_eq(run(false, "sur", "2026-08", false), ERR_OK);
    ck_assert_int_eq(run(false, "sur", "2026-09", false), ERR_OK);
    ck_assert_int_eq(fixture_try(&billing, billing.marta, NULL, &billing_err, "bill discard",
                                 "run", "3", "reason", "r", NULL),
                     ERR_STATE);
}
END_TEST

/* Who forgets the cycle is told, in a preview too. */
START_TEST(a_run_of_nobody_says_that_all_are_in_cycles)
{
    struct ticket t;
    struct buf printed;
    buf_init(&printed, 1 << 20);
    fixture_run(&billing, billing.marta, "cycle set", "cycle", "all", "routes", "R1", NULL);
    for (int i = 0; i < 2; i++) {
        struct command_ctx c = {.office = billing.office,
                                .session = billing.marta,
                                .command = command_find("bill run"),
                                .out = &printed};
        ck_assert_int_eq(arg_set(&c, "period", "2026-09", &billing_err), ERR_OK);
        if (i == 0) {
            ck_assert_int_eq(arg_set(&c, "preview", "1", &billing_err), ERR_OK);
        }
        ck_assert_msg(command_run(&c, &t, &billing_err) == ERR_OK, "%s", billing_err.text);
        ck_assert_msg(strstr(c.message, "--cycle NAME") != NULL, "%s", c.message);
    }
    buf_release(&printed);
}
END_TEST

START_TEST(a_cycle_is_of_what_there_is)
{
    static const struct {
        const char *name, *value;
        enum err_code code;
    } bad[] = {{"routes", "NORTE", ERR_NOT_FOUND},
               {"accounts", "NADIE", ERR_NOT_FOUND},
               {"routes", "SUR", ERR_EXISTS},
               {"day", "29", ERR_USAGE},
               {"day", "0", ERR_USAGE},
               {"months", "13", ERR_USAGE}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(fixture_try(&billing, billing.marta, NULL, &billing_err, "cycle set",
                                  "cycle", "otro", bad[i].name, bad[i].value,
                                  NULL) == bad[i].code,
                      "%s %s: %s", bad[i].name, bad[i].value, billing_err.text);
    }
    ck_assert_int_eq(run(false, "otro", "2026-09", false), ERR_NOT_FOUND);
    ck_assert_int_eq(run(false, "sur", "2026-9", false), ERR_USAGE);
    ck_assert_int_eq(run(false, "sur", "2026-13", false), ERR_USAGE);
    ck_assert_int_eq(run(false, "sur", "2026-10", false), ERR_STATE); /* not over yet */
    fixture_run(&billing, billing.marta, "cycle set", "cycle", "sur", "day", "28", "months",
                "12", NULL);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM cycle_route"), 0);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM cycle_account"), 0);
}
END_TEST

START_TEST(a_preview_points_at_what_to_look_at)
{
    int64_t entries = billing_count("SELECT max(seq) FROM entry");
    ck_assert_int_eq(run(true, "sur", "2026-09", true), ERR_OK);
    CK_SAYS("\"cycle\":\"sur\"");
    CK_SAYS("\"bills\":3");
    CK_SAYS("\"first_bill\":3");
    CK_SAYS("{\"exception\":\"first_bill\",\"account\":\"SUELTA\",\"serial\":\"S3\","
            "\"use\":\"10.000\",\"days\":30,\"unit\":\"m3\"}");
    ck_assert_int_eq(billing_count("SELECT max(seq) FROM entry"), entries);
    ck_assert_int_eq(run(false, "sur", "2026-09", false), ERR_OK);
    fixture_run(&billing, billing.ana, "meter assign", "serial", "S1", "account", "SUR-1",
                "tariff", "doc07-water", "start", "2026-10-15", NULL);
    read_at("S2", "90000", "2026-10-30 08:00"); /* held: more than the meter can measure */
    fixture_run(&billing, billing.marta, "cycle set", "cycle", "sur", "day", "16", "routes",
                "SUR", NULL);
    billing.clock.wall += INT64_C(20) * 86400 * 1000;
    billing.clock.boot += INT64_C(20) * 86400 * 1000;
    ck_assert_int_eq(run(true, "sur", "2026-10", true), ERR_OK);
    CK_SAYS("\"no_reading\":2");
    CK_SAYS("\"held\":1");
    CK_SAYS("\"use_before\":\"10.000\",\"days_before\":30");
    CK_SAYS("\"previous\":{\"end\":\"2026-10-15\",\"bills\":3,");
    ck_assert_int_eq(run(false, "sur", "2026-10", true), ERR_OK);
    CK_SAYS(
        "SUR-2  S2: a reading waits for a decision; 0,000 m³ in 31 days, before 10,000 in 30");
    CK_SAYS("the period before, until 2026-10-15: 3 bills");
}
END_TEST

START_TEST(a_bill_that_cannot_be_made_does_not_end_a_preview)
{
    ck_assert_int_eq(db_run(billing.office->db, &billing_err,
                            "UPDATE assignment SET tariff = 'ninguna' WHERE meter = (SELECT id "
                            "FROM meter WHERE serial = 'S2')",
                            NO_VALS),
                     ERR_OK);
    ck_assert_int_eq(run(true, "sur", "2026-09", true), ERR_OK);
    CK_SAYS("\"bills\":2");
    CK_SAYS("\"no_tariff\":1");
    CK_SAYS("meter S2: tariff ninguna is not in force");
    ck_assert_int_eq(run(true, "sur", "2026-09", false), ERR_NOT_FOUND);
}
END_TEST

static enum err_code old_bills_try(const char *rows)
{
    char mapping[FIXTURE_PATH_MAX + 64];
    char spec[512];
    bool days = strstr(rows, ",start,end") != NULL;
    bool month = strstr(rows, ",period\n") != NULL;
    (void)snprintf(spec, sizeof spec,
                   "{\"kind\":\"bills\",\"columns\":{\"account\":\"account\",\"number\":"
                   "\"number\",\"issued\":\"issued\",\"amount\":\"amount\"%s%s}}",
                   days ? ",\"start\":\"start\",\"end\":\"end\"" : "",
                   month ? ",\"period\":\"period\"" : "");
    (void)snprintf(mapping, sizeof mapping, "%s", billing_file("viejas.json", spec));
    fixture_run(&billing, billing.ana, "mapping save", "name", "viejas", "file", mapping, NULL);
    return fixture_try(&billing, billing.ana, NULL, &billing_err, "import bills", "file",
                       billing_file("viejas.csv", rows), "mapping", "viejas", NULL);
}

static void old_bills(const char *rows)
{
    ck_assert_msg(old_bills_try(rows) == ERR_OK, "%s", billing_err.text);
}

START_TEST(what_the_earlier_system_billed_is_not_billed_again)
{
    /* Up to the first day, and from the day after the last: no day twice. */
    old_bills("account,number,issued,amount,start,end\n"
              "SUR-1,F-1,2026-09-16,5,2026-08-15,2026-09-15\n"
              "SUR-1,F-2,2026-10-16,5,2026-10-15,2026-11-01\n"
              "SUR-2,F-3,2026-09-30,5,,\n");
    ck_assert_int_eq(run(true, "sur", "2026-09", true), ERR_OK);
    CK_SAYS("\"bills\":3");
    CK_SAYS("\"old_bill\":0");
    old_bills("account,number,issued,amount,start,end\n"
              "SUR-1,F-9,2026-09-16,5,2026-08-16,2026-09-16\n");
    ck_assert_int_eq(run(true, "sur", "2026-09", true), ERR_OK);
    CK_SAYS("\"bills\":2");
    CK_SAYS("\"old_bill\":1");
    CK_SAYS("{\"exception\":\"old_bill\",\"account\":\"SUR-1\",\"why\":\"bill F-9, "
            "2026-08-16 to 2026-09-16\"}");
    ck_assert_int_eq(run(false, "sur", "2026-09", true), ERR_OK);
    CK_SAYS("the earlier system billed it already (bill F-9");
    int64_t entries = billing_count("SELECT max(seq) FROM entry");
    ck_assert_int_eq(run(false, "sur", "2026-09", false), ERR_STATE);
    ck_assert_msg(strstr(billing_err.text, "account SUR-1: bill F-9") != NULL &&
                      strstr(billing_err.text, "aforo import discard 2") != NULL,
                  "%s", billing_err.text);
    ck_assert_int_eq(billing_count("SELECT max(seq) FROM entry"), entries);
    fixture_run(&billing, billing.ana, "import discard", "run", "2", NULL);
    /* A month says the days too; what says none is pointed at, once it may be of the period. */
    old_bills("account,number,issued,amount,period\nSUR-1,F-10,2026-10-20,5,2026-08/P2M\n"
              "SUR-2,F-11,2026-09-16,5,\nSUR-2,F-12,2026-09-15,5,\n");
    ck_assert_int_eq(billing_count("SELECT count(*) FROM old_bill WHERE start_date = "
                                   "'2026-08-01' AND end_date = '2026-10-01'"),
                     1);
    ck_assert_int_eq(run(true, "sur", "2026-09", true), ERR_OK);
    CK_SAYS("\"old_bill\":1");
    CK_SAYS("\"old_undated\":1");
    CK_SAYS("\"account\":\"SUR-2\",\"why\":\"bill F-3 of 2026-09-30\"");
    fixture_run(&billing, billing.ana, "import discard", "run", "3", NULL);
    ck_assert_msg(run(false, "sur", "2026-09", false) == ERR_OK, "%s", billing_err.text);
    ck_assert_int_eq(billing_count("SELECT count(*) FROM bill"), 3);
    /* And what we billed is not taken from the earlier system any more, nor a period in two
     * ways. */
    static const char *const bad[][2] = {
        {"SUR-1,F-20,2026-09-20,5,2026-10-14,2026-10-16,", "bill 1 of this office"},
        {"SUR-1,F-21,2026-09-20,5,,,2026-10", "bill 1 of this office"},
        {"SUR-1,F-22,2026-09-20,5,2026-08-01,,2026-08", "field period: start or end"},
        {"SUR-1,F-23,2026-09-20,5,,,agosto", "field period: \"agosto\""}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char rows[256];
        (void)snprintf(rows, sizeof rows, "account,number,issued,amount,start,end,period\n%s\n",
                       bad[i][0]);
        ck_assert_int_eq(old_bills_try(rows), ERR_PARSE);
        ck_assert_msg(strstr(billing_err.text, bad[i][1]) != NULL, "%s", billing_err.text);
    }
    old_bills("account,number,issued,amount,start,end,period\n"
              "SUR-1,F-24,2026-09-20,5,2026-08-15,2026-09-15,\n"
              "SUR-1,F-25,2026-11-20,5,2026-10-15,2026-11-15,\n");
}
END_TEST

static void days_pass(int64_t days)
{
    billing.clock.wall += days * 86400 * 1000;
    billing.clock.boot += days * 86400 * 1000;
}

START_TEST(a_preview_knows_how_many_estimates_the_office_allows)
{
    ck_assert_int_eq(run(false, "sur", "2026-09", false), ERR_OK);
    fixture_run(&billing, billing.luis, "reading estimate", "serial", "S3", "time",
                "2026-10-30 08:00", "reason", "x", NULL);
    days_pass(20);
    ck_assert_int_eq(run(true, "sur", "2026-10", true), ERR_OK);
    CK_SAYS("\"estimated\":1");
    ck_assert_int_eq(run(false, "sur", "2026-10", false), ERR_OK);
    days_pass(31);
    ck_assert_int_eq(run(true, "sur", "2026-11", true), ERR_OK);
    CK_SAYS("\"no_reading\":3");
    CK_SAYS("\"estimates\":0"); /* one in a row: a second may be made */
    fixture_run(&billing, billing.ana, "rule set", "rule", "consecutive", "kind", "water",
                "limits", "1,2", "reason", "x", NULL);
    ck_assert_int_eq(run(true, "sur", "2026-11", true), ERR_OK);
    CK_SAYS("\"estimates\":1");
    CK_SAYS("{\"exception\":\"estimates\",\"account\":\"SUELTA\",\"serial\":\"S3\"");
    fixture_run(&billing, billing.ana, "rule set", "rule", "consecutive", "kind", "water",
                "active", "no", "reason", "x", NULL);
    ck_assert_int_eq(run(true, "sur", "2026-11", true), ERR_OK);
    CK_SAYS("\"estimates\":0");
}
END_TEST

Suite *suite_cycle(void)
{
    Suite *s = suite_create("cycle");
    TCase *t = tcase_create("cycle");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, a_cycle_bills_its_own_from_its_day);
    tcase_add_test(t, periods_of_one_cycle_do_not_overlap);
    tcase_add_test(t, a_run_is_taken_back_whatever_other_cycles_billed_since);
    tcase_add_test(t, a_run_of_nobody_says_that_all_are_in_cycles);
    tcase_add_test(t, a_cycle_is_of_what_there_is);
    tcase_add_test(t, a_preview_points_at_what_to_look_at);
    tcase_add_test(t, a_bill_that_cannot_be_made_does_not_end_a_preview);
    tcase_add_test(t, what_the_earlier_system_billed_is_not_billed_again);
    tcase_add_test(t, a_preview_knows_how_many_estimates_the_office_allows);
    suite_add_tcase(s, t);
    return s;
}
