/* A segment's file judged by nothing but itself: entries signed by keys that its entries name,
 * each in the tree of its checkpoint, which the log's key signed; windows whole, one behind the
 * other, and every item the one that its batch recorded. Source: docs/segments.md. */
#ifndef AFORO_LEDGER_SEGMENT_CHECK_H
#define AFORO_LEDGER_SEGMENT_CHECK_H

#include "base/progress.h"
#include "crypto/checkpoint.h"
#include "ledger/items.h"
#include "ledger/keyring.h"
#include "ledger/segment.h"

/* What a segment holds. */
struct segment_seen {
    char office[SEGMENT_OFFICE_MAX + 1];
    int64_t number;
    int64_t first, last; /* windows */
    int64_t windows, batches, items, entries;
    struct hash root; /* over the batches' roots: segment_counts.root */
    struct checkpoint checkpoint;
    struct hash log_key; /* id of the key that signed it */
    bool pinned;         /* and it is the one that the caller knows */
};

/* Called as the file is read; any may be NULL. */
struct segment_watch {
    void *ctx;
    /* A verified entry. Borrowed for the call. */
    enum err_code (*entry)(void *ctx, const struct entry *en, enum kind kind, struct err *e);
    /* A bundle of the batch entry seq: its items' leaf hashes, and its bytes. */
    enum err_code (*bundle)(void *ctx, int64_t seq, int64_t number, const struct hash *leaves,
                            int64_t count, const void *data, size_t len, struct err *e);
    /* An item of the batch entry seq, before its bundle. */
    enum err_code (*item)(void *ctx, int64_t seq, int64_t index, const char *item, size_t len,
                          struct err *e);
    const struct progress *progress; /* may stop it: ERR_CANCELLED; NULL: none */
    const char *log_key; /* verifier key of the log, known from elsewhere; NULL: the file's own
                            entries say whose it is */
};

/*
 * Check a segment from its first byte to its last.
 *
 * in:     borrowed; can be positioned.
 * Errors: ERR_PARSE, ERR_TAMPERED naming what does not hold, ERR_UNSUPPORTED for another
 * version, ERR_IO, ERR_NOMEM, ERR_CANCELLED; whatever a call of `watch` returns.
 */
enum err_code segment_check(FILE *in, const struct segment_watch *watch,
                            struct segment_seen *out, struct err *e) MUST_CHECK;

/* May an entry of this kind stand in a segment beside windows: does it name or end a key of a
 * signer or of a device? */
bool segment_takes(enum kind kind);

#endif
