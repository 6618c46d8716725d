#include <config.h>

#include "check_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/personal.h"
#include "app/query_meter.h"
#include "app/search.h"
#include "lib/office_busy.h"

/* The index answers as looking at every row does, in every order, also for meters that changed
 * since it was made; and it is gone when something is erased. */

static struct office_fixture f;
static struct search *search;

struct answer {
    int64_t ids[2048];
    size_t count;
    size_t calls, stop_after;
};

static bool take(void *ctx, const int64_t *ids, size_t count)
{
    struct answer *a = ctx;
    ck_assert_uint_le(a->count + count, 2048);
    if (count > 0) {
        memcpy(a->ids + a->count, ids, count * sizeof *ids);
    }
    a->count += count;
    return a->stop_after == 0 || ++a->calls < a->stop_after;
}

static void setup(void)
{
    struct err e = ERR_INIT;
    fixture_init(&f);
    fixture_meters(&f, 40);
    for (int i = 1; i <= 40; i += 3) {
        char serial[16];
        (void)snprintf(serial, sizeof serial, "W%05d", i);
        (void)fixture_run(&f, f.olga, "reading add", "serial", serial, "value", "3", "time",
                          "2026-11-01 08:00", NULL);
    }
    ck_assert_int_eq(search_new(f.office, &search, &e), ERR_OK);
}

static void teardown(void)
{
    search_free(search);
    search = NULL;
    fixture_free(&f);
}

static void build(void)
{
    struct err e = ERR_INIT;
    ck_assert_msg(search_build(f.office, NULL, &e) == ERR_OK, "%s", e.text);
}

static bool usable(bool readings)
{
    struct err e = ERR_INIT;
    bool yes = false;
    ck_assert_int_eq(search_usable(search, f.office->db, readings, &yes, &e), ERR_OK);
    return yes;
}

/* Each question with and without the index. */
static size_t compare(const struct meter_query *q, bool masked)
{
    struct err e = ERR_INIT;
    static struct answer with, without;
    with = (struct answer){0};
    without = (struct answer){0};
    ck_assert_msg(meters_find(f.office->db, search, masked, q, take, &with, &e) == ERR_OK, "%s",
                  e.text);
    ck_assert_msg(meters_find(f.office->db, NULL, masked, q, take, &without, &e) == ERR_OK,
                  "%s", e.text);
    ck_assert_msg(with.count == without.count &&
                      memcmp(with.ids, without.ids, with.count * sizeof with.ids[0]) == 0,
                  "sort %d %s, first term \"%s\": %zu with the index, %zu without",
                  q->sort_column, q->descending ? "down" : "up",
                  q->term_count > 0 ? q->terms[0].text : "", with.count, without.count);
    return with.count;
}

static const struct {
    struct meter_term terms[3];
    size_t count;
} questions[] = {
    {{{-1, ""}}, 0},
    {{{-1, "W00"}}, 1},
    {{{-1, "w0001"}}, 1},
    {{{-1, "0012"}}, 1},
    {{{-1, "W"}}, 1},
    {{{-1, "a0"}}, 1},
    {{{-1, "00"}}, 1}, /* within words alone: nothing */
    {{{-1, "calle"}}, 1},
    {{{-1, "Cállé"}}, 1},
    {{{-1, "zzz"}}, 1},
    {{{-1, "\""}}, 1},
    {{{-1, "a\"b OR 1"}}, 1},
    {{{-1, "-"}}, 1},
    {{{METER_SERIAL, "00"}}, 1},
    {{{METER_SERIAL, "0002"}}, 1},
    {{{METER_PLACE, "calle"}}, 1},
    {{{METER_ROUTE, "R"}}, 1},
    {{{METER_ACCOUNT, "A0003"}}, 1},
    {{{METER_CONDITION, "none"}}, 1},
    {{{-1, "W00"}, {METER_CONDITION, "none"}}, 2},
    {{{-1, "W00"}, {-1, "a"}}, 2},
    {{{-1, "0001"}, {-1, "w"}, {METER_PENDING, "read"}}, 3},
    {{{-1, "000"}, {METER_LAST, "2026-11"}}, 2},
    {{{METER_CONDITION, "held"}}, 1},
    {{{METER_CONDITION, "h"}}, 1},
    {{{METER_CONDITION, "high"}}, 1},
    {{{METER_CONDITION, "ok"}}, 1},
    {{{METER_CONDITION, "OUT"}, {METER_KIND_COLUMN, "water"}}, 2},
    {{{METER_PENDING, "read"}}, 1},
    {{{METER_PENDING, "review"}}, 1},
    {{{METER_PENDING, "none"}, {METER_LAST, "2026"}}, 2},
    {{{METER_LAST, "10"}}, 1},
    {{{METER_LAST, "2026-1"}}, 1},
    {{{METER_LAST, "-11-01"}, {-1, "w"}}, 2},
    {{{METER_KIND_COLUMN, "gas"}}, 1},
    {{{METER_READING, "3"}, {METER_CONDITION, "ok"}}, 2},
};
#define QUESTIONS (sizeof questions / sizeof questions[0])

