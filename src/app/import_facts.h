/* What is odd about a file of readings as it was written, before any rule judges it: counted
 * over each meter's rows by local time, then line. */
#ifndef AFORO_APP_IMPORT_FACTS_H
#define AFORO_APP_IMPORT_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "app/import_sort.h"

#define FACT_SMALL_FALL 100    /* smallest units */
#define FACT_GAP_SECS 7200     /* longer than two hours of the wall clock */
#define FACT_JUMP 5000         /* smallest units: 5 m3 */
#define SORT_FLAG_EXPONENT 1u  /* written as 4e+05 */
#define SORT_FLAG_AMBIGUOUS 2u /* in the doubled hour */

struct import_facts {
    uint64_t rows; /* that could be read and belong to a meter */
    uint64_t registers;
    uint64_t falls, small_falls;
    uint64_t repeats, repeats_other; /* of a time; with another value */
    uint64_t gaps;
    int64_t longest_gap_secs;
    uint64_t jumps;
    uint64_t unordered; /* registers whose rows are not in order of time in the file */
    uint64_t exponents;
    uint64_t doubled_hour;
    uint64_t no_use;
    /* of the register being fed */
    bool begun, out_of_order;
    struct sort_row last;
};

/* Rows must come as the sorter gives them. */
void facts_feed(struct import_facts *f, const struct sort_row *row);

#endif
