#include <config.h>

#include "app/meter_data.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

#define ACCOUNT_NUMBER_MAX 40

/* Defaults of a kind: unit and OBIS code of the cumulative import register, dial as most meters
 * have it. */
struct kind_defaults {
    const char *unit, *obis, *digits, *decimals;
};
static const struct kind_defaults defaults[METER_KIND_COUNT] = {
    [METER_WATER] = {"m3", "8-0:1.0.0", "6",
                     "3"}, /* IEC 62056-6-1, medium 8: cold water volume */
    [METER_ENERGY] = {"kWh", "1-0:1.8.0", "6", "3"}, /* medium 1: active energy import */
    [METER_GAS] = {"m3", "7-0:3.0.0", "6", "3"},     /* medium 7: gas volume */
};

enum err_code meter_ids_next(struct command_ctx *c, struct meter_ids *ids, struct err *e)
{
    /* No id comes again while the history speaks of it, though its import was taken back. */
    TRY(next_id(c,
                "SELECT max(coalesce((SELECT max(id) FROM meter), 0), coalesce((SELECT "
                "max(meter) FROM history), 0))",
                &ids->meter, e));
    TRY(next_id(c, "SELECT max(id) FROM service_point", &ids->point, e));
    TRY(next_id(c, "SELECT max(id) FROM register", &ids->reg, e));
    TRY(next_id(c, "SELECT max(id) FROM customer", &ids->customer, e));
    TRY(next_id(c, "SELECT max(id) FROM account", &ids->account, e));
    TRY(next_id(c, "SELECT max(id) FROM assignment", &ids->assignment, e));
    TRY(next_id(c, "SELECT max(id) FROM usage_limit", &ids->limit, e));
    return next_id(c, "SELECT max(id) FROM reading", &ids->reading, e);
}

static const char *text_or(const char *text, const char *fallback)
{
    return text != NULL && *text != '\0' ? text : fallback;
}

static enum err_code whole_number(const char *name, const char *text, int64_t min, int64_t max,
                                  int64_t *out, struct err *e)
{
    struct decimal d;
    struct err inner = ERR_INIT;
    if (decimal_parse(text, strlen(text), &d, &inner) != ERR_OK ||
        decimal_rescale(d, 0, &d, &inner) != ERR_OK || d.mantissa < min || d.mantissa > max) {
        return err_set(e, ERR_PARSE, _("%s: \"%s\" is not a whole number from %lld to %lld"),
                       name, text, (long long)min, (long long)max);
    }
    *out = d.mantissa;
    return ERR_OK;
}

/* The new register: what its dial looks like and, checked, its definition. */
static enum err_code register_data(struct command_ctx *c, const struct new_meter *m,
                                   enum meter_kind kind, struct register_def *def,
                                   struct json *o, struct err *e)
{
    const struct kind_defaults *k = &defaults[kind];
    const char *unit = text_or(m->unit, k->unit);
    const char *obis = text_or(m->obis, k->obis);
    struct obis parsed;
    int64_t digits = 0;
    int64_t decimals = 0;
    int64_t multiplier = 1;
    *def = (struct register_def){.unit = unit_find(unit), .multiplier_den = 1};
    if (def->unit == NULL || !meter_kind_takes(kind, def->unit)) {
        return err_set(e, ERR_PARSE, _("a %s meter cannot count in \"%s\""),
                       meter_kind_name(kind), unit);
    }
    TRY(obis_parse(obis, &parsed, e));
    TRY(whole_number("digits", text_or(m->digits, k->digits), 1, REGISTER_DIGITS_MAX, &digits,
                     e));
    const char *fallback = def->unit->exponent >= 3 ? k->decimals : "0";
    TRY(whole_number("decimals", text_or(m->decimals, fallback), 0, def->unit->exponent,
                     &decimals, e));
    TRY(whole_number("multiplier", text_or(m->multiplier, "1"), 1, REGISTER_MULTIPLIER_MAX,
                     &multiplier, e));
    def->digits = (uint8_t)digits;
    def->decimals = (uint8_t)decimals;
    def->multiplier_num = multiplier;
    TRY(data_text(c, o, "obis", obis, e));
    TRY(data_text(c, o, "unit", unit, e));
    TRY(data_int(c, o, "digits", digits, e));
    TRY(data_int(c, o, "decimals", decimals, e));
    TRY(data_int(c, o, "multiplier", multiplier, e));
    if (m->max_rate != NULL && *m->max_rate != '\0') {
        TRY(quantity_parse(m->max_rate, strlen(m->max_rate), def->unit, &def->max_rate_per_hour,
                           e));
        TRY(data_int(c, o, "max_rate", def->max_rate_per_hour, e));
    }
    return register_check(def, e);
}

