/* Whose money is it: a row of a bank file against accounts and bills. */
#ifndef AFORO_APP_BANK_MATCH_H
#define AFORO_APP_BANK_MATCH_H

#include "app/command.h"
#include "domain/bank.h"

struct bank_match {
    int64_t account; /* 0: nobody's yet */
    int64_t bill;    /* named by the reference; 0: none */
    /* How it was found or why not, a word that stays the same: reference, name_and_amount,
     * payer_and_amount; no_reference, ambiguous, closed_account, debit, other_currency,
     * not_booked. */
    const char *reason;
};

/*
 * Match by reference first: a bill's printed number, an account's number, or the reference of
 * the payment barcode (domain/pay_code.h), in the reference or in the text; then by the payer,
 * known by name or by where earlier money of theirs came from, when exactly one account of
 * theirs owes exactly this. Money that fits two accounts is nobody's.
 */
enum err_code bank_match(struct command_ctx *c, const struct bank_txn *t,
                         struct bank_match *out, struct err *e) MUST_CHECK;

#define BANK_ACCOUNT_SIZE 64

/* A bank account's number in one form, however the bank writes it: without blanks, a BIC before
 * an IBAN or a currency behind it; a German IBAN as bank and account number. */
void bank_account_plain(const char *account, char out[BANK_ACCOUNT_SIZE]);
/* Are two numbers the same, in that form? */
bool bank_account_same(const char *a, const char *b);

#endif
