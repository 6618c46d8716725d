/* Between tariff.c, bill_calc.c and the component kinds: the table of components.def and what
 * its rows are given. Only these files include this header. */
#ifndef AFORO_DOMAIN_COMPONENT_H
#define AFORO_DOMAIN_COMPONENT_H

#include "domain/bill_calc.h"

/* A bill in the making. Sums are of lines as they count: rounded each, or exact with rounding
 * level "total". */
struct bill_calc {
    const struct tariff *t;
    const struct usage *usage;
    struct bill_line *lines; /* room for t->line_max */
    size_t count;
    struct exact of_component[TARIFF_COMPONENTS_MAX];
    struct exact sum;
    struct exact taxable_sum;
    bool has_surcharge;
    struct surcharge_event surcharge;
};

struct component_def {
    const char *name;
    const char *const *members; /* allowed beside type, id, label, taxable; ends with NULL */
    bool taxable;               /* unless the tariff says otherwise */
    /* Fill c->u from the JSON object n; earlier components stand in t. Faults are noted, none
     * stops the reading. */
    void (*parse)(struct tariff *t, const struct jnode *n, struct component *c);
    /* Write the component's lines. */
    enum err_code (*calc)(struct bill_calc *k, const struct component *c, struct err *e);
};
extern const struct component_def component_defs[COMPONENT_TYPE_COUNT];

#define COMPONENT(ID, name)                                                                    \
    extern const char *const name##_members[];                                                 \
    void name##_parse(struct tariff *t, const struct jnode *n, struct component *c);           \
    enum err_code name##_calc(struct bill_calc *k, const struct component *c, struct err *e)   \
        MUST_CHECK;
#include "domain/components.def"
#undef COMPONENT

/* Parsing. `price` or `amount` with the decimals that a tariff may have. */
void component_price(const struct jnode *n, const char *name, struct decimal *out);
/* Percent from 0 to `most`. */
void component_percent(const struct jnode *n, const char *name, int64_t most,
                       struct decimal *out);
/* The set of earlier components listed under "of"; false when the member is absent (nothing is
 * noted) or faulty. */
bool component_of(const struct tariff *t, const struct jnode *n, uint64_t *out);
/* The listed components, or all that came before. */
uint64_t component_of_or_all(const struct tariff *t, const struct jnode *n);
/* prorate_by_days and reference_days; with a unit (of a level) also prorate_step. */
void component_proration(const struct jnode *n, const struct unit *unit, struct proration *out);
/* "mode" and "step" of a rounding. Both keep their value when absent; step is a multiple of the
 * currency's minor unit. */
void component_rounding(const struct jnode *n, const struct currency *currency,
                        bool step_required, enum rounding *mode, int64_t *step_minor);
/* "price" or "blocks" with bounds and proration, per `unit`. */
void component_blocks(struct tariff *t, const struct unit *unit, const struct jnode *n,
                      struct block_table *out);
/* A power: of a demand register, or of intervals of the main one, in some periods of the
 * schedule; its index among the tariff's quantities. False after a fault. */
bool component_power(struct tariff *t, const struct jnode *n, size_t *out);

/* A list of months, 1 to 12, as a set: bit m - 1 for month m. */
void component_months(const struct jnode *n, const char *name, unsigned *out);
/* "when": the uses that a component holds for. */
void component_when(const struct tariff *t, const struct jnode *n, struct condition *out);
/* "register": an OBIS code that names another register of the meter; its index among the
 * tariff's quantities. False when absent or faulty. */
bool component_register(struct tariff *t, const struct jnode *n, enum quantity_kind kind,
                        const struct unit *unit, size_t *out);
/* The index of a quantity, which is added where it is new. False after a fault. */
bool tariff_quantity(struct tariff *t, const struct jnode *n, const struct quantity_def *def,
                     size_t *out);
/* The schedule in the tariff's head. */
void tou_parse(const struct jnode *n, struct tariff *t);

/* Calculation. Round `line` as the tariff says, put it on the bill and into the sums. */
enum err_code calc_line(struct bill_calc *k, const struct bill_line *line,
                        struct err *e) MUST_CHECK;
/* ERR_RANGE: the component's amount does not fit. */
enum err_code calc_overflow(const struct bill_calc *k, const struct component *c,
                            struct err *e) MUST_CHECK;
/* Sum of the components in the set; false on overflow. */
bool calc_sum_of(const struct bill_calc *k, uint64_t of, struct exact *out) MUST_CHECK;
/* A level for `days` days, rounded half up to the smallest unit; INT64_MAX (no bound) stays. */
int64_t calc_prorated(const struct bill_calc *k, int64_t level, const struct proration *p);
/* Whether a component holds: for this month, for this use. */
bool calc_holds(const struct bill_calc *k, const struct component *c);
/* x for the part of the period that is billed: x * days / whole days, rounded half up at the
 * 12th decimal; the line says so. False on overflow. */
bool calc_part(const struct bill_calc *k, struct exact x, struct bill_line *line) MUST_CHECK;
/* The same; where the amount is for so many days, x * days / these. */
bool calc_days(const struct bill_calc *k, struct exact x, const struct proration *p,
               struct bill_line *line) MUST_CHECK;
/* a * num / den, rounded half up at the 12th decimal (or at a's last). */
bool calc_ratio(struct exact a, int64_t num, int64_t den, struct exact *out) MUST_CHECK;
/* Raise (side -1) or cut (side 1) the line's amount to a bound, which is the period's. */
bool calc_bounded(const struct bill_calc *k, struct bill_line *line,
                  const struct decimal *bound, int side) MUST_CHECK;
/* part * percent / 100, half up to the smallest unit; false on overflow. */
bool calc_percent_of(int64_t quantity, struct decimal percent, int64_t *out) MUST_CHECK;
/* A line of block i for the part of `quantity` that lies in it; the line's amount is left to
 * the caller. */
struct bill_line calc_block_line(const struct bill_calc *k, const struct component *c,
                                 const struct block_table *table, size_t i, int64_t quantity);
/* What a block line costs: quantity x price, or the flat amount. */
bool calc_block_cost(const struct bill_calc *k, const struct block_table *table,
                     struct bill_line *line) MUST_CHECK;
/* True when the block is due: it is in use, or it is the first one and flat, unless the block
 * reached is charged for all. */
bool calc_block_applies(const struct block_table *table, const struct bill_line *line);

#endif
