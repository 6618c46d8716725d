#include <config.h>

#include "app/proof_trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"

/* ---- finding records ---- */

bool trace_is_id(const struct json *o, const char *name, int64_t id)
{
    int64_t v = 0;
    return json_get_int(o, name, &v) && v == id;
}

static size_t array_count(const struct json *a)
{
    return a != NULL && a->type == JSON_ARRAY ? a->u.array.count : 0;
}

/* What a search looks for: the object within the object of a kind, NULL when it is not there.
 */
typedef const struct json *(*match_fn)(enum kind kind, const struct json *o, int64_t id);

static const struct json *listed(const struct json *list, int64_t id)
{
    for (size_t i = 0; i < array_count(list); i++) {
        if (trace_is_id(list->u.array.items[i], "id", id)) {
            return list->u.array.items[i];
        }
    }
    return NULL;
}

static const struct json *initial_of(const struct json *meter, int64_t id)
{
    const struct json *list = json_get(meter, "registers");
    for (size_t i = 0; i < array_count(list); i++) {
        const struct json *initial = json_get(list->u.array.items[i], "initial");
        if (trace_is_id(initial, "id", id)) {
            return initial;
        }
    }
    return NULL;
}

static const struct json *correction_of(const struct json *list, int64_t id)
{
    for (size_t i = 0; i < array_count(list); i++) {
        const struct json *c = json_get(list->u.array.items[i], "correction");
        if (trace_is_id(c, "id", id)) {
            return c;
        }
    }
    return NULL;
}

static const struct json *match_reading(enum kind kind, const struct json *o, int64_t id)
{
    const struct json *recorded = json_get(o, "reading");
    if (kind == KIND_readings_batch) {
        return trace_is_id(o, "id", id) ? o : NULL;
    }
    if (kind == KIND_window_batch) {
        return listed(json_get(o, "readings"), id);
    }
    if (kind == KIND_meter_state_set) {
        return listed(json_get(o, "final"), id);
    }
    if (kind == KIND_meter_swapped) {
        const struct json *final = listed(json_get(o, "final"), id);
        return final != NULL ? final : initial_of(json_get(o, "new"), id);
    }
    if (kind == KIND_reading_recorded) {
        return trace_is_id(recorded, "id", id) ? recorded : NULL;
    }
    if (kind == KIND_readings_decided) {
        return correction_of(json_get(o, "decisions"), id);
    }
    if (kind == KIND_readings_estimated) {
        return listed(json_get(o, "readings"), id);
    }
    if (kind == KIND_estimates_rolled_back) {
        return correction_of(json_get(o, "rolled_back"), id);
    }
    if (kind == KIND_billed_corrected) {
        const struct json *corrected = json_get(json_get(o, "decision"), "correction");
        return trace_is_id(corrected, "id", id) ? corrected : NULL;
    }
    if (kind == KIND_meter_register_added) {
        const struct json *initial = json_get(json_get(o, "register"), "initial");
        return trace_is_id(initial, "id", id) ? initial : NULL;
    }
    return kind == KIND_meters_batch || kind == KIND_meter_installed ? initial_of(o, id) : NULL;
}

static const struct json *match_register(enum kind kind, const struct json *o, int64_t id)
{
    const struct json *added = json_get(o, "register");
    if (kind == KIND_meter_register_added) {
        return trace_is_id(added, "id", id) ? added : NULL;
    }
    if (kind == KIND_meter_swapped) {
        return listed(json_get(json_get(o, "new"), "registers"), id);
    }
    return kind == KIND_meters_batch || kind == KIND_meter_installed
               ? listed(json_get(o, "registers"), id)
               : NULL;
}

