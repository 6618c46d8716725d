/* Bank and agency files: read whole, checked whole, then recorded row by row in batches. */
#ifndef AFORO_APP_BANK_IMPORT_H
#define AFORO_APP_BANK_IMPORT_H

#include "app/command.h"
#include "app/payment.h"
#include "domain/bank.h"

/* A CSV file through a saved mapping of payments, as one statement without an account.
 * Errors name the line and the field; nothing is half-read. */
enum err_code bank_read_csv(struct command_ctx *c, const char *path, const char *mapping,
                            struct arena *arena, struct bank_file *out, char sha256_hex[65],
                            struct err *e) MUST_CHECK;

/* A payment out of a bank's row, its ids set: the members that payment_project takes. lay: lay
 * it on what the account owes; else it stays credit until credits_settle. */
enum err_code bank_payment_data(struct command_ctx *c, struct json *o, struct payment *p,
                                bool lay, struct err *e) MUST_CHECK;

#endif
