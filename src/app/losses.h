/* What feeders lose, month by month: what went in by the feeder's meter, less what the meters
 * below it counted, and what of it was billed. */
#ifndef AFORO_APP_LOSSES_H
#define AFORO_APP_LOSSES_H

#include "app/balance.h"

#define LOSS_MONTHS_MAX 120

struct loss {
    char month[8];          /* "2016-03" */
    struct balance counted; /* by the readings of the month (app/balance.h) */
    /* Smallest units on bills in force of the meters below whose last day lies in the month. */
    int64_t billed;
};

struct loss_choice {
    const char *from, *to; /* days in the first and last month; NULL: the first link's month,
                              the last month in which a feeder was read */
    const char *serial;    /* of a feeder; NULL: all */
};

/* The first of the last month in which a feeder was read; *known false: none was. */
enum err_code losses_last_month(struct office *o, struct date *out, bool *known,
                                struct err *e) MUST_CHECK;
/* Of one feeder in the month that begins at `first`. counted.count 0: nothing was below it. */
enum err_code loss_load(struct office *o, int64_t feeder, struct date first, struct loss *out,
                        struct err *e) MUST_CHECK;

/*
 * Reckon each feeder and month, feeder by feeder, oldest month first. A month before the feeder
 * had a meter below it is left out.
 *
 * put:    gets each; its error ends the work.
 * Errors: ERR_PARSE of a date; ERR_LIMIT above LOSS_MONTHS_MAX months; the database's.
 */
typedef enum err_code (*loss_put)(void *ctx, const struct loss *l, struct err *e);
enum err_code losses_each(struct office *o, const struct loss_choice *choice, loss_put put,
                          void *ctx, struct err *e) MUST_CHECK;

#endif
