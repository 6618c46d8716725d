#include <config.h>

#include "reports/rep_bill.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/biller.h"
#include "app/receivable.h"
#include "base/i18n.h"

static bool spanish(void)
{
    return strcmp(i18n_lang(), "es") == 0;
}

static struct date date_of(const char *text)
{
    struct date d = {1970, 1, 1};
    struct err ignored = ERR_INIT;
    (void)(date_parse(text, strlen(text), &d, &ignored) == ERR_OK);
    return d;
}

/* Quantities are printed in the dial's unit: "m3" with its three decimals, of which trailing
 * zeros say nothing. */
static struct bill_doc_quantity quantity_of(int64_t value, const struct bill_view_meter *m)
{
    uint8_t decimals = m->unit->exponent;
    while (decimals > (uint8_t)m->decimals && value % 10 == 0) {
        value /= 10;
        decimals--;
    }
    return (struct bill_doc_quantity){true, value, decimals};
}

static const char *service_name(const char *kind)
{
    return strcmp(kind, "water") == 0    ? _("Water")
           : strcmp(kind, "energy") == 0 ? _("Electricity")
                                         : _("Gas");
}

static void reading_of(const struct bill_view_meter *m, struct bill_doc_reading *r)
{
    *r = (struct bill_doc_reading){.meter = m->serial,
                                   .obis = m->obis,
                                   .unit = m->unit->pretty,
                                   .previous_on = civil_from_secs(m->from_local).date,
                                   .current_on = civil_from_secs(m->to_local).date,
                                   .previous = quantity_of(m->from_value, m),
                                   .current = quantity_of(m->to_value, m),
                                   .consumption = quantity_of(m->consumption, m),
                                   .current_estimated = strcmp(m->to_source, "estimated") == 0};
}

static void line_of(const struct bill_view_line *l, const struct bill_view_meter *m,
                    struct arena *a, struct bill_doc_line *out)
{
    struct err ignored = ERR_INIT;
    bool percent = strcmp(l->unit, "%") == 0;
    *out = (struct bill_doc_line){.concept = spanish() ? l->label_es : l->label_en,
                                  .amount_minor = l->amount.minor,
                                  .formula = l->explanation};
    const struct unit *unit = unit_find(l->unit);
    bool reactive =
        unit != NULL && strcmp(unit->base, "varh") == 0; /* above no limit of ours */
    if (strcmp(l->formula, "excess") == 0 && !reactive) {
        int64_t use = m->is_charged ? m->charged : m->consumption; /* in m3 where limits are */
        out->consumption = quantity_of(use, m);
        out->limit = quantity_of(m->limit, m);
        out->excess = quantity_of(use > m->limit ? use - m->limit : 0, m);
        out->unit = m->unit->pretty;
    } else if (unit != NULL && l->quantity[0] != '\0') {
        struct decimal d;
        if (decimal_parse(l->quantity, strlen(l->quantity), &d, &ignored) == ERR_OK) {
            out->consumption = (struct bill_doc_quantity){true, d.mantissa, d.scale};
        }
        out->unit = unit->pretty;
    }
    if (percent) {
        out->price_text = arena_printf(a, "%s %%", l->price);
    } else if (unit != NULL || strcmp(l->unit, "day") == 0) {
        out->has_price =
            decimal_parse(l->price, strlen(l->price), &out->price, &ignored) == ERR_OK;
    }
}

static enum err_code service_of(const struct bill_view *v, const struct bill_view_meter *m,
                                struct arena *a, struct bill_doc_service *out, struct err *e)
{
    struct bill_doc_line *lines = arena_array(a, v->line_count + 1, sizeof lines[0]);
    if (lines == NULL) {
        return err_nomem(e);
    }
    *out = (struct bill_doc_service){.name = service_name(m->kind), .lines = lines};
    for (size_t i = 0; i < v->line_count; i++) {
        if (v->lines[i].reg == m->reg) {
            line_of(&v->lines[i], m, a, &lines[out->line_count++]);
            out->subtotal_minor += v->lines[i].amount.minor;
        }
    }
    return ERR_OK;
}

/* Decimals that the chart's numbers need: those of the dial, more where a value has more. */
static uint8_t history_decimals(const struct bill_view_meter *m)
{
    uint8_t decimals = (uint8_t)m->decimals;
    while (decimals < m->unit->exponent) {
        int64_t step = pow10_i64((unsigned)(m->unit->exponent - decimals));
        bool whole = !m->has_limit || m->limit % step == 0;
        for (size_t i = 0; i < BILL_MONTHS_MAX && whole; i++) {
            whole = m->history[i] < 0 || m->history[i] % step == 0;
        }
        if (whole) {
            break;
        }
        decimals++;
    }
    return decimals;
}

