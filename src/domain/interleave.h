/* Two meters on one account: a register's readings in order of time that jump between two
 * series, each of which rises by itself. The machine follows one register and names each
 * reading's series. */
#ifndef AFORO_DOMAIN_INTERLEAVE_H
#define AFORO_DOMAIN_INTERLEAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/meter.h"

enum series {
    SERIES_MAIN,    /* continues what this register did before */
    SERIES_OUTLIER, /* fits neither series: an error, an exchange, or the first sight of a
                       second meter */
    SERIES_FOREIGN, /* a second meter: continues earlier outliers, and the main series came back
                       in between */
    SERIES_STEP, /* continues earlier outliers and the main series never came back: the register
                    itself changed */
};

/* What makes a reading continue a series. */
struct interleave_limits {
    int64_t rate_per_hour; /* most use an hour, smallest units */
    int64_t floor_secs;    /* shorter times count as this long: clocks differ */
    int64_t backflow;      /* a fall up to this still continues the series */
    int64_t step_run;      /* so many outliers in a row that fit each other are a step */
    int64_t patience; /* main readings after which an unproven second series is forgotten */
};

/* Zero-initialise for a new register. The caller keeps it between readings; it holds no memory.
 */
struct interleave {
    bool has_main, has_other;
    struct point main;        /* last reading of the main series (its highest value) */
    struct point other;       /* last reading of the other series */
    struct point other_first; /* first reading of the other series */
    uint64_t seq;             /* readings fed so far */
    uint64_t other_first_seq; /* which of them (from 0) was other_first: it was named an outlier
                                 when it came */
    uint64_t other_count;     /* readings of the other series */
    uint64_t returns;         /* times that the main series came back after one of them */
    uint64_t main_run;        /* readings of the main series since the last of the other */
    enum series verdict;      /* of the last reading fed */
    bool recognised;          /* the other series is a second meter */
};

/*
 * Feed the next reading of the register, not older than the last; returns (and keeps as
 * `verdict`) its series.
 *
 * The first reading of a second meter comes out as an outlier, for nobody can know yet; when
 * its second one proves the series, `recognised` turns true and `other_first` says which
 * reading that was.
 */
enum series interleave_feed(struct interleave *s, const struct interleave_limits *limits,
                            struct point p);

/* The most that a meter can count in so many seconds (not fewer than floor_secs); INT64_MAX
 * when that does not fit. */
int64_t most_use(int64_t rate_per_hour, int64_t floor_secs, int64_t secs);

#endif
