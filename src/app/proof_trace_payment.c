/* A payment followed to what recorded it: an act of its own, or a row of a bank's or an
 * agency's file, matched at once or given to an account by hand. */
#include <config.h>

#include <inttypes.h>

#include "app/proof_trace.h"
#include "base/i18n.h"
#include "base/quantity.h"

/* What is followed. */
struct paid {
    struct proof_trace *t;
    int64_t receipt, payment, amount; /* amount in smallest coins */
    struct proof_record record;
};

static const struct json *share_of(const struct json *list, int64_t receipt)
{
    size_t count = list != NULL && list->type == JSON_ARRAY ? list->u.array.count : 0;
    for (size_t i = 0; i < count; i++) {
        if (trace_is_id(list->u.array.items[i], "receipt", receipt)) {
            return list->u.array.items[i];
        }
    }
    return NULL;
}

/* Its record; object stays NULL when the file has none. */
static struct proof_record payment_find(struct proof_trace *t, int64_t receipt)
{
    for (size_t i = 0; i < t->proof->entry_count; i++) {
        struct proof_entry *en = &t->proof->entries[i];
        const struct json *data = en->said.data;
        if (en->kind == KIND_payment_recorded && trace_is_id(data, "receipt", receipt)) {
            return (struct proof_record){data, en, NULL};
        }
        if (en->kind == KIND_bank_assigned) {
            const struct json *o = share_of(json_get(data, "payments"), receipt);
            if (o != NULL) {
                return (struct proof_record){o, en, NULL};
            }
        }
        for (size_t k = 0; en->kind == KIND_bank_batch && k < en->item_count; k++) {
            const struct json *o = json_get(en->items[k].json, "payment");
            if (trace_is_id(o, "receipt", receipt)) {
                return (struct proof_record){o, en, &en->items[k]};
            }
        }
    }
    return (struct proof_record){0};
}

static struct proof_record row_find(struct proof_trace *t, int64_t row)
{
    for (size_t i = 0; i < t->proof->entry_count; i++) {
        struct proof_entry *en = &t->proof->entries[i];
        for (size_t k = 0; en->kind == KIND_bank_batch && k < en->item_count; k++) {
            if (trace_is_id(en->items[k].json, "row", row)) {
                return (struct proof_record){en->items[k].json, en, &en->items[k]};
            }
        }
    }
    return (struct proof_record){0};
}

/* The entry of that kind about this file, marked used; NULL when there is none. */
static struct proof_entry *file_entry(struct proof_trace *t, enum kind kind, int64_t file)
{
    for (size_t i = 0; i < t->proof->entry_count; i++) {
        struct proof_entry *en = &t->proof->entries[i];
        if (en->kind == kind && trace_is_id(en->said.data, "file", file)) {
            en->used = true;
            return en;
        }
    }
    return NULL;
}

static enum err_code file_say(const struct paid *p, int64_t file, struct err *e)
{
    struct proof_trace *t = p->t;
    const struct proof_entry *opened = file_entry(t, KIND_bank_opened, file);
    const struct proof_entry *closed = file_entry(t, KIND_bank_closed, file);
    const struct proof_entry *discarded = file_entry(t, KIND_bank_discarded, file);
    const char *name = opened == NULL ? NULL : json_get_str(opened->said.data, "name");
    const char *sum = opened == NULL ? NULL : json_get_str(opened->said.data, "sha256");
    if (name == NULL || sum == NULL) {
        return err_set(e, ERR_TAMPERED,
                       _("the proof lacks the record of bank file %" PRId64
                         ", by which the payment with receipt %" PRId64 " came"),
                       file, p->receipt);
    }
    buf_addf(t->said, _("bank file %" PRId64 ": %s, SHA-256 %s (entry %" PRId64 ")\n"), file,
             name, sum, opened->said.seq);
    if (discarded != NULL) {
        buf_addf(t->said,
                 _("bank file %" PRId64
                   " was taken back whole, the payment with it, on %s by entry %" PRId64 "\n"),
                 file, discarded->said.date, discarded->said.seq);
    }
    if (closed == NULL) {
        return trace_missing(t, "closed", 0, e);
    }
    buf_addf(t->said, _("bank file %" PRId64 " was recorded whole: entry %" PRId64 "\n"), file,
             closed->said.seq);
    return ERR_OK;
}

