/* Billing periods by the calendar of the office's place. */
#ifndef AFORO_DOMAIN_PERIOD_H
#define AFORO_DOMAIN_PERIOD_H

#include <stdint.h>

#include "base/caltime.h"

/*
 * The days [start, end) of a period: a month as "2016-03", or two or three from one on as
 * "2016-03/P2M" and "2016-03/P3M" (ISO 8601: start and length).
 *
 * Errors: ERR_PARSE when the text is not of that form.
 */
enum err_code period_parse(const char *text, struct date *start, struct date *end,
                           struct err *e) MUST_CHECK;

/* Days between two instants by the local calendar; those with 23 or 25 hours count as one. */
int64_t local_days(const struct zone *zone, int64_t from_utc, int64_t to_utc);

#endif
