#include <config.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "ledger/ledger.h"
#include "lib/office_fixture.h"

Suite *suite_command(void);

static struct office_fixture f;

static void setup(void)
{
    fixture_init(&f);
}

static void teardown(void)
{
    fixture_free(&f);
}

static int64_t height(void)
{
    struct ledger_head head;
    struct err e = ERR_INIT;
    ck_assert_int_eq(ledger_head(f.office->db, &head, &e), ERR_OK);
    return head.seq;
}

static int64_t count(const char *sql)
{
    int64_t n = -1;
    struct err e = ERR_INIT;
    ck_assert_msg(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS) == ERR_OK, "%s", e.text);
    return n;
}

START_TEST(a_command_is_one_entry_and_its_rows)
{
    int64_t before = height();
    int64_t seq = fixture_run(&f, f.ana, "customer add", "name", "Rosa Ficticia", NULL);
    ck_assert_int_eq(seq, before + 1);
    ck_assert_int_eq(height(), before + 1);
    ck_assert_int_eq(count("SELECT count(*) FROM customer"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM history WHERE kind = 'customer.created' AND "
                           "actor = 'user:1'"),
                     1);
}
END_TEST

START_TEST(personal_data_never_stands_in_an_entry)
{
    /* No hash holds what is looked for: neither an accent nor digits before a dash. */
    fixture_run(&f, f.ana, "customer add", "name", "Rosa Fícticia", "phone", "8888-0000", NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM entry WHERE payload LIKE '%Fíc%' OR "
                           "payload LIKE '%\\u00ed%' OR payload LIKE '%8888-%'"),
                     0);
    ck_assert_int_eq(count("SELECT count(*) FROM customer c JOIN personal p ON p.hash = c.name "
                           "WHERE p.value = 'Rosa Fícticia'"),
                     1);
}
END_TEST

START_TEST(a_wrong_parameter_changes_nothing_and_is_named)
{
    static const struct {
        const char *command, *first, *value, *param, *text;
    } rows[] = {
        {"account open", "number", "N1", "customer", "eins"},
        {"limit set", "serial", "W00001", "start", "2026-02-30"},
        {"limit set", "serial", "W00001", "start", "21/11/2026"},
        {"limit set", "serial", "W00001", "value", "12,5"},
        {"limit set", "serial", "W00001", "value", "1e999"},
        {"meter add", "serial", "X1", "kind", "steam"},
        {"customer add", "phone", "1", "name", "\xff\xfe"},
    };
    struct err e = ERR_INIT;
    int64_t before = height();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum err_code code = fixture_try(&f, f.ana, NULL, &e, rows[i].command, rows[i].first,
                                         rows[i].value, rows[i].param, rows[i].text, NULL);
        char named[32];
        (void)snprintf(named, sizeof named, "--%s", rows[i].param);
        ck_assert_msg(code == ERR_USAGE || code == ERR_RANGE, "%s %s: %d", rows[i].command,
                      rows[i].param, (int)code);
        ck_assert_msg(strstr(e.text, named) != NULL || strcmp(rows[i].param, "start") == 0,
                      "%s", e.text);
    }
    struct command_ctx c = {.office = f.office, .command = command_find("customer add")};
    ck_assert_int_eq(arg_set(&c, "shoe-size", "44", &e), ERR_USAGE);
    ck_assert_msg(strstr(e.text, "--shoe-size") != NULL, "%s", e.text);
    ck_assert_int_eq(height(), before);
}
END_TEST

START_TEST(a_missing_parameter_is_named_with_what_it_is)
{
    struct err e = ERR_INIT;
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "customer add", NULL), ERR_USAGE);
    ck_assert_msg(strstr(e.text, "--name") != NULL && strstr(e.text, "customer's name") != NULL,
                  "%s", e.text);
}
END_TEST

