/* The office's checkpoints as it keeps them: the signed note of each, and the right edge of the
 * tree there, from which the next one is computed without trusting what is stored elsewhere.
 * Source: ledger.md, Checkpoints; c2sp.org/tlog-checkpoint. */
#ifndef AFORO_LEDGER_CHECKPOINTS_H
#define AFORO_LEDGER_CHECKPOINTS_H

#include "crypto/checkpoint.h"
#include "crypto/merkle.h"

#define CHECKPOINT_NOTE_MAX 4096 /* bytes of a note of ours; cosignatures are kept apart */
#define COSIGNATURE_LINE_MAX 512 /* "U+2014 name base64", with its newline */

struct db;

struct checkpoint_row {
    int64_t id; /* from 1, without gaps */
    char note[CHECKPOINT_NOTE_MAX];
    size_t note_len;
    struct merkle_frontier edge; /* its size is the checkpoint's */
};

/*
 * The newest checkpoint; or the one of a size; or the smallest that covers so many entries.
 *
 * *found: false, and out zeroed, when there is none.
 * Errors: ERR_TAMPERED for a row that is malformed, ERR_DB.
 */
enum err_code checkpoint_newest(struct db *db, struct checkpoint_row *out, bool *found,
                                struct err *e) MUST_CHECK;
enum err_code checkpoint_of_size(struct db *db, uint64_t size, struct checkpoint_row *out,
                                 bool *found, struct err *e) MUST_CHECK;
enum err_code checkpoint_covering(struct db *db, uint64_t size, struct checkpoint_row *out,
                                  bool *found, struct err *e) MUST_CHECK;
/* Read id, size, note and edge from the first four columns of a row. */
struct stmt;
enum err_code checkpoint_row_take(const struct stmt *q, struct checkpoint_row *out,
                                  struct err *e) MUST_CHECK;

/*
 * Compute what the next checkpoint is to say, twice: from the stored tiles, and from the last
 * checkpoint's edge and the entries behind it, hashed again. Nothing is written.
 *
 * last: the newest checkpoint, or zeroed. out: size and root. edge: the right edge there.
 * Errors: ERR_TAMPERED when the two differ, or the last one's edge is not what was signed;
 * those of tree_root and tree_follow.
 */
enum err_code checkpoint_compute(struct db *db, const struct checkpoint_row *last,
                                 struct checkpoint *out, struct merkle_frontier *edge,
                                 struct err *e) MUST_CHECK;
/* Add a signed checkpoint. *stored false, and nothing done, when one of that size or a larger
 * one is there already. In a transaction of the caller's. */
enum err_code checkpoint_store(struct db *db, const struct checkpoint_row *c, bool *stored,
                               struct err *e) MUST_CHECK;

/* Append the note of a checkpoint with the cosignatures kept for it. */
enum err_code checkpoint_cosigned(struct db *db, const struct checkpoint_row *c,
                                  struct buf *out, struct err *e) MUST_CHECK;

#endif
