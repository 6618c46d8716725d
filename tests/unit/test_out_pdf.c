#include <config.h>

#include "tests/unit/check_reports.h"

#include <stdio.h>
#include <string.h>

static const struct report_column columns[] = {
    {"name", "Cliente", NULL, REPORT_TEXT, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"serial", "Medidor", NULL, REPORT_ID, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"use", "Consumo", "m³", REPORT_QUANTITY, 1, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
    {"amount", "Monto", "₡", REPORT_MONEY, 2, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
    {"on", "Fecha", NULL, REPORT_DATE, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
};
#define COLUMNS count_of(columns)

static void pdf_of(struct report_fixture *f, const struct report_cell *cells, size_t rows,
                   struct buf *text)
{
    const char *path = scratch_path("report.pdf");
    fixture_init(f, columns, COLUMNS, cells, rows);
    fixture_write(f, "pdf", path);
    pdf_text_of(path, text);
}

static void assert_has(const struct buf *text, const char *part)
{
    ck_assert_msg(strstr(buf_str(text), part) != NULL, "%s is not in %.4000s", part,
                  buf_str(text));
}

START_TEST(every_cell_is_found_again)
{
    struct report_cell cells[] = {cell_text("José Peña Núñez"),
                                  cell_text("007"),
                                  cell_value(120425),
                                  cell_value(140450),
                                  cell_value(20778),
                                  cell_text("Ángela Ürsula Gómez & Cía. (3) \\ 50 % €"),
                                  cell_text("(008)"),
                                  cell_value(5),
                                  cell_value(-1),
                                  cell_empty()};
    static const char *const parts[] = {"Acueducto de Ñuñoa",
                                        "Lecturas del período",
                                        "Noviembre de 2026",
                                        "(m³)",
                                        "Monto (₡)",
                                        "José Peña Núñez",
                                        "007",
                                        "12,042.5",
                                        "1,404.50",
                                        "11/21/2026",
                                        "Ángela Ürsula Gómez & Cía. (3) \\ 50 % €",
                                        "(008)",
                                        "-0.01",
                                        "Total",
                                        "12,043.0",
                                        "1,404.49",
                                        "2 rows",
                                        "Page 1 of 1",
                                        "America/Costa_Rica"};
    struct report_fixture f;
    struct buf text;
    buf_init(&text, 1 << 20);
    pdf_of(&f, cells, 2, &text);
    for (size_t i = 0; i < count_of(parts); i++) {
        assert_has(&text, parts[i]);
    }
    ck_assert_uint_eq(f.outcome.pages, 1);
    buf_release(&text);
}
END_TEST

START_TEST(fonts_are_embedded_subsets)
{
    static const char *const argv[] = {"pdffonts", NULL, NULL};
    const char *args[] = {argv[0], scratch_path("report.pdf"), NULL};
    struct report_cell cells[COLUMNS] = {cell_text("Ελένη Владимир"), cell_empty(),
                                         cell_empty(), cell_empty(), cell_empty()};
    struct report_fixture f;
    struct buf text, fonts;
    size_t lines = 0;
    buf_init(&text, 1 << 20);
    buf_init(&fonts, 1 << 16);
    pdf_of(&f, cells, 1, &text);
    run_program(args, &fonts);
    for (const char *line = strchr(buf_str(&fonts), '\n'); line != NULL;
         line = strchr(line + 1, '\n')) {
        if (line[1] == '\0' || line[1] == '-') {
            continue;
        }
        lines++;
        ck_assert_msg(strstr(line, "DejaVuSans") != NULL && strstr(line, " yes yes ") != NULL,
                      "%s", line);
    }
    ck_assert_uint_eq(lines, 3); /* bold, regular, regular beyond Latin */
    buf_release(&text);
    buf_release(&fonts);
}
END_TEST

START_TEST(names_beyond_latin_are_found_again)
{
    struct report_cell cells[] = {cell_text("Ελένη Παπαδοπούλου"),
                                  cell_empty(),
                                  cell_empty(),
                                  cell_empty(),
                                  cell_empty(),
                                  cell_text("Łukasz Świętosław and Владимир"),
                                  cell_empty(),
                                  cell_empty(),
                                  cell_empty(),
                                  cell_empty(),
                                  cell_text("水道局 ☃ a𝄞b"),
                                  cell_empty(),
                                  cell_empty(),
                                  cell_empty(),
                                  cell_empty()};
    struct report_fixture f;
    struct buf text;
    buf_init(&text, 1 << 20);
    pdf_of(&f, cells, 3, &text);
    assert_has(&text, "Ελένη Παπαδοπούλου");
    assert_has(&text, "Łukasz Świętosław and Владимир");
    assert_has(&text, "水道局 ☃ a\xEF\xBF\xBD"
                      "b");
    buf_release(&text);
}
END_TEST

START_TEST(headings_and_numbers_stand_on_every_page)
{
    static struct report_cell cells[300 * COLUMNS];
    struct report_fixture f;
    struct buf text;
    char part[64];
    unsigned headings = 0;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < 300; i++) {
        cells[i * COLUMNS] = cell_text("Peña");
        cells[i * COLUMNS + 1] = cell_empty();
        cells[i * COLUMNS + 2] = cell_value((int64_t)i);
        cells[i * COLUMNS + 3] = cell_value(10000000 + (int64_t)i * 100);
        cells[i * COLUMNS + 4] = cell_empty();
    }
    pdf_of(&f, cells, 300, &text);
    ck_assert_uint_gt(f.outcome.pages, 3);
    for (unsigned page = 1; page <= f.outcome.pages; page++) {
        (void)snprintf(part, sizeof(part), "Page %u of %u", page, f.outcome.pages);
        assert_has(&text, part);
    }
    for (size_t i = 0; i < 300; i++) {
        (void)snprintf(part, sizeof(part), "100,%03zu.00", i);
        assert_has(&text, part);
    }
    for (const char *at = buf_str(&text); (at = strstr(at, "Cliente")) != NULL; at++) {
        headings++;
    }
    ck_assert_uint_eq(headings, f.outcome.pages);
    buf_release(&text);
}
END_TEST

/* Around the end of a page no row is lost, and the totals and notes find room. */
START_TEST(no_row_count_loses_a_row)
{
    static struct report_cell cells[130 * COLUMNS];
    struct buf text;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < count_of(cells); i++) {
        cells[i] = i % COLUMNS == 0 ? cell_text("fila") : cell_empty();
    }
    for (size_t rows = 0; rows <= 130; rows += rows > 40 && rows < 60 ? 1 : 13) {
        struct report_fixture f;
        size_t found = 0;
        buf_clear(&text);
        pdf_of(&f, cells, rows, &text);
        for (const char *at = buf_str(&text); (at = strstr(at, "fila")) != NULL; at++) {
            found++;
        }
        ck_assert_uint_eq(found, rows);
        assert_has(&text, "Total");
    }
    buf_release(&text);
}
END_TEST

START_TEST(long_texts_wrap_and_wide_numbers_shrink)
{
    struct report_cell cells[] = {
        cell_text("Calle de los Almendros número doscientos cuarenta y siete, portón verde, "
                  "frente a la pulpería La "
                  "Esperanza, cincuenta metros al norte del puente viejo"),
        cell_text("SERIE-DE-MEDIDOR-DEMASIADO-LARGA-PARA-SU-COLUMNA-0001"),
        cell_value(INT64_MAX), cell_value(INT64_MIN), cell_value(0)};
    struct report_fixture f;
    struct buf text;
    buf_init(&text, 1 << 20);
    pdf_of(&f, cells, 1, &text);
    assert_has(&text, "Esperanza");
    assert_has(&text, "puente");
    assert_has(&text, "922,337,203,685,477,580.7");
    assert_has(&text, "-92,233,720,368,547,758.08");
    buf_release(&text);
}
END_TEST

START_TEST(forty_columns_fit_the_page)
{
    static struct report_column many[40];
    struct report_cell cells[count_of(many)];
    struct report_fixture f;
    struct buf text;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < count_of(many); i++) {
        many[i] = columns[3];
        cells[i] = cell_value(1000 + (int64_t)i);
    }
    fixture_init(&f, many, count_of(many), cells, 1);
    fixture_write(&f, "pdf", scratch_path("wide.pdf"));
    pdf_text_of(scratch_path("wide.pdf"), &text);
    assert_has(&text, "10.00");
    assert_has(&text, "10.39");
    buf_release(&text);
}
END_TEST

