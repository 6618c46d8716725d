/* A bill as the ledger records it, an item of billing.batch: what its tables are filled from. A
 * billing run has it at hand and prints the item from it; a rebuild takes it from the item. */
#ifndef AFORO_DOMAIN_BILL_ROW_H
#define AFORO_DOMAIN_BILL_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Texts are borrowed, UTF-8, never NULL. Quantities in smallest units, money in minor units. */

/* What the tariff measured besides the main register's use. 0: not read, or of the main one. */
struct bill_quantity_row {
    const char *name;
    int64_t value, source, from, to;
};

/* A part of a share with prices of its own. */
struct bill_part_row {
    const char *start;
    int64_t days, consumption, tariff;
    bool has_limit;
    int64_t limit;
    struct bill_quantity_row *quantities;
    size_t quantity_count;
};

/* A sub-meter that was taken off a share. */
struct bill_sub_row {
    int64_t reg, from, to, use;
};

/* Days with the same factors of gas. calorific: NULL where cubic metres are charged; factors: 0
 * for none. */
struct bill_gas_row {
    int64_t days, volume_factor, calorific_factor;
    const char *volume, *calorific;
};

/* What is charged where that is not what was counted: smallest unit of the tariff. */
struct bill_charged_row {
    int64_t use;
    struct bill_sub_row *subs;
    size_t sub_count;
    struct bill_gas_row *gas;
    size_t gas_count;
};

struct bill_meter_row {
    int64_t reg, from, to, consumption, days, tariff;
    int64_t whole_days; /* 0: of itself */
    bool has_limit;
    int64_t limit;
    const char *flags;
    struct bill_part_row *parts;
    size_t part_count;                /* 0: nothing to say beyond the share */
    struct bill_charged_row *charged; /* NULL: as it was counted */
};

struct bill_line_row {
    int64_t reg, amount, block;
    bool has_part;
    int64_t part;
    const char *component, *formula, *label_es, *label_en, *quantity, *unit, *price;
    const char *explanation;
};

struct bill_surcharge_row {
    int64_t reg, consumption, limit, excess, amount;
};

struct bill_alert_row {
    int64_t id, meter, observed, threshold;
    const char *rule;
};

struct bill_row {
    int64_t index; /* of the item in its batch; not printed */
    int64_t bill, account, total;
    const char *start, *end, *issued, *due, *currency;
    struct bill_meter_row *meters;
    struct bill_line_row *lines;
    struct bill_surcharge_row *surcharges;
    struct bill_alert_row *alerts;
    size_t meter_count, line_count, surcharge_count, alert_count;
};

/* Append the item's text: RFC 8785, members as data/schemas/billing.batch.item.v1.json has
 * them. */
void bill_row_print(const struct bill_row *r, struct buf *out);

#endif
