/* A decision on many readings: listed once, judged again in each entry. Shared by cmd_decide.c
 * and decide_preview.c. */
#ifndef AFORO_APP_DECIDE_H
#define AFORO_APP_DECIDE_H

#include "app/command.h"
#include "app/estimating.h"
#include "app/rule_settings.h"

enum decide_action {
    DECIDE_ACCEPT,
    DECIDE_REJECT,
    DECIDE_CORRECT,
    DECIDE_ESTIMATE, /* an estimate takes its place */
    DECIDE_RE_READ,  /* somebody goes there; it goes on waiting */
    DECIDE_ACTIONS
};
const char *decide_action_name(enum decide_action a); /* "re-read" */

const char *decide_action_word(enum decide_action a); /* in the reader's language */

#define DECIDE_MAX 1000000

struct decide_run {
    enum decide_action action;
    int64_t *ids;
    size_t count, next, end;
    bool listed; /* by number: each must be decidable; else the filter's rest is passed over */
    int64_t own; /* passed over */
    struct rule_set rules[METER_KIND_COUNT];
    struct estimate_groups groups;
};

struct decided {
    int64_t id, reg, utc, local, value;
};

/* Why a reading cannot be decided by this user now; ERR_OK when it can. */
enum err_code decidable(struct command_ctx *c, const struct decide_run *r, int64_t id,
                        struct decided *out, struct err *e) MUST_CHECK;
/* The value of a correction that was typed. */
enum err_code correction_value(struct command_ctx *c, const struct decided *was,
                               struct meter_row *m, int64_t *value, struct err *e) MUST_CHECK;
/* The estimate in a reading's place. ERR_STATE when there is nothing to go by, or too many
 * stand in a row. */
enum err_code decided_estimate(struct command_ctx *c, struct decide_run *r,
                               const struct decided *was, struct estimating *x,
                               struct err *e) MUST_CHECK;

/* Say what the decision does to the bills that come: a line for each register, and in the
 * message how they add up. Records nothing. */
enum err_code decide_preview(struct command_ctx *c, struct decide_run *r,
                             struct err *e) MUST_CHECK;

#endif
