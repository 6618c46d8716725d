/* The cells of a meter in which words are looked for, folded: serial, place, route, account,
 * one after the other as one piece of bytes, so that a million meters are gone through as fast
 * as memory is read. */
#ifndef AFORO_APP_METER_CELLS_H
#define AFORO_APP_METER_CELLS_H

#include "base/buf.h"
#include "store/db.h"

#define METER_CELLS 4
/* Behind each cell; no UTF-8 has it. */
#define METER_CELL_END ((char)0xFF)
/* Letters from which on a term is found anywhere in the text, not at the beginnings of words
 * alone. */
#define METER_ANYWHERE 3u

/* What is looked for. */
struct cell_term {
    const char *text; /* folded; borrowed */
    size_t len;
    bool anywhere;
    unsigned cells; /* a bit a cell that it may stand in */
};

/* text: folded, without METER_CELL_END. */
struct cell_term cell_term_of(const char *text, unsigned cells);

/* Columns of a query: the four cells. `personal` is the table to take the place from:
 * "personal" as this connection shows it, "main.personal" as it is. */
#define METER_CELLS_COLUMNS                                                                    \
    "m.serial, p.value, s.route, (SELECT a.number FROM assignment g JOIN account a ON a.id = " \
    "g.account WHERE g.meter = m.id AND g.end_date IS NULL LIMIT 1)"
#define METER_CELLS_FROM(personal)                                                             \
    "FROM meter m JOIN service_point s ON s.id = m.point LEFT JOIN " personal                  \
    " p ON p.owner = 'service_point' AND p.id = s.id AND p.field = 'place' AND p.hash = "      \
    "s.place "

/* Append the cells that begin at a column of a row. Failures are the buffer's. */
void cells_add(const struct stmt *q, int column, struct buf *out);

/* The next place from `at` on where the term is found in text that begins at `text`; NULL: none
 * before `end`. */
const char *cell_seek(const char *text, const char *at, const char *end,
                      const struct cell_term *t);
/* Is it in one of its cells of this meter? */
bool cells_have(const char *cells, size_t len, const struct cell_term *t);

#endif
