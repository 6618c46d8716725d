/* Taking a whole billing run back. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "app/cmd.h"
#include "base/i18n.h"

/* A run is taken back as a whole: its bills stay in the history, marked, and their numbers are
 * not used again. */
static enum err_code build_bill_discard(struct command_ctx *c, struct draft *d, struct err *e)
{
    int64_t run = arg_get(c, "run")->integer;
    int64_t found = 0;
    bool there = false;
    TRY(db_get_int(c->office->db, &found, &there, e,
                   "SELECT id FROM billing_run WHERE id = ? AND state <> 'discarded'",
                   VALS(V_INT(run))));
    if (!there) {
        return err_set(e, ERR_NOT_FOUND, _("there is no billing run %" PRId64 " to discard"),
                       run);
    }
    int64_t later = 0;
    TRY(db_get_int(c->office->db, &later, NULL, e,
                   "SELECT count(*) FROM billing_run a JOIN billing_run b ON b.id = ? WHERE "
                   "a.state <> 'discarded' AND a.start_date >= b.end_date AND (a.cycle IS "
                   "b.cycle OR EXISTS(SELECT 1 FROM bill x JOIN bill y ON y.account = "
                   "x.account WHERE x.run = b.id AND y.run = a.id))",
                   VALS(V_INT(run))));
    if (later > 0) {
        return err_set(e, ERR_STATE,
                       _("a later period was billed from where run %" PRId64
                         " ended; discard the "
                         "later run first"),
                       run);
    }
    TRY(draft_begin(c, d, "billing.discarded", e));
    TRY(data_int(c, d->data, "run", run, e));
    (void)snprintf(c->message, sizeof c->message, _("billing run %" PRId64 " discarded"), run);
    return data_text(c, d->data, "reason", arg_text(c, "reason"), e);
}

static const struct param bill_discard_params[] = {
    {"run", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("number of the billing run"), NULL,
     NULL},
    PARAM_REASON,
    PARAM_END};
const struct command cmd_bill_discard = {
    "bill discard",     N_("take back a whole billing run; its bills stay, marked"),
    CMD_CONFIRM,        bill_discard_params,
    build_bill_discard, NULL};
