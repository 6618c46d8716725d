/* A bill followed to its readings, meters and tariffs, and computed again. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "app/proof_trace_share.h"
#include "base/i18n.h"
#include "base/money.h"
#include "domain/bill_calc.h"
#include "domain/meter.h"
#include "domain/tariff.h"

enum err_code bill_malformed(const struct billed *b, const char *what, struct err *e)
{
    return err_set(e, ERR_TAMPERED, _("bill %" PRId64 ": \"%s\" is missing or malformed"),
                   b->number, what);
}

static enum err_code find_bill(struct billed *b, struct proof_record *out, struct err *e)
{
    for (size_t i = 0; i < b->t->proof->entry_count; i++) {
        struct proof_entry *en = &b->t->proof->entries[i];
        for (size_t k = 0; en->kind == KIND_billing_batch && k < en->item_count; k++) {
            int64_t number = 0;
            if (json_get_int(en->items[k].json, "bill", &number) && number == b->number) {
                *out = (struct proof_record){en->items[k].json, en, &en->items[k]};
                en->used = en->items[k].used = true;
                return ERR_OK;
            }
        }
    }
    return err_set(e, ERR_TAMPERED, _("the proof lacks the record of bill %" PRId64),
                   b->number);
}

/* ---- a share ---- */

static enum err_code share_read(const struct billed *b, const struct json *m, struct share *s,
                                struct err *e)
{
    *s = (struct share){.flags = json_get_str(m, "flags")};
    s->has_limit = json_get_int(m, "limit", &s->limit);
    (void)json_get_int(m, "whole_days", &s->whole_days);
    bool ok = s->flags != NULL && json_get_int(m, "register", &s->reg) &&
              json_get_int(m, "from", &s->from) && json_get_int(m, "to", &s->to) &&
              json_get_int(m, "consumption", &s->consumption) &&
              json_get_int(m, "days", &s->days) && json_get_int(m, "tariff", &s->tariff);
    s->is_charged = json_get_int(m, "charged", &s->charged);
    s->subs = json_get(m, "subs");
    s->gas = json_get(m, "gas");
    s->parts = json_get(m, "parts");
    if ((s->subs != NULL && s->subs->type != JSON_ARRAY) ||
        (s->gas != NULL && s->gas->type != JSON_ARRAY) || (s->is_charged && s->parts == NULL)) {
        return bill_malformed(b, "charged", e);
    }
    if (s->parts != NULL && (s->parts->type != JSON_ARRAY || s->parts->u.array.count == 0)) {
        return bill_malformed(b, "parts", e);
    }
    return ok ? ERR_OK : bill_malformed(b, "meters", e);
}

static enum err_code register_read(const struct billed *b, const struct json *o,
                                   struct register_def *reg, struct err *e)
{
    const char *unit = json_get_str(o, "unit");
    int64_t digits = 0;
    int64_t decimals = 0;
    *reg = (struct register_def){.unit = unit == NULL ? NULL : unit_find(unit),
                                 .multiplier_den = 1};
    if (reg->unit == NULL || !json_get_int(o, "digits", &digits) || digits < 1 ||
        digits > REGISTER_DIGITS_MAX || !json_get_int(o, "decimals", &decimals) ||
        decimals < 0 || decimals > reg->unit->exponent ||
        !json_get_int(o, "multiplier", &reg->multiplier_num)) {
        return bill_malformed(b, "registers", e);
    }
    reg->digits = (uint8_t)digits;
    reg->decimals = (uint8_t)decimals;
    struct err why = ERR_INIT;
    return register_check(reg, &why) == ERR_OK ? ERR_OK : bill_malformed(b, "registers", e);
}

