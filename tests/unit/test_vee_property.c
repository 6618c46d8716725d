/* Random months of readings, decisions, estimates, bills and what takes them back: what must
 * hold after each, and the ledger replays to the same tables. */
#include <config.h>

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "check_vee.h"
#include "vee_util.h"

#define METERS 4
#define MONTHS 4

static struct office_fixture f;
static uint64_t state;
static int64_t estimated, rolled_back, undone; /* over all seeds: the test must reach them */

static uint64_t pick(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

/* What may fail by its own rules, and must then change nothing. */
static void attempt(struct session *who, const char *command, const char *name,
                    const char *value, const char *extra, const char *extra_value)
{
    struct err e = ERR_INIT;
    int64_t before = vee_number(&f, "SELECT max(seq) FROM entry");
    enum err_code code = fixture_try(&f, who, NULL, &e, command, name, value, "reason", "azar",
                                     extra, extra_value, NULL);
    if (code != ERR_OK) {
        ck_assert_msg(code == ERR_STATE || code == ERR_NOT_FOUND || code == ERR_RANGE, "%s: %s",
                      command, e.text);
        ck_assert_int_eq(vee_number(&f, "SELECT max(seq) FROM entry"), before);
    }
}

/* Not read, read, read far too high, or below what went before. */
static void month_read(int month, int64_t dial[METERS])
{
    for (int i = 0; i < METERS; i++) {
        char serial[16];
        char value[24];
        char time[32];
        uint64_t how = pick(5);
        dial[i] += pick(2) == 0 ? (int64_t)pick(3) : 8 + (int64_t)pick(8); /* or away */
        int64_t shown = how == 3 ? dial[i] + 500 : how == 4 ? dial[i] / 2 : dial[i];
        if (how == 0) {
            continue;
        }
        (void)snprintf(serial, sizeof serial, "W%05d", i + 1);
        (void)snprintf(value, sizeof value, "%" PRId64, shown);
        (void)snprintf(time, sizeof time, "2026-%02d-01 00:00", month);
        vee_read(&f, serial, value, time);
    }
}

static void held_decide(void)
{
    static const char *const actions[] = {"reject", "estimate", "re-read"};
    int64_t held = 0;
    while ((held = vee_number(&f, "SELECT coalesce(min(x.id), 0) FROM reading x JOIN finding y "
                                  "ON y.reading = x.id AND y.rule = 'estimate_high' WHERE "
                                  "x.state = 'held'")) != 0) {
        char number[24];
        (void)snprintf(number, sizeof number, "%" PRId64, held);
        attempt(f.luis, "reading reestimate", "reading", number, NULL, NULL);
        attempt(f.luis, "reading decide", "ids", number, "action", "reject");
    }
    attempt(f.luis, "reading decide", "all", "1", "action", actions[pick(3)]);
    if (pick(2) == 0) {
        char number[24];
        (void)snprintf(number, sizeof number, "%" PRId64,
                       vee_number(&f, "SELECT coalesce(max(id), 1) FROM decision"));
        attempt(f.luis, "decision undo", "decision", number, NULL, NULL);
    }
    attempt(f.luis, "reading decide", "all", "1", "action", "reject");
}

static void holds(void)
{
    /* What is accepted never falls, for nothing here passes zero. */
    ck_assert_int_eq(vee_number(&f,
                                "SELECT count(*) FROM (SELECT value - lag(value) OVER "
                                "(PARTITION BY register ORDER BY utc, id) AS d FROM reading "
                                "WHERE state = 'accepted') WHERE d < 0"),
                     0);
    /* Never three estimates in a row. */
    ck_assert_int_eq(vee_number(&f,
                                "SELECT count(*) FROM (SELECT source = 'estimated' AND "
                                "lag(source, 1) OVER w = 'estimated' AND lag(source, 2) "
                                "OVER w = 'estimated' AS three FROM reading WHERE state = "
                                "'accepted' WINDOW w AS (PARTITION BY register ORDER BY utc, "
                                "id)) WHERE three"),
                     0);
    /* Every estimate says what it was reckoned from. */
    ck_assert_int_eq(vee_number(&f, "SELECT count(*) FROM reading x WHERE x.source = "
                                    "'estimated' AND NOT EXISTS (SELECT 1 FROM estimate WHERE "
                                    "reading = x.id)"),
                     0);
    /* What is owed is what was billed, and the notes. */
    ck_assert_int_eq(vee_number(&f,
                                "SELECT (SELECT coalesce(sum(amount), 0) FROM posting) - "
                                "(SELECT coalesce(sum(total), 0) FROM bill) - (SELECT "
                                "coalesce(sum(CASE type WHEN 'credit_note' THEN -amount ELSE "
                                "amount END), 0) FROM document WHERE type <> 'receipt')"),
                     0);
}

static void year(uint64_t seed)
{
    int64_t dial[METERS];
    state = seed * 0x9E3779B97F4A7C15u + 1;
    vee_office(&f, METERS);
    for (int i = 0; i < METERS; i++) {
        dial[i] = 3 * (11 + i);
    }
    for (int m = 0; m < MONTHS - 1; m++) {
        char period[16];
        char time[32];
        month_read(9 + m, dial);
        held_decide();
        (void)snprintf(time, sizeof time, "2026-%02d-01 00:00", 9 + m);
        attempt(f.luis, "reading estimate", "time", time, NULL, NULL);
        (void)snprintf(period, sizeof period, "2026-%02d", 8 + m);
        (void)fixture_run(&f, f.marta, "bill run", "period", period, NULL);
        holds();
    }
    estimated += vee_number(&f, "SELECT count(*) FROM estimate");
    rolled_back += vee_number(&f, "SELECT count(*) FROM history WHERE kind = "
                                  "'estimates.rolled_back'");
    undone += vee_number(&f, "SELECT count(*) FROM decision WHERE undone IS NOT NULL");
    vee_verify(&f);
    fixture_free(&f);
}

START_TEST(what_must_hold_holds_whatever_is_decided)
{
    const char *soak = getenv("AFORO_SOAK");
    int seeds = soak != NULL && *soak == '1' ? 400 : 4;
    for (int i = 1; i <= seeds; i++) {
        year((uint64_t)i);
    }
    ck_assert_int_gt(estimated, 3 * seeds);
    ck_assert_int_gt(rolled_back, 0);
    ck_assert_int_gt(undone, 0);
    (void)printf("# estimates %" PRId64 ", rolled back %" PRId64 ", decisions undone %" PRId64
                 "\n",
                 estimated, rolled_back, undone);
    (void)printf("# count vee_property %d 0\n", seeds);
}
END_TEST

Suite *suite_vee_property(void)
{
    Suite *s = suite_create("vee_property");
    TCase *t = tcase_create("vee_property");
    tcase_set_timeout(t, 1800);
    tcase_add_test(t, what_must_hold_holds_whatever_is_decided);
    suite_add_tcase(s, t);
    return s;
}
