/* What a command would do, told before it is done: it is tried with the same arguments, and all
 * of it is taken back. */
#ifndef AFORO_APP_OUTCOME_H
#define AFORO_APP_OUTCOME_H

#include "app/command.h"

/*
 * Say in lines what the arguments stand for (customer, document, sums and dates), what becomes
 * of the money owed and of the user's drawer, and the sentence that the command would end with.
 *
 * c:   office, session, command and arguments filled in, as for command_run; names are shown as
 *      the office's handle shows them (app/personal.h). Nothing is recorded or left open.
 * out: stays empty where the user may not run it, so that command_run refuses and records that.
 *
 * Bulk commands, and those that others must approve, are validated and not carried out. Errors:
 * those of the command itself.
 */
enum err_code outcome_tell(struct command_ctx *c, struct buf *out, struct err *e) MUST_CHECK;

#endif
