/* Bills as documents: from what is recorded to what is printed. */
#ifndef AFORO_REPORTS_REP_BILL_H
#define AFORO_REPORTS_REP_BILL_H

#include <stdbool.h>

#include "app/office.h"
#include "app/query_bill.h"
#include "base/progress.h"
#include "reports/bill_doc.h"

/* The page of a bill, in arena, in the language of the messages. */
enum err_code bill_doc_of(struct office *o, const struct bill_view *v, struct arena *arena,
                          struct bill_doc *out, struct err *e) MUST_CHECK;

/* Put on it what the office's setting had when the bill was recorded: tax identifiers,
 * reference and barcode to pay by. b may be NULL; after the office's lines are there. */
struct biller;
enum err_code bill_doc_biller(struct office *o, const struct bill_view *v,
                              const struct biller *b, struct arena *arena, struct bill_doc *out,
                              struct err *e) MUST_CHECK;

/* Which bills: one number, a run, or a period; zero and NULL where not given. */
struct bill_selection {
    int64_t bill, run;
    const char *from, *to;
    const char *account;
    bool per_account; /* in a folder: a file for each account's bills, instead of each bill */
};

/* What became of it. */
struct bills_written {
    int64_t bills, files;
    int64_t already; /* an earlier run into this folder that was cut off had written them */
};

/*
 * Write the selected bills.
 *
 * path:   a file that takes them all, or an existing folder (or a path ending in /) for a file
 *         each: NUMBER.pdf, or ACCOUNT.pdf. A folder's run that was cut off leaves what it had
 *         done noted in the folder (BILLS_RUN_FILE), and the same run goes on behind it.
 * Errors: ERR_NOT_FOUND when nothing is selected; ERR_CANCELLED; those of bill_pdf.
 */
#define BILLS_RUN_FILE ".aforo-bills"
enum err_code bills_pdf(struct office *o, const struct bill_selection *s, const char *path,
                        const struct progress *progress, struct bills_written *out,
                        struct err *e) MUST_CHECK;

#endif
