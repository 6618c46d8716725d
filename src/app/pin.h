/* The PIN of an account: set at the counter, asked by the kiosk. What is kept is a line sealed
 * under it (argon2id, salted), off the ledger; the ledger holds its salted hash. */
#ifndef AFORO_APP_PIN_H
#define AFORO_APP_PIN_H

#include "app/command.h"

#define PIN_MIN 6
#define PIN_MAX 8

/* Digits alone, PIN_MIN to PIN_MAX of them, not all alike and not in a row. ERR_USAGE. */
enum err_code pin_check_shape(const char *pin, struct err *e) MUST_CHECK;

/* Append the line that is kept for an account. */
enum err_code pin_seal(struct office *o, int64_t account, const char *pin, struct buf *out,
                       struct err *e) MUST_CHECK;

/*
 * Ask who stands at the kiosk.
 *
 * number:  of an account, or of one of its bills, as typed.
 * account: filled on success.
 * Errors: ERR_DENIED, in the same words and after the same work, for an unknown number, an
 * account without a PIN and a wrong PIN; after three failures one must wait (*wait_s seconds),
 * up to a minute each.
 */
enum err_code pin_open(struct office *o, const char *number, const char *pin, int64_t *account,
                       int *wait_s, struct err *e) MUST_CHECK;

#endif
