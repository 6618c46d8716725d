#include <config.h>

#include "tests/unit/check_ui.h"
#include "tests/unit/ui_rig.h"
#include "ui/widget_form.h"

static const struct param params[] = {
    {"name", PARAM_TEXT, PARAM_REQUIRED, "name", NULL, NULL},
    {"count", PARAM_INT, 0, "count", NULL, "7"},
    {"value", PARAM_DECIMAL, PARAM_REQUIRED, "value", NULL, NULL},
    {"day", PARAM_DATE, 0, "day", NULL, NULL},
    {"at", PARAM_TIME, 0, "at", NULL, NULL},
    {"kind", PARAM_CHOICE, PARAM_REQUIRED, "kind", "water|energy|gas", NULL},
    {"extra", PARAM_CHOICE, 0, "extra", "a|b", "b"},
    {"flag", PARAM_FLAG, 0, "flag", NULL, NULL},
    {"secret", PARAM_SECRET, 0, "secret", NULL, NULL},
    {"file", PARAM_FILE, 0, "file", NULL, NULL},
    PARAM_END,
};

static struct fake office;
static struct form form;
static char value[LINEEDIT_BYTES];

static void setup(void)
{
    fake_init(&office);
    form_init(&form, &office.model, params);
}

static void teardown(void)
{
    form_release(&form);
}

static void type(const char *s)
{
    for (; *s != '\0'; s++) {
        (void)form_key(&form, (unsigned char)*s);
    }
}

static const char *value_of(const char *name)
{
    form_value(&form, form_find(&form, name), value);
    return value;
}

START_TEST(values_come_out_in_machine_form)
{
    form.focus = form_find(&form, "value");
    type("12 042,5");
    ck_assert_str_eq(value_of("value"), "12042.5");
    form.focus = form_find(&form, "day");
    type("1/6/25");
    ck_assert_str_eq(value_of("day"), "2025-06-01");
    form.focus = form_find(&form, "at");
    type("1/6/25 9:05");
    ck_assert_str_eq(value_of("at"), "2025-06-01 09:05");
    ck_assert_str_eq(value_of("count"), "7");
    ck_assert_str_eq(value_of("extra"), "b");
    ck_assert_str_eq(value_of("name"), "");
    ck_assert_str_eq(value_of("no such"), "");
}
END_TEST

START_TEST(tab_goes_round_both_ways)
{
    for (size_t i = 0; i < form.count; i++) {
        ck_assert_uint_eq(form.focus, i);
        ck_assert(form_key(&form, i % 2 == 0 ? K_TAB : K_DOWN));
    }
    ck_assert_uint_eq(form.focus, 0);
    ck_assert(form_key(&form, K_BACKTAB));
    ck_assert_uint_eq(form.focus, form.count - 1);
    ck_assert(form_key(&form, K_UP));
    ck_assert_uint_eq(form.focus, form.count - 2);
}
END_TEST

START_TEST(wrong_shape_is_told_on_leaving_and_goes_when_typed_over)
{
    form.focus = form_find(&form, "value");
    type("1x");
    ck_assert_str_eq(form.fields[form.focus].error, "");
    (void)form_key(&form, K_TAB);
    ck_assert_str_ne(form.fields[2].error, "");
    (void)form_key(&form, K_BACKTAB);
    (void)form_key(&form, K_BACKSPACE);
    ck_assert_str_eq(form.fields[2].error, "");
    form.focus = form_find(&form, "count");
    type(",5"); /* 7,5 is no whole number */
    ck_assert(!form_check(&form, form.focus));
}
END_TEST

START_TEST(check_all_stops_at_the_first_wrong_field)
{
    form.focus = 4;
    ck_assert(!form_check_all(&form));
    ck_assert_uint_eq(form.focus, 0);
    type("Ana");
    ck_assert(!form_check_all(&form));
    ck_assert_uint_eq(form.focus, 2);
    type("5");
    ck_assert(!form_check_all(&form));
    ck_assert_uint_eq(form.focus, 5); /* a choice that must be made */
    type(" ");
    ck_assert(form_check_all(&form));
    ck_assert_str_eq(value_of("kind"), "water");
}
END_TEST

START_TEST(choice_moves_by_arrows_and_an_optional_one_can_be_none)
{
    form.focus = form_find(&form, "kind");
    (void)form_key(&form, K_LEFT);
    ck_assert_str_eq(value_of("kind"), "gas");
    (void)form_key(&form, K_RIGHT);
    ck_assert_str_eq(value_of("kind"), "water");
    form.focus = form_find(&form, "extra");
    (void)form_key(&form, K_RIGHT);
    ck_assert_str_eq(value_of("extra"), "");
    (void)form_key(&form, ' ');
    ck_assert_str_eq(value_of("extra"), "a");
    form.focus = form_find(&form, "flag");
    (void)form_key(&form, ' ');
    ck_assert_str_eq(value_of("flag"), "yes");
    (void)form_key(&form, ' ');
    ck_assert_str_eq(value_of("flag"), "");
    form_set(&form, "kind", "energy");
    ck_assert_str_eq(value_of("kind"), "energy");
    form_set(&form, "kind", "no such");
    ck_assert_str_eq(value_of("kind"), "");
}
END_TEST

