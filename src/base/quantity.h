/* Exact decimals and quantities. A register and a consumption are integers in the smallest unit
 * of their kind (litre, Wh, varh, dm3 of gas); what people read has the dial's decimals. No
 * floating point anywhere. */
#ifndef AFORO_BASE_QUANTITY_H
#define AFORO_BASE_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

__extension__ typedef __int128 int128;

enum rounding {
    ROUND_HALF_UP,
    ROUND_HALF_EVEN,
    ROUND_DOWN,
    ROUND_UP
}; /* half up: away from zero at .5 */

/* mantissa * 10^-scale; scale 0..18 */
struct decimal {
    int64_t mantissa;
    uint8_t scale;
};

/* Parse "-12.34", also "4e+05" (exact). Digits and one point only: locale forms go through
 * numfmt_parse. The scale is the written one ("12.340" has 3), as far as it fits. Errors:
 * ERR_PARSE, ERR_RANGE. */
enum err_code decimal_parse(const char *s, size_t len, struct decimal *out,
                            struct err *e) MUST_CHECK;
void decimal_print(struct decimal d, struct buf *out); /* "12.340" keeps the scale */
/* Exact conversion to another scale; ERR_RANGE when digits would be lost or it overflows. */
enum err_code decimal_rescale(struct decimal d, uint8_t scale, struct decimal *out,
                              struct err *e) MUST_CHECK;
int decimal_cmp(struct decimal a, struct decimal b);

/* n/d with the rounding mode; d > 0. */
int128 div_round128(int128 n, int128 d, enum rounding mode);
/* What falls of `whole` on days [done, done + days) of `all`, rounded half up so that the parts
 * of consecutive days add up to it. */
int64_t quantity_on_days(int64_t whole, int64_t done, int64_t days, int64_t all);
int64_t pow10_i64(unsigned n);                    /* n <= 18 */
bool add_i64(int64_t a, int64_t b, int64_t *out); /* false on overflow */
bool sub_i64(int64_t a, int64_t b, int64_t *out);
bool mul_i64(int64_t a, int64_t b, int64_t *out);

/* Units of measure: symbol, kind, and power of ten of the smallest unit ("m3" = 10^3 l, "kWh" =
 * 10^3 Wh). Gallons and cubic feet are kinds of their own, in hundredths, so that a register
 * and a tariff in them count exactly; what they are in litres is needed for limits alone.
 * Source: NIST Handbook 44, appendix C: 1 gal (US) = 3.785411784 l, 1 ft3 = 28.316846592 l. */
struct unit {
    const char *symbol; /* "m3" */
    const char *pretty; /* "m³" */
    const char *base;   /* "l" */
    uint8_t exponent;   /* 3 */
    int64_t num, den;   /* a smallest unit in litres, exactly; 0, 0: it is its own measure */
};
const struct unit *unit_find(const char *symbol); /* l m3 dm3 gal kgal ft3 CCF HCF Wh kWh MWh
                                                     varh kvarh W kW MJ GJ (base kJ) u (a number
                                                     of something); NULL if unknown */

/* A limit that is known in litres, in the unit's smallest, half up; of any other unit as it is.
 */
int64_t unit_limit(const struct unit *unit, int64_t limit);

/* "12042.5" in unit -> integer in the smallest unit. ERR_RANGE when it has more decimals than
 * the unit's exponent (zeros at the end do not count: programs write litres as "68321.0"). */
enum err_code quantity_parse(const char *s, size_t len, const struct unit *unit, int64_t *out,
                             struct err *e) MUST_CHECK;
/* Integer in the smallest unit -> text in unit with exactly `decimals` decimals, or more if
 * digits would be lost (decimals <= 18). */
void quantity_print(int64_t value, const struct unit *unit, unsigned decimals, struct buf *out);

#endif
