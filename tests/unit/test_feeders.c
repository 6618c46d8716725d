/* Feeders: links, balances, and the checks that become alerts. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "app/balance.h"
#include "check_vee.h"
#include "vee_util.h"

static struct office_fixture f;
static struct err e;

/* W3 feeds W1 and W2: 13 m3 a month against 11 and 12. */
static void setup(void)
{
    vee_office(&f, 3);
    e = (struct err)ERR_INIT;
}

static void teardown(void)
{
    fixture_free(&f);
}

static void link(const char *below, const char *above)
{
    (void)fixture_run(&f, f.ana, "meter link", "serial", below, "above", above, "start",
                      "2026-06-01", NULL);
}

START_TEST(a_balance_adds_up_what_is_below)
{
    struct balance b;
    struct date from = {2026, 6, 1};
    struct date to = {2026, 8, 1};
    link("W00001", "W00003");
    link("W00002", "W00003");
    ck_assert_int_eq(balance_load(f.office, 3, zone_day_start(f.office->zone, from),
                                  zone_day_start(f.office->zone, to), &b, &e),
                     ERR_OK);
    ck_assert(b.known);
    ck_assert_int_eq(b.whole, 26000);
    ck_assert_int_eq(b.parts, 22000 + 24000);
    ck_assert_int_eq(b.count, 2);
    ck_assert_int_eq(b.read, 2);
}
END_TEST

START_TEST(a_fault_is_told_once)
{
    link("W00001", "W00003");
    link("W00002", "W00003");
    (void)fixture_run(&f, f.luis, "meter check", "from", "2026-06-01", "to", "2026-08-01",
                      NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM alert WHERE rule = 'balance' AND "
                                    "meter = 3 AND observed = -20000"),
                     1);
    (void)fixture_run(&f, f.luis, "meter check", "from", "2026-06-01", "to", "2026-08-01",
                      NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM alert WHERE rule = 'balance'"), 1);
    vee_verify(&f);
}
END_TEST

START_TEST(nothing_stands_above_itself)
{
    link("W00001", "W00002");
    link("W00002", "W00003");
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "meter link", "serial", "W00003", "above",
                                 "W00001", NULL),
                     ERR_STATE);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "meter link", "serial", "W00003", "above",
                                 "W00003", NULL),
                     ERR_STATE);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "meter link", "serial", "W00003", "above",
                                 "NOPE", NULL),
                     ERR_NOT_FOUND);
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "meter link", "serial", "W00001", "above",
                                 "W00003", "start", "2026-05-01", NULL),
                     ERR_STATE);
}
END_TEST

START_TEST(links_end_and_go_on_through_an_exchange)
{
    link("W00001", "W00003");
    link("W00002", "W00003");
    (void)fixture_run(&f, f.ana, "meter link", "serial", "W00002", "start", "2026-07-01", NULL);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM feed WHERE end_date IS NULL"), 1);
    (void)fixture_run(&f, f.ana, "meter swap", "serial", "W00001", "new", "N-1", "final", "40",
                      "initial", "0", "time", "2026-08-10 10:00", "reason", "x", NULL);
    (void)fixture_run(&f, f.ana, "meter swap", "serial", "W00003", "new", "N-3", "final", "40",
                      "initial", "0", "time", "2026-08-11 10:00", "reason", "x", NULL);
    ck_assert_int_eq(vee_number(&f,
                                "SELECT count(*) FROM feed x JOIN meter m ON m.id = x.meter "
                                "JOIN meter a ON a.id = x.above WHERE m.serial = 'N-1' AND "
                                "a.serial = 'N-3' AND end_date IS NULL"),
                     1);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM feed WHERE end_date IS NULL"), 1);
    vee_verify(&f);
}
END_TEST

/* ---- exchanges that a file tells of, and their undoing ---- */

