/* The charge for one service and period: a tariff applied to a use, line by line, in exact
 * integers. */
#ifndef AFORO_DOMAIN_BILL_CALC_H
#define AFORO_DOMAIN_BILL_CALC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/money.h"
#include "base/text.h"
#include "domain/exact.h"
#include "domain/tariff.h"

#define USAGE_DAYS_MAX 3660

/* What was used in the period. */
struct usage {
    int64_t consumption; /* smallest unit (litre, Wh), multiplier applied; not negative */
    bool has_limit;      /* the meter has a limit for this period */
    int64_t limit;       /* smallest unit */
    int64_t days;        /* between the two readings; 1..USAGE_DAYS_MAX */
    int64_t whole_days;  /* of the period, where this is a part of it by a change of price or
                            season; 0: it is whole. Consumption and limit are the part's. */
    unsigned month;      /* 1..12, of the part's first day; 0: not known, which a seasonal
                            tariff refuses */
    const int64_t *quantities; /* smallest units, parallel to the tariff's quantities; may be
                                  NULL where it has none */
};

/* How a line was reckoned; says which of the line's numbers its formula uses. */
enum line_formula {
    FORMULA_AMOUNT,        /* price */
    FORMULA_DAYS,          /* quantity days x price */
    FORMULA_USE,           /* quantity x price */
    FORMULA_EXCESS,        /* (excess - tolerance) x price */
    FORMULA_AT_LEAST,      /* price - base */
    FORMULA_PERCENT,       /* base x price % */
    FORMULA_PERCENT_OFF,   /* -(base x price %) */
    FORMULA_SUBSIDY_PRICE, /* -(base - quantity x price) */
    FORMULA_COIN,          /* to a multiple of the coin, from base */
    FORMULA_USE_DAYS,      /* quantity x days x price */
    FORMULA_CREDIT,        /* -(quantity x price) */
    FORMULA_AMOUNT_OFF,    /* -price */
};

/* Where a line's quantity is not what was measured. */
enum line_basis {
    BASIS_MEASURED,
    BASIS_LEAST,        /* the least power that is charged */
    BASIS_LOAD_FACTOR,  /* power: what the use comes to at basis_percent of the hours */
    BASIS_RATCHET,      /* power: basis_percent of basis_quantity, of the months before */
    BASIS_PART,         /* basis_percent of basis_quantity */
    BASIS_POWER_FACTOR, /* the percentage, by a factor of basis_percent */
};

struct bill_line {
    const struct component *component; /* id, label, type; lives as long as the tariff */
    int32_t block;                     /* which block, from 0; -1 where there are none */
    enum line_formula formula;
    const struct unit *unit; /* what price is per; NULL where that is no measure */
    int64_t quantity;        /* smallest units of `unit`, or days; 0 where there is none */
    int64_t from,
        to; /* the block's bounds in this bill, prorated; 0 and INT64_MAX: no blocks */
    struct decimal price;       /* per unit or day, the amount itself, or percent */
    int64_t num, den;           /* the part num / den of it, 0 / 0: all: days of a part of the
                                   period, use above a tax's threshold */
    const struct label *period; /* of time of use; NULL where there is none */
    enum line_basis basis;
    int64_t basis_quantity; /* of `unit` */
    struct decimal basis_percent;
    struct exact base;         /* sum of the components that it is reckoned from */
    int64_t excess, tolerance; /* FORMULA_EXCESS, smallest units */
    int bound;                 /* -1: raised to bound_value, 1: cut to it, 0: neither */
    struct decimal bound_value;
    int64_t bound_quantity; /* bound_value is for each unit of so much; 0: it is an amount */
    struct exact given;     /* what the formula gave, where it was raised or cut */
    struct exact exact;     /* before rounding */
    struct money amount;    /* as billed (level "total": as shown) */
};

/* Use above the meter's limit (document 07, "excedentes"). */
struct surcharge_event {
    int64_t consumption, limit, excess; /* smallest units */
    int64_t billable;                   /* excess less tolerance */
    struct money amount;
};

struct bill_result {
    const struct tariff *tariff;
    struct usage usage;
    struct bill_line *lines;
    size_t count;
    struct money total;
    struct money rounding_gap; /* total less the sum of the lines shown; other than 0 only with
                                  rounding level "total" */
    bool has_surcharge;        /* the limit was passed, be the billable part 0 */
    struct surcharge_event surcharge;
};

/*
 * Compute the lines and the total for one service and period.
 *
 * t:      a checked tariff; outlives `out`.
 * usage:  consumption, limit and days.
 * out:    filled on success; its lines live in `arena`.
 * Errors: ERR_RANGE for days or consumption outside their bounds and, naming the component, on
 * overflow; ERR_NOMEM.
 */
enum err_code bill_compute(const struct tariff *t, const struct usage *usage,
                           struct arena *arena, struct bill_result *out,
                           struct err *e) MUST_CHECK;

/*
 * Append how a line of the bill came about: "(6042 − 12) × 0.15 = 904.50", and where rounding
 * changed it "31 × 0.60514 = 18.75934 → 18.76 (half up to 0.01)".
 *
 * fmt: number format for people, who are told too which components a sum is made of: "2,01
 * (Water use) × 35 %". NULL prints machine numbers and no names: what entries keep.
 */
void bill_line_explain(const struct bill_result *bill, const struct bill_line *line,
                       const struct numfmt *fmt, struct buf *out);
/* A line's title in one language, as the ledger keeps it, numbers machine-made. */
void bill_line_label(const struct bill_line *line, bool spanish, struct buf *out);
/* Append the line's title: the component's label in the language of the messages, with its
 * block where there are several. */
void bill_line_title(const struct bill_line *line, const struct tariff *t,
                     const struct numfmt *fmt, struct buf *out);
/* Stable name of a formula ("percent"), for ledger records. */
const char *line_formula_name(enum line_formula f);

#endif
