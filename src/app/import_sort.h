/* Sorting the rows of a file that may be larger than memory: rows of fixed size, sorted in
 * chunks, spilled to a temporary file without a name, and merged. */
#ifndef AFORO_APP_IMPORT_SORT_H
#define AFORO_APP_IMPORT_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* One reading of a file. Order: register, local time, line. */
struct sort_row {
    uint32_t reg;
    uint32_t line;
    int64_t local; /* wall clock as written, seconds as if it were UTC */
    int64_t value; /* smallest unit */
    uint32_t raw;  /* number (from 1) of its text in a raw_store; 0: printed as it is */
    uint32_t flags;
};

#define SORT_CHUNK_ROWS ((size_t)512 * 1024) /* 16 MiB, and as much again while sorting */
#define SORT_ROWS_MAX UINT32_MAX

struct sorter;

/* dir: where the temporary file is made. chunk_rows: SORT_CHUNK_ROWS; tests ask for less. */
enum err_code sorter_new(const char *dir, size_t chunk_rows, struct sorter **out,
                         struct err *e) MUST_CHECK;
void sorter_free(struct sorter *s);
/* Errors: ERR_LIMIT, ERR_NOMEM, ERR_IO (the disk is full). */
enum err_code sorter_add(struct sorter *s, const struct sort_row *row,
                         struct err *e) MUST_CHECK;
/* No more rows; what follows is sorter_next. */
enum err_code sorter_finish(struct sorter *s, struct err *e) MUST_CHECK;
uint64_t sorter_count(const struct sorter *s);
/* The next row in order; *end true behind the last. */
enum err_code sorter_next(struct sorter *s, struct sort_row *row, bool *end,
                          struct err *e) MUST_CHECK;

/* Texts that are kept as they were written, in a file of their own. */
#define RAW_TEXT_MAX 63

struct raw_store;
enum err_code raw_store_new(const char *dir, struct raw_store **out, struct err *e) MUST_CHECK;
void raw_store_free(struct raw_store *r);
/* Keep a text of at most RAW_TEXT_MAX bytes without NUL; *number is what raw_store_get takes.
 */
enum err_code raw_store_put(struct raw_store *r, const char *text, size_t len, uint32_t *number,
                            struct err *e) MUST_CHECK;
enum err_code raw_store_get(struct raw_store *r, uint32_t number, char out[RAW_TEXT_MAX + 1],
                            struct err *e) MUST_CHECK;

/* A file that nobody else sees and that is gone when it is closed. */
enum err_code temp_file(const char *dir, int *fd, struct err *e) MUST_CHECK;
enum err_code write_all(int fd, const void *data, size_t len, int64_t offset,
                        struct err *e) MUST_CHECK;
enum err_code read_all(int fd, void *data, size_t len, int64_t offset,
                       struct err *e) MUST_CHECK;

#endif
