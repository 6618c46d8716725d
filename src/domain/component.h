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
    void (*parse)(const struct tariff *t, const struct jnode *n, struct component *c);
    /* Write the component's lines. */
    enum err_code (*calc)(struct bill_calc *k, const struct component *c, struct err *e);
};
extern const struct component_def component_defs[COMPONENT_TYPE_COUNT];

#define COMPONENT(ID, name)                                                                    \
    extern const char *const name##_members[];                                                 \
    void name##_parse(const struct tariff *t, const struct jnode *n, struct component *c);     \
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
/* prorate_by_days and reference_days. */
void component_proration(const struct jnode *n, struct proration *out);
/* "mode" and "step" of a rounding. Both keep their value when absent; step is a multiple of the
 * currency's minor unit. */
void component_rounding(const struct jnode *n, const struct currency *currency,
                        bool step_required, enum rounding *mode, int64_t *step_minor);
/* "price" or "blocks" with bounds and proration. */
void component_blocks(const struct tariff *t, const struct jnode *n, struct block_table *out);

/* Calculation. Round `line` as the tariff says, put it on the bill and into the sums. */
enum err_code calc_line(struct bill_calc *k, const struct bill_line *line,
                        struct err *e) MUST_CHECK;
/* ERR_RANGE: the component's amount does not fit. */
enum err_code calc_overflow(const struct bill_calc *k, const struct component *c,
                            struct err *e) MUST_CHECK;
/* Sum of the components in the set; false on overflow. */
bool calc_sum_of(const struct bill_calc *k, uint64_t of, struct exact *out) MUST_CHECK;
/* A level for `days` days, rounded half up to the smallest unit; INT64_MAX (no bound) stays. */
int64_t calc_prorated(int64_t level, const struct proration *p, int64_t days);
/* A line of block i for the part of `quantity` that lies in it; the line's amount is left to
 * the caller. */
struct bill_line calc_block_line(const struct component *c, const struct block_table *table,
                                 size_t i, int64_t quantity, int64_t days);

#endif
