/* A billing run: every account with meters in a period, previewed or issued in batches, resumed
 * when it was cut off. */
#ifndef AFORO_APP_BILL_RUN_H
#define AFORO_APP_BILL_RUN_H

#include "app/bill_build.h"
#include "app/command.h"

/* What a run did, or in a preview would do. */
struct bill_run_report {
    bool preview;
    bool resumed;
    int64_t run;
    int64_t accounts; /* with meters in the period */
    int64_t already;  /* billed for this period before */
    int64_t bills;
    int64_t first, last; /* bill numbers */
    struct money total;
    int64_t settled; /* accounts whose credit was laid against what they owe */
    int64_t no_reading, falls, skipped, surcharges, unusual; /* exceptions, in meters */
    int64_t blocked; /* accounts whose bill cannot be made; only a preview counts them */
    struct money previous_total; /* of the newest run before */
    int64_t previous_bills;
    char previous_end[DATE_TEXT]; /* "" when there is none */
};

extern const struct command cmd_bill_run, cmd_bill_rebill, cmd_bill_discard;

#endif
