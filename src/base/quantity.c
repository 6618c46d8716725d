#include <config.h>

#include "base/quantity.h"

#include <string.h>

#include "base/i18n.h"

#define SCALE_MAX 18
#define ZEROS_MAX 10000 /* after the point and before a digit; more is refused */
#define EXPONENT_STOP                                                                          \
    99999 /* larger exponents stop here: no nonzero mantissa fits them anyway */

static const int64_t powers[SCALE_MAX + 1] = {1,
                                              10,
                                              100,
                                              1000,
                                              10000,
                                              100000,
                                              1000000,
                                              10000000,
                                              100000000,
                                              1000000000,
                                              10000000000,
                                              100000000000,
                                              1000000000000,
                                              10000000000000,
                                              100000000000000,
                                              1000000000000000,
                                              10000000000000000,
                                              100000000000000000,
                                              1000000000000000000};

int64_t pow10_i64(unsigned n)
{
    CHECK(n <= SCALE_MAX);
    return powers[n];
}

bool add_i64(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

bool sub_i64(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_sub_overflow(a, b, out);
}

bool mul_i64(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

int128 div_round128(int128 n, int128 d, enum rounding mode)
{
    CHECK(d > 0);
    int128 quotient = n / d, rest = n % d; /* C truncates toward zero */
    int away = n < 0 ? -1 : 1;
    if (rest == 0) {
        return quotient;
    }
    if (rest < 0) {
        rest = -rest;
    }
    bool above_half = rest > d - rest, at_half = rest == d - rest;
    switch (mode) {
    case ROUND_HALF_UP:
        return above_half || at_half ? quotient + away : quotient;
    case ROUND_HALF_EVEN:
        return above_half || (at_half && quotient % 2 != 0) ? quotient + away : quotient;
    case ROUND_DOWN:
        return quotient;
    case ROUND_UP:
        return quotient + away;
    }
    check_failed("rounding mode", __FILE__, __LINE__);
}

int64_t quantity_on_days(int64_t whole, int64_t done, int64_t days, int64_t all)
{
    return (int64_t)(div_round128((int128)whole * (done + days), all, ROUND_HALF_UP) -
                     div_round128((int128)whole * done, all, ROUND_HALF_UP));
}

/* The state of reading one number: digits go in one by one, and zeros after the point wait
 * until a digit follows, so that "0.50000000000000000000" does not overflow. */
struct accumulator {
    int64_t mantissa;         /* negative: the negative range is the larger */
    int scale, zeros, digits; /* scale without the waiting zeros */
    bool overflow;
};

static void shift_in(struct accumulator *a, int digit)
{
    if (__builtin_mul_overflow(a->mantissa, 10, &a->mantissa) ||
        __builtin_sub_overflow(a->mantissa, digit, &a->mantissa)) {
        a->overflow = true;
    }
}

static void take_fraction_digit(struct accumulator *a, int digit)
{
    if (digit == 0) {
        a->zeros += a->zeros <= ZEROS_MAX;
        return;
    }
    if (a->zeros > ZEROS_MAX) {
        a->overflow = true;
    }
    a->scale += a->zeros + 1;
    for (; a->zeros > 0 && !a->overflow; a->zeros--) {
        shift_in(a, 0);
    }
    shift_in(a, digit);
    a->zeros = 0;
}

/* Digits and at most one point; returns how many bytes were taken. */
static size_t take_digits(struct accumulator *a, const char *s, size_t len)
{
    size_t i = 0;
    bool point = false;
    for (; i < len; i++) {
        unsigned digit = (unsigned)(unsigned char)s[i] - '0';
        if (digit <= 9) {
            a->digits = 1;
            if (point) {
                take_fraction_digit(a, (int)digit);
            } else {
                shift_in(a, (int)digit);
            }
        } else if (s[i] == '.' && !point) {
            point = true;
        } else {
            break;
        }
    }
    return i;
}

/* "e+05": returns bytes taken, 0 when malformed. */
static size_t take_exponent(const char *s, size_t len, int *exponent)
{
    size_t i = 1;
    bool negative = i < len && s[i] == '-';
    if (i < len && (s[i] == '-' || s[i] == '+')) {
        i++;
    }
    size_t first = i;
    int value = 0;
    for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
        value = value > EXPONENT_STOP ? value : value * 10 + (s[i] - '0');
    }
    *exponent = negative ? -value : value;
    return i > first ? i : 0;
}

/* Bring mantissa * 10^-scale into 0..SCALE_MAX, exactly. */
static bool settle_scale(struct accumulator *a, int exponent)
{
    int scale = a->scale - exponent;
    if (a->mantissa == 0 && !a->overflow) {
        a->scale = scale < 0 ? 0 : scale > SCALE_MAX ? SCALE_MAX : scale;
        return true;
    }
    for (; scale < 0 && !a->overflow; scale++) {
        shift_in(a, 0);
    }
    for (; scale > SCALE_MAX && a->mantissa % 10 == 0; scale--) {
        a->mantissa /= 10;
    }
    a->scale = scale;
    return !a->overflow && scale <= SCALE_MAX;
}

/* The scale as it was written ("12.340"), as far as there is room. */
static void restore_zeros(struct accumulator *a)
{
    for (; a->zeros > 0 && a->scale < SCALE_MAX; a->zeros--) {
        int64_t more;
        if (__builtin_mul_overflow(a->mantissa, 10, &more)) {
            return;
        }
        a->mantissa = more;
        a->scale++;
    }
}

enum err_code decimal_parse(const char *s, size_t len, struct decimal *out, struct err *e)
{
    struct accumulator a = {0};
    bool negative = len > 0 && s[0] == '-';
    size_t i = negative ? 1 : 0;
    int exponent = 0;
    i += take_digits(&a, s + i, len - i);
    bool fine = a.digits > 0;
    if (fine && i < len && (s[i] == 'e' || s[i] == 'E')) {
        size_t taken = take_exponent(s + i, len - i, &exponent);
        fine = taken > 0;
        i += taken;
    }
    int shown = len > 40 ? 40 : (int)len;
    if (!fine || i != len) {
        return err_set(e, ERR_PARSE, _("\"%.*s\" is not a number"), shown, s);
    }
    if (!settle_scale(&a, exponent)) {
        return err_set(e, ERR_RANGE, _("%.*s has more digits than can be kept"), shown, s);
    }
    if (exponent == 0) {
        restore_zeros(&a);
    }
    if (!negative && a.mantissa == INT64_MIN) {
        return err_set(e, ERR_RANGE, _("%.*s has more digits than can be kept"), shown, s);
    }
    out->mantissa = negative ? a.mantissa : -a.mantissa;
    out->scale = (uint8_t)a.scale;
    return ERR_OK;
}

void decimal_print(struct decimal d, struct buf *out)
{
    CHECK(d.scale <= SCALE_MAX);
    if (d.scale == 0) {
        buf_add_int(out, d.mantissa);
        return;
    }
    uint64_t size = d.mantissa < 0 ? 0 - (uint64_t)d.mantissa : (uint64_t)d.mantissa;
    uint64_t power = (uint64_t)powers[d.scale];
    uint64_t fraction = size % power;
    char digits[SCALE_MAX];
    for (size_t i = d.scale; i > 0; i--) {
        digits[i - 1] = (char)('0' + fraction % 10);
        fraction /= 10;
    }
    if (d.mantissa < 0) {
        buf_addc(out, '-');
    }
    buf_add_int(out, (int64_t)(size / power));
    buf_addc(out, '.');
    buf_add(out, digits, d.scale);
}

enum err_code decimal_rescale(struct decimal d, uint8_t scale, struct decimal *out,
                              struct err *e)
{
    int64_t mantissa = d.mantissa;
    bool fits = scale <= SCALE_MAX && d.scale <= SCALE_MAX;
    if (fits && scale >= d.scale) {
        fits = mul_i64(mantissa, powers[scale - d.scale], &mantissa);
    } else if (fits) {
        int64_t power = powers[d.scale - scale];
        fits = mantissa % power == 0;
        mantissa /= power;
    }
    if (!fits) {
        return err_set(e, ERR_RANGE, _("The number does not fit in %u decimals."),
                       (unsigned)scale);
    }
    *out = (struct decimal){.mantissa = mantissa, .scale = scale};
    return ERR_OK;
}

int decimal_cmp(struct decimal a, struct decimal b)
{
    int128 left = a.mantissa, right = b.mantissa;
    if (a.scale < b.scale) {
        left *= pow10_i64((unsigned)b.scale - a.scale);
    } else {
        right *= pow10_i64((unsigned)a.scale - b.scale);
    }
    return left < right ? -1 : left > right;
}

#define OWN 0, 0
#define GALLON 3785411784, 100000000000      /* litres of 0.01 gal */
#define CUBIC_FOOT 28316846592, 100000000000 /* litres of 0.01 ft3 */

static const struct unit units[] = {
    {"l", "l", "l", 0, OWN},
    {"dm3", "dm³", "l", 0, OWN},
    {"m3", "m³", "l", 3, OWN},
    {"gal", "gal", "gal", 2, GALLON},
    {"kgal", "kgal", "gal", 5, GALLON},
    {"ft3", "ft³", "ft3", 2, CUBIC_FOOT},
    {"CCF", "CCF", "ft3", 4, CUBIC_FOOT},
    {"HCF", "HCF", "ft3", 4, CUBIC_FOOT},
    {"Wh", "Wh", "Wh", 0, OWN},
    {"kWh", "kWh", "Wh", 3, OWN},
    {"MWh", "MWh", "Wh", 6, OWN},
    {"varh", "varh", "varh", 0, OWN},
    {"kvarh", "kvarh", "varh", 3, OWN},
    {"W", "W", "W", 0, OWN},
    {"kW", "kW", "W", 3, OWN},
    {"MJ", "MJ", "kJ", 3, OWN},
    {"GJ", "GJ", "kJ", 6, OWN},
    {"u", "u", "u", 0, OWN},
};

const struct unit *unit_find(const char *symbol)
{
    for (size_t i = 0; symbol != NULL && i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(units[i].symbol, symbol) == 0) {
            return &units[i];
        }
    }
    return NULL;
}

