/* Validation rules: what the office sets in place of their defaults. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/rule_settings.h"
#include "app/words.h"
#include "base/i18n.h"

#define LIMIT_MAX INT64_C(1000000000000)

static enum err_code setting_read(const struct stmt *q, struct rule_set out[METER_KIND_COUNT],
                                  struct err *e)
{
    enum meter_kind kind = METER_WATER;
    enum rule_id rule = RULE_NEGATIVE;
    struct rule_config x = {.on = stmt_int(q, 2) != 0, .hold = stmt_int(q, 3) != 0};
    if (!meter_kind_find(stmt_text(q, 0), &kind) || !rule_find(stmt_text(q, 1), &rule) ||
        stmt_is_null(q, 4) || !severity_find(stmt_text(q, 4), &x.severity)) {
        return err_set(e, ERR_TAMPERED,
                       _("the setting of a rule is damaged; run: aforo verify --deep"));
    }
    for (int i = 0; i < RULE_LIMITS; i++) {
        x.limit[i] = stmt_int(q, 5 + i);
    }
    out[kind].rule[rule] = x;
    return ERR_OK;
}

enum err_code rules_load(struct office *o, struct rule_set out[METER_KIND_COUNT], struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    for (int k = 0; k < METER_KIND_COUNT; k++) {
        rules_defaults((enum meter_kind)k, &out[k]);
    }
    TRY(db_query(o->db, &q, e,
                 "SELECT kind, rule, active, hold, severity, limit0, limit1, limit2, limit3, "
                 "limit4 FROM rule_setting ORDER BY kind, rule LIMIT ?",
                 VALS(V_INT((int64_t)METER_KIND_COUNT * RULE_COUNT))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        code = setting_read(q, out, e);
    }
    stmt_done(q);
    return code;
}

/* "3,35,65": the first limits of the rule; what is not named stays. */
static enum err_code limits_read(const char *text, enum rule_id rule, struct rule_config *x,
                                 struct err *e)
{
    int i = 0;
    int most = rule_limit_count(rule);
    for (const char *at = text; at != NULL; i++) {
        const char *end = strchr(at, ',');
        size_t len = end == NULL ? strlen(at) : (size_t)(end - at);
        struct decimal n;
        struct err ignored = ERR_INIT;
        if (i == most || decimal_parse(at, len, &n, &ignored) != ERR_OK || n.scale != 0 ||
            n.mantissa < 0 || n.mantissa > LIMIT_MAX) {
            return err_set(e, ERR_USAGE,
                           ngettext("--limits of the rule %s takes %d whole number from 0; "
                                    "docs/validation.md says what it is",
                                    "--limits of the rule %s takes up to %d whole numbers from "
                                    "0, separated by commas; docs/validation.md says what each "
                                    "is",
                                    (unsigned long)most),
                           rule_name(rule), most);
        }
        x->limit[i] = n.mantissa;
        at = end == NULL ? NULL : end + 1;
    }
    return ERR_OK;
}

static bool yes(struct command_ctx *c, const char *name, bool otherwise)
{
    const char *text = arg_text(c, name);
    return text == NULL ? otherwise : strcmp(text, "yes") == 0;
}

static enum err_code config_data(struct command_ctx *c, const struct rule_config *x,
                                 struct json *o, struct err *e)
{
    struct json *list = json_new_array(c->arena);
    for (int i = 0; list != NULL && i < RULE_LIMITS; i++) {
        struct json *n = json_new_int(c->arena, x->limit[i]);
        list = n != NULL && json_push(c->arena, list, n) ? list : NULL;
    }
    if (list == NULL || !json_set_bool(c->arena, o, "active", x->on) ||
        !json_set_bool(c->arena, o, "hold", x->hold)) {
        return err_nomem(e);
    }
    TRY(data_text(c, o, "severity", severity_name(x->severity), e));
    return data_set(c, o, "limits", list, e);
}

static enum err_code build_rule_set(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct rule_set sets[METER_KIND_COUNT];
    const char *name = arg_text(c, "rule");
    enum meter_kind kind = METER_WATER;
    enum rule_id rule = RULE_NEGATIVE;
    CHECK(rule_find(name, &rule));
    CHECK(meter_kind_find(arg_text(c, "kind"), &kind));
    TRY(rules_load(c->office, sets, e));
    struct rule_config x = sets[kind].rule[rule];
    x.on = yes(c, "active", x.on);
    x.hold = yes(c, "hold", x.hold);
    if (arg_text(c, "severity") != NULL) {
        (void)severity_find(arg_text(c, "severity"), &x.severity);
    }
    TRY(limits_read(arg_text(c, "limits"), rule, &x, e));
    if (memcmp(&x, &sets[kind].rule[rule], sizeof x) == 0) {
        return err_set(e, ERR_STATE, _("rule %s is set like that already"), rule_title(rule));
    }
    TRY(draft_begin(c, d, "rule.set", e));
    TRY(data_text(c, d->data, "rule", name, e));
    TRY(data_text(c, d->data, "kind", meter_kind_name(kind), e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    (void)snprintf(c->message, sizeof c->message, _("rule %s set for %s meters"),
                   rule_title(rule), code_said(meter_kind_name(kind)));
    return config_data(c, &x, d->data, e);
}

static const struct param rule_set_params[] = {
    {"rule", PARAM_CHOICE, PARAM_REQUIRED | PARAM_POSITIONAL, N_("name of the rule"),
     rule_choices + 1, NULL},
    {"kind", PARAM_CHOICE, PARAM_REQUIRED, N_("of which meters"), "water|energy|gas", NULL},
    {"limits", PARAM_TEXT, 0, N_("its limits, separated by commas"), NULL, NULL},
    {"severity", PARAM_CHOICE, 0, N_("how grave it is"), "info|warning|alarm", NULL},
    {"hold", PARAM_CHOICE, 0, N_("hold readings for a supervisor"), "yes|no", NULL},
    {"active", PARAM_CHOICE, 0, N_("apply the rule at all"), "yes|no", NULL},
    PARAM_REASON,
    PARAM_END};
const struct command cmd_rule_set = {
    "rule set",     N_("set a validation rule for a kind of meter"),
    CMD_CONFIRM,    rule_set_params,
    build_rule_set, NULL};
