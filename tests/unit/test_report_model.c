#include <config.h>

#include "tests/unit/check_reports.h"

#include <string.h>

static const struct report_column plain[] = {
    {"name", "Name", NULL, REPORT_TEXT, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    {"amount", "Amount", "₡", REPORT_MONEY, 2, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM},
};

static enum err_code init_one(struct report_column column)
{
    struct report_run run;
    struct report_fixture f;
    struct err e = ERR_INIT;
    fixture_init(&f, &column, 1, NULL, 0);
    return report_run_init(&run, &f.doc, &e);
}

START_TEST(columns_that_do_not_go_together_are_refused)
{
    struct report_column c = plain[1];
    ck_assert_int_eq(init_one(c), ERR_OK);
    c.decimals = REPORT_DECIMALS_MAX;
    ck_assert_int_eq(init_one(c), ERR_OK);
    c.decimals = REPORT_DECIMALS_MAX + 1;
    ck_assert_int_eq(init_one(c), ERR_RANGE);
    c = plain[0];
    c.total = REPORT_TOTAL_SUM;
    ck_assert_int_eq(init_one(c), ERR_RANGE);
    c = plain[0];
    c.decimals = 1;
    ck_assert_int_eq(init_one(c), ERR_RANGE);
    c = plain[0];
    c.id = "";
    ck_assert_int_eq(init_one(c), ERR_RANGE);
    c = plain[1];
    c.type = REPORT_PERCENT; /* percentages of different things have no sum */
    ck_assert_int_eq(init_one(c), ERR_RANGE);
    c = plain[1];
    c.type = REPORT_INTEGER;
    ck_assert_int_eq(init_one(c), ERR_RANGE);
}
END_TEST

START_TEST(column_count_is_limited)
{
    static struct report_column many[REPORT_COLUMNS_MAX + 1];
    struct report_run run;
    struct report_fixture f;
    for (size_t i = 0; i < count_of(many); i++) {
        many[i] = plain[0];
    }
    fixture_init(&f, many, REPORT_COLUMNS_MAX, NULL, 0);
    ck_assert_int_eq(report_run_init(&run, &f.doc, NULL), ERR_OK);
    f.doc.column_count = REPORT_COLUMNS_MAX + 1;
    ck_assert_int_eq(report_run_init(&run, &f.doc, NULL), ERR_RANGE);
    f.doc.column_count = 0;
    ck_assert_int_eq(report_run_init(&run, &f.doc, NULL), ERR_RANGE);
    f.doc.column_count = 1;
    f.doc.note_count = REPORT_NOTES_MAX + 1;
    ck_assert_int_eq(report_run_init(&run, &f.doc, NULL), ERR_RANGE);
}
END_TEST

static void run_all(struct report_run *run, const struct report_fixture *f)
{
    bool eof = false;
    struct err e = ERR_INIT;
    ck_assert_int_eq(report_run_init(run, &f->doc, &e), ERR_OK);
    while (!eof) {
        ck_assert_int_eq(report_run_next(run, &eof, &e), ERR_OK);
    }
}

START_TEST(totals_are_exact_beyond_64_bits)
{
    struct report_cell cells[] = {cell_text("a"), cell_value(INT64_MAX), cell_text("b"),
                                  cell_empty(),   cell_text("c"),        cell_value(INT64_MAX)};
    struct report_fixture f;
    struct report_run run;
    struct buf out;
    int64_t total = 0;
    buf_init(&out, 256);
    fixture_init(&f, plain, 2, cells, 2);
    run_all(&run, &f);
    ck_assert(report_run_total(&run, 1, &total) && total == INT64_MAX);
    ck_assert(!report_run_total(&run, 0, &total));
    ck_assert_uint_eq(run.rows, 2);
    fixture_init(&f, plain, 2, cells, 3);
    run_all(&run, &f);
    ck_assert(!report_run_total(&run, 1, &total));
    report_run_print_total(&run, 1, NULL, &out);
    ck_assert_str_eq(buf_str(&out), "184467440737095516.14");
    buf_clear(&out);
    report_run_print_total(&run, 1, f.options.fmt, &out);
    ck_assert_str_eq(buf_str(&out), "184,467,440,737,095,516.14");
    buf_release(&out);
}
END_TEST

START_TEST(scaled_numbers_print_every_digit)
{
    static const struct {
        int64_t value;
        unsigned decimals;
        const char *text;
    } cases[] = {{0, 0, "0"},
                 {0, 2, "0.00"},
                 {5, 2, "0.05"},
                 {-5, 2, "-0.05"},
                 {140450, 2, "1404.50"},
                 {-140450, 2, "-1404.50"},
                 {1, 9, "0.000000001"},
                 {INT64_MAX, 0, "9223372036854775807"},
                 {INT64_MIN, 9, "-9223372036.854775808"}};
    struct buf out;
    buf_init(&out, 256);
    for (size_t i = 0; i < count_of(cases); i++) {
        buf_clear(&out);
        report_print_scaled(cases[i].value, cases[i].decimals, &out);
        ck_assert_str_eq(buf_str(&out), cases[i].text);
    }
    buf_release(&out);
}
END_TEST

START_TEST(dates_outside_the_calendar_name_row_and_column)
{
    static const struct report_column dates[] = {
        {"on", "On", NULL, REPORT_DATE, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
        {"at", "At", NULL, REPORT_DATETIME, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_NONE},
    };
    static const struct date first = {1, 1, 1}, last = {9999, 12, 31};
    int64_t low = date_to_days(first), high = date_to_days(last);
    const struct {
        int64_t day, second;
        enum err_code code;
    } cases[] = {{low, low * 86400, ERR_OK},      {high, high * 86400 + 86399, ERR_OK},
                 {low - 1, 0, ERR_RANGE},         {high + 1, 0, ERR_RANGE},
                 {0, low * 86400 - 1, ERR_RANGE}, {0, (high + 1) * 86400, ERR_RANGE}};
    for (size_t i = 0; i < count_of(cases); i++) {
        struct report_cell cells[] = {cell_value(cases[i].day), cell_value(cases[i].second)};
        struct report_fixture f;
        struct report_run run;
        struct err e = ERR_INIT;
        bool eof = false;
        fixture_init(&f, dates, 2, cells, 1);
        ck_assert_int_eq(report_run_init(&run, &f.doc, &e), ERR_OK);
        ck_assert_int_eq(report_run_next(&run, &eof, &e), cases[i].code);
        ck_assert(cases[i].code == ERR_OK || strstr(e.text, "1") != NULL);
    }
}
END_TEST

START_TEST(an_oversized_text_is_refused)
{
    static char text[REPORT_TEXT_MAX + 2];
    struct report_cell cells[] = {{.text = text, .len = REPORT_TEXT_MAX}, {.empty = true}};
    struct report_fixture f;
    struct report_run run;
    bool eof = false;
    memset(text, 'a', sizeof(text) - 1);
    fixture_init(&f, plain, 2, cells, 1);
    ck_assert_int_eq(report_run_init(&run, &f.doc, NULL), ERR_OK);
    ck_assert_int_eq(report_run_next(&run, &eof, NULL), ERR_OK);
    cells[0].len++;
    f.table.at = 0;
    ck_assert_int_eq(report_run_next(&run, &eof, NULL), ERR_RANGE);
}
END_TEST

START_TEST(people_read_their_own_forms)
{
    static const struct {
        enum report_type type;
        uint8_t decimals;
        int64_t value;
        const char *locale, *text;
    } cases[] = {
        {REPORT_MONEY, 2, 123456789, "en_US", "1,234,567.89"},
        {REPORT_MONEY, 2, -50, "en_US", "-0.50"},
        {REPORT_QUANTITY, 3, 12042500, "es_AR", "12.042,500"},
        {REPORT_INTEGER, 0, 1000, "en_US", "1,000"},
        {REPORT_DATE, 0, 20778, "en_US", "11/21/2026"},
        {REPORT_DATE, 0, 20778, "es_CR", "21/11/2026"},
        {REPORT_DATETIME, 0, 20778 * INT64_C(86400) + 29312, "es_CR", "21/11/2026 08:08"}};
    struct buf out;
    buf_init(&out, 256);
    for (size_t i = 0; i < count_of(cases); i++) {
        struct report_column c = plain[1];
        struct report_cell cell = cell_value(cases[i].value);
        c.type = cases[i].type;
        c.decimals = cases[i].decimals;
        buf_clear(&out);
        report_cell_people(&c, &cell, numfmt_find(cases[i].locale), &out);
        ck_assert_str_eq(buf_str(&out), cases[i].text);
    }
    buf_release(&out);
}
END_TEST

START_TEST(machines_read_theirs)
{
    static const struct {
        enum report_type type;
        uint8_t decimals;
        int64_t value;
        const char *text;
    } cases[] = {{REPORT_MONEY, 2, 123456789, "1234567.89"},
                 {REPORT_PERCENT, 1, -125, "-12.5"},
                 {REPORT_INTEGER, 0, INT64_MIN, "-9223372036854775808"},
                 {REPORT_DATE, 0, -1, "1969-12-31"},
                 {REPORT_DATETIME, 0, 20778 * INT64_C(86400) + 29312, "2026-11-21T08:08:32"}};
    struct buf out;
    buf_init(&out, 256);
    for (size_t i = 0; i < count_of(cases); i++) {
        struct report_column c = plain[1];
        struct report_cell cell = cell_value(cases[i].value);
        c.type = cases[i].type;
        c.decimals = cases[i].decimals;
        buf_clear(&out);
        report_cell_machine(&c, &cell, &out);
        ck_assert_str_eq(buf_str(&out), cases[i].text);
    }
    buf_release(&out);
}
END_TEST

START_TEST(broken_text_is_repaired_and_counted)
{
    static const struct {
        const char *in, *out;
        uint64_t changed;
    } cases[] = {{"Peña ₡ m³", "Peña ₡ m³", 0},
                 {"a\xFF"
                  "b",
                  "a\xEF\xBF\xBD"
                  "b",
                  1},
                 {"\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD", 2},
                 {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 3},
                 {"tab\tfeed\n", "tab\tfeed\n", 0},
                 {"\x01\x7F", "\xEF\xBF\xBD\xEF\xBF\xBD", 2},
                 {"\xEF\xBF\xBF", "\xEF\xBF\xBD", 1},
                 {"", "", 0}};
    struct buf out;
    buf_init(&out, 256);
    for (size_t i = 0; i < count_of(cases); i++) {
        uint64_t changed = 0;
        buf_clear(&out);
        report_text_repair(cases[i].in, strlen(cases[i].in), &out, &changed);
        ck_assert_str_eq(buf_str(&out), cases[i].out);
        ck_assert_uint_eq(changed, cases[i].changed);
    }
    buf_release(&out);
}
END_TEST

START_TEST(clean_text_keeps_breaks_only_when_asked)
{
    struct buf out;
    uint64_t changed = 0;
    buf_init(&out, 256);
    report_text_clean("a\tb\r\nc\rd", 8, true, &out, &changed);
    ck_assert_str_eq(buf_str(&out), "a\tb\nc\nd");
    ck_assert_uint_eq(changed, 1);
    buf_clear(&out);
    report_text_clean("a\tb\n", 4, true, &out, &changed);
    ck_assert_str_eq(buf_str(&out), "a\tb\n");
    ck_assert_uint_eq(changed, 1);
    buf_clear(&out);
    report_text_clean("a\nb\x1B", 4, false, &out, &changed);
    ck_assert(strpbrk(buf_str(&out), "\n\x1B") == NULL);
    ck_assert_uint_eq(changed, 2);
    buf_release(&out);
}
END_TEST

START_TEST(formats_are_found_by_name_and_suffix)
{
    for (size_t i = 0; i < report_format_count; i++) {
        const struct report_format *f = &report_formats[i];
        char path[64] = "folder.pdf/report";
        ck_assert_ptr_eq(report_format_find(f->name), f);
        memcpy(path + strlen(path), f->suffix, strlen(f->suffix) + 1);
        ck_assert_ptr_eq(report_format_of_path(path), f);
    }
    ck_assert_ptr_null(report_format_find("doc"));
    ck_assert_ptr_null(report_format_of_path("report"));
    ck_assert_ptr_null(report_format_of_path(".csv"));
}
END_TEST

Suite *suite_report_model(void)
{
    Suite *s = suite_create("report_model");
    TCase *t = tcase_create("model");
    tcase_add_test(t, columns_that_do_not_go_together_are_refused);
    tcase_add_test(t, column_count_is_limited);
    tcase_add_test(t, totals_are_exact_beyond_64_bits);
    tcase_add_test(t, scaled_numbers_print_every_digit);
    tcase_add_test(t, dates_outside_the_calendar_name_row_and_column);
    tcase_add_test(t, an_oversized_text_is_refused);
    tcase_add_test(t, people_read_their_own_forms);
    tcase_add_test(t, machines_read_theirs);
    tcase_add_test(t, broken_text_is_repaired_and_counted);
    tcase_add_test(t, clean_text_keeps_breaks_only_when_asked);
    tcase_add_test(t, formats_are_found_by_name_and_suffix);
    suite_add_tcase(s, t);
    return s;
}