START_TEST(hostile_names_do_no_harm)
{
    static struct report_cell cells[HOSTILE_NAMES * COLUMNS];
    static struct buf names[HOSTILE_NAMES];
    struct report_fixture f;
    struct buf text;
    buf_init(&text, 16 << 20);
    for (unsigned i = 0; i < HOSTILE_NAMES; i++) {
        buf_init(&names[i], 4096);
        hostile_name(i, &names[i]);
        for (size_t c = 0; c < COLUMNS; c++) {
            cells[i * COLUMNS + c] = cell_empty();
        }
        cells[i * COLUMNS] = (struct report_cell){false, names[i].data, names[i].len, 0};
        cells[i * COLUMNS + 3] = cell_value(100000 + i);
    }
    pdf_of(&f, cells, HOSTILE_NAMES, &text);
    for (unsigned i = 0; i < HOSTILE_NAMES; i++) {
        char part[32];
        (void)snprintf(part, sizeof(part), "1,0%02u.%02u", i / 100, i % 100);
        assert_has(&text, part);
        buf_release(&names[i]);
    }
    buf_release(&text);
}
END_TEST

START_TEST(the_same_report_gives_the_same_bytes)
{
    struct report_cell cells[COLUMNS] = {cell_text("Peña Ελένη"), cell_empty(), cell_value(5),
                                         cell_value(6), cell_value(7)};
    struct report_fixture f;
    struct buf one, two;
    buf_init(&one, 1 << 22);
    buf_init(&two, 1 << 22);
    fixture_init(&f, columns, COLUMNS, cells, 1);
    fixture_write(&f, "pdf", scratch_path("a.pdf"));
    file_read(scratch_path("a.pdf"), &one);
    fixture_write(&f, "pdf", scratch_path("a.pdf"));
    file_read(scratch_path("a.pdf"), &two);
    ck_assert_uint_eq(one.len, two.len);
    ck_assert_mem_eq(one.data, two.data, one.len);
    buf_release(&one);
    buf_release(&two);
}
END_TEST

