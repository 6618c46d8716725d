/* Components that measure more than the main register's use: time of use, demand, reactive
 * energy. */
#include <config.h>

#include "domain/component.h"

#include <string.h>

#include "base/i18n.h"

const char *const time_of_use_members[] = {"periods", NULL};

static bool period_find(const struct tou *u, const char *id, size_t *out)
{
    for (size_t i = 0; u != NULL && i < u->period_count; i++) {
        if (u->periods[i].id != NULL && strcmp(u->periods[i].id, id) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* "period": the id of one of the schedule's. */
static bool period_read(const struct tariff *t, const struct jnode *n, size_t *out)
{
    const char *id = NULL;
    if (!jread_slug(n, "period", &id)) {
        return false;
    }
    return period_find(t->tou, id, out) ||
           jfault(n, "period", _("the tariff's \"time_of_use\" has no period \"%s\"."), id);
}

/* "periods": ids of the schedule's, as a set. */
static bool periods_read(const struct tariff *t, const struct jnode *n, unsigned *out)
{
    struct jnode list;
    size_t period = 0;
    bool sound = true;
    if (!jread_array(n, "periods", false, 1, TOU_PERIODS_MAX, &list)) {
        return false;
    }
    for (size_t i = 0; i < list.value->u.array.count; i++) {
        struct jnode item = jnode_item(&list, i);
        if (item.value->type != JSON_STRING ||
            !period_find(t->tou, item.value->u.string.data, &period)) {
            sound = jfault(&item, NULL, _("the tariff's \"time_of_use\" has no such period."));
        } else if ((*out & 1U << period) != 0) {
            sound = jfault(&item, NULL, _("the period is listed twice."));
        } else {
            *out |= 1U << period;
        }
    }
    return sound;
}

static void tou_price_parse(struct tariff *t, const struct jnode *item, struct component *c,
                            unsigned *priced)
{
    static const char *const members[] = {
        "period",         "price",        "blocks", "bounds", "prorate_by_days",
        "reference_days", "prorate_step", "whole",  "per_kw", NULL};
    struct tou_price *p = &c->u.tou.prices[c->u.tou.count];
    if (!jread_object(item)) {
        return;
    }
    jread_only(item, members, NULL);
    component_blocks(t, t->unit, item, &p->table);
    if (!period_read(t, item, &p->period)) {
        return;
    }
    if ((*priced & 1U << p->period) != 0) {
        (void)jfault(item, "period", _("the period has a price already."));
    }
    *priced |= 1U << p->period;
    c->u.tou.count++;
}

void time_of_use_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    struct jnode list;
    unsigned priced = 0;
    if (t->tou == NULL) {
        (void)jfault(n, "type", _("this needs \"time_of_use\" in the tariff's head."));
        return;
    }
    if (!jread_array(n, "periods", true, 1, TOU_PERIODS_MAX, &list)) {
        return;
    }
    size_t count = list.value->u.array.count;
    c->u.tou.prices = arena_array(n->arena, count, sizeof *c->u.tou.prices);
    if (c->u.tou.prices == NULL) {
        n->faults->nomem = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct jnode item = jnode_item(&list, i);
        tou_price_parse(t, &item, c, &priced);
    }
    for (size_t i = 0; i < t->tou->period_count; i++) {
        if ((priced & 1U << i) == 0 && t->tou->periods[i].id != NULL) {
            (void)jfault(n, "periods", _("period \"%s\" has no price."), t->tou->periods[i].id);
        }
    }
}

/*
 * A period's use in block i, where the bounds are of all use and each period shares them pro
 * rata: the whole use reaches `upto`, so the period reaches the same part of its own.
 * Source: OpenEI URDB, energyratestructure (bounds apply to the month's total).
 */
static int64_t shared_reach(int64_t own, int64_t all, int64_t upto)
{
    if (all == 0 || upto >= all) {
        return own;
    }
    return (int64_t)div_round128((int128)own * upto, all, ROUND_HALF_UP);
}

static enum err_code tou_lines(struct bill_calc *k, const struct component *c,
                               const struct tou_price *p, int64_t all, struct err *e)
{
    const struct tou_period *period = &k->t->tou->periods[p->period];
    int64_t own = k->usage->quantities[period->quantity];
    for (size_t i = 0; i < p->table.count; i++) {
        struct bill_line line = calc_block_line(k, c, &p->table, i, all);
        if (p->table.whole) {
            line.quantity = line.quantity > 0 ? own : 0;
        } else {
            line.quantity = shared_reach(own, all, line.to) - shared_reach(own, all, line.from);
        }
        line.period = &period->label;
        if (!calc_block_applies(&p->table, &line)) {
            continue;
        }
        if (!calc_block_cost(k, &p->table, &line)) {
            return calc_overflow(k, c, e);
        }
        TRY(calc_line(k, &line, e));
    }
    return ERR_OK;
}

enum err_code time_of_use_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    int64_t all = 0;
    for (size_t i = 0; i < c->u.tou.count; i++) {
        const struct tou_period *p = &k->t->tou->periods[c->u.tou.prices[i].period];
        if (__builtin_add_overflow(all, k->usage->quantities[p->quantity], &all)) {
            return calc_overflow(k, c, e);
        }
    }
    for (size_t i = 0; i < c->u.tou.count; i++) {
        TRY(tou_lines(k, c, &c->u.tou.prices[i], all, e));
    }
    return ERR_OK;
}

const char *const demand_members[] = {"price",
                                      "blocks",
                                      "bounds",
                                      "whole",
                                      "register",
                                      "minutes",
                                      "period",
                                      "per",
                                      "load_factor",
                                      "step",
                                      "mode",
                                      "ratchet",
                                      "prorate_by_days",
                                      "reference_days",
                                      "minimum",
                                      "periods",
                                      NULL};

/* Whether a demand is of a register; the other members then have no place. */
static bool demand_of_register(struct tariff *t, const struct jnode *n, bool *sound,
                               size_t *out)
{
    static const char *const others[] = {"minutes", "period", "periods"};
    if (json_get(n->value, "register") == NULL) {
        return false;
    }
    *sound = component_register(t, n, QUANTITY_PEAK, unit_find("kW"), out);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (json_get(n->value, others[i]) != NULL) {
            *sound = jfault(n, "register",
                            _("demand comes either from a register or from intervals of "
                              "\"minutes\", not both."));
            break;
        }
    }
    return true;
}

