#include <config.h>

#include "tests/unit/check_ui.h"
#include "tests/unit/ui_rig.h"

#include "base/i18n.h"
#include "ui/console_priv.h"

static struct rig r;

static void setup(void)
{
    memset(&r, 0, sizeof(r));
}

static void teardown(void)
{
    rig_close(&r);
    i18n_switch("en");
}

/* ---- login ---- */

START_TEST(login_leads_to_the_counter_who_works_there_and_others_to_the_meters)
{
    rig_open(&r, &screen_login, 24, 80);
    rig_sees(&r, "San José Centro"); /* known before anybody logs in */
    rig_misses(&r, "ana");
    rig_type(&r, "ana\nclave\n"); /* Enter after the name goes to the password */
    ck_assert_ptr_eq(rig_top(&r), &screen_find);
    rig_sees(&r, "ana · operator");
    rig_type(&r, ":meters\n"); /* what begins so is no customer */
    ck_assert_ptr_eq(rig_top(&r), &screen_meters);
    rig_key(&r, K_ESC);
    rig_key(&r, K_CTRL | 'd');
    ck_assert_ptr_eq(rig_top(&r), &screen_login);
    r.fake.reader = true;
    rig_type(&r, "ana\nclave\n");
    ck_assert_ptr_eq(rig_top(&r), &screen_meters);
}
END_TEST

START_TEST(wrong_password_says_so_and_is_forgotten)
{
    rig_open(&r, &screen_login, 24, 80);
    rig_type(&r, "ana\tnada\n");
    rig_sees(&r, "The name or the password is wrong.");
    rig_misses(&r, "●");
    ck_assert_ptr_eq(rig_top(&r), &screen_login);
    rig_type(&r, "clave\n");
    ck_assert_ptr_eq(rig_top(&r), &screen_find);
}
END_TEST

START_TEST(throttle_counts_down_and_holds_back)
{
    rig_open(&r, &screen_login, 24, 80);
    rig_type(&r, "slow\tnada\n");
    rig_sees(&r, "in 4 seconds");
    rig_tick(&r, 3000);
    rig_sees(&r, "in 1 second.");
    rig_type(&r, "clave\n");
    ck_assert_ptr_eq(rig_top(&r), &screen_login); /* not yet */
    rig_tick(&r, 1000);
    rig_misses(&r, "try again in");
    rig_type(&r, "\n");
    ck_assert_ptr_eq(rig_top(&r), &screen_find);
}
END_TEST

START_TEST(nothing_is_reachable_before_login)
{
    rig_open(&r, &screen_login, 24, 80);
    rig_key(&r, K_CTRL | 'p');
    ck_assert_int_eq(r.console.overlay, OVERLAY_NONE);
    rig_key(&r, K_ESC);
    ck_assert_ptr_eq(rig_top(&r), &screen_login);
    rig_key(&r, K_F1);
    rig_sees(&r, "Help: Log in");
    rig_misses(&r, "Find a command");
    rig_key(&r, K_ESC);
    rig_key(&r, K_F10);
    ck_assert(r.quit);
}
END_TEST

START_TEST(logout_comes_back_to_login)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_type(&r, ":logout\n");
    ck_assert_ptr_eq(rig_top(&r), &screen_login);
    ck_assert(!r.fake.logged_in);
    rig_misses(&r, "ana");
    rig_misses(&r, "A-0121");
}
END_TEST

/* ---- keys, help, palette ---- */

START_TEST(help_runs_the_key_that_is_chosen)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_type(&r, "?");
    rig_sees(&r, "Help: Meters");
    rig_type(&r, "consumption limit\n");
    ck_assert_ptr_eq(rig_top(&r), &screen_command);
    rig_sees(&r, "limit set");
    rig_sees(&r, "A-0121");
}
END_TEST

START_TEST(palette_opens_the_form_of_a_command)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_type(&r, ":limit set\n");
    ck_assert_ptr_eq(rig_top(&r), &screen_command);
    rig_type(&r, "A-0122\t30,5\t1/7/25\n");
    ck_assert_str_eq(r.fake.last_command, "limit set");
    ck_assert_str_eq(r.fake.last_values, "serial=A-0122 value=30.5 start=2025-07-01 kind=");
    ck_assert_ptr_eq(rig_top(&r), &screen_meters);
    rig_sees(&r, "Recorded as entry 18 205.");
    rig_sees(&r, "#18 205");
}
END_TEST

