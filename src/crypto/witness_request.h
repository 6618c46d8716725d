/* What a log asks a witness with: the checkpoint to cosign, and the proof that it follows from
 * the one that the witness saw before.
 *
 *   old 1234
 *   base64 of a hash, up to 63 such lines
 *
 *   the checkpoint's signed note
 *
 * Source: c2sp.org/tlog-witness, the body of an add-checkpoint request. */
#ifndef AFORO_CRYPTO_WITNESS_REQUEST_H
#define AFORO_CRYPTO_WITNESS_REQUEST_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/merkle.h"
#include "crypto/note.h"

#define WITNESS_PATH_MAX 63 /* lines of a proof */
/* "old N", the proof, an empty line, the note. */
#define WITNESS_REQUEST_MAX (NOTE_SIZE_MAX + (WITNESS_PATH_MAX + 1) * 64)

struct witness_request {
    uint64_t old_size; /* 0: no checkpoint was seen before, and no proof is given */
    struct hash path[MERKLE_PATH_MAX];
    size_t path_len;
    const char *note; /* borrowed from what was parsed */
    size_t note_len;
};

/* Append the text. ERR_LIMIT, ERR_NOMEM. */
enum err_code witness_request_write(const struct witness_request *r, struct buf *out,
                                    struct err *e) MUST_CHECK;
/*
 * Take a text apart; the note is not looked into.
 *
 * Errors: ERR_PARSE, naming the line, unless it is the one spelling of such a text; a proof
 * from size 0 is none; ERR_NOMEM.
 */
enum err_code witness_request_parse(const char *text, size_t len, struct witness_request *out,
                                    struct err *e) MUST_CHECK;

#endif
