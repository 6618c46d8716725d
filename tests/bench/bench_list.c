/* The list of a million meters: a keystroke of the filter to the first screenful, and each
 * order to its last row. Times are those of the worker's thread, without the terminal. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/query_meter.h"
#include "app/search.h"
#include "base/i18n.h"
#include "tests/bench/bench.h"
#include "tests/bench/bench_list_others.h"
#include "tests/bench/big_office.h"

#define METERS 1000000
#define METERS_QUICK 100000
#define ROUNDS 7

static struct office_fixture f;
static struct search *search;

static bool run(const struct meter_query *q, struct list_seen *s, double *whole_ms)
{
    struct err e = ERR_INIT;
    *s = (struct list_seen){.start_ns = bench_now_ns()};
    if (meters_find(f.office->db, search, false, q, bench_list_take, s, &e) != ERR_OK) {
        (void)fprintf(stderr, "bench_list: %s\n", e.text);
        return false;
    }
    int64_t whole = bench_now_ns() - s->start_ns;
    *whole_ms = (double)whole / 1e6;
    s->first_ns = s->first_ns == 0 ? whole : s->first_ns;
    return true;
}

/* The slowest of the rounds counts: a person feels that one. */
static bool key_in(int column, const char *name_of, const char *text)
{
    struct meter_query q = {.terms = {{column, text}}, .term_count = 1, .today = "2026-11-02"};
    double first_ms = 0;
    struct list_seen s = {0};
    char name[64];
    for (int i = 0; i < ROUNDS; i++) {
        double whole_ms = 0;
        if (!run(&q, &s, &whole_ms)) {
            return false;
        }
        double ms = (double)s.first_ns / 1e6;
        first_ms = ms > first_ms ? ms : first_ms;
    }
    const char *share = s.count == 0 ? "none" : s.count >= METERS / 5 ? "many" : "few";
    (void)printf("# filter \"%s%s\": %zu of the rows\n", name_of, text, s.count);
    if (column < 0) {
        (void)snprintf(name, sizeof name, "list.filter_%zu_letters_%s", strlen(text), share);
    } else {
        (void)snprintf(name, sizeof name, "list.filter_%.*s_%zu_%s", (int)strcspn(name_of, "="),
                       name_of, strlen(text), share);
    }
    bench_print_value(name, "ms", first_ms, "value<=100");
    return true;
}

static bool key(const char *text)
{
    return key_in(-1, "", text);
}

static bool sort(const char *name, int column, const char *goal)
{
    struct meter_query q = {.sort_column = column, .descending = true};
    double samples[ROUNDS];
    struct list_seen s;
    char line[64];
    for (int i = 0; i < ROUNDS; i++) {
        if (!run(&q, &s, &samples[i])) {
            return false;
        }
    }
    (void)snprintf(line, sizeof line, "list.sort_%s", name);
    bench_print_value(line, "ms", bench_median(samples, ROUNDS), goal);
    return true;
}

static bool measure(void)
{
    static const char *const keys[] = {"c",       "zz",       "91",       "ca",       "cal",
                                       "no such", "constitu", "avenida ", "m-0001234"};
    struct err e = ERR_INIT;
    int64_t start = bench_now_ns();
    if (search_forget(f.office, &e) != ERR_OK || search_build(f.office, NULL, &e) != ERR_OK ||
        search_new(f.office, &search, &e) != ERR_OK) {
        (void)fprintf(stderr, "bench_list: %s\n", e.text);
        return false;
    }
    bench_print_value("list.index_made", "s", (double)(bench_now_ns() - start) / 1e9, "-");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (!key(keys[i])) {
            return false;
        }
    }
    if (!key_in(METER_CONDITION, "state=", "held") ||
        !key_in(METER_CONDITION, "state=", "hi") ||
        !key_in(METER_CONDITION, "state=", "zero") || !key_in(METER_LAST, "last=", "2026-11") ||
        !key_in(METER_LAST, "last=", "1999") || !key_in(METER_PENDING, "pending=", "review") ||
        !key_in(METER_READING, "reading=", "188.123") ||
        !key_in(METER_READING, "reading=", "18") ||
        !key_in(METER_KIND_COLUMN, "kind=", "gas")) {
        return false;
    }
    return sort("serial", METER_SERIAL, "value<=400") &&
           sort("route", METER_ROUTE, "value<=1500") &&
           sort("place", METER_PLACE, "value<=1500") &&
           sort("account", METER_ACCOUNT, "value<=1500") &&
           sort("last", METER_LAST, "value<=1500") &&
           sort("reading", METER_READING, "value<=1500") &&
           sort("state", METER_CONDITION, "value<=1500");
}

/* The first screenful of a filter's first key after something came. */
static bool after(const char *name, int column, const char *text)
{
    struct meter_query q = {.terms = {{column, text}}, .term_count = 1, .today = "2026-11-02"};
    struct list_seen s;
    double whole_ms = 0;
    if (!run(&q, &s, &whole_ms)) {
        return false;
    }
    bench_print_value(name, "ms", (double)s.first_ns / 1e6, "value<=100");
    return true;
}

#define BATCH 4096
#define MANY 65536

/* While the index is older than the office: after batches as imports bring them, and behind so
 * many meters that it is made anew; those the console takes in when it shows the list again. */
static bool behind(void)
{
    struct err e = ERR_INIT;
    struct list_seen s;
    struct meter_query all = {0};
    double ms = 0;
    bool usable = false;
    if (!big_office_more(&f, true, BATCH) ||
        !after("list.batch_readings_none", -1, "no such") ||
        !after("list.batch_readings_state", METER_CONDITION, "held") ||
        !big_office_more(&f, false, BATCH) || !after("list.batch_meters_none", -1, "no such") ||
        !big_office_more(&f, false, BATCH) ||
        !after("list.batch_meters_state", METER_CONDITION, "held") ||
        !big_office_more(&f, false, MANY) || !run(&all, &s, &ms) ||
        search_usable(search, f.office->db, true, &usable, &e) != ERR_OK) {
        return false;
    }
    bench_print_value("list.many_meters_taken_in", "ms", ms, "-");
    if (!after("list.many_meters_none", -1, "no such") ||
        !after("list.many_meters_few", -1, "n-0001") ||
        !after("list.many_meters_state", METER_CONDITION, "zero")) {
        return false;
    }
    int64_t start = bench_now_ns();
    if (search_build(f.office, NULL, &e) != ERR_OK) {
        (void)fprintf(stderr, "bench_list: %s\n", e.text);
        return false;
    }
    bench_print_value("list.index_remade", "s", (double)(bench_now_ns() - start) / 1e9, "-");
    return after("list.remade_many", -1, "cal") &&
           after("list.remade_state", METER_CONDITION, "held");
}

int main(int argc, char **argv)
{
    i18n_init("en");
    fixture_template();
    fixture_init(&f);
    int meters = bench_quick(argc, argv) ? METERS_QUICK : METERS;
    bool alone = getenv("BENCH_OTHERS_ONLY") != NULL; /* nothing but the other lists */
    bool ok = big_office_take(&f, meters) && (alone || (measure() && behind())) &&
              bench_list_others(&f, meters);
    search_free(search);
    fixture_free(&f);
    return ok ? 0 : 1;
}
