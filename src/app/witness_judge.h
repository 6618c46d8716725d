/* Does a checkpoint follow from the one that the witness remembers? Decides only: nothing is
 * read but tiles, nothing written. Source: c2sp.org/tlog-witness. */
#ifndef AFORO_APP_WITNESS_JUDGE_H
#define AFORO_APP_WITNESS_JUDGE_H

#include "app/witness_memory.h"
#include "crypto/witness_request.h"
#include "ledger/tree.h"

/* A checkpoint, and what is to show that it follows: a proof, or the log's tiles. */
struct witness_asked {
    struct checkpoint says; /* of r.note */
    size_t text_len;        /* of r.note: the checkpoint */
    struct witness_request r;
    bool tiles; /* r.old_size and r.path say nothing; the source is asked */
    struct tree_source source;
};

enum witness_verdict {
    WITNESS_FOLLOWS, /* to be cosigned */
    WITNESS_SAME,    /* the very text that is remembered: the same answer */
    WITNESS_FORK     /* the log signed two histories, which the two notes and the proof show */
};

/*
 * Judge a checkpoint whose signature holds.
 *
 * r: its path is filled from the tiles where these are asked.
 * Errors: ERR_RANGE for size 0, for `old` above the size, and beyond the tiles; ERR_STATE for
 * an older checkpoint, with the size known; ERR_CONFLICT when `old` is not the size known;
 * ERR_PARSE for a proof of the wrong length, or tiles of another tree; ERR_CRYPTO for a proof
 * that leads nowhere: nothing is shown, in either direction. Others of the source.
 */
enum err_code witness_judge(const struct witness_memory *m, struct witness_asked *q,
                            enum witness_verdict *out, struct err *e) MUST_CHECK;

#endif
