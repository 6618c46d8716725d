/* The prices of a rate of URDB: tiers, fixed charges, demand. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "domain/urdb_parts.h"

/* A double holds 15 digits; what a program computed has more, and they mean nothing:
 * 0.08579999999999999 is 0.0858. */
static void noise_drop(struct decimal *d)
{
    unsigned digits = 0;
    for (int64_t m = d->mantissa; m != 0; m /= 10) {
        digits++;
    }
    if (digits > 15 && d->scale >= digits - 15) {
        int64_t unit = pow10_i64(digits - 15);
        int64_t half = d->mantissa < 0 ? -unit / 2 : unit / 2;
        d->mantissa = (d->mantissa + half) / unit; /* below 10^18: no overflow */
        d->scale = (uint8_t)(d->scale - (digits - 15));
        while (d->scale > 0 && d->mantissa % 10 == 0) {
            d->mantissa /= 10;
            d->scale--;
        }
    }
}

/* A number as the decimal that was written: the shortest text of a double is that. */
static bool number(const struct jnode *n, const char *name, unsigned decimals,
                   struct decimal *out)
{
    const struct json *x = name == NULL ? n->value : json_get(n->value, name);
    struct buf text;
    struct decimal d = {0, 0};
    if (x == NULL || x->type == JSON_NULL) {
        return false;
    }
    buf_init(&text, 64);
    bool sound = (x->type == JSON_INT || x->type == JSON_DOUBLE) &&
                 json_write_jcs(x, &text, NULL) == ERR_OK &&
                 decimal_parse(buf_str(&text), text.len, &d, NULL) == ERR_OK;
    noise_drop(&d);
    if (!sound) {
        (void)jfault(n, name, _("expected here: %s."), _("a number"));
    } else if (d.scale > decimals) {
        sound = jfault(n, name, _("%s has %u decimals; at most %u are allowed."),
                       buf_str(&text), d.scale, decimals);
    }
    buf_release(&text);
    *out = d;
    return sound;
}

bool urdb_whole(const struct conversion *v, const char *name, int64_t *out)
{
    struct decimal d = {0, 0};
    const struct json *x = json_get(v->root.value, name);
    if (x == NULL || (x->type != JSON_INT && x->type != JSON_DOUBLE) ||
        !number(&v->root, name, 0, &d)) {
        return false;
    }
    *out = d.mantissa;
    return true;
}

static void set_decimal(struct conversion *v, struct json *o, const char *name,
                        struct decimal d)
{
    struct buf text;
    buf_init(&text, 64);
    decimal_print(d, &text);
    urdb_check(v, !text.failed && json_set_str(v->arena, o, name, buf_str(&text)));
    buf_release(&text);
}

/* A component that is not yet in the list. */
static struct json *component_new(struct conversion *v, const char *type, const char *id,
                                  const char *es, const char *en)
{
    struct json *o = json_new_object(v->arena);
    urdb_check(v, o != NULL && json_set_str(v->arena, o, "type", type) &&
                      json_set_str(v->arena, o, "id", id));
    if (o != NULL) {
        urdb_set_label(v, o, "label", es, en);
    }
    return v->bad ? NULL : o;
}

static void component_add(struct conversion *v, struct json *o)
{
    urdb_check(v, o != NULL && json_push(v->arena, v->components, o));
}

/* --- tiers -------------------------------------------------------------------------------- */

/* rate + adj of a tier. */
static bool tier_price(const struct conversion *v, const struct jnode *tier,
                       struct decimal *out)
{
    struct decimal rate = {0, 0};
    struct decimal adj = {0, 0};
    bool sound = true;
    if (json_get(tier->value, "rate") != NULL) {
        sound = number(tier, "rate", TARIFF_PRICE_DECIMALS, &rate);
    }
    if (sound && json_get(tier->value, "adj") != NULL) {
        sound = number(tier, "adj", TARIFF_PRICE_DECIMALS, &adj);
    }
    const struct json *sell = json_get(tier->value, "sell");
    if (sell != NULL && !urdb_says_nothing(sell) && !urdb_left_out(v, "sell")) {
        sound = jfault(tier, "sell",
                       _("this cannot be expressed here; name it in --leave-out to do without "
                         "it."));
    }
    if (!sound || decimal_rescale(rate, TARIFF_PRICE_DECIMALS, &rate, NULL) != ERR_OK ||
        decimal_rescale(adj, TARIFF_PRICE_DECIMALS, &adj, NULL) != ERR_OK ||
        __builtin_add_overflow(rate.mantissa, adj.mantissa, &rate.mantissa)) {
        return sound && jfault(tier, "rate", _("%s is too large; it must be below 10^12."), "");
    }
    if (rate.mantissa < 0) {
        return jfault(tier, "rate", _("a price below zero cannot be expressed here."));
    }
    while (rate.scale > 0 && rate.mantissa % 10 == 0) {
        rate.mantissa /= 10;
        rate.scale--;
    }
    *out = rate;
    return true;
}

