/* What a payment is named by on paper and in banks' files: a reference of digits that checks
 * itself, and the text of the barcode that carries it to a collector's till (docs/payments.md,
 * Paying by barcode). */
#ifndef AFORO_DOMAIN_PAY_CODE_H
#define AFORO_DOMAIN_PAY_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/caltime.h"
#include "base/err.h"

#define PAY_REFERENCE_MAX 24 /* digits; AI (8020) takes 25 */
#define GLN_DIGITS 13
#define PAY_AGREEMENT_MAX 13 /* digits */

/* A reference names a bill, or an account where year is 0: year (4 digits), number (8 digits or
 * more), two check digits. */
struct pay_reference {
    int year;
    int64_t number; /* of the bill, of the account in the ledger */
};

/* Write it. Check digits: ISO/IEC 7064, MOD 97-10. */
void pay_reference_print(const struct pay_reference *r, char out[PAY_REFERENCE_MAX + 1]);
/* The same digits, exactly, the check digits right. False: it is none of ours. */
bool pay_reference_read(const char *text, struct pay_reference *out);

/* Thirteen digits, the last one GS1's check digit. Source: GS1 General Specifications, 7.9.1.
 */
bool gln_fits(const char *text);

enum pay_code_kind { PAY_CODE_NONE, PAY_CODE_GS1_128, PAY_CODE_128 };

/* Who collects: as the setting "biller" has it (app/biller.h). */
struct pay_biller {
    enum pay_code_kind kind;
    const char *gln;       /* 13 digits, of PAY_CODE_GS1_128; else "" */
    const char *agreement; /* digits, of PAY_CODE_128; may be "" */
};

/* What is asked for. */
struct pay_demand {
    struct pay_reference reference;
    int64_t amount;    /* minor units, above 0 */
    unsigned decimals; /* of the currency */
    bool has_due;
    struct date due;
};

/*
 * Append the barcode's data as people read it: "(415)GLN(8020)REFERENCE(3900)AMOUNT(96)DAY", or
 * the digits of Code 128. The decimals of the amount are the last digit of its identifier: 3900
 * where it is whole, else 390n with the currency's.
 *
 * Errors: ERR_RANGE when an amount has more digits than the form takes.
 * Source: GS1 General Specifications, 3.5 (8020), 3.7.8 (415), 3.6.6 (390n), 3.11 (96).
 */
enum err_code pay_code_print(const struct pay_biller *b, const struct pay_demand *d,
                             struct buf *out, struct err *e) MUST_CHECK;

/*
 * Find the reference in what a scanner, a bank's file or a person gives: the reference alone,
 * or the whole barcode with or without brackets, separators and the mark of its symbology.
 *
 * b: whose barcode it has to be.
 */
bool pay_code_read(const struct pay_biller *b, const char *text, struct pay_reference *out);

#endif
