/* Instalment plans over what an account owes. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/plan.h"
#include "app/receivable.h"
#include "base/i18n.h"

#define PARTS_MAX 60

static enum err_code plan_paid(struct office *o, struct plan_view *v, const char *date,
                               struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    int64_t sum = 0;
    TRY(db_get_int(o->db, &v->paid, NULL, e,
                   "SELECT sum(i.amount - min(p.open, i.amount)) FROM plan_item i JOIN posting "
                   "p ON p.id = i.posting WHERE i.plan = ?",
                   VALS(V_INT(v->id))));
    TRY(db_query(o->db, &q, e, "SELECT due, amount FROM plan_part WHERE plan = ? ORDER BY part",
                 VALS(V_INT(v->id))));
    enum err_code code = ERR_OK;
    while ((code = stmt_next(q, &row, e)) == ERR_OK && row) {
        sum += stmt_int(q, 1);
        if (strcmp(stmt_text(q, 0), date) < 0) {
            v->due = sum;
        }
        if (sum > v->paid && v->next_due[0] == '\0') {
            (void)snprintf(v->next_due, sizeof v->next_due, "%s", stmt_text(q, 0));
        }
    }
    stmt_done(q);
    return code;
}

enum err_code plan_of_account(struct office *o, int64_t account, const char *date,
                              enum plan_state *state, struct plan_view *out, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *out = (struct plan_view){0};
    *state = PLAN_NONE;
    TRY(db_query(o->db, &q, e, "SELECT id, total FROM plan WHERE account = ? AND ended IS NULL",
                 VALS(V_INT(account))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        out->id = stmt_int(q, 0);
        out->total = stmt_int(q, 1);
    }
    stmt_done(q);
    if (code != ERR_OK || !row) {
        return code;
    }
    TRY(plan_paid(o, out, date, e));
    *state = out->paid >= out->total ? PLAN_PAID
             : out->paid >= out->due ? PLAN_KEPT
                                     : PLAN_BROKEN;
    return ERR_OK;
}

/* Everything that the account owes now. */
static enum err_code items_data(struct command_ctx *c, struct json *data, int64_t account,
                                int64_t *total, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    struct json *list = json_new_array(c->arena);
    *total = 0;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT id, open FROM posting WHERE account = ? AND open > 0 ORDER BY due, id "
                 "LIMIT 1000",
                 VALS(V_INT(account))));
    enum err_code code = list != NULL ? ERR_OK : err_nomem(e);
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        struct json *one = json_new_object(c->arena);
        bool ok = one != NULL && json_set_int(c->arena, one, "posting", stmt_int(q, 0)) &&
                  json_set_int(c->arena, one, "amount", stmt_int(q, 1)) &&
                  json_push(c->arena, list, one);
        *total += stmt_int(q, 1);
        code = ok ? ERR_OK : err_nomem(e);
    }
    stmt_done(q);
    return code == ERR_OK ? data_set(c, data, "items", list, e) : code;
}

/* Equal parts a month apart; what does not divide is in the first. */
static enum err_code parts_data(struct command_ctx *c, struct json *data, int64_t total,
                                int64_t count, struct date first, struct err *e)
{
    struct json *list = json_new_array(c->arena);
    char due[DATE_TEXT];
    bool ok = list != NULL;
    for (int64_t i = 0; ok && i < count; i++) {
        struct json *one = json_new_object(c->arena);
        int64_t amount = total / count + (i == 0 ? total % count : 0);
        date_text(date_add_months(first, (int)i), due);
        ok = one != NULL && json_set_str(c->arena, one, "due", due) &&
             json_set_int(c->arena, one, "amount", amount) && json_push(c->arena, list, one);
    }
    return ok ? data_set(c, data, "parts", list, e) : err_nomem(e);
}

static enum err_code build_plan_make(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct account_row a;
    struct plan_view v;
    enum plan_state state = PLAN_NONE;
    int64_t id = 0;
    int64_t total = 0;
    char words[MONEY_WORDS_MAX];
    char first[DATE_TEXT];
    int64_t parts = arg_get(c, "parts")->integer;
    TRY(account_open_named(c, arg_text(c, "account"), &a, e));
    TRY(plan_of_account(c->office, a.id, c->date, &state, &v, e));
    if (state != PLAN_NONE) {
        return err_set(e, ERR_EXISTS,
                       _("account %s has plan %" PRId64 " already; end it first"), a.number,
                       v.id);
    }
    if (parts < 1 || parts > PARTS_MAX) {
        return err_set(e, ERR_USAGE, _("--parts must be from 1 to %d"), PARTS_MAX);
    }
    date_text(arg_get(c, "first")->date, first);
    if (strcmp(first, c->date) < 0) { /* it would be broken before anybody could keep it */
        return err_set(e, ERR_USAGE,
                       _("--first: %s is past; a plan begins on %s at the earliest"), first,
                       c->date);
    }
    TRY(next_id(c, "SELECT max(id) FROM plan", &id, e));
    TRY(draft_begin(c, d, "plan.made", e));
    TRY(data_int(c, d->data, "plan", id, e));
    TRY(data_int(c, d->data, "account", a.id, e));
    TRY(items_data(c, d->data, a.id, &total, e));
    if (total < parts) {
        return err_set(e, ERR_STATE, _("account %s owes nothing that could be divided so"),
                       a.number);
    }
    TRY(data_int(c, d->data, "total", total, e));
    TRY(parts_data(c, d->data, total, parts, arg_get(c, "first")->date, e));
    c->result_id = id;
    money_words(c->office, total, words);
    (void)snprintf(c->message, sizeof c->message,
                   ngettext("plan %" PRId64 ": account %s pays %s in %" PRId64 " part",
                            "plan %" PRId64 ": account %s pays %s in %" PRId64 " parts",
                            (unsigned long)parts),
                   id, a.number, words, parts);
    return ERR_OK;
}

static enum err_code build_plan_end(struct command_ctx *c, struct draft *d, struct err *e)
{
    int64_t plan = arg_get(c, "plan")->integer;
    int64_t account = 0;
    bool runs = false;
    TRY(db_get_int(c->office->db, &account, &runs, e,
                   "SELECT account FROM plan WHERE id = ? AND ended IS NULL",
                   VALS(V_INT(plan))));
    if (!runs) {
        return err_set(e, ERR_NOT_FOUND, _("there is no plan %" PRId64 " that runs"), plan);
    }
    TRY(draft_begin(c, d, "plan.ended", e));
    TRY(data_int(c, d->data, "plan", plan, e));
    TRY(data_int(c, d->data, "account", account, e));
    (void)snprintf(c->message, sizeof c->message, _("plan %" PRId64 " ended"), plan);
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

static const struct param make_params[] = {
    {"account", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("the account's number"), NULL,
     NULL},
    {"parts", PARAM_INT, PARAM_REQUIRED, N_("how many parts"), NULL, NULL},
    {"first", PARAM_DATE, PARAM_REQUIRED, N_("when the first is due; the others monthly"), NULL,
     NULL},
    PARAM_END};
const struct command cmd_plan_make = {"plan make",
                                      N_("let an account pay what it owes in parts"),
                                      0,
                                      make_params,
                                      build_plan_make,
                                      NULL};

static const struct param end_params[] = {{"plan", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL,
                                           N_("number of the plan"), NULL, NULL},
                                          PARAM_REASON,
                                          PARAM_END};
const struct command cmd_plan_end = {
    "plan end", N_("end an instalment plan"), CMD_CONFIRM, end_params, build_plan_end, NULL};
