/* Which items may be missing from the database: those of windows in a segment that an entry
 * dropped and none took back. Judged from the entries alone, in their order, while they are
 * verified. Source: docs/segments.md. */
#ifndef AFORO_LEDGER_DROPPED_H
#define AFORO_LEDGER_DROPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/audit.h"
#include "ledger/entry.h"

struct dropped_segment {
    int64_t id, first, last; /* windows */
    int64_t dropped;         /* entry; 0: its items are in the database */
};
/* Windows one behind the other whose items are missing. */
struct dropped_windows {
    int64_t first, last;
    int64_t seq; /* a batch of the first of them */
};
struct dropped {
    struct dropped_segment *segments;
    size_t segment_count, segment_size;
    struct dropped_windows *windows;
    size_t window_count, window_size;
};
void dropped_init(struct dropped *d);
void dropped_release(struct dropped *d);

/* Does it look at the data of entries of this kind? */
bool dropped_reads(enum kind kind);
/* Follow an entry; most do nothing. */
enum err_code dropped_follow(struct dropped *d, const struct entry *en, enum kind kind,
                             struct err *e) MUST_CHECK;
/* A batch of a window without its bytes; batches come in their order. run 0: of no window. */
enum err_code dropped_missing(struct dropped *d, int64_t seq, int64_t run,
                              struct err *e) MUST_CHECK;
/* All entries have been followed: ERR_TAMPERED, with a fault, for what no entry dropped. */
enum err_code dropped_end(const struct dropped *d, struct audit *a) MUST_CHECK;

#endif
