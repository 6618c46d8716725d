/* The rules on a year of real hourly readings, with their quirks: what is held, and as what. */
#include <config.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/caltime.h"
#include "base/csv.h"
#include "check_domain.h"
#include "domain/rules.h"
#include "tests/lib/corpus.h"

#define ROWS_MAX 700000

struct row {
    char key[37];
    uint32_t line;
    struct point p;
};

struct counts {
    uint64_t rows, held, falls_raw, fired[RULE_COUNT], kind[CLASS_COUNT], meters_foreign,
        foreign;
};

static int by_key_time_line(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int c = strcmp(x->key, y->key);
    if (c == 0) {
        c = (x->p.utc > y->p.utc) - (x->p.utc < y->p.utc);
    }
    if (c == 0) { /* the doubled hour: a register rises */
        c = (x->p.value > y->p.value) - (x->p.value < y->p.value);
    }
    return c != 0 ? c : (x->line > y->line) - (x->line < y->line);
}

static size_t load(const char *path, const char *format, const char *unit, struct row *rows)
{
    struct csv *csv = NULL;
    struct csv_row r;
    struct err e = ERR_INIT;
    bool eof = false;
    size_t n = 0;
    ck_assert_msg(csv_open(path, ';', false, &csv, &e) == ERR_OK, "%s", e.text);
    for (bool head = true;; head = false) {
        ck_assert_int_eq(csv_next(csv, &r, &eof, &e), ERR_OK);
        if (eof) {
            break;
        }
        if (head) {
            continue;
        }
        struct civil c;
        ck_assert_int_eq(r.fault, CSV_FINE);
        ck_assert_int_eq(civil_parse_format(r.fields[1].data, r.fields[1].len, format, &c, &e),
                         ERR_OK);
        ck_assert_int_eq(quantity_parse(r.fields[2].data, r.fields[2].len, unit_find(unit),
                                        &rows[n].p.value, &e),
                         ERR_OK);
        ck_assert_uint_lt(r.fields[0].len, sizeof(rows[n].key));
        memcpy(rows[n].key, r.fields[0].data, r.fields[0].len);
        rows[n].p.utc = civil_to_secs(c);
        rows[n].line = (uint32_t)r.line;
        ck_assert_uint_lt(++n, ROWS_MAX);
    }
    csv_close(csv);
    return n;
}

/* Judge one register's rows as an importer would: what is held is not compared with later. */
static void judge_register(const struct row *rows, size_t count, struct counts *n)
{
    struct register_def reg = {unit_find("m3"), 5, 3, 1, 1, 3125};
    struct rule_set rules;
    struct interleave s = {0};
    struct point accepted = {0, 0}, seen = {0, 0};
    bool has_accepted = false;
    rules_defaults(METER_WATER, &rules);
    struct interleave_limits limits = rules_interleave_limits(&rules, &reg);
    for (size_t i = 0; i < count; i++) {
        struct findings found;
        const int64_t *same =
            i > 0 && rows[i - 1].p.utc == rows[i].p.utc ? &rows[i - 1].p.value : NULL;
        struct reading_ctx ctx = {.reg = &reg,
                                  .rules = &rules,
                                  .reading = rows[i].p,
                                  .as_of_utc = 1488326400, /* 2017-03-01 */
                                  .prev = has_accepted ? &accepted : NULL,
                                  .seen = i > 0 ? &seen : NULL,
                                  .same = same,
                                  .same_count = same != NULL,
                                  .active_until = INT64_MAX,
                                  .series = &s};
        (void)interleave_feed(&s, &limits, rows[i].p);
        rules_judge_reading(&ctx, &found);
        for (size_t k = 0; k < found.count; k++) {
            n->fired[found.item[k].rule]++;
            n->kind[found.item[k].kind]++;
        }
        n->rows++;
        n->held += found.hold;
        n->falls_raw += i > 0 && rows[i].p.value < rows[i - 1].p.value;
        if (!found.hold) {
            accepted = rows[i].p;
            has_accepted = true;
        }
        seen = rows[i].p;
    }
    n->meters_foreign += s.recognised;
    n->foreign += s.recognised ? s.other_count : 0;
}

