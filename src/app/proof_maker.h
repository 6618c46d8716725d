/* A proof while it is put together: entries by seq, items behind them. Private to
 * proof_make*.c. */
#ifndef AFORO_APP_PROOF_MAKER_H
#define AFORO_APP_PROOF_MAKER_H

#include "app/office.h"
#include "ledger/items.h"
#include "ledger/proof.h"

struct proof_maker {
    struct office *o;
    const struct item_source *items;
    struct arena arena;
    struct proof proof; /* its entries have room for PROOF_ENTRIES_MAX */
    struct buf scratch;
};

/* Take an entry, or an item of an entry, unless it is there already. The entry's place may move
 * when others are taken. */
enum err_code maker_entry(struct proof_maker *m, int64_t seq, struct proof_entry **out,
                          struct err *e) MUST_CHECK;
enum err_code maker_item(struct proof_maker *m, int64_t seq, int64_t index,
                         struct err *e) MUST_CHECK;
/* Where the record of a reading stands: its entry, its item where there is one, and all
 * decisions about it when asked for, or when it was not accepted at once. */
enum err_code maker_reading(struct proof_maker *m, int64_t id, bool decisions,
                            struct err *e) MUST_CHECK;
/* The entry that closed a run, if there is one. table: "import_run", "billing_run". */
enum err_code maker_closed(struct proof_maker *m, bool billing, int64_t run,
                           struct err *e) MUST_CHECK;
/* The entry that names a key. */
enum err_code maker_key(struct proof_maker *m, const struct hash *keyid,
                        struct err *e) MUST_CHECK;
/* For every entry the one that names its signer's key, and for one that ends a key the one that
 * names that, down to the office's first entry. */
enum err_code maker_keys(struct proof_maker *m, struct err *e) MUST_CHECK;
/* The entries that attached something to a thing ("reading", "dispute"). */
enum err_code maker_attached(struct proof_maker *m, const char *owner, int64_t id,
                             struct err *e) MUST_CHECK;
/* The files behind such entries: "all" that were not erased, or those of a list "3,5". */
enum err_code maker_evidence(struct proof_maker *m, const char *wanted,
                             struct err *e) MUST_CHECK;
enum err_code maker_bill(struct proof_maker *m, int64_t number, struct err *e) MUST_CHECK;
/* By the number of its receipt. */
enum err_code maker_payment(struct proof_maker *m, int64_t receipt, struct err *e) MUST_CHECK;

#endif
