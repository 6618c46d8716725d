/* CSV from anybody: RFC 4180 with a chosen separator, streamed, bounded. Reads plain and gzip
 * files alike. */
#ifndef AFORO_BASE_CSV_H
#define AFORO_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define CSV_FIELDS_MAX 256
#define CSV_LINE_MAX (1 << 20) /* a longer record is one refused row, not a failed file */

struct csv;

/* What a field is, where its file says so: cells of a sheet do, fields of CSV are text. */
enum csv_type {
    CSV_TEXT,
    CSV_NUMBER, /* with a decimal point, no groups */
    CSV_CIVIL   /* "2024-01-31 10:15:00" */
};

struct csv_field {
    const char *data; /* unquoted, NUL-terminated; a NUL byte within it makes the row faulty */
    size_t len;
    enum csv_type type;
    const char *fault; /* why this field cannot be used, naming its cell; NULL: it can */
};

enum csv_fault {
    CSV_FINE,
    CSV_TOO_LONG,
    CSV_TOO_MANY_FIELDS,
    CSV_BAD_QUOTE,
    CSV_NUL,
    CSV_BAD_UTF8,
    CSV_TRUNCATED
};

struct csv_row {
    uint64_t line;        /* line on which the record starts, from 1 */
    enum csv_fault fault; /* not FINE: fields are not to be used */
    size_t count;
    const struct csv_field *fields; /* borrowed until the next call */
    bool typed;                     /* fields may have a type or a fault */
    bool hidden;                    /* a row of a sheet that is not shown */
};

/* Errors: ERR_NOT_FOUND, ERR_IO, ERR_NOMEM, ERR_USAGE (a separator that cannot be one).
 * latin1: decode ISO 8859-1 or Windows-1252 to UTF-8 instead of refusing non-UTF-8. A BOM is
 * skipped. "-" is standard input. */
enum err_code csv_open(const char *path, char separator, bool latin1, struct csv **out,
                       struct err *e) MUST_CHECK;
void csv_close(struct csv *c);
/* *eof true at the end. A faulty record is returned with its fault; reading goes on at the next
 * line: the one behind the record where its end is known, else the one behind its first. Empty
 * lines are passed over (but counted). Lines end in LF, CR LF or CR. ERR_IO when the file
 * cannot be read on, also when a gzip file is cut or damaged; ERR_NOMEM. */
enum err_code csv_next(struct csv *c, struct csv_row *row, bool *eof, struct err *e) MUST_CHECK;
/* Bytes of the (compressed) file consumed and its size, for progress; size 0 when unknown. */
void csv_progress(const struct csv *c, uint64_t *done_bytes, uint64_t *size_bytes);
const char *csv_fault_text(enum csv_fault f); /* translated */

#endif
