#include <config.h>

#include "domain/urdb.h"

#include <stdio.h>
#include <string.h>

#include "base/caltime.h"
#include "base/i18n.h"
#include "domain/tariff.h"

/* Members that say nothing about what is to be paid, and those that are converted. */
static const char *const known[] = {
    "label", "uri", "utility", "name", "sector", "description", "source", "sourceparent",
    "basicinformationcomments", "energycomments", "demandcomments", "approved", "is_default",
    "startdate", "enddate", "country", "eiaid", "servicetype", "supercedes", "supersedes",
    "revisions", "voltagecategory", "voltageminimum", "voltagemaximum", "phasewiring",
    "peakkwcapacitymin", "peakkwcapacitymax", "peakkwcapacityhistory", "peakkwhusagemin",
    "peakkwhusagemax", "peakkwhusagehistory", "demandunits", "flatdemandunit",
    "flatdemandunits", "demandrateunit", "demandrateunits", "dgrules", "energyattrs",
    "fixedattrs", "demandattrs", "latest_update", "fixedchargefirstmeter", "fixedchargeunits",
    "mincharge", "minchargeunits", "energyratestructure", "energyweekdayschedule",
    "energyweekendschedule", "demandratestructure", "demandweekdayschedule",
    "demandweekendschedule", "flatdemandstructure", "flatdemandmonths", "demandwindow", NULL};

#define TIERS_MAX TARIFF_BLOCKS_MAX
#define STRUCTURE_MAX 64 /* periods of a structure */

/* A pair of an energy and a demand period that some hour of the year has. */
struct pair {
    size_t energy, demand;
    char id[16];
};

struct conversion {
    const struct urdb_options *options;
    struct arena *arena;
    struct jnode root;
    struct json *components;
    struct pair pairs[TOU_PERIODS_MAX];
    size_t pair_count;
    bool hours; /* the schedule matters: more than one pair */
    bool bad;   /* memory is out */
};