static bool minutes_read(const struct jnode *n, int64_t *out)
{
    static const int64_t allowed[] = {5, 10, 15, 30, 60};
    if (!jread_int(n, "minutes", true, 5, 60, out)) {
        return false;
    }
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (allowed[i] == *out) {
            return true;
        }
    }
    return jfault(n, "minutes", _("demand is a mean over 5, 10, 15, 30 or 60 minutes."));
}

/* "demand-30", "demand-30-peak", "demand-30-peak-shoulder". */
static const char *demand_name(const struct tariff *t, const struct jnode *n,
                               const struct quantity_def *def)
{
    struct buf b;
    buf_init(&b, 1024);
    buf_addf(&b, "demand-%lld", (long long)def->minutes);
    for (size_t i = 0; def->periods != 0 && i < t->tou->period_count; i++) {
        if ((def->periods & 1U << i) != 0) {
            buf_addf(&b, "-%s", t->tou->periods[i].id);
        }
    }
    const char *name = b.failed ? NULL : arena_strdup(n->arena, buf_str(&b));
    buf_release(&b);
    return name;
}

/* From a register of its own, or from the intervals of the main one. */
bool component_power(struct tariff *t, const struct jnode *n, size_t *out)
{
    struct quantity_def def = {.kind = QUANTITY_DEMAND, .unit = unit_find("kW")};
    bool one = json_get(n->value, "period") != NULL;
    bool several = json_get(n->value, "periods") != NULL;
    bool sound = false;
    size_t period = 0;
    if (demand_of_register(t, n, &sound, out)) {
        return sound;
    }
    if (!minutes_read(n, &def.minutes)) {
        return false;
    }
    if (one && several) {
        return jfault(n, "periods", _("name either one \"period\" or \"periods\", not both."));
    }
    if (one && period_read(t, n, &period)) {
        def.periods = 1U << period;
    } else if (one || (several && !periods_read(t, n, &def.periods))) {
        return false;
    }
    for (size_t i = 0; def.periods != 0 && i < t->tou->period_count; i++) {
        if ((def.periods & 1U << i) != 0 && t->tou->periods[i].obis != NULL) {
            return jfault(n, one ? "period" : "periods",
                          _("the period is counted by a register, not by hours."));
        }
    }
    def.name = demand_name(t, n, &def);
    return tariff_quantity(t, n, &def, out);
}

