#include <config.h>

#include "tests/unit/check_ui.h"
#include "ui/key.h"
#include "ui/lineedit.h"

static struct lineedit le;

static void setup(void)
{
    lineedit_init(&le, 0, false);
}

static void type(const char *s)
{
    for (; *s != '\0'; s++) {
        ck_assert(lineedit_key(&le, (unsigned char)*s));
    }
}

START_TEST(letters_go_in_at_the_cursor)
{
    type("ac");
    (void)lineedit_key(&le, K_LEFT);
    type("b");
    ck_assert_str_eq(le.text, "abc");
    ck_assert_uint_eq(le.cursor, 2);
}
END_TEST

START_TEST(backspace_takes_a_letter_with_its_marks)
{
    (void)lineedit_key(&le, 'e');
    (void)lineedit_key(&le, 0x301);
    (void)lineedit_key(&le, 0xf1);
    (void)lineedit_key(&le, K_BACKSPACE);
    ck_assert_str_eq(le.text, "e\xcc\x81");
    (void)lineedit_key(&le, K_LEFT);
    ck_assert_uint_eq(le.cursor, 0);
    (void)lineedit_key(&le, K_DELETE);
    ck_assert_uint_eq(le.len, 0);
    (void)lineedit_key(&le, K_BACKSPACE);
    (void)lineedit_key(&le, K_DELETE);
    ck_assert_uint_eq(le.len, 0);
}
END_TEST

START_TEST(home_end_and_the_erasing_keys_work)
{
    type("one two three");
    (void)lineedit_key(&le, K_CTRL | 'w');
    ck_assert_str_eq(le.text, "one two ");
    (void)lineedit_key(&le, K_CTRL | 'w');
    ck_assert_str_eq(le.text, "one ");
    (void)lineedit_key(&le, K_HOME);
    (void)lineedit_key(&le, K_RIGHT);
    (void)lineedit_key(&le, K_CTRL | 'k');
    ck_assert_str_eq(le.text, "o");
    (void)lineedit_key(&le, K_END);
    (void)lineedit_key(&le, K_CTRL | 'u');
    ck_assert_str_eq(le.text, "");
    ck_assert(!lineedit_key(&le, K_F2));
    ck_assert(!lineedit_key(&le, K_ENTER));
}
END_TEST

START_TEST(paste_loses_line_breaks_controls_bidi_marks_and_broken_bytes)
{
    static const char hostile[] = "a\r\nb\tc\x1b[31m\xe2\x80\xae"
                                  "d\xff"
                                  "e\xc2\x85\xef\xbb\xbf\x00"
                                  "f";

    lineedit_paste(&le, hostile, sizeof(hostile) - 1);
    ck_assert_str_eq(le.text, "a b c[31mdef");
}
END_TEST

START_TEST(length_is_bounded_in_characters_and_in_bytes)
{
    lineedit_init(&le, 3, false);
    type("abcd");
    ck_assert_str_eq(le.text, "abc");
    lineedit_init(&le, 3, false);
    lineedit_set(&le, "ñññññ");
    ck_assert_str_eq(le.text, "ñññ");
    lineedit_init(&le, 0, false);
    for (int i = 0; i < 1000; i++) {
        (void)lineedit_key(&le, 0x1f4a7);
    }
    ck_assert_uint_lt(le.len, LINEEDIT_BYTES);
    ck_assert_uint_eq(le.len, (LINEEDIT_BYTES - 1) / 4 * 4);
    ck_assert_int_eq(le.text[le.len], '\0');
}
END_TEST

START_TEST(cursor_stays_in_sight_when_the_text_is_longer_than_the_field)
{
    struct frame f;

    frame_init(&f);
    ck_assert_int_eq(frame_resize(&f, 1, 6, NULL), ERR_OK);
    type("abcdefgh");
    lineedit_render(&le, &f, 0, 0, 6, ATTR_FIELD, true);
    assert_frame(&f, "defgh\n");
    ck_assert_int_eq(f.cursor_column, 5);
    (void)lineedit_key(&le, K_HOME);
    lineedit_render(&le, &f, 0, 0, 6, ATTR_FIELD, true);
    assert_frame(&f, "abcdef\n");
    ck_assert_int_eq(f.cursor_column, 0);
    frame_release(&f);
}
END_TEST

START_TEST(cursor_between_a_letter_and_its_mark_is_drawn)
{
    struct frame f;

    frame_init(&f);
    ck_assert_int_eq(frame_resize(&f, 1, 6, NULL), ERR_OK);
    (void)lineedit_key(&le, 0x301); /* a mark with nothing to stand on */
    (void)lineedit_key(&le, K_HOME);
    type("abc"); /* which now follows the cursor */
    for (int width = 1; width <= 6; width++) {
        lineedit_render(&le, &f, 0, 0, width, ATTR_FIELD, true);
        ck_assert(f.cursor_column >= 0 && f.cursor_column < width);
    }
    frame_release(&f);
}
END_TEST

START_TEST(secret_is_shown_as_dots_and_wiped)
{
    struct frame f;

    frame_init(&f);
    ck_assert_int_eq(frame_resize(&f, 1, 6, NULL), ERR_OK);
    lineedit_init(&le, 0, true);
    lineedit_set(&le, "clavé");
    lineedit_render(&le, &f, 0, 0, 6, ATTR_FIELD, true);
    assert_frame(&f, "●●●●●\n");
    lineedit_wipe(&le);
    for (size_t i = 0; i < sizeof(le.text); i++) {
        ck_assert_int_eq(le.text[i], 0);
    }
    frame_release(&f);
}
END_TEST

Suite *suite_lineedit(void)
{
    Suite *s = suite_create("lineedit");
    TCase *t = tcase_create("editing");

    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, letters_go_in_at_the_cursor);
    tcase_add_test(t, backspace_takes_a_letter_with_its_marks);
    tcase_add_test(t, home_end_and_the_erasing_keys_work);
    tcase_add_test(t, paste_loses_line_breaks_controls_bidi_marks_and_broken_bytes);
    tcase_add_test(t, length_is_bounded_in_characters_and_in_bytes);
    tcase_add_test(t, cursor_stays_in_sight_when_the_text_is_longer_than_the_field);
    tcase_add_test(t, cursor_between_a_letter_and_its_mark_is_drawn);
    tcase_add_test(t, secret_is_shown_as_dots_and_wiped);
    suite_add_tcase(s, t);
    return s;
}