/* Of a file's rows the counts and faults are shown, not only the first fault; then it is asked.
 */
START_TEST(what_would_become_of_rows_is_shown_and_asked)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_type(&r, ":bring rows\n");
    rig_type(&r, "rows.csv\t \n");
    ck_assert_str_eq(r.fake.last_values, "file=rows.csv dry-run=yes");
    rig_sees(&r, "rows read 3");
    rig_sees(&r, "line 3: field value: empty");
    rig_sees(&r, "Record it now, signed with your key?");
    rig_type(&r, "y");
    ck_assert_str_eq(r.fake.last_values, "file=rows.csv dry-run=");
    ck_assert_uint_eq(r.fake.runs, 2);
    ck_assert_ptr_eq(rig_top(&r), &screen_meters);
}
END_TEST

START_TEST(a_field_is_filled_from_a_list)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_type(&r, ":limit set\n");
    rig_sees(&r, "Ctrl+F List");
    rig_key(&r, K_CTRL | 'f');
    rig_sees(&r, "Serial of the made-up meter");
    rig_sees(&r, "C. Mayor 12, 1.º B");
    rig_type(&r, "nandu\n"); /* by what tells it from the others, accents aside */
    rig_sees(&r, "[E-2044 ");
    rig_misses(&r, "Ctrl+F List"); /* the next field, a limit, has none */
    rig_key(&r, K_CTRL | 'f');
    rig_sees(&r, "There is no list for this field.");
    rig_key(&r, K_BACKTAB);
    rig_key(&r, K_CTRL | 'f');
    rig_key(&r, K_ESC);
    rig_sees(&r, "[E-2044 ");
    rig_key(&r, K_CTRL | 'u');
    rig_type(&r, "Z");
    rig_key(&r, K_CTRL | 'f');
    rig_sees(&r, "Nothing that is there fits this field, or begins like it.");
}
END_TEST

START_TEST(a_list_that_comes_too_late_is_not_shown)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_type(&r, ":limit set\n");
    r.deferred = true;
    rig_key(&r, K_CTRL | 'f');
    rig_key(&r, K_CTRL | 'x'); /* locked meanwhile */
    rig_run_all(&r);
    ck_assert_int_eq(r.console.overlay, OVERLAY_LOCK);
}
END_TEST

START_TEST(command_that_fails_keeps_the_form_and_names_the_field)
{
    rig_open_meters(&r, 8, 24, 80);
    r.fake.fail_with = ERR_RANGE;
    r.fake.fail_field = "value";
    rig_type(&r, ":limit set\nA-0122\t30,5\n");
    ck_assert_ptr_eq(rig_top(&r), &screen_command);
    rig_sees(&r, "[30,5 ");
    rig_sees(&r, "▲ The office refuses this value.");
    rig_type(&r, "\n");
    ck_assert_ptr_eq(rig_top(&r), &screen_meters);
}
END_TEST

START_TEST(command_with_consequences_asks_first)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_type(&r, ":user disable\nluis\n");
    rig_sees(&r, "luis will not be able to log in");
    rig_key(&r, K_ENTER); /* the marked answer is no */
    ck_assert_uint_eq(r.fake.runs, 0);
    ck_assert_ptr_eq(rig_top(&r), &screen_command);
    rig_key(&r, K_ENTER);
    rig_key(&r, K_TAB);
    rig_key(&r, K_ENTER);
    ck_assert_uint_eq(r.fake.runs, 1);
    ck_assert_str_eq(r.fake.last_values, "user=luis password= days=30 quiet= at= order=");
}
END_TEST

START_TEST(role_sees_and_does_only_what_it_may)
{
    rig_open_meters(&r, 8, 24, 80);
    r.fake.reader = true;
    rig_misses(&r, "L Limit");
    rig_misses(&r, "F2 Read");
    rig_type(&r, "L");
    rig_key(&r, K_F2);
    ck_assert_ptr_eq(rig_top(&r), &screen_meters);
    rig_type(&r, ":limit set");
    rig_misses(&r, "Set the consumption limit"); /* the list of limits may be looked at */
    rig_key(&r, K_ESC);
    rig_type(&r, "?");
    rig_misses(&r, "Enter a reading");
}
END_TEST

