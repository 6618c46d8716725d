/* Sheets of xlsx workbooks (ECMA-376) from anybody, row by row as CSV comes: over libzip and
 * expat, because a plain reader of cell texts (xlsxio) tells neither dates from numbers nor
 * what is hidden, merged or a formula without result. Bounded: what is held in memory are the
 * shared texts and one row. */
#ifndef AFORO_BASE_XLSX_H
#define AFORO_BASE_XLSX_H

#include "csv.h"

#define XLSX_FILE_MAX ((int64_t)256 << 20) /* bytes of the packed file */
#define XLSX_PARTS_MAX 4096                /* files within it */
#define XLSX_DIRECTORY_MAX 1000000         /* bytes of their list */
#define XLSX_SMALL_MAX ((size_t)16 << 20)  /* bytes of styles and the like, unpacked */
#define XLSX_SHEET_MAX ((uint64_t)2 << 30) /* bytes of a sheet, unpacked */
#define XLSX_TEXTS_MAX ((size_t)32 << 20)  /* bytes of shared texts */
#define XLSX_TEXT_COUNT_MAX ((size_t)2 << 20)
#define XLSX_STYLES_MAX 65536
#define XLSX_MERGES_MAX 1000
#define XLSX_ROWS_MAX 1048576
#define XLSX_COLUMNS_MAX 16384

/* True when the file begins as zip files do. */
bool xlsx_is(const char *path);

struct xlsx;
/*
 * Open a workbook and find one of its sheets.
 *
 * sheet:  its name; NULL: the first that is shown.
 * Errors: ERR_NOT_FOUND, ERR_IO, ERR_PARSE (no workbook, broken, encrypted, no such sheet; says
 *         which part of it), ERR_LIMIT (one of the limits above), ERR_NOMEM.
 */
enum err_code xlsx_open(const char *path, const char *sheet, struct xlsx **out,
                        struct err *e) MUST_CHECK;
void xlsx_close(struct xlsx *x); /* NULL is fine */
/*
 * The next row that holds anything; its `line` is the row's number in the sheet.
 *
 * Numbers come with at most 15 digits, as spreadsheets show them; dates and times of day as
 * CSV_CIVIL (a time alone with the day 1899-12-31); results of formulas as they are stored.
 * Fields carry a fault that names the cell when they hold an error, a formula without stored
 * result, a number with more digits than are exact, a date that does not exist, or are merged
 * with others. Errors: as xlsx_open.
 */
enum err_code xlsx_next(struct xlsx *x, struct csv_row *row, bool *eof,
                        struct err *e) MUST_CHECK;
/* Bytes of the unpacked sheet read so far and in all. */
void xlsx_progress(const struct xlsx *x, uint64_t *done_bytes, uint64_t *size_bytes);

#endif
