/* Instalment plans. Whether a plan is kept follows from what is still open of the bills that it
 * covers: nobody records it. */
#ifndef AFORO_APP_PLAN_H
#define AFORO_APP_PLAN_H

#include "app/office.h"

enum plan_state {
    PLAN_NONE,   /* the account has no plan that runs */
    PLAN_KEPT,   /* every part that fell due is paid */
    PLAN_BROKEN, /* a part fell due and is not */
    PLAN_PAID,   /* all of it is paid */
};

struct plan_view {
    int64_t id;
    int64_t total, paid;
    int64_t due;              /* of the parts up to the date */
    char next_due[DATE_TEXT]; /* of the first part that is not paid; "" when all are */
};

/* The plan of an account as it stands on a date (YYYY-MM-DD). */
enum err_code plan_of_account(struct office *o, int64_t account, const char *date,
                              enum plan_state *state, struct plan_view *out,
                              struct err *e) MUST_CHECK;

#endif
