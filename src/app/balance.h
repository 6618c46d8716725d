/* What a feeder or macro-meter counts against the meters below it. */
#ifndef AFORO_APP_BALANCE_H
#define AFORO_APP_BALANCE_H

#include "app/bill_build.h"
#include "app/lookup.h"

struct balance {
    struct meter_row meter;
    int64_t whole;       /* smallest units, by the feeder */
    int64_t parts;       /* by the meters below */
    int64_t estimated;   /* of the parts, what begins or ends with an estimated reading */
    int64_t count, read; /* meters below, and of them those with a reading in the window */
    bool known;          /* the feeder has readings that span a use */
};

/* Use of a register between the last accepted readings at or before two instants; else from the
 * first one after. *days_read false: no reading lies in the window. */
enum err_code window_use(struct office *o, const struct meter_row *m, int64_t from_utc,
                         int64_t to_utc, int64_t *use, bool *read, struct err *e) MUST_CHECK;
enum err_code balance_load(struct office *o, int64_t meter, int64_t from_utc, int64_t to_utc,
                           struct balance *out, struct err *e) MUST_CHECK;

#define FEEDERS_MAX 4096
/* Meters with others below them, by number; not those of which only bills are deducted: what a
 * master counts besides its sub-meters is its own use, and no loss. */
enum err_code feeders_list(struct office *o, int64_t *meters, size_t *count,
                           struct err *e) MUST_CHECK;

#endif