START_TEST(a_year_of_real_readings_is_classified)
{
    char path[CORPUS_PATH_SIZE];
    if (!corpus_path("a_year_of_real_readings_is_classified",
                     "water/alicante_2016_hourly.csv.gz", path)) {
        return;
    }
    struct row *rows = calloc(ROWS_MAX, sizeof(*rows));
    ck_assert_ptr_nonnull(rows);
    size_t count = load(path, "%d/%m/%Y %H:%M:%S", "l", rows);
    qsort(rows, count, sizeof(*rows), by_key_time_line);
    struct counts n = {0};
    for (size_t first = 0, i = 1; i <= count; i++) {
        if (i == count || strcmp(rows[i].key, rows[first].key) != 0) {
            judge_register(rows + first, i - first, &n);
            first = i;
        }
    }
    free(rows);
    ck_assert_uint_eq(n.rows, 674019);
    ck_assert_uint_eq(n.falls_raw, 203);
    ck_assert_uint_eq(n.kind[CLASS_BACKFLOW], 195); /* falls of 1 to 100 litres */
    ck_assert_uint_eq(n.meters_foreign, 1);         /* 9348c9bb... */
    ck_assert_uint_eq(n.foreign, 4);                /* 456,017 to 456,427 */
    ck_assert_uint_eq(n.fired[RULE_INTERLEAVED],
                      3); /* the first of them is known only afterwards: */
    ck_assert_uint_eq(n.fired[RULE_MAX_RATE], 1);    /* it is held for its jump */
    ck_assert_uint_eq(n.kind[CLASS_UNEXPLAINED], 4); /* 12,288, 3,076, 112 and 109 litres */
    ck_assert_uint_eq(n.fired[RULE_DUPLICATE], 78);
    ck_assert_uint_eq(n.kind[CLASS_OTHER_VALUE], 8);
    ck_assert_uint_eq(n.kind[CLASS_RESET], 0);
    ck_assert_uint_eq(n.fired[RULE_ROLLOVER] + n.fired[RULE_FUTURE] + n.fired[RULE_TOO_OLD] +
                          n.fired[RULE_INACTIVE],
                      0);
}
END_TEST

/* Manual quarterly readings of fifteen meters over 24 years: each fall there looks like an
 * exchange. */
START_TEST(every_fall_of_the_manual_readings_is_an_exchange)
{
    char path[CORPUS_PATH_SIZE];
    if (!corpus_path("every_fall_of_the_manual_readings_is_an_exchange",
                     "water/san_joan_manual_1993_2017.csv", path)) {
        return;
    }
    struct row *rows = calloc(ROWS_MAX, sizeof(*rows));
    ck_assert_ptr_nonnull(rows);
    size_t count = load(path, "%Y-%m-%d", "m3", rows);
    qsort(rows, count, sizeof(*rows), by_key_time_line);
    struct register_def reg = {unit_find("m3"), 5, 0, 1, 1, 3125};
    struct rule_set rules;
    uint64_t resets = 0, falls = 0;
    rules_defaults(METER_WATER, &rules);
    for (size_t i = 1; i < count; i++) {
        struct findings found;
        struct reading_ctx ctx = {.reg = &reg,
                                  .rules = &rules,
                                  .reading = rows[i].p,
                                  .as_of_utc = rows[i].p.utc,
                                  .prev = &rows[i - 1].p,
                                  .active_until = INT64_MAX};
        if (strcmp(rows[i].key, rows[i - 1].key) == 0 &&
            rows[i].p.value < rows[i - 1].p.value) {
            rules_judge_reading(&ctx, &found);
            ck_assert_uint_eq(found.count, 1);
            resets += found.item[0].rule == RULE_DECREASE && found.item[0].kind == CLASS_RESET;
            falls++;
        }
    }
    free(rows);
    ck_assert_uint_eq(falls, 30);
    ck_assert_uint_eq(resets, 30);
}
END_TEST

Suite *suite_rules_alicante(void)
{
    Suite *s = suite_create("rules_alicante");
    TCase *t = tcase_create("rules_alicante");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_year_of_real_readings_is_classified);
    tcase_add_test(t, every_fall_of_the_manual_readings_is_an_exchange);
    suite_add_tcase(s, t);
    return s;
}
