/* The machine's clock is moved under an office, and crosses daylight saving: entries stay in
 * order, a large step is refused with the way out, and no interval between readings is
 * negative. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check_faults.h"

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define YEAR (365 * 24 * HOUR)

static struct office_fixture f;

static int64_t ask(const char *sql)
{
    struct err e = ERR_INIT;
    int64_t v = 0;
    ck_assert_msg(db_get_int(f.office->db, &v, NULL, &e, sql, NO_VALS) == ERR_OK, "%s: %s", sql,
                  e.text);
    return v;
}

static enum err_code customer(struct err *e)
{
    return fixture_try(&f, f.ana, NULL, e, "customer add", "name", "Zoila Paz", NULL);
}

/* Times never fall, and rise from entry to entry. */
static void assert_ordered(void)
{
    ck_assert_int_eq(ask("SELECT count(*) FROM history a JOIN history b ON b.seq = a.seq + 1 "
                         "WHERE b.time <= a.time"),
                     0);
}

/* The wall clock is moved; the machine's other clock goes on as before. */
static const struct step {
    const char *name;
    int64_t by_ms;
    bool goes_on;
} steps[] = {{"a second ahead", SECOND, true},
             {"a second back", -SECOND, true},
             {"an hour ahead", HOUR, false},
             {"an hour back", -HOUR, false},
             {"a year ahead", YEAR, false},
             {"a year back", -YEAR, false},
             {"a day ahead", 24 * HOUR, false},
             {"four minutes back", -240 * SECOND, true},
             {"six minutes back", -360 * SECOND, false}};

START_TEST(clock_that_is_moved_never_disorders_the_ledger)
{
    const struct step *s = &steps[_i];
    struct err e = ERR_INIT;
    fixture_init(&f);
    ck_assert_int_eq(customer(&e), ERR_OK);
    int64_t newest = ask("SELECT max(seq) FROM entry");
    f.clock.wall += s->by_ms;
    enum err_code code = customer(&e);
    if (s->goes_on) {
        ck_assert_msg(code == ERR_OK, "%s: %s", s->name, e.text);
    } else {
        ck_assert_msg(code == ERR_STATE && strstr(e.text, "aforo clock adjust") != NULL,
                      "%s: %s: %s", s->name, err_code_name(code), e.text);
        ck_assert_int_eq(ask("SELECT max(seq) FROM entry"), newest);
        (void)fixture_run(&f, f.ana, "clock adjust", "reason", "pila del reloj", NULL);
        ck_assert_msg(customer(&e) == ERR_OK || s->by_ms < 0, "%s: %s", s->name, e.text);
    }
    assert_ordered();
    fixture_close(&f);
    rig_holds(f.dir, VERIFY_DEEP, s->name);
    fixture_remove_folder(f.dir);
}
END_TEST

/* ---- daylight saving */

static struct session *logged_in(const char *login)
{
    struct err e = ERR_INIT;
    struct session *s = NULL;
    int wait_s = 0;
    ck_assert_int_eq(session_login(f.office, login, FIXTURE_PASSWORD, &s, &wait_s, &e), ERR_OK);
    return s;
}

static void madrid_make(int64_t wall_ms)
{
    struct err e = ERR_INIT;
    f = (struct office_fixture){0};
    fixture_temp_folder(f.dir);
    env_fake_init(&f.clock, wall_ms, 77);
    ck_assert_msg(office_open(f.dir, DB_CREATE, &f.clock.env, &f.office, &e) == ERR_OK, "%s",
                  e.text);
    (void)fixture_run(&f, NULL, "init", "code", "MAD1", "name", "Aguas", "currency", "EUR",
                      "zone", "Europe/Madrid", "locale", "es_ES", "login", "ana", "person",
                      "Ana Mora", "password", FIXTURE_PASSWORD, NULL);
    f.ana = logged_in("ana");
    (void)fixture_run(&f, f.ana, "user add", "login", "olga", "person", "Olga Rojas", "roles",
                      "operator", "password", FIXTURE_PASSWORD, NULL);
    f.olga = logged_in("olga");
}

/* An hour before the change to an hour after it, a quarter of an hour at a time; each time an
 * act and, on the half hours, nothing else. */
static void hours_pass(void)
{
    struct err e = ERR_INIT;
    for (int i = 0; i < 8; i++) {
        f.clock.wall += HOUR / 4;
        f.clock.boot += HOUR / 4;
        ck_assert_msg(customer(&e) == ERR_OK, "%d quarters: %s", i, e.text);
    }
    assert_ordered();
}

