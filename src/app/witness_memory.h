/* What a witness remembers of one log: the keys it was told, and the newest checkpoint that it
 * cosigned, with the cosignature, so that the same question gets the same answer.
 *
 *   aforo-witness-log 1
 *   origin example.com/aforo/SJ01
 *   key NAME+ID+KEY          one line a key of the log
 *
 *   the cosigned note        nothing when none was cosigned yet
 */
#ifndef AFORO_APP_WITNESS_MEMORY_H
#define AFORO_APP_WITNESS_MEMORY_H

#include "crypto/checkpoint.h"
#include "crypto/cosign.h"

#define WITNESS_LOG_KEYS_MAX 8
#define WITNESS_VKEY_MAX 511   /* bytes of a verifier key */
#define WITNESS_NOTE_MAX 16384 /* bytes of a cosigned note: the log's signatures and ours */
#define WITNESS_MEMORY_MAX (WITNESS_NOTE_MAX + (WITNESS_LOG_KEYS_MAX + 2) * 1024)

struct witness_memory {
    char origin[CHECKPOINT_ORIGIN_MAX + 1];
    char keys[WITNESS_LOG_KEYS_MAX][WITNESS_VKEY_MAX + 1];
    size_t key_count;
    uint64_t size; /* of the newest checkpoint cosigned; 0: none */
    struct hash root;
    char note[WITNESS_NOTE_MAX + 1];
    size_t note_len, text_len; /* text_len: what of the note is the checkpoint */
};

/* ERR_TAMPERED unless it is the one spelling of such a file; no signature is judged. */
enum err_code witness_memory_parse(const char *text, size_t len, struct witness_memory *out,
                                   struct err *e) MUST_CHECK;
enum err_code witness_memory_print(const struct witness_memory *m, struct buf *out,
                                   struct err *e) MUST_CHECK;
/* Keep a cosigned note; its text is a checkpoint of the log. ERR_PARSE, ERR_LIMIT. */
enum err_code witness_memory_take(struct witness_memory *m, const char *note, size_t len,
                                  struct err *e) MUST_CHECK;
/* Add a key of the log. ERR_PARSE, ERR_UNSUPPORTED, ERR_EXISTS, ERR_LIMIT; ERR_RANGE for a key
 * of another log. */
enum err_code witness_memory_key(struct witness_memory *m, const char *vkey,
                                 struct err *e) MUST_CHECK;
/*
 * Is a note signed by the log, by a key that the witness was told?
 *
 * Errors: ERR_CRYPTO when a signature does not hold, ERR_DENIED when none is of such a key,
 * ERR_PARSE, ERR_LIMIT, ERR_NOMEM.
 */
enum err_code witness_memory_signed(const struct witness_memory *m, const char *note,
                                    size_t len, struct err *e) MUST_CHECK;
/* Nobody but the log and the witness itself can have made what is remembered: ERR_TAMPERED. */
enum err_code witness_memory_check(const struct witness_memory *m, const struct cosigner *self,
                                   struct err *e) MUST_CHECK;

#endif
