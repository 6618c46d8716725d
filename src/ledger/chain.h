/* What must hold of each entry and between one and the next: used by verification in its
 * parallel stages, and by rebuilding in order. Source: ledger.md, An entry. */
#ifndef AFORO_LEDGER_CHAIN_H
#define AFORO_LEDGER_CHAIN_H

#include "crypto/merkle.h"
#include "ledger/audit.h"
#include "ledger/entry.h"
#include "ledger/keyring.h"
#include "ledger/kinds.h"

#define OFFICE_CODE_MAX 31

/* What stands verified up to an entry: enough to go on from there. */
struct chain {
    struct merkle_frontier tree;      /* its size is the seq of the last entry */
    char office[OFFICE_CODE_MAX + 1]; /* of the first entry, and of all */
    struct hash leaf;                 /* of the last entry; zeros before the first */
    int64_t time_ms;
    struct keyring keys;
};
void chain_init(struct chain *c); /* before the first entry */
void chain_release(struct chain *c);

/* An entry as stored; the bytes are borrowed. */
struct chain_row {
    int64_t seq;
    const char *payload;
    size_t payload_len;
    struct hash keyid, leaf;
    const uint8_t *sig;
    size_t sig_len;
};

/*
 * The three stages of an entry, in this order. Each returns ERR_TAMPERED after adding a fault
 * that names the entry, or ERR_NOMEM.
 *
 * chain_decode:    payload canonical and readable, leaf hash right, data as the schema of its
 *                  kind says; needs nothing but the row, so that threads share the work. out
 *                  lives in arena.
 * chain_check:     the same for who only verifies: out's data is read where chain_follow,
 *                  chain_batch and dropped_follow look at it, and may be NULL otherwise.
 * chain_follow:    sequence, chain, office, time, kind, key and signer; moves the chain on. key
 *                  gets the key that must have signed, valid as long as the chain.
 * chain_signature: the signature holds, with low S.
 */
enum err_code chain_decode(const struct chain_row *row, struct arena *arena,
                           struct buf *scratch, struct entry *out, struct audit *a,
                           struct err *e) MUST_CHECK;
enum err_code chain_check(const struct chain_row *row, struct arena *arena, struct buf *scratch,
                          struct entry *out, struct audit *a, struct err *e) MUST_CHECK;
enum err_code chain_follow(struct chain *c, const struct chain_row *row, const struct entry *en,
                           const struct verify_key **key, struct audit *a,
                           struct err *e) MUST_CHECK;
enum err_code chain_signature(const struct chain_row *row, const struct verify_key *key,
                              struct buf *scratch, struct audit *a, struct err *e) MUST_CHECK;

/* The part of chain_follow that finds out who signed, for entries that are checked outside
 * their chain: by the keys of c, which may be those of some entries only. */
enum err_code chain_signer(const struct chain *c, const struct chain_row *row,
                           const struct entry *en, enum kind kind, const struct key_span **span,
                           struct audit *a) MUST_CHECK;

/* Root and count that the entry of a batch records. False when it lacks them. */
bool chain_batch(const struct entry *en, struct hash *root, int64_t *count);

#endif
