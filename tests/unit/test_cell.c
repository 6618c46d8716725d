#include <config.h>

#include "tests/unit/check_ui.h"

static struct frame f;

static void setup(void)
{
    frame_init(&f);
    ck_assert_int_eq(frame_resize(&f, 3, 10, NULL), ERR_OK);
}

static void teardown(void)
{
    frame_release(&f);
}

START_TEST(text_is_clipped_with_an_ellipsis_one_column_early)
{
    ck_assert_int_eq(frame_text(&f, 0, 0, 5, ATTR_NORMAL, "abcde"), 5);
    ck_assert_int_eq(frame_text(&f, 1, 0, 5, ATTR_NORMAL, "abcdef"), 5);
    ck_assert_int_eq(frame_text(&f, 2, 0, 0, ATTR_NORMAL, "abc"), 0);
    assert_frame(&f, "abcde\nabcd…\n\n");
}
END_TEST

START_TEST(field_is_aligned_and_padded)
{
    frame_fill(&f, (struct rect){0, 0, 3, 10}, ATTR_NORMAL);
    (void)frame_text(&f, 0, 0, 10, ATTR_NORMAL, "..........");
    frame_field(&f, 0, 1, 6, ALIGN_RIGHT, ATTR_NORMAL, "ab");
    (void)frame_text(&f, 1, 0, 10, ATTR_NORMAL, "..........");
    frame_field(&f, 1, 1, 6, ALIGN_CENTRE, ATTR_NORMAL, "ab");
    (void)frame_text(&f, 2, 0, 10, ATTR_NORMAL, "..........");
    frame_field(&f, 2, 1, 6, ALIGN_LEFT, ATTR_NORMAL, "ab");
    assert_frame(&f, ".    ab...\n.  ab  ...\n.ab    ...\n");
}
END_TEST

START_TEST(drawing_outside_the_frame_is_clipped)
{
    (void)frame_text(&f, -1, 0, 5, ATTR_NORMAL, "above");
    (void)frame_text(&f, 3, 0, 5, ATTR_NORMAL, "below");
    (void)frame_text(&f, 0, 8, 9, ATTR_NORMAL, "right");
    (void)frame_text(&f, 1, -2, 9, ATTR_NORMAL, "left");
    frame_box(&f, (struct rect){-5, -5, 100, 100}, ATTR_BOX);
    frame_cursor(&f, 3, 0);
    ck_assert_int_eq(f.cursor_row, -1);
    assert_frame(&f, "        ri\nft\n\n");
}
END_TEST

START_TEST(wide_character_is_never_cut_in_half)
{
    (void)frame_text(&f, 0, 0, 10, ATTR_NORMAL, "水道局");
    (void)frame_text(&f, 0, 1, 1, ATTR_NORMAL, "x"); /* over the right half of the first */
    (void)frame_text(&f, 0, 4, 1, ATTR_NORMAL, "y"); /* over the left half of the third */
    (void)frame_text(&f, 1, 9, 4, ATTR_NORMAL, "水");
    (void)frame_text(&f, 2, 0, 3, ATTR_NORMAL, "水道");
    assert_frame(&f, " x道y\n\n水…\n");
}
END_TEST

START_TEST(filling_cuts_no_wide_character_in_half)
{
    (void)frame_text(&f, 0, 0, 10, ATTR_NORMAL, "水道局長市");
    frame_fill(&f, (struct rect){0, 3, 1, 2}, ATTR_NORMAL); /* a right half, and a left one */
    (void)frame_text(&f, 1, 0, 10, ATTR_NORMAL, "abcdefghij");
    frame_fill(&f, (struct rect){1, -3, 1, 5}, ATTR_NORMAL);
    frame_fill(&f, (struct rect){1, 8, 9, 9}, ATTR_NORMAL);
    frame_fill(&f, (struct rect){2, 10, 1, 1}, ATTR_NORMAL);
    assert_frame(&f, "水    長市\n  cdefgh\n\n");
}
END_TEST

START_TEST(cells_that_look_the_same_are_the_same_bytes)
{
    struct frame fresh;

    frame_init(&fresh);
    ck_assert_int_eq(frame_resize(&fresh, 3, 10, NULL), ERR_OK);
    (void)frame_text(&f, 0, 0, 10, ATTR_BAD, "水e\xcc\x81\xcc\x82道…●");
    (void)frame_text(&f, 0, 1, 1, ATTR_NORMAL, "x");
    frame_fill(&f, (struct rect){0, 2, 1, 8}, ATTR_OK);
    (void)frame_text(&f, 0, 0, 10, ATTR_NORMAL, "ab");
    (void)frame_text(&f, 0, 4, 10, ATTR_NORMAL, "é水");
    (void)frame_text(&fresh, 0, 0, 2, ATTR_NORMAL, "ab");
    frame_fill(&fresh, (struct rect){0, 2, 1, 8}, ATTR_OK);
    (void)frame_text(&fresh, 0, 4, 10, ATTR_NORMAL, "é水");
    ck_assert_mem_eq(f.cells, fresh.cells, 30 * sizeof(struct cell));
    frame_release(&fresh);
}
END_TEST

START_TEST(combining_mark_shares_the_cell_of_its_letter)
{
    ck_assert_int_eq(frame_text(&f, 0, 0, 10, ATTR_NORMAL, "Me\xcc\x81t"), 3);
    ck_assert_str_eq(frame_at(&f, 0, 1)->text, "e\xcc\x81");
    ck_assert_str_eq(frame_at(&f, 0, 2)->text, "t");
}
END_TEST

