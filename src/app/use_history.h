/* What a register used before: billed periods, and what a use would cost. For judging, ranking
 * and estimating; nothing is decided here. */
#ifndef AFORO_APP_USE_HISTORY_H
#define AFORO_APP_USE_HISTORY_H

#include "app/bill_build.h"
#include "app/lookup.h"
#include "app/office.h"

/* Billed periods of a register and of the one whose place it took, newest first. */
struct use_history {
    struct period_use period[HISTORY_MAX];
    size_t count;
    int64_t use, days; /* sums; days 0: nothing is known */
};

/*
 * Periods that ended at or before an instant, were measured (no estimate at either end) and
 * hold a use; of bills in force.
 *
 * Where nothing was billed yet, one period from the readings of up to 400 days before.
 */
enum err_code use_history_load(struct office *o, const struct meter_row *m, int64_t until_utc,
                               struct use_history *out, struct err *e) MUST_CHECK;
/* The last accepted reading up to an instant that was taken, not estimated. */
enum err_code measured_until(struct office *o, int64_t reg, int64_t utc,
                             struct bill_reading *out, bool *found, struct err *e) MUST_CHECK;
/* What it would use in so many days at its mean rate, half up; false: not known. */
bool use_expected(const struct use_history *h, int64_t days, int64_t *use);

/* What an account pays for a use. */
struct use_price {
    const struct tariff *tariff; /* NULL: none is in force */
    bool has_limit;
    int64_t limit;
    unsigned month;
};
/* The tariff and limit of a meter on a day of the office; the account that has it (0: none). */
enum err_code use_price_find(struct office *o, const struct tariff_book *book, int64_t meter,
                             struct date on, struct use_price *out, int64_t *account,
                             struct err *e) MUST_CHECK;
/*
 * What a use in so many days comes to, minor units; what the tariff measures by hours or other
 * registers counts in equal parts. *known false when it cannot be said.
 */
enum err_code use_price(const struct use_price *p, int64_t use, int64_t days,
                        struct arena *scratch, int64_t *minor, bool *known,
                        struct err *e) MUST_CHECK;

#endif