/* "ratchet": a part of the highest power of the months before is charged at least. */
static void ratchet_parse(struct tariff *t, const struct jnode *n, size_t measured,
                          struct demand_terms *out)
{
    static const char *const members[] = {"percent", "months", "of_months", NULL};
    struct jnode r = jnode_member(n, "ratchet");
    if (r.value == NULL || !jread_object(&r)) {
        return;
    }
    struct quantity_def def = t->quantities[measured];
    jread_only(&r, members, NULL);
    component_percent(&r, "percent", 100, &out->ratchet);
    component_months(&r, "of_months", &def.months);
    if (jread_int(&r, "months", true, 1, 36, &def.back)) {
        def.name = arena_printf(n->arena, "%s-before-%lld", def.name, (long long)def.back);
        out->has_ratchet = tariff_quantity(t, &r, &def, &out->before);
    }
}

/* What is done to the power that was measured before it is charged. */
static void terms_parse(struct tariff *t, const struct jnode *n, size_t measured,
                        struct demand_terms *out)
{
    static const char *const modes[] = {"half_up", "half_even", "down", "up"};
    static const enum rounding values[] = {ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN,
                                           ROUND_UP};
    size_t mode = 0;
    out->mode = ROUND_HALF_UP;
    out->has_factor = json_get(n->value, "load_factor") != NULL;
    if (out->has_factor) {
        component_percent(n, "load_factor", 100, &out->load_factor);
    }
    if (out->has_factor && out->load_factor.mantissa == 0) {
        (void)jfault(n, "load_factor", _("no use comes to a power at a factor of 0."));
    }
    if (jread_quantity(n, "step", false, unit_find("kW"), &out->step) && out->step == 0) {
        (void)jfault(n, "step", _("a step of 0 rounds to nothing."));
    }
    if (jread_choice(n, "mode", false, modes, 4, &mode)) {
        out->mode = values[mode];
        if (json_get(n->value, "step") == NULL) {
            (void)jfault(n, "mode", _("this needs \"step\" beside it."));
        }
    }
    ratchet_parse(t, n, measured, out);
}

/* By days it is the price that is scaled: a power does not grow with them. */
static void demand_days(const struct jnode *n, struct component *c)
{
    c->u.demand.proration = c->u.demand.table.proration;
    c->u.demand.table.proration = (struct proration){0};
    if (c->u.demand.per_day && c->u.demand.proration.by_days) {
        (void)jfault(n, "prorate_by_days", _("a price for each day is by days already."));
    }
}

void demand_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    static const char *const per[] = {"period", "day"};
    const struct unit *kw = unit_find("kW");
    size_t choice = 0;
    (void)jread_choice(n, "per", false, per, 2, &choice);
    c->u.demand.per_day = choice == 1;
    if (t->kind != METER_ENERGY) {
        (void)jfault(n, "type", _("only meters of energy measure demand."));
        return;
    }
    if (component_power(t, n, &c->u.demand.quantity)) {
        terms_parse(t, n, c->u.demand.quantity, &c->u.demand.terms);
    }
    component_blocks(t, kw, n, &c->u.demand.table);
    demand_days(n, c);
    (void)jread_quantity(n, "minimum", false, kw, &c->u.demand.minimum);
    if (c->u.demand.table.of_limit) {
        (void)jfault(n, "bounds", _("a meter's limit is a use, not a power."));
    }
}

/* A demand's price is for the period; of a part of it, by days. */
static bool demand_cost(const struct bill_calc *k, const struct component *c,
                        struct bill_line *line)
{
    if (!calc_block_cost(k, &c->u.demand.table, line)) {
        return false;
    }
    if (c->u.demand.table.blocks[line->block].flat) {
        return true;
    }
    if (!c->u.demand.per_day) {
        return calc_days(k, line->exact, &c->u.demand.proration, line);
    }
    line->formula = FORMULA_USE_DAYS;
    line->num = k->usage->days;
    return exact_mul(line->exact, exact_from_int(k->usage->days), &line->exact);
}

/*
 * The power that is charged, and how it came about.
 * Source of the load factor: Mexico, CRE A/064/2018, billing demand = min(measured, use / (24 x
 * days x load factor)).
 */
