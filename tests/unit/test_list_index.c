#include <config.h>

#include "check_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/list_index.h"
#include "app/personal.h"
#include "lib/office_busy.h"
#include "unit/list_acts.h"

/* The indexes of large lists answer as looking at every row does, in every order, for those who
 * may read personal data and those who may not, also for rows that changed since they were
 * made; and they are gone when something is erased. */

static const char *const names[] = {"accounts", "customers",  "bills",  "payments",
                                    "notices",  "surcharges", "history"};
#define LISTS (sizeof names / sizeof names[0])
#define IDS_MAX 20000u

static struct office_fixture f;
static struct office *shows, *masks; /* as the console reads */
static struct list_index *index_of[LISTS][2];

struct answer {
    int64_t ids[IDS_MAX];
    size_t count, calls, stop_after;
};

static bool take(void *ctx, const int64_t *ids, size_t count)
{
    struct answer *a = ctx;
    ck_assert_uint_le(a->count + count, IDS_MAX);
    if (count > 0) {
        memcpy(a->ids + a->count, ids, count * sizeof *ids);
    }
    a->count += count;
    return a->stop_after == 0 || ++a->calls < a->stop_after;
}

static void open_readers(void)
{
    struct err e = ERR_INIT;
    ck_assert_int_eq(office_open(f.dir, DB_READ, &f.clock.env, &shows, &e), ERR_OK);
    ck_assert_int_eq(office_open(f.dir, DB_READ, &f.clock.env, &masks, &e), ERR_OK);
    ck_assert_int_eq(personal_access(shows, 1, &e), ERR_OK);
    ck_assert_int_eq(personal_access(masks, 0, &e), ERR_OK);
    for (size_t i = 0; i < LISTS; i++) {
        ck_assert_int_eq(list_index_new(&index_of[i][0], &e), ERR_OK);
        ck_assert_int_eq(list_index_new(&index_of[i][1], &e), ERR_OK);
    }
}

static void close_readers(void)
{
    for (size_t i = 0; i < LISTS; i++) {
        list_index_free(index_of[i][0]);
        list_index_free(index_of[i][1]);
    }
    office_close(shows);
    office_close(masks);
}

static void setup(void)
{
    fixture_init(&f);
    fixture_busy(&f);
    open_readers();
}

/* Accounts and customers alone. */
static void setup_small(void)
{
    fixture_init(&f);
    fixture_meters(&f, 12);
    open_readers();
}

static void teardown(void)
{
    close_readers();
    fixture_free(&f);
}

static void build(void)
{
    struct err e = ERR_INIT;
    for (size_t i = 0; i < LISTS; i++) {
        ck_assert_msg(list_index_build(f.office, list_find(names[i]), NULL, &e) == ERR_OK, "%s",
                      e.text);
    }
}

static bool usable(size_t list, bool changing)
{
    struct err e = ERR_INIT;
    bool yes = false;
    bool also = false;
    ck_assert_int_eq(list_index_usable(index_of[list][0], shows, list_find(names[list]), false,
                                       &yes, &also, &e),
                     ERR_OK);
    return yes && (also || !changing);
}

/* With the index and without. */
static size_t compare(size_t list, bool masked, struct list_ask *ask)
{
    struct err e = ERR_INIT;
    static struct answer with, without;
    struct office *o = masked ? masks : shows;
    const struct list_query *q = list_find(names[list]);
    with.count = without.count = 0;
    ask->masked = masked;
    ask->index = index_of[list][masked ? 1 : 0];
    ck_assert_msg(list_ids(o, q, ask, take, &with, &e) == ERR_OK, "%s: %s", q->name, e.text);
    ask->index = NULL;
    ck_assert_int_eq(list_ids(o, q, ask, take, &without, &e), ERR_OK);
    ck_assert_msg(with.count == without.count &&
                      memcmp(with.ids, without.ids, with.count * sizeof with.ids[0]) == 0,
                  "%s%s by %d %s, \"%s\" in %d and %zu terms: %zu with the index, %zu without",
                  q->name, masked ? " masked" : "", ask->sort_column,
                  ask->descending ? "down" : "up",
                  ask->term_count > 0 ? ask->terms[0].text : "",
                  ask->term_count > 0 ? ask->terms[0].column : -2, ask->term_count, with.count,
                  without.count);
    return with.count;
}

