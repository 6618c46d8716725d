/* Importing a file of readings: read and sorted first, then judged in order of time and stored
 * in batches. Memory is bounded whatever the file's size. */
#ifndef AFORO_APP_IMPORT_READINGS_H
#define AFORO_APP_IMPORT_READINGS_H

#include "app/command.h"
#include "app/import_report.h"

/* The `run` of the command `import readings`. c->report may point to a struct import_report
 * that it fills. */
enum err_code run_import_readings(struct command_ctx *c, struct err *e) MUST_CHECK;

#endif
