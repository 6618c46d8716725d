/* The list of erasures, kept outside the database (state/erasures), so that a restored backup
 * applies them again. Text, a line each: "57 customer 7 name HASH": entry, owner, id, field and
 * the commitment whose value was erased; first a line "aforo erasures 1". It names no value. */
#ifndef AFORO_APP_ERASURES_H
#define AFORO_APP_ERASURES_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/hash.h"
#include "store/db.h"

#define ERASURE_NAME_MAX 40

struct erasure {
    int64_t seq; /* entry of the ledger that erased it */
    int64_t id;
    char owner[ERASURE_NAME_MAX + 1];
    char field[ERASURE_NAME_MAX + 1];
    struct hash hash;
};

struct erasures {
    struct erasure *all;
    size_t count, size;
};
void erasures_release(struct erasures *l);

/*
 * Add what a list says, without what is known already.
 *
 * what: name of the file for errors. Errors: ERR_PARSE naming the line, ERR_LIMIT, ERR_NOMEM;
 * the list may then hold some of it.
 */
enum err_code erasures_parse(struct erasures *l, const char *text, size_t len, const char *what,
                             struct err *e) MUST_CHECK;
/* The same from a file; a missing one is an empty list. */
enum err_code erasures_read(struct erasures *l, const char *path, struct err *e) MUST_CHECK;
/* Add what the database's entries erased. */
enum err_code erasures_of_db(struct erasures *l, struct db *db, struct err *e) MUST_CHECK;
/* Write the list beside its place, sync it, and put it there whole. */
enum err_code erasures_write(const struct erasures *l, const char *path,
                             struct err *e) MUST_CHECK;

#endif
