#include <config.h>

#include "tests/unit/check_ui.h"
#include "tests/unit/ui_rig.h"
#include "ui/widget_bar.h"
#include "ui/widget_chart.h"
#include "ui/widget_confirm.h"
#include "ui/widget_picker.h"
#include "ui/widget_table.h"

static struct frame f;

static void setup(void)
{
    frame_init(&f);
}

static void teardown(void)
{
    frame_release(&f);
}

static void size(int rows, int columns)
{
    ck_assert_int_eq(frame_resize(&f, rows, columns, NULL), ERR_OK);
}

/* ---- charts ---- */

START_TEST(sparkline_spans_the_levels_and_marks_the_excess)
{
    int64_t values[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};

    size(1, 9);
    ck_assert_int_eq(chart_sparkline(&f, 0, 0, 9, values, 9, 7), 9);
    assert_frame(&f, "▁▁▂▃▄▅▆▇█\n");
    ck_assert_int_eq(frame_at(&f, 0, 7)->attr, ATTR_CHART);
    ck_assert_int_eq(frame_at(&f, 0, 8)->attr, ATTR_CHART_OVER);
    f.ascii = true;
    (void)chart_sparkline(&f, 0, 0, 9, values, 9, -1);
    assert_frame(&f, "__.:-=+*#\n");
}
END_TEST

START_TEST(sparkline_shows_the_last_values_that_fit)
{
    int64_t values[] = {8, 8, 1, 8};

    size(1, 4);
    ck_assert_int_eq(chart_sparkline(&f, 0, 0, 2, values, 4, -1), 2);
    assert_frame(&f, "▁█\n");
    ck_assert_int_eq(chart_sparkline(&f, 0, 0, 0, values, 4, -1), 0);
    ck_assert_int_eq(chart_sparkline(&f, 0, 0, 4, values, 0, -1), 0);
}
END_TEST

START_TEST(chart_survives_the_largest_and_the_negative)
{
    int64_t values[] = {INT64_MAX, INT64_MIN, -1, 1};

    size(3, 8);
    ck_assert_int_eq(chart_sparkline(&f, 0, 0, 8, values, 4, INT64_MAX), 4);
    assert_frame(&f, "█▁▁▁\n\n\n");
    frame_clear(&f);
    chart_bars(&f, (struct rect){0, 0, 3, 8}, values, 4, -1);
    assert_frame(&f, "█\n█\n█     ▁\n");
    chart_bars(&f, (struct rect){0, 0, 0, 8}, values, 4, -1);
    chart_bars(&f, (struct rect){0, 0, 3, 8}, values, 0, 0);
}
END_TEST

START_TEST(bars_stand_before_their_limit_line)
{
    int64_t values[] = {4, 8, 2};

    size(4, 6);
    chart_bars(&f, (struct rect){0, 0, 4, 6}, values, 3, 6);
    assert_frame(&f, "  █\n"
                     "╌╌█╌╌╌\n"
                     "█ █\n"
                     "█ █ █\n");
    ck_assert_int_eq(frame_at(&f, 0, 2)->attr, ATTR_CHART_OVER);
    ck_assert_int_eq(frame_at(&f, 3, 0)->attr, ATTR_CHART);
}
END_TEST

/* ---- the bar ---- */

static const struct key_row rows[] = {
    {K_F2, K_ENTER, 1, 1, "Read", "", NULL},
    {K_F4, '/', 2, 5, "Filter", "", NULL},
    {K_ENTER, K_NONE, 3, 2, "Go", "", NULL},
    {K_F7, K_NONE, 4, 3, "Limit", "", UI_COMMAND_LIMIT},
    {'r', K_NONE, 5, 0, "Hidden", "", NULL},
};

