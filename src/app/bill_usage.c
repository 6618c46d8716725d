#include <config.h>

#include "app/bill_usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "domain/tou.h"

#define REGISTERS_MAX 64

static bool tariff_names(const struct tariff *t, const char *code)
{
    for (size_t i = 0; i < t->quantity_count; i++) {
        if (t->quantities[i].obis != NULL && obis_stands_for(t->quantities[i].obis, code)) {
            return true;
        }
    }
    return false;
}

enum err_code main_register(struct office *o, int64_t meter, const struct tariff *t,
                            int64_t *reg, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool found = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT id, obis, unit FROM register WHERE meter = ? ORDER BY id",
                 VALS(V_INT(meter))));
    enum err_code code = ERR_OK;
    while (!found && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        const struct unit *unit = unit_find(stmt_text(q, 2));
        found = unit != NULL && unit_billed_by(unit, t->unit, t->kind == METER_GAS) &&
                !tariff_names(t, stmt_text(q, 1));
        *reg = stmt_int(q, 0);
    }
    stmt_done(q);
    if (code == ERR_OK && !found) {
        code =
            err_set(e, ERR_STATE,
                    _("tariff %s bills the whole use in %s, and the meter has no register for "
                      "it besides those that the tariff names"),
                    t->code, t->unit->symbol);
    }
    return code;
}

/* --- registers and hours -------------------------------------------------------------------
 */

/* The meter's register that a quantity is read from; ERR_STATE when it has none. */
static enum err_code register_named(struct office *o, const struct bill_share *s,
                                    const struct quantity_def *def, int64_t *reg, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    bool found = false;
    TRY(db_query(o->db, &q, e,
                 "SELECT id, obis, unit FROM register WHERE meter = ? ORDER BY id",
                 VALS(V_INT(s->meter.id))));
    enum err_code code = ERR_OK;
    while (!found && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        const struct unit *unit = unit_find(stmt_text(q, 2));
        found = obis_stands_for(def->obis, stmt_text(q, 1)) && unit != NULL &&
                strcmp(unit->base, def->unit->base) == 0;
        *reg = stmt_int(q, 0);
    }
    stmt_done(q);
    if (code == ERR_OK && !found) {
        code = err_set(e, ERR_STATE,
                       _("the tariff charges by register %s in %s, which the meter "
                         "does not have"),
                       def->obis, def->unit->symbol);
    }
    return code;
}

/* Where the last bill left this register, else where the meter's main one starts. */
static enum err_code register_start(struct office *o, const struct bill_share *s, int64_t reg,
                                    struct bill_reading *out, bool *found, struct err *e)
{
    TRY(reading_of(
        o,
        "SELECT x.id, x.value, x.utc FROM bill_quantity bq JOIN bill b ON b.id = "
        "bq.bill JOIN billing_run r ON r.id = b.run JOIN reading x ON x.id = "
        "bq.to_reading WHERE bq.source = ?1 AND r.state <> 'discarded' AND x.utc <= ?2 "
        "ORDER BY bq.bill DESC LIMIT 1",
        reg, s->to.utc, out, found, e));
    if (!*found) {
        TRY(reading_until(o, reg, s->from.utc, out, found, e));
    }
    return *found ? ERR_OK : reading_after(o, reg, s->from.utc, out, found, e);
}

/* Use of another register between the same two days; a register that was not read, or fell,
 * waits for the next bill. */
static enum err_code register_use(struct office *o, const struct bill_share *s, int64_t reg,
                                  struct bill_quantity *q, struct err *e)
{
    struct meter_row other;
    struct err ignored = ERR_INIT;
    unsigned rollovers = 0;
    bool found = false;
    bool later = false;
    q->source = reg;
    q->value = 0;
    TRY(register_start(o, s, reg, &q->from, &found, e));
    TRY(reading_until(o, reg, s->to.utc, &q->to, &later, e));
    if (!found || !later || q->to.utc < q->from.utc) {
        q->to = q->from;
        return ERR_OK;
    }
    TRY(meter_by_register(o, reg, &other, e));
    TRY(rollovers_between(o, reg, &q->from, &q->to, &rollovers, e));
    if (register_consumption(&other.reg, q->from.value, q->to.value, rollovers, &q->value,
                             &ignored) != ERR_OK) {
        q->value = 0;
        q->to = q->from;
    }
    return ERR_OK;
}

