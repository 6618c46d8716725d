#include <config.h>

#include "tests/unit/check_ui.h"
#include "tests/unit/ui_rig.h"
#include "ui/widget_table.h"

/* The list of meters with 1,000,000 rows. */

#define MANY 1000000u

static struct rig r;

static void teardown(void)
{
    rig_close(&r);
}

START_TEST(million_rows_scroll_and_only_windows_are_fetched)
{
    rig_open_meters(&r, MANY, 24, 80);
    rig_sees(&r, "1 000 000");
    rig_sees(&r, "▶M-0000001");
    rig_key(&r, K_END);
    rig_sees(&r, "▶M-1000000");
    rig_misses(&r, "M-0000001");
    rig_key(&r, K_HOME);
    rig_sees(&r, "▶M-0000001");
    for (int i = 0; i < 100; i++) {
        rig_key(&r, K_PGDN);
    }
    rig_sees(&r, "▶M-0001301");
    ck_assert_uint_eq(r.fake.builds, 1);
    ck_assert_uint_lt(r.fake.fetched_rows, 100u * 60u);
}
END_TEST

START_TEST(one_row_down_fetches_nothing_most_of_the_time)
{
    size_t fetches;

    rig_open_meters(&r, MANY, 24, 80);
    fetches = r.fake.fetches;
    for (int i = 0; i < 140; i++) {
        rig_key(&r, K_DOWN);
    }
    rig_sees(&r, "▶M-0000141");
    ck_assert_uint_le(r.fake.fetches - fetches, 25);
}
END_TEST

/* What waits that somebody would wait for. */
static size_t awaited(void)
{
    size_t count = 0;

    for (size_t i = 0; i < r.job_count; i++) {
        count += r.jobs[i]->lane == LANE_QUERY && !r.jobs[i]->ahead ? 1 : 0;
    }
    return count;
}

START_TEST(moves_are_drawn_from_memory_without_asking_for_anything_first)
{
    static const struct {
        uint32_t key;
        const char *row, *detail;
    } moves[] = {{'j', "▶M-0000002", "│ M-0000002 ─ water"},
                 {'j', "▶M-0000003", "│ M-0000003 ─ water"},
                 {'k', "▶M-0000002", "│ M-0000002 ─ water"},
                 {K_PGDN, "▶M-0000037", "│ M-0000037 ─ water"},
                 {K_PGDN, "▶M-0000072", "│ M-0000072 ─ water"},
                 {'k', "▶M-0000071", "│ M-0000071 ─ water"},
                 {K_PGUP, "▶M-0000036", "│ M-0000036 ─ water"}};

    rig_open_meters(&r, MANY, 43, 132);
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        r.deferred = true;
        rig_key(&r, moves[i].key);
        ck_assert_uint_eq(awaited(), 0);
        rig_sees(&r, moves[i].row);
        rig_sees(&r, moves[i].detail);
        rig_misses(&r, "│ …"); /* no row that is still to come */
        r.deferred = false;
        rig_run_all(&r);
    }
    r.deferred = true;
    rig_key(&r, K_END); /* far away: those rows, and the detail */
    ck_assert_uint_eq(awaited(), 2);
    r.deferred = false;
    rig_run_all(&r);
    rig_sees(&r, "▶M-1000000");
}
END_TEST

START_TEST(refresh_leaves_the_old_rows_on_screen_until_the_new_ones_come)
{
    rig_open_meters(&r, MANY, 24, 80);
    r.deferred = true;
    rig_key(&r, 'r');
    while (r.job_count > 0) {
        ck_assert_uint_eq(awaited(), 0);
        rig_sees(&r, "▶M-0000001");
        rig_run_job(&r, 0);
    }
    rig_key(&r, 'r');
    rig_key(&r, 'j'); /* its detail is of before, and here */
    ck_assert_uint_eq(awaited(), 0);
    rig_sees(&r, "▶M-0000002");
    rig_sees(&r, "M-0000002 ─ water");
    r.deferred = false;
    rig_run_all(&r);
}
END_TEST

