/* Files encrypted in the age format, version 1, so that a backup can be opened without us: by a
 * passphrase (scrypt) or to a public key (X25519). Streams: memory does not grow with the file.
 * Source: https://age-encryption.org/v1 (C2SP). */
#ifndef AFORO_CRYPTO_AGE_H
#define AFORO_CRYPTO_AGE_H

#include <stdint.h>
#include <stdio.h>

#include "base/env.h"
#include "base/err.h"

#define AGE_CHUNK ((size_t)64 << 10)

/* Who can open a file: one of the two is set. */
struct age_key {
    const char *passphrase;
    const char
        *text; /* writing: recipient "age1..."; reading: identity "AGE-SECRET-KEY-1..." */
};

struct age;

/*
 * Begin to encrypt to `file`, which the caller closes after age_finish().
 *
 * Errors: ERR_PARSE for a recipient that is none, ERR_IO, ERR_CRYPTO, ERR_NOMEM.
 */
enum err_code age_write_open(FILE *file, const struct age_key *key, const struct env *env,
                             struct age **out, struct err *e) MUST_CHECK;
enum err_code age_write(struct age *a, const void *data, size_t len, struct err *e) MUST_CHECK;
/* The last chunk says that it is the last: without it a file is seen to be cut. */
enum err_code age_finish(struct age *a, struct err *e) MUST_CHECK;

/*
 * Begin to decrypt. Errors: ERR_PARSE when it is no such file or its header is malformed,
 * ERR_DENIED when the key does not open it, ERR_LIMIT for a forged cost of the passphrase.
 */
enum err_code age_read_open(FILE *file, const struct age_key *key, struct age **out,
                            struct err *e) MUST_CHECK;
/* Exactly len bytes, or fewer at the end. Errors: ERR_TAMPERED for a changed or cut file. */
enum err_code age_read(struct age *a, void *data, size_t len, size_t *got,
                       struct err *e) MUST_CHECK;
void age_free(struct age *a);

#endif