START_TEST(typed_text_is_not_lost_without_asking)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_type(&r, ":limit set\nX");
    rig_key(&r, K_ESC);
    rig_sees(&r, "Leave without saving?");
    rig_type(&r, "n");
    ck_assert_ptr_eq(rig_top(&r), &screen_command);
    rig_key(&r, K_F10);
    rig_type(&r, "n");
    ck_assert(!r.quit);
    rig_key(&r, K_ESC);
    rig_type(&r, "y");
    ck_assert_ptr_eq(rig_top(&r), &screen_meters);
    rig_key(&r, K_F10);
    ck_assert(r.quit);
}
END_TEST

START_TEST(language_changes_at_once_and_back)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_sees(&r, "Serial");
    rig_key(&r, K_F9);
    rig_sees(&r, "Contadores");
    rig_sees(&r, "Ubicación");
    rig_type(&r, "/estado=rete");
    rig_sees(&r, "1 de 8");
    rig_sees(&r, "◆ Retenida");
    rig_key(&r, K_ENTER);
    rig_key(&r, K_F9);
    rig_sees(&r, "1 of 8");
    rig_type(&r, ":language es\n");
    rig_sees(&r, "1 de 8");
}
END_TEST

START_TEST(theme_suspend_and_redraw_reach_the_outside)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_type(&r, ":theme mono\n");
    ck_assert_str_eq(r.theme, "mono");
    rig_key(&r, K_CTRL | 'z');
    ck_assert_uint_eq(r.suspended, 1);
    rig_type(&r, "?");
    rig_key(&r, K_CTRL | 'l');
    ck_assert_uint_eq(r.redrawn, 1);
    ck_assert_int_eq(r.console.overlay, OVERLAY_HELP);
}
END_TEST

START_TEST(small_terminal_is_told_so_and_nothing_breaks)
{
    rig_open_meters(&r, 8, 24, 80);
    for (int rows = 1; rows <= 12; rows++) {
        for (int columns = 1; columns <= 44; columns++) {
            rig_resize(&r, rows, columns);
            if (rows >= CONSOLE_ROWS_MIN && columns >= CONSOLE_COLUMNS_MIN) {
                rig_sees(&r, "A-0121");
            } else {
                rig_misses(&r, "A-0121");
            }
        }
    }
    rig_resize(&r, 9, 60);
    rig_sees(&r, "Aforo needs 40 x 10; this is 60 x 9.");
    rig_resize(&r, 24, 80);
    rig_sees(&r, "▶A-0121");
}
END_TEST

START_TEST(too_many_screens_are_refused)
{
    rig_open_meters(&r, 8, 24, 80);
    for (int i = 0; i < 20; i++) {
        rig_type(&r, ":meters\n");
    }
    ck_assert_uint_eq(r.console.depth, CONSOLE_DEPTH_MAX);
    rig_sees(&r, "Too many screens are open");
}
END_TEST

/* ---- reading entry ---- */

START_TEST(good_reading_is_saved_and_the_next_meter_comes)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_key(&r, K_F2);
    rig_type(&r, "3130,5\n");
    ck_assert_str_eq(r.fake.last_command, UI_COMMAND_READING);
    ck_assert_str_eq(r.fake.last_values,
                     "serial=A-0121 value=3130.5 time=2025-06-10 09:41 note=");
    ck_assert_ptr_eq(rig_top(&r), &screen_reading);
    rig_sees(&r, "A-0122");
    rig_sees(&r, "Recorded as entry 18 205.");
    rig_key(&r, K_ESC);
    rig_sees(&r, "▶A-0122");
}
END_TEST

START_TEST(suspicious_reading_takes_a_second_enter)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_key(&r, K_F2);
    rig_type(&r, "3212,9");
    rig_sees(&r, "mean + 3 sigma");
    rig_sees(&r, "CREG 105 007");
    rig_sees(&r, "Use 94,5 m³ in 31 days");
    rig_type(&r, "\n");
    ck_assert_uint_eq(r.fake.runs, 0);
    rig_sees(&r, "Look at the value again.");
    rig_key(&r, K_BACKSPACE); /* another value: its warning has to be seen anew */
    rig_type(&r, "8\n");
    ck_assert_uint_eq(r.fake.runs, 0);
    rig_type(&r, "\n");
    ck_assert_uint_eq(r.fake.runs, 1);
    ck_assert_ptr_nonnull(strstr(r.fake.last_values, "value=3212.8"));
}
END_TEST