static void meter_make(void)
{
    char path[FIXTURE_PATH_MAX];
    const char *top = getenv("AFORO_SRCDIR");
    (void)snprintf(path, sizeof path, "%s/data/tariffs/demo-water.json",
                   top != NULL ? top : ".");
    (void)fixture_run(&f, f.ana, "tariff publish", "file", path, NULL);
    (void)fixture_run(&f, f.ana, "meter add", "serial", "W1", "kind", "water", "place",
                      "Calle 1", "route", "R1", "order", "1", "digits", "5", "decimals", "3",
                      "installed", "2026-01-01", "initial", "0", "account", "C1", "customer",
                      "Cliente", "tariff", "demo-water", NULL);
}

/* Local times around the change, in order; the readings rise. */
static void read_at(const char *const *times, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char value[32];
        (void)snprintf(value, sizeof value, "%zu.000", 10 + i);
        (void)fixture_run(&f, f.olga, "reading add", "serial", "W1", "value", value, "time",
                          times[i], NULL);
    }
    ck_assert_int_eq(ask("SELECT count(*) FROM reading a JOIN reading b ON b.register = "
                         "a.register AND b.id > a.id AND b.utc <= a.utc"),
                     0);
    ck_assert_int_eq(ask("SELECT count(*) FROM reading WHERE source = 'manual'"),
                     (int64_t)count);
}

START_TEST(daylight_saving_ends_without_a_negative_interval)
{
    /* 2026-10-25 01:00 UTC: 03:00 becomes 02:00. */
    static const char *const times[] = {"2026-10-25 01:45", "2026-10-25 02:30",
                                        "2026-10-25 03:00", "2026-10-25 03:15"};
    madrid_make(INT64_C(1792886400000)); /* midnight UTC */
    hours_pass();
    f.clock.wall += 3 * HOUR;
    f.clock.boot += 3 * HOUR;
    meter_make();
    read_at(times, sizeof times / sizeof times[0]);
    fixture_close(&f);
    rig_holds(f.dir, VERIFY_DEEP, "the end of daylight saving");
    fixture_remove_folder(f.dir);
}
END_TEST

START_TEST(daylight_saving_begins_without_a_negative_interval)
{
    /* 2026-03-29 01:00 UTC: 02:00 becomes 03:00. */
    static const char *const times[] = {"2026-03-29 01:45", "2026-03-29 01:59",
                                        "2026-03-29 03:00", "2026-03-29 03:15"};
    struct err e = ERR_INIT;
    madrid_make(INT64_C(1774742400000)); /* midnight UTC */
    hours_pass();
    f.clock.wall += 3 * HOUR;
    f.clock.boot += 3 * HOUR;
    meter_make();
    read_at(times, sizeof times / sizeof times[0]);
    ck_assert_int_ne(fixture_try(&f, f.olga, NULL, &e, "reading add", "serial", "W1", "value",
                                 "20.000", "time", "2026-03-29 02:30", NULL),
                     ERR_OK); /* there was no such time */
    fixture_close(&f);
    rig_holds(f.dir, VERIFY_DEEP, "the begin of daylight saving");
    fixture_remove_folder(f.dir);
}
END_TEST

/* Logins failed while the clock was a year ahead: set right, it holds nobody back for a year.
 */
START_TEST(clock_set_back_does_not_lock_users_out)
{
    struct err e = ERR_INIT;
    struct session *s = NULL;
    int wait_s = 0;
    fixture_init(&f);
    f.clock.wall += 365 * 24 * HOUR;
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(session_login(f.office, "ana", "another-one", &s, &wait_s, &e),
                         ERR_DENIED);
        f.clock.wall += 61000;
    }
    f.clock.wall -= 365 * 24 * HOUR;
    ck_assert_int_eq(session_login(f.office, "ana", FIXTURE_PASSWORD, &s, &wait_s, &e),
                     ERR_DENIED);
    ck_assert_int_gt(wait_s, 0); /* it begins now */
    ck_assert_int_le(wait_s, 60);
    f.clock.wall += 61000;
    ck_assert_msg(session_login(f.office, "ana", FIXTURE_PASSWORD, &s, &wait_s, &e) == ERR_OK,
                  "%s", e.text);
    session_free(s);
    fixture_free(&f);
}
END_TEST

Suite *suite_fault_clock(void)
{
    Suite *s = suite_create("fault_clock");
    TCase *t = tcase_create("fault_clock");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, clock_that_is_moved_never_disorders_the_ledger, 0,
                        (int)(sizeof steps / sizeof steps[0]));
    tcase_add_test(t, clock_set_back_does_not_lock_users_out);
    tcase_add_test(t, daylight_saving_ends_without_a_negative_interval);
    tcase_add_test(t, daylight_saving_begins_without_a_negative_interval);
    suite_add_tcase(s, t);
    return s;
}
