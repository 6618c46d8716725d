/* The text of a bill's or a receipt's QR code: what was billed or paid, the leaf hash of its
 * record, and the signature of the office's document key over both. It shows that the office
 * printed it; inclusion in the ledger comes from the proof file. Source: docs/proofs.md. */
#ifndef AFORO_APP_BILL_CODE_H
#define AFORO_APP_BILL_CODE_H

#include <stdbool.h>

#include "app/office.h"
#include "base/buf.h"
#include "ledger/proof.h"

#define BILL_CODE_MAX 300 /* bytes */

/* "AFORO1 OFFICE BILL CURRENCY AMOUNT LEAF KEY SIGNATURE", of a receipt "AFORO1R OFFICE RECEIPT
 * ...": LEAF and SIGNATURE in base64, KEY the first 16 hex digits of the key's id; signed is
 * all before the last space. LEAF is of the bill's item; of the entry that recorded a receipt.
 */
struct bill_code {
    char office[32];
    bool receipt; /* `bill` is a receipt's number */
    int64_t bill;
    char currency[8];
    char amount[32];
    struct hash leaf;
    char key[17];
    uint8_t sig[ED25519_SIGNATURE_SIZE];
    size_t signed_len; /* bytes of the text that are signed */
};

/* Append the text for a bill, signed now; the same bytes as long as the key is the same.
 * Errors: ERR_NOT_FOUND, those of office_document_key, ERR_LIMIT above BILL_CODE_MAX. */
enum err_code bill_code_make(struct office *o, int64_t bill, struct buf *out,
                             struct err *e) MUST_CHECK;

/* The same for a receipt that was loaded from the office. */
struct receipt;
enum err_code receipt_code_make(struct office *o, const struct receipt *r, struct buf *out,
                                struct err *e) MUST_CHECK;

/* Does a text begin as a bill's or a receipt's code? */
bool bill_code_begins(const char *text, size_t len);
/* Take a text apart; it has to be exactly of the form above. ERR_PARSE. */
enum err_code bill_code_parse(const char *text, size_t len, struct bill_code *out,
                              struct err *e) MUST_CHECK;
/* Signed by a document key that an entry of the keyring names, or by the key given (base64 of
 * its SubjectPublicKeyInfo; may be NULL). ERR_TAMPERED, ERR_STATE when there is no such key. */
enum err_code bill_code_verify(const struct bill_code *c, const char *text,
                               const struct keyring *keys, const char *spki,
                               struct err *e) MUST_CHECK;

#endif
