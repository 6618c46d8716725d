#include <config.h>

#include "tests/unit/check_ui.h"
#include "tests/unit/ui_rig.h"

/* What the person at the counter does: finding, taking money, going on to the next customer. */

static struct rig r;

static void open_at(const struct screen_ops *screen)
{
    memset(&r, 0, sizeof(r));
    fake_init(&r.fake);
    r.fake.logged_in = true;
    rig_open(&r, screen, 24, 80);
}

START_TEST(a_payment_is_what_was_typed_and_leads_to_its_receipt)
{
    open_at(&screen_payment);
    rig_type(&r, "2000");
    rig_sees(&r, "515,50");
    rig_type(&r, "\n");
    ck_assert_str_eq(r.fake.last_command, "payment take");
    ck_assert_str_eq(r.fake.last_values,
                     "account=4 410-22 tendered=2000 amount=1484.50 method=cash slip= bills=");
    ck_assert_ptr_eq(rig_top(&r), &screen_receipt);
    rig_close(&r);
}
END_TEST

START_TEST(less_cash_takes_a_part_after_saying_so)
{
    open_at(&screen_payment);
    rig_type(&r, "1000\n");
    ck_assert_uint_eq(r.fake.runs, 0);
    rig_sees(&r, "only this part is paid");
    rig_type(&r, "\n");
    ck_assert_str_eq(r.fake.last_values,
                     "account=4 410-22 tendered=1000 amount=1000 method=cash slip= bills=");
    rig_close(&r);
}
END_TEST

START_TEST(a_part_is_paid_from_a_larger_note)
{
    open_at(&screen_payment);
    rig_type(&r, "2000\t500"); /* what was filled in gives way */
    rig_sees(&r, "Change 1 500");
    rig_sees(&r, "Settles       Bill 4409 500,00");
    rig_misses(&r, "(a part)");
    rig_key(&r, K_BACKTAB);
    rig_key(&r, K_TAB);
    rig_type(&r, "700,5");
    rig_sees(&r, "Bill 4409 500,00 · Bill 4410 200,50 (a part)");
    rig_key(&r, K_BACKTAB);
    rig_key(&r, K_TAB);
    rig_type(&r, "1500");
    rig_sees(&r, "984,50 · as credit 15,50");
    rig_type(&r, "\n");
    ck_assert_str_eq(r.fake.last_values,
                     "account=4 410-22 tendered=2000 amount=1500 method=cash slip= bills=");
    rig_close(&r);
}
END_TEST

/* From a bill its own sum is proposed; older debt is pointed at, and paid once no bill is
 * named. */
START_TEST(a_payment_from_a_bill_is_for_that_bill)
{
    open_at(&screen_account);
    rig_key(&r, K_F5); /* the cursor is on a meter: the account is paid */
    rig_misses(&r, "There is older debt");
    rig_key(&r, K_ESC);
    rig_key(&r, K_DOWN);
    rig_key(&r, K_F5);
    ck_assert_ptr_eq(rig_top(&r), &screen_payment);
    rig_sees(&r, "Settles       Bill 4410 984,50");
    rig_sees(&r, "▲ There is older debt: 500,00 ₡");
    rig_type(&r, "1000");
    rig_sees(&r, "Change 15,50 ₡");
    rig_misses(&r, "drawer holds");
    rig_type(&r, "0");
    rig_sees(&r, "drawer holds 100,00");
    rig_key(&r, K_ENTER);
    ck_assert_str_eq(r.fake.last_values, "account=4 410-22 tendered=10000 amount=984.50 "
                                         "method=cash slip= bills=4410");
    rig_close(&r);
}
END_TEST

START_TEST(a_key_means_what_the_row_under_the_cursor_is_for)
{
    open_at(&screen_account);
    rig_type(&r, "?");
    rig_sees(&r, "Take a payment of this account");
    rig_misses(&r, "Take a payment of the selected bill");
    rig_key(&r, K_ESC);
    rig_key(&r, K_DOWN);
    rig_type(&r, "?");
    rig_sees(&r, "Take a payment of the selected bill");
    rig_misses(&r, "Take a payment of this account");
    rig_close(&r);
}
END_TEST

