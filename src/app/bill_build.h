/* One account's bill for a period: which readings, which tariff, which limit, and what it comes
 * to. Reads the tables, decides nothing but what the rules of domain.md say; nothing is written
 * here. */
#ifndef AFORO_APP_BILL_BUILD_H
#define AFORO_APP_BILL_BUILD_H

#include "app/lookup.h"
#include "app/office.h"
#include "base/arena.h"
#include "domain/bill_calc.h"
#include "domain/charged.h"
#include "domain/rules.h"

#define BILL_SHARES_MAX 64 /* meters of one account */
#define BILL_PARTS_MAX 36  /* of a share, by changes of price and season */

/* Readings that count: accepted, and not of an import that is still open or was discarded. */
#define READING_BELIEVED                                                                       \
    "state = 'accepted' AND (run IS NULL OR run NOT IN "                                       \
    "(SELECT id FROM import_run WHERE state <> 'closed'))"

/* A tariff version as the office published it. */
struct tariff_row {
    int64_t id;
    struct tariff *tariff;
};
/* All published tariffs, the rules for each kind of meter and the runs whose bills count for
 * nothing, read once for a run. Lives in the arena given to tariff_book_load.
 */
struct tariff_book {
    struct tariff_row *rows;
    size_t count;
    int64_t *discarded;
    size_t discarded_count;
    bool old_bills;       /* bills of an earlier system were imported */
    bool subs;            /* meters are linked to be taken off the bills of others */
    struct gas_memo *gas; /* factors of gas looked up so far; NULL: the office has none */
    struct rule_set rules[METER_KIND_COUNT];
};
enum err_code tariff_book_load(struct office *o, struct arena *arena, struct tariff_book *out,
                               struct err *e) MUST_CHECK;
/* Read again which runs were discarded, into another arena, and whether there are old bills,
 * sub-meters and factors of gas; what was looked up of those is forgotten. */
enum err_code tariff_book_runs(struct office *o, struct arena *arena, struct tariff_book *out,
                               struct err *e) MUST_CHECK;
/* The version of `code` in force on a date; NULL when none is. */
const struct tariff_row *tariff_book_find(const struct tariff_book *b, const char *code,
                                          struct date on);

struct billing_period {
    struct date start, end; /* [start, end) in the office's zone */
    char start_text[DATE_TEXT], end_text[DATE_TEXT];
    int64_t start_utc, end_utc;
};

struct bill_reading {
    int64_t id, value, utc;
};

/* What a tariff measures besides the main register's use, over the whole share. */
struct bill_quantity {
    const char *name;             /* the tariff's: "1.8.1", "peak" */
    int64_t value;                /* smallest units */
    int64_t source;               /* register that it was read from; 0: the main one */
    struct bill_reading from, to; /* id 0: not read, or of the main register */
};

/* A share, or a part of it that has prices of its own. */
struct bill_part {
    const struct tariff_row *tariff;
    char start[DATE_TEXT]; /* its first day */
    unsigned month;
    int64_t days, consumption, limit;
    struct bill_quantity *quantities; /* of the whole share, parallel to the tariff's */
    int64_t *values;                  /* the part's */
    size_t quantity_count;
    struct bill_result result;
};

/* A sub-meter whose use is taken off its master's. */
struct bill_sub {
    int64_t reg, use;             /* smallest unit */
    struct bill_reading from, to; /* of the sub-meter */
};

/* A meter's share of a bill. */
struct bill_share {
    struct meter_row meter;
    struct bill_reading from, to;
    int64_t consumption; /* smallest unit */
    int64_t days;
    int64_t since_utc;  /* from when on the meter is this account's */
    int64_t span_days;  /* of the period that the meter was there */
    int64_t whole_days; /* with those of the meter it was exchanged with, and those on which it
                           was another account's: what a bill charges by the period is shared
                           out by days; 0: it is whole */
    bool last;          /* no later share goes on where this one ends */
    bool has_limit;
    int64_t limit; /* of a share by days: its part */
    bool charged;  /* what is charged is not what was counted: sub-meters below, factors of gas
                    */
    int64_t charged_use; /* smallest unit of the tariff */
    struct bill_sub *subs;
    size_t sub_count;
    struct gas_span *gas;
    size_t gas_count;
    bool sub_missing;                /* a sub-meter was not read: the use waits for it */
    bool sub_exceeds;                /* sub-meters counted more: the use waits for a person */
    bool sub_estimated;              /* by an estimate of a sub-meter */
    char code[64];                   /* of the tariff */
    const struct tariff_row *tariff; /* of the last part */
    struct bill_part *parts;
    size_t part_count; /* 1 but where prices or seasons change within the share */
    bool has_surcharge;
    struct surcharge_event surcharge; /* of all parts */
    bool no_reading; /* no accepted reading fell into the period: only what does not depend on
                        use is charged */
    bool falls; /* the register fell without a decided rollover: use waits for a decision */
    struct period_use history[HISTORY_MAX]; /* periods billed before, newest first */
    size_t history_count;
    struct findings findings; /* what the rules of billing periods say; an alert each */
};

struct account_bill {
    int64_t account;
    struct bill_share shares[BILL_SHARES_MAX];
    size_t count;
    int64_t skipped; /* meters without any accepted reading: not billed */
    struct money total;
};

/* A bill of an earlier system, as it was imported. */
struct old_bill {
    int64_t run; /* import that brought it */
    char number[41], account[41];
    char start[DATE_TEXT], end[DATE_TEXT];
};
/* The first one of the account that covers a part of the period: what it charged for is not
 * billed again. */
enum err_code old_bill_find(struct office *o, const struct tariff_book *book,
                            const struct billing_period *p, int64_t account,
                            struct old_bill *out, bool *found, struct err *e) MUST_CHECK;

/* ERR_STATE, naming account and bill, where an old bill covers a part of the period. */
enum err_code bill_not_covered(struct office *o, const struct tariff_book *book,
                               const struct billing_period *p, int64_t account,
                               struct err *e) MUST_CHECK;

/*
 * Compute the bill of one account.
 *
 * arena: holds lines until it is reset. out->count 0: nothing to bill.
 * Errors: ERR_RANGE naming the meter, ERR_NOT_FOUND when a tariff is not in force, ERR_LIMIT,
 * ERR_STATE when an old bill covers a part of the period.
 */
enum err_code bill_build(struct office *o, const struct tariff_book *book,
                         const struct billing_period *p, int64_t account, struct arena *arena,
                         struct account_bill *out, struct err *e) MUST_CHECK;

/* The newest reading that counts up to an instant, and the first one after it. */
enum err_code reading_until(struct office *o, int64_t reg, int64_t utc,
                            struct bill_reading *out, bool *found, struct err *e) MUST_CHECK;
enum err_code reading_after(struct office *o, int64_t reg, int64_t utc,
                            struct bill_reading *out, bool *found, struct err *e) MUST_CHECK;
/* First row of a query (id, value, utc) with the parameters register and instant. */
enum err_code reading_of(struct office *o, const char *sql, int64_t reg, int64_t utc,
                         struct bill_reading *out, bool *found, struct err *e) MUST_CHECK;
/* Rollovers between two readings: each one a rule proposed and a person (or the rule's own
 * limits) accepted. */
enum err_code rollovers_between(struct office *o, int64_t reg, const struct bill_reading *from,
                                const struct bill_reading *to, unsigned *out,
                                struct err *e) MUST_CHECK;

#endif