/* Of both meters, in whose order the exchanges are recorded: not that of time. */
#define FALLS                                                                                  \
    "serial,time,value\n"                                                                      \
    "W00001,2026-02-01 08:00,100\nW00001,2026-03-01 08:00,200\n"                               \
    "W00001,2026-04-01 08:00,5\nW00001,2026-05-01 08:00,20\n"                                  \
    "W00002,2026-02-15 08:00,50\nW00002,2026-03-15 08:00,2\nW00002,2026-04-15 08:00,40\n"      \
    "W00002,2026-05-15 08:00,3\n"

static const char *put(const char *name, const char *text)
{
    static char path[2][FIXTURE_PATH_MAX + 32];
    static unsigned turn;
    char *at = path[turn++ % 2];
    (void)snprintf(at, sizeof path[0], "%s/%s", f.dir, name);
    FILE *out = fopen(at, "w");
    ck_assert(out != NULL && fputs(text, out) >= 0 && fclose(out) == 0);
    return at;
}

static void setup_exchanged(void)
{
    fixture_init(&f);
    fixture_meters(&f, 2);
    e = (struct err)ERR_INIT;
    (void)fixture_run(&f, f.ana, "meter link", "serial", "W00001", "above", "W00002", "start",
                      "2026-01-15", "deduct", "1", NULL);
    (void)fixture_run(&f, f.ana, "limit set", "serial", "W00001", "value", "30", "start",
                      "2026-03-15", NULL);
    (void)fixture_run(&f, f.ana, "mapping save", "name", "old", "file",
                      put("old.json",
                          "{\"kind\":\"readings\",\"columns\":{\"serial\":\"serial\","
                          "\"time\":\"time\",\"value\":\"value\"},\"time_format\":"
                          "\"%Y-%m-%d %H:%M\",\"unit\":\"m3\",\"as_of\":\"newest\"}"),
                      NULL);
}

static void import_falls(void)
{
    (void)fixture_run(&f, f.ana, "import readings", "file", put("falls.csv", FALLS), "mapping",
                      "old", "exchanges", "1", NULL);
}

/* All that exchanges touch, but what stays of the readings. */
static const char *tables(void)
{
    static char text[2][4096];
    static unsigned turn;
    char *at = text[turn++ % 2];
    struct stmt *q = NULL;
    bool row = false;
    ck_assert_int_eq(
        db_query(
            f.office->db, &q, &e,
            "SELECT group_concat(r, char(10)) FROM (SELECT 'm' || quote(id) || serial || "
            "state || quote(removed) || quote(replaces) || quote(run) AS r FROM meter UNION "
            "ALL SELECT 'r' || id || obis || meter FROM register UNION ALL SELECT 'a' || "
            "id || meter || account || start_date || quote(end_date) FROM assignment UNION "
            "ALL SELECT 'l' || id || meter || value || start_date || quote(end_date) FROM "
            "usage_limit UNION ALL SELECT 'f' || id || meter || above || start_date || "
            "quote(end_date) || deduct FROM feed UNION ALL SELECT 'x' || id FROM reading "
            "WHERE run IS NULL ORDER BY 1)",
            NO_VALS),
        ERR_OK);
    ck_assert(stmt_next(q, &row, &e) == ERR_OK && row);
    (void)snprintf(at, sizeof text[0], "%s", stmt_text(q, 0));
    stmt_done(q);
    return at;
}

START_TEST(exchanges_of_a_file_cut_links_and_limits_where_they_happened)
{
    import_falls();
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM meter WHERE run = 1"), 3);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM feed WHERE end_date <= start_date"),
                     0);
    static const char *const links[] = {
        "SELECT count(*) FROM feed WHERE meter = 1 AND above = 2 AND end_date = '2026-02-15'",
        "SELECT count(*) FROM feed WHERE meter = 1 AND above = (SELECT id FROM meter WHERE "
        "serial = 'W00002-2') AND start_date = '2026-02-15' AND end_date = '2026-03-01'",
        "SELECT count(*) FROM feed WHERE meter = (SELECT id FROM meter WHERE serial = "
        "'W00001-2') AND above = (SELECT id FROM meter WHERE serial = 'W00002-2') AND "
        "start_date = '2026-03-01' AND end_date = '2026-04-15'",
        "SELECT count(*) FROM feed WHERE meter = (SELECT id FROM meter WHERE serial = "
        "'W00001-2') AND above = (SELECT id FROM meter WHERE serial = 'W00002-3') AND "
        "start_date = '2026-04-15' AND end_date IS NULL AND deduct = 1",
        "SELECT count(*) FROM usage_limit l JOIN meter m ON m.id = l.meter WHERE m.serial = "
        "'W00001-2' AND l.value = 30000 AND l.start_date = '2026-03-15'"};
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        ck_assert_msg(vee_number(&f, links[i]) == 1, "%s\n%s", links[i], tables());
    }
    vee_verify(&f);
}
END_TEST

