/* Components that do not look at the use: fixed amounts, and parts of other components. */
#include <config.h>

#include "domain/component.h"

#include "base/i18n.h"

const char *const fixed_members[] = {"per",   "price", "prorate_by_days", "reference_days",
                                     "times", NULL};

/* "times": a register that says what was agreed, as its last reading has it: the power under
 * contract in kW, or a number of dwellings. */
static void times_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    static const char *const members[] = {"register", "unit", NULL};
    static const char *const units[] = {"kW", "u"};
    struct jnode times = jnode_member(n, "times");
    size_t unit = 0;
    c->u.fixed.times = QUANTITY_MAIN;
    if (times.value == NULL || !jread_object(&times)) {
        return;
    }
    jread_only(&times, members, NULL);
    if (!jread_choice(&times, "unit", true, units, 2, &unit)) {
        return;
    }
    if (unit == 0 && t->kind != METER_ENERGY) {
        (void)jfault(&times, "unit", _("only meters of energy measure demand."));
    } else if (json_get(times.value, "register") == NULL) {
        (void)jfault(&times, "register", _("the member is missing."));
    } else {
        (void)component_register(t, &times, QUANTITY_LAST, unit_find(units[unit]),
                                 &c->u.fixed.times);
    }
}

void fixed_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    static const char *const per[] = {"period", "day"};
    size_t choice = 0;
    (void)jread_choice(n, "per", true, per, 2, &choice);
    c->u.fixed.per_day = choice == 1;
    component_price(n, "price", &c->u.fixed.price);
    component_proration(n, NULL, &c->u.fixed.proration);
    if (c->u.fixed.per_day && c->u.fixed.proration.by_days) {
        (void)jfault(n, "prorate_by_days", _("a price for each day is by days already."));
    }
    times_parse(t, n, c);
}

/* So much for each kW or dwelling. */
static bool fixed_times(const struct bill_calc *k, const struct component *c,
                        struct bill_line *line)
{
    line->formula = FORMULA_USE;
    line->unit = k->t->quantities[c->u.fixed.times].unit;
    line->quantity = k->usage->quantities[c->u.fixed.times];
    line->exact = exact_product(line->quantity, line->price, line->unit->exponent);
    if (!c->u.fixed.per_day) {
        return calc_days(k, line->exact, &c->u.fixed.proration, line);
    }
    line->formula = FORMULA_USE_DAYS;
    line->num = k->usage->days;
    return exact_mul(line->exact, exact_from_int(line->num), &line->exact);
}

enum err_code fixed_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    struct bill_line line = {
        .component = c, .block = -1, .formula = FORMULA_AMOUNT, .price = c->u.fixed.price};
    bool ok = true;
    if (c->u.fixed.times != QUANTITY_MAIN) {
        ok = fixed_times(k, c, &line);
    } else if (c->u.fixed.per_day) {
        line.formula = FORMULA_DAYS;
        line.quantity = k->usage->days;
        line.exact = exact_product(line.quantity, line.price, 0);
    } else {
        ok = calc_days(k, exact_from_decimal(line.price), &c->u.fixed.proration, &line);
    }
    return ok ? calc_line(k, &line, e) : calc_overflow(k, c, e);
}

uint64_t component_of_or_all(const struct tariff *t, const struct jnode *n)
{
    uint64_t of = 0;
    if (!component_of(t, n, &of) && json_get(n->value, "of") == NULL) {
        of = t->component_count == 0
                 ? 0
                 : ~(uint64_t)0 >> (TARIFF_COMPONENTS_MAX - t->component_count);
    }
    return of;
}

const char *const minimum_members[] = {"amount", "of", "prorate_by_days", "reference_days",
                                       NULL};

void minimum_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    component_price(n, "amount", &c->u.minimum.amount);
    component_proration(n, NULL, &c->u.minimum.proration);
    c->u.minimum.of = component_of_or_all(t, n);
}

