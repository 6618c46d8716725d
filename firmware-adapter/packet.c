#include "packet.h"

#include <string.h>

#define INTEGER_MAX INT64_C(9007199254740991) /* 2^53-1: RFC 7493 section 2.2 */
#define DIGITS_MAX INT64_C(999999999999999)   /* 15 digits survive any JSON reader */
#define TIME_END INT64_C(253402300800)        /* the year 10000 */
#define TEXT_MAX 64

struct writer {
    char *out;
    size_t size, len;
    enum packet_status status;
};

static void put(struct writer *w, const char *s, size_t n)
{
    if (w->status != PACK_OK) {
        return;
    }
    if (n > w->size - w->len) {
        w->status = PACK_NO_ROOM;
        return;
    }
    memcpy(w->out + w->len, s, n);
    w->len += n;
}

static void put_text(struct writer *w, const char *s)
{
    put(w, s, strlen(s));
}

/* Decimal digits, at least `width` of them. */
static void put_digits(struct writer *w, uint64_t v, unsigned width)
{
    char digits[20];
    size_t at = sizeof digits;
    while (v > 0 || width > 0) {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
        width -= width > 0;
    }
    put(w, digits + at, sizeof digits - at);
}

static void put_integer(struct writer *w, uint64_t v)
{
    put_digits(w, v, 1);
}

/* Without exponent or trailing zeros. */
static void put_number(struct writer *w, struct packet_number n)
{
    uint64_t power = 1;
    if (n.scale > 9 || n.value > DIGITS_MAX || n.value < -DIGITS_MAX) {
        w->status = PACK_BAD_FIELD;
        return;
    }
    while (n.scale > 0 && n.value % 10 == 0) {
        n.value /= 10;
        n.scale--;
    }
    for (unsigned i = 0; i < n.scale; i++) {
        power *= 10;
    }
    uint64_t whole = (uint64_t)(n.value < 0 ? -n.value : n.value);
    /* RFC 8785 writes what is below 10^-6 with an exponent, which a packet never has. */
    if (n.scale > 6 && whole < power / 1000000) {
        w->status = PACK_BAD_FIELD;
        return;
    }
    if (n.value < 0) {
        put(w, "-", 1);
    }
    put_integer(w, whole / power);
    if (n.scale > 0) {
        put(w, ".", 1);
        put_digits(w, whole % power, n.scale);
    }
}

static void put_string(struct writer *w, const char *s)
{
    size_t len = 0;
    for (; s[len] != '\0'; len++) {
        if (s[len] < 0x20 || s[len] > 0x7e || s[len] == '"' || s[len] == '\\' ||
            len >= TEXT_MAX) {
            w->status = PACK_BAD_FIELD;
            return;
        }
    }
    if (len == 0) {
        w->status = PACK_BAD_FIELD;
    }
    put(w, "\"", 1);
    put(w, s, len);
    put(w, "\"", 1);
}

/* "2025-08-29T10:03:00Z". Days to date: Howard Hinnant, "chrono-compatible low-level date
 * algorithms", civil_from_days. */
static void put_time(struct writer *w, int64_t secs)
{
    if (secs < 0 || secs >= TIME_END) {
        w->status = PACK_BAD_FIELD;
        return;
    }
    uint32_t day = (uint32_t)(secs / 86400) + 719468;
    uint32_t second = (uint32_t)(secs % 86400);
    uint32_t era = day / 146097;
    uint32_t doe = day % 146097;
    uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    uint32_t mp = (5 * doy + 2) / 153;
    uint32_t month = mp < 10 ? mp + 3 : mp - 9;
    put(w, "\"", 1);
    put_digits(w, yoe + era * 400 + (month <= 2), 4);
    put(w, "-", 1);
    put_digits(w, month, 2);
    put(w, "-", 1);
    put_digits(w, doy - (153 * mp + 2) / 5 + 1, 2);
    put(w, "T", 1);
    put_digits(w, second / 3600, 2);
    put(w, ":", 1);
    put_digits(w, second / 60 % 60, 2);
    put(w, ":", 1);
    put_digits(w, second % 60, 2);
    put_text(w, "Z\"");
}

