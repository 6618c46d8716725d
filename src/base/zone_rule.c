#include <config.h>

#include "base/zone_rule.h"

#include <string.h>

#include "base/caltime.h"
#include "base/text.h"

#define DAY_SECS 86400

struct reader {
    const char *s, *end;
};

static bool take_char(struct reader *r, char c)
{
    if (r->s < r->end && *r->s == c) {
        r->s++;
        return true;
    }
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* A number of at most three digits. */
static bool take_number(struct reader *r, int least, int most, int *out)
{
    int v = 0, digits = 0;
    while (r->s < r->end && ascii_digit(*r->s) && digits < 3) {
        v = v * 10 + (*r->s++ - '0');
        digits++;
    }
    *out = v;
    return digits > 0 && v >= least && v <= most;
}

/* "EST" or "<-03>": at least three characters; which, does not matter to us. */
static bool take_name(struct reader *r)
{
    bool quoted = take_char(r, '<');
    const char *first = r->s;
    while (r->s < r->end && (is_letter(*r->s) || (quoted && (ascii_digit(*r->s) ||
                                                             *r->s == '+' || *r->s == '-')))) {
        r->s++;
    }
    return r->s - first >= 3 && (!quoted || take_char(r, '>'));
}

/* "[+-]h[:m[:s]]" in seconds. */
static bool take_time(struct reader *r, int hours_max, int32_t *out)
{
    bool negative = take_char(r, '-');
    int hours, minutes = 0, seconds = 0;
    if (!negative) {
        (void)take_char(r, '+');
    }
    if (!take_number(r, 0, hours_max, &hours)) {
        return false;
    }
    if (take_char(r, ':')) {
        if (!take_number(r, 0, 59, &minutes)) {
            return false;
        }
        if (take_char(r, ':') && !take_number(r, 0, 59, &seconds)) {
            return false;
        }
    }
    int32_t total = hours * 3600 + minutes * 60 + seconds;
    *out = negative ? -total : total;
    return true;
}

static bool take_when(struct reader *r, struct zone_when *out)
{
    bool fine;
    *out = (struct zone_when){.secs = 2 * 3600};
    if (take_char(r, 'M')) {
        out->kind = WHEN_MONTH;
        fine = take_number(r, 1, 12, &out->month) && take_char(r, '.') &&
               take_number(r, 1, 5, &out->week) && take_char(r, '.') &&
               take_number(r, 0, 6, &out->day);
    } else if (take_char(r, 'J')) {
        out->kind = WHEN_JULIAN;
        fine = take_number(r, 1, 365, &out->day);
    } else {
        out->kind = WHEN_DAY;
        fine = take_number(r, 0, 365, &out->day);
    }
    if (fine && take_char(r, '/')) {
        fine = take_time(r, 167, &out->secs);
    }
    return fine;
}

bool zone_rule_parse(const char *s, size_t len, struct zone_rule *out)
{
    struct reader r = {.s = s, .end = s + len};
    int32_t west;
    *out = (struct zone_rule){0};
    if (!take_name(&r) || !take_time(&r, 24, &west)) {
        return false;
    }
    out->standard = -west;
    if (r.s == r.end) {
        return true;
    }
    out->has_summer = true;
    out->summer = out->standard + 3600;
    if (!take_name(&r)) {
        return false;
    }
    if (r.s < r.end && *r.s != ',') {
        if (!take_time(&r, 24, &west)) {
            return false;
        }
        out->summer = -west;
    }
    return take_char(&r, ',') && take_when(&r, &out->start) && take_char(&r, ',') &&
           take_when(&r, &out->end) && r.s == r.end;
}

/* Days since 1970 of what a rule names in a year. */
static int32_t when_day(const struct zone_when *w, int32_t year)
{
    int32_t january = date_to_days((struct date){.year = year, .month = 1, .day = 1});
    bool leap = date_valid((struct date){.year = year, .month = 2, .day = 29});
    if (w->kind == WHEN_DAY) {
        return january + w->day;
    }
    if (w->kind == WHEN_JULIAN) { /* 60 is 1 March in every year */
        return january + w->day - 1 + (leap && w->day >= 60);
    }
    struct date first = {.year = year, .month = (uint8_t)w->month, .day = 1};
    int32_t days = date_to_days(first);
    int weekday =
        (int)(((int64_t)days + 4 + INT64_C(1400000)) % 7); /* 1970-01-01 was a Thursday */
    int32_t day = days + (w->day - weekday + 7) % 7 + (w->week - 1) * 7;
    first.day = 28;
    while (day > date_to_days(first) && /* week 5 is the last, also where there are four */
           !date_valid((struct date){year, (uint8_t)w->month, (uint8_t)(day - days + 1)})) {
        day -= 7;
    }
    return day;
}

void zone_rule_year(const struct zone_rule *r, int32_t year, int64_t *start_utc,
                    int64_t *end_utc)
{
    *start_utc = (int64_t)when_day(&r->start, year) * DAY_SECS + r->start.secs - r->standard;
    *end_utc = (int64_t)when_day(&r->end, year) * DAY_SECS + r->end.secs - r->summer;
}