static enum err_code history_of(const struct bill_view_meter *m, struct arena *a,
                                struct bill_doc_history *out, struct err *e)
{
    struct bill_doc_month *months = arena_array(a, BILL_MONTHS_MAX, sizeof months[0]);
    if (months == NULL) {
        return err_nomem(e);
    }
    uint8_t decimals = history_decimals(m);
    int64_t step = pow10_i64((unsigned)(m->unit->exponent - decimals));
    *out = (struct bill_doc_history){.service = service_name(m->kind),
                                     .unit = m->unit->pretty,
                                     .decimals = decimals,
                                     .months = months};
    if (m->has_limit) {
        out->limit = (struct bill_doc_quantity){true, m->limit / step, decimals};
    }
    for (size_t i = 0; i < BILL_MONTHS_MAX; i++) {
        int year = 0;
        unsigned month = 0;
        if (m->history[i] >= 0 && sscanf(m->history_label[i], "%4d-%2u", &year, &month) == 2) {
            months[out->month_count++] = (struct bill_doc_month){
                .year = year, .month = (uint8_t)month, .consumption = m->history[i] / step};
        }
    }
    return ERR_OK;
}

static enum err_code doc_meters(const struct bill_view *v, struct arena *a, struct bill_doc *d,
                                struct err *e)
{
    size_t n = v->meter_count;
    struct bill_doc_reading *readings = arena_array(a, n + 1, sizeof readings[0]);
    struct bill_doc_service *services = arena_array(a, n + 1, sizeof services[0]);
    struct bill_doc_history *histories = arena_array(a, n + 1, sizeof histories[0]);
    struct bill_doc_tariff *tariffs = arena_array(a, n + 1, sizeof tariffs[0]);
    if (readings == NULL || services == NULL || histories == NULL || tariffs == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < n; i++) {
        const struct bill_view_meter *m = &v->meters[i];
        reading_of(m, &readings[i]);
        TRY(service_of(v, m, a, &services[i], e));
        TRY(history_of(m, a, &histories[i], e));
        tariffs[i].code = m->tariff_code;
        tariffs[i].version = arena_printf(a, "%" PRId64, m->tariff_version);
        if (tariffs[i].version == NULL) {
            return err_nomem(e);
        }
    }
    d->readings = readings;
    d->reading_count = n;
    d->services = services;
    d->service_count = n;
    d->histories = histories;
    d->history_count = n < BILL_HISTORIES_MAX ? n : BILL_HISTORIES_MAX;
    d->tariffs = tariffs;
    d->tariff_count = n < BILL_TARIFFS_MAX ? n : BILL_TARIFFS_MAX;
    d->tariff_hash = n == 1 ? v->meters[0].tariff_hash : NULL;
    return ERR_OK;
}

/* Sentences that a customer must see: no reading, a register that fell, a bill that was taken
 * back. */
static enum err_code doc_notes(const struct office *o, const struct bill_view *v,
                               struct arena *a, struct bill_doc *d, struct err *e)
{
    const char **notes = arena_array(a, 3 * v->meter_count + 4, sizeof notes[0]);
    if (notes == NULL) {
        return err_nomem(e);
    }
    if (strcmp(v->run_state, "closed") != 0) {
        notes[d->note_count++] =
            _("This bill is not in force: its billing run is not closed or was discarded.");
    }
    if (v->cancelled) {
        notes[d->note_count++] = _("This bill was cancelled by a credit note.");
    }
    if (v->arrears > 0) {
        char words[MONEY_WORDS_MAX];
        money_words(o, v->arrears, words);
        notes[d->note_count++] =
            arena_printf(a, _("Of the total, %s were owed before this bill."), words);
    }
    for (size_t i = 0; i < v->meter_count; i++) {
        const struct bill_view_meter *m = &v->meters[i];
        if (strcmp(m->flags, "no_reading") == 0) {
            notes[d->note_count++] = arena_printf(
                a, _("Meter %s was not read in this period; its use will be on a later bill."),
                m->serial);
        } else if (strcmp(m->flags, "falls") == 0) {
            notes[d->note_count++] =
                arena_printf(a,
                             _("The register of meter %s fell; its use is being checked and "
                               "will be on a later bill."),
                             m->serial);
        } else if (strcmp(m->flags, "sub_missing") == 0 ||
                   strcmp(m->flags, "sub_exceeds") == 0) {
            notes[d->note_count++] =
                arena_printf(a,
                             _("The sub-meters below meter %s are being checked; its use will "
                               "be on a later bill."),
                             m->serial);
        }
        if (m->dial_note != NULL) {
            notes[d->note_count++] = m->dial_note;
        }
        if (m->charged_note != NULL) {
            notes[d->note_count++] = m->charged_note;
        }
    }
    d->notes = notes;
    return ERR_OK;
}

