/* What a cell of a sheet says: numbers as spreadsheets show them, serial days, styles, places.
 * All of it exact: texts in, texts out. */
#ifndef AFORO_BASE_XLSX_CELL_H
#define AFORO_BASE_XLSX_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caltime.h"

#define XLSX_NUMBER_MAX 48 /* bytes of a number as text */

/* "B7" -> column 2, row 7; false when it is no such place. */
bool xlsx_place(const char *text, unsigned *column, unsigned *row);
/* 2 -> "B". */
void xlsx_column_name(unsigned column, char out[8]);

/*
 * A stored number ("1.1000000000000001", "4.1E-2") as it is shown: at most 15 significant
 * digits, no exponent.
 *
 * *exact: false when its whole part has more digits than that. False when it is no number.
 */
bool xlsx_number(const char *text, char out[XLSX_NUMBER_MAX], bool *exact);

/*
 * A serial day, as xlsx_number prints it, to a civil time.
 *
 * base_1904: days count from 1904-01-01; else from 1899-12-31, where the 29th of February 1900
 * counts although it did not exist. Fractions are rounded to the second. False for that day,
 * and for what is beyond the year 9999.
 */
bool xlsx_serial(const char *number, bool base_1904, struct civil *out);

/* Does this number format show a date or a time? id: numFmtId; code: of its own format, or
 * NULL. */
bool xlsx_format_is_date(int id, const char *code);

#endif