static bool demand_charged(const struct bill_calc *k, const struct component *c, int64_t *out,
                           struct bill_line *how)
{
    const struct demand_terms *d = &c->u.demand.terms;
    int64_t demand = k->usage->quantities[c->u.demand.quantity];
    int64_t floor = 0;
    *how = (struct bill_line){0};
    if (d->has_factor) {
        int128 hours = (int128)24 * k->usage->days * d->load_factor.mantissa;
        int128 use = (int128)k->usage->consumption * 100 * pow10_i64(d->load_factor.scale);
        int128 most = div_round128(use, hours, ROUND_HALF_UP);
        if (most < demand) {
            demand = (int64_t)most;
            how->basis = BASIS_LOAD_FACTOR;
            how->basis_percent = d->load_factor;
        }
    }
    if (d->step != 0) {
        int128 rounded = div_round128(demand, d->step, d->mode) * d->step;
        if (rounded > INT64_MAX) {
            return false;
        }
        demand = (int64_t)rounded;
    }
    if (d->has_ratchet) {
        if (!calc_percent_of(k->usage->quantities[d->before], d->ratchet, &floor)) {
            return false;
        }
        if (floor > demand) {
            demand = floor;
            how->basis = BASIS_RATCHET;
            how->basis_percent = d->ratchet;
            how->basis_quantity = k->usage->quantities[d->before];
        }
    }
    if (c->u.demand.minimum > demand) {
        demand = c->u.demand.minimum;
        how->basis = BASIS_LEAST;
    }
    *out = demand;
    return true;
}

enum err_code demand_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    struct bill_line how;
    /* The bounds are of a power: a part of the period does not lower them. */
    struct usage whole = *k->usage;
    struct bill_calc bounds = *k;
    int64_t demand = 0;
    whole.whole_days = 0;
    bounds.usage = &whole;
    if (!demand_charged(k, c, &demand, &how)) {
        return calc_overflow(k, c, e);
    }
    for (size_t i = 0; i < c->u.demand.table.count; i++) {
        struct bill_line line = calc_block_line(&bounds, c, &c->u.demand.table, i, demand);
        if (!calc_block_applies(&c->u.demand.table, &line)) {
            continue;
        }
        line.basis = how.basis;
        line.basis_percent = how.basis_percent;
        line.basis_quantity = how.basis_quantity;
        if (!demand_cost(k, c, &line)) {
            return calc_overflow(k, c, e);
        }
        TRY(calc_line(k, &line, e));
    }
    return ERR_OK;
}

const char *const reactive_members[] = {"register", "free_percent", "price", NULL};

void reactive_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    c->u.reactive.unit = unit_find("kvarh");
    if (t->kind != METER_ENERGY) {
        (void)jfault(n, "type", _("only meters of energy measure reactive energy."));
        return;
    }
    if (!component_register(t, n, QUANTITY_REGISTER, c->u.reactive.unit,
                            &c->u.reactive.quantity) &&
        json_get(n->value, "register") == NULL) {
        (void)jfault(n, "register", _("the member is missing."));
    }
    component_percent(n, "free_percent", 1000, &c->u.reactive.free_percent);
    component_price(n, "price", &c->u.reactive.price);
}

/* What exceeds the free part of the active energy. Source: CREG 015 of 2018, article 12 (half
 * of the active energy is free); a power factor of 0.90 is 48.43 percent (tan acos 0.90). */
enum err_code reactive_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    struct exact part;
    int64_t used = k->usage->quantities[c->u.reactive.quantity];
    int64_t free_varh = 0;
    if (!exact_mul(exact_from_int(k->usage->consumption),
                   exact_from_decimal(c->u.reactive.free_percent), &part) ||
        !exact_shift(part, 2, &part) || !exact_round(part, 0, 1, ROUND_HALF_UP, &free_varh)) {
        return calc_overflow(k, c, e);
    }
    if (used <= free_varh) {
        return ERR_OK;
    }
    struct bill_line line = {.component = c,
                             .block = -1,
                             .formula = FORMULA_EXCESS,
                             .unit = c->u.reactive.unit,
                             .quantity = used - free_varh,
                             .excess = used,
                             .tolerance = free_varh,
                             .price = c->u.reactive.price};
    line.exact = exact_product(line.quantity, line.price, line.unit->exponent);
    return calc_line(k, &line, e);
}