static void put_base64(struct writer *w, const uint8_t *p, size_t n)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)p[i] << 16;
        char four[4] = {0, 0, '=', '='};
        v |= i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0;
        v |= i + 2 < n ? (uint32_t)p[i + 2] : 0;
        four[0] = letters[v >> 18];
        four[1] = letters[v >> 12 & 63];
        if (i + 1 < n) {
            four[2] = letters[v >> 6 & 63];
        }
        if (i + 2 < n) {
            four[3] = letters[v & 63];
        }
        put(w, four, 4);
    }
}

/* Members in the order of RFC 8785, that is, of their ASCII codes. */
static void put_packet(struct writer *w, const struct packet_fields *f, const uint8_t *sig,
                       size_t sig_len)
{
    static const char *const quantity[] = {"energia", "agua", "gas"};
    bool energy = f->quantity == PACKET_ENERGY;
    if (f->nonce > (uint64_t)INTEGER_MAX || (unsigned)f->quantity > PACKET_GAS) {
        w->status = PACK_BAD_FIELD;
        return;
    }
    put_text(w, "{");
    if (f->has_electric) {
        put_text(w, "\"current\":");
        put_number(w, f->current);
        put_text(w, ",");
    }
    if (!energy) {
        put_text(w, "\"delta\":");
        put_number(w, f->delta);
        put_text(w, ",");
    }
    put_text(w, "\"device_id\":");
    put_string(w, f->device_id);
    if (f->firmware != NULL) {
        put_text(w, ",\"firmware\":");
        put_string(w, f->firmware);
    }
    if (energy) {
        put_text(w, ",\"kwh_delta\":");
        put_number(w, f->delta);
    }
    if (f->location_hash != NULL) {
        put_text(w, ",\"location_hash\":");
        put_string(w, f->location_hash);
    }
    put_text(w, ",\"nonce\":");
    put_integer(w, f->nonce);
    if (f->has_electric) {
        put_text(w, ",\"power_factor\":");
        put_number(w, f->power_factor);
    }
    put_text(w, ",\"register\":");
    put_number(w, f->reg);
    if (sig != NULL) {
        put_text(w, ",\"signature\":\"");
        put_base64(w, sig, sig_len);
        put_text(w, "\"");
    }
    put_text(w, ",\"timestamp\":");
    put_time(w, f->time);
    put_text(w, ",\"tipo_medida\":");
    put_string(w, quantity[f->quantity]);
    put_text(w, energy ? ",\"unidad\":\"kWh\"" : ",\"unidad\":\"m3\"");
    if (f->has_electric) {
        put_text(w, ",\"voltage\":");
        put_number(w, f->voltage);
    }
    put_text(w, "}");
}

enum packet_status packet_canonical(const struct packet_fields *f, char *out, size_t size,
                                    size_t *len)
{
    struct writer w = {out, size, 0, PACK_OK};
    put_packet(&w, f, NULL, 0);
    *len = w.status == PACK_OK ? w.len : 0;
    return w.status;
}

enum packet_status packet_build(const struct packet_fields *f, packet_sign_fn *sign, void *ctx,
                                char *out, size_t size, size_t *len)
{
    uint8_t sig[PACKET_SIG_MAX];
    size_t sig_len = 0;
    enum packet_status status = packet_canonical(f, out, size, len);
    if (status != PACK_OK) {
        return status;
    }
    if (!sign(ctx, (const uint8_t *)out, *len, sig, &sig_len) || sig_len == 0 ||
        sig_len > PACKET_SIG_MAX) {
        *len = 0;
        return PACK_SIGN_FAILED;
    }
    struct writer w = {out, size, 0, PACK_OK};
    put_packet(&w, f, sig, sig_len);
    *len = w.status == PACK_OK ? w.len : 0;
    return w.status;
}