int64_t unit_limit(const struct unit *unit, int64_t limit)
{
    if (unit == NULL || unit->num == 0) {
        return limit;
    }
    int128 n = div_round128((int128)limit * unit->den, unit->num, ROUND_HALF_UP);
    return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

enum err_code quantity_parse(const char *s, size_t len, const struct unit *unit, int64_t *out,
                             struct err *e)
{
    struct decimal d = {0};
    TRY(decimal_parse(s, len, &d, e));
    if (decimal_rescale(d, unit->exponent, &d, NULL) != ERR_OK) {
        return err_set(e, ERR_RANGE,
                       _("%.*s %s is too large, or has more than the %u decimals of that unit"),
                       len > 40 ? 40 : (int)len, s, unit->symbol, (unsigned)unit->exponent);
    }
    *out = d.mantissa;
    return ERR_OK;
}

void quantity_print(int64_t value, const struct unit *unit, unsigned decimals, struct buf *out)
{
    struct decimal d = {.mantissa = value, .scale = unit->exponent};
    while (d.scale > decimals && d.mantissa % 10 == 0) {
        d.mantissa /= 10;
        d.scale--;
    }
    decimal_print(d, out);
    if (decimals > d.scale) { /* a dial finer than the smallest unit: zeros, as text */
        if (d.scale == 0) {
            buf_addc(out, '.');
        }
        for (unsigned i = d.scale; i < decimals && i < SCALE_MAX; i++) {
            buf_addc(out, '0');
        }
    }
}
