#include <config.h>

#include "base/caltime.h"

#include <string.h>

#include "base/i18n.h"

#define DAY_SECS 86400
#define DAYS_FIRST (-719162) /* 0001-01-01 */
#define DAYS_LAST 2932896    /* 9999-12-31 */

static bool is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint8_t month_days(int32_t year, int month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool date_valid(struct date d)
{
    return d.year >= 1 && d.year <= 9999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= month_days(d.year, d.month);
}

/* Years begin in March here, so that the leap day is the last. 400 years are 146,097 days. */
int32_t date_to_days(struct date d)
{
    int32_t year = d.year - (d.month <= 2), month = (d.month + 9) % 12;
    int32_t era = (year >= 0 ? year : year - 399) / 400;
    int32_t year_of_era = year - era * 400;
    int32_t day_of_year = (153 * month + 2) / 5 + d.day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct date date_from_days(int32_t days)
{
    days = days < DAYS_FIRST ? DAYS_FIRST : days > DAYS_LAST ? DAYS_LAST : days;
    int32_t shifted = days + 719468; /* from 0000-03-01; never negative here */
    int32_t era = shifted / 146097, day_of_era = shifted % 146097;
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
    int32_t civil_month = month < 10 ? month + 3 : month - 9;
    return (struct date){.year = era * 400 + year_of_era + (civil_month <= 2),
                         .month = (uint8_t)civil_month,
                         .day = (uint8_t)(day_of_year - (153 * month + 2) / 5 + 1)};
}

struct date date_add_months(struct date d, int months)
{
    int64_t total = (int64_t)d.year * 12 + d.month - 1 + months;
    if (total < 12) {
        return date_from_days(DAYS_FIRST);
    }
    if (total >= (int64_t)10000 * 12) {
        return date_from_days(DAYS_LAST);
    }
    struct date moved = {.year = (int32_t)(total / 12), .month = (uint8_t)(total % 12 + 1)};
    uint8_t last = month_days(moved.year, moved.month);
    moved.day = d.day < last ? d.day : last;
    return moved;
}

int date_cmp(struct date a, struct date b)
{
    int32_t left = a.year * 512 + a.month * 32 + a.day;
    int32_t right = b.year * 512 + b.month * 32 + b.day;
    return left < right ? -1 : left > right;
}

/* Exactly `count` digits. */
static bool fixed_digits(const char *s, size_t count, int32_t *out)
{
    int32_t v = 0;
    for (size_t i = 0; i < count; i++) {
        if (s[i] < '0' || s[i] > '9') {
            return false;
        }
        v = v * 10 + (s[i] - '0');
    }
    *out = v;
    return true;
}

static bool date_shape(const char *s, struct date *out)
{
    int32_t year, month, day;
    if (!fixed_digits(s, 4, &year) || s[4] != '-' || !fixed_digits(s + 5, 2, &month) ||
        s[7] != '-' || !fixed_digits(s + 8, 2, &day)) {
        return false;
    }
    *out = (struct date){.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
    return true;
}

static int shown(size_t len)
{
    return len > 40 ? 40 : (int)len;
}

static enum err_code no_such_time(const char *s, size_t len, struct err *e)
{
    return err_set(e, ERR_RANGE, _("\"%.*s\" is not a day or time that exists"), shown(len), s);
}

enum err_code date_parse(const char *s, size_t len, struct date *out, struct err *e)
{
    struct date d;
    if (len != 10 || !date_shape(s, &d)) {
        return err_set(e, ERR_PARSE, _("\"%.*s\" is not a date like 2026-11-21"), shown(len),
                       s);
    }
    if (!date_valid(d)) {
        return no_such_time(s, len, e);
    }
    *out = d;
    return ERR_OK;
}

/* `width` digits with leading zeros. */
static char *put_digits(char *p, int32_t v, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        p[i] = (char)('0' + v % 10);
        v /= 10;
    }
    return p + width;
}

static char *put_date(char *p, struct date d)
{
    p = put_digits(p, d.year, 4);
    *p++ = '-';
    p = put_digits(p, d.month, 2);
    *p++ = '-';
    return put_digits(p, d.day, 2);
}

static char *put_civil(char *p, struct civil c)
{
    p = put_date(p, c.date);
    *p++ = 'T';
    p = put_digits(p, c.hour, 2);
    *p++ = ':';
    p = put_digits(p, c.minute, 2);
    *p++ = ':';
    return put_digits(p, c.second, 2);
}

void date_print(struct date d, struct buf *out)
{
    char text[16];
    buf_add(out, text, (size_t)(put_date(text, d) - text));
}

void date_text(struct date d, char out[DATE_TEXT])
{
    *put_date(out, d) = '\0';
}

void civil_print(struct civil c, struct buf *out)
{
    char text[32];
    buf_add(out, text, (size_t)(put_civil(text, c) - text));
}

int64_t civil_to_secs(struct civil c)
{
    return (int64_t)date_to_days(c.date) * DAY_SECS + (int64_t)c.hour * 3600 +
           (int64_t)c.minute * 60 + c.second;
}

struct civil civil_from_secs(int64_t secs)
{
    const int64_t first = (int64_t)DAYS_FIRST * DAY_SECS;
    const int64_t last = ((int64_t)DAYS_LAST + 1) * DAY_SECS - 1;
    secs = secs < first ? first : secs > last ? last : secs;
    int64_t since = secs - first; /* not negative, so that division rounds down */
    int32_t rest = (int32_t)(since % DAY_SECS);
    return (struct civil){.date = date_from_days((int32_t)(since / DAY_SECS) + DAYS_FIRST),
                          .hour = (uint8_t)(rest / 3600),
                          .minute = (uint8_t)(rest / 60 % 60),
                          .second = (uint8_t)(rest % 60)};
}

static bool clock_valid(struct civil c)
{
    return c.hour <= 23 && c.minute <= 59 && c.second <= 59;
}

static bool clock_shape(const char *s, struct civil *out)
{
    int32_t hour, minute, second;
    if (!fixed_digits(s, 2, &hour) || s[2] != ':' || !fixed_digits(s + 3, 2, &minute) ||
        s[5] != ':' || !fixed_digits(s + 6, 2, &second)) {
        return false;
    }
    out->hour = (uint8_t)hour;
    out->minute = (uint8_t)minute;
    out->second = (uint8_t)second;
    return true;
}

enum err_code time_parse_utc(const char *s, size_t len, int64_t *ms, struct err *e)
{
    struct civil c;
    int32_t fraction = 0;
    bool shape = (len == 20 || len == 24) && s[len - 1] == 'Z' && date_shape(s, &c.date) &&
                 s[10] == 'T' && clock_shape(s + 11, &c);
    if (shape && len == 24) {
        shape = s[19] == '.' && fixed_digits(s + 20, 3, &fraction);
    }
    if (!shape) {
        return err_set(e, ERR_PARSE, _("\"%.*s\" is not a time like 2026-11-21T08:08:32.123Z"),
                       shown(len), s);
    }
    if (!date_valid(c.date) || !clock_valid(c)) {
        return no_such_time(s, len, e);
    }
    *ms = civil_to_secs(c) * 1000 + fraction;
    return ERR_OK;
}

void time_print_utc(int64_t ms, struct buf *out)
{
    char text[32];
    int64_t secs = ms / 1000 - (ms % 1000 < 0);
    int32_t fraction = (int32_t)((ms % 1000 + 1000) % 1000);
    char *p = put_civil(text, civil_from_secs(secs));
    *p++ = '.';
    p = put_digits(p, fraction, 3);
    *p++ = 'Z';
    buf_add(out, text, (size_t)(p - text));
}

/* Reading by format. */
struct scan {
    const char *s, *end;
    int32_t year, month, day, hour, minute, second;
};

static bool scan_digits(struct scan *in, int least, int most, int32_t *out)
{
    int32_t v = 0;
    int n = 0;
    while (n < most && in->s < in->end && *in->s >= '0' && *in->s <= '9') {
        v = v * 10 + (*in->s++ - '0');
        n++;
    }
    *out = v;
    return n >= least;
}

static bool scan_literal(struct scan *in, char c)
{
    if (in->s < in->end && *in->s == c) {
        in->s++;
        return true;
    }
    return false;
}

/* Where a number touches another, only its full width tells them apart. */
static bool scan_short_year(struct scan *in)
{
    bool fine = scan_digits(in, 2, 2, &in->year);
    in->year += in->year <= 68 ? 2000 : 1900; /* POSIX strptime */
    return fine;
}

static bool scan_letter(struct scan *in, char letter, int least)
{
    bool fine;
    switch (letter) {
    case 'd':
        fine = scan_digits(in, least, 2, &in->day);
        break;
    case 'm':
        fine = scan_digits(in, least, 2, &in->month);
        break;
    case 'Y':
        fine = scan_digits(in, 4, 4, &in->year);
        break;
    case 'y':
        fine = scan_short_year(in);
        break;
    case 'H':
        fine = scan_digits(in, least, 2, &in->hour);
        break;
    case 'M':
        fine = scan_digits(in, least, 2, &in->minute);
        break;
    case 'S':
        fine = scan_digits(in, least, 2, &in->second);
        break;
    case 'F':
        fine = scan_digits(in, 4, 4, &in->year) && scan_literal(in, '-') &&
               scan_digits(in, least, 2, &in->month) && scan_literal(in, '-') &&
               scan_digits(in, least, 2, &in->day);
        break;
    case 'R':
    case 'T':
        fine = scan_digits(in, least, 2, &in->hour) && scan_literal(in, ':') &&
               scan_digits(in, least, 2, &in->minute);
        if (letter == 'T') {
            fine = fine && scan_literal(in, ':') && scan_digits(in, least, 2, &in->second);
        }
        break;
    case '%':
        fine = scan_literal(in, '%');
        break;
    default:
        return false;
    }
    return fine;
}

static bool scan_format(struct scan *in, const char *format)
{
    const char *f = format;
    bool touching = false; /* the item before was a number too */
    while (*f != '\0') {
        if (*f != '%') {
            if (!scan_literal(in, *f++)) {
                return false;
            }
            touching = false;
            continue;
        }
        bool touches = f[1] != '\0' && f[2] == '%' && f[3] != '%';
        if (!scan_letter(in, f[1], touching || touches ? 2 : 1)) {
            return false;
        }
        touching = f[1] != '%';
        f += 2;
    }
    return in->s == in->end;
}

/* A wrong format is told from a wrong time also where the time differs first. */
static bool format_known(const char *format)
{
    for (const char *f = strchr(format, '%'); f != NULL; f = strchr(f + 2, '%')) {
        if (f[1] == '\0' || strchr("dmYyHMSFTR%", f[1]) == NULL) {
            return false;
        }
    }
    return true;
}

enum err_code civil_parse_format(const char *s, size_t len, const char *format,
                                 struct civil *out, struct err *e)
{
    struct scan in = {.s = s, .end = s + len, .year = 1970, .month = 1, .day = 1};
    if (!scan_format(&in, format)) {
        if (format_known(format)) {
            return err_set(e, ERR_PARSE, _("\"%.*s\" is not a time of the form %s"), shown(len),
                           s, format);
        }
        return err_set(e, ERR_UNSUPPORTED,
                       _("the time form \"%s\" has a letter that is not known; known are "
                         "%%d %%m %%Y %%y %%H %%M %%S %%F %%T %%R"),
                       format);
    }
    struct civil c = {
        .date = {.year = in.year, .month = (uint8_t)in.month, .day = (uint8_t)in.day},
        .hour = (uint8_t)in.hour,
        .minute = (uint8_t)in.minute,
        .second = (uint8_t)in.second};
    if (!date_valid(c.date) || !clock_valid(c)) {
        return no_such_time(s, len, e);
    }
    *out = c;
    return ERR_OK;
}

/* One letter of a format; false when it is none of ours. */
static bool print_letter(struct civil c, char letter, struct buf *out)
{
    char text[16];
    char *end = text;
    switch (letter) {
    case 'd':
        end = put_digits(text, c.date.day, 2);
        break;
    case 'm':
        end = put_digits(text, c.date.month, 2);
        break;
    case 'Y':
        end = put_digits(text, c.date.year, 4);
        break;
    case 'y':
        end = put_digits(text, c.date.year % 100, 2);
        break;
    case 'H':
        end = put_digits(text, c.hour, 2);
        break;
    case 'M':
        end = put_digits(text, c.minute, 2);
        break;
    case 'S':
        end = put_digits(text, c.second, 2);
        break;
    case 'F':
        end = put_date(text, c.date);
        break;
    case '%':
        *end++ = '%';
        break;
    default:
        return false;
    }
    buf_add(out, text, (size_t)(end - text));
    return true;
}

void civil_print_format(struct civil c, const char *format, struct buf *out)
{
    for (const char *f = format; *f != '\0'; f++) {
        if (f[0] == '%' && (f[1] == 'T' || f[1] == 'R')) {
            civil_print_format(c, f[1] == 'T' ? "%H:%M:%S" : "%H:%M", out);
            f++;
        } else if (f[0] == '%' && print_letter(c, f[1], out)) {
            f++;
        } else {
            buf_addc(out, *f);
        }
    }
}
