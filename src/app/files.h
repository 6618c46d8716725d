/* Small files that people hand in: read whole, with a limit. */
#ifndef AFORO_APP_FILES_H
#define AFORO_APP_FILES_H

#include "base/buf.h"
#include "base/err.h"

/* Append the file's bytes. "-" is standard input. ERR_LIMIT when it is larger than the buffer
 * allows. */
enum err_code file_read(const char *path, struct buf *out, struct err *e) MUST_CHECK;

#endif
