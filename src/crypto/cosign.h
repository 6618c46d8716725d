/* Cosignatures: a witness says that it saw a checkpoint at a time, after checking that it
 * follows from what it saw before. A line of the checkpoint's note like other signatures, but
 * over more than the note's text.
 * Source: c2sp.org/tlog-cosignature, cosignature/v1, signature type 0x04 (Ed25519). */
#ifndef AFORO_CRYPTO_COSIGN_H
#define AFORO_CRYPTO_COSIGN_H

#include "crypto/note.h"

struct cosigner; /* a witness's public key with its name */

/*
 * Parse a witness's verifier key, "name+HEX(id)+B64(0x04 || public key)".
 *
 * out:    owned by the caller: cosigner_free().
 * Errors: ERR_PARSE unless its id is the one of its name and key; ERR_UNSUPPORTED for another
 * type; ERR_CRYPTO, ERR_NOMEM.
 */
enum err_code cosigner_parse(const char *vkey, struct cosigner **out, struct err *e) MUST_CHECK;
void cosigner_free(struct cosigner *c);
const char *cosigner_name(const struct cosigner *c);
const struct hash *cosigner_key_id(const struct cosigner *c); /* as verify_key_id() */
/* Append the verifier key of a witness. ERR_RANGE for the name, ERR_UNSUPPORTED unless the key
 * is Ed25519. */
enum err_code cosigner_vkey(const char *name, const struct sign_key *key, struct buf *out,
                            struct err *e) MUST_CHECK;

/*
 * Append a cosignature line for a checkpoint.
 *
 * text: of the note, as it was verified. time_s: POSIX seconds, not negative.
 * Errors: ERR_RANGE, ERR_UNSUPPORTED, ERR_CRYPTO, ERR_NOMEM.
 */
enum err_code cosign(const char *text, size_t text_len, int64_t time_s, const char *name,
                     struct sign_key *key, struct buf *out, struct err *e) MUST_CHECK;

/* Where a cosignature stands in a note, and when it was made. */
struct cosigned {
    const char *line; /* with its newline, borrowed from the note */
    size_t line_len;
    int64_t time_s;
};
/*
 * Find and check the cosignature of a witness in a note.
 *
 * Errors: ERR_NOT_FOUND when the note has none of it, ERR_TAMPERED when one of its lines does
 * not hold, ERR_PARSE, ERR_LIMIT above NOTE_SIGNATURES_MAX lines, ERR_NOMEM.
 */
enum err_code cosign_check(const char *note, size_t len, const struct cosigner *c,
                           struct cosigned *out, struct err *e) MUST_CHECK;

#endif
