/* Time of use: which period of a tariff's schedule an instant lies in, and what readings of one
 * register amount to in each period and as demand. */
#ifndef AFORO_DOMAIN_TOU_H
#define AFORO_DOMAIN_TOU_H

#include "base/caltime.h"
#include "domain/tariff.h"

/* The period that a moment of local time lies in. The schedule has hours (slots > 0). */
size_t tou_period_at(const struct tou *u, const struct civil *local);

/* Adds up a register's intervals. Filled by tou_meter_init, fed in order of time. */
struct tou_meter {
    const struct tariff *t;
    const struct zone *zone;
    int64_t back;        /* 0: the period; else the months before it, for a ratchet */
    int64_t *quantities; /* of the tariff; those of kind HOURS and DEMAND are written here */
    int64_t window_start[TARIFF_QUANTITIES_MAX]; /* of the demand window being filled, UTC */
    int64_t window_use[TARIFF_QUANTITIES_MAX];
    int64_t window_covered[TARIFF_QUANTITIES_MAX]; /* seconds of it that are known */
    int64_t spread; /* intervals that were divided by time, because they span periods */
};

/* back: 0 for the period; months for what a ratchet with so many looks at. quantities: as many
 * as the tariff has; those of kind HOURS and DEMAND with this `back` are set to 0. Borrowed,
 * with tariff and zone, until the last tou_meter_add. */
void tou_meter_init(struct tou_meter *m, const struct tariff *t, const struct zone *zone,
                    int64_t back, int64_t *quantities);
/*
 * One interval between two readings.
 *
 * from, to: seconds UTC, from < to. use: smallest units, not negative, multiplier applied.
 * An interval that spans several periods is divided by time; for demand, intervals longer than
 * the tariff's do not count. ERR_RANGE on overflow.
 */
enum err_code tou_meter_add(struct tou_meter *m, int64_t from, int64_t to, int64_t use,
                            struct err *e) MUST_CHECK;

#endif
