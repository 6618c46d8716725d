#include <config.h>

#include "domain/charged.h"

#include <string.h>

#include "base/i18n.h"

#define COUNTED_MAX INT64_C(1000000000000) /* l: no meter counts a cubic kilometre */
#define CONDITION_DECIMALS 4
#define FACTOR_DIGITS 5 /* of a volume factor that is reckoned */

bool unit_is_energy(const struct unit *u)
{
    return strcmp(u->base, "Wh") == 0 || strcmp(u->base, "kJ") == 0;
}

bool unit_billed_by(const struct unit *counted, const struct unit *billed, bool gas)
{
    return strcmp(counted->base, gas && unit_is_energy(billed) ? "l" : billed->base) == 0;
}

enum err_code gas_factor_check(struct decimal value, int64_t most, const char *what,
                               struct err *e)
{
    struct decimal fits;
    bool ok = decimal_rescale(value, GAS_FACTOR_DECIMALS, &fits, NULL) == ERR_OK &&
              fits.mantissa > 0 && fits.mantissa <= most * pow10_i64(GAS_FACTOR_DECIMALS);
    return ok ? ERR_OK
              : err_set(e, ERR_RANGE,
                        _("%s must be above 0 and at most %lld, with %d decimals at most"),
                        what, (long long)most, GAS_FACTOR_DECIMALS);
}

/* In millionths; false where it is none of ours. */
static bool micro(struct decimal d, int64_t *out)
{
    struct decimal fits;
    if (decimal_rescale(d, GAS_FACTOR_DECIMALS, &fits, NULL) != ERR_OK || fits.mantissa < 0 ||
        fits.mantissa > INT64_C(1000000000)) {
        return false;
    }
    *out = fits.mantissa;
    return true;
}

/* Sum of days x volume x calorific over the spans, in 10^-12, and the days. */
static bool spans_sum(const struct gas_span *spans, size_t count, bool energy, int128 *sum,
                      int64_t *days)
{
    *sum = 0;
    *days = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t volume = 0;
        int64_t calorific = 0;
        if (spans[i].days < 1 || spans[i].days > 3660 || !micro(spans[i].volume, &volume) ||
            !micro(spans[i].calorific, &calorific) || volume == 0 ||
            (energy && calorific == 0)) {
            return false;
        }
        *sum += (int128)spans[i].days * volume *
                (energy ? calorific : pow10_i64(GAS_FACTOR_DECIMALS));
        *days += spans[i].days;
    }
    return *days > 0 && *days <= 3660;
}

enum err_code charged_use(int64_t counted, int64_t below, const struct gas_span *spans,
                          size_t count, const struct unit *unit, int64_t *out, struct err *e)
{
    int128 sum = 0;
    int64_t days = 0;
    int64_t net = 0;
    if (!sub_i64(counted, below, &net) || net < 0 || below < 0) {
        return err_set(e, ERR_RANGE, _("the sub-meters counted more than the meter above"));
    }
    if (count == 0) {
        *out = net;
        return ERR_OK;
    }
    bool energy = unit_is_energy(unit);
    if (net > COUNTED_MAX || !spans_sum(spans, count, energy, &sum, &days)) {
        return err_set(e, ERR_RANGE, _("the use or a factor of gas is out of range"));
    }
    /* 1 l x MJ/m3 = 1 kJ, and 3.6 kJ = 1 Wh */
    bool hours = energy && strcmp(unit->base, "Wh") == 0;
    int128 whole = (int128)pow10_i64(2 * GAS_FACTOR_DECIMALS) * days;
    int128 given =
        div_round128(net * sum * (hours ? 10 : 1), whole * (hours ? 36 : 1), ROUND_HALF_UP);
    *out = (int64_t)given;
    return given <= INT64_MAX
               ? ERR_OK
               : err_set(e, ERR_RANGE, _("the use or a factor of gas is out of range"));
}

/* d in 10^-4 within [least, most]. */
static bool condition(struct decimal d, int64_t least, int64_t most, int64_t *out)
{
    struct decimal fits;
    int64_t one = pow10_i64(CONDITION_DECIMALS);
    if (decimal_rescale(d, CONDITION_DECIMALS, &fits, NULL) != ERR_OK ||
        fits.mantissa < least * one || fits.mantissa > most * one) {
        return false;
    }
    *out = fits.mantissa;
    return true;
}

enum err_code gas_volume_factor(const struct gas_conditions *c, struct decimal *out,
                                struct err *e)
{
    const int64_t kelvin = 2731500; /* of 0 degrees Celsius, in 10^-4 */
    int64_t p = 0;
    int64_t pb = 0;
    int64_t t = 0;
    int64_t tb = 0;
    int64_t z = 0;
    if (!condition(c->pressure, 500, 100000, &p) ||
        !condition(c->base_pressure, 900, 1100, &pb) ||
        !condition(c->temperature, -50, 100, &t) ||
        !condition(c->base_temperature, -1, 26, &tb) ||
        !condition(c->compressibility, 0, 2, &z) || z == 0) {
        return err_set(e, ERR_RANGE,
                       _("gas is metered at 500 to 100000 mbar, -50 to 100 degrees, a "
                         "compressibility of at most 2, with 4 decimals at most"));
    }
    /* z has 4 decimals of its own; the others are ratios. 1e9 x 3e6 x 2e4 x 1e5 fits. */
    int128 n = (int128)p * (tb + kelvin) * z * pow10_i64(FACTOR_DIGITS);
    int128 d = (int128)pb * (t + kelvin) * pow10_i64(CONDITION_DECIMALS);
    *out = (struct decimal){(int64_t)div_round128(n, d, ROUND_HALF_UP), FACTOR_DIGITS};
    return ERR_OK;
}