static bool left_out(const struct conversion *v, const char *name)
{
    for (size_t i = 0; v->options->leave_out != NULL && v->options->leave_out[i] != NULL; i++) {
        if (strcmp(v->options->leave_out[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void check(struct conversion *v, bool ok)
{
    v->bad = v->bad || !ok;
}

/* Zero, false, nothing: a member that changes no bill, whatever it is. */
static bool says_nothing(const struct json *x)
{
    bool nothing = true;
    switch (x->type) {
    case JSON_NULL:
    case JSON_FALSE:
        return true;
    case JSON_INT:
        return x->u.integer == 0;
    case JSON_ARRAY:
        for (size_t i = 0; nothing && i < x->u.array.count; i++) {
            const struct json *item = x->u.array.items[i];
            nothing = item->type == JSON_NULL ||
                      (item->type == JSON_INT && item->u.integer == 0);
        }
        return nothing;
    case JSON_TRUE:
    case JSON_DOUBLE:
    case JSON_STRING:
    case JSON_OBJECT:
        return false;
    }
    return false;
}

static void unknown_refuse(struct conversion *v)
{
    const struct json *o = v->root.value;
    for (size_t i = 0; i < o->u.object.count; i++) {
        const struct json_member *m = &o->u.object.members[i];
        bool is_known = false;
        for (size_t k = 0; !is_known && known[k] != NULL; k++) {
            is_known = strcmp(known[k], m->name) == 0;
        }
        if (!is_known && !says_nothing(m->value) && !left_out(v, m->name)) {
            (void)jfault(&v->root, m->name,
                         _("this cannot be expressed here; name it in --leave-out to do without "
                           "it."));
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
    if (!sound) {
        (void)jfault(n, name, _("expected here: %s."), _("a number"));
    } else if (d.scale > decimals) {
        sound = jfault(n, name, _("%s has %u decimals; at most %u are allowed."), buf_str(&text),
                       d.scale, decimals);
    }
    buf_release(&text);
    *out = d;
    return sound;
}

static void set_decimal(struct conversion *v, struct json *o, const char *name, struct decimal d)
{
    struct buf text;
    buf_init(&text, 64);
    decimal_print(d, &text);
    check(v, !text.failed && json_set_str(v->arena, o, name, buf_str(&text)));
    buf_release(&text);
}

static void set_label(struct conversion *v, struct json *o, const char *name, const char *es,
                      const char *en)
{
    struct json *l = json_new_object(v->arena);
    check(v, l != NULL && json_set_str(v->arena, l, "es", es) &&
                 json_set_str(v->arena, l, "en", en) && json_set(v->arena, o, name, l));
}

/* A component that is not yet in the list. */
static struct json *component_new(struct conversion *v, const char *type, const char *id,
                                  const char *es, const char *en)
{
    struct json *o = json_new_object(v->arena);
    check(v, o != NULL && json_set_str(v->arena, o, "type", type) &&
                 json_set_str(v->arena, o, "id", id));
    if (o != NULL) {
        set_label(v, o, "label", es, en);
    }
    return v->bad ? NULL : o;
}

static void component_add(struct conversion *v, struct json *o)
{
    check(v, o != NULL && json_push(v->arena, v->components, o));
}

/* --- tiers -------------------------------------------------------------------------------- */

/* rate + adj of a tier. */
static bool tier_price(const struct conversion *v, const struct jnode *tier, struct decimal *out)
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
    if (sell != NULL && !says_nothing(sell) && !left_out(v, "sell")) {
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

/* The unit of a tier's bound: of the month, or of each day. */
static bool tier_unit(const struct jnode *tier, const char *unit, bool *daily)
{
    const char *text = json_get_str(tier->value, "unit");
    if (text == NULL || strcmp(text, unit) == 0) {
        return true;
    }
    char day[24];
    (void)snprintf(day, sizeof day, "%s daily", unit);
    *daily = strcmp(text, day) == 0;
    return *daily || jfault(tier, "unit", _("bounds in \"%s\" cannot be expressed here."), text);
}

/* A structure's period as price or blocks of o. */
static void tiers_set(struct conversion *v, const struct jnode *period, const char *unit,
                      unsigned decimals, struct json *o)
{
    size_t count = period->value->type == JSON_ARRAY ? period->value->u.array.count : 0;
    struct json *blocks = json_new_array(v->arena);
    struct decimal from = {0, 0};
    struct decimal price = {0, 0};
    bool daily = false;
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
        if (!jread_object(&tier) || !tier_unit(&tier, unit, &daily) ||
            !tier_price(v, &tier, &price) || (bounded && !number(&tier, "max", decimals, &to))) {
            return;
        }
        if (bounded == (i + 1 == count)) {
            (void)jfault(&tier, "max", bounded ? _("the last block has no upper bound; take it "
                                                   "out.")
                                               : _("the member is missing."));
            return;
        }
        if (count == 1) {
            set_decimal(v, o, "price", price);
            return;
        }
        check(v, b != NULL && blocks != NULL);
        if (v->bad) {
            return;
        }
        set_decimal(v, b, "from", from);
        if (bounded) {
            set_decimal(v, b, "to", to);
        }
        set_decimal(v, b, "price", price);
        check(v, json_push(v->arena, blocks, b));
        from = to;
    }
    check(v, json_set(v->arena, o, "blocks", blocks));
    if (daily) {
        check(v, json_set_bool(v->arena, o, "prorate_by_days", true) &&
                     json_set_int(v->arena, o, "reference_days", 1));
    }
}

/* A structure: its node and how many periods it has; 0 when absent. */
static size_t structure(const struct conversion *v, const char *name, struct jnode *out)
{
    if (json_get(v->root.value, name) == NULL || left_out(v, name)) {
        return 0;
    }
    return jread_array(&v->root, name, true, 1, STRUCTURE_MAX, out) ? out->value->u.array.count
                                                                    : 0;
}

/* --- the schedule ------------------------------------------------------------------------- */

/* The period of an hour; 0 where the schedule is absent. */
static size_t hour_of(const struct conversion *v, const char *name, size_t month, size_t hour,
                      size_t periods)
{
    struct jnode n = jnode_member(&v->root, name);
    if (n.value == NULL || periods <= 1) {
        return 0;
    }
    const struct json *row = n.value->type == JSON_ARRAY && n.value->u.array.count == 12
                                 ? n.value->u.array.items[month]
                                 : NULL;
    const struct json *x = row != NULL && row->type == JSON_ARRAY && row->u.array.count == 24
                               ? row->u.array.items[hour]
                               : NULL;
    if (x == NULL || x->type != JSON_INT || x->u.integer < 0 ||
        x->u.integer >= (int64_t)periods) {
        (void)jfault(&n, NULL,
                     _("a schedule is 12 months of 24 hours, each the number of a period."));
        return 0;
    }
    return (size_t)x->u.integer;
}

static size_t pair_of(struct conversion *v, size_t energy, size_t demand)
{
    for (size_t i = 0; i < v->pair_count; i++) {
        if (v->pairs[i].energy == energy && v->pairs[i].demand == demand) {
            return i;
        }
    }
    if (v->pair_count == TOU_PERIODS_MAX) {
        (void)jfault(&v->root, "energyweekdayschedule",
                     _("the schedules of energy and demand make more than %d periods."),
                     TOU_PERIODS_MAX);
        return 0;
    }
    struct pair *p = &v->pairs[v->pair_count];
    *p = (struct pair){.energy = energy, .demand = demand};
    (void)snprintf(p->id, sizeof p->id, "p%zu", v->pair_count + 1);
    return v->pair_count++;
}

static void days_set(struct conversion *v, struct json *tou, const char *name,
                     const char *energy, const char *demand, size_t energies, size_t demands)
{
    struct json *list = json_new_array(v->arena);
    for (size_t month = 0; month < 12 && list != NULL; month++) {
        char row[25] = "";
        for (size_t hour = 0; hour < 24; hour++) {
            size_t pair = pair_of(v, hour_of(v, energy, month, hour, energies),
                                  hour_of(v, demand, month, hour, demands));
            row[hour] = (char)('a' + (int)pair);
        }
        check(v, json_push(v->arena, list, json_new_string(v->arena, row)));
    }
    check(v, json_set(v->arena, tou, name, list));
}

static struct json *schedule(struct conversion *v, size_t energies, size_t demands)
{
    struct json *tou = json_new_object(v->arena);
    struct json *periods = json_new_array(v->arena);
    check(v, tou != NULL && periods != NULL);
    if (v->bad) {
        return NULL;
    }
    days_set(v, tou, "weekday", "energyweekdayschedule", "demandweekdayschedule", energies,
             demands);
    days_set(v, tou, "weekend", "energyweekendschedule", "demandweekendschedule", energies,
             demands);
    for (size_t i = 0; i < v->pair_count; i++) {
        struct json *p = json_new_object(v->arena);
        char mark[2] = {(char)('a' + (int)i), '\0'};
        char es[32];
        char en[32];
        (void)snprintf(es, sizeof es, "periodo %zu", i + 1);
        (void)snprintf(en, sizeof en, "period %zu", i + 1);
        check(v, p != NULL && json_set_str(v->arena, p, "id", v->pairs[i].id) &&
                     json_set_str(v->arena, p, "mark", mark) &&
                     json_push(v->arena, periods, p));
        if (p != NULL) {
            set_label(v, p, "label", es, en);
        }
    }
    check(v, json_set(v->arena, tou, "periods", periods));
    v->hours = v->pair_count > 1;
    return tou;
}

/* --- components --------------------------------------------------------------------------- */

/* A charge in $/month or $/day; 0 is no charge. */
static bool charge(const struct conversion *v, const char *name, const char *units,
                   struct decimal *out, bool *per_day)
{
    const char *unit = json_get_str(v->root.value, units);
    if (left_out(v, name) || json_get(v->root.value, name) == NULL ||
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

static void fixed_convert(struct conversion *v)
{
    struct decimal price = {0, 0};
    bool per_day = false;
    if (!charge(v, "fixedchargefirstmeter", "fixedchargeunits", &price, &per_day)) {
        return;
    }
    struct json *c = component_new(v, "fixed", "fixed", "Cargo fijo", "Fixed charge");
    if (c != NULL) {
        check(v, json_set_str(v->arena, c, "per", per_day ? "day" : "period"));
        set_decimal(v, c, "price", price);
        component_add(v, c);
    }
}

static void minimum_convert(struct conversion *v)
{
    struct decimal amount = {0, 0};
    bool per_day = false;
    if (!charge(v, "mincharge", "minchargeunits", &amount, &per_day)) {
        return;
    }
    if (per_day) {
        (void)jfault(&v->root, "minchargeunits", _("a charge in \"%s\" cannot be expressed here."),
                     "$/day");
        return;
    }
    struct json *c = component_new(v, "minimum", "minimum", "Mínimo", "Minimum");
    if (c != NULL) {
        set_decimal(v, c, "amount", amount);
        component_add(v, c);
    }
}

static void energy_convert(struct conversion *v, const struct jnode *list, size_t count)
{
    struct json *prices = json_new_array(v->arena);
    struct json *c = component_new(v, v->hours ? "time_of_use" : "blocks", "energy", "Energía",
                                   "Energy");
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
        check(v, p != NULL && prices != NULL &&
                     json_set_str(v->arena, p, "period", v->pairs[i].id));
        if (v->bad) {
            return;
        }
        tiers_set(v, &period, "kWh", 3, p);
        check(v, json_push(v->arena, prices, p));
    }
    check(v, json_set(v->arena, c, "periods", prices));
    component_add(v, c);
}

/* No tier of the period costs anything. */
static bool free_of_charge(const struct json *period)
{
    for (size_t i = 0; period->type == JSON_ARRAY && i < period->u.array.count; i++) {
        const struct json *rate = json_get(period->u.array.items[i], "rate");
        const struct json *adj = json_get(period->u.array.items[i], "adj");
        if ((rate != NULL && !says_nothing(rate)) || (adj != NULL && !says_nothing(adj))) {
            return false;
        }
    }
    return true;
}

static void window_set(struct conversion *v, struct json *c)
{
    int64_t minutes = 15; /* URDB's default */
    (void)json_get_int(v->root.value, "demandwindow", &minutes);
    check(v, json_set_int(v->arena, c, "minutes", minutes));
}

static void demand_convert(struct conversion *v, const struct jnode *list, size_t count)
{
    for (size_t d = 0; d < count; d++) {
        struct jnode period = jnode_item(list, d);
        struct json *ids = json_new_array(v->arena);
        char id[32];
        size_t used = 0;
        (void)snprintf(id, sizeof id, "demand%zu", d + 1);
        for (size_t i = 0; i < v->pair_count && ids != NULL; i++) {
            if (v->pairs[i].demand == d) {
                check(v, json_push(v->arena, ids, json_new_string(v->arena, v->pairs[i].id)));
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
            check(v, json_set(v->arena, c, "periods", ids));
        }
        tiers_set(v, &period, "kW", 3, c);
        component_add(v, c);
    }
}

/* Months in which a period of the flat demand holds. */
static struct json *flat_months(struct conversion *v, size_t index, size_t periods, size_t *count)
{
    struct jnode months = jnode_member(&v->root, "flatdemandmonths");
    struct json *list = json_new_array(v->arena);
    *count = 0;
    for (size_t m = 0; list != NULL && m < 12; m++) {
        int64_t at = 0;
        if (months.value != NULL) {
            const struct json *x = months.value->type == JSON_ARRAY &&
                                           months.value->u.array.count == 12
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
            check(v, json_push(v->arena, list, json_new_int(v->arena, (int64_t)m + 1)));
            (*count)++;
        }
    }
    return list;
}

static void flat_convert(struct conversion *v)
{
    struct jnode list;
    size_t periods = structure(v, "flatdemandstructure", &list);
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
        if (months < 12) {
            check(v, json_set(v->arena, c, "months", when));
        }
        tiers_set(v, &period, "kW", 3, c);
        component_add(v, c);
    }
}

/* --- the head ----------------------------------------------------------------------------- */

static void name_set(struct conversion *v, struct json *out)
{
    const char *utility = json_get_str(v->root.value, "utility");
    const char *name = json_get_str(v->root.value, "name");
    char text[TARIFF_LABEL_BYTES + 1];
    (void)snprintf(text, sizeof text, "%s%s%s", utility != NULL ? utility : "",
                   utility != NULL && name != NULL ? ": " : "", name != NULL ? name : "");
    size_t len = strlen(text);
    while (len > 0 && (text[len] & 0xc0) == 0x80) { /* not in the middle of a character */
        text[--len] = '\0';
    }
    set_label(v, out, "name", text[0] != '\0' ? text : "URDB", text[0] != '\0' ? text : "URDB");
}

static void date_set(struct conversion *v, struct json *out)
{
    int64_t start = 0;
    const char *date = v->options->valid_from;
    struct buf text;
    buf_init(&text, 32);
    if (date != NULL) {
        buf_adds(&text, date);
    } else if (json_get_int(v->root.value, "startdate", &start) && start > 0) {
        date_print(civil_from_secs(start).date, &text);
    } else {
        (void)jfault(&v->root, "startdate", _("the rate has no start; say --valid-from DATE."));
    }
    check(v, json_set_str(v->arena, out, "valid_from", buf_str(&text)));
    buf_release(&text);
}

static void note_set(struct conversion *v, struct json *out)
{
    const char *label = json_get_str(v->root.value, "label");
    struct buf es;
    struct buf en;
    buf_init(&es, TARIFF_NOTE_BYTES);
    buf_init(&en, TARIFF_NOTE_BYTES);
    buf_addf(&es, "OpenEI URDB %s", label != NULL ? label : "");
    buf_addf(&en, "OpenEI URDB %s", label != NULL ? label : "");
    for (size_t i = 0; v->options->leave_out != NULL && v->options->leave_out[i] != NULL; i++) {
        buf_addf(&es, "%s%s", i == 0 ? "; sin: " : ", ", v->options->leave_out[i]);
        buf_addf(&en, "%s%s", i == 0 ? "; without: " : ", ", v->options->leave_out[i]);
    }
    check(v, !es.failed && !en.failed);
    set_label(v, out, "note", buf_str(&es), buf_str(&en));
    buf_release(&es);
    buf_release(&en);
}

static void head_set(struct conversion *v, struct json *out)
{
    struct json *rounding = json_new_object(v->arena);
    check(v, rounding != NULL && json_set_str(v->arena, rounding, "mode", "half_up") &&
                 json_set_str(v->arena, rounding, "level", "total") &&
                 json_set_int(v->arena, out, "aforo_tariff", TARIFF_FORMAT) &&
                 json_set_str(v->arena, out, "code", v->options->code) &&
                 json_set_int(v->arena, out, "version", 1) &&
                 json_set_str(v->arena, out, "kind", "energy") &&
                 json_set_str(v->arena, out, "currency", "USD") &&
                 json_set_str(v->arena, out, "unit", "kWh") &&
                 json_set(v->arena, out, "rounding", rounding));
    name_set(v, out);
    date_set(v, out);
    note_set(v, out);
}

static enum err_code outcome(const struct conversion *v, const struct faults *f, struct err *e)
{
    if (v->bad || f->nomem) {
        return err_nomem(e);
    }
    if (f->count > 0) {
        return err_set(e, ERR_PARSE, _("The rate has %zu faults; the first is at %s: %s"),
                       f->count, f->item[0].path, f->item[0].text);
    }
    return ERR_OK;
}

enum err_code urdb_convert(const struct json *rate, const struct urdb_options *options,
                           struct arena *arena, struct faults *faults, struct json **out,
                           struct err *e)
{
    struct conversion v = {.options = options, .arena = arena};
    struct jnode energy;
    struct jnode demand;
    memset(faults, 0, sizeof *faults);
    v.root = jnode_root(rate, arena, faults);
    v.components = json_new_array(arena);
    struct json *o = json_new_object(arena);
    if (o == NULL || v.components == NULL) {
        return err_nomem(e);
    }
    if (jread_object(&v.root)) {
        unknown_refuse(&v);
        head_set(&v, o);
        size_t energies = structure(&v, "energyratestructure", &energy);
        size_t demands = structure(&v, "demandratestructure", &demand);
        struct json *tou = schedule(&v, energies, demands);
        if (v.hours) {
            check(&v, json_set(arena, o, "time_of_use", tou));
        }
        fixed_convert(&v);
        energy_convert(&v, &energy, energies);
        demand_convert(&v, &demand, demands);
        flat_convert(&v);
        minimum_convert(&v);
        check(&v, json_set(arena, o, "components", v.components));
    }
    *out = o;
    return outcome(&v, faults, e);
}
