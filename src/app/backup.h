/* Backups of an office: one file, age(tar(office.db, keys, list of erasures, SHA256SUMS)),
 * which age, tar and sha256sum open without us. Source: docs/backup.md. */
#ifndef AFORO_APP_BACKUP_H
#define AFORO_APP_BACKUP_H

#include "app/office.h"
#include "base/progress.h"
#include "crypto/age.h"

struct backup_info {
    int64_t seq; /* newest entry */
    uint64_t bytes;
    int64_t erased;  /* by a restore: values erased again */
    int64_t waiting; /* by a restore: values that are to be, when the office is resolved */
    bool behind;     /* by a restore: of what was published; why: */
    char why[1024];
    char file[4096];
};

/*
 * Back an office up while others write: a copy of one moment is verified (--full), encrypted
 * into FILE.part, read back and compared, and then takes its name.
 *
 * path: a file that does not exist, or a folder: a name with office and time is made in it.
 * keep: in a folder, how many of its backups stay (0: all). Errors: ERR_EXISTS, ERR_TAMPERED
 * when the office or what was read back does not hold, ERR_IO (disk full), ERR_CANCELLED.
 */
enum err_code backup_make(struct office *o, const char *path, const struct age_key *key,
                          int64_t keep, const struct progress *progress,
                          struct backup_info *out, struct err *e) MUST_CHECK;

/*
 * Put a backup's office into a new folder: made beside it, verified (--full), what was erased
 * since erased again, and then put in place whole.
 *
 * erasures: path of a newer list (state/erasures of the lost office), or NULL.
 * against:  path of the newest checkpoint that is known (state/high-water of the lost office,
 *           or one that was exported), or NULL. An office that does not reach it is put in
 *           place all the same, but signs nothing, and no erasure, until it is resolved.
 * Errors: ERR_EXISTS when there is something in `dir`, ERR_DENIED for a wrong key, ERR_PARSE
 * for another file, ERR_TAMPERED for a damaged one.
 */
enum err_code backup_restore(const char *file, const char *dir, const struct age_key *key,
                             const char *erasures, const char *against, const struct env *env,
                             const struct progress *progress, struct backup_info *out,
                             struct err *e) MUST_CHECK;

#endif
