#include <config.h>

#include "app/collection.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/plan.h"
#include "app/policy.h"
#include "base/i18n.h"

#define DAYS_MAX 3660
#define MINOR_MAX INT64_C(1000000000000)
#define HOUR_MS INT64_C(3600000)

static bool policy_read(const struct jnode *root, struct collection_policy *p)
{
    static const char *const names[] = {"notice_1",  "notice_2",  "notice_3", "cut_days",
                                        "minimum",   "from_hour", "to_hour",  "last_weekday",
                                        "protected", NULL};
    struct jnode list;
    *p = (struct collection_policy){.weekdays = 5};
    jread_only(root, names, NULL);
    bool ok = jread_int(root, "notice_1", true, 0, DAYS_MAX, &p->notice_days[0]);
    ok = jread_int(root, "notice_2", true, 0, DAYS_MAX, &p->notice_days[1]) && ok;
    ok = jread_int(root, "notice_3", true, 0, DAYS_MAX, &p->notice_days[2]) && ok;
    ok = jread_int(root, "cut_days", true, 0, DAYS_MAX, &p->cut_days) && ok;
    ok = jread_int(root, "minimum", true, 1, MINOR_MAX, &p->minimum) && ok;
    ok = jread_int(root, "from_hour", true, 0, 23, &p->from_hour) && ok;
    ok = jread_int(root, "to_hour", true, 1, 24, &p->to_hour) && ok;
    (void)jread_int(root, "last_weekday", false, 1, 7, &p->weekdays);
    if (jread_array(root, "protected", false, 0, PROTECTED_DATES_MAX, &list)) {
        p->dates = list.value;
        for (size_t i = 0; i < list.value->u.array.count; i++) {
            const struct json *v = list.value->u.array.items[i];
            struct jnode item = jnode_item(&list, i);
            struct date d;
            if (v->type != JSON_STRING ||
                date_parse(v->u.string.data, v->u.string.len, &d, NULL) != ERR_OK) {
                ok = jfault(&item, NULL, _("it must be a day as 2026-12-25"));
            }
        }
    }
    return ok;
}

void collection_policy_check(const struct jnode *root)
{
    struct collection_policy p;
    if (!policy_read(root, &p)) {
        return;
    }
    if (p.notice_days[0] > p.notice_days[1] || p.notice_days[1] > p.notice_days[2]) {
        (void)jfault(root, "notice_3", _("the notices must follow each other"));
    }
    if (p.from_hour >= p.to_hour) {
        (void)jfault(root, "to_hour", _("it must be after from_hour"));
    }
}

enum err_code collection_policy_load(struct office *o, struct arena *arena,
                                     struct collection_policy *out, struct err *e)
{
    const struct json *spec = NULL;
    bool found = false;
    struct faults faults = {0};
    TRY(policy_load(o, "collection", arena, &spec, &found, e));
    if (!found) {
        return err_set(e, ERR_STATE,
                       _("no rules of collection are set; set them with: aforo policy set "
                         "collection FILE"));
    }
    struct jnode root = jnode_root(spec, arena, &faults);
    return policy_read(&root, out)
               ? ERR_OK
               : err_set(e, ERR_TAMPERED, _("the policy %s cannot be read"), "collection");
}

enum err_code overdue_find(struct office *o, int64_t account, const char *date,
                           struct overdue *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *out = (struct overdue){0};
    TRY(db_query(o->db, &q, e, "SELECT due, left FROM " OVERDUE_ROWS " ORDER BY due, id",
                 VALS(V_INT(account), V_TEXT(date))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        if (out->since[0] == '\0') {
            (void)snprintf(out->since, sizeof out->since, "%s", stmt_text(q, 0));
        }
        out->amount += stmt_int(q, 1);
    }
    stmt_done(q);
    if (code != ERR_OK || out->since[0] == '\0') {
        return code;
    }
    TRY(db_get_int(o->db, &out->days, NULL, e,
                   "SELECT CAST(julianday(?1) - julianday(?2) AS INTEGER)",
                   VALS(V_TEXT(date), V_TEXT(out->since))));
    TRY(db_query(
        o->db, &q, e,
        "SELECT step, date FROM notice WHERE account = ? AND date > ? ORDER BY id DESC "
        "LIMIT 1",
        VALS(V_INT(account), V_TEXT(out->since))));
    code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        out->step = stmt_int(q, 0);
        (void)snprintf(out->told, sizeof out->told, "%s", stmt_text(q, 1));
    }
    stmt_done(q);
    return code;
}

static const struct {
    const char *name, *text;
} rules[] = {
    [CUT_ALLOWED] = {"allowed", N_("the supply may be cut")},
    [CUT_NO_DEBT] = {"no_debt", N_("nothing is overdue that is worth a cut")},
    [CUT_DISPUTE] = {"dispute", N_("a dispute is open")},
    [CUT_PLAN] = {"plan", N_("an instalment plan is kept")},
    [CUT_VULNERABLE] = {"vulnerable", N_("the customer is protected")},
    [CUT_NOTICE] = {"notice", N_("the last notice before a cut is missing or too fresh")},
    [CUT_DATE] = {"date", N_("nobody is cut off on this day")},
    [CUT_HOUR] = {"hour", N_("nobody is cut off at this hour")},
    [CUT_CAP] = {"cap", N_("as many were cut off in the last hour as may be")},
};

const char *cut_rule_name(enum cut_rule r)
{
    return rules[r].name;
}

const char *cut_rule_text(enum cut_rule r)
{
    return _(rules[r].text);
}

