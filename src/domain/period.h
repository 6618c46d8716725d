/* Billing periods by the calendar of the office's place, and the readings that cut them. */
#ifndef AFORO_DOMAIN_PERIOD_H
#define AFORO_DOMAIN_PERIOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/caltime.h"
#include "domain/meter.h"

enum cycle { CYCLE_MONTHLY, CYCLE_BIMONTHLY, CYCLE_QUARTERLY, CYCLE_COUNT };

const char *cycle_name(enum cycle c); /* stable: "bimonthly" */
bool cycle_find(const char *name, enum cycle *out);
const char *cycle_label(enum cycle c); /* translated */
int cycle_months(enum cycle c);

/* A billing period [start, end): local dates, and the instants at which these days begin. */
struct period {
    struct date start, end;
    int64_t start_utc, end_utc; /* seconds since 1970 */
};

/*
 * The period of a cycle that holds a day.
 *
 * first_month: 1..12, a month in which periods of this cycle start (bimonthly from February:
 * 2). zone:        of the office; borrowed for the call.
 */
void period_of(enum cycle cycle, unsigned first_month, struct date day, const struct zone *zone,
               struct period *out);
/* The one that begins where p ends. */
void period_after(enum cycle cycle, unsigned first_month, const struct period *p,
                  const struct zone *zone, struct period *out);
/* Calendar days of the period, those with 23 or 25 hours counted as one. */
int64_t period_days(const struct period *p);

#define PERIOD_TEXT_MAX 16

/* "2016-03" for a month, "2016-03/P2M" for two: the start and, where it is longer than a month,
 * the length (ISO 8601). */
void period_print(enum cycle cycle, const struct period *p, char out[PERIOD_TEXT_MAX]);
/* The same read back. ERR_PARSE when it is not of that form; ERR_RANGE when no period of the
 * cycle starts then. */
enum err_code period_parse(const char *text, enum cycle cycle, unsigned first_month,
                           const struct zone *zone, struct period *out,
                           struct err *e) MUST_CHECK;

/* An accepted reading of one register. */
struct accepted {
    struct point p;
    unsigned
        rollovers; /* times that the dial passed zero since the reading before, as decided */
};

/* What a period is billed by. */
struct period_cut {
    size_t open, close; /* indexes into the readings */
    bool
        opened_late; /* no reading at or before the start: it opens with the first one inside */
    int64_t days;    /* local days between the two readings */
    int64_t consumption; /* smallest units, through rollovers, multiplier applied */
};

/* The last reading at or before an instant; false when there is none. readings: in order of
 * time. */
bool reading_at(const struct accepted *readings, size_t count, int64_t utc, size_t *index);

/*
 * Cut a period at the last accepted readings at or before its two ends; nothing is
 * interpolated.
 *
 * readings: accepted ones of one register, in order of time; borrowed.
 * out:      filled on success. open == close: nothing was read inside, so there is nothing to
 * bill (days and consumption 0). Errors:   ERR_NOT_FOUND when there is no reading up to the end
 * at all; ERR_RANGE when the register falls between the two and no rollover explains it.
 */
enum err_code period_cut(const struct period *p, const struct accepted *readings, size_t count,
                         const struct register_def *reg, const struct zone *zone,
                         struct period_cut *out, struct err *e) MUST_CHECK;
/* Days between two instants by the local calendar. */
int64_t local_days(const struct zone *zone, int64_t from_utc, int64_t to_utc);

#endif
