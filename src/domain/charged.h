/* From what a meter counted to what its tariff charges: less what sub-meters below it counted,
 * and for gas from cubic metres as metered to cubic metres at base conditions or to energy.
 *
 *   charged = (counted - counted below) x sum(days x volume factor x calorific value) / days
 *
 * with one rounding, half up, to the smallest unit of the tariff (1 l, 1 kJ, 1 Wh; 1 kWh =
 * 3.6 MJ). Where factors change within the share, they count by days: the mean of the days.
 *
 * Source: The Gas (Calculation of Thermal Energy) Regulations 1996 (SI 1996/439), regulation 3:
 * converted volume x mean of the days' calorific values / 3.6 = kWh; ISO 13443 for base
 * conditions. */
#ifndef AFORO_DOMAIN_CHARGED_H
#define AFORO_DOMAIN_CHARGED_H

#include <stddef.h>

#include "base/err.h"
#include "base/quantity.h"

#define GAS_FACTOR_DECIMALS 6
#define GAS_SPANS_MAX 400 /* of a share: daily values of a year fit */

/* Days of a share with the same factors. */
struct gas_span {
    int64_t days;
    struct decimal volume;    /* m3 at base conditions for 1 m3 as metered */
    struct decimal calorific; /* MJ of 1 m3 at base conditions; mantissa 0: none is needed */
    int64_t volume_id, calorific_id; /* of the records; 0: none, the volume factor is 1 */
};

/* False when a tariff's unit is no energy: then factors give cubic metres. */
bool unit_is_energy(const struct unit *u);
/* Can a tariff by the unit `billed` bill what a register counts in `counted`? Both are of one
 * measure; the energy of gas is reckoned from litres. */
bool unit_billed_by(const struct unit *counted, const struct unit *billed, bool gas);

/* Does 1 < value decimals fit? ERR_RANGE unless 0 < value <= most, with at most
 * GAS_FACTOR_DECIMALS decimals; the error names `what`. */
enum err_code gas_factor_check(struct decimal value, int64_t most, const char *what,
                               struct err *e) MUST_CHECK;

/*
 * What the tariff charges.
 *
 * counted, below: smallest unit of the register. spans: none for what is charged as it was
 * counted. unit: of the tariff. *out: its smallest unit.
 * Errors: ERR_RANGE where below is more than counted, or a product has no room.
 */
enum err_code charged_use(int64_t counted, int64_t below, const struct gas_span *spans,
                          size_t count, const struct unit *unit, int64_t *out,
                          struct err *e) MUST_CHECK;

/* Conditions at which gas is metered and billed. */
struct gas_conditions {
    struct decimal pressure, base_pressure;       /* absolute, mbar */
    struct decimal temperature, base_temperature; /* degrees Celsius */
    struct decimal compressibility; /* at base conditions / as metered; 1 at low pressure */
};
/*
 * The volume factor: p / pb x Tb / T x Zb / Z, rounded half up to 5 decimals.
 *
 * Errors: ERR_RANGE for conditions that no gas is metered at.
 * Source: the gas law; what EN 12405-1 calls PTZ conversion, with a constant compressibility
 * PT.
 */
enum err_code gas_volume_factor(const struct gas_conditions *c, struct decimal *out,
                                struct err *e) MUST_CHECK;

#endif
