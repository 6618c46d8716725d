/* What the tests of this floor share. */
#ifndef AFORO_TESTS_CHECK_REPORTS_H
#define AFORO_TESTS_CHECK_REPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <check.h>

#include "base/arena.h"
#include "base/buf.h"
#include "reports/model.h"
#include "reports/out.h"

Suite *suite_report_model(void);
Suite *suite_out_file(void);
Suite *suite_out_csv(void);
Suite *suite_out_json(void);
Suite *suite_out_text(void);
Suite *suite_out_xlsx(void);
Suite *suite_xlsx_check(void);
Suite *suite_out_pdf(void);
Suite *suite_bill_pdf(void);
Suite *suite_report_faults(void);
Suite *suite_escpos(void);
Suite *suite_printer(void);

/* A folder of this test's own, removed with all in it at the end of the program; ends without a
 * slash. */
const char *scratch_dir(void);
/* A file name in it; a few can be used at a time. */
const char *scratch_path(const char *name);
/* How many entries the folder has. */
size_t scratch_count(void);

void file_read(const char *path, struct buf *out);
void file_write(const char *path, const void *data, size_t len);
/* Run a program (NULL-terminated arguments), its output into out; the test fails unless it ends
 * with 0. */
void run_program(const char *const *argv, struct buf *out);
/* One member of a zip archive, by unzip. */
void zip_member(const char *path, const char *member, struct buf *out);
/* The text of a PDF, by pdftotext -layout; no-break spaces as spaces. */
void pdf_text_of(const char *path, struct buf *out);

struct report_cell cell_text(const char *s);
struct report_cell cell_value(int64_t value);
struct report_cell cell_empty(void);

/* A report over an array of cells, with fixed office, title and time. */
struct report_fixture {
    struct report_table table;
    struct report_doc doc;
    struct report_options options;
    struct report_outcome outcome;
};
void fixture_init(struct report_fixture *f, const struct report_column *columns,
                  size_t column_count, const struct report_cell *cells, size_t row_count);
/* Write it in a format; the test fails when that does. */
void fixture_write(struct report_fixture *f, const char *format, const char *path);

/* The n-th of the names nobody should have: formulas, broken UTF-8, escapes, separators; len
 * bytes may hold NUL. Deterministic; the buffer is the caller's. */
void hostile_name(unsigned n, struct buf *out);
#define HOSTILE_NAMES 1000

#define count_of(a) (sizeof(a) / sizeof((a)[0]))

#endif
