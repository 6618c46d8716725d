/* The items behind one entry, against what it recorded: a job of verify.c. */
#ifndef AFORO_LEDGER_VERIFY_ITEMS_H
#define AFORO_LEDGER_VERIFY_ITEMS_H

#include <stdbool.h>

#include "crypto/hash.h"
#include "ledger/audit.h"
#include "ledger/kinds.h"

struct db;

/* A batch whose items wait to be checked. */
struct batch {
    int64_t seq, count;
    int64_t run; /* 0: none */
    enum kind kind;
    struct hash root;
    bool missing; /* set when items of it were not in the database */
};

/*
 * Check a batch's items.
 *
 * db: opened at the first batch.
 * Errors: ERR_TAMPERED after adding a fault; those of reading.
 */
enum err_code batch_check(struct db **db, const char *db_path, struct batch *b, struct audit *a,
                          struct err *e) MUST_CHECK;

#endif
