/* Commands of customers, accounts, meters and limits. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/biller.h"
#include "app/cmd.h"
#include "app/lookup.h"
#include "app/meter_data.h"
#include "app/meter_end.h"
#include "app/receivable.h"
#include "app/words.h"
#include "base/i18n.h"

static enum err_code build_customer_add(struct command_ctx *c, struct draft *d, struct err *e)
{
    static const char *const fields[] = {"name", "tax_id", "phone", "email", "address"};
    static const char *const params[] = {"name", "tax-id", "phone", "email", "address"};
    int64_t id = 0;
    TRY(next_id(c, "SELECT max(id) FROM customer", &id, e));
    TRY(draft_begin(c, d, "customer.created", e));
    TRY(data_int(c, d->data, "customer", id, e));
    for (size_t i = 0; i < 5; i++) {
        const char *value = arg_text(c, params[i]);
        if (value != NULL && *value != '\0') {
            TRY(i == 1 ? biller_customer_check(c->office, value, e) : ERR_OK);
            TRY(data_personal(c, d, d->data, "customer", id, fields[i], value, e));
        }
    }
    c->result_id = id;
    (void)snprintf(c->message, sizeof c->message, _("customer %" PRId64 " made"), id);
    return ERR_OK;
}

static enum err_code build_account_open(struct command_ctx *c, struct draft *d, struct err *e)
{
    int64_t id = 0;
    struct account_row row;
    bool taken = false;
    const char *number = arg_text(c, "number");
    int64_t customer = arg_get(c, "customer")->integer;
    int64_t one = 0;
    bool exists = false;
    if (strlen(number) > 40) {
        return err_set(e, ERR_USAGE, _("an account number has at most %d characters"), 40);
    }
    TRY(account_by_number(c->office, number, &row, &taken, e));
    if (taken) {
        return err_set(e, ERR_EXISTS, _("there is an account \"%s\" already"), number);
    }
    TRY(db_get_int(c->office->db, &one, &exists, e, "SELECT 1 FROM customer WHERE id=?",
                   VALS(V_INT(customer))));
    if (!exists) {
        return err_set(e, ERR_NOT_FOUND, _("there is no customer %" PRId64), customer);
    }
    TRY(next_id(c, "SELECT max(id) FROM account", &id, e));
    TRY(draft_begin(c, d, "account.opened", e));
    TRY(data_int(c, d->data, "account", id, e));
    TRY(data_text(c, d->data, "number", number, e));
    TRY(data_int(c, d->data, "customer", customer, e));
    TRY(data_text(c, d->data, "currency", c->office->currency->code, e));
    TRY(data_text(c, d->data, "opened", c->date, e));
    c->result_id = id;
    (void)snprintf(c->message, sizeof c->message, _("account %s opened"), number);
    return ERR_OK;
}

/* Nothing may be owed either way: a closed account takes no payment. */
static enum err_code account_settled(struct office *o, const struct account_row *a,
                                     struct err *e)
{
    int64_t balance = 0;
    char words[MONEY_WORDS_MAX];
    TRY(account_balance(o, a->id, &balance, e));
    money_words(o, balance < 0 ? -balance : balance, words);
    return balance == 0 ? ERR_OK
           : balance > 0
               ? err_set(e, ERR_STATE,
                         _("account %s still owes %s; take the payment or write it "
                           "off first"),
                         a->number, words)
               : err_set(e, ERR_STATE, _("account %s has a credit of %s; refund it first"),
                         a->number, words);
}

