/* The queue of what waits for a person: held readings and open alerts, the gravest and dearest
 * first. Only reads; decisions are the commands "reading decide" and "alert resolve". */
#ifndef AFORO_APP_QUEUE_H
#define AFORO_APP_QUEUE_H

#include "app/office.h"
#include "base/arena.h"
#include "domain/rules.h"

#define QUEUE_MAX 1000000 /* items; what is beyond is counted in `more` */
#define QUEUE_RULE_MAX 31

struct queue_item {
    int64_t reading;               /* held reading; 0: an alert without one */
    int64_t alert;                 /* open alert; 0: none */
    int64_t bill;                  /* that the alert stands on; 0: none */
    int64_t meter, reg, account;   /* account 0: nobody's */
    enum severity severity;        /* by the office's settings */
    char rule[QUEUE_RULE_MAX + 1]; /* the one that weighs most: "high", "surcharge" ... */
    char class[QUEUE_RULE_MAX + 1];
    int64_t observed, threshold;
    int64_t utc, value; /* of the reading; of an alert the instant of its period's end */
    int64_t use, expected, days; /* smallest units; since the last accepted reading */
    bool has_expected;           /* history says what was to be expected */
    int64_t money; /* minor units at stake: what the bill differs by between use and
                      expectation, by the tariff; 0 when it cannot be said */
};

/* What narrows it; NULL or 0: all. */
struct queue_filter {
    const char *rule, *class, *serial, *account, *route, *kind;
    const char *what;     /* "readings", "alerts" */
    const char *severity; /* this one or graver */
    int64_t run;
};

struct queue {
    struct queue_item *items; /* owned */
    size_t count;
    int64_t more; /* that found no room */
};

/*
 * All that waits, in order: severity, money, oldest.
 *
 * Errors: ERR_USAGE for a filter that names no rule, severity or kind; ERR_NOT_FOUND for a
 * serial or account that is not there.
 */
enum err_code queue_load(struct office *o, const struct queue_filter *f, struct queue *out,
                         struct err *e) MUST_CHECK;
void queue_release(struct queue *q);

/* What an alert of this rule is about, translated; an unknown rule stands for itself. */
const char *alert_title(const char *rule);

#define QUEUE_HISTORY 12
#define QUEUE_REASONS 8
#define QUEUE_ALTERNATIVES 6

/* A value that the dial may have shown instead. */
struct queue_alternative {
    int64_t value, use; /* smallest units */
    const char *how;    /* stable word: "transposed", "digit", "dropped", "extra", "shifted" */
    const char *text;   /* translated sentence */
};

struct queue_reason {
    const char *rule, *title, *source; /* title, source: translated */
    const char *text;                  /* whole sentence with the source, translated */
    bool hold;
    enum severity severity;
};

/* One item in full; texts live in the arena given. Quantities in the smallest unit. */
struct queue_detail {
    const char *serial, *obis, *kind, *account, *route; /* account "" when nobody's */
    const char *source;                                 /* of the reading; "" of an alert */
    const char *unit;
    int decimals;
    int64_t local; /* wall-clock seconds of the reading */
    bool has_previous;
    int64_t previous, previous_local, previous_id;
    int64_t limit; /* the meter's limit then; -1: none */
    struct {
        char period[24]; /* "2016-03-01" where it starts */
        int64_t use, days;
        bool estimated;
    } history[QUEUE_HISTORY]; /* billed periods, oldest first */
    size_t history_count;
    int64_t mean; /* of the history in the item's days; -1: not known */
    struct queue_reason reason[QUEUE_REASONS];
    size_t reason_count;
    struct queue_alternative alternative[QUEUE_ALTERNATIVES];
    size_t alternative_count;
};

enum err_code queue_detail(struct office *o, const struct queue_item *item, struct arena *arena,
                           struct queue_detail *out, struct err *e) MUST_CHECK;
/* The item of one held reading or open alert. ERR_NOT_FOUND when it does not wait. */
enum err_code queue_find(struct office *o, int64_t reading, int64_t alert,
                         struct queue_item *out, struct err *e) MUST_CHECK;

#endif
