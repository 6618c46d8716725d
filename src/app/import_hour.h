/* Local times of a file to instants: fast for ordinary days, and with care in the hour that the
 * autumn change doubles. Source: domain.md, Readings. */
#ifndef AFORO_APP_IMPORT_HOUR_H
#define AFORO_APP_IMPORT_HOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/import_sort.h"
#include "base/caltime.h"

#define LOCAL_DAYS 4096 /* remembered; a power of two */

/* A zone with the offsets of the days that were asked for. */
struct local_clock {
    const struct zone *zone;
    struct {
        int32_t day; /* since 1970, + 1; 0: empty */
        bool simple; /* one offset from midnight to midnight */
        int32_t offset;
    } days[LOCAL_DAYS];
};

void local_clock_init(struct local_clock *c, const struct zone *zone);
/* As zone_resolve, for seconds as if the wall clock were UTC. */
enum local_kind local_resolve(struct local_clock *c, int64_t local, int64_t *first,
                              int64_t *second);

/* How a row of the doubled hour came to its instant; names stand in the items. */
enum hour_pass { PASS_NONE, PASS_FIRST, PASS_SECOND };
enum hour_by {
    BY_ORDER,    /* the file's order shows one step back of the clock */
    BY_REGISTER, /* it does not, or the register would fall: a rising register does */
    BY_DEFAULT,  /* neither: the first */
};
const char *hour_pass_name(enum hour_pass p);
const char *hour_by_name(enum hour_by b);

#define HOUR_ROWS_MAX 4096

/* A row on its way to be judged. */
struct timed_row {
    struct sort_row row;
    int64_t utc;
    enum hour_pass pass;
    enum hour_by by;
    bool stored; /* was stored before */
};

/*
 * Give the rows of one register within one doubled hour their instants, and put them in order
 * of these.
 *
 * rows:    at most HOUR_ROWS_MAX, in order of local time, then line; `utc` and what follows is
 *          filled in.
 * falling: the file lists this register's rows newest first.
 */
void hour_resolve(struct local_clock *c, struct timed_row *rows, size_t count, bool falling);

#endif
