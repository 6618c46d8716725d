#include <config.h>

#include "app/bill_change.h"

#include <inttypes.h>
#include <string.h>

#include "app/bill_again.h"
#include "app/bill_charged_view.h"
#include "app/lookup.h"
#include "base/i18n.h"

#define ROLLOVERS_MAX 3
#define CORRECTIONS_MAX 8 /* of a correction, one after the other */

/* Which values of the readings hold. */
struct moment {
    struct office *o;
    int64_t bill, seq; /* corrections of entries up to it */
    const struct dial_change *dials;
    size_t dial_count;
};

/* What a share is reckoned from, at a moment. */
struct share_state {
    int64_t consumption, below;
    bool moved; /* the main register's use is another than on the bill */
};

/* ---- readings ---- */

static bool dial_find(const struct moment *w, int64_t reading, int64_t *value)
{
    for (size_t i = 0; i < w->dial_count; i++) {
        if (w->dials[i].reading == reading) {
            *value = w->dials[i].value;
            return true;
        }
    }
    return false;
}

/* What a reading of the bill says at the moment: itself, or its last correction. */
static enum err_code value_at(const struct moment *w, int64_t reading, int64_t *value,
                              struct err *e)
{
    for (int i = 0; i < CORRECTIONS_MAX; i++) {
        struct stmt *q = NULL;
        bool row = false;
        if (dial_find(w, reading, value)) {
            return ERR_OK;
        }
        TRY(db_query(w->o->db, &q, e,
                     "SELECT c.id, c.value FROM decision d JOIN reading c ON c.id = "
                     "d.corrected WHERE d.reading = ? AND d.seq <= ? AND d.undone IS NULL "
                     "ORDER BY d.id DESC LIMIT 1",
                     VALS(V_INT(reading), V_INT(w->seq))));
        enum err_code code = stmt_next(q, &row, e);
        if (code == ERR_OK && row) {
            reading = stmt_int(q, 0);
            *value = stmt_int(q, 1);
        }
        stmt_done(q);
        TRY(code);
        if (!row) {
            return ERR_OK;
        }
    }
    return ERR_OK;
}

/* Two readings of a register, and the use that was billed between them. */
struct ends {
    int64_t reg, from_id, from, to_id, to, use;
};

/* The use between them at the moment, through as many rollovers as the bill counted. */
static enum err_code use_at(const struct moment *w, const struct ends *b, int64_t *use,
                            struct err *e)
{
    struct meter_row meter;
    struct err ignored = ERR_INIT;
    int64_t from = b->from;
    int64_t to = b->to;
    *use = b->use;
    if (b->from_id == b->to_id) {
        return ERR_OK; /* nothing was counted: it waits for the next bill */
    }
    TRY(value_at(w, b->from_id, &from, e));
    TRY(value_at(w, b->to_id, &to, e));
    if (from == b->from && to == b->to) {
        return ERR_OK;
    }
    TRY(meter_by_register(w->o, b->reg, &meter, e));
    for (unsigned n = 0; n <= ROLLOVERS_MAX; n++) {
        int64_t was = 0;
        if (register_consumption(&meter.reg, b->from, b->to, n, &was, &ignored) == ERR_OK &&
            was == b->use &&
            register_consumption(&meter.reg, from, to, n, use, &ignored) == ERR_OK) {
            return ERR_OK;
        }
    }
    return err_set(e, ERR_RANGE,
                   _("the register would fall on bill %" PRId64 "; cancel it and bill it "
                     "again"),
                   w->bill);
}

/* ---- the main register and what is taken off it ---- */

static enum err_code state_at(const struct moment *w, const struct bill_view_meter *m,
                              const struct charged_view *c, struct share_state *out,
                              struct err *e)
{
    const struct ends own = {m->reg,   m->from_id,  m->from_value,
                             m->to_id, m->to_value, m->consumption};
    *out = (struct share_state){.consumption = m->consumption};
    TRY(use_at(w, &own, &out->consumption, e));
    out->moved = out->consumption != m->consumption;
    for (size_t i = 0; i < c->sub_count; i++) {
        const struct charged_sub *s = &c->subs[i];
        const struct ends sub = {s->reg,   s->from_id,  s->from_value,
                                 s->to_id, s->to_value, s->use};
        int64_t use = 0;
        TRY(use_at(w, &sub, &use, e));
        if (!add_i64(out->below, use, &out->below)) {
            return err_set(e, ERR_RANGE, "%s", s->serial);
        }
    }
    return ERR_OK;
}