/* ---- by chance ---- */

static unsigned dice_state;

static unsigned dice(unsigned sides)
{
    dice_state = dice_state * 1103515245u + 12345u;
    return (dice_state >> 16) % sides;
}

struct row_text {
    char cells[LIST_COLUMNS_MAX][128];
};

static enum err_code keep_row(void *ctx, int64_t id, const char *const *cells, struct err *e)
{
    struct row_text *r = ctx;
    (void)id;
    (void)e;
    for (size_t i = 0; i < LIST_COLUMNS_MAX && cells[i] != NULL; i++) {
        (void)snprintf(r->cells[i], sizeof r->cells[i], "%.127s", cells[i]);
    }
    return ERR_OK;
}

/* A piece of what stands in a row, or what stands in few or none. */
static void term_by_chance(const struct list_query *q, const struct row_text *r, char out[24],
                           int *column)
{
    static const char *const words[] = {"",     "a", "part", "p",      "open", "zzz", "2026",
                                        "0",    "-", ".",    "erased", "by",   "\n",  "É",
                                        "paid", "e", "é",    "•",      "10",   "1.",  "over"};
    int c = (int)dice((unsigned)list_columns(q));
    const char *cell = r->cells[c];
    size_t len = strlen(cell);
    *column = dice(3) == 0 ? c : -1;
    if (len == 0 || dice(4) == 0) {
        (void)snprintf(out, 24, "%s", words[dice(sizeof words / sizeof words[0])]);
        return;
    }
    size_t from = dice((unsigned)len);
    while (from > 0 && ((unsigned char)cell[from] & 0xC0) == 0x80) {
        from--;
    }
    size_t size = 1 + dice(8);
    while (((unsigned char)cell[from + size] & 0xC0) == 0x80 && from + size < len) {
        size++;
    }
    (void)snprintf(out, 24, "%.*s", (int)size, cell + from);
}

static void compare_some(size_t times)
{
    struct err e = ERR_INIT;
    static struct answer all;
    char text[2][24];
    for (size_t i = 0; i < times; i++) {
        size_t list = dice(LISTS);
        const struct list_query *q = list_find(names[list]);
        static struct row_text row;
        bool masked = dice(3) == 0;
        struct list_ask ask = {0};
        memset(&row, 0, sizeof row);
        all.count = 0;
        ck_assert_int_eq(list_ids(shows, q, &ask, take, &all, &e), ERR_OK);
        ck_assert_uint_gt(all.count, 0);
        ck_assert_int_eq(list_rows(masked ? masks : shows, q,
                                   &all.ids[dice((unsigned)all.count)], 1, keep_row, &row, &e),
                         ERR_OK);
        ask.term_count = dice(3);
        for (size_t k = 0; k < ask.term_count; k++) {
            term_by_chance(q, &row, text[k], &ask.terms[k].column);
            ask.terms[k].text = text[k];
        }
        ask.sort_column = (int)dice((unsigned)list_columns(q) + 1);
        ask.descending = dice(2) == 0;
        (void)compare(list, masked, &ask);
    }
}

/* What changes without any new row of the list. */
static const struct {
    size_t list;
    int column;
    const char *text;
} states[] = {{0, 7, "closed"},    {0, 4, "0"},        {0, 4, "2"},         {1, 6, "2"},
              {2, 8, "cancelled"}, {2, 8, "disputed"}, {2, 8, "discarded"}, {2, 8, "paid"},
              {2, 8, "part"},      {2, 7, ""},         {0, 5, ""},          {0, 4, ""},
              {1, 6, ""},          {3, 8, "reversed"}, {3, 8, "undone"}};

