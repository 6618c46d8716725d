/* The office's log as a folder of static files that any client of C2SP tlog-tiles can audit:
 * checkpoint, tile/LEVEL/NUMBER, tile/entries/NUMBER. Source: c2sp.org/tlog-tiles. */
#ifndef AFORO_APP_EXPORT_TILES_H
#define AFORO_APP_EXPORT_TILES_H

#include "base/err.h"
#include "base/progress.h"

#include <stdint.h>

struct db;

struct tiles_exported {
    uint64_t size;     /* of the newest checkpoint, which is what the folder now holds */
    uint64_t old_size; /* what it held before */
    uint64_t files;    /* written */
};

/*
 * Write the folder, or bring it up to the newest signed checkpoint.
 *
 * dir: made when missing. Full tiles are written once; the checkpoint comes last, so that what
 * it names is there. What was cut off is written again. Errors: ERR_STATE when no checkpoint
 * has been signed; ERR_TAMPERED when the folder holds a checkpoint that this ledger does not
 * continue, or a file that differs from it; ERR_IO, ERR_DB, ERR_CANCELLED.
 */
enum err_code tiles_export(struct db *db, const char *dir, const struct progress *progress,
                           struct tiles_exported *out, struct err *e) MUST_CHECK;

/* Append a tile's number as tlog-tiles writes it: 1234067 is "x001/x234/067". */
struct buf;
void tile_number(uint64_t number, struct buf *out);

#endif
