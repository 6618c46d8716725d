/* Judging one reading before it is recorded: what the rules say of it, given what the office
 * knows. */
#ifndef AFORO_APP_JUDGE_H
#define AFORO_APP_JUDGE_H

#include "app/lookup.h"
#include "app/office.h"
#include "app/reading_judge.h"
#include "base/json.h"
#include "domain/rules.h"

/* What was looked up for the judgement; the console shows it beside the field. */
struct judgement {
    struct findings findings;
    bool has_previous;
    struct point previous; /* last accepted reading before the candidate */
    int64_t consumption; /* since then, multiplier applied; 0 when it falls or there is none */
    int64_t days;        /* since then, at least 1 */
};

/*
 * Judge a reading taken by hand: the rules of readings, and, where it ends a period of half a
 * billing cycle or more, those of periods against what was billed before.
 *
 * value: smallest unit, as the dial shows it. utc, as_of_utc: seconds.
 */
enum err_code judge_manual(struct office *o, const struct meter_row *m, int64_t value,
                           int64_t utc, int64_t as_of_utc, struct judgement *out,
                           struct err *e) MUST_CHECK;

/* The findings as a reading's item holds them:
 * [{"class","hold","observed","rule","threshold"}]. NULL: out of memory. */
struct json *findings_json(const struct findings *f, struct arena *a);
/* The alert of a held reading, named after the finding that weighs most. */
struct json *findings_alert(const struct findings *f, int64_t alert, int64_t meter,
                            struct arena *a);

/*
 * The instant of a wall-clock time in the office's zone. In the doubled hour the first one that
 * is after `after_utc`.
 *
 * Errors: ERR_RANGE when the clocks skip it.
 */
enum err_code local_instant(struct office *o, struct civil local, int64_t after_utc,
                            int64_t *utc, struct err *e) MUST_CHECK;

#endif
