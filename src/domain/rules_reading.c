/* The rules that judge one reading. */
#include <config.h>

#include "domain/rules_judge.h"

#define DAY_SECS 86400

static int64_t limit_of(const struct reading_ctx *ctx, enum rule_id id)
{
    int64_t limit = ctx->rules->rule[id].limit[0];
    return id == RULE_DECREASE ? unit_limit(ctx->reg->unit, limit) : limit;
}

/* The most that the meter can have counted between two instants. */
static int64_t possible_use(const struct reading_ctx *ctx, int64_t secs)
{
    struct interleave_limits l = rules_interleave_limits(ctx->rules, ctx->reg);
    return most_use(l.rate_per_hour, l.floor_secs, secs);
}

static void judge_time(const struct reading_ctx *ctx, struct findings *out)
{
    int64_t utc = ctx->reading.utc;
    if (utc - ctx->as_of_utc > limit_of(ctx, RULE_FUTURE)) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_FUTURE,
                                      .observed = utc - ctx->as_of_utc,
                                      .limit = limit_of(ctx, RULE_FUTURE)});
    }
    int64_t oldest = limit_of(ctx, RULE_TOO_OLD) * DAY_SECS;
    if (ctx->as_of_utc - utc > oldest) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_TOO_OLD,
                                      .observed = ctx->as_of_utc - utc,
                                      .limit = oldest});
    }
    if (utc < ctx->active_from) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_INACTIVE,
                                      .kind = CLASS_NOT_YET,
                                      .observed = ctx->active_from - utc});
    } else if (utc >= ctx->active_until) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_INACTIVE,
                                      .kind = CLASS_NO_LONGER,
                                      .observed = utc - ctx->active_until});
    }
}

/* True when the value can be on the dial, so that it can be compared. */
static bool judge_dial(const struct reading_ctx *ctx, struct findings *out)
{
    int64_t value = ctx->reading.value, most = register_dial_max(ctx->reg);
    if (value < 0) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_NEGATIVE, .observed = value});
    } else if (value > most) {
        findings_add(
            out, ctx->rules,
            (struct finding){.rule = RULE_OVER_DIAL, .observed = value, .limit = most});
    } else {
        return true;
    }
    return false;
}

/* Another value of the same instant is the graver case; true when the same value is there
 * already. */
static bool judge_duplicate(const struct reading_ctx *ctx, struct findings *out)
{
    int64_t value = ctx->reading.value;
    struct finding f = {
        .rule = RULE_DUPLICATE, .kind = CLASS_SAME_VALUE, .observed = value, .limit = value};
    bool same = false;
    for (size_t i = 0; i < ctx->same_count; i++) {
        same = same || ctx->same[i] == value;
        if (ctx->same[i] != value && f.kind == CLASS_SAME_VALUE) {
            f.kind = CLASS_OTHER_VALUE;
            f.limit = ctx->same[i];
        }
    }
    findings_add(out, ctx->rules, f);
    return same;
}

static enum finding_class class_of_fall(const struct reading_ctx *ctx)
{
    int64_t value = ctx->reading.value, before = ctx->prev->value;
    if (ctx->seen != NULL && ctx->seen->value < before && value >= ctx->seen->value) {
        return CLASS_BELOW;
    }
    if (before - value <= limit_of(ctx, RULE_DECREASE)) {
        return CLASS_BACKFLOW;
    }
    if (ctx->next != NULL && ctx->next->value >= before) {
        return CLASS_DIP;
    }
    /* A new meter starts near zero: it can have reached the value since, and stands well below
     * the old one. */
    bool reachable = value <= possible_use(ctx, ctx->reading.utc - ctx->prev->utc);
    return reachable && value < before / 2 ? CLASS_RESET : CLASS_UNEXPLAINED;
}

