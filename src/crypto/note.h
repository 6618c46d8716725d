/* Signed notes: a text that people can read, and lines below it that say who signed it.
 * Source: c2sp.org/signed-note, signature types 0x01 (Ed25519) and 0x02 (ECDSA; P-256 with
 * SHA-256, for TPMs, which have no Ed25519). */
#ifndef AFORO_CRYPTO_NOTE_H
#define AFORO_CRYPTO_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/sign.h"

#define NOTE_SIZE_MAX 262144   /* bytes of a signed note */
#define NOTE_SIGNATURES_MAX 64 /* lines; the standard asks for 16 at least */
#define NOTE_NAME_MAX 255      /* bytes of a key's name */
#define NOTE_VERIFIERS_MAX 64  /* keys looked for at once */
#define NOTE_PUBLIC_SIZE 32

struct note_key;      /* private, with its name */
struct note_verifier; /* public, with its name; parsed once, shared between threads */

/*
 * Make or load (PKCS#8 DER, borrowed) a private key.
 *
 * name: of the key, e.g. "example.com/aforo/SJ01": not empty, UTF-8 without spaces, control
 * characters or '+'. It is part of the key id and not of the PKCS#8 bytes. out:  owned by the
 * caller: note_key_free(). Errors: ERR_RANGE for such a name, ERR_PARSE, ERR_UNSUPPORTED for a
 * key that is not Ed25519, ERR_CRYPTO, ERR_NOMEM.
 */
enum err_code note_key_generate(const char *name, struct note_key **out,
                                struct err *e) MUST_CHECK;
/* Of a key wherever it is kept, Ed25519 (type 0x01) or P-256 (type 0x02); taken over, on
 * failure too. */
enum err_code note_key_take(const char *name, struct sign_key *key, struct note_key **out,
                            struct err *e) MUST_CHECK;
enum err_code note_key_load(const char *name, const void *der, size_t len,
                            struct note_key **out, struct err *e) MUST_CHECK;
void note_key_free(struct note_key *k);
const char *note_key_name(const struct note_key *k);
const struct sign_key *note_key_signer(const struct note_key *k); /* borrowed */
/* Append the verifier key "name+HEX(id)+B64(type || public key)", to be given to whoever checks
 * the notes. */
enum err_code note_key_public(const struct note_key *k, struct buf *out,
                              struct err *e) MUST_CHECK;

/* Parse a verifier key. ERR_PARSE unless its id is the one of its name and key; ERR_UNSUPPORTED
 * for another algorithm. */
enum err_code note_verifier_parse(const char *vkey, struct note_verifier **out,
                                  struct err *e) MUST_CHECK;
/* Of a key's name and its SubjectPublicKeyInfo. ERR_RANGE for the name, ERR_UNSUPPORTED. */
enum err_code note_verifier_make(const char *name, const void *spki, size_t len,
                                 struct note_verifier **out, struct err *e) MUST_CHECK;
enum err_code note_verifier_print(const struct note_verifier *v, struct buf *out,
                                  struct err *e) MUST_CHECK;
void note_verifier_free(struct note_verifier *v);
const char *note_verifier_name(const struct note_verifier *v);

/*
 * Append a signed note.
 *
 * text: ends in a newline; UTF-8 without other control characters (ERR_RANGE).
 */
enum err_code note_sign(const char *text, size_t len, const struct note_key *k, struct buf *out,
                        struct err *e) MUST_CHECK;

/* Add a signature line to a note that has one already; the text is not checked again.
 * ERR_PARSE when there is no text, and what sign_data says; `note` is then as it was. */
enum err_code note_sign_beside(struct buf *note, const struct note_key *k,
                               struct err *e) MUST_CHECK;

/* A note whose signatures have been checked. */
struct note_verified {
    size_t text_len; /* the text is the first bytes of the note, its last newline included */
    uint64_t by;     /* bit i: the i-th verifier given signed it */
    size_t unknown;  /* signature lines of nobody known, ignored as the standard asks */
};
/*
 * Take a signed note apart and check the signatures of the keys given.
 *
 * known:  1 to NOTE_VERIFIERS_MAX verifiers, borrowed.
 * Errors: ERR_PARSE, ERR_LIMIT (size, number of signatures), ERR_TAMPERED when the signature of
 * a known key does not hold, ERR_NOT_FOUND when none is of a known key: then the text is not to
 * be read.
 */
enum err_code note_verify(const char *note, size_t len,
                          const struct note_verifier *const *known, size_t count,
                          struct note_verified *out, struct err *e) MUST_CHECK;

#endif
