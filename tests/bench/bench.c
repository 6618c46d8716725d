#include <config.h>

#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

int64_t bench_now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_median(double *samples, int count)
{
    qsort(samples, (size_t)count, sizeof(*samples), by_value);
    return count % 2 == 1 ? samples[count / 2]
                          : (samples[count / 2 - 1] + samples[count / 2]) / 2;
}

/* Units a second, 0 when the run failed. */
static double rate_of(bench_run *run, void *ctx)
{
    int64_t start = bench_now_ns();
    uint64_t units = run(ctx);
    int64_t spent_ns = bench_now_ns() - start;

    return spent_ns > 0 ? (double)units * 1e9 / (double)spent_ns : 0;
}

bool bench_alternate(bench_run *ours, bench_run *limit, void *ctx, int rounds,
                     struct bench_pair *out)
{
    double ours_rates[BENCH_ROUNDS_MAX];
    double limit_rates[BENCH_ROUNDS_MAX];

    if (rounds < BENCH_ROUNDS_MIN || rounds > BENCH_ROUNDS_MAX) {
        fprintf(stderr, "%d rounds: %d to %d are allowed\n", rounds, BENCH_ROUNDS_MIN,
                BENCH_ROUNDS_MAX);
        return false;
    }
    for (int i = 0; i < rounds; i++) {
        limit_rates[i] = limit != NULL ? rate_of(limit, ctx) : 0;
        ours_rates[i] = rate_of(ours, ctx);
        if (ours_rates[i] <= 0 || (limit != NULL && limit_rates[i] <= 0)) {
            return false;
        }
    }
    out->ours = bench_median(ours_rates, rounds);
    out->limit = limit != NULL ? bench_median(limit_rates, rounds) : 0;
    return true;
}

void bench_print_rate(const char *name, const char *unit, struct bench_pair p, const char *goal)
{
    if (p.limit > 0) {
        printf("%s %.1f %s %.1f %.3f %s\n", name, p.ours, unit, p.limit, p.ours / p.limit,
               goal);
    } else {
        printf("%s %.1f %s - - %s\n", name, p.ours, unit, goal);
    }
    (void)fflush(stdout);
}

void bench_print_value(const char *name, const char *unit, double value, const char *goal)
{
    printf("%s %.3f %s - - %s\n", name, value, unit, goal);
    (void)fflush(stdout);
}

bool bench_quick(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            return true;
        }
    }
    return false;
}

int64_t bench_peak_rss_bytes(void)
{
    struct rusage use;

    return getrusage(RUSAGE_SELF, &use) == 0 ? (int64_t)use.ru_maxrss * 1024 : 0;
}