/* A reading that the bill names: of this register, and believed. */
static enum err_code end_read(const struct billed *b, int64_t reg_id, int64_t id,
                              const struct register_def *reg, int64_t *value, bool *rolled,
                              struct err *e)
{
    struct proof_record r = {0};
    int64_t of = 0;
    bool accepted = false;
    TRY(trace_reading(b->t, id, &r, e));
    const char *state = json_get_str(r.object, "state");
    const char *local = json_get_str(r.object, "local");
    const struct json *findings = json_get(r.object, "findings");
    if (state == NULL || local == NULL || !json_get_int(r.object, "register", &of) ||
        of != reg_id || !json_get_int(r.object, "value", value)) {
        return err_set(
            e, ERR_TAMPERED,
            _("bill %" PRId64 ": reading %" PRId64 " is not one of register %" PRId64),
            b->number, id, reg_id);
    }
    *rolled = false;
    for (size_t i = 0;
         findings != NULL && findings->type == JSON_ARRAY && i < findings->u.array.count; i++) {
        const char *rule = json_get_str(findings->u.array.items[i], "rule");
        *rolled = *rolled || (rule != NULL && strcmp(rule, "rollover") == 0);
    }
    buf_adds(b->t->said, "  ");
    buf_addf(b->t->said, _("reading %" PRId64 ": "), id);
    quantity_print(*value, reg->unit, reg->decimals, b->t->said);
    buf_addf(b->t->said, _(" %s at %s (entry %" PRId64 ")\n"), reg->unit->symbol, local,
             r.entry->said.seq);
    TRY(trace_packet(b->t, id, &r, e));
    if (strcmp(state, "accepted") != 0) {
        trace_decisions(b->t, id, &accepted);
        return accepted ? ERR_OK
                        : err_set(e, ERR_TAMPERED,
                                  _("bill %" PRId64 ": reading %" PRId64 " is \"%s\" in its "
                                    "record, and no decision in the proof accepts it"),
                                  b->number, id, state);
    }
    return ERR_OK;
}

/* The use between the two readings; a dial that passed zero has to be in the record of the
 * second, else that step is missing here. */
static enum err_code use_check(const struct billed *b, const struct share *s,
                               const struct register_def *reg, int64_t from, int64_t to,
                               bool rolled, struct err *e)
{
    struct err why = ERR_INIT;
    int64_t use = 0;
    for (unsigned rollovers = 0; rollovers <= 1000; rollovers++) {
        bool ok = register_consumption(reg, from, to, rollovers, &use, &why) == ERR_OK;
        if (ok && use == s->consumption) {
            return rollovers == 0 || (rollovers == 1 && rolled)
                       ? ERR_OK
                       : trace_missing(b->t, "rollover", s->to, e);
        }
        if (ok && use > s->consumption) {
            break;
        }
    }
    return err_set(e, ERR_TAMPERED,
                   _("bill %" PRId64 ": readings %" PRId64 " and %" PRId64
                     " do not give the use that it bills"),
                   b->number, s->from, s->to);
}

enum err_code share_readings(const struct billed *b, const struct share *s, struct err *e)
{
    struct proof_record meter = {0};
    const struct json *o = NULL;
    struct register_def reg;
    int64_t from = 0;
    int64_t to = 0;
    bool rolled = false;
    TRY(trace_register(b->t, s->reg, &meter, &o, e));
    TRY(register_read(b, o, &reg, e));
    const struct json *came = json_get(meter.object, "new"); /* of an exchange */
    const char *serial = json_get_str(came != NULL ? came : meter.object, "serial");
    buf_addf(b->t->said, _("  meter %s, register %" PRId64 " (entry %" PRId64 ")\n"),
             serial != NULL ? serial : "?", s->reg, meter.entry->said.seq);
    TRY(end_read(b, s->reg, s->from, &reg, &from, &rolled, e));
    if (s->to != s->from) {
        TRY(end_read(b, s->reg, s->to, &reg, &to, &rolled, e));
    } else {
        to = from;
    }
    TRY(use_check(b, s, &reg, from, to, rolled, e));
    buf_adds(b->t->said, "  ");
    buf_adds(b->t->said, _("use: "));
    quantity_print(s->consumption, reg.unit, 0, b->t->said);
    buf_addf(b->t->said,
             ngettext(" %s in %" PRId64 " day\n", " %s in %" PRId64 " days\n",
                      (unsigned long)s->days),
             reg.unit->symbol, s->days);
    return ERR_OK;
}

/* ---- the tariff ---- */

