/* What a bill charges of what a meter counted, followed to its sub-meters and to the factors of
 * gas, and reckoned again. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "app/proof_trace_share.h"
#include "base/i18n.h"
#include "domain/charged.h"

/* ---- sub-meters ---- */

#define CHAIN_MAX 32

/* The meter of a register, and those whose place it took by exchanges in the proof. */
struct chain {
    int64_t id[CHAIN_MAX];
    struct proof_entry *swap[CHAIN_MAX]; /* by which id[i] took the place of id[i + 1] */
    size_t count;
};

static struct proof_entry *swap_find(const struct billed *b, int64_t meter, int64_t *old)
{
    for (size_t i = 0; i < b->t->proof->entry_count; i++) {
        struct proof_entry *en = &b->t->proof->entries[i];
        if (en->kind == KIND_meter_swapped &&
            trace_is_id(json_get(en->said.data, "new"), "meter", meter) &&
            json_get_int(en->said.data, "meter", old)) {
            return en;
        }
    }
    return NULL;
}

static enum err_code chain_read(const struct billed *b, int64_t reg, struct chain *c,
                                struct err *e)
{
    struct proof_record r = {0};
    const struct json *o = NULL;
    TRY(trace_register(b->t, reg, &r, &o, e));
    const struct json *came = json_get(r.object, "new");
    if (!json_get_int(came != NULL ? came : r.object, "meter", &c->id[0])) {
        return bill_malformed(b, "subs", e);
    }
    for (c->count = 1; c->count < CHAIN_MAX; c->count++) {
        int64_t old = 0;
        struct proof_entry *en = swap_find(b, c->id[c->count - 1], &old);
        if (en == NULL) {
            break;
        }
        c->swap[c->count - 1] = en;
        c->id[c->count] = old;
    }
    return ERR_OK;
}

static void chain_use(struct chain *c, size_t to)
{
    for (size_t i = 0; i < to; i++) {
        c->swap[i]->used = true;
    }
}

/* Does the entry take the use of one of these meters off one of those, from before the end of
 * the bill on? */
static bool links(const struct billed *b, const struct proof_entry *en, const struct chain *sub,
                  const struct chain *master, size_t *of_sub, size_t *of_master)
{
    const struct json *d = en->said.data;
    const char *start = json_get_str(d, "start");
    const char *end = json_get_str(b->item, "end");
    bool deduct = false;
    if (en->kind != KIND_meter_linked || !json_get_bool(d, "deduct", &deduct) || !deduct ||
        start == NULL || end == NULL || strcmp(start, end) >= 0) {
        return false;
    }
    for (*of_sub = 0; *of_sub < sub->count; ++*of_sub) {
        for (*of_master = 0; *of_master < master->count; ++*of_master) {
            if (trace_is_id(d, "meter", sub->id[*of_sub]) &&
                trace_is_id(d, "above", master->id[*of_master])) {
                return true;
            }
        }
    }
    return false;
}

static enum err_code link_read(const struct billed *b, int64_t master_reg, int64_t sub_reg,
                               struct err *e)
{
    struct chain sub = {.count = 0};
    struct chain master = {.count = 0};
    size_t of_sub = 0;
    size_t of_master = 0;
    TRY(chain_read(b, sub_reg, &sub, e));
    TRY(chain_read(b, master_reg, &master, e));
    for (size_t i = 0; i < b->t->proof->entry_count; i++) {
        struct proof_entry *en = &b->t->proof->entries[i];
        if (links(b, en, &sub, &master, &of_sub, &of_master)) {
            en->used = true;
            chain_use(&sub, of_sub);
            chain_use(&master, of_master);
            buf_addf(b->t->said, _("  taken off by the link of entry %" PRId64 "\n"),
                     en->said.seq);
            return ERR_OK;
        }
    }
    return err_set(e, ERR_TAMPERED,
                   _("bill %" PRId64 ": the proof lacks the record that takes register %" PRId64
                     " off register %" PRId64),
                   b->number, sub_reg, master_reg);
}

