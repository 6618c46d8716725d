/* Workbooks of others: what their cells say, and what is refused by the cell's name. */
#include <config.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/xlsx.h"
#include "base/xlsx_cell.h"
#include "lib/office_fixture.h"
#include "lib/workbook.h"

Suite *suite_xlsx(void);

static char folder[FIXTURE_PATH_MAX];
static char path[FIXTURE_PATH_MAX + 32];
static struct xlsx *x;
static struct csv_row row;
static struct err e;
static bool eof;

static void setup(void)
{
    fixture_temp_folder(folder);
    (void)snprintf(path, sizeof path, "%s/a.xlsx", folder);
    e = (struct err)ERR_INIT;
    x = NULL;
}

static void teardown(void)
{
    xlsx_close(x);
    fixture_remove_folder(folder);
}

static void open_sheet(bool base_1904, const char *rows, const char *after, const char *texts)
{
    size_t size = strlen(rows) + strlen(after) + 64;
    char *sheet = malloc(size);
    ck_assert_ptr_nonnull(sheet);
    (void)snprintf(sheet, size, "<sheetData>%s</sheetData>%s", rows, after);
    ck_assert(workbook_write(path, base_1904, sheet, texts));
    free(sheet);
    ck_assert(xlsx_is(path));
    ck_assert_msg(xlsx_open(path, NULL, &x, &e) == ERR_OK, "%s", e.text);
}

static void next(void)
{
    ck_assert_msg(xlsx_next(x, &row, &eof, &e) == ERR_OK, "%s", e.text);
}

static const char *cell(size_t column)
{
    ck_assert_uint_le(column, row.count);
    ck_assert_msg(row.fields[column - 1].fault == NULL, "%s", row.fields[column - 1].fault);
    ck_assert_uint_eq(row.fields[column - 1].len, strlen(row.fields[column - 1].data));
    return row.fields[column - 1].data;
}

static const char *fault(size_t column)
{
    ck_assert_uint_le(column, row.count);
    ck_assert_ptr_nonnull(row.fields[column - 1].fault);
    return row.fields[column - 1].fault;
}

