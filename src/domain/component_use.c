/* Components reckoned from the use itself: blocks, the surcharge above a limit, the subsidy up
 * to a level. */
#include <config.h>

#include "domain/component.h"

#include "base/i18n.h"
#include "domain/charged.h"

const char *const blocks_members[] = {
    "price", "blocks", "bounds",   "prorate_by_days", "reference_days", "prorate_step",
    "whole", "per_kw", "register", "credit",          "percent_of_use", NULL};

/* A meter's limit counts cubic metres, which such a tariff does not. */
static void limit_measures(const struct tariff *t, const struct jnode *n, const char *name)
{
    if (t->kind == METER_GAS && unit_is_energy(t->unit)) {
        (void)jfault(n, name,
                     _("the limit of a gas meter is in m3; a tariff in energy cannot charge by "
                       "it."));
    }
}

void blocks_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    c->u.blocks.quantity = QUANTITY_MAIN;
    (void)component_register(t, n, QUANTITY_REGISTER, t->unit, &c->u.blocks.quantity);
    (void)jread_bool(n, "credit", &c->u.blocks.credit);
    component_blocks(t, t->unit, n, &c->u.blocks.table);
    if (c->u.blocks.table.of_limit) {
        limit_measures(t, n, "bounds");
    }
    if (c->u.blocks.credit && c->u.blocks.quantity == QUANTITY_MAIN) {
        (void)jfault(n, "credit",
                     _("what is credited is counted by a register of its own: name it by "
                       "\"register\"."));
    }
    if (json_get(n->value, "percent_of_use") != NULL) {
        component_percent(n, "percent_of_use", 1000, &c->u.blocks.part);
        c->u.blocks.of_part = true;
    }
}

/* What a register or the whole use comes to for this component. */
static int64_t blocks_whole(const struct bill_calc *k, const struct component *c)
{
    size_t q = c->u.blocks.quantity;
    return q == QUANTITY_MAIN ? k->usage->consumption : k->usage->quantities[q];
}

static bool blocks_quantity(const struct bill_calc *k, const struct component *c, int64_t *out)
{
    *out = blocks_whole(k, c);
    return !c->u.blocks.of_part || calc_percent_of(*out, c->u.blocks.part, out);
}

static enum err_code limit_needed(const struct bill_calc *k, const struct component *c,
                                  const struct block_table *table, struct err *e)
{
    if (!table->of_limit || k->usage->has_limit) {
        return ERR_OK;
    }
    return err_set(e, ERR_STATE,
                   _("Component \"%s\" of tariff %s is reckoned by the meter's limit, and the "
                     "meter has none in this period; set one with: aforo limit set"),
                   c->id, k->t->code);
}

/* One line for each block in use; where nothing was used, the first block says so. */
enum err_code blocks_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    const struct block_table *table = &c->u.blocks.table;
    int64_t quantity = 0;
    TRY(limit_needed(k, c, table, e));
    if (!blocks_quantity(k, c, &quantity)) {
        return calc_overflow(k, c, e);
    }
    for (size_t i = 0; i < table->count; i++) {
        struct bill_line line = calc_block_line(k, c, table, i, quantity);
        if (!calc_block_applies(table, &line) && !(i == 0 && quantity == 0)) {
            continue;
        }
        if (c->u.blocks.of_part) {
            line.basis = BASIS_PART;
            line.basis_quantity = blocks_whole(k, c);
            line.basis_percent = c->u.blocks.part;
        }
        if (!calc_block_cost(k, table, &line)) {
            return calc_overflow(k, c, e);
        }
        if (c->u.blocks.credit) {
            line.exact = exact_neg(line.exact);
            line.formula = line.formula == FORMULA_USE ? FORMULA_CREDIT : FORMULA_AMOUNT_OFF;
        }
        TRY(calc_line(k, &line, e));
    }
    return ERR_OK;
}

const char *const surcharge_members[] = {"price",        "blocks",          "bounds",
                                         "tolerance",    "prorate_by_days", "reference_days",
                                         "prorate_step", "whole",           NULL};