/* A fall is a rollover where the dial was nearly full and the use through zero is possible. */
static bool judge_rollover(const struct reading_ctx *ctx, struct findings *out)
{
    int64_t modulus = register_modulus(ctx->reg), before = ctx->prev->value;
    int64_t wrapped = modulus - before + ctx->reading.value;
    int64_t most = possible_use(ctx, ctx->reading.utc - ctx->prev->utc);
    if (ctx->typical_high > 0 && ctx->typical_high < most) {
        most = ctx->typical_high;
    }
    bool nearly_full = (int128)before * 100 > (int128)modulus * limit_of(ctx, RULE_ROLLOVER);
    if (!nearly_full || wrapped > most) {
        return false;
    }
    findings_add(out, ctx->rules,
                 (struct finding){.rule = RULE_ROLLOVER,
                                  .observed = wrapped,
                                  .limit = most,
                                  .from = before,
                                  .to = ctx->reading.value});
    return true;
}

static void judge_since_prev(const struct reading_ctx *ctx, struct findings *out)
{
    int64_t value = ctx->reading.value, before = ctx->prev->value;
    if (value < before && ctx->measured != NULL && value >= ctx->measured->value) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_ESTIMATE_HIGH,
                                      .observed = before - value,
                                      .limit = ctx->measured->value,
                                      .from = before,
                                      .to = value});
        return;
    }
    if (value < before) {
        if (!judge_rollover(ctx, out)) {
            findings_add(out, ctx->rules,
                         (struct finding){.rule = RULE_DECREASE,
                                          .kind = class_of_fall(ctx),
                                          .observed = before - value,
                                          .limit = limit_of(ctx, RULE_DECREASE),
                                          .from = before,
                                          .to = value});
        }
        return;
    }
    int64_t most = possible_use(ctx, ctx->reading.utc - ctx->prev->utc);
    if (value - before > most) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_MAX_RATE,
                                      .observed = value - before,
                                      .limit = most,
                                      .from = before,
                                      .to = value});
    }
}

/* A reading that comes in late must also leave the next one where it is. */
static void judge_until_next(const struct reading_ctx *ctx, struct findings *out)
{
    int64_t value = ctx->reading.value, after = ctx->next->value;
    int64_t most = possible_use(ctx, ctx->next->utc - ctx->reading.utc);
    struct finding f = {.kind = CLASS_ABOVE_NEXT, .from = value, .to = after};
    if (value > after) {
        f.rule = RULE_DECREASE;
        f.observed = value - after;
        f.limit = limit_of(ctx, RULE_DECREASE);
        findings_add(out, ctx->rules, f);
    } else if (after - value > most) {
        f.rule = RULE_MAX_RATE;
        f.observed = after - value;
        f.limit = most;
        findings_add(out, ctx->rules, f);
    }
}

/* A register that fell is for the other rules. */
static void judge_step(const struct reading_ctx *ctx, struct findings *out)
{
    int64_t risen = ctx->reading.value - ctx->step->before;
    int64_t delta = ctx->step->delta;
    if (risen >= 0 && (ctx->step->next ? delta != risen : delta > risen)) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_DELTA, .observed = delta, .limit = risen});
    }
}

void rules_judge_reading(const struct reading_ctx *ctx, struct findings *out)
{
    findings_clear(out);
    judge_time(ctx, out);
    if (!judge_dial(ctx, out)) {
        return;
    }
    if (ctx->same_count > 0 && judge_duplicate(ctx, out)) {
        return;
    }
    if (!register_cumulative(ctx->reg)) {
        return; /* a power may fall, and is no use since the reading before */
    }
    if (ctx->step != NULL) {
        judge_step(ctx, out);
    }
    const struct interleave *s = ctx->series;
    if (s != NULL && s->verdict == SERIES_FOREIGN) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_INTERLEAVED,
                                      .observed = ctx->reading.value,
                                      .limit = s->main.value,
                                      .from = s->other_first.value,
                                      .to = s->main.value});
        if (ctx->rules->rule[RULE_INTERLEAVED].on) {
            return;
        }
    }
    if (ctx->prev != NULL) {
        judge_since_prev(ctx, out);
    }
    if (ctx->next != NULL) {
        judge_until_next(ctx, out);
    }
}
