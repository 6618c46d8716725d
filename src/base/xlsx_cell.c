#include <config.h>

#include "xlsx_cell.h"

#include <stdio.h>
#include <string.h>

#include "text.h"
#include "xlsx.h"

#define DIGITS_SHOWN 15
#define DIGITS_READ 40
#define EXPONENT_MAX 30
#define DAY_SECS 86400

bool xlsx_place(const char *text, unsigned *column, unsigned *row)
{
    unsigned c = 0;
    unsigned r = 0;
    const char *s = text;
    for (; *s >= 'A' && *s <= 'Z' && c <= XLSX_COLUMNS_MAX; s++) {
        c = c * 26 + (unsigned)(*s - 'A') + 1;
    }
    for (; *s >= '0' && *s <= '9' && r <= XLSX_ROWS_MAX; s++) {
        r = r * 10 + (unsigned)(*s - '0');
    }
    *column = c;
    *row = r;
    return *s == '\0' && c > 0 && c <= XLSX_COLUMNS_MAX && r > 0 && r <= XLSX_ROWS_MAX;
}

void xlsx_column_name(unsigned column, char out[8])
{
    char reversed[8];
    size_t n = 0;
    for (; column > 0 && n < sizeof reversed - 1; column = (column - 1) / 26) {
        reversed[n++] = (char)('A' + (column - 1) % 26);
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = reversed[n - 1 - i];
    }
    out[n] = '\0';
}

/* A number taken apart: 0.DIGITS * 10^point. */
struct parts {
    bool negative;
    char digit[DIGITS_READ + 1];
    int count, point;
};

/* Digits before and behind the point; those beyond what is read only move the point. */
static const char *digits_take(const char *s, struct parts *p, bool *any)
{
    bool fraction = false;
    *any = false;
    for (; ascii_digit(*s) || (*s == '.' && !fraction); s++) {
        if (*s == '.') {
            fraction = true;
            continue;
        }
        *any = true;
        bool leading = p->count == 0 && *s == '0';
        if (!leading && p->count < DIGITS_READ) {
            p->digit[p->count++] = *s;
        }
        p->point += leading ? (fraction ? -1 : 0) : (fraction ? 0 : 1);
    }
    return s;
}

static bool parts_take(const char *text, struct parts *p)
{
    bool any = false;
    int exponent = 0;
    const char *s = text;
    *p = (struct parts){0};
    if (*s == '-' || *s == '+') {
        p->negative = *s++ == '-';
    }
    s = digits_take(s, p, &any);
    if (!any) {
        return false;
    }
    if (*s == 'e' || *s == 'E') {
        s++;
        bool down = *s == '-';
        s += *s == '-' || *s == '+';
        if (!ascii_digit(*s)) {
            return false;
        }
        for (; ascii_digit(*s) && exponent < 1000; s++) {
            exponent = exponent * 10 + (*s - '0');
        }
        p->point += down ? -exponent : exponent;
    }
    return *s == '\0';
}

/* Round half up to the digits that are shown, and drop zeros at the end. */
static void parts_round(struct parts *p)
{
    if (p->count > DIGITS_SHOWN) {
        bool up = p->digit[DIGITS_SHOWN] >= '5';
        p->count = DIGITS_SHOWN;
        for (int i = DIGITS_SHOWN - 1; up && i >= 0; i--) {
            up = p->digit[i] == '9';
            p->digit[i] = up ? '0' : (char)(p->digit[i] + 1);
        }
        if (up) { /* 9.99 became 10.0 */
            p->digit[0] = '1';
            p->point++;
        }
    }
    while (p->count > 0 && p->digit[p->count - 1] == '0') {
        p->count--;
    }
}

bool xlsx_number(const char *text, char out[XLSX_NUMBER_MAX], bool *exact)
{
    struct parts p;
    size_t n = 0;
    if (!parts_take(text, &p)) {
        return false;
    }
    parts_round(&p);
    *exact = p.count == 0 || p.point <= DIGITS_SHOWN;
    if (p.count == 0 || p.point < -EXPONENT_MAX) {
        (void)snprintf(out, XLSX_NUMBER_MAX, "0");
        return true;
    }
    if (p.point > EXPONENT_MAX) {
        out[0] = '\0';
        return true; /* told by *exact */
    }
    if (p.negative) {
        out[n++] = '-';
    }
    if (p.point <= 0) {
        out[n++] = '0';
    }
    int behind = p.point < 0 ? -p.point : 0; /* zeros before the first digit */
    for (int i = 0; i < p.point || i < p.count; i++) {
        if (i == (p.point > 0 ? p.point : 0)) {
            out[n++] = '.';
            for (; behind > 0 && n < XLSX_NUMBER_MAX - 1 - DIGITS_SHOWN; behind--) {
                out[n++] = '0';
            }
        }
        out[n++] = i < p.count ? p.digit[i] : '0';
    }
    out[n] = '\0';
    return true;
}

/* ---- days ---- */

bool xlsx_serial(const char *number, bool base_1904, struct civil *out)
{
    int64_t days = 0;
    int64_t part = 0;
    int64_t scale = 1;
    const char *s = number;
    for (; ascii_digit(*s) && days < 10000000; s++) {
        days = days * 10 + (*s - '0');
    }
    if (*s == '.') {
        for (s++; ascii_digit(*s) && scale < INT64_C(1000000000000); s++) {
            part = part * 10 + (*s - '0');
            scale *= 10;
        }
        s += strspn(s, "0123456789");
    }
    if (*s != '\0' || s == number) {
        return false;
    }
    int64_t secs = (part * DAY_SECS + scale / 2) / scale;
    days += secs / DAY_SECS;
    secs %= DAY_SECS;
    if (!base_1904 && days == 60) {
        return false; /* 1900-02-29 */
    }
    struct date base = base_1904 ? (struct date){1904, 1, 1} : (struct date){1899, 12, 31};
    days += date_to_days(base) - (!base_1904 && days > 60 ? 1 : 0);
    if (days > date_to_days((struct date){9999, 12, 31})) {
        return false;
    }
    *out = civil_from_secs(days * DAY_SECS + secs);
    return true;
}

bool xlsx_format_is_date(int id, const char *code)
{
    if (code == NULL) { /* built in, ECMA-376 part 1, 18.8.30 */
        return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) ||
               (id >= 50 && id <= 58);
    }
    for (const char *s = code; *s != '\0'; s++) {
        if (*s == '"') {
            s = strchr(s + 1, '"');
        } else if (*s == '[' && strchr("hmsHMS", s[1]) == NULL) {
            s = strchr(s, ']'); /* a colour, a condition; not [h]:mm */
        } else if (*s == '\\' || *s == '_' || *s == '*') {
            s += s[1] != '\0';
        } else if (strchr("dmyhsDMYHS", *s) != NULL) {
            return true;
        } else if (*s == 'G' || *s == 'g') {
            s += strncmp(s + 1, "eneral", 6) == 0 ? 6 : 0;
        }
        if (s == NULL) {
            return false;
        }
    }
    return false;
}