static void compare_states(void)
{
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        struct list_ask ask = {.terms = {{states[i].column, states[i].text}},
                               .term_count = 1,
                               .sort_column = states[i].column};
        (void)compare(states[i].list, false, &ask);
    }
}

#ifdef AFORO_SANITIZED
#define ACTS 60
#else
#define ACTS 120
#endif

START_TEST(misses_nothing_whatever_is_done)
{
    struct err e = ERR_INIT;
    unsigned by_tail = 0;
    unsigned changing = 0;
    (void)fixture_run(&f, f.olga, "drawer open", "drawer", "caja 2", "float", "50", NULL);
    build();
    dice_state = (unsigned)_i + 1;
    compare_some(40);
    for (int i = 0; i < ACTS; i++) {
        acts_one(&f, dice);
        if (dice(25) == 0) { /* another console begins */
            close_readers();
            open_readers();
        }
        if (dice(3) == 0) {
            compare_some(4);
            compare_states();
            size_t list = dice(LISTS);
            by_tail += usable(list, false) && list_index_tail_count(index_of[list][0]) > 0;
            changing += usable(list, true);
        }
        if (dice(20) == 0) {
            ck_assert_int_eq(dice(2) == 0 ? list_indexes_forget(f.office, &e) : ERR_OK, ERR_OK);
            build();
        }
    }
    ck_assert_uint_gt(by_tail, ACTS / 40);
    ck_assert_uint_gt(changing, ACTS / 40);
}
END_TEST

/* ---- what each change does ---- */

static size_t found(size_t list, int column, const char *text)
{
    struct list_ask ask = {.terms = {{column, text}}, .term_count = 1};
    return compare(list, false, &ask);
}

#define OWED_BILL                                                                              \
    "SELECT max(b.id) FROM bill b JOIN posting p ON p.kind = 'bill' AND p.ref = b.id WHERE "   \
    "p.open > 0 AND NOT EXISTS(SELECT 1 FROM dispute d WHERE d.bill = b.id)"

/* What the database says; holds until the next call. */
static const char *number_of(const char *sql)
{
    static char text[32];
    struct err e = ERR_INIT;
    int64_t n = 0;
    ck_assert_int_eq(db_get_int(f.office->db, &n, NULL, &e, sql, NO_VALS), ERR_OK);
    (void)snprintf(text, sizeof text, "%lld", (long long)n);
    return text;
}

