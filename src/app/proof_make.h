/* Proof files made from an office. Source: docs/proofs.md. */
#ifndef AFORO_APP_PROOF_MAKE_H
#define AFORO_APP_PROOF_MAKE_H

#include "app/office.h"
#include "base/buf.h"

enum proof_point {
    PROOF_NEWEST, /* the newest checkpoint, with its cosignatures */
    PROOF_FIRST,  /* the first that covers it, with the office's signature alone: what a printed
                     bill carries, the same bytes whenever it is printed again */
};

/* The kinds of targets, ended by NULL: "bill", "entry" ... */
extern const char *const proof_target_names[];

/*
 * Append the proof file of a target.
 *
 * Errors: ERR_USAGE for another kind of target, ERR_NOT_FOUND naming the target, ERR_TAMPERED
 * when the office's tables and its ledger do not agree, ERR_LIMIT for a proof that would be too
 * large, database errors, ERR_NOMEM.
 */
enum err_code proof_make(struct office *o, const char *target, int64_t number,
                         enum proof_point point, struct buf *out, struct err *e) MUST_CHECK;
/* The same from the newest checkpoint, with files that were attached to the target: "all", or a
 * list "3,5". What is in them may be personal data: who may read that is the caller's matter.
 */
enum err_code proof_make_evidence(struct office *o, const char *target, int64_t number,
                                  const char *evidence, struct buf *out,
                                  struct err *e) MUST_CHECK;

#endif
