/* Checkpoints: what a log was at one size, as the text of a signed note.
 * Source: c2sp.org/tlog-checkpoint. */
#ifndef AFORO_CRYPTO_CHECKPOINT_H
#define AFORO_CRYPTO_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/hash.h"
#include "crypto/note.h"

#define CHECKPOINT_ORIGIN_MAX NOTE_NAME_MAX

struct checkpoint {
    char origin[CHECKPOINT_ORIGIN_MAX + 1]; /* the log's name */
    uint64_t size; /* leaves; at most 2^63-1, which a database can hold */
    struct hash root;
    const char *extension; /* lines after the root, each ended; borrowed, not ended by NUL; NULL
                              when none */
    size_t extension_len;
};

/*
 * Append the text. ERR_RANGE for an origin that is empty or has control characters, for a size
 * beyond 2^63-1, or for extension lines that are empty or not ended.
 */
enum err_code checkpoint_write(const struct checkpoint *c, struct buf *out,
                               struct err *e) MUST_CHECK;
/* Parse a text; out->extension points into it. Nothing says that the text is true: see
 * checkpoint_open. ERR_PARSE, ERR_RANGE for a size beyond 2^63-1. */
enum err_code checkpoint_parse(const char *text, size_t len, struct checkpoint *out,
                               struct err *e) MUST_CHECK;

/* Append the signed note. The origin is the key's name, whatever stands in c->origin must say
 * the same (ERR_RANGE). */
enum err_code checkpoint_sign(const struct checkpoint *c, const struct note_key *k,
                              struct buf *out, struct err *e) MUST_CHECK;
/*
 * Verify the note with the log's key, and parse it; the origin has to be the key's name
 * (ERR_TAMPERED). Errors: those of note_verify and checkpoint_parse.
 */
enum err_code checkpoint_open(const char *note, size_t len, const struct note_verifier *log,
                              struct checkpoint *out, struct err *e) MUST_CHECK;

#endif
