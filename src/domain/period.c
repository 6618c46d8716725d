#include <config.h>

#include "domain/period.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

static const struct cycle_row {
    const char *name, *label;
    int months;
} cycles[CYCLE_COUNT] = {
    [CYCLE_MONTHLY] = {"monthly", N_("monthly"), 1},
    [CYCLE_BIMONTHLY] = {"bimonthly", N_("every two months"), 2},
    [CYCLE_QUARTERLY] = {"quarterly", N_("quarterly"), 3},
};

static const struct cycle_row *row(enum cycle c)
{
    CHECK(c < CYCLE_COUNT);
    return &cycles[c];
}

const char *cycle_name(enum cycle c)
{
    return row(c)->name;
}

bool cycle_find(const char *name, enum cycle *out)
{
    for (size_t i = 0; i < CYCLE_COUNT; i++) {
        if (strcmp(cycles[i].name, name) == 0) {
            *out = (enum cycle)i;
            return true;
        }
    }
    return false;
}

const char *cycle_label(enum cycle c)
{
    return _(row(c)->label);
}

int cycle_months(enum cycle c)
{
    return row(c)->months;
}

static void period_from(enum cycle cycle, struct date start, const struct zone *zone,
                        struct period *out)
{
    out->start = start;
    out->end = date_add_months(start, cycle_months(cycle));
    out->start_utc = zone_day_start(zone, out->start);
    out->end_utc = zone_day_start(zone, out->end);
}

void period_of(enum cycle cycle, unsigned first_month, struct date day, const struct zone *zone,
               struct period *out)
{
    CHECK(first_month >= 1 && first_month <= 12 && date_valid(day));
    int months = cycle_months(cycle);
    /* Twelve is a multiple of every cycle, so the months since the last start do not depend on
     * the year. */
    int into = ((int)day.month - (int)first_month + 12) % months;
    struct date start = {day.year, day.month, 1};
    period_from(cycle, date_add_months(start, -into), zone, out);
}

void period_after(enum cycle cycle, unsigned first_month, const struct period *p,
                  const struct zone *zone, struct period *out)
{
    period_of(cycle, first_month, p->end, zone, out);
}

int64_t period_days(const struct period *p)
{
    return (int64_t)date_to_days(p->end) - date_to_days(p->start);
}

void period_print(enum cycle cycle, const struct period *p, char out[PERIOD_TEXT_MAX])
{
    int months = cycle_months(cycle);
    int n = snprintf(out, PERIOD_TEXT_MAX, "%04d-%02u", (int)(p->start.year % 10000),
                     p->start.month % 100u);
    if (months > 1) {
        (void)snprintf(out + n, PERIOD_TEXT_MAX - (size_t)n, "/P%dM", months % 100);
    }
}

enum err_code period_parse(const char *text, enum cycle cycle, unsigned first_month,
                           const struct zone *zone, struct period *out, struct err *e)
{
    char day[12] = "";
    char printed[PERIOD_TEXT_MAX];
    struct date start = {0, 0, 0};
    struct period p;
    size_t len = strlen(text);
    if (len >= 7) {
        (void)snprintf(day, sizeof(day), "%.7s-01", text);
    }
    if (date_parse(day, strlen(day), &start, NULL) != ERR_OK ||
        (text[7] != '\0' && text[7] != '/')) {
        return err_set(e, ERR_PARSE,
                       _("\"%.20s\" is not a billing period such as 2016-03 or 2016-03/P2M."),
                       text);
    }
    period_of(cycle, first_month, start, zone, &p);
    period_print(cycle, &p, printed);
    if (strcmp(text, printed) != 0) {
        return err_set(
            e, ERR_RANGE,
            _("There is no billing period %.20s in this cycle; that month belongs to %s."),
            text, printed);
    }
    *out = p;
    return ERR_OK;
}

bool reading_at(const struct accepted *readings, size_t count, int64_t utc, size_t *index)
{
    size_t low = 0,
           high =
               count; /* all before low are at or before utc, all from high on are after it */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (readings[middle].p.utc <= utc) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *index = low - 1;
    return low > 0;
}

int64_t local_days(const struct zone *zone, int64_t from_utc, int64_t to_utc)
{
    return (int64_t)date_to_days(zone_to_civil(zone, to_utc).date) -
           date_to_days(zone_to_civil(zone, from_utc).date);
}

enum err_code period_cut(const struct period *p, const struct accepted *readings, size_t count,
                         const struct register_def *reg, const struct zone *zone,
                         struct period_cut *out, struct err *e)
{
    struct period_cut cut = {0};
    unsigned rollovers = 0;
    if (!reading_at(readings, count, p->end_utc, &cut.close)) {
        return err_set(e, ERR_NOT_FOUND,
                       _("The register has no accepted reading up to the end of the period."));
    }
    cut.opened_late = !reading_at(readings, count, p->start_utc, &cut.open);
    if (cut.opened_late) {
        cut.open = 0;
    }
    for (size_t i = cut.open + 1; i <= cut.close; i++) {
        rollovers += readings[i].rollovers;
    }
    TRY(register_consumption(reg, readings[cut.open].p.value, readings[cut.close].p.value,
                             rollovers, &cut.consumption, e));
    cut.days = local_days(zone, readings[cut.open].p.utc, readings[cut.close].p.utc);
    *out = cut;
    return ERR_OK;
}