START_TEST(an_import_that_is_discarded_takes_its_exchanges_back)
{
    const char *before = tables();
    import_falls();
    (void)fixture_run(&f, f.luis, "reading decide", "all", "1", "action", "accept", "reason",
                      "x", NULL);
    (void)fixture_run(&f, f.ana, "import discard", "run", "1", NULL);
    ck_assert_str_eq(tables(), before);
    vee_verify(&f);
    import_falls();
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM meter WHERE run = 2"), 3);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM meter WHERE serial = 'W00002-3'"), 1);
    vee_verify(&f);
}
END_TEST

START_TEST(exchanges_that_something_builds_on_stay)
{
    import_falls();
    static const struct {
        const char *command, *args[4][2], *why;
    } rows[] = {
        {"reading add",
         {{"serial", "W00002-3"}, {"value", "9"}, {"time", "2026-06-01 08:00"}},
         "read since"},
        {"meter link", {{"serial", "W00001-2"}, {"start", "2026-06-02"}}, "changed since"},
        {"limit set", {{"serial", "W00002-3"}, {"value", "9"}}, "changed since"},
        {"meter swap",
         {{"serial", "W00002-3"}, {"new", "N-1"}, {"final", "9"}, {"initial", "0"}},
         "exchanged again"},
        {"work open",
         {{"kind", "inspect"}, {"serial", "W00002-3"}, {"reason", "x"}},
         "changed since"},
    };
    struct command_ctx c = {.office = f.office, .session = _i == 0 ? f.olga : f.ana};
    struct arena arena;
    struct ticket t;
    c.command = command_find(rows[_i].command);
    arena_init(&arena, (size_t)16 << 20);
    c.arena = &arena;
    for (size_t i = 0; i < 4 && rows[_i].args[i][0] != NULL; i++) {
        ck_assert_int_eq(arg_set(&c, rows[_i].args[i][0], rows[_i].args[i][1], &e), ERR_OK);
    }
    if (_i == 3) {
        ck_assert_int_eq(arg_set(&c, "reason", "x", &e), ERR_OK);
    }
    ck_assert_msg(command_run(&c, &t, &e) == ERR_OK, "%s: %s", rows[_i].command, e.text);
    arena_release(&arena);
    int64_t entries = vee_number(&f, "SELECT count(*) FROM entry");
    ck_assert_int_eq(fixture_try(&f, f.ana, NULL, &e, "import discard", "run", "1", NULL),
                     ERR_STATE);
    ck_assert_msg(strstr(e.text, rows[_i].why) != NULL, "%s", e.text);
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM entry"), entries);
}
END_TEST

Suite *suite_feeders(void)
{
    Suite *s = suite_create("feeders");
    TCase *t = tcase_create("feeders");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, a_balance_adds_up_what_is_below);
    tcase_add_test(t, a_fault_is_told_once);
    tcase_add_test(t, nothing_stands_above_itself);
    tcase_add_test(t, links_end_and_go_on_through_an_exchange);
    suite_add_tcase(s, t);
    TCase *x = tcase_create("exchanges");
    tcase_add_checked_fixture(x, setup_exchanged, teardown);
    tcase_set_timeout(x, 30);
    tcase_add_test(x, exchanges_of_a_file_cut_links_and_limits_where_they_happened);
    tcase_add_test(x, an_import_that_is_discarded_takes_its_exchanges_back);
    tcase_add_loop_test(x, exchanges_that_something_builds_on_stay, 0, 5);
    suite_add_tcase(s, x);
    return s;
}
