/* What an account is billed for in a period: the meters that were assigned to it. */
#ifndef AFORO_APP_BILL_ASSIGNED_H
#define AFORO_APP_BILL_ASSIGNED_H

#include "app/bill_build.h"

/* An assignment that lies in the period at least in part. */
struct assigned {
    struct assigned *next;
    int64_t id;
    struct meter_row meter; /* with its first register */
    int64_t registers;      /* how many it has */
    bool has_limit;         /* of use, in force in the period; the newest */
    int64_t limit;
    char tariff[64];
    char start[DATE_TEXT], end[DATE_TEXT]; /* end: "" while it lasts */
};

/* The account's assignments in the order of the bill: by register, then by first day. They live
 * in the arena; NULL: there are none. */
enum err_code assigned_read(struct office *o, const struct billing_period *p, int64_t account,
                            struct arena *arena, struct assigned **out,
                            struct err *e) MUST_CHECK;

#endif
