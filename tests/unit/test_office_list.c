#include <config.h>

#include "check_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/list.h"
#include "app/page.h"
#include "app/personal.h"
#include "lib/office_busy.h"

/* Every list of app/list.h over an office at work: its SQL holds in every order and under every
 * filter, and its rows are there. */

struct found {
    int64_t ids[4096];
    size_t count, asked;
    size_t stop_after; /* calls; 0: never */
};

static bool take(void *ctx, const int64_t *ids, size_t count)
{
    struct found *f = ctx;
    f->asked++;
    ck_assert_uint_le(f->count + count, 4096);
    if (count > 0) {
        memcpy(f->ids + f->count, ids, count * sizeof *ids);
    }
    f->count += count;
    return f->stop_after == 0 || f->asked < f->stop_after;
}

static struct office_fixture busy;

static void find(const struct list_query *q, const struct list_ask *ask, struct found *out)
{
    struct err e = ERR_INIT;
    *out = (struct found){0};
    ck_assert_msg(list_ids(busy.office, q, ask, take, out, &e) == ERR_OK, "%s: %s", q->name,
                  e.text);
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct first_row {
    char cells[LIST_COLUMNS_MAX][256];
    size_t columns, rows;
};

static enum err_code keep_row(void *ctx, int64_t id, const char *const *cells, struct err *e)
{
    struct first_row *r = ctx;
    (void)id;
    (void)e;
    for (size_t i = 0; r->rows == 0 && i < r->columns; i++) {
        (void)snprintf(r->cells[i], sizeof r->cells[i], "%s", cells[i]);
    }
    r->rows++;
    return ERR_OK;
}

static void check_list(const struct list_query *q)
{
    struct err e = ERR_INIT;
    struct list_ask ask = {0};
    static struct found plain, other;
    struct first_row row = {.columns = list_columns(q)};
    int64_t total = -1;
    find(q, &ask, &plain);
    ck_assert_msg(list_total(busy.office, q, 0, NULL, NULL, &total, &e) == ERR_OK, "%s: %s",
                  q->name, e.text);
    ck_assert_msg((int64_t)plain.count == total && total > 0, "%s: %zu rows, %lld in all",
                  q->name, plain.count, (long long)total);
    ck_assert_msg(list_rows(busy.office, q, plain.ids, plain.count, keep_row, &row, &e) ==
                      ERR_OK,
                  "%s: %s", q->name, e.text);
    ck_assert_uint_eq(row.rows, plain.count);
    qsort(plain.ids, plain.count, sizeof plain.ids[0], by_id);
    for (size_t c = 0; c < row.columns; c++) {
        for (int down = 0; down < 2; down++) {
            ask = (struct list_ask){.sort_column = (int)c, .descending = down == 1};
            find(q, &ask, &other);
            qsort(other.ids, other.count, sizeof other.ids[0], by_id);
            ck_assert_uint_eq(other.count, plain.count);
            ck_assert_mem_eq(other.ids, plain.ids, plain.count * sizeof plain.ids[0]);
        }
        if (row.cells[c][0] != '\0') { /* a row is found by what stands in it */
            ask = (struct list_ask){.terms = {{(int)c, row.cells[c]}}, .term_count = 1};
            find(q, &ask, &other);
            ck_assert_msg(other.count > 0, "%s.%s does not find \"%s\"", q->name,
                          q->columns[c].name, row.cells[c]);
            ask.terms[0].column = -1;
            find(q, &ask, &other);
            ck_assert_uint_gt(other.count, 0);
        }
    }
    ask = (struct list_ask){.terms = {{-1, "no row has this"}}, .term_count = 1};
    find(q, &ask, &other);
    ck_assert_uint_eq(other.count, 0);
}

/* A time is found as it is shown, in summer and in winter. */
static void check_times(void)
{
    static const char *const sql[] = {"UPDATE history SET time = 1783000000000 WHERE seq = 1",
                                      "UPDATE history SET time = 1769000000000 WHERE seq = 1"};
    static const char *const shown[] = {"2026-07-02 15:46", "2026-01-21 13:53"};
    const struct list_query *q = list_find("history");
    struct zone *kept = busy.office->zone;
    struct zone *madrid = NULL;
    struct err e = ERR_INIT;
    ck_assert_int_eq(zone_load("Europe/Madrid", &madrid, &e), ERR_OK);
    busy.office->zone = madrid;
    for (size_t i = 0; i < 2; i++) {
        struct list_ask ask = {.terms = {{1, shown[i]}}, .term_count = 1};
        struct first_row row = {.columns = list_columns(q)};
        static struct found f;
        int64_t one = 1;
        ck_assert_int_eq(db_exec(busy.office->db, sql[i], &e), ERR_OK);
        ck_assert_int_eq(list_rows(busy.office, q, &one, 1, keep_row, &row, &e), ERR_OK);
        ck_assert_str_eq(row.cells[1], shown[i]);
        find(q, &ask, &f);
        ck_assert_uint_eq(f.count, 1);
        ck_assert_int_eq(f.ids[0], 1);
    }
    busy.office->zone = kept;
    zone_free(madrid);
}

START_TEST(every_list_sorts_filters_and_shows_its_rows)
{
    fixture_init(&busy);
    fixture_busy(&busy);
    struct err e = ERR_INIT;
    ck_assert_int_eq(personal_access(busy.office, 1, &e), ERR_OK);
    for (size_t i = 0; i < list_query_count; i++) {
        const struct list_query *q = &list_queries[i];
        struct list_detail d;
        struct list_ask ask = {0};
        static struct found f;
        check_list(q);
        find(q, &ask, &f);
        list_detail_init(&d);
        ck_assert_msg(q->detail == NULL || q->detail(busy.office, f.ids[0], &d, &e) == ERR_OK,
                      "%s: %s", q->name, e.text);
        list_detail_release(&d);
        if (q->scope != NULL) { /* of a thing that does not exist */
            ask.scope = INT64_C(1) << 50;
            find(q, &ask, &f);
            ck_assert_msg(f.count == 0, "%s is not narrowed", q->name);
        }
    }
    check_times();
    fixture_free(&busy);
}
END_TEST

/* As the order to take a run back promises: its bills stay, marked, and have their page. */
START_TEST(bills_of_a_run_taken_back_are_listed)
{
    struct err e = ERR_INIT;
    static struct found f;
    const struct list_query *q = list_find("bills");
    struct list_ask ask = {.terms = {{0, "discarded"}}, .term_count = 1};
    int64_t bills = 0;
    struct sheet s;
    fixture_init(&busy);
    fixture_busy(&busy);
    while (strcmp(q->columns[ask.terms[0].column].name, "state") != 0) {
        ask.terms[0].column++;
    }
    find(q, &ask, &f);
    ck_assert_uint_eq(f.count, 0);
    ck_assert_int_eq(db_exec(busy.office->db,
                             "UPDATE billing_run SET state = 'discarded' WHERE id = (SELECT "
                             "min(run) FROM bill)",
                             &e),
                     ERR_OK);
    ck_assert_int_eq(db_get_int(busy.office->db, &bills, NULL, &e,
                                "SELECT count(*) FROM bill WHERE run = (SELECT min(run) FROM "
                                "bill)",
                                NO_VALS),
                     ERR_OK);
    find(q, &ask, &f);
    ck_assert_int_gt(bills, 0);
    ck_assert_int_eq((int64_t)f.count, bills);
    sheet_init(&s);
    ck_assert_msg(page_find("bill")->fill(busy.office, 1, f.ids[0], &s, &e) == ERR_OK, "%s",
                  e.text);
    sheet_release(&s);
    fixture_free(&busy);
}
END_TEST

START_TEST(a_list_stops_when_it_is_not_wanted)
{
    struct err e = ERR_INIT;
    struct list_ask ask = {0};
    static struct found f;
    fixture_init(&busy);
    fixture_busy(&busy);
    f = (struct found){.stop_after = 1};
    ck_assert_int_eq(list_ids(busy.office, list_find("bills"), &ask, take, &f, &e),
                     ERR_CANCELLED);
    ck_assert_ptr_null(list_find("nothing of the kind"));
    fixture_free(&busy);
}
END_TEST

Suite *suite_office_list(void)
{
    Suite *s = suite_create("office list");
    TCase *t = tcase_create("lists");
    tcase_set_timeout(t, 30);
    tcase_add_test(t, every_list_sorts_filters_and_shows_its_rows);
    tcase_add_test(t, bills_of_a_run_taken_back_are_listed);
    tcase_add_test(t, a_list_stops_when_it_is_not_wanted);
    suite_add_tcase(s, t);
    return s;
}
