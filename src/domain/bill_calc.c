#include <config.h>

#include "domain/bill_calc.h"

#include "base/i18n.h"
#include "domain/component.h"

#define NUMBER_MAX 96 /* bytes of a printed number */

static enum err_code usage_check(const struct tariff *t, const struct usage *u, struct err *e)
{
    if (u->days < 1 || u->days > USAGE_DAYS_MAX) {
        return err_set(e, ERR_RANGE,
                       _("A bill is for 1 to %d days between two readings, not for %lld."),
                       USAGE_DAYS_MAX, (long long)u->days);
    }
    if (u->whole_days < 0 || u->whole_days > USAGE_DAYS_MAX ||
        (u->whole_days != 0 && u->days > u->whole_days)) {
        return err_set(e, ERR_RANGE, _("A part of a period has fewer days than the period."));
    }
    if (u->consumption < 0 || (u->has_limit && u->limit < 0)) {
        return err_set(e, ERR_RANGE,
                       _("A consumption or a limit below zero cannot be billed."));
    }
    if (t->seasonal && (u->month < 1 || u->month > 12)) {
        return err_set(e, ERR_USAGE, _("Tariff %s has seasons: say for which month."), t->code);
    }
    for (size_t i = 0; i < t->quantity_count; i++) {
        if (u->quantities == NULL || u->quantities[i] < 0) {
            return err_set(e, ERR_RANGE,
                           _("Tariff %s charges by \"%s\", which was not measured or is below "
                             "zero."),
                           t->code, t->quantities[i].name);
        }
    }
    return ERR_OK;
}

/* The total by the tariff's rounding level, and what the lines shown lack to it. */
static enum err_code total_up(struct bill_calc *k, struct bill_result *out, struct err *e)
{
    const struct tariff *t = k->t;
    struct money shown = {0};
    for (size_t i = 0; i < k->count; i++) {
        TRY(money_add(shown, k->lines[i].amount, &shown, e));
    }
    out->total = shown;
    if (t->level == ROUND_TOTAL_ONLY && !exact_round(k->sum, t->currency->digits, t->step_minor,
                                                     t->rounding, &out->total.minor)) {
        return err_set(e, ERR_RANGE,
                       _("The total of tariff %s is too large to be computed exactly."),
                       t->code);
    }
    return money_sub(out->total, shown, &out->rounding_gap, e);
}

enum err_code bill_compute(const struct tariff *t, const struct usage *usage,
                           struct arena *arena, struct bill_result *out, struct err *e)
{
    struct bill_calc k = {.t = t, .usage = usage};
    TRY(usage_check(t, usage, e));
    k.lines = arena_array(arena, t->line_max, sizeof(*k.lines));
    if (k.lines == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < t->component_count; i++) {
        const struct component *c = &t->components[i];
        if (calc_holds(&k, c)) {
            TRY(component_defs[c->type].calc(&k, c, e));
        }
    }
    *out = (struct bill_result){.tariff = t,
                                .usage = *usage,
                                .lines = k.lines,
                                .count = k.count,
                                .has_surcharge = k.has_surcharge,
                                .surcharge = k.surcharge};
    return total_up(&k, out, e);
}

const char *line_formula_name(enum line_formula f)
{
    switch (f) {
    case FORMULA_AMOUNT:
        return "amount";
    case FORMULA_DAYS:
        return "days";
    case FORMULA_USE:
        return "use";
    case FORMULA_EXCESS:
        return "excess";
    case FORMULA_AT_LEAST:
        return "at_least";
    case FORMULA_PERCENT:
        return "percent";
    case FORMULA_PERCENT_OFF:
        return "percent_off";
    case FORMULA_SUBSIDY_PRICE:
        return "subsidy_price";
    case FORMULA_COIN:
        return "coin";
    case FORMULA_USE_DAYS:
        return "use_days";
    case FORMULA_CREDIT:
        return "credit";
    case FORMULA_AMOUNT_OFF:
        return "amount_off";
    }
    return "";
}

/* Where the numbers of an explanation go, and in which form. */
struct writer {
    struct buf *out;
    const struct numfmt *fmt;
    unsigned digits;                /* of the currency */
    const struct bill_result *bill; /* NULL: only numbers are written */
};

