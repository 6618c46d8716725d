/* An entry: the canonical payload, its DSSE envelope and its leaf hash. Source: ledger.md, An
 * entry. */
#ifndef AFORO_LEDGER_ENTRY_H
#define AFORO_LEDGER_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "ledger/kinds.h"

#define ENTRY_PAYLOAD_TYPE "application/vnd.aforo.entry+json"
#define ENTRY_PAYLOAD_MAX 48000
#define ENTRY_ENVELOPE_MAX 65535

/* What an entry says. Strings are borrowed. */
struct entry {
    int64_t seq; /* from 1 */
    const char *kind;
    int64_t version;
    const char *actor;  /* "user:1", "office:SJ01" */
    const char *office; /* code of the office that wrote it */
    const char *date;   /* business date "2026-11-21" */
    int64_t time_ms;    /* UTC */
    bool clock_held; /* the clock had stepped back a little: the time is the previous one + 1 ms
                      */
    struct hash prev; /* leaf hash of entry seq-1; zeros for the first */
    const struct json *data;
};

/*
 * Append the canonical payload of an entry.
 *
 * Errors: ERR_LIMIT when it is larger than ENTRY_PAYLOAD_MAX, ERR_PARSE when data is outside
 * the entry profile.
 */
enum err_code entry_encode(const struct entry *en, struct arena *arena, struct buf *payload,
                           struct err *e) MUST_CHECK;

/* Write another hash of the entry before into a payload that entry_encode made. */
void entry_put_prev(struct buf *payload, const struct hash *prev);

/*
 * Read a payload back; it must be canonical and hold exactly the members of an entry.
 *
 * out: strings and data live in arena.
 * Errors: ERR_PARSE naming the member at fault.
 */
enum err_code entry_decode(const char *payload, size_t len, struct arena *arena,
                           struct entry *out, struct err *e) MUST_CHECK;

/*
 * The same in one pass and without a tree, for what looks as entry_encode makes it and fits the
 * schema of its kind. What it takes, entry_decode takes too, with the same members; of what it
 * does not take it says nothing, and entry_decode has to be asked.
 *
 * out:  strings live in arena; its data is NULL.
 * data: the member's text within the payload.
 */
bool entry_scan(const char *payload, size_t len, struct arena *arena, struct entry *out,
                enum kind *kind, const char **data, size_t *data_len);

/* A member that is a hash in hexadecimal digits. False when there is none or it is not. */
bool json_get_hash(const struct json *o, const char *name, struct hash *out);

/* The bytes that are signed: DSSE pre-authentication encoding of the payload. */
void entry_signing_bytes(const char *payload, size_t len, struct buf *out);
/* Append the DSSE envelope made of these parts. Errors: ERR_TAMPERED when sig is longer than
 * any signature, ERR_LIMIT when the envelope is too large, ERR_NOMEM. */
enum err_code entry_envelope(const char *payload, size_t len, const struct hash *keyid,
                             const void *sig, size_t sig_len, struct buf *out,
                             struct err *e) MUST_CHECK;
/* Leaf hash of that envelope, which `scratch` holds afterwards. Errors: as entry_envelope. */
enum err_code entry_leaf(const char *payload, size_t len, const struct hash *keyid,
                         const void *sig, size_t sig_len, struct buf *scratch,
                         struct hash *leaf, struct err *e) MUST_CHECK;

#endif
