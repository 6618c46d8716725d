/* The exchanges of meters that an import took from its file: whether they can be taken back
 * with it. */
#ifndef AFORO_APP_IMPORT_SWAPS_H
#define AFORO_APP_IMPORT_SWAPS_H

#include "app/command.h"

/*
 * *count: exchanges of an import that are there.
 * *why: what was built on them since, translated, which keeps the import from being discarded;
 * NULL: nothing.
 */
enum err_code import_swaps(struct command_ctx *c, int64_t run, int64_t *count, const char **why,
                           struct err *e) MUST_CHECK;

#endif
