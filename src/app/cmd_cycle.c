/* Billing cycles: which routes and accounts are billed together, from which day of the month
 * on, and for how many months. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/bill_run_priv.h"
#include "app/cmd.h"
#include "app/lookup.h"
#include "base/i18n.h"

#define LIST_MAX 1000

/* The next of "R1,R2" into a text of the arena; NULL at the end. */
static const char *word_next(struct command_ctx *c, const char **list)
{
    const char *at = *list != NULL ? *list : "";
    while (*at == ',' || *at == ' ') {
        at++;
    }
    size_t len = strcspn(at, ",");
    *list = at + len;
    while (len > 0 && at[len - 1] == ' ') {
        len--;
    }
    return len > 0 ? arena_strndup(c->arena, at, len) : NULL;
}

static enum err_code route_free(struct command_ctx *c, const char *route, const char *name,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT cycle FROM cycle_route WHERE route = ? AND cycle <> ?",
                 VALS(V_TEXT(route), V_TEXT(name))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        code = err_set(e, ERR_EXISTS, _("route %s is in the cycle %s; take it out there first"),
                       route, stmt_text(q, 0));
    }
    stmt_done(q);
    return code;
}

static enum err_code routes_take(struct command_ctx *c, const char *name, struct json *list,
                                 int64_t *count, struct err *e)
{
    const char *at = arg_text(c, "routes");
    int64_t one = 0;
    for (const char *route = word_next(c, &at); route != NULL; route = word_next(c, &at)) {
        bool known = false;
        TRY(db_get_int(c->office->db, &one, &known, e,
                       "SELECT 1 FROM service_point WHERE route = ? LIMIT 1",
                       VALS(V_TEXT(route))));
        if (!known) {
            return err_set(e, ERR_NOT_FOUND, _("no meter is on a route %s"), route);
        }
        TRY(route_free(c, route, name, e));
        struct json *text = json_new_string(c->arena, route);
        if (++*count > LIST_MAX || text == NULL || !json_push(c->arena, list, text)) {
            return *count > LIST_MAX
                       ? err_set(e, ERR_LIMIT, _("a cycle names at most %d routes"), LIST_MAX)
                       : err_nomem(e);
        }
    }
    return ERR_OK;
}

static enum err_code accounts_take(struct command_ctx *c, struct json *list, int64_t *count,
                                   struct err *e)
{
    const char *at = arg_text(c, "accounts");
    for (const char *number = word_next(c, &at); number != NULL; number = word_next(c, &at)) {
        struct account_row a;
        TRY(account_by_number(c->office, number, &a, NULL, e));
        struct json *id = json_new_int(c->arena, a.id);
        if (++*count > LIST_MAX || id == NULL || !json_push(c->arena, list, id)) {
            return *count > LIST_MAX
                       ? err_set(e, ERR_LIMIT, _("a cycle names at most %d accounts"), LIST_MAX)
                       : err_nomem(e);
        }
    }
    return ERR_OK;
}

static enum err_code build_cycle_set(struct command_ctx *c, struct draft *d, struct err *e)
{
    const char *name = arg_text(c, "cycle");
    int64_t months = arg_get(c, "months")->integer;
    int64_t day = arg_get(c, "day")->integer;
    int64_t count = 0;
    struct json *routes = json_new_array(c->arena);
    struct json *accounts = json_new_array(c->arena);
    if (routes == NULL || accounts == NULL) {
        return err_nomem(e);
    }
    if (strlen(name) > CYCLE_NAME_MAX || name[0] == '\0') {
        return err_set(e, ERR_USAGE, _("the name of a cycle has at most %d characters"),
                       CYCLE_NAME_MAX);
    }
    if (months < 1 || months > 12 || day < 1 || day > 28) {
        return err_set(e, ERR_USAGE,
                       _("--months is 1 to 12, --day is 1 to 28, which every month has"));
    }
    TRY(routes_take(c, name, routes, &count, e));
    TRY(accounts_take(c, accounts, &count, e));
    TRY(draft_begin(c, d, "cycle.set", e));
    TRY(data_text(c, d->data, "cycle", name, e));
    TRY(data_int(c, d->data, "months", months, e));
    TRY(data_int(c, d->data, "day", day, e));
    TRY(data_set(c, d->data, "routes", routes, e));
    TRY(data_set(c, d->data, "accounts", accounts, e));
    (void)snprintf(c->message, sizeof c->message,
                   _("cycle %s: length in months %" PRId64 ", from day %" PRId64
                     ", routes and accounts %" PRId64),
                   name, months, day, count);
    return ERR_OK;
}

static const struct param cycle_params[] = {
    {"cycle", PARAM_TEXT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("name of the cycle"), NULL,
     NULL},
    {"months", PARAM_INT, 0, N_("how many months a period has"), NULL, "1"},
    {"day", PARAM_INT, 0, N_("day of the month on which a period starts"), NULL, "1"},
    {"routes", PARAM_TEXT, 0, N_("routes whose meters are in it, as R1,R2"), NULL, NULL},
    {"accounts", PARAM_TEXT, 0, N_("accounts that are in it whatever their route, as A1,A2"),
     NULL, NULL},
    PARAM_END};
const struct command cmd_cycle_set = {
    "cycle set",     N_("say which routes and accounts are billed together, and when"),
    CMD_CONFIRM,     cycle_params,
    build_cycle_set, NULL};
