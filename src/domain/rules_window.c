/* The rules that judge several readings or registers over a window of time. */
#include <config.h>

#include "domain/rules_judge.h"

static const int64_t *limits(const struct rule_set *rules, enum rule_id id)
{
    return rules->rule[id].limit;
}

void rules_judge_intervals(const struct interval_ctx *ctx, struct findings *out)
{
    const int64_t *l = limits(ctx->rules, RULE_MISSING_INTERVAL);
    int64_t missing = ctx->expected - ctx->seen;
    findings_clear(out);
    if (ctx->seen >= l[1] && missing > 0 &&
        (int128)missing * 100 > (int128)ctx->expected * l[0]) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_MISSING_INTERVAL,
                                      .observed = missing,
                                      .limit = (int64_t)((int128)ctx->expected * l[0] / 100),
                                      .from = ctx->expected});
    }
}

/* More apart than so many percent of the whole, and so many units besides. */
static void judge_apart(const struct compare_ctx *ctx, enum rule_id id, int64_t apart,
                        struct finding f, struct findings *out)
{
    const int64_t *l = limits(ctx->rules, id);
    int128 most = (int128)ctx->whole * l[0] / 100 + unit_limit(ctx->unit, l[1]);
    findings_clear(out);
    if (apart > most) {
        f.rule = id;
        f.observed = apart;
        f.limit = (int64_t)most;
        findings_add(out, ctx->rules, f);
    }
}

void rules_judge_sum(const struct compare_ctx *ctx, struct findings *out)
{
    int64_t apart = ctx->whole > ctx->parts ? ctx->whole - ctx->parts : ctx->parts - ctx->whole;
    judge_apart(ctx, RULE_SUM, apart, (struct finding){.from = ctx->whole, .to = ctx->parts},
                out);
}

void rules_judge_adapter(const struct compare_ctx *ctx, struct findings *out)
{
    judge_apart(ctx, RULE_ADAPTER, ctx->parts, (struct finding){.from = ctx->whole}, out);
}

void rules_judge_balance(const struct compare_ctx *ctx, struct findings *out)
{
    const int64_t *l = limits(ctx->rules, RULE_BALANCE);
    int64_t loss = ctx->whole - ctx->parts;
    findings_clear(out);
    if (ctx->count == 0 || (int128)ctx->read * 100 < (int128)ctx->count * l[2]) {
        return; /* too few below it were read to say */
    }
    int64_t most = (int64_t)((int128)ctx->whole * l[0] / 100);
    int64_t least = -(int64_t)((int128)ctx->whole * l[1] / 100);
    if (loss > most || loss < least) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_BALANCE,
                                      .observed = loss,
                                      .limit = loss > most ? most : least,
                                      .from = ctx->whole,
                                      .to = ctx->parts});
    }
}
