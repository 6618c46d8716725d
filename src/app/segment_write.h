/* Windows of packets written into a segment's file. */
#ifndef AFORO_APP_SEGMENT_WRITE_H
#define AFORO_APP_SEGMENT_WRITE_H

#include "app/office.h"
#include "app/segments.h"
#include "base/progress.h"

/* What one segment takes at most; the next one goes on behind it. */
#define SEGMENT_WINDOWS_MAX 4096
#define SEGMENT_BYTES_MAX ((int64_t)1 << 30)

/* The windows that the next segment would hold. */
struct segment_plan {
    int64_t id;
    int64_t first, last;          /* windows */
    int64_t windows;              /* 0: there is none to seal */
    int64_t from_entry, to_entry; /* first and last of these windows */
    int64_t open; /* a window that is still open and holds back those behind it; 0: none */
    bool more;    /* others are older than the date too: they go into the next segment */
};
/* Closed windows that no segment holds, in their order, as far as they were closed before this
 * business date. */
enum err_code segment_plan(struct db *db, const char *before, struct segment_plan *out,
                           struct err *e) MUST_CHECK;

/*
 * Write them into a new file of the folder, which is made when it is missing: synced, read back
 * and compared with the database, and then put in its place. A checkpoint that covers them is
 * signed when there is none.
 *
 * out: what the entry has to say of it; sealed is 0.
 * Errors: those of office_checkpoint and segment_verify_file; ERR_IO, ERR_CANCELLED. Nothing is
 * left in the folder then.
 */
enum err_code segment_make(struct office *o, const struct segment_plan *p, const char *folder,
                           const struct progress *progress, struct segment_row *out,
                           struct err *e) MUST_CHECK;

#endif