/* A personal value, or what became of it. */
static const char *or_erased(const char *value, int64_t entry, struct arena *a)
{
    return value[0] != '\0' ? value
           : entry > 0      ? arena_printf(a, _("(erased by entry %" PRId64 ")"), entry)
                            : _("(erased)");
}

static enum err_code doc_moves(const struct bill_view *v, struct arena *a, struct bill_doc *d,
                               struct err *e)
{
    struct bill_doc_charge *moves = arena_array(a, v->move_count + 1, sizeof moves[0]);
    if (moves == NULL) {
        return err_nomem(e);
    }
    for (size_t i = 0; i < v->move_count; i++) {
        moves[i] = (struct bill_doc_charge){.concept = posting_kind_text(v->moves[i].kind),
                                            .amount_minor = v->moves[i].amount};
    }
    d->movements = moves;
    d->movement_count = v->move_count;
    return ERR_OK;
}

enum err_code bill_doc_of(struct office *o, const struct bill_view *v, struct arena *arena,
                          struct bill_doc *out, struct err *e)
{
    *out = (struct bill_doc){.number = arena_printf(arena, "%.4s-%08" PRId64, v->issued, v->id),
                             .office_name = o->name,
                             .account_number = v->account_number,
                             .customer_name = or_erased(v->customer, v->customer_erased, arena),
                             .issued_on = date_of(v->issued),
                             .period_from = date_of(v->start),
                             .period_to = date_from_days(date_to_days(date_of(v->end)) - 1),
                             .due_on = date_of(v->due),
                             .currency = v->currency,
                             .previous_balance_minor = v->previous,
                             .total_minor = v->due_total,
                             .ledger_seq = (uint64_t)v->seq,
                             .leaf_hash = v->leaf};
    if (v->meter_count > 0 &&
        (v->meters[0].place[0] != '\0' || v->meters[0].place_erased > 0)) {
        out->customer_lines[0] =
            or_erased(v->meters[0].place, v->meters[0].place_erased, arena);
    }
    if (out->number == NULL || out->customer_name == NULL) {
        return err_nomem(e);
    }
    TRY(doc_meters(v, arena, out, e));
    TRY(doc_moves(v, arena, out, e));
    return doc_notes(o, v, arena, out, e);
}

/* A line in front of those that are there, or behind them. */
static void line_put(const char *lines[BILL_TEXT_LINES_MAX], bool first, const char *text)
{
    size_t count = 0;
    while (count < BILL_TEXT_LINES_MAX - 1 && lines[count] != NULL) {
        count++;
    }
    if (count == BILL_TEXT_LINES_MAX - 1) {
        count--; /* the last line makes room: an identifier matters more than a telephone */
    }
    if (first) {
        memmove(&lines[1], &lines[0], count * sizeof lines[0]);
    }
    lines[first ? 0 : count] = text;
    lines[count + 1] = NULL;
}

/* Nothing is asked for by a bill that is not in force, or that leaves a credit. */
static enum err_code doc_demand(const struct bill_view *v, const struct biller *b,
                                struct arena *a, struct bill_doc *d, struct err *e)
{
    if (v->cancelled || strcmp(v->run_state, "closed") != 0 || v->due_total <= 0) {
        return ERR_OK;
    }
    struct pay_demand demand = {.reference = {d->issued_on.year, v->id},
                                .amount = v->due_total,
                                .decimals = v->currency->digits,
                                .has_due = true,
                                .due = d->due_on};
    return biller_demand(b, &demand, a, &d->pay_reference, &d->pay_code, e);
}

enum err_code bill_doc_biller(struct office *o, const struct bill_view *v,
                              const struct biller *b, struct arena *arena, struct bill_doc *out,
                              struct err *e)
{
    const char *label = NULL, *value = NULL;
    if (b == NULL) {
        return ERR_OK;
    }
    if (b->tax_id[0] != '\0') {
        const char *line = arena_printf(arena, "%s %s", b->tax_label, b->tax_id);
        if (line == NULL) {
            return err_nomem(e);
        }
        line_put(out->office_lines, true, line);
    }
    TRY(biller_customer_line(o, b, v->account, v->seq, arena, &label, &value, e));
    if (label != NULL) {
        const char *line = arena_printf(arena, "%s %s", label, value);
        if (line == NULL) {
            return err_nomem(e);
        }
        line_put(out->customer_lines, false, line);
    }
    return doc_demand(v, b, arena, out, e);
}
