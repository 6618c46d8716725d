/* Public keys on record: whose, what for, and from which position to which. What verifiers
 * need; nothing here is secret. */
#ifndef AFORO_APP_QUERY_KEY_H
#define AFORO_APP_QUERY_KEY_H

#include "app/office.h"
#include "base/arena.h"
#include "ledger/keyring.h"

struct key_row {
    struct hash id;
    const char *owner; /* "office:SJ01", "user:3" */
    enum key_purpose purpose;
    enum key_algorithm algorithm;
    uint8_t spki[SPKI_SIZE_MAX]; /* SubjectPublicKeyInfo DER */
    size_t spki_len;
    int64_t from, to; /* positions, both included; to is INT64_MAX while valid. See keyring.h */
};

struct key_filter {
    const char *owner;        /* NULL: anybody's */
    enum key_purpose purpose; /* KEY_PURPOSES: any */
    int64_t at;               /* only keys valid at this position; 0: all that ever were */
};

/*
 * Keys by the position from which they are valid.
 *
 * rows: in `arena`, with their owners.
 * Errors: ERR_TAMPERED for a row that no entry could have made, ERR_NOMEM, database errors.
 */
enum err_code key_rows(struct db *db, const struct key_filter *f, struct arena *arena,
                       struct key_row **rows, size_t *count, struct err *e) MUST_CHECK;

/* The one key whose id begins with these hex digits, 8 at least. ERR_USAGE, ERR_NOT_FOUND,
 * ERR_CONFLICT when several do. */
enum err_code key_named(struct db *db, const char *digits, struct arena *arena,
                        struct key_row *out, struct err *e) MUST_CHECK;

/*
 * Who may have signed the office's checkpoint of `size` entries.
 *
 * out:  parsed, each owned by the caller: note_verifier_free().
 * Errors: ERR_NOT_FOUND when no log key was valid there, and those of key_rows.
 */
#define LOG_VERIFIERS_MAX 8
enum err_code log_verifiers(const struct office *o, int64_t size,
                            struct note_verifier *out[LOG_VERIFIERS_MAX], size_t *count,
                            struct err *e) MUST_CHECK;

#endif
