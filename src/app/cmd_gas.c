/* Factors of gas and the zones in which they hold. A factor is never changed: one that is
 * recorded later for the same days counts from then on, and bills keep what they were made
 * with. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/gas.h"
#include "app/lookup.h"
#include "app/receivable.h"
#include "base/i18n.h"
#include "base/text.h"
#include "domain/charged.h"

#define ZONE_MAX 40
#define VOLUME_MOST 200    /* 200 bar */
#define CALORIFIC_MOST 150 /* MJ/m3; butane has some 134 */

static enum err_code number_take(const char *what, const char *text, struct decimal *out,
                                 struct err *e)
{
    return decimal_parse(text, strlen(text), out, NULL) == ERR_OK
               ? ERR_OK
               : err_set(e, ERR_PARSE, _("%s: \"%s\" is not a number"), what, text);
}

/* In MJ/m3: 1 kWh = 3.6 MJ. */
static enum err_code value_take(const struct gas_factor_said *s, struct decimal *out,
                                struct err *e)
{
    bool volume = strcmp(s->kind, "volume") == 0;
    int64_t mantissa = 0;
    TRY(number_take("value", s->value, out, e));
    if (s->kwh && volume) {
        return err_set(e, ERR_USAGE, _("a volume factor has no unit"));
    }
    if (s->kwh) {
        if (out->scale >= 18 || !mul_i64(out->mantissa, 36, &mantissa)) {
            return err_set(e, ERR_RANGE, _("value: \"%s\" is too long"), s->value);
        }
        *out = (struct decimal){mantissa, (uint8_t)(out->scale + 1)};
    }
    while (out->scale > 0 && out->mantissa % 10 == 0) { /* 39.500 and 39.5 are one value */
        *out = (struct decimal){out->mantissa / 10, (uint8_t)(out->scale - 1)};
    }
    return gas_factor_check(*out, volume ? VOLUME_MOST : CALORIFIC_MOST,
                            volume ? _("a volume factor") : _("a calorific value in MJ/m3"), e);
}

static enum err_code zone_check(const char *zone, struct err *e)
{
    char shown[4 * ZONE_MAX];
    text_sanitize_to(zone, strlen(zone), shown, sizeof shown);
    return zone[0] != '\0' && strlen(zone) <= ZONE_MAX && strcmp(shown, zone) == 0
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("a zone has 1 to %d bytes, all of which can be shown"),
                         ZONE_MAX);
}

static enum err_code place_data(struct command_ctx *c, struct json *o,
                                const struct gas_factor_said *s, struct err *e)
{
    struct meter_row m;
    if (s->serial != NULL && s->zone != NULL) {
        return err_set(e, ERR_USAGE, _("a factor is of a meter or of a zone, not of both"));
    }
    if (s->serial != NULL) {
        TRY(meter_by_serial(c->office, s->serial, &m, NULL, e));
        return m.kind == METER_GAS
                   ? data_int(c, o, "meter", m.id, e)
                   : err_set(e, ERR_STATE, _("meter %s does not measure gas"), m.serial);
    }
    if (s->zone != NULL) {
        TRY(zone_check(s->zone, e));
        return data_text(c, o, "zone", s->zone, e);
    }
    return ERR_OK;
}

enum err_code gas_factor_data(struct command_ctx *c, struct json *o, int64_t id,
                              const struct gas_factor_said *s, struct err *e)
{
    struct decimal value;
    struct buf text;
    TRY(value_take(s, &value, e));
    if (s->end != NULL && strcmp(s->end, s->start) <= 0) {
        return err_set(e, ERR_USAGE, _("the factor would end on %s, before it starts on %s"),
                       s->end, s->start);
    }
    TRY(place_data(c, o, s, e));
    TRY(data_int(c, o, "factor", id, e));
    TRY(data_text(c, o, "kind", s->kind, e));
    buf_init(&text, 64);
    decimal_print(value, &text);
    enum err_code code = data_text(c, o, "value", buf_str(&text), e);
    buf_release(&text);
    TRY(code);
    TRY(data_text(c, o, "start", s->start, e));
    TRY(s->end != NULL ? data_text(c, o, "end", s->end, e) : ERR_OK);
    TRY(s->conditions != NULL ? data_text(c, o, "conditions", s->conditions, e) : ERR_OK);
    return data_text(c, o, "source", s->source, e);
}