/* The dial at installation is the meter's first accepted reading, at the start of that day. */
static enum err_code initial_reading(struct command_ctx *c, const struct new_meter *m,
                                     struct date installed, const struct register_def *def,
                                     int64_t reg, struct meter_ids *ids, struct json *o,
                                     struct err *e)
{
    if (m->initial == NULL || *m->initial == '\0') {
        return ERR_OK;
    }
    int64_t value = 0;
    struct json *r = json_new_object(c->arena);
    TRY(quantity_parse(m->initial, strlen(m->initial), def->unit, &value, e));
    if (r == NULL) {
        return err_nomem(e);
    }
    if (value < 0 || value > register_dial_max(def)) {
        return err_set(e, ERR_RANGE,
                       _("the initial reading %s is beyond the dial of %d digits"), m->initial,
                       (int)def->digits);
    }
    int64_t utc = zone_day_start(c->office->zone, installed);
    struct buf local;
    buf_init(&local, 32);
    civil_print(zone_to_civil(c->office->zone, utc), &local);
    TRY(data_int(c, r, "id", ids->reading++, e));
    TRY(data_int(c, r, "register", reg, e));
    TRY(data_int(c, r, "utc", utc, e));
    enum err_code code = data_text(c, r, "local", buf_str(&local), e);
    buf_release(&local);
    TRY(code);
    TRY(data_int(c, r, "value", value, e));
    TRY(data_text(c, r, "state", "accepted", e));
    TRY(data_text(c, r, "source", "install", e));
    return data_set(c, o, "initial", r, e);
}

static enum err_code point_data(struct command_ctx *c, struct draft *d,
                                const struct new_meter *m, struct meter_ids *ids,
                                struct json *o, struct err *e)
{
    struct json *p = json_new_object(c->arena);
    int64_t order = 0;
    if (p == NULL) {
        return err_nomem(e);
    }
    TRY(whole_number("order", text_or(m->order, "0"), 0, 1000000, &order, e));
    int64_t id = ids->point++;
    TRY(data_int(c, p, "id", id, e));
    TRY(data_personal(c, d, p, "service_point", id, "place", text_or(m->place, "-"), e));
    TRY(data_text(c, p, "route", text_or(m->route, ""), e));
    TRY(data_int(c, p, "order", order, e));
    return data_set(c, o, "point", p, e);
}

/* The account named: one that exists, one of the same batch, or a new one with its customer. */
static enum err_code account_data(struct command_ctx *c, struct draft *d,
                                  const struct new_meter *m, struct meter_ids *ids,
                                  int64_t known, const char *opened, struct json *o,
                                  int64_t *account, struct err *e)
{
    struct account_row row;
    bool found = known != 0;
    *account = known;
    if (!found) {
        TRY(account_by_number(c->office, m->account, &row, &found, e));
        *account = found ? row.id : 0;
        if (found && row.closed[0] != '\0') {
            return err_set(e, ERR_STATE, _("account %s was closed on %s"), m->account,
                           row.closed);
        }
    }
    if (found) {
        return ERR_OK;
    }
    if (m->customer == NULL || *m->customer == '\0') {
        return err_set(e, ERR_NOT_FOUND,
                       _("there is no account \"%s\"; name its customer too, and it is opened"),
                       m->account);
    }
    if (strlen(m->account) > ACCOUNT_NUMBER_MAX) {
        return err_set(e, ERR_RANGE, _("an account number has at most %d characters"),
                       ACCOUNT_NUMBER_MAX);
    }
    struct json *nc = json_new_object(c->arena);
    struct json *na = json_new_object(c->arena);
    if (nc == NULL || na == NULL) {
        return err_nomem(e);
    }
    TRY(data_int(c, nc, "customer", ids->customer, e));
    TRY(data_personal(c, d, nc, "customer", ids->customer, "name", m->customer, e));
    TRY(data_int(c, na, "account", ids->account, e));
    TRY(data_text(c, na, "number", m->account, e));
    TRY(data_int(c, na, "customer", ids->customer++, e));
    TRY(data_text(c, na, "currency", c->office->currency->code, e));
    TRY(data_text(c, na, "opened", opened, e));
    *account = ids->account++;
    TRY(data_set(c, o, "new_customer", nc, e));
    return data_set(c, o, "new_account", na, e);
}