static size_t compare_all(void)
{
    size_t found = 0;
    for (size_t i = 0; i < QUESTIONS; i++) {
        for (int column = 0; column < METER_COLUMNS; column++) {
            struct meter_query q = {.term_count = questions[i].count, .sort_column = column};
            q.today = column % 2 == 0 ? "2026-11-21" : NULL;
            memcpy(q.terms, questions[i].terms, sizeof questions[i].terms);
            found += compare(&q, false);
            found += compare(&q, true);
            q.descending = true;
            found += compare(&q, false);
        }
    }
    return found;
}

START_TEST(answers_as_looking_at_each_row_does)
{
    ck_assert(!usable(false));
    build();
    ck_assert(usable(true));
    ck_assert_uint_gt(compare_all(), 1000);
}
END_TEST

/* Rows put in behind the ledger: every word of the columns that are answered from codes. */
static const char *const states[] = {
    "UPDATE meter SET state = 'out_of_service' WHERE id % 11 = 0",
    "UPDATE meter SET kind = 'gas' WHERE id % 5 = 0",
    "INSERT INTO reading(id, register, utc, local, value, state, source, seq, line) SELECT "
    "900000 + id, id, 1790000000 + id * 86400, 1790000000 + id * 86400, 4000, CASE id % 3 WHEN "
    "0 THEN 'held' ELSE 'accepted' END, 'manual', 1, 0 FROM register WHERE id % 4 < 2",
};
static const char more_alerts[] =
    "INSERT INTO alert(meter, rule, date, observed, threshold) SELECT id, CASE id % 4 WHEN 0 "
    "THEN 'high' WHEN 1 THEN 'low' WHEN 2 THEN 'zero' ELSE 'surcharge' END, '2026-11-01', 1, 1 "
    "FROM meter WHERE id % 2 = 0";

static size_t found(int column, const char *text)
{
    struct meter_query q = {.terms = {{column, text}}, .term_count = 1, .today = "2026-11-21"};
    return compare(&q, false);
}

START_TEST(states_and_dates_are_found_by_their_codes)
{
    struct err e = ERR_INIT;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        ck_assert_msg(db_exec(f.office->db, states[i], &e) == ERR_OK, "%s", e.text);
    }
    build();
    ck_assert_uint_gt(found(METER_CONDITION, "held"), 0);
    ck_assert_uint_gt(found(METER_CONDITION, "out"), 0);
    ck_assert_uint_gt(found(METER_PENDING, "review"), 0);
    ck_assert_uint_gt(found(METER_PENDING, "read"), 0);
    ck_assert_uint_gt(found(METER_LAST, "2026-10"), 0);
    ck_assert_uint_gt(found(METER_KIND_COLUMN, "gas"), 0);
    (void)compare_all();
    /* A billing run raises alerts too: the index is none the older for it. */
    ck_assert_uint_eq(found(METER_CONDITION, "zero"), 0);
    ck_assert_msg(db_exec(f.office->db, more_alerts, &e) == ERR_OK, "%s", e.text);
    ck_assert(usable(true));
    ck_assert_uint_gt(found(METER_CONDITION, "zero"), 0);
    (void)compare_all();
}
END_TEST

START_TEST(codes_that_nobody_wrote_are_refused)
{
    static const char *const damages[] = {
        "UPDATE fact SET conditions = zeroblob(3)",
        /* as many bytes as there were, all of them '0' */
        "UPDATE fact SET conditions = CAST(hex(zeroblob(length(kinds) / 2)) AS BLOB)",
        "UPDATE fact SET kinds = conditions, conditions = kinds",
        "DELETE FROM fact",
    };
    struct meter_query q = {.terms = {{METER_CONDITION, "ok"}}, .term_count = 1};
    char *path = office_path(f.office, "state/search.db");
    struct err e = ERR_INIT;
    struct db *db = NULL;
    static struct answer a;
    build();
    ck_assert_uint_gt(found(METER_CONDITION, "ok"), 0);
    search_free(search);
    ck_assert_int_eq(search_new(f.office, &search, &e), ERR_OK);
    ck_assert_int_eq(db_open(path, DB_WRITE, &db, &e), ERR_OK);
    ck_assert_int_eq(db_exec(db, damages[_i], &e), ERR_OK);
    db_close(db);
    a = (struct answer){0};
    if (_i == 3) { /* none at all: each row is looked at */
        ck_assert_uint_gt(found(METER_CONDITION, "ok"), 0);
    } else {
        ck_assert_int_eq(meters_find(f.office->db, search, false, &q, take, &a, &e),
                         ERR_TAMPERED);
    }
    mem_free(path);
}
END_TEST