static enum err_code build_account_close(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct account_row row;
    int64_t meters = 0;
    TRY(account_by_number(c->office, arg_text(c, "number"), &row, NULL, e));
    if (row.closed[0] != '\0') {
        return err_set(e, ERR_STATE, _("account %s was closed on %s"), row.number, row.closed);
    }
    TRY(db_get_int(c->office->db, &meters, NULL, e,
                   "SELECT count(*) FROM assignment WHERE account=? AND end_date IS NULL",
                   VALS(V_INT(row.id))));
    if (meters > 0) {
        return err_set(
            e, ERR_STATE,
            ngettext("account %s still has %" PRId64 " meter; assign it elsewhere first",
                     "account %s still has %" PRId64 " meters; assign them elsewhere first",
                     (unsigned long)meters),
            row.number, meters);
    }
    TRY(account_settled(c->office, &row, e));
    TRY(draft_begin(c, d, "account.closed", e));
    TRY(data_int(c, d->data, "account", row.id, e));
    TRY(data_text(c, d->data, "closed", c->date, e));
    (void)snprintf(c->message, sizeof c->message, _("account %s closed"), row.number);
    return ERR_OK;
}

static enum err_code build_meter_add(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct meter_ids ids;
    struct new_meter m = {.serial = arg_text(c, "serial"),
                          .kind = arg_text(c, "kind"),
                          .place = arg_text(c, "place"),
                          .route = arg_text(c, "route"),
                          .order = arg_text(c, "order"),
                          .obis = arg_text(c, "obis"),
                          .unit = arg_text(c, "unit"),
                          .digits = arg_text(c, "digits"),
                          .decimals = arg_text(c, "decimals"),
                          .multiplier = arg_text(c, "multiplier"),
                          .max_rate = arg_text(c, "max-rate"),
                          .installed = arg_text(c, "installed"),
                          .initial = arg_text(c, "initial"),
                          .account = arg_text(c, "account"),
                          .customer = arg_text(c, "customer"),
                          .tariff = arg_text(c, "tariff"),
                          .limit = arg_text(c, "limit")};
    TRY(meter_ids_next(c, &ids, e));
    c->result_id = ids.meter;
    TRY(draft_begin(c, d, "meter.installed", e));
    TRY(meter_data(c, d, &m, &ids, NULL, NULL, d->data, e));
    (void)snprintf(c->message, sizeof c->message, _("meter %s installed"), m.serial);
    return ERR_OK;
}

static enum err_code build_meter_register(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct meter_row meter;
    struct meter_ids ids = {0};
    struct new_meter m = {.obis = arg_text(c, "obis"),
                          .unit = arg_text(c, "unit"),
                          .digits = arg_text(c, "digits"),
                          .decimals = arg_text(c, "decimals"),
                          .multiplier = arg_text(c, "multiplier"),
                          .max_rate = arg_text(c, "max-rate"),
                          .installed = arg_text(c, "installed"),
                          .initial = arg_text(c, "initial")};
    TRY(meter_by_serial(c->office, arg_text(c, "serial"), &meter, NULL, e));
    if (meter.state == METER_REMOVED) {
        return err_set(e, ERR_STATE, _("meter %s was removed on %s"), meter.serial,
                       meter.removed);
    }
    TRY(meter_ids_next(c, &ids, e));
    c->result_id = ids.reg;
    TRY(draft_begin(c, d, "meter.register_added", e));
    TRY(meter_register_data(c, &meter, &m, &ids, d->data, e));
    (void)snprintf(c->message, sizeof c->message, _("meter %s: register %s added"),
                   meter.serial, m.obis);
    return ERR_OK;
}

