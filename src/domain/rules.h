/* Validation rules: which readings and consumptions are held for a supervisor, and why. Pure
 * judges over numbers that the caller looked up; each finding carries what was observed, the
 * limit and the source, and can say so in a sentence. */
#ifndef AFORO_DOMAIN_RULES_H
#define AFORO_DOMAIN_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "domain/interleave.h"
#include "domain/meter.h"

enum rule_id {
#define RULE(ID, name, scope, severity, hold, limits, title, source) RULE_##ID,
#include "domain/rules.def"
#undef RULE
    RULE_COUNT
};

enum rule_scope { SCOPE_READING, SCOPE_PERIOD, SCOPE_WINDOW };
enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ALARM, SEVERITY_COUNT };

#define RULE_LIMITS 5

/*
 * How an office applies a rule to one kind of meter. limit[] by rule:
 *
 * decrease       0: largest fall that counts as backflow, smallest units
 * rollover       0: percent of the dial that the previous value must exceed
 * future         0: seconds that clocks may differ
 * too_old        0: days before the time of capture
 * max_rate       0: smallest units an hour where the register names no maximum; 1: shorter
 * times count as so many seconds interleaved    0: outliers in a row that are a step of the
 * register rather than a second meter; 1: readings after which an unproven second series is
 * forgotten high, low      0: standard deviations, or 0 for bands: 1: percent from the mean on
 * for a mean of [3] a period; 2: percent for a smaller mean; 3: smallest units; 4: periods of
 * history needed zero, stuck    0: periods without use spike          0: percent of the third
 * highest period period_length  0: percent of the cycle's days
 * consecutive    0: estimates in a row that are told; 1: that are not made
 * estimate_high  0: days over which estimates are rolled back; 1: how often for one meter in so
 * many days (0: without limit, either)
 * factor         0: percent by which use and mean times the factor may differ; 1: periods of
 * history needed missing_interval 0: percent of the intervals; 1: readings that make a series
 * sum 0: percent of the total; 1: smallest units besides adapter 0: percent of the use; 1:
 * smallest units besides balance 0: percent lost; 1: percent by which the meters below may
 * exceed it; 2: percent of them that must have been read
 */
struct rule_config {
    bool on, hold;
    enum severity severity;
    int64_t limit[RULE_LIMITS];
};
struct rule_set {
    struct rule_config rule[RULE_COUNT];
};

const char *rule_name(enum rule_id id); /* stable: "max_rate" */
bool rule_find(const char *name, enum rule_id *out);
enum rule_scope rule_scope(enum rule_id id);
const char *rule_title(enum rule_id id); /* translated */
const char *
rule_source(enum rule_id id); /* translated: the law, standard or practice behind the default */
/* How many limits the rule goes by, at most RULE_LIMITS; 1 (unused) where it has none. */
int rule_limit_count(enum rule_id id);
const char *severity_name(enum severity s);
bool severity_find(const char *name, enum severity *out);
/* The defaults for a kind of meter. */
void rules_defaults(enum meter_kind kind, struct rule_set *out);
/* What the interleaving machine needs, from the rules and the register. */
struct interleave_limits rules_interleave_limits(const struct rule_set *rules,
                                                 const struct register_def *reg);

/* What kind of case a finding is, where a rule knows several. */
enum finding_class {
#define CLASS(ID, name) CLASS_##ID,
#include "domain/classes.def"
#undef CLASS
    CLASS_COUNT
};
/* What commands choose from: "|negative|over_dial|..."; the first sign is none of it. */
extern const char rule_choices[];
extern const char finding_class_choices[];
const char *finding_class_name(enum finding_class c); /* stable: "backflow" */

struct finding {
    enum rule_id rule;
    enum severity severity;
    bool hold;
    enum finding_class kind;
    int64_t observed; /* what was seen: smallest units, seconds or days as the rule counts */
    int64_t limit;    /* what it is judged against */
    int64_t from,
        to; /* the two values that a fall, rise or series lies between, or mean and percent */
};

#define FINDINGS_MAX RULE_COUNT

struct findings {
    size_t count;
    bool hold;              /* one of them holds */
    enum severity severity; /* the worst */
    struct finding item[FINDINGS_MAX];
};

/* A reading and all that the reading rules look at. Pointers are borrowed; NULL where there is
 * none. */
struct reading_ctx {
    const struct register_def *reg; /* checked */
    const struct rule_set *rules;
    struct point reading;         /* the candidate */
    int64_t as_of_utc;            /* time of capture, or an import's as-of date */
    const struct point *prev;     /* last accepted reading before the candidate's instant */
    const struct point *next;     /* first accepted reading after it */
    const struct point *measured; /* where prev is an estimate: the last accepted reading before
                                     it that is none; else NULL */
    const struct point *seen;     /* last reading captured before it, in whatever state */
    const int64_t *same;          /* values captured at the same instant */
    size_t same_count;
    int64_t active_from, active_until; /* the meter's time in service [from, until) */
    int64_t typical_high; /* most use since prev that history makes plausible; 0: not known */
    const struct interleave *series; /* after feeding the candidate */
    const struct step *step;         /* what the device says of the interval; NULL: nothing */
};

/* A device's word on the use since its packet before. */
struct step {
    int64_t delta;  /* as the packet says, smallest units */
    int64_t before; /* register in the packet before */
    bool next; /* that was the packet just before: the two must be equal; where packets were
                  lost, the register may have risen by more */
};

/* Judge one reading. About 100 ns; no allocation. */
void rules_judge_reading(const struct reading_ctx *ctx, struct findings *out);

#define HISTORY_MAX 12

struct period_use {
    int64_t use;  /* smallest units, not negative */
    int64_t days; /* at least 1 */
};

struct period_ctx {
    const struct rule_set *rules;
    const struct unit *unit; /* of the uses; NULL: that of the rules' limits */
    struct period_use period;
    int64_t cycle_days;               /* nominal length of the billing cycle */
    bool active;                      /* the account is in service */
    int64_t multiplier;               /* of the register; 0: not known */
    const struct period_use *history; /* billed periods before, newest first */
    size_t count;                     /* at most the newest HISTORY_MAX are looked at */
};

/*
 * Judge a billing period against the account's history, in integers: uses are compared per day,
 * in millionths of the smallest unit. Source: CREG 105 007 of 2024 (normalised periods, mean +-
 * 3 standard deviations).
 */
void rules_judge_period(const struct period_ctx *ctx, struct findings *out);

/* Readings at regular intervals in a window of time. */
struct interval_ctx {
    const struct rule_set *rules;
    int64_t seen, expected; /* intervals */
};
void rules_judge_intervals(const struct interval_ctx *ctx, struct findings *out);

/* Two counts of the same thing over the same time, smallest units, not negative. */
struct compare_ctx {
    const struct rule_set *rules;
    const struct unit *unit; /* of the counts; NULL: that of the rules' limits */
    int64_t whole;           /* total register; use by the dial; feeder */
    int64_t parts;       /* sum of the others; difference of adapter and dial; meters below */
    int64_t read, count; /* balance: meters below that were read in time, of so many */
};
void rules_judge_sum(const struct compare_ctx *ctx, struct findings *out);
void rules_judge_adapter(const struct compare_ctx *ctx, struct findings *out);
void rules_judge_balance(const struct compare_ctx *ctx, struct findings *out);

/*
 * Append a finding as whole sentences: what was seen, the limit, the source; translated.
 *
 * unit: of the register. fmt: number form for people; NULL prints machine numbers.
 */
void finding_text(const struct finding *f, const struct unit *unit, const struct numfmt *fmt,
                  struct buf *out);

#endif
