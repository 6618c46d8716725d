#include <config.h>

#include "app/request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

enum err_code request_needed(struct command_ctx *c, const char *command, int64_t *out,
                             struct err *e)
{
    bool found = false;
    *out = 0;
    TRY(db_get_int(c->office->db, out, &found, e,
                   "SELECT needed FROM approval_policy WHERE command=?",
                   VALS(V_TEXT(command))));
    if (!found) { /* whoever forgot his password cannot object: two must vouch for him */
        *out = strcmp(command, "user recover") == 0 ? 2 : 1;
    }
    return ERR_OK;
}

enum err_code request_value_get(struct command_ctx *c, const char *name, const char **out,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    *out = NULL;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT value FROM request_argument WHERE request=? AND name=?",
                 VALS(V_INT(c->request), V_TEXT(name))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        *out = arena_strdup(c->arena, stmt_text(q, 0));
        code = *out == NULL ? err_nomem(e) : ERR_OK;
    }
    stmt_done(q);
    return code;
}

static enum err_code argument_add(struct command_ctx *c, struct json *list, const char *name,
                                  const char *value, struct err *e)
{
    struct json *o = json_new_object(c->arena);
    if (o == NULL) {
        return err_nomem(e);
    }
    TRY(data_text(c, o, "name", name, e));
    TRY(data_text(c, o, "value", value, e));
    return json_push(c->arena, list, o) ? ERR_OK : err_nomem(e);
}

static enum err_code arguments_data(struct command_ctx *c, const struct request_extra *x,
                                    struct json *list, struct err *e)
{
    const struct param *p = c->command->params;
    for (size_t i = 0; (x == NULL || !x->only) && p[i].name != NULL; i++) {
        CHECK(p[i].type != PARAM_SECRET && (p[i].flags & PARAM_PERSONAL) == 0);
        if (c->args[i].given) {
            TRY(argument_add(c, list, p[i].name, c->args[i].text, e));
        }
    }
    for (size_t i = 0; x != NULL && i < x->count; i++) {
        TRY(argument_add(c, list, x->values[i].name, x->values[i].value, e));
    }
    return ERR_OK;
}

static enum err_code build_open(struct command_ctx *c, struct draft *d, struct err *e)
{
    const struct request_extra *x = c->report;
    struct json *list = json_new_array(c->arena);
    int64_t needed = 0;
    int64_t id = 0;
    char hex[65];
    if (list == NULL) {
        return err_nomem(e);
    }
    TRY(request_needed(c, c->command->name, &needed, e));
    TRY(next_id(c, "SELECT max(id) FROM request", &id, e));
    TRY(draft_begin(c, d, "request.opened", e));
    TRY(data_int(c, d->data, "request", id, e));
    TRY(data_text(c, d->data, "command", c->command->name, e));
    TRY(data_int(c, d->data, "needed", needed, e));
    TRY(arguments_data(c, x, list, e));
    if (x != NULL && x->sealed != NULL) {
        TRY(draft_keep_sealed(d, c->office->env, c->arena, x->sealed, hex, e));
        TRY(data_text(c, d->data, "secret", hex, e));
    }
    c->result_id = id;
    (void)snprintf(c->message, sizeof c->message,
                   ngettext("request %" PRId64 " recorded; %" PRId64
                            " other person must approve it: aforo request approve %" PRId64,
                            "request %" PRId64 " recorded; %" PRId64
                            " other persons must approve it: aforo request approve %" PRId64,
                            (unsigned long)needed),
                   id, needed, id);
    return data_set(c, d->data, "arguments", list, e);
}

/* What cannot be done today is not asked for: build says why. Its draft is thrown away. */
static enum err_code build_fits(struct command_ctx *c, struct err *e)
{
    struct draft d = {.actor = c->session->actor, .date = c->date};
    TRY(ledger_head(c->office->db, &c->head, e));
    return c->command->build(c, &d, e);
}

/* The same thing is asked for once: approved twice, the second could only fail. What a command
 * is about is its first parameter. */
static enum err_code not_asked_yet(struct command_ctx *c, struct err *e)
{
    int64_t id = 0;
    bool found = false;
    if (!c->args[0].given) {
        return ERR_OK;
    }
    TRY(db_get_int(
        c->office->db, &id, &found, e,
        "SELECT r.id FROM request r JOIN request_argument a ON a.request = r.id WHERE "
        "r.state = 'open' AND r.command = ? AND a.name = ? AND a.value = ? LIMIT 1",
        VALS(V_TEXT(c->command->name), V_TEXT(c->command->params[0].name),
             V_TEXT(c->args[0].text))));
    return !found
               ? ERR_OK
               : err_set(e, ERR_EXISTS,
                         _("request %" PRId64 " asks for this already and waits for approval: "
                           "aforo request approve %" PRId64),
                         id, id);
}

enum err_code request_open(struct command_ctx *c, const struct request_extra *x,
                           struct ticket *out, struct err *e)
{
    struct request_extra copy = {0};
    void *report = c->report;
    if (x == NULL) {
        TRY(build_fits(c, e));
        TRY(not_asked_yet(c, e));
    } else {
        copy = *x;
    }
    c->report = x == NULL ? NULL : &copy;
    enum err_code code = act_user(c, build_open, out, e);
    c->report = report;
    out->state = TICKET_PENDING;
    return code;
}
