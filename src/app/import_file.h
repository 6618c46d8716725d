/* A file being imported: known by its hash, read through its mapping, and not to change while
 * it is read. */
#ifndef AFORO_APP_IMPORT_FILE_H
#define AFORO_APP_IMPORT_FILE_H

#include <sys/stat.h>

#include "app/import_row.h"
#include "base/csv.h"
#include "base/progress.h"
#include "base/xlsx.h"

#define IMPORT_NAME_MAX 200

struct import_file {
    const char *path;               /* borrowed */
    char name[IMPORT_NAME_MAX + 1]; /* without folders, safe to show and to record */
    char sha256[65];                /* of the file as it lies there, packed or not */
    struct csv *csv;                /* one of both */
    struct xlsx *xlsx;              /* when it is a workbook */
    bool skip_hidden;               /* rows of the sheet */
    struct row_reader reader;
    struct stat at_start;
};

/*
 * Hash a file, open it and find the columns of the mapping.
 *
 * path, m: borrowed until import_file_close.
 * Errors: ERR_NOT_FOUND, ERR_IO, ERR_USAGE (standard input: a run could not be resumed),
 * ERR_PARSE (no heading, or not the columns that the mapping names), ERR_CANCELLED.
 */
enum err_code import_file_open(struct import_file *f, const char *path, const struct mapping *m,
                               const struct progress *progress, struct err *e) MUST_CHECK;
void import_file_close(struct import_file *f);
/* Next row, as csv_next or xlsx_next; errors name the file. */
enum err_code import_file_next(struct import_file *f, struct csv_row *row, bool *eof,
                               struct err *e) MUST_CHECK;
/* Begin again at the first row. */
enum err_code import_file_restart(struct import_file *f, const struct mapping *m,
                                  struct err *e) MUST_CHECK;
/* Bytes of it read so far and its size, for progress. */
void import_file_progress(const struct import_file *f, uint64_t *done_bytes,
                          uint64_t *size_bytes);
/* ERR_CONFLICT when the file was changed since it was hashed. */
enum err_code import_file_unchanged(const struct import_file *f, struct err *e) MUST_CHECK;

#endif
