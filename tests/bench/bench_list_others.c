/* The lists of a million accounts, customers, bills and payments: the same as bench_list.c asks
 * of the meters. */
#include <config.h>

#include "tests/bench/bench_list_others.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/list_index.h"
#include "tests/bench/bench.h"

#define ROUNDS 7
#define BATCH 512

#define NUMBERS "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ?1) "
#define PERSON(field, value)                                                                   \
    NUMBERS "INSERT INTO personal(owner, id, field, hash, salt, value) SELECT 'customer', "    \
            "1000000 + n, '" field "', zeroblob(32), zeroblob(32), " value " FROM t"
static const char *const steps[] = {
    NUMBERS "INSERT INTO customer(id, name, phone, tax_id) SELECT 1000000 + n, zeroblob(32), "
            "zeroblob(32), zeroblob(32) FROM t",
    PERSON("name", "CASE n * 7919 % 7 WHEN 0 THEN 'José ' WHEN 1 THEN 'María ' WHEN 2 THEN "
                   "'Ñico ' WHEN 3 THEN 'Rosa ' ELSE 'Ana ' END || CASE n % 5 WHEN 0 THEN "
                   "'Vega ' WHEN 1 THEN 'Calderón ' ELSE 'Rojas ' END || (n * 31 % 90000)"),
    PERSON("phone", "'+506 ' || (20000000 + n * 7919 % 9999991)"),
    PERSON("tax_id", "'1-' || (100000000 + n * 31 % 99999989)"),
    "UPDATE account SET customer = id + 999000 WHERE id BETWEEN 1001 AND 1000 + ?1",
    "INSERT INTO billing_run(id, start_date, end_date, start_utc, end_utc, issued, due, state, "
    "opened, batches, items, total) SELECT 1, '2026-09-01', '2026-10-01', 0, 0, '2026-10-02', "
    "'2026-10-20', 'closed', 1, 1, ?1, 1 WHERE ?1 > 0",
    NUMBERS "INSERT INTO bill(id, run, account, start_date, end_date, issued, due, currency, "
            "total, seq, item) SELECT n, 1, 1000 + n, '2026-09-01', '2026-10-01', "
            "'2026-10-02', '2026-10-20', 'USD', 1500 + n * 7919 % 30000, 1, n FROM t",
    NUMBERS
    "INSERT INTO posting(id, account, date, kind, ref, due, amount, open, seq) SELECT 1000000 "
    "+ n, 1000 + n, '2026-10-02', 'bill', n, '2026-10-20', 1500 + n * 7919 % 30000, CASE n % 4 "
    "WHEN 0 THEN 1500 ELSE 0 END, 1 FROM t",
    NUMBERS
    "INSERT INTO posting(id, account, date, kind, ref, due, amount, open, seq) SELECT 2000000 "
    "+ n, 1000 + n, '2026-10-09', 'payment', n, '2026-10-09', -1000 - n * 7919 % 30000, 0, 1 "
    "FROM t",
    NUMBERS "INSERT INTO payment(id, account, receipt, posting, date, value_date, channel, "
            "txn, method, amount, tender_currency, tendered, rate, change, state, seq) SELECT "
            "n, 1000 + n, n, 2000000 + n, '2026-10-09', '2026-10-09', CASE n % 9 WHEN 0 THEN "
            "'counter' ELSE 'bank' END, 'T' || n, CASE n % 9 WHEN 0 THEN 'cash' ELSE "
            "'transfer' END, 1000 + n * 7919 % 30000, 'USD', 1000 + n * 7919 % 30000, '1', 0, "
            "CASE n % 5000 WHEN 0 THEN 'reversed' ELSE 'posted' END, 1 FROM t",
};

static struct office_fixture *f;
static struct list_index *list_index;
static size_t many; /* of so many matches */

static bool failed(const struct err *e)
{
    (void)fprintf(stderr, "bench_list: %s\n", e->text);
    return false;
}

bool bench_list_take(void *list_seen, const int64_t *ids, size_t count)
{
    struct list_seen *s = list_seen;
    (void)ids;
    s->count += count;
    if (s->first_ns == 0 && s->count >= LIST_SCREENFUL) {
        s->first_ns = bench_now_ns() - s->start_ns;
    }
    return true;
}

static bool ask_once(const char *list, struct list_ask *ask, struct list_seen *s,
                     double *first_ms, double *whole_ms)
{
    struct err e = ERR_INIT;
    *s = (struct list_seen){.start_ns = bench_now_ns()};
    ask->index = list_index;
    if (list_ids(f->office, list_find(list), ask, bench_list_take, s, &e) != ERR_OK) {
        return failed(&e);
    }
    int64_t whole = bench_now_ns() - s->start_ns;
    *whole_ms = (double)whole / 1e6;
    *first_ms = (double)(s->first_ns == 0 ? whole : s->first_ns) / 1e6;
    return true;
}

/* The slowest of the rounds counts: a person feels that one. */
static bool key(const char *list, const char *text, int column, int sort)
{
    struct list_ask ask = {
        .terms = {{column, text}}, .term_count = 1, .sort_column = sort, .descending = true};
    const struct list_query *q = list_find(list);
    double worst = 0;
    struct list_seen s = {0};
    char name[96];
    for (int i = 0; i < ROUNDS; i++) {
        double first_ms = 0;
        double whole_ms = 0;
        if (!ask_once(list, &ask, &s, &first_ms, &whole_ms)) {
            return false;
        }
        worst = first_ms > worst ? first_ms : worst;
    }
    const char *share = s.count == 0 ? "none" : s.count >= many ? "many" : "few";
    (void)printf("# %s, filter \"%s\": %zu of the rows\n", list, text, s.count);
    (void)snprintf(name, sizeof name, "list.%s_%s_%zu_%s%s%s", list,
                   column >= 0                        ? q->columns[column].name
                   : text[0] >= '0' && text[0] <= '9' ? "digits"
                                                      : "words",
                   strlen(text), share, sort == 0 ? "" : "_by_",
                   sort == 0 ? "" : q->columns[sort].name);
    bench_print_value(name, "ms", worst, "value<=100");
    return true;
}

