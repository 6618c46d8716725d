/* Reports whose rows no query can reckon: each prints them as one JSON array of arrays, which
 * the report's query takes as the value behind its parameters. */
#ifndef AFORO_REPORTS_REP_RECKON_H
#define AFORO_REPORTS_REP_RECKON_H

#include "app/office.h"
#include "base/buf.h"
#include "base/progress.h"

/* values: of the report's parameters, in their order; NULL where not given. */
typedef enum err_code (*reckon_fn)(struct office *o, const char *const *values,
                                   struct buf *json, struct err *e);
/* NULL: the report's query says all. */
reckon_fn reckon_find(const char *report);

/* A report with a row for each meter: reckoned once, printed a slice at a time, each an array
 * for a query of its own. */
struct reckon_slices {
    enum err_code (*begin)(struct office *o, const char *const *values,
                           const struct progress *progress, void **state, struct err *e);
    /* Append the next rows; "[]" behind the last. */
    void (*next)(struct office *o, void *state, struct buf *json);
    bool (*more)(const void *state);
    void (*end)(void *state);
};
/* NULL: all rows come at once. */
const struct reckon_slices *reckon_slices_find(const char *report);

/* Meters that may count too little (app/suspects.h): [register, recovered, expected, last
 * period, confidence in percent, since (wall clock), signs]. values: to, kind. */
extern const struct reckon_slices suspects_slices;

/* The queue of app/queue.h: [reading, alert, severity, rule, class, use, expected, money, bill,
 * local, register, account]. values: severity, rule, class, serial, account, route, kind, what.
 */
enum err_code queue_reckon(struct office *o, const char *const *values, struct buf *json,
                           struct err *e) MUST_CHECK;

/* Validation rules as they hold in the office: [rule, title, kind, severity, on, holds, limits,
 * set by the office, source]. values: kind, rule. */
enum err_code rules_reckon(struct office *o, const char *const *values, struct buf *json,
                           struct err *e) MUST_CHECK;

/* Feeders against the meters below them: [serial, unit, whole, parts, loss, percent, meters,
 * read]. values: from, to (the day behind the last), serial. */
enum err_code balance_reckon(struct office *o, const char *const *values, struct buf *json,
                             struct err *e) MUST_CHECK;

/* What feeders lose a month (app/losses.h): [serial, month, unit, in, measured, estimated,
 * lost, per mille of what went in, billed, not billed, per mille, meters, without use]. values:
 * from, to, serial. */
enum err_code losses_reckon(struct office *o, const char *const *values, struct buf *json,
                            struct err *e) MUST_CHECK;

#endif