static enum err_code build_meter_state(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct meter_row m;
    const char *state = arg_text(c, "state");
    TRY(meter_by_serial(c->office, arg_text(c, "serial"), &m, NULL, e));
    if (m.state == METER_REMOVED) {
        return err_set(e, ERR_STATE, _("meter %s was removed on %s"), m.serial, m.removed);
    }
    if (strcmp(meter_state_name(m.state), state) == 0) {
        return err_set(e, ERR_STATE, _("meter %s is in that state already"), m.serial);
    }
    TRY(draft_begin(c, d, "meter.state_set", e));
    TRY(data_int(c, d->data, "meter", m.id, e));
    TRY(data_text(c, d->data, "state", state, e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    if (strcmp(state, "removed") == 0) {
        TRY(meter_removal_data(c, d->data, e));
    } else if (arg_text(c, "final") != NULL || arg_get(c, "time")->given) {
        return err_set(e, ERR_USAGE, _("--final and --time go with --state removed"));
    }
    const char *word = code_word(state, strlen(state));
    (void)snprintf(c->message, sizeof c->message, _("meter %s is now %s"), m.serial,
                   word != NULL ? word : state);
    return ERR_OK;
}

static enum err_code build_meter_assign(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct meter_row m;
    struct account_row a;
    int64_t id = 0;
    const char *start = arg_date_or_today(c, "start");
    const char *tariff = arg_text(c, "tariff");
    TRY(meter_by_serial(c->office, arg_text(c, "serial"), &m, NULL, e));
    TRY(account_by_number(c->office, arg_text(c, "account"), &a, NULL, e));
    if (a.closed[0] != '\0') {
        return err_set(e, ERR_STATE, _("account %s was closed on %s"), a.number, a.closed);
    }
    TRY(tariff_usable(c->office, tariff, m.kind, start, e));
    if (m.kind != METER_ENERGY) {
        TRY(tariff_bills(c->office, tariff, m.kind, m.reg.unit, e));
    }
    int64_t later = 0;
    TRY(db_get_int(c->office->db, &later, NULL, e,
                   "SELECT count(*) FROM assignment WHERE meter=? AND start_date>=?",
                   VALS(V_INT(m.id), V_TEXT(start))));
    if (later > 0) {
        return err_set(e, ERR_STATE, _("meter %s has an assignment from %s or later already"),
                       m.serial, start);
    }
    TRY(next_id(c, "SELECT max(id) FROM assignment", &id, e));
    TRY(draft_begin(c, d, "meter.assigned", e));
    TRY(data_int(c, d->data, "assignment", id, e));
    TRY(data_int(c, d->data, "meter", m.id, e));
    TRY(data_int(c, d->data, "account", a.id, e));
    TRY(data_text(c, d->data, "tariff", tariff, e));
    TRY(data_text(c, d->data, "start", start, e));
    (void)snprintf(c->message, sizeof c->message, _("meter %s belongs to account %s from %s"),
                   m.serial, a.number, start);
    return ERR_OK;
}

static enum err_code build_limit_set(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct meter_row m;
    int64_t id = 0;
    int64_t value = 0;
    char limit[MONEY_WORDS_MAX];
    char from[DAY_WORDS_MAX];
    const char *text = arg_text(c, "value");
    const char *end = arg_text(c, "end");
    const char *start = arg_date_or_today(c, "start");
    TRY(meter_by_serial(c->office, arg_text(c, "serial"), &m, NULL, e));
    TRY(quantity_parse(text, strlen(text), m.reg.unit, &value, e));
    if (value < 0) {
        return err_set(e, ERR_USAGE, _("a limit cannot be negative"));
    }
    if (end != NULL && strcmp(end, start) <= 0) {
        return err_set(e, ERR_USAGE, _("the limit would end on %s, before it starts on %s"),
                       end, start);
    }
    TRY(next_id(c, "SELECT max(id) FROM usage_limit", &id, e));
    TRY(draft_begin(c, d, "limit.set", e));
    TRY(data_int(c, d->data, "limit", id, e));
    TRY(data_int(c, d->data, "meter", m.id, e));
    TRY(data_int(c, d->data, "value", value, e));
    TRY(data_text(c, d->data, "start", start, e));
    if (end != NULL) {
        TRY(data_text(c, d->data, "end", end, e));
    }
    number_words(c->office, text, m.reg.unit->pretty, limit);
    day_words(c->office, start, from);
    (void)snprintf(c->message, sizeof c->message, _("limit of meter %s: %s from %s"), m.serial,
                   limit, from);
    return ERR_OK;
}

static enum err_code build_alert_resolve(struct command_ctx *c, struct draft *d, struct err *e)
{
    int64_t id = arg_get(c, "alert")->integer;
    int64_t meter = 0;
    bool open = false;
    TRY(db_get_int(c->office->db, &meter, &open, e,
                   "SELECT meter FROM alert WHERE id=? AND resolved IS NULL", VALS(V_INT(id))));
    if (!open) {
        return err_set(e, ERR_NOT_FOUND, _("there is no open alert %" PRId64), id);
    }
    TRY(draft_begin(c, d, "alert.resolved", e));
    TRY(data_int(c, d->data, "alert", id, e));
    TRY(data_int(c, d->data, "meter", meter, e));
    TRY(data_text(c, d->data, "resolution", arg_text(c, "reason"), e));
    (void)snprintf(c->message, sizeof c->message, _("alert %" PRId64 " resolved"), id);
    return ERR_OK;
}

static const struct param customer_add_params[] = {
    {"name", PARAM_TEXT, PARAM_REQUIRED | PARAM_PERSONAL, N_("the customer's name"), NULL,
     NULL},
    {"tax-id", PARAM_TEXT, PARAM_PERSONAL, N_("tax identifier"), NULL, NULL},
    {"phone", PARAM_TEXT, PARAM_PERSONAL, N_("telephone"), NULL, NULL},
    {"email", PARAM_TEXT, PARAM_PERSONAL, N_("e-mail"), NULL, NULL},
    {"address", PARAM_TEXT, PARAM_PERSONAL, N_("postal address"), NULL, NULL},
    PARAM_END};
const struct command cmd_customer_add = {
    "customer add",
    N_("record a customer; personal data stays off the ledger"),
    0,
    customer_add_params,
    build_customer_add,
    NULL};

static const struct param account_open_params[] = {
    {"number", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the account's number"), NULL,
     NULL},
    {"customer", PARAM_INT, PARAM_REQUIRED, N_("the customer's number"), NULL, NULL},
    PARAM_END};
const struct command cmd_account_open = {"account open",
                                         N_("open an account of a customer"),
                                         0,
                                         account_open_params,
                                         build_account_open,
                                         NULL};

static const struct param account_close_params[] = {{"number", PARAM_TEXT,
                                                     PARAM_REQUIRED | PARAM_POSITIONAL,
                                                     N_("the account's number"), NULL, NULL},
                                                    PARAM_END};
const struct command cmd_account_close = {
    "account close",     N_("close an account without meters"),
    CMD_CONFIRM,         account_close_params,
    build_account_close, NULL};

static const struct param meter_add_params[] = {
    {"serial", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the meter's serial number"),
     NULL, NULL},
    {"kind", PARAM_CHOICE, PARAM_REQUIRED, N_("what it measures"), "water|energy|gas", NULL},
    {"place", PARAM_TEXT, PARAM_PERSONAL, N_("where it is"), NULL, NULL},
    {"route", PARAM_TEXT, 0, N_("reading route"), NULL, NULL},
    {"order", PARAM_INT, 0, N_("position on the route"), NULL, NULL},
    {"obis", PARAM_TEXT, 0, N_("OBIS code of the register"), NULL, NULL},
    {"unit", PARAM_CHOICE, 0, N_("unit of the dial"),
     "m3|l|kWh|Wh|MWh|dm3|gal|kgal|ft3|CCF|HCF", NULL},
    {"digits", PARAM_INT, 0, N_("digits of the dial before the point"), NULL, NULL},
    {"decimals", PARAM_INT, 0, N_("digits of the dial after the point"), NULL, NULL},
    {"multiplier", PARAM_INT, 0, N_("consumption = difference of the dial x this"), NULL, NULL},
    {"max-rate", PARAM_DECIMAL, 0, N_("physical maximum an hour, in the dial's unit"), NULL,
     NULL},
    {"installed", PARAM_DATE, 0, N_("date of installation"), NULL, NULL},
    {"initial", PARAM_DECIMAL, 0, N_("the dial at installation"), NULL, NULL},
    {"account", PARAM_TEXT, 0, N_("account that pays"), NULL, NULL},
    {"customer", PARAM_TEXT, PARAM_PERSONAL, N_("customer's name, to open the account with it"),
     NULL, NULL},
    {"tariff", PARAM_TEXT, 0, N_("code of the tariff"), NULL, NULL},
    {"limit", PARAM_DECIMAL, 0, N_("consumption limit of a period, in the dial's unit"), NULL,
     NULL},
    PARAM_END};
const struct command cmd_meter_add = {"meter add",      N_("install a meter"), 0,
                                      meter_add_params, build_meter_add,       NULL};

static const struct param meter_register_params[] = {
    {"serial", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the meter's serial number"),
     NULL, NULL},
    {"obis", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("OBIS code of the register"),
     NULL, NULL},
    {"unit", PARAM_CHOICE, 0, N_("unit of the dial"),
     "m3|l|kWh|Wh|MWh|dm3|kvarh|varh|kW|W|u|gal|kgal|ft3|CCF|HCF", NULL},
    {"digits", PARAM_INT, 0, N_("digits of the dial before the point"), NULL, NULL},
    {"decimals", PARAM_INT, 0, N_("digits of the dial after the point"), NULL, NULL},
    {"multiplier", PARAM_INT, 0, N_("consumption = difference of the dial x this"), NULL, NULL},
    {"max-rate", PARAM_DECIMAL, 0, N_("physical maximum an hour, in the dial's unit"), NULL,
     NULL},
    {"installed", PARAM_DATE, 0, N_("day from which it counts"), NULL, NULL},
    {"initial", PARAM_DECIMAL, 0, N_("the dial on that day"), NULL, NULL},
    PARAM_END};
const struct command cmd_meter_register = {
    "meter register",
    N_("add a register to a meter: time of use, reactive, demand, export"),
    0,
    meter_register_params,
    build_meter_register,
    NULL};

static const struct param meter_state_params[] = {
    {"serial", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the meter's serial number"),
     NULL, NULL},
    {"state", PARAM_CHOICE, PARAM_REQUIRED, N_("its state from now on"),
     "in_service|out_of_service|removed", NULL},
    PARAM_REASON,
    {"final", PARAM_TEXT, 0,
     N_("the dial as it was taken down; several registers as CODE=VALUE,CODE=VALUE"), NULL,
     NULL},
    {"time", PARAM_TIME, 0, N_("when it was removed, the office's wall clock; now"), NULL,
     NULL},
    PARAM_END};
const struct command cmd_meter_state = {
    "meter state",     N_("take a meter out of service, back, or away"),
    CMD_CONFIRM,       meter_state_params,
    build_meter_state, NULL};

static const struct param meter_assign_params[] = {
    {"serial", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the meter's serial number"),
     NULL, NULL},
    {"account", PARAM_TEXT, PARAM_REQUIRED, N_("account that pays"), NULL, NULL},
    {"tariff", PARAM_TEXT, PARAM_REQUIRED, N_("code of the tariff"), NULL, NULL},
    {"start", PARAM_DATE, 0, N_("first day"), NULL, NULL},
    PARAM_END};
const struct command cmd_meter_assign = {"meter assign",
                                         N_("give a meter to an account, by a tariff"),
                                         0,
                                         meter_assign_params,
                                         build_meter_assign,
                                         NULL};

static const struct param limit_set_params[] = {
    {"serial", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the meter's serial number"),
     NULL, NULL},
    {"value", PARAM_DECIMAL, PARAM_REQUIRED | PARAM_POSITIONAL,
     N_("consumption limit of a billing period, in the dial's unit"), NULL, NULL},
    {"start", PARAM_DATE, 0, N_("first day"), NULL, NULL},
    {"end", PARAM_DATE, 0, N_("first day on which it holds no more"), NULL, NULL},
    PARAM_END};
const struct command cmd_limit_set = {
    "limit set", N_("set a meter's consumption limit"), 0, limit_set_params, build_limit_set,
    NULL};

static const struct param alert_resolve_params[] = {
    {"alert", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("number of the alert"), NULL,
     NULL},
    {"reason", PARAM_TEXT, PARAM_REQUIRED, N_("how it was resolved"), NULL, NULL},
    PARAM_END};
const struct command cmd_alert_resolve = {"alert resolve",      N_("close an alert"), 0,
                                          alert_resolve_params, build_alert_resolve,  NULL};
