/* The thread that signs the entries of a group while the writer builds and projects those
 * behind them: signing is serial, for each entry names the one before, but nothing else that
 * makes an entry needs the signature of that one. Used by the writer alone (group.c,
 * command.c).
 */
#ifndef AFORO_APP_SIGNER_H
#define AFORO_APP_SIGNER_H

#include "ledger/ledger.h"

struct signer;

/* ledger: the writer's; it and its database outlive the signer. */
enum err_code signer_start(struct ledger *l, struct signer **out, struct err *e) MUST_CHECK;
void signer_stop(struct signer *s); /* NULL is fine */

/* A transaction began: what is given from now on follows `prev`. */
void signer_begin(struct signer *s, const struct hash *prev);
/* A place to draw an entry up in (ledger_draw_up). Rows of entries that are signed by now are
 * written; where no place is free, the first that is. Errors: those of ledger_sign and
 * ledger_store, of any entry given before. */
enum err_code signer_place(struct signer *s, struct prepared **out, struct err *e) MUST_CHECK;
/* What stands in that place is to be signed: it belongs to the signer now. key: used by nobody
 * else until signer_finish or signer_abandon. */
void signer_give(struct signer *s, struct sign_key *key);
/* All that was given is signed and its rows are written; *leaf is the hash of the last one
 * (untouched when nothing was given). Statements that read the table `entry` do this by
 * themselves. Errors: as signer_place. */
enum err_code signer_finish(struct signer *s, struct hash *leaf, struct err *e) MUST_CHECK;
/* Forget what was given: the transaction comes to nothing. */
void signer_abandon(struct signer *s);

#endif
