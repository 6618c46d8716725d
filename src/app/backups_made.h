/* Backups that an office made of itself (state/backups), so that an erasure can name the files
 * that still hold what it erases. Text, a line each: "57 /media/usb/X.tar.age": newest entry in
 * it, and its path; first a line "aforo backups 1". */
#ifndef AFORO_APP_BACKUPS_MADE_H
#define AFORO_APP_BACKUPS_MADE_H

#include "app/office.h"
#include "base/buf.h"

/* The newest that are remembered. */
#define BACKUPS_MADE_MAX 256

/* Remember one; those that are gone from their folder are forgotten. */
enum err_code backups_made_add(const struct office *o, const char *path, int64_t seq,
                               struct err *e) MUST_CHECK;
/* Say which are still there, or may be: their folder (a disk that is not plugged in) cannot be
 * looked into. Adds nothing when there is none. */
void backups_made_tell(const struct office *o, struct buf *out);

#endif
