/* Readings that nobody took: what the dial would show, from what was used before. Exact
 * integers; whatever is rounded is rounded down to the dial's smallest step, so that an
 * estimate is rather too low than too high. */
#ifndef AFORO_DOMAIN_ESTIMATE_H
#define AFORO_DOMAIN_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

#include "domain/meter.h"

/* Source of the order: VEE practice (EPRI/EEI uniform business practices): the meter's own
 * recent use, its use a year before, others like it. */
enum estimate_method {
    ESTIMATE_MEAN,    /* mean daily use of comparable periods */
    ESTIMATE_YEAR,    /* the same period of the year before */
    ESTIMATE_PEERS,   /* median of the meters with the same tariff */
    ESTIMATE_BETWEEN, /* between two readings, in equal parts */
    ESTIMATE_METHODS
};
const char *estimate_method_name(enum estimate_method m); /* stable: "mean" */
bool estimate_method_find(const char *name, enum estimate_method *out);

/* What was used, and in which time. */
struct estimate_basis {
    enum estimate_method method;
    int64_t use;     /* smallest units, multiplier applied */
    int64_t secs;    /* above 0 */
    int64_t periods; /* of the meter, or meters of the group */
};

struct estimate {
    int64_t value;      /* dial */
    unsigned rollovers; /* times that the dial passes zero since `from` */
    int64_t use;        /* since `from`, multiplier applied */
};

/*
 * The dial at an instant after a reading, at the basis's rate.
 *
 * Errors: ERR_RANGE when the dial would turn more than once, or on overflow.
 */
enum err_code estimate_at(const struct register_def *reg, const struct estimate_basis *b,
                          struct point from, int64_t utc, struct estimate *out,
                          struct err *e) MUST_CHECK;
/* The dial between two readings, in equal parts of time; from.value <= to.value,
 * from.utc <= utc <= to.utc, from.utc < to.utc. */
int64_t estimate_between(const struct register_def *reg, struct point from, struct point to,
                         int64_t utc);

#endif
