/* Rules of the office that are data: JSON files set by name, checked before they are kept. */
#ifndef AFORO_APP_POLICY_H
#define AFORO_APP_POLICY_H

#include "app/command.h"
#include "domain/jread.h"

struct policy_def {
    const char *name; /* "late_fee" */
    /* Notes each fault in the node's faults. */
    void (*check)(const struct jnode *root);
};
extern const struct policy_def policies[];
extern const size_t policy_count;

/* A policy as it stands. *found false when none was set; spec lives in arena. */
enum err_code policy_load(struct office *o, const char *name, struct arena *arena,
                          const struct json **spec, bool *found, struct err *e) MUST_CHECK;

/*
 * A policy as it was set each time, newest first: for papers, which show what stood when they
 * were recorded.
 *
 * take:   gets the entry that set it, and the spec, in arena; its error ends the work.
 * max:    that many of the newest.
 */
typedef enum err_code (*policy_set_fn)(void *ctx, int64_t seq, const struct json *spec,
                                       struct err *e);
enum err_code policy_each(struct office *o, const char *name, int64_t max, struct arena *arena,
                          policy_set_fn take, void *ctx, struct err *e) MUST_CHECK;

/* Which bank accounts are the office's: a file of any other is refused. */
#define OWN_ACCOUNTS_MAX 50
void bank_policy_check(const struct jnode *root);

/* The office's face on paper. */
void brand_policy_check(const struct jnode *root);
/* Tax identifiers and the payment barcode (app/biller.h). */
void biller_policy_check(const struct jnode *root);
/* Notices and cuts (app/collection.h). */
void collection_policy_check(const struct jnode *root);
/* Where the consoles print receipts that were given no printer of their own (docs/payments.md).
 */
void printer_policy_check(const struct jnode *root);
/* In how many days a dispute is to be resolved. */
void dispute_policy_check(const struct jnode *root);

/* What is charged for paying late; money in minor units. */
struct late_fee_policy {
    int64_t grace_days, every_days;
    int64_t fixed, minimum, maximum; /* maximum 0: none */
    struct decimal percent;          /* of what is open of the bill */
};
void late_fee_check(const struct jnode *root);
/* The fee for `open` minor units. ERR_RANGE. */
enum err_code late_fee_of(const struct late_fee_policy *p, int64_t open, int64_t *fee,
                          struct err *e) MUST_CHECK;

#endif
