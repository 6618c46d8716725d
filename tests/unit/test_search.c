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
    {{{-1, "W"}}, 1},
    {{{-1, "a0"}}, 1},
    {{{-1, "00"}}, 1}, /* within words alone: nothing */
    {{{-1, "calle"}}, 1},
    {{{-1, "Cállé"}}, 1},
    {{{-1, "zzz"}}, 1},
    {{{-1, "\""}}, 1},
    {{{-1, "a\"b OR 1"}}, 1},
    {{{METER_SERIAL, "00"}}, 1},
    {{{METER_PLACE, "calle"}}, 1},
    {{{METER_ROUTE, "R"}}, 1},
    {{{METER_ACCOUNT, "A0003"}}, 1},
    {{{METER_CONDITION, "none"}}, 1},
    {{{-1, "W00"}, {METER_CONDITION, "none"}}, 2},
    {{{-1, "W00"}, {-1, "a"}}, 2},
    {{{-1, "0001"}, {-1, "w"}, {METER_PENDING, "read"}}, 3},
    {{{-1, "000"}, {METER_LAST, "2026-11"}}, 2},
    {{{METER_CONDITION, "held"}}, 1},
    {{{METER_CONDITION, "ok"}}, 1},
    {{{METER_CONDITION, "OUT"}, {METER_KIND_COLUMN, "water"}}, 2},
    {{{METER_PENDING, "read"}}, 1},
    {{{METER_PENDING, "review"}}, 1},
    {{{METER_PENDING, "none"}, {METER_LAST, "2026"}}, 2},
    {{{METER_LAST, "2026-1"}}, 1},
    {{{METER_LAST, "-11-01"}, {-1, "w"}}, 2},
    {{{METER_KIND_COLUMN, "gas"}}, 1},
    {{{METER_READING, "3"}, {METER_CONDITION, "ok"}}, 2},
    {{{METER_READING, "3.0"}}, 1},
    {{{METER_READING, "0"}, {-1, "w00"}}, 2},
    {{{METER_READING, "00"}}, 1}, /* within a number alone: nothing but 00x */
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

static const struct {
    const char *damage;
    int column;
} damages[] = {
    {"UPDATE fact SET conditions = zeroblob(3)", METER_CONDITION},
    /* as many bytes as there were, all of them '0' */
    {"UPDATE fact SET conditions = CAST(hex(zeroblob(length(kinds) / 2)) AS BLOB)",
     METER_CONDITION},
    {"UPDATE fact SET kinds = conditions, conditions = kinds", METER_CONDITION},
    {"UPDATE doc SET ids = zeroblob(length(ids))", -1},
    {"UPDATE doc SET ids = zeroblob(7)", -1},
    {"UPDATE doc SET ends = zeroblob(length(ends))", -1},
    {"UPDATE doc SET cells = zeroblob(length(cells) - 1)", -1},
    {"UPDATE doc SET read_ends = zeroblob(length(read_ends))", METER_READING},
    {"UPDATE doc SET reads = zeroblob(3)", METER_READING},
    {"UPDATE ordering SET ids = zeroblob(length(ids))", METER_CONDITION},
    {"UPDATE ordering SET ids = zeroblob(8192)", METER_CONDITION},
    {"DELETE FROM fact", METER_CONDITION},
};
#define DAMAGES (sizeof damages / sizeof damages[0])

static void damage_and_ask(const char *path, size_t which)
{
    struct meter_query q = {.terms = {{damages[which].column, "ok"}}, .term_count = 1};
    struct err e = ERR_INIT;
    struct db *db = NULL;
    q.terms[0].text = damages[which].column < 0                ? "w00"
                      : damages[which].column == METER_READING ? "3"
                                                               : "ok";
    ck_assert_int_eq(search_forget(f.office, &e), ERR_OK);
    build();
    ck_assert_uint_gt(compare(&q, false), 0);
    search_free(search);
    ck_assert_int_eq(search_new(f.office, &search, &e), ERR_OK);
    ck_assert_int_eq(db_open(path, DB_WRITE, &db, &e), ERR_OK);
    ck_assert_int_eq(db_exec(db, damages[which].damage, &e), ERR_OK);
    db_close(db);
    ck_assert_uint_gt(compare(&q, false), 0); /* each row is looked at */
    ck_assert_msg(which == DAMAGES - 1 || access(path, F_OK) != 0, "%s", damages[which].damage);
}

