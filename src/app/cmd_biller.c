/* Tax identifiers and the payment barcode: a policy like others, with a command of its own,
 * because it is the first thing that an office sets. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/policy.h"
#include "base/i18n.h"

/* "co_nit,co_cc" as an array. */
static enum err_code schemes_add(struct command_ctx *c, struct json *spec, const char *text,
                                 struct err *e)
{
    struct json *list = json_new_array(c->arena);
    bool made = list != NULL;
    for (const char *at = text; made && *at != '\0';) {
        size_t n = strcspn(at, ", ");
        made = n == 0 || json_push(c->arena, list, json_new_string_n(c->arena, at, n));
        at += n + (at[n] != '\0' ? 1 : 0);
    }
    return made && json_set(c->arena, spec, "customer_schemes", list) ? ERR_OK : err_nomem(e);
}

static enum err_code spec_make(struct command_ctx *c, struct json *spec, struct err *e)
{
    static const char *const texts[][2] = {{"tax-scheme", "tax_scheme"},
                                           {"tax-label", "tax_label"},
                                           {"tax-id", "tax_id"},
                                           {"barcode", "barcode"},
                                           {"gln", "gln"},
                                           {"agreement", "agreement"}};
    struct faults faults = {0};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *value = arg_text(c, texts[i][0]);
        if (value != NULL && *value != '\0' &&
            !json_set_str(c->arena, spec, texts[i][1], value)) {
            return err_nomem(e);
        }
    }
    if (arg_get(c, "customer-schemes")->given) {
        TRY(schemes_add(c, spec, arg_text(c, "customer-schemes"), e));
    }
    struct jnode root = jnode_root(spec, c->arena, &faults);
    biller_policy_check(&root);
    return faults.count == 0
               ? ERR_OK
               : err_set(e, ERR_PARSE, "%s: %s", faults.item[0].path, faults.item[0].text);
}

static enum err_code build_biller(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct json *spec = json_new_object(c->arena);
    if (spec == NULL) {
        return err_nomem(e);
    }
    TRY(spec_make(c, spec, e));
    TRY(draft_begin(c, d, "policy.set", e));
    TRY(data_text(c, d->data, "policy", "biller", e));
    (void)snprintf(
        c->message, sizeof c->message,
        _("bills, receipts and notes recorded from now on carry this; earlier ones stay as "
          "they are"));
    return data_set(c, d->data, "spec", spec, e);
}

static const struct param biller_params[] = {
    {"tax-scheme", PARAM_TEXT, 0,
     N_("kind of the office's tax identifier: co_nit, cl_rut, ar_cuit, pe_ruc, ec_ruc, mx_rfc, "
        "br_cnpj, cr_cedula"),
     NULL, NULL},
    {"tax-id", PARAM_TEXT, 0, N_("the office's tax identifier, with its check digit"), NULL,
     NULL},
    {"tax-label", PARAM_TEXT, 0, N_("what a tax identifier of another kind is called"), NULL,
     NULL},
    {"customer-schemes", PARAM_TEXT, 0,
     N_("kinds of identifiers that customers have, with commas: co_nit,co_cc; theirs are "
        "checked, and stand on their papers"),
     NULL, NULL},
    {"barcode", PARAM_CHOICE, 0,
     N_("payment barcode on bills, and on receipts that leave a debt"), "gs1-128|code128|none",
     NULL},
    {"gln", PARAM_TEXT, 0, N_("the biller's GLN, 13 digits, in a GS1-128"), NULL, NULL},
    {"agreement", PARAM_TEXT, 0,
     N_("the collection agreement's number, at most 13 digits, in front of a Code 128"), NULL,
     NULL},
    PARAM_END};
const struct command cmd_biller_set = {
    "biller set",
    N_("set tax identifiers and payment barcode of the office's papers, all anew"),
    CMD_CONFIRM,
    biller_params,
    build_biller,
    NULL};
