/* A receipt as it is printed, on any paper: what was paid, how, and what it settled. Read from
 * the tables and nothing else, so that each print of it says the same. */
#ifndef AFORO_APP_RECEIPT_H
#define AFORO_APP_RECEIPT_H

#include "app/office.h"
#include "base/arena.h"
#include "base/caltime.h"
#include "base/money.h"
#include "crypto/hash.h"

/* What the payment settled at once. */
struct receipt_line {
    const char *kind; /* of posting: "bill", "opening", "debit_note" ... (posting_kind_text) */
    const char *number; /* as printed: "2016-00000017" of a bill; "" where it has none */
    struct date due;
    int64_t amount; /* minor units */
};

struct receipt {
    int64_t number;
    bool deposit;         /* money that is held, not paid: no lines, no change */
    const char *state;    /* "posted"; "reversed", "undone": it counts no more */
    const char *office;   /* name */
    const char *account;  /* number */
    const char *customer; /* personal data, as it was when paid; "" when erased */
    const char *cashier;  /* login of who took it; "" when erased or not a person */
    struct civil taken;   /* office time */
    struct date value_date;
    const char *channel; /* "counter", "bank", "agency", "deposit" */
    const char *method;  /* "cash", "card", "cheque", "transfer", "deposit" */
    const char *slip;    /* number on the card's slip, cheque or transfer; "" where none */
    const struct currency *currency, *tender;
    int64_t amount;   /* minor units of currency: what was paid */
    int64_t tendered; /* minor units of tender: what was laid down */
    const char *rate; /* currency for one of tender; "1" for the same */
    int64_t change;   /* minor units of currency */
    const struct receipt_line *lines;
    size_t line_count;
    int64_t credit;   /* of the amount, what settled nothing and stays as credit */
    int64_t balance;  /* of the account after it; negative: credit */
    int64_t seq;      /* entry that recorded it */
    struct hash leaf; /* of that entry */
    /* As the setting "biller" had it; NULL: nothing (app/biller.h). */
    const char *office_tax;               /* "NIT 900..." */
    const char *tax_label, *tax_id;       /* the customer's */
    const char *pay_reference, *pay_code; /* where something is still owed */
    const char *code;                     /* text of the QR code (app/bill_code.h) */
    int64_t copy; /* 0: the original; n: the n-th reprint, marked "copy" */
};

/*
 * Fill a receipt.
 *
 * copy:   which print it is: 0 for the original, else the how-manieth reprint. The command
 *         "receipt print" records one and says so in its result_id.
 * arena:  holds its texts.
 * Errors: ERR_NOT_FOUND naming the receipt; ERR_LIMIT when it settled too much for a paper;
 * those of the office's document key, which signs the QR code.
 */
enum err_code receipt_load(struct office *o, int64_t number, int64_t copy, struct arena *arena,
                           struct receipt *out, struct err *e) MUST_CHECK;

/* "Cash", "Card" ...: a method of payment, for people. */
const char *payment_method_text(const char *method);

#endif