/* Written by hand from domain.md, Roles, apart from data/grants.csv. */
START_TEST(roles_may_do_what_the_design_says_and_nothing_else)
{
    static const struct {
        const char *command;
        bool ana, olga, luis, marta;
    } rows[] = {
        {"user add", true, false, false, false},
        {"user roles", true, false, false, false},
        {"user disable", true, false, false, false},
        {"role define", true, false, false, false},
        {"clock adjust", true, false, false, false},
        {"meter add", true, false, false, false},
        {"meter state", true, false, false, false},
        {"limit set", true, false, false, false},
        {"tariff publish", true, false, false, false},
        {"user password", true, true, true, true},
        {"bill run", true, false, false, true},
        {"bill discard", true, false, false, true},
        {"payment take", true, true, false, true},
        {"payment reverse", true, false, false, true},
        {"drawer open", true, true, false, true},
        {"account opening", true, false, false, true},
        {"account refund", true, false, false, true},
        {"account write-off", true, false, false, true},
        {"alert resolve", false, false, true, false},
    };
    struct err e = ERR_INIT;
    struct session *const who[4] = {f.ana, f.olga, f.luis, f.marta};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bool wanted[4] = {rows[i].ana, rows[i].olga, rows[i].luis, rows[i].marta};
        for (size_t k = 0; k < 4; k++) {
            bool may = !wanted[k];
            ck_assert_int_eq(session_may(f.office, who[k]->user, rows[i].command, &may, &e),
                             ERR_OK);
            ck_assert_msg(may == wanted[k], "%s by %s", rows[i].command, who[k]->actor);
        }
    }
    bool may = true;
    ck_assert_int_eq(session_may(f.office, 1, "no such command", &may, &e), ERR_OK);
    ck_assert(!may);
    ck_assert_int_eq(session_may(f.office, 99, "user add", &may, &e), ERR_OK);
    ck_assert(!may);
}
END_TEST

START_TEST(a_refusal_is_recorded_and_changes_nothing_else)
{
    struct err e = ERR_INIT;
    int64_t before = height();
    fixture_meters(&f, 1);
    int64_t meters = height();
    ck_assert_int_eq(
        fixture_try(&f, f.olga, NULL, &e, "limit set", "serial", "W00001", "value", "30", NULL),
        ERR_DENIED);
    ck_assert_msg(strstr(e.text, "limit set") != NULL, "%s", e.text);
    ck_assert_int_gt(meters, before);
    ck_assert_int_eq(height(), meters + 1);
    ck_assert_int_eq(count("SELECT count(*) FROM usage_limit"), 1); /* the meter's own */
    ck_assert_int_eq(count("SELECT count(*) FROM history WHERE kind = 'access.refused' AND "
                           "actor = 'office:SJ01'"),
                     1);
}
END_TEST

START_TEST(another_business_date_needs_a_permission)
{
    struct command_ctx c = {.office = f.office, .session = f.olga};
    struct ticket t;
    struct err e = ERR_INIT;
    c.command = command_find("customer add");
    ck_assert_int_eq(arg_set(&c, "name", "Rosa Ficticia", &e), ERR_OK);
    memcpy(c.date, "2016-03-01", sizeof c.date);
    ck_assert_int_eq(command_run(&c, &t, &e), ERR_DENIED);
    c.session = f.marta;
    ck_assert_msg(command_run(&c, &t, &e) == ERR_OK, "%s", e.text);
    ck_assert_int_eq(count("SELECT count(*) FROM history WHERE date = '2016-03-01'"), 1);
}
END_TEST

START_TEST(a_disabled_user_does_nothing_more)
{
    struct err e = ERR_INIT;
    fixture_run(&f, f.ana, "user disable", "login", "olga", "reason", "left", NULL);
    ck_assert_int_eq(
        fixture_try(&f, f.olga, NULL, &e, "customer add", "name", "Rosa Ficticia", NULL),
        ERR_DENIED);
    ck_assert_int_eq(count("SELECT count(*) FROM customer"), 0);
    ck_assert_int_eq(
        count("SELECT count(*) FROM key WHERE owner = 'user:2' AND valid_to IS NULL"), 0);
}
END_TEST

