/* What an account owes: its postings, what is open of them, and how money is laid against them.
 * Amounts are minor units of the account's currency; positive: the customer owes. */
#ifndef AFORO_APP_RECEIVABLE_H
#define AFORO_APP_RECEIVABLE_H

#include "app/command.h"
#include "app/lookup.h"

/* The sum of an account's postings; negative: credit. */
enum err_code account_balance(struct office *o, int64_t account, int64_t *minor,
                              struct err *e) MUST_CHECK;

/* What is owed on `date`, by how long it has been due. Credit that settles nothing yet stands
 * in credit (negative), so that all of them add up to the balance. */
#define AGE_BUCKETS 5
struct ageing {
    int64_t bucket[AGE_BUCKETS]; /* not due yet, 1-30 days, 31-60, 61-90, more */
    int64_t credit;
    int64_t balance;
    char oldest_due[DATE_TEXT]; /* of what is overdue; "" when nothing is */
};
enum err_code account_ageing(struct office *o, int64_t account, const char *date,
                             struct ageing *out, struct err *e) MUST_CHECK;

/* An account that exists and is open. ERR_NOT_FOUND, ERR_STATE say what is wrong and the way
 * out. */
enum err_code account_open_named(struct command_ctx *c, const char *number,
                                 struct account_row *out, struct err *e) MUST_CHECK;

/* A PARAM_DECIMAL as money of the office, above zero. ERR_USAGE names the parameter. */
enum err_code amount_arg(struct command_ctx *c, const char *name, int64_t *minor,
                         struct err *e) MUST_CHECK;
/* "1.404,50 CRC", as people of the office read it. */
#define MONEY_WORDS_MAX 96
#define DAY_WORDS_MAX 32
void money_words(const struct office *o, int64_t minor, char out[MONEY_WORDS_MAX]);
/* "60.5" and "m³" -> "60,5 m³"; what is no number stays as it is; no unit: "". */
void number_words(const struct office *o, const char *number, const char *unit,
                  char out[MONEY_WORDS_MAX]);
/* "2017-02-28" -> "28/02/2017"; what is no day stays as it is. */
void day_words(const struct office *o, const char *day, char out[DAY_WORDS_MAX]);

/*
 * Choose what a credit settles: bills named first ("17,18", in that order), the rest oldest due
 * first.
 *
 * data: gets "allocations". left: what nothing is owed for; stays as credit on the account.
 * Errors: ERR_USAGE, ERR_NOT_FOUND, ERR_STATE for a bill that is not the account's or is paid.
 */
enum err_code credit_lay(struct command_ctx *c, struct json *data, int64_t account,
                         int64_t amount, const char *bills, int64_t *left,
                         struct err *e) MUST_CHECK;
/* The same for something owed that takes from the account's credit, oldest first; left: what
 * there is no credit for. */
enum err_code debit_lay(struct command_ctx *c, struct json *data, int64_t account,
                        int64_t amount, int64_t *left, struct err *e) MUST_CHECK;

/* "account", the next "posting" and "amount" of a draft that posts. */
enum err_code posting_data(struct command_ctx *c, struct json *data, int64_t account,
                           int64_t amount, struct err *e) MUST_CHECK;

/* The drawer that the user of the session has open. ERR_STATE says how to open one. */
enum err_code shift_of_user(struct command_ctx *c, int64_t *shift, struct err *e) MUST_CHECK;
/* What should be in the drawer of a shift. */
enum err_code shift_expected(struct office *o, int64_t shift, int64_t *minor,
                             struct err *e) MUST_CHECK;
/* "shift" of cash that leaves the drawer: ERR_STATE when there is not as much in it. */
enum err_code cash_out_data(struct command_ctx *c, struct json *data, int64_t amount,
                            struct err *e) MUST_CHECK;

/*
 * Lay credit on accounts against what they owe, everywhere or on one account (0: all): after a
 * billing run, so that a prepayment pays the bill. Entries of up to 4,096 accounts; nothing
 * when there is nothing to lay. c->report is used meanwhile.
 */
enum err_code credits_settle(struct command_ctx *c, int64_t account, int64_t *accounts,
                             struct err *e) MUST_CHECK;

#endif
