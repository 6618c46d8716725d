/* A bill as an item of billing.batch: everything printed on it that is no personal data. */
#ifndef AFORO_APP_BILL_ITEM_H
#define AFORO_APP_BILL_ITEM_H

#include "app/bill_build.h"

/* Dates and numbers that a bill gets from its run. */
struct bill_stamp {
    int64_t bill;   /* its number */
    int64_t *alert; /* next alert id; counted on */
    const char *issued, *due;
    const struct billing_period *period;
};

/* The item's JSON object, in arena. Members as project_bill_item takes them. NULL when memory
 * is out. */
struct json *bill_item(const struct account_bill *b, const struct bill_stamp *s,
                       const struct currency *currency, struct arena *arena);

#endif
