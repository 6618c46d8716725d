#include <config.h>

#include "app/import_facts.h"

static void facts_step(struct import_facts *f, const struct sort_row *row)
{
    const struct sort_row *last = &f->last;
    int64_t rise = row->value - last->value; /* neither is negative */
    int64_t gap = row->local - last->local;
    f->falls += rise < 0;
    f->small_falls += rise < 0 && rise >= -FACT_SMALL_FALL;
    f->repeats += gap == 0;
    f->repeats_other += gap == 0 && rise != 0;
    f->gaps += gap > FACT_GAP_SECS;
    f->longest_gap_secs = gap > f->longest_gap_secs ? gap : f->longest_gap_secs;
    f->jumps += rise > FACT_JUMP;
    f->no_use += rise == 0;
    if (row->line < last->line && !f->out_of_order) {
        f->out_of_order = true;
        f->unordered++;
    }
}

void facts_feed(struct import_facts *f, const struct sort_row *row)
{
    f->rows++;
    f->exponents += (row->flags & SORT_FLAG_EXPONENT) != 0;
    f->doubled_hour += (row->flags & SORT_FLAG_AMBIGUOUS) != 0;
    if (f->begun && f->last.reg == row->reg) {
        facts_step(f, row);
    } else {
        f->registers++;
        f->out_of_order = false;
    }
    f->begun = true;
    f->last = *row;
}
