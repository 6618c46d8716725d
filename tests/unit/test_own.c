/* What customers do by themselves: the account's PIN, own readings and disputes. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "app/pin.h"
#include "lib/office_fixture.h"

Suite *suite_own(void);

static struct office_fixture f;
static struct err e;

static int64_t count(const char *sql)
{
    int64_t n = -1;
    ck_assert_msg(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS) == ERR_OK, "%s", e.text);
    return n;
}

static void policy_set(const char *text)
{
    char path[FIXTURE_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/kiosk.json", f.dir);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_ge(fputs(text, out), 0);
    ck_assert_int_eq(fclose(out), 0);
    fixture_run(&f, f.ana, "policy set", "policy", "kiosk", "file", path, NULL);
}

/* Two accounts with a meter and a bill each; olga is the kiosk. A00002 has no PIN. */
static void setup(void)
{
    fixture_init(&f);
    e = (struct err)ERR_INIT;
    fixture_meters(&f, 2);
    for (int i = 1; i <= 2; i++) {
        char serial[16];
        (void)snprintf(serial, sizeof serial, "W%05d", i);
        fixture_run(&f, f.luis, "reading add", "serial", serial, "value", "10.000", "time",
                    "2026-10-31 12:00", NULL);
    }
    fixture_run(&f, f.marta, "bill run", "period", "2026-10", NULL);
    fixture_run(&f, f.olga, "account pin", "account", "A00001", "pin", "271828", NULL);
    fixture_run(&f, f.ana, "user roles", "login", "olga", "roles", "customer", NULL);
}

static void teardown(void)
{
    fixture_free(&f);
}

START_TEST(a_pin_has_six_digits_that_nobody_tries_first)
{
    static const struct {
        const char *pin;
        bool good;
    } rows[] = {{"12345", false},  {"271828", true},   {"27182818", true}, {"271828182", false},
                {"27182a", false}, {"000000", false},  {"123456", false},  {"87654321", false},
                {"111112", true},  {"1234567", false}, {"", false},        {"2718 28", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg((pin_check_shape(rows[i].pin, &e) == ERR_OK) == rows[i].good, "%s",
                      rows[i].pin);
    }
}
END_TEST

START_TEST(a_pin_stands_nowhere_in_clear)
{
    ck_assert_int_eq(count("SELECT count(*) FROM entry WHERE payload LIKE '%271828%'"), 0);
    ck_assert_int_eq(count("SELECT count(*) FROM sealed WHERE value LIKE '%271828%'"), 0);
    ck_assert_int_eq(count("SELECT count(*) FROM sealed s JOIN account_pin p ON p.secret = "
                           "s.hash WHERE s.value LIKE 'aforo-seal-v1$argon2id$m=65536,%'"),
                     1);
    ck_assert_int_eq(count("SELECT count(*) FROM personal WHERE value LIKE '%271828%'"), 0);
}
END_TEST

static enum err_code pin_try(const char *number, const char *pin, int64_t *account, int *wait_s)
{
    e = (struct err)ERR_INIT;
    return pin_open(f.office, number, pin, account, wait_s, &e);
}

START_TEST(account_and_bill_numbers_open_with_the_pin_and_nothing_else)
{
    int64_t account = 0;
    int wait_s = 0;
    static const char *const doors[] = {"A00001", "a00001", "1", "2026-00000001",
                                        "202600000001"};
    for (size_t i = 0; i < sizeof doors / sizeof doors[0]; i++) {
        ck_assert_msg(pin_try(doors[i], "271828", &account, &wait_s) == ERR_OK, "%s: %s",
                      doors[i], e.text);
        ck_assert_int_eq(account, 1);
    }
    static const char *const closed[] = {"A00002", "2", "A00009", "99", "", "' OR 1=1 --"};
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        ck_assert_int_eq(pin_try(closed[i], "271828", &account, &wait_s), ERR_DENIED);
        ck_assert_str_eq(e.text, "number or PIN is wrong");
        ck_assert_int_eq(account, 0);
    }
    ck_assert_int_eq(pin_try("A00001", "271829", &account, &wait_s), ERR_DENIED);
    ck_assert_str_eq(e.text, "number or PIN is wrong");
    fixture_run(&f, f.marta, "account pin", "account", "A00001", "pin", "314159", NULL);
    ck_assert_int_eq(pin_try("A00001", "271828", &account, &wait_s), ERR_DENIED);
    ck_assert_int_eq(pin_try("A00001", "314159", &account, &wait_s), ERR_OK);
    ck_assert_int_eq(count("SELECT count(*) FROM sealed s WHERE value LIKE '%argon2id%' AND "
                           "hash NOT IN (SELECT secret FROM user)"),
                     1); /* the old one is gone */
}
END_TEST

