/* The parts of a deep check; verify_office.h is their door. */
#ifndef AFORO_APP_VERIFY_DEEP_H
#define AFORO_APP_VERIFY_DEEP_H

#include "app/verify_office.h"
#include "store/db.h"

/* Schema objects and version marks of `db` against those of `fresh`, byte for byte; each
 * difference is a fault. */
enum err_code schema_compare(struct db *db, struct db *fresh, struct audit *a,
                             struct err *e) MUST_CHECK;
/* SQLite's own checks: pages, indexes, foreign keys. */
enum err_code integrity_check(struct db *db, struct audit *a, struct err *e) MUST_CHECK;
/* Every projected and derived row in `db` against those rebuilt from the ledger; the first
 * difference of each table is a fault. */
enum err_code rows_compare(struct db *db, struct db *rebuilt, const struct progress *progress,
                           struct audit *a, struct err *e) MUST_CHECK;
/* Personal and sealed values: each hashes to its commitment and is named by a projection, none
 * is missing but those that an entry erased, and of these none is there. */
enum err_code kept_check(struct db *db, struct audit *a, struct err *e) MUST_CHECK;

/* Do folders lie here in which checks that are at work keep copies of the database? Those of
 * checks that were killed are removed. parent: the office's state folder. */
bool temp_folders_left(const char *parent);
/* Remove such a folder with all that is in it. */
void temp_folder_remove(const char *dir);

/* Rebuild in a second process; its sentence becomes ours when it fails. */
enum err_code rebuild_spawn(const char *program, const char *export_path, const char *dir,
                            const struct progress *progress, struct err *e) MUST_CHECK;

/*
 * The whole deep check on a copy of the database made now.
 *
 * job:  progress, threads and mark; db_path is set here.
 * Errors: as verify_office.
 */
struct verify_job;
struct chain;
enum err_code verify_deep(const struct verify_request *q, const char *db_path,
                          struct verify_job *job, struct chain *c, struct audit *a,
                          struct err *e) MUST_CHECK;

/*
 * A ledger that was just verified against what was published of it: the office's high-water
 * file, its TPM, and unless NULL the checkpoint in the file q->against.
 *
 * Errors: ERR_TAMPERED after adding faults; ERR_PARSE and the like when that file is no
 * checkpoint of this office; those of reading.
 */
enum err_code published_check(const struct verify_request *q, const char *db_path,
                              const char *high_water, const struct chain *c, struct audit *a,
                              struct err *e) MUST_CHECK;

#endif
