/* Verification of what stands beside the ledger as evidence: checkpoints against the tree that
 * is being followed and the keys valid there, cosignatures against the witnesses' keys. */
#ifndef AFORO_LEDGER_EVIDENCE_H
#define AFORO_LEDGER_EVIDENCE_H

#include "ledger/audit.h"
#include "ledger/chain.h"
#include "ledger/checkpoints.h"

/* The checkpoints that lie ahead of a chain, one at a time: no statement stays open between. */
struct evidence_walk {
    struct db *db;
    bool more;
    struct checkpoint_row row; /* the next one, if there is more */
};

/*
 * evidence_begin: before the first entry is followed; checkpoints up to `from` were checked.
 * evidence_at:    after each entry: checks the checkpoint of that size, if there is one.
 * evidence_end:   what is left lies behind the ledger's end; no checkpoint is missing.
 * Each returns ERR_TAMPERED after adding a fault.
 */
enum err_code evidence_begin(struct evidence_walk *w, struct db *db, uint64_t from,
                             struct audit *a, struct err *e) MUST_CHECK;
enum err_code evidence_at(struct evidence_walk *w, const struct chain *c, struct audit *a,
                          struct err *e) MUST_CHECK;
enum err_code evidence_end(struct evidence_walk *w, const struct chain *c, struct audit *a,
                           struct err *e) MUST_CHECK;

/* The cosignatures of checkpoints of more than `from` entries, by the keys of the table
 * `witness`: where that is in doubt, it is compared first. ERR_TAMPERED after adding a fault.
 */
enum err_code evidence_cosignatures(struct db *db, uint64_t from, struct audit *a,
                                    struct err *e) MUST_CHECK;

/*
 * A checkpoint that the office may have signed at its size, by the keys of a chain.
 *
 * out:    parsed; its origin is the office's.
 * Errors: ERR_TAMPERED, ERR_NOT_FOUND when none of its keys signed, ERR_PARSE, ERR_NOMEM.
 */
enum err_code evidence_open(const struct chain *c, const char *note, size_t len,
                            struct checkpoint *out, struct err *e) MUST_CHECK;

#endif
