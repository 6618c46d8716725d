/* What other dial values change on a bill that was issued: a share of it reckoned twice, by the
 * values that stood before and by those that stand after, all else as billed. The difference is
 * a note's amount, and its lines are the note's. */
#ifndef AFORO_APP_BILL_CHANGE_H
#define AFORO_APP_BILL_CHANGE_H

#include "app/query_bill.h"

/* A reading, and what takes its place. */
struct dial_change {
    int64_t reading, value;
};

/* Between which states of the readings the share changes. */
struct bill_change {
    int64_t seq; /* entry whose corrections are the change: before it, those recorded earlier
                    stand; INT64_MAX: all that are recorded stand */
    const struct dial_change *dials; /* not recorded yet, and part of the change */
    size_t dial_count;
};

/*
 * Reckon the share of meter m on bill v again before and after a change.
 *
 * difference: minor units, above 0 where the share comes to more now. lines: in arena; what
 * each line comes to more, none that stays as it is; they add up to the difference. A gap that
 * rounding leaves between lines and total is a line of its own. May be NULL, as count.
 *
 * The new use lies over the parts of the share as the old one did: by days, with the rounding
 * of the bill. Sub-meters, factors of gas and the registers that the tariff names are reckoned
 * with.
 *
 * Errors: ERR_RANGE where a register would fall; ERR_STATE where the tariff counts hours or a
 * highest demand, which only a new bill can measure; ERR_TAMPERED when the bill does not
 * compute again.
 */
enum err_code bill_share_change(struct office *o, const struct bill_view *v,
                                const struct bill_view_meter *m,
                                const struct bill_change *change, struct arena *arena,
                                int64_t *difference, struct bill_view_line **lines,
                                size_t *count, struct err *e) MUST_CHECK;

#endif
