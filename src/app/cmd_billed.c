/* Correcting a reading that was billed: the reading, and a note for each bill that it changes,
 * in one act; previewed first. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/note.h"
#include "app/query_bill.h"
#include "app/receivable.h"
#include "base/i18n.h"

#define BILLS_MAX 16
#define ROLLOVERS_MAX 3

/* What the correction does to one bill. */
struct touched {
    int64_t bill;
    bool at_end; /* the reading ends the bill's period; else it starts it */
    int64_t old_total, difference;
};

struct billed_correction {
    int64_t reading, reg, utc, local, old_value, value;
    int64_t account;
    struct meter_row meter;
    struct touched bills[BILLS_MAX];
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

static enum err_code bills_find(struct command_ctx *c, struct billed_correction *x,
                                struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    x->count = 0;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT b.id, bm.to_reading = ?2, b.account FROM bill_meter bm JOIN bill b ON "
                 "b.id = bm.bill JOIN billing_run r ON r.id = b.run WHERE bm.register = ?1 AND "
                 "(bm.to_reading = ?2) <> (bm.from_reading = ?2) AND r.state = 'closed' AND "
                 "b.cancelled IS NULL ORDER BY b.id LIMIT ?3",
                 VALS(V_INT(x->reg), V_INT(x->reading), V_INT(BILLS_MAX))));
    enum err_code code = ERR_OK;
    while (x->count < BILLS_MAX && (code = stmt_next(q, &row, e)) == ERR_OK && row) {
        x->bills[x->count++] =
            (struct touched){.bill = stmt_int(q, 0), .at_end = stmt_int(q, 1) != 0};
        x->account = stmt_int(q, 2);
    }
    stmt_done(q);
    TRY(code);
    return x->count > 0 ? ERR_OK
                        : err_set(e, ERR_STATE,
                                  _("reading %" PRId64 " stands on no bill in force; correct "
                                    "it with: aforo reading decide"),
                                  x->reading);
}

/* The use between the dial values with the corrected reading in its place, through as many
 * rollovers as the bill counted. */
static enum err_code use_again(const struct billed_correction *x, const struct touched *t,
                               const struct bill_view_meter *m, int64_t *use, struct err *e)
{
    struct err ignored = ERR_INIT;
    int64_t from = t->at_end ? m->from_value : x->value;
    int64_t to = t->at_end ? x->value : m->to_value;
    for (unsigned n = 0; n <= ROLLOVERS_MAX; n++) {
        int64_t was = 0;
        if (register_consumption(&x->meter.reg, m->from_value, m->to_value, n, &was,
                                 &ignored) == ERR_OK &&
            was == m->consumption &&
            register_consumption(&x->meter.reg, from, to, n, use, &ignored) == ERR_OK) {
            return ERR_OK;
        }
    }
    return err_set(e, ERR_RANGE,
                   _("the register would fall on bill %" PRId64 "; cancel it and bill it "
                     "again"),
                   t->bill);
}

static enum err_code bill_again(struct command_ctx *c, const struct billed_correction *x,
                                struct touched *t, struct err *e)
{
    struct bill_view v;
    struct money after = {0};
    int64_t before = 0;
    int64_t use = 0;
    TRY(bill_view(c->office, t->bill, c->arena, &v, e));
    for (size_t i = 0; i < v.line_count; i++) {
        before += v.lines[i].reg == x->reg ? v.lines[i].amount.minor : 0;
    }
    for (size_t i = 0; i < v.meter_count; i++) {
        if (v.meters[i].reg == x->reg) {
            TRY(use_again(x, t, &v.meters[i], &use, e));
            TRY(bill_share_with(c->office, &v, &v.meters[i], use, c->arena, &after, e));
        }
    }
    t->old_total = v.total.minor;
    t->difference = after.minor - before;
    return ERR_OK;
}

