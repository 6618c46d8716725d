#include <config.h>

#include "domain/component.h"

#include "base/i18n.h"
#include "domain/charged.h"

/* Charges are taxable unless they say otherwise; a tax is not, and the coin has none after it.
 */
#define COMPONENT_TAX_BY_DEFAULT(ID)                                                           \
    (COMPONENT_##ID != COMPONENT_TAX && COMPONENT_##ID != COMPONENT_ROUNDING)

const struct component_def component_defs[COMPONENT_TYPE_COUNT] = {
#define COMPONENT(ID, name)                                                                    \
    [COMPONENT_##ID] = {#name, name##_members, COMPONENT_TAX_BY_DEFAULT(ID), name##_parse,     \
                        name##_calc},
#include "domain/components.def"
#undef COMPONENT
};

const char *component_type_name(enum component_type type)
{
    CHECK(type < COMPONENT_TYPE_COUNT);
    return component_defs[type].name;
}

void component_price(const struct jnode *n, const char *name, struct decimal *out)
{
    (void)jread_decimal(n, name, true, TARIFF_PRICE_DECIMALS, out);
}

void component_percent(const struct jnode *n, const char *name, int64_t most,
                       struct decimal *out)
{
    if (jread_decimal(n, name, true, TARIFF_PERCENT_DECIMALS, out) &&
        decimal_cmp(*out, (struct decimal){most, 0}) > 0) {
        (void)jfault(n, name, _("at most %lld percent are allowed here."), (long long)most);
    }
}

bool component_of(const struct tariff *t, const struct jnode *n, uint64_t *out)
{
    struct jnode list;
    if (!jread_array(n, "of", false, 1, TARIFF_COMPONENTS_MAX, &list)) {
        return false;
    }
    bool sound = true;
    *out = 0;
    for (size_t i = 0; i < list.value->u.array.count; i++) {
        struct jnode item = jnode_item(&list, i);
        if (item.value->type != JSON_STRING) {
            sound = jfault(&item, NULL, _("expected here: %s."),
                           _("the id of a component in quotes"));
            continue;
        }
        const struct component *c = tariff_component(t, item.value->u.string.data);
        if (c == NULL) {
            sound = jfault(&item, NULL, _("no component before this one has that id."));
            continue;
        }
        uint64_t bit = (uint64_t)1 << (size_t)(c - t->components);
        if ((*out & bit) != 0) {
            sound = jfault(&item, NULL, _("the component is listed twice."));
        }
        *out |= bit;
    }
    return sound;
}

void component_rounding(const struct jnode *n, const struct currency *currency,
                        bool step_required, enum rounding *mode, int64_t *step_minor)
{
    static const char *const modes[] = {"half_up", "half_even", "down", "up"};
    static const enum rounding values[] = {ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN,
                                           ROUND_UP};
    size_t choice = 0;
    struct decimal step = {0, 0}, minor = {0, 0};
    if (jread_choice(n, "mode", false, modes, 4, &choice)) {
        *mode = values[choice];
    }
    if (!jread_decimal(n, "step", step_required, TARIFF_PRICE_DECIMALS, &step)) {
        return;
    }
    if (decimal_rescale(step, currency->digits, &minor, NULL) != ERR_OK || minor.mantissa < 1) {
        (void)jfault(n, "step", _("the step is not a multiple of the smallest amount of %s."),
                     currency->code);
        return;
    }
    *step_minor = minor.mantissa;
}

#define BOUND_UNKNOWN                                                                          \
    INT64_MAX /* the block before has a faulty end: where this one starts cannot be judged */

/* How the bounds of a list of blocks are written. */
struct bounds {
    const struct unit *unit;
    bool inclusive; /* the next block starts one unit later */
    bool of_limit;  /* percent of the meter's limit */
};

/* A bound: a quantity in smallest units, or hundredths of a percent. */
static bool bound_read(const struct jnode *n, const char *name, const struct bounds *how,
                       int64_t *out)
{
    struct decimal percent = {0, 0};
    if (!how->of_limit) {
        return jread_quantity(n, name, true, how->unit, out);
    }
    if (!jread_decimal(n, name, true, 2, &percent) ||
        decimal_rescale(percent, 2, &percent, NULL) != ERR_OK) {
        return false;
    }
    *out = percent.mantissa;
    return true;
}

static void block_start(const struct jnode *n, const struct bounds *how, int64_t end)
{
    int64_t unit = pow10_i64(how->unit->exponent);
    int64_t start = 0;
    bool inclusive = how->inclusive;
    bool first = n->index == 0;
    if (!bound_read(n, "from", how, &start) || end == BOUND_UNKNOWN) {
        return;
    }
    int64_t expected = inclusive && !first ? end + unit : end;
    if (start < expected) {
        (void)jfault(n, "from", _("this block overlaps the one before it."));
    } else if (start > expected && !(inclusive && first && start == unit)) {
        (void)jfault(n, "from",
                     _("there is a gap before this block: nothing has a price there."));
    }
}

/* The end of a block that is not the last, which must lie above `end`, the end of the block
 * before. */
static int64_t block_end(const struct jnode *n, const struct bounds *how, int64_t end)
{
    int64_t to = BOUND_UNKNOWN;
    if (!bound_read(n, "to", how, &to)) {
        return BOUND_UNKNOWN;
    }
    if (end != BOUND_UNKNOWN && to <= end) {
        (void)jfault(n, "to", _("the block ends where it starts, or before."));
        return BOUND_UNKNOWN;
    }
    if (how->inclusive && to % pow10_i64(how->unit->exponent) != 0) {
        (void)jfault(n, "to", _("with inclusive bounds each block ends at a whole unit."));
        return BOUND_UNKNOWN;
    }
    return to;
}

static void block_price(const struct jnode *n, struct block *b)
{
    b->flat = json_get(n->value, "amount") != NULL;
    if (b->flat && json_get(n->value, "price") != NULL) {
        (void)jfault(n, NULL,
                     _("a block has either a price for each unit or an amount for all of it, "
                       "not both."));
    }
    component_price(n, b->flat ? "amount" : "price", &b->price);
}

static void block_list(const struct jnode *list, const struct bounds *how,
                       struct block_table *out)
{
    static const char *const members[] = {"from", "to", "price", "amount", NULL};
    size_t count = list->value->u.array.count;
    out->blocks = arena_array(list->arena, count, sizeof(*out->blocks));
    if (out->blocks == NULL) {
        list->faults->nomem = true;
        return;
    }
    out->count = count;
    int64_t end = 0;
    for (size_t i = 0; i < count; i++) {
        struct jnode item = jnode_item(list, i);
        struct block *b = &out->blocks[i];
        b->from = end;
        b->to = INT64_MAX;
        end = BOUND_UNKNOWN;
        if (!jread_object(&item)) {
            continue;
        }
        jread_only(&item, members, NULL);
        block_start(&item, how, b->from);
        block_price(&item, b);
        if (i + 1 < count) {
            b->to = end = block_end(&item, how, b->from);
        } else if (json_get(item.value, "to") != NULL) {
            (void)jfault(&item, "to", _("the last block has no upper bound; take it out."));
        }
    }
}

static void single_price(const struct jnode *n, struct block_table *out)
{
    out->blocks = ARENA_NEW(n->arena, struct block);
    if (out->blocks == NULL) {
        n->faults->nomem = true;
        return;
    }
    out->count = 1;
    out->blocks[0].to = INT64_MAX;
    component_price(n, "price", &out->blocks[0].price);
}

/* Bounds for each kW of a power: "the first 200 kWh per kW". */
static void block_power(struct tariff *t, const struct jnode *n, struct block_table *out)
{
    static const char *const members[] = {"minutes", "period", "periods", "register", NULL};
    struct jnode power = jnode_member(n, "per_kw");
    if (power.value == NULL || !jread_object(&power)) {
        return;
    }
    jread_only(&power, members, NULL);
    if (t->kind != METER_ENERGY || !unit_is_energy(out->unit)) {
        (void)jfault(n, "per_kw", _("only blocks of energy can be for each kW."));
    } else if (json_get(n->value, "bounds") != NULL) {
        (void)jfault(n, "per_kw", _("bounds for each kW are exact; take \"bounds\" out."));
    } else {
        out->per_kw = component_power(t, &power, &out->kw);
    }
}

/* What says how the bounds are meant has no sense beside a single price. */
static void single_check(const struct jnode *n)
{
    static const char *const of_blocks[] = {"bounds", "prorate_by_days", "whole", "per_kw"};
    for (size_t i = 0; i < sizeof of_blocks / sizeof of_blocks[0]; i++) {
        if (json_get(n->value, of_blocks[i]) != NULL) {
            (void)jfault(n, of_blocks[i],
                         _("bounds and proration belong to blocks; a single price has none."));
        }
    }
}

void component_blocks(struct tariff *t, const struct unit *unit, const struct jnode *n,
                      struct block_table *out)
{
    static const char *const bounds[] = {"exact", "inclusive", "limit_percent"};
    struct jnode list;
    size_t choice = 0;
    out->unit = unit;
    (void)jread_choice(n, "bounds", false, bounds, 3, &choice);
    out->of_limit = choice == 2;
    component_proration(n, unit, &out->proration);
    (void)jread_bool(n, "whole", &out->whole);
    block_power(t, n, out);
    if (json_get(n->value, "blocks") == NULL) {
        single_check(n);
        single_price(n, out);
        return;
    }
    if (json_get(n->value, "price") != NULL) {
        (void)jfault(n, "price", _("a component has either one price or blocks, not both."));
    }
    if (out->of_limit && out->proration.by_days) {
        (void)jfault(n, "prorate_by_days",
                     _("the limit is for the period; percent of it are not prorated again."));
    }
    if (jread_array(n, "blocks", true, 1, TARIFF_BLOCKS_MAX, &list)) {
        struct bounds how = {unit, choice == 1, choice == 2};
        block_list(&list, &how, out);
    }
}

enum err_code calc_overflow(const struct bill_calc *k, const struct component *c, struct err *e)
{
    return err_set(e, ERR_RANGE,
                   _("The amount of component \"%s\" of tariff %s is too large to be computed "
                     "exactly; check the "
                     "consumption and the prices."),
                   c->id, k->t->code);
}

enum err_code calc_line(struct bill_calc *k, const struct bill_line *line, struct err *e)
{
    const struct tariff *t = k->t;
    CHECK(k->count < t->line_max);
    struct bill_line *out = &k->lines[k->count];
    *out = *line;
    if (line->block < 0) {
        out->to = INT64_MAX;
    }
    if (!exact_round(line->exact, t->currency->digits, t->step_minor, t->rounding,
                     &out->amount.minor)) {
        return calc_overflow(k, line->component, e);
    }
    struct exact counted = t->level == ROUND_EACH_LINE
                               ? exact_from_minor(out->amount.minor, t->currency->digits)
                               : line->exact;
    size_t index = (size_t)(line->component - t->components);
    if (!exact_add(k->of_component[index], counted, &k->of_component[index]) ||
        !exact_add(k->sum, counted, &k->sum) ||
        (line->component->taxable && !exact_add(k->taxable_sum, counted, &k->taxable_sum))) {
        return calc_overflow(k, line->component, e);
    }
    k->count++;
    return ERR_OK;
}

bool calc_sum_of(const struct bill_calc *k, uint64_t of, struct exact *out)
{
    bool ok = true;
    *out = exact_from_int(0);
    for (size_t i = 0; i < k->t->component_count; i++) {
        if ((of >> i & 1) != 0) {
            ok = ok && exact_add(*out, k->of_component[i], out);
        }
    }
    return ok;
}

/* A bound of a block for this bill. */
static int64_t block_bound(const struct bill_calc *k, const struct block_table *table,
                           int64_t bound)
{
    if (bound == INT64_MAX || (!table->of_limit && !table->per_kw)) {
        return calc_prorated(k, bound, &table->proration);
    }
    if (table->per_kw) {
        int128 of_power =
            div_round128((int128)bound * k->usage->quantities[table->kw], 1000, ROUND_HALF_UP);
        return of_power > INT64_MAX ? INT64_MAX
                                    : calc_prorated(k, (int64_t)of_power, &table->proration);
    }
    int64_t unit = pow10_i64(table->unit->exponent);
    int128 level =
        div_round128((int128)k->usage->limit * bound, (int128)10000 * unit, ROUND_HALF_UP) *
        unit;
    return level > INT64_MAX ? INT64_MAX : (int64_t)level;
}

struct bill_line calc_block_line(const struct bill_calc *k, const struct component *c,
                                 const struct block_table *table, size_t i, int64_t quantity)
{
    const struct block *b = &table->blocks[i];
    struct bill_line line = {.component = c,
                             .block = (int32_t)i,
                             .formula = b->flat ? FORMULA_AMOUNT : FORMULA_USE,
                             .unit = table->unit,
                             .from = block_bound(k, table, b->from),
                             .to = block_bound(k, table, b->to),
                             .price = b->price};
    if (table->whole) {
        line.quantity = quantity > line.from && quantity <= line.to ? quantity : 0;
    } else if (quantity > line.from) {
        line.quantity = (quantity < line.to ? quantity : line.to) - line.from;
    }
    return line;
}

bool calc_block_applies(const struct block_table *table, const struct bill_line *line)
{
    return line->quantity > 0 || (line->block == 0 && table->blocks[0].flat && !table->whole);
}

bool calc_block_cost(const struct bill_calc *k, const struct block_table *table,
                     struct bill_line *line)
{
    if (table->blocks[line->block].flat) {
        return calc_part(k, exact_from_decimal(line->price), line);
    }
    line->exact = exact_product(line->quantity, line->price, line->unit->exponent);
    return true;
}