static bool sort(const char *list, int column, const char *goal)
{
    struct list_ask ask = {.sort_column = column, .descending = true};
    double samples[ROUNDS];
    char name[64];
    for (int i = 0; i < ROUNDS; i++) {
        struct list_seen s;
        double first_ms = 0;
        if (!ask_once(list, &ask, &s, &first_ms, &samples[i])) {
            return false;
        }
    }
    (void)snprintf(name, sizeof name, "list.%s_sort_%s", list,
                   list_find(list)->columns[column].name);
    bench_print_value(name, "ms", bench_median(samples, ROUNDS), goal);
    return true;
}

static bool after(const char *name, const char *list, int column, const char *text)
{
    struct list_ask ask = {.terms = {{column, text}}, .term_count = 1};
    struct list_seen s;
    double first_ms = 0;
    double whole_ms = 0;
    if (!ask_once(list, &ask, &s, &first_ms, &whole_ms)) {
        return false;
    }
    bench_print_value(name, "ms", first_ms, "value<=100");
    return true;
}

static bool make(const char *name)
{
    struct err e = ERR_INIT;
    int64_t start = bench_now_ns();
    if (list_indexes_build(f->office, NULL, &e) != ERR_OK) {
        return failed(&e);
    }
    bench_print_value(name, "s", (double)(bench_now_ns() - start) / 1e9, "-");
    return true;
}

static bool keys(void)
{
    static const struct {
        const char *list, *text;
        int column, sort;
    } asked[] = {
        {"accounts", "vega rosa", -1, 0}, {"accounts", "c", -1, 0},
        {"accounts", "zz", -1, 0},        {"accounts", "ros", -1, 0},
        {"accounts", "calderon", -1, 0},  {"accounts", "calderon", -1, 1},
        {"accounts", "1", -1, 0},         {"accounts", "42", -1, 0},
        {"accounts", "9913", -1, 0},      {"accounts", "00012345", -1, 0},
        {"accounts", "00012345", -1, 5},  {"accounts", "77.7", 5, 0},
        {"accounts", "closed", 7, 0},     {"customers", "vega rosa", -1, 0},
        {"customers", "vega 123", -1, 0}, {"customers", "20012345", -1, 0},
        {"customers", "506", -1, 1},      {"bills", "vega rosa", -1, 0},
        {"bills", "rosa", -1, 0},         {"bills", "12345678", -1, 0},
        {"bills", "9913", -1, 0},         {"bills", "overdue", 8, 0},
        {"bills", "disputed", 8, 0},      {"bills", "part", -1, 0},
        {"bills", "vega 123", -1, 6},     {"payments", "vega rosa", -1, 0},
        {"payments", "rosa", -1, 0},      {"payments", "9913", -1, 0},
        {"payments", "reversed", 8, 0},   {"payments", "cash", -1, 3},
    };
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        if (!key(asked[i].list, asked[i].text, asked[i].column, asked[i].sort)) {
            return false;
        }
    }
    return sort("accounts", 0, "value<=400") && sort("accounts", 1, "value<=1500") &&
           sort("accounts", 5, "value<=1500") && sort("bills", 0, "value<=400") &&
           sort("bills", 7, "value<=1500") && sort("bills", 8, "value<=1500") &&
           sort("customers", 1, "value<=1500") && sort("payments", 5, "value<=1500");
}

/* The first key after so many payments, and after a billing run posted to everybody. */
static bool behind(int count)
{
    struct err e = ERR_INIT;
    static const char pay[] =
        "INSERT INTO posting(account, date, kind, ref, due, amount, open, seq) SELECT id, "
        "'2026-11-02', 'opening', 0, '2026-11-02', 100, 0, 1 FROM account WHERE id > 1000 "
        "LIMIT ?";
    if (!after("list.accounts_opened", "accounts", -1, "no such") ||
        db_run(f->office->db, &e, pay, VALS(V_INT(BATCH))) != ERR_OK ||
        fixture_run(f, f->olga, "customer edit", "customer", "1000007", "name", "Xoán", NULL) ==
            0 ||
        !after("list.accounts_behind_payments", "accounts", -1, "no such") ||
        !after("list.accounts_behind_payments_digits", "accounts", -1, "9913") ||
        db_run(f->office->db, &e, pay, VALS(V_INT(count))) != ERR_OK ||
        fixture_run(f, f->olga, "customer edit", "customer", "1000008", "name", "Uxío", NULL) ==
            0 ||
        !after("list.accounts_behind_billing", "accounts", -1, "no such") ||
        !after("list.accounts_behind_billing_few", "accounts", -1, "uxio")) {
        return e.code == ERR_OK ? false : failed(&e);
    }
    return true;
}

bool bench_list_others(struct office_fixture *fixture, int meters)
{
    struct err e = ERR_INIT;
    f = fixture;
    many = (size_t)meters / 5;
    enum err_code code =
        db_exec(f->office->db, "PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF;", &e);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && code == ERR_OK; i++) {
        code = db_run(f->office->db, &e, steps[i], VALS(V_INT(meters)));
    }
    if (code == ERR_OK) {
        code = list_index_new(&list_index, &e);
    }
    if (code != ERR_OK) {
        return failed(&e);
    }
    fixture_close(f); /* the log is in the database then */
    fixture_reopen(f);
    bool ok = make("list.others_made") && keys() && behind(meters);
    list_index_free(list_index);
    return ok;
}
