/* Collection and cuts: no cut without debt, notices, the approval of others, and against no
 * protection; money brings the supply back. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/office_fixture.h"

Suite *suite_cut(void);

#define ACCOUNTS 7
#define HOUR INT64_C(3600000)

static struct office_fixture f;
static struct err e;

static int64_t count(const char *sql)
{
    int64_t n = -1;
    ck_assert_msg(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS) == ERR_OK, "%s", e.text);
    return n;
}

static void policy(const char *json)
{
    char path[FIXTURE_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/policy.json", f.dir);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_ge(fputs(json, out), 0);
    ck_assert_int_eq(fclose(out), 0);
    fixture_run(&f, f.ana, "policy set", "policy", "collection", "file", path, NULL);
}

/* Mondays to Fridays from 8 to 16; the 3rd of November 2026 is protected. */
static const char rules[] =
    "{\"notice_1\":0,\"notice_2\":0,\"notice_3\":0,\"cut_days\":0,\"minimum\":100,"
    "\"from_hour\":8,\"to_hour\":16,\"last_weekday\":5,\"protected\":[\"2026-11-03\"]}";

static void setup(void)
{
    char number[16];
    fixture_init(&f);
    e = (struct err)ERR_INIT;
    fixture_meters(&f, ACCOUNTS);
    fixture_run(&f, f.ana, "user roles", "login", "luis", "roles", "supervisor,installer",
                NULL);
    fixture_run(&f, f.olga, "drawer open", "drawer", "c", "float", "1", NULL);
    policy(rules);
    for (int i = 1; i <= ACCOUNTS; i++) {
        (void)snprintf(number, sizeof number, "A%05d", i);
        fixture_run(&f, f.marta, "account opening", "account", number, "amount", "30", "due",
                    "2026-01-31", NULL);
    }
}

static void teardown(void)
{
    fixture_free(&f);
}

static void notices(int times)
{
    for (int i = 0; i < times; i++) {
        fixture_run(&f, f.marta, "collection run", NULL);
    }
}

static enum err_code try(struct session *who, const char *command, const char *name,
                         const char *value)
{
    e = (struct err)ERR_INIT;
    return fixture_try(&f, who, NULL, &e, command, name, value, NULL);
}

static void ordered(const char *serial, const char *request)
{
    fixture_run(&f, f.marta, "cut order", "serial", serial, NULL);
    fixture_run(&f, f.luis, "request approve", "request", request, NULL);
}

