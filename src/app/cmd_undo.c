/* A decision on a reading taken back by a record of its own: the reading is what it was before.
 */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/billed.h"
#include "app/cmd.h"
#include "base/i18n.h"

struct undone {
    int64_t decision, reading, corrected, seq; /* corrected 0: none */
    int64_t meter;
    const char *state; /* of the reading afterwards */
};

/* Whether a bill in force ends or begins at one of the two readings. */
static enum err_code not_billed(struct command_ctx *c, const struct undone *x, struct err *e)
{
    int64_t bill = 0;
    bool billed = false;
    TRY(db_get_int(c->office->db, &bill, &billed, e,
                   "SELECT b.id FROM " BILLED_READINGS " bm JOIN bill b ON b.id = bm.bill JOIN "
                   "billing_run n ON n.id = b.run WHERE bm.register = (SELECT register FROM "
                   "reading WHERE id = ?1) AND n.state <> 'discarded' AND b.cancelled IS NULL "
                   "AND (bm.from_reading IN (?1, ?2) OR bm.to_reading IN (?1, ?2)) LIMIT 1",
                   VALS(V_INT(x->reading), V_INT(x->corrected))));
    return billed ? err_set(e, ERR_STATE,
                            _("bill %" PRId64 " stands on that reading; correct it with: aforo "
                              "reading correct"),
                            bill)
                  : ERR_OK;
}

static enum err_code decision_take(struct command_ctx *c, struct undone *x, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(db_query(
        c->office->db, &q, e,
        "SELECT d.reading, coalesce(d.corrected, 0), d.seq, d.undone IS NOT NULL, "
        "h.kind, g.meter, (SELECT max(id) FROM decision WHERE reading = d.reading AND "
        "undone IS NULL), coalesce((SELECT max(n.id) FROM decision n WHERE n.reading = "
        "d.corrected AND n.undone IS NULL), 0) FROM decision d JOIN history h ON h.seq "
        "= d.seq JOIN reading x ON x.id = d.reading JOIN register g ON g.id = "
        "x.register WHERE d.id = ?",
        VALS(V_INT(x->decision))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND,
                       _("there is no decision %" PRId64 "; see: aforo list decisions"),
                       x->decision);
    } else if (code == ERR_OK && stmt_int(q, 3) != 0) {
        code = err_set(e, ERR_STATE, _("decision %" PRId64 " is undone already"), x->decision);
    } else if (code == ERR_OK && strcmp(stmt_text(q, 4), "readings.decided") != 0) {
        code = err_set(e, ERR_STATE,
                       _("notes followed from decision %" PRId64 "; it stays: correct the "
                         "reading again"),
                       x->decision);
    } else if (code == ERR_OK &&
               (stmt_int(q, 6) != x->decision || stmt_int(q, 7) > x->decision)) {
        code =
            err_set(e, ERR_STATE,
                    _("a later decision stands on decision %" PRId64 "; undo that one first"),
                    x->decision);
    } else if (code == ERR_OK) {
        x->reading = stmt_int(q, 0);
        x->corrected = stmt_int(q, 1);
        x->seq = stmt_int(q, 2);
        x->meter = stmt_int(q, 5);
    }
    stmt_done(q);
    return code;
}

/* Accepted by the decision before, or because no rule held it; else it waits again. */
static enum err_code state_before(struct command_ctx *c, struct undone *x, struct err *e)
{
    int64_t held = 0;
    TRY(db_get_int(c->office->db, &held, NULL, e,
                   "SELECT EXISTS(SELECT 1 FROM finding WHERE reading = ?1 AND hold = 1) AND "
                   "NOT EXISTS(SELECT 1 FROM decision WHERE reading = ?1 AND action = 'accept' "
                   "AND undone IS NULL AND id < ?2)",
                   VALS(V_INT(x->reading), V_INT(x->decision))));
    x->state = held != 0 ? "held" : "accepted";
    return ERR_OK;
}

static enum err_code build_undo(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct undone x = {.decision = arg_get(c, "decision")->integer};
    TRY(decision_take(c, &x, e));
    TRY(not_billed(c, &x, e));
    TRY(state_before(c, &x, e));
    TRY(draft_begin(c, d, "decision.undone", e));
    TRY(data_int(c, d->data, "decision", x.decision, e));
    TRY(data_int(c, d->data, "reading", x.reading, e));
    TRY(data_int(c, d->data, "meter", x.meter, e));
    if (x.corrected != 0) {
        TRY(data_int(c, d->data, "corrected", x.corrected, e));
    }
    TRY(data_int(c, d->data, "entry", x.seq, e));
    TRY(data_text(c, d->data, "state", x.state, e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    (void)snprintf(
        c->message, sizeof c->message,
        strcmp(x.state, "held") == 0
            ? _("decision %" PRId64 " undone; reading %" PRId64 " waits again")
            : _("decision %" PRId64 " undone; reading %" PRId64 " is accepted again"),
        x.decision, x.reading);
    return ERR_OK;
}

static const struct param undo_params[] = {{"decision", PARAM_INT,
                                            PARAM_REQUIRED | PARAM_POSITIONAL,
                                            N_("number of the decision"), NULL, NULL},
                                           PARAM_REASON,
                                           PARAM_END};
const struct command cmd_decision_undo = {
    "decision undo", N_("take back a decision on a reading that is not billed"),
    CMD_CONFIRM,     undo_params,
    build_undo,      NULL};
