/* The rules that judge a billing period against the account's history. */
#include <config.h>

#include "domain/rules_judge.h"

#define PER_DAY 1000000 /* uses per day are kept in millionths */
#define PER_DAY_MAX                                                                            \
    100000000000000000LL /* 10^17: twelve squares of it, times 12, fit in 128 bits */

/* Use per day in millionths of the smallest unit, half up; more than anything real is cut to
 * PER_DAY_MAX. */
static int64_t per_day(struct period_use p)
{
    CHECK(p.use >= 0 && p.days > 0);
    if (p.use <= INT64_MAX / PER_DAY / 2) { /* 64 bits do; dividing 128 costs five times that */
        int64_t n = p.use * PER_DAY;
        int64_t rate = n / p.days + (n % p.days >= p.days - n % p.days);
        return rate > PER_DAY_MAX ? PER_DAY_MAX : rate;
    }
    int128 scaled = div_round128((int128)p.use * PER_DAY, p.days, ROUND_HALF_UP);
    return scaled > PER_DAY_MAX ? PER_DAY_MAX : (int64_t)scaled;
}

/* Each step doubles the digits of the root that are known, with one division; bit by bit, with
 * a product each, took longer than all other rules together. Source: R. P. Brent and P.
 * Zimmermann, Modern Computer Arithmetic, 1.5.1, in binary. */
int64_t rules_square_root(int128 v)
{
    uint64_t high = (uint64_t)(v >> 64), low = (uint64_t)v;
    if (v <= 0) {
        return 0;
    }
    int bits = high != 0 ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll(low);
    int half = (bits - 1) / 2; /* bits of the root behind its first */
    uint64_t root = 1;         /* at most one off from that of the bits seen so far */
    int known = 0;
    for (int shift = half > 0 ? 31 - __builtin_clz((unsigned)half) : -1; shift >= 0; shift--) {
        int next = half >> shift;
        int128 rest = v >> (2 * half - known - next + 1);
        uint64_t quotient = (uint64_t)(rest >> 64) == 0 ? (uint64_t)rest / root
                                                        : (uint64_t)(rest / (int128)root);
        root = (root << (next - known - 1)) + quotient;
        known = next;
    }
    return (int64_t)root - ((int128)root * (int128)root > v ? 1 : 0);
}

/* What the history says, per day in millionths. */
struct history {
    size_t count;
    int64_t use[HISTORY_MAX]; /* newest first */
    int64_t mean, deviation;  /* deviation of a sample: n - 1 */
    int64_t third;            /* third highest; 0 with fewer than three */
};

static void history_peaks(struct history *h)
{
    int64_t top[3] = {0, 0, 0};
    for (size_t i = 0; i < h->count; i++) {
        int64_t v = h->use[i];
        for (size_t k = 0; k < 3; k++) {
            if (v > top[k]) {
                int64_t lower = top[k];
                top[k] = v;
                v = lower;
            }
        }
    }
    h->third = top[2];
}

/* sum / n, half up; sum is not negative. */
static int64_t mean_of(int128 sum, int64_t n)
{
    if (sum <= INT64_MAX / 2) {
        return ((int64_t)sum + n / 2) / n;
    }
    return (int64_t)div_round128(sum, n, ROUND_HALF_UP);
}

static void history_load(const struct period_ctx *ctx, struct history *h)
{
    int128 sum = 0, squares = 0;
    h->count = ctx->count < HISTORY_MAX ? ctx->count : HISTORY_MAX;
    for (size_t i = 0; i < h->count; i++) {
        h->use[i] = per_day(ctx->history[i]);
        sum += h->use[i];
        squares += (int128)h->use[i] * h->use[i];
    }
    h->mean = h->deviation = 0;
    if (h->count > 0) {
        h->mean = mean_of(sum, (int64_t)h->count);
    }
    /* Bands around the mean need no deviation, and its root takes longer than all else. */
    if (h->count > 1 &&
        (ctx->rules->rule[RULE_HIGH].limit[0] > 0 || ctx->rules->rule[RULE_LOW].limit[0] > 0)) {
        int128 n = (int128)h->count;
        h->deviation = rules_square_root((n * squares - sum * sum) / (n * (n - 1)));
    }
    history_peaks(h);
}

/* Per day in millionths -> smallest units in so many days, half up. Limits are compared as
 * these, so that a limit of exactly 54 m3 is not missed by a millionth. */
static int64_t in_days(int128 rate, int64_t days)
{
    if (rate >= 0 && rate <= INT64_MAX / 2 / (days > 0 ? days : 1)) {
        int64_t n = (int64_t)rate * days;
        return n / PER_DAY + (n % PER_DAY >= PER_DAY / 2);
    }
    int128 use = div_round128(rate * days, PER_DAY, ROUND_HALF_UP);
    return use > INT64_MAX ? INT64_MAX : (int64_t)use;
}

/* v * percent / 100, cut off. */
static int128 percent_of(int64_t v, int64_t percent)
{
    return v >= 0 && percent > 0 && v <= INT64_MAX / percent ? (int128)(v * percent / 100)
                                                             : (int128)v * percent / 100;
}

