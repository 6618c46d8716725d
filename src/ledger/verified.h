/* What was verified last, kept outside the database: where the next check goes on, and what a
 * database that was rolled back or rewritten cannot know of. One text file, replaced whole. */
#ifndef AFORO_LEDGER_VERIFIED_H
#define AFORO_LEDGER_VERIFIED_H

#include "ledger/chain.h"

#define VERIFIED_BYTES_MAX ((size_t)256 << 20) /* KEYRING_MAX keys fit */

/*
 * Read the file.
 *
 * c:      chain_init()ed by the caller; filled, or left as it was when there is no file.
 * at_ms:  when that check ended.
 * found:  false when there is no file.
 * Errors: ERR_TAMPERED for a file that is damaged or was edited, ERR_IO, ERR_NOMEM.
 */
enum err_code verified_read(const char *path, struct chain *c, int64_t *at_ms, bool *found,
                            struct err *e) MUST_CHECK;
/* The same from memory, for whoever has no file. */
enum err_code verified_parse(const char *text, size_t len, struct chain *c, int64_t *at_ms,
                             struct err *e) MUST_CHECK;
/* Replace it: durable when this returns. ERR_IO, ERR_NOMEM. */
enum err_code verified_write(const char *path, const struct chain *c, int64_t at_ms,
                             struct err *e) MUST_CHECK;

#endif