START_TEST(knows_what_changed_since)
{
    struct err e = ERR_INIT;
    build();
    for (size_t i = 0; i < LISTS; i++) {
        ck_assert(usable(i, true));
    }
    ck_assert_uint_eq(found(0, -1, "rosalinda"), 0);
    (void)fixture_run(&f, f.olga, "customer edit", "customer", "1", "name", "Rosalinda", NULL);
    ck_assert_uint_eq(found(0, -1, "rosalinda"), 1);
    ck_assert_uint_eq(found(1, 1, "ROSALÍNDA"), 1);
    ck_assert_uint_gt(found(2, 2, "rosalinda"), 0);
    ck_assert_uint_gt(found(3, 3, "rosalinda"), 0);
    size_t paid = found(2, -1, "paid");
    size_t payments = found(3, -1, "card");
    (void)fixture_run(&f, f.olga, "payment take", "account", "A00001", "amount", "900",
                      "method", "card", "slip", "77", NULL);
    ck_assert_uint_gt(found(2, 8, "paid"), paid);
    ck_assert_uint_eq(found(3, -1, "card"), payments + 1);
    for (size_t i = 0; i < LISTS; i++) {
        ck_assert_msg(usable(i, true), "%s", names[i]);
    }
    (void)fixture_run(&f, f.ana, "account open", "number", "C-1", "customer", "1", NULL);
    size_t closed = found(0, 7, "closed");
    size_t none = found(0, 4, "0");
    ck_assert_int_eq(list_indexes_forget(f.office, &e), ERR_OK);
    build(); /* the account is in the file */
    (void)fixture_run(&f, f.marta, "account close", "number", "C-1", NULL);
    ck_assert_uint_eq(found(0, 7, "closed"), closed + 1);
    (void)fixture_run(&f, f.ana, "meter state", "serial", "W00003", "state", "removed",
                      "reason", "x", NULL);
    ck_assert_uint_eq(found(0, 4, "0"), none + 1);
    (void)fixture_run(&f, f.ana, "meter add", "serial", "Z-1", "kind", "water", "place",
                      "Calle 1", "route", "R1", "order", "1", "initial", "0", "account",
                      "A00003", "tariff", "doc07-water", NULL);
    ck_assert_uint_eq(found(0, 4, "0"), none);
    size_t disputed = found(2, 8, "disputed");
    (void)fixture_run(&f, f.olga, "dispute open", "bill", number_of(OWED_BILL), "reason", "x",
                      NULL);
    ck_assert_uint_eq(found(2, 8, "disputed"), disputed + 1);
    ck_assert_int_eq(list_indexes_forget(f.office, &e), ERR_OK);
    build();
    (void)fixture_run(&f, f.luis, "dispute resolve", "dispute",
                      number_of("SELECT max(id) FROM dispute"), "outcome", "rejected", "reason",
                      "x", NULL);
    ck_assert_uint_eq(found(2, 8, "disputed"), disputed);
    (void)fixture_run(&f, f.marta, "bill cancel", "bill", "2", "reason", "x", NULL);
    compare_states();
    size_t overdue = found(2, -1, "overdue");
    acts_days(&f, 60); /* other states, by the day alone */
    ck_assert(usable(2, false));
    ck_assert(!usable(2, true));
    ck_assert_uint_gt(found(2, -1, "overdue"), overdue);
    build();
    ck_assert(usable(2, true));
    (void)found(2, -1, "overdue");
}
END_TEST

/* ---- many rows ---- */

#define MANY 4096 /* a chunk */
#define NUMBERS "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ?1) "
static const char *const many_sql[] = {
    NUMBERS "INSERT INTO customer(id, name) SELECT 1000 + n, zeroblob(32) FROM t",
    NUMBERS "INSERT INTO personal(owner, id, field, hash, salt, value) SELECT 'customer', 1000 "
            "+ n, 'name', zeroblob(32), zeroblob(32), CASE n % 3 WHEN 0 THEN 'Rosa ' ELSE "
            "'José ' END || (n * 31 % 3000) FROM t",
    NUMBERS
    "INSERT INTO account(id, number, customer, currency, opened) SELECT 1000 + n, 'B' || "
    "substr(1000000 + n * 7919 % 99991, 2), 1000 + n, 'USD', '2026-01-01' FROM t",
};

static void many(int count)
{
    struct err e = ERR_INIT;
    ck_assert_int_eq(db_begin(f.office->db, &e), ERR_OK);
    for (size_t i = 0; i < sizeof many_sql / sizeof many_sql[0]; i++) {
        ck_assert_msg(db_run(f.office->db, &e, many_sql[i], VALS(V_INT(count))) == ERR_OK, "%s",
                      e.text);
    }
    ck_assert_int_eq(db_commit(f.office->db, &e), ERR_OK);
}

START_TEST(rows_are_found_in_every_chunk)
{
    struct err e = ERR_INIT;
    int64_t rows = 0;
    ck_assert_int_eq(
        db_get_int(f.office->db, &rows, NULL, &e, "SELECT count(*) FROM account", NO_VALS),
        ERR_OK);
    many(MANY + _i - 1 - (int)rows); /* with those: a chunk, one row less, one more */
    build();
    (void)fixture_run(&f, f.olga, "customer edit", "customer", "1001", "name", "Nadie Más",
                      NULL);
    (void)fixture_run(&f, f.ana, "account open", "number", "B00000", "customer", "1002", NULL);
    (void)fixture_run(&f, f.ana, "account open", "number", "ZZ", "customer", "1002", NULL);
    static const char *const texts[] = {"rosa", "31", "nadie", "zz"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (int column = 0; column < 2; column++) {
            struct list_ask ask = {
                .terms = {{-1, texts[i]}}, .term_count = 1, .sort_column = column};
            (void)compare(0, false, &ask);
            ask.descending = true;
            (void)compare(0, false, &ask);
        }
    }
    ck_assert(usable(0, true));
}
END_TEST

