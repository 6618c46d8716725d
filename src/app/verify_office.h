/* An office checked at one of three levels. Source: ledger.md, Verification levels. */
#ifndef AFORO_APP_VERIFY_OFFICE_H
#define AFORO_APP_VERIFY_OFFICE_H

#include "base/env.h"
#include "base/progress.h"
#include "ledger/audit.h"

enum verify_level {
    VERIFY_NEW,    /* entries since the last check */
    VERIFY_HASHES, /* all entries and items but their signatures; is not remembered */
    VERIFY_FULL,   /* all entries and items */
    VERIFY_DEEP,   /* all, and every table against a rebuild by a second process */
};

struct verify_request {
    const char *dir; /* of the office */
    enum verify_level level;
    const char *against;  /* file of a checkpoint that the ledger must reach; NULL: none */
    const char *segments; /* folder of segments' files, for a deep check; NULL: DIR/segments */
    unsigned threads;     /* 0: one a core */
    const struct env *env;
    const struct progress *progress;
    /* Program that rebuilds: "PROGRAM rebuild EXPORT DIR --json". NULL: this one. */
    const char *program;
};

/*
 * Check an office. Nothing in it is changed but DIR/state/verified, which remembers a check
 * that held.
 *
 * a: what was checked and every fault found; not filled for errors other than ERR_TAMPERED.
 * Errors: ERR_TAMPERED with the first fault, ERR_NOT_FOUND, ERR_STATE and ERR_UNSUPPORTED for
 * a schema of another version, ERR_CANCELLED, ERR_IO, ERR_DB, ERR_NOMEM.
 */
enum err_code verify_office(const struct verify_request *q, struct audit *a,
                            struct err *e) MUST_CHECK;

#endif
