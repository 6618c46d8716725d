#include <config.h>

#include "tests/unit/check_reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Rows of data on one sheet: Excel's 1,048,576 less title, line below it, headings and totals.
 */
#define SHEET_DATA_ROWS 1048572

static const struct report_column columns[] = {
    {"name", "Nombre", NULL, REPORT_TEXT, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"serial", "Medidor", NULL, REPORT_ID, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"amount", "Monto", "₡", REPORT_MONEY, 2, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
    {"count", "Nº", NULL, REPORT_INTEGER, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
    {"on", "Fecha", NULL, REPORT_DATE, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"at", "Hora", NULL, REPORT_DATETIME, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"change", "Cambio", NULL, REPORT_PERCENT, 1, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
};
#define COLUMNS count_of(columns)

/* The first worksheet of a report over these cells. */
static void sheet_of(struct report_fixture *f, const struct report_cell *cells, size_t rows,
                     struct buf *sheet)
{
    const char *path = scratch_path("report.xlsx");
    fixture_init(f, columns, COLUMNS, cells, rows);
    fixture_write(f, "xlsx", path);
    zip_member(path, "xl/worksheets/sheet1.xml", sheet);
}

static void assert_has(const struct buf *xml, const char *part)
{
    ck_assert_msg(strstr(buf_str(xml), part) != NULL, "%s is not in %.3000s", part,
                  buf_str(xml));
}

static size_t occurrences(const struct buf *xml, const char *part)
{
    size_t n = 0;
    for (const char *at = buf_str(xml); (at = strstr(at, part)) != NULL; at++) {
        n++;
    }
    return n;
}

START_TEST(cells_are_typed_and_totals_are_formulas_with_values)
{
    struct report_cell cells[] = {cell_text("Peña"),
                                  cell_text("007"),
                                  cell_value(140450),
                                  cell_value(3),
                                  cell_value(20778),
                                  cell_value(20778 * INT64_C(86400) + 43200),
                                  cell_value(125),
                                  cell_text("=1+1"),
                                  cell_empty(),
                                  cell_value(-50),
                                  cell_value(4),
                                  cell_value(-25509 /* 1900-02-28 */),
                                  cell_value(-25508 * INT64_C(86400) /* 1900-03-01 */),
                                  cell_empty()};
    struct report_fixture f;
    struct buf sheet, styles;
    buf_init(&sheet, 1 << 20);
    buf_init(&styles, 1 << 20);
    sheet_of(&f, cells, 2, &sheet);
    assert_has(&sheet, "t=\"inlineStr\"><is><t>Peña</t></is></c>");
    assert_has(&sheet, "t=\"inlineStr\"><is><t>007</t></is></c>");
    assert_has(&sheet, "<v>1404.5</v>");
    assert_has(&sheet, "<v>-0.5</v>");
    assert_has(&sheet, "<v>46347</v>");
    assert_has(&sheet, "<v>46347.5</v>");
    assert_has(&sheet, "<v>0.125</v>");
    assert_has(&sheet, "t=\"inlineStr\"><is><t>=1+1</t></is></c>");
    assert_has(&sheet, "<is><t>1900-02-28</t></is>");
    assert_has(&sheet, "<v>61</v>");
    assert_has(&sheet, "<f>SUBTOTAL(109,C4:C5)</f><v>1404</v>");
    assert_has(&sheet, "<f>SUBTOTAL(109,D4:D5)</f><v>7</v>");
    assert_has(&sheet, "<tablePart r:id=\"rId1\"/>");
    ck_assert_ptr_null(strstr(buf_str(&sheet), "<autoFilter"));
    assert_has(
        &sheet,
        "<pane ySplit=\"3\" topLeftCell=\"A4\" activePane=\"bottomLeft\" state=\"frozen\"/>");
    assert_has(&sheet, "&amp;RPage &amp;P of &amp;N");
    ck_assert_uint_eq(occurrences(&sheet, "<f>"), 2);
    zip_member(scratch_path("report.xlsx"), "xl/styles.xml", &styles);
    assert_has(&styles, "formatCode=\"#,##0.0%\"");
    assert_has(&styles, "formatCode=\"mm/dd/yyyy\"");
    assert_has(&styles, "formatCode=\"mm/dd/yyyy hh:mm\"");
    buf_release(&sheet);
    buf_release(&styles);
}
END_TEST

START_TEST(an_empty_report_opens_and_sums_to_zero)
{
    struct report_fixture f;
    struct buf sheet;
    buf_init(&sheet, 1 << 20);
    sheet_of(&f, NULL, 0, &sheet);
    assert_has(&sheet, "<autoFilter ref=\"A3:G3\"/>");
    ck_assert_uint_eq(occurrences(&sheet, "<f>"), 0);
    ck_assert_uint_eq(occurrences(&sheet, "<v>0</v>"), 2);
    ck_assert_uint_eq(f.outcome.pages, 1);
    buf_release(&sheet);
}
END_TEST

/* Another program reads the workbook: what it takes for formulas are the totals alone. */
static void sheets_check(const char *path, const char *says)
{
    char program[512];
    const char *argv[] = {program, path, NULL};
    struct buf said;
    (void)snprintf(program, sizeof(program), "%s/tests/lib/sheets_check.py",
                   getenv("AFORO_SRCDIR"));
    buf_init(&said, 1 << 16);
    run_program(argv, &said);
    assert_has(&said, says);
    buf_release(&said);
}

START_TEST(no_hostile_name_is_a_formula)
{
    static struct report_cell cells[HOSTILE_NAMES * COLUMNS];
    static struct buf names[HOSTILE_NAMES];
    struct report_fixture f;
    struct buf sheet;
    buf_init(&sheet, 64 << 20);
    for (unsigned i = 0; i < HOSTILE_NAMES; i++) {
        buf_init(&names[i], 4096);
        hostile_name(i, &names[i]);
        for (size_t c = 0; c < COLUMNS; c++) {
            cells[i * COLUMNS + c] = cell_empty();
        }
        cells[i * COLUMNS] = (struct report_cell){.text = names[i].data, .len = names[i].len};
        cells[i * COLUMNS + 1] = cells[i * COLUMNS];
    }
    sheet_of(&f, cells, HOSTILE_NAMES, &sheet);
    ck_assert_uint_eq(occurrences(&sheet, "<f>"), 2); /* the two totals */
    ck_assert_uint_eq(occurrences(&sheet, "t=\"inlineStr\""),
                      2 + COLUMNS + 2 * HOSTILE_NAMES + 1);
    ck_assert(utf8_valid(sheet.data, sheet.len));
    for (size_t i = 0; i < sheet.len; i++) {
        unsigned char c = (unsigned char)sheet.data[i];
        ck_assert_msg(c >= 0x20 || c == '\n' || c == '\t', "byte %u", c);
    }
    ck_assert_uint_eq(occurrences(&sheet, "\xEF\xBF\xBE"), 0);
    ck_assert_uint_eq(occurrences(&sheet, "_x005F_x0041_ _x005F_x000D_"),
                      2 * occurrences(&sheet, "_x0041_") / 2);
    ck_assert_uint_gt(f.outcome.repaired, 0);
    sheets_check(scratch_path("report.xlsx"), "1 workbooks, 2 formulas");
    for (unsigned i = 0; i < HOSTILE_NAMES; i++) {
        buf_release(&names[i]);
    }
    buf_release(&sheet);
}
END_TEST

START_TEST(numbers_with_more_digits_than_a_double_are_text)
{
    static const struct {
        int64_t count, amount;
        const char *number, *text; /* one of them for each column: "count amount" */
    } cases[] = {{INT64_C(9007199254740992), 0, "<v>9007199254740992</v>", NULL},
                 {INT64_C(-9007199254740992), 0, "<v>-9007199254740992</v>", NULL},
                 {INT64_C(9007199254740993), 0, NULL, "<t>9007199254740993</t>"},
                 {INT64_C(-9007199254740993), 0, NULL, "<t>-9007199254740993</t>"},
                 {0, INT64_C(999999999999999), "<v>9999999999999.99</v>", NULL},
                 {0, INT64_C(1000000000000000), NULL, "<t>10000000000000.00</t>"},
                 {INT64_MAX, 0, NULL, "<t>9223372036854775807</t>"},
                 {0, INT64_MIN, NULL, "<t>-92233720368547758.08</t>"}};
    for (size_t i = 0; i < count_of(cases); i++) {
        struct report_cell cells[] = {cell_text("x"),
                                      cell_empty(),
                                      cell_value(cases[i].amount),
                                      cell_value(cases[i].count),
                                      cell_empty(),
                                      cell_empty(),
                                      cell_empty()};
        struct report_fixture f;
        struct buf sheet;
        buf_init(&sheet, 1 << 20);
        sheet_of(&f, cells, 1, &sheet);
        const char *part = cases[i].number != NULL ? cases[i].number : cases[i].text;
        ck_assert_msg(occurrences(&sheet, part) == 2, "%s", part); /* the cell and its total */
        ck_assert_uint_eq(occurrences(&sheet, "<f>"), cases[i].number != NULL ? 2 : 1);
        ck_assert_uint_eq(f.outcome.numbers_as_text, cases[i].number != NULL ? 0 : 2);
        ck_assert_uint_eq(f.outcome.pages,
                          cases[i].number != NULL ? 1 : 2); /* a note says so */
        buf_release(&sheet);
    }
}
END_TEST

START_TEST(texts_are_cut_at_the_cell_limit_in_utf16_units)
{
    static const struct {
        size_t chars;
        const char *unit;
        uint64_t cut;
    } cases[] = {{32767, "a", 0},
                 {32768, "a", 1},
                 {32767, "\xC3\xB1", 0},
                 {32768, "\xC3\xB1", 1},
                 {16383, "\xF0\x9F\x92\xA7", 0},
                 {16384, "\xF0\x9F\x92\xA7", 1},
                 {4681, "_x0041_", 1}};
    for (size_t i = 0; i < count_of(cases); i++) {
        struct buf text, sheet;
        struct report_fixture f;
        buf_init(&text, 1 << 20);
        buf_init(&sheet, 1 << 20);
        for (size_t n = 0; n < cases[i].chars; n++) {
            buf_adds(&text, cases[i].unit);
        }
        struct report_cell cells[COLUMNS] = {cell_text(buf_str(&text)),
                                             cell_empty(),
                                             cell_empty(),
                                             cell_empty(),
                                             cell_empty(),
                                             cell_empty(),
                                             cell_empty()};
        sheet_of(&f, cells, 1, &sheet);
        ck_assert_msg(f.outcome.cut == cases[i].cut, "case %zu", i);
        ck_assert_uint_eq(occurrences(&sheet, "\xE2\x80\xA6</t>"), cases[i].cut);
        ck_assert(utf8_valid(sheet.data, sheet.len));
        buf_release(&text);
        buf_release(&sheet);
    }
}
END_TEST

static enum err_code count_up(void *ctx, struct report_cell *cells, bool *eof, struct err *e)
{
    uint64_t *left = ctx;
    (void)e;
    *eof = *left == 0;
    if (!*eof) {
        *left -= 1;
        cells[0] = cell_value(1);
        cells[1] = cell_value(2);
    }
    return ERR_OK;
}

static void table_of(uint64_t rows, struct buf *sheet, struct buf *table)
{
    static const struct report_column two[] = {
        {"n", "Fecha", NULL, REPORT_INTEGER, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
        {"m", "FECHA", NULL, REPORT_INTEGER, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE}};
    static const struct report_chart chart = {REPORT_CHART_COLUMNS, 0, {0}, 1};
    uint64_t left = rows;
    struct report_fixture f;
    const char *path = scratch_path("table.xlsx");
    fixture_init(&f, two, 2, NULL, 0);
    f.doc.chart = &chart;
    f.doc.rows.ctx = &left;
    f.doc.rows.next = count_up;
    fixture_write(&f, "xlsx", path);
    zip_member(path, "xl/worksheets/sheet1.xml", sheet);
    if (rows <= 100000) {
        zip_member(path, "xl/tables/table1.xml", table);
    }
}

/* Up to 100,000 rows are a table, whose headings are one each; one more, and it is a filter. */
START_TEST(rows_are_a_table_up_to_its_limit)
{
    struct buf sheet, table;
    buf_init(&sheet, 64 << 20);
    buf_init(&table, 1 << 20);
    table_of(100000, &sheet, &table);
    assert_has(&table, "ref=\"A3:B100003\"");
    assert_has(&table, "<tableColumn id=\"1\" name=\"Fecha\"");
    assert_has(&table, "<tableColumn id=\"2\" name=\"FECHA 2\"");
    assert_has(&sheet, "<is><t>FECHA 2</t></is>");
    ck_assert_ptr_null(strstr(buf_str(&sheet), "<autoFilter"));
    buf_clear(&sheet);
    table_of(100001, &sheet, &table);
    assert_has(&sheet, "<autoFilter ref=\"A3:B100004\"/>");
    ck_assert_ptr_null(strstr(buf_str(&sheet), "<tablePart"));
    buf_release(&sheet);
    buf_release(&table);
}
END_TEST

START_TEST(a_chart_refers_to_the_rows)
{
    struct buf sheet, table, chart;
    buf_init(&sheet, 1 << 20);
    buf_init(&table, 1 << 20);
    buf_init(&chart, 1 << 20);
    table_of(12, &sheet, &table);
    zip_member(scratch_path("table.xlsx"), "xl/charts/chart1.xml", &chart);
    assert_has(&chart, "<c:f>'Lecturas del período'!$A$4:$A$15</c:f>");
    buf_release(&sheet);
    buf_release(&table);
    buf_release(&chart);
}
END_TEST

/* The last row that fits a sheet, and the first that does not. */
START_TEST(rows_go_on_to_a_second_sheet_and_totals_span_both)
{
    static const struct report_column one[] = {
        {"n", "N", NULL, REPORT_INTEGER, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM}};
    uint64_t rows = SHEET_DATA_ROWS + (uint64_t)_i, left = rows;
    struct report_fixture f;
    struct buf sheet;
    char last[64];
    const char *path = scratch_path("large.xlsx");
    buf_init(&sheet, 256 << 20);
    fixture_init(&f, one, 1, NULL, 0);
    f.doc.rows.ctx = &left;
    f.doc.rows.next = count_up;
    fixture_write(&f, "xlsx", path);
    ck_assert_uint_eq(f.outcome.rows, rows);
    ck_assert_uint_eq(f.outcome.pages, 1 + (unsigned)_i);
    zip_member(path, "xl/worksheets/sheet1.xml", &sheet);
    assert_has(&sheet, "<c r=\"A1048575\" s=");
    (void)snprintf(last, sizeof(last), "<f>SUBTOTAL(109,A4:A1048575)</f><v>%llu</v>",
                   (unsigned long long)rows);
    ck_assert_int_eq(strstr(buf_str(&sheet), last) != NULL, _i == 0);
    if (_i == 1) {
        buf_clear(&sheet);
        zip_member(path, "xl/worksheets/sheet2.xml", &sheet);
        assert_has(&sheet, "<autoFilter ref=\"A3:A4\"/>");
        assert_has(
            &sheet,
            "<f>SUM('Lecturas del período'!A4:A1048575,'Lecturas del período 2'!A4:A4)</f>"
            "<v>1048573</v>");
    }
    buf_release(&sheet);
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(sheet_names_are_always_ones_that_excel_opens)
{
    static const struct {
        const char *title, *name;
    } cases[] = {{"Facturas: 11/2026 [final]?*\\", "name=\"Facturas  11 2026  final\""},
                 {"History", "name=\"Report\""},
                 {"'quoted'", "name=\" quoted\""},
                 {"***", "name=\"Report\""},
                 {"", "name=\"Report\""},
                 {"Informe de lecturas pendientes de validación",
                  "name=\"Informe de lecturas pendientes \""},
                 {"A & B <x>", "name=\"A &amp; B &lt;x&gt;\""},
                 {"Notes", "name=\"Notes 201\""}};
    static const char *const notes[] = {"n"};
    for (size_t i = 0; i < count_of(cases); i++) {
        struct report_fixture f;
        struct buf book;
        const char *path = scratch_path("name.xlsx");
        buf_init(&book, 1 << 20);
        fixture_init(&f, columns, COLUMNS, NULL, 0);
        f.doc.title = cases[i].title;
        f.doc.notes = notes;
        f.doc.note_count = 1;
        fixture_write(&f, "xlsx", path);
        zip_member(path, "xl/workbook.xml", &book);
        const char *want = cases[i].name;
        char trimmed[128];
        (void)snprintf(trimmed, sizeof(trimmed), "%s", want);
        size_t len = strlen(trimmed);
        if (len > 2 && trimmed[len - 2] == ' ') { /* blanks at the end are dropped */
            trimmed[len - 2] = '"';
            trimmed[len - 1] = '\0';
        }
        assert_has(&book, trimmed);
        buf_release(&book);
    }
}
END_TEST

START_TEST(the_same_report_gives_the_same_bytes)
{
    struct report_cell cells[COLUMNS] = {cell_text("x"), cell_empty(),  cell_value(5),
                                         cell_value(6),  cell_value(7), cell_empty(),
                                         cell_empty()};
    struct report_fixture f;
    struct buf one, two;
    buf_init(&one, 1 << 20);
    buf_init(&two, 1 << 20);
    fixture_init(&f, columns, COLUMNS, cells, 1);
    fixture_write(&f, "xlsx", scratch_path("a.xlsx"));
    file_read(scratch_path("a.xlsx"), &one);
    fixture_write(&f, "xlsx", scratch_path("a.xlsx"));
    file_read(scratch_path("a.xlsx"), &two);
    ck_assert_uint_eq(one.len, two.len);
    ck_assert_mem_eq(one.data, two.data, one.len);
    buf_release(&one);
    buf_release(&two);
}
END_TEST

Suite *suite_out_xlsx(void)
{
    Suite *s = suite_create("out_xlsx");
    TCase *t = tcase_create("xlsx");
    tcase_set_timeout(t, 180);
    tcase_add_test(t, cells_are_typed_and_totals_are_formulas_with_values);
    tcase_add_test(t, an_empty_report_opens_and_sums_to_zero);
    tcase_add_test(t, no_hostile_name_is_a_formula);
    tcase_add_test(t, numbers_with_more_digits_than_a_double_are_text);
    tcase_add_test(t, texts_are_cut_at_the_cell_limit_in_utf16_units);
    tcase_add_test(t, rows_are_a_table_up_to_its_limit);
    tcase_add_test(t, a_chart_refers_to_the_rows);
    tcase_add_loop_test(t, rows_go_on_to_a_second_sheet_and_totals_span_both, 0, 2);
    tcase_add_test(t, sheet_names_are_always_ones_that_excel_opens);
    tcase_add_test(t, the_same_report_gives_the_same_bytes);
    suite_add_tcase(s, t);
    return s;
}