START_TEST(guessing_waits_through_any_of_the_doors)
{
    int64_t account = 0;
    int wait_s = 0;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(pin_try(i % 2 == 0 ? "A00001" : "1", "271829", &account, &wait_s),
                         ERR_DENIED);
        ck_assert_int_eq(wait_s, 0);
    }
    ck_assert_int_eq(pin_try("2026-00000001", "271828", &account, &wait_s), ERR_DENIED);
    ck_assert_int_gt(wait_s, 0);
    f.clock.wall += 2000;
    f.clock.boot += 2000;
    ck_assert_int_eq(pin_try("2026-00000001", "271828", &account, &wait_s), ERR_OK);
    ck_assert_int_eq(pin_try("A00001", "271829", &account, &wait_s), ERR_DENIED);
    ck_assert_int_eq(wait_s, 0); /* being right starts the count anew */
}
END_TEST

static enum err_code read_own(const char *pin, const char *serial, const char *value)
{
    e = (struct err)ERR_INIT;
    return fixture_try(&f, f.olga, NULL, &e, "own reading", "account", "A00001", "pin", pin,
                       "serial", serial, "value", value, NULL);
}

START_TEST(an_own_reading_is_taken_where_the_office_allows_it)
{
    ck_assert_int_eq(read_own("271828", "W00001", "11.000"), ERR_STATE);
    policy_set("{\"readings\": true}");
    ck_assert_int_eq(read_own("271829", "W00001", "11.000"), ERR_DENIED);
    ck_assert_int_eq(read_own("271828", "W00002", "11.000"), ERR_NOT_FOUND);
    ck_assert_str_eq(e.text, "this account has no meter \"W00002\"");
    ck_assert_int_eq(read_own("271828", "W99999", "11.000"), ERR_NOT_FOUND);
    ck_assert_int_eq(count("SELECT count(*) FROM reading WHERE source = 'customer'"), 0);
    ck_assert_msg(read_own("271828", "W00001", "11.000") == ERR_OK, "%s", e.text);
    ck_assert_int_eq(
        count("SELECT count(*) FROM reading x JOIN register r ON r.id = x.register "
              "JOIN history h ON h.seq = x.seq WHERE x.source = 'customer' AND "
              "r.meter = 1 AND h.actor = 'user:2'"),
        1);
    policy_set("{\"readings\": false}");
    ck_assert_int_eq(read_own("271828", "W00001", "12.000"), ERR_STATE);
}
END_TEST

static enum err_code dispute_own(const char *bill, const char *reason)
{
    e = (struct err)ERR_INIT;
    return fixture_try(&f, f.olga, NULL, &e, "own dispute", "account", "1", "pin", "271828",
                       "bill", bill, "reason", reason, NULL);
}

START_TEST(an_own_dispute_is_on_an_own_bill_in_fixed_words)
{
    ck_assert_int_eq(dispute_own("2", "amount"), ERR_NOT_FOUND);
    ck_assert_int_eq(dispute_own("1", "call me at 555"), ERR_USAGE);
    ck_assert_msg(dispute_own("1", "amount") == ERR_OK, "%s", e.text);
    ck_assert_int_eq(dispute_own("1", "amount"), ERR_EXISTS);
    ck_assert_int_eq(count("SELECT account FROM dispute"), 1);
    policy_set("{\"disputes\": false}");
    ck_assert_int_eq(dispute_own("1", "paid"), ERR_STATE);
}
END_TEST

START_TEST(the_kiosk_may_nothing_else)
{
    ck_assert_int_eq(fixture_try(&f, f.olga, NULL, &e, "reading add", "serial", "W00001",
                                 "value", "11.000", NULL),
                     ERR_DENIED);
    ck_assert_int_eq(
        fixture_try(&f, f.olga, NULL, &e, "dispute open", "bill", "1", "reason", "x", NULL),
        ERR_DENIED);
    ck_assert_int_eq(fixture_try(&f, f.olga, NULL, &e, "account pin", "account", "A00002",
                                 "pin", "271828", NULL),
                     ERR_DENIED);
}
END_TEST

Suite *suite_own(void)
{
    Suite *s = suite_create("own");
    TCase *t = tcase_create("own");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_pin_has_six_digits_that_nobody_tries_first);
    tcase_add_test(t, a_pin_stands_nowhere_in_clear);
    tcase_add_test(t, account_and_bill_numbers_open_with_the_pin_and_nothing_else);
    tcase_add_test(t, guessing_waits_through_any_of_the_doors);
    tcase_add_test(t, an_own_reading_is_taken_where_the_office_allows_it);
    tcase_add_test(t, an_own_dispute_is_on_an_own_bill_in_fixed_words);
    tcase_add_test(t, the_kiosk_may_nothing_else);
    suite_add_tcase(s, t);
    return s;
}
