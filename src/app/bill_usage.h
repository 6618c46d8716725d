/* What a meter's share of a bill is reckoned from: the use of its other registers and of the
 * hours of its tariff, and the parts into which a change of price or season cuts the period. */
#ifndef AFORO_APP_BILL_USAGE_H
#define AFORO_APP_BILL_USAGE_H

#include "app/bill_build.h"

/*
 * The register whose use a tariff bills: of the tariff's kind of unit, none of those that the
 * tariff names for something else; the first such.
 *
 * Errors: ERR_STATE naming the meter when it has none.
 */
enum err_code main_register(struct office *o, int64_t meter, const struct tariff *t,
                            int64_t *reg, struct err *e) MUST_CHECK;

/*
 * Fill s->parts: which tariff version holds for which days, use and limit of each part, and
 * what the tariff measures besides.
 *
 * s: readings, consumption, days and limit stand in it. code: of the tariff. arena: holds parts
 * and quantities.
 * Errors: ERR_NOT_FOUND when no version is in force, ERR_LIMIT for too many parts.
 */
enum err_code share_parts(struct office *o, const struct tariff_book *book,
                          const struct billing_period *p, const char *code,
                          struct bill_share *s, struct arena *arena, struct err *e) MUST_CHECK;

/*
 * What is charged of what the meter counted: sub-meters that are linked to be taken off it, and
 * the factors of gas in force on its days.
 *
 * s: readings, consumption, days and code stand in it; where sub-meters were not read, or
 * counted more, the share waits: it ends where it began. arena: holds lists.
 * Errors: ERR_NOT_FOUND for gas that is charged by energy without a calorific value, ERR_STATE
 * where the tariff counts hours or other registers of a meter with sub-meters.
 */
enum err_code share_charged(struct office *o, const struct tariff_book *book,
                            const struct billing_period *p, struct bill_share *s,
                            struct arena *arena, struct err *e) MUST_CHECK;
/* bill_gas.c: what factors of gas were looked up, empty. *out: NULL where the office has none.
 */
enum err_code gas_memo_new(struct office *o, struct arena *arena, struct gas_memo **out,
                           struct err *e) MUST_CHECK;
/* The days of a share of gas by the factors in force; none where cubic metres are charged as
 * they were metered. Errors: ERR_NOT_FOUND for energy without a calorific value. */
enum err_code gas_spans_take(struct office *o, const struct tariff_book *book,
                             const struct billing_period *p, struct bill_share *s, bool energy,
                             struct arena *arena, struct err *e) MUST_CHECK;
/* First and last day (exclusive) of a share. */
void share_days(const struct office *o, const struct billing_period *p,
                const struct bill_share *s, int32_t *first, int32_t *end);

#endif