START_TEST(knows_what_changed_since)
{
    build();
    fixture_meters(&f, 3);
    (void)fixture_run(&f, f.ana, "meter state", "serial", "W00007", "state", "out_of_service",
                      "reason", "dial broken", NULL);
    (void)fixture_run(&f, f.olga, "reading add", "serial", "W00002", "value", "2", "time",
                      "2026-11-01 09:00", NULL);
    ck_assert(usable(true));
    size_t dirty = 0;
    (void)search_dirty(search, &dirty);
    ck_assert_uint_eq(dirty, 5);
    (void)compare_all();
    build(); /* few changed: the old one stays */
    ck_assert(usable(true));
    (void)search_dirty(search, &dirty);
    ck_assert_uint_eq(dirty, 5);
}
END_TEST

START_TEST(a_place_that_may_not_be_read_is_not_found)
{
    struct meter_query q = {.terms = {{-1, "calle"}}, .term_count = 1};
    build();
    ck_assert_uint_gt(compare(&q, false), 0);
    ck_assert_uint_eq(compare(&q, true), 0);
    q.terms[0].column = METER_PLACE;
    ck_assert_uint_eq(compare(&q, true), 0);
}
END_TEST

START_TEST(stops_when_it_is_not_wanted)
{
    struct err e = ERR_INIT;
    static struct answer a;
    struct meter_query q = {.terms = {{-1, "W00"}}, .term_count = 1};
    build();
    a = (struct answer){.stop_after = 1};
    ck_assert_int_eq(meters_find(f.office->db, search, false, &q, take, &a, &e), ERR_CANCELLED);
    a = (struct answer){0};
    ck_assert_int_eq(meters_find(f.office->db, search, false, &q, take, &a, &e), ERR_OK);
    ck_assert_uint_eq(a.count, 40);
}
END_TEST

/* Break it: an index of another ledger, one that is cut off, one of another format. */
START_TEST(a_bad_index_is_none)
{
    char *path = office_path(f.office, "state/search.db");
    struct err e = ERR_INIT;
    struct db *db = NULL;
    build();
    ck_assert_int_eq(db_open(path, DB_WRITE, &db, &e), ERR_OK);
    ck_assert_int_eq(db_exec(db, "UPDATE made SET leaf = zeroblob(32)", &e), ERR_OK);
    db_close(db);
    ck_assert(!usable(false));
    build();
    ck_assert(usable(false));
    ck_assert_int_eq(truncate(path, 5000), 0);
    search_free(search);
    ck_assert_int_eq(search_new(f.office, &search, &e), ERR_OK);
    ck_assert(!usable(false));
    build();
    ck_assert(usable(false));
    mem_free(path);
}
END_TEST

START_TEST(an_erasure_removes_it)
{
    char *path = office_path(f.office, "state/search.db");
    build();
    ck_assert_int_eq(access(path, R_OK), 0);
    (void)fixture_run(&f, f.ana, "personal erase", "customer", "3", "field", "place", "reason",
                      "asked for", "force", "yes", NULL);
    ck_assert_int_ne(access(path, R_OK), 0);
    ck_assert(!usable(false));
    (void)compare_all();
    build();
    ck_assert(usable(false));
    (void)compare_all();
    mem_free(path);
}
END_TEST

Suite *suite_search(void)
{
    Suite *s = suite_create("search");
    TCase *t = tcase_create("index");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, answers_as_looking_at_each_row_does);
    tcase_add_test(t, states_and_dates_are_found_by_their_codes);
    tcase_add_loop_test(t, codes_that_nobody_wrote_are_refused, 0, 4);
    tcase_add_test(t, knows_what_changed_since);
    tcase_add_test(t, a_place_that_may_not_be_read_is_not_found);
    tcase_add_test(t, stops_when_it_is_not_wanted);
    tcase_add_test(t, a_bad_index_is_none);
    tcase_add_test(t, an_erasure_removes_it);
    suite_add_tcase(s, t);
    return s;
}
