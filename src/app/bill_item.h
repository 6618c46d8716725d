/* A bill as an item of billing.batch: everything printed on it that is no personal data. */
#ifndef AFORO_APP_BILL_ITEM_H
#define AFORO_APP_BILL_ITEM_H

#include "app/bill_build.h"
#include "domain/bill_row.h"

/* Dates and numbers that a bill gets from its run. */
struct bill_stamp {
    int64_t index;  /* of the item in its batch */
    int64_t bill;   /* its number */
    int64_t *alert; /* next alert id; counted on */
    const char *issued, *due;
    const struct billing_period *period;
};

#define BILL_LABELS 64

/* What the rows of a batch live in, and the labels written last: most bills of a tariff have
 * the same. */
struct bill_writer {
    struct arena arena;
    struct buf text;
    struct bill_label {
        const struct component *component;
        const struct label *period;
        const struct unit *unit;
        int64_t from, to;
        int32_t block;
        const char *es, *en;
    } labels[BILL_LABELS];
};
void bill_writer_init(struct bill_writer *w, size_t max_bytes);
void bill_writer_release(struct bill_writer *w);
/* Forget every row written. */
void bill_writer_clear(struct bill_writer *w);

/* The item's rows, in w until it is cleared; dates are borrowed from s. False when memory is
 * out. */
bool bill_item(struct bill_writer *w, const struct account_bill *b, const struct bill_stamp *s,
               const struct currency *currency, struct bill_row *out);

#endif
