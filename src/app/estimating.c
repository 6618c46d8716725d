#include <config.h>

#include "app/estimating.h"

#include <stdio.h>
#include <string.h>

#include "app/use_history.h"

#define DAY_S 86400
/* Enough to call a mean: three billed periods, or two months of readings. */
#define PERIODS_MIN 3
#define DAYS_MIN 60
/* How far a reading of the year before may lie from the day that is meant. */
#define YEAR_SLACK_DAYS 31
/* Bills of the last so many days speak for a group, of at least so many meters. */
#define GROUP_DAYS 100
#define GROUP_MIN 3

static enum err_code own_mean(struct office *o, struct estimating *x, struct err *e)
{
    struct use_history h;
    TRY(use_history_load(o, &x->meter, x->utc, &h, e));
    if (h.count >= PERIODS_MIN || h.days >= DAYS_MIN) {
        x->basis =
            (struct estimate_basis){ESTIMATE_MEAN, h.use, h.days * DAY_S, (int64_t)h.count};
    }
    return ERR_OK;
}

static int64_t year_before(const struct office *o, int64_t utc)
{
    struct civil c = zone_to_civil(o->zone, utc);
    int32_t then = date_to_days(date_add_months(c.date, -12));
    return utc - (int64_t)(date_to_days(c.date) - then) * DAY_S;
}

static enum err_code same_period(struct office *o, struct estimating *x, struct err *e)
{
    struct bill_reading from = {0};
    struct bill_reading to = {0};
    bool found = false;
    unsigned rollovers = 0;
    int64_t use = 0;
    struct err ignored = ERR_INIT;
    int64_t start = year_before(o, x->from.utc);
    int64_t end = year_before(o, x->utc);
    TRY(measured_until(o, x->meter.register_id, start, &from, &found, e));
    if (found) {
        TRY(measured_until(o, x->meter.register_id, end, &to, &found, e));
    }
    int64_t slack = (int64_t)YEAR_SLACK_DAYS * DAY_S;
    if (!found || to.utc <= from.utc || start - from.utc > slack || end - to.utc > slack) {
        return ERR_OK;
    }
    TRY(rollovers_between(o, x->meter.register_id, &from, &to, &rollovers, e));
    if (register_consumption(&x->meter.reg, from.value, to.value, rollovers, &use, &ignored) ==
        ERR_OK) {
        x->basis = (struct estimate_basis){ESTIMATE_YEAR, use, to.utc - from.utc, 1};
    }
    return ERR_OK;
}

#define GROUP_ROWS                                                                             \
    "FROM bill_meter bm JOIN tariff f ON f.id = bm.tariff JOIN bill b ON b.id = bm.bill JOIN " \
    "billing_run n ON n.id = b.run JOIN reading s ON s.id = bm.from_reading JOIN reading t "   \
    "ON "                                                                                      \
    "t.id = bm.to_reading WHERE f.code = ?1 AND f.kind = ?2 AND n.state = 'closed' AND "       \
    "b.cancelled IS NULL AND bm.flags = '' AND s.source <> 'estimated' AND t.source <> "       \
    "'estimated' AND b.end_date > ?3 AND t.utc <= ?4"

/* The median of what meters of the same tariff used a day. */
static enum err_code group_measure(struct office *o, const char *tariff, enum meter_kind kind,
                                   int64_t utc, struct estimate_basis *out, struct err *e)
{
    int64_t n = 0;
    struct stmt *q = NULL;
    bool row = false;
    char day[DATE_TEXT];
    date_text(zone_to_civil(o->zone, utc - (int64_t)GROUP_DAYS * DAY_S).date, day);
    enum err_code code = db_get_int(
        o->db, &n, NULL, e, "SELECT count(*) " GROUP_ROWS,
        VALS(V_TEXT(tariff), V_TEXT(meter_kind_name(kind)), V_TEXT(day), V_INT(utc)));
    *out = (struct estimate_basis){.method = ESTIMATE_PEERS, .periods = n};
    if (code == ERR_OK && n >= GROUP_MIN) {
        code = db_query(o->db, &q, e,
                        "SELECT bm.consumption, bm.days " GROUP_ROWS
                        " ORDER BY bm.consumption * 1000 / bm.days, bm.register LIMIT 1 OFFSET "
                        "?5",
                        VALS(V_TEXT(tariff), V_TEXT(meter_kind_name(kind)), V_TEXT(day),
                             V_INT(utc), V_INT((n - 1) / 2)));
        code = code == ERR_OK ? stmt_next(q, &row, e) : code;
        if (code == ERR_OK && row) {
            out->use = stmt_int(q, 0);
            out->secs = stmt_int(q, 1) * DAY_S;
        }
        stmt_done(q);
    }
    return code;
}