START_TEST(numbers_are_what_the_sheet_shows)
{
    static const struct {
        const char *stored, *shown;
        bool exact;
    } rows[] = {
        {"1", "1", true},
        {"-0", "0", true},
        {"0.1", "0.1", true},
        {"1.1000000000000001", "1.1", true},
        {"0.30000000000000004", "0.3", true},
        {"4.1E-2", "0.041", true},
        {"1.5E3", "1500", true},
        {"1e+15", "1000000000000000", false},
        {"999999999999999", "999999999999999", true},
        {"1234567890123456", "1234567890123460", false},
        {"999999999999999.5", "1000000000000000", false},
        {"99999.9999999999999", "100000", true},
        {"-12.50", "-12.5", true},
        {"1e-40", "0", true},
        {"1e300", "", false},
        {"0.000001", "0.000001", true},
        {"402", "402", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[XLSX_NUMBER_MAX];
        bool exact = false;
        ck_assert_msg(xlsx_number(rows[i].stored, out, &exact), "%s", rows[i].stored);
        ck_assert_str_eq(out, rows[i].shown);
        ck_assert_msg(exact == rows[i].exact, "%s", rows[i].stored);
    }
    static const char *const bad[] = {"", "-", ".", "1e", "1e+", "0x10", "1,5", "NaN", "1.2.3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char out[XLSX_NUMBER_MAX];
        bool exact = false;
        ck_assert_msg(!xlsx_number(bad[i], out, &exact), "%s", bad[i]);
    }
}
END_TEST

START_TEST(serial_days_of_both_bases)
{
    static const struct {
        const char *serial;
        bool base_1904;
        const char *shown; /* NULL: none */
    } rows[] = {
        {"1", false, "1900-01-01 00:00:00"},
        {"59", false, "1900-02-28 00:00:00"},
        {"60", false, NULL},
        {"60.5", false, NULL},
        {"61", false, "1900-03-01 00:00:00"},
        {"45322", false, "2024-01-31 00:00:00"},
        {"43860", true, "2024-01-31 00:00:00"},
        {"0", true, "1904-01-01 00:00:00"},
        {"0.5", false, "1899-12-31 12:00:00"},
        {"45322.4270833333", false, "2024-01-31 10:15:00"},
        {"45322.999999", false, "2024-02-01 00:00:00"},
        {"2958465", false, "9999-12-31 00:00:00"},
        {"2958466", false, NULL},
        {"-1", false, NULL},
        {"", false, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct civil c;
        char text[32];
        bool ok = xlsx_serial(rows[i].serial, rows[i].base_1904, &c);
        ck_assert_msg(ok == (rows[i].shown != NULL), "%s", rows[i].serial);
        if (ok) {
            (void)snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d", c.date.year,
                           c.date.month, c.date.day, c.hour, c.minute, c.second);
            ck_assert_str_eq(text, rows[i].shown);
        }
    }
}
END_TEST

START_TEST(formats_that_show_dates)
{
    static const struct {
        int id;
        const char *code;
        bool date;
    } rows[] = {{0, NULL, false},
                {14, NULL, true},
                {22, NULL, true},
                {23, NULL, false},
                {45, NULL, true},
                {164, "0.00", false},
                {164, "dd/mm/yyyy", true},
                {164, "General", false},
                {164, "\"kWh d\"0", false},
                {164, "[Red]0", false},
                {164, "[h]:mm", true},
                {164, "[$-409]d\\-mmm", true},
                {164, "#,##0\\ \"m\"", false},
                {164, "0\\d", false},
                {164, "\"open", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg(xlsx_format_is_date(rows[i].id, rows[i].code) == rows[i].date, "%s",
                      rows[i].code != NULL ? rows[i].code : "(built in)");
    }
}
END_TEST

START_TEST(cells_of_every_type_are_read)
{
    open_sheet(
        false,
        "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\"><v>1.1000000000000001"
        "</v></c><c r=\"D2\" s=\"1\"><v>45322</v></c><c r=\"E2\" t=\"b\"><v>1</v></c><c "
        "r=\"F2\" t=\"inlineStr\"><is><r><t>a</t></r><r><t>b</t></r></is></c><c r=\"G2\" "
        "t=\"str\"><f>A1</f><v>x</v></c><c r=\"H2\"><f>1+1</f><v>2</v></c><c r=\"I2\" "
        "t=\"d\"><v>2024-01-31T10:15:00</v></c><c r=\"J2\" s=\"3\"/></row>"
        "<row r=\"3\" hidden=\"1\"><c><v>7</v></c></row><row r=\"4\"/>"
        "<row r=\"9\"><c r=\"A9\" s=\"2\"><v>0.5</v></c></row>",
        "",
        "<si><t>no</t></si><si><r><t>Año </t></r><r><t>uno</t></r><rPh><t>z</t></rPh></si>");
    next();
    ck_assert(!eof && row.typed && !row.hidden);
    ck_assert_uint_eq(row.line, 2);
    ck_assert_uint_eq(row.count, 9);
    ck_assert_str_eq(cell(1), "Añouno"); /* blanks at the ends of a run are not kept */
    ck_assert_str_eq(cell(2), "1.1");
    ck_assert_int_eq(row.fields[1].type, CSV_NUMBER);
    ck_assert_str_eq(cell(3), "");
    ck_assert_str_eq(cell(4), "2024-01-31 00:00:00");
    ck_assert_int_eq(row.fields[3].type, CSV_CIVIL);
    ck_assert_str_eq(cell(5), "TRUE");
    ck_assert_str_eq(cell(6), "ab");
    ck_assert_str_eq(cell(7), "x");
    ck_assert_str_eq(cell(8), "2");
    ck_assert_str_eq(cell(9), "2024-01-31 10:15:00");
    next();
    ck_assert(row.hidden);
    ck_assert_uint_eq(row.line, 3);
    next();
    ck_assert_uint_eq(row.line, 9);
    ck_assert_str_eq(cell(1), "1899-12-31 12:00:00");
    next();
    ck_assert(eof);
}
END_TEST

START_TEST(what_cannot_be_used_is_named_by_its_cell)
{
    open_sheet(false,
               "<row r=\"5\"><c r=\"A5\"><f>B5*2</f></c><c r=\"B5\" t=\"e\"><v>#N/A</v></c><c "
               "r=\"C5\"><v>12345678901234567</v></c><c r=\"D5\" s=\"1\"><v>60</v></c><c "
               "r=\"E5\" t=\"s\"><v>99</v></c><c r=\"F5\"><v>uno</v></c><c "
               "r=\"G5\"><f>1+1</f><v></v></c><c "
               "r=\"AA5\"><v>1</v></c></row>"
               "<row r=\"6\"><c r=\"A6\"><v>1</v></c><c r=\"B6\"><v>2</v></c></row>",
               "<mergeCells><mergeCell ref=\"B6:C7\"/></mergeCells>", NULL);
    next();
    ck_assert_ptr_nonnull(strstr(fault(1), "A5"));
    ck_assert_ptr_nonnull(strstr(fault(1), "formula"));
    ck_assert_ptr_nonnull(strstr(fault(2), "B5 holds an error"));
    ck_assert_ptr_nonnull(strstr(fault(3), "C5 holds a number of more than 15"));
    ck_assert_ptr_nonnull(strstr(fault(4), "D5"));
    ck_assert_ptr_nonnull(strstr(fault(5), "E5 names a text"));
    ck_assert_ptr_nonnull(strstr(fault(6), "F5"));
    ck_assert_ptr_nonnull(strstr(fault(7), "G5 holds a formula"));
    ck_assert_str_eq(cell(27), "1");
    next();
    ck_assert_str_eq(cell(1), "1");
    ck_assert_ptr_nonnull(strstr(fault(2), "B6 is merged"));
    ck_assert_ptr_nonnull(strstr(fault(3), "C6 is merged"));
}
END_TEST

static void refused(enum err_code code, const char *text)
{
    e = (struct err)ERR_INIT;
    enum err_code got = xlsx_open(path, NULL, &x, &e);
    while (got == ERR_OK && (got = xlsx_next(x, &row, &eof, &e)) == ERR_OK && !eof) {
    }
    ck_assert_int_eq(got, code);
    ck_assert_msg(strstr(e.text, text) != NULL, "%s", e.text);
    xlsx_close(x);
    x = NULL;
}

START_TEST(broken_workbooks_are_refused)
{
    static const struct {
        const char *sheet, *text;
    } sheets[] = {
        {"<sheetData><row r=\"2\"><c r=\"A2\"><v>1</v>", "well-formed"},
        {"<sheetData><row r=\"2\"/><row r=\"2\"/></sheetData>", "not in order"},
        {"<sheetData><row r=\"2\"><c r=\"B2\"/><c r=\"A2\"/></row></sheetData>",
         "not in order"},
        {"<sheetData><row r=\"2\"><c r=\"A3\"/></row></sheetData>", "no proper place"},
        {"<sheetData><row r=\"2000000\"/></sheetData>", "not in order"},
        {"<mergeCells><mergeCell ref=\"A1:Z\"/></mergeCells>", "merged"},
    };
    for (size_t i = 0; i < sizeof sheets / sizeof sheets[0]; i++) {
        ck_assert(workbook_write(path, false, sheets[i].sheet, NULL));
        refused(ERR_PARSE, sheets[i].text);
    }
    const struct workbook_part nothing[] = {{"a.txt", "x", 1}, {NULL, NULL, 0}};
    ck_assert(workbook_pack(path, nothing));
    refused(ERR_PARSE, "no xlsx workbook");
    const char *dtd = "<!DOCTYPE w [<!ENTITY a \"b\">]><workbook/>";
    const struct workbook_part entity[] = {{"xl/workbook.xml", dtd, strlen(dtd)},
                                           {NULL, NULL, 0}};
    ck_assert(workbook_pack(path, entity));
    refused(ERR_PARSE, "document type");
}
END_TEST

START_TEST(a_file_that_is_cut_is_refused_wherever)
{
    open_sheet(false, "<row r=\"1\"><c><v>1</v></c></row>", "", NULL);
    xlsx_close(x);
    x = NULL;
    FILE *f = fopen(path, "rb");
    static char bytes[16384];
    size_t len = fread(bytes, 1, sizeof bytes, f);
    (void)fclose(f);
    ck_assert_uint_gt(len, 100);
    for (size_t cut = 0; cut < len; cut += 7) {
        f = fopen(path, "wb");
        ck_assert(f != NULL && fwrite(bytes, 1, cut, f) == cut && fclose(f) == 0);
        e = (struct err)ERR_INIT;
        ck_assert_int_ne(xlsx_open(path, NULL, &x, &e), ERR_OK);
        ck_assert_ptr_null(x);
    }
}
END_TEST

/* A megabyte of spaces packs to a thousandth. */
START_TEST(a_bomb_is_refused_and_takes_no_memory)
{
    size_t len = (size_t)300 << 20;
    char *sst = malloc(len);
    struct rusage before;
    struct rusage after;
    ck_assert_ptr_nonnull(sst);
    memset(sst, ' ', len);
    memcpy(sst, "<sst>", 5);
    static const char book[] =
        "<workbook><sheets><sheet name=\"a\" id=\"r\"/></sheets></workbook>";
    static const char relations[] =
        "<Relationships><Relationship Id=\"r\" Target=\"s.xml\"/></Relationships>";
    static const char sheet[] = "<worksheet/>";
    const struct workbook_part bomb[] = {
        {"xl/workbook.xml", book, sizeof book - 1},
        {"xl/_rels/workbook.xml.rels", relations, sizeof relations - 1},
        {"xl/s.xml", sheet, sizeof sheet - 1},
        {"xl/sharedStrings.xml", sst, len},
        {NULL, NULL, 0}};
    ck_assert(workbook_pack(path, bomb));
    free(sst);
    (void)getrusage(RUSAGE_SELF, &before);
    refused(ERR_LIMIT, "too large");
    (void)getrusage(RUSAGE_SELF, &after);
    ck_assert_int_le(after.ru_maxrss - before.ru_maxrss, 40 << 10);
}
END_TEST

START_TEST(a_list_of_too_many_parts_is_refused_before_it_is_read)
{
    /* The end of a zip's list: 65,535 parts in 4 GB. */
    static const char tail[] = "PK\x03\x04"
                               "PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0";
    FILE *f = fopen(path, "wb");
    ck_assert(f != NULL && fwrite(tail, 1, sizeof tail - 1, f) == sizeof tail - 1 &&
              fclose(f) == 0);
    refused(ERR_LIMIT, "parts");
}
END_TEST

START_TEST(a_sheet_is_chosen_by_name)
{
    ck_assert(workbook_write(path, false, "<sheetData/>", NULL));
    ck_assert_int_eq(xlsx_open(path, "Hoja", &x, &e), ERR_OK);
    xlsx_close(x);
    x = NULL;
    ck_assert_int_eq(xlsx_open(path, "Otra", &x, &e), ERR_PARSE);
    ck_assert_ptr_nonnull(strstr(e.text, "\"Oculta\", \"Hoja\""));
}
END_TEST

Suite *suite_xlsx(void)
{
    Suite *s = suite_create("xlsx");
    TCase *t = tcase_create("files");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, numbers_are_what_the_sheet_shows);
    tcase_add_test(t, serial_days_of_both_bases);
    tcase_add_test(t, formats_that_show_dates);
    tcase_add_test(t, cells_of_every_type_are_read);
    tcase_add_test(t, what_cannot_be_used_is_named_by_its_cell);
    tcase_add_test(t, broken_workbooks_are_refused);
    tcase_add_test(t, a_file_that_is_cut_is_refused_wherever);
    tcase_add_test(t, a_bomb_is_refused_and_takes_no_memory);
    tcase_add_test(t, a_list_of_too_many_parts_is_refused_before_it_is_read);
    tcase_add_test(t, a_sheet_is_chosen_by_name);
    suite_add_tcase(s, t);
    return s;
}
