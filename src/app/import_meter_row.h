/* A row of a file of meters: its fields as the installation of a meter takes them, and the
 * comparison with a meter that is there. */
#ifndef AFORO_APP_IMPORT_METER_ROW_H
#define AFORO_APP_IMPORT_METER_ROW_H

#include "app/import_row.h"
#include "app/lookup.h"
#include "app/meter_data.h"
#include "base/arena.h"

#define METER_FIELD_MAX 1000 /* bytes */

/* What became of a row in one attempt. */
enum meter_verdict { METER_NEW, METER_STORED, METER_REFUSED };

struct meter_line {
    uint64_t line;
    const char *field[FIELD_COUNT]; /* NULL: not in the file or empty */
    enum meter_verdict verdict;
    struct refused *why; /* of a refused row */
};

/* Copy a row's fields into the arena: numbers with the machine's signs, dates as 2026-11-21.
 * False when it is refused. ERR_NOMEM otherwise only. */
enum err_code meter_line_read(const struct row_reader *r, const struct csv_row *row,
                              struct arena *a, struct meter_line *out, bool *sound,
                              struct refused *why, struct err *e) MUST_CHECK;
/* The same as the installation of a meter takes it; borrowed. */
struct new_meter meter_line_new(const struct meter_line *l);
/* True when the meter that is stored is the one that the row describes. */
bool meter_line_is(const struct meter_line *l, const struct meter_row *m, struct refused *why);
/* True when two rows of a file say the same. */
bool meter_line_same(const struct meter_line *a, const struct meter_line *b);

#endif
