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
#define TARIFF_PERCENT_DECIMALS 6
#define TARIFF_LABEL_BYTES 120
#define TARIFF_NOTE_BYTES 500

enum component_type {
#define COMPONENT(ID, name) COMPONENT_##ID,
#include "domain/components.def"
#undef COMPONENT
    COMPONENT_TYPE_COUNT
};

/* Stable name ("fixed"), as the JSON writes it. */
const char *component_type_name(enum component_type type);

/* Whether the level of a block or subsidy is for so many days, and for how many. */
struct proration {
    bool by_days;
    int64_t reference_days;
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
};

/* Sets of earlier components (`of`) are bit sets: bit i stands for component i. */
struct component {
    enum component_type type;
    const char *id;
    struct label label;
    bool taxable;
    union {
        struct {
            bool per_day;
            struct decimal price;
        } fixed;
        struct block_table blocks;
        struct {
            int64_t tolerance;        /* smallest units of the excess that are not charged */
            struct block_table table; /* of the billable excess; a single rate is one block */
        } surcharge;
        struct {
            struct decimal amount;
            uint64_t of;
        } minimum;
        struct {
            struct decimal percent;
            uint64_t of;
            bool of_taxable; /* of: all earlier lines that are taxable */
        } share;             /* percentage, discount, tax */
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
/* Of several versions of one tariff, the one in force on a day: the latest valid_from not after
 * it, of these the highest version. NULL when none is in force yet. */
const struct tariff *tariff_in_force(const struct tariff *const *versions, size_t count,
                                     struct date on);

#endif
