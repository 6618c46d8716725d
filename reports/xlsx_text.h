/* Texts, names and number forms as Excel takes them. Knows no library. */
#ifndef AFORO_REPORTS_XLSX_TEXT_H
#define AFORO_REPORTS_XLSX_TEXT_H

#include <stddef.h>

#include "base/buf.h"
#include "reports/out.h"

#define XLSX_CELL_UNITS_MAX 32767 /* UTF-16 units in a cell, Excel's limit */
#define XLSX_NAME_UNITS_MAX 31    /* and in a sheet's name */
#define XLSX_NAME_SIZE (XLSX_NAME_UNITS_MAX * 3 + 1)

/* Bytes of s that make at most `units` UTF-16 units; s is valid UTF-8. */
size_t xlsx_units_fit(const char *s, size_t len, size_t units);
/*
 * A text as a cell may hold it: valid, no control characters, Excel's own escapes escaped, not
 * too long.
 *
 * out:     cleared and filled; scratch: the same size, for the way there.
 * outcome: its `repaired` and `cut` are counted up.
 */
void xlsx_cell_text(const char *s, size_t len, struct buf *scratch, struct buf *out,
                    struct report_outcome *outcome);
/* The number-th sheet's name from a title: at most 31 units, none of []:*?/\, no apostrophe,
 * not "History". */
void xlsx_sheet_name(const char *title, size_t number, struct buf *scratch,
                     char out[XLSX_NAME_SIZE]);
/* A page footer in Excel's code: title at the left, page x of y at the right; below Excel's 255
 * characters. */
void xlsx_footer(const char *title, struct buf *scratch, struct buf *out);
/* The number format of a column: "#,##0.00", "dd/mm/yyyy", "@"; nothing for text. */
void xlsx_column_form(const struct report_column *c, const struct numfmt *fmt, struct buf *out);

#endif
