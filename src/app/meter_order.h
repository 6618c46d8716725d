/* The orders of the list of meters: SQL that yields them, and what a meter is sorted by as
 * bytes that compare as SQLite compares the values. */
#ifndef AFORO_APP_METER_ORDER_H
#define AFORO_APP_METER_ORDER_H

#include "app/query_meter.h"

struct meter_order {
    /* id and what it is sorted by, of all meters; one order is the other turned round, ids too.
     * The literals are cached by address. */
    const char *up, *down;
    const char *one; /* of one meter, past what this connection masks */
    bool readings;   /* it changes with readings too */
};

extern const struct meter_order meter_orders[METER_COLUMNS];

/* Append what the row of such a query sorts by. Failures are the buffer's. */
void order_key_add(const struct stmt *q, struct buf *out);
/* Below, at or above 0. */
int order_key_compare(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
