/* Appending: an entry is built and signed before the lock; under it the head is read again,
 * entry, items and projections are written, and all is committed at once. Source: ledger.md,
 * Writers. */
#ifndef AFORO_LEDGER_LEDGER_H
#define AFORO_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "ledger/clock.h"
#include "ledger/entry.h"
#include "ledger/items.h"

struct db;

/* The newest entry. seq 0 and a zero leaf in an empty ledger. */
struct ledger_head {
    int64_t seq;
    struct hash leaf;
    int64_t time_ms;
};

/* Copies what an entry (and each of its items) records into tables. Pure: no clock, randomness,
 * locale or policy. */
struct projector {
    enum err_code (*entry)(struct db *db, const struct entry *en, struct arena *arena,
                           struct err *e);
    enum err_code (*item)(struct db *db, const struct entry *en, int64_t index,
                          const char *item, size_t len, struct arena *arena, struct err *e);
    /* The rows of an item whose contents the caller still has at hand (draft.row_of); the same
     * as `item` makes of its text, which verify --deep proves. NULL: there is none. */
    enum err_code (*row)(struct db *db, const struct entry *en, const void *row, struct err *e);
};

/* A value kept off the ledger, whose salted commitment stands in the entry or its items. */
struct kept_value {
    struct hash hash;
    uint8_t salt[SALT_SIZE];
    const void *value;
    size_t len;
    bool content;      /* an attachment's bytes, of row `id` */
    const char *owner; /* personal data: the table, row and column of the commitment; */
    int64_t id;
    const char *field; /* owner NULL: sealed, a key behind a password */
    struct kept_value *next;
};

/* What a command wants to record. Everything is borrowed until ledger_commit returns. */
struct draft {
    const char *kind;
    int64_t version;
    const char *actor;
    const char *date; /* business date */
    struct json *data;
    struct kept_value *values;      /* list, or NULL */
    const struct item_batch *items; /* finished batch, or NULL */
    /* What item `index` says, for projector.row; NULL: it is read from its text. May be NULL.
     */
    const void *(*row_of)(void *ctx, int64_t index);
    void *row_ctx;
    bool clock_forced; /* clock.adjusted only */
};

/* What a process knows from its last act, so that it need not be read again. Zeroed: nothing.
 */
struct ledger_memory {
    struct clock_memory clock;
    struct ledger_head head;
};

struct ledger {
    struct db *db;
    const struct env *env;
    const struct projector *projector;
    const char *office;           /* code of the office; what entries carry */
    const char *clock_path;       /* a file outside the database */
    int gate;                     /* gate_open(); -1: nobody queues */
    struct ledger_memory *memory; /* NULL: nothing is remembered between acts */
};

enum err_code ledger_head(struct db *db, struct ledger_head *out, struct err *e) MUST_CHECK;
/* The same; an entry that is the one of the last act of this process is not read again. */
enum err_code ledger_head_now(const struct ledger *l, struct ledger_head *out,
                              struct err *e) MUST_CHECK;

/* A signed entry that waits for the lock. */
struct prepared {
    struct entry entry;
    struct buf payload, scratch;
    struct signature sig;
    struct hash keyid;
    struct hash leaf;
};
void prepared_init(struct prepared *p);
void prepared_release(struct prepared *p);

/* Build and sign the entry that would follow `head`. Takes no lock. */
enum err_code ledger_prepare(const struct ledger *l, const struct ledger_head *head,
                             const struct draft *d, struct sign_key *key, struct arena *arena,
                             struct prepared *out, struct err *e) MUST_CHECK;

/*
 * Write it. *moved is true, and nothing has changed, when somebody else appended first:
 * validate, prepare and come again. On success the entry is durable.
 * The transaction in which `head` was read (db_begin_read) may still be open: then it is the
 * one that writes, unless somebody wrote since. None is open afterwards.
 */
enum err_code ledger_commit(const struct ledger *l, const struct ledger_head *head,
                            const struct draft *d, const struct prepared *p,
                            struct arena *arena, bool *moved, struct err *e) MUST_CHECK;

/*
 * The same in parts, for a transaction that several entries share: between db_begin, after
 * which the head was read, and db_commit, after which ledger_committed notes what is durable
 * now. An entry can be signed by another thread while the next one is drawn up: only its
 * signature needs to know the one before.
 *
 * draw_up: the payload, held against its schema. Where the leaf of `head` is not known yet, any
 *          will do.
 * follow:  name the entry before in the payload.
 * sign:    keyid, sig and leaf; reads nothing but the payload and the key.
 * store:   its row; those of the entries before it are there.
 * project: all other rows; the entry's own may follow until the commit, but where there are
 *          items.
 */
enum err_code ledger_draw_up(const struct ledger *l, const struct ledger_head *head,
                             const struct draft *d, struct arena *arena, struct prepared *out,
                             struct err *e) MUST_CHECK;
void ledger_follow(struct prepared *p, const struct hash *prev);
enum err_code ledger_sign(struct prepared *p, struct sign_key *key, struct err *e) MUST_CHECK;
enum err_code ledger_store(const struct ledger *l, const struct prepared *p,
                           struct err *e) MUST_CHECK;
enum err_code ledger_project(const struct ledger *l, const struct draft *d,
                             const struct entry *en, struct arena *arena,
                             struct err *e) MUST_CHECK;
void ledger_committed(const struct ledger *l, const struct ledger_head *head,
                      bool clock_forced);

/* Writers that lost the race too often queue at a gate, an advisory lock on a file: each act
 * passes it, so the file stays open. -1 when it cannot be had; gate_close takes that too. */
int gate_open(const char *path);
void gate_close(int gate);
/* Queue behind whoever holds the gate, and hold it while trying: attempt counts from 0. True
 * when it is held now, until gate_leave. */
bool gate_enter(const struct ledger *l, unsigned attempt);
void gate_leave(const struct ledger *l);

/* Make a salted commitment for a value and link it into the draft; hex goes into the entry's
 * data. Strings are borrowed until the commit. */
enum err_code draft_keep_sealed(struct draft *d, const struct env *env, struct arena *arena,
                                const char *value, char hex[65], struct err *e) MUST_CHECK;
/* The bytes of attachment `id`. */
enum err_code draft_keep_content(struct draft *d, const struct env *env, struct arena *arena,
                                 int64_t id, const void *bytes, size_t len, char hex[65],
                                 struct err *e) MUST_CHECK;
/* owner, id, field: table, row and column that will hold the commitment (commitments.def). */
enum err_code draft_keep_personal(struct draft *d, const struct env *env, struct arena *arena,
                                  const char *owner, int64_t id, const char *field,
                                  const char *value, char hex[65], struct err *e) MUST_CHECK;

struct stored_entry {
    int64_t seq;
    const char *payload;
    size_t payload_len;
    struct hash keyid, leaf;
    uint8_t sig[SIGNATURE_MAX];
    size_t sig_len;
};
/* Read one entry's stored parts; the payload lives in arena. Errors: ERR_NOT_FOUND,
 * ERR_TAMPERED when the signature is longer than any, ERR_DB, ERR_NOMEM. */
enum err_code ledger_get(struct db *db, int64_t seq, struct arena *arena,
                         struct stored_entry *out, struct err *e) MUST_CHECK;
/* Append the DSSE envelope of its parts. Errors: as entry_envelope. */
enum err_code stored_envelope(const struct stored_entry *s, struct buf *out,
                              struct err *e) MUST_CHECK;

#endif