static void put_machine(const struct writer *w, const struct buf *machine)
{
    const char *number = buf_str(machine);
    if (number[0] == '-') {
        buf_adds(w->out, "−");
        number++;
    }
    if (w->fmt == NULL) {
        buf_adds(w->out, number);
    } else {
        numfmt_number(w->fmt, number, w->out);
    }
}

static void put_exact(const struct writer *w, struct exact x, unsigned decimals)
{
    struct buf b;
    buf_init(&b, NUMBER_MAX);
    exact_print(x, decimals, &b);
    put_machine(w, &b);
    buf_release(&b);
}

static void put_quantity(const struct writer *w, int64_t q, const struct unit *unit)
{
    struct buf b;
    buf_init(&b, NUMBER_MAX);
    quantity_print(q, unit, 0, &b);
    put_machine(w, &b);
    buf_release(&b);
}

static void put_price(const struct writer *w, struct decimal price)
{
    put_exact(w, exact_from_decimal(price), 2);
}

/* A sum of money: with the currency's decimals, or more where it has more. */
static void put_sum(const struct writer *w, struct exact x)
{
    put_exact(w, x, w->digits);
}

/* The components that a line's base is the sum of, a bit each; 0: it has none, or all. */
static uint64_t parts_of(const struct tariff *t, const struct component *c)
{
    uint64_t taxable = 0;
    switch (c->type) {
    case COMPONENT_POWER_FACTOR:
        return c->u.factor.of;
    case COMPONENT_MINIMUM:
        return c->u.minimum.of;
    case COMPONENT_LEVY:
        return c->u.levy.of;
    case COMPONENT_SUBSIDY:
        return (uint64_t)1 << c->u.subsidy.of;
    case COMPONENT_PERCENTAGE:
    case COMPONENT_DISCOUNT:
        return c->u.share.of;
    case COMPONENT_TAX:
        for (size_t i = 0; &t->components[i] != c; i++) {
            taxable |= t->components[i].taxable ? (uint64_t)1 << i : 0;
        }
        return c->u.share.of_taxable ? taxable : c->u.share.of;
    case COMPONENT_FIXED:
    case COMPONENT_BLOCKS:
    case COMPONENT_TIME_OF_USE:
    case COMPONENT_DEMAND:
    case COMPONENT_REACTIVE:
    case COMPONENT_SURCHARGE:
    case COMPONENT_ROUNDING:
    case COMPONENT_TYPE_COUNT:
        break;
    }
    return 0;
}

/* "8,24 (Service charge, Water use, Sewer)": those of them that the bill has a line of. */
static void put_base(const struct writer *w, const struct bill_line *l)
{
    const struct component *last = NULL;
    put_sum(w, l->base);
    if (w->fmt == NULL) {
        return;
    }
    uint64_t of = parts_of(w->bill->tariff, l->component);
    for (const struct bill_line *x = w->bill->lines; x < l; x++) {
        size_t i = (size_t)(x->component - w->bill->tariff->components);
        if ((of >> i & 1) != 0 && x->component != last) {
            buf_adds(w->out, last == NULL ? " (" : ", ");
            buf_adds(w->out, label_text(&x->component->label));
            last = x->component;
        }
    }
    buf_adds(w->out, last != NULL ? ")" : "");
}

/* Where the quantity comes from, if it was not measured. */
static void put_basis(const struct writer *w, const struct bill_line *l)
{
    struct buf percent;
    struct buf quantity;
    buf_init(&percent, NUMBER_MAX);
    buf_init(&quantity, NUMBER_MAX);
    struct writer of_percent = {&percent, w->fmt, w->digits, NULL};
    struct writer of_quantity = {&quantity, w->fmt, w->digits, NULL};
    put_exact(&of_percent, exact_from_decimal(l->basis_percent), 0);
    if (l->unit != NULL) {
        put_quantity(&of_quantity, l->basis_quantity, l->unit);
    }
    switch (l->basis) {
    case BASIS_MEASURED:
        break;
    case BASIS_LEAST:
        buf_adds(w->out, _(" (the least that is charged)"));
        break;
    case BASIS_LOAD_FACTOR:
        buf_addf(w->out, _(" (what the use comes to at a load factor of %s %%)"),
                 buf_str(&percent));
        break;
    case BASIS_RATCHET:
        buf_addf(w->out, _(" (%s %% of %s in the months before)"), buf_str(&percent),
                 buf_str(&quantity));
        break;
    case BASIS_PART:
        buf_addf(w->out, _(" (of %s %% of %s)"), buf_str(&percent), buf_str(&quantity));
        break;
    case BASIS_POWER_FACTOR:
        buf_addf(w->out, _(" (power factor %s %%)"), buf_str(&percent));
        break;
    }
    buf_release(&percent);
    buf_release(&quantity);
}

