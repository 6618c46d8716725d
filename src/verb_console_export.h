/* What the console writes to files and to paper: forms beside those of the commands. */
#ifndef AFORO_VERB_CONSOLE_EXPORT_H
#define AFORO_VERB_CONSOLE_EXPORT_H

#include "verb_console.h"

/* The printer of receipts (reports/exports.h); NULL: none, they are kept as files. */
void bound_printer(const char *printer);

/* model.may, model.command_at, model.command_run: commands, and exports after them. */
bool bound_may_any(void *ctx, const char *name);
const struct command *bound_any_command(void *ctx, size_t index);
enum err_code bound_any_run(void *ctx, const char *name, const struct ui_value *values,
                            size_t count, const struct progress *progress,
                            struct ui_ticket *out, struct err *e) MUST_CHECK;

/* model.file_look (verb_console_files.c). */
enum err_code bound_file_look(void *ctx, const char *typed, struct ui_file *out,
                              struct err *e) MUST_CHECK;

/* model.file_default: in the office's folder "written", which is made when it is used. */
void bound_file_default(void *ctx, const char *name, char out[PATH_TYPED_MAX]);

/* The commands alone (verb_console.c). */
const struct command *bound_command_at(void *ctx, size_t index);
enum err_code bound_command_run(void *ctx, const char *name, const struct ui_value *values,
                                size_t count, const struct progress *progress,
                                struct ui_ticket *out, struct err *e) MUST_CHECK;

#endif