static enum err_code tariff_read(const struct billed *b, int64_t id, struct tariff **out,
                                 struct err *e)
{
    for (size_t i = 0; i < b->t->proof->entry_count; i++) {
        struct proof_entry *en = &b->t->proof->entries[i];
        int64_t number = 0;
        if (en->kind != KIND_tariff_published ||
            !json_get_int(en->said.data, "tariff", &number) || number != id) {
            continue;
        }
        const struct json *spec = json_get(en->said.data, "spec");
        const char *hash = json_get_str(en->said.data, "hash");
        struct faults *faults = ARENA_NEW(b->t->arena, struct faults);
        char hex[65];
        if (spec == NULL || hash == NULL) {
            return bill_malformed(b, "tariff", e);
        }
        if (faults == NULL) {
            return err_nomem(e);
        }
        TRY(tariff_from_json(spec, b->t->arena, faults, out, e));
        hash_hex(&(*out)->hash, hex);
        en->used = true;
        buf_addf(b->t->said, _("  tariff %s version %" PRId64 " (entry %" PRId64 ")\n"),
                 (*out)->code, (*out)->version, en->said.seq);
        return strcmp(hash, hex) == 0 && (*out)->currency == b->currency
                   ? ERR_OK
                   : bill_malformed(b, "tariff", e);
    }
    return err_set(e, ERR_TAMPERED,
                   _("bill %" PRId64 ": the proof lacks the entry of tariff %" PRId64),
                   b->number, id);
}

/* A part of a share with prices of its own, computed again. A bill without parts has one, the
 * whole share. */
struct part {
    struct tariff *tariff;
    struct usage usage;
    int64_t values[TARIFF_QUANTITIES_MAX];
    int64_t done; /* days of the parts before it */
    struct bill_result result;
};

/* One of the things that a tariff measures besides the use, as the bill records it. */
struct measured {
    const struct quantity_def *def;
    int64_t reg, from, to; /* 0: not named */
    int64_t value;
};

/* Billed as it stands on the register, not as a difference of two readings. */
static bool as_read(const struct quantity_def *def)
{
    return def->kind == QUANTITY_PEAK || def->kind == QUANTITY_LAST;
}

/* What the two readings of another register give, over the whole share. */
static enum err_code measured_use(const struct billed *b, const struct measured *q,
                                  int64_t *value, struct err *e)
{
    struct proof_record meter = {0};
    const struct json *o = NULL;
    struct register_def reg;
    struct err why = ERR_INIT;
    int64_t from = 0;
    int64_t to = 0;
    bool rolled = false;
    TRY(trace_register(b->t, q->reg, &meter, &o, e));
    TRY(register_read(b, o, &reg, e));
    const char *obis = json_get_str(o, "obis");
    if (obis == NULL || q->def->obis == NULL || !obis_stands_for(q->def->obis, obis)) {
        return bill_malformed(b, "quantities", e);
    }
    buf_addf(b->t->said, _("  register %" PRId64 " for \"%s\" (entry %" PRId64 ")\n"), q->reg,
             q->def->name, meter.entry->said.seq);
    TRY(end_read(b, q->reg, q->from, &reg, &from, &rolled, e));
    to = from;
    if (q->to != q->from) {
        TRY(end_read(b, q->reg, q->to, &reg, &to, &rolled, e));
    }
    if (as_read(q->def)) {
        return register_scale(&reg, to, value, e);
    }
    if (to < from && !rolled) {
        TRY(trace_missing(b->t, "rollover", q->to, e));
    }
    return register_consumption(&reg, from, to, to < from ? 1 : 0, value, &why) == ERR_OK
               ? ERR_OK
               : bill_malformed(b, "quantities", e);
}

/* Measured by another register, whose readings are followed; by hours of the main one it is
 * taken as the bill records it. */
static enum err_code quantity_check(const struct billed *b, const struct share *s,
                                    const struct part *p, const struct measured *q,
                                    struct err *e)
{
    int64_t whole = 0;
    bool peak = as_read(q->def);
    if ((!peak && q->def->kind != QUANTITY_REGISTER) || q->from == 0 || q->to == 0) {
        return trace_missing(b->t, "quantities", q->reg, e);
    }
    TRY(measured_use(b, q, &whole, e));
    return q->value == (peak ? whole : quantity_on_days(whole, p->done, p->usage.days, s->days))
               ? ERR_OK
               : err_set(e, ERR_TAMPERED,
                         _("bill %" PRId64 ": readings %" PRId64 " and %" PRId64
                           " do not give the use that it bills"),
                         b->number, q->from, q->to);
}