/* The first record that matches: in an entry without items, or in one of its items. */
static bool find(struct proof_trace *t, match_fn match, int64_t id, struct proof_record *out,
                 const struct json **inner)
{
    for (size_t i = 0; i < t->proof->entry_count; i++) {
        struct proof_entry *en = &t->proof->entries[i];
        bool batch = kind_has_items(en->kind);
        const struct json *hit = batch ? NULL : match(en->kind, en->said.data, id);
        *out = (struct proof_record){.object = en->said.data, .entry = en};
        for (size_t k = 0; batch && hit == NULL && k < en->item_count; k++) {
            hit = match(en->kind, en->items[k].json, id);
            out->item = &en->items[k];
            out->object = en->items[k].json;
        }
        if (hit != NULL) {
            *inner = hit;
            en->used = true;
            if (out->item != NULL) {
                out->item->used = true;
            }
            return true;
        }
    }
    return false;
}

enum err_code trace_reading(struct proof_trace *t, int64_t id, struct proof_record *out,
                            struct err *e)
{
    const struct json *inner = NULL;
    if (!find(t, match_reading, id, out, &inner)) {
        return err_set(e, ERR_TAMPERED, _("the proof lacks the record of reading %" PRId64),
                       id);
    }
    out->object = inner;
    return ERR_OK;
}

enum err_code trace_register(struct proof_trace *t, int64_t id, struct proof_record *meter,
                             const struct json **reg, struct err *e)
{
    return find(t, match_register, id, meter, reg)
               ? ERR_OK
               : err_set(e, ERR_TAMPERED,
                         _("the proof lacks the record of the meter with register %" PRId64),
                         id);
}

/* ---- steps ---- */

enum err_code trace_missing(struct proof_trace *t, const char *step, int64_t number,
                            struct err *e)
{
    const char *text = number == 0 ? arena_strdup(t->arena, step)
                                   : arena_printf(t->arena, "%s %" PRId64, step, number);
    if (text == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < t->missing_count; i++) {
        if (strcmp(t->missing[i], text) == 0) {
            return ERR_OK;
        }
    }
    if (t->missing_count == PROOF_MISSING_MAX) {
        return err_set(e, ERR_LIMIT, _("the proof has more than %d \"%s\""), PROOF_MISSING_MAX,
                       "missing");
    }
    t->missing[t->missing_count++] = text;
    return ERR_OK;
}

static bool ends_run(enum kind batch, enum kind end)
{
    return (batch == KIND_readings_batch && end == KIND_readings_closed) ||
           (batch == KIND_meters_batch && end == KIND_meters_closed) ||
           (batch == KIND_window_batch && end == KIND_window_closed) ||
           (batch == KIND_billing_batch && end == KIND_billing_closed);
}

enum err_code trace_closed(struct proof_trace *t, const struct proof_entry *batch,
                           struct err *e)
{
    int64_t run = 0;
    if (!kind_has_items(batch->kind)) {
        return ERR_OK; /* an act of its own is complete when it is recorded */
    }
    if (!json_get_int(batch->said.data, "run", &run)) {
        return err_set(e, ERR_TAMPERED, _("entry %" PRId64 " names no run"), batch->said.seq);
    }
    for (size_t i = 0; i < t->proof->entry_count; i++) {
        struct proof_entry *en = &t->proof->entries[i];
        if (ends_run(batch->kind, en->kind) && trace_is_id(en->said.data, "run", run)) {
            en->used = true;
            buf_addf(t->said,
                     _("run %" PRId64 " was closed by entry %" PRId64
                       ": what it recorded is in force from there on\n"),
                     run, en->said.seq);
            return ERR_OK;
        }
    }
    return trace_missing(t, "closed", 0, e);
}

/* What an entry decided about a reading; NULL: nothing. */
static const char *decided(const struct proof_entry *en, int64_t reading)
{
    const struct json *data = en->said.data;
    const struct json *list = NULL;
    const char *action = json_get_str(data, "action");
    if (en->kind == KIND_readings_decided) {
        list = json_get(data, "decisions");
    } else if (en->kind == KIND_estimates_rolled_back) {
        if (trace_is_id(json_get(data, "accepted"), "reading", reading)) {
            return "accept";
        }
        list = json_get(data, "rolled_back");
        action = "correct";
    } else if (en->kind == KIND_billed_corrected &&
               trace_is_id(json_get(data, "decision"), "reading", reading)) {
        return action;
    }
    for (size_t k = 0; action != NULL && k < array_count(list); k++) {
        if (trace_is_id(list->u.array.items[k], "reading", reading)) {
            return action;
        }
    }
    return NULL;
}

