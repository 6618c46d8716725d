/* What is charged of what a meter counted: less its sub-meters, by the factors of gas
 * (bill_gas.c). */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/bill_usage.h"
#include "base/i18n.h"

#define SUBS_MAX 1024

/* ---- sub-meters ---- */

/* A link of a sub-meter that holds within the share. */
struct sub_link {
    int64_t reg;
    int64_t start_utc, end_utc; /* within the share */
    char start[DATE_TEXT];      /* of the link itself */
};

/* Where the master's bill before left this sub-meter, else its newest reading at the start. */
static enum err_code sub_start(struct office *o, const struct bill_share *s,
                               const struct sub_link *l, struct bill_sub *out, bool *found,
                               struct err *e)
{
    struct stmt *q = NULL;
    TRY(db_query(
        o->db, &q, e,
        "SELECT x.id, x.value, x.utc FROM bill_sub bs JOIN bill b ON b.id = bs.bill "
        "JOIN billing_run r ON r.id = b.run JOIN reading x ON x.id = coalesce((SELECT "
        "corrected FROM decision WHERE reading = bs.to_reading AND corrected IS NOT "
        "NULL), bs.to_reading) WHERE bs.source = ?1 AND bs.register IN (SELECT g.id "
        "FROM register g WHERE g.meter = ?2 OR g.meter = ?3) AND r.state <> "
        "'discarded' AND b.cancelled IS NULL AND b.end_date > ?4 AND x.utc <= ?5 ORDER BY "
        "bs.bill DESC LIMIT 1",
        VALS(V_INT(l->reg), V_INT(s->meter.id), V_INT(s->meter.replaces), V_TEXT(l->start),
             V_INT(l->end_utc))));
    enum err_code code = stmt_next(q, found, e);
    if (code == ERR_OK && *found) {
        out->from = (struct bill_reading){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
    }
    stmt_done(q);
    TRY(code);
    if (!*found) {
        TRY(reading_until(o, l->reg, l->start_utc, &out->from, found, e));
    }
    return *found ? ERR_OK : reading_after(o, l->reg, l->start_utc, &out->from, found, e);
}

/* What a sub-meter counted while the share ran; *waits: it was not read, or fell. */
static enum err_code sub_measure(struct office *o, const struct bill_share *s,
                                 const struct sub_link *l, struct bill_sub *out, bool *waits,
                                 struct err *e)
{
    struct meter_row m;
    struct err ignored = ERR_INIT;
    unsigned rollovers = 0;
    bool found = false;
    bool later = false;
    *out = (struct bill_sub){.reg = l->reg};
    TRY(sub_start(o, s, l, out, &found, e));
    TRY(reading_until(o, l->reg, l->end_utc, &out->to, &later, e));
    *waits = !found || !later || out->to.utc <= out->from.utc;
    if (*waits) {
        return ERR_OK;
    }
    TRY(meter_by_register(o, l->reg, &m, e));
    TRY(rollovers_between(o, l->reg, &out->from, &out->to, &rollovers, e));
    *waits = register_consumption(&m.reg, out->from.value, out->to.value, rollovers, &out->use,
                                  &ignored) != ERR_OK;
    return ERR_OK;
}

/* Sub-meters count what the master's register counts: by its code, else by its unit. */
#define LINKS                                                                                  \
    "SELECT coalesce((SELECT g.id FROM register g WHERE g.meter = f.meter AND g.obis = "       \
    "r.obis ORDER BY g.id LIMIT 1), (SELECT min(g.id) FROM register g WHERE g.meter = "        \
    "f.meter), 0), f.start_date, coalesce(f.end_date, '') FROM feed f JOIN register r ON "     \
    "r.id = ?1 WHERE f.above = r.meter AND f.deduct = 1 AND f.start_date < ?3 AND "            \
    "(f.end_date IS NULL OR f.end_date > ?2) ORDER BY f.meter, f.id LIMIT ?4"

/* The instant at which a day, or with after = 1 the day behind it, begins. */
static enum err_code day_start(struct office *o, const char *day, int32_t after, int64_t *utc,
                               struct err *e)
{
    struct date d;
    TRY(date_parse(day, strlen(day), &d, e));
    *utc = zone_day_start(o->zone, date_from_days(date_to_days(d) + after));
    return ERR_OK;
}

/* Where a link begins or ends within the share. A meter that is exchanged is read on the day on
 * which its link ends: that reading is its last. */
static enum err_code link_bounds(struct office *o, const struct bill_share *s,
                                 const char *first, const char *end, const char *link_end,
                                 struct sub_link *l, struct err *e)
{
    l->start_utc = s->from.utc;
    l->end_utc = s->to.utc;
    if (strcmp(l->start, first) > 0) {
        TRY(day_start(o, l->start, 0, &l->start_utc, e));
    }
    if (link_end[0] != '\0' && strcmp(link_end, end) < 0) {
        TRY(day_start(o, link_end, 1, &l->end_utc, e));
        l->end_utc = l->end_utc < s->to.utc ? l->end_utc : s->to.utc;
    }
    return ERR_OK;
}

static enum err_code links_load(struct office *o, const struct bill_share *s, const char *first,
                                const char *end, struct sub_link *links, size_t *count,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *count = 0;
    TRY(db_query(
        o->db, &q, e, LINKS,
        VALS(V_INT(s->meter.register_id), V_TEXT(first), V_TEXT(end), V_INT(SUBS_MAX + 1))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        if (*count == SUBS_MAX) {
            code = err_set(e, ERR_LIMIT, _("meter %s: more than %d sub-meters"),
                           s->meter.serial, SUBS_MAX);
            break;
        }
        struct sub_link *l = &links[(*count)++];
        *l = (struct sub_link){.reg = stmt_int(q, 0)};
        (void)snprintf(l->start, sizeof l->start, "%s", stmt_text(q, 1));
        code = link_bounds(o, s, first, end, stmt_text(q, 2), l, e);
    }
    stmt_done(q);
    return code;
}

/* The use stays where it is until the next bill; what does not depend on it is charged. */
static void share_waits(struct bill_share *s, const struct billing_period *p)
{
    s->to = s->from;
    s->consumption = 0;
    s->sub_count = 0;
    s->sub_estimated = false;
    s->findings.count = 0;
    if (s->whole_days == 0) {
        s->days = date_to_days(p->end) - date_to_days(p->start);
    }
}

static enum err_code sub_is_estimated(struct office *o, const struct bill_sub *sub, bool *is,
                                      struct err *e)
{
    int64_t one = 0;
    return db_get_int(o->db, &one, is, e,
                      "SELECT 1 FROM reading WHERE id IN (?, ?) AND source = 'estimated'",
                      VALS(V_INT(sub->from.id), V_INT(sub->to.id)));
}

/* Each sub-meter's use; *below: their sum. */
static enum err_code subs_measure(struct office *o, const struct billing_period *p,
                                  struct bill_share *s, const struct sub_link *links,
                                  size_t count, int64_t *below, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        bool waits = false;
        bool estimated = false;
        struct bill_sub *sub = &s->subs[s->sub_count++];
        TRY(sub_measure(o, s, &links[i], sub, &waits, e));
        if (waits || !add_i64(*below, sub->use, below)) {
            s->sub_missing = true;
            share_waits(s, p);
            *below = 0;
            return ERR_OK;
        }
        TRY(sub_is_estimated(o, sub, &estimated, e));
        s->sub_estimated = s->sub_estimated || estimated;
    }
    if (*below > s->consumption) {
        s->sub_exceeds = true;
        share_waits(s, p);
        *below = 0;
    }
    return ERR_OK;
}

static enum err_code subs_take(struct office *o, const struct billing_period *p,
                               struct bill_share *s, struct arena *arena, int64_t *below,
                               struct err *e)
{
    int64_t one = 0;
    int32_t day[2] = {0};
    char first[DATE_TEXT];
    char end[DATE_TEXT];
    size_t count = 0;
    bool any = false;
    *below = 0;
    if (s->no_reading || s->falls) {
        return ERR_OK;
    }
    TRY(db_get_int(o->db, &one, &any, e,
                   "SELECT 1 FROM feed WHERE above = ? AND deduct = 1 LIMIT 1",
                   VALS(V_INT(s->meter.id))));
    if (!any) {
        return ERR_OK;
    }
    share_days(o, p, s, &day[0], &day[1]);
    date_text(date_from_days(day[0]), first);
    date_text(date_from_days(day[1]), end);
    struct sub_link *links = arena_array(arena, SUBS_MAX, sizeof *links);
    if (links == NULL) {
        return err_nomem(e);
    }
    TRY(links_load(o, s, first, end, links, &count, e));
    s->subs = arena_array(arena, count + 1, sizeof *s->subs);
    return s->subs != NULL ? subs_measure(o, p, s, links, count, below, e) : err_nomem(e);
}

/* ---- both ---- */

enum err_code share_charged(struct office *o, const struct tariff_book *book,
                            const struct billing_period *p, struct bill_share *s,
                            struct arena *arena, struct err *e)
{
    int64_t below = 0;
    const struct tariff_row *row =
        tariff_book_find(book, s->code, date_from_days(date_to_days(p->end) - 1));
    if (row == NULL) {
        return ERR_OK; /* share_parts says so */
    }
    const struct tariff *t = row->tariff;
    bool energy = t->kind == METER_GAS && unit_is_energy(t->unit);
    if (book->subs) { /* most offices have none: their bills do not ask for them */
        TRY(subs_take(o, p, s, arena, &below, e));
    }
    if (s->sub_count > 0 && t->quantity_count > 0) {
        return err_set(e, ERR_STATE,
                       _("tariff %s counts hours or other registers, which sub-meters cannot "
                         "be taken off"),
                       t->code);
    }
    if (t->kind == METER_GAS) {
        TRY(gas_spans_take(o, book, p, s, energy, arena, e));
    }
    s->has_limit = s->has_limit && !energy;
    s->charged = s->sub_count > 0 || s->gas_count > 0;
    return s->charged ? charged_use(s->consumption, below, s->gas, s->gas_count, t->unit,
                                    &s->charged_use, e)
                      : ERR_OK;
}
