/* Tariffs: effective-dated data, read from JSON, never edited after use. The format is
 * described in docs/tariffs.md. */
#ifndef AFORO_DOMAIN_TARIFF_H
#define AFORO_DOMAIN_TARIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/caltime.h"
#include "base/json.h"
#include "base/money.h"
#include "base/quantity.h"
#include "crypto/hash.h"
#include "domain/jread.h"
#include "domain/meter.h"

#define TARIFF_FORMAT 1
#define TARIFF_BYTES_MAX 65536 /* of a file */
#define TARIFF_JCS_MAX 40000   /* canonical form: it must fit in one ledger entry */
#define TARIFF_COMPONENTS_MAX 64
#define TARIFF_BLOCKS_MAX 32
#define TARIFF_PRICE_DECIMALS 9
#define TARIFF_PERCENT_DECIMALS 9
#define TARIFF_LABEL_BYTES 120
#define TARIFF_NOTE_BYTES 500
#define TARIFF_QUANTITIES_MAX 24
#define TOU_PERIODS_MAX 8
#define TOU_SLOTS_MAX 96 /* quarters of an hour in a day */
#define TOU_HOLIDAYS_MAX 400

enum component_type {
#define COMPONENT(ID, name) COMPONENT_##ID,
#include "domain/components.def"
#undef COMPONENT
    COMPONENT_TYPE_COUNT
};

/* Stable name ("fixed"), as the JSON writes it. */
const char *component_type_name(enum component_type type);

/* Whether a level or an amount is for so many days, and for how many. */
struct proration {
    bool by_days;
    int64_t reference_days;
    int64_t step; /* a level so scaled is a multiple of it, smallest units; 0: of none */
};

/* A component may hold for some uses only: categories by use. */
struct condition {
    bool set;
    int64_t above, up_to; /* smallest units of the tariff; -1 and INT64_MAX: no such bound */
    struct proration proration;
};

/* What a tariff charges by besides the use of the meter's main register. */
enum quantity_kind {
    QUANTITY_REGISTER, /* use of another register: time of use, reactive, export */
    QUANTITY_PEAK,     /* highest reading of a demand register in the period */
    QUANTITY_HOURS,    /* use of the main register in the hours of a time-of-use period */
    QUANTITY_DEMAND,   /* highest mean power over an interval of the main register's readings */
    QUANTITY_LAST, /* last reading of a register that says what was agreed: power, dwellings */
};

#define QUANTITY_MAIN SIZE_MAX /* none of them: the main register's use */
#define QUANTITY_ANY_HOUR 0    /* demand: at whatever time */

struct quantity_def {
    enum quantity_kind kind;
    const char
        *name; /* "1.8.1", "peak", "demand 30 min", "demand 30 min peak": in the ledger */
    const char *obis; /* QUANTITY_REGISTER, QUANTITY_PEAK */
    unsigned periods; /* of the schedule, a bit each: QUANTITY_HOURS, QUANTITY_DEMAND */
    int64_t minutes;  /* QUANTITY_DEMAND */
    int64_t back;     /* of so many months before the period, for a ratchet; 0: of the period */
    unsigned months;  /* of these alone, a bit each; 0: of all */
    const struct unit *unit;
};

/* Time of use: the day in equal slots, a period for each, by month and kind of day. */
struct tou_period {
    const char *id;
    struct label label;
    char mark;        /* in the schedule; '\0' where a register of the meter counts it */
    const char *obis; /* that register; NULL where the schedule decides */
    size_t quantity;  /* index of its use among the tariff's quantities */
};
struct tou {
    struct tou_period periods[TOU_PERIODS_MAX];
    size_t period_count;
    size_t slots; /* of a day: 24, 48 or 96; 0: registers count */
    uint8_t weekday[12][TOU_SLOTS_MAX], weekend[12][TOU_SLOTS_MAX]; /* index of the period */
    bool saturdays; /* have a day of their own */
    uint8_t saturday[12][TOU_SLOTS_MAX];
    struct date *holidays; /* billed as weekend */
    size_t holiday_count;
};

/* Use above `from` up to and with `to`, in smallest units. The last block has to = INT64_MAX.
 */
struct block {
    int64_t from, to;
    bool flat; /* price is for the whole block, charged once it is entered (the first block:
                  always) */
    struct decimal price; /* else per unit of the table */
};

struct block_table {
    const struct unit *unit;
    struct block *blocks;
    size_t count;
    struct proration proration;
    bool of_limit; /* bounds are hundredths of a percent of the meter's limit, the level then
                      rounded to a whole unit: budgets of water */
    bool whole;    /* the block that the quantity reaches is charged for all of it */
    bool per_kw;   /* bounds are for each kW of the quantity `kw`: hours of use */
    size_t kw;
};

/* A tax that begins above a level. */
enum threshold_kind { THRESHOLD_NONE, THRESHOLD_USE, THRESHOLD_AMOUNT };
struct threshold {
    enum threshold_kind kind;
    bool cliff;            /* above it all is taxed; else what is above it */
    int64_t use;           /* smallest units */
    struct decimal amount; /* of the base */
};

struct tou_price {
    size_t period; /* of the schedule */
    struct block_table table;
};

/* How the power that is charged comes from the one that was measured. */
struct demand_terms {
    bool has_factor;
    struct decimal load_factor; /* percent: no more than the use over hours x this */
    int64_t step;               /* W, rounded to a multiple of it; 0: not */
    enum rounding mode;
    bool has_ratchet;
    struct decimal ratchet; /* percent of the quantity `before`, at least */
    size_t before;
};

