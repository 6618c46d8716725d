/* The head of a transparency log proof: which leaf, and its inclusion path. The checkpoint's
 * signed note follows it as it is. Source: c2sp.org/tlog-proof. */
#ifndef AFORO_CRYPTO_TLOG_PROOF_H
#define AFORO_CRYPTO_TLOG_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/merkle.h"

/* First line, "index N", a line a node, the empty line. */
#define TLOG_PROOF_HEAD_MAX (23 + 27 + MERKLE_PATH_MAX * 45 + 1)

struct tlog_proof {
    uint64_t index; /* of the leaf, from 0 */
    struct hash path[MERKLE_PATH_MAX];
    size_t path_len;
};

/* Append the head, its empty line included: the checkpoint appended to it makes the proof. */
void tlog_proof_write(const struct tlog_proof *p, struct buf *out);
/*
 * Parse a head; it has to be exactly as tlog_proof_write makes it, without the line "extra",
 * which nothing vouches for.
 *
 * Errors: ERR_PARSE naming the line.
 */
enum err_code tlog_proof_parse(const char *text, size_t len, struct tlog_proof *out,
                               struct err *e) MUST_CHECK;

#endif
