#include <config.h>

#include "tests/unit/check_ui.h"
#include "tests/unit/ui_rig.h"

#include "app/list.h"
#include "base/i18n.h"
#include "ui/console_priv.h"
#include "ui/list.h"

/* Every list screen, by the table of screens: its rows, columns and keys are what they say. */

#define EACH_LIST(ops, def)                                                                    \
    for (size_t each = 0; each < screens_all_count; each++)                                    \
        for (const struct screen_ops *ops = screens_all[each]; ops != NULL; ops = NULL)        \
            for (const struct list_def *def = ops->list; def != NULL; def = NULL)

START_TEST(screen_and_read_model_name_the_same_columns)
{
    EACH_LIST(ops, def)
    {
        const struct list_query *q = list_find(def->name);

        if (strcmp(def->name, "queue") == 0) { /* ranked by app/queue.h, not by SQL */
            ck_assert_ptr_null(q);
            continue;
        }
        ck_assert_msg(q != NULL, "%s: no row in src/app/list_rows.c", def->name);
        ck_assert_uint_eq(def->column_count, list_columns(q));
        for (size_t i = 0; i < def->column_count; i++) {
            bool number = q->columns[i].type == LIST_NUMBER ||
                          q->columns[i].type == LIST_MONEY ||
                          q->columns[i].type == LIST_QUANTITY;
            bool date = q->columns[i].type == LIST_DATE || q->columns[i].type == LIST_TIME;

            ck_assert_str_eq(def->columns[i].name, q->columns[i].name);
            ck_assert_msg((def->columns[i].type == COLUMN_NUMBER) == number &&
                              (def->columns[i].type == COLUMN_DATE) == date,
                          "%s.%s is shown as another type than it is read", def->name,
                          def->columns[i].name);
        }
    }
}
END_TEST

static bool row_takes(const struct key_row *row, uint32_t key)
{
    return key != K_NONE && (row->key == key || row->also == key);
}

START_TEST(no_key_of_a_list_does_two_things)
{
    static struct rig r;

    EACH_LIST(ops, def)
    {
        struct key_table t;

        memset(&r, 0, sizeof(r));
        r.fake.logged_in = true;
        rig_open(&r, ops, 24, 80);
        t = ops->keys(r.console.stack[0].state);
        for (size_t i = 0; i < t.count; i++) {
            struct key_table own = console_keys(&r.console);

            for (size_t j = i + 1; j < t.count; j++) {
                ck_assert_msg(!row_takes(&t.rows[j], t.rows[i].key) &&
                                  !row_takes(&t.rows[j], t.rows[i].also),
                              "%s: \"%s\" and \"%s\" share a key", ops->name, t.rows[i].label,
                              t.rows[j].label);
            }
            for (size_t j = 0; j < own.count; j++) {
                ck_assert_msg(!row_takes(&own.rows[j], t.rows[i].key) &&
                                  !row_takes(&own.rows[j], t.rows[i].also),
                              "%s: \"%s\" hides the console's \"%s\"", ops->name,
                              t.rows[i].label, own.rows[j].label);
            }
        }
        rig_close(&r);
    }
}
END_TEST

START_TEST(keys_fill_parameters_that_the_command_has)
{
    EACH_LIST(ops, def)
    {
        for (size_t i = 0; i < def->key_count; i++) {
            const struct list_key *k = &def->keys[i];

            ck_assert(k->act != LIST_CALL || k->call != NULL);
            ck_assert(k->act != LIST_OPEN || k->screen != NULL);
            ck_assert(k->act != LIST_COMMAND || k->command != NULL);
            for (size_t f = 0; f < LIST_FILLS_MAX && k->fill[f].param != NULL; f++) {
                ck_assert_int_ge(k->fill[f].cell, -1);
                ck_assert_int_lt(k->fill[f].cell, (int)def->column_count);
            }
        }
        ck_assert(def->sort_column >= 0 && def->columns[def->sort_column].sortable);
    }
}
END_TEST

START_TEST(a_list_moves_filters_and_shows_detail)
{
    static struct rig r;

    memset(&r, 0, sizeof(r));
    r.fake.logged_in = true;
    rig_open(&r, &screen_bills, 24, 80);
    rig_sees(&r, "account-9");
    rig_sees(&r, "A made-up line");
    rig_type(&r, "/account-3\n");
    rig_sees(&r, "1 of 9");
    rig_misses(&r, "account-4");
    rig_type(&r, "\033");
    rig_sees(&r, "account-4");
    rig_resize(&r, 43, 132);
    rig_sees(&r, "A made-up line");
    rig_close(&r);
}
END_TEST