static void put_percent(const struct writer *w, const struct bill_line *l)
{
    put_base(w, l);
    buf_adds(w->out, " × ");
    put_exact(w, exact_from_decimal(l->price), 0);
    buf_adds(w->out, " %");
    put_basis(w, l);
}

static void put_use(const struct writer *w, const struct bill_line *l)
{
    put_quantity(w, l->quantity, l->unit);
    put_basis(w, l);
    buf_adds(w->out, " × ");
    if (l->formula == FORMULA_USE_DAYS) {
        put_exact(w, exact_from_int(l->num), 0);
        buf_adds(w->out, " × ");
    }
    put_price(w, l->price);
}

/* The part of it that counts: days of a part of the period, use above a threshold. */
static void put_part(const struct writer *w, const struct bill_line *l)
{
    if (l->den == 0) {
        return;
    }
    buf_adds(w->out, " × ");
    if (l->formula == FORMULA_PERCENT && l->unit != NULL) {
        put_quantity(w, l->num, l->unit);
        buf_adds(w->out, " / ");
        put_quantity(w, l->den, l->unit);
        return;
    }
    put_exact(w, exact_from_int(l->num), 0);
    if (l->den != 1) {
        buf_adds(w->out, " / ");
        put_exact(w, exact_from_int(l->den), 0);
    }
}

/* " → 3.00 (at most 3.00)" */
static void put_bound(const struct writer *w, const struct bill_line *l,
                      const struct unit *unit)
{
    struct buf bound;
    buf_init(&bound, 2 * NUMBER_MAX);
    struct writer inner = {&bound, w->fmt, w->digits, NULL};
    if (l->bound_quantity != 0) {
        put_quantity(&inner, l->bound_quantity, unit);
        buf_adds(&bound, " × ");
        put_price(&inner, l->bound_value);
    } else {
        put_sum(&inner, exact_from_decimal(l->bound_value));
    }
    buf_addf(w->out, l->bound < 0 ? _(" (at least %s)") : _(" (at most %s)"), buf_str(&bound));
    buf_release(&bound);
}

/* "35.00 × 10 / 31 − 8.20" */
static void put_at_least(const struct writer *w, const struct bill_line *l)
{
    put_sum(w, exact_from_decimal(l->price));
    put_part(w, l);
    buf_adds(w->out, " − ");
    put_base(w, l);
}

static void put_formula(const struct writer *w, const struct bill_line *l)
{
    switch (l->formula) {
    case FORMULA_AMOUNT:
        put_sum(w, exact_from_decimal(l->price));
        return;
    case FORMULA_DAYS:
        put_exact(w, exact_from_int(l->quantity), 0);
        buf_adds(w->out, " × ");
        put_price(w, l->price);
        return;
    case FORMULA_USE:
    case FORMULA_USE_DAYS:
        put_use(w, l);
        return;
    case FORMULA_CREDIT:
        buf_adds(w->out, "−(");
        put_use(w, l);
        buf_adds(w->out, ")");
        return;
    case FORMULA_AMOUNT_OFF:
        buf_adds(w->out, "−");
        put_sum(w, exact_from_decimal(l->price));
        return;
    case FORMULA_EXCESS:
        buf_adds(w->out, "(");
        put_quantity(w, l->excess, l->unit);
        buf_adds(w->out, " − ");
        put_quantity(w, l->tolerance, l->unit);
        buf_adds(w->out, ") × ");
        put_price(w, l->price);
        return;
    case FORMULA_AT_LEAST:
        put_at_least(w, l);
        return;
    case FORMULA_PERCENT:
        put_percent(w, l);
        return;
    case FORMULA_PERCENT_OFF:
        buf_adds(w->out, "−(");
        put_percent(w, l);
        buf_adds(w->out, ")");
        return;
    case FORMULA_SUBSIDY_PRICE:
        buf_adds(w->out, "−(");
        put_base(w, l);
        buf_adds(w->out, " − ");
        put_quantity(w, l->quantity, l->unit);
        buf_adds(w->out, " × ");
        put_price(w, l->price);
        buf_adds(w->out, ")");
        return;
    case FORMULA_COIN:
        put_base(w, l);
        return;
    }
}