static enum err_code protected_find(struct office *o, int64_t account, const char *date,
                                    bool *is, struct err *e)
{
    int64_t one = 0;
    return db_get_int(o->db, &one, is, e,
                      "SELECT 1 FROM protection WHERE account = ? AND until >= ?",
                      VALS(V_INT(account), V_TEXT(date)));
}

static enum err_code told_long_ago(struct office *o, const struct collection_policy *p,
                                   const char *date, const struct overdue *debt, bool *told,
                                   struct err *e)
{
    int64_t days = 0;
    *told = false;
    if (debt->step < NOTICE_STEPS) {
        return ERR_OK;
    }
    TRY(db_get_int(o->db, &days, NULL, e,
                   "SELECT CAST(julianday(?1) - julianday(?2) AS INTEGER)",
                   VALS(V_TEXT(date), V_TEXT(debt->told))));
    *told = days >= p->cut_days;
    return ERR_OK;
}

enum err_code cut_rule_of(struct office *o, const struct collection_policy *p, int64_t account,
                          const char *date, const struct overdue *debt, enum cut_rule *out,
                          struct err *e)
{
    struct plan_view plan;
    enum plan_state state = PLAN_NONE;
    int64_t one = 0;
    bool disputed = false;
    bool vulnerable = false;
    bool told = false;
    TRY(db_get_int(o->db, &one, &disputed, e,
                   "SELECT 1 FROM dispute WHERE account = ? AND state = 'open'",
                   VALS(V_INT(account))));
    TRY(plan_of_account(o, account, date, &state, &plan, e));
    TRY(protected_find(o, account, date, &vulnerable, e));
    TRY(told_long_ago(o, p, date, debt, &told, e));
    *out = debt->amount < p->minimum ? CUT_NO_DEBT
           : disputed                ? CUT_DISPUTE
           : state == PLAN_KEPT      ? CUT_PLAN
           : vulnerable              ? CUT_VULNERABLE
           : !told                   ? CUT_NOTICE
                                     : CUT_ALLOWED;
    return ERR_OK;
}

enum cut_rule cut_rule_of_time(const struct office *o, const struct collection_policy *p)
{
    struct civil now = zone_to_civil(o->zone, env_wall_ms(o->env) / 1000);
    char today[DATE_TEXT];
    int64_t weekday = (date_to_days(now.date) + 3) % 7 + 1; /* 1970-01-01: a Thursday, 4 */
    date_text(now.date, today);
    if (weekday > p->weekdays) {
        return CUT_DATE;
    }
    for (size_t i = 0; p->dates != NULL && i < p->dates->u.array.count; i++) {
        if (strcmp(p->dates->u.array.items[i]->u.string.data, today) == 0) {
            return CUT_DATE;
        }
    }
    return now.hour >= p->from_hour && now.hour < p->to_hour ? CUT_ALLOWED : CUT_HOUR;
}

enum err_code cut_cap_left(struct office *o, bool begun, int64_t *left, struct err *e)
{
    int64_t meters = 0;
    int64_t cuts = 0;
    int64_t since = env_wall_ms(o->env) - HOUR_MS;
    TRY(db_get_int(o->db, &meters, NULL, e,
                   "SELECT count(*) FROM meter WHERE state = 'in_service'", NO_VALS));
    TRY(db_get_int(o->db, &cuts, NULL, e,
                   begun ? "SELECT count(*) FROM history h WHERE h.kind = 'work.begun' AND "
                           "h.time > ? AND EXISTS(SELECT 1 FROM work_order w WHERE w.meter = "
                           "h.meter AND w.kind = 'cut')"
                         : "SELECT count(*) FROM cut_order WHERE released > ?",
                   VALS(V_INT(since))));
    int64_t cap = meters / 100;
    cap = cap < 5 ? 5 : cap > 50 ? 50 : cap;
    *left = cap - cuts;
    return ERR_OK;
}

enum err_code cut_cap_reached(struct office *o, bool begun, bool *reached, struct err *e)
{
    int64_t left = 0;
    TRY(cut_cap_left(o, begun, &left, e));
    *reached = left <= 0;
    return ERR_OK;
}

enum err_code cut_may_begin(struct command_ctx *c, int64_t cut, int64_t account, struct err *e)
{
    struct collection_policy p;
    struct overdue debt;
    char today[DATE_TEXT];
    enum cut_rule rule = CUT_ALLOWED;
    int64_t one = 0;
    bool ordered = false;
    bool full = false;
    date_text(office_today(c->office), today);
    TRY(collection_policy_load(c->office, c->arena, &p, e));
    TRY(db_get_int(c->office->db, &one, &ordered, e,
                   "SELECT 1 FROM cut_order WHERE id = ? AND state = 'ordered'",
                   VALS(V_INT(cut))));
    if (!ordered) {
        return err_set(e, ERR_STATE, _("cut order %" PRId64 " is not in force"), cut);
    }
    TRY(overdue_find(c->office, account, today, &debt, e));
    TRY(cut_rule_of(c->office, &p, account, today, &debt, &rule, e));
    rule = rule == CUT_ALLOWED ? cut_rule_of_time(c->office, &p) : rule;
    TRY(cut_cap_reached(c->office, true, &full, e));
    rule = rule == CUT_ALLOWED && full ? CUT_CAP : rule;
    return rule == CUT_ALLOWED ? ERR_OK
                               : err_set(e, ERR_DENIED,
                                         _("cut order %" PRId64 " must not be carried out: %s "
                                           "(rule %s)"),
                                         cut, cut_rule_text(rule), cut_rule_name(rule));
}