/* What the bounds of a period's tiers are: of the month, of each day, for each kW. */
struct tier_bounds {
    bool any, daily, per_kw;
};

/* The unit of a tier's bound, which is that of the tiers before it. */
static bool tier_unit(const struct jnode *tier, const char *unit, struct tier_bounds *bounds)
{
    const char *text = json_get_str(tier->value, "unit");
    struct tier_bounds b = {.any = true};
    char day[24];
    if (text == NULL && bounds->any) {
        return true;
    }
    (void)snprintf(day, sizeof day, "%s daily", unit);
    if (text != NULL && strcmp(unit, "kWh") == 0 && strncmp(text, "kWh/kW", 6) == 0) {
        b.per_kw = true;
        b.daily = strcmp(text, "kWh/kW daily") == 0;
    } else if (text != NULL) {
        b.daily = strcmp(text, day) == 0;
    }
    bool known = text == NULL || strcmp(text, unit) == 0 || b.daily ||
                 (b.per_kw && strcmp(text, "kWh/kW") == 0);
    bool same = !bounds->any || (b.daily == bounds->daily && b.per_kw == bounds->per_kw);
    *bounds = b;
    return (known && same) ||
           jfault(tier, "unit", _("bounds in \"%s\" cannot be expressed here."), text);
}

static void window_set(struct conversion *v, struct json *c)
{
    int64_t minutes = 15; /* URDB's default */
    (void)urdb_whole(v, "demandwindow", &minutes);
    urdb_check(v, c != NULL && json_set_int(v->arena, c, "minutes", minutes));
}

