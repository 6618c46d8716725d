/* Tests of proof files. */
#ifndef AFORO_TESTS_CHECK_PROOF_H
#define AFORO_TESTS_CHECK_PROOF_H

#include <check.h>
#include <stdbool.h>

#include "app/proof_check.h"
#include "tests/lib/proof_sample.h"

Suite *suite_proof(void);
Suite *suite_proof_bad(void);
Suite *suite_proof_keys(void);
Suite *suite_proof_mutate(void);

/* Proofs made once for all tests: of bill 1, and of what else an office has. */
extern struct buf sample_bill, sample_entry, sample_reading, sample_payment;
/* Of payments by a bank's file: matched at once, and given to an account by hand. */
extern struct buf sample_matched, sample_assigned;
/* Of a bill with two prices and a register for the peak hours; of a reading that a device
 * signed. */
extern struct buf sample_parts, sample_packet;
/* Of a dispute with two photos, one of them in the proof. */
extern struct buf sample_dispute;
/* Of another office, and of the same bill at an earlier checkpoint, without cosignature. */
extern struct buf other_bill, sibling_bill;
extern struct buf log_key, witness_vkey; /* of the office; verifier keys */

/* Check a text; the error's sentence in *e. */
enum err_code check_text(const char *text, size_t len, struct err *e);
/* Exit status of the script of docs/check-by-hand.md for a file. */
int check_by_hand(const struct buf *file);
bool soak(void);

#endif
