#include <config.h>

#include "domain/suspicion.h"

#include <stdlib.h>

#include "base/quantity.h"

#define RECENT 2       /* periods that are compared with the ones before */
#define YEAR 12        /* periods of a year */
#define Z_BOUND_K 2500 /* robust deviations */
#define CUSUM_BOUND_K 4000
#define YEAR_BOUND_K 600 /* less than 60 % of the year before */
#define PEERS_BOUND_K 650
#define LOSS_BOUND_K 150
#define CLAMP_K 1000000

const char *suspicion_sign_name(enum suspicion_sign s)
{
    static const char *const names[SIGN_COUNT] = {
        [SIGN_ROBUST_Z] = "robust_z", [SIGN_CUSUM] = "cusum",
        [SIGN_ZERO_RUN] = "zero_run", [SIGN_YEAR_ON_YEAR] = "year_on_year",
        [SIGN_PEERS] = "peers",       [SIGN_BALANCE] = "balance",
    };
    CHECK(s < SIGN_COUNT);
    return names[s];
}

static int number_order(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* The lower median; v is put in order. */
static int64_t median(int64_t *v, size_t count)
{
    qsort(v, count, sizeof v[0], number_order);
    return v[(count - 1) / 2];
}

static int64_t ratio_k(int64_t part, int64_t whole)
{
    if (whole <= 0) {
        return CLAMP_K;
    }
    int128 r = (int128)part * 1000 / whole;
    return r > CLAMP_K ? CLAMP_K : r < -CLAMP_K ? -CLAMP_K : (int64_t)r;
}

/* What is known of a series up to a period. */
static size_t known(const struct suspicion_series *s, size_t from, size_t to, int64_t *out)
{
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        if (s->use[i] >= 0) {
            out[n++] = s->use[i];
        }
    }
    return n;
}

static int64_t mean(const int64_t *v, size_t count)
{
    int128 sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += v[i];
    }
    return count > 0 ? (int64_t)(sum / (int128)count) : 0;
}

/* Level and spread of the periods before the last ones. */
struct level {
    int64_t median, spread; /* 1.4826 MAD, at least a twentieth of the median */
};

static struct level level_of(const int64_t *before, size_t count)
{
    int64_t v[SUSPICION_PERIODS_MAX];
    struct level l;
    for (size_t i = 0; i < count; i++) {
        v[i] = before[i];
    }
    l.median = median(v, count);
    for (size_t i = 0; i < count; i++) {
        v[i] = before[i] > l.median ? before[i] - l.median : l.median - before[i];
    }
    l.spread = (int64_t)((int128)median(v, count) * 14826 / 10000);
    int64_t least = l.median / 20 + 1;
    l.spread = l.spread > least ? l.spread : least;
    return l;
}

/* A series as it would be if its group had kept its level: seasons are no fall. */
static void season_take(const struct suspicion_series *s, const struct suspicion_group *g,
                        struct suspicion_series *out)
{
    int64_t v[SUSPICION_PERIODS_MAX];
    size_t n = 0;
    *out = *s;
    for (size_t i = 0; g != NULL && i < g->count && i < s->count; i++) {
        if (g->median[i] > 0) {
            v[n++] = g->median[i];
        }
    }
    if (n < s->count || n == 0) {
        return; /* the group is not known throughout */
    }
    int64_t usual = median(v, n);
    for (size_t i = 0; i < s->count; i++) {
        if (s->use[i] >= 0) {
            int128 x = (int128)s->use[i] * usual / g->median[i];
            out->use[i] = x > INT64_MAX ? INT64_MAX : (int64_t)x;
        }
    }
}

/* The sum of what lies below the level, less half a spread a period. */
static void cusum_judge(const struct suspicion_series *s, const struct level *l,
                        struct suspicion *out)
{
    int64_t sum_k = 0;
    size_t began = s->count;
    for (size_t i = 0; i < s->count; i++) {
        if (s->use[i] < 0) {
            continue;
        }
        int64_t step_k = ratio_k(l->median - s->use[i], l->spread);
        step_k = step_k > 8000 ? 8000 : step_k < -8000 ? -8000 : step_k;
        began = sum_k == 0 ? i : began;
        sum_k += step_k - 500;
        sum_k = sum_k > 0 ? sum_k : 0;
    }
    out->value_k[SIGN_CUSUM] = sum_k;
    out->fired[SIGN_CUSUM] = sum_k > CUSUM_BOUND_K;
    if (sum_k > 0) {
        out->since = began;
    }
}