/* ---- the command ---- */

static enum err_code given(struct command_ctx *c, const char *name, const char *otherwise,
                           struct decimal *out, struct err *e)
{
    const char *text = arg_text(c, name);
    return number_take(name, text != NULL ? text : otherwise, out, e);
}

/* A volume factor from pressure and temperature; *reckoned false where none are given. */
static enum err_code conditions_take(struct command_ctx *c, struct gas_factor_said *s,
                                     char value[32], char conditions[200], struct err *e)
{
    struct gas_conditions g;
    struct decimal factor;
    struct buf text;
    const char *p = arg_text(c, "pressure");
    const char *t = arg_text(c, "temperature");
    if (p == NULL && t == NULL) {
        return s->value != NULL
                   ? ERR_OK
                   : err_set(e, ERR_USAGE, _("give --value, or --pressure and --temperature"));
    }
    if (p == NULL || t == NULL || s->value != NULL || strcmp(s->kind, "volume") != 0) {
        return err_set(e, ERR_USAGE,
                       _("--pressure and --temperature go together, in place of the value of "
                         "a volume factor"));
    }
    TRY(given(c, "pressure", "", &g.pressure, e));
    TRY(given(c, "temperature", "", &g.temperature, e));
    TRY(given(c, "base-pressure", "1013.25", &g.base_pressure, e));
    TRY(given(c, "base-temperature", "15", &g.base_temperature, e));
    TRY(given(c, "compressibility", "1", &g.compressibility, e));
    TRY(gas_volume_factor(&g, &factor, e));
    buf_init(&text, 32);
    decimal_print(factor, &text);
    (void)snprintf(value, 32, "%s", buf_str(&text));
    buf_clear(&text);
    buf_release(&text);
    const char *z = arg_text(c, "compressibility");
    const char *pb = arg_text(c, "base-pressure");
    const char *tb = arg_text(c, "base-temperature");
    (void)snprintf(conditions, 200,
                   "p=%.20s mbar t=%.20s C pb=%.20s mbar tb=%.20s C Zb/Z=%.20s", p, t,
                   pb != NULL ? pb : "1013.25", tb != NULL ? tb : "15", z != NULL ? z : "1");
    s->value = value;
    s->conditions = conditions;
    return ERR_OK;
}

/* Bills in force of days from its start on, which keep the factors that they were made with. */
static enum err_code bills_since(struct command_ctx *c, const struct gas_factor_said *s,
                                 int64_t *count, struct err *e)
{
    return db_get_int(c->office->db, count, NULL, e,
                      "SELECT count(*) FROM billing_run r CROSS JOIN bill b ON b.run = r.id "
                      "WHERE r.state <> 'discarded' AND r.end_date > ?1 AND (?2 IS NULL OR "
                      "r.start_date < ?2) AND b.cancelled IS NULL AND EXISTS(SELECT 1 FROM "
                      "bill_gas x WHERE x.bill = b.id AND (?3 IS NULL OR x.register IN (SELECT "
                      "g.id FROM meter m JOIN register g ON g.meter = m.id WHERE m.serial = "
                      "?3)))",
                      VALS(V_TEXT(s->start), V_TEXT(s->end), V_TEXT(s->serial)));
}

static enum err_code build_factor(struct command_ctx *c, struct draft *d, struct err *e)
{
    char value[32];
    char conditions[200];
    int64_t id = 0;
    int64_t bills = 0;
    const char *unit = arg_text(c, "unit");
    char said[MONEY_WORDS_MAX];
    char from[DAY_WORDS_MAX];
    struct gas_factor_said s = {.kind = arg_text(c, "kind"),
                                .value = arg_text(c, "value"),
                                .kwh = unit != NULL && strcmp(unit, "kWh/m3") == 0,
                                .serial = arg_text(c, "serial"),
                                .zone = arg_text(c, "zone"),
                                .start = arg_date_or_today(c, "start"),
                                .end = arg_text(c, "end"),
                                .source = arg_text(c, "source")};
    TRY(conditions_take(c, &s, value, conditions, e));
    TRY(next_id(c, "SELECT max(id) FROM gas_factor", &id, e));
    TRY(draft_begin(c, d, "gas.factor_set", e));
    TRY(gas_factor_data(c, d->data, id, &s, e));
    TRY(bills_since(c, &s, &bills, e));
    number_words(c->office, json_get_str(d->data, "value"), "", said);
    day_words(c->office, s.start, from);
    c->result_id = id;
    int n = snprintf(c->message, sizeof c->message, _("factor %" PRId64 ": %s from %s on"), id,
                     said, from);
    if (bills > 0 && n > 0 && (size_t)n < sizeof c->message) {
        (void)snprintf(
            c->message + n, sizeof c->message - (size_t)n,
            ngettext("; %" PRId64 " bill of these days keeps the factors that it was made with",
                     "; %" PRId64
                     " bills of these days keep the factors that they were made with",
                     (unsigned long)bills),
            bills);
    }
    return ERR_OK;
}

