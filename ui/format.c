#include <config.h>

#include "ui/format.h"

#include <stdio.h>
#include <string.h>

#include "base/caltime.h"

void format_copy(char *out, size_t size, const char *src)
{
    size_t len = src == NULL ? 0 : strlen(src);

    if (size == 0) {
        return;
    }
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((unsigned char)src[len] & 0xc0u) == 0x80u) {
            len--;
        }
    }
    memcpy(out, src == NULL ? "" : src, len);
    out[len] = '\0';
}

void format_sentence(char *out, size_t size, const char *src)
{
    unsigned char *at = (unsigned char *)out;

    format_copy(out, size, src);
    if (size > 0 && *at >= 'a' && *at <= 'z') {
        *at = (unsigned char)(*at - 0x20);
    } else if (size > 1 && *at == 0xc3 && at[1] >= 0xa0 && at[1] <= 0xbe && at[1] != 0xb7) {
        at[1] = (unsigned char)(at[1] - 0x20); /* Latin-1: a-grave to thorn */
    }
}

static bool is_machine_number(const char *s)
{
    size_t digits = 0;
    bool point = false;

    s += *s == '-' ? 1 : 0;
    for (; *s != '\0'; s++) {
        if (*s == '.' && !point && digits > 0) {
            point = true;
        } else if (*s >= '0' && *s <= '9') {
            digits++;
        } else {
            return false;
        }
    }
    return digits > 0;
}

void format_number(const struct numfmt *nf, const char *machine, char out[FORMAT_MAX])
{
    struct buf b;

    if (!is_machine_number(machine)) {
        format_copy(out, FORMAT_MAX, machine);
        return;
    }
    buf_init(&b, FORMAT_MAX - 1);
    numfmt_number(nf, machine, &b);
    format_copy(out, FORMAT_MAX, b.failed ? machine : buf_str(&b));
    buf_release(&b);
}

/* At most max_digits digits; returns false when there is none. */
static bool take_int(const char **s, int max_digits, int *out)
{
    int digits = 0;
    int value = 0;

    while (**s >= '0' && **s <= '9' && digits < max_digits) {
        value = value * 10 + (**s - '0');
        (*s)++;
        digits++;
    }
    *out = value;
    return digits > 0;
}

/* "2025-06-10", perhaps with " 09:42" or "T09:42" after it. */
static bool read_machine(const char *s, struct civil *out, bool *has_time)
{
    int part[5] = {0};

    if (!take_int(&s, 4, &part[0]) || *s++ != '-' || !take_int(&s, 2, &part[1]) ||
        *s++ != '-' || !take_int(&s, 2, &part[2])) {
        return false;
    }
    *has_time = *s == 'T' || *s == ' ';
    if (*has_time) {
        s++;
        if (!take_int(&s, 2, &part[3]) || *s++ != ':' || !take_int(&s, 2, &part[4])) {
            return false;
        }
    }
    *out = (struct civil){
        {part[0], (uint8_t)part[1], (uint8_t)part[2]}, (uint8_t)part[3], (uint8_t)part[4], 0};
    return true;
}

static void format_civil(const struct numfmt *nf, const char *machine, bool want_time,
                         char out[FORMAT_MAX])
{
    struct civil c;
    bool has_time = false;
    struct buf b;

    if (!read_machine(machine, &c, &has_time)) {
        format_copy(out, FORMAT_MAX, machine);
        return;
    }
    buf_init(&b, FORMAT_MAX - 1);
    civil_print_format(c, nf->date, &b);
    if (want_time && has_time) {
        civil_print_format(c, " %R", &b);
    }
    format_copy(out, FORMAT_MAX, b.failed ? machine : buf_str(&b));
    buf_release(&b);
}

void format_date(const struct numfmt *nf, const char *machine, char out[FORMAT_MAX])
{
    format_civil(nf, machine, false, out);
}

void format_datetime(const struct numfmt *nf, const char *machine, char out[FORMAT_MAX])
{
    format_civil(nf, machine, true, out);
}

bool format_parse_number(const struct numfmt *nf, const char *text, char machine[FORMAT_MAX])
{
    struct decimal d;
    struct buf b;
    size_t len;
    bool ok;

    text += strspn(text, " ");
    len = strlen(text);
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    if (len == 0 || numfmt_parse(nf, text, len, &d, NULL) != ERR_OK) {
        return false;
    }
    buf_init(&b, FORMAT_MAX - 1);
    decimal_print(d, &b);
    ok = !b.failed;
    format_copy(machine, FORMAT_MAX, buf_str(&b));
    buf_release(&b);
    return ok;
}

/* The three numbers of a date into year, month and day, by the office's order or ISO. */
static struct date order_date(const struct numfmt *nf, const int part[3], bool iso)
{
    struct date d = {part[0], (uint8_t)part[1], (uint8_t)part[2]};
    int next = 0;

    if (!iso) {
        for (const char *p = nf->date; *p != '\0' && next < 3; p++) {
            if (*p == 'd') {
                d.day = (uint8_t)part[next++];
            } else if (*p == 'm') {
                d.month = (uint8_t)part[next++];
            } else if (*p == 'y' || *p == 'Y') {
                d.year = part[next++];
            }
        }
    }
    if (d.year < 100) {
        d.year += 2000;
    }
    return d;
}

static bool take_time(const char *s, int *hour, int *minute)
{
    return take_int(&s, 2, hour) && *s++ == ':' && take_int(&s, 2, minute) && *s == '\0' &&
           *hour < 24 && *minute < 60;
}

bool format_parse_date(const struct numfmt *nf, const char *text, bool with_time,
                       char machine[FORMAT_MAX])
{
    int part[3] = {0};
    int hour = 0;
    int minute = 0;
    bool iso;
    struct date d;

    text += strspn(text, " ");
    iso = strspn(text, "0123456789") == 4;
    for (int i = 0; i < 3; i++) {
        if (i > 0 && (*text == '\0' || strchr("/-.", *text++) == NULL)) {
            return false;
        }
        if (!take_int(&text, iso && i == 0 ? 4 : i == 2 ? 4 : 2, &part[i])) {
            return false;
        }
    }
    d = order_date(nf, part, iso);
    text += with_time && *text == 'T' ? 1 : strspn(text, " ");
    if (!date_valid(d) || (*text != '\0' && (!with_time || !take_time(text, &hour, &minute)))) {
        return false;
    }
    if (with_time) {
        (void)snprintf(machine, FORMAT_MAX, "%04d-%02d-%02d %02d:%02d", d.year, d.month, d.day,
                       hour, minute);
    } else {
        (void)snprintf(machine, FORMAT_MAX, "%04d-%02d-%02d", d.year, d.month, d.day);
    }
    return true;
}

const char *format_last_lines(const char *text, size_t count)
{
    const char *at = text + strlen(text);

    at -= at > text && at[-1] == '\n' ? 1 : 0;
    while (at > text && (at[-1] != '\n' || --count > 0)) {
        at--;
    }
    return at;
}
