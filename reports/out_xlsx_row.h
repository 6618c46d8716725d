/* Rows of a worksheet as XML, written behind those of the library: it opens a file for the rows
 * of a sheet in constant-memory mode, and a row costs it several times what it needs to cost.
 * Private to the xlsx writer. */
#ifndef AFORO_REPORTS_OUT_XLSX_ROW_H
#define AFORO_REPORTS_OUT_XLSX_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xlsxwriter.h>

#include "base/buf.h"

struct xlsx_row {
    struct buf xml;
    char number[16]; /* of the row, counted from 1 */
    size_t number_len;
};

/* style: a format's number in the workbook (lxw_format_get_xf_index). column: from 0. */
void xlsx_row_begin(struct xlsx_row *r, lxw_row_t row);
/* A text as xlsx_cell_text left it: always a string, never a formula. */
void xlsx_row_text(struct xlsx_row *r, size_t column, int32_t style, const char *text,
                   size_t len);
/* mantissa * 10^-decimals, exactly as it is. */
void xlsx_row_number(struct xlsx_row *r, size_t column, int32_t style, int64_t mantissa,
                     unsigned decimals);
/* Seconds since Excel's day 0, as days. */
void xlsx_row_instant(struct xlsx_row *r, size_t column, int32_t style, int64_t seconds);
/* End the row and append it to the sheet's rows. False when memory is out; a write that fails
 * shows in the stream. */
bool xlsx_row_end(struct xlsx_row *r, lxw_worksheet *ws, lxw_row_t row, size_t columns);

#endif
