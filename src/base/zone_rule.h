/* The rule at the end of a TZif file, which says what happens after its last transition. For
 * zone.c only. */
#ifndef AFORO_BASE_ZONE_RULE_H
#define AFORO_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZONE_OFFSET_MAX 93600 /* 26 hours: what RFC 8536 allows */

enum when_kind {
    WHEN_MONTH,
    WHEN_JULIAN,
    WHEN_DAY
}; /* Mm.w.d, Jn (no 29 February), n (from 0) */

struct zone_when {
    enum when_kind kind;
    int month, week, day; /* day: of the week (0 is Sunday) or of the year */
    int32_t secs;         /* from local midnight; may be negative or beyond a day */
};

struct zone_rule {
    int32_t standard, summer; /* seconds east of UTC */
    bool has_summer;
    struct zone_when start, end; /* of summer time */
};

/*
 * Parse a POSIX TZ string, with the hours of RFC 8536 3.3.1 (-167..167). False when malformed.
 */
bool zone_rule_parse(const char *s, size_t len, struct zone_rule *out);
/* The instants at which summer time starts and ends in a year. */
void zone_rule_year(const struct zone_rule *r, int32_t year, int64_t *start_utc,
                    int64_t *end_utc);

#endif
