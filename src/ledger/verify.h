/* The ledger checked from an entry on: chain, tree, leaf hashes, signatures and items, on all
 * cores, reading in slices. Source: ledger.md, Verification levels. */
#ifndef AFORO_LEDGER_VERIFY_H
#define AFORO_LEDGER_VERIFY_H

#include "base/progress.h"
#include "ledger/audit.h"
#include "ledger/chain.h"

struct verify_job {
    const char *db_path;
    unsigned threads;                /* 0: one a core */
    const struct progress *progress; /* may stop it: ERR_CANCELLED */
    bool hashes_only;                /* signatures are not checked: the caller says so */
    /* What an earlier check found, or size 0: the ledger must still reach it, and have that
     * root there. */
    uint64_t mark_size;
    struct hash mark_root;
};

/*
 * Check all entries behind c->tree.size, and their items, up to the newest one at the start.
 *
 * c:      chain_init() to begin with the first entry, or what a verified file held; moved on.
 * a:      filled: what was checked and the first entry at fault.
 * Errors: ERR_TAMPERED when something does not hold (audit_status gives the sentence),
 * ERR_STATE in a ledger without entries, ERR_CANCELLED, ERR_DB, ERR_IO, ERR_NOMEM.
 */
enum err_code verify_ledger(const struct verify_job *job, struct chain *c, struct audit *a,
                            struct err *e) MUST_CHECK;

#endif
