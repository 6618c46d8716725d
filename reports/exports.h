/* What can be written to a file or to paper from a screen: bills, proofs, receipts, reports.
 * Each is described as a command is, so that the same forms serve.
 */
#ifndef AFORO_REPORTS_EXPORTS_H
#define AFORO_REPORTS_EXPORTS_H

#include "app/charges.h"
#include "app/command.h"
#include "base/sheet.h"

/* By index; NULL past the last. Their `run` writes the file and fills c->message. */
const struct command *export_at(size_t index);
/* NULL if there is none. */
const struct command *export_find(const char *name);
/* The command that writing it runs, because the writing is recorded; NULL: it records nothing.
 */
const char *export_records(const char *name);

/* Append a receipt's paper as text or ESC/POS; as PDF to a file. copy: 0 for the original, else
 * which reprint it is. Errors: those of receipt_load and of the file. */
enum err_code receipt_bytes(struct office *o, int64_t receipt, int64_t copy, bool escpos,
                            unsigned columns, struct buf *out, struct err *e) MUST_CHECK;
enum err_code receipt_to_pdf(struct office *o, int64_t receipt, int64_t copy, const char *path,
                             struct err *e) MUST_CHECK;

/*
 * The paper of a receipt whose print is recorded already ("receipt print").
 *
 * copy:    0 for the original, else which reprint it is.
 * printer: as printer_parse() takes it (reports/printer.h); NULL: the one of the office's
 * policy "printer", else a text file in the office's folder "printed". message: where it went,
 * for the person; message_size bytes. Errors:  those of receipt_load; ERR_IO when the printer
 * took it not: print it again, as a copy.
 */
enum err_code receipt_to_printer(struct office *o, int64_t receipt, int64_t copy,
                                 const char *printer, char *message, size_t message_size,
                                 struct err *e) MUST_CHECK;

/* `run` of "tariff try": its lines go to c->out. */
enum err_code export_tariff_try(struct command_ctx *c, struct err *e) MUST_CHECK;

/*
 * A file for a bank or agency that was sent, the same bytes each time.
 *
 * path: "-": standard output. sums: what it asks for. Errors: those of charges_again and of the
 * file.
 */
enum err_code charges_save(struct office *o, int64_t id, const char *path,
                           struct charge_sums *sums, struct err *e) MUST_CHECK;

/* The bytes of an attachment. Errors: those of attachment_content and of the file; ERR_EXISTS
 * when it is there. */
enum err_code attachment_save(struct office *o, int64_t id, const char *path,
                              struct err *e) MUST_CHECK;

/* A page with a row for each report: its key is the report's form. */
void reports_page(struct sheet *out);

#endif