START_TEST(a_question_that_enter_answers_takes_a_yes_too)
{
    static const char *const yes[] = {"y", "Y", "s", "S"};

    for (size_t i = 0; i < 4; i++) {
        open_at(&screen_payment);
        rig_type(&r, "1000\n");
        rig_type(&r, yes[i]);
        ck_assert_uint_eq(r.fake.runs, 1);
        rig_close(&r);
    }
    open_at(&screen_payment);
    rig_type(&r, "y"); /* nothing was asked: it is only a letter */
    rig_sees(&r, "[y ");
    ck_assert_uint_eq(r.fake.runs, 0);
    rig_close(&r);
}
END_TEST

START_TEST(a_payment_that_fails_keeps_what_was_typed)
{
    open_at(&screen_payment);
    r.fake.fail_with = ERR_STATE;
    r.fake.fail_field = "tendered";
    rig_type(&r, "2000\n");
    ck_assert_ptr_eq(rig_top(&r), &screen_payment);
    rig_sees(&r, "[2000");
    rig_sees(&r, "The office refuses this value.");
    rig_close(&r);
}
END_TEST

START_TEST(enter_before_the_answer_acts_on_the_answer)
{
    open_at(&screen_find);
    r.deferred = true;
    rig_type(&r, "mar\n");
    ck_assert_ptr_eq(rig_top(&r), &screen_find);
    rig_run_all(&r);
    ck_assert_ptr_eq(rig_top(&r), &screen_account);
    r.deferred = false;
    rig_close(&r);
}
END_TEST

START_TEST(esc_empties_the_field_and_a_row_without_a_meter_says_so)
{
    open_at(&screen_find);
    rig_type(&r, "506");
    rig_sees(&r, "4 410-25");
    rig_key(&r, K_F8);
    rig_sees(&r, "This row has no meter.");
    rig_key(&r, K_ESC);
    rig_misses(&r, "4 410-25");
    ck_assert_ptr_eq(rig_top(&r), &screen_find);
    rig_close(&r);
}
END_TEST

START_TEST(a_page_opens_what_its_row_stands_for)
{
    open_at(&screen_account);
    rig_key(&r, K_ENTER);
    ck_assert_ptr_eq(rig_top(&r), &screen_meter);
    rig_key(&r, K_ESC);
    rig_key(&r, K_DOWN);
    rig_key(&r, K_ENTER);
    ck_assert_ptr_eq(rig_top(&r), &screen_bill);
    rig_key(&r, K_ESC);
    rig_key(&r, K_F2); /* for a meter; a bill is selected */
    rig_sees(&r, "Select a row that this is for first.");
    rig_close(&r);
}
END_TEST

START_TEST(pages_survive_any_size)
{
    static const struct screen_ops *const screens[] = {
        &screen_account, &screen_bill, &screen_home,   &screen_meter,
        &screen_entry,   &screen_find, &screen_payment};

    for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++) {
        open_at(screens[i]);
        for (int rows = 1; rows <= 50; rows += 7) {
            for (int columns = 1; columns <= 200; columns += 13) {
                rig_resize(&r, rows, columns);
                rig_key(&r, K_DOWN);
                rig_key(&r, K_PGDN);
                rig_key(&r, K_END);
                (void)rig_text(&r);
            }
        }
        rig_close(&r);
    }
}
END_TEST

Suite *suite_counter(void)
{
    Suite *s = suite_create("counter");
    TCase *t = tcase_create("counter");

    tcase_add_test(t, a_payment_is_what_was_typed_and_leads_to_its_receipt);
    tcase_add_test(t, less_cash_takes_a_part_after_saying_so);
    tcase_add_test(t, a_part_is_paid_from_a_larger_note);
    tcase_add_test(t, a_payment_from_a_bill_is_for_that_bill);
    tcase_add_test(t, a_key_means_what_the_row_under_the_cursor_is_for);
    tcase_add_test(t, a_question_that_enter_answers_takes_a_yes_too);
    tcase_add_test(t, a_payment_that_fails_keeps_what_was_typed);
    tcase_add_test(t, enter_before_the_answer_acts_on_the_answer);
    tcase_add_test(t, esc_empties_the_field_and_a_row_without_a_meter_says_so);
    tcase_add_test(t, a_page_opens_what_its_row_stands_for);
    tcase_add_test(t, pages_survive_any_size);
    suite_add_tcase(s, t);
    return s;
}
