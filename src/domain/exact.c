#include <config.h>

#include "domain/exact.h"

__extension__ typedef unsigned __int128 uint128;

#define INT128_MAX ((int128)(((uint128)1 << 127) - 1))

/* 10^n, n <= 38 */
static int128 pow10_128(unsigned n)
{
    CHECK(n <= 38);
    return n <= 18 ? (int128)pow10_i64(n) : pow10_128(n - 18) * pow10_i64(18);
}

static bool fits_64(int128 v)
{
    return v <= INT64_MAX && v >= INT64_MIN;
}

/* Written out, because the compilers' own 128-bit overflow check is not in every run-time
 * library. */
static bool mul_128(int128 a, int128 b, int128 *out)
{
    if (!fits_64(a) || !fits_64(b)) {
        int128 abs_a = a < 0 ? -a : a;
        int128 abs_b = b < 0 ? -b : b;
        if (abs_b != 0 && abs_a > INT128_MAX / abs_b) {
            return false;
        }
    }
    *out = a * b;
    return true;
}

static bool add_128(int128 a, int128 b, int128 *out)
{
    if ((b > 0 && a > INT128_MAX - b) || (b < 0 && a < -INT128_MAX - b)) {
        return false;
    }
    *out = a + b;
    return true;
}

/* Drop trailing zeros, so that a value has one form. */
static struct exact reduced(struct exact a)
{
    while (a.scale > 0 && a.mantissa % 10 == 0) {
        a.mantissa /= 10;
        a.scale--;
    }
    return a;
}

struct exact exact_from_int(int64_t v)
{
    return (struct exact){v, 0};
}

struct exact exact_from_decimal(struct decimal d)
{
    return (struct exact){d.mantissa, d.scale};
}

struct exact exact_from_minor(int64_t minor, unsigned digits)
{
    return (struct exact){minor, (uint8_t)digits};
}

struct exact exact_product(int64_t a, struct decimal b, unsigned places)
{
    return (struct exact){(int128)a * b.mantissa, (uint8_t)(b.scale + places)};
}

/* Bring both to the larger scale. */
static bool align(struct exact *a, struct exact *b)
{
    if (a->scale < b->scale) {
        return align(b, a);
    }
    bool ok = mul_128(b->mantissa, pow10_128((unsigned)(a->scale - b->scale)), &b->mantissa);
    b->scale = a->scale;
    return ok;
}

static bool add_aligned(struct exact a, struct exact b, struct exact *out)
{
    out->scale = a.scale > b.scale ? a.scale : b.scale;
    return align(&a, &b) && add_128(a.mantissa, b.mantissa, &out->mantissa);
}

bool exact_add(struct exact a, struct exact b, struct exact *out)
{
    return add_aligned(a, b, out) || add_aligned(reduced(a), reduced(b), out);
}

bool exact_sub(struct exact a, struct exact b, struct exact *out)
{
    return exact_add(a, exact_neg(b), out);
}

static bool mul_scaled(struct exact a, struct exact b, struct exact *out)
{
    unsigned scale = (unsigned)a.scale + b.scale;
    if (scale > EXACT_SCALE_MAX) {
        return false;
    }
    out->scale = (uint8_t)scale;
    return mul_128(a.mantissa, b.mantissa, &out->mantissa);
}

bool exact_mul(struct exact a, struct exact b, struct exact *out)
{
    return mul_scaled(a, b, out) || mul_scaled(reduced(a), reduced(b), out);
}

bool exact_shift(struct exact a, unsigned places, struct exact *out)
{
    if (places + a.scale > EXACT_SCALE_MAX) {
        a = reduced(a);
    }
    *out = a;
    out->scale = (uint8_t)(a.scale + places);
    return places + a.scale <= EXACT_SCALE_MAX;
}

struct exact exact_neg(struct exact a)
{
    return (struct exact){-a.mantissa, a.scale};
}

static int sign(int128 v)
{
    return (v > 0) - (v < 0);
}

int exact_cmp(struct exact a, struct exact b)
{
    struct exact x = reduced(a), y = reduced(b);
    int sign_x = sign(x.mantissa), sign_y = sign(y.mantissa);
    bool x_coarser = x.scale < y.scale;
    if (align(&x, &y)) {
        return (x.mantissa > y.mantissa) - (x.mantissa < y.mantissa);
    }
    /* The coarser one does not fit at the finer scale, so it is larger than all that the other
     * can hold. */
    return x_coarser ? sign_x : -sign_y;
}

bool exact_round(struct exact a, unsigned digits, int64_t step_minor, enum rounding mode,
                 int64_t *minor)
{
    CHECK(step_minor > 0 && digits <= 18);
    int128 numerator = a.mantissa;
    int128 divisor = step_minor;
    bool ok = true;
    if (a.scale >= digits) {
        ok = mul_128(divisor, pow10_128(a.scale - digits), &divisor);
    } else {
        ok = mul_128(numerator, pow10_128(digits - a.scale), &numerator);
    }
    int128 result = 0;
    if (!ok || !mul_128(div_round128(numerator, divisor, mode), step_minor, &result) ||
        !fits_64(result)) {
        return false;
    }
    *minor = (int64_t)result;
    return true;
}

void exact_print(struct exact a, unsigned min_decimals, struct buf *out)
{
    char digits[48];
    size_t n = sizeof(digits);
    struct exact r = reduced(a);
    unsigned decimals = r.scale;
    int128 rest = r.mantissa < 0 ? -r.mantissa : r.mantissa;
    for (unsigned i = 0; rest != 0 || i <= decimals; i++) {
        if (i == decimals && i != 0) {
            digits[--n] = '.';
        }
        digits[--n] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    if (r.mantissa < 0) {
        buf_addc(out, '-');
    }
    buf_add(out, digits + n, sizeof(digits) - n);
    for (unsigned i = decimals; i < min_decimals; i++) {
        buf_adds(out, i == 0 ? ".0" : "0");
    }
}
