/* Who collects and under which tax identifiers, as it was set at any time: the policy "biller"
 * (docs/payments.md). Papers show what stood when they were recorded, so that they come out the
 * same each time; those recorded before it was first set show nothing of it. */
#ifndef AFORO_APP_BILLER_H
#define AFORO_APP_BILLER_H

#include "app/office.h"
#include "base/arena.h"
#include "domain/pay_code.h"
#include "domain/tax_id.h"

#define BILLERS_MAX 100 /* the newest ones; papers older than these have the oldest of them */
#define BILLER_SCHEMES_MAX 4

struct biller {
    int64_t seq;                     /* of the entry that set it */
    const struct tax_scheme *scheme; /* of the office's identifier; NULL: none, or of no kind
                                        that the program knows */
    const char *tax_label;           /* "NIT" */
    const char *tax_id;              /* as people write it; "": none */
    /* What customers have; none: theirs stay off the papers. */
    const struct tax_scheme *customers[BILLER_SCHEMES_MAX];
    size_t customer_count;
    struct pay_biller pay;
};

struct billers {
    struct biller list[BILLERS_MAX]; /* newest first */
    size_t count;
    struct arena arena;
};

/* Read all that were set. billers_release() in any case. Errors: the database's. */
enum err_code billers_load(struct office *o, struct billers *out, struct err *e) MUST_CHECK;
void billers_release(struct billers *b);
/* The one that stood at an entry; NULL: none. seq INT64_MAX: as it stands now. */
const struct biller *biller_at(const struct billers *b, int64_t seq);

/* The one that stood at an entry, alone; *out NULL: none. Its texts live in arena. */
enum err_code biller_load(struct office *o, int64_t seq, struct arena *arena,
                          const struct biller **out, struct err *e) MUST_CHECK;

/* Which of the customers' schemes an identifier has the form of; NULL: none of them. */
const struct tax_scheme *biller_customer_scheme(const struct biller *b, const char *tax_id);
/* What stands before a customer's identifier: the scheme's label, or words for any. "" for an
 * identifier that was erased: the first scheme's. */
const char *biller_customer_label(const struct biller *b, const char *tax_id);

/*
 * The tax identifier of an account's customer as it was at an entry.
 *
 * value:   in arena; "" when there was none, or when it was erased since: *erased then names
 * the entry that did, else it is 0.
 */
enum err_code biller_customer_then(struct office *o, int64_t account, int64_t seq,
                                   struct arena *arena, const char **value, int64_t *erased,
                                   struct err *e) MUST_CHECK;

/* What stands before a customer's identifier on a paper, and the identifier, or what became of
 * it; NULL where the paper says nothing of it. In arena. */
enum err_code biller_customer_line(struct office *o, const struct biller *b, int64_t account,
                                   int64_t seq, struct arena *arena, const char **label,
                                   const char **value, struct err *e) MUST_CHECK;

/* Refuse a customer's identifier that has the form, or the check digit, of none of the kinds
 * that the office expects; without the setting anything goes. ERR_USAGE, without the identifier
 * in it. */
enum err_code biller_customer_check(struct office *o, const char *tax_id,
                                    struct err *e) MUST_CHECK;

/*
 * What a paper says to pay by.
 *
 * reference: what a payment names. code: the barcode's text; NULL where the setting has none,
 * or an amount has more digits than it takes. In arena.
 */
enum err_code biller_demand(const struct biller *b, const struct pay_demand *d,
                            struct arena *arena, const char **reference, const char **code,
                            struct err *e) MUST_CHECK;

/* A payment named by a reference, or by a whole barcode of this office: its account, and its
 * bill unless it names the account alone. *account 0: it is none, or of nobody. */
enum err_code biller_reference_find(struct office *o, const char *text, int64_t *account,
                                    int64_t *bill, struct err *e) MUST_CHECK;

#endif
