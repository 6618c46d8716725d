/* Judging captured readings: one code for rows of an import and for what a person types in. The
 * rules are the domain's; here they get what the office has stored, and what comes out is
 * printed as the ledger keeps it. */
#ifndef AFORO_APP_READING_JUDGE_H
#define AFORO_APP_READING_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/lookup.h"
#include "app/office.h"
#include "base/buf.h"
#include "domain/interleave.h"
#include "domain/rules.h"

/* The rules by kind of meter. */
struct judge_rules {
    struct rule_set set[METER_KIND_COUNT];
};
/* As the office set them. */
enum err_code judge_rules_init(struct office *o, struct judge_rules *r,
                               struct err *e) MUST_CHECK;

/* A register and what its rules need to know of it. */
struct judge_subject {
    struct meter_row meter;
    const struct rule_set *rules;      /* borrowed */
    int64_t active_from, active_until; /* in service, [from, until) in UTC */
    int64_t typical_high;              /* most use that history makes plausible; 0: not known */
};
enum err_code judge_subject_load(struct office *o, int64_t reg, const struct judge_rules *rules,
                                 struct judge_subject *out, struct err *e) MUST_CHECK;

#define JUDGE_SAME_MAX 16   /* values of one instant that are remembered */
#define JUDGE_PAGE_ROWS 128 /* stored readings fetched at once */

/* A reading as it is stored. */
struct stored_reading {
    int64_t id, utc, value;
    bool accepted, dropped; /* dropped: rejected or corrected */
    bool estimated;
};

/*
 * What is known of a register while readings are judged in order of time: plain data, may be
 * copied to go back to it.
 */
struct judge_state {
    int64_t reg; /* 0: none */
    int64_t run; /* whose readings count although it is open; 0: none */
    bool has_prev, has_seen;
    struct point prev; /* last accepted */
    bool prev_estimated, has_measured;
    struct point measured; /* last accepted that is no estimate */
    struct point seen;     /* last captured, in whatever state */
    int64_t at_utc;        /* what was stored up to here has been passed */
    struct interleave series;
    int64_t same[JUDGE_SAME_MAX]; /* values captured at at_utc */
    size_t same_count;
    const struct step *step; /* of the next reading, by its device; NULL: none. Borrowed. */
    /* stored readings that come next */
    struct stored_reading page[JUDGE_PAGE_ROWS];
    size_t page_at, page_count;
    bool page_last; /* nothing is stored behind this page */
    bool page_valid;
};

/* Start a register: what is stored before `utc` is read and passed. */
enum err_code judge_start(struct office *o, const struct judge_subject *s, int64_t run,
                          int64_t utc, struct judge_state *out, struct err *e) MUST_CHECK;
/* Others may have written: read again what is accepted up to where we are, and what comes next.
 */
enum err_code judge_refresh(struct office *o, struct judge_state *st, struct err *e) MUST_CHECK;
/* Forget the page, for rows of ours were stored since it was read. */
void judge_page_drop(struct judge_state *st);

/*
 * Judge the next reading, not older than the one before, and pass it.
 *
 * as_of_utc: time of capture, or the as-of date of an import.
 */
enum err_code judge_next(struct office *o, const struct judge_subject *s,
                         struct judge_state *st, struct point reading, int64_t as_of_utc,
                         struct findings *out, struct err *e) MUST_CHECK;

/* The finding that weighs most: the one that names the alert. NULL when there is none. */
const struct finding *findings_worst(const struct findings *f);

/* A judged reading, as an item or an entry keeps it. */
struct reading_item {
    int64_t id, reg, meter;
    int64_t utc, local, value;
    int64_t line;             /* 0: none */
    const char *source;       /* NULL: import */
    const char *raw;          /* as written, where that is not its plain print; or NULL */
    const char *dst, *dst_by; /* of a row in the doubled hour; or NULL */
    const char *note;         /* hex commitment; or NULL */
    int64_t corrects;         /* reading that it replaces; 0: none */
    const struct findings *findings; /* or NULL */
    int64_t alert;                   /* id of the alert, when the findings hold it */
};
/* Append its canonical JSON. */
void reading_item_print(const struct reading_item *r, struct buf *out);

#endif
