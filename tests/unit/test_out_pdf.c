#include <config.h>

#include "tests/unit/check_reports.h"

#include <stdio.h>
#include <string.h>

#include "reports/pdf_picture.h"
#include "reports/pdf_press.h"

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
        cells[i * COLUMNS] = (struct report_cell){.text = names[i].data, .len = names[i].len};
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

/* 3 x 2 pixels, the first of each row see-through. */
static const unsigned char small_png[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49,
    0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x08, 0x06,
    0x00, 0x00, 0x00, 0x9d, 0x74, 0x66, 0x1a, 0x00, 0x00, 0x00, 0x14, 0x49, 0x44,
    0x41, 0x54, 0x78, 0x9c, 0x63, 0x38, 0x21, 0xa7, 0xc1, 0x00, 0xc4, 0xff, 0x41,
    0x98, 0x01, 0x99, 0x03, 0x00, 0x7f, 0x22, 0x0a, 0x51, 0x66, 0x10, 0x86, 0x2a,
    0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
/* The header of a JPEG of 40 x 30 pixels in three colours. */
static const unsigned char small_jpeg[] = {
    0xff, 0xd8, 0xff, 0xe0, 0x00, 0x04, 0x00, 0x00, 0xff, 0xc0, 0x00, 0x11, 0x08, 0x00, 0x1e,
    0x00, 0x28, 0x03, 0x01, 0x22, 0x00, 0x02, 0x11, 0x01, 0x03, 0x11, 0x01, 0xff, 0xd9};

static enum err_code picture_of(struct pdf_press *press, const unsigned char *bytes, size_t len,
                                struct pdf_picture *picture)
{
    struct err e = ERR_INIT;
    pdf_picture_release(picture);
    return pdf_picture_read(press, bytes, len, picture, &e);
}

START_TEST(pictures_are_read_whole_or_refused)
{
    struct pdf_press *press = NULL;
    struct pdf_picture picture = {0};
    struct err e = ERR_INIT;
    unsigned char bytes[sizeof(small_png)];
    ck_assert_int_eq(pdf_press_new(NULL, &press, &e), ERR_OK);
    ck_assert_int_eq(picture_of(press, small_png, sizeof(small_png), &picture), ERR_OK);
    ck_assert_uint_eq(picture.width, 3);
    ck_assert_uint_eq(picture.height, 2);
    ck_assert(!picture.jpeg);
    ck_assert_int_eq(picture_of(press, small_jpeg, sizeof(small_jpeg), &picture), ERR_OK);
    ck_assert_uint_eq(picture.width, 40);
    ck_assert_uint_eq(picture.height, 30);
    ck_assert_uint_eq(picture.channels, 3);
    ck_assert_uint_eq(picture.bytes.len, sizeof(small_jpeg));
    for (size_t len = 0; len < 40; len++) { /* the header of neither is whole */
        ck_assert_int_eq(picture_of(press, small_png, len, &picture), ERR_PARSE);
        if (len < 18) {
            ck_assert_int_eq(picture_of(press, small_jpeg, len, &picture), ERR_PARSE);
        }
    }
    for (size_t i = 0; i < sizeof(small_png); i++) { /* whatever it says, no crash */
        memcpy(bytes, small_png, sizeof(bytes));
        bytes[i] ^= 0x40;
        enum err_code code = picture_of(press, bytes, sizeof(bytes), &picture);
        ck_assert(code == ERR_OK || code == ERR_PARSE || code == ERR_LIMIT);
    }
    memcpy(bytes, small_jpeg, sizeof(small_jpeg));
    bytes[13] = 0xff; /* 65,310 pixels high */
    ck_assert_int_eq(picture_of(press, bytes, sizeof(small_jpeg), &picture), ERR_LIMIT);
    ck_assert_int_eq(picture_of(press, (const unsigned char *)"GIF89a", 6, &picture),
                     ERR_PARSE);
    pdf_picture_release(&picture);
    pdf_press_free(press);
}
END_TEST

START_TEST(a_report_has_the_face_of_the_office)
{
    static const char *const lines[] = {"Cédula 3-101", "Calle 1", NULL};
    struct report_cell cells[COLUMNS] = {cell_text("Peña"), cell_empty(), cell_value(5),
                                         cell_value(6), cell_value(7)};
    const char *argv[] = {"pdfimages", "-list", scratch_path("look.pdf"), NULL};
    struct pdf_press *press = NULL;
    struct pdf_picture logo = {0};
    struct err e = ERR_INIT;
    struct buf text;
    struct report_fixture f;
    buf_init(&text, 1 << 20);
    ck_assert_int_eq(pdf_press_new(NULL, &press, &e), ERR_OK);
    ck_assert_int_eq(picture_of(press, small_png, sizeof(small_png), &logo), ERR_OK);
    struct report_look look = {0x8A1C1C, lines, &logo, press};
    fixture_init(&f, columns, COLUMNS, cells, 1);
    f.options.look = &look;
    fixture_write(&f, "pdf", scratch_path("look.pdf"));
    pdf_text_of(scratch_path("look.pdf"), &text);
    assert_has(&text, "Cédula 3-101");
    assert_has(&text, "Calle 1");
    buf_clear(&text);
    run_program(argv, &text);
    assert_has(&text, "rgb");
    pdf_picture_release(&logo);
    pdf_press_free(press);
    buf_release(&text);
}
END_TEST

START_TEST(a_chart_is_drawn_with_its_names)
{
    static const struct report_chart chart = {REPORT_CHART_COLUMNS, 0, {2}, 1};
    static struct report_cell cells[49 * COLUMNS];
    struct report_fixture f;
    struct buf text;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < count_of(cells); i++) {
        cells[i] = i % COLUMNS == 0 ? cell_text("enero") : cell_empty();
        if (i % COLUMNS == 2) {
            cells[i] = cell_value((int64_t)(i * 7) - 90);
        }
    }
    for (size_t rows = 0; rows <= 49; rows += rows < 2 ? 1 : 47) {
        size_t found = 0;
        fixture_init(&f, columns, COLUMNS, cells, rows);
        f.doc.chart = &chart;
        fixture_write(&f, "pdf", scratch_path("chart.pdf"));
        buf_clear(&text);
        pdf_text_of(scratch_path("chart.pdf"), &text);
        for (const char *at = buf_str(&text); (at = strstr(at, "enero")) != NULL; at++) {
            found++;
        }
        ck_assert_msg((found > rows) == (rows > 0 && rows <= REPORT_CHART_POINTS_MAX),
                      "%zu rows, %zu names", rows, found);
    }
    buf_release(&text);
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
    tcase_add_test(t, pictures_are_read_whole_or_refused);
    tcase_add_test(t, a_report_has_the_face_of_the_office);
    tcase_add_test(t, a_chart_is_drawn_with_its_names);
    suite_add_tcase(s, t);
    return s;
}