START_TEST(a_missing_font_is_named)
{
    struct report_fixture f;
    struct err e = ERR_INIT;
    fixture_init(&f, columns, COLUMNS, NULL, 0);
    f.options.font_dir = "/nowhere";
    ck_assert_int_eq(report_write(report_format_find("pdf"), &f.doc, &f.options,
                                  scratch_path("no.pdf"), &f.outcome, &e),
                     ERR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(e.text, "/nowhere/DejaVuSans.ttf"));
}
END_TEST

Suite *suite_out_pdf(void)
{
    Suite *s = suite_create("out_pdf");
    TCase *t = tcase_create("pdf");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, every_cell_is_found_again);
    tcase_add_test(t, fonts_are_embedded_subsets);
    tcase_add_test(t, names_beyond_latin_are_found_again);
    tcase_add_test(t, headings_and_numbers_stand_on_every_page);
    tcase_add_test(t, no_row_count_loses_a_row);
    tcase_add_test(t, long_texts_wrap_and_wide_numbers_shrink);
    tcase_add_test(t, forty_columns_fit_the_page);
    tcase_add_test(t, hostile_names_do_no_harm);
    tcase_add_test(t, the_same_report_gives_the_same_bytes);
    tcase_add_test(t, a_missing_font_is_named);
    suite_add_tcase(s, t);
    return s;
}
