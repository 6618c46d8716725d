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

#define DEPTH_MAX 256   /* whatever the caller asks: each level is a stack frame */
#define NUMBER_MAX 1024 /* characters of one number */
#define PAIRWISE_MAX 8  /* members compared pair by pair; more are sorted */

const struct json_limits json_limits_default = {.max_bytes = (size_t)16 * 1024 * 1024,
                                                .max_depth = 64};
const struct json_limits json_limits_entry = {
    .max_bytes = 65535, .max_depth = 16, .entry_profile = true};

struct parser {
    const char *text;
    size_t len, pos;
    unsigned depth, max_depth;
    bool entry_profile;
    struct arena *arena;
    struct err *e;
};

static enum err_code parse_value(struct parser *p, struct json **out);

/* Report at the current position, as line and column (in characters, from 1). */
static enum err_code fail(struct parser *p, enum err_code code, const char *why)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < p->pos && i < p->len; i++) {
        if (p->text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)p->text[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    return err_set(p->e, code, _("JSON, line %zu, column %zu: %s"), line, column, why);
}

static bool at(const struct parser *p, char c)
{
    return p->pos < p->len && p->text[p->pos] == c;
}

static bool at_digit(const struct parser *p)
{
    return p->pos < p->len && p->text[p->pos] >= '0' && p->text[p->pos] <= '9';
}

static void skip_space(struct parser *p)
{
    while (at(p, ' ') || at(p, '\n') || at(p, '\r') || at(p, '\t')) {
        p->pos++;
    }
}

static enum err_code parse_word(struct parser *p, const char *word, enum json_type type,
                                struct json **out)
{
    size_t len = strlen(word);
    if (p->len - p->pos < len || memcmp(p->text + p->pos, word, len) != 0) {
        return fail(p, ERR_PARSE, _("a value is expected here"));
    }
    p->pos += len;
    *out = json_new(p->arena, type);
    return *out != NULL ? ERR_OK : err_nomem(p->e);
}

static size_t skip_digits(struct parser *p)
{
    size_t first = p->pos;
    while (at_digit(p)) {
        p->pos++;
    }
    return p->pos - first;
}

/* Move over one number of RFC 8259's grammar; *whole false when it has a fraction or an
 * exponent. */
static enum err_code scan_number(struct parser *p, bool *whole)
{
    p->pos += at(p, '-');
    bool zero = at(p, '0');
    size_t digits = skip_digits(p);
    bool fine = digits > 0 && (!zero || digits == 1);
    *whole = true;
    if (fine && at(p, '.')) {
        p->pos++;
        *whole = false;
        fine = skip_digits(p) > 0;
    }
    if (fine && (at(p, 'e') || at(p, 'E'))) {
        p->pos++;
        *whole = false;
        p->pos += at(p, '+') || at(p, '-');
        fine = skip_digits(p) > 0;
    }
    return fine ? ERR_OK : fail(p, ERR_PARSE, _("this is not a number"));
}

/* Digits with an optional sign to a value within +-(2^53-1). */
static bool small_integer(const char *s, size_t len, int64_t *out)
{
    bool negative = s[0] == '-';
    size_t i = negative ? 1 : 0;
    if (len - i > 16) {
        return false;
    }
    int64_t v = 0;
    for (; i < len; i++) {
        v = v * 10 + (s[i] - '0');
    }
    *out = negative ? -v : v;
    return v <= JSON_INT_MAX;
}

static enum err_code parse_double(struct parser *p, const char *s, size_t len,
                                  struct json **out)
{
    char copy[NUMBER_MAX + 1];
    if (len > NUMBER_MAX) {
        return fail(p, ERR_LIMIT, _("this number has too many digits"));
    }
    memcpy(copy, s, len);
    copy[len] = '\0';
    double number = strtod_l(copy, NULL, clocale_utf8());
    if (!isfinite(number)) {
        return fail(p, ERR_PARSE, _("this number is too large"));
    }
    *out = json_new(p->arena, JSON_DOUBLE);
    if (*out == NULL) {
        return err_nomem(p->e);
    }
    (*out)->u.number = number;
    return ERR_OK;
}

static enum err_code parse_number(struct parser *p, struct json **out)
{
    size_t first = p->pos;
    bool whole = true;
    TRY(scan_number(p, &whole));
    const char *s = p->text + first;
    size_t len = p->pos - first;
    int64_t integer;
    if (whole && small_integer(s, len, &integer)) {
        if (p->entry_profile && integer == 0 && s[0] == '-') {
            return fail(p, ERR_PARSE, _("minus zero is not allowed here"));
        }
        *out = json_new_int(p->arena, integer);
        return *out != NULL ? ERR_OK : err_nomem(p->e);
    }
    if (p->entry_profile) {
        return fail(p, ERR_PARSE, _("only whole numbers up to 2^53-1 are allowed here"));
    }
    return parse_double(p, s, len, out);
}

/* Four hexadecimal digits at the current position. */
static bool take_hex4(struct parser *p, uint32_t *v)
{
    uint8_t bytes[2];
    if (p->len - p->pos < 4 || !hex_decode(p->text + p->pos, 4, bytes, 2)) {
        return false;
    }
    *v = (uint32_t)bytes[0] << 8 | bytes[1];
    p->pos += 4;
    return true;
}

/* \uXXXX, the backslash and u already taken; a pair of surrogates is one character. */
static enum err_code take_unicode_escape(struct parser *p, char *out, size_t *n)
{
    uint32_t cp, low;
    if (!take_hex4(p, &cp)) {
        return fail(p, ERR_PARSE, _("\\u needs four hexadecimal digits"));
    }
    if (cp >= 0xD800 && cp <= 0xDFFF) {
        bool pair =
            cp < 0xDC00 && p->len - p->pos >= 6 && at(p, '\\') && p->text[p->pos + 1] == 'u';
        p->pos += pair ? 2 : 0;
        if (!pair || !take_hex4(p, &low) || low < 0xDC00 || low > 0xDFFF) {
            return fail(p, ERR_PARSE, _("half of a surrogate pair is missing"));
        }
        cp = 0x10000 + ((cp - 0xD800) << 10 | (low - 0xDC00));
    }
    *n += utf8_encode(cp, out + *n);
    return ERR_OK;
}

static enum err_code take_escape(struct parser *p, char *out, size_t *n)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    p->pos++;
    if (at(p, 'u')) {
        p->pos++;
        return take_unicode_escape(p, out, n);
    }
    const char *letter =
        p->pos < p->len && p->text[p->pos] != '\0' ? strchr(letters, p->text[p->pos]) : NULL;
    if (letter == NULL) {
        return fail(p, ERR_PARSE, _("this escape does not exist"));
    }
    out[(*n)++] = meanings[letter - letters];
    p->pos++;
    return ERR_OK;
}

