/* What tells a bank's movement from every other, and finds it again in another file of another
 * format, which may say less of it. */
#ifndef AFORO_APP_BANK_KEY_H
#define AFORO_APP_BANK_KEY_H

#include "app/command.h"
#include "crypto/hash.h"
#include "domain/bank.h"

#define BANK_KEY_SIZE                                                                          \
    33 /* 32 digits of hex: half the movement, half all that is said of it                     \
        */

#define BANK_BATCH_SIZE 17

struct bank_key {
    const struct bank_statement *statement; /* these two by the caller */
    const struct bank_txn *txn;
    int64_t batch_total;         /* of the entry that it is a part of; 0: it is an entry */
    char batch[BANK_BATCH_SIZE]; /* and what tells that entry: half a key, or where the bank
                                    gave it no reference 'u' and less of it; "": none */
    struct hash movement;        /* account, amount, day and the bank's reference */
    struct hash all;             /* and what else tells it apart */
    bool named;                  /* the bank gave it a reference */
    bool plain;                  /* of a named one: nothing else is said */
    bool once;                   /* of a CSV file: its identifier again is the same payment */
    uint32_t nth;                /* of the file's equal movements, from 0 */
    char text[BANK_KEY_SIZE];
};

/* Fill in the keys of all movements of a file. mapping: of a CSV file, where the identifier is
 * all, and the same one twice is the same payment (without one: all that the row says); NULL
 * for a bank's file. */
enum err_code bank_keys_make(struct bank_key *keys, size_t count, const char *mapping,
                             struct err *e) MUST_CHECK;

/* Was it recorded from another file, or this one before? One that has only the bank's reference
 * is the same as one that has also the payer's, as far as there are as many of them. */
enum err_code bank_key_seen(struct command_ctx *c, const struct bank_key *k, bool *seen,
                            struct err *e) MUST_CHECK;

/* Another file may tell one movement as a sum that this one tells in parts, or the reverse. */
enum bank_batch {
    BATCH_NONE,
    BATCH_IN_PARTS, /* all parts of this sum are recorded */
    BATCH_IN_SUM,   /* the sum that this is a part of is recorded */
    BATCH_PERHAPS,  /* one of these, by amount and day alone: a person has to say */
};
/*
 * What is recorded of the movement that this is the sum or a part of.
 *
 * file: its number, 0 for none yet: what it says itself does not count.
 */
enum err_code bank_key_batch(struct command_ctx *c, const struct bank_key *k, int64_t file,
                             enum bank_batch *out, struct err *e) MUST_CHECK;

#endif
