#include <config.h>

#include "tests/unit/check_reports.h"

#include <string.h>

#include "base/csv.h"

static const struct report_column columns[] = {
    {"name", "Nombre", NULL, REPORT_TEXT, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"serial", "Medidor", NULL, REPORT_ID, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"amount", "Monto", "₡", REPORT_MONEY, 2, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
    {"on", "Fecha", NULL, REPORT_DATE, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
};

static void assert_csv(const struct report_cell *cells, size_t rows, const char *expected)
{
    struct report_fixture f;
    struct buf content;
    const char *path = scratch_path("plain.csv");
    buf_init(&content, 1 << 20);
    fixture_init(&f, columns, count_of(columns), cells, rows);
    fixture_write(&f, "csv", path);
    file_read(path, &content);
    ck_assert_str_eq(buf_str(&content), expected);
    ck_assert_uint_eq(f.outcome.rows, rows);
    buf_release(&content);
}

START_TEST(rows_are_rfc_4180_with_machine_numbers)
{
    struct report_cell cells[] = {
        cell_text("Peña, \"José\""), cell_text("007"), cell_value(-140450), cell_value(20778),
        cell_text(" a\nb"),          cell_empty(),     cell_empty(),        cell_empty()};
    assert_csv(cells, 2,
               "name,serial,amount,on\r\n"
               "\"Peña, \"\"José\"\"\",007,-1404.50,2026-11-21\r\n"
               "\" a\nb\",,,\r\n");
}
END_TEST

START_TEST(an_empty_report_is_its_headings)
{
    assert_csv(NULL, 0, "name,serial,amount,on\r\n");
}
END_TEST

START_TEST(formula_starts_get_an_apostrophe_numbers_do_not)
{
    struct report_cell cells[] = {
        cell_text("=1+1"),      cell_text("+506 2222"), cell_value(-1), cell_empty(),
        cell_text("a;=1"),      cell_text("@x"),        cell_value(0),  cell_empty(),
        cell_text("\t=1"),      cell_text("-"),         cell_value(5),  cell_empty(),
        cell_text("a=b-c+d@e"), cell_text("\";=1"),     cell_value(5),  cell_empty()};
    assert_csv(cells, 4,
               "name,serial,amount,on\r\n"
               "'=1+1,'+506 2222,-0.01,\r\n"
               "\"a;'=1\",'@x,0.00,\r\n"
               "\"'\t'=1\",'-,0.05,\r\n"
               "a=b-c+d@e,\"\"\";'=1\",0.05,\r\n");
}
END_TEST

/* No field, split at any separator a spreadsheet may be set to and stripped of blanks and
 * quotes, begins a formula. */
static void assert_no_formula(const char *field, size_t len, unsigned n)
{
    bool start = true;
    for (size_t i = 0; i < len; i++) {
        ck_assert_msg(!(start && strchr("=+-@", field[i]) != NULL && field[i] != '\0'),
                      "name %u: %.*s", n, (int)len, field);
        start = strchr(";\t|\r\n", field[i]) != NULL ||
                (start && (field[i] == ' ' || field[i] == '"'));
    }
}

START_TEST(no_hostile_name_is_a_formula_or_breaks_its_row)
{
    static struct report_cell cells[HOSTILE_NAMES * 4];
    static struct buf names[HOSTILE_NAMES];
    struct report_fixture f;
    struct csv *csv = NULL;
    struct csv_row row;
    struct err e = ERR_INIT;
    bool eof = false;
    const char *path = scratch_path("hostile.csv");
    for (unsigned i = 0; i < HOSTILE_NAMES; i++) {
        buf_init(&names[i], 4096);
        hostile_name(i, &names[i]);
        cells[i * 4] = (struct report_cell){.text = names[i].data, .len = names[i].len};
        cells[i * 4 + 1] = cells[i * 4];
        cells[i * 4 + 2] = cell_value(i);
        cells[i * 4 + 3] = cell_value(i);
    }
    fixture_init(&f, columns, count_of(columns), cells, HOSTILE_NAMES);
    fixture_write(&f, "csv", path);
    ck_assert_uint_gt(f.outcome.repaired, 0);
    ck_assert_int_eq(csv_open(path, ',', false, &csv, &e), ERR_OK);
    ck_assert_int_eq(csv_next(csv, &row, &eof, &e), ERR_OK);
    for (unsigned i = 0; i < HOSTILE_NAMES; i++) {
        struct buf number;
        buf_init(&number, 64);
        report_print_scaled(i, 2, &number);
        ck_assert_int_eq(csv_next(csv, &row, &eof, &e), ERR_OK);
        ck_assert_msg(!eof && row.fault == CSV_FINE && row.count == count_of(columns),
                      "name %u: %s", i, csv_fault_text(row.fault));
        assert_no_formula(row.fields[0].data, row.fields[0].len, i);
        ck_assert_str_eq(row.fields[0].data, row.fields[1].data);
        ck_assert_str_eq(row.fields[2].data, buf_str(&number));
        buf_release(&number);
        buf_release(&names[i]);
    }
    ck_assert_int_eq(csv_next(csv, &row, &eof, &e), ERR_OK);
    ck_assert(eof);
    csv_close(csv);
}
END_TEST

static enum err_code fail_at_third(void *ctx, struct report_cell *cells, bool *eof,
                                   struct err *e)
{
    int *count = ctx;
    *eof = false;
    for (size_t i = 0; i < count_of(columns); i++) {
        cells[i] = cell_empty();
    }
    *count += 1;
    return *count < 3 ? ERR_OK : err_set(e, ERR_DB, "the third row is gone");
}

START_TEST(a_source_that_fails_leaves_no_file)
{
    for (size_t i = 0; i < report_format_count; i++) {
        struct report_fixture f;
        struct err e = ERR_INIT;
        int count = 0;
        size_t before = scratch_count();
        fixture_init(&f, columns, count_of(columns), NULL, 0);
        f.doc.rows.ctx = &count;
        f.doc.rows.next = fail_at_third;
        ck_assert_int_eq(report_write(&report_formats[i], &f.doc, &f.options,
                                      scratch_path("none"), &f.outcome, &e),
                         ERR_DB);
        ck_assert_str_eq(e.text, "the third row is gone");
        ck_assert_uint_eq(scratch_count(), before);
    }
}
END_TEST

static enum err_code endless(void *ctx, struct report_cell *cells, bool *eof, struct err *e)
{
    (void)ctx;
    (void)e;
    *eof = false;
    for (size_t i = 0; i < count_of(columns); i++) {
        cells[i] = cell_empty();
    }
    return ERR_OK;
}

static bool stop_at_second(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    int *calls = ctx;
    (void)what;
    (void)total;
    *calls += 1;
    ck_assert_uint_eq(done, (uint64_t)*calls * REPORT_PROGRESS_ROWS);
    return *calls < 2;
}

START_TEST(the_user_can_stop_any_format)
{
    for (size_t i = 0; i < report_format_count; i++) {
        struct report_fixture f;
        struct err e = ERR_INIT;
        int calls = 0;
        struct progress progress = {&calls, stop_at_second};
        size_t before = scratch_count();
        fixture_init(&f, columns, count_of(columns), NULL, 0);
        f.doc.rows.next = endless;
        f.options.progress = &progress;
        ck_assert_int_eq(report_write(&report_formats[i], &f.doc, &f.options,
                                      scratch_path("none"), &f.outcome, &e),
                         ERR_CANCELLED);
        ck_assert_int_eq(calls, 2);
        ck_assert_uint_eq(scratch_count(), before);
    }
}
END_TEST

Suite *suite_out_csv(void)
{
    Suite *s = suite_create("out_csv");
    TCase *t = tcase_create("csv");
    tcase_add_test(t, rows_are_rfc_4180_with_machine_numbers);
    tcase_add_test(t, an_empty_report_is_its_headings);
    tcase_add_test(t, formula_starts_get_an_apostrophe_numbers_do_not);
    tcase_add_test(t, no_hostile_name_is_a_formula_or_breaks_its_row);
    tcase_add_test(t, a_source_that_fails_leaves_no_file);
    tcase_add_test(t, the_user_can_stop_any_format);
    suite_add_tcase(s, t);
    return s;
}
