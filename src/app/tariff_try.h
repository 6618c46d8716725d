/* What a tariff would cost, without recording anything: for a use that somebody names, or for
 * what an account was billed. */
#ifndef AFORO_APP_TARIFF_TRY_H
#define AFORO_APP_TARIFF_TRY_H

#include "app/office.h"
#include "base/arena.h"
#include "domain/bill_calc.h"

/* A use as it is typed: decimals in the tariff's unit. NULL where nothing was said. */
struct trial {
    const char *use, *limit;
    int64_t days;   /* 1..USAGE_DAYS_MAX */
    unsigned month; /* 0: not said */
    struct {
        char name[64]; /* quantity of the tariff: "peak", "1.8.1" */
        const char *value;
    } quantity[TARIFF_QUANTITIES_MAX];
    size_t quantity_count;
};

/*
 * Bill a use by a tariff.
 *
 * arena: holds lines. Errors: ERR_USAGE naming a quantity that is missing, unknown or no
 * number; those of bill_compute.
 */
enum err_code tariff_try(const struct tariff *t, const struct trial *trial, struct arena *arena,
                         struct bill_result *out, struct err *e) MUST_CHECK;

/* A billed period of an account, and what another tariff would have made of it. */
struct trial_period {
    int64_t bill;
    const char *start, *end, *serial;
    struct money billed, would;
};

/*
 * Bill again, by another tariff, what the last bills of an account billed.
 *
 * meters of another kind than the tariff's are left out. out, count: oldest first, in arena.
 * Errors: ERR_NOT_FOUND for an account that does not exist or has no such bills; ERR_STATE for
 * a tariff that measures what was not measured then.
 */
enum err_code tariff_try_account(struct office *o, const struct tariff *t, const char *account,
                                 struct arena *arena, struct trial_period **out, size_t *count,
                                 struct err *e) MUST_CHECK;

#endif