/* Where the string that starts behind its quote ends, if it does. */
static size_t string_end(const struct parser *p)
{
    size_t i = p->pos;
    while (i < p->len && p->text[i] != '"') {
        i += p->text[i] == '\\' ? 2 : 1;
    }
    return i < p->len ? i : p->len;
}

/* A string with its quotes; decoded it is never longer than written. */
static enum err_code parse_string(struct parser *p, const char **data, size_t *len)
{
    p->pos++;
    size_t end = string_end(p);
    char *out = arena_alloc(p->arena, end - p->pos + 1);
    size_t n = 0;
    if (out == NULL) {
        return err_nomem(p->e);
    }
    while (p->pos < end) {
        unsigned char c = (unsigned char)p->text[p->pos];
        if (c == '\\') {
            TRY(take_escape(p, out, &n));
        } else if (c < 0x20) {
            return fail(p, ERR_PARSE, _("a control character must be escaped"));
        } else if (c < 0x80) {
            out[n++] = (char)c;
            p->pos++;
        } else {
            uint32_t cp;
            size_t used = utf8_decode(p->text + p->pos, end - p->pos, &cp);
            if (used == 0) {
                return fail(p, ERR_PARSE, _("this is not UTF-8"));
            }
            memcpy(out + n, p->text + p->pos, used);
            n += used;
            p->pos += used;
        }
    }
    if (!at(p, '"')) {
        return fail(p, ERR_PARSE, _("the text ends inside a string"));
    }
    p->pos++;
    *data = out;
    *len = n;
    return ERR_OK;
}

static enum err_code parse_string_value(struct parser *p, struct json **out)
{
    const char *data = NULL;
    size_t len = 0;
    TRY(parse_string(p, &data, &len));
    *out = json_new(p->arena, JSON_STRING);
    if (*out == NULL) {
        return err_nomem(p->e);
    }
    (*out)->u.string.data = data;
    (*out)->u.string.len = len;
    return ERR_OK;
}

/* After an element: moves over "," or the closing character; *more tells which. */
static enum err_code take_separator(struct parser *p, char close, bool *more)
{
    skip_space(p);
    if (!at(p, ',') && !at(p, close)) {
        return fail(p, ERR_PARSE,
                    close == ']' ? _("\",\" or \"]\" is expected here")
                                 : _("\",\" or \"}\" is expected here"));
    }
    *more = at(p, ',');
    p->pos++;
    if (*more) {
        skip_space(p);
    }
    return ERR_OK;
}

static enum err_code enter(struct parser *p, enum json_type type, struct json **out)
{
    if (++p->depth > p->max_depth) {
        return fail(p, ERR_LIMIT, _("this is nested too deeply"));
    }
    p->pos++;
    skip_space(p);
    *out = json_new(p->arena, type);
    return *out != NULL ? ERR_OK : err_nomem(p->e);
}

