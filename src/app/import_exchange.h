/* Meters that were exchanged without anybody saying so: files of other systems go on under the
 * same number, and the register falls to almost nothing and stays there. Such steps are told,
 * and taken as exchanges when the person who imports says so. */
#ifndef AFORO_APP_IMPORT_EXCHANGE_H
#define AFORO_APP_IMPORT_EXCHANGE_H

#include "app/command.h"
#include "app/import_hour.h"
#include "app/import_run.h"
#include "app/import_sort.h"

struct exchange {
    struct sort_row before, after; /* last row of the old dial, first of the new one */
};

/* Looks at the rows as the sorter gives them. A fall is an exchange when less than half is left
 * and the row behind it, if any, does not rise to where it was: that would be a misreading. */
struct exchange_finder {
    enum err_code (*found)(void *ctx, const struct exchange *x, struct err *e);
    void *ctx;
    /* its own */
    bool begun, open; /* a fall is waiting for the row behind it */
    struct sort_row last;
    struct exchange fall;
};
enum err_code exchange_feed(struct exchange_finder *f, const struct sort_row *row,
                            struct err *e) MUST_CHECK;
/* No more rows. */
enum err_code exchange_end(struct exchange_finder *f, struct err *e) MUST_CHECK;

/* True when the old dial stood so near its end that it rather turned over. */
enum err_code exchange_is_rollover(struct office *o, const struct exchange *x, bool *rollover,
                                   struct err *e) MUST_CHECK;

/*
 * Give the rows behind each exchange to the meter that came.
 *
 * in:   finished. out: gets all rows, those of a meter that was exchanged with the register of
 *       the one in its place at their time; not finished.
 * New exchanges are recorded as `meter swap` does, a minute behind the last row of the old
 * dial, the new one beginning at zero, its serial the old one's with -2, -3 ... behind it.
 * run:  of the import; opened before the first exchange, which bears its number: discarding
 * the import takes it back. NULL: only follow exchanges that an import took before, and record
 * none: a file goes on under the old serial whether or not it is told of the exchanges again.
 * *count: how many. Errors: ERR_DENIED without the permission "meter swap", those of the swap,
 * of sorting.
 */
enum err_code exchanges_take(struct command_ctx *c, struct local_clock *clock,
                             struct import_run *run, struct sorter *in, struct sorter *out,
                             uint64_t *count, struct err *e) MUST_CHECK;

/* Has any import taken an exchange? */
enum err_code exchanges_known(struct office *o, bool *any, struct err *e) MUST_CHECK;

#endif