/* A line only where the minimum is not reached. */
enum err_code minimum_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    struct bill_line line = {
        .component = c, .block = -1, .formula = FORMULA_AT_LEAST, .price = c->u.minimum.amount};
    if (!calc_sum_of(k, c->u.minimum.of, &line.base) ||
        !calc_days(k, exact_from_decimal(line.price), &c->u.minimum.proration, &line) ||
        !exact_sub(line.exact, line.base, &line.exact)) {
        return calc_overflow(k, c, e);
    }
    return exact_cmp(line.exact, exact_from_int(0)) > 0 ? calc_line(k, &line, e) : ERR_OK;
}

const char *const percentage_members[] = {"percent", "of", "max", NULL};

static void most_parse(const struct jnode *n, struct component *c)
{
    c->u.share.has_most = json_get(n->value, "max") != NULL;
    if (c->u.share.has_most) {
        component_price(n, "max", &c->u.share.most);
    }
}

void percentage_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    component_percent(n, "percent", 1000, &c->u.share.percent);
    c->u.share.of = component_of_or_all(t, n);
    most_parse(n, c);
}

bool calc_bounded(const struct bill_calc *k, struct bill_line *line,
                  const struct decimal *bound, int side)
{
    struct bill_line limit = *line;
    if (!calc_part(k, exact_from_decimal(*bound), &limit)) {
        return false;
    }
    if (exact_cmp(line->exact, limit.exact) * side > 0) {
        line->given = line->exact;
        line->bound = side;
        line->bound_value = *bound;
        line->exact = limit.exact;
    }
    return true;
}

/* The part of the base that lies above the threshold; *due false where it is not passed. */
static bool above_threshold(const struct bill_calc *k, const struct threshold *t,
                            struct bill_line *line, bool *due)
{
    static const struct proration for_period = {0};
    struct bill_line amount = {0};
    int64_t use = k->usage->consumption;
    int64_t level = calc_prorated(k, t->use, &for_period);
    *due = true;
    switch (t->kind) {
    case THRESHOLD_NONE:
        return true;
    case THRESHOLD_USE:
        *due = use > level;
        if (!*due || t->cliff) {
            return true;
        }
        line->num = use - level;
        line->den = use;
        return true;
    case THRESHOLD_AMOUNT:
        if (!calc_part(k, exact_from_decimal(t->amount), &amount)) {
            return false;
        }
        *due = exact_cmp(line->base, amount.exact) > 0;
        return !*due || t->cliff || exact_sub(line->base, amount.exact, &line->base);
    }
    return false;
}

static bool percent_of(const struct bill_calc *k, const struct component *c,
                       struct bill_line *line, bool *due)
{
    struct exact x = exact_from_int(0);
    return above_threshold(k, &c->u.share.threshold, line, due) &&
           exact_mul(line->base, exact_from_decimal(line->price), &x) &&
           exact_shift(x, 2, &x) &&
           (line->den == 0 ? (line->exact = x, true)
                           : calc_ratio(x, line->num, line->den, &line->exact));
}

/* Of what is to pay, the tax included: base x percent x 100 / (100 - percent). Source: Brazil's
 * ICMS, Lei Complementar 87 of 1996, article 13, paragraph 1. */
static void inside_part(const struct component *c, struct bill_line *line)
{
    int64_t hundred = 100 * pow10_i64(c->u.share.percent.scale);
    if (c->u.share.inside) {
        line->num = hundred;
        line->den = hundred - c->u.share.percent.mantissa;
    }
}

/* At least so much for each unit of the use. */
static void least_by_unit(const struct bill_calc *k, const struct component *c,
                          struct bill_line *line)
{
    struct exact least =
        exact_product(k->usage->consumption, c->u.share.least, k->t->unit->exponent);
    if (c->u.share.has_least && exact_cmp(line->exact, least) < 0) {
        line->given = line->exact;
        line->bound = -1;
        line->bound_value = c->u.share.least;
        line->bound_quantity = k->usage->consumption;
        line->exact = least;
    }
}

