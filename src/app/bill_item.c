#include <config.h>

#include "app/bill_item.h"

#define TEXT_MAX 4096

void bill_writer_init(struct bill_writer *w, size_t max_bytes)
{
    *w = (struct bill_writer){0};
    arena_init(&w->arena, max_bytes);
    buf_init(&w->text, TEXT_MAX);
}

void bill_writer_release(struct bill_writer *w)
{
    arena_release(&w->arena);
    buf_release(&w->text);
}

void bill_writer_clear(struct bill_writer *w)
{
    arena_reset(&w->arena);
    for (size_t i = 0; i < BILL_LABELS; i++) {
        w->labels[i] = (struct bill_label){0};
    }
}

/* What stands in w->text, kept; NULL when memory is out. */
static const char *text_keep(struct bill_writer *w)
{
    return w->text.failed ? NULL : arena_strndup(&w->arena, buf_str(&w->text), w->text.len);
}

static const char *label_keep(struct bill_writer *w, const struct bill_line *l, bool spanish)
{
    buf_clear(&w->text);
    bill_line_label(l, spanish, &w->text);
    return text_keep(w);
}

static bool label_is(const struct bill_label *label, const struct bill_line *l)
{
    return label->component == l->component && label->period == l->period &&
           label->unit == l->unit && label->from == l->from && label->to == l->to &&
           label->block == l->block;
}

/* The line's labels; NULL when memory is out. */
static const struct bill_label *line_label(struct bill_writer *w, const struct bill_line *l)
{
    size_t at = ((uintptr_t)l->component / _Alignof(struct component) + (size_t)l->from +
                 (size_t)l->to + (size_t)(l->block + 1)) %
                BILL_LABELS;
    struct bill_label *label = &w->labels[at];
    if (label->es == NULL || !label_is(label, l)) {
        *label = (struct bill_label){.component = l->component,
                                     .period = l->period,
                                     .unit = l->unit,
                                     .from = l->from,
                                     .to = l->to,
                                     .block = l->block,
                                     .en = label_keep(w, l, false)};
        label->es = label->en != NULL ? label_keep(w, l, true) : NULL;
    }
    return label->es != NULL ? label : NULL;
}

static const char *line_unit(const struct bill_line *l)
{
    switch (l->formula) {
    case FORMULA_DAYS:
        return "day";
    case FORMULA_PERCENT:
    case FORMULA_PERCENT_OFF:
        return "%";
    case FORMULA_USE:
    case FORMULA_USE_DAYS:
    case FORMULA_CREDIT:
    case FORMULA_EXCESS:
    case FORMULA_SUBSIDY_PRICE:
        return l->unit != NULL ? l->unit->symbol : "";
    case FORMULA_AMOUNT:
    case FORMULA_AMOUNT_OFF:
    case FORMULA_AT_LEAST:
    case FORMULA_COIN:
        return "";
    }
    return "";
}

static void line_quantity(const struct bill_line *l, struct buf *out)
{
    switch (l->formula) {
    case FORMULA_DAYS:
        buf_add_int(out, l->quantity);
        return;
    case FORMULA_USE:
    case FORMULA_USE_DAYS:
    case FORMULA_CREDIT:
    case FORMULA_EXCESS:
    case FORMULA_SUBSIDY_PRICE:
        if (l->unit != NULL) {
            quantity_print(l->quantity, l->unit, 0, out);
        }
        return;
    case FORMULA_AMOUNT:
    case FORMULA_AMOUNT_OFF:
    case FORMULA_AT_LEAST:
    case FORMULA_PERCENT:
    case FORMULA_PERCENT_OFF:
    case FORMULA_COIN:
        return;
    }
}