static enum err_code parse_array(struct parser *p, struct json **out)
{
    struct json *array = NULL;
    TRY(enter(p, JSON_ARRAY, &array));
    bool more = !at(p, ']');
    p->pos += !more;
    while (more) {
        struct json *value = NULL;
        TRY(parse_value(p, &value));
        if (!json_push(p->arena, array, value)) {
            return err_nomem(p->e);
        }
        TRY(take_separator(p, ']', &more));
    }
    p->depth--;
    *out = array;
    return ERR_OK;
}

static int name_order(const void *a, const void *b)
{
    return json_name_cmp(*(struct json_member *const *)a, *(struct json_member *const *)b);
}

static enum err_code duplicate(struct parser *p, const struct json_member *m)
{
    char why[256];
    char name[64];
    text_sanitize_to(m->name, m->name_len, name, sizeof(name));
    snprintf(why, sizeof(why), _("the object that ends here has two members \"%s\""), name);
    return fail(p, ERR_PARSE, why);
}

/* Many members are sorted first, so that a hostile text cannot make this quadratic. */
static enum err_code refuse_duplicates(struct parser *p, const struct json *object)
{
    size_t count = object->u.object.count;
    struct json_member *members = object->u.object.members;
    if (count <= PAIRWISE_MAX) {
        for (size_t i = 1; i < count; i++) {
            for (size_t j = 0; j < i; j++) {
                if (json_name_cmp(&members[i], &members[j]) == 0) {
                    return duplicate(p, &members[i]);
                }
            }
        }
        return ERR_OK;
    }
    struct json_member **sorted = mem_array(count, sizeof(struct json_member *));
    if (sorted == NULL) {
        return err_nomem(p->e);
    }
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &members[i];
    }
    qsort(sorted, count, sizeof(struct json_member *), name_order);
    for (size_t i = 1; i < count && code == ERR_OK; i++) {
        if (json_name_cmp(sorted[i - 1], sorted[i]) == 0) {
            code = duplicate(p, sorted[i]);
        }
    }
    mem_free(sorted);
    return code;
}

static enum err_code parse_name(struct parser *p, const char **name, size_t *len)
{
    if (!at(p, '"')) {
        return fail(p, ERR_PARSE, _("a member name in quotes is expected here"));
    }
    TRY(parse_string(p, name, len));
    for (size_t i = 0; p->entry_profile && i < *len; i++) {
        if ((unsigned char)(*name)[i] >= 0x80) {
            return fail(p, ERR_PARSE, _("member names must be ASCII here"));
        }
    }
    skip_space(p);
    if (!at(p, ':')) {
        return fail(p, ERR_PARSE, _("\":\" is expected here"));
    }
    p->pos++;
    skip_space(p);
    return ERR_OK;
}

static enum err_code parse_object(struct parser *p, struct json **out)
{
    struct json *object = NULL;
    TRY(enter(p, JSON_OBJECT, &object));
    bool more = !at(p, '}');
    p->pos += !more;
    while (more) {
        const char *name = NULL;
        size_t name_len = 0;
        struct json *value = NULL;
        TRY(parse_name(p, &name, &name_len));
        TRY(parse_value(p, &value));
        if (!json_append_member(p->arena, object, name, name_len, value)) {
            return err_nomem(p->e);
        }
        TRY(take_separator(p, '}', &more));
    }
    p->depth--;
    *out = object;
    return refuse_duplicates(p, object);
}

static enum err_code parse_value(struct parser *p, struct json **out)
{
    switch (p->pos < p->len ? p->text[p->pos] : '\0') {
    case '{':
        return parse_object(p, out);
    case '[':
        return parse_array(p, out);
    case '"':
        return parse_string_value(p, out);
    case 't':
        return parse_word(p, "true", JSON_TRUE, out);
    case 'f':
        return parse_word(p, "false", JSON_FALSE, out);
    case 'n':
        return parse_word(p, "null", JSON_NULL, out);
    default:
        break;
    }
    if (at(p, '-') || at_digit(p)) {
        return parse_number(p, out);
    }
    return fail(p, ERR_PARSE, _("a value is expected here"));
}

enum err_code json_parse(const char *text, size_t len, const struct json_limits *limits,
                         struct arena *arena, struct json **out, struct err *e)
{
    struct parser p = {.text = text,
                       .len = len,
                       .max_depth =
                           limits->max_depth < DEPTH_MAX ? limits->max_depth : DEPTH_MAX,
                       .entry_profile = limits->entry_profile,
                       .arena = arena,
                       .e = e};
    if (len > limits->max_bytes) {
        return err_set(e, ERR_LIMIT, _("JSON: %zu bytes are more than the %zu allowed here"),
                       len, limits->max_bytes);
    }
    struct json *value = NULL;
    skip_space(&p);
    TRY(parse_value(&p, &value));
    skip_space(&p);
    if (p.pos < len) {
        return fail(&p, ERR_PARSE, _("something stands behind the end of the value"));
    }
    *out = value;
    return ERR_OK;
}