static enum err_code share_calc(struct bill_calc *k, const struct component *c,
                                enum line_formula formula, struct err *e)
{
    struct bill_line line = {
        .component = c, .block = -1, .formula = formula, .price = c->u.share.percent};
    bool ok = true, due = true;
    if (c->u.share.of_taxable) {
        line.base = k->taxable_sum;
    } else {
        ok = calc_sum_of(k, c->u.share.of, &line.base);
    }
    line.unit = line.component->u.share.threshold.kind == THRESHOLD_USE ? k->t->unit : NULL;
    inside_part(c, &line);
    ok = ok && percent_of(k, c, &line, &due);
    if (ok) {
        least_by_unit(k, c, &line);
    }
    if (ok && c->u.share.has_most) {
        ok = calc_bounded(k, &line, &c->u.share.most, 1);
    }
    if (formula == FORMULA_PERCENT_OFF) {
        line.exact = exact_neg(line.exact);
        line.given = exact_neg(line.given);
    }
    if (!ok) {
        return calc_overflow(k, c, e);
    }
    return due ? calc_line(k, &line, e) : ERR_OK;
}

enum err_code percentage_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    return share_calc(k, c, FORMULA_PERCENT, e);
}

const char *const discount_members[] = {"percent", "amount", "price", "of",
                                        "max",     "up_to",  NULL};

void discount_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    bool percent = json_get(n->value, "percent") != NULL;
    c->u.share.is_amount = json_get(n->value, "amount") != NULL;
    c->u.share.is_price = json_get(n->value, "price") != NULL;
    c->u.share.of = component_of_or_all(t, n);
    c->u.share.up_to = INT64_MAX;
    if ((int)percent + (int)c->u.share.is_amount + (int)c->u.share.is_price > 1) {
        (void)jfault(n, NULL,
                     _("a discount has one of \"percent\", \"amount\" and \"price\"."));
        return;
    }
    if (jread_quantity(n, "up_to", false, t->unit, &c->u.share.up_to) && !c->u.share.is_price) {
        (void)jfault(n, "up_to", _("only a price is for a number of units."));
    }
    if (!c->u.share.is_amount && !c->u.share.is_price) {
        component_percent(n, "percent", 100, &c->u.share.percent);
        most_parse(n, c);
        return;
    }
    component_price(n, c->u.share.is_price ? "price" : "amount", &c->u.share.percent);
    if (json_get(n->value, "max") != NULL) {
        (void)jfault(n, "max",
                     _("an amount or a price off has no \"max\": it never takes more "
                       "than there is."));
    }
}

/* The discount before it is held against what there is. */
static bool off_reckon(const struct bill_calc *k, const struct component *c,
                       struct bill_line *line)
{
    static const struct proration for_period = {0};
    if (!c->u.share.is_price) {
        return calc_part(k, exact_from_decimal(line->price), line);
    }
    int64_t up_to = calc_prorated(k, c->u.share.up_to, &for_period);
    line->formula = FORMULA_CREDIT;
    line->unit = k->t->unit;
    line->quantity = k->usage->consumption < up_to ? k->usage->consumption : up_to;
    line->exact = exact_product(line->quantity, line->price, line->unit->exponent);
    return true;
}

/* An amount or a price off, never more than what it is taken from. */
static enum err_code amount_off(struct bill_calc *k, const struct component *c, struct err *e)
{
    struct bill_line line = {.component = c,
                             .block = -1,
                             .formula = FORMULA_AMOUNT_OFF,
                             .price = c->u.share.percent};
    bool ok = calc_sum_of(k, c->u.share.of, &line.base) && off_reckon(k, c, &line);
    if (!ok) {
        return calc_overflow(k, c, e);
    }
    if (exact_cmp(line.exact, line.base) > 0) {
        line.exact = line.base;
        line.num = line.den = 0;
        line.quantity = 0;
        line.formula = FORMULA_PERCENT_OFF;
        line.price = (struct decimal){100, 0};
    }
    line.exact = exact_neg(line.exact);
    return exact_cmp(line.exact, exact_from_int(0)) < 0 ? calc_line(k, &line, e) : ERR_OK;
}