START_TEST(rows_ahead_that_came_in_part_are_asked_for_again)
{
    struct window_job *w;

    rig_open_meters(&r, MANY, 24, 80);
    r.deferred = true;
    rig_key(&r, K_END);
    while (awaited() > 0) {
        for (size_t i = 0; i < r.job_count; i++) {
            if (!r.jobs[i]->ahead) {
                rig_run_job(&r, i);
                break;
            }
        }
    }
    w = NULL;
    for (size_t i = 0; i < r.job_count && w == NULL; i++) {
        w = r.jobs[i]->ahead && r.jobs[i]->replaces && r.jobs[i]->kind == 2
                ? (struct window_job *)r.jobs[i]
                : NULL;
    }
    ck_assert_ptr_nonnull(w);
    w->count = 3; /* as if it had given way: not beside the rows that are here */
    r.deferred = false;
    rig_run_all(&r);
    rig_sees(&r, "▶M-1000000");
    for (int i = 0; i < 40; i++) {
        rig_key(&r, K_UP);
    }
    rig_sees(&r, "▶M-0999960");
    rig_misses(&r, "This row is no longer there");
}
END_TEST

START_TEST(selection_is_always_visible_and_the_page_keeps_its_place)
{
    rig_open_meters(&r, MANY, 24, 80);
    rig_key(&r, K_DOWN);
    rig_key(&r, K_PGDN);
    rig_sees(&r, "▶M-0000015");
    rig_sees(&r, "│ M-0000014"); /* still the second line of the page */
    rig_key(&r, K_PGUP);
    rig_sees(&r, "▶M-0000002");
    rig_key(&r, K_PGUP);
    rig_sees(&r, "▶M-0000001");
    rig_key(&r, K_UP);
    rig_sees(&r, "▶M-0000001");
    rig_key(&r, 'G');
    rig_key(&r, 'j');
    rig_sees(&r, "▶M-1000000");
}
END_TEST

START_TEST(resize_keeps_the_row)
{
    rig_open_meters(&r, MANY, 43, 132);
    for (int i = 0; i < 30; i++) {
        rig_key(&r, K_DOWN);
    }
    rig_sees(&r, "▶M-0000031");
    rig_resize(&r, 12, 60);
    rig_sees(&r, "▶M-0000031");
    rig_resize(&r, 200, 500);
    rig_sees(&r, "▶M-0000031");
    rig_resize(&r, 24, 80);
    rig_sees(&r, "▶M-0000031");
}
END_TEST

START_TEST(refresh_keeps_the_row_where_it_stands)
{
    rig_open_meters(&r, MANY, 24, 80);
    for (int i = 0; i < 50; i++) {
        rig_key(&r, K_DOWN);
    }
    rig_key(&r, K_UP);
    rig_sees(&r, "▶M-0000050");
    ck_assert_uint_eq(r.fake.builds, 1);
    r.fake.ledger_height++;
    rig_tick(&r, 6000);
    ck_assert_uint_eq(r.fake.builds, 2);
    rig_sees(&r, "▶M-0000050");
    r.fake.meter_count = 20; /* the row is gone: its neighbour is selected */
    rig_key(&r, 'r');
    rig_sees(&r, "▶M-0000020");
    r.fake.meter_count = 0;
    rig_key(&r, 'r');
    rig_sees(&r, "There are no meters yet");
    rig_key(&r, K_DOWN);
    rig_key(&r, K_PGDN);
    rig_key(&r, K_END);
    rig_key(&r, K_ENTER);
    ck_assert_ptr_eq(rig_top(&r), &screen_meters);
}
END_TEST

START_TEST(sorting_follows_the_row_but_not_the_first)
{
    rig_open_meters(&r, MANY, 24, 80);
    rig_key(&r, K_F6);
    rig_sees(&r, "Sorted by now, upwards");
    rig_type(&r, "serial\n"); /* again: the other way round */
    rig_sees(&r, "↓Serial");
    rig_sees(&r, "▶M-1000000");
    rig_key(&r, K_DOWN);
    rig_sees(&r, "▶M-0999999");
    rig_key(&r, 's');
    rig_sees(&r, "↑Place");
    rig_sees(&r, "▶M-0999999");
    for (int i = 0; i < 2 * UI_METER_CELLS - 2; i++) {
        rig_key(&r, 's');
    }
    rig_sees(&r, "↑Serial");
}
END_TEST