void surcharge_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    for (size_t i = 0; i < t->component_count; i++) {
        if (t->components[i].type == COMPONENT_SURCHARGE) {
            (void)jfault(n, "type",
                         _("a tariff has one surcharge at most: a meter has one limit."));
        }
    }
    (void)jread_quantity(n, "tolerance", false, t->unit, &c->u.surcharge.tolerance);
    component_blocks(t, t->unit, n, &c->u.surcharge.table);
    limit_measures(t, n, "type");
}

/* Lines of the billable excess. With one price the formula shows limit and tolerance at work.
 */
static enum err_code surcharge_lines(struct bill_calc *k, const struct component *c,
                                     int64_t excess, int64_t tolerance, int64_t billable,
                                     struct err *e)
{
    const struct block_table *table = &c->u.surcharge.table;
    for (size_t i = 0; i < table->count; i++) {
        struct bill_line line = calc_block_line(k, c, table, i, billable);
        line.excess = excess;
        line.tolerance = tolerance;
        if (line.quantity == 0) {
            continue;
        }
        if (table->count == 1 && line.formula == FORMULA_USE) {
            line.formula = FORMULA_EXCESS;
        }
        if (!calc_block_cost(k, table, &line)) {
            return calc_overflow(k, c, e);
        }
        TRY(calc_line(k, &line, e));
    }
    return ERR_OK;
}

enum err_code surcharge_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    const struct usage *u = k->usage;
    if (!u->has_limit || u->consumption <= u->limit) {
        return ERR_OK;
    }
    static const struct proration for_period = {0};
    int64_t excess = u->consumption - u->limit;
    int64_t tolerance = calc_prorated(k, c->u.surcharge.tolerance, &for_period);
    int64_t billable = excess > tolerance ? excess - tolerance : 0;
    size_t first = k->count;
    TRY(surcharge_lines(k, c, excess, tolerance, billable, e));
    k->has_surcharge = true;
    k->surcharge = (struct surcharge_event){.consumption = u->consumption,
                                            .limit = u->limit,
                                            .excess = excess,
                                            .billable = billable};
    for (size_t i = first; i < k->count; i++) {
        TRY(money_add(k->surcharge.amount, k->lines[i].amount, &k->surcharge.amount, e));
    }
    return ERR_OK;
}

const char *const subsidy_members[] = {
    "of",           "up_to", "price", "percent", "prorate_by_days", "reference_days",
    "prorate_step", NULL};

/* A subsidised price above the full one would be a charge in disguise. */
static void subsidy_price_check(const struct jnode *n, const struct component *target,
                                struct decimal price)
{
    const struct block_table *table = target == NULL ? NULL : &target->u.blocks.table;
    if (target != NULL && target->type == COMPONENT_TIME_OF_USE) {
        (void)jfault(n, "price",
                     _("hours have prices of their own; a subsidy of them is a percentage."));
        return;
    }
    for (size_t i = 0; table != NULL && i < table->count; i++) {
        if (table->blocks[i].flat || decimal_cmp(table->blocks[i].price, price) < 0) {
            (void)jfault(n, "price",
                         _("a subsidised price needs blocks with a price for each unit, none "
                           "below the subsidised one."));
            return;
        }
    }
}

void subsidy_parse(struct tariff *t, const struct jnode *n, struct component *c)
{
    const char *of = NULL;
    const struct component *target = NULL;
    if (jread_slug(n, "of", &of)) {
        target = tariff_component(t, of);
        bool blocks =
            target != NULL && target->type == COMPONENT_BLOCKS && !target->u.blocks.credit;
        if (!blocks && (target == NULL || target->type != COMPONENT_TIME_OF_USE)) {
            (void)jfault(
                n, "of",
                _("no component of type \"blocks\" or \"time_of_use\" before this one has "
                  "the id \"%s\"."),
                of);
            target = NULL;
        }
    }
    (void)jread_quantity(n, "up_to", true, t->unit, &c->u.subsidy.up_to);
    component_proration(n, t->unit, &c->u.subsidy.proration);
    c->u.subsidy.by_price = json_get(n->value, "price") != NULL;
    if (c->u.subsidy.by_price && json_get(n->value, "percent") != NULL) {
        (void)jfault(n, NULL, _("a subsidy has either a price or percent, not both."));
    } else if (c->u.subsidy.by_price) {
        component_price(n, "price", &c->u.subsidy.value);
        subsidy_price_check(n, target, c->u.subsidy.value);
    } else {
        component_percent(n, "percent", 100, &c->u.subsidy.value);
    }
    c->u.subsidy.of = target == NULL ? 0 : (size_t)(target - t->components);
}