START_TEST(bar_leaves_out_the_least_important_and_what_the_role_may_not)
{
    struct fake office;
    struct key_table t = {rows, sizeof(rows) / sizeof(rows[0])};

    fake_init(&office);
    office.logged_in = true;
    size(1, 60);
    bar_render(&f, (struct rect){0, 0, 1, 60}, &office.model, &t, 1);
    assert_frame(&f, " Enter Go F2 Read F4 Filter F7 Limit\n");
    size(1, 28);
    bar_render(&f, (struct rect){0, 0, 1, 28}, &office.model, &t, 1);
    assert_frame(&f, " Enter Go F2 Read F7 Limit\n");
    office.reader = true;
    frame_clear(&f);
    bar_render(&f, (struct rect){0, 0, 1, 28}, &office.model, &t, 1);
    assert_frame(&f, " Enter Go F2 Read F4 Filter\n");
    ck_assert_int_eq(key_action(t, &office.model, K_F7), 0);
    ck_assert_int_eq(key_action(t, &office.model, '/'), 2);
    ck_assert_int_eq(key_action(t, &office.model, K_ENTER), 1);
    ck_assert_int_eq(key_action(t, &office.model, 'z'), 0);
    size(1, 3);
    bar_render(&f, (struct rect){0, 0, 1, 3}, &office.model, &t, 1);
    assert_frame(&f, "\n");
}
END_TEST

/* ---- picker and question ---- */

START_TEST(picker_finds_by_any_part_without_accents)
{
    static struct picker p;

    picker_init(&p);
    picker_add(&p, "meter add", "Añadir un contador", 0, 10);
    picker_add(&p, "meter", "x", 0, 11);
    picker_add(&p, "bill run", "Facturar", 0, 12);
    ck_assert_uint_eq(picker_chosen(&p)->index, 10);
    (void)picker_key(&p, K_DOWN);
    (void)picker_key(&p, K_DOWN);
    (void)picker_key(&p, K_DOWN);
    ck_assert_uint_eq(picker_chosen(&p)->index, 12);
    (void)picker_key(&p, K_PGUP);
    picker_paste(&p, "anadir", 6);
    ck_assert_uint_eq(picker_chosen(&p)->index, 10);
    (void)picker_key(&p, K_CTRL | 'u');
    picker_paste(&p, "meter", 5); /* the exact name wins over an earlier one that holds it */
    ck_assert_uint_eq(picker_chosen(&p)->index, 11);
    picker_paste(&p, "zzz", 3);
    ck_assert_ptr_null(picker_chosen(&p));
    (void)picker_key(&p, K_PGDN);
    ck_assert_ptr_null(picker_chosen(&p));
    size(4, 20);
    picker_render(&p, &f, (struct rect){0, 0, 4, 20}, ":");
    ck_assert(!picker_key(&p, K_F5));
}
END_TEST

START_TEST(picker_finds_by_other_words_and_by_help)
{
    static struct picker p;
    static const char words[] = "cola retenidas";

    picker_init(&p);
    picker_add(&p, "runs", "Corridas", 0, 1)->help = "Aquí no hay cola de espera.";
    picker_add(&p, "queue", "Esperan una decisión", 0, 2)->words[0] =
        (struct picker_words){words, sizeof(words) - 1};
    (void)picker_add_hidden(&p, "escolar", "x", 0, 3);
    ck_assert_uint_eq(p.match_count, 2);
    picker_paste(&p, "Cola", 4); /* another word, then inside a name, then a word of the help */
    ck_assert_uint_eq(p.match_count, 3);
    ck_assert_uint_eq(picker_chosen(&p)->index, 2);
    (void)picker_key(&p, K_DOWN);
    ck_assert_uint_eq(picker_chosen(&p)->index, 3);
    (void)picker_key(&p, K_DOWN);
    ck_assert_uint_eq(picker_chosen(&p)->index, 1);
    picker_paste(&p, " decision", 9); /* every word must be found */
    ck_assert_uint_eq(p.match_count, 1);
    ck_assert_uint_eq(picker_chosen(&p)->index, 2);
    picker_paste(&p, " reten", 6); /* beginnings do */
    ck_assert_uint_eq(p.match_count, 1);
    picker_paste(&p, " nidas", 6);
    ck_assert_uint_eq(p.match_count, 0);
    (void)picker_key(&p, K_CTRL | 'u');
    picker_paste(&p, "es", 2); /* two letters are not looked for in help texts */
    ck_assert_uint_eq(p.match_count, 2);
    (void)picker_key(&p, K_CTRL | 'u');
    ck_assert_uint_eq(p.match_count, 2);
}
END_TEST