/* More bills are posted than can be looked at one by one: only the columns that say what is
 * owed are out of date. */
START_TEST(what_changes_all_over_leaves_the_names)
{
    struct err e = ERR_INIT;
    many(MANY * 2 + 100);
    build();
    ck_assert_int_eq(
        db_exec(f.office->db,
                "INSERT INTO posting(account, date, kind, ref, due, amount, open, seq) SELECT "
                "id, '2026-11-02', 'opening', 0, '2026-11-02', 777, 777, 1 FROM account WHERE "
                "id > 1000",
                &e),
        ERR_OK);
    (void)fixture_run(&f, f.olga, "customer edit", "customer", "1001", "name", "Nadie", NULL);
    ck_assert(usable(0, false));
    ck_assert(!usable(0, true));
    ck_assert_uint_gt(found(0, -1, "7.77"), MANY * 2);
    ck_assert_uint_eq(found(0, -1, "nadie"), 1);
    struct list_ask ask = {.terms = {{-1, "rosa"}}, .term_count = 1, .sort_column = 5};
    ck_assert_uint_gt(compare(0, false, &ask), MANY / 4);
}
END_TEST

START_TEST(stops_when_it_is_not_wanted)
{
    struct err e = ERR_INIT;
    static struct answer a;
    struct list_ask ask = {.terms = {{-1, "a0"}}, .term_count = 1, .index = index_of[0][0]};
    build();
    a = (struct answer){.stop_after = 1};
    ck_assert_int_eq(list_ids(shows, list_find(names[0]), &ask, take, &a, &e), ERR_CANCELLED);
    ck_assert_uint_gt(found(0, -1, "a0"), 0);
}
END_TEST

/* ---- files ---- */

static char *path_of(size_t list)
{
    char path[64];
    (void)snprintf(path, sizeof path, "state/list-%s.db", names[list]);
    return office_path(f.office, path);
}

START_TEST(an_erasure_removes_it)
{
    char *path = path_of(0);
    build();
    ck_assert_int_eq(access(path, R_OK), 0);
    (void)fixture_run(&f, f.ana, "personal erase", "customer", "3", "field", "all", "reason",
                      "asked for", "force", "yes", NULL);
    ck_assert_int_ne(access(path, R_OK), 0);
    ck_assert(!usable(0, false));
    ck_assert(!usable(1, false));
    build();
    ck_assert(usable(0, true));
    ck_assert_uint_eq(found(1, -1, "erased by"), 1);
    ck_assert_uint_eq(found(0, -1, "erased by"), 1);
    mem_free(path);
}
END_TEST

/* A discarded import of readings takes no row of these lists with it. */
START_TEST(only_what_takes_rows_away_ends_it)
{
    char run[32];
    struct err e = ERR_INIT;
    int64_t newest = 0;
    acts_try(&f, f.ana, "import readings", "file",
             acts_file(&f, "serial,time,value\nW00003,2026-11-01 08:00,190.5\n"), "mapping",
             "meses", NULL, NULL);
    build();
    ck_assert_int_eq(db_get_int(f.office->db, &newest, NULL, &e,
                                "SELECT max(id) FROM import_run WHERE kind = 'readings'",
                                NO_VALS),
                     ERR_OK);
    (void)snprintf(run, sizeof run, "%lld", (long long)newest);
    (void)fixture_run(&f, f.luis, "import discard", "run", run, "reason", "x", NULL);
    ck_assert(usable(0, true));
    acts_try(&f, f.ana, "import customers", "file",
             acts_file(&f, "no,name,phone\nN-1,Nadie,2222\n"), "mapping", "customers", NULL,
             NULL);
    ck_assert_uint_eq(found(1, -1, "nadie"), 1);
    (void)snprintf(run, sizeof run, "%lld", (long long)newest + 1);
    (void)fixture_run(&f, f.luis, "import discard", "run", run, "reason", "x", NULL);
    ck_assert(!usable(1, false));
    ck_assert_uint_eq(found(1, -1, "nadie"), 0);
    compare_some(40);
}
END_TEST

