/* Time: UTC inside, local time at the edge. Zones are read from the system's TZif files (RFC
 * 8536); nothing here looks at TZ or at the C library's locale. */
#ifndef AFORO_BASE_CALTIME_H
#define AFORO_BASE_CALTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

struct date {
    int32_t year;       /* 1..9999 */
    uint8_t month, day; /* from 1 */
};
struct civil { /* a wall-clock time */
    struct date date;
    uint8_t hour, minute, second;
};

bool date_valid(struct date d);
int32_t date_to_days(struct date d);      /* days since 1970-01-01 */
struct date date_from_days(int32_t days); /* clamped to 0001-01-01..9999-12-31, as below */
struct date date_add_months(struct date d, int months); /* day clamped to the month's last */
int date_cmp(struct date a, struct date b);
enum err_code date_parse(const char *s, size_t len, struct date *out,
                         struct err *e) MUST_CHECK; /* "2026-11-21" */
void date_print(struct date d, struct buf *out);
#define DATE_TEXT 11 /* "2026-11-21" and a NUL */
/* The same into `out`: no memory that could be out and leave a record without its date. */
void date_text(struct date d, char out[DATE_TEXT]);

/* Seconds since 1970 as if the civil time were UTC: how local times are compared and stored. */
int64_t civil_to_secs(struct civil c);
struct civil civil_from_secs(int64_t secs);
void civil_print(struct civil c, struct buf *out); /* "2016-03-01T00:28:55" */

/* "2026-11-21T08:08:32.123Z" <-> ms since 1970; reading takes also whole seconds ("...:32Z").
 * ERR_PARSE, ERR_RANGE. */
enum err_code time_parse_utc(const char *s, size_t len, int64_t *ms, struct err *e) MUST_CHECK;
void time_print_utc(int64_t ms, struct buf *out);

/*
 * Read a time in a format of an import mapping, in strftime's letters: %d %m %Y %y %H %M %S, %F
 * (%Y-%m-%d), %T (%H:%M:%S), %R (%H:%M), %%. Days, months and times may lack their leading zero
 * where something else than a digit follows; %y is 1969..2068. What the format does not name is
 * 1970-01-01 and 00:00:00. Errors: ERR_PARSE (another shape), ERR_RANGE (no such day or hour),
 * ERR_UNSUPPORTED (unknown letter).
 */
enum err_code civil_parse_format(const char *s, size_t len, const char *format,
                                 struct civil *out, struct err *e) MUST_CHECK;

/* Print in such a format, with all leading zeros; a letter that is not known is printed as it
 * stands. For the date forms of struct numfmt. */
void civil_print_format(struct civil c, const char *format, struct buf *out);

struct zone; /* one loaded time zone, immutable after load, shared between threads */
enum err_code zone_load(const char *name, struct zone **out, struct err *e)
    MUST_CHECK; /* "America/Costa_Rica"; names with .. or / first refused */
/* The same from the bytes of a TZif file (versions 1 to 3); borrowed for the call. ERR_PARSE,
 * ERR_NOMEM, ERR_UNSUPPORTED. */
enum err_code zone_parse(const uint8_t *data, size_t len, const char *name, struct zone **out,
                         struct err *e) MUST_CHECK;
void zone_free(struct zone *z);
const char *zone_name(const struct zone *z);
int32_t zone_offset_at(const struct zone *z, int64_t utc_secs); /* seconds east of UTC */
struct civil zone_to_civil(const struct zone *z, int64_t utc_secs);

enum local_kind { LOCAL_UNIQUE, LOCAL_AMBIGUOUS, LOCAL_NONEXISTENT };
/*
 * Resolve a wall-clock time. UNIQUE: first = second. AMBIGUOUS (the doubled hour): first and
 * second instants. NONEXISTENT (the skipped hour): both are the instant of the jump.
 */
enum local_kind zone_resolve(const struct zone *z, struct civil c, int64_t *first_utc,
                             int64_t *second_utc);
/* Wall-clock years are 1..9999; results for instants beyond are those of the nearest end. */
/* First instant of a local day (the jump's instant where midnight does not exist). */
int64_t zone_day_start(const struct zone *z, struct date d);

#endif
