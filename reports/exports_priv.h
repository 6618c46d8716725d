/* What the forms of exports.h share. */
#ifndef AFORO_REPORTS_EXPORTS_PRIV_H
#define AFORO_REPORTS_EXPORTS_PRIV_H

#include <limits.h>

#include "reports/exports.h"

/* A form of a report for each, in the reader's language; NULL past the last. */
const struct command *export_report_at(size_t index);
/* Papers, and files for other programs. */
extern const struct command export_papers[];
extern const size_t export_paper_count;

/* The number that a parameter holds; 0 when it was not given. */
int64_t export_number(const struct command_ctx *c, const char *name);
/* ERR_USAGE for no path, and for "-", which is standard output: the screen here. */
enum err_code export_path_check(const char *path, struct err *e) MUST_CHECK;
/* Where a file is that was just written, for somebody who does not know the console's folder.
 * The result is whole's or path. */
const char *export_where(const char *path, char whole[PATH_MAX]);
/* May the person who is logged in do this as well? ERR_DENIED naming it. */
enum err_code export_allowed(const struct command_ctx *c, const char *permission,
                             struct err *e) MUST_CHECK;

#define EXPORT_FILE                                                                            \
    {                                                                                          \
        "file", PARAM_FILE, PARAM_REQUIRED | PARAM_WRITTEN, N_("file to write"), NULL, NULL    \
    }

#endif
