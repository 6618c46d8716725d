/* The office's money as a journal in double entry, for bookkeeping programs: ledger-cli's text,
 * or CSV with a row a leg. */
#ifndef AFORO_REPORTS_JOURNAL_H
#define AFORO_REPORTS_JOURNAL_H

#include "app/office.h"
#include "base/progress.h"

struct journal_options {
    const char *from, *to; /* business dates, both in; NULL: no bound */
    bool csv;              /* else ledger-cli */
    const struct progress *progress;
};

struct journal_written {
    uint64_t transactions, legs;
};

/*
 * Write every posting of the accounts, and the deposits taken and given back, as transactions
 * that add up to nothing.
 *
 * path:   a file, or "-".
 * Errors: ERR_STATE names the transaction that is not balanced (the office is damaged: verify
 *         --deep); ERR_IO; ERR_CANCELLED.
 */
enum err_code journal_write(struct office *o, const struct journal_options *options,
                            const char *path, struct journal_written *out,
                            struct err *e) MUST_CHECK;

#endif
