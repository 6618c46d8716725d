/* What the projectors of bills, notes and payments share: postings to an account's ledger and
 * the allocations between them. */
#ifndef AFORO_DOMAIN_PROJECT_MONEY_H
#define AFORO_DOMAIN_PROJECT_MONEY_H

#include "domain/project.h"

/* A posting as an entry says it. amount: signed, positive when the customer owes it. */
struct posting_row {
    int64_t id, account, ref, amount;
    const char *kind, *due; /* due: NULL: the entry's date */
};
enum err_code posting_insert(struct projection *p, const struct posting_row *x) MUST_CHECK;

/* Settle `amount` (positive) of a debit by a credit. ERR_TAMPERED when either has less open. */
enum err_code posting_allocate(struct projection *p, int64_t credit, int64_t debit,
                               int64_t amount) MUST_CHECK;
/* Take back every allocation of a posting: what it settled, or what settled it, is open again.
 */
enum err_code posting_free(struct projection *p, int64_t posting) MUST_CHECK;
/* The entry's "allocations": [{posting, amount}], between `posting` and each of them. */
enum err_code allocations_project(struct projection *p, const struct json *d, int64_t posting,
                                  bool posting_is_credit) MUST_CHECK;

/* A numbered document: type "receipt" and the like. bill, reading: 0 for none. */
struct document_row {
    const char *type, *cause, *reason;
    int64_t number, account, amount, bill, reading;
};
enum err_code document_insert(struct projection *p, const struct document_row *x) MUST_CHECK;

/* A payment with its posting and receipt, as an entry or an item says it. */
enum err_code payment_project(struct projection *p, const struct json *d) MUST_CHECK;
/* A credit or debit note with its posting, as an entry or an item says it. */
enum err_code note_project(struct projection *p, const struct json *d) MUST_CHECK;
/* A decision on a reading, and one whose entry says the action otherwise (project_reading.c).
 */
enum err_code decision_apply(struct projection *p, const char *action, const char *reason,
                             const struct json *one) MUST_CHECK;
enum err_code decision_project(struct projection *p, const struct json *d,
                               const struct json *one) MUST_CHECK;

/* A debt of the account was settled: cut orders for what is paid are withdrawn, and what was
 * cut is to be reconnected (project_collection.c). */
enum err_code cuts_review(struct projection *p, int64_t account) MUST_CHECK;
/* The work order of a cut or a reconnection was closed. */
enum err_code cut_work_closed(struct projection *p, int64_t work,
                              const char *outcome) MUST_CHECK;
/* A cut failed while the "dispute" that the entry names was open: its order is suspended. */
enum err_code cut_work_held(struct projection *p, const struct json *d,
                            int64_t work) MUST_CHECK;
/* What the opening and the end of a dispute do to cut orders: "suspends" a list of them;
 * "resumes" or "withdraws". */
enum err_code cuts_hold(struct projection *p, const struct json *d, int64_t dispute) MUST_CHECK;
enum err_code cuts_resume(struct projection *p, const struct json *d) MUST_CHECK;

/* A factor of gas as an entry or an item says it. run: that brought it; 0: none. */
enum err_code gas_factor_record(struct projection *p, const struct json *o,
                                int64_t run) MUST_CHECK;

/* Undo the exchanges of meters that an import took (project_exchange.c). */
enum err_code exchanges_undo(struct projection *p, int64_t run) MUST_CHECK;

/* Money into (positive) or out of a drawer, when the entry names a "shift"; nothing else. */
enum err_code cash_project(struct projection *p, const struct json *d, const char *kind,
                           int64_t amount, int64_t ref) MUST_CHECK;

/* Bills of a run that closed are owed; those of a run that was taken back are owed no more. */
enum err_code bills_post(struct projection *p, int64_t run) MUST_CHECK;
enum err_code bills_void(struct projection *p, int64_t run) MUST_CHECK;
/* An opening balance that is taken back is owed no more: its opposite settles it. Nothing when
 * the posting is none. */
enum err_code opening_void(struct projection *p, int64_t posting) MUST_CHECK;

#endif