static enum err_code quantities_read(const struct billed *b, const struct share *s,
                                     const struct json *o, struct part *p, struct err *e)
{
    const struct json *list = json_get(o, "quantities");
    size_t count = list != NULL && list->type == JSON_ARRAY ? list->u.array.count : 0;
    if (count != p->tariff->quantity_count) {
        return bill_malformed(b, "quantities", e);
    }
    for (size_t i = 0; i < count; i++) {
        const struct json *one = list->u.array.items[i];
        struct measured q = {.def = &p->tariff->quantities[i]};
        const char *name = json_get_str(one, "name");
        if (name == NULL || strcmp(name, q.def->name) != 0 ||
            !json_get_int(one, "value", &q.value)) {
            return bill_malformed(b, "quantities", e);
        }
        (void)json_get_int(one, "register", &q.reg);
        (void)json_get_int(one, "from", &q.from);
        (void)json_get_int(one, "to", &q.to);
        TRY(quantity_check(b, s, p, &q, e));
        p->values[i] = q.value;
    }
    p->usage.quantities = p->values;
    return ERR_OK;
}

static enum err_code part_read(const struct billed *b, const struct share *s,
                               const struct json *o, size_t parts, struct part *p,
                               struct err *e)
{
    int64_t end = 0;
    const char *start = json_get_str(o, "start");
    struct date day;
    int64_t tariff = 0;
    p->usage = (struct usage){.whole_days = s->whole_days != 0 ? s->whole_days
                                            : parts > 1        ? s->days
                                                               : 0};
    p->usage.has_limit = json_get_int(o, "limit", &p->usage.limit);
    if (start == NULL || date_parse(start, strlen(start), &day, e) != ERR_OK ||
        !json_get_int(o, "days", &p->usage.days) ||
        !json_get_int(o, "consumption", &p->usage.consumption) ||
        !json_get_int(o, "tariff", &tariff)) {
        return bill_malformed(b, "parts", e);
    }
    if (p->usage.days < 1 || !add_i64(p->done, p->usage.days, &end) || end > s->days ||
        p->usage.consumption != quantity_on_days(s->is_charged ? s->charged : s->consumption,
                                                 p->done, p->usage.days, s->days)) {
        return bill_malformed(b, "parts", e);
    }
    p->usage.month = day.month;
    TRY(tariff_read(b, tariff, &p->tariff, e));
    return quantities_read(b, s, o, p, e);
}

/* The days of the parts are the share's, and its use is spread over them. */
static enum err_code parts_read(const struct billed *b, const struct share *s,
                                struct part *parts, size_t *count, struct err *e)
{
    int64_t done = 0;
    *count = s->parts == NULL ? 1 : s->parts->u.array.count;
    if (s->parts == NULL) {
        parts[0].usage = (struct usage){.consumption = s->consumption,
                                        .has_limit = s->has_limit,
                                        .limit = s->limit,
                                        .days = s->days,
                                        .whole_days = s->whole_days};
        return tariff_read(b, s->tariff, &parts[0].tariff, e);
    }
    for (size_t i = 0; i < *count; i++) {
        parts[i].done = done;
        TRY(part_read(b, s, s->parts->u.array.items[i], *count, &parts[i], e));
        done += parts[i].usage.days; /* at most the share's */
    }
    return done == s->days ? ERR_OK : bill_malformed(b, "parts", e);
}

/* Each line of the share as its part's tariff gives it. */
static enum err_code lines_check(const struct billed *b, const struct share *s,
                                 const struct part *parts, size_t count, struct err *e)
{
    const struct json *lines = json_get(b->item, "lines");
    size_t part = 0;
    size_t n = 0;
    for (size_t i = 0; i < lines->u.array.count; i++) {
        const struct json *l = lines->u.array.items[i];
        int64_t reg = 0;
        int64_t of = 0;
        int64_t amount = 0;
        const char *component = json_get_str(l, "component");
        (void)json_get_int(l, "part", &of);
        if (!json_get_int(l, "register", &reg) || !json_get_int(l, "amount", &amount) ||
            component == NULL) {
            return bill_malformed(b, "lines", e);
        }
        if (reg != s->reg) {
            continue;
        }
        for (; part < count && n == parts[part].result.count; part++) {
            n = 0;
        }
        const struct bill_line *again = part < count ? &parts[part].result.lines[n] : NULL;
        if (again == NULL || of != (int64_t)part || again->amount.minor != amount ||
            strcmp(again->component->id, component) != 0) {
            return err_set(
                e, ERR_TAMPERED,
                _("line %zu of bill %" PRId64 " (%s) is not what tariff and readings give"),
                i + 1, b->number, component);
        }
        n++;
    }
    for (; part < count && n == parts[part].result.count; part++) {
        n = 0;
    }
    return part == count
               ? ERR_OK
               : err_set(e, ERR_TAMPERED,
                         _("bill %" PRId64 " lacks lines that its tariff gives"), b->number);
}

