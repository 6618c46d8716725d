/* A row of a file whose rows each make one thing, a meter, a customer, a balance: its fields as
 * the office takes them. */
#ifndef AFORO_APP_IMPORT_LINE_H
#define AFORO_APP_IMPORT_LINE_H

#include "app/import_row.h"
#include "base/arena.h"

#define LINE_FIELD_MAX 1000 /* bytes */

/* What became of a row in one attempt. */
enum line_verdict { LINE_NEW, LINE_STORED, LINE_REFUSED };

struct import_line {
    uint64_t line;
    const char *field[FIELD_COUNT]; /* NULL: not in the file or empty */
    const char *key;                /* what makes it this row and no other */
    enum line_verdict verdict;
    struct refused *why; /* of a refused row */
};

/* Copy a row's fields into the arena: numbers with the machine's signs, dates as 2026-11-21.
 * False when it is refused. ERR_NOMEM otherwise only. */
enum err_code import_line_read(const struct row_reader *r, const struct csv_row *row,
                               struct arena *a, struct import_line *out, bool *sound,
                               struct refused *why, struct err *e) MUST_CHECK;
/* True when two rows of a file say the same. */
bool import_line_same(const struct import_line *a, const struct import_line *b);
/* Say which field of a row is empty that must not be; always false. */
bool import_line_lacks(enum field f, struct refused *why);

#endif
