#include <config.h>

#include "app/import_row.h"

#include <stdio.h>
#include <string.h>

#include "app/import_sort.h"
#include "check_app.h"

static struct arena arena;
static struct mapping mapping;
static struct row_reader reader;

static void load(const char *json)
{
    struct err e = ERR_INIT;
    ck_assert_msg(mapping_parse(json, strlen(json), &arena, &mapping, NULL, &e) == ERR_OK, "%s",
                  e.text);
    ck_assert_msg(row_reader_init(&reader, &mapping, NULL, &e) == ERR_OK, "%s", e.text);
}

#define COLUMNS                                                                                \
    "{\"kind\":\"readings\",\"heading_lines\":0,\"columns\":{\"serial\":1,\"time\":2,"         \
    "\"value\":3},\"time_format\":\"%d/%m/%Y %H:%M\","

static void setup(void)
{
    arena_init(&arena, 1 << 20);
    load(COLUMNS "\"unit\":\"m3\"}");
}

static void teardown(void)
{
    arena_release(&arena);
}

static bool read_row(const char *serial, const char *time, const char *value,
                     struct read_row *out, struct refused *why)
{
    const struct csv_field fields[] = {{.data = serial, .len = strlen(serial)},
                                       {.data = time, .len = strlen(time)},
                                       {.data = value, .len = strlen(value)}};
    struct csv_row row = {.line = 7, .count = 3, .fields = fields};
    return row_reading(&reader, &row, out, why);
}

static const struct {
    const char *json, *text;
    int64_t value;
    bool plain, exponent;
} numbers[] = {
    {COLUMNS "\"unit\":\"m3\"}", "0", 0, true, false},
    {COLUMNS "\"unit\":\"m3\"}", "12", 12000, true, false},
    {COLUMNS "\"unit\":\"m3\"}", " 12.345\t", 12345, true, false},
    {COLUMNS "\"unit\":\"m3\"}", "12.3450", 12345, true, false},
    {COLUMNS "\"unit\":\"m3\"}", "0012", 12000, false, false},
    {COLUMNS "\"unit\":\"l\"}", "4e+05", 400000, false, true},
    {COLUMNS "\"unit\":\"l\"}", "68321.0", 68321, true, false},
    {COLUMNS "\"unit\":\"l\"}", "999999999999", 999999999999, true, false},
    {COLUMNS "\"unit\":\"l\"}", "9999999999999", 9999999999999, true, false},
    {COLUMNS "\"unit\":\"m3\",\"decimal\":\",\",\"group\":\".\"}", "1.234,5", 1234500, false,
     false},
    {COLUMNS "\"unit\":\"m3\",\"decimal\":\",\",\"group\":\".\"}", "1234,5", 1234500, true,
     false},
    {COLUMNS "\"unit\":\"m3\",\"decimal\":\",\",\"group\":\".\"}", "1.234.567", 1234567000,
     false, false},
    {COLUMNS "\"unit\":\"m3\",\"group\":\" \"}", "12 345.6", 12345600, false, false},
};

START_TEST(a_value_is_read_exactly)
{
    struct read_row r;
    struct refused why;
    load(numbers[_i].json);
    ck_assert_msg(read_row("A", "01/03/2016 00:28", numbers[_i].text, &r, &why), "%s: %s",
                  numbers[_i].text, why.text);
    ck_assert_int_eq(r.value, numbers[_i].value);
    ck_assert_int_eq(r.plain, numbers[_i].plain);
    ck_assert_int_eq(r.exponent, numbers[_i].exponent);
}
END_TEST