START_TEST(letters_spell_a_choice_in_the_language_on_screen_or_the_command_s)
{
    form.focus = form_find(&form, "kind");
    type("gas");
    ck_assert_str_eq(value_of("kind"), "gas");
    type("en"); /* none goes on with "gase": another one begins */
    ck_assert_str_eq(value_of("kind"), "energy");
    type("x"); /* and what begins none changes nothing */
    ck_assert_str_eq(value_of("kind"), "energy");
    (void)form_key(&form, K_RIGHT);
    type("W");
    ck_assert_str_eq(value_of("kind"), "water");
    form_set(&form, "kind", "");
    ck_assert_str_eq(value_of("kind"), "");
}
END_TEST

START_TEST(paste_never_leaves_the_field_or_sends_the_form)
{
    static const char text[] = "Ana\nRosa\tMora\r\n";

    form_paste(&form, text, sizeof(text) - 1);
    ck_assert_uint_eq(form.focus, 0);
    ck_assert_str_eq(value_of("name"), "Ana Rosa Mora ");
    form.focus = form_find(&form, "kind");
    form_paste(&form, text, sizeof(text) - 1);
    ck_assert_str_eq(value_of("kind"), "");
}
END_TEST

START_TEST(failure_of_the_command_stands_at_its_field)
{
    form_fail(&form, "day", "Too late.");
    ck_assert_uint_eq(form.focus, 3);
    ck_assert_str_eq(form.fields[3].error, "Too late.");
    form_fail(&form, "no such", "x");
    ck_assert_uint_eq(form.focus, 3);
}
END_TEST

START_TEST(long_form_scrolls_to_the_focus_at_any_size)
{
    struct frame f;

    frame_init(&f);
    for (int rows = 1; rows < 24; rows++) {
        ck_assert_int_eq(frame_resize(&f, rows, 60, NULL), ERR_OK);
        for (form.focus = 0; form.focus < form.count; form.focus++) {
            frame_clear(&f);
            form_render(&form, &f, (struct rect){0, 0, rows, 60});
            ck_assert_msg(rows < 2 || f.cursor_row >= 0, "%d rows, field %zu", rows,
                          form.focus);
        }
    }
    frame_release(&f);
}
END_TEST

START_TEST(form_that_does_not_fit_says_which_part_is_shown)
{
    struct frame f;

    frame_init(&f);
    ck_assert_int_eq(frame_resize(&f, 7, 60, NULL), ERR_OK);
    form.focus = 4;
    form_render(&form, &f, (struct rect){0, 0, 7, 60});
    ck_assert_str_eq(frame_at(&f, 6, 0)->text, "F");
    for (int column = 0; column < 22; column++) {
        ck_assert_int_eq(frame_at(&f, 6, column)->text[0], "Fields 4 to 6 of 10   "[column]);
    }
    frame_release(&f);
}
END_TEST

START_TEST(release_wipes_what_was_typed)
{
    form.focus = form_find(&form, "secret");
    type("clave");
    form_release(&form);
    ck_assert_int_eq(form.fields[8].edit.text[0], 0);
    ck_assert_int_eq(form.fields[8].edit.text[4], 0);
}
END_TEST

Suite *suite_widget_form(void)
{
    Suite *s = suite_create("widget_form");
    TCase *t = tcase_create("form");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, values_come_out_in_machine_form);
    tcase_add_test(t, tab_goes_round_both_ways);
    tcase_add_test(t, wrong_shape_is_told_on_leaving_and_goes_when_typed_over);
    tcase_add_test(t, check_all_stops_at_the_first_wrong_field);
    tcase_add_test(t, choice_moves_by_arrows_and_an_optional_one_can_be_none);
    tcase_add_test(t, letters_spell_a_choice_in_the_language_on_screen_or_the_command_s);
    tcase_add_test(t, paste_never_leaves_the_field_or_sends_the_form);
    tcase_add_test(t, failure_of_the_command_stands_at_its_field);
    tcase_add_test(t, long_form_scrolls_to_the_focus_at_any_size);
    tcase_add_test(t, form_that_does_not_fit_says_which_part_is_shown);
    tcase_add_test(t, release_wipes_what_was_typed);
    suite_add_tcase(s, t);
    return s;
}
