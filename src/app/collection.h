/* Collection: the office's policy, what an account must pay now, and which rule, if any, says
 * that it is not to be cut off. A cut asks all of them three times: when it is asked for, when
 * it was approved, and at the door. Source: domain.md, Bills, payments, collection; quality.md,
 * mass disconnection. */
#ifndef AFORO_APP_COLLECTION_H
#define AFORO_APP_COLLECTION_H

#include "app/command.h"

#define NOTICE_STEPS 3
#define PROTECTED_DATES_MAX 366

struct collection_policy {
    int64_t notice_days[NOTICE_STEPS]; /* after the due day, rising */
    int64_t cut_days;                  /* from the last notice to a cut */
    int64_t minimum;                   /* minor units; less is not pursued */
    int64_t from_hour, to_hour;        /* cuts only from ... until before, wall clock */
    int64_t weekdays;                  /* cuts only Monday .. this day, 1..7 */
    const struct json *dates;          /* protected days, an array of texts; may be NULL */
};
/* The policy as it is set. ERR_STATE says how to set one. dates lives in arena. */
enum err_code collection_policy_load(struct office *o, struct arena *arena,
                                     struct collection_policy *out, struct err *e) MUST_CHECK;

/* Rows (id, kind, ref, due, left) of what an account (?1) owed that was due before a day (?2),
 * each less what an open dispute on its bill freezes of it: a subquery. */
#define OVERDUE_ROWS                                                                           \
    "(SELECT id, kind, ref, due, left FROM (SELECT p.id, p.kind, p.ref, p.due, p.open - "      \
    "coalesce((SELECT sum(x.amount) FROM dispute x WHERE p.kind = 'bill' AND x.bill = p.ref "  \
    "AND x.state = 'open'), 0) AS left FROM posting p WHERE p.account = ?1 AND p.open > 0 "    \
    "AND "                                                                                     \
    "p.due < ?2) WHERE left > 0)"

/* What is overdue on a day and not frozen by a dispute. */
struct overdue {
    int64_t amount;
    char since[DATE_TEXT]; /* due day of the oldest of it; "" when nothing is */
    int64_t days;          /* since then */
    int64_t step;          /* the last notice about it; 0: none */
    char told[DATE_TEXT];  /* its day */
};
enum err_code overdue_find(struct office *o, int64_t account, const char *date,
                           struct overdue *out, struct err *e) MUST_CHECK;

/* The rules, in the order in which they are asked. */
enum cut_rule {
    CUT_ALLOWED,
    CUT_NO_DEBT,    /* nothing overdue, or less than the minimum */
    CUT_DISPUTE,    /* a dispute is open */
    CUT_PLAN,       /* an instalment plan is kept */
    CUT_VULNERABLE, /* the account is protected */
    CUT_NOTICE,     /* the last notice is missing or too fresh */
    CUT_DATE,       /* a protected day */
    CUT_HOUR,       /* outside the hours of cuts */
    CUT_CAP,        /* as many as may be cut in an hour */
};
const char *cut_rule_name(enum cut_rule r); /* stable word */
const char *cut_rule_text(enum cut_rule r); /* a whole sentence, translated */
/* The first rule against cutting this account off: of the account itself, on that day. */
enum err_code cut_rule_of(struct office *o, const struct collection_policy *p, int64_t account,
                          const char *date, const struct overdue *debt, enum cut_rule *out,
                          struct err *e) MUST_CHECK;
/* Day and hour by the office's own clock, whatever business date is worked on. */
enum cut_rule cut_rule_of_time(const struct office *o, const struct collection_policy *p);
/* How many more cuts may be released (or begun) in this hour; at most 0: none. The cap is 1 %
 * of the meters, from 5 to 50, in the hour before now. */
enum err_code cut_cap_left(struct office *o, bool begun, int64_t *left,
                           struct err *e) MUST_CHECK;
enum err_code cut_cap_reached(struct office *o, bool begun, bool *reached,
                              struct err *e) MUST_CHECK;
/* Every rule, at the door. ERR_DENIED names the first that is against it. */
enum err_code cut_may_begin(struct command_ctx *c, int64_t cut, int64_t account,
                            struct err *e) MUST_CHECK;

#endif