START_TEST(a_column_is_chosen_to_sort_by)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_key(&r, K_F6);
    rig_type(&r, "last\n"); /* dates begin with the newest */
    rig_sees(&r, "↓Last");
    rig_key(&r, K_F6);
    rig_type(&r, "route\n");
    rig_sees(&r, "↑Route");
    rig_key(&r, K_F6);
    rig_key(&r, K_ESC);
    rig_sees(&r, "↑Route");
}
END_TEST

START_TEST(filter_narrows_while_typing_and_stays_in_sight)
{
    rig_open_meters(&r, MANY, 24, 80);
    rig_type(&r, "/99999");
    rig_sees(&r, "Filter: 99999");
    rig_sees(&r, "19 of 1 000 000");
    rig_type(&r, "9");
    rig_sees(&r, "1 of 1 000 000");
    rig_sees(&r, "▶M-0999999");
    rig_type(&r, "\n");
    rig_sees(&r, "Filter: 999999");
    rig_key(&r, K_ESC);
    rig_sees(&r, "No filter");
    rig_sees(&r, "▶M-0999999"); /* found again in the whole list */
    rig_type(&r, "/");          /* a word at once: each key goes through all rows */
    rig_paste(&r, "state=held", 10);
    rig_type(&r, "\n");
    rig_sees(&r, "142 857 of 1 000 000");
    rig_type(&r, "/");
    rig_key(&r, K_CTRL | 'u');
    rig_paste(&r, "nothing", 7);
    rig_sees(&r, "Nothing matches the filter");
    rig_key(&r, K_ESC);
    rig_sees(&r, "Filter: state=held");
    rig_sees(&r, "142 857");
}
END_TEST

START_TEST(first_screenful_shows_before_the_list_is_whole)
{
    struct effects fx = {0};
    struct rows_job *part;
    struct table t;
    static const struct column one[] = {{"id", "Id", COLUMN_TEXT, 4, 8, 1, true, NULL}};

    rig_open_meters(&r, 8, 24, 80);
    table_init(&t, &r.fake.model, &r.fake.model.meters, one, 1, "", 1, 2);
    table_load(&t, KEEP_NOTHING, &fx);
    fx_release(&fx);
    part = (struct rows_job *)rows_job_new(t.source, &t.query, 1, t.rows_serial);
    part->partial = true;
    for (int64_t id = 1; id <= (int64_t)ROW_FIRST_COUNT; id++) {
        ck_assert_int_eq(idarray_add(&part->ids, &id, 1, NULL), ERR_OK);
    }
    ck_assert(table_job(&t, &part->job, &fx));
    ck_assert(t.partial && t.loading);
    ck_assert_uint_eq(t.ids.count, ROW_FIRST_COUNT);
    job_free(&part->job);
    fx_release(&fx);
    table_release(&t);
}
END_TEST

START_TEST(late_answers_to_an_old_filter_are_ignored)
{
    rig_open_meters(&r, 1000, 24, 80);
    rig_type(&r, "/M-0000");
    r.deferred = true;
    rig_type(&r, "1");
    rig_type(&r, "0");
    ck_assert_uint_ge(r.job_count, 2);
    rig_run_job(&r, r.job_count - 1); /* the newer one answers first */
    rig_run_job(&r, 0);
    r.deferred = false;
    rig_run_all(&r);
    rig_sees(&r, "10 of 1 000");
}
END_TEST

START_TEST(row_that_vanishes_before_it_is_fetched_says_so)
{
    rig_open_meters(&r, 1000, 24, 80);
    r.fake.meter_count = 500;
    rig_key(&r, K_END);
    rig_sees(&r, "This row is no longer there.");
}
END_TEST

static const struct column columns[] = {
    {"serial", "Serial", COLUMN_TEXT, 8, 16, 1, true, NULL},
    {"route", "Route", COLUMN_TEXT, 8, 16, 0, true, NULL},
};

