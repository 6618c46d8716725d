/* Levies: what the bill collects for somebody else, as street lighting or the fire brigade. */
#include <config.h>

#include "domain/component.h"

#include "base/i18n.h"

const char *const levy_members[] = {"amount", "price", "percent", "of", "above",
                                    "up_to",  "min",   "max",     NULL};

static void levy_bounds(const struct jnode *n, struct component *c)
{
    c->u.levy.has_least = json_get(n->value, "min") != NULL;
    c->u.levy.has_most = json_get(n->value, "max") != NULL;
    if (c->u.levy.has_least) {
        component_price(n, "min", &c->u.levy.least);
    }
    if (c->u.levy.has_most) {
        component_price(n, "max", &c->u.levy.most);
    }
    if (c->u.levy.has_least && c->u.levy.has_most &&
        decimal_cmp(c->u.levy.least, c->u.levy.most) > 0) {
        (void)jfault(n, "max", _("the most is less than the least."));
    }
}

void levy_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    bool amount = json_get(n->value, "amount") != NULL;
    bool price = json_get(n->value, "price") != NULL;
    bool percent = json_get(n->value, "percent") != NULL;
    c->u.levy.above = -1;
    c->u.levy.up_to = INT64_MAX;
    if ((int)amount + (int)price + (int)percent != 1) {
        (void)jfault(n, NULL, _("a levy has one of \"amount\", \"price\" and \"percent\"."));
        return;
    }
    if (percent) {
        c->u.levy.kind = LEVY_PERCENT;
        component_percent(n, "percent", 1000, &c->u.levy.value);
        c->u.levy.of = component_of_or_all(t, n);
    } else {
        c->u.levy.kind = amount ? LEVY_AMOUNT : LEVY_PRICE;
        component_price(n, amount ? "amount" : "price", &c->u.levy.value);
        if (json_get(n->value, "of") != NULL) {
            (void)jfault(n, "of", _("only a percentage is of other components."));
        }
    }
    (void)jread_quantity(n, "above", false, t->unit, &c->u.levy.above);
    if (jread_quantity(n, "up_to", false, t->unit, &c->u.levy.up_to) && !price) {
        (void)jfault(n, "up_to", _("only a price is for a number of units."));
    }
    levy_bounds(n, c);
}

static bool levy_amount(const struct bill_calc *k, const struct component *c,
                        struct bill_line *line)
{
    static const struct proration for_period = {0};
    struct exact x = exact_from_int(0);
    int64_t up_to = calc_prorated(k, c->u.levy.up_to, &for_period);
    switch (c->u.levy.kind) {
    case LEVY_AMOUNT:
        line->formula = FORMULA_AMOUNT;
        return calc_part(k, exact_from_decimal(line->price), line);
    case LEVY_PRICE:
        line->formula = FORMULA_USE;
        line->unit = k->t->unit;
        line->quantity = k->usage->consumption < up_to ? k->usage->consumption : up_to;
        line->exact = exact_product(line->quantity, line->price, line->unit->exponent);
        return true;
    case LEVY_PERCENT:
        line->formula = FORMULA_PERCENT;
        return calc_sum_of(k, c->u.levy.of, &line->base) &&
               exact_mul(line->base, exact_from_decimal(line->price), &x) &&
               exact_shift(x, 2, &line->exact);
    }
    return false;
}

enum err_code levy_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    static const struct proration for_period = {0};
    struct bill_line line = {.component = c, .block = -1, .price = c->u.levy.value};
    if (c->u.levy.above >= 0 &&
        k->usage->consumption <= calc_prorated(k, c->u.levy.above, &for_period)) {
        return ERR_OK;
    }
    bool ok = levy_amount(k, c, &line);
    if (ok && c->u.levy.has_least) {
        ok = calc_bounded(k, &line, &c->u.levy.least, -1);
    }
    if (ok && c->u.levy.has_most) {
        ok = calc_bounded(k, &line, &c->u.levy.most, 1);
    }
    return ok ? calc_line(k, &line, e) : calc_overflow(k, c, e);
}
