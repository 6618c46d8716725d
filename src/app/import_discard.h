/* Taking an import back as a whole. Readings stay in the ledger and the tables and are believed
 * no more; balances are undone by their opposites; meters, customers and all else that a file
 * made leave the tables, so that a better file can bring them again. */
#ifndef AFORO_APP_IMPORT_DISCARD_H
#define AFORO_APP_IMPORT_DISCARD_H

#include "app/command.h"

/* The `run` of the command `import discard`. ERR_STATE when something builds on the import: a
 * bill, a reading, a later change. */
enum err_code run_import_discard(struct command_ctx *c, struct err *e) MUST_CHECK;
/* Its entry; by itself it only tells what would be recorded (app/outcome.h). */
enum err_code build_import_discard(struct command_ctx *c, struct draft *d,
                                   struct err *e) MUST_CHECK;

#endif
