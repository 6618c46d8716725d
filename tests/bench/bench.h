/* What every benchmark needs: a clock, alternating runs, the median, and one line of figures
 * (README.md here). */
#ifndef AFORO_TESTS_BENCH_H
#define AFORO_TESTS_BENCH_H

#include <stdbool.h>
#include <stdint.h>

enum { BENCH_ROUNDS_MIN = 5, BENCH_ROUNDS_MAX = 101 };

/* One measured run over the same data: returns how many units of work it did, 0 when it failed
 * (reported by itself). */
typedef uint64_t bench_run(void *ctx);

struct bench_pair {
    double ours, limit; /* median units a second; limit is 0 when there was none */
};

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t bench_now_ns(void);

/* Reorders samples; count is at least 1. */
double bench_median(double *samples, int count);

/*
 * Run ours and limit alternately, `rounds` times each (BENCH_ROUNDS_MIN..BENCH_ROUNDS_MAX), and
 * take the medians of their rates. limit may be NULL. False when a run failed.
 */
bool bench_alternate(bench_run *ours, bench_run *limit, void *ctx, int rounds,
                     struct bench_pair *out);

/* Print the line of a rate (more is better). goal as in README.md, "-" for none. */
void bench_print_rate(const char *name, const char *unit, struct bench_pair p,
                      const char *goal);

/* Print the line of a single figure with no limit beside it (milliseconds, megabytes). */
void bench_print_value(const char *name, const char *unit, double value, const char *goal);

/* True when the arguments hold --quick. */
bool bench_quick(int argc, char **argv);

/* Largest resident size of this process so far, in bytes. */
int64_t bench_peak_rss_bytes(void);

#endif