/* ---- what the tariff measures besides ---- */

/* A quantity of a part as it is recorded. */
struct recorded {
    struct ends ends;   /* use: of the part alone */
    bool from_register; /* else of the main register's hours */
};

static enum err_code recorded_read(struct office *o, int64_t bill, int64_t reg, size_t part,
                                   const char *name, struct recorded *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *out = (struct recorded){.from_register = false};
    TRY(db_query(o->db, &q, e,
                 "SELECT q.source, f.id, f.value, t.id, t.value, q.value FROM bill_quantity q "
                 "JOIN reading f ON f.id = q.from_reading JOIN reading t ON t.id = "
                 "q.to_reading WHERE q.bill = ? AND q.register = ? AND q.part = ? AND q.name = "
                 "? AND q.source IS NOT NULL",
                 VALS(V_INT(bill), V_INT(reg), V_INT((int64_t)part), V_TEXT(name))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        out->from_register = true;
        out->ends = (struct ends){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2),
                                  stmt_int(q, 3), stmt_int(q, 4), stmt_int(q, 5)};
    }
    stmt_done(q);
    return code;
}

static enum err_code only_a_new_bill(int64_t bill, const char *name, struct err *e)
{
    return err_set(e, ERR_STATE,
                   _("bill %" PRId64 " charges by \"%s\", which only a new bill can measure; "
                     "cancel it and bill it again"),
                   bill, name);
}

/* Days of a share that a part has. */
struct part_days {
    int64_t done, days, all;
};

/* Use of another register: over the whole share, of which the part has its days. */
static enum err_code register_use_at(const struct moment *w, const struct ends *part,
                                     const struct part_days *d, int64_t *value, struct err *e)
{
    struct meter_row meter;
    struct err ignored = ERR_INIT;
    struct ends whole = *part;
    int64_t use = 0;
    bool known = false;
    TRY(meter_by_register(w->o, part->reg, &meter, e));
    for (unsigned n = 0; n <= ROLLOVERS_MAX && !known; n++) {
        known = register_consumption(&meter.reg, part->from, part->to, n, &whole.use,
                                     &ignored) == ERR_OK &&
                quantity_on_days(whole.use, d->done, d->days, d->all) == part->use;
    }
    *value = part->use;
    if (!known) { /* it waited, or the register was another then */
        return ERR_OK;
    }
    TRY(use_at(w, &whole, &use, e));
    *value = use == whole.use ? part->use : quantity_on_days(use, d->done, d->days, d->all);
    return ERR_OK;
}

/* What a register showed: of an agreement its last reading, of a demand the highest. */
static enum err_code shown_at(const struct moment *w, const struct quantity_def *def,
                              const struct ends *b, int64_t *value, struct err *e)
{
    struct meter_row meter;
    int64_t now = b->to;
    *value = b->use;
    TRY(value_at(w, b->to_id, &now, e));
    if (now == b->to) {
        return ERR_OK;
    }
    if (def->kind == QUANTITY_PEAK && now < b->to) {
        return only_a_new_bill(w->bill, def->name, e); /* another may be the highest */
    }
    TRY(meter_by_register(w->o, b->reg, &meter, e));
    return register_scale(&meter.reg, now, value, e);
}

static enum err_code quantity_at(const struct moment *w, const struct bill_view_meter *m,
                                 size_t part, const struct quantity_def *def,
                                 const struct part_days *d, const struct share_state *s,
                                 int64_t *value, struct err *e)
{
    struct recorded r;
    switch (def->kind) {
    case QUANTITY_HOURS:
    case QUANTITY_DEMAND:
        return s->moved ? only_a_new_bill(w->bill, def->name, e) : ERR_OK;
    case QUANTITY_REGISTER:
        TRY(recorded_read(w->o, w->bill, m->reg, part, def->name, &r, e));
        return r.from_register ? register_use_at(w, &r.ends, d, value, e) : ERR_OK;
    case QUANTITY_PEAK:
    case QUANTITY_LAST:
        TRY(recorded_read(w->o, w->bill, m->reg, part, def->name, &r, e));
        return r.from_register ? shown_at(w, def, &r.ends, value, e) : ERR_OK;
    }
    check_failed("kind of quantity", __FILE__, __LINE__);
}

