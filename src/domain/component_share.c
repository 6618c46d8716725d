/* Components that do not look at the use: fixed amounts, and parts of other components. */
#include <config.h>

#include "domain/component.h"

#include "base/i18n.h"

const char *const fixed_members[] = {"per", "price", NULL};

void fixed_parse(const struct tariff *t, const struct jnode *n, struct component *c)
{
    static const char *const per[] = {"period", "day"};
    size_t choice = 0;
    (void)t;
    (void)jread_choice(n, "per", true, per, 2, &choice);
    c->u.fixed.per_day = choice == 1;
    component_price(n, "price", &c->u.fixed.price);
}

enum err_code fixed_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    struct bill_line line = {
        .component = c, .block = -1, .formula = FORMULA_AMOUNT, .price = c->u.fixed.price};
    line.exact = exact_from_decimal(line.price);
    if (c->u.fixed.per_day) {
        line.formula = FORMULA_DAYS;
        line.quantity = k->usage->days;
        line.exact = exact_product(line.quantity, line.price, 0);
    }
    return calc_line(k, &line, e);
}

/* The listed components, or all that came before. */
static uint64_t of_or_all(const struct tariff *t, const struct jnode *n)
{
    uint64_t of = 0;
    if (!component_of(t, n, &of) && json_get(n->value, "of") == NULL) {
        of = t->component_count == 0
                 ? 0
                 : ~(uint64_t)0 >> (TARIFF_COMPONENTS_MAX - t->component_count);
    }
    return of;
}

const char *const minimum_members[] = {"amount", "of", NULL};

void minimum_parse(const struct tariff *t, const struct jnode *n, struct component *c)
{
    component_price(n, "amount", &c->u.minimum.amount);
    c->u.minimum.of = of_or_all(t, n);
}

/* A line only where the minimum is not reached. */
enum err_code minimum_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    struct bill_line line = {
        .component = c, .block = -1, .formula = FORMULA_AT_LEAST, .price = c->u.minimum.amount};
    if (!calc_sum_of(k, c->u.minimum.of, &line.base) ||
        !exact_sub(exact_from_decimal(line.price), line.base, &line.exact)) {
        return calc_overflow(k, c, e);
    }
    return exact_cmp(line.exact, exact_from_int(0)) > 0 ? calc_line(k, &line, e) : ERR_OK;
}

const char *const percentage_members[] = {"percent", "of", NULL};

void percentage_parse(const struct tariff *t, const struct jnode *n, struct component *c)
{
    component_percent(n, "percent", 1000, &c->u.share.percent);
    c->u.share.of = of_or_all(t, n);
}

static enum err_code share_calc(struct bill_calc *k, const struct component *c,
                                enum line_formula formula, struct err *e)
{
    struct bill_line line = {
        .component = c, .block = -1, .formula = formula, .price = c->u.share.percent};
    bool ok = true;
    if (c->u.share.of_taxable) {
        line.base = k->taxable_sum;
    } else {
        ok = calc_sum_of(k, c->u.share.of, &line.base);
    }
    ok = ok && exact_mul(line.base, exact_from_decimal(line.price), &line.exact) &&
         exact_shift(line.exact, 2, &line.exact);
    if (formula == FORMULA_PERCENT_OFF) {
        line.exact = exact_neg(line.exact);
    }
    return ok ? calc_line(k, &line, e) : calc_overflow(k, c, e);
}

enum err_code percentage_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    return share_calc(k, c, FORMULA_PERCENT, e);
}

const char *const discount_members[] = {"percent", "of", NULL};

void discount_parse(const struct tariff *t, const struct jnode *n, struct component *c)
{
    component_percent(n, "percent", 100, &c->u.share.percent);
    c->u.share.of = of_or_all(t, n);
}

enum err_code discount_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    return share_calc(k, c, FORMULA_PERCENT_OFF, e);
}

const char *const tax_members[] = {"percent", "of", NULL};

/* Without a list, a tax is on every taxable line before it; an earlier tax that is taxable is
 * one of them. */
void tax_parse(const struct tariff *t, const struct jnode *n, struct component *c)
{
    component_percent(n, "percent", 1000, &c->u.share.percent);
    c->u.share.of_taxable = !component_of(t, n, &c->u.share.of);
}

enum err_code tax_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    return share_calc(k, c, FORMULA_PERCENT, e);
}

const char *const rounding_members[] = {"step", "mode", NULL};

void rounding_parse(const struct tariff *t, const struct jnode *n, struct component *c)
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
