#include <config.h>

#include "base/buf.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"

#define FIRST_BYTES ((size_t)64)

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf){.max = max_bytes};
}

void buf_release(struct buf *b)
{
    mem_free(b->data);
    buf_init(b, b->max);
}

void buf_wipe(struct buf *b)
{
    if (b->data != NULL) {
        explicit_bzero(b->data, b->size);
    }
    buf_release(b);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = b->over_max = false;
    if (b->data != NULL) {
        b->data[0] = '\0';
    }
}

static bool fail(struct buf *b, bool over_max)
{
    b->failed = true;
    b->over_max = over_max;
    return false;
}

/* Room for len_bytes more and the NUL. */
static bool grow(struct buf *b, size_t len_bytes)
{
    if (b->failed) {
        return false;
    }
    if (len_bytes > b->max - b->len || b->len + len_bytes == SIZE_MAX) {
        return fail(b, true);
    }
    size_t need = b->len + len_bytes + 1;
    if (need <= b->size) {
        return true;
    }
    size_t size = b->size < FIRST_BYTES ? FIRST_BYTES : b->size;
    while (size < need) {
        size = size > SIZE_MAX / 2 ? need : size * 2;
    }
    if (size - 1 > b->max) {
        size = b->max + 1;
    }
    char *data = mem_realloc_array(b->data, size, 1);
    if (data == NULL) {
        return fail(b, false);
    }
    data[b->len] = '\0';
    b->data = data;
    b->size = size;
    return true;
}

void buf_add(struct buf *b, const void *data, size_t len_bytes)
{
    if (grow(b, len_bytes) && len_bytes > 0) {
        memcpy(b->data + b->len, data, len_bytes);
        b->len += len_bytes;
        b->data[b->len] = '\0';
    }
}

void buf_addc(struct buf *b, char c)
{
    if (grow(b, 1)) {
        b->data[b->len++] = c;
        b->data[b->len] = '\0';
    }
}

void buf_adds(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(b, fmt, ap);
    va_end(ap);
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
    va_list measured;
    va_copy(measured, ap);
    int n = vsnprintf(NULL, 0, fmt, measured);
    va_end(measured);
    if (n < 0) {
        (void)fail(b, true);
        return;
    }
    if (grow(b, (size_t)n)) {
        vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
        b->len += (size_t)n;
    }
}

void buf_add_int(struct buf *b, int64_t v)
{
    char digits[20];
    size_t i = sizeof(digits);
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        digits[--i] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (v < 0) {
        digits[--i] = '-';
    }
    buf_add(b, digits + i, sizeof(digits) - i);
}

void buf_add_hex(struct buf *b, const void *data, size_t len_bytes)
{
    static const char hex[] = "0123456789abcdef";
    const uint8_t *bytes = data;
    if (len_bytes > SIZE_MAX / 2) {
        (void)fail(b, true);
        return;
    }
    if (grow(b, len_bytes * 2)) {
        char *p = b->data + b->len;
        for (size_t i = 0; i < len_bytes; i++) {
            *p++ = hex[bytes[i] >> 4];
            *p++ = hex[bytes[i] & 15];
        }
        *p = '\0';
        b->len += len_bytes * 2;
    }
}

static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Two characters for each 12 bits: half the look-ups. */
static pthread_once_t pairs_once = PTHREAD_ONCE_INIT;
static char base64_pairs[4096][2];

static void pairs_fill(void)
{
    for (size_t i = 0; i < 4096; i++) {
        base64_pairs[i][0] = base64_alphabet[i >> 6];
        base64_pairs[i][1] = base64_alphabet[i & 63];
    }
}

/* Whole groups of three bytes; returns how many bytes were taken. */
static size_t put_groups(char *p, const uint8_t *in, size_t len_bytes)
{
    size_t i = 0;
    (void)pthread_once(&pairs_once, pairs_fill);
    for (; i + 6 <= len_bytes; i += 6, p += 8) {
        uint32_t high = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
        uint32_t low = (uint32_t)in[i + 3] << 16 | (uint32_t)in[i + 4] << 8 | in[i + 5];
        memcpy(p, base64_pairs[high >> 12], 2);
        memcpy(p + 2, base64_pairs[high & 4095], 2);
        memcpy(p + 4, base64_pairs[low >> 12], 2);
        memcpy(p + 6, base64_pairs[low & 4095], 2);
    }
    if (i + 3 <= len_bytes) {
        uint32_t group = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
        memcpy(p, base64_pairs[group >> 12], 2);
        memcpy(p + 2, base64_pairs[group & 4095], 2);
        i += 3;
    }
    return i;
}

