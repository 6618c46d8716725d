/* What a tax authority answers to a document: its identifier, attached by an entry. The
 * document itself is handed out by: aforo document outbox. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/words.h"
#include "base/i18n.h"

static enum err_code build_register(struct command_ctx *c, struct draft *d, struct err *e)
{
    const char *type = arg_text(c, "type");
    int64_t number = arg_get(c, "number")->integer;
    int64_t account = 0;
    int64_t one = 0;
    bool there = false;
    bool registered = false;
    const char *external = arg_text(c, "external");
    const char *authority = arg_text(c, "authority");
    TRY(db_get_int(c->office->db, &account, &there, e,
                   "SELECT account FROM document WHERE type = ?1 AND number = ?2 UNION ALL "
                   "SELECT account FROM bill WHERE ?1 = 'bill' AND id = ?2",
                   VALS(V_TEXT(type), V_INT(number))));
    if (!there) {
        return err_set(e, ERR_NOT_FOUND, _("there is no %s %" PRId64), code_said(type), number);
    }
    TRY(db_get_int(c->office->db, &one, &registered, e,
                   "SELECT 1 FROM registration WHERE type = ? AND number = ?",
                   VALS(V_TEXT(type), V_INT(number))));
    if (registered) {
        return err_set(e, ERR_EXISTS, _("%s %" PRId64 " is registered already"),
                       code_said(type), number);
    }
    if (strlen(external) > 200 || strlen(authority) > 200) {
        return err_set(e, ERR_USAGE, _("--external and --authority have at most %d characters"),
                       200);
    }
    TRY(draft_begin(c, d, "document.registered", e));
    TRY(data_text(c, d->data, "type", type, e));
    TRY(data_int(c, d->data, "number", number, e));
    TRY(data_int(c, d->data, "account", account, e));
    TRY(data_text(c, d->data, "authority", authority, e));
    (void)snprintf(c->message, sizeof c->message, _("%s %" PRId64 " is registered as %s"),
                   code_said(type), number, external);
    return data_text(c, d->data, "external", external, e);
}

static const struct param register_params[] = {
    {"type", PARAM_CHOICE, PARAM_REQUIRED | PARAM_POSITIONAL, N_("which kind of document"),
     "bill|credit_note|debit_note|receipt", NULL},
    {"number", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("its number"), NULL, NULL},
    {"external", PARAM_TEXT, PARAM_REQUIRED, N_("the identifier that the authority gave"), NULL,
     NULL},
    {"authority", PARAM_TEXT, PARAM_REQUIRED, N_("who gave it"), NULL, NULL},
    PARAM_END};
const struct command cmd_document_register = {
    "document register",
    N_("attach a tax authority's identifier to a document"),
    0,
    register_params,
    build_register,
    NULL};