/* A structure's period as price or blocks of o. */
static void tiers_set(struct conversion *v, const struct jnode *period, const char *unit,
                      unsigned decimals, struct json *o)
{
    size_t count = period->value->type == JSON_ARRAY ? period->value->u.array.count : 0;
    struct json *blocks = json_new_array(v->arena);
    struct decimal from = {0, 0};
    struct decimal price = {0, 0};
    struct tier_bounds bounds = {0};
    if (count == 0 || count > TIERS_MAX) {
        (void)jfault(period, NULL, _("the list has %zu items; %zu to %zu are allowed."), count,
                     (size_t)1, (size_t)TIERS_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct jnode tier = jnode_item(period, i);
        struct decimal to = {0, 0};
        bool bounded = json_get(tier.value, "max") != NULL;
        struct json *b = json_new_object(v->arena);
        if (!jread_object(&tier) || !tier_unit(&tier, unit, &bounds) ||
            !tier_price(v, &tier, &price) ||
            (bounded && !number(&tier, "max", decimals, &to))) {
            return;
        }
        if (bounded == (i + 1 == count)) {
            (void)jfault(&tier, "max",
                         bounded ? _("the last block has no upper bound; take it "
                                     "out.")
                                 : _("the member is missing."));
            return;
        }
        if (count == 1) {
            set_decimal(v, o, "price", price);
            return;
        }
        urdb_check(v, b != NULL && blocks != NULL);
        if (v->bad) {
            return;
        }
        set_decimal(v, b, "from", from);
        if (bounded) {
            set_decimal(v, b, "to", to);
        }
        set_decimal(v, b, "price", price);
        urdb_check(v, json_push(v->arena, blocks, b));
        from = to;
    }
    urdb_check(v, json_set(v->arena, o, "blocks", blocks));
    if (bounds.per_kw) {
        struct json *power = json_new_object(v->arena);
        window_set(v, power);
        urdb_check(v, power != NULL && json_set(v->arena, o, "per_kw", power));
    }
    if (bounds.daily) {
        urdb_check(v, json_set_bool(v->arena, o, "prorate_by_days", true) &&
                          json_set_int(v->arena, o, "reference_days", 1));
    }
}

/* --- components --------------------------------------------------------------------------- */

/* A charge in $/month or $/day; 0 is no charge. */
static bool charge(const struct conversion *v, const char *name, const char *units,
                   struct decimal *out, bool *per_day)
{
    const char *unit = json_get_str(v->root.value, units);
    if (urdb_left_out(v, name) || json_get(v->root.value, name) == NULL ||
        !number(&v->root, name, TARIFF_PRICE_DECIMALS, out) || out->mantissa == 0) {
        return false;
    }
    *per_day = unit != NULL && strcmp(unit, "$/day") == 0;
    if (out->mantissa < 0) {
        return jfault(&v->root, name, _("a price below zero cannot be expressed here."));
    }
    return *per_day || unit == NULL || strcmp(unit, "$/month") == 0 ||
           jfault(&v->root, units, _("a charge in \"%s\" cannot be expressed here."), unit);
}

void fixed_convert(struct conversion *v)
{
    struct decimal price = {0, 0};
    bool per_day = false;
    bool first = json_get(v->root.value, "fixedchargefirstmeter") != NULL;
    if (!charge(v, first ? "fixedchargefirstmeter" : "fixedmonthlycharge", "fixedchargeunits",
                &price, &per_day)) {
        return;
    }
    struct json *c = component_new(v, "fixed", "fixed", "Cargo fijo", "Fixed charge");
    if (c != NULL) {
        urdb_check(v, json_set_str(v->arena, c, "per", per_day ? "day" : "period"));
        set_decimal(v, c, "price", price);
        component_add(v, c);
    }
}

void minimum_convert(struct conversion *v)
{
    struct decimal amount = {0, 0};
    bool per_day = false;
    if (!charge(v, "mincharge", "minchargeunits", &amount, &per_day)) {
        return;
    }
    struct json *c = component_new(v, "minimum", "minimum", "Mínimo", "Minimum");
    if (c != NULL) {
        set_decimal(v, c, "amount", amount);
        urdb_check(v, !per_day || (json_set_bool(v->arena, c, "prorate_by_days", true) &&
                                   json_set_int(v->arena, c, "reference_days", 1)));
        component_add(v, c);
    }
}

/* An adjustment of the price in some months: below zero it is taken off. */
static void fuel_add(struct conversion *v, size_t nth, struct decimal price,
                     struct json *months)
{
    char id[32];
    bool less = price.mantissa < 0;
    (void)snprintf(id, sizeof id, "fuel%zu", nth);
    struct json *c = component_new(v, less ? "discount" : "blocks", id, "Ajuste de combustible",
                                   "Fuel adjustment");
    if (c == NULL) {
        return;
    }
    price.mantissa = less ? -price.mantissa : price.mantissa;
    set_decimal(v, c, "price", price);
    if (months->u.array.count < 12) {
        urdb_check(v, json_set(v->arena, c, "months", months));
    }
    component_add(v, c);
}

/* Source: OpenEI URDB, fueladjustmentsmonthly: 12 prices by kWh, January to December. */
void fuel_convert(struct conversion *v)
{
    struct jnode list;
    struct decimal price[12] = {{0, 0}};
    bool done[12] = {false};
    size_t nth = 0;
    if (json_get(v->root.value, "fueladjustmentsmonthly") == NULL ||
        urdb_left_out(v, "fueladjustmentsmonthly") ||
        !jread_array(&v->root, "fueladjustmentsmonthly", true, 12, 12, &list)) {
        return;
    }
    for (size_t m = 0; m < 12; m++) {
        struct jnode one = jnode_item(&list, m);
        if (one.value->type != JSON_NULL &&
            !number(&one, NULL, TARIFF_PRICE_DECIMALS, &price[m])) {
            return;
        }
    }
    for (size_t m = 0; m < 12; m++) {
        struct json *months = json_new_array(v->arena);
        urdb_check(v, months != NULL);
        for (size_t k = m; months != NULL && k < 12; k++) {
            if (!done[k] && decimal_cmp(price[k], price[m]) == 0) {
                urdb_check(v,
                           json_push(v->arena, months, json_new_int(v->arena, (int64_t)k + 1)));
                done[k] = k != m;
            }
        }
        if (!done[m] && price[m].mantissa != 0 && months != NULL) {
            fuel_add(v, ++nth, price[m], months);
        }
    }
}

void energy_convert(struct conversion *v, const struct jnode *list, size_t count)
{
    struct json *prices = json_new_array(v->arena);
    struct json *c =
        component_new(v, v->hours ? "time_of_use" : "blocks", "energy", "Energía", "Energy");
    if (count == 0 || c == NULL) {
        return;
    }
    if (!v->hours) {
        struct jnode period = jnode_item(list, v->pair_count > 0 ? v->pairs[0].energy : 0);
        tiers_set(v, &period, "kWh", 3, c);
        component_add(v, c);
        return;
    }
    for (size_t i = 0; i < v->pair_count; i++) {
        struct jnode period = jnode_item(list, v->pairs[i].energy);
        struct json *p = json_new_object(v->arena);
        urdb_check(v, p != NULL && prices != NULL &&
                          json_set_str(v->arena, p, "period", v->pairs[i].id));
        if (v->bad) {
            return;
        }
        tiers_set(v, &period, "kWh", 3, p);
        urdb_check(v, json_push(v->arena, prices, p));
    }
    urdb_check(v, json_set(v->arena, c, "periods", prices));
    component_add(v, c);
}

/* No tier of the period costs anything. */
static bool free_of_charge(const struct json *period)
{
    for (size_t i = 0; period->type == JSON_ARRAY && i < period->u.array.count; i++) {
        const struct json *rate = json_get(period->u.array.items[i], "rate");
        const struct json *adj = json_get(period->u.array.items[i], "adj");
        if ((rate != NULL && !urdb_says_nothing(rate)) ||
            (adj != NULL && !urdb_says_nothing(adj))) {
            return false;
        }
    }
    return true;
}

/* Prices of demand are for each kW and month here; another unit is another price. */
static bool demand_unit(struct conversion *v, const char *name)
{
    const char *unit = json_get_str(v->root.value, name);
    return unit == NULL || strcmp(unit, "kW") == 0 || urdb_left_out(v, name) ||
           jfault(&v->root, name, _("a demand in \"%s\" cannot be expressed here."), unit);
}

void demand_convert(struct conversion *v, const struct jnode *list, size_t count)
{
    if (count > 0 &&
        (!demand_unit(v, "demandrateunit") || !demand_unit(v, "demandrateunits"))) {
        return;
    }
    for (size_t d = 0; d < count; d++) {
        struct jnode period = jnode_item(list, d);
        struct json *ids = json_new_array(v->arena);
        char id[32];
        size_t used = 0;
        (void)snprintf(id, sizeof id, "demand%zu", d + 1);
        for (size_t i = 0; i < v->pair_count && ids != NULL; i++) {
            if (v->pairs[i].demand == d) {
                urdb_check(v,
                           json_push(v->arena, ids, json_new_string(v->arena, v->pairs[i].id)));
                used++;
            }
        }
        if (used == 0 || free_of_charge(period.value)) {
            continue;
        }
        struct json *c = component_new(v, "demand", id, "Demanda", "Demand");
        if (c == NULL) {
            return;
        }
        window_set(v, c);
        if (v->hours && used < v->pair_count) {
            urdb_check(v, json_set(v->arena, c, "periods", ids));
        }
        tiers_set(v, &period, "kW", 3, c);
        component_add(v, c);
    }
}

/* Months in which a period of the flat demand holds. */
static struct json *flat_months(struct conversion *v, size_t index, size_t periods,
                                size_t *count)
{
    struct jnode months = jnode_member(&v->root, "flatdemandmonths");
    struct json *list = json_new_array(v->arena);
    *count = 0;
    for (size_t m = 0; list != NULL && m < 12; m++) {
        int64_t at = 0;
        if (months.value != NULL) {
            const struct json *x =
                months.value->type == JSON_ARRAY && months.value->u.array.count == 12
                    ? months.value->u.array.items[m]
                    : NULL;
            if (x == NULL || x->type != JSON_INT || x->u.integer < 0 ||
                x->u.integer >= (int64_t)periods) {
                (void)jfault(&months, NULL, _("expected here: 12 numbers of periods."));
                return list;
            }
            at = x->u.integer;
        }
        if ((size_t)at == index) {
            urdb_check(v, json_push(v->arena, list, json_new_int(v->arena, (int64_t)m + 1)));
            (*count)++;
        }
    }
    return list;
}

/* A member whose name is written in two ways. */
static const struct json *lookback(const struct conversion *v, const char *lower,
                                   const char *mixed)
{
    const struct json *x = json_get(v->root.value, lower);
    x = x != NULL ? x : json_get(v->root.value, mixed);
    return x == NULL || urdb_says_nothing(x) ? NULL : x;
}

/* The months that a look-back names. */
static bool lookback_months(struct conversion *v, const struct json *list, struct json *ratchet)
{
    struct json *of = json_new_array(v->arena);
    bool sound = list->type == JSON_ARRAY && list->u.array.count == 12;
    for (size_t m = 0; sound && of != NULL && m < 12; m++) {
        const struct json *x = list->u.array.items[m];
        sound = x->type == JSON_TRUE || x->type == JSON_FALSE || x->type == JSON_INT;
        if (x->type == JSON_TRUE || (x->type == JSON_INT && x->u.integer != 0)) {
            urdb_check(v, json_push(v->arena, of, json_new_int(v->arena, (int64_t)m + 1)));
        }
    }
    urdb_check(v, of != NULL && json_set(v->arena, ratchet, "of_months", of));
    return sound || jfault(&v->root, "lookbackmonths",
                           _("expected here: 12 months, true or "
                             "false."));
}

/*
 * At least a part of the highest demand of the months before: of so many, or of those named, as
 * they were last.
 * Source: OpenEI URDB, lookbackPercent (a fraction), lookbackRange, lookbackMonths.
 */
static void ratchet_set(struct conversion *v, struct json *c)
{
    const struct json *percent = lookback(v, "lookbackpercent", "lookbackPercent");
    const struct json *range = lookback(v, "lookbackrange", "lookbackRange");
    const struct json *months = lookback(v, "lookbackmonths", "lookbackMonths");
    struct decimal part = {0, 0};
    struct json *ratchet = json_new_object(v->arena);
    if (percent == NULL || urdb_left_out(v, "lookbackpercent")) {
        return;
    }
    urdb_check(v, ratchet != NULL);
    struct jnode at = jnode_member(&v->root, json_get(v->root.value, "lookbackpercent") != NULL
                                                 ? "lookbackpercent"
                                                 : "lookbackPercent");
    if (v->bad || !number(&at, NULL, TARIFF_PERCENT_DECIMALS - 2, &part)) {
        return;
    }
    if (decimal_rescale(part, TARIFF_PERCENT_DECIMALS, &part, NULL) != ERR_OK ||
        part.mantissa < 0 || part.mantissa > pow10_i64(TARIFF_PERCENT_DECIMALS)) {
        (void)jfault(&at, NULL, _("expected here: %s."), _("a part, from 0 to 1"));
        return;
    }
    part.scale -= 2;
    set_decimal(v, ratchet, "percent", part);
    if (range == NULL && (months == NULL || !lookback_months(v, months, ratchet))) {
        (void)jfault(&at, NULL, _("the rate does not say of which months."));
        return;
    }
    urdb_check(v,
               json_set_int(v->arena, ratchet, "months",
                            range != NULL && range->type == JSON_INT ? range->u.integer : 12) &&
                   json_set(v->arena, c, "ratchet", ratchet));
}

void flat_convert(struct conversion *v)
{
    struct jnode list;
    size_t periods = urdb_structure(v, "flatdemandstructure", &list);
    if (periods > 0 &&
        (!demand_unit(v, "flatdemandunit") || !demand_unit(v, "flatdemandunits"))) {
        return;
    }
    if (periods == 0 && lookback(v, "lookbackpercent", "lookbackPercent") != NULL &&
        !urdb_left_out(v, "lookbackpercent")) {
        (void)jfault(&v->root, "lookbackpercent",
                     _("this cannot be expressed here; name it in --leave-out to do without "
                       "it."));
    }
    for (size_t i = 0; i < periods; i++) {
        struct jnode period = jnode_item(&list, i);
        size_t months = 0;
        char id[32];
        struct json *when = flat_months(v, i, periods, &months);
        if (months == 0 || free_of_charge(period.value)) {
            continue;
        }
        (void)snprintf(id, sizeof id, "flat_demand%zu", i + 1);
        struct json *c = component_new(v, "demand", id, "Demanda máxima", "Maximum demand");
        if (c == NULL) {
            return;
        }
        window_set(v, c);
        ratchet_set(v, c);
        if (months < 12) {
            urdb_check(v, json_set(v->arena, c, "months", when));
        }
        tiers_set(v, &period, "kW", 3, c);
        component_add(v, c);
    }
}
