/* The bills that stand on what an import of readings brought. */
#ifndef AFORO_APP_IMPORT_BILLED_H
#define AFORO_APP_IMPORT_BILLED_H

#include "app/command.h"

/*
 * May the readings of a run, their corrections, and the exchanges that it took be taken back?
 *
 * Errors: ERR_STATE naming the bills in force that stand on them, and the way out.
 */
enum err_code import_unbilled(struct command_ctx *c, int64_t run, struct err *e) MUST_CHECK;

#endif
