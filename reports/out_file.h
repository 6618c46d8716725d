/* A file that appears whole or not at all: written beside its target, synced, then renamed over
 * it. */
#ifndef AFORO_REPORTS_OUT_FILE_H
#define AFORO_REPORTS_OUT_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define OUT_FILE_BUFFER 65536

struct out_file {
    char target[PATH_MAX]; /* as the user named it: for messages */
    char real[PATH_MAX];   /* symbolic links followed: what is replaced */
    char temp[PATH_MAX];   /* where the bytes go first; "" when there is nothing to remove */
    int fd;                /* open on temp for writing; -1 once a library has taken over */
    bool copy; /* target is standard output or a device: the finished bytes are copied to it */
    bool relaxed; /* set after opening: the caller syncs the folder when many files are done */
    int failed_errno; /* of the first write that failed */
    size_t used;
    char buffer[OUT_FILE_BUFFER];
};

/*
 * Open a new temporary file beside `path` ("-": standard output).
 *
 * f:      filled; release with out_file_discard, also after a failure.
 * Errors: ERR_IO, ERR_NOT_FOUND with the path and the system's reason.
 */
enum err_code out_file_open(struct out_file *f, const char *path, struct err *e) MUST_CHECK;
/* Append bytes. Failure is kept and reported by out_file_commit. */
void out_file_write(struct out_file *f, const void *data, size_t len_bytes);
/* True when a write has failed already: the writer may stop early. */
bool out_file_failed(const struct out_file *f);
/* Close our handle, so that a library may write f->temp by name. */
void out_file_lend(struct out_file *f);
/* Remove from a folder what processes that are no more left half-written in it. */
void out_file_sweep(const char *dir);
/*
 * Flush, sync (unless relaxed) and put the file in its place.
 *
 * Errors: ERR_IO ("... could not be written: No space left on device ..."); the target is then
 * as it was.
 */
enum err_code out_file_commit(struct out_file *f, struct err *e) MUST_CHECK;
/* Remove what was not committed. Safe to call twice, after commit, and on one that is all
 * zeros, which was never opened. */
void out_file_discard(struct out_file *f);
/* Write bytes that are all at hand: open, write, commit. Errors: as those. */
enum err_code out_file_save(const char *path, const void *data, size_t len_bytes,
                            struct err *e) MUST_CHECK;
/* The error of a write that failed with this errno, as one sentence with the way out. */
enum err_code out_file_error(const struct out_file *f, int saved_errno, struct err *e);

#endif
