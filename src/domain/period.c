#include <config.h>

#include "domain/period.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

#define MONTH_CHARS 7 /* "2016-03" */

/* The months that a period has by what stands behind its first; 0: it is none. */
static int months_of(const char *length)
{
    return length[0] == '\0'             ? 1
           : strcmp(length, "/P2M") == 0 ? 2
           : strcmp(length, "/P3M") == 0 ? 3
                                         : 0;
}

enum err_code period_parse(const char *text, struct date *start, struct date *end,
                           struct err *e)
{
    char day[12] = "";
    int months = strlen(text) >= MONTH_CHARS ? months_of(text + MONTH_CHARS) : 0;
    struct err ignored = ERR_INIT;
    (void)snprintf(day, sizeof day, "%.7s-01", text);
    if (months == 0 || date_parse(day, strlen(day), start, &ignored) != ERR_OK) {
        return err_set(e, ERR_PARSE,
                       _("\"%.20s\" is not a billing period such as 2016-03 or 2016-03/P2M."),
                       text);
    }
    *end = date_add_months(*start, months);
    return ERR_OK;
}

int64_t local_days(const struct zone *zone, int64_t from_utc, int64_t to_utc)
{
    return (int64_t)date_to_days(zone_to_civil(zone, to_utc).date) -
           date_to_days(zone_to_civil(zone, from_utc).date);
}
