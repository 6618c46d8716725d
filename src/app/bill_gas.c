/* The days of a share with the same factors of gas. A distributor publishes a calorific value a
 * day and zone, and bills thousands of meters by it: what holds in a zone on a day is looked up
 * once a batch and kept. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "app/bill_usage.h"
#include "base/i18n.h"

#define ZONE_TEXT 41 /* a longer name is looked up each time */
#define MEMO_SLOTS                                                                             \
    2048 /* a month of days in thirty zones; a newer one takes an older's place */

enum factor_kind { FACTOR_VOLUME, FACTOR_CALORIFIC };
static const char *const kind_names[] = {"volume", "calorific"};

struct factor {
    int64_t id; /* 0: there is none */
    struct decimal value;
};

/* What holds for all meters of a zone on a day. */
struct memo {
    bool used;
    enum factor_kind kind;
    int32_t day;
    char zone[ZONE_TEXT];
    struct factor factor;
};

struct gas_memo {
    bool zones; /* meters or routes were put into zones */
    struct memo slots[MEMO_SLOTS];
};

enum err_code gas_memo_new(struct office *o, struct arena *arena, struct gas_memo **out,
                           struct err *e)
{
    int64_t one = 0;
    bool any = false;
    *out = NULL;
    TRY(db_get_int(o->db, &one, &any, e, "SELECT 1 FROM gas_factor LIMIT 1", NO_VALS));
    if (!any) {
        return ERR_OK;
    }
    *out = ARENA_NEW(arena, struct gas_memo);
    if (*out == NULL) {
        return err_nomem(e);
    }
    return db_get_int(o->db, &one, &(*out)->zones, e, "SELECT 1 FROM gas_zone LIMIT 1",
                      NO_VALS);
}

/* ---- the zone of a meter ---- */

/* Zones from a day on, the newest first. */
struct zone_list {
    struct zone_row {
        char start[DATE_TEXT];
        const char *name;
    } * rows;
    size_t count;
};

