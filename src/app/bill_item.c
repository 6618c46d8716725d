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

static struct json *line_json(const struct bill_share *s, const struct bill_line *l,
                              struct arena *a)
{
    struct json *o = json_new_object(a);
    struct buf text;
    buf_init(&text, 4096);
    bool ok = o != NULL && json_set_int(a, o, "register", s->meter.register_id) &&
              json_set_int(a, o, "amount", l->amount.minor) &&
              json_set_str(a, o, "component", l->component->id) &&
              json_set_int(a, o, "block", l->block) &&
              json_set_str(a, o, "formula", line_formula_name(l->formula)) &&
              label_set(a, o, "label_es", true, l) &&
              label_set(a, o, "label_en", false, l) &&
              json_set_str(a, o, "unit", line_unit(l));
    line_quantity(l, &text);
    ok = ok && json_set_str(a, o, "quantity", buf_str(&text));
    buf_clear(&text);
    decimal_print(l->price, &text);
    ok = ok && json_set_str(a, o, "price", buf_str(&text));
    buf_clear(&text);
    bill_line_explain(l, s->tariff->tariff, NULL, &text);
    ok = ok && !text.failed && json_set_str(a, o, "explanation", buf_str(&text));
    buf_release(&text);
    return ok ? o : NULL;
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
              (!s->has_limit || json_set_int(a, o, "limit", s->limit));
    return ok ? o : NULL;
}

static struct json *surcharge_json(const struct bill_share *s, struct arena *a)
{
    const struct surcharge_event *x = &s->result.surcharge;
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
    for (size_t i = 0; ok && i < s->result.count; i++) {
        ok = json_push(a, to->lines, line_json(s, &s->result.lines[i], a));
    }
    if (ok && s->result.has_surcharge) {
        const struct surcharge_event *x = &s->result.surcharge;
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
