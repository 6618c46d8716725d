#include <config.h>

#include "tests/unit/check_reports.h"

#include <string.h>

#include "reports/xlsx_check.h"

static const struct report_column columns[] = {
    {"n", "N", NULL, REPORT_INTEGER, 0, REPORT_ALIGN_AUTO, 0, REPORT_TOTAL_SUM}};

/* A small workbook's bytes, and the bytes its rows take. */
static uint64_t workbook(struct buf *bytes)
{
    static struct report_cell cells[500];
    static const char open[] = "<sheetData>", close[] = "</sheetData>";
    struct report_fixture f;
    struct buf sheet;
    const char *path = scratch_path("whole.xlsx");
    for (size_t i = 0; i < count_of(cells); i++) {
        cells[i] = cell_value((int64_t)(i * i));
    }
    buf_init(&sheet, 1 << 20);
    fixture_init(&f, columns, 1, cells, count_of(cells));
    fixture_write(&f, "xlsx", path);
    file_read(path, bytes);
    zip_member(path, "xl/worksheets/sheet1.xml", &sheet);
    const char *from = strstr(buf_str(&sheet), open), *to = strstr(buf_str(&sheet), close);
    ck_assert(from != NULL && to != NULL);
    uint64_t rows = (uint64_t)(to - from) - strlen(open);
    buf_release(&sheet);
    return rows;
}

static enum err_code check_bytes(const char *bytes, size_t len, uint64_t rows, size_t sheets)
{
    struct err e = ERR_INIT;
    const char *path = scratch_path("damaged.xlsx");
    const uint64_t sizes[] = {rows, rows};
    file_write(path, bytes, len);
    enum err_code code = xlsx_check(path, sizes, sheets, &e);
    ck_assert(code == ERR_OK || strstr(e.text, path) != NULL);
    return code;
}

START_TEST(a_whole_workbook_passes_and_wrong_sizes_do_not)
{
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    uint64_t rows = workbook(&bytes);
    ck_assert_int_eq(check_bytes(bytes.data, bytes.len, rows, 1), ERR_OK);
    ck_assert_int_eq(check_bytes(bytes.data, bytes.len, rows + 1, 1), ERR_IO);
    ck_assert_int_eq(check_bytes(bytes.data, bytes.len, rows - 1, 1), ERR_IO);
    ck_assert_int_eq(check_bytes(bytes.data, bytes.len, rows, 2), ERR_IO);
    buf_release(&bytes);
}
END_TEST

START_TEST(every_truncation_is_found)
{
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    uint64_t rows = workbook(&bytes);
    for (size_t len = 0; len < bytes.len; len += 1 + bytes.len / 400) {
        ck_assert_msg(check_bytes(bytes.data, len, rows, 1) == ERR_IO, "at %zu", len);
    }
    ck_assert_int_eq(check_bytes(bytes.data, bytes.len - 1, rows, 1), ERR_IO);
    buf_release(&bytes);
}
END_TEST

/* Holes of zeros, as a failed write leaves them: found, or where nothing that counts lies
 * (names, times, checksums of the archive), harmless; the checker never reads outside the
 * file's own figures. */
START_TEST(holes_in_the_rows_are_found)
{
    struct buf bytes;
    size_t found = 0, tried = 0;
    buf_init(&bytes, 1 << 20);
    uint64_t rows = workbook(&bytes);
    char *copy = mem_alloc(bytes.len);
    for (size_t at = 0; at + 64 < bytes.len; at += 61) {
        memcpy(copy, bytes.data, bytes.len);
        memset(copy + at, 0, 64);
        found += check_bytes(copy, bytes.len, rows, 1) == ERR_IO ? 1 : 0;
        tried++;
    }
    ck_assert_uint_gt(tried, 50);
    ck_assert_uint_gt(found * 10, tried * 8);
    mem_free(copy);
    buf_release(&bytes);
}
END_TEST

START_TEST(a_file_that_is_no_workbook_is_refused)
{
    static const char text[] =
        "name,amount\r\n=1,2\r\nand some more so that it is longer than a zip's end\r\n";
    ck_assert_int_eq(check_bytes(text, sizeof(text) - 1, 0, 1), ERR_IO);
    ck_assert_int_eq(check_bytes("", 0, 0, 1), ERR_IO);
    ck_assert_int_eq(xlsx_check(scratch_path("never.xlsx"), NULL, 0, NULL), ERR_NOT_FOUND);
}
END_TEST

Suite *suite_xlsx_check(void)
{
    Suite *s = suite_create("xlsx_check");
    TCase *t = tcase_create("check");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_whole_workbook_passes_and_wrong_sizes_do_not);
    tcase_add_test(t, every_truncation_is_found);
    tcase_add_test(t, holes_in_the_rows_are_found);
    tcase_add_test(t, a_file_that_is_no_workbook_is_refused);
    suite_add_tcase(s, t);
    return s;
}