static enum err_code assignment_data(struct command_ctx *c, struct draft *d,
                                     const struct new_meter *m, enum meter_kind kind,
                                     const char *installed, int64_t meter,
                                     struct meter_ids *ids, int64_t known, struct json *o,
                                     struct err *e)
{
    int64_t account = 0;
    struct json *a = json_new_object(c->arena);
    if (m->account == NULL || *m->account == '\0') {
        return ERR_OK; /* stays in store, not billed */
    }
    if (a == NULL) {
        return err_nomem(e);
    }
    if (m->tariff == NULL || *m->tariff == '\0') {
        return err_set(e, ERR_USAGE, _("a meter with an account needs a tariff"));
    }
    /* A meter of an earlier system is billed here from now on, whenever it was installed. */
    TRY(tariff_usable(c->office, m->tariff, kind,
                      strcmp(installed, c->date) > 0 ? installed : c->date, e));
    TRY(account_data(c, d, m, ids, known, installed, o, &account, e));
    TRY(data_int(c, a, "assignment", ids->assignment++, e));
    TRY(data_int(c, a, "meter", meter, e));
    TRY(data_int(c, a, "account", account, e));
    TRY(data_text(c, a, "tariff", m->tariff, e));
    TRY(data_text(c, a, "start", installed, e));
    return data_set(c, o, "assignment", a, e);
}

static enum err_code limit_data(struct command_ctx *c, const struct new_meter *m,
                                const struct register_def *def, const char *installed,
                                int64_t meter, struct meter_ids *ids, struct json *o,
                                struct err *e)
{
    int64_t value = 0;
    struct json *l = json_new_object(c->arena);
    if (m->limit == NULL || *m->limit == '\0') {
        return ERR_OK;
    }
    if (l == NULL) {
        return err_nomem(e);
    }
    TRY(quantity_parse(m->limit, strlen(m->limit), def->unit, &value, e));
    if (value < 0) {
        return err_set(e, ERR_RANGE, _("a limit cannot be negative"));
    }
    TRY(data_int(c, l, "limit", ids->limit++, e));
    TRY(data_int(c, l, "meter", meter, e));
    TRY(data_int(c, l, "value", value, e));
    TRY(data_text(c, l, "start", installed, e));
    return data_set(c, o, "limit", l, e);
}

