/* Meters that may count less than is used, by what finding out would recover. Only reads. */
#ifndef AFORO_APP_SUSPECTS_H
#define AFORO_APP_SUSPECTS_H

#include "app/bill_build.h"
#include "app/lookup.h"
#include "domain/suspicion.h"

#define SUSPECT_PERIODS 14 /* a year, and the two that are compared with it */
#define SUSPECT_DAYS 30

struct suspect {
    int64_t reg, account; /* account 0: nobody's */
    struct meter_row meter;
    char tariff[64];
    struct suspicion_series series;
    struct suspicion found;
    int64_t since_utc; /* when the fall seems to have begun */
};

struct suspects {
    struct suspect *all; /* owned; those with something to recover, the most first */
    size_t count;
};

/*
 * Rank the meters in service by their periods of 30 days up to an instant, each against those
 * with its tariff.
 *
 * kind: NULL: all.
 */
enum err_code suspects_find(struct office *o, int64_t to_utc, const char *kind,
                            struct suspects *out, struct err *e) MUST_CHECK;
void suspects_release(struct suspects *s);

#endif