void buf_add_base64(struct buf *b, const void *data, size_t len_bytes)
{
    const uint8_t *in = data;
    if (len_bytes > SIZE_MAX / 4 * 3 - 3) {
        (void)fail(b, true);
        return;
    }
    if (!grow(b, (len_bytes + 2) / 3 * 4)) {
        return;
    }
    char *p = b->data + b->len;
    size_t i = put_groups(p, in, len_bytes);
    p += i / 3 * 4;
    if (i < len_bytes) {
        bool two = len_bytes - i == 2;
        uint32_t group = (uint32_t)in[i] << 16 | (two ? (uint32_t)in[i + 1] << 8 : 0);
        *p++ = base64_alphabet[group >> 18];
        *p++ = base64_alphabet[group >> 12 & 63];
        *p++ = two ? base64_alphabet[group >> 6 & 63] : '=';
        *p++ = '=';
    }
    *p = '\0';
    b->len = (size_t)(p - b->data);
}

char *buf_reserve(struct buf *b, size_t len_bytes)
{
    if (!grow(b, len_bytes)) {
        return NULL;
    }
    /* The NUL must stand behind however much of it the caller uses. */
    memset(b->data + b->len, 0, len_bytes + 1);
    return b->data + b->len;
}

enum err_code buf_status(const struct buf *b, const char *what, struct err *e)
{
    if (!b->failed) {
        return ERR_OK;
    }
    if (!b->over_max) {
        (void)err_nomem(e);
        return e != NULL ? err_wrap(e, "%s", what) : ERR_NOMEM;
    }
    return err_set(e, ERR_LIMIT, _("%s: larger than %zu bytes"), what, b->max);
}

const char *buf_str(const struct buf *b)
{
    return b->data != NULL ? b->data : "";
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_decode(const char *hex, size_t hex_len, uint8_t *out, size_t size)
{
    if (size > SIZE_MAX / 2 || hex_len != size * 2) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters to up to three bytes; returns how many, or -1. Unused bits must be zero, so
 * that one value has one spelling. */
static int base64_group(const char *s, bool last, uint8_t out[3])
{
    int pad = 0;
    if (last && s[3] == '=') {
        pad = s[2] == '=' ? 2 : 1;
    }
    uint32_t group = 0;
    for (int i = 0; i < 4 - pad; i++) {
        int value = base64_value(s[i]);
        if (value < 0) {
            return -1;
        }
        group |= (uint32_t)value << (18 - 6 * i);
    }
    out[0] = (uint8_t)(group >> 16);
    out[1] = (uint8_t)(group >> 8);
    out[2] = (uint8_t)group;
    if ((pad == 1 && out[2] != 0) || (pad == 2 && (out[1] != 0 || out[2] != 0))) {
        return -1;
    }
    return 3 - pad;
}

enum err_code base64_decode(const char *s, size_t len, struct buf *out, struct err *e)
{
    if (len % 4 != 0) {
        return err_set(e, ERR_PARSE, _("base64: its length %zu is not a multiple of 4"), len);
    }
    char *p = buf_reserve(out, len / 4 * 3);
    if (p == NULL) {
        return buf_status(out, "base64", e);
    }
    size_t n = 0;
    for (size_t i = 0; i < len; i += 4) {
        uint8_t bytes[3];
        int count = base64_group(s + i, i + 4 == len, bytes);
        if (count < 0) {
            p[0] = '\0';
            return err_set(e, ERR_PARSE,
                           _("base64: wrong character or padding at position %zu"), i + 1);
        }
        memcpy(p + n, bytes, (size_t)count);
        n += (size_t)count;
    }
    out->len += n;
    return ERR_OK;
}
