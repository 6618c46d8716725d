#include <config.h>

#include "domain/interleave.h"

#include "base/quantity.h"

int64_t most_use(int64_t rate_per_hour, int64_t floor_secs, int64_t secs)
{
    int64_t product = 0;
    if (!mul_i64(rate_per_hour, secs < floor_secs ? floor_secs : secs, &product)) {
        return INT64_MAX;
    }
    return product / 3600 + (product % 3600 != 0);
}

/* Whether a series can go on from `from` to `to`. */
static bool continues(const struct interleave_limits *l, struct point from, struct point to)
{
    int64_t rise = 0;
    if (!sub_i64(to.value, from.value, &rise) || rise < -l->backflow) {
        return false;
    }
    return rise <= most_use(l->rate_per_hour, l->floor_secs, to.utc - from.utc);
}

static uint64_t distance(struct point a, struct point b)
{
    return a.value > b.value ? (uint64_t)a.value - (uint64_t)b.value
                             : (uint64_t)b.value - (uint64_t)a.value;
}

static enum series take_main(struct interleave *s, const struct interleave_limits *l,
                             struct point p)
{
    s->returns += s->has_other && s->main_run == 0;
    s->main_run++;
    if (!s->recognised && s->main_run >= (uint64_t)l->patience) {
        s->has_other = false;
    }
    s->main.value = s->has_main && s->main.value > p.value ? s->main.value : p.value;
    s->main.utc = p.utc;
    s->has_main = true;
    return SERIES_MAIN;
}

static enum series take_other(struct interleave *s, const struct interleave_limits *l,
                              struct point p)
{
    s->other = p;
    s->other_count++;
    s->main_run = 0;
    s->recognised = s->recognised || s->returns > 0;
    if (s->recognised) {
        return SERIES_FOREIGN;
    }
    return s->other_count >= (uint64_t)l->step_run ? SERIES_STEP : SERIES_OUTLIER;
}

/* It may be the start of another series. A second meter that has been recognised is not
 * forgotten for it. */
static enum series take_outlier(struct interleave *s, struct point p)
{
    if (!s->recognised) {
        s->has_other = true;
        s->other = s->other_first = p;
        s->other_first_seq = s->seq;
        s->other_count = 1;
        s->returns = 0;
        s->main_run = 0;
    }
    return SERIES_OUTLIER;
}

/* A reading belongs to the nearer series, when it continues that one: a fall of a few litres
 * more than allowed is an outlier of the main series, not a reading of an old stray one that it
 * also could continue. */
enum series interleave_feed(struct interleave *s, const struct interleave_limits *limits,
                            struct point p)
{
    bool nearer_other = s->has_other && distance(s->other, p) < distance(s->main, p);
    bool fits_main = !s->has_main || continues(limits, s->main, p);
    bool fits_other = nearer_other && continues(limits, s->other, p);
    if (fits_other) {
        s->verdict = take_other(s, limits, p);
    } else if (fits_main) {
        s->verdict = take_main(s, limits, p);
    } else {
        s->verdict = take_outlier(s, p);
    }
    s->seq++;
    return s->verdict;
}
