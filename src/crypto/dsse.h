/* DSSE envelopes: a payload, its type and one ECDSA signature over both, in the one spelling
 * the ledger keeps. Source: secure-systems-lab/dsse, protocol.md and envelope.md, version 1. */
#ifndef AFORO_CRYPTO_DSSE_H
#define AFORO_CRYPTO_DSSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/hash.h"
#include "crypto/sign.h"

#define DSSE_ENVELOPE_MAX 65535 /* bytes: the largest entry of a C2SP tile bundle */
#define DSSE_TYPE_MAX 127       /* bytes of a payload type */

/* What stands in an envelope beside its payload. */
struct dsse {
    char type[DSSE_TYPE_MAX + 1];
    struct hash keyid; /* as told by the envelope: a hint which key to take, not proof of it */
    struct signature sig;
};

/* Append the pre-authentication encoding, "DSSEv1 LEN(type) type LEN(body) body": the bytes
 * that are signed. */
void dsse_pae(const char *type, const void *body, size_t len, struct buf *out);
enum err_code dsse_sign(struct sign_key *k, const char *type, const void *body, size_t len,
                        struct signature *out, struct err *e) MUST_CHECK;
/*
 * ERR_OK when the signature of d holds for its type and this body under k. Whether k is the key
 * of d->keyid, and may sign this, is the caller's question. Errors: ERR_TAMPERED, ERR_NOMEM.
 */
enum err_code dsse_verify(const struct verify_key *k, const struct dsse *d, const void *body,
                          size_t len, struct err *e) MUST_CHECK;

/*
 * Append the envelope
 * {"payload":B64,"payloadType":"...","signatures":[{"keyid":HEX,"sig":B64}]}, this order, no
 * white space. Nothing is signed or verified here: stored parts give the bytes they came from.
 *
 * Errors: ERR_RANGE for a type that is empty, too long or not printable ASCII without '"' and
 * '\', ERR_LIMIT for an envelope above DSSE_ENVELOPE_MAX.
 */
enum err_code dsse_write(const struct dsse *d, const void *body, size_t len, struct buf *out,
                         struct err *e) MUST_CHECK;
/*
 * Take an envelope apart; it has to be exactly as dsse_write makes it, with one signature. The
 * signature is not judged.
 *
 * body: the payload is appended; on failure a part of it may be.
 * Errors: ERR_PARSE naming the byte, ERR_LIMIT above DSSE_ENVELOPE_MAX or the limit of `body`,
 * ERR_NOMEM.
 */
enum err_code dsse_parse(const char *text, size_t len, struct dsse *out, struct buf *body,
                         struct err *e) MUST_CHECK;

#endif
