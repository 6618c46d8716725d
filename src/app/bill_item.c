#include <config.h>

#include "app/bill_item.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/json.h"

static bool label_set(struct arena *a, struct json *o, const char *name, bool spanish,
                      const struct bill_line *l)
{
    struct buf b;
    buf_init(&b, 1024);
    bill_line_label(l, spanish, &b);
    bool ok = !b.failed && json_set_str(a, o, name, buf_str(&b));
    buf_release(&b);
    return ok;
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

static struct json *line_json(const struct bill_share *s, size_t part,
                              const struct bill_line *l, struct arena *a)
{
    struct json *o = json_new_object(a);
    struct buf text;
    buf_init(&text, 4096);
    bool ok = o != NULL && json_set_int(a, o, "register", s->meter.register_id) &&
              json_set_int(a, o, "amount", l->amount.minor) &&
              json_set_str(a, o, "component", l->component->id) &&
              json_set_int(a, o, "block", l->block) &&
              (s->part_count == 1 || json_set_int(a, o, "part", (int64_t)part)) &&
              json_set_str(a, o, "formula", line_formula_name(l->formula)) &&
              label_set(a, o, "label_es", true, l) && label_set(a, o, "label_en", false, l) &&
              json_set_str(a, o, "unit", line_unit(l));
    line_quantity(l, &text);
    ok = ok && json_set_str(a, o, "quantity", buf_str(&text));
    buf_clear(&text);
    decimal_print(l->price, &text);
    ok = ok && json_set_str(a, o, "price", buf_str(&text));
    buf_clear(&text);
    bill_line_explain(l, s->parts[part].tariff->tariff, NULL, &text);
    ok = ok && !text.failed && json_set_str(a, o, "explanation", buf_str(&text));
    buf_release(&text);
    return ok ? o : NULL;
}

/* What the tariff measured besides the main register's use; NULL when memory is out. */
static struct json *quantities_json(const struct bill_part *part, struct arena *a)
{
    struct json *list = json_new_array(a);
    for (size_t i = 0; list != NULL && i < part->quantity_count; i++) {
        const struct bill_quantity *q = &part->quantities[i];
        struct json *o = json_new_object(a);
        bool ok = o != NULL && json_set_str(a, o, "name", q->name) &&
                  json_set_int(a, o, "value", part->values[i]) &&
                  (q->source == 0 || json_set_int(a, o, "register", q->source)) &&
                  (q->from.id == 0 || json_set_int(a, o, "from", q->from.id)) &&
                  (q->to.id == 0 || json_set_int(a, o, "to", q->to.id)) &&
                  json_push(a, list, o);
        list = ok ? list : NULL;
    }
    return list;
}

/* A part of the share with prices of its own. */
static struct json *part_json(const struct bill_share *s, const struct bill_part *part,
                              struct arena *a)
{
    struct json *o = json_new_object(a);
    bool ok =
        o != NULL && json_set_str(a, o, "start", part->start) &&
        json_set_int(a, o, "days", part->days) &&
        json_set_int(a, o, "consumption", part->consumption) &&
        json_set_int(a, o, "tariff", part->tariff->id) &&
        (!s->has_limit || json_set_int(a, o, "limit", part->limit)) &&
        (part->quantity_count == 0 || json_set(a, o, "quantities", quantities_json(part, a)));
    return ok ? o : NULL;
}

/* Only where there is more to say than the share itself says. */
static bool parts_set(const struct bill_share *s, struct json *o, struct arena *a)
{
    bool plain = s->part_count == 1 && s->parts[0].quantity_count == 0 &&
                 !s->parts[0].tariff->tariff->seasonal;
    struct json *list = plain ? NULL : json_new_array(a);
    if (plain) {
        return true;
    }
    for (size_t i = 0; list != NULL && i < s->part_count; i++) {
        list = json_push(a, list, part_json(s, &s->parts[i], a)) ? list : NULL;
    }
    return list != NULL && json_set(a, o, "parts", list);
}

static struct json *meter_json(const struct bill_share *s, struct arena *a)
{
    struct json *o = json_new_object(a);
    const char *flags = s->falls ? "falls" : s->no_reading ? "no_reading" : "";
    bool ok = o != NULL && json_set_int(a, o, "register", s->meter.register_id) &&
              json_set_int(a, o, "from", s->from.id) && json_set_int(a, o, "to", s->to.id) &&
              json_set_int(a, o, "consumption", s->consumption) &&
              json_set_int(a, o, "days", s->days) &&
              json_set_int(a, o, "tariff", s->tariff->id) &&
              json_set_str(a, o, "flags", flags) &&
              (s->whole_days == 0 || json_set_int(a, o, "whole_days", s->whole_days)) &&
              (!s->has_limit || json_set_int(a, o, "limit", s->limit)) && parts_set(s, o, a);
    return ok ? o : NULL;
}

static struct json *surcharge_json(const struct bill_share *s, struct arena *a)
{
    const struct surcharge_event *x = &s->surcharge;
    struct json *o = json_new_object(a);
    bool ok = o != NULL && json_set_int(a, o, "register", s->meter.register_id) &&
              json_set_int(a, o, "consumption", x->consumption) &&
              json_set_int(a, o, "limit", x->limit) &&
              json_set_int(a, o, "excess", x->excess) &&
              json_set_int(a, o, "amount", x->amount.minor);
    return ok ? o : NULL;
}

static struct json *alert_json(const struct bill_share *s, const char *rule, int64_t observed,
                               int64_t threshold, int64_t *id, struct arena *a)
{
    struct json *o = json_new_object(a);
    bool ok = o != NULL && json_set_int(a, o, "id", (*id)++) &&
              json_set_int(a, o, "meter", s->meter.id) && json_set_str(a, o, "rule", rule) &&
              json_set_int(a, o, "observed", observed) &&
              json_set_int(a, o, "threshold", threshold);
    return ok ? o : NULL;
}

/* The lists of a bill while it is written. */
struct bill_lists {
    struct json *meters, *lines, *surcharges, *alerts;
};

static bool share_json(const struct bill_share *s, const struct bill_stamp *stamp,
                       struct bill_lists *to, struct arena *a)
{
    bool ok = json_push(a, to->meters, meter_json(s, a));
    for (size_t part = 0; ok && part < s->part_count; part++) {
        const struct bill_result *r = &s->parts[part].result;
        for (size_t i = 0; ok && i < r->count; i++) {
            ok = json_push(a, to->lines, line_json(s, part, &r->lines[i], a));
        }
    }
    if (ok && s->has_surcharge) {
        const struct surcharge_event *x = &s->surcharge;
        ok = json_push(a, to->surcharges, surcharge_json(s, a)) &&
             json_push(a, to->alerts,
                       alert_json(s, "surcharge", x->consumption, x->limit, stamp->alert, a));
    }
    for (size_t i = 0; ok && i < s->findings.count; i++) {
        const struct finding *f = &s->findings.item[i];
        ok = json_push(
            a, to->alerts,
            alert_json(s, rule_name(f->rule), f->observed, f->limit, stamp->alert, a));
    }
    if (ok && s->no_reading) {
        ok = json_push(a, to->alerts, alert_json(s, "no_reading", 0, 0, stamp->alert, a));
    }
    if (ok && s->falls) {
        ok = json_push(a, to->alerts,
                       alert_json(s, "falls", s->to.value, s->from.value, stamp->alert, a));
    }
    return ok;
}

struct json *bill_item(const struct account_bill *b, const struct bill_stamp *s,
                       const struct currency *currency, struct arena *a)
{
    struct json *o = json_new_object(a);
    struct bill_lists to = {json_new_array(a), json_new_array(a), json_new_array(a),
                            json_new_array(a)};
    bool ok = o != NULL && to.meters != NULL && to.lines != NULL && to.surcharges != NULL &&
              to.alerts != NULL;
    for (size_t i = 0; ok && i < b->count; i++) {
        ok = share_json(&b->shares[i], s, &to, a);
    }
    ok = ok && json_set_int(a, o, "bill", s->bill) &&
         json_set_int(a, o, "account", b->account) &&
         json_set_int(a, o, "total", b->total.minor) &&
         json_set_str(a, o, "start", s->period->start_text) &&
         json_set_str(a, o, "end", s->period->end_text) &&
         json_set_str(a, o, "issued", s->issued) && json_set_str(a, o, "due", s->due) &&
         json_set_str(a, o, "currency", currency->code) &&
         json_set(a, o, "meters", to.meters) && json_set(a, o, "lines", to.lines) &&
         json_set(a, o, "surcharges", to.surcharges) && json_set(a, o, "alerts", to.alerts);
    return ok ? o : NULL;
}
