/* Importing packets of devices from a file or standard input: one a line, JSON or OCMF. */
#ifndef AFORO_APP_IMPORT_PACKETS_H
#define AFORO_APP_IMPORT_PACKETS_H

#include "app/command.h"

/* The `run` of the command `import packets`. */
enum err_code run_import_packets(struct command_ctx *c, struct err *e) MUST_CHECK;

#endif