START_TEST(the_last_administrator_stays)
{
    struct err e = ERR_INIT;
    ck_assert_int_eq(
        fixture_try(&f, f.ana, NULL, &e, "user disable", "login", "ana", "reason", "x", NULL),
        ERR_STATE);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "user roles", "login", "ana", "roles",
                                 "operator", NULL),
                     ERR_STATE);
    fixture_run(&f, f.ana, "user roles", "login", "luis", "roles", "supervisor,administrator",
                NULL);
    fixture_run(&f, f.ana, "user roles", "login", "ana", "roles", "operator", NULL);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "user roles", "login", "olga", "roles",
                                 "auditor", NULL),
                     ERR_DENIED);
}
END_TEST

START_TEST(things_that_are_there_are_not_made_twice)
{
    struct err e = ERR_INIT;
    fixture_meters(&f, 1);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "meter add", "serial", "W00001", "kind",
                                 "water", NULL),
                     ERR_EXISTS);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "account open", "number", "A00001",
                                 "customer", "1", NULL),
                     ERR_EXISTS);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "account open", "number", "NEW",
                                 "customer", "99", NULL),
                     ERR_NOT_FOUND);
    ck_assert_int_eq(
        fixture_try(&f, f.ana, NULL, &e, "account close", "number", "A00001", NULL), ERR_STATE);
}
END_TEST

START_TEST(a_new_limit_ends_the_one_before)
{
    fixture_meters(&f, 1);
    fixture_run(&f, f.ana, "limit set", "serial", "W00001", "value", "35.5", "start",
                "2026-03-01", NULL);
    ck_assert_int_eq(count("SELECT value FROM usage_limit WHERE end_date IS NULL"), 35500);
    ck_assert_int_eq(count("SELECT count(*) FROM usage_limit WHERE end_date = '2026-03-01'"),
                     1);
}
END_TEST

/* Two writers with handles of their own: both acts stand, in one chain. */
START_TEST(a_second_writer_makes_the_first_try_again)
{
    struct office *other = NULL;
    struct err e = ERR_INIT;
    ck_assert_int_eq(office_open(f.dir, DB_WRITE, &f.clock.env, &other, &e), ERR_OK);
    int64_t before = height();
    for (int i = 0; i < 20; i++) {
        struct command_ctx c = {.office = i % 2 == 0 ? f.office : other,
                                .session = f.ana,
                                .command = command_find("customer add")};
        struct ticket t;
        ck_assert_int_eq(arg_set(&c, "name", "Rosa Ficticia", &e), ERR_OK);
        ck_assert_msg(command_run(&c, &t, &e) == ERR_OK, "%s", e.text);
        ck_assert_int_eq(t.seq, before + i + 1);
    }
    ck_assert_int_eq(count("SELECT count(DISTINCT id) FROM customer"), 20);
    office_close(other);
}
END_TEST

START_TEST(a_tariff_is_never_edited)
{
    struct err e = ERR_INIT;
    char path[1024];
    const char *top = getenv("srcdir");
    (void)snprintf(path, sizeof path, "%s/data/tariffs/doc07-water.json",
                   top != NULL ? top : ".");
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "tariff publish", "file", path, NULL),
                     ERR_EXISTS);
    ck_assert_msg(strstr(e.text, "never edited") != NULL, "%s", e.text);
}
END_TEST

static void write_text(const char *name, const char *text, char path[FIXTURE_PATH_MAX + 32])
{
    (void)snprintf(path, FIXTURE_PATH_MAX + 32, "%s/%s", f.dir, name);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_ge(fputs(text, out), 0);
    ck_assert_int_eq(fclose(out), 0);
}

