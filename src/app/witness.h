/* A witness: cosigns checkpoints of logs (offices) that follow from what it cosigned before,
 * and keeps what shows a fork. It needs no office; a folder holds all of it:
 *
 *   witness.vkey         its verifier key, for the offices
 *   witness.key          its Ed25519 key, sealed under the secret
 *   witness.secret       64 hexadecimal digits, or sealed under a password;
 * AFORO_WITNESS_SECRET may name it elsewhere logs/HEX             what it remembers of each log
 * (witness_memory.h); HEX: SHA-256 of the origin evidence/HEX-SIZE-... the two notes of a fork,
 * never written over lock                 writers take turns
 *
 * Source: c2sp.org/tlog-witness, c2sp.org/tlog-cosignature. */
#ifndef AFORO_APP_WITNESS_H
#define AFORO_APP_WITNESS_H

#include "app/witness_memory.h"
#include "base/env.h"

struct witness {
    char *dir;
    char *secret_path;
    char vkey[WITNESS_VKEY_MAX + 1];
    struct cosigner *self;
    const struct env *env;
    bool by_password; /* the key opens with a password */
    int lock;
};

/*
 * Make a witness.
 *
 * name:     of its key, e.g. "witness.example.com": no spaces, no '+'.
 * password: seals the key; NULL: a secret in a file of its own does.
 * vkey:     gets the verifier key.
 * Errors: ERR_EXISTS when there is one in that folder, ERR_RANGE for the name, ERR_IO,
 * ERR_CRYPTO.
 */
enum err_code witness_create(const char *dir, const char *name, const char *password,
                             const struct env *env, struct buf *vkey, struct err *e) MUST_CHECK;
/* Open one, waiting for whoever has it open. env: borrowed. ERR_NOT_FOUND, ERR_TAMPERED,
 * ERR_IO. */
enum err_code witness_open(const char *dir, const struct env *env, struct witness **out,
                           struct err *e) MUST_CHECK;
void witness_free(struct witness *w);
/* Its private key; owned by the caller. ERR_DENIED for a wrong password, ERR_USAGE for none. */
enum err_code witness_key_open(const struct witness *w, const char *password,
                               struct sign_key **out, struct err *e) MUST_CHECK;

/* Learn a key of a log. Errors: those of witness_memory_key(), ERR_IO. */
enum err_code witness_log_add(struct witness *w, const char *vkey, struct err *e) MUST_CHECK;

struct witness_outcome {
    char origin[CHECKPOINT_ORIGIN_MAX + 1];
    uint64_t size;
    bool repeated; /* cosigned before: the same answer */
};
/*
 * Cosign a checkpoint.
 *
 * path:   a request (witness_request.h; "-": standard input), or a folder of exported tiles.
 * answer: gets the note with the cosignature, after that was made durable in the witness's
 * memory and not before. Errors: ERR_TAMPERED for a fork, which is kept as evidence (and for a
 * memory that was edited); ERR_NOT_FOUND for a log that the witness was told no key of; those
 * of witness_judge(), witness_memory_signed(), witness_key_open().
 */
enum err_code witness_cosign(struct witness *w, const char *password, const char *path,
                             struct buf *answer, struct witness_outcome *out,
                             struct err *e) MUST_CHECK;

/* Call `each` for every log, ordered by nothing; m is borrowed. time_s: when it cosigned, 0
 * never. */
enum err_code witness_each(struct witness *w,
                           enum err_code (*each)(void *ctx, const struct witness_memory *m,
                                                 int64_t time_s, struct err *e),
                           void *ctx, struct err *e) MUST_CHECK;
/* Forks kept as evidence. */
enum err_code witness_forks(const struct witness *w, unsigned *count, struct err *e) MUST_CHECK;

/* "DIR/name"; owned by the caller, NULL without memory. */
char *witness_path(const char *dir, const char *name);

#endif