/* The distance from the mean that is still normal, and how it was reckoned. */
static int128 margin(const struct rule_config *c, const struct period_ctx *ctx,
                     const struct history *h, struct finding *f)
{
    int64_t days = ctx->period.days;
    f->from = in_days(h->mean, days);
    if (c->limit[0] > 0) {
        f->kind = CLASS_DEVIATION;
        f->to = c->limit[0];
        return (int128)h->deviation * c->limit[0];
    }
    f->kind = CLASS_BAND;
    f->to = f->from >= unit_limit(ctx->unit, c->limit[3]) ? c->limit[1] : c->limit[2];
    return percent_of(h->mean, f->to);
}

static void judge_deviation(const struct period_ctx *ctx, const struct history *h,
                            struct findings *out)
{
    struct finding high = {.rule = RULE_HIGH, .observed = ctx->period.use};
    struct finding low = {.rule = RULE_LOW, .observed = ctx->period.use};
    const struct rule_config *c = &ctx->rules->rule[RULE_HIGH];
    high.limit = in_days(h->mean + margin(c, ctx, h, &high), ctx->period.days);
    if ((int64_t)h->count >= c->limit[4] && ctx->period.use > high.limit) {
        findings_add(out, ctx->rules, high);
    }
    c = &ctx->rules->rule[RULE_LOW];
    low.limit = in_days(h->mean - margin(c, ctx, h, &low), ctx->period.days);
    if ((int64_t)h->count >= c->limit[4] && ctx->period.use < low.limit &&
        ctx->period.use > 0) {
        findings_add(out, ctx->rules, low);
    }
}

/* No use: a stuck register when it moved before, else an account that uses nothing. */
static void judge_zero(const struct period_ctx *ctx, const struct history *h,
                       struct findings *out)
{
    int64_t run = 1;
    size_t i = 0;
    for (; i < h->count && h->use[i] == 0; i++) {
        run++;
    }
    int64_t stuck = ctx->rules->rule[RULE_STUCK].limit[0];
    bool moved_before = i < h->count;
    if (moved_before && run >= stuck && ctx->rules->rule[RULE_STUCK].on) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_STUCK, .observed = run, .limit = stuck});
    } else if (ctx->active && run >= ctx->rules->rule[RULE_ZERO].limit[0]) {
        findings_add(out, ctx->rules,
                     (struct finding){.rule = RULE_ZERO,
                                      .observed = run,
                                      .limit = ctx->rules->rule[RULE_ZERO].limit[0]});
    }
}

static void judge_spike(const struct period_ctx *ctx, const struct history *h,
                        struct findings *out)
{
    int64_t percent = ctx->rules->rule[RULE_SPIKE].limit[0];
    struct finding f = {.rule = RULE_SPIKE, .observed = ctx->period.use, .to = percent};
    f.from = in_days(h->third, ctx->period.days);
    f.limit = in_days(percent_of(h->third, percent), ctx->period.days);
    if (h->third > 0 && f.observed > f.limit) {
        findings_add(out, ctx->rules, f);
    }
}

/* 10, 100, 1000, or the multiplier: the use, or the mean, times that is about the other. */
static void judge_factor(const struct period_ctx *ctx, const struct history *h,
                         struct findings *out)
{
    const int64_t *l = ctx->rules->rule[RULE_FACTOR].limit;
    int64_t mean = in_days(h->mean, ctx->period.days);
    int64_t factors[] = {10, 100, 1000, ctx->multiplier};
    if ((int64_t)h->count < l[1] || mean == 0 || ctx->period.use == 0) {
        return;
    }
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++) {
        int128 more = (int128)mean * factors[i];
        int128 less = (int128)ctx->period.use * factors[i];
        int128 off_more = more - ctx->period.use;
        int128 off_less = less - mean;
        off_more = off_more < 0 ? -off_more : off_more;
        off_less = off_less < 0 ? -off_less : off_less;
        if (factors[i] >= 10 &&
            (off_more * 100 <= more * l[0] || off_less * 100 <= (int128)mean * l[0])) {
            findings_add(out, ctx->rules,
                         (struct finding){.rule = RULE_FACTOR,
                                          .observed = ctx->period.use,
                                          .limit = mean,
                                          .from = mean,
                                          .to = factors[i]});
            return;
        }
    }
}

static void judge_length(const struct period_ctx *ctx, struct findings *out)
{
    int64_t days = ctx->period.days, nominal = ctx->cycle_days;
    int64_t percent = ctx->rules->rule[RULE_PERIOD_LENGTH].limit[0];
    int64_t off = days > nominal ? days - nominal : nominal - days;
    if ((int128)off * 100 > (int128)nominal * percent) {
        findings_add(
            out, ctx->rules,
            (struct finding){
                .rule = RULE_PERIOD_LENGTH, .observed = days, .limit = nominal, .to = percent});
    }
}

void rules_judge_period(const struct period_ctx *ctx, struct findings *out)
{
    struct history h;
    CHECK(ctx->period.use >= 0 && ctx->period.days > 0);
    findings_clear(out);
    history_load(ctx, &h);
    judge_deviation(ctx, &h, out);
    judge_spike(ctx, &h, out);
    judge_factor(ctx, &h, out);
    if (ctx->period.use == 0) {
        judge_zero(ctx, &h, out);
    }
    judge_length(ctx, out);
}
