/* A receipt given out on paper. The print is recorded before the paper is made, so that there
 * are never two originals; one that got lost on the way to the printer is followed by a copy.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "app/cmd.h"
#include "base/i18n.h"

static enum err_code build_receipt_print(struct command_ctx *c, struct draft *d, struct err *e)
{
    int64_t receipt = arg_get(c, "receipt")->integer;
    int64_t account = 0;
    int64_t prints = 0;
    bool found = false;
    TRY(db_get_int(c->office->db, &account, &found, e,
                   "SELECT account FROM document WHERE type = 'receipt' AND number = ?",
                   VALS(V_INT(receipt))));
    if (!found) {
        return err_set(e, ERR_NOT_FOUND, _("there is no receipt %" PRId64), receipt);
    }
    TRY(db_get_int(c->office->db, &prints, NULL, e,
                   "SELECT coalesce(max(print), 0) FROM receipt_print WHERE receipt = ?",
                   VALS(V_INT(receipt))));
    TRY(draft_begin(c, d, "receipt.printed", e));
    TRY(data_int(c, d->data, "receipt", receipt, e));
    TRY(data_int(c, d->data, "account", account, e));
    TRY(data_int(c, d->data, "print", prints + 1, e));
    c->result_id = prints;
    (void)snprintf(c->message, sizeof c->message,
                   prints == 0 ? _("receipt %" PRId64 ": the original")
                               : _("receipt %" PRId64 ": copy %" PRId64),
                   receipt, prints);
    return ERR_OK;
}

static const struct param print_params[] = {{"receipt", PARAM_INT,
                                             PARAM_REQUIRED | PARAM_POSITIONAL,
                                             N_("number of the receipt"), NULL, NULL},
                                            PARAM_END};
const struct command cmd_receipt_print = {"receipt print",
                                          N_("record that a receipt is given out on paper"),
                                          0,
                                          print_params,
                                          build_receipt_print,
                                          NULL};