enum err_code meter_data(struct command_ctx *c, struct draft *d, const struct new_meter *m,
                         struct meter_ids *ids, int64_t (*seen)(void *ctx, const char *account),
                         void *ctx, struct json *o, struct err *e)
{
    enum meter_kind kind = METER_WATER;
    struct register_def def;
    struct meter_row other;
    struct date date;
    bool taken = false;
    const char *installed = text_or(m->installed, c->date);
    struct json *list = json_new_array(c->arena);
    struct json *r = json_new_object(c->arena);
    if (list == NULL || r == NULL) {
        return err_nomem(e);
    }
    TRY(serial_check(text_or(m->serial, ""), e));
    TRY(meter_by_serial(c->office, m->serial, &other, &taken, e));
    if (taken) {
        return serial_taken(&other, e);
    }
    if (m->kind == NULL || !meter_kind_find(m->kind, &kind)) {
        return err_set(e, ERR_PARSE, _("kind: \"%s\" is not one of water, energy, gas"),
                       text_or(m->kind, ""));
    }
    TRY(date_parse(installed, strlen(installed), &date, e));
    int64_t meter = ids->meter++;
    int64_t reg = ids->reg++;
    TRY(data_int(c, o, "meter", meter, e));
    TRY(data_text(c, o, "serial", m->serial, e));
    TRY(data_text(c, o, "kind", m->kind, e));
    TRY(data_text(c, o, "installed", installed, e));
    TRY(point_data(c, d, m, ids, o, e));
    TRY(data_int(c, r, "id", reg, e));
    TRY(register_data(c, m, kind, &def, r, e));
    TRY(initial_reading(c, m, date, &def, reg, ids, r, e));
    if (!json_push(c->arena, list, r)) {
        return err_nomem(e);
    }
    TRY(data_set(c, o, "registers", list, e));
    int64_t known = seen != NULL && m->account != NULL ? seen(ctx, m->account) : 0;
    TRY(assignment_data(c, d, m, kind, installed, meter, ids, known, o, e));
    if (kind != METER_ENERGY && m->account != NULL && *m->account != '\0') {
        TRY(tariff_bills(c->office, m->tariff, kind, def.unit, e));
    }
    return limit_data(c, m, &def, installed, meter, ids, o, e);
}

enum err_code meter_register_data(struct command_ctx *c, const struct meter_row *meter,
                                  const struct new_meter *m, struct meter_ids *ids,
                                  struct json *o, struct err *e)
{
    struct register_def def;
    struct date date;
    bool taken = false;
    int64_t one = 0;
    bool behind = strcmp(c->date, meter->installed) < 0;
    const char *from = text_or(m->installed, behind ? meter->installed : c->date);
    struct json *r = json_new_object(c->arena);
    if (r == NULL) {
        return err_nomem(e);
    }
    TRY(date_parse(from, strlen(from), &date, e));
    if (strcmp(from, meter->installed) < 0) {
        return err_set(
            e, ERR_STATE,
            _("meter %s was installed on %s; a register of it cannot count from %s on"),
            meter->serial, meter->installed, from);
    }
    int64_t reg = ids->reg++;
    TRY(data_int(c, r, "id", reg, e));
    TRY(register_data(c, m, meter->kind, &def, r, e));
    TRY(db_get_int(c->office->db, &one, &taken, e,
                   "SELECT 1 FROM register WHERE meter = ? AND obis = ?",
                   VALS(V_INT(meter->id), V_TEXT(json_get(r, "obis")->u.string.data))));
    if (taken) {
        return err_set(e, ERR_EXISTS, _("meter %s has a register %s already"), meter->serial,
                       json_get(r, "obis")->u.string.data);
    }
    TRY(initial_reading(c, m, date, &def, reg, ids, r, e));
    TRY(data_int(c, o, "meter", meter->id, e));
    return data_set(c, o, "register", r, e);
}

enum err_code meter_register_twin(struct command_ctx *c, const struct new_meter *m,
                                  enum meter_kind kind, struct register_def *def,
                                  struct json *o, struct err *e)
{
    struct register_def old = *def;
    struct new_meter all = *m;
    char digits[8];
    char decimals[8];
    char multiplier[24];
    (void)snprintf(digits, sizeof digits, "%d", (int)old.digits);
    (void)snprintf(decimals, sizeof decimals, "%d", (int)old.decimals);
    (void)snprintf(multiplier, sizeof multiplier, "%lld", (long long)old.multiplier_num);
    all.digits = text_or(m->digits, digits);
    all.decimals = text_or(m->decimals, decimals);
    all.multiplier = text_or(m->multiplier, multiplier);
    TRY(register_data(c, &all, kind, def, o, e));
    if (def->max_rate_per_hour == 0 && old.max_rate_per_hour > 0) {
        def->max_rate_per_hour = old.max_rate_per_hour;
        TRY(data_int(c, o, "max_rate", old.max_rate_per_hour, e));
    }
    return ERR_OK;
}