enum err_code discount_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    return c->u.share.is_amount || c->u.share.is_price
               ? amount_off(k, c, e)
               : share_calc(k, c, FORMULA_PERCENT_OFF, e);
}

const char *const tax_members[] = {"percent",      "of",     "max", "threshold",
                                   "min_per_unit", "inside", NULL};

static void threshold_parse(const struct tariff *t, const struct jnode *n,
                            struct threshold *out)
{
    static const char *const members[] = {"use", "amount", "mode", NULL};
    static const char *const modes[] = {"excess", "cliff"};
    struct jnode h = jnode_member(n, "threshold");
    size_t mode = 0;
    if (h.value == NULL || !jread_object(&h)) {
        return;
    }
    jread_only(&h, members, NULL);
    (void)jread_choice(&h, "mode", true, modes, 2, &mode);
    out->cliff = mode == 1;
    bool amount = json_get(h.value, "amount") != NULL;
    out->kind = amount ? THRESHOLD_AMOUNT : THRESHOLD_USE;
    if (amount && json_get(h.value, "use") != NULL) {
        (void)jfault(&h, NULL, _("a threshold is either a use or an amount, not both."));
    } else if (amount) {
        component_price(&h, "amount", &out->amount);
    } else {
        (void)jread_quantity(&h, "use", true, t->unit, &out->use);
    }
}

/* Without a list, a tax is on every taxable line before it; an earlier tax that is taxable is
 * one of them. */
void tax_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    component_percent(n, "percent", 1000, &c->u.share.percent);
    c->u.share.of_taxable = !component_of(t, n, &c->u.share.of);
    most_parse(n, c);
    threshold_parse(t, n, &c->u.share.threshold);
    c->u.share.has_least = json_get(n->value, "min_per_unit") != NULL;
    if (c->u.share.has_least) {
        component_price(n, "min_per_unit", &c->u.share.least);
    }
    (void)jread_bool(n, "inside", &c->u.share.inside);
    if (c->u.share.inside && c->u.share.threshold.kind != THRESHOLD_NONE) {
        (void)jfault(n, "inside", _("a tax inside the price has no threshold."));
    }
    if (c->u.share.inside && decimal_cmp(c->u.share.percent, (struct decimal){100, 0}) >= 0) {
        (void)jfault(n, "percent", _("a tax inside the price is less than all of it."));
    }
}

enum err_code tax_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    return share_calc(k, c, FORMULA_PERCENT, e);
}

const char *const rounding_members[] = {"step", "mode", NULL};

void rounding_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    c->u.coin.mode = ROUND_HALF_UP;
    c->u.coin.step_minor = 1;
    component_rounding(n, t->currency, true, &c->u.coin.mode, &c->u.coin.step_minor);
    if (c->u.coin.step_minor % t->step_minor != 0) {
        (void)jfault(n, "step",
                     _("the coin must be a multiple of the step that the tariff rounds to."));
    }
    if (n->index + 1 != n->up->value->u.array.count) {
        (void)jfault(n, "type",
                     _("rounding to a coin comes last: move this component to the end."));
    }
}

/* The total so far is what the lines before make it; the line is the rest to the coin. */
enum err_code rounding_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    const struct tariff *t = k->t;
    unsigned digits = t->currency->digits;
    struct bill_line line = {.component = c, .block = -1, .formula = FORMULA_COIN};
    int64_t total = 0, coin = 0;
    if (!exact_round(k->sum, digits, t->step_minor, t->rounding, &total)) {
        return calc_overflow(k, c, e);
    }
    line.base = exact_from_minor(total, digits);
    line.price = (struct decimal){c->u.coin.step_minor, (uint8_t)digits};
    if (!exact_round(line.base, digits, c->u.coin.step_minor, c->u.coin.mode, &coin) ||
        !exact_sub(exact_from_minor(coin, digits), k->sum, &line.exact)) {
        return calc_overflow(k, c, e);
    }
    return coin == total ? ERR_OK : calc_line(k, &line, e);
}
