/* Proofs for tests: of an office with bills, payments and a witness, and of another office. */
#ifndef AFORO_TESTS_LIB_PROOF_SAMPLE_H
#define AFORO_TESTS_LIB_PROOF_SAMPLE_H

#include "base/buf.h"
#include "tests/lib/office_fixture.h"

/* Trust a witness whose key is known; it cosigns each checkpoint from then on. */
void sample_witness(struct office_fixture *f);
/* Verifier key of that witness, and of the office's log; to be released. */
void sample_witness_key(struct buf *out);
void sample_log_key(struct office_fixture *f, struct buf *out);
/* Sign a checkpoint over all entries there are. */
void sample_checkpoint(struct office_fixture *f);
/* Append the proof of a target as the office makes it now; ends the program when that fails. */
void sample_proof(struct office_fixture *f, const char *target, int64_t number,
                  struct buf *out);

/* With files that were attached: "all", or "3,5". */
void sample_proof_files(struct office_fixture *f, const char *target, int64_t number,
                        const char *files, struct buf *out);

#endif
