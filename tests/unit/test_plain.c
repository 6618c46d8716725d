#include <config.h>

#include "tests/unit/check_ui.h"
#include "tests/unit/ui_rig.h"

#include <stdio.h>

#include "ui/plain.h"

/* What is said of a frame, as one string; valid until the next call. */
static const char *say(struct plain_said *said, const struct frame *f)
{
    static char text[1u << 16];
    struct err e = ERR_INIT;
    FILE *out = fmemopen(text, sizeof(text), "w");

    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(plain_say(said, f, out, &e), ERR_OK);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

START_TEST(a_screen_is_said_without_its_boxes_and_then_what_changed)
{
    static struct rig r;
    struct plain_said said = {0};
    const char *text;

    memset(&r, 0, sizeof(r));
    rig_open_meters(&r, fake_listed, PLAIN_ROWS, PLAIN_COLUMNS);
    (void)rig_text(&r);
    text = say(&said, &r.frame);
    ck_assert_ptr_nonnull(strstr(text, "\n 4  ▶A-0121 | C. Mayor 12, 1.º A | 10/06/25 | "));
    ck_assert_ptr_nonnull(strstr(text, "At 4: ▶A-0121"));
    ck_assert_ptr_null(strstr(text, "│"));
    ck_assert_ptr_null(strstr(text, "─"));
    rig_key(&r, K_DOWN);
    (void)rig_text(&r);
    text = say(&said, &r.frame);
    ck_assert_ptr_nonnull(strstr(text, " 5  ▶A-0122"));
    ck_assert_ptr_nonnull(strstr(text, " 4  A-0121")); /* the mark went away */
    ck_assert_ptr_null(strstr(text, "A-0123"));
    text = say(&said, &r.frame);
    ck_assert_int_eq(strncmp(text, "At 5: ▶A-0122", strlen("At 5: ▶A-0122")), 0);
    plain_said_release(&said);
    rig_close(&r);
}
END_TEST

START_TEST(a_hostile_name_sends_nothing_to_the_terminal)
{
    static struct rig r;
    struct plain_said said = {0};
    const char *text;

    memset(&r, 0, sizeof(r));
    rig_open_meters(&r, fake_listed, PLAIN_ROWS, PLAIN_COLUMNS);
    (void)rig_text(&r);
    text = say(&said, &r.frame);
    ck_assert_ptr_nonnull(strstr(text, "␛[31mhostil<U"));
    ck_assert_ptr_null(strchr(text, '\x1b'));
    plain_said_release(&said);
    rig_close(&r);
}
END_TEST

START_TEST(an_ascii_frame_is_said_without_its_boxes_too)
{
    static struct rig r;
    struct plain_said said = {0};

    memset(&r, 0, sizeof(r));
    r.frame.ascii = true;
    rig_open_meters(&r, fake_listed, PLAIN_ROWS, PLAIN_COLUMNS);
    r.frame.ascii = true;
    (void)rig_text(&r);
    ck_assert_ptr_nonnull(strstr(say(&said, &r.frame), "\n 4  >A-0121 | C. Mayor 12, 1.o A"));
    plain_said_release(&said);
    rig_close(&r);
}
END_TEST

static const struct {
    const char *line;
    bool typing;
    struct plain_input is;
} lines[] = {
    {"", false, {PLAIN_KEY, K_ENTER, 0}},
    {"12", false, {PLAIN_GO, 0, 12}},
    {"12", true, {PLAIN_TEXT, 0, 0}},
    {"#12", true, {PLAIN_GO, 0, 12}},
    {"#12", false, {PLAIN_GO, 0, 12}},
    {"1234", false, {PLAIN_WRONG, 0, 0}},
    {"maria", false, {PLAIN_WRONG, 0, 0}}, /* not five keys, of which one accepts a reading */
    {"f2", false, {PLAIN_WRONG, 0, 0}},
    {"maria", true, {PLAIN_TEXT, 0, 0}},
    {"j", false, {PLAIN_TEXT, 0, 0}},
    {":meters", false, {PLAIN_TEXT, 0, 0}},
    {"#", false, {PLAIN_TEXT, 0, 0}},
    {".5", true, {PLAIN_TEXT, 0, 0}},
    {"./photo.jpg", true, {PLAIN_TEXT, 0, 0}},
    {"../photo.jpg", true, {PLAIN_TEXT, 0, 0}},
    {".../photo.jpg", true, {PLAIN_WRONG, 0, 0}},
    {".", true, {PLAIN_AGAIN, 0, 0}},
    {"..", true, {PLAIN_HELP, 0, 0}},
    {".f2", false, {PLAIN_KEY, K_F2, 0}},
    {".F12", false, {PLAIN_KEY, K_F12, 0}},
    {".esc", true, {PLAIN_KEY, K_ESC, 0}},
    {".PgDn", true, {PLAIN_KEY, K_PGDN, 0}},
    {".space", false, {PLAIN_KEY, 0x20, 0}},
    {".ctrl+x", true, {PLAIN_KEY, K_CTRL | 'x', 0}},
    {".ñ", false, {PLAIN_KEY, 0xf1, 0}},
    {".nokey", false, {PLAIN_WRONG, 0, 0}},
    {".\xff", false, {PLAIN_WRONG, 0, 0}},
    {"/W-0005", false, {PLAIN_TEXT, 0, 0}},
};

START_TEST(a_typed_line_stands_for)
{
    struct plain_input in = plain_read(lines[_i].line, lines[_i].typing);

    ck_assert_int_eq((int)in.kind, (int)lines[_i].is.kind);
    ck_assert_uint_eq(in.key, lines[_i].is.key);
    ck_assert_int_eq(in.kind == PLAIN_GO ? in.row : 0, lines[_i].is.row);
}
END_TEST

Suite *suite_plain(void)
{
    Suite *s = suite_create("plain");
    TCase *t = tcase_create("plain");

    tcase_add_test(t, a_screen_is_said_without_its_boxes_and_then_what_changed);
    tcase_add_test(t, a_hostile_name_sends_nothing_to_the_terminal);
    tcase_add_test(t, an_ascii_frame_is_said_without_its_boxes_too);
    tcase_add_loop_test(t, a_typed_line_stands_for, 0, (int)(sizeof(lines) / sizeof(lines[0])));
    suite_add_tcase(s, t);
    return s;
}
