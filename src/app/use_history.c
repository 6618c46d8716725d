#include <config.h>

#include "app/use_history.h"

#include <stdio.h>
#include <string.h>

#define HISTORY_DAYS 400
#define DAY_S 86400

enum err_code measured_until(struct office *o, int64_t reg, int64_t utc,
                             struct bill_reading *out, bool *found, struct err *e)
{
    return reading_of(o,
                      "SELECT id, value, utc FROM reading WHERE register = ? AND utc <= ? "
                      "AND source <> 'estimated' AND " READING_BELIEVED
                      " ORDER BY utc DESC, id DESC LIMIT 1",
                      reg, utc, out, found, e);
}

static enum err_code billed_load(struct office *o, const struct meter_row *m, int64_t until_utc,
                                 struct use_history *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        o->db, &q, e,
        "SELECT bm.consumption, bm.days FROM bill_meter bm JOIN bill b ON b.id = bm.bill "
        "JOIN billing_run r ON r.id = b.run JOIN reading f ON f.id = bm.from_reading JOIN "
        "reading t ON t.id = bm.to_reading WHERE bm.register IN (?1, (SELECT g.id FROM "
        "register n JOIN register g ON g.meter = ?2 AND g.obis = n.obis WHERE n.id = ?1)) AND "
        "r.state = 'closed' AND b.cancelled IS NULL AND bm.flags = '' AND f.source <> "
        "'estimated' AND t.source <> 'estimated' AND t.utc <= ?3 ORDER BY t.utc DESC, bm.bill "
        "DESC LIMIT ?4",
        VALS(V_INT(m->register_id), V_INT(m->replaces), V_INT(until_utc), V_INT(HISTORY_MAX))));
    enum err_code code = ERR_OK;
    while (out->count < HISTORY_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct period_use p = {stmt_int(q, 0), stmt_int(q, 1)};
        if (p.use >= 0 && p.days > 0 && add_i64(out->use, p.use, &out->use)) {
            out->period[out->count++] = p;
            out->days += p.days;
        }
    }
    stmt_done(q);
    return code;
}

/* First and last measured reading of the time before, where the register never fell between. */
static enum err_code read_load(struct office *o, const struct meter_row *m, int64_t until_utc,
                               struct use_history *out, struct err *e)
{
    struct bill_reading first;
    struct bill_reading last;
    bool found = false;
    int64_t use = 0;
    unsigned rollovers = 0;
    struct err ignored = ERR_INIT;
    TRY(measured_until(o, m->register_id, until_utc, &last, &found, e));
    if (found) {
        TRY(reading_of(
            o,
            "SELECT id, value, utc FROM reading WHERE register = ? AND utc > ? AND "
            "source <> 'estimated' AND " READING_BELIEVED " ORDER BY utc, id LIMIT 1",
            m->register_id, until_utc - (int64_t)HISTORY_DAYS * DAY_S, &first, &found, e));
    }
    if (!found || last.utc - first.utc < DAY_S) {
        return ERR_OK;
    }
    TRY(rollovers_between(o, m->register_id, &first, &last, &rollovers, e));
    if (register_consumption(&m->reg, first.value, last.value, rollovers, &use, &ignored) ==
        ERR_OK) {
        out->use = use;
        out->days = (last.utc - first.utc + DAY_S / 2) / DAY_S;
        out->period[out->count++] = (struct period_use){use, out->days};
    }
    return ERR_OK;
}

enum err_code use_history_load(struct office *o, const struct meter_row *m, int64_t until_utc,
                               struct use_history *out, struct err *e)
{
    *out = (struct use_history){0};
    TRY(billed_load(o, m, until_utc, out, e));
    return out->count > 0 || !register_cumulative(&m->reg) ? ERR_OK
                                                           : read_load(o, m, until_utc, out, e);
}

bool use_expected(const struct use_history *h, int64_t days, int64_t *use)
{
    *use = 0;
    if (h->days <= 0 || days < 0) {
        return false;
    }
    int128 v = div_round128((int128)h->use * days, h->days, ROUND_HALF_UP);
    *use = v > INT64_MAX ? INT64_MAX : (int64_t)v;
    return true;
}

enum err_code use_price_find(struct office *o, const struct tariff_book *book, int64_t meter,
                             struct date on, struct use_price *out, int64_t *account,
                             struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    char day[DATE_TEXT];
    char code_text[64] = "";
    *out = (struct use_price){.month = on.month};
    *account = 0;
    date_text(on, day);
    TRY(db_query(o->db, &q, e,
                 "SELECT account, tariff FROM assignment WHERE meter = ?1 ORDER BY start_date "
                 "<= ?2 AND (end_date IS NULL OR end_date > ?2) DESC, start_date DESC, id DESC "
                 "LIMIT 1",
                 VALS(V_INT(meter), V_TEXT(day))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        *account = stmt_int(q, 0);
        (void)snprintf(code_text, sizeof code_text, "%s", stmt_text(q, 1));
    }
    stmt_done(q);
    TRY(code);
    const struct tariff_row *t = tariff_book_find(book, code_text, on);
    out->tariff = t != NULL ? t->tariff : NULL;
    return db_get_int(
        o->db, &out->limit, &out->has_limit, e,
        "SELECT value FROM usage_limit WHERE meter = ?1 AND start_date <= ?2 AND "
        "(end_date IS NULL OR end_date > ?2) ORDER BY start_date DESC, id DESC LIMIT 1",
        VALS(V_INT(meter), V_TEXT(day)));
}

static void quantities_spread(const struct tariff *t, int64_t use, int64_t *values)
{
    int64_t parts = 0;
    for (size_t i = 0; i < t->quantity_count; i++) {
        parts += t->quantities[i].kind == QUANTITY_HOURS ||
                 t->quantities[i].kind == QUANTITY_REGISTER;
    }
    for (size_t i = 0; i < t->quantity_count; i++) {
        bool counts = t->quantities[i].kind == QUANTITY_HOURS ||
                      t->quantities[i].kind == QUANTITY_REGISTER;
        values[i] = counts ? use / parts : 0;
    }
}

enum err_code use_price(const struct use_price *p, int64_t use, int64_t days,
                        struct arena *scratch, int64_t *minor, bool *known, struct err *e)
{
    int64_t values[TARIFF_QUANTITIES_MAX] = {0};
    struct err ignored = ERR_INIT;
    struct bill_result r;
    *minor = 0;
    *known = false;
    if (p->tariff == NULL || use < 0) {
        return ERR_OK;
    }
    struct usage u = {.consumption = use,
                      .has_limit = p->has_limit,
                      .limit = p->limit,
                      .days = days < 1                ? 1
                              : days > USAGE_DAYS_MAX ? USAGE_DAYS_MAX
                                                      : days,
                      .month = p->month,
                      .quantities = values};
    quantities_spread(p->tariff, use, values);
    enum err_code code = bill_compute(p->tariff, &u, scratch, &r, &ignored);
    if (code == ERR_NOMEM) {
        return err_nomem(e);
    }
    *known = code == ERR_OK; /* a use beyond all measure has no price */
    *minor = *known ? r.total.minor : 0;
    return ERR_OK;
}
