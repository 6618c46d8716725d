/* One random change of a proof file, at any depth: a bit of the file; a member, element, string
 * or number of its JSON; a line of its notes; a byte inside base64; a member of the JSON inside
 * an envelope or an item; a step put in from another proof. */
#ifndef AFORO_TESTS_LIB_PROOF_MUTATE_H
#define AFORO_TESTS_LIB_PROOF_MUTATE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

struct mutator {
    uint64_t seed;                    /* moves on */
    const struct json *const *donors; /* other proofs, parsed */
    size_t donor_count;
};

/* Append a changed form of `text` (len bytes) to out; it may come out unchanged. */
void proof_mutate(struct mutator *m, const char *text, size_t len, struct arena *scratch,
                  struct buf *out);

#endif
