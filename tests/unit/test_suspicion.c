/* Signs of loss: each at its bound, and a year of real meters with seeded alterations, ranked
 * better than by a z-score alone. */
#include <config.h>

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/caltime.h"
#include "base/csv.h"
#include "base/quantity.h"
#include "check_domain.h"
#include "domain/suspicion.h"
#include "tests/lib/corpus.h"

#define METERS_MAX 100
#define PERIODS 12
#define PERIOD_S (30LL * 86400)
#define SEEDS 40

static struct suspicion_series series_of(size_t count, const int64_t *use)
{
    struct suspicion_series s = {.count = count};
    memcpy(s.use, use, count * sizeof use[0]);
    return s;
}

/* The z-score alone: the last period against mean and deviation of the ones before, times 1000;
 * the lower, the more suspect. What the program's signs are compared with. */
static int64_t plain_z_k(const struct suspicion_series *s)
{
    double sum = 0;
    double squares = 0;
    double n = 0;
    if (s->count < SUSPICION_PERIODS_MIN || s->use[s->count - 1] < 0) {
        return 0;
    }
    for (size_t i = 0; i + 1 < s->count; i++) {
        double use = (double)s->use[i];
        sum += s->use[i] < 0 ? 0 : use;
        squares += s->use[i] < 0 ? 0 : use * use;
        n += s->use[i] < 0 ? 0 : 1;
    }
    double variance = n > 1 ? (squares - sum * sum / n) / (n - 1) : 0;
    double deviation = variance > 1 ? sqrt(variance) : 1;
    return (int64_t)(1000 * ((double)s->use[s->count - 1] - sum / (n > 0 ? n : 1)) / deviation);
}

static const int64_t level[PERIODS] = {100, 102, 98, 101, 99, 100, 103, 97, 100, 101, 99, 100};

START_TEST(a_steady_meter_is_not_suspect)
{
    struct suspicion_series s = series_of(PERIODS, level);
    struct suspicion x;
    ck_assert(suspicion_judge(&s, NULL, -1, &x));
    for (int i = 0; i < SIGN_COUNT; i++) {
        ck_assert_msg(!x.fired[i], "%s", suspicion_sign_name((enum suspicion_sign)i));
    }
    ck_assert_int_eq(x.recovered, 0);
}
END_TEST

START_TEST(a_fall_is_seen_dated_and_counted)
{
    struct suspicion_series s = series_of(PERIODS, level);
    struct suspicion x;
    s.use[9] = 40;
    s.use[10] = 41;
    s.use[11] = 39;
    ck_assert(suspicion_judge(&s, NULL, -1, &x));
    ck_assert(x.fired[SIGN_ROBUST_Z]);
    ck_assert(x.fired[SIGN_CUSUM]);
    ck_assert(!x.fired[SIGN_ZERO_RUN]);
    ck_assert_uint_eq(x.since, 9);
    ck_assert_int_eq(x.expected, 100);
    ck_assert_int_eq(x.recovered, 180 * x.confidence_k / 1000);
    /* A group that fell as well explains it. */
    struct suspicion_group g = {.count = PERIODS};
    for (size_t i = 0; i < PERIODS; i++) {
        g.median[i] = i < 9 ? 1000 : 400;
    }
    ck_assert(suspicion_judge(&s, &g, -1, &x));
    ck_assert(!x.fired[SIGN_ROBUST_Z] && !x.fired[SIGN_CUSUM] && !x.fired[SIGN_PEERS]);
}
END_TEST

START_TEST(zeros_at_the_end_count_after_use)
{
    struct suspicion_series s = series_of(PERIODS, level);
    struct suspicion x;
    s.use[11] = 0;
    ck_assert(suspicion_judge(&s, NULL, -1, &x));
    ck_assert(x.fired[SIGN_ZERO_RUN]);
    ck_assert_int_eq(x.value_k[SIGN_ZERO_RUN], 1000);
    memset(s.use, 0, sizeof s.use);
    ck_assert(suspicion_judge(&s, NULL, -1, &x));
    ck_assert(!x.fired[SIGN_ZERO_RUN]); /* it never used anything */
    ck_assert_int_eq(x.recovered, 0);
}
END_TEST