/* ---- the share at a moment ---- */

static enum err_code share_at(const struct moment *w, const struct bill_view_meter *m,
                              const struct charged_view *c, const struct bill_again *recorded,
                              size_t count, struct arena *arena, struct bill_result *out,
                              struct err *e)
{
    struct share_state s;
    struct part_days d = {0, 0, m->days};
    TRY(state_at(w, m, c, &s, e));
    int64_t whole = s.consumption;
    if (m->is_charged) {
        TRY(charged_use(s.consumption, s.below, c->gas, c->gas_count, recorded[0].tariff->unit,
                        &whole, e));
    }
    for (size_t i = 0; i < count; i++) {
        const struct tariff *t = recorded[i].tariff;
        struct usage u = recorded[i].usage;
        int64_t values[TARIFF_QUANTITIES_MAX];
        memcpy(values, recorded[i].values, sizeof values);
        d.days = u.days;
        for (size_t k = 0; k < t->quantity_count; k++) {
            TRY(quantity_at(w, m, i, &t->quantities[k], &d, &s, &values[k], e));
        }
        u.quantities = t->quantity_count > 0 ? values : NULL;
        u.consumption = count == 1 ? whole : quantity_on_days(whole, d.done, d.days, d.all);
        TRY(bill_compute(t, &u, arena, &out[i], e));
        d.done += d.days;
    }
    return ERR_OK;
}

/* ---- the difference ---- */

/* The line of the other bill that says the same, and was not taken; NULL when there is none. */
static const struct bill_line *line_like(const struct bill_result *r, const struct bill_line *l,
                                         bool *taken)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct bill_line *x = &r->lines[i];
        if (!taken[i] && x->component == l->component && x->block == l->block &&
            x->period == l->period) {
            taken[i] = true;
            return x;
        }
    }
    return NULL;
}

/* What stands on the line besides its amount: of a percentage its rate, of a use that has the
 * same price as before the quantity. */
static bool line_measure(const struct bill_line *before, const struct bill_line *after,
                         struct arena *a, struct bill_view_line *out)
{
    const struct bill_line *any = after != NULL ? after : before;
    struct buf price;
    struct buf quantity;
    buf_init(&price, 64);
    buf_init(&quantity, 64);
    bool percent = any->formula == FORMULA_PERCENT || any->formula == FORMULA_PERCENT_OFF;
    bool use =
        any->formula == FORMULA_USE && any->unit != NULL && any->basis == BASIS_MEASURED &&
        (before == NULL || after == NULL || decimal_cmp(before->price, after->price) == 0);
    if (percent || use) {
        decimal_print(any->price, &price);
    }
    if (use) {
        quantity_print((after != NULL ? after->quantity : 0) -
                           (before != NULL ? before->quantity : 0),
                       any->unit, 0, &quantity);
    }
    out->unit = percent ? "%" : use ? any->unit->symbol : "";
    out->price = arena_strdup(a, buf_str(&price));
    out->quantity = arena_strdup(a, buf_str(&quantity));
    buf_release(&price);
    buf_release(&quantity);
    return out->price != NULL && out->quantity != NULL;
}

static enum err_code line_labels(const struct bill_line *any, struct arena *a,
                                 struct bill_view_line *out, struct err *e)
{
    struct buf es;
    struct buf en;
    buf_init(&es, 1024);
    buf_init(&en, 1024);
    bill_line_label(any, true, &es);
    bill_line_label(any, false, &en);
    out->label_es = arena_strdup(a, buf_str(&es));
    out->label_en = arena_strdup(a, buf_str(&en));
    buf_release(&es);
    buf_release(&en);
    return out->label_es != NULL && out->label_en != NULL ? ERR_OK : err_nomem(e);
}