/* " → 18.76 (half up to 0.01)" */
static void put_rounding(const struct writer *w, struct exact result, enum rounding mode,
                         int64_t step_minor)
{
    struct buf step;
    buf_init(&step, NUMBER_MAX);
    struct writer inner = {&step, w->fmt, w->digits, NULL};
    put_sum(&inner, exact_from_minor(step_minor, w->digits));
    buf_adds(w->out, " → ");
    put_sum(w, result);
    switch (mode) {
    case ROUND_HALF_UP:
        buf_addf(w->out, _(" (half up to %s)"), buf_str(&step));
        break;
    case ROUND_HALF_EVEN:
        buf_addf(w->out, _(" (half to even, to %s)"), buf_str(&step));
        break;
    case ROUND_DOWN:
        buf_addf(w->out, _(" (towards zero to %s)"), buf_str(&step));
        break;
    case ROUND_UP:
        buf_addf(w->out, _(" (away from zero to %s)"), buf_str(&step));
        break;
    }
    buf_release(&step);
}

void bill_line_explain(const struct bill_result *bill, const struct bill_line *line,
                       const struct numfmt *fmt, struct buf *out)
{
    const struct tariff *t = bill->tariff;
    struct writer w = {out, fmt, t->currency->digits, bill};
    struct exact amount = exact_from_minor(line->amount.minor, w.digits);
    put_formula(&w, line);
    if (line->formula == FORMULA_COIN) {
        struct exact rounded = line->base;
        (void)!exact_add(line->base, amount,
                         &rounded); /* both are 64-bit minor units: the sum is exact */
        put_rounding(&w, rounded, line->component->u.coin.mode,
                     line->component->u.coin.step_minor);
        return;
    }
    bool plain = line->formula == FORMULA_AMOUNT || line->formula == FORMULA_AMOUNT_OFF;
    if (line->formula != FORMULA_AT_LEAST) {
        put_part(&w, line);
    }
    if (!plain || line->den != 0) {
        buf_adds(out, " = ");
        put_sum(&w, line->bound != 0 ? line->given : line->exact);
    }
    if (line->bound != 0) {
        buf_adds(out, " → ");
        put_sum(&w, line->exact);
        put_bound(&w, line, t->unit);
    }
    if (exact_cmp(line->exact, amount) != 0) {
        put_rounding(&w, amount, t->rounding, t->step_minor);
    }
}

void bill_line_label(const struct bill_line *l, bool spanish, struct buf *out)
{
    buf_adds(out, spanish ? l->component->label.es : l->component->label.en);
    if (l->period != NULL) {
        buf_addf(out, ", %s", spanish ? l->period->es : l->period->en);
    }
    bool only_block = l->from == 0 && l->to == INT64_MAX;
    if (l->block < 0 || l->unit == NULL || only_block) {
        return;
    }
    buf_adds(out, l->to == INT64_MAX ? " > " : " ");
    quantity_print(l->from, l->unit, 0, out);
    if (l->to != INT64_MAX) {
        buf_adds(out, "–");
        quantity_print(l->to, l->unit, 0, out);
    }
    buf_addf(out, " %s", l->unit->pretty);
}

void bill_line_title(const struct bill_line *line, const struct tariff *t,
                     const struct numfmt *fmt, struct buf *out)
{
    struct writer w = {out, fmt, t->currency->digits, NULL};
    buf_adds(out, label_text(&line->component->label));
    if (line->period != NULL) {
        buf_addf(out, ", %s", label_text(line->period));
    }
    if (line->from == 0 && line->to == INT64_MAX) {
        return;
    }
    buf_adds(out, " (");
    if (line->to == INT64_MAX) {
        buf_adds(out, "> ");
        put_quantity(&w, line->from, line->unit);
    } else {
        put_quantity(&w, line->from, line->unit);
        buf_adds(out, "–");
        put_quantity(&w, line->to, line->unit);
    }
    buf_addf(out, " %s)", line->unit->pretty);
}