/* What the blocks cost for the first `quantity` of `used`; where one block is charged for all,
 * it is the one that `used` reaches. */
static bool table_cost(const struct bill_calc *k, const struct component *c, int64_t quantity,
                       int64_t used, struct exact *out)
{
    const struct block_table *table = &c->u.blocks.table;
    struct exact sum = exact_from_int(0);
    for (size_t i = 0; i < table->count; i++) {
        struct bill_line line = calc_block_line(k, c, table, i, table->whole ? used : quantity);
        line.quantity = table->whole && line.quantity > 0 ? quantity : line.quantity;
        if (calc_block_applies(table, &line) &&
            !(calc_block_cost(k, table, &line) && exact_add(sum, line.exact, &sum))) {
            return false;
        }
    }
    *out = sum;
    return true;
}

/* The use that a subsidy looks at: of the blocks, or of all hours together. */
static bool subsidised_use(const struct bill_calc *k, const struct component *target,
                           int64_t *out)
{
    if (target->type == COMPONENT_BLOCKS) {
        return blocks_quantity(k, target, out);
    }
    *out = 0;
    for (size_t i = 0; i < target->u.tou.count; i++) {
        const struct tou_period *p = &k->t->tou->periods[target->u.tou.prices[i].period];
        if (__builtin_add_overflow(*out, k->usage->quantities[p->quantity], out)) {
            return false;
        }
    }
    return true;
}

/* What the covered part of the use costs; of hours, each period has its share of it. */
static bool subsidised_cost(const struct bill_calc *k, const struct component *target,
                            int64_t covered, int64_t used, struct exact *out)
{
    size_t index = (size_t)(target - k->t->components);
    return target->type == COMPONENT_BLOCKS
               ? table_cost(k, target, covered, used, out)
               : calc_ratio(k->of_component[index], covered, used, out);
}

enum err_code subsidy_calc(struct bill_calc *k, const struct component *c, struct err *e)
{
    const struct component *target = &k->t->components[c->u.subsidy.of];
    const struct unit *unit = k->t->unit;
    int64_t used = 0;
    if (!subsidised_use(k, target, &used)) {
        return calc_overflow(k, c, e);
    }
    int64_t level = calc_prorated(k, c->u.subsidy.up_to, &c->u.subsidy.proration);
    int64_t covered = used < level ? used : level;
    if (covered == 0 || !calc_holds(k, target)) {
        return ERR_OK;
    }
    struct bill_line line = {.component = c,
                             .block = -1,
                             .formula = c->u.subsidy.by_price ? FORMULA_SUBSIDY_PRICE
                                                              : FORMULA_PERCENT_OFF,
                             .unit = unit,
                             .quantity = covered,
                             .price = c->u.subsidy.value};
    struct exact part = exact_from_int(0);
    bool ok = subsidised_cost(k, target, covered, used, &line.base);
    if (c->u.subsidy.by_price) {
        part = exact_product(covered, c->u.subsidy.value, unit->exponent);
        ok = ok && exact_sub(part, line.base, &line.exact);
    } else {
        ok = ok && exact_mul(line.base, exact_from_decimal(c->u.subsidy.value), &part) &&
             exact_shift(part, 2, &part);
        line.exact = exact_neg(part);
    }
    return ok ? calc_line(k, &line, e) : calc_overflow(k, c, e);
}
