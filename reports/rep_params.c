#include <config.h>

#include "reports/rep_params.h"

#include <stdio.h>
#include <string.h>

#include "app/cli_args.h"
#include "app/lookup.h"
#include "app/words.h"
#include "base/i18n.h"
#include "base/quantity.h"
#include "domain/rules.h"
#include "ledger/kinds.h"

#define ONLY(name, help)                                                                       \
    {                                                                                          \
        name, PARAM_TEXT, 0, help, NULL, NULL                                                  \
    }
#define DAY(name, help)                                                                        \
    {                                                                                          \
        name, PARAM_DATE, 0, help, NULL, NULL                                                  \
    }
#define WHOLE(name, help)                                                                      \
    {                                                                                          \
        name, PARAM_INT, 0, help, NULL, NULL                                                   \
    }

static const struct param params[] = {
    DAY("from", N_("first day")),
    DAY("to", N_("last day")),
    DAY("date", N_("on this day")),
    DAY("due", N_("due by this day")),
    DAY("by", N_("due by this day")),
    ONLY("month", N_("only this month: 2016-03")),
    ONLY("account", N_("only this account")),
    ONLY("serial", N_("only this meter")),
    ONLY("route", N_("only this route")),
    ONLY("zone", N_("only this zone")),
    ONLY("state", N_("only what is in this state")),
    ONLY("kind", N_("only what is of this kind")),
    ONLY("rule", N_("only what this rule found")),
    ONLY("class", N_("only what the rule calls this")),
    {"severity", PARAM_CHOICE, 0, N_("this severity or a graver one"), "info|warning|alarm",
     NULL},
    {"what", PARAM_CHOICE, 0, N_("only readings or only alerts"), "readings|alerts", NULL},
    ONLY("user", N_("only what this user did")),
    ONLY("installer", N_("only orders of this installer")),
    ONLY("owner", N_("only what is attached to a thing of this kind")),
    WHOLE("number", N_("only what is attached to the thing of this number")),
    ONLY("template", N_("only papers of this kind")),
    WHOLE("run", N_("only this billing run")),
    WHOLE("file", N_("only this file of the bank")),
};

/* Of those whose rows are periods: what one ends with begins the next. */
static const struct param period_end = DAY("to", N_("first day that is not in it any more"));

const struct param *report_param(const struct office_report_def *def, const char *name)
{
    static const char *const periods[] = {"balance", "losses", "suspects"};
    size_t i = 0;
    for (size_t k = 0; strcmp(name, "to") == 0 && k < sizeof periods / sizeof periods[0]; k++) {
        if (strcmp(def->name, periods[k]) == 0) {
            return &period_end;
        }
    }
    while (i < sizeof params / sizeof params[0] && strcmp(params[i].name, name) != 0) {
        i++;
    }
    CHECK(i < sizeof params / sizeof params[0]);
    return &params[i];
}

/* ---- can a value be meant? --------------------------------------------------------------- */

static enum err_code day_check(const char *name, const char *text, struct err *e)
{
    struct date d;
    return date_parse(text, strlen(text), &d, NULL) == ERR_OK
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("--%s takes a date like 2016-03-31, not \"%.40s\""),
                         name, text);
}

enum err_code report_days_check(const char *from, const char *to, struct err *e)
{
    if (from != NULL) {
        TRY(day_check("from", from, e));
    }
    if (to != NULL) {
        TRY(day_check("to", to, e));
    }
    return from == NULL || to == NULL || strcmp(from, to) <= 0
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("--from %s is after --to %s"), from, to);
}

static enum err_code month_check(const char *text, struct err *e)
{
    char day[16];
    struct date d;
    bool short_enough = strlen(text) == 7;
    (void)snprintf(day, sizeof day, "%.7s-01", text);
    return short_enough && date_parse(day, strlen(day), &d, NULL) == ERR_OK
               ? ERR_OK
               : err_set(e, ERR_USAGE, _("--%s takes a month like 2016-03, not \"%.40s\""),
                         "month", text);
}

static enum err_code account_check(struct office *o, const char *number, struct err *e)
{
    struct account_row account;
    bool found = false;
    TRY(account_by_number(o, number, &account, &found, e));
    return found ? ERR_OK : err_set(e, ERR_NOT_FOUND, _("there is no account \"%s\""), number);
}

static enum err_code meter_check(struct office *o, const char *serial, struct err *e)
{
    struct meter_row meter;
    return meter_by_serial(o, serial, &meter, NULL, e);
}

/* By login, or as entries name who acted: "office", "user:3". */
static enum err_code user_check(struct office *o, const char *user, struct err *e)
{
    int64_t one = 0;
    bool known = strchr(user, ':') != NULL || strcmp(user, "office") == 0;
    if (!known) {
        TRY(db_get_int(o->db, &one, &known, e,
                       "SELECT 1 FROM personal WHERE owner = 'user' AND field = 'login' AND "
                       "value = ? LIMIT 1",
                       VALS(V_TEXT(user))));
    }
    return known ? ERR_OK : err_set(e, ERR_NOT_FOUND, _("there is no user \"%.80s\""), user);
}

/* Codes that no table holds; those of rules and of entries have tables of their own. */
static enum err_code code_check(const char *name, const char *text, struct err *e)
{
    enum rule_id rule;
    bool known = code_word(text, strlen(text)) != NULL || rule_find(text, &rule);
    for (size_t k = 0; !known && k < KIND_COUNT; k++) {
        known = strcmp(kinds[k].name, text) == 0;
    }
    return known ? ERR_OK
                 : err_set(e, ERR_USAGE,
                           _("--%s does not know \"%.40s\"; leave it out to see what there is"),
                           name, text);
}

/* The choices are those of the queue, which refuses others itself. */
static enum err_code value_check(struct office *o, const struct param *p, const char *text,
                                 struct err *e)
{
    int64_t number = 0;
    if (p->type == PARAM_DATE) {
        return day_check(p->name, text, e);
    }
    if (p->type == PARAM_INT) {
        return cli_whole(text, 1, INT64_MAX, &number)
                   ? ERR_OK
                   : err_set(e, ERR_USAGE, _("--%s is a whole number from 1 on"), p->name);
    }
    static const struct {
        const char *name;
        enum err_code (*check)(struct office *o, const char *text, struct err *e);
    } things[] = {{"account", account_check}, {"serial", meter_check}, {"user", user_check}};
    for (size_t i = 0; i < sizeof things / sizeof things[0]; i++) {
        if (strcmp(things[i].name, p->name) == 0) {
            return things[i].check(o, text, e);
        }
    }
    if (strcmp(p->name, "month") == 0) {
        return month_check(text, e);
    }
    bool code = strcmp(p->name, "state") == 0 || strcmp(p->name, "kind") == 0 ||
                strcmp(p->name, "owner") == 0;
    return code ? code_check(p->name, text, e) : ERR_OK;
}

enum err_code report_values_check(struct office *o, const struct office_report_def *def,
                                  const char *const *values, struct err *e)
{
    const char *from = NULL;
    const char *to = NULL;
    for (size_t i = 0; def->params[i] != NULL; i++) {
        if (values[i] != NULL) {
            TRY(value_check(o, report_param(def, def->params[i]), values[i], e));
        }
        from = strcmp(def->params[i], "from") == 0 ? values[i] : from;
        to = strcmp(def->params[i], "to") == 0 ? values[i] : to;
    }
    return report_days_check(from, to, e);
}