/* Each sub-meter is linked, and its readings give the use that is taken off. */
static enum err_code subs_read(const struct billed *b, const struct share *s, int64_t *below,
                               struct err *e)
{
    for (size_t i = 0; s->subs != NULL && i < s->subs->u.array.count; i++) {
        const struct json *o = s->subs->u.array.items[i];
        struct share sub = {.days = s->days, .flags = ""};
        if (!json_get_int(o, "register", &sub.reg) || !json_get_int(o, "from", &sub.from) ||
            !json_get_int(o, "to", &sub.to) || !json_get_int(o, "use", &sub.consumption) ||
            sub.consumption < 0 || !add_i64(*below, sub.consumption, below)) {
            return bill_malformed(b, "subs", e);
        }
        buf_adds(b->t->said, _("  less a sub-meter:\n"));
        TRY(share_readings(b, &sub, e));
        TRY(link_read(b, s->reg, sub.reg, e));
    }
    return ERR_OK;
}

/* The record of a factor: in an entry of its own, or an item of an import. */
static const struct json *factor_find(const struct billed *b, int64_t id)
{
    for (size_t i = 0; i < b->t->proof->entry_count; i++) {
        struct proof_entry *en = &b->t->proof->entries[i];
        if (en->kind == KIND_gas_factor_set && trace_is_id(en->said.data, "factor", id)) {
            en->used = true;
            return en->said.data;
        }
        for (size_t k = 0; en->kind == KIND_records_batch && k < en->item_count; k++) {
            const struct json *o = json_get(en->items[k].json, "gas");
            if (o != NULL && trace_is_id(o, "factor", id)) {
                en->used = en->items[k].used = true;
                return o;
            }
        }
    }
    return NULL;
}

static enum err_code factor_read(const struct billed *b, const struct json *span,
                                 const char *kind, struct decimal *out, int64_t *id,
                                 struct err *e)
{
    bool volume = strcmp(kind, "volume") == 0;
    const char *value = json_get_str(span, kind);
    *id = 0;
    (void)json_get_int(span, volume ? "volume_factor" : "calorific_factor", id);
    *out = (struct decimal){volume ? 1 : 0, 0};
    if (*id == 0) { /* none was in force */
        return (volume && value != NULL && strcmp(value, "1") == 0) ||
                       (!volume && value == NULL)
                   ? ERR_OK
                   : bill_malformed(b, "gas", e);
    }
    const struct json *o = factor_find(b, *id);
    const char *recorded = o != NULL ? json_get_str(o, "value") : NULL;
    const char *what = o != NULL ? json_get_str(o, "kind") : NULL;
    if (value == NULL || recorded == NULL || what == NULL || strcmp(what, kind) != 0 ||
        strcmp(value, recorded) != 0) {
        return err_set(
            e, ERR_TAMPERED,
            _("bill %" PRId64 ": factor %" PRId64 " of gas is not what was recorded"),
            b->number, *id);
    }
    buf_addf(b->t->said, _("  factor %" PRId64 " of gas: %s\n"), *id, value);
    return decimal_parse(value, strlen(value), out, e);
}

/* What the tariff charges follows from what was counted. */
enum err_code share_charged_again(const struct billed *b, const struct share *s,
                                  const struct unit *unit, struct err *e)
{
    struct err why = ERR_INIT;
    int64_t below = 0;
    int64_t use = 0;
    size_t count = s->gas == NULL ? 0 : s->gas->u.array.count;
    struct gas_span *spans = arena_array(b->t->arena, count + 1, sizeof *spans);
    if (spans == NULL) {
        return err_nomem(e);
    }
    TRY(subs_read(b, s, &below, e));
    for (size_t i = 0; i < count; i++) {
        const struct json *o = s->gas->u.array.items[i];
        struct gas_span *g = &spans[i];
        if (!json_get_int(o, "days", &g->days)) {
            return bill_malformed(b, "gas", e);
        }
        TRY(factor_read(b, o, "volume", &g->volume, &g->volume_id, e));
        TRY(factor_read(b, o, "calorific", &g->calorific, &g->calorific_id, e));
    }
    return charged_use(s->consumption, below, spans, count, unit, &use, &why) == ERR_OK &&
                   use == s->charged
               ? ERR_OK
               : err_set(e, ERR_TAMPERED,
                         _("bill %" PRId64 ": sub-meters and factors do not give the use that "
                           "it charges"),
                         b->number);
}
