/* Exact amounts in 128 bits: what a bill adds and multiplies before the one rounding that its
 * tariff names. */
#ifndef AFORO_DOMAIN_EXACT_H
#define AFORO_DOMAIN_EXACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/quantity.h"

#define EXACT_SCALE_MAX 36

/* mantissa * 10^-scale; scale 0..EXACT_SCALE_MAX. Nothing is ever lost: what does not fit is
 * refused. */
struct exact {
    int128 mantissa;
    uint8_t scale;
};

struct exact exact_from_int(int64_t v);
struct exact exact_from_decimal(struct decimal d);
/* Integer minor units of a currency with `digits` decimals. */
struct exact exact_from_minor(int64_t minor, unsigned digits);

/* a x b x 10^-places, which always fits: 64 times 64 bits. b.scale + places <= EXACT_SCALE_MAX.
 */
struct exact exact_product(int64_t a, struct decimal b, unsigned places);

/* These return false when the exact result needs more than 128 bits or 36 decimals; *out may
 * alias an operand. */
bool exact_add(struct exact a, struct exact b, struct exact *out) MUST_CHECK;
bool exact_sub(struct exact a, struct exact b, struct exact *out) MUST_CHECK;
bool exact_mul(struct exact a, struct exact b, struct exact *out) MUST_CHECK;
/* a * 10^-places: percent are places 2, a price per m3 on litres places 3. */
bool exact_shift(struct exact a, unsigned places, struct exact *out) MUST_CHECK;
struct exact exact_neg(struct exact a);
/* -1, 0 or 1, also where the two have no common scale in 128 bits. */
int exact_cmp(struct exact a, struct exact b);

/*
 * Round to a multiple of step_minor minor units (step 5 with 2 digits: 0.05).
 *
 * Returns false when the result does not fit in 64 bits of minor units.
 */
bool exact_round(struct exact a, unsigned digits, int64_t step_minor, enum rounding mode,
                 int64_t *minor) MUST_CHECK;
/* Decimal text without trailing zeros, but with at least `min_decimals` decimals: "904.50". */
void exact_print(struct exact a, unsigned min_decimals, struct buf *out);

#endif