static const struct {
    const char *json, *serial, *time, *value;
    enum refusal why;
} refusals[] = {
    {NULL, "", "01/03/2016 00:28", "1", REFUSE_NO_SERIAL},
    {NULL, "  ", "01/03/2016 00:28", "1", REFUSE_NO_SERIAL},
    {NULL, "12345678901234567890123456789012345678901", "01/03/2016 00:28", "1",
     REFUSE_UNKNOWN_METER},
    {NULL, "A", "", "1", REFUSE_BAD_TIME},
    {NULL, "A", "2016-03-01 00:28", "1", REFUSE_BAD_TIME},
    {NULL, "A", "01/03/2016 00:28:00", "1", REFUSE_BAD_TIME},
    {NULL, "A", "30/02/2016 00:28", "1", REFUSE_NO_SUCH_TIME},
    {NULL, "A", "29/02/2015 00:28", "1", REFUSE_NO_SUCH_TIME},
    {NULL, "A", "01/13/2016 00:28", "1", REFUSE_NO_SUCH_TIME},
    {NULL, "A", "01/03/2016 24:00", "1", REFUSE_NO_SUCH_TIME},
    {NULL, "A", "01/03/2016 00:60", "1", REFUSE_NO_SUCH_TIME},
    {NULL, "A", "01/03/2016 00:28", "", REFUSE_EMPTY},
    {NULL, "A", "01/03/2016 00:28", "n/a", REFUSE_BAD_VALUE},
    {NULL, "A", "01/03/2016 00:28", "=1+1", REFUSE_BAD_VALUE},
    {NULL, "A", "01/03/2016 00:28", "1,5", REFUSE_BAD_VALUE},
    {NULL, "A", "01/03/2016 00:28", "1.2.3", REFUSE_BAD_VALUE},
    {NULL, "A", "01/03/2016 00:28", "0x10", REFUSE_BAD_VALUE},
    {NULL, "A", "01/03/2016 00:28", "inf", REFUSE_BAD_VALUE},
    {NULL, "A", "01/03/2016 00:28",
     "1234567890123456789012345678901234567890123456789012345678901234", REFUSE_BAD_VALUE},
    {NULL, "A", "01/03/2016 00:28", "12.3456", REFUSE_TOO_FINE},
    {NULL, "A", "01/03/2016 00:28", "1e30", REFUSE_TOO_FINE},
    {NULL, "A", "01/03/2016 00:28", "-0.001", REFUSE_NEGATIVE},
    {COLUMNS "\"unit\":\"m3\",\"decimal\":\",\",\"group\":\".\"}", "A", "01/03/2016 00:28",
     "1.23", REFUSE_BAD_VALUE},
    {COLUMNS "\"unit\":\"m3\",\"decimal\":\",\",\"group\":\".\"}", "A", "01/03/2016 00:28",
     "1.234.5", REFUSE_BAD_VALUE},
    {COLUMNS "\"unit\":\"m3\",\"decimal\":\",\",\"group\":\".\"}", "A", "01/03/2016 00:28",
     ".234", REFUSE_BAD_VALUE},
    {COLUMNS "\"unit\":\"m3\",\"decimal\":\",\"}", "A", "01/03/2016 00:28", "1.5",
     REFUSE_BAD_VALUE},
};

START_TEST(a_row_that_cannot_be_read_says_which_field)
{
    struct read_row r;
    struct refused why;
    if (refusals[_i].json != NULL) {
        load(refusals[_i].json);
    }
    ck_assert_msg(
        !read_row(refusals[_i].serial, refusals[_i].time, refusals[_i].value, &r, &why),
        "%s %s", refusals[_i].time, refusals[_i].value);
    ck_assert_msg(why.why == refusals[_i].why, "%s: %s", refusals[_i].value, why.text);
    ck_assert_msg(strncmp(why.text, "field ", 6) == 0, "%s", why.text);
}
END_TEST

START_TEST(what_a_refusal_quotes_is_safe_to_show)
{
    struct read_row r;
    struct refused why;
    ck_assert(!read_row("A", "\x1b[2J\x07", "1", &r, &why));
    for (const char *s = why.text; *s != '\0'; s++) {
        ck_assert_uint_ge((unsigned char)*s, ' ');
    }
    ck_assert(!read_row("A\xE2\x80\xAE", "01/03/2016", "1", &r, &why));
}
END_TEST

START_TEST(local_time_is_what_was_written)
{
    struct read_row r;
    struct refused why;
    ck_assert(read_row("A", "01/03/2016 00:28", "1", &r, &why));
    ck_assert_int_eq(r.local, 1456792080);
    ck_assert_str_eq(r.serial, "A");
}
END_TEST

START_TEST(date_and_time_may_be_two_columns)
{
    struct read_row r;
    struct refused why;
    load("{\"kind\":\"readings\",\"heading_lines\":0,\"columns\":{\"serial\":1,\"date\":2,"
         "\"time\":"
         "3,\"value\":4},\"time_format\":\"%d/%m/%Y %H:%M\",\"unit\":\"l\"}");
    const struct csv_field fields[] = {{.data = "A", .len = 1},
                                       {.data = "01/03/2016", .len = 10},
                                       {.data = " 00:28", .len = 6},
                                       {.data = "5", .len = 1}};
    struct csv_row row = {.line = 7, .count = 4, .fields = fields};
    ck_assert_msg(row_reading(&reader, &row, &r, &why), "%s", why.text);
    ck_assert_int_eq(r.local, 1456792080);
}
END_TEST

static const struct {
    enum csv_fault fault;
    enum refusal why;
} faults[] = {
    {CSV_TOO_LONG, REFUSE_TOO_LONG},     {CSV_TOO_MANY_FIELDS, REFUSE_TOO_MANY_FIELDS},
    {CSV_BAD_QUOTE, REFUSE_BAD_QUOTE},   {CSV_NUL, REFUSE_NUL_BYTE},
    {CSV_BAD_UTF8, REFUSE_BAD_ENCODING}, {CSV_TRUNCATED, REFUSE_TRUNCATED},
};

