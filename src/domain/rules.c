#include <config.h>

#include "domain/rules.h"

#include <string.h>

#include "base/i18n.h"

static const struct rule {
    const char *name;
    enum rule_scope scope;
    struct rule_config config;
    const char *title, *source;
} table[RULE_COUNT] = {
#define LIMITS(...)                                                                            \
    {                                                                                          \
        __VA_ARGS__                                                                            \
    }
#define RULE(ID, rule_name_, scope, severity, hold, limits, title, source)                     \
    [RULE_##ID] = {                                                                            \
        #rule_name_, SCOPE_##scope, {true, hold, SEVERITY_##severity, limits}, title, source},
#include "domain/rules.def"
#undef RULE
#undef LIMITS
};

#define LIMITS(...) (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
#define RULE(ID, name, scope, severity, hold, limits, title, source) [RULE_##ID] = limits,
static const int limit_counts[RULE_COUNT] = {
#include "domain/rules.def"
};
#undef RULE
#undef LIMITS

/* Where a register names no maximum: a DN15 water meter's overload flow (Q4 of Q3 = 2.5 m3/h),
 * three phases of 100 A at 230 V, a G4 gas meter's maximum. */
static const int64_t rate_per_hour[METER_KIND_COUNT] = {
    [METER_WATER] = 3125,
    [METER_ENERGY] = 69000,
    [METER_GAS] = 6000,
};

static const struct rule *row(enum rule_id id)
{
    CHECK(id < RULE_COUNT);
    return &table[id];
}

const char *rule_name(enum rule_id id)
{
    return row(id)->name;
}

bool rule_find(const char *name, enum rule_id *out)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (strcmp(table[i].name, name) == 0) {
            *out = (enum rule_id)i;
            return true;
        }
    }
    return false;
}

int rule_limit_count(enum rule_id id)
{
    CHECK(id < RULE_COUNT);
    return limit_counts[id];
}

enum rule_scope rule_scope(enum rule_id id)
{
    return row(id)->scope;
}

const char *rule_title(enum rule_id id)
{
    return _(row(id)->title);
}

const char *rule_source(enum rule_id id)
{
    return _(row(id)->source);
}

static const char *const severity_names[SEVERITY_COUNT] = {"info", "warning", "alarm"};

const char *severity_name(enum severity s)
{
    CHECK(s < SEVERITY_COUNT);
    return severity_names[s];
}

bool severity_find(const char *name, enum severity *out)
{
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        if (strcmp(severity_names[i], name) == 0) {
            *out = (enum severity)i;
            return true;
        }
    }
    return false;
}

#define RULE(ID, name, scope, severity, hold, limits, title, source) "|" #name
const char rule_choices[] =
#include "domain/rules.def"
    ;
#undef RULE

#define CLASS(ID, name) "|" #name
const char finding_class_choices[] =
#include "domain/classes.def"
    ;
#undef CLASS

const char *finding_class_name(enum finding_class c)
{
    static const char *const names[CLASS_COUNT] = {
#define CLASS(ID, name) [CLASS_##ID] = #name,
#include "domain/classes.def"
#undef CLASS
    };
    CHECK(c < CLASS_COUNT);
    return names[c];
}

void rules_defaults(enum meter_kind kind, struct rule_set *out)
{
    CHECK(kind < METER_KIND_COUNT);
    for (size_t i = 0; i < RULE_COUNT; i++) {
        out->rule[i] = table[i].config;
    }
    out->rule[RULE_MAX_RATE].limit[0] = rate_per_hour[kind];
    if (kind == METER_WATER) { /* bands around the mean instead of standard deviations */
        out->rule[RULE_HIGH].limit[0] = 0;
        out->rule[RULE_LOW].limit[0] = 0;
    }
}

struct interleave_limits rules_interleave_limits(const struct rule_set *rules,
                                                 const struct register_def *reg)
{
    const int64_t *rate = rules->rule[RULE_MAX_RATE].limit;
    return (struct interleave_limits){
        .rate_per_hour = reg->max_rate_per_hour > 0 ? reg->max_rate_per_hour
                                                    : unit_limit(reg->unit, rate[0]),
        .floor_secs = rate[1],
        .backflow = unit_limit(reg->unit, rules->rule[RULE_DECREASE].limit[0]),
        .step_run = rules->rule[RULE_INTERLEAVED].limit[0],
        .patience = rules->rule[RULE_INTERLEAVED].limit[1],
    };
}
