#include <config.h>

#include "reports/bill_doc.h"

#include "base/i18n.h"

#define DECIMALS_MAX 9
#define PRICE_SCALE_MAX 18

/* fields: their names in bill_doc.h, for whoever filled them. */
static enum err_code range_error(const struct bill_doc *d, const char *fields, struct err *e)
{
    return err_set(e, ERR_RANGE, _("Bill %s cannot be printed: %s is missing or out of range."),
                   d->number != NULL ? d->number : "?", fields);
}

static bool quantity_fine(const struct bill_doc_quantity *q)
{
    return !q->known || q->decimals <= DECIMALS_MAX;
}

static bool line_fine(const struct bill_doc_line *l)
{
    return l->concept != NULL && quantity_fine(&l->consumption) && quantity_fine(&l->limit) &&
           quantity_fine(&l->excess) && (!l->has_price || l->price.scale <= PRICE_SCALE_MAX);
}

static enum err_code service_check(const struct bill_doc *d, const struct bill_doc_service *s,
                                   int128 *sum, struct err *e)
{
    int128 lines = 0;
    if (s->name == NULL || s->line_count > BILL_LINES_MAX) {
        return range_error(d, "services", e);
    }
    for (size_t i = 0; i < s->line_count; i++) {
        if (!line_fine(&s->lines[i])) {
            return range_error(d, "lines", e);
        }
        lines += s->lines[i].amount_minor;
    }
    if (lines != s->subtotal_minor) {
        return err_set(
            e, ERR_STATE,
            _("Bill %s cannot be printed: the lines of %s do not add up to its subtotal."),
            d->number, s->name);
    }
    *sum += lines;
    return ERR_OK;
}

static enum err_code charges_check(const struct bill_doc *d,
                                   const struct bill_doc_charge *charges, size_t count,
                                   int128 *sum, struct err *e)
{
    if (count > BILL_CHARGES_MAX) {
        return range_error(d, "charges", e);
    }
    for (size_t i = 0; i < count; i++) {
        if (charges[i].concept == NULL) {
            return range_error(d, "charges", e);
        }
        *sum += charges[i].amount_minor;
    }
    return ERR_OK;
}

static enum err_code readings_check(const struct bill_doc *d, struct err *e)
{
    if (d->reading_count > BILL_READINGS_MAX) {
        return range_error(d, "readings", e);
    }
    for (size_t i = 0; i < d->reading_count; i++) {
        const struct bill_doc_reading *r = &d->readings[i];
        if (r->meter == NULL || !date_valid(r->previous_on) || !date_valid(r->current_on) ||
            !quantity_fine(&r->previous) || !quantity_fine(&r->current) ||
            !quantity_fine(&r->consumption)) {
            return range_error(d, "readings", e);
        }
    }
    return ERR_OK;
}

static enum err_code histories_check(const struct bill_doc *d, struct err *e)
{
    if (d->history_count > BILL_HISTORIES_MAX) {
        return range_error(d, "histories", e);
    }
    for (size_t i = 0; i < d->history_count; i++) {
        const struct bill_doc_history *h = &d->histories[i];
        bool fine = h->service != NULL && h->month_count <= BILL_MONTHS_MAX &&
                    h->decimals <= DECIMALS_MAX &&
                    (!h->limit.known || h->limit.decimals == h->decimals);
        for (size_t m = 0; fine && m < h->month_count; m++) {
            fine = h->months[m].month >= 1 && h->months[m].month <= 12;
        }
        if (!fine) {
            return range_error(d, "histories", e);
        }
    }
    return ERR_OK;
}

static enum err_code head_check(const struct bill_doc *d, struct err *e)
{
    if (d->number == NULL || d->office_name == NULL || d->account_number == NULL ||
        d->customer_name == NULL || d->currency == NULL) {
        return range_error(d, "number, office_name, account_number, customer_name, currency",
                           e);
    }
    if (!date_valid(d->issued_on) || !date_valid(d->period_from) || !date_valid(d->period_to) ||
        !date_valid(d->due_on) || (d->has_cut && !date_valid(d->cut_on))) {
        return range_error(d, "issued_on, period_from, period_to, due_on, cut_on", e);
    }
    if (d->service_count > BILL_SERVICES_MAX || d->tariff_count > BILL_TARIFFS_MAX ||
        d->note_count > BILL_CHARGES_MAX) {
        return range_error(d, "services, tariffs, notes", e);
    }
    return ERR_OK;
}

enum err_code bill_doc_check(const struct bill_doc *d, struct err *e)
{
    int128 sum = d->previous_balance_minor;
    TRY(head_check(d, e));
    TRY(readings_check(d, e));
    for (size_t i = 0; i < d->service_count; i++) {
        TRY(service_check(d, &d->services[i], &sum, e));
    }
    TRY(charges_check(d, d->taxes, d->tax_count, &sum, e));
    TRY(charges_check(d, d->movements, d->movement_count, &sum, e));
    TRY(histories_check(d, e));
    if (sum != d->total_minor) {
        return err_set(e, ERR_STATE,
                       _("Bill %s cannot be printed: its parts do not add up to its total."),
                       d->number);
    }
    return ERR_OK;
}
