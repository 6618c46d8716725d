/* Taking a whole billing run back. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "app/cmd.h"
#include "base/i18n.h"

static enum err_code first_bill(struct command_ctx *c, int64_t run, const char *sql,
                                int64_t *out, struct err *e)
{
    *out = 0;
    return db_get_int(c->office->db, out, NULL, e, sql, VALS(V_INT(run)));
}

/* What stands on a bill by itself would be left behind: a note's money, a complaint, the tax
 * authority's number. */
static enum err_code nothing_stands_on(struct command_ctx *c, int64_t run, struct err *e)
{
    int64_t bill = 0;
    TRY(first_bill(c, run,
                   "SELECT b.id FROM document d JOIN bill b ON b.id = d.bill WHERE b.run = ? "
                   "ORDER BY b.id LIMIT 1",
                   &bill, e));
    if (bill != 0) {
        return err_set(
            e, ERR_STATE,
            _("run %" PRId64 " cannot be taken back whole: bill %" PRId64
              " has a note, which would stay; cancel the bills that are wrong one by "
              "one: aforo bill cancel NUMBER"),
            run, bill);
    }
    TRY(first_bill(
        c, run,
        "SELECT b.id FROM dispute d JOIN bill b ON b.id = d.bill WHERE b.run = ? AND "
        "d.state = 'open' ORDER BY b.id LIMIT 1",
        &bill, e));
    if (bill != 0) {
        return err_set(e, ERR_STATE,
                       _("run %" PRId64 " cannot be taken back whole: bill %" PRId64
                         " is in dispute; end that first: aforo dispute resolve NUMBER"),
                       run, bill);
    }
    TRY(first_bill(
        c, run,
        "SELECT b.id FROM registration g JOIN bill b ON b.id = g.number WHERE g.type = "
        "'bill' AND b.run = ? ORDER BY b.id LIMIT 1",
        &bill, e));
    return bill == 0
               ? ERR_OK
               : err_set(e, ERR_STATE,
                         _("run %" PRId64 " cannot be taken back whole: bill %" PRId64
                           " is registered with the tax authority, which needs a credit note: "
                           "aforo bill cancel NUMBER"),
                         run, bill);
}

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
    TRY(nothing_stands_on(c, run, e));
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
