/* Who may sign what and where, replayed from the entries themselves and never from the key
 * table: an entry is judged by the keys that earlier entries made valid. Source: ledger.md,
 * Keys. */
#ifndef AFORO_LEDGER_KEYRING_H
#define AFORO_LEDGER_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/sign.h"
#include "ledger/entry.h"
#include "ledger/kinds.h"

#define KEY_OWNER_MAX 47 /* "user:9223372036854775807", "office:SJ01" */
#define KEYRING_MAX 1000000

/* What a key is for; a key has one purpose only. */
enum key_purpose {
    KEY_ENTRY,    /* envelopes of entries: P-256 */
    KEY_LOG,      /* checkpoints: Ed25519, and P-256 beside it where a TPM has the key */
    KEY_DOCUMENT, /* printed bills: Ed25519 */
    KEY_RECOVERY, /* a new key for a user who forgot his password: Ed25519, kept on paper */
    KEY_PURPOSES
};
/* "entry", "log", "document", "recovery". KEY_PURPOSES for any other name. */
const char *key_purpose_name(enum key_purpose p);
enum key_purpose key_purpose_find(const char *name);
bool key_purpose_takes(enum key_purpose p, enum key_algorithm a);

/* First position of a key that entry `seq` names: an entry's key signs from the next entry on;
 * the others from this one, which is in the tree that they sign. */
int64_t key_first(enum key_purpose p, int64_t seq);
/* What the recovery key signs: "aforo-recovery-v1", office, user and hex id of the new key, a
 * line each. */
void recovery_statement(const char *office, int64_t user, const struct hash *keyid,
                        struct buf *out);

/* One key and the positions at which it may sign: an entry's is its seq, a checkpoint's its
 * size, a document's the seq of the newest entry when it was printed. */
struct key_span {
    struct hash id;
    enum key_purpose purpose;
    enum key_algorithm algorithm;
    char owner[KEY_OWNER_MAX + 1];
    int64_t from, to;       /* first and last position; to is INT64_MAX while it is valid */
    struct verify_key *key; /* parsed once; shared between threads */
    uint8_t *spki;
    size_t spki_len;
};

struct keyring {
    struct key_span *spans; /* in the order they came */
    size_t count, size;
    uint32_t *slots; /* open addressing by key id: index into spans + 1, 0 is free */
    size_t slot_count;
};

void keyring_init(struct keyring *r);
void keyring_release(struct keyring *r);
/*
 * Take a public key.
 *
 * spki: SubjectPublicKeyInfo, copied.
 * Errors: ERR_TAMPERED when it is no key of the kind its purpose needs, id is not its hash, or
 * the key is there already; ERR_LIMIT above KEYRING_MAX; ERR_NOMEM.
 */
enum err_code keyring_add(struct keyring *r, const struct hash *id, const char *owner,
                          enum key_purpose purpose, const void *spki, size_t len, int64_t from,
                          int64_t to, struct err *e) MUST_CHECK;
/* NULL when no entry named that key. Borrowed until the next keyring_add. */
const struct key_span *keyring_find(const struct keyring *r, const struct hash *id);
/* The log's key for a checkpoint of that size: the Ed25519 one, which signs first; what a TPM's
 * P-256 key signs beside it is in no proof. NULL when none was valid there. */
const struct key_span *keyring_log_key(const struct keyring *r, uint64_t size);
/* Does it look at the data of entries of this kind? */
bool keyring_reads(enum kind kind);
/* Replay what an entry of this kind does to keys; most do nothing. ERR_TAMPERED, as above. */
enum err_code keyring_apply(struct keyring *r, const struct entry *en, enum kind kind,
                            struct err *e) MUST_CHECK;

#endif