static void zeros_judge(const struct suspicion_series *s, struct suspicion *out)
{
    int64_t run = 0;
    size_t i = s->count;
    while (i > 0 && s->use[i - 1] == 0) {
        run++;
        i--;
    }
    out->value_k[SIGN_ZERO_RUN] = run * 1000;
    out->fired[SIGN_ZERO_RUN] = run > 0 && i > 0;
}

static void year_judge(const struct suspicion_series *s, int64_t recent, struct suspicion *out)
{
    int64_t v[SUSPICION_PERIODS_MAX];
    out->value_k[SIGN_YEAR_ON_YEAR] = 1000;
    if (s->count < YEAR + RECENT) {
        return;
    }
    size_t n = known(s, s->count - YEAR - RECENT, s->count - YEAR, v);
    if (n == RECENT) {
        out->value_k[SIGN_YEAR_ON_YEAR] = ratio_k(recent, mean(v, n));
        out->fired[SIGN_YEAR_ON_YEAR] = out->value_k[SIGN_YEAR_ON_YEAR] < YEAR_BOUND_K;
    }
}

static void confidence_judge(struct suspicion *out)
{
    static const int64_t weight_k[SIGN_COUNT] = {
        [SIGN_ROBUST_Z] = 250,     [SIGN_CUSUM] = 300, [SIGN_ZERO_RUN] = 250,
        [SIGN_YEAR_ON_YEAR] = 150, [SIGN_PEERS] = 250, [SIGN_BALANCE] = 150,
    };
    out->confidence_k = 0;
    for (int i = 0; i < SIGN_COUNT; i++) {
        out->confidence_k += out->fired[i] ? weight_k[i] : 0;
    }
    out->confidence_k = out->confidence_k > 1000 ? 1000 : out->confidence_k;
}

/* What was to be expected since the fall began, less what was counted. */
static void recovered_judge(const struct suspicion_series *s, const struct suspicion_group *g,
                            const struct level *l, struct suspicion *out)
{
    int128 sum = 0;
    int64_t usual[SUSPICION_PERIODS_MAX];
    size_t n = 0;
    for (size_t i = 0; g != NULL && i < g->count && i < s->count; i++) {
        if (g->median[i] > 0) {
            usual[n++] = g->median[i];
        }
    }
    int64_t middle = n == s->count && n > 0 ? median(usual, n) : 0;
    out->expected = l->median;
    for (size_t i = out->since; i < s->count; i++) {
        int128 expected = middle > 0 ? (int128)l->median * g->median[i] / middle : l->median;
        sum += s->use[i] >= 0 ? expected - s->use[i] : 0;
    }
    sum = sum > 0 ? sum * out->confidence_k / 1000 : 0;
    out->recovered = sum > INT64_MAX ? INT64_MAX : (int64_t)sum;
}

bool suspicion_judge(const struct suspicion_series *s, const struct suspicion_group *g,
                     int64_t loss_k, struct suspicion *out)
{
    struct suspicion_series flat;
    int64_t before[SUSPICION_PERIODS_MAX];
    int64_t last[SUSPICION_PERIODS_MAX];
    *out = (struct suspicion){.since = s->count};
    if (s->count < SUSPICION_PERIODS_MIN || s->count > SUSPICION_PERIODS_MAX) {
        return false;
    }
    season_take(s, g, &flat);
    /* The level is that of the first two thirds: a fall in the last third does not lower it. */
    size_t cut = s->count - s->count / 3;
    size_t n = known(&flat, 0, cut, before);
    size_t recent_count = known(&flat, s->count - RECENT, s->count, last);
    if (n < SUSPICION_PERIODS_MIN / 2 || recent_count == 0) {
        return false;
    }
    struct level l = level_of(before, n);
    int64_t recent = mean(last, recent_count);
    out->value_k[SIGN_ROBUST_Z] = ratio_k(recent - l.median, l.spread);
    out->fired[SIGN_ROBUST_Z] = out->value_k[SIGN_ROBUST_Z] < -Z_BOUND_K;
    cusum_judge(&flat, &l, out);
    zeros_judge(s, out);
    year_judge(s, recent, out);
    /* `flat` is measured by the group: what is left of the level is its own doing. */
    out->value_k[SIGN_PEERS] = ratio_k(recent, l.median);
    out->fired[SIGN_PEERS] =
        g != NULL && g->count >= s->count && out->value_k[SIGN_PEERS] < PEERS_BOUND_K;
    out->value_k[SIGN_BALANCE] = loss_k;
    out->fired[SIGN_BALANCE] = loss_k > LOSS_BOUND_K && out->fired[SIGN_CUSUM];
    confidence_judge(out);
    recovered_judge(s, g, &l, out);
    return true;
}

int64_t suspicion_median(int64_t *values, size_t count)
{
    return count > 0 ? median(values, count) : -1;
}
