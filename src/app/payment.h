/* A payment before it is recorded, whatever it came by. */
#ifndef AFORO_APP_PAYMENT_H
#define AFORO_APP_PAYMENT_H

#include "app/command.h"
#include "base/quantity.h"

struct payment {
    int64_t id, receipt, account, posting;
    int64_t amount;      /* minor units of the account's currency, above zero */
    const char *channel; /* "counter", "bank", "agency", "deposit" */
    const char *txn;     /* with the channel, what makes it this payment and no other */
    const char *method;
    const char *value_date;
    const char *tender_currency, *rate;
    int64_t tendered;  /* minor units of tender_currency */
    int64_t change;    /* minor units of the account's currency */
    int64_t shift;     /* 0: no drawer */
    int64_t bank_row;  /* 0: not from a bank file */
    const char *bills; /* "17,18": settled first; NULL: oldest first */
};

/* ERR_EXISTS naming the receipt, when a payment of that channel and transaction is recorded
 * already. */
enum err_code payment_is_new(struct command_ctx *c, const char *channel, const char *txn,
                             struct err *e) MUST_CHECK;
enum err_code receipt_next(struct command_ctx *c, int64_t *number, struct err *e) MUST_CHECK;
/* The members of payment.recorded, its allocations among them. left: what stays as credit. */
enum err_code payment_data(struct command_ctx *c, struct json *data, const struct payment *p,
                           int64_t *left, struct err *e) MUST_CHECK;
/* Minor units of `from` at a rate (of `to` for one of `from`), rounded half up. ERR_RANGE. */
enum err_code tender_value(int64_t tendered, const struct currency *from, struct decimal rate,
                           const struct currency *to, int64_t *minor, struct err *e) MUST_CHECK;

#endif
