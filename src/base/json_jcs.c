#include <config.h>

#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clocale.h"
#include "base/i18n.h"
#include "base/json_priv.h"
#include "base/text.h"

#define WRITE_DEPTH_MAX 256
#define SORT_ON_STACK 32

int json_name_cmp(const struct json_member *a, const struct json_member *b)
{
    size_t common = a->name_len < b->name_len ? a->name_len : b->name_len;
    int order = common > 0 ? memcmp(a->name, b->name, common) : 0;
    if (order != 0) {
        return order;
    }
    return a->name_len < b->name_len ? -1 : a->name_len > b->name_len;
}

/*
 * RFC 8785 3.2.3 orders names by UTF-16 code units. UTF-8 bytes give the same order but for one
 * case: characters beyond U+FFFF start with a surrogate (D800..DFFF) in UTF-16 and so come
 * before U+E000..U+FFFF, while their first UTF-8 byte (F0..F4) is above EE and EF.
 */
static int utf16_order(const struct json_member *a, const struct json_member *b)
{
    size_t i = 0;
    while (i < a->name_len && i < b->name_len && a->name[i] == b->name[i]) {
        i++;
    }
    if (i == a->name_len || i == b->name_len) {
        return a->name_len < b->name_len ? -1 : a->name_len > b->name_len;
    }
    unsigned x = (unsigned char)a->name[i], y = (unsigned char)b->name[i];
    if (x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0)) {
        return x >= 0xF0 ? -1 : 1;
    }
    return x < y ? -1 : 1;
}

static int utf16_qsort(const void *a, const void *b)
{
    return utf16_order(*(const struct json_member *const *)a,
                       *(const struct json_member *const *)b);
}

static void sort_members(const struct json_member **sorted, size_t count)
{
    if (count > SORT_ON_STACK) {
        qsort(sorted, count, sizeof(const struct json_member *), utf16_qsort);
        return;
    }
    for (size_t i = 1; i < count; i++) { /* entries are small, and often sorted already */
        const struct json_member *m = sorted[i];
        size_t j = i;
        for (; j > 0 && utf16_order(m, sorted[j - 1]) < 0; j--) {
            sorted[j] = sorted[j - 1];
        }
        sorted[j] = m;
    }
}

static void add_escaped(struct buf *out, unsigned char c)
{
    static const char letters[] = "btn?fr"; /* 0x08..0x0D, without 0x0B */
    if (c == '"' || c == '\\') {
        buf_addc(out, '\\');
        buf_addc(out, (char)c);
    } else if (c >= 0x08 && c <= 0x0D && c != 0x0B) {
        buf_addc(out, '\\');
        buf_addc(out, letters[c - 0x08]);
    } else {
        buf_adds(out, "\\u00");
        buf_add_hex(out, &c, 1);
    }
}

void json_add_string(struct buf *out, const char *s, size_t len)
{
    buf_addc(out, '"');
    size_t start = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x20 || c == '"' || c == '\\') {
            buf_add(out, s + start, i - start);
            add_escaped(out, c);
            start = i + 1;
        }
    }
    buf_add(out, s + start, len - start);
    buf_addc(out, '"');
}

/* A positive double as digits[0].digits[1..] * 10^exponent. */
struct shortest {
    char digits[18];
    int count, exponent;
};

static bool reads_back(const struct shortest *d, double v)
{
    char text[40];
    snprintf(text, sizeof(text), "%.*se%d", d->count, d->digits, d->exponent - d->count + 1);
    return strtod_l(text, NULL, clocale_utf8()) == v;
}

/* The next larger decimal of as many digits. */
static void step_up(struct shortest *d)
{
    int i = d->count - 1;
    while (i >= 0 && d->digits[i] == '9') {
        d->digits[i--] = '0';
    }
    if (i >= 0) {
        d->digits[i]++;
    } else { /* 99 -> 10, one power higher */
        d->digits[0] = '1';
        d->exponent++;
    }
}

/*
 * The fewest digits that read back as v, and of those the closest. printf gives the closest
 * decimal of a count; at a power of two the doubles above are twice as far apart as those
 * below, so that the next larger decimal may still read back when the closest, being smaller,
 * does not. Source: ECMA-262, Number::toString, with note 2; RFC 8785 3.2.2.3.
 */
static void find_shortest(double v, struct shortest *d)
{
    for (d->count = 1; d->count <= 17; d->count++) {
        char text[32];
        snprintf(text, sizeof(text), "%.*e", d->count - 1, v);
        size_t point = d->count > 1 ? 1 : 0; /* skipped whatever it is */
        d->digits[0] = text[0];
        memcpy(d->digits + 1, text + 1 + point, (size_t)d->count - 1);
        d->exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
        if (reads_back(d, v)) {
            return;
        }
        struct shortest above = *d;
        step_up(&above);
        if (reads_back(&above, v)) {
            *d = above;
            return;
        }
    }
    check_failed("17 digits always read back", __FILE__, __LINE__);
}

