#include <config.h>

#include "app/losses.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

/* The first of a month that a text names, or of the day that a query finds; *known false: there
 * is none. */
static enum err_code month_of(struct office *o, const char *text, const char *otherwise,
                              struct date *out, bool *known, struct err *e)
{
    struct stmt *q = NULL;
    *known = true;
    if (text != NULL) {
        TRY(date_parse(text, strlen(text), out, e));
        out->day = 1;
        return ERR_OK;
    }
    TRY(db_query(o->db, &q, e, otherwise, NULL, 0));
    enum err_code code = stmt_next(q, known, e);
    *known = *known && !stmt_is_null(q, 0);
    if (code == ERR_OK && *known) {
        const char *day = stmt_text(q, 0);
        code = date_parse(day, strlen(day), out, e);
        out->day = 1;
    }
    stmt_done(q);
    return code;
}

static const char last_read[] =
    "SELECT date(max(x.local) - 1, 'unixepoch') FROM reading x WHERE x.state = 'accepted' AND "
    "x.register IN (SELECT min(g.id) FROM register g JOIN feed f ON f.above = g.meter AND "
    "f.deduct = 0 GROUP BY "
    "g.meter)";

enum err_code losses_last_month(struct office *o, struct date *out, bool *known, struct err *e)
{
    return month_of(o, NULL, last_read, out, known, e);
}

/* Bills of a period belong to the month of its last day; one of two months is not cut. */
static enum err_code billed_load(struct office *o, int64_t feeder, const char *from,
                                 const char *to, int64_t *out, struct err *e)
{
    return db_get_int(
        o->db, out, NULL, e,
        "SELECT coalesce(sum(bm.consumption), 0) FROM feed f JOIN bill_meter bm ON bm.register "
        "= (SELECT min(g.id) FROM register g WHERE g.meter = f.meter) JOIN bill b ON b.id = "
        "bm.bill JOIN billing_run r ON r.id = b.run WHERE f.above = ?1 AND f.deduct = 0 AND "
        "r.state = 'closed' "
        "AND b.cancelled IS NULL AND b.end_date > ?2 AND b.end_date <= ?3 AND b.end_date > "
        "f.start_date AND (f.end_date IS NULL OR b.end_date <= f.end_date)",
        VALS(V_INT(feeder), V_TEXT(from), V_TEXT(to)));
}

enum err_code loss_load(struct office *o, int64_t feeder, struct date first, struct loss *out,
                        struct err *e)
{
    char from[DATE_TEXT];
    char to[DATE_TEXT];
    struct date next = date_add_months(first, 1);
    date_text(first, from);
    date_text(next, to);
    *out = (struct loss){0};
    memcpy(out->month, from, sizeof out->month - 1);
    TRY(balance_load(o, feeder, zone_day_start(o->zone, first), zone_day_start(o->zone, next),
                     &out->counted, e));
    return billed_load(o, feeder, from, to, &out->billed, e);
}

static enum err_code feeder_each(struct office *o, int64_t feeder, struct date from,
                                 struct date to, const struct loss_choice *choice, loss_put put,
                                 void *ctx, struct err *e)
{
    for (struct date at = from; date_cmp(at, to) <= 0; at = date_add_months(at, 1)) {
        struct loss l;
        TRY(loss_load(o, feeder, at, &l, e));
        if (choice->serial != NULL && strcmp(choice->serial, l.counted.meter.serial) != 0) {
            return ERR_OK;
        }
        if (l.counted.count > 0) {
            TRY(put(ctx, &l, e));
        }
    }
    return ERR_OK;
}

enum err_code losses_each(struct office *o, const struct loss_choice *choice, loss_put put,
                          void *ctx, struct err *e)
{
    struct date from = {0};
    struct date to = {0};
    bool first = false;
    bool last = false;
    size_t count = 0;
    TRY(month_of(o, choice->from, "SELECT min(start_date) FROM feed WHERE deduct = 0", &from,
                 &first, e));
    TRY(month_of(o, choice->to, last_read, &to, &last, e));
    if (!first || !last) {
        return ERR_OK;
    }
    if ((to.year - from.year) * 12 + to.month - from.month >= LOSS_MONTHS_MAX) {
        return err_set(e, ERR_LIMIT,
                       _("the report of losses shows at most %d months; give --from and --to"),
                       LOSS_MONTHS_MAX);
    }
    int64_t *feeders = mem_array(FEEDERS_MAX, sizeof feeders[0]);
    if (feeders == NULL) {
        return err_nomem(e);
    }
    enum err_code code = feeders_list(o, feeders, &count, e);
    for (size_t i = 0; code == ERR_OK && i < count; i++) {
        code = feeder_each(o, feeders[i], from, to, choice, put, ctx, e);
    }
    mem_free(feeders);
    return code;
}
