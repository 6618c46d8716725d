#include <config.h>

#include "app/billed.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/note.h"
#include "app/query_bill.h"
#include "app/receivable.h"
#include "base/i18n.h"

#define ROLLOVERS_MAX 3

/* Dial values at the ends of a share, and the use that was billed between them. */
struct ends {
    int64_t from_value, to_value, consumption;
};

/* The use between the dial values with the new ones in their places, through as many rollovers
 * as the bill counted. */
static enum err_code use_again(const struct register_def *reg, const struct billed *b,
                               const struct ends *m, int64_t *use, struct err *e)
{
    struct err ignored = ERR_INIT;
    int64_t from = b->has_from ? b->from : m->from_value;
    int64_t to = b->has_to ? b->to : m->to_value;
    for (unsigned n = 0; n <= ROLLOVERS_MAX; n++) {
        int64_t was = 0;
        if (register_consumption(reg, m->from_value, m->to_value, n, &was, &ignored) ==
                ERR_OK &&
            was == m->consumption &&
            register_consumption(reg, from, to, n, use, &ignored) == ERR_OK) {
            return ERR_OK;
        }
    }
    return err_set(e, ERR_RANGE,
                   _("the register would fall on bill %" PRId64 "; cancel it and bill it "
                     "again"),
                   b->bill);
}

/* How much more the sub-meter is taken off its master's share now. */
static enum err_code sub_again(struct command_ctx *c, const struct meter_row *meter,
                               int64_t reg, const struct billed *b, int64_t *more,
                               struct err *e)
{
    struct stmt *q = NULL;
    struct ends m = {0};
    int64_t use = 0;
    bool row = false;
    TRY(db_query(c->office->db, &q, e,
                 "SELECT f.value, t.value, s.use FROM bill_sub s JOIN reading f ON f.id = "
                 "s.from_reading JOIN reading t ON t.id = s.to_reading WHERE s.bill = ? AND "
                 "s.register = ? AND s.source = ?",
                 VALS(V_INT(b->bill), V_INT(b->master), V_INT(reg))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        m = (struct ends){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
    }
    stmt_done(q);
    TRY(code);
    TRY(use_again(&meter->reg, b, &m, &use, e));
    *more = use - m.consumption;
    return ERR_OK;
}

/* What the share comes to with the new values in their places. */
static enum err_code share_again(struct command_ctx *c, const struct meter_row *meter,
                                 int64_t reg, const struct billed *b, const struct bill_view *v,
                                 const struct bill_view_meter *m, struct money *after,
                                 struct err *e)
{
    const struct ends ends = {m->from_value, m->to_value, m->consumption};
    int64_t use = m->consumption;
    int64_t more = 0;
    TRY(b->master != 0 ? sub_again(c, meter, reg, b, &more, e)
                       : use_again(&meter->reg, b, &ends, &use, e));
    return bill_share_with(c->office, v, m, use, more, c->arena, after, e);
}

/* With what other notes gave back a bill never gives back more than it asked for. */
static enum err_code credit_bound(struct command_ctx *c, struct billed *b, struct err *e)
{
    int64_t credited = 0;
    int64_t debited = 0;
    TRY(db_get_int(c->office->db, &credited, NULL, e,
                   "SELECT coalesce(sum(amount), 0) FROM document WHERE bill = ? AND type = "
                   "'credit_note'",
                   VALS(V_INT(b->bill))));
    TRY(db_get_int(c->office->db, &debited, NULL, e,
                   "SELECT coalesce(sum(amount), 0) FROM document WHERE bill = ? AND type = "
                   "'debit_note' AND cause <> 'late_fee'",
                   VALS(V_INT(b->bill))));
    int64_t left = b->old_total + debited - credited;
    left = left > 0 ? left : 0;
    b->credited = credited > 0 && -b->difference > left;
    b->difference = b->credited ? -left : b->difference;
    return ERR_OK;
}

enum err_code billed_again(struct command_ctx *c, const struct meter_row *meter, int64_t reg,
                           struct billed *b, struct err *e)
{
    struct bill_view v;
    struct money after = {0};
    int64_t before = 0;
    int64_t share = b->master != 0 ? b->master : reg;
    TRY(bill_view(c->office, b->bill, c->arena, &v, e));
    for (size_t i = 0; i < v.line_count; i++) {
        before += v.lines[i].reg == share ? v.lines[i].amount.minor : 0;
    }
    for (size_t i = 0; i < v.meter_count; i++) {
        if (v.meters[i].reg == share) {
            TRY(share_again(c, meter, reg, b, &v, &v.meters[i], &after, e));
        }
    }
    b->old_total = v.total.minor;
    b->difference = after.minor - before;
    return credit_bound(c, b, e);
}

enum err_code billed_notes(struct command_ctx *c, const struct billed *bills, size_t count,
                           struct json *data, struct err *e)
{
    struct json *list = json_new_array(c->arena);
    int64_t next[2] = {0}; /* credit, debit */
    int64_t posting = 0;
    for (size_t i = 0; i < count; i++) {
        const struct billed *b = &bills[i];
        bool credit = b->difference < 0;
        struct json *o = json_new_object(c->arena);
        if (b->difference == 0) {
            continue;
        }
        struct note n = {.type = credit ? NOTE_CREDIT : NOTE_DEBIT,
                         .cause = "correction",
                         .reason = arg_text(c, "reason"),
                         .due = credit ? NULL : c->date,
                         .number = next[credit ? 0 : 1],
                         .posting = posting,
                         .account = b->account,
                         .amount = credit ? -b->difference : b->difference,
                         .bill = b->bill,
                         .reading = b->reading,
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

void billed_say(struct command_ctx *c, const struct billed *bills, size_t count,
                const char *end)
{
    size_t used = 0;
    for (size_t i = 0; i < count && used < sizeof c->message; i++) {
        const struct billed *b = &bills[i];
        char was[MONEY_WORDS_MAX];
        char by[MONEY_WORDS_MAX];
        money_words(c->office, b->old_total, was);
        money_words(c->office, b->difference < 0 ? -b->difference : b->difference, by);
        int n = snprintf(c->message + used, sizeof c->message - used,
                         b->credited ? _("bill %" PRId64 " of %s was credited already: credit "
                                         "note of %s; ")
                         : b->difference < 0 ? _("bill %" PRId64 " of %s: credit note of %s; ")
                         : b->difference > 0 ? _("bill %" PRId64 " of %s: debit note of %s; ")
                                             : _("bill %" PRId64 " of %s: as it is (%s); "),
                         b->bill, was, by);
        used += n > 0 ? (size_t)n : 0;
    }
    if (used < sizeof c->message) {
        (void)snprintf(c->message + used, sizeof c->message - used, "%s", end);
    }
}