static const char *const damages[] = {
    "UPDATE cell SET cells = zeroblob(length(cells))",
    "UPDATE cell SET cells = zeroblob(0)",
    "DELETE FROM cell",
    "UPDATE ordering SET ids = zeroblob(4)",
    "UPDATE ordering SET ids = CAST(replace(hex(ids), '0', 'F') AS BLOB)",
    "DELETE FROM ordering",
};

START_TEST(what_nobody_wrote_is_no_answer)
{
    char *path = path_of(0);
    struct err e = ERR_INIT;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        struct db *db = NULL;
        build();
        ck_assert(usable(0, true));
        close_readers();
        ck_assert_int_eq(db_open(path, DB_WRITE, &db, &e), ERR_OK);
        ck_assert_int_eq(db_exec(db, damages[i], &e), ERR_OK);
        db_close(db);
        open_readers();
        ck_assert_uint_gt(found(0, -1, "a0"), 0); /* each row is looked at */
        ck_assert_msg(access(path, R_OK) != 0, "%s", damages[i]);
    }
    mem_free(path);
}
END_TEST

START_TEST(a_bad_index_is_none)
{
    char *path = path_of(0);
    struct err e = ERR_INIT;
    struct db *db = NULL;
    build();
    ck_assert_int_eq(db_open(path, DB_WRITE, &db, &e), ERR_OK);
    ck_assert_int_eq(db_exec(db, "UPDATE made SET leaf = zeroblob(32)", &e), ERR_OK);
    db_close(db);
    ck_assert(!usable(0, false));
    build();
    ck_assert(usable(0, false));
    close_readers();
    ck_assert_int_eq(db_open(path, DB_WRITE, &db, &e), ERR_OK);
    ck_assert_int_eq(db_exec(db, "UPDATE made SET shape = shape || ' '", &e), ERR_OK);
    db_close(db);
    open_readers();
    ck_assert(!usable(0, false)); /* the list's columns were others */
    build();
    close_readers();
    ck_assert_int_eq(truncate(path, 5000), 0);
    open_readers();
    ck_assert(!usable(0, false));
    build();
    ck_assert(usable(0, false));
    /* A connection that masks would write the mask for all. */
    ck_assert_int_eq(list_indexes_forget(f.office, &e), ERR_OK);
    ck_assert_int_eq(list_index_build(masks, list_find(names[0]), NULL, &e), ERR_OK);
    ck_assert(!usable(0, false));
    mem_free(path);
}
END_TEST

Suite *suite_list_index(void)
{
    Suite *s = suite_create("list index");
    TCase *t = tcase_create("index");
    TCase *small = tcase_create("files");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, misses_nothing_whatever_is_done, 0, 2);
    tcase_add_test(t, knows_what_changed_since);
    tcase_add_test(t, only_what_takes_rows_away_ends_it);
    suite_add_tcase(s, t);
    tcase_add_checked_fixture(small, setup_small, teardown);
    tcase_add_loop_test(small, rows_are_found_in_every_chunk, 0, 3);
    tcase_add_test(small, what_changes_all_over_leaves_the_names);
    tcase_add_test(small, stops_when_it_is_not_wanted);
    tcase_add_test(small, an_erasure_removes_it);
    tcase_add_test(small, what_nobody_wrote_is_no_answer);
    tcase_add_test(small, a_bad_index_is_none);
    suite_add_tcase(s, small);
    return s;
}