START_TEST(enter_before_the_rules_have_answered_waits_for_them)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_key(&r, K_F2);
    r.deferred = true;
    rig_type(&r, "3130\n");
    ck_assert_uint_eq(r.fake.runs, 0);
    rig_run_all(&r);
    ck_assert_uint_eq(r.fake.runs, 1);
    rig_type(&r, "99999\n");
    rig_run_all(&r);
    ck_assert_uint_eq(r.fake.runs, 1); /* suspicious: shown first */
    rig_sees(&r, "mean + 3 sigma");
}
END_TEST

START_TEST(empty_or_wrong_reading_is_not_sent)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_key(&r, K_F2);
    rig_type(&r, "\n");
    rig_sees(&r, "This field must be filled in.");
    rig_type(&r, "12x\n");
    rig_sees(&r, "Not a number here");
    ck_assert_uint_eq(r.fake.runs, 0);
    rig_misses(&r, "mean + 3 sigma");
}
END_TEST

/* What comes next stands in the form; what the preview said stands above its exceptions, and in
 * the question, but not once the form says something else. */
START_TEST(who_bills_is_asked_with_the_total)
{
    memset(&r, 0, sizeof(r));
    r.fake.logged_in = true;
    rig_open(&r, &screen_billing, 30, 100);
    rig_sees(&r, "2026-12");
    rig_key(&r, K_ENTER);
    rig_run_all(&r);
    ck_assert_ptr_nonnull(strstr(r.fake.last_values, "period=2026-12"));
    ck_assert_ptr_nonnull(strstr(r.fake.last_values, "preview=yes"));
    rig_sees(&r, "bills: 2, total 504.50");
    rig_sees(&r, "Water, fixed: 500.00");
    rig_key(&r, K_F12);
    rig_sees(&r, "Bill it now?");
    rig_sees(&r, "bills: 2, total 504.50. Bills are numbered");
    rig_key(&r, K_ESC);
    rig_type(&r, "2027-01");
    rig_key(&r, K_F12);
    rig_sees(&r, "Bill it now?");
    rig_misses(&r, "504.50. Bills are numbered");
    rig_type(&r, "y");
    rig_run_all(&r);
    ck_assert_ptr_nonnull(strstr(r.fake.last_values, "period=2027-01"));
    ck_assert_ptr_null(strstr(r.fake.last_values, "preview=yes"));
}
END_TEST

START_TEST(last_meter_of_the_list_goes_back_to_it)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_key(&r, K_END);
    rig_key(&r, K_F2);
    rig_type(&r, "5\n");
    ck_assert_uint_eq(r.fake.runs, 1);
    ck_assert_ptr_eq(rig_top(&r), &screen_meters);
    rig_sees(&r, "▶G-0007");
}
END_TEST

START_TEST(reading_by_somebody_else_is_told_and_what_was_typed_stays)
{
    rig_open_meters(&r, 8, 24, 80);
    rig_key(&r, K_F2);
    rig_type(&r, "3130,5");
    r.fake.previous_value = "12050.0";
    r.fake.ledger_height++;
    rig_tick(&r, 6000);
    rig_sees(&r, "Somebody else has recorded a reading");
    rig_sees(&r, "12 050,0");
    rig_sees(&r, "[3130,5 ");
    ck_assert_uint_eq(r.fake.runs, 0);
}
END_TEST

START_TEST(refused_reading_stays_on_screen)
{
    rig_open_meters(&r, 8, 24, 80);
    r.fake.fail_with = ERR_CONFLICT;
    r.fake.fail_field = "value";
    rig_key(&r, K_F2);
    rig_type(&r, "3130,5\n");
    ck_assert_ptr_eq(rig_top(&r), &screen_reading);
    rig_sees(&r, "The office refuses this value.");
    rig_sees(&r, "[3130,5 ");
    rig_sees(&r, "A-0121");
}
END_TEST

/* ---- long work ---- */

START_TEST(long_work_shows_rate_and_time_left_and_esc_stops_it)
{
    struct work_progress p = {true, LANE_ACT, "Importing", 400, 1000};
    struct event ev = {.kind = EV_PROGRESS, .progress = &p, .now_ms = 1000};
    struct effects fx = {0};

    rig_open_meters(&r, 8, 24, 80);
    console_update(&r.console, &ev, &fx);
    rig_misses(&r, "Importing"); /* short work is not talked about */
    ev.now_ms = 3000;
    console_update(&r.console, &ev, &fx);
    rig_sees(&r, "Importing 40 % · 200/s · 3 s left · Esc stops it");
    p.done = 0;
    console_update(&r.console, &ev, &fx);
    rig_sees(&r, "Importing · Esc stops it");
    ev = (struct event){.kind = EV_KEY, .key = K_ESC};
    console_update(&r.console, &ev, &fx);
    ck_assert_uint_eq(fx.count, 1);
    ck_assert_int_eq(fx.list[0].kind, FX_CANCEL);
    ck_assert_int_eq(fx.list[0].arg, LANE_ACT);
    p.running = false;
    ev = (struct event){.kind = EV_PROGRESS, .progress = &p, .now_ms = 3500};
    console_update(&r.console, &ev, &fx);
    rig_misses(&r, "Importing");
    fx_release(&fx);
}
END_TEST

