/* Between urdb.c (head and schedule of a rate) and urdb_rates.c (its prices). Only these two
 * include this header. */
#ifndef AFORO_DOMAIN_URDB_PARTS_H
#define AFORO_DOMAIN_URDB_PARTS_H

#include "domain/tariff.h"
#include "domain/urdb.h"

#define TIERS_MAX TARIFF_BLOCKS_MAX
#define STRUCTURE_MAX 64 /* periods of a structure */

/* A pair of an energy and a demand period that some hour of the year has. */
struct pair {
    size_t energy, demand;
    char id[16];
};

struct conversion {
    const struct urdb_options *options;
    struct arena *arena;
    struct jnode root;
    struct json *components;
    struct pair pairs[TOU_PERIODS_MAX];
    size_t pair_count;
    bool hours; /* the schedule matters: more than one pair */
    bool bad;   /* memory is out */
};

/* Note that memory is out. */
void urdb_check(struct conversion *v, bool ok);
/* Did somebody decide to do without this member? */
bool urdb_left_out(const struct conversion *v, const char *name);
/* Zero, false, nothing: a member that changes no bill, whatever it is. */
bool urdb_says_nothing(const struct json *x);
/* A whole number, also where a program wrote it as 15.0; false where there is none. */
bool urdb_whole(const struct conversion *v, const char *name, int64_t *out);
void urdb_set_label(struct conversion *v, struct json *o, const char *name, const char *es,
                    const char *en);
/* A structure: its node and how many periods it has; 0 when absent. */
size_t urdb_structure(const struct conversion *v, const char *name, struct jnode *out);

/* Each of these adds the components of one part of the rate; pairs and hours are known. */
void fixed_convert(struct conversion *v);
void minimum_convert(struct conversion *v);
void fuel_convert(struct conversion *v);
void energy_convert(struct conversion *v, const struct jnode *list, size_t count);
void demand_convert(struct conversion *v, const struct jnode *list, size_t count);
void flat_convert(struct conversion *v);

#endif