START_TEST(a_list_is_narrowed_to_what_it_was_opened_for)
{
    static struct rig r;
    const struct list_state *s;
    struct effects fx = {0};
    struct effects out = {0};

    memset(&r, 0, sizeof(r));
    r.fake.logged_in = true;
    rig_open(&r, &screen_meters, 24, 80);
    fx_open(&fx, FX_PUSH, &screen_bills, 7);
    console_apply(&r.console, 1, &fx, &out);
    s = r.console.stack[1].state;
    ck_assert_int_eq(s->table.query.scope, 7);
    fx_release(&out);
    rig_close(&r);
}
END_TEST

static struct rig *open_bills(void)
{
    static struct rig r;

    memset(&r, 0, sizeof(r));
    r.fake.logged_in = true;
    rig_open(&r, &screen_meters, 24, 80);
    return &r;
}

START_TEST(marks_outlive_filter_and_order)
{
    struct rig *r = open_bills();

    rig_type(r, "  ");
    rig_sees(r, "2 marked");
    rig_type(r, "/E-20\n");
    rig_sees(r, "2 marked");
    rig_type(r, " ");
    rig_sees(r, "3 marked");
    rig_type(r, "*"); /* both that are shown, and those only */
    rig_sees(r, "2 marked");
    rig_type(r, "*");
    rig_misses(r, "marked");
    rig_type(r, " \033"); /* Esc takes the marks first, then the filter */
    rig_misses(r, "marked");
    rig_sees(r, "2 of 8");
    rig_type(r, "\033");
    rig_misses(r, "2 of 8");
    rig_close(r);
}
END_TEST

START_TEST(dates_and_numbers_are_filtered_as_they_are_written)
{
    struct rig *r = open_bills();

    rig_type(r, "/last=9/6/25\n");
    rig_sees(r, "1 of 8");
    rig_sees(r, "A-0125");
    rig_type(r, "\033/reading=12042,0\n");
    rig_sees(r, "1 of 8");
    rig_sees(r, "A-0121");
    rig_type(r, "\033/last=2025-06\n");
    rig_sees(r, "4 of 8");
    rig_close(r);
}
END_TEST

START_TEST(a_command_runs_for_every_marked_row)
{
    struct rig *r = open_bills();

    rig_type(r, "   ");
    rig_type(r, "L");
    rig_sees(r, "A-0121 and 2 more");
    rig_type(r, "25,5\n");
    rig_sees(r, "for each of 3 rows");
    rig_sees(r, "made-up limit: 25,5");
    ck_assert_uint_eq(r->fake.runs, 0);
    r->fake.fail_value = "A-0122";
    rig_type(r, "y");
    ck_assert_uint_eq(r->fake.runs, 3);
    ck_assert_str_eq(r->fake.last_command, "limit set");
    ck_assert_ptr_nonnull(strstr(r->fake.last_values, "serial=A-0123 value=25.5"));
    rig_sees(r, "Recorded for 2 of 3. A-0122: The office refuses this row.");
    rig_close(r);
}
END_TEST

static struct rig *open_queue(void)
{
    static struct rig r;

    memset(&r, 0, sizeof(r));
    r.fake.logged_in = true;
    rig_open(&r, &screen_queue, 24, 80);
    return &r;
}

/* Whom nobody named is named before anything is recorded; Enter alone goes back. */
START_TEST(a_group_is_tried_before_it_is_decided)
{
    struct rig *r = open_queue();

    rig_type(r, "jt");
    rig_sees(r, "reading decide");
    rig_type(r, "as the rule says\n");
    ck_assert_uint_eq(r->fake.runs, 1);
    ck_assert_ptr_nonnull(strstr(r->fake.last_values, "preview=yes"));
    rig_sees(r, "Record it now, signed with your key?");
    rig_sees(r, "all held by this rule: rule-2");
    rig_type(r, "\n");
    ck_assert_uint_eq(r->fake.runs, 1);
    rig_type(r, "\n");
    rig_type(r, "y");
    ck_assert_uint_eq(r->fake.runs, 3);
    ck_assert_ptr_nonnull(strstr(r->fake.last_values, "reason=as the rule says"));
    ck_assert_ptr_null(strstr(r->fake.last_values, "preview=yes"));
    rig_close(r);
}
END_TEST

START_TEST(a_correction_begins_in_the_value)
{
    struct rig *r = open_queue();

    rig_type(r, "jc");
    rig_type(r, "25,5");
    rig_key(r, K_UP);
    rig_type(r, "as the photo shows\n");
    ck_assert_ptr_nonnull(strstr(r->fake.last_values, "value=25.5"));
    ck_assert_ptr_nonnull(strstr(r->fake.last_values, "reason=as the photo shows value"));
    rig_close(r);
}
END_TEST