START_TEST(what_nobody_wrote_is_no_answer)
{
    char *path = office_path(f.office, "state/search.db");
    for (size_t i = 0; i < DAMAGES; i++) {
        damage_and_ask(path, i);
    }
    mem_free(path);
}
END_TEST

START_TEST(knows_what_changed_since)
{
    build();
    fixture_meters(&f, 3);
    (void)fixture_run(&f, f.ana, "meter state", "serial", "W00040", "state", "out_of_service",
                      "reason", "dial broken", NULL); /* the newest that the file knows */
    ck_assert(usable(true));
    size_t tail = search_tail_count(search);
    ck_assert_uint_ge(tail, 4);
    (void)fixture_run(&f, f.olga, "reading add", "serial", "W00002", "value", "2", "time",
                      "2026-11-01 09:00", NULL);
    ck_assert(usable(true));
    ck_assert_uint_eq(search_tail_count(search), tail);
    (void)compare_all();
    build(); /* few changed: the old one stays */
    ck_assert(usable(true));
    ck_assert_uint_eq(search_tail_count(search), tail);
}
END_TEST

#define READINGS_MAPPING                                                                       \
    "{\"kind\":\"readings\",\"columns\":{\"serial\":\"s\",\"time\":\"t\",\"value\":\"v\"},"    \
    "\"time_format\":\"%Y-%m-%d %H:%M\",\"unit\":\"m3\",\"as_of\":\"newest\"}"
#define METERS_MAPPING                                                                         \
    "{\"kind\":\"meters\",\"columns\":{\"serial\":\"serial\",\"kind\":\"kind\",\"unit\":"      \
    "\"unit\",\"digits\":\"digits\",\"decimals\":\"decimals\",\"multiplier\":\"multiplier\","  \
    "\"installed\":\"installed\",\"initial\":\"initial\",\"account\":\"account\","             \
    "\"customer\":"                                                                            \
    "\"customer\",\"tariff\":\"tariff\"},\"separator\":\";\"}"

/* ---- by chance: whatever people do, the index misses nothing and invents nothing ---- */

static unsigned dice_state;

static unsigned dice(unsigned sides)
{
    dice_state = dice_state * 1103515245u + 12345u;
    return (dice_state >> 16) % sides;
}

/* Refusals are part of it. */
static void attempt(struct session *who, const char *command, const char *a, const char *av,
                    const char *b, const char *bv, const char *c, const char *cv)
{
    struct err e = ERR_INIT;
    struct ticket t;
    (void)fixture_try(&f, who, &t, &e, command, a, av, b, bv, c, cv, NULL);
}

