/* A proof file: entries of one office, the items behind them, and the way from each of them to
 * a signed checkpoint, in one canonical JSON text whose strings are the exact bytes. Read,
 * written and verified here without any office; what a bill or a reading in it means is the
 * caller's question. Source: docs/proofs.md. */
#ifndef AFORO_LEDGER_PROOF_H
#define AFORO_LEDGER_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypto/checkpoint.h"
#include "crypto/cosign.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "ledger/entry.h"
#include "ledger/keyring.h"
#include "ledger/kinds.h"

#define PROOF_SIZE_MAX ((size_t)4 << 20)  /* without files in it */
#define PROOF_FILE_MAX ((size_t)16 << 20) /* with */
#define PROOF_ENTRIES_MAX 1024
#define PROOF_ITEMS_MAX 4096 /* behind one entry */
#define PROOF_KEYS_MAX 16    /* cosigners */
#define PROOF_MISSING_MAX 1024
#define PROOF_EVIDENCE_MAX 64        /* files in it */
#define PROOF_ORIGIN "aforo.office/" /* and the office's code: origin of its checkpoints */

/* A row behind a batch entry, and its path to the root that the entry records. */
struct proof_item {
    int64_t index; /* in the batch, from 0 */
    const char *text;
    size_t len;
    struct hash *path;
    size_t path_len;
    const struct json *json; /* by proof_verify */
    bool used;               /* for whoever asks what the item says */
};

struct proof_entry {
    const char *envelope; /* DSSE, byte for byte */
    size_t envelope_len;
    const char *inclusion; /* head of its tlog-proof; NULL: in no checkpoint yet */
    struct proof_item *items;
    size_t item_count;
    /* by proof_verify: */
    struct entry said;
    enum kind kind;
    struct hash leaf;
    struct hash keyid;         /* who signed: in the keys that were verified */
    size_t keys_from, keys_to; /* which of those keys this entry names */
    bool used;
    bool keyed; /* for whoever follows the keys */
};

/* A file in the proof: SHA-256(salt || bytes) stands in the entry that attached it. */
struct proof_evidence {
    int64_t attachment;
    const char *bytes;
    size_t len;
    uint8_t salt[SALT_SIZE];
    bool used;
};

/* Strings are borrowed, NUL-terminated, without other NULs but in items and envelopes. */
struct proof {
    const char *office; /* code */
    const char *target; /* "bill", "reading" ... */
    int64_t number;
    const char *checkpoint;      /* signed note; NULL: none covers all entries yet */
    struct proof_entry *entries; /* by seq */
    size_t entry_count;
    const char **keys; /* verifier keys of those who cosigned; sorted */
    size_t key_count;
    const char **missing; /* steps that are not there; see docs/proofs.md */
    size_t missing_count;
    struct proof_evidence *evidence; /* by number of the attachment */
    size_t evidence_count;
};

/* Append the file's bytes. ERR_LIMIT above PROOF_SIZE_MAX, with evidence PROOF_FILE_MAX. */
enum err_code proof_write(const struct proof *p, struct buf *out, struct err *e) MUST_CHECK;

/* What an arena for proof_read and proof_verify of a file of that size may take: no file makes
 * us allocate more. */
size_t proof_memory(size_t file_bytes);

/*
 * Read a file. Nothing is verified but its form: exactly as proof_write makes it.
 *
 * out:    lives in arena; the text may go.
 * Errors: ERR_PARSE naming what is wrong, ERR_LIMIT for a file that is too large or would take
 * too much memory, ERR_UNSUPPORTED for another version, ERR_NOMEM.
 */
enum err_code proof_read(const char *text, size_t len, struct arena *arena, struct proof *out,
                         struct err *e) MUST_CHECK;

/* What holds of a proof. */
struct proof_verified {
    struct keyring keys; /* named by the entries of the file */
    size_t signatures;   /* of entries, all */
    size_t items;        /* shown to lie in their batches */
    bool has_checkpoint; /* the rest is of it */
    struct checkpoint checkpoint;
    const struct key_span *log; /* whose signature it has */
    const char *cosigners[PROOF_KEYS_MAX];
    size_t cosigner_count;
    bool pinned; /* keys were given from outside, and each has signed it */
};
void proof_verified_init(struct proof_verified *v);
void proof_verified_release(struct proof_verified *v);

/*
 * Verify every step that is there: items lie in their batches, entries are of one office and
 * signed by keys that entries of the file name, entries lie in the tree of the checkpoint, and
 * that is signed by the office's log key and by all who are named as cosigners.
 *
 * pinned: verifier keys known from elsewhere, of the log or of witnesses, each of which has to
 * have signed the checkpoint; may be none. Then nothing says who made the file but the file
 * itself.
 * Errors: ERR_TAMPERED naming what does not hold; ERR_STATE when keys are pinned and there is
 * no checkpoint; ERR_NOMEM.
 */
enum err_code proof_verify(struct proof *p, struct arena *arena, const char *const *pinned,
                           size_t pinned_count, struct proof_verified *out,
                           struct err *e) MUST_CHECK;

/* The entry with that number; NULL when it is not in the file. */
struct proof_entry *proof_entry_at(struct proof *p, int64_t seq);

#endif