/* The instants that a quantity is measured between: the share, or the months before it. */
static void quantity_span(const struct office *o, const struct bill_share *s, int64_t back,
                          int64_t *from, int64_t *to)
{
    *from = s->from.utc;
    *to = s->to.utc;
    if (back > 0) {
        struct date d = zone_to_civil(o->zone, s->from.utc).date;
        int64_t months = (int64_t)d.year * 12 + d.month - 1 - back;
        d.year = (int16_t)(months / 12);
        d.month = (uint8_t)(months % 12 + 1);
        d.day = d.day > 28 ? 28 : d.day; /* every month has it */
        *to = s->from.utc;
        *from = zone_day_start(o->zone, d);
        *from = *from > s->since_utc ? *from : s->since_utc; /* not of who had it before */
    }
}

/* The highest reading of a demand register within the share or, for a ratchet, before it. */
static enum err_code register_peak(struct office *o, const struct bill_share *s,
                                   const struct quantity_def *def, int64_t reg,
                                   struct bill_quantity *q, struct err *e)
{
    struct meter_row other;
    struct stmt *st = NULL;
    bool row = false;
    bool found = false;
    int64_t from = 0;
    int64_t to = 0;
    q->source = reg;
    quantity_span(o, s, def->back, &from, &to);
    TRY(meter_by_register(o, reg, &other, e));
    TRY(db_query(
        o->db, &st, e,
        "SELECT id, value, utc FROM reading WHERE register = ? AND utc > ? AND utc <= ? "
        "AND " READING_BELIEVED " ORDER BY value DESC, utc, id",
        VALS(V_INT(reg), V_INT(from), V_INT(to))));
    enum err_code code = ERR_OK;
    while (!found && (code = stmt_next(st, &row, e)) == ERR_OK && row) {
        unsigned month = zone_to_civil(o->zone, stmt_int(st, 2)).date.month;
        found = def->months == 0 || (def->months & 1U << (month - 1)) != 0;
        if (found) {
            q->to = (struct bill_reading){stmt_int(st, 0), stmt_int(st, 1), stmt_int(st, 2)};
            q->from = q->to;
            code = register_scale(&other.reg, q->to.value, &q->value, e);
        }
    }
    stmt_done(st);
    return code;
}

/* What was agreed, as the last reading up to the share's end says; the first one where the
 * agreement is younger than that. */
static enum err_code register_last(struct office *o, const struct bill_share *s,
                                   const struct quantity_def *def, int64_t reg,
                                   struct bill_quantity *q, struct err *e)
{
    struct meter_row other;
    bool found = false;
    q->source = reg;
    TRY(meter_by_register(o, reg, &other, e));
    TRY(reading_until(o, reg, s->to.utc, &q->to, &found, e));
    if (!found) {
        TRY(reading_after(o, reg, s->to.utc, &q->to, &found, e));
    }
    if (!found) {
        return err_set(e, ERR_STATE,
                       _("the tariff charges by what register %s says was agreed, and nothing "
                         "was ever read there; enter it as a reading of the register"),
                       def->obis);
    }
    q->from = q->to;
    return register_scale(&other.reg, q->to.value, &q->value, e);
}

/* Feed the accepted readings of the main register, in order of time, to the schedule: of the
 * share, or of so many months before it. */
