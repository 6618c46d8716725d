/* Documents for a tax authority as OASIS UBL 2.1: Invoice, CreditNote, DebitNote, the base of
 * what Colombia and Peru ask for. What is a country's own (control codes, signature, lists of
 * codes) the program adds that registers them (docs/payments.md, A national e-invoice). */
#ifndef AFORO_APP_UBL_OUT_H
#define AFORO_APP_UBL_OUT_H

#include "app/document_out.h"

#define UBL_BYTES_MAX ((size_t)4 << 20)

/*
 * Append a document as XML.
 *
 * Line amounts without tax are lines, what is taken off is an allowance, taxes are the tax
 * total, with the base and percentage of each; what rounding leaves is the payable rounding. So
 * lines - allowances + taxes + rounding = payable, in exact decimals, which is checked. A note
 * that cancels a bill has the bill's lines, a note after a correction those of the difference
 * (app/note_lines.h); any other has one line with its amount.
 *
 * arena:  for what is read.
 * Errors: ERR_NOT_FOUND; ERR_TAMPERED when a bill does not compute again; ERR_RANGE.
 * Source: OASIS Universal Business Language 2.1 (ISO/IEC 19845:2015), UBL-Invoice-2.1.xsd,
 * UBL-CreditNote-2.1.xsd, UBL-DebitNote-2.1.xsd.
 */
enum err_code ubl_document(struct office *o, const struct document_id *id, struct arena *arena,
                           struct buf *out, struct err *e) MUST_CHECK;

#endif
