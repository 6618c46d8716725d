/* What the entries and items of a proof say of its target, followed step by step: a bill to its
 * readings, meters and tariffs, computed again; a reading to its record. Needs no office; the
 * entries have been decoded, by proof_verify or by whoever made them. */
#ifndef AFORO_APP_PROOF_TRACE_H
#define AFORO_APP_PROOF_TRACE_H

#include "ledger/proof.h"

struct proof_trace {
    struct proof *proof;
    struct arena *arena;
    struct buf *said; /* a sentence a line, for people */
    const char *missing[PROOF_MISSING_MAX];
    size_t missing_count;    /* steps that the file lacks; sorted, each once, when traced */
    const struct json *bill; /* the item; NULL for other targets */
    struct hash bill_leaf;
};

/*
 * Follow the target. Entries and items that were needed are marked used.
 *
 * t: proof, arena and said are given, the rest is zero.
 * Errors: ERR_TAMPERED when the file does not say what it is of, or its parts contradict each
 * other; ERR_UNSUPPORTED for another kind of target; ERR_NOMEM.
 */
enum err_code proof_trace(struct proof_trace *t, struct err *e) MUST_CHECK;

/* For the targets' own files: */

/* A record found in the file: the object, and the entry that holds it. */
struct proof_record {
    const struct json *object;
    struct proof_entry *entry;
    struct proof_item *item; /* NULL: in the entry itself */
};
/* Is that member of the object this number? */
bool trace_is_id(const struct json *o, const char *name, int64_t id);
/* Note a missing step, "rollover 17" (number 0: none). */
enum err_code trace_missing(struct proof_trace *t, const char *step, int64_t number,
                            struct err *e) MUST_CHECK;
/* The record of a reading, of a register with its meter: ERR_TAMPERED when the file has none.
 */
enum err_code trace_reading(struct proof_trace *t, int64_t id, struct proof_record *out,
                            struct err *e) MUST_CHECK;
enum err_code trace_register(struct proof_trace *t, int64_t id, struct proof_record *meter,
                             const struct json **reg, struct err *e) MUST_CHECK;
/* The packet that a reading came in: its device's signature has to hold. "packet" is missing
 * for a reading that no device signed. */
enum err_code trace_packet(struct proof_trace *t, int64_t reading, const struct proof_record *r,
                           struct err *e) MUST_CHECK;
/* The end of the run that a batch entry belongs to; without it "closed" is missing. */
enum err_code trace_closed(struct proof_trace *t, const struct proof_entry *batch,
                           struct err *e) MUST_CHECK;
/* Decisions about a reading, marked used; *accepted: one of them accepts it. */
void trace_decisions(struct proof_trace *t, int64_t reading, bool *accepted);
/* Mark what brings the keys of the entries that are used, and the log's: proof_verify has
 * judged them. */
enum err_code trace_keys(struct proof_trace *t, const struct proof_verified *v,
                         struct err *e) MUST_CHECK;
/* A user's new key that others approved: "approvals" are missing, they are not in the file. */
enum err_code trace_approvals(struct proof_trace *t, struct err *e) MUST_CHECK;
/* Mark what was attached to a thing ("reading", "dispute"). */
void trace_attached(struct proof_trace *t, const char *owner, int64_t id);
/* Tell of each attachment marked, and hold the files in the proof against their entries;
 * "file" is missing for one that has none. */
enum err_code trace_evidence(struct proof_trace *t, struct err *e) MUST_CHECK;
enum err_code trace_dispute(struct proof_trace *t, int64_t dispute, struct err *e) MUST_CHECK;
enum err_code trace_bill(struct proof_trace *t, int64_t number, struct err *e) MUST_CHECK;
/* A payment, by the number of its receipt, with the row of a bank's file that it came by and
 * its reversal where the file has them. */
enum err_code trace_payment(struct proof_trace *t, int64_t receipt, struct err *e) MUST_CHECK;

#endif
