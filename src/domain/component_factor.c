/* A charge for a low power factor, and what a good one takes off. */
#include <config.h>

#include "domain/component.h"

#include "base/i18n.h"

#define FACTOR_ONE 10000 /* a power factor of 1, in hundredths of a percent */

const char *const power_factor_members[] = {"register",    "target", "penalty",
                                            "penalty_max", "bonus",  "bonus_max",
                                            "decimals",    "of",     NULL};

static void factor_percent(const struct jnode *n, const char *name, struct decimal *out)
{
    if (json_get(n->value, name) != NULL) {
        component_percent(n, name, 1000, out);
    }
}

void power_factor_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    struct decimal target = {0, 0};
    c->u.factor.of = component_of_or_all(t, n);
    c->u.factor.penalty_most = c->u.factor.bonus_most = (struct decimal){1000, 0};
    c->u.factor.decimals = 1;
    if (t->kind != METER_ENERGY) {
        (void)jfault(n, "type", _("only meters of energy measure reactive energy."));
        return;
    }
    if (!component_register(t, n, QUANTITY_REGISTER, unit_find("kvarh"),
                            &c->u.factor.quantity) &&
        json_get(n->value, "register") == NULL) {
        (void)jfault(n, "register", _("the member is missing."));
    }
    if (jread_decimal(n, "target", true, 2, &target) &&
        (decimal_rescale(target, 2, &target, NULL) != ERR_OK || target.mantissa < 1 ||
         target.mantissa > FACTOR_ONE)) {
        (void)jfault(n, "target", _("at most %lld percent are allowed here."), 100LL);
    }
    c->u.factor.target = target.mantissa;
    component_percent(n, "penalty", 1000, &c->u.factor.penalty);
    factor_percent(n, "bonus", &c->u.factor.bonus);
    factor_percent(n, "penalty_max", &c->u.factor.penalty_most);
    factor_percent(n, "bonus_max", &c->u.factor.bonus_most);
    (void)jread_int(n, "decimals", false, 0, 6, &c->u.factor.decimals);
}

/* Active by apparent energy, in hundredths of a percent, half up. 0 without any energy. */
static int64_t factor_of(int64_t active, int64_t reactive)
{
    const int64_t most = (int64_t)1 << 44; /* so that its square fits four times 10^8 */
    while (active > most || reactive > most) {
        active /= 2;
        reactive /= 2;
    }
    int128 apparent = (int128)active * active + (int128)reactive * reactive;
    if (apparent == 0) {
        return 0;
    }
    int128 square = (int128)active * active * 4 * FACTOR_ONE * FACTOR_ONE / apparent;
    int64_t twice = 0; /* twice the factor, for the half */
    for (int64_t low = 0, high = 2 * FACTOR_ONE; low <= high;) {
        int64_t middle = low + (high - low) / 2;
        if ((int128)middle * middle <= square) {
            twice = middle;
            low = middle + 1;
        } else {
            high = middle - 1;
        }
    }
    return (twice + 1) / 2;
}

/*
 * Below the target: penalty x (target / factor - 1) percent of the base; above it bonus x (1 -
 * target / factor) is taken off.
 * Source: Mexico, CFE's "cargo o bonificacion por factor de potencia": 3/5 x (90 / FP - 1) x
 * 100, at most 120 %; 1/4 x (1 - 90 / FP) x 100, at most 2.5 %; both to one decimal.
 */
enum err_code power_factor_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    int64_t factor =
        factor_of(k->usage->consumption, k->usage->quantities[c->u.factor.quantity]);
    int64_t target = c->u.factor.target;
    bool low = factor < target;
    struct decimal rate = low ? c->u.factor.penalty : c->u.factor.bonus;
    struct decimal most = low ? c->u.factor.penalty_most : c->u.factor.bonus_most;
    struct bill_line line = {.component = c,
                             .block = -1,
                             .formula = low ? FORMULA_PERCENT : FORMULA_PERCENT_OFF,
                             .basis = BASIS_POWER_FACTOR,
                             .basis_percent = {factor, 2}};
    struct exact x = exact_from_decimal(rate);
    int64_t percent = 0;
    if (factor == 0) {
        return ERR_OK;
    }
    bool ok = calc_ratio(x, low ? target - factor : factor - target, factor, &x) &&
              exact_round(x, (unsigned)c->u.factor.decimals, 1, ROUND_HALF_UP, &percent);
    line.price = (struct decimal){percent, (uint8_t)c->u.factor.decimals};
    line.price = decimal_cmp(line.price, most) > 0 ? most : line.price;
    if (ok && line.price.mantissa == 0) {
        return ERR_OK;
    }
    ok = ok && calc_sum_of(k, c->u.factor.of, &line.base) &&
         exact_mul(line.base, exact_from_decimal(line.price), &line.exact) &&
         exact_shift(line.exact, 2, &line.exact);
    if (!low) {
        line.exact = exact_neg(line.exact);
    }
    return ok ? calc_line(k, &line, e) : calc_overflow(k, c, e);
}
