/* Small files: read whole, with a limit; replaced whole. */
#ifndef AFORO_APP_FILES_H
#define AFORO_APP_FILES_H

#include "base/buf.h"
#include "base/err.h"

/* Append the file's bytes. "-" is standard input. ERR_LIMIT when it is larger than the buffer
 * allows. */
enum err_code file_read(const char *path, struct buf *out, struct err *e) MUST_CHECK;
/* Put a file in place whole and durable, mode 0600: written beside it, synced, renamed. */
enum err_code file_replace(const char *path, const void *data, size_t len,
                           struct err *e) MUST_CHECK;
/* All of the bytes; false, with errno, when not all could be written (a full disk takes a part
 * of them first). */
bool file_put(int fd, const void *data, size_t len);
/* Make names in the folder of `path` durable. */
enum err_code folder_sync_of(const char *path, struct err *e) MUST_CHECK;

/* Make a new file of the bytes; one that stands is not written over. ERR_EXISTS, ERR_IO. */
enum err_code file_write(const char *path, const struct buf *data, struct err *e) MUST_CHECK;

#endif