START_TEST(six_periods_are_needed)
{
    struct suspicion_series s = series_of(PERIODS, level);
    struct suspicion x;
    s.count = 5;
    ck_assert(!suspicion_judge(&s, NULL, -1, &x));
    s.count = 6;
    ck_assert(suspicion_judge(&s, NULL, -1, &x));
    s.count = SUSPICION_PERIODS_MAX + 1;
    ck_assert(!suspicion_judge(&s, NULL, -1, &x));
}
END_TEST

/* ---- a year of Alicante ---- */

struct cut {
    char key[37];
    int64_t value[PERIODS + 1], newest[PERIODS + 1];
};

static struct cut cuts[METERS_MAX];
static size_t cut_count;

static struct cut *cut_of(const char *key, size_t len)
{
    for (size_t i = 0; i < cut_count; i++) {
        if (strncmp(cuts[i].key, key, len) == 0) {
            return &cuts[i];
        }
    }
    ck_assert_uint_lt(cut_count, METERS_MAX);
    struct cut *c = &cuts[cut_count++];
    memcpy(c->key, key, len < 36 ? len : 36);
    for (size_t i = 0; i <= PERIODS; i++) {
        c->value[i] = -1;
        c->newest[i] = INT64_MIN;
    }
    return c;
}

/* The newest reading at or before each boundary. */
static void reading_note(struct cut *c, int64_t start, int64_t utc, int64_t value)
{
    for (size_t i = 0; i <= PERIODS; i++) {
        int64_t at = start + (int64_t)i * PERIOD_S;
        if (utc <= at && utc > at - PERIOD_S && utc >= c->newest[i]) {
            c->newest[i] = utc;
            c->value[i] = value;
        }
    }
}

static bool alicante_load(void)
{
    char path[CORPUS_PATH_SIZE];
    struct csv *csv = NULL;
    struct csv_row r;
    struct err e = ERR_INIT;
    bool eof = false;
    struct date first = {2016, 3, 2};
    int64_t start = (int64_t)date_to_days(first) * 86400;
    if (!corpus_path("suspicion_alicante", "water/alicante_2016_hourly.csv.gz", path)) {
        return false;
    }
    ck_assert_msg(csv_open(path, ';', false, &csv, &e) == ERR_OK, "%s", e.text);
    for (bool head = true;; head = false) {
        struct civil c;
        int64_t value = 0;
        ck_assert_int_eq(csv_next(csv, &r, &eof, &e), ERR_OK);
        if (eof) {
            break;
        }
        if (head) {
            continue;
        }
        ck_assert_int_eq(
            civil_parse_format(r.fields[1].data, r.fields[1].len, "%d/%m/%Y %H:%M:%S", &c, &e),
            ERR_OK);
        ck_assert_int_eq(
            quantity_parse(r.fields[2].data, r.fields[2].len, unit_find("l"), &value, &e),
            ERR_OK);
        reading_note(cut_of(r.fields[0].data, r.fields[0].len), start, civil_to_secs(c), value);
    }
    csv_close(csv);
    return true;
}

static size_t series_make(struct suspicion_series *out)
{
    size_t n = 0;
    for (size_t i = 0; i < cut_count; i++) {
        struct suspicion_series s = {.count = PERIODS};
        size_t good = 0;
        int64_t sum = 0;
        for (size_t p = 0; p < PERIODS; p++) {
            int64_t a = cuts[i].value[p];
            int64_t b = cuts[i].value[p + 1];
            s.use[p] = a >= 0 && b >= a ? b - a : -1;
            good += s.use[p] >= 0;
            sum += s.use[p] > 0 ? s.use[p] : 0;
        }
        if (good >= PERIODS - 2 && sum >= 12000) { /* a m3 a month: somebody lives there */
            out[n++] = s;
        }
    }
    return n;
}

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* A bypass that takes a part, a dial that stands, or one that counts less and less. */
static int64_t alter(struct suspicion_series *s, uint64_t *state)
{
    size_t from = PERIODS - 2 - random_next(state) % 3;
    unsigned kind = (unsigned)(random_next(state) % 3);
    int64_t percent = 20 + (int64_t)(random_next(state) % 40);
    int64_t taken = 0;
    for (size_t p = from; p < PERIODS; p++) {
        int64_t was = s->use[p];
        if (was < 0) {
            continue;
        }
        int64_t left = kind == 0   ? was * percent / 100
                       : kind == 1 ? 0
                                   : was * (PERIODS - (int64_t)p) * percent / 400;
        left = left < was ? left : was;
        taken += was - left;
        s->use[p] = left;
    }
    return taken;
}