START_TEST(hostile_text_stands_as_tokens)
{
    struct buf b;

    (void)frame_text(&f, 0, 0, 10, ATTR_NORMAL, "a\x1b[2J\x7f");
    (void)frame_text(&f, 1, 0, 10, ATTR_NORMAL,
                     "\xe2\x80\xae"
                     "b");
    (void)frame_text(&f, 2, 0, 10, ATTR_NORMAL, "\xff\xc0");
    buf_init(&b, 4096);
    frame_dump(&f, &b);
    for (size_t i = 0; i < b.len; i++) {
        ck_assert(b.data[i] == '\n' || (unsigned char)b.data[i] >= ' ');
    }
    ck_assert_ptr_nonnull(strstr(b.data, "a␛[2J␡"));
    ck_assert_ptr_nonnull(strstr(b.data, "<U+202E>b"));
    ck_assert_ptr_nonnull(strstr(b.data, "<FF><C0>"));
    buf_release(&b);
}
END_TEST

START_TEST(ascii_frame_holds_ascii_alone)
{
    f.ascii = true;
    (void)frame_text(&f, 0, 0, 10, ATTR_NORMAL, "Ñandú ₡5 m³");
    (void)frame_text(&f, 1, 0, 10, ATTR_NORMAL, "水e\xcc\x81\x1b");
    frame_box(&f, (struct rect){1, 6, 2, 4}, ATTR_BOX);
    assert_frame(&f, "Nandu C5 ~\n"
                     "??e^  +--+\n"
                     "      +--+\n");
}
END_TEST

START_TEST(grouping_space_is_a_plain_blank)
{
    (void)frame_text(&f, 0, 0, 10, ATTR_NORMAL,
                     "12\xc2\xa0"
                     "042");
    assert_frame(&f, "12 042\n\n\n");
}
END_TEST

START_TEST(wrap_breaks_at_spaces_and_counts_lines_it_cannot_show)
{
    int lines =
        frame_wrap(&f, (struct rect){0, 0, 2, 10}, ATTR_NORMAL, "one two three four\nfive");

    ck_assert_int_eq(lines, 3);
    assert_frame(&f, "one two\nthree four\n\n");
    ck_assert_int_eq(frame_wrap(&f, (struct rect){0, 0, 0, 3}, ATTR_NORMAL, "abcdefgh"), 3);
    ck_assert_int_eq(frame_wrap(&f, (struct rect){0, 0, 3, 1}, ATTR_NORMAL, "水"), 0);
    ck_assert_int_eq(frame_wrap(&f, (struct rect){0, 0, 3, 4}, ATTR_NORMAL, ""), 0);
}
END_TEST

START_TEST(resize_clamps_to_the_limits)
{
    ck_assert_int_eq(frame_resize(&f, 0, -5, NULL), ERR_OK);
    ck_assert_int_eq(f.rows, 1);
    ck_assert_int_eq(f.columns, 1);
    ck_assert_int_eq(frame_resize(&f, FRAME_ROWS_MAX + 1, FRAME_COLUMNS_MAX + 1, NULL), ERR_OK);
    ck_assert_int_eq(f.rows, FRAME_ROWS_MAX);
    ck_assert_int_eq(f.columns, FRAME_COLUMNS_MAX);
}
END_TEST

START_TEST(attributes_and_cursor_are_dumped)
{
    struct buf b;

    ck_assert_int_eq(frame_resize(&f, 1, 4, NULL), ERR_OK);
    (void)frame_text(&f, 0, 0, 1, ATTR_OK, "a");
    (void)frame_text(&f, 0, 1, 1, ATTR_OK | ATTR_SELECTED, "b");
    (void)frame_text(&f, 0, 2, 1, ATTR_NORMAL | ATTR_SELECTED, "c");
    frame_cursor(&f, 0, 2);
    buf_init(&b, 4096);
    frame_dump_attrs(&f, &b);
    ck_assert_str_eq(buf_str(&b), "oO:.\ncursor 0 2\n");
    buf_release(&b);
}
END_TEST

Suite *suite_cell(void)
{
    Suite *s = suite_create("cell");
    TCase *t = tcase_create("frame");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, text_is_clipped_with_an_ellipsis_one_column_early);
    tcase_add_test(t, field_is_aligned_and_padded);
    tcase_add_test(t, drawing_outside_the_frame_is_clipped);
    tcase_add_test(t, wide_character_is_never_cut_in_half);
    tcase_add_test(t, filling_cuts_no_wide_character_in_half);
    tcase_add_test(t, cells_that_look_the_same_are_the_same_bytes);
    tcase_add_test(t, combining_mark_shares_the_cell_of_its_letter);
    tcase_add_test(t, hostile_text_stands_as_tokens);
    tcase_add_test(t, ascii_frame_holds_ascii_alone);
    tcase_add_test(t, grouping_space_is_a_plain_blank);
    tcase_add_test(t, wrap_breaks_at_spaces_and_counts_lines_it_cannot_show);
    tcase_add_test(t, resize_clamps_to_the_limits);
    tcase_add_test(t, attributes_and_cursor_are_dumped);
    suite_add_tcase(s, t);
    return s;
}
