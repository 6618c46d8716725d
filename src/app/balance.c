#include <config.h>

#include "app/balance.h"

#include <string.h>

/* The use and the readings that it lies between; to->id 0: no reading lies in the window. */
static enum err_code window_readings(struct office *o, const struct meter_row *m,
                                     int64_t from_utc, int64_t to_utc,
                                     struct bill_reading *from, struct bill_reading *to,
                                     int64_t *use, bool *read, struct err *e)
{
    struct err ignored = ERR_INIT;
    unsigned rollovers = 0;
    bool found = false;
    *use = 0;
    *read = false;
    *from = (struct bill_reading){0};
    TRY(reading_until(o, m->register_id, to_utc, to, &found, e));
    if (!found || to->utc <= from_utc) {
        *to = (struct bill_reading){0};
        return ERR_OK;
    }
    TRY(reading_until(o, m->register_id, from_utc, from, &found, e));
    if (!found) {
        TRY(reading_after(o, m->register_id, from_utc, from, &found, e));
    }
    TRY(rollovers_between(o, m->register_id, from, to, &rollovers, e));
    *read = register_consumption(&m->reg, from->value, to->value, rollovers, use, &ignored) ==
            ERR_OK;
    *use = *read ? *use : 0;
    return ERR_OK;
}

enum err_code window_use(struct office *o, const struct meter_row *m, int64_t from_utc,
                         int64_t to_utc, int64_t *use, bool *read, struct err *e)
{
    struct bill_reading from;
    struct bill_reading to;
    return window_readings(o, m, from_utc, to_utc, &from, &to, use, read, e);
}

/* Was one of the two not taken, but estimated? */
static enum err_code rests_on_estimate(struct office *o, const struct bill_reading *from,
                                       const struct bill_reading *to, bool *out, struct err *e)
{
    int64_t one = 0;
    *out = false;
    return db_get_int(o->db, &one, out, e,
                      "SELECT 1 FROM reading WHERE id IN (?, ?) AND source = 'estimated'",
                      VALS(V_INT(from->id), V_INT(to->id)));
}

/* The part of the window in which a link held. */
static enum err_code part_add(struct office *o, const struct stmt *q, int64_t from_utc,
                              int64_t to_utc, struct balance *out, struct err *e)
{
    struct meter_row m;
    struct date day;
    struct bill_reading from;
    struct bill_reading to;
    int64_t use = 0;
    bool read = false;
    bool guessed = false;
    const char *start = stmt_text(q, 1);
    const char *end = stmt_text(q, 2);
    TRY(date_parse(start, strlen(start), &day, e));
    int64_t since = zone_day_start(o->zone, day);
    from_utc = since > from_utc ? since : from_utc;
    if (end != NULL) {
        TRY(date_parse(end, strlen(end), &day, e));
        int64_t until = zone_day_start(o->zone, day);
        to_utc = until < to_utc ? until : to_utc;
    }
    if (from_utc >= to_utc) {
        return ERR_OK;
    }
    TRY(meter_by_register(o, stmt_int(q, 0), &m, e));
    TRY(window_readings(o, &m, from_utc, to_utc, &from, &to, &use, &read, e));
    if (read) {
        TRY(rests_on_estimate(o, &from, &to, &guessed, e));
    }
    out->count++;
    out->read += read;
    return add_i64(out->parts, use, &out->parts) &&
                   add_i64(out->estimated, guessed ? use : 0, &out->estimated)
               ? ERR_OK
               : err_set(e, ERR_RANGE, "meter %s", m.serial);
}

enum err_code balance_load(struct office *o, int64_t meter, int64_t from_utc, int64_t to_utc,
                           struct balance *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t reg = 0;
    *out = (struct balance){0};
    TRY(db_get_int(o->db, &reg, NULL, e, "SELECT min(id) FROM register WHERE meter = ?",
                   VALS(V_INT(meter))));
    TRY(meter_by_register(o, reg, &out->meter, e));
    TRY(window_use(o, &out->meter, from_utc, to_utc, &out->whole, &out->known, e));
    TRY(db_query(
        o->db, &q, e,
        "SELECT (SELECT min(g.id) FROM register g WHERE g.meter = f.meter), "
        "f.start_date, f.end_date FROM feed f WHERE f.above = ? AND f.deduct = 0 ORDER "
        "BY f.id",
        VALS(V_INT(meter))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = part_add(o, q, from_utc, to_utc, out, e);
    }
    stmt_done(q);
    return code;
}

enum err_code feeders_list(struct office *o, int64_t *meters, size_t *count, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *count = 0;
    TRY(db_query(o->db, &q, e,
                 "SELECT DISTINCT above FROM feed WHERE deduct = 0 ORDER BY above LIMIT ?",
                 VALS(V_INT(FEEDERS_MAX))));
    enum err_code code = ERR_OK;
    while (*count < FEEDERS_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        meters[(*count)++] = stmt_int(q, 0);
    }
    stmt_done(q);
    return code;
}
