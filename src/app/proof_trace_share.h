/* Between the files that follow a bill: a register's share of it. */
#ifndef AFORO_APP_PROOF_TRACE_SHARE_H
#define AFORO_APP_PROOF_TRACE_SHARE_H

#include "app/proof_trace.h"
#include "base/money.h"
#include "base/quantity.h"

/* A register's share of the bill, as its item says. */
struct share {
    int64_t reg, from, to, consumption, days, whole_days, tariff, limit;
    bool has_limit;
    const char *flags;
    const struct json *parts; /* NULL: prices are the same throughout */
    bool is_charged;          /* it is not what was counted: */
    int64_t charged;
    const struct json *subs, *gas; /* less sub-meters, by factors of gas; may be NULL */
};

struct billed {
    struct proof_trace *t;
    int64_t number;
    const struct json *item;
    const struct currency *currency;
};

/* ERR_TAMPERED naming the member. */
enum err_code bill_malformed(const struct billed *b, const char *what, struct err *e);
/* The meter's record, both readings, and the use that they give. */
enum err_code share_readings(const struct billed *b, const struct share *s,
                             struct err *e) MUST_CHECK;
/* What is charged follows from what was counted, sub-meters and factors. unit: of the tariff.
 */
enum err_code share_charged_again(const struct billed *b, const struct share *s,
                                  const struct unit *unit, struct err *e) MUST_CHECK;

#endif
