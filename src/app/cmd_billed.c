/* Correcting a reading that was billed: the reading, and a note for each bill that it changes,
 * in one act; previewed first. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/billed.h"
#include "app/cmd.h"
#include "app/note.h"
#include "app/query_bill.h"
#include "app/receivable.h"
#include "base/i18n.h"

struct billed_correction {
    int64_t reading, reg, utc, local, old_value, value;
    int64_t account;
    struct meter_row meter;
    struct billed bills[BILLED_MAX];
    size_t count;
};

static enum err_code reading_take(struct command_ctx *c, struct billed_correction *x,
                                  struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    const char *text = arg_text(c, "value");
    x->reading = arg_get(c, "reading")->integer;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT register, utc, local, value, state FROM reading WHERE id = ?",
                 VALS(V_INT(x->reading))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && !row) {
        code = err_set(e, ERR_NOT_FOUND, _("there is no reading %" PRId64), x->reading);
    } else if (code == ERR_OK) {
        x->reg = stmt_int(q, 0);
        x->utc = stmt_int(q, 1);
        x->local = stmt_int(q, 2);
        x->old_value = stmt_int(q, 3);
    }
    bool accepted = code == ERR_OK && strcmp(stmt_text(q, 4), "accepted") == 0;
    stmt_done(q);
    TRY(code);
    TRY(reading_not_credited(c->office, x->reading, e));
    if (!accepted) {
        return err_set(e, ERR_STATE, _("reading %" PRId64 " is not an accepted one"),
                       x->reading);
    }
    TRY(meter_by_register(c->office, x->reg, &x->meter, e));
    TRY(quantity_parse(text, strlen(text), x->meter.reg.unit, &x->value, e));
    if (x->value < 0 || x->value > register_dial_max(&x->meter.reg)) {
        return err_set(e, ERR_RANGE, _("%s is beyond the dial of meter %s"), text,
                       x->meter.serial);
    }
    return x->value != x->old_value
               ? ERR_OK
               : err_set(e, ERR_STATE, _("reading %" PRId64 " says that already"), x->reading);
}

/* The reading, and those that it is a correction of: a bill names the first. */
#define ROOTS                                                                                  \
    "(WITH RECURSIVE up(id) AS (VALUES(?2) UNION SELECT x.id FROM up, reading x JOIN "         \
    "decision d ON d.reading = x.id WHERE x.register = ?1 AND x.utc = ?3 AND d.corrected = "   \
    "up.id AND d.undone IS NULL) SELECT id FROM up)"

static enum err_code bills_find(struct command_ctx *c, struct billed_correction *x,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    x->count = 0;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT b.id, b.account, bm.share FROM " BILLED_ENDS
                 " bm JOIN bill b ON b.id = bm.bill JOIN billing_run r ON r.id = b.run WHERE "
                 "(bm.to_reading IN " ROOTS " OR bm.from_reading IN " ROOTS ") AND "
                 "(bm.to_reading <> bm.from_reading OR bm.point) AND r.state = 'closed' AND "
                 "b.cancelled IS NULL ORDER BY bm.share <> ?1, b.id, bm.share",
                 VALS(V_INT(x->reg), V_INT(x->reading), V_INT(x->utc))));
    enum err_code code = ERR_OK;
    while (code == ERR_OK && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        const struct billed b = {.bill = stmt_int(q, 0),
                                 .account = stmt_int(q, 1),
                                 .share = stmt_int(q, 2),
                                 .reading = x->reading};
        x->account = x->count == 0 ? b.account : x->account;
        code = billed_add(x->bills, &x->count, &b, e);
    }
    stmt_done(q);
    TRY(code);
    return x->count > 0 ? ERR_OK
                        : err_set(e, ERR_STATE,
                                  _("reading %" PRId64 " stands on no bill in force; correct "
                                    "it with: aforo reading decide"),
                                  x->reading);
}

static enum err_code correction_find(struct command_ctx *c, struct billed_correction *x,
                                     struct err *e)
{
    *x = (struct billed_correction){0};
    TRY(reading_take(c, x, e));
    TRY(bills_find(c, x, e));
    const struct dial_change dial = {x->reading, x->value};
    for (size_t i = 0; i < x->count; i++) {
        TRY(billed_again(c, &dial, 1, &x->bills[i], e));
    }
    return ERR_OK;
}

static enum err_code decision_data(struct command_ctx *c, const struct billed_correction *x,
                                   struct json *data, struct err *e)
{
    struct json *one = json_new_object(c->arena);
    struct json *o = json_new_object(c->arena);
    struct buf text;
    int64_t decision = 0;
    int64_t reading = 0;
    if (one == NULL || o == NULL) {
        return err_nomem(e);
    }
    TRY(next_id(c, "SELECT max(id) FROM decision", &decision, e));
    TRY(next_id(c, "SELECT max(id) FROM reading", &reading, e));
    buf_init(&text, 32);
    civil_print(civil_from_secs(x->local), &text);
    enum err_code code = data_text(c, o, "local", buf_str(&text), e);
    buf_release(&text);
    TRY(code);
    TRY(data_int(c, o, "id", reading, e));
    TRY(data_int(c, o, "register", x->reg, e));
    TRY(data_int(c, o, "utc", x->utc, e));
    TRY(data_int(c, o, "value", x->value, e));
    TRY(data_text(c, o, "state", "accepted", e));
    TRY(data_text(c, o, "source", "correction", e));
    TRY(data_int(c, o, "corrects", x->reading, e));
    TRY(data_int(c, one, "id", decision, e));
    TRY(data_int(c, one, "reading", x->reading, e));
    TRY(data_set(c, one, "correction", o, e));
    return data_set(c, data, "decision", one, e);
}

static enum err_code build_correct(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct billed_correction x;
    TRY(correction_find(c, &x, e));
    TRY(draft_begin(c, d, "reading.billed_corrected", e));
    TRY(data_int(c, d->data, "account", x.account, e));
    TRY(data_int(c, d->data, "meter", x.meter.id, e));
    TRY(data_text(c, d->data, "action", "correct", e));
    TRY(data_text(c, d->data, "reason", arg_text(c, "reason"), e));
    TRY(decision_data(c, &x, d->data, e));
    return billed_notes(c, x.bills, x.count, d->data, e);
}

static enum err_code run_correct(struct command_ctx *c, struct err *e)
{
    struct billed_correction x;
    struct ticket t;
    int64_t settled = 0;
    TRY(correction_find(c, &x, e));
    if (arg_flag(c, "preview")) {
        billed_say(c, x.bills, x.count, _("a preview: nothing was recorded"));
        return ERR_OK;
    }
    TRY(act_user(c, build_correct, &t, e));
    billed_say(c, x.bills, x.count, _("reading corrected"));
    for (size_t i = 0; i < x.count; i++) {
        TRY(credits_settle(c, x.bills[i].account, &settled, e));
    }
    return ERR_OK;
}

static const struct param correct_params[] = {
    {"reading", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("number of the reading"), NULL,
     NULL},
    {"value", PARAM_DECIMAL, PARAM_REQUIRED, N_("what it should have said"), NULL, NULL},
    PARAM_REASON,
    {"preview", PARAM_FLAG, 0, N_("show the notes that would follow, record nothing"), NULL,
     NULL},
    PARAM_END};
const struct command cmd_reading_correct = {
    "reading correct",
    N_("correct a reading that was billed; a note follows for each bill"),
    CMD_BULK,
    correct_params,
    NULL,
    run_correct};
