/* A proof file checked offline, with no office at hand. Source: docs/proofs.md. */
#ifndef AFORO_APP_PROOF_CHECK_H
#define AFORO_APP_PROOF_CHECK_H

#include "app/proof_trace.h"
#include "ledger/proof.h"

struct proof_checked {
    struct arena arena; /* all that the others point to */
    struct proof proof;
    struct proof_verified verified;
    struct buf said;  /* what was followed, a sentence a line */
    bool is_bill;     /* the rest is of a bill */
    struct hash leaf; /* of its item */
    const char *currency;
    int64_t total; /* minor units */
};
void proof_checked_init(struct proof_checked *c);
void proof_checked_release(struct proof_checked *c);

/*
 * Check a file: every step that is there has to hold, nothing may be there that proves nothing,
 * and what is missing has to be what the file says is missing.
 *
 * pinned: keys known from elsewhere, each of which has to have signed the checkpoint; may be
 * none.
 * out:    initialised by the caller, released by it in any case.
 * Errors: ERR_STATE when all that is there holds and a step is missing without which the target
 * is not proved (any but "cosignatures"): out is filled then; ERR_TAMPERED, ERR_PARSE,
 * ERR_LIMIT, ERR_UNSUPPORTED, ERR_NOMEM.
 */
enum err_code proof_check(const char *text, size_t len, const char *const *pinned,
                          size_t pinned_count, struct proof_checked *out,
                          struct err *e) MUST_CHECK;

/* What a missing step means, a whole sentence; "" for one that is unknown. */
const char *proof_step_text(const char *step);
/* Append the outcome for people, or as one JSON object. */
void proof_checked_text(const struct proof_checked *c, struct buf *out);
void proof_checked_json(const struct proof_checked *c, bool holds, struct buf *out);

#endif