static enum err_code peers(struct office *o, struct estimate_groups *g, struct estimating *x,
                           struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    char tariff[64] = "";
    TRY(db_query(
        o->db, &q, e,
        "SELECT tariff FROM assignment WHERE meter = ? ORDER BY end_date IS NULL DESC, "
        "start_date DESC LIMIT 1",
        VALS(V_INT(x->meter.id))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        (void)snprintf(tariff, sizeof tariff, "%s", stmt_text(q, 0));
    }
    stmt_done(q);
    TRY(code);
    for (size_t i = 0; i < g->count; i++) {
        if (strcmp(g->group[i].tariff, tariff) == 0 && g->group[i].kind == x->meter.kind &&
            g->group[i].upto_utc == x->utc) {
            x->basis = g->group[i].basis;
            return ERR_OK;
        }
    }
    TRY(group_measure(o, tariff, x->meter.kind, x->utc, &x->basis, e));
    if (g->count < ESTIMATE_GROUPS_MAX) {
        (void)snprintf(g->group[g->count].tariff, sizeof g->group[0].tariff, "%s", tariff);
        g->group[g->count].kind = x->meter.kind;
        g->group[g->count].upto_utc = x->utc;
        g->group[g->count++].basis = x->basis;
    }
    return ERR_OK;
}

/* The basis by one method, or by the first that has one. */
static enum err_code basis_find(struct office *o, struct estimate_groups *g,
                                struct estimating *x, struct err *e)
{
    x->basis = (struct estimate_basis){0};
    if (x->any || x->method == ESTIMATE_MEAN) {
        TRY(own_mean(o, x, e));
    }
    if (x->basis.secs == 0 && (x->any || x->method == ESTIMATE_YEAR)) {
        TRY(same_period(o, x, e));
    }
    if (x->basis.secs == 0 && (x->any || x->method == ESTIMATE_PEERS)) {
        TRY(peers(o, g, x, e));
    }
    return ERR_OK;
}

static enum err_code run_count(struct office *o, struct estimating *x, struct err *e)
{
    struct bill_reading measured = {0};
    bool found = false;
    TRY(measured_until(o, x->meter.register_id, x->utc, &measured, &found, e));
    return db_get_int(o->db, &x->run, NULL, e,
                      "SELECT count(*) FROM reading WHERE register = ? AND utc > ? AND utc <= "
                      "? AND source = 'estimated' AND state = 'accepted'",
                      VALS(V_INT(x->meter.register_id), V_INT(found ? measured.utc : INT64_MIN),
                           V_INT(x->utc)));
}

enum err_code estimating_reckon(struct office *o, struct estimate_groups *g,
                                struct estimating *x, struct err *e)
{
    bool found = false;
    int64_t reg = x->meter.register_id;
    x->basis = (struct estimate_basis){0};
    x->estimate = (struct estimate){0};
    TRY(reading_until(o, reg, x->utc - 1, &x->from, &found, e));
    if (!found) {
        x->from.id = 0;
        return ERR_OK;
    }
    TRY(reading_after(o, reg, x->utc, &x->next, &found, e));
    x->next.id = found ? x->next.id : 0;
    TRY(run_count(o, x, e));
    if (found && x->any && x->next.value >= x->from.value) { /* it is known what came after */
        struct point from = {x->from.value, x->from.utc};
        struct point to = {x->next.value, x->next.utc};
        x->basis.method = ESTIMATE_BETWEEN;
        x->basis.secs = to.utc - from.utc;
        x->basis.periods = 1;
        TRY(register_consumption(&x->meter.reg, from.value, to.value, 0, &x->basis.use, e));
        x->estimate.value = estimate_between(&x->meter.reg, from, to, x->utc);
        return register_consumption(&x->meter.reg, from.value, x->estimate.value, 0,
                                    &x->estimate.use, e);
    }
    TRY(basis_find(o, g, x, e));
    return x->basis.secs == 0 ? ERR_OK
                              : estimate_at(&x->meter.reg, &x->basis,
                                            (struct point){x->from.value, x->from.utc}, x->utc,
                                            &x->estimate, e);
}