static enum err_code zones_load(struct office *o, const char *count_sql, const char *sql,
                                int64_t meter, struct arena *arena, struct zone_list *out,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t count = 0;
    *out = (struct zone_list){0};
    TRY(db_get_int(o->db, &count, NULL, e, count_sql, VALS(V_INT(meter))));
    out->rows = arena_array(arena, (size_t)count + 1, sizeof out->rows[0]);
    if (out->rows == NULL) {
        return err_nomem(e);
    }
    TRY(db_query(o->db, &q, e, sql, VALS(V_INT(meter), V_INT(count))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct zone_row *z = &out->rows[out->count++];
        (void)snprintf(z->start, sizeof z->start, "%s", stmt_text(q, 0));
        z->name = arena_strdup(arena, stmt_text(q, 1));
        code = z->name != NULL ? ERR_OK : err_nomem(e);
    }
    stmt_done(q);
    return code;
}

/* A meter's own zones count before those of its route. */
struct meter_zones {
    struct zone_list own, route;
};

#define OF_METER "FROM gas_zone WHERE meter = ?1"
#define OF_ROUTE                                                                               \
    "FROM gas_zone z WHERE z.route = (SELECT s.route FROM meter m JOIN service_point s ON "    \
    "s.id = m.point WHERE m.id = ?1)"

static enum err_code meter_zones_load(struct office *o, const struct gas_memo *memo,
                                      int64_t meter, struct arena *arena,
                                      struct meter_zones *out, struct err *e)
{
    *out = (struct meter_zones){0};
    if (!memo->zones) {
        return ERR_OK;
    }
    TRY(zones_load(o, "SELECT count(*) " OF_METER,
                   "SELECT start_date, zone " OF_METER
                   " ORDER BY start_date DESC, id DESC LIMIT ?2",
                   meter, arena, &out->own, e));
    return zones_load(o, "SELECT count(*) " OF_ROUTE,
                      "SELECT start_date, zone " OF_ROUTE
                      " ORDER BY start_date DESC, id DESC LIMIT ?2",
                      meter, arena, &out->route, e);
}

static const char *zone_in(const struct zone_list *l, const char *day)
{
    for (size_t i = 0; i < l->count; i++) {
        if (strcmp(l->rows[i].start, day) <= 0) {
            return l->rows[i].name;
        }
    }
    return NULL;
}

/* "" where it is in none. */
static const char *zone_on(const struct meter_zones *z, const char *day)
{
    const char *own = zone_in(&z->own, day);
    const char *route = own == NULL ? zone_in(&z->route, day) : NULL;
    return own != NULL ? own : route != NULL ? route : "";
}

/* ---- factors ---- */

/* Of those in force on a day the one that starts last, and of these the one recorded last. The
 * first of the list given in the order of an index. */
static enum err_code factor_first(struct office *o, const char *sql, struct val place,
                                  enum factor_kind kind, const char *day, struct factor *out,
                                  struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *out = (struct factor){0};
    TRY(db_query(o->db, &q, e, sql, VALS(place, V_TEXT(kind_names[kind]), V_TEXT(day))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        out->id = stmt_int(q, 0);
        code = decimal_parse(stmt_text(q, 1), strlen(stmt_text(q, 1)), &out->value, e);
    }
    stmt_done(q);
    return code;
}

#define IN_FORCE                                                                               \
    " AND kind = ?2 AND start_date <= ?3 AND (end_date IS NULL OR end_date > ?3) ORDER BY "    \
    "start_date DESC, id DESC LIMIT 1"

static enum err_code factor_of_zone(struct office *o, const char *zone, enum factor_kind kind,
                                    const char *day, struct factor *out, struct err *e)
{
    static const char sql[] =
        "SELECT id, value FROM gas_factor WHERE meter IS NULL AND zone = ?1" IN_FORCE;
    TRY(factor_first(o, sql, V_TEXT(zone), kind, day, out, e));
    return out->id == 0 && zone[0] != '\0' ? factor_first(o, sql, V_TEXT(""), kind, day, out, e)
                                           : ERR_OK;
}

static struct memo *slot_of(struct gas_memo *memo, const char *zone, enum factor_kind kind,
                            int32_t day)
{
    uint32_t h = (uint32_t)day * 2 + (uint32_t)kind;
    for (const char *c = zone; *c != '\0'; c++) {
        h = h * 31 + (unsigned char)*c;
    }
    return &memo->slots[h % MEMO_SLOTS];
}

/* The zone's factor, else the whole office's. */
static enum err_code factor_shared(struct office *o, struct gas_memo *memo, const char *zone,
                                   enum factor_kind kind, int32_t day, const char *day_text,
                                   struct factor *out, struct err *e)
{
    if (strlen(zone) >= ZONE_TEXT) {
        return factor_of_zone(o, zone, kind, day_text, out, e);
    }
    struct memo *m = slot_of(memo, zone, kind, day);
    if (!m->used || m->day != day || m->kind != kind || strcmp(m->zone, zone) != 0) {
        m->used = false;
        TRY(factor_of_zone(o, zone, kind, day_text, &m->factor, e));
        m->used = true;
        m->day = day;
        m->kind = kind;
        (void)snprintf(m->zone, sizeof m->zone, "%s", zone);
    }
    *out = m->factor;
    return ERR_OK;
}

/* ---- the days of a share ---- */

/* A share whose days are looked at one by one. */
struct days {
    struct office *o;
    struct gas_memo *memo;
    struct meter_zones zones;
    int64_t meter;
    bool own; /* the meter has factors of its own */
};

/* The factor in force on a day: of the meter, else of its zone, else of the whole office. */
static enum err_code factor_on(const struct days *d, enum factor_kind kind, int32_t day,
                               const char *text, struct factor *out, struct err *e)
{
    *out = (struct factor){0};
    if (d->own) {
        TRY(factor_first(d->o, "SELECT id, value FROM gas_factor WHERE meter = ?1" IN_FORCE,
                         V_INT(d->meter), kind, text, out, e));
    }
    return out->id == 0
               ? factor_shared(d->o, d->memo, zone_on(&d->zones, text), kind, day, text, out, e)
               : ERR_OK;
}

static enum err_code span_of_day(const struct days *d, bool energy, int32_t day,
                                 struct gas_span *out, struct err *e)
{
    char text[DATE_TEXT];
    struct factor f = {0};
    date_text(date_from_days(day), text);
    *out = (struct gas_span){.days = 1, .volume = {1, 0}};
    if (d->memo != NULL) {
        TRY(factor_on(d, FACTOR_VOLUME, day, text, &f, e));
    }
    if (f.id != 0) {
        out->volume_id = f.id;
        out->volume = f.value;
    }
    if (!energy) {
        return ERR_OK;
    }
    f = (struct factor){0};
    if (d->memo != NULL) {
        TRY(factor_on(d, FACTOR_CALORIFIC, day, text, &f, e));
    }
    out->calorific_id = f.id;
    out->calorific = f.value;
    return f.id != 0
               ? ERR_OK
               : err_set(e, ERR_NOT_FOUND,
                         _("there is no calorific value for %s; record it with: aforo gas "
                           "factor"),
                         text);
}

static bool span_same(const struct gas_span *a, const struct gas_span *b)
{
    return a->volume_id == b->volume_id && a->calorific_id == b->calorific_id;
}

static enum err_code days_begin(struct office *o, const struct tariff_book *book, int64_t meter,
                                struct arena *arena, struct days *out, struct err *e)
{
    int64_t one = 0;
    *out = (struct days){.o = o, .memo = book->gas, .meter = meter};
    if (book->gas == NULL) {
        return ERR_OK;
    }
    TRY(meter_zones_load(o, book->gas, meter, arena, &out->zones, e));
    return db_get_int(o->db, &one, &out->own, e,
                      "SELECT 1 FROM gas_factor WHERE meter = ? LIMIT 1", VALS(V_INT(meter)));
}

enum err_code gas_spans_take(struct office *o, const struct tariff_book *book,
                             const struct billing_period *p, struct bill_share *s, bool energy,
                             struct arena *arena, struct err *e)
{
    struct days d;
    int32_t first = 0;
    int32_t end = 0;
    share_days(o, p, s, &first, &end);
    s->gas = arena_array(arena, GAS_SPANS_MAX, sizeof *s->gas);
    if (s->gas == NULL) {
        return err_nomem(e);
    }
    TRY(days_begin(o, book, s->meter.id, arena, &d, e));
    for (int32_t day = first; day < end; day++) {
        struct gas_span one;
        TRY(span_of_day(&d, energy, day, &one, e));
        if (s->gas_count > 0 && span_same(&s->gas[s->gas_count - 1], &one)) {
            s->gas[s->gas_count - 1].days++;
        } else if (s->gas_count == GAS_SPANS_MAX) {
            return err_set(e, ERR_LIMIT, _("factors change more than %d times in a bill"),
                           GAS_SPANS_MAX);
        } else {
            s->gas[s->gas_count++] = one;
        }
    }
    /* Cubic metres without any factor are charged as they were metered. */
    if (!energy && s->gas_count == 1 && s->gas[0].volume_id == 0) {
        s->gas_count = 0;
    }
    return ERR_OK;
}
