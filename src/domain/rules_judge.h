/* What the two judges share; only rules_reading.c, rules_period.c and their tests include it.
 */
#ifndef AFORO_DOMAIN_RULES_JUDGE_H
#define AFORO_DOMAIN_RULES_JUDGE_H

#include "domain/rules.h"

static inline void findings_clear(struct findings *f)
{
    f->count = 0;
    f->hold = false;
    f->severity = SEVERITY_INFO;
}

/* Largest integer whose square is not above v (v below 2^126); 0 for less than 1. */
int64_t rules_square_root(int128 v);

/* Note a finding when its rule is on. */
static inline void findings_add(struct findings *out, const struct rule_set *rules,
                                struct finding f)
{
    const struct rule_config *c = &rules->rule[f.rule];
    if (!c->on || out->count == FINDINGS_MAX) {
        return;
    }
    f.severity = c->severity;
    f.hold = c->hold;
    out->hold = out->hold || c->hold;
    out->severity = c->severity > out->severity ? c->severity : out->severity;
    out->item[out->count++] = f;
}

#endif
