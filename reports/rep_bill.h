/* Bills as documents: from what is recorded to what is printed. */
#ifndef AFORO_REPORTS_REP_BILL_H
#define AFORO_REPORTS_REP_BILL_H

#include "app/office.h"
#include "app/query_bill.h"
#include "base/progress.h"
#include "reports/bill_doc.h"

/* The page of a bill, in arena, in the language of the messages. */
enum err_code bill_doc_of(struct office *o, const struct bill_view *v, struct arena *arena,
                          struct bill_doc *out, struct err *e) MUST_CHECK;

/* Which bills: one number, a run, or a period; zero and NULL where not given. */
struct bill_selection {
    int64_t bill, run;
    const char *from, *to;
    const char *account;
};

/*
 * Write the selected bills.
 *
 * path:   a file that takes them all, or an existing folder (or a path ending in /) for a file
 * each, named NUMBER.pdf. count:  bills written. Errors: ERR_NOT_FOUND when nothing is
 * selected; those of bill_pdf.
 */
enum err_code bills_pdf(struct office *o, const struct bill_selection *s, const char *path,
                        const struct progress *progress, int64_t *count,
                        struct err *e) MUST_CHECK;

#endif
