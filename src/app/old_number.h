/* Numbers that customers and accounts had in an earlier system. They are no personal data by
 * themselves: the ledger holds them, as it holds the numbers of accounts. */
#ifndef AFORO_APP_OLD_NUMBER_H
#define AFORO_APP_OLD_NUMBER_H

#include "app/import_line.h"
#include "app/lookup.h"

#define OLD_NUMBER_MAX 60 /* bytes */

/* ERR_RANGE when it is too long, ERR_PARSE when it holds what cannot be shown. */
enum err_code old_number_check(const char *number, struct err *e) MUST_CHECK;
/* owner: "customer" or "account". *id 0 when nobody had it. */
enum err_code old_number_find(struct office *o, const char *owner, const char *number,
                              int64_t *id, struct err *e) MUST_CHECK;
/*
 * The account that a row names by its number here, by its old one, or by both.
 *
 * Errors: ERR_USAGE (it names none), ERR_NOT_FOUND, ERR_STATE (the two are of different
 * accounts); each names the field.
 */
enum err_code account_of_line(struct office *o, const struct import_line *l,
                              struct account_row *out, struct err *e) MUST_CHECK;

#endif
