/* A meter's share of a bill, computed again from what the bill recorded. */
#ifndef AFORO_APP_BILL_AGAIN_H
#define AFORO_APP_BILL_AGAIN_H

#include "app/query_bill.h"
#include "domain/bill_calc.h"

/* A part of a share, as recorded and as computed again. */
struct bill_again {
    const struct tariff *tariff;
    const char *start; /* its first day; "" where the share is whole */
    struct usage usage;
    int64_t values[TARIFF_QUANTITIES_MAX];
    struct bill_result result;
};

/* The tariff version that a share was billed by, parsed from the tables into arena. */
enum err_code bill_tariff(struct office *o, int64_t id, struct arena *arena,
                          struct tariff **out, struct err *e) MUST_CHECK;

/*
 * The parts of a share, one where prices are the same throughout.
 *
 * parts: in arena, *count of them; their results have a line for each of the share's on the
 * bill, in that order.
 * Errors: ERR_TAMPERED when a line is not what tariff and readings give.
 */
enum err_code bill_share_again(struct office *o, const struct bill_view *v,
                               const struct bill_view_meter *m, struct arena *arena,
                               struct bill_again **parts, size_t *count,
                               struct err *e) MUST_CHECK;

#endif
