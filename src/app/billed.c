#include <config.h>

#include "app/billed.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/note.h"
#include "app/receivable.h"
#include "base/i18n.h"

enum err_code billed_add(struct billed *bills, size_t *count, const struct billed *b,
                         struct err *e)
{
    for (size_t i = 0; i < *count; i++) {
        if (bills[i].bill == b->bill && bills[i].share == b->share) {
            bills[i].reading = b->reading > bills[i].reading ? b->reading : bills[i].reading;
            return ERR_OK;
        }
    }
    if (*count == BILLED_MAX) {
        return err_set(e, ERR_LIMIT, _("more than %d bills would change"), BILLED_MAX);
    }
    bills[(*count)++] = *b;
    return ERR_OK;
}

enum err_code billed_rest(struct office *o, int64_t bill, int64_t total, int64_t seq,
                          int64_t *rest, bool *bound, struct err *e)
{
    int64_t credited = 0;
    int64_t debited = 0;
    TRY(db_get_int(o->db, &credited, NULL, e,
                   "SELECT coalesce(sum(amount), 0) FROM document WHERE bill = ? AND type = "
                   "'credit_note' AND seq < ?",
                   VALS(V_INT(bill), V_INT(seq))));
    TRY(db_get_int(o->db, &debited, NULL, e,
                   "SELECT coalesce(sum(amount), 0) FROM document WHERE bill = ? AND type = "
                   "'debit_note' AND cause <> 'late_fee' AND seq < ?",
                   VALS(V_INT(bill), V_INT(seq))));
    int64_t left = total + debited - credited;
    *rest = left > 0 ? left : 0;
    *bound = credited > 0;
    return ERR_OK;
}

enum err_code billed_again(struct command_ctx *c, const struct dial_change *dials, size_t count,
                           struct billed *b, struct err *e)
{
    struct bill_view v;
    const struct bill_change change = {INT64_MAX, dials, count};
    int64_t rest = 0;
    bool bound = false;
    TRY(bill_view(c->office, b->bill, c->arena, &v, e));
    b->old_total = v.total.minor;
    b->difference = 0;
    for (size_t i = 0; i < v.meter_count; i++) {
        if (v.meters[i].reg == b->share) {
            TRY(bill_share_change(c->office, &v, &v.meters[i], &change, c->arena,
                                  &b->difference, NULL, NULL, e));
        }
    }
    /* With what other notes gave back a bill never gives back more than it asked for. */
    TRY(billed_rest(c->office, b->bill, b->old_total, INT64_MAX, &rest, &bound, e));
    b->credited = bound && -b->difference > rest;
    b->difference = b->credited ? -rest : b->difference;
    return ERR_OK;
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