static const struct {
    const char *text;
    size_t count;
    int column[3];
    const char *term[3];
} filters[] = {
    {"", 0, {0}, {NULL}},
    {"   ", 0, {0}, {NULL}},
    {"mayor", 1, {-1}, {"mayor"}},
    {"mayor 12", 2, {-1, -1}, {"mayor", "12"}},
    {"route=R-12", 1, {1}, {"R-12"}},
    {"RO=R-12 ser=A", 2, {1, 0}, {"R-12", "A"}},
    {"route=\"C. Mayor 12\" x", 2, {1, -1}, {"C. Mayor 12", "x"}},
    {"route=", 0, {0}, {NULL}},
    {"none=5", 1, {-1}, {"none=5"}},
    {"=5", 1, {-1}, {"=5"}},
    {"\"open", 1, {-1}, {"open"}},
    {"\"\"", 0, {0}, {NULL}},
};

START_TEST(filter_is_read_into_terms)
{
    struct row_query q = {0};

    filter_parse(filters[_i].text, columns, 2, &q);
    ck_assert_uint_eq(q.term_count, filters[_i].count);
    for (size_t i = 0; i < q.term_count; i++) {
        ck_assert_int_eq(q.terms[i].column, filters[_i].column[i]);
        ck_assert_str_eq(q.terms[i].text, filters[_i].term[i]);
    }
    rig_open_meters(&r, 1, 24, 80); /* for the teardown */
}
END_TEST

START_TEST(more_words_than_terms_are_left_out)
{
    struct row_query q = {0};

    filter_parse("1 2 3 4 5 6 7 8 9 10", columns, 2, &q);
    ck_assert_uint_eq(q.term_count, ROW_TERMS_MAX);
    rig_open_meters(&r, 1, 24, 80);
}
END_TEST

START_TEST(ids_are_found_outwards_from_the_old_place)
{
    struct idarray a;
    int64_t ids[] = {5, 7, 9, 7};

    idarray_init(&a);
    ck_assert_uint_eq(idarray_find(&a, 5, 3), 0);
    ck_assert_int_eq(idarray_add(&a, ids, 4, NULL), ERR_OK);
    ck_assert_uint_eq(idarray_find(&a, 7, 3), 3);
    ck_assert_uint_eq(idarray_find(&a, 7, 0), 1);
    ck_assert_uint_eq(idarray_find(&a, 5, 99), 0);
    ck_assert_uint_eq(idarray_find(&a, 6, 1), a.count);
    ck_assert_int_eq(idarray_add(&a, ids, ROW_IDS_MAX, NULL), ERR_LIMIT);
    idarray_release(&a);
    rig_open_meters(&r, 1, 24, 80);
}
END_TEST

Suite *suite_widget_table(void)
{
    Suite *s = suite_create("widget_table");
    TCase *t = tcase_create("list");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, million_rows_scroll_and_only_windows_are_fetched);
    tcase_add_test(t, one_row_down_fetches_nothing_most_of_the_time);
    tcase_add_test(t, moves_are_drawn_from_memory_without_asking_for_anything_first);
    tcase_add_test(t, refresh_leaves_the_old_rows_on_screen_until_the_new_ones_come);
    tcase_add_test(t, rows_ahead_that_came_in_part_are_asked_for_again);
    tcase_add_test(t, selection_is_always_visible_and_the_page_keeps_its_place);
    tcase_add_test(t, resize_keeps_the_row);
    tcase_add_test(t, refresh_keeps_the_row_where_it_stands);
    tcase_add_test(t, sorting_follows_the_row_but_not_the_first);
    tcase_add_test(t, a_column_is_chosen_to_sort_by);
    tcase_add_test(t, filter_narrows_while_typing_and_stays_in_sight);
    tcase_add_test(t, first_screenful_shows_before_the_list_is_whole);
    tcase_add_test(t, late_answers_to_an_old_filter_are_ignored);
    tcase_add_test(t, row_that_vanishes_before_it_is_fetched_says_so);
    tcase_add_loop_test(t, filter_is_read_into_terms, 0,
                        (int)(sizeof(filters) / sizeof(filters[0])));
    tcase_add_test(t, more_words_than_terms_are_left_out);
    tcase_add_test(t, ids_are_found_outwards_from_the_old_place);
    suite_add_tcase(s, t);
    return s;
}
