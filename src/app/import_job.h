/* Importing a file of any kind: what all kinds have in common. The kinds differ in how their
 * rows are shown and stored; import_job.c has the table. */
#ifndef AFORO_APP_IMPORT_JOB_H
#define AFORO_APP_IMPORT_JOB_H

#include "app/import_file.h"
#include "app/import_report.h"
#include "app/import_run.h"

struct import_job {
    struct command_ctx *c;
    struct arena arena; /* of the mapping */
    struct mapping mapping;
    struct import_file file;
    struct import_run run;
    struct import_report *report;
    bool dry; /* count what would become of the rows, and change nothing */
};

struct import_kind {
    size_t size; /* bytes of its state, of which the job is the first member */
    /* Get ready, after mapping and file were opened. */
    enum err_code (*prepare)(struct import_job *job, struct err *e);
    /* Show a row as it would be read: one line, or one JSON value. *sound false: refused. */
    enum err_code (*show)(struct import_job *job, const struct csv_row *row, struct buf *out,
                          bool *sound, struct refused *why, struct err *e);
    /* Read the whole file, then store its rows in batches. */
    enum err_code (*store)(struct import_job *job, struct err *e);
    void (*release)(struct import_job *job);
};
extern const struct import_kind import_readings_kind, import_lines_kind;

/* The `run` of the commands `import readings`, `import meters` and so on. c->report may point
 * to a struct import_report that it fills. */
enum err_code run_import(struct command_ctx *c, struct err *e) MUST_CHECK;

/* For the kinds: */

/* Tell how far the reading of the file is, every few thousand rows. ERR_CANCELLED. */
enum err_code job_reading(struct import_job *job, uint64_t rows, struct err *e) MUST_CHECK;
/* Tell how far the storing is. ERR_CANCELLED. */
enum err_code job_storing(struct import_job *job, uint64_t done, uint64_t total,
                          struct err *e) MUST_CHECK;
/* ERR_PARSE when the file held no rows; ERR_CONFLICT when it was changed meanwhile. */
enum err_code job_read_all(const struct import_job *job, uint64_t rows,
                           struct err *e) MUST_CHECK;

#endif