START_TEST(each_fault_of_a_record_is_a_reason)
{
    struct read_row r;
    struct refused why;
    struct csv_row row = {.line = 7, .fault = faults[_i].fault};
    ck_assert(!row_reading(&reader, &row, &r, &why));
    ck_assert_int_eq(why.why, faults[_i].why);
    ck_assert_str_eq(why.text, csv_fault_text(faults[_i].fault));
}
END_TEST

START_TEST(a_row_needs_the_columns_of_the_mapping_and_may_have_more)
{
    struct read_row r;
    struct refused why;
    const struct csv_field fields[] = {{.data = "A", .len = 1},
                                       {.data = "01/03/2016 00:28", .len = 16},
                                       {.data = "5", .len = 1},
                                       {.data = "more", .len = 4}};
    struct csv_row row = {.line = 7, .count = 2, .fields = fields};
    ck_assert(!row_reading(&reader, &row, &r, &why));
    ck_assert_int_eq(why.why, REFUSE_TOO_FEW_FIELDS);
    row.count = 4;
    ck_assert(row_reading(&reader, &row, &r, &why));
}
END_TEST

static enum err_code find_columns(const char *a, const char *b, const char *c, struct err *e)
{
    const char *json =
        "{\"kind\":\"readings\",\"columns\":{\"serial\":\"Contador N\xC2\xBA\","
        "\"time\":\"Fecha\",\"value\":\"Lectura\"},\"time_format\":\"%F\",\"unit\":"
        "\"l\"}";
    const struct csv_field fields[] = {{.data = a, .len = strlen(a)},
                                       {.data = b, .len = strlen(b)},
                                       {.data = c, .len = strlen(c)}};
    struct csv_row row = {.line = 1, .count = 3, .fields = fields};
    ck_assert_int_eq(mapping_parse(json, strlen(json), &arena, &mapping, NULL, e), ERR_OK);
    return row_reader_init(&reader, &mapping, &row, e);
}

START_TEST(columns_are_found_by_heading_in_any_order_and_case)
{
    struct err e = ERR_INIT;
    ck_assert_msg(find_columns("LECTURA", " contador n\xC2\xBA ",
                               "f\xC3\xA9"
                               "cha",
                               &e) == ERR_OK,
                  "%s", e.text);
    ck_assert_uint_eq(reader.at[FIELD_SERIAL], 2);
    ck_assert_uint_eq(reader.at[FIELD_TIME], 3);
    ck_assert_uint_eq(reader.at[FIELD_VALUE], 1);
    ck_assert_uint_eq(reader.needed, 3);
}
END_TEST

START_TEST(a_missing_or_doubled_heading_is_named)
{
    struct err e = ERR_INIT;
    ck_assert_int_eq(find_columns("Contador N\xC2\xBA", "Fecha", "Consumo", &e), ERR_PARSE);
    ck_assert_msg(strstr(e.text, "\"Lectura\"") != NULL &&
                      strstr(e.text, "\"Consumo\"") != NULL,
                  "%s", e.text);
    ck_assert_int_eq(find_columns("Contador N\xC2\xBA", "Fecha", "fecha", &e), ERR_PARSE);
    ck_assert_msg(strstr(e.text, "columns 2 and 3") != NULL, "%s", e.text);
}
END_TEST

START_TEST(every_refusal_has_a_name_and_a_title)
{
    for (size_t i = 0; i < REFUSAL_COUNT; i++) {
        const char *name = refusal_name((enum refusal)i);
        ck_assert_uint_gt(strlen(refusal_title((enum refusal)i)), 5);
        ck_assert_uint_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        for (size_t k = 0; k < i; k++) {
            ck_assert_str_ne(name, refusal_name((enum refusal)k));
        }
    }
}
END_TEST

Suite *suite_import_row(void)
{
    Suite *s = suite_create("import_row");
    TCase *t = tcase_create("import_row");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, a_value_is_read_exactly, 0, sizeof numbers / sizeof numbers[0]);
    tcase_add_loop_test(t, a_row_that_cannot_be_read_says_which_field, 0,
                        sizeof refusals / sizeof refusals[0]);
    tcase_add_test(t, what_a_refusal_quotes_is_safe_to_show);
    tcase_add_test(t, local_time_is_what_was_written);
    tcase_add_test(t, date_and_time_may_be_two_columns);
    tcase_add_loop_test(t, each_fault_of_a_record_is_a_reason, 0,
                        sizeof faults / sizeof faults[0]);
    tcase_add_test(t, a_row_needs_the_columns_of_the_mapping_and_may_have_more);
    tcase_add_test(t, columns_are_found_by_heading_in_any_order_and_case);
    tcase_add_test(t, a_missing_or_doubled_heading_is_named);
    tcase_add_test(t, every_refusal_has_a_name_and_a_title);
    suite_add_tcase(s, t);
    return s;
}