static enum err_code build_zone(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct meter_row m;
    int64_t id = 0;
    const char *zone = arg_text(c, "zone");
    const char *serial = arg_text(c, "serial");
    const char *route = arg_text(c, "route");
    const char *start = arg_date_or_today(c, "start");
    if ((serial == NULL) == (route == NULL)) {
        return err_set(e, ERR_USAGE, _("name a meter by --serial, or the meters of a --route"));
    }
    TRY(zone_check(zone, e));
    TRY(next_id(c, "SELECT max(id) FROM gas_zone", &id, e));
    TRY(draft_begin(c, d, "gas.zone_set", e));
    TRY(data_int(c, d->data, "id", id, e));
    TRY(data_text(c, d->data, "zone", zone, e));
    TRY(data_text(c, d->data, "start", start, e));
    (void)snprintf(c->message, sizeof c->message, _("%s is in zone %s from %s on"),
                   serial != NULL ? serial : route, zone, start);
    if (serial == NULL) {
        TRY(zone_check(route, e));
        return data_text(c, d->data, "route", route, e);
    }
    TRY(meter_by_serial(c->office, serial, &m, NULL, e));
    return m.kind == METER_GAS
               ? data_int(c, d->data, "meter", m.id, e)
               : err_set(e, ERR_STATE, _("meter %s does not measure gas"), m.serial);
}

static const struct param factor_params[] = {
    {"kind", PARAM_CHOICE, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("volume: m3 at base conditions for 1 m3; calorific: energy of 1 m3"),
     "volume|calorific", NULL},
    {"value", PARAM_DECIMAL, PARAM_POSITIONAL, N_("the factor"), NULL, NULL},
    {"source", PARAM_TEXT, PARAM_REQUIRED, N_("who published it, and where"), NULL, NULL},
    {"start", PARAM_DATE, 0, N_("from which day on; today"), NULL, NULL},
    {"end", PARAM_DATE, 0, N_("until before this day"), NULL, NULL},
    {"zone", PARAM_TEXT, 0, N_("only in this zone"), NULL, NULL},
    {"serial", PARAM_TEXT, 0, N_("only of this meter"), NULL, NULL},
    {"unit", PARAM_CHOICE, 0, N_("of a calorific value; else MJ/m3"), "MJ/m3|kWh/m3", NULL},
    {"pressure", PARAM_DECIMAL, 0, N_("at the meter, absolute, mbar"), NULL, NULL},
    {"temperature", PARAM_DECIMAL, 0, N_("at the meter, degrees Celsius"), NULL, NULL},
    {"base-pressure", PARAM_DECIMAL, 0, N_("mbar; else 1013.25"), NULL, NULL},
    {"base-temperature", PARAM_DECIMAL, 0, N_("degrees Celsius; else 15"), NULL, NULL},
    {"compressibility", PARAM_DECIMAL, 0, N_("Zb/Z; else 1"), NULL, NULL},
    PARAM_END};
static const struct param zone_params[] = {
    {"zone", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("name of the zone"), NULL, NULL},
    {"serial", PARAM_TEXT, 0, N_("of which meter"), NULL, NULL},
    {"route", PARAM_TEXT, 0, N_("or of all meters of this route"), NULL, NULL},
    {"start", PARAM_DATE, 0, N_("from which day on; today"), NULL, NULL},
    PARAM_END};

const struct command cmd_gas_factor = {
    "gas factor",
    N_("record a volume or calorific factor of gas; a later one supersedes it"),
    0,
    factor_params,
    build_factor,
    NULL};
const struct command cmd_gas_zone = {
    "gas zone", N_("say whose factors of gas a meter or the meters of a route have"),
    0,          zone_params,
    build_zone, NULL};