static void add_zeros(struct buf *out, int count)
{
    for (int i = 0; i < count; i++) {
        buf_addc(out, '0');
    }
}

static void add_double(struct buf *out, double v)
{
    if (v == 0) { /* minus zero too */
        buf_addc(out, '0');
        return;
    }
    if (v < 0) {
        buf_addc(out, '-');
    }
    struct shortest d;
    find_shortest(fabs(v), &d);
    int point = d.exponent + 1; /* ECMA-262's n; count is its k */
    size_t count = (size_t)d.count;
    if (point >= d.count && point <= 21) {
        buf_add(out, d.digits, count);
        add_zeros(out, point - d.count);
    } else if (point > 0 && point < d.count) {
        buf_add(out, d.digits, (size_t)point);
        buf_addc(out, '.');
        buf_add(out, d.digits + point, count - (size_t)point);
    } else if (point > -6 && point <= 0) {
        buf_adds(out, "0.");
        add_zeros(out, -point);
        buf_add(out, d.digits, count);
    } else {
        buf_addc(out, d.digits[0]);
        if (count > 1) {
            buf_addc(out, '.');
            buf_add(out, d.digits + 1, count - 1);
        }
        buf_addf(out, "e%+d", d.exponent);
    }
}

static enum err_code write_value(const struct json *v, unsigned depth, struct buf *out,
                                 struct err *e);

static enum err_code write_string(const char *s, size_t len, struct buf *out, struct err *e)
{
    if (!utf8_valid(s, len)) {
        return err_set(e, ERR_PARSE, "%s", _("JSON: a string to be written is not UTF-8."));
    }
    json_add_string(out, s, len);
    return ERR_OK;
}

static enum err_code write_array(const struct json *v, unsigned depth, struct buf *out,
                                 struct err *e)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < v->u.array.count; i++) {
        if (i > 0) {
            buf_addc(out, ',');
        }
        TRY(write_value(v->u.array.items[i], depth + 1, out, e));
    }
    buf_addc(out, ']');
    return ERR_OK;
}

static enum err_code write_members(const struct json_member *const *sorted, size_t count,
                                   unsigned depth, struct buf *out, struct err *e)
{
    buf_addc(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buf_addc(out, ',');
        }
        TRY(write_string(sorted[i]->name, sorted[i]->name_len, out, e));
        buf_addc(out, ':');
        TRY(write_value(sorted[i]->value, depth + 1, out, e));
    }
    buf_addc(out, '}');
    return ERR_OK;
}

static enum err_code write_object(const struct json *v, unsigned depth, struct buf *out,
                                  struct err *e)
{
    const struct json_member *few[SORT_ON_STACK];
    const struct json_member **many = NULL, **sorted = few;
    size_t count = v->u.object.count;
    if (count > SORT_ON_STACK) {
        many = mem_array(count, sizeof(const struct json_member *));
        if (many == NULL) {
            return err_nomem(e);
        }
        sorted = many;
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &v->u.object.members[i];
    }
    sort_members(sorted, count);
    enum err_code code = write_members(sorted, count, depth, out, e);
    mem_free(many);
    return code;
}

static enum err_code write_value(const struct json *v, unsigned depth, struct buf *out,
                                 struct err *e)
{
    if (depth > WRITE_DEPTH_MAX) {
        return err_set(e, ERR_LIMIT, "%s", _("JSON: the value is nested too deeply."));
    }
    switch (v->type) {
    case JSON_NULL:
        buf_adds(out, "null");
        return ERR_OK;
    case JSON_FALSE:
        buf_adds(out, "false");
        return ERR_OK;
    case JSON_TRUE:
        buf_adds(out, "true");
        return ERR_OK;
    case JSON_INT:
        if (v->u.integer > JSON_INT_MAX || v->u.integer < -JSON_INT_MAX) {
            return err_set(e, ERR_RANGE,
                           _("JSON: %lld is beyond 2^53-1; write it as a string."),
                           (long long)v->u.integer);
        }
        buf_add_int(out, v->u.integer);
        return ERR_OK;
    case JSON_DOUBLE:
        if (!isfinite(v->u.number)) {
            return err_set(e, ERR_RANGE, "%s", _("JSON: a number is infinite or undefined."));
        }
        add_double(out, v->u.number);
        return ERR_OK;
    case JSON_STRING:
        return write_string(v->u.string.data, v->u.string.len, out, e);
    case JSON_ARRAY:
        return write_array(v, depth, out, e);
    case JSON_OBJECT:
        return write_object(v, depth, out, e);
    }
    check_failed("JSON type", __FILE__, __LINE__);
}

enum err_code json_write_jcs(const struct json *v, struct buf *out, struct err *e)
{
    TRY(write_value(v, 1, out, e));
    return buf_status(out, "JSON", e);
}

bool json_is_canonical(const char *text, size_t len, const struct json *v)
{
    struct buf b;
    buf_init(&b, len);
    bool same = json_write_jcs(v, &b, NULL) == ERR_OK && b.len == len &&
                memcmp(buf_str(&b), text, len) == 0;
    buf_release(&b);
    return same;
}
