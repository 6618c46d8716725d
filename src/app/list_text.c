#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "app/list_sql.h"

/* What stands in a cell, as text that terms are looked for in: as machine text has it. */

#define YEAR_S INT64_C(31557600)
/* Years before today for which changes of the clock are told; what is older counts by the
 * oldest. */
#define YEARS 20
/* No zone changes twice within so many seconds. */
#define STEP_S (7 * INT64_C(86400))

/* The last second before the zone's offset changes from what it is at `from`. */
static int64_t last_before(const struct zone *z, int64_t from, int64_t to)
{
    int32_t offset = zone_offset_at(z, from);
    while (to - from > 1) {
        int64_t middle = from + (to - from) / 2;
        if (zone_offset_at(z, middle) == offset) {
            from = middle;
        } else {
            to = middle;
        }
    }
    return from;
}

/* An expression for what has to be added to v, seconds UTC. */
static void add_offset(struct buf *sql, const struct office *o)
{
    int64_t now = env_wall_ms(o->env) / 1000;
    int64_t t = now - YEARS * YEAR_S;
    buf_adds(sql, "CASE");
    for (; t < now + YEAR_S; t += STEP_S) {
        int32_t offset = zone_offset_at(o->zone, t);
        if (zone_offset_at(o->zone, t + STEP_S) != offset) {
            buf_addf(sql, " WHEN v <= %" PRId64 " THEN %" PRId32,
                     last_before(o->zone, t, t + STEP_S), offset);
        }
    }
    buf_addf(sql, " WHEN 1 THEN %" PRId32 " END", zone_offset_at(o->zone, t));
}

void list_sql_text(struct buf *sql, const struct office *o, const struct list_column *c)
{
    switch (c->type) {
    case LIST_TEXT:
    case LIST_NUMBER:
    case LIST_DATE:
        buf_adds(sql, c->sql);
        break;
    case LIST_MONEY:
        buf_addf(sql, "with_point(%s, %u)", c->sql,
                 o->currency != NULL ? o->currency->digits : 2);
        break;
    case LIST_TIME:
        buf_adds(sql, "(SELECT datetime(v + ");
        add_offset(sql, o);
        buf_addf(sql, ", 'unixepoch') FROM (SELECT %s AS v))", c->sql);
        break;
    case LIST_QUANTITY:
        buf_addf(sql, "in_unit(%s, %s)", c->sql, c->unit);
        break;
    }
}

/* Signs of which the text of a cell is made; NULL: any. A number is not put together, nor what
 * it is reckoned from looked for, when somebody looks for a name. */
static const char *signs_of(const struct list_column *c)
{
    switch (c->type) {
    case LIST_TEXT:
        return NULL;
    case LIST_NUMBER:
    case LIST_DATE:
        return "-0123456789";
    case LIST_MONEY:
    case LIST_QUANTITY:
        return "-.0123456789";
    case LIST_TIME:
        return "-: 0123456789";
    }
    return NULL;
}

bool list_may_hold(const struct list_column *c, const char *folded)
{
    const char *signs = signs_of(c);
    return signs == NULL || folded[strspn(folded, signs)] == '\0';
}
