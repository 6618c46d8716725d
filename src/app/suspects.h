/* Meters that may count less than is used, by what finding out would recover. Only reads. */
#ifndef AFORO_APP_SUSPECTS_H
#define AFORO_APP_SUSPECTS_H

#include "app/bill_build.h"
#include "app/lookup.h"
#include "base/progress.h"
#include "domain/suspicion.h"

#define SUSPECT_PERIODS 14 /* a year, and the two that are compared with it */
#define SUSPECT_DAYS 30

struct suspect {
    int64_t reg;
    int64_t last; /* counted in the last period, smallest unit; below 0: not known */
    struct suspicion found;
    int64_t since_utc; /* when the fall seems to have begun */
};

/* All that were looked at: 128 bytes a meter. */
struct suspects;

/*
 * Rank the meters in service by their periods of 30 days up to an instant, each against those
 * with its tariff.
 *
 * kind: NULL: all. progress: NULL or what is told how far it is. *out is owned.
 * Errors: ERR_LIMIT, ERR_CANCELLED.
 */
enum err_code suspects_find(struct office *o, int64_t to_utc, const char *kind,
                            const struct progress *progress, struct suspects **out,
                            struct err *e) MUST_CHECK;
/* Those with something to recover; the most first. */
size_t suspects_count(const struct suspects *s);
void suspects_get(const struct suspects *s, size_t index, struct suspect *out);
void suspects_free(struct suspects *s);

#endif
