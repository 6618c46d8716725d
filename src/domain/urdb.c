#include <config.h>

#include "domain/urdb.h"

#include <stdio.h>
#include <string.h>

#include "base/caltime.h"
#include "base/i18n.h"
#include "domain/urdb_parts.h"

/* Members that say nothing about what is to be paid, and those that are converted. */
static const char *const known[] = {
    "label", "uri", "utility", "name", "sector", "description", "source", "sourceparent",
    "basicinformationcomments", "energycomments", "demandcomments", "approved", "is_default",
    "startdate", "enddate", "country", "eiaid", "servicetype", "supercedes", "supersedes",
    "revisions", "voltagecategory", "voltageminimum", "voltagemaximum", "phasewiring",
    "peakkwcapacitymin", "peakkwcapacitymax", "peakkwcapacityhistory", "peakkwhusagemin",
    "peakkwhusagemax", "peakkwhusagehistory", "demandunits", "flatdemandunit",
    "flatdemandunits", "demandrateunit", "demandrateunits", "lookbackpercent",
    "lookbackPercent", "lookbackrange", "lookbackRange", "lookbackmonths", "lookbackMonths",
    "dgrules", "energyattrs", "fixedattrs", "demandattrs", "latest_update",
    "fixedchargefirstmeter", "fixedchargeunits", "mincharge", "minchargeunits",
    "energyratestructure", "energyweekdayschedule", "energyweekendschedule",
    "demandratestructure", "demandweekdayschedule", "demandweekendschedule",
    "flatdemandstructure", "flatdemandmonths", "demandwindow",
    /* As versions 3 and before, and the programs of NREL, have it. */
    "fixedmonthlycharge", "fueladjustmentsmonthly",
    /* These say nothing without coincidentratestructure. */
    "coincidentrateunit", "coincidentschedule", "coincidentrateschedule", NULL};

bool urdb_left_out(const struct conversion *v, const char *name)
{
    for (size_t i = 0; v->options->leave_out != NULL && v->options->leave_out[i] != NULL; i++) {
        if (strcmp(v->options->leave_out[i], name) == 0) {
            return true;
        }
    }
    return false;
}

void urdb_check(struct conversion *v, bool ok)
{
    v->bad = v->bad || !ok;
}

/* 0.0, as programs write a zero. */
static bool is_zero(const struct json *x)
{
    struct buf text;
    buf_init(&text, 64);
    bool zero = json_write_jcs(x, &text, NULL) == ERR_OK && strcmp(buf_str(&text), "0") == 0;
    buf_release(&text);
    return zero;
}

/* Zero, false, nothing: a member that changes no bill, whatever it is. */
bool urdb_says_nothing(const struct json *x)
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
                      (item->type == JSON_INT && item->u.integer == 0) ||
                      (item->type == JSON_DOUBLE && is_zero(item));
        }
        return nothing;
    case JSON_DOUBLE:
        return is_zero(x);
    case JSON_TRUE:
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
        if (!is_known && !urdb_says_nothing(m->value) && !urdb_left_out(v, m->name)) {
            (void)jfault(
                &v->root, m->name,
                _("this cannot be expressed here; name it in --leave-out to do without "
                  "it."));
        }
    }
}

void urdb_set_label(struct conversion *v, struct json *o, const char *name, const char *es,
                    const char *en)
{
    struct json *l = json_new_object(v->arena);
    urdb_check(v, l != NULL && json_set_str(v->arena, l, "es", es) &&
                      json_set_str(v->arena, l, "en", en) && json_set(v->arena, o, name, l));
}

/* A structure: its node and how many periods it has; 0 when absent. */
size_t urdb_structure(const struct conversion *v, const char *name, struct jnode *out)
{
    if (json_get(v->root.value, name) == NULL || urdb_left_out(v, name)) {
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
        urdb_check(v, json_push(v->arena, list, json_new_string(v->arena, row)));
    }
    urdb_check(v, json_set(v->arena, tou, name, list));
}

static struct json *schedule(struct conversion *v, size_t energies, size_t demands)
{
    struct json *tou = json_new_object(v->arena);
    struct json *periods = json_new_array(v->arena);
    urdb_check(v, tou != NULL && periods != NULL);
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
        urdb_check(v, p != NULL && json_set_str(v->arena, p, "id", v->pairs[i].id) &&
                          json_set_str(v->arena, p, "mark", mark) &&
                          json_push(v->arena, periods, p));
        if (p != NULL) {
            urdb_set_label(v, p, "label", es, en);
        }
    }
    urdb_check(v, json_set(v->arena, tou, "periods", periods));
    v->hours = v->pair_count > 1;
    return tou;
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
    urdb_set_label(v, out, "name", text[0] != '\0' ? text : "URDB",
                   text[0] != '\0' ? text : "URDB");
}

static void date_set(struct conversion *v, struct json *out)
{
    int64_t start = 0;
    const char *date = v->options->valid_from;
    char started[DATE_TEXT] = "";
    if (date == NULL && urdb_whole(v, "startdate", &start) && start > 0) {
        date_text(civil_from_secs(start).date, started);
    } else if (date == NULL) {
        (void)jfault(&v->root, "startdate", _("the rate has no start; say --valid-from DATE."));
    }
    urdb_check(v, json_set_str(v->arena, out, "valid_from", date != NULL ? date : started));
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
    urdb_check(v, !es.failed && !en.failed);
    urdb_set_label(v, out, "note", buf_str(&es), buf_str(&en));
    buf_release(&es);
    buf_release(&en);
}

static void head_set(struct conversion *v, struct json *out)
{
    struct json *rounding = json_new_object(v->arena);
    urdb_check(v, rounding != NULL && json_set_str(v->arena, rounding, "mode", "half_up") &&
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
        size_t energies = urdb_structure(&v, "energyratestructure", &energy);
        size_t demands = urdb_structure(&v, "demandratestructure", &demand);
        struct json *tou = schedule(&v, energies, demands);
        if (v.hours) {
            urdb_check(&v, json_set(arena, o, "time_of_use", tou));
        }
        fixed_convert(&v);
        energy_convert(&v, &energy, energies);
        fuel_convert(&v);
        demand_convert(&v, &demand, demands);
        flat_convert(&v);
        minimum_convert(&v);
        urdb_check(&v, json_set(arena, o, "components", v.components));
    }
    *out = o;
    return outcome(&v, faults, e);
}