struct ranked {
    int64_t score;
    bool altered;
    int64_t taken;
};

static int best_first(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    return x->score > y->score ? -1 : x->score < y->score;
}

struct score {
    int64_t hits, taken;
};

static void score_add(struct ranked *all, size_t count, size_t k, struct score *to)
{
    qsort(all, count, sizeof all[0], best_first);
    for (size_t i = 0; i < k; i++) {
        to->hits += all[i].altered;
        to->taken += all[i].altered ? all[i].taken : 0;
    }
}

static void group_make(const struct suspicion_series *s, size_t n, struct suspicion_group *out)
{
    int64_t values[METERS_MAX];
    out->count = s[0].count;
    for (size_t p = 0; p < out->count; p++) {
        size_t k = 0;
        for (size_t i = 0; i < n; i++) {
            if (p < s[i].count && s[i].use[p] >= 0) {
                values[k++] = s[i].use[p];
            }
        }
        out->median[p] = suspicion_median(values, k);
    }
}

static void trial(uint64_t seed, struct score *ours, struct score *plain, struct score *all)
{
    static struct suspicion_series s[METERS_MAX];
    static struct ranked by[2][METERS_MAX];
    struct suspicion_group g;
    uint64_t state = seed * 0x9E3779B97F4A7C15u + 1;
    size_t n = series_make(s);
    size_t k = n / 10;
    memset(by, 0, sizeof by);
    for (size_t i = 0; i < k;) {
        size_t at = random_next(&state) % n;
        if (!by[0][at].altered) {
            by[0][at].altered = by[1][at].altered = true;
            by[0][at].taken = by[1][at].taken = alter(&s[at], &state);
            all->hits++;
            all->taken += by[0][at].taken;
            i++;
        }
    }
    group_make(s, n, &g);
    for (size_t i = 0; i < n; i++) {
        struct suspicion x;
        by[0][i].score = suspicion_judge(&s[i], &g, -1, &x) ? x.recovered : 0;
        by[1][i].score = -plain_z_k(&s[i]);
    }
    score_add(by[0], n, k, ours);
    score_add(by[1], n, k, plain);
}

START_TEST(altered_meters_rank_better_than_by_z_score)
{
    struct score ours = {0, 0};
    struct score plain = {0, 0};
    struct score all = {0, 0};
    if (!alicante_load()) {
        return;
    }
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        trial(seed, &ours, &plain, &all);
    }
    (void)printf(
        "# suspicion: %lld meters of Alicante altered in %d trials; among as many first "
        "ones: %lld with %lld %% of the water, by z-score alone %lld with %lld %%\n",
        (long long)all.hits, SEEDS, (long long)ours.hits,
        (long long)(ours.taken * 100 / all.taken), (long long)plain.hits,
        (long long)(plain.taken * 100 / all.taken));
    (void)printf("# count suspicion_alicante %d %d\n", SEEDS, ours.hits > plain.hits ? 0 : 1);
    ck_assert_int_gt(ours.hits, plain.hits);
    ck_assert_int_gt(ours.taken, plain.taken);
    ck_assert_int_gt(ours.taken * 100, all.taken * 60);
}
END_TEST

Suite *suite_suspicion(void)
{
    Suite *s = suite_create("suspicion");
    TCase *t = tcase_create("suspicion");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_steady_meter_is_not_suspect);
    tcase_add_test(t, a_fall_is_seen_dated_and_counted);
    tcase_add_test(t, zeros_at_the_end_count_after_use);
    tcase_add_test(t, six_periods_are_needed);
    tcase_add_test(t, altered_meters_rank_better_than_by_z_score);
    suite_add_tcase(s, t);
    return s;
}
