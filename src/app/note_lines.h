/* What a note is made of, line by line, where the ledger says more than its amount: a note
 * after the correction of a reading is the difference of two bills. */
#ifndef AFORO_APP_NOTE_LINES_H
#define AFORO_APP_NOTE_LINES_H

#include "app/query_bill.h"

/*
 * Lines that add up to a note's amount, above 0 where they make it larger.
 *
 * The share of the bill is reckoned before and after the corrections of the note's own entry,
 * by what reckoned the note (app/bill_change.h). What other notes had given back already is a
 * line of its own.
 *
 * v: the bill that the note is of. lines: in arena; *count 0 where nothing is known but the
 * amount (a note written by hand, a late fee).
 */
enum err_code note_lines(struct office *o, const char *type, int64_t number, int64_t amount,
                         const struct bill_view *v, struct arena *arena,
                         struct bill_view_line **lines, size_t *count,
                         struct err *e) MUST_CHECK;

#endif