START_TEST(a_cut_goes_from_notices_to_reconnection)
{
    ck_assert_int_eq(try(f.marta, "cut order", "serial", "W00001"), ERR_DENIED);
    ck_assert_ptr_nonnull(strstr(e.text, "rule notice"));
    notices(2);
    ck_assert_int_eq(try(f.marta, "cut order", "serial", "W00001"), ERR_DENIED);
    notices(1);
    ck_assert_int_eq(count("SELECT count(*) FROM notice"), 3 * ACCOUNTS);
    fixture_run(&f, f.marta, "cut order", "serial", "W00001", NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM cut_order"), 0);
    ck_assert_int_eq(try(f.marta, "request approve", "request", "1"), ERR_DENIED);
    fixture_run(&f, f.luis, "request approve", "request", "1", NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM cut_order WHERE state = 'ordered'"), 1);
    fixture_run(&f, f.ana, "work assign", "work", "1", "to", "luis", NULL);
    ck_assert_int_eq(fixture_try(&f, f.luis, NULL, &e, "work close", "work", "1", "outcome",
                                 "done", "result", "x", NULL),
                     ERR_STATE); /* not begun */
    fixture_run(&f, f.luis, "work begin", "work", "1", NULL);
    fixture_run(&f, f.luis, "work close", "work", "1", "outcome", "done", "result", "sellado",
                NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM cut_order WHERE state = 'cut'"), 1);
    fixture_run(&f, f.olga, "payment take", "account", "A00001", "amount", "29", NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM work_order WHERE kind = 'reconnect'"), 0);
    fixture_run(&f, f.olga, "payment take", "account", "A00001", "amount", "1", NULL);
    ck_assert_int_eq(count("SELECT id FROM work_order WHERE kind = 'reconnect'"), 2);
    ck_assert_int_eq(
        fixture_try(&f, f.luis, NULL, &e, "work cancel", "work", "2", "reason", "x", NULL),
        ERR_STATE);
    fixture_run(&f, f.ana, "work assign", "work", "2", "to", "luis", NULL);
    fixture_run(&f, f.luis, "work close", "work", "2", "outcome", "done", "result", "ok", NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM cut_order WHERE state = 'reconnected'"), 1);
}
END_TEST

START_TEST(a_cut_is_asked_for_once)
{
    notices(3);
    ck_assert_int_eq(try(f.marta, "cut order", "serial", "W00001"), ERR_OK);
    ck_assert_int_eq(try(f.marta, "cut order", "serial", "W00001"), ERR_EXISTS);
    ck_assert_msg(strstr(e.text, "request 1 asks for this already") != NULL, "%s", e.text);
    ck_assert_int_eq(try(f.marta, "cut order", "serial", "W00002"), ERR_OK);
    fixture_run(&f, f.luis, "request reject", "request", "1", "reason", "r", NULL);
    ck_assert_int_eq(try(f.marta, "cut order", "serial", "W00001"), ERR_OK);
}
END_TEST

START_TEST(what_is_paid_is_not_cut)
{
    notices(3);
    ordered("W00001", "1");
    fixture_run(&f, f.olga, "payment take", "account", "A00001", "amount", "30", NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM cut_order WHERE state = 'withdrawn'"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM work_order WHERE state = 'cancelled'"), 1);
    /* paid while the installer is there: cut, and to be reconnected at once */
    ordered("W00002", "2");
    fixture_run(&f, f.ana, "work assign", "work", "2", "to", "luis", NULL);
    fixture_run(&f, f.luis, "work begin", "work", "2", NULL);
    fixture_run(&f, f.olga, "payment take", "account", "A00002", "amount", "30", NULL);
    fixture_run(&f, f.luis, "work close", "work", "2", "outcome", "done", "result", "x", NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM cut_order WHERE state = 'reconnecting'"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM work_order WHERE kind = 'reconnect'"), 1);
}
END_TEST

START_TEST(every_protection_is_asked_again_at_the_door)
{
    notices(3);
    ordered("W00001", "1");
    fixture_run(&f, f.ana, "work assign", "work", "1", "to", "luis", NULL);
    fixture_run(&f, f.olga, "account protect", "account", "A00001", "until", "2026-11-02",
                NULL);
    ck_assert_int_eq(try(f.luis, "work begin", "work", "1"), ERR_DENIED);
    ck_assert_ptr_nonnull(strstr(e.text, "rule vulnerable"));
    ck_assert_int_eq(try(f.marta, "cut order", "serial", "W00001"), ERR_EXISTS);
    fixture_run(&f, f.olga, "account protect", "account", "A00001", "until", "2026-11-01",
                NULL);
    fixture_run(&f, f.marta, "plan make", "account", "A00001", "parts", "2", "first",
                "2026-12-01", NULL);
    ck_assert_int_eq(try(f.luis, "work begin", "work", "1"), ERR_DENIED);
    ck_assert_ptr_nonnull(strstr(e.text, "rule plan"));
    fixture_run(&f, f.marta, "plan end", "plan", "1", "reason", "x", NULL);
    f.clock.wall += 8 * HOUR; /* 16:00 in Costa Rica */
    f.clock.boot += 8 * HOUR;
    ck_assert_int_eq(try(f.luis, "work begin", "work", "1"), ERR_DENIED);
    ck_assert_ptr_nonnull(strstr(e.text, "rule hour"));
    f.clock.wall += 18 * HOUR; /* the 3rd, 10:00 */
    f.clock.boot += 18 * HOUR;
    ck_assert_int_eq(try(f.luis, "work begin", "work", "1"), ERR_DENIED);
    ck_assert_ptr_nonnull(strstr(e.text, "rule date"));
    f.clock.wall += 24 * HOUR;
    f.clock.boot += 24 * HOUR;
    ck_assert_int_eq(try(f.luis, "work begin", "work", "1"), ERR_OK);
}
END_TEST

START_TEST(more_than_the_cap_waits_in_quarantine)
{
    char serial[16];
    char request[16];
    notices(3);
    for (int i = 1; i <= ACCOUNTS; i++) {
        (void)snprintf(serial, sizeof serial, "W%05d", i);
        (void)snprintf(request, sizeof request, "%d", i);
        ordered(serial, request);
    }
    ck_assert_int_eq(count("SELECT count(*) FROM cut_order WHERE state = 'ordered'"), 5);
    ck_assert_int_eq(count("SELECT count(*) FROM cut_order WHERE state = 'quarantined'"), 2);
    ck_assert_int_eq(count("SELECT count(*) FROM work_order"), 5);
    ck_assert_int_eq(try(f.marta, "cut release", "cut", "6"), ERR_DENIED);
    f.clock.wall += HOUR;
    f.clock.boot += HOUR;
    ck_assert_int_eq(try(f.ana, "cut release", "cut", "6"), ERR_OK);
    fixture_run(&f, f.luis, "request approve", "request", "8", NULL);
    ck_assert_int_eq(count("SELECT count(*) FROM work_order WHERE kind = 'cut'"), 6);
    ck_assert_int_eq(try(f.ana, "cut release", "cut", "6"), ERR_STATE);
}
END_TEST

/* ---- disputes ---- */

static const char *state_of(const char *serial)
{
    static char state[16];
    struct stmt *q = NULL;
    bool row = false;
    ck_assert_int_eq(db_query(f.office->db, &q, &e,
                              "SELECT c.state FROM cut_order c JOIN meter m ON m.id = c.meter "
                              "WHERE m.serial = ? ORDER BY c.id DESC LIMIT 1",
                              VALS(V_TEXT(serial))),
                     ERR_OK);
    ck_assert_int_eq(stmt_next(q, &row, &e), ERR_OK);
    (void)snprintf(state, sizeof state, "%s", row ? stmt_text(q, 0) : "none");
    stmt_done(q);
    return state;
}

/* A dispute on the newest reading of the meter; its number. */
static char *disputed(const char *serial)
{
    static char number[2][16];
    static unsigned turn;
    char reading[16];
    int64_t id = 0;
    turn = !turn;
    ck_assert_int_eq(db_get_int(f.office->db, &id, NULL, &e,
                                "SELECT max(x.id) FROM reading x JOIN register r ON r.id = "
                                "x.register JOIN meter m ON m.id = r.meter WHERE m.serial = ?",
                                VALS(V_TEXT(serial))),
                     ERR_OK);
    (void)snprintf(reading, sizeof reading, "%lld", (long long)id);
    fixture_run(&f, f.olga, "dispute open", "reading", reading, "reason", "no es mío", NULL);
    (void)snprintf(number[turn], sizeof number[turn], "%lld",
                   (long long)count("SELECT max(id) FROM dispute"));
    return number[turn];
}

static void resolved(const char *dispute, const char *outcome)
{
    fixture_run(&f, f.luis, "dispute resolve", "dispute", dispute, "outcome", outcome, "reason",
                "visto", NULL);
}

static int64_t works(const char *serial, const char *state)
{
    int64_t n = -1;
    ck_assert_int_eq(db_get_int(f.office->db, &n, NULL, &e,
                                "SELECT count(*) FROM work_order w JOIN meter m ON m.id = "
                                "w.meter WHERE m.serial = ? AND w.kind = 'cut' AND w.state = ?",
                                VALS(V_TEXT(serial), V_TEXT(state))),
                     ERR_OK);
    return n;
}

START_TEST(a_dispute_suspends_what_is_ordered_until_it_ends)
{
    notices(3);
    ordered("W00001", "1");
    char *first = disputed("W00001");
    ck_assert_str_eq(state_of("W00001"), "suspended");
    ck_assert_int_eq(works("W00001", "open"), 0);
    ck_assert_int_eq(works("W00001", "cancelled"), 1);
    ck_assert_int_eq(try(f.marta, "cut order", "serial", "W00001"), ERR_EXISTS);
    ck_assert_int_eq(try(f.luis, "work begin", "work", "1"), ERR_STATE);
    resolved(first, "rejected");
    ck_assert_str_eq(state_of("W00001"), "ordered");
    ck_assert_int_eq(works("W00001", "open"), 1);
    /* an installer has it; two disputes: the last one counts */
    fixture_run(&f, f.ana, "work assign", "work", "2", "to", "luis", NULL);
    first = disputed("W00001");
    fixture_run(&f, f.olga, "reading add", "serial", "W00001", "value", "3", NULL);
    char *second = disputed("W00001");
    ck_assert_int_eq(works("W00001", "cancelled"), 2);
    resolved(first, "withdrawn");
    ck_assert_str_eq(state_of("W00001"), "suspended");
    resolved(second, "rejected");
    ck_assert_str_eq(state_of("W00001"), "ordered");
    /* undone by the customer's money, and by hand */
    first = disputed("W00001");
    fixture_run(&f, f.olga, "payment take", "account", "A00001", "amount", "29", NULL);
    ck_assert_str_eq(state_of("W00001"), "suspended");
    fixture_run(&f, f.olga, "payment take", "account", "A00001", "amount", "1", NULL);
    ck_assert_str_eq(state_of("W00001"), "withdrawn");
    resolved(first, "rejected");
    ck_assert_str_eq(state_of("W00001"), "withdrawn");
    ordered("W00002", "2");
    first = disputed("W00002");
    fixture_run(&f, f.ana, "cut withdraw", "cut", "2", "reason", "se acordó", NULL);
    resolved(first, "rejected");
    ck_assert_str_eq(state_of("W00002"), "withdrawn");
    ck_assert_int_eq(works("W00002", "open"), 0);
}
END_TEST

START_TEST(a_dispute_leaves_what_has_begun_to_the_installer)
{
    notices(3);
    ordered("W00001", "1");
    fixture_run(&f, f.ana, "work assign", "work", "1", "to", "luis", NULL);
    fixture_run(&f, f.luis, "work begin", "work", "1", NULL);
    char *dispute = disputed("W00001");
    ck_assert_str_eq(state_of("W00001"), "ordered");
    ck_assert_int_eq(works("W00001", "begun"), 1);
    fixture_run(&f, f.luis, "work close", "work", "1", "outcome", "failed", "result",
                "nadie abre", NULL);
    ck_assert_str_eq(state_of("W00001"), "suspended");
    ck_assert_int_eq(works("W00001", "open"), 0);
    resolved(dispute, "rejected");
    ck_assert_str_eq(state_of("W00001"), "ordered");
    /* off, and on its way back: nothing is to be suspended */
    fixture_run(&f, f.ana, "work assign", "work", "2", "to", "luis", NULL);
    fixture_run(&f, f.luis, "work begin", "work", "2", NULL);
    fixture_run(&f, f.luis, "work close", "work", "2", "outcome", "done", "result", "x", NULL);
    resolved(disputed("W00001"), "rejected");
    ck_assert_str_eq(state_of("W00001"), "cut");
    fixture_run(&f, f.olga, "payment take", "account", "A00001", "amount", "30", NULL);
    resolved(disputed("W00001"), "rejected");
    ck_assert_str_eq(state_of("W00001"), "reconnecting");
    fixture_run(&f, f.ana, "work assign", "work", "3", "to", "luis", NULL);
    fixture_run(&f, f.luis, "work close", "work", "3", "outcome", "done", "result", "x", NULL);
    resolved(disputed("W00001"), "rejected");
    ck_assert_str_eq(state_of("W00001"), "reconnected");
}
END_TEST

START_TEST(orders_stand_again_only_as_the_cap_lets)
{
    char serial[16];
    char request[16];
    notices(3);
    for (int i = 1; i <= 6; i++) {
        (void)snprintf(serial, sizeof serial, "W%05d", i);
        (void)snprintf(request, sizeof request, "%d", i);
        ordered(serial, request);
    }
    char *dispute = disputed("W00006"); /* in quarantine */
    ck_assert_str_eq(state_of("W00006"), "suspended");
    resolved(dispute, "rejected");
    ck_assert_str_eq(state_of("W00006"), "quarantined");
    ck_assert_int_eq(works("W00006", "open"), 0);
    resolved(disputed("W00005"), "rejected"); /* its place in the hour is taken */
    ck_assert_str_eq(state_of("W00005"), "quarantined");
    f.clock.wall += HOUR;
    f.clock.boot += HOUR;
    resolved(disputed("W00004"), "rejected");
    ck_assert_str_eq(state_of("W00004"), "ordered");
}
END_TEST

START_TEST(a_dispute_that_is_upheld_ends_the_order)
{
    char bill[16];
    notices(3);
    ordered("W00001", "1");
    fixture_run(&f, f.marta, "bill run", "period", "2026-10", NULL);
    (void)snprintf(bill, sizeof bill, "%lld",
                   (long long)count("SELECT id FROM bill ORDER BY id LIMIT 1"));
    fixture_run(&f, f.olga, "dispute open", "bill", bill, "reason", "no es mío", NULL);
    ck_assert_str_eq(state_of("W00001"), "suspended");
    resolved("1", "upheld");
    ck_assert_str_eq(state_of("W00001"), "withdrawn");
    ordered("W00001", "2");
    ck_assert_str_eq(state_of("W00001"), "ordered");
}
END_TEST

/* ---- property: whatever anybody tries, in whatever order, no supply is cut unauthorised ----
 */

static uint32_t seed;

static unsigned pick(unsigned below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static struct session *anybody(void)
{
    struct session *all[] = {f.ana, f.olga, f.luis, f.marta};
    return all[pick(4)];
}

/* Who may do it, half of the time: else hardly anything would ever get as far as a cut. */
static struct session *likely(struct session *who)
{
    return pick(2) == 0 ? who : anybody();
}

static unsigned begun_count, done_count;

/* Said without the code under test: what must hold the moment a cut has begun. */
static void judge_begun(const char *work)
{
    int64_t account = 0;
    int64_t n = 0;
    ck_assert_int_eq(db_get_int(f.office->db, &account, NULL, &e,
                                "SELECT account FROM work_order WHERE id = ? AND kind = 'cut'",
                                VALS(V_INT(strtol(work, NULL, 10)))),
                     ERR_OK);
    if (account == 0) {
        return;
    }
    ck_assert_int_eq(
        db_get_int(
            f.office->db, &n, NULL, &e,
            "SELECT (SELECT coalesce(sum(open), 0) >= 100 FROM posting WHERE account = "
            "?1 AND open > 0) + (NOT EXISTS(SELECT 1 FROM plan WHERE account = ?1 AND "
            "ended IS NULL)) + (NOT EXISTS(SELECT 1 FROM protection WHERE account = ?1 "
            "AND until >= '2026-11-02')) + ((SELECT count(*) FROM notice WHERE account = "
            "?1 AND step = 3) > 0)",
            VALS(V_INT(account))),
        ERR_OK);
    ck_assert_int_eq(n, 4);
    int64_t hour = (f.clock.wall / HOUR) % 24 - 6;
    ck_assert_msg(hour >= 8 && hour < 16, "cut at %lld o'clock", (long long)hour);
}

static void judge_all(void)
{
    /* each order: approved by enough, none of them who asked */
    ck_assert_int_eq(
        count("SELECT count(*) FROM cut_order c JOIN request r ON r.id = c.request WHERE "
              "r.command <> 'cut order' OR r.state <> 'done' OR (SELECT count(*) FROM approval "
              "a WHERE a.request = r.id AND a.who <> r.requester) < r.needed"),
        0);
    /* nothing is off that was not ordered and begun; nothing begun that is in quarantine */
    ck_assert_int_eq(count("SELECT count(*) FROM work_order w WHERE w.kind = 'cut' AND "
                           "w.state <> 'cancelled' AND (w.cut IS NULL OR NOT EXISTS(SELECT 1 "
                           "FROM cut_order c WHERE c.id = w.cut AND c.released IS NOT NULL))"),
                     0);
    ck_assert_int_eq(count("SELECT count(*) FROM work_order w WHERE w.kind = 'cut' AND w.state "
                           "= 'done' AND NOT EXISTS(SELECT 1 FROM history h WHERE h.kind = "
                           "'work.begun' AND h.meter = w.meter)"),
                     0);
    /* nobody is to go where a dispute suspended the order */
    ck_assert_int_eq(count("SELECT count(*) FROM cut_order c JOIN work_order w ON w.cut = c.id "
                           "WHERE c.state = 'suspended' AND w.closed IS NULL"),
                     0);
    ck_assert_int_eq(count("SELECT count(*) FROM cut_order c WHERE c.state = 'suspended' AND "
                           "NOT EXISTS(SELECT 1 FROM dispute d WHERE d.account = c.account AND "
                           "d.state = 'open')"),
                     0);
    ck_assert_int_le(count("SELECT coalesce(max(n), 0) FROM (SELECT (SELECT count(*) FROM "
                           "cut_order b WHERE b.released > c.released - 3600000 AND b.released "
                           "<= c.released) AS n FROM cut_order c)"),
                     5);
}

static void attempt_dispute(unsigned reading)
{
    char number[16];
    (void)snprintf(number, sizeof number, "%u", reading);
    (void)fixture_try(&f, f.olga, NULL, &e, "dispute open", "reading", number, "reason", "x",
                      NULL);
    (void)snprintf(number, sizeof number, "%lld",
                   (long long)count("SELECT coalesce(max(id), 1) FROM dispute") -
                       (long long)pick(2));
    (void)fixture_try(&f, f.luis, NULL, &e, "dispute resolve", "dispute", number, "outcome",
                      pick(2) == 0 ? "rejected" : "withdrawn", "reason", "x", NULL);
}

static void attempt(void)
{
    char serial[16];
    char account[16];
    char number[16];
    unsigned i = pick(ACCOUNTS) + 1;
    (void)snprintf(serial, sizeof serial, "W%05u", i);
    (void)snprintf(account, sizeof account, "A%05u", i);
    int64_t works = count("SELECT count(*) FROM work_order");
    (void)snprintf(number, sizeof number, "%u", pick((unsigned)works + 1) + 1);
    e = (struct err)ERR_INIT;
    switch (pick(13)) {
    case 0:
    case 1:
        (void)try(likely(f.marta), "cut order", "serial", serial);
        break;
    case 2:
    case 3:
    case 4:
        (void)snprintf(number, sizeof number, "%lld",
                       (long long)count("SELECT coalesce(max(id), 1) FROM request") -
                           (long long)pick(3));
        (void)try(likely(f.luis), "request approve", "request", number);
        break;
    case 5:
        (void)fixture_try(&f, likely(f.ana), NULL, &e, "work assign", "work", number, "to",
                          "luis", NULL);
        break;
    case 6:
    case 7:
        if (try(likely(f.luis), "work begin", "work", number) == ERR_OK) {
            begun_count++;
            judge_begun(number);
        }
        break;
    case 8:
        if (fixture_try(&f, likely(f.luis), NULL, &e, "work close", "work", number, "outcome",
                        pick(3) == 0 ? "failed" : "done", "result", "r", NULL) == ERR_OK) {
            done_count++;
        }
        break;
    case 9:
        if (pick(4) == 1) {
            attempt_dispute(i);
        }
        (void)fixture_try(&f, f.olga, NULL, &e, "account protect", "account", account, "until",
                          pick(6) == 0 ? "2026-12-31" : "2026-10-31", NULL);
        break;
    case 10:
        (void)fixture_try(&f, f.olga, NULL, &e, "payment take", "account", account, "amount",
                          pick(4) == 0 ? "29.50" : "1", NULL);
        break;
    case 11:
        if (pick(3) == 0) {
            (void)fixture_try(&f, f.marta, NULL, &e, "plan make", "account", account, "parts",
                              "2", "first", "2026-12-01", NULL);
        }
        (void)fixture_try(&f, f.marta, NULL, &e, "collection run", NULL);
        (void)try(anybody(), "cut release", "cut", number);
        break;
    default:
        (void)snprintf(number, sizeof number, "%lld",
                       (long long)count("SELECT coalesce(max(id), 1) FROM plan"));
        (void)fixture_try(&f, f.marta, NULL, &e, "plan end", "plan", number, "reason", "x",
                          NULL);
        (void)fixture_try(&f, pick(4) == 0 ? f.ana : f.olga, NULL, &e, "cut withdraw", "cut",
                          number, "reason", "x", NULL);
        break;
    }
}

START_TEST(no_attempt_cuts_without_leave)
{
    unsigned attempts = getenv("AFORO_SOAK") != NULL ? 10000 : 400;
    unsigned done = 0;
    for (unsigned round = 1; done < attempts; round++) {
        if (round > 1) {
            teardown();
            setup();
        }
        seed = round;
        notices(round > 1 && pick(3) == 0 ? (int)pick(3) : 3);
        for (unsigned i = 0; i < 400 && done < attempts; i++, done++) {
            if (pick(80) == 0) { /* within the day: 8:00 to 17:59 in the end */
                int64_t room = HOUR / 2;
                if ((f.clock.wall + room) / HOUR % 24 < 24 - 1 &&
                    f.clock.wall < FIXTURE_START_MS + 9 * HOUR) {
                    f.clock.wall += room;
                    f.clock.boot += room;
                }
            }
            attempt();
            judge_all();
        }
    }
    /* it got as far as that, or nothing was proved */
    ck_assert_uint_gt(begun_count, attempts / 250);
    ck_assert_uint_gt(done_count, attempts / 400);
    printf("# count cut_attempts %u 0\n", done);
}
END_TEST

Suite *suite_cut(void)
{
    Suite *s = suite_create("cut");
    TCase *t = tcase_create("cut");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 900);
    tcase_add_test(t, a_cut_goes_from_notices_to_reconnection);
    tcase_add_test(t, a_cut_is_asked_for_once);
    tcase_add_test(t, what_is_paid_is_not_cut);
    tcase_add_test(t, every_protection_is_asked_again_at_the_door);
    tcase_add_test(t, more_than_the_cap_waits_in_quarantine);
    tcase_add_test(t, a_dispute_suspends_what_is_ordered_until_it_ends);
    tcase_add_test(t, a_dispute_leaves_what_has_begun_to_the_installer);
    tcase_add_test(t, orders_stand_again_only_as_the_cap_lets);
    tcase_add_test(t, a_dispute_that_is_upheld_ends_the_order);
    tcase_add_test(t, no_attempt_cuts_without_leave);
    suite_add_tcase(s, t);
    return s;
}