static enum err_code difference_line(const struct bill_line *before,
                                     const struct bill_line *after, struct arena *a,
                                     struct bill_view_line *out, struct err *e)
{
    const struct bill_line *any = after != NULL ? after : before;
    struct exact was = before != NULL ? before->base : exact_from_int(0);
    *out = (struct bill_view_line){
        .component = any->component->id,
        .type = component_type_name(any->component->type),
        .formula = line_formula_name(any->formula),
        .explanation = "",
    };
    TRY(line_labels(any, a, out, e));
    if (!line_measure(before, after, a, out)) {
        return err_nomem(e);
    }
    if (!exact_sub(after != NULL ? after->base : exact_from_int(0), was, &out->base)) {
        return err_set(e, ERR_RANGE, "%s", any->component->id);
    }
    return money_sub(after != NULL ? after->amount : (struct money){0},
                     before != NULL ? before->amount : (struct money){0}, &out->amount, e);
}

/* What rounding of the total leaves besides the lines. */
static bool gap_line(const struct bill_result *before, const struct bill_result *after,
                     struct bill_view_line *out)
{
    *out = (struct bill_view_line){
        .component = "rounding",
        .type = "rounding",
        .formula = "",
        .label_es = "Redondeo",
        .label_en = "Rounding",
        .quantity = "",
        .unit = "",
        .price = "",
        .explanation = "",
        .base = exact_from_int(0),
        .amount = {after->rounding_gap.minor - before->rounding_gap.minor}};
    return out->amount.minor != 0;
}

static enum err_code part_lines(const struct bill_result *before,
                                const struct bill_result *after,
                                const struct bill_view_meter *m, size_t part,
                                struct arena *arena, struct bill_view_line *lines,
                                size_t *count, struct err *e)
{
    size_t first = *count;
    bool *taken = arena_array(arena, after->count + 1, sizeof *taken);
    if (taken == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < before->count + after->count; i++) {
        bool old = i < before->count;
        const struct bill_line *l = old ? &before->lines[i] : &after->lines[i - before->count];
        if (!old && taken[i - before->count]) {
            continue;
        }
        struct bill_view_line *out = &lines[*count];
        TRY(old ? difference_line(l, line_like(after, l, taken), arena, out, e)
                : difference_line(NULL, l, arena, out, e));
        *count += out->amount.minor != 0 ? 1 : 0;
    }
    *count += gap_line(before, after, &lines[*count]) ? 1 : 0;
    for (size_t i = first; i < *count; i++) {
        lines[i].reg = m->reg;
        lines[i].part = (int64_t)part;
    }
    return ERR_OK;
}

enum err_code bill_share_change(struct office *o, const struct bill_view *v,
                                const struct bill_view_meter *m,
                                const struct bill_change *change, struct arena *arena,
                                int64_t *difference, struct bill_view_line **lines,
                                size_t *count, struct err *e)
{
    struct bill_again *parts = NULL;
    struct charged_view charged;
    size_t part_count = 0;
    size_t room = 0;
    const struct moment before = {
        o, v->id, change->seq == INT64_MAX ? change->seq : change->seq - 1, NULL, 0};
    const struct moment after = {o, v->id, change->seq, change->dials, change->dial_count};
    TRY(bill_share_again(o, v, m, arena, &parts, &part_count, e));
    TRY(charged_load(o, v, m, arena, &charged, e));
    struct bill_result *was = arena_array(arena, part_count, sizeof *was);
    struct bill_result *is = arena_array(arena, part_count, sizeof *is);
    if (was == NULL || is == NULL) {
        return err_nomem(e);
    }
    TRY(share_at(&before, m, &charged, parts, part_count, arena, was, e));
    TRY(share_at(&after, m, &charged, parts, part_count, arena, is, e));
    *difference = 0;
    for (size_t i = 0; i < part_count; i++) {
        room += was[i].count + is[i].count + 1;
        if (!add_i64(*difference, is[i].total.minor - was[i].total.minor, difference)) {
            return err_set(e, ERR_RANGE, "%s", m->serial);
        }
    }
    if (lines == NULL) {
        return ERR_OK;
    }
    *count = 0;
    *lines = arena_array(arena, room, sizeof **lines);
    for (size_t i = 0; *lines != NULL && i < part_count; i++) {
        TRY(part_lines(&was[i], &is[i], m, i, arena, *lines, count, e));
    }
    return *lines != NULL ? ERR_OK : err_nomem(e);
}