static const char *file_of(const char *text)
{
    static char path[FIXTURE_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/file", f.dir);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert(fputs(text, out) >= 0);
    ck_assert_int_eq(fclose(out), 0);
    return path;
}

static void import(const char *command, const char *mapping, const char *rows)
{
    attempt(f.ana, command, "file", file_of(rows), "mapping", mapping, NULL, NULL);
}

static void save_mapping(const char *name, const char *spec)
{
    attempt(f.ana, "mapping save", "name", name, "file", file_of(spec), NULL, NULL);
}

static void import_some(void)
{
    static unsigned number;
    char rows[512];
    number++;
    if (dice(2) == 0) {
        (void)snprintf(rows, sizeof rows,
                       "serial;kind;unit;digits;decimals;multiplier;installed;initial;account;"
                       "customer;tariff\nN%u;water;m3;5;3;1;2026-02-01;12.5;C%u;Rosa;"
                       "doc07-water\nM%u;water;m3;5;3;1;2026-02-01;1;C%u;Rosa;doc07-water\n",
                       number, number, number, number);
        import("import meters", "meters", rows);
    } else {
        (void)snprintf(rows, sizeof rows,
                       "s,t,v\nW%05u,2026-10-%02u 08:00,%u\nW%05u,2026-11-%02u 08:00,%u\n",
                       1 + dice(44), 1 + dice(28), dice(60), 1 + dice(44), 1 + dice(20),
                       dice(60));
        import("import readings", "readings", rows);
    }
}

static void add_meter(void)
{
    static unsigned number;
    struct err e = ERR_INIT;
    struct ticket t;
    char serial[32];
    char place[64];
    number++;
    (void)snprintf(serial, sizeof serial, "W1%04u", number * 7919 % 9973);
    (void)snprintf(place, sizeof place, "%s %u", dice(2) == 0 ? "Calle" : "Ñandú", number);
    (void)fixture_try(&f, f.ana, &t, &e, "meter add", "serial", serial, "kind",
                      dice(3) == 0 ? "gas" : "water", "place", place, "route", "R0", "order",
                      "1", "initial", "0", "account", "A00003", "tariff", "doc07-water", NULL);
}

/* Meters that an import brought leave the tables, and others get their numbers. */
START_TEST(what_is_taken_back_is_found_no_more)
{
    struct meter_query q = {.terms = {{METER_SERIAL, "N77"}}, .term_count = 1};
    save_mapping("meters", METERS_MAPPING);
    import("import meters", "meters",
           "serial;kind;unit;digits;decimals;multiplier;installed;initial;account;customer;"
           "tariff\nN771;water;m3;5;3;1;2026-02-01;12.5;C1;Rosa;doc07-water\n");
    build();
    ck_assert_uint_eq(compare(&q, false), 1);
    attempt(f.luis, "import discard", "run", "1", "reason", "x", NULL, NULL);
    ck_assert_uint_eq(compare(&q, false), 0);
    build();
    ck_assert(usable(true));
    ck_assert_uint_eq(compare(&q, false), 0);
    import("import meters", "meters",
           "serial;kind;unit;digits;decimals;multiplier;installed;initial;account;customer;"
           "tariff\nN772;water;m3;5;3;1;2026-02-01;12.5;C2;Rosa;doc07-water\n");
    ck_assert_uint_eq(compare(&q, false), 1);
}
END_TEST

/* With the index and without. */
START_TEST(readings_that_were_taken_back_are_not_shown)
{
    struct meter_query q = {.terms = {{METER_LAST, "2026-10-30"}}, .term_count = 1};
    struct meter_query held = {.terms = {{METER_CONDITION, "held"}}, .term_count = 1};
    struct meter_list_row row;
    struct meter_detail detail;
    struct err e = ERR_INIT;
    bool some = false;
    save_mapping("readings", READINGS_MAPPING);
    size_t held_before = compare(&held, false);
    import("import readings", "readings",
           "s,t,v\nW00002,2026-10-30 08:00,9\nW00005,2026-10-01 08:00,10\n"
           "W00005,2026-10-30 08:00,5\n");
    build();
    ck_assert_uint_ge(compare(&q, false), 1);
    ck_assert_uint_gt(compare(&held, false), held_before);
    (void)fixture_run(&f, f.luis, "import discard", "run", "1", "reason", "x", NULL);
    ck_assert(usable(true)); /* no meter left: the index goes on */
    ck_assert_uint_eq(compare(&q, false), 0);
    ck_assert_uint_eq(compare(&held, false), held_before);
    (void)compare_all();
    build();
    ck_assert(usable(true));
    ck_assert_uint_eq(compare(&q, false), 0);
    ck_assert_int_eq(meter_list_row(f.office->db, 2, "2026-11-21", &row, &some, &e), ERR_OK);
    ck_assert_str_ne(row.last, "2026-10-30");
    ck_assert_int_eq(meter_detail(f.office->db, 2, "2026-11-21", &detail, &e), ERR_OK);
    ck_assert_int_ne(detail.last_value, 9000);
    (void)compare_all();
}
END_TEST

static void swap(const char *serial, const char *new, const char *final)
{
    struct err e = ERR_INIT;
    struct ticket t;
    (void)fixture_try(&f, f.ana, &t, &e, "meter swap", "serial", serial, "new", new, "final",
                      final, "initial", "0", "time", "2026-11-21 10:00", "reason", "x", NULL);
}

static void act_by_chance(void)
{
    static const char *const states_set[] = {"in_service", "out_of_service"};
    static unsigned swapped;
    char serial[32];
    char other[32];
    char number[32];
    char when[32];
    (void)snprintf(serial, sizeof serial, "W%05u", 1 + dice(44));
    (void)snprintf(other, sizeof other, "A%05u", 1 + dice(44));
    (void)snprintf(number, sizeof number, "%u", 1 + dice(30));
    (void)snprintf(when, sizeof when, "2026-%02u-%02u 10:00", 9 + dice(3), 1 + dice(20));
    switch (dice(9)) {
    case 0:
        add_meter();
        break;
    case 1:
        attempt(f.ana, "meter state", "serial", serial, "state", states_set[dice(2)], "reason",
                "x");
        break;
    case 2:
        attempt(f.ana, "meter assign", "serial", serial, "account", other, "tariff",
                "doc07-water");
        break;
    case 3:
        (void)snprintf(other, sizeof other, "X%u", ++swapped);
        swap(serial, other, number);
        break;
    case 4:
        attempt(f.luis, "reading decide", "all", "1", "action",
                dice(2) == 0 ? "accept" : "reject", "reason", "x");
        break;
    case 5:
        attempt(f.luis, "decision undo", "decision", number, "reason", "x", NULL, NULL);
        break;
    case 6:
        import_some();
        break;
    case 7:
        (void)snprintf(number, sizeof number, "%u", 1 + dice(6));
        attempt(f.luis, "import discard", "run", number, "reason", "x", NULL, NULL);
        break;
    default:
        attempt(f.olga, "reading add", "serial", serial, "value", number, "time", when);
        break;
    }
}

static void compare_some(void)
{
    for (int i = 0; i < 6; i++) {
        size_t k = i == 0 ? 0 : dice(QUESTIONS);
        struct meter_query q = {.term_count = questions[k].count,
                                .sort_column = (int)dice(METER_COLUMNS),
                                .descending = dice(2) == 0,
                                .today = "2026-11-21"};
        memcpy(q.terms, questions[k].terms, sizeof questions[k].terms);
        (void)compare(&q, dice(4) == 0);
    }
}

#ifdef AFORO_SANITIZED
#define ACTS 60
#else
#define ACTS 150
#endif

START_TEST(misses_nothing_whatever_is_done)
{
    struct err e = ERR_INIT;
    unsigned by_tail = 0;
    save_mapping("meters", METERS_MAPPING);
    save_mapping("readings", READINGS_MAPPING);
    build();
    dice_state = (unsigned)_i + 1;
    for (int i = 0; i < ACTS; i++) {
        act_by_chance();
        if (dice(40) == 0) { /* another console begins */
            search_free(search);
            ck_assert_int_eq(search_new(f.office, &search, &e), ERR_OK);
        }
        if (dice(4) == 0) {
            compare_some();
            by_tail += usable(true) && search_tail_count(search) > 0 ? 1 : 0;
        }
        if (dice(30) == 0) {
            build();
        }
    }
    ck_assert_uint_gt(by_tail, ACTS / 40);
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
    tcase_add_test(t, what_nobody_wrote_is_no_answer);
    tcase_add_test(t, knows_what_changed_since);
    tcase_add_test(t, what_is_taken_back_is_found_no_more);
    tcase_add_test(t, readings_that_were_taken_back_are_not_shown);
    tcase_add_loop_test(t, misses_nothing_whatever_is_done, 0, 2);
    tcase_add_test(t, a_place_that_may_not_be_read_is_not_found);
    tcase_add_test(t, stops_when_it_is_not_wanted);
    tcase_add_test(t, a_bad_index_is_none);
    tcase_add_test(t, an_erasure_removes_it);
    suite_add_tcase(s, t);
    return s;
}
