/* Signs that a meter counts less than is used: explainable features over periods of equal
 * length, in integers, and the energy or water that finding out would recover. A report ranks
 * by it; nothing is decided or recorded here. Thousandths throughout ("_k"). */
#ifndef AFORO_DOMAIN_SUSPICION_H
#define AFORO_DOMAIN_SUSPICION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUSPICION_PERIODS_MAX 36
#define SUSPICION_PERIODS_MIN 6

/* Uses of one register, oldest first; below 0: not known. Smallest units. */
struct suspicion_series {
    int64_t use[SUSPICION_PERIODS_MAX];
    size_t count;
};

/* What its group did in the same periods: medians of its meters; below 0: not known. */
struct suspicion_group {
    int64_t median[SUSPICION_PERIODS_MAX];
    size_t count;
};

enum suspicion_sign {
    SIGN_ROBUST_Z,     /* the last periods against median and MAD of the ones before */
    SIGN_CUSUM,        /* a fall that goes on: cumulative sum below the level before */
    SIGN_ZERO_RUN,     /* periods without use at the end, after use */
    SIGN_YEAR_ON_YEAR, /* the last periods against the same ones a year before */
    SIGN_PEERS,        /* its fall against what its group did */
    SIGN_BALANCE,      /* its feeder loses more than it should */
    SIGN_COUNT
};
const char *suspicion_sign_name(enum suspicion_sign s); /* stable: "robust_z" */

struct suspicion {
    int64_t value_k[SIGN_COUNT]; /* z, sums, periods, ratios: times 1000 */
    bool fired[SIGN_COUNT];
    size_t since;         /* index of the period in which the fall seems to begin */
    int64_t expected;     /* a period, by its own level before and its group since */
    int64_t confidence_k; /* 0..1000: how many signs, and how strong */
    int64_t recovered;    /* expected less counted since then, times the confidence */
};

/*
 * Judge one series. loss_k: of the feeder above it, in thousandths of what it counted; below 0:
 * not known. False: too few periods to say anything.
 *
 * Source: median and MAD with 0.6745 (Iglewicz and Hoaglin 1993); CUSUM with a slack of half a
 * deviation and a bound of 4 (Page 1954, Montgomery).
 */
bool suspicion_judge(const struct suspicion_series *s, const struct suspicion_group *g,
                     int64_t loss_k, struct suspicion *out);
/* The median of what the meters of a group used in one period; values: put in order; -1 where
 * there are none. */
int64_t suspicion_median(int64_t *values, size_t count);

#endif
