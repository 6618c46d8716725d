/* How a use came out of two readings, where their plain difference does not show it: the dial
 * passed zero, or the register has a multiplier. */
#ifndef AFORO_APP_BILL_DIAL_H
#define AFORO_APP_BILL_DIAL_H

#include "app/query_bill.h"

struct dial_view {
    int64_t passed;     /* what the dial lost by passing zero, smallest units; 0: it did not */
    int64_t multiplier; /* of the register */
};

/* Reads nothing where the difference is the use. */
enum err_code dial_load(struct office *o, const struct bill_view_meter *m,
                        struct dial_view *out, struct err *e) MUST_CHECK;
/* For the bill itself: "Meter R99: 3 + 100 000 − 99 998 = 5 m³, as ..."; NULL in *out where
 * there is nothing to say. The text lives in arena. */
enum err_code dial_note(struct office *o, const struct bill_view_meter *m, struct arena *arena,
                        const char **out, struct err *e) MUST_CHECK;
/* Behind what was measured besides the main register: ", from 104 (reading 269, ...) to 124
 * (reading 274, ...), × 40"; nothing where no readings of a register say it. */
enum err_code dial_quantity(struct office *o, int64_t bill, int64_t reg, int64_t part,
                            const char *name, struct buf *out, struct err *e) MUST_CHECK;

#endif
