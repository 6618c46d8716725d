/* What an estimate of a register is reckoned from: its own periods, the year before, others. */
#ifndef AFORO_APP_ESTIMATING_H
#define AFORO_APP_ESTIMATING_H

#include "app/bill_build.h"
#include "app/command.h"
#include "app/lookup.h"
#include "domain/estimate.h"

#define ESTIMATE_GROUPS_MAX 64

/* Rates of the peer groups that were asked for; zero-initialise for a run. */
struct estimate_groups {
    struct {
        char tariff[64];
        enum meter_kind kind;
        int64_t upto_utc;
        struct estimate_basis basis; /* secs 0: there is none */
    } group[ESTIMATE_GROUPS_MAX];
    size_t count;
};

/* One register at one instant. */
struct estimating {
    struct meter_row meter;
    int64_t utc;
    bool any;                    /* method: whatever is there, in the design's order */
    enum estimate_method method; /* else this one */
    /* found: */
    struct bill_reading from;    /* last accepted reading before; id 0: none */
    struct bill_reading next;    /* first accepted one after; id 0: none */
    int64_t run;                 /* estimates in a row before this one */
    struct estimate_basis basis; /* secs 0: nothing to go by */
    struct estimate estimate;
};

/*
 * Reckon an estimate: meter, utc and method are filled in.
 *
 * Out: from.id 0: never read; basis.secs 0: nothing to go by. Else the estimate is filled.
 */
enum err_code estimating_reckon(struct office *o, struct estimate_groups *g,
                                struct estimating *x, struct err *e) MUST_CHECK;

/* Estimates in a row that are told, and that are not made (rule "consecutive"); INT64_MAX where
 * the rule is off. */
void estimating_limits(const struct rule_set *rules, int64_t *told, int64_t *refused);
/* Which number in a row this estimate is. */
int64_t estimating_number(const struct estimating *x);

/*
 * The estimate as an entry holds it: an accepted reading of source "estimated".
 *
 * corrects: reading that it replaces; 0: none. alert: id for the alert of the second in a row;
 * 0: none is raised. *alerted says whether it was used.
 */
enum err_code estimating_data(struct command_ctx *c, const struct estimating *x,
                              const struct rule_set *rules, int64_t id, int64_t corrects,
                              int64_t alert, struct json **out, bool *alerted,
                              struct err *e) MUST_CHECK;

#endif