void trace_decisions(struct proof_trace *t, int64_t reading, bool *accepted)
{
    *accepted = false;
    for (size_t i = 0; i < t->proof->entry_count; i++) {
        struct proof_entry *en = &t->proof->entries[i];
        const char *action = decided(en, reading);
        if (action != NULL) {
            en->used = true;
            *accepted = *accepted || strcmp(action, "accept") == 0;
            buf_addf(t->said, _("reading %" PRId64 ": \"%s\" by entry %" PRId64 "\n"), reading,
                     action, en->said.seq);
        }
    }
}

/* ---- the plain targets ---- */

static enum err_code trace_target_entry(struct proof_trace *t, int64_t number, struct err *e)
{
    struct proof_entry *en = proof_entry_at(t->proof, number);
    if (en == NULL) {
        return err_set(e, ERR_TAMPERED, _("the proof lacks entry %" PRId64), number);
    }
    en->used = true;
    buf_addf(t->said, _("entry %" PRId64 ": %s by %s on %s\n"), number, en->said.kind,
             en->said.actor, en->said.date);
    return ERR_OK;
}

static enum err_code trace_target_reading(struct proof_trace *t, int64_t number, struct err *e)
{
    struct proof_record r = {0};
    bool accepted = false;
    int64_t value = 0;
    int64_t reg = 0;
    TRY(trace_reading(t, number, &r, e));
    const char *local = json_get_str(r.object, "local");
    const char *state = json_get_str(r.object, "state");
    if (local == NULL || state == NULL || !json_get_int(r.object, "value", &value) ||
        !json_get_int(r.object, "register", &reg)) {
        return err_set(e, ERR_TAMPERED, _("the record of reading %" PRId64 " is malformed"),
                       number);
    }
    buf_addf(t->said,
             _("reading %" PRId64 ": register %" PRId64 " stood at %" PRId64
               " (smallest unit) at %s; recorded as \"%s\" in entry %" PRId64 "\n"),
             number, reg, value, local, state, r.entry->said.seq);
    TRY(trace_packet(t, number, &r, e));
    trace_decisions(t, number, &accepted);
    trace_attached(t, "reading", number);
    return trace_closed(t, r.entry, e);
}

static enum err_code trace_target_dispute(struct proof_trace *t, int64_t number, struct err *e)
{
    return trace_dispute(t, number, e);
}

static enum err_code trace_target_payment(struct proof_trace *t, int64_t number, struct err *e)
{
    return trace_payment(t, number, e);
}

static enum err_code trace_target_bill(struct proof_trace *t, int64_t number, struct err *e)
{
    return trace_bill(t, number, e);
}

static const struct {
    const char *name;
    enum err_code (*trace)(struct proof_trace *t, int64_t number, struct err *e);
} targets[] = {
#define PROOF_TARGET(name) {#name, trace_target_##name},
#include "app/proof_targets.def"
#undef PROOF_TARGET
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum err_code proof_trace(struct proof_trace *t, struct err *e)
{
    size_t i = 0;
    while (i < sizeof targets / sizeof targets[0] &&
           strcmp(targets[i].name, t->proof->target) != 0) {
        i++;
    }
    if (i == sizeof targets / sizeof targets[0]) {
        return err_set(e, ERR_UNSUPPORTED, _("a proof of \"%s\" is unknown to this program"),
                       t->proof->target);
    }
    TRY(targets[i].trace(t, t->proof->number, e));
    TRY(trace_evidence(t, e));
    TRY(trace_approvals(t, e));
    if (t->proof->checkpoint == NULL) {
        TRY(trace_missing(t, "checkpoint", 0, e));
    } else if (t->proof->key_count == 0) {
        TRY(trace_missing(t, "cosignatures", 0, e));
    }
    qsort(t->missing, t->missing_count, sizeof t->missing[0], by_text);
    return buf_status(t->said, _("what the proof says"), e);
}