/* Does the row hold the money? All of the payment's where it was matched at once; no less than
 * all shares of an entry that gave it away by hand. */
static bool row_holds(const struct proof_record *row, const struct paid *p)
{
    const struct json *data = p->record.entry->said.data;
    const struct json *list = json_get(data, "payments");
    int64_t whole = 0;
    int64_t given = 0;
    if (!json_get_int(row->object, "amount", &whole)) {
        return false;
    }
    if (p->record.item != NULL) {
        return p->record.item == row->item && whole == p->amount;
    }
    if (!json_get_int(data, "rest", &given) || list == NULL || list->type != JSON_ARRAY) {
        return false;
    }
    for (size_t i = 0; i < list->u.array.count; i++) {
        int64_t share = 0;
        if (!json_get_int(list->u.array.items[i], "amount", &share) || share < 0 ||
            !add_i64(given, share, &given)) {
            return false;
        }
    }
    return given <= whole;
}

/* The row that says that the money came. */
static enum err_code row_say(const struct paid *p, int64_t id, struct err *e)
{
    const struct json *data = p->record.entry->said.data;
    int64_t amount = 0;
    int64_t file = 0;
    struct proof_record row = row_find(p->t, id);
    const char *date = row.object == NULL ? NULL : json_get_str(row.object, "date");
    if (date == NULL || !json_get_int(row.entry->said.data, "file", &file) ||
        !row_holds(&row, p) || (p->record.item == NULL && !trace_is_id(data, "row", id))) {
        return err_set(e, ERR_TAMPERED,
                       _("the proof lacks the row of a bank's file that would hold the payment "
                         "with receipt %" PRId64),
                       p->receipt);
    }
    row.entry->used = true;
    row.item->used = true;
    (void)json_get_int(row.object, "amount", &amount);
    buf_addf(p->t->said,
             _("row %" PRId64 " of bank file %" PRId64 ": %" PRId64
               " (smallest coin) booked on %s (entry %" PRId64 ")\n"),
             id, file, amount, date, row.entry->said.seq);
    return file_say(p, file, e);
}

static void reversal_say(const struct paid *p)
{
    for (size_t i = 0; i < p->t->proof->entry_count; i++) {
        struct proof_entry *en = &p->t->proof->entries[i];
        if (en->kind == KIND_payment_reversed &&
            trace_is_id(en->said.data, "payment", p->payment)) {
            en->used = true;
            buf_addf(p->t->said, _("the payment was reversed on %s by entry %" PRId64 "\n"),
                     en->said.date, en->said.seq);
        }
    }
}

enum err_code trace_payment(struct proof_trace *t, int64_t receipt, struct err *e)
{
    struct paid p = {.t = t, .receipt = receipt, .record = payment_find(t, receipt)};
    const struct proof_record *r = &p.record;
    int64_t row = 0;
    if (r->object == NULL || !json_get_int(r->object, "amount", &p.amount) ||
        !json_get_int(r->object, "payment", &p.payment)) {
        return err_set(e, ERR_TAMPERED,
                       _("the proof lacks the record of the payment with receipt %" PRId64),
                       receipt);
    }
    bool by_file = json_get_int(r->object, "bank_row", &row);
    r->entry->used = true;
    if (r->item != NULL) {
        r->item->used = true;
    }
    buf_addf(t->said,
             _("payment with receipt %" PRId64 ": %" PRId64
               " (smallest coin) on %s, by %s (entry %" PRId64 ")\n"),
             receipt, p.amount, r->entry->said.date, r->entry->said.actor, r->entry->said.seq);
    if (by_file || r->entry->kind != KIND_payment_recorded) {
        TRY(row_say(&p, row, e));
    }
    reversal_say(&p);
    return ERR_OK;
}
