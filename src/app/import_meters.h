/* Importing a file of meters with their places, registers, accounts and customers. */
#ifndef AFORO_APP_IMPORT_METERS_H
#define AFORO_APP_IMPORT_METERS_H

#include "app/command.h"

/* The `run` of the command `import meters`. c->report may point to a struct import_report that
 * it fills. */
enum err_code run_import_meters(struct command_ctx *c, struct err *e) MUST_CHECK;

#endif
