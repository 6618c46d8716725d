/* One row of a file, read as a mapping says: fields found, numbers and times exact, each fault
 * with its reason. */
#ifndef AFORO_APP_IMPORT_ROW_H
#define AFORO_APP_IMPORT_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "app/mapping.h"
#include "base/csv.h"
#include "domain/meter.h"

enum refusal {
#define REFUSAL(IDENT, name, title) REFUSE_##IDENT,
#include "app/import_refusals.def"
#undef REFUSAL
    REFUSAL_COUNT
};
const char *refusal_name(enum refusal r);  /* stable: "unknown_meter" */
const char *refusal_title(enum refusal r); /* translated */

/* Why a row was refused, as a sentence; what it quotes is safe to show. */
struct refused {
    enum refusal why;
    char text[320];
};
/* Note a reason; returns false, so that `return refuse(...)` reads well. */
bool refuse(struct refused *r, enum refusal why, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Where the fields of a mapping stand in this file. */
struct row_reader {
    const struct mapping *mapping;
    unsigned at[FIELD_COUNT]; /* column from 1; 0: none */
    unsigned needed;          /* columns that a row must have */
    bool plain_numbers;       /* decimal point, no groups: the short way */
};

/* heading: the last heading line; NULL when there is none. ERR_PARSE names a heading that is
 * not there or there twice. */
enum err_code row_reader_init(struct row_reader *r, const struct mapping *m,
                              const struct csv_row *heading, struct err *e) MUST_CHECK;

/* Part of a row, without the blanks around it; not NUL-terminated. */
struct cell {
    const char *data; /* never NULL */
    size_t len;
    enum csv_type type;
};
struct cell row_cell(const struct row_reader *r, const struct csv_row *row, enum field f);
/* The same cut into out, NUL-terminated; false when it does not fit. */
bool row_text(const struct row_reader *r, const struct csv_row *row, enum field f, char *out,
              size_t out_size);

/* A faulty record, or one with too few fields, is refused here. */
bool row_sound(const struct row_reader *r, const struct csv_row *row, struct refused *why);

/* A reading as the row says it. */
struct read_row {
    char serial[SERIAL_MAX + 1];
    char obis[OBIS_TEXT_MAX];
    int64_t local; /* wall clock, seconds as if it were UTC */
    int64_t value; /* smallest unit of the mapping's unit */
    bool exponent; /* written as 4e+05 */
    bool skipped;  /* the reader says why there is none; nothing else is filled in */
    bool plain;    /* prints as it was written; else `raw` is kept */
    struct cell raw;
};
bool row_reading(const struct row_reader *r, const struct csv_row *row, struct read_row *out,
                 struct refused *why);

/* A date or time of a sheet as the mapping would have it written, which all else here reads;
 * text stays as it is. part: 0 the whole format, 1 and 2 what stands before and behind its
 * first blank, where day and time are columns of their own. room: where a converted one is put.
 */
#define ROW_TIME_MAX 80
struct cell row_time_cell(const struct mapping *m, struct cell c, int part,
                          char room[ROW_TIME_MAX]);

/* "1.234,5" by the mapping's signs -> "1234.5", for what takes machine numbers. False when the
 * groups are not complete or it does not fit. */
bool row_number(const struct mapping *m, struct cell c, char *out, size_t out_size);

#endif
