/* What a bank tells of one transaction in field 86 of MT940: who paid, from where, and for
 * what. Three ways of writing it are known; anything else is text. */
#ifndef AFORO_DOMAIN_BANK_DETAILS_H
#define AFORO_DOMAIN_BANK_DETAILS_H

#include "domain/bank.h"

/*
 * Read the field into what it says of t. Subfields "166?00..?20.." (German, Austrian and Polish
 * banks, with one of several signs for "?"), code words "/NAME/../REMI/.." (Dutch banks), or
 * plain lines. A line as long as a line can be goes on in the next one.
 *
 * field: as it came, its lines parted by '\n', without ":86:"; borrowed.
 * Errors: ERR_NOMEM, ERR_LIMIT.
 * Source: DFÜ-Abkommen, Anlage 3, MT940; Format descriptions of ABN AMRO, ING and Rabobank.
 */
enum err_code bank_details_read(const char *field, struct arena *arena, struct bank_txn *t,
                                struct err *e) MUST_CHECK;

#endif