/* The second reading falls, so it is held; it is corrected, and the correction corrected. */
START_TEST(corrections_go_with_the_import_that_they_correct)
{
    char path[FIXTURE_PATH_MAX + 32];
    char id[32];
    fixture_meters(&f, 1);
    write_text("m.json",
               "{\"kind\":\"readings\",\"columns\":{\"serial\":\"s\",\"time\":\"t\","
               "\"value\":\"v\"},\"time_format\":\"%Y-%m-%d %H:%M\",\"unit\":\"m3\","
               "\"as_of\":\"newest\"}",
               path);
    (void)fixture_run(&f, f.ana, "mapping save", "name", "m", "file", path, NULL);
    write_text("r.csv",
               "s,t,v\nW00001,2026-07-31 08:00,97.250\nW00001,2026-08-31 08:00,91.000\n", path);
    (void)fixture_run(&f, f.ana, "import readings", "file", path, "mapping", "m", NULL);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(id, sizeof id, "%d",
                       (int)count(i == 0
                                      ? "SELECT id FROM reading WHERE state = 'held'"
                                      : "SELECT id FROM reading WHERE source = 'correction'"));
        (void)fixture_run(&f, f.luis, "reading decide", "ids", id, "action", "correct", "value",
                          i == 0 ? "111.000" : "112.000", "reason", "mal copiada", NULL);
    }
    ck_assert_int_eq(count("SELECT count(*) FROM reading WHERE run IS NULL AND source = "
                           "'correction' AND state = 'accepted'"),
                     1);
    (void)fixture_run(&f, f.ana, "import discard", "run", "1", "reason", "otro archivo", NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM reading WHERE run IS NULL AND source = "
                           "'correction' AND state = 'accepted'"),
                     0);
    ck_assert_int_eq(count("SELECT count(*) FROM entry WHERE payload LIKE '%otro archivo%'"),
                     1);
}
END_TEST

START_TEST(discarded_meters_leave_nothing_personal)
{
    char path[FIXTURE_PATH_MAX + 32];
    int64_t before = count("SELECT count(*) FROM personal");
    write_text("m.json",
               "{\"kind\":\"meters\",\"columns\":{\"serial\":\"serial\",\"kind\":\"kind\","
               "\"place\":\"place\",\"account\":\"account\",\"customer\":\"customer\","
               "\"tariff\":\"tariff\"}}",
               path);
    (void)fixture_run(&f, f.ana, "mapping save", "name", "m", "file", path, NULL);
    write_text("m.csv",
               "serial,kind,place,account,customer,tariff\n"
               "N1,water,Calle Nueva 1,N-1,Ines Mora,doc07-water\n",
               path);
    (void)fixture_run(&f, f.ana, "import meters", "file", path, "mapping", "m", NULL);
    ck_assert_int_gt(count("SELECT count(*) FROM personal"), before);
    (void)fixture_run(&f, f.ana, "import discard", "run", "1", NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM personal"), before);
}
END_TEST

Suite *suite_command(void)
{
    Suite *s = suite_create("command");
    TCase *t = tcase_create("command");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_command_is_one_entry_and_its_rows);
    tcase_add_test(t, personal_data_never_stands_in_an_entry);
    tcase_add_test(t, a_wrong_parameter_changes_nothing_and_is_named);
    tcase_add_test(t, a_missing_parameter_is_named_with_what_it_is);
    tcase_add_test(t, roles_may_do_what_the_design_says_and_nothing_else);
    tcase_add_test(t, a_refusal_is_recorded_and_changes_nothing_else);
    tcase_add_test(t, another_business_date_needs_a_permission);
    tcase_add_test(t, a_disabled_user_does_nothing_more);
    tcase_add_test(t, the_last_administrator_stays);
    tcase_add_test(t, things_that_are_there_are_not_made_twice);
    tcase_add_test(t, a_new_limit_ends_the_one_before);
    tcase_add_test(t, a_second_writer_makes_the_first_try_again);
    tcase_add_test(t, corrections_go_with_the_import_that_they_correct);
    tcase_add_test(t, discarded_meters_leave_nothing_personal);
    tcase_add_test(t, a_tariff_is_never_edited);
    suite_add_tcase(s, t);
    return s;
}