static bool line_row(struct bill_writer *w, const struct bill_share *s, size_t part,
                     const struct bill_line *l, struct bill_row *to)
{
    const struct bill_label *label = line_label(w, l);
    struct bill_line_row *o = &to->lines[to->line_count++];
    if (label == NULL) {
        return false;
    }
    *o = (struct bill_line_row){.reg = s->meter.register_id,
                                .amount = l->amount.minor,
                                .block = l->block,
                                .has_part = s->part_count != 1,
                                .part = (int64_t)part,
                                .component = l->component->id,
                                .formula = line_formula_name(l->formula),
                                .label_es = label->es,
                                .label_en = label->en,
                                .unit = line_unit(l)};
    buf_clear(&w->text);
    line_quantity(l, &w->text);
    o->quantity = text_keep(w);
    buf_clear(&w->text);
    decimal_print(l->price, &w->text);
    o->price = text_keep(w);
    buf_clear(&w->text);
    bill_line_explain(&s->parts[part].result, l, NULL, &w->text);
    o->explanation = text_keep(w);
    return o->quantity != NULL && o->price != NULL && o->explanation != NULL;
}

/* A part of the share with prices of its own, and what the tariff measured in it besides the
 * main register's use. */
static bool part_row(struct bill_writer *w, const struct bill_share *s,
                     const struct bill_part *part, struct bill_part_row *o)
{
    *o = (struct bill_part_row){.start = arena_strdup(&w->arena, part->start),
                                .days = part->days,
                                .consumption = part->consumption,
                                .tariff = part->tariff->id,
                                .has_limit = s->has_limit,
                                .limit = part->limit,
                                .quantity_count = part->quantity_count};
    o->quantities = arena_array(&w->arena, part->quantity_count, sizeof *o->quantities);
    bool ok = o->start != NULL && o->quantities != NULL;
    for (size_t i = 0; ok && i < part->quantity_count; i++) {
        const struct bill_quantity *q = &part->quantities[i];
        o->quantities[i] = (struct bill_quantity_row){.name = q->name,
                                                      .value = part->values[i],
                                                      .source = q->source,
                                                      .from = q->from.id,
                                                      .to = q->to.id};
    }
    return ok;
}

static const char *decimal_keep(struct bill_writer *w, struct decimal d)
{
    buf_clear(&w->text);
    decimal_print(d, &w->text);
    return text_keep(w);
}

/* What is charged where that is not what was counted, and why. */
static struct bill_charged_row *charged_row(struct bill_writer *w, const struct bill_share *s)
{
    struct bill_charged_row *o = ARENA_NEW(&w->arena, struct bill_charged_row);
    if (o == NULL) {
        return NULL;
    }
    *o = (struct bill_charged_row){.use = s->charged_use};
    o->subs = arena_array(&w->arena, s->sub_count + 1, sizeof *o->subs);
    o->gas = arena_array(&w->arena, s->gas_count + 1, sizeof *o->gas);
    bool ok = o->subs != NULL && o->gas != NULL;
    for (size_t i = 0; ok && i < s->sub_count; i++) {
        const struct bill_sub *sub = &s->subs[i];
        o->subs[o->sub_count++] =
            (struct bill_sub_row){sub->reg, sub->from.id, sub->to.id, sub->use};
    }
    for (size_t i = 0; ok && i < s->gas_count; i++) {
        const struct gas_span *g = &s->gas[i];
        struct bill_gas_row *to = &o->gas[o->gas_count++];
        *to = (struct bill_gas_row){.days = g->days,
                                    .volume_factor = g->volume_id,
                                    .calorific_factor = g->calorific_id,
                                    .volume = decimal_keep(w, g->volume)};
        to->calorific = g->calorific_id != 0 ? decimal_keep(w, g->calorific) : NULL;
        ok = to->volume != NULL && (to->calorific != NULL || g->calorific_id == 0);
    }
    return ok ? o : NULL;
}

static bool meter_row(struct bill_writer *w, const struct bill_share *s, struct bill_row *to)
{
    struct bill_meter_row *o = &to->meters[to->meter_count++];
    /* Parts only where there is more to say than the share itself says. */
    bool plain = !s->charged && s->part_count == 1 && s->parts[0].quantity_count == 0 &&
                 !s->parts[0].tariff->tariff->seasonal;
    *o = (struct bill_meter_row){.reg = s->meter.register_id,
                                 .from = s->from.id,
                                 .to = s->to.id,
                                 .consumption = s->consumption,
                                 .days = s->days,
                                 .tariff = s->tariff->id,
                                 .whole_days = s->whole_days,
                                 .has_limit = s->has_limit,
                                 .limit = s->limit,
                                 .flags = s->falls         ? "falls"
                                          : s->no_reading  ? "no_reading"
                                          : s->sub_missing ? "sub_missing"
                                          : s->sub_exceeds ? "sub_exceeds"
                                                           : ""};
    if (plain) {
        return true;
    }
    if (s->charged && (o->charged = charged_row(w, s)) == NULL) {
        return false;
    }
    o->part_count = s->part_count;
    o->parts = arena_array(&w->arena, s->part_count, sizeof *o->parts);
    bool ok = o->parts != NULL;
    for (size_t i = 0; ok && i < s->part_count; i++) {
        ok = part_row(w, s, &s->parts[i], &o->parts[i]);
    }
    return ok;
}

