/* What banks say came in: statements of accounts, read from their files. Amounts are minor
 * units of their currency, signed: credits above zero. Everything lives in the arena. */
#ifndef AFORO_DOMAIN_BANK_H
#define AFORO_DOMAIN_BANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/caltime.h"
#include "base/err.h"
#include "base/money.h"

#define BANK_FILE_MAX ((size_t)64 << 20)
#define BANK_TXNS_MAX 1000000
#define BANK_STATEMENTS_MAX 10000

/* Texts are "" where the file says nothing. */
struct bank_txn {
    int64_t amount;
    const struct currency *currency;
    struct date date;       /* value date */
    struct date entry_date; /* booking date; the value date where the file says none */
    bool reversal;          /* the bank takes an earlier booking back */
    bool booked;            /* not only announced */
    int64_t entry;          /* from 1: entry of the statement; several may share a batch */
    const char *status;     /* as written: CRDT, DBIT; C, D, RC, RD */
    const char *funds_code; /* MT940 */
    const char *type;       /* NTRF; or the bank's transaction code */
    const char *customer_reference;
    const char *bank_reference;
    const char *batch_reference; /* of an entry told in several details: the entry's own */
    const char *end_to_end;
    const char *structured; /* creditor's reference */
    const char *extra;      /* MT940: supplementary details */
    const char *code;       /* MT940 :86: business code "166" */
    const char *posting_text;
    const char *text;  /* remittance information */
    const char *words; /* the same where it came in pieces, a blank between them */
    const char *name, *counter_account, *counter_bank;
};

struct bank_balance {
    bool known;
    int64_t amount;
    const struct currency *currency;
    struct date date;
};

struct bank_statement {
    const char *id;
    const char *account;
    const char *number, *sequence;
    struct bank_balance opening, closing, available;
    struct bank_txn *txns;
    size_t count;
    size_t size; /* allocated, for the readers */
};

struct bank_file {
    const char *format; /* "camt.053", "mt940" */
    struct bank_statement *statements;
    size_t count;
    size_t size;
};

/*
 * Read a file whole. Errors name line and member and leave nothing half-read: ERR_PARSE
 * (another shape, cut off), ERR_RANGE (more decimals than the currency has), ERR_UNSUPPORTED (a
 * message of another kind, an unknown currency), ERR_LIMIT, ERR_NOMEM. Source: ISO 20022
 * camt.053.001; SWIFT MT940 (customer statement), field 86 as German banks structure it.
 */
enum err_code bank_read_camt(const char *data, size_t len, struct arena *arena,
                             struct bank_file *out, struct err *e) MUST_CHECK;
enum err_code bank_read_mt940(const char *data, size_t len, struct arena *arena,
                              struct bank_file *out, struct err *e) MUST_CHECK;
/* By what the file begins with. ERR_UNSUPPORTED when it is neither. */
enum err_code bank_read(const char *data, size_t len, struct arena *arena,
                        struct bank_file *out, struct err *e) MUST_CHECK;

/* For the readers: a new statement, a new transaction of the last one. NULL with *e set. */
struct bank_statement *bank_statement_add(struct bank_file *f, struct arena *a, struct err *e);
struct bank_txn *bank_txn_add(struct bank_file *f, struct arena *a, struct err *e);
/* Do opening, booked transactions and closing add up? True where a balance is missing. */
bool bank_statement_balanced(const struct bank_statement *s);

#endif