START_TEST(picker_is_bounded)
{
    static struct picker p;

    picker_init(&p);
    for (size_t i = 0; i < PICKER_ITEMS_MAX + 10; i++) {
        (void)picker_add(&p, "x", "y", 0, i);
    }
    ck_assert_uint_eq(p.count, PICKER_ITEMS_MAX);
}
END_TEST

START_TEST(question_defaults_to_no)
{
    struct confirm c;

    confirm_open(&c, "title", "text");
    ck_assert_int_eq(confirm_key(&c, K_ENTER), CONFIRM_NO);
    ck_assert_int_eq(confirm_key(&c, K_ESC), CONFIRM_NO);
    ck_assert_int_eq(confirm_key(&c, 'n'), CONFIRM_NO);
    ck_assert_int_eq(confirm_key(&c, 'x'), CONFIRM_NONE);
    ck_assert_int_eq(confirm_key(&c, 's'), CONFIRM_YES);
    ck_assert_int_eq(confirm_key(&c, 'Y'), CONFIRM_YES);
    ck_assert_int_eq(confirm_key(&c, K_TAB), CONFIRM_NONE);
    ck_assert_int_eq(confirm_key(&c, K_ENTER), CONFIRM_YES);
}
END_TEST

/* ---- themes ---- */

START_TEST(every_theme_paints_every_attribute_in_the_palette)
{
    for (size_t t = 0; t < theme_count; t++) {
        ck_assert_int_eq(theme_find(themes[t].name), (int)t);
        for (size_t a = 0; a < ATTR_COUNT; a++) {
            const struct style *s = &themes[t].styles[a];

            ck_assert(s->fg >= COLOUR_DEFAULT && s->fg < 256 && s->bg >= COLOUR_DEFAULT &&
                      s->bg < 256);
            ck_assert(s->fg8 >= COLOUR_DEFAULT && s->fg8 < 8 && s->bg8 >= COLOUR_DEFAULT &&
                      s->bg8 < 8);
            ck_assert_msg(themes[t].colour ||
                              (s->fg == COLOUR_DEFAULT && s->bg == COLOUR_DEFAULT),
                          "%s has colours", themes[t].name);
        }
    }
    ck_assert_int_eq(theme_find("none"), -1);
}
END_TEST

START_TEST(glyphs_are_one_column_in_both_forms)
{
    size(1, 4);
    for (int g = 0; g < GLYPH_COUNT; g++) {
        const char *ascii = glyph_text((enum glyph)g, true);

        ck_assert_int_eq(frame_width(&f, glyph_text((enum glyph)g, false)), 1);
        ck_assert(strlen(ascii) == 1 && ascii[0] >= ' ' && ascii[0] <= '~');
    }
    for (uint32_t cp = 0x80; cp < 0x3000; cp++) {
        ck_assert(ascii_of(cp) >= ' ' && ascii_of(cp) <= '~');
    }
}
END_TEST

Suite *suite_widgets(void)
{
    Suite *s = suite_create("widgets");
    TCase *t = tcase_create("widgets");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, sparkline_spans_the_levels_and_marks_the_excess);
    tcase_add_test(t, sparkline_shows_the_last_values_that_fit);
    tcase_add_test(t, chart_survives_the_largest_and_the_negative);
    tcase_add_test(t, bars_stand_before_their_limit_line);
    tcase_add_test(t, bar_leaves_out_the_least_important_and_what_the_role_may_not);
    tcase_add_test(t, picker_finds_by_any_part_without_accents);
    tcase_add_test(t, picker_finds_by_other_words_and_by_help);
    tcase_add_test(t, picker_is_bounded);
    tcase_add_test(t, question_defaults_to_no);
    tcase_add_test(t, every_theme_paints_every_attribute_in_the_palette);
    tcase_add_test(t, glyphs_are_one_column_in_both_forms);
    suite_add_tcase(s, t);
    return s;
}
