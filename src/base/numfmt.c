#include <config.h>

#include "base/text.h"

#include <string.h>

#include "base/i18n.h"

#define NBSP "\u00a0"

/* Separators and orders of CLDR 44; dates with two digits throughout, so that columns align. */
static const struct numfmt formats[] = {
    {"es_CR", ",", NBSP, "%d/%m/%y", "%d/%m/%Y", true},
    {"es_MX", ".", ",", "%d/%m/%y", "%d/%m/%Y", true},
    {"es_CO", ",", ".", "%d/%m/%y", "%d/%m/%Y", true},
    {"es_AR", ",", ".", "%d/%m/%y", "%d/%m/%Y", true},
    {"es_ES", ",", ".", "%d/%m/%y", "%d/%m/%Y", false},
    {"en_US", ".", ",", "%m/%d/%y", "%m/%d/%Y", true},
};

const struct numfmt *numfmt_find(const char *locale)
{
    for (size_t i = 0; locale != NULL && i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(formats[i].locale, locale) == 0) {
            return &formats[i];
        }
    }
    return NULL;
}

static size_t count_digits(const char *s)
{
    size_t n = 0;
    while (ascii_digit(s[n])) {
        n++;
    }
    return n;
}

void numfmt_number(const struct numfmt *f, const char *machine, struct buf *out)
{
    const char *s = machine + (machine[0] == '-');
    size_t whole = count_digits(s);
    size_t fraction = s[whole] == '.' ? count_digits(s + whole + 1) : 0;
    size_t len = whole + (fraction > 0 ? fraction + 1 : 0);
    if (whole == 0 || s[len] != '\0') { /* not a number: nothing to group */
        buf_adds(out, machine);
        return;
    }
    buf_add(out, machine, (size_t)(s - machine));
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0) {
            buf_adds(out, f->group);
        }
        buf_addc(out, s[i]);
    }
    if (fraction > 0) {
        buf_adds(out, f->decimal);
        buf_add(out, s + whole + 1, fraction);
    }
}

void numfmt_date(const struct numfmt *f, struct date d, struct buf *out)
{
    civil_print_format((struct civil){.date = d}, f->date_long, out);
}

void numfmt_clock(const struct numfmt *f, struct civil c, struct buf *out)
{
    numfmt_date(f, c.date, out);
    civil_print_format(c, " %R", out);
}

void numfmt_day(const struct numfmt *f, const char *machine, struct buf *out)
{
    struct civil c;
    size_t len = strlen(machine);
    char sign = len > 10 ? machine[10] : '\0';
    if (len == 10 && civil_parse_format(machine, len, "%F", &c, NULL) == ERR_OK) {
        numfmt_date(f, c.date, out);
    } else if ((sign == 'T' || sign == ' ') &&
               (civil_parse_format(machine, len, sign == 'T' ? "%FT%T" : "%F %R", &c, NULL) ==
                    ERR_OK ||
                civil_parse_format(machine, len, sign == 'T' ? "%FT%R" : "%F %T", &c, NULL) ==
                    ERR_OK)) {
        numfmt_clock(f, c, out);
    } else {
        buf_adds(out, machine);
    }
}

/* A number as typed: what is read and what of it is known so far. */
struct typed {
    const char *s, *end;
    char machine[64];
    size_t len; /* of machine */
    size_t run; /* digits since the start or the last separator */
    bool grouped, point;
};

static bool take(struct typed *t, const char *token)
{
    size_t len = strlen(token);
    if ((size_t)(t->end - t->s) < len || memcmp(t->s, token, len) != 0) {
        return false;
    }
    t->s += len;
    return true;
}

/* Where digits are grouped by a space, people type one of three. */
static bool take_group(struct typed *t, const struct numfmt *f)
{
    return take(t, f->group) ||
           (strcmp(f->group, NBSP) == 0 && (take(t, " ") || take(t, "\u202f")));
}

/* A key pad has a point even where a number has a comma. It is read as the decimal sign, except
 * where it could as well group thousands: an amount must not be off by a thousand. */
static bool take_key_pad_point(struct typed *t, const struct numfmt *f)
{
    if (strcmp(f->group, ".") == 0 || t->grouped || t->s == t->end || *t->s != '.') {
        return false;
    }
    size_t after = 0;
    while (t->s + 1 + after < t->end && ascii_digit(t->s[1 + after])) {
        after++;
    }
    if (after == 3) {
        return false;
    }
    t->s++;
    return true;
}

static bool put(struct typed *t, char c)
{
    if (t->len == sizeof(t->machine)) {
        return false;
    }
    t->machine[t->len++] = c;
    return true;
}

static bool take_next(struct typed *t, const struct numfmt *f)
{
    if (ascii_digit(*t->s)) {
        t->run++;
        return put(t, *t->s++);
    }
    if (t->point) {
        return false;
    }
    if (take(t, f->decimal) || take_key_pad_point(t, f)) {
        bool fine = t->run > 0 && (!t->grouped || t->run == 3);
        t->point = true;
        t->run = 0;
        return fine && put(t, '.');
    }
    if (take_group(t, f)) {
        bool fine = t->run > 0 && (t->grouped ? t->run == 3 : t->run <= 3);
        t->grouped = true;
        t->run = 0;
        return fine;
    }
    return false;
}

static bool read_typed(struct typed *t, const struct numfmt *f)
{
    if (take(t, "-")) {
        (void)put(t, '-');
    }
    while (t->s < t->end) {
        if (!take_next(t, f)) {
            return false;
        }
    }
    return t->run > 0 && (t->point || !t->grouped || t->run == 3);
}

enum err_code numfmt_parse(const struct numfmt *f, const char *s, size_t len,
                           struct decimal *out, struct err *e)
{
    struct typed t = {.s = s, .end = s + len};
    while (t.s < t.end && *t.s == ' ') {
        t.s++;
    }
    while (t.end > t.s && t.end[-1] == ' ') {
        t.end--;
    }
    if (!read_typed(&t, f)) {
        return err_set(e, ERR_PARSE, _("\"%.*s\" is not a number as written here: 1%s404%s50"),
                       len > 40 ? 40 : (int)len, s, f->group, f->decimal);
    }
    return decimal_parse(t.machine, t.len, out, e);
}