enum levy_kind { LEVY_AMOUNT, LEVY_PRICE, LEVY_PERCENT };

/* Sets of earlier components (`of`) are bit sets: bit i stands for component i. */
struct component {
    enum component_type type;
    const char *id;
    struct label label;
    bool taxable;
    unsigned months; /* bit m - 1: holds in month m; 0: in all */
    struct condition when;
    union {
        struct {
            bool per_day;
            struct decimal price;
            struct proration proration;
            size_t times; /* of this quantity; QUANTITY_MAIN: once */
        } fixed;
        struct {
            struct block_table table;
            size_t quantity;     /* QUANTITY_MAIN: the meter's main register */
            bool credit;         /* taken off: energy that the customer delivered */
            bool of_part;        /* a part of the use is charged: sewer of water */
            struct decimal part; /* percent */
        } blocks;
        struct {
            struct tou_price *prices; /* one for each period of the schedule */
            size_t count;
        } tou;
        struct {
            size_t quantity;
            struct block_table table; /* in kW */
            int64_t minimum;          /* W that are charged at least */
            bool per_day;
            struct proration proration;
            struct demand_terms terms;
        } demand;
        struct {
            size_t quantity;
            const struct unit *unit;
            struct decimal free_percent; /* of the active energy */
            struct decimal price;
        } reactive;
        struct {
            size_t quantity; /* reactive energy */
            int64_t target;  /* hundredths of a percent */
            struct decimal penalty, penalty_most, bonus, bonus_most; /* percent */
            int64_t decimals;                                        /* of the percentage */
            uint64_t of;
        } factor;
        struct {
            enum levy_kind kind;
            struct decimal value; /* amount, price per unit, or percent */
            uint64_t of;
            int64_t above; /* due where the use is more than this; -1: always */
            int64_t up_to; /* units that a price is charged for; INT64_MAX: all */
            bool has_least, has_most;
            struct decimal least, most;
        } levy;
        struct {
            int64_t tolerance;        /* smallest units of the excess that are not charged */
            struct block_table table; /* of the billable excess; a single rate is one block */
        } surcharge;
        struct {
            struct decimal amount;
            struct proration proration;
            uint64_t of;
        } minimum;
        struct {
            struct decimal percent;
            uint64_t of;
            bool of_taxable; /* of: all earlier lines that are taxable */
            bool is_amount;  /* discount: an amount off, not a percentage */
            bool is_price;   /* discount: so much off each unit, for at most up_to units */
            int64_t up_to;
            bool has_most;
            struct decimal most;
            bool has_least; /* at least so much a unit of the use */
            struct decimal least;
            bool inside; /* percent of what is to pay, the tax itself included */
            struct threshold threshold;
        } share; /* percentage, discount, tax */
        struct {
            size_t of;     /* index of the blocks it lowers */
            int64_t up_to; /* smallest units */
            bool by_price;
            struct decimal value; /* price per unit, or percent taken off */
            struct proration proration;
        } subsidy;
        struct {
            int64_t step_minor;
            enum rounding mode;
        } coin;
    } u;
};

enum rounding_level {
    ROUND_EACH_LINE,  /* lines are rounded, the total is their sum */
    ROUND_TOTAL_ONLY, /* lines are shown rounded, the total comes from what they were before */
};

struct tariff {
    const char *code;
    int64_t version;
    struct label name;
    struct label note; /* NULL texts when there is none */
    enum meter_kind kind;
    const struct currency *currency;
    struct date valid_from;
    const struct unit *unit; /* prices are per this, block bounds are in it */
    enum rounding rounding;
    enum rounding_level level;
    int64_t step_minor; /* lines (or the total) are multiples of it */
    struct tou *tou;    /* NULL: none */
    struct quantity_def
        *quantities; /* what has to be measured besides the main register's use */
    size_t quantity_count;
    bool seasonal; /* some component holds in some months only */
    struct component *components;
    size_t component_count;
    size_t line_max;  /* no bill of this tariff has more lines */
    struct hash hash; /* SHA-256 of the canonical JSON (RFC 8785): the tariff's identity on
                         bills and ledger */
};

/*
 * Read and check a tariff.
 *
 * text:   one JSON document of len bytes; borrowed for the call.
 * faults: every fault found, with its path, its texts in `arena`; count 0 on success.
 * out:    the tariff, in `arena`; not touched on failure.
 * Errors: ERR_PARSE (not JSON, or faults: the error's text carries the first and the number of
 * the others), ERR_LIMIT, ERR_NOMEM.
 */
enum err_code tariff_parse(const char *text, size_t len, struct arena *arena,
                           struct faults *faults, struct tariff **out,
                           struct err *e) MUST_CHECK;
/* The same of a document parsed before, as the ledger keeps it. */
enum err_code tariff_from_json(const struct json *doc, struct arena *arena,
                               struct faults *faults, struct tariff **out,
                               struct err *e) MUST_CHECK;
/* SHA-256 of the canonical form of a tariff document. */
enum err_code tariff_hash(const struct json *doc, struct hash *out, struct err *e) MUST_CHECK;
/* The component of that id; NULL when there is none. */
const struct component *tariff_component(const struct tariff *t, const char *id);

#endif