/* ---- every row of every table ---- */

static void assert_keys(struct key_table t, const char *where)
{
    for (size_t i = 0; i < t.count; i++) {
        ck_assert_msg(t.rows[i].action != 0, "%s: %s has no action", where, t.rows[i].label);
        ck_assert_msg(t.rows[i].label[0] != '\0' && t.rows[i].help[0] != '\0',
                      "%s: row %zu says nothing", where, i);
        i18n_switch("es");
        ck_assert_msg(strcmp(gettext(t.rows[i].help), t.rows[i].help) != 0,
                      "not translated: %s", t.rows[i].help);
        i18n_switch("en");
        for (size_t k = 0; k < i; k++) {
            ck_assert_msg(t.rows[k].key != t.rows[i].key, "%s: two rows for one key", where);
        }
    }
}

START_TEST(every_key_has_an_action_a_name_and_a_translation)
{
    rig_open_meters(&r, 8, 24, 80);
    assert_keys(console_keys(&r.console), "console");
    assert_keys(screen_meters.keys(r.console.stack[0].state), "meters");
    rig_type(&r, "/");
    assert_keys(screen_meters.keys(r.console.stack[0].state), "filter");
    assert_keys(console_keys(&r.console), "console, typing");
    rig_type(&r, "\n\n");
    assert_keys(rig_top(&r)->keys(r.console.stack[1].state), "reading");
    rig_type(&r, "\033");
    rig_type(&r, ":limit set\n");
    assert_keys(rig_top(&r)->keys(r.console.stack[1].state), "command");
}
END_TEST

Suite *suite_console(void)
{
    Suite *s = suite_create("console");
    TCase *t = tcase_create("flows");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, login_leads_to_the_counter_who_works_there_and_others_to_the_meters);
    tcase_add_test(t, wrong_password_says_so_and_is_forgotten);
    tcase_add_test(t, throttle_counts_down_and_holds_back);
    tcase_add_test(t, nothing_is_reachable_before_login);
    tcase_add_test(t, logout_comes_back_to_login);
    tcase_add_test(t, help_runs_the_key_that_is_chosen);
    tcase_add_test(t, palette_opens_the_form_of_a_command);
    tcase_add_test(t, what_would_become_of_rows_is_shown_and_asked);
    tcase_add_test(t, a_field_is_filled_from_a_list);
    tcase_add_test(t, a_list_that_comes_too_late_is_not_shown);
    tcase_add_test(t, command_that_fails_keeps_the_form_and_names_the_field);
    tcase_add_test(t, command_with_consequences_asks_first);
    tcase_add_test(t, role_sees_and_does_only_what_it_may);
    tcase_add_test(t, typed_text_is_not_lost_without_asking);
    tcase_add_test(t, language_changes_at_once_and_back);
    tcase_add_test(t, theme_suspend_and_redraw_reach_the_outside);
    tcase_add_test(t, small_terminal_is_told_so_and_nothing_breaks);
    tcase_add_test(t, too_many_screens_are_refused);
    tcase_add_test(t, good_reading_is_saved_and_the_next_meter_comes);
    tcase_add_test(t, suspicious_reading_takes_a_second_enter);
    tcase_add_test(t, enter_before_the_rules_have_answered_waits_for_them);
    tcase_add_test(t, empty_or_wrong_reading_is_not_sent);
    tcase_add_test(t, who_bills_is_asked_with_the_total);
    tcase_add_test(t, last_meter_of_the_list_goes_back_to_it);
    tcase_add_test(t, reading_by_somebody_else_is_told_and_what_was_typed_stays);
    tcase_add_test(t, refused_reading_stays_on_screen);
    tcase_add_test(t, long_work_shows_rate_and_time_left_and_esc_stops_it);
    tcase_add_test(t, every_key_has_an_action_a_name_and_a_translation);
    suite_add_tcase(s, t);
    return s;
}