static enum err_code correction_find(struct command_ctx *c, struct billed_correction *x,
                                     struct err *e)
{
    *x = (struct billed_correction){0};
    TRY(reading_take(c, x, e));
    TRY(bills_find(c, x, e));
    for (size_t i = 0; i < x->count; i++) {
        TRY(bill_again(c, x, &x->bills[i], e));
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

/* A note for each bill that comes out otherwise; numbers and postings count on within the
 * entry. */
static enum err_code notes_data(struct command_ctx *c, const struct billed_correction *x,
                                struct json *data, struct err *e)
{
    struct json *list = json_new_array(c->arena);
    int64_t next[2] = {0}; /* credit, debit */
    int64_t posting = 0;
    for (size_t i = 0; i < x->count; i++) {
        const struct touched *t = &x->bills[i];
        bool credit = t->difference < 0;
        struct json *o = json_new_object(c->arena);
        if (t->difference == 0) {
            continue;
        }
        struct note n = {.type = credit ? NOTE_CREDIT : NOTE_DEBIT,
                         .cause = "correction",
                         .reason = arg_text(c, "reason"),
                         .due = credit ? NULL : c->date,
                         .number = next[credit ? 0 : 1],
                         .posting = posting,
                         .account = x->account,
                         .amount = credit ? -t->difference : t->difference,
                         .bill = t->bill,
                         .reading = x->reading,
                         .laying = LAY_BILL};
        if (list == NULL || o == NULL) {
            return err_nomem(e);
        }
        TRY(note_data(c, o, &n, e));
        next[credit ? 0 : 1] = n.number + 1;
        posting = n.posting + 1;
        TRY(json_push(c->arena, list, o) ? ERR_OK : err_nomem(e));
    }
    return data_set(c, data, "notes", list, e);
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
    return notes_data(c, &x, d->data, e);
}

/* One line a bill, for the person who decides. */
static void effects_print(struct command_ctx *c, const struct billed_correction *x)
{
    size_t used = 0;
    for (size_t i = 0; i < x->count && used < sizeof c->message; i++) {
        const struct touched *t = &x->bills[i];
        char was[MONEY_WORDS_MAX];
        char by[MONEY_WORDS_MAX];
        money_words(c->office, t->old_total, was);
        money_words(c->office, t->difference < 0 ? -t->difference : t->difference, by);
        int n = snprintf(c->message + used, sizeof c->message - used,
                         t->difference < 0   ? _("bill %" PRId64 " of %s: credit note of %s; ")
                         : t->difference > 0 ? _("bill %" PRId64 " of %s: debit note of %s; ")
                                             : _("bill %" PRId64 " of %s: as it is (%s); "),
                         t->bill, was, by);
        used += n > 0 ? (size_t)n : 0;
    }
    if (used < sizeof c->message) {
        (void)snprintf(c->message + used, sizeof c->message - used, "%s",
                       arg_flag(c, "preview") ? _("a preview: nothing was recorded")
                                              : _("reading corrected"));
    }
}

static enum err_code run_correct(struct command_ctx *c, struct err *e)
{
    struct billed_correction x;
    struct ticket t;
    int64_t settled = 0;
    TRY(correction_find(c, &x, e));
    if (arg_flag(c, "preview")) {
        effects_print(c, &x);
        return ERR_OK;
    }
    TRY(act_user(c, build_correct, &t, e));
    effects_print(c, &x);
    return credits_settle(c, x.account, &settled, e);
}

static const struct param correct_params[] = {
    {"reading", PARAM_INT, PARAM_REQUIRED | PARAM_POSITIONAL, N_("number of the reading"), NULL,
     NULL},
    {"value", PARAM_DECIMAL, PARAM_REQUIRED, N_("what it should have said"), NULL, NULL},
    {"reason", PARAM_TEXT, PARAM_REQUIRED, N_("why"), NULL, NULL},
    {"preview", PARAM_FLAG, 0, N_("show the notes that would follow, record nothing"), NULL,
     NULL},
    {NULL, PARAM_TEXT, 0, NULL, NULL, NULL}};
const struct command cmd_reading_correct = {
    "reading correct",
    N_("correct a reading that was billed; a note follows for each bill"),
    CMD_BULK,
    correct_params,
    NULL,
    run_correct};