static enum err_code share_check(const struct billed *b, const struct share *s,
                                 struct money *total, struct err *e)
{
    size_t count = 0;
    struct part *parts =
        arena_array(b->t->arena, s->parts == NULL ? 1 : s->parts->u.array.count, sizeof *parts);
    if (parts == NULL) {
        return err_nomem(e);
    }
    TRY(share_readings(b, s, e));
    TRY(parts_read(b, s, parts, &count, e));
    TRY(s->is_charged ? share_charged_again(b, s, parts[0].tariff->unit, e) : ERR_OK);
    for (size_t i = 0; i < count; i++) {
        if (bill_compute(parts[i].tariff, &parts[i].usage, b->t->arena, &parts[i].result, e) !=
            ERR_OK) {
            return err_wrap(e, _("bill %" PRId64), b->number);
        }
        TRY(money_add(*total, parts[i].result.total, total, e));
    }
    return lines_check(b, s, parts, count, e);
}

/* ---- the bill ---- */

static enum err_code head_check(struct billed *b, int64_t *total, struct err *e)
{
    const char *currency = json_get_str(b->item, "currency");
    const struct json *meters = json_get(b->item, "meters");
    const struct json *lines = json_get(b->item, "lines");
    b->currency = currency == NULL ? NULL : currency_find(currency);
    if (b->currency == NULL) {
        return bill_malformed(b, "currency", e);
    }
    if (!json_get_int(b->item, "total", total)) {
        return bill_malformed(b, "total", e);
    }
    if (meters == NULL || meters->type != JSON_ARRAY) {
        return bill_malformed(b, "meters", e);
    }
    if (lines == NULL || lines->type != JSON_ARRAY) {
        return bill_malformed(b, "lines", e);
    }
    return ERR_OK;
}

static enum err_code head_say(const struct billed *b, const struct proof_record *r,
                              int64_t total, struct err *e)
{
    const char *start = json_get_str(b->item, "start");
    const char *end = json_get_str(b->item, "end");
    if (start == NULL || end == NULL) {
        return bill_malformed(b, "start", e);
    }
    buf_addf(b->t->said, _("bill %" PRId64 " of %s to %s: "), b->number, start, end);
    money_print((struct money){total}, b->currency, b->t->said);
    buf_addf(b->t->said, _(" %s (item %" PRId64 " of entry %" PRId64 ")\n"), b->currency->code,
             r->item->index, r->entry->said.seq);
    return ERR_OK;
}

enum err_code trace_bill(struct proof_trace *t, int64_t number, struct err *e)
{
    struct billed b = {.t = t, .number = number};
    struct proof_record r = {0};
    struct money sum = {0};
    int64_t total = 0;
    TRY(find_bill(&b, &r, e));
    b.item = r.object;
    TRY(head_check(&b, &total, e));
    TRY(head_say(&b, &r, total, e));
    const struct json *meters = json_get(b.item, "meters");
    for (size_t i = 0; i < meters->u.array.count; i++) {
        struct share s;
        TRY(share_read(&b, meters->u.array.items[i], &s, e));
        TRY(share_check(&b, &s, &sum, e));
    }
    if (sum.minor != total) {
        return err_set(e, ERR_TAMPERED,
                       _("the total of bill %" PRId64 " is not the sum that readings and "
                         "tariffs give"),
                       number);
    }
    buf_adds(t->said, _("computed again from readings and tariffs: every line and the total "
                        "come out as billed\n"));
    t->bill = b.item;
    merkle_leaf(r.item->text, r.item->len, &t->bill_leaf);
    return trace_closed(t, r.entry, e);
}
