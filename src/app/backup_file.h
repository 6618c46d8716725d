/* The file of a backup: tar members one after the other inside one age stream, SHA256SUMS last.
 */
#ifndef AFORO_APP_BACKUP_FILE_H
#define AFORO_APP_BACKUP_FILE_H

#include "base/progress.h"
#include "crypto/age.h"

struct backup_writer;
enum err_code backup_file_begin(FILE *f, const struct age_key *key, const struct env *env,
                                const struct progress *progress, struct backup_writer **out,
                                struct err *e) MUST_CHECK;
/* A file of this folder under `name`: "office.db", "keys/office.key". */
enum err_code backup_file_add(struct backup_writer *w, const char *name, const char *path,
                              struct err *e) MUST_CHECK;
enum err_code backup_file_finish(struct backup_writer *w, struct err *e) MUST_CHECK;
void backup_file_end(struct backup_writer *w); /* NULL is fine */

/*
 * Read to the end and compare every file with SHA256SUMS.
 *
 * into: folder with keys/ and state/ that gets the files, or NULL: only checked. Names other
 * than office.db, state/erasures, state/high-water and keys/NAME are refused.
 */
enum err_code backup_file_read(const char *path, const struct age_key *key, const char *into,
                               const struct progress *progress, struct err *e) MUST_CHECK;

#endif