static void alert_row(const struct bill_share *s, const char *rule, int64_t observed,
                      int64_t threshold, int64_t *id, struct bill_row *to)
{
    to->alerts[to->alert_count++] = (struct bill_alert_row){.id = (*id)++,
                                                            .meter = s->meter.id,
                                                            .rule = rule,
                                                            .observed = observed,
                                                            .threshold = threshold};
}

static void alert_rows(const struct bill_share *s, int64_t *id, struct bill_row *to)
{
    if (s->has_surcharge) {
        const struct surcharge_event *x = &s->surcharge;
        to->surcharges[to->surcharge_count++] =
            (struct bill_surcharge_row){.reg = s->meter.register_id,
                                        .consumption = x->consumption,
                                        .limit = x->limit,
                                        .excess = x->excess,
                                        .amount = x->amount.minor};
        alert_row(s, "surcharge", x->consumption, x->limit, id, to);
    }
    for (size_t i = 0; i < s->findings.count; i++) {
        const struct finding *f = &s->findings.item[i];
        alert_row(s, rule_name(f->rule), f->observed, f->limit, id, to);
    }
    if (s->no_reading) {
        alert_row(s, "no_reading", 0, 0, id, to);
    }
    if (s->falls) {
        alert_row(s, "falls", s->to.value, s->from.value, id, to);
    }
    if (s->sub_missing || s->sub_exceeds) {
        alert_row(s, s->sub_missing ? "sub_missing" : "sub_exceeds", 0, 0, id, to);
    }
}

/* Room for all that the bill's shares can say. */
static bool lists_new(struct bill_writer *w, const struct account_bill *b, struct bill_row *to)
{
    size_t lines = 0;
    size_t alerts = 0;
    for (size_t i = 0; i < b->count; i++) {
        const struct bill_share *s = &b->shares[i];
        for (size_t part = 0; part < s->part_count; part++) {
            lines += s->parts[part].result.count;
        }
        alerts += s->findings.count + 4; /* surcharge, no reading, fallen, sub-meters */
    }
    to->meters = arena_array(&w->arena, b->count, sizeof *to->meters);
    to->lines = arena_array(&w->arena, lines, sizeof *to->lines);
    to->surcharges = arena_array(&w->arena, b->count, sizeof *to->surcharges);
    to->alerts = arena_array(&w->arena, alerts, sizeof *to->alerts);
    return to->meters != NULL && to->lines != NULL && to->surcharges != NULL &&
           to->alerts != NULL;
}

bool bill_item(struct bill_writer *w, const struct account_bill *b, const struct bill_stamp *s,
               const struct currency *currency, struct bill_row *out)
{
    *out = (struct bill_row){.index = s->index,
                             .bill = s->bill,
                             .account = b->account,
                             .total = b->total.minor,
                             .start = s->period->start_text,
                             .end = s->period->end_text,
                             .issued = s->issued,
                             .due = s->due,
                             .currency = currency->code};
    bool ok = lists_new(w, b, out);
    for (size_t i = 0; ok && i < b->count; i++) {
        const struct bill_share *share = &b->shares[i];
        ok = meter_row(w, share, out);
        for (size_t part = 0; ok && part < share->part_count; part++) {
            const struct bill_result *r = &share->parts[part].result;
            for (size_t k = 0; ok && k < r->count; k++) {
                ok = line_row(w, share, part, &r->lines[k], out);
            }
        }
        alert_rows(share, s->alert, out);
    }
    return ok;
}