static enum err_code intervals_measure(struct office *o, const struct bill_share *s,
                                       const struct tariff *t, int64_t back, int64_t *values,
                                       struct err *e)
{
    struct tou_meter m;
    struct stmt *q = NULL;
    struct err ignored = ERR_INIT;
    bool row = false;
    bool known = back == 0;
    int64_t from = 0;
    int64_t to = 0;
    struct bill_reading before = s->from;
    tou_meter_init(&m, t, o->zone, back, values);
    if (back == 0 && (s->no_reading || s->falls)) {
        return ERR_OK;
    }
    quantity_span(o, s, back, &from, &to);
    if (back > 0) {
        TRY(reading_until(o, s->meter.register_id, from, &before, &known, e));
    }
    TRY(db_query(
        o->db, &q, e,
        "SELECT id, value, utc FROM reading WHERE register = ? AND utc > ? AND utc <= ? "
        "AND " READING_BELIEVED " ORDER BY utc, id",
        VALS(V_INT(s->meter.register_id), V_INT(from), V_INT(to))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct bill_reading r = {stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
        int64_t use = 0;
        if (known && r.utc == before.utc) {
            continue;
        }
        /* A dial that passed zero: the total of the share has been judged already, and what
         * fell before it says nothing of a power. */
        if (known && (back == 0 || r.value >= before.value) &&
            register_consumption(&s->meter.reg, before.value, r.value,
                                 r.value < before.value ? 1 : 0, &use, &ignored) == ERR_OK) {
            code = tou_meter_add(&m, before.utc, r.utc, use, e);
        }
        known = true;
        before = r;
    }
    stmt_done(q);
    return code;
}

static bool by_intervals(const struct tariff *t)
{
    for (size_t i = 0; i < t->quantity_count; i++) {
        if (t->quantities[i].kind == QUANTITY_HOURS ||
            t->quantities[i].kind == QUANTITY_DEMAND) {
            return true;
        }
    }
    return false;
}

/* All that a tariff measures, over the whole share. */
static enum err_code quantities_measure(struct office *o, const struct bill_share *s,
                                        const struct tariff *t, struct bill_quantity *out,
                                        struct err *e)
{
    int64_t values[TARIFF_QUANTITIES_MAX] = {0};
    int64_t reg = 0;
    if (by_intervals(t)) {
        TRY(intervals_measure(o, s, t, 0, values, e));
    }
    for (size_t i = 0; i < t->quantity_count; i++) { /* again where two look as far back */
        if (t->quantities[i].kind == QUANTITY_DEMAND && t->quantities[i].back > 0) {
            TRY(intervals_measure(o, s, t, t->quantities[i].back, values, e));
        }
    }
    for (size_t i = 0; i < t->quantity_count; i++) {
        const struct quantity_def *def = &t->quantities[i];
        out[i] = (struct bill_quantity){.name = def->name, .value = values[i]};
        switch (def->kind) {
        case QUANTITY_REGISTER:
            TRY(register_named(o, s, def, &reg, e));
            TRY(register_use(o, s, reg, &out[i], e));
            break;
        case QUANTITY_PEAK:
            TRY(register_named(o, s, def, &reg, e));
            TRY(register_peak(o, s, def, reg, &out[i], e));
            break;
        case QUANTITY_LAST:
            TRY(register_named(o, s, def, &reg, e));
            TRY(register_last(o, s, def, reg, &out[i], e));
            break;
        case QUANTITY_HOURS:
        case QUANTITY_DEMAND:
            break;
        }
    }
    return ERR_OK;
}

/* --- parts ---------------------------------------------------------------------------------
 */

/* The days of a share, those that it is charged for: a reading after noon closes its day, one
 * before noon the day before. */
void share_days(const struct office *o, const struct billing_period *p,
                const struct bill_share *s, int32_t *first, int32_t *end)
{
    *first = date_to_days(p->start);
    *end = date_to_days(p->end);
    if (!s->no_reading && !s->falls) {
        *first = date_to_days(zone_to_civil(o->zone, s->from.utc + 12 * 3600).date);
        *end = date_to_days(zone_to_civil(o->zone, s->to.utc + 12 * 3600).date);
    }
    *end = *end > *first ? *end : *first + 1;
}

/* Which components hold in a month, as the tariff's seasons say. */
static uint64_t season_of(const struct tariff *t, unsigned month)
{
    uint64_t set = 0;
    for (size_t i = 0; i < t->component_count; i++) {
        unsigned months = t->components[i].months;
        if (months == 0 || (months & 1U << (month - 1)) != 0) {
            set |= (uint64_t)1 << i;
        }
    }
    return set;
}

/* First day after `day`, at most `end`, on which another version or another season holds. */
static int32_t next_change(const struct tariff_book *book, const struct tariff_row *row,
                           int32_t day, int32_t end)
{
    const struct tariff *t = row->tariff;
    for (size_t i = 0; i < book->count; i++) {
        const struct tariff *other = book->rows[i].tariff;
        int32_t from = date_to_days(other->valid_from);
        if (from > day && from < end && strcmp(other->code, t->code) == 0) {
            end = from;
        }
    }
    struct date d = date_from_days(day);
    uint64_t season = t->seasonal ? season_of(t, d.month) : 0;
    while (t->seasonal) {
        d.day = 1;
        d.year = (int16_t)(d.year + (d.month == 12 ? 1 : 0));
        d.month = (uint8_t)(d.month == 12 ? 1 : d.month + 1);
        if (date_to_days(d) >= end) {
            break;
        }
        if (season_of(t, d.month) != season) {
            return date_to_days(d);
        }
    }
    return end;
}

/* The version in force on a day; before the first one, the first one within the share. */
static enum err_code version_at(const struct tariff_book *book, const struct bill_share *s,
                                const char *code, int32_t day, int32_t end,
                                const struct tariff_row **out, struct err *e)
{
    *out = tariff_book_find(book, code, date_from_days(day));
    for (size_t i = 0; *out == NULL && i < book->count; i++) {
        const struct tariff_row *r = &book->rows[i];
        if (strcmp(r->tariff->code, code) == 0 && date_to_days(r->tariff->valid_from) < end) {
            *out = tariff_book_find(book, code, r->tariff->valid_from);
        }
    }
    if (*out != NULL) {
        return ERR_OK;
    }
    char text[DATE_TEXT];
    date_text(date_from_days(end), text);
    return err_set(e, ERR_NOT_FOUND, _("meter %s: tariff %s is not in force before %s"),
                   s->meter.serial, code, text);
}

struct span {
    int32_t first, end;
    const struct tariff_row *tariff;
};

static enum err_code spans_cut(struct office *o, const struct tariff_book *book,
                               const struct billing_period *p, const char *code,
                               const struct bill_share *s, struct span *spans, size_t *count,
                               struct err *e)
{
    int32_t day = 0;
    int32_t end = 0;
    share_days(o, p, s, &day, &end);
    *count = 0;
    while (day < end) {
        const struct tariff_row *row = NULL;
        TRY(version_at(book, s, code, day, end, &row, e));
        int32_t next = next_change(book, row, day, end);
        bool same = *count > 0 && spans[*count - 1].tariff == row && !row->tariff->seasonal;
        if (same) { /* a later version that a higher one had overruled before it began */
            spans[*count - 1].end = next;
        } else if (*count == BILL_PARTS_MAX) {
            return err_set(e, ERR_LIMIT,
                           _("meter %s: prices change more than %d times between "
                             "two readings"),
                           s->meter.serial, BILL_PARTS_MAX);
        } else {
            spans[(*count)++] = (struct span){day, next, row};
        }
        day = next;
    }
    return ERR_OK;
}

static enum err_code part_fill(struct office *o, struct bill_share *s, const struct span *span,
                               int64_t done, int64_t upto, int64_t days, struct bill_part *out,
                               struct arena *arena, struct err *e)
{
    const struct tariff *t = span->tariff->tariff;
    *out = (struct bill_part){.tariff = span->tariff, .quantity_count = t->quantity_count};
    out->month = date_from_days(span->first).month;
    out->quantities = arena_array(arena, t->quantity_count + 1, sizeof *out->quantities);
    out->values = arena_array(arena, t->quantity_count + 1, sizeof *out->values);
    if (out->quantities == NULL || out->values == NULL) {
        return err_nomem(e);
    }
    date_text(date_from_days(span->first), out->start);
    TRY(quantities_measure(o, s, t, out->quantities, e));
    out->days = upto - done;
    int64_t whole = s->charged ? s->charged_use : s->consumption;
    out->consumption = quantity_on_days(whole, done, out->days, days);
    out->limit = quantity_on_days(s->limit, done, out->days, days);
    for (size_t i = 0; i < t->quantity_count; i++) {
        int64_t v = out->quantities[i].value;
        bool use = t->quantities[i].kind == QUANTITY_REGISTER ||
                   t->quantities[i].kind == QUANTITY_HOURS;
        out->values[i] = use ? quantity_on_days(v, done, out->days, days) : v;
    }
    return ERR_OK;
}

enum err_code share_parts(struct office *o, const struct tariff_book *book,
                          const struct billing_period *p, const char *code,
                          struct bill_share *s, struct arena *arena, struct err *e)
{
    struct span spans[BILL_PARTS_MAX];
    size_t count = 0;
    int64_t done = 0;
    TRY(spans_cut(o, book, p, code, s, spans, &count, e));
    s->parts = arena_array(arena, count, sizeof *s->parts);
    if (s->parts == NULL) {
        return err_nomem(e);
    }
    s->part_count = 0;
    int64_t span_days = spans[count - 1].end - spans[0].first;
    for (size_t i = 0; i < count; i++) {
        int64_t upto = quantity_on_days(s->days, 0, spans[i].end - spans[0].first, span_days);
        if (upto == done) {
            continue; /* less than a day of what is billed */
        }
        TRY(part_fill(o, s, &spans[i], done, upto, s->days, &s->parts[s->part_count++], arena,
                      e));
        done = upto;
    }
    s->tariff = s->parts[s->part_count - 1].tariff;
    return ERR_OK;
}
