#include <config.h>

#include "tests/unit/check_reports.h"

#include <string.h>

static const struct report_column columns[] = {
    {"name", "Nombre", NULL, REPORT_TEXT, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"use", "Consumo", "m³", REPORT_QUANTITY, 1, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
    {"state", "E", NULL, REPORT_TEXT, 0, REPORT_ALIGN_CENTRE, 0, REPORT_TOTAL_NONE},
};

static void assert_text(struct report_fixture *f, const char *expected)
{
    struct buf content;
    const char *path = scratch_path("report.txt");
    buf_init(&content, 16 << 20);
    fixture_write(f, "text", path);
    file_read(path, &content);
    ck_assert_str_eq(buf_str(&content), expected);
    buf_release(&content);
}

START_TEST(columns_line_up_by_display_width)
{
    static const char *const notes[] = {"E: lectura estimada."};
    struct report_cell cells[] = {cell_text("Peña"),    cell_value(120425), cell_text("E"),
                                  cell_text("水道 12"), cell_value(-5),     cell_empty()};
    struct report_fixture f;
    fixture_init(&f, columns, count_of(columns), cells, 2);
    f.doc.notes = notes;
    f.doc.note_count = 1;
    assert_text(&f, "Acueducto de Ñuñoa\n"
                    "Lecturas del período\n"
                    "Noviembre de 2026\n"
                    "11/21/2026 08:08\n"
                    "\n"
                    "Nombre   Consumo (m³)  E\n"
                    "-------  ------------  -\n"
                    "Peña         12,042.5  E\n"
                    "水道 12          -0.5\n"
                    "-------  ------------  -\n"
                    "Total        12,042.0\n"
                    "\n"
                    "2 rows\n"
                    "E: lectura estimada.\n");
}
END_TEST

START_TEST(an_empty_report_says_so)
{
    struct report_fixture f;
    fixture_init(&f, columns, count_of(columns), NULL, 0);
    f.doc.office = NULL;
    f.doc.subtitle = NULL;
    assert_text(&f, "Lecturas del período\n"
                    "11/21/2026 08:08\n"
                    "\n"
                    "Nombre  Consumo (m³)  E\n"
                    "------  ------------  -\n"
                    "------  ------------  -\n"
                    "Total            0.0\n"
                    "\n"
                    "0 rows\n");
}
END_TEST

/* 500 rows are held to measure the columns: one below, at, and above it no row is lost or
 * doubled. */
START_TEST(rows_are_all_there_around_the_measured_part)
{
    static struct report_cell cells[502 * 3];
    static const size_t counts[] = {1, 499, 500, 501, 502};
    for (size_t i = 0; i < count_of(cells); i += 3) {
        cells[i] = cell_text("x");
        cells[i + 1] = cell_value((int64_t)i);
        cells[i + 2] = cell_empty();
    }
    for (size_t i = 0; i < count_of(counts); i++) {
        struct report_fixture f;
        struct buf content;
        size_t lines = 0;
        const char *path = scratch_path("rows.txt");
        buf_init(&content, 16 << 20);
        fixture_init(&f, columns, count_of(columns), cells, counts[i]);
        fixture_write(&f, "text", path);
        file_read(path, &content);
        for (const char *at = buf_str(&content); (at = strstr(at, "\nx ")) != NULL; at++) {
            lines++;
        }
        ck_assert_uint_eq(lines, counts[i]);
        ck_assert(f.outcome.rows == counts[i]);
        buf_release(&content);
    }
}
END_TEST

START_TEST(no_hostile_name_sends_a_control_character)
{
    static struct report_cell cells[HOSTILE_NAMES * 3];
    static struct buf names[HOSTILE_NAMES];
    struct report_fixture f;
    struct buf content;
    size_t lines = 0;
    const char *path = scratch_path("hostile.txt");
    buf_init(&content, 16 << 20);
    for (unsigned i = 0; i < HOSTILE_NAMES; i++) {
        buf_init(&names[i], 4096);
        hostile_name(i, &names[i]);
        cells[i * 3] = (struct report_cell){.text = names[i].data, .len = names[i].len};
        cells[i * 3 + 1] = cell_value(i);
        cells[i * 3 + 2] = cell_empty();
    }
    fixture_init(&f, columns, count_of(columns), cells, HOSTILE_NAMES);
    fixture_write(&f, "text", path);
    file_read(path, &content);
    for (size_t at = 0; at < content.len;) {
        uint32_t cp = 0;
        size_t n = utf8_decode(content.data + at, content.len - at, &cp);
        ck_assert_uint_gt(n, 0);
        ck_assert_msg(cp == '\n' || (cp >= 0x20 && !(cp >= 0x7F && cp < 0xA0) && cp != 0x202E),
                      "U+%04X", cp);
        lines += cp == '\n' ? 1 : 0;
        at += n;
    }
    ck_assert_uint_eq(lines, 4 + 1 + 2 + HOSTILE_NAMES + 2 + 2);
    for (unsigned i = 0; i < HOSTILE_NAMES; i++) {
        buf_release(&names[i]);
    }
    buf_release(&content);
}
END_TEST

START_TEST(long_texts_are_cut_numbers_never)
{
    struct report_cell cells[] = {
        cell_text("Nombre de más de cuarenta columnas que no cabe en su lugar"),
        cell_value(INT64_MAX), cell_text("E")};
    struct report_fixture f;
    struct buf content;
    const char *path = scratch_path("long.txt");
    buf_init(&content, 1 << 20);
    fixture_init(&f, columns, count_of(columns), cells, 1);
    fixture_write(&f, "text", path);
    file_read(path, &content);
    ck_assert_ptr_nonnull(
        strstr(buf_str(&content), "Nombre de más de cuarenta columnas que …"));
    ck_assert_ptr_nonnull(strstr(buf_str(&content), "922,337,203,685,477,580.7"));
    buf_release(&content);
}
END_TEST

Suite *suite_out_text(void)
{
    Suite *s = suite_create("out_text");
    TCase *t = tcase_create("text");
    tcase_add_test(t, columns_line_up_by_display_width);
    tcase_add_test(t, an_empty_report_says_so);
    tcase_add_test(t, rows_are_all_there_around_the_measured_part);
    tcase_add_test(t, no_hostile_name_sends_a_control_character);
    tcase_add_test(t, long_texts_are_cut_numbers_never);
    suite_add_tcase(s, t);
    return s;
}