START_TEST(a_row_is_copied_as_it_is_shown)
{
    struct rig *r = open_bills();

    rig_type(r, "jy");
    ck_assert_str_eq(r->copied,
                     "A-0122\tC. Mayor 12, 1.º B\t10/05/25\t3\u00a0118,4\tOK\tRead\tWater"
                     "\tR-12/037\t4 410-22");
    rig_close(r);
}
END_TEST

START_TEST(undo_opens_what_compensates_the_newest_entry)
{
    struct rig *r = open_bills();

    rig_type(r, "u");
    rig_sees(r, "Nothing was recorded here");
    for (int i = 0; i < 2; i++) { /* entries 18 205 and 18 206 */
        rig_type(r, "L");
        rig_type(r, "30\n");
    }
    rig_type(r, "u");
    rig_sees(r, "This undoes entry 18206.");
    rig_sees(r, "A-0122");
    ck_assert_ptr_eq(rig_top(r), &screen_command);
    ck_assert_uint_eq(r->fake.runs, 2); /* nothing is recorded before Enter */
    rig_type(r, "\033");
    rig_type(r, "L");
    rig_type(r, "30\n");
    rig_type(r, "u");
    rig_sees(r, "is not undone by one command");
    rig_close(r);
}
END_TEST

START_TEST(the_console_locks_after_a_while_and_shows_nothing)
{
    struct rig *r = open_bills();

    rig_key(r, K_F2);
    rig_type(r, "321");
    rig_tick(r, 599000);
    rig_sees(r, "321");
    rig_type(r, "2"); /* a key: not yet */
    rig_tick(r, 598000);
    rig_sees(r, "3212");
    rig_tick(r, 3000);
    rig_sees(r, "Locked");
    rig_misses(r, "A-0121");
    rig_misses(r, "3212");
    rig_type(r, ":?q/\033");
    rig_type(r, "nada\n");
    rig_sees(r, "wrong");
    rig_misses(r, "3212");
    rig_type(r, "clave\n");
    rig_sees(r, "3212"); /* what was typed is still there */
    rig_key(r, K_CTRL | 'x');
    rig_sees(r, "Locked");
    rig_key(r, K_CTRL | 'd');
    ck_assert_ptr_eq(rig_top(r), &screen_login);
    rig_close(r);
}
END_TEST

#define SENTENCE 19 /* columns of a state that is told in a sentence */

/* Even where a column is at its narrowest, in either language. */
START_TEST(titles_and_states_fit_their_columns)
{
    static const char *const languages[] = {"en", "es"};
    struct frame f;

    frame_init(&f);
    i18n_switch(languages[_i]);
    for (size_t i = 0; i < screens_all_count; i++) {
        const struct list_def *def = screens_all[i]->list;

        for (size_t k = 0; def != NULL && k < def->column_count; k++) {
            const struct column *c = &def->columns[k];

            if (c->rank == 0) {
                continue;
            }
            ck_assert_msg(frame_width(&f, tr(c->title)) <= c->min, "%s: \"%s\" is cut",
                          def->name, tr(c->title));
            for (const struct state_word *w = c->states; w != NULL && w->code != NULL; w++) {
                int wide = frame_width(&f, tr(w->word)) + (w->glyph != GLYPH_NONE ? 2 : 0);

                if (wide > SENTENCE) { /* the detail has all of it */
                    continue;
                }
                ck_assert_msg(wide <= c->min, "%s: \"%s\" takes %d of %d", def->name,
                              tr(w->word), wide, c->min);
            }
        }
    }
    frame_release(&f);
    i18n_switch("en");
}
END_TEST

Suite *suite_list(void)
{
    Suite *s = suite_create("list");
    TCase *t = tcase_create("list");

    tcase_add_test(t, screen_and_read_model_name_the_same_columns);
    tcase_add_test(t, no_key_of_a_list_does_two_things);
    tcase_add_loop_test(t, titles_and_states_fit_their_columns, 0, 2);
    tcase_add_test(t, keys_fill_parameters_that_the_command_has);
    tcase_add_test(t, a_list_moves_filters_and_shows_detail);
    tcase_add_test(t, a_list_is_narrowed_to_what_it_was_opened_for);
    tcase_add_test(t, marks_outlive_filter_and_order);
    tcase_add_test(t, dates_and_numbers_are_filtered_as_they_are_written);
    tcase_add_test(t, a_command_runs_for_every_marked_row);
    tcase_add_test(t, a_group_is_tried_before_it_is_decided);
    tcase_add_test(t, a_correction_begins_in_the_value);
    tcase_add_test(t, a_row_is_copied_as_it_is_shown);
    tcase_add_test(t, undo_opens_what_compensates_the_newest_entry);
    tcase_add_test(t, the_console_locks_after_a_while_and_shows_nothing);
    suite_add_tcase(s, t);
    return s;
}
