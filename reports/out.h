/* The writers: one row a format in out.c, one out_*.c each. Every writer leaves the whole file
 * or none. */
#ifndef AFORO_REPORTS_OUT_H
#define AFORO_REPORTS_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "base/text.h"
#include "reports/model.h"

struct pdf_press;
struct pdf_picture;

/* The office's face on paper. */
struct report_look {
    uint32_t accent;                /* 0xRRGGBB of titles; 0: none */
    const char *const *lines;       /* below the office's name; NULL ends */
    const struct pdf_picture *logo; /* NULL: none */
    struct pdf_press *press;        /* that the logo was read with */
};

struct report_options {
    const struct numfmt *fmt;        /* forms for people (pdf, text); never NULL */
    const struct progress *progress; /* NULL or told every few thousand rows; false cancels */
    const char *font_dir;            /* NULL: where the build found the fonts */
    const struct report_look *look;  /* NULL or the office's face, for paper */
};

/* What was written, and what the format could not hold: callers tell the user. */
struct report_outcome {
    uint64_t rows;
    uint64_t repaired;        /* texts altered: malformed UTF-8, control characters */
    uint64_t cut;             /* cells cut at the format's limit */
    uint64_t numbers_as_text; /* numbers with more digits than a spreadsheet keeps */
    unsigned pages;           /* pages or sheets; 0 where there are none */
};

struct report_format {
    const char *name;   /* "csv" */
    const char *suffix; /* ".csv" */
    const char *media_type;
    bool people; /* codes are shown in words; else they stay as tables and commands have them */
    enum err_code (*write)(const struct report_doc *doc, const struct report_options *options,
                           const char *path, struct report_outcome *outcome, struct err *e);
};

extern const struct report_format report_formats[];
extern const size_t report_format_count;
/* By name; NULL if unknown. */
const struct report_format *report_format_find(const char *name);
/* By the suffix of a file name; NULL if unknown. */
const struct report_format *report_format_of_path(const char *path);

/*
 * Write a report to a file; "-" is standard output.
 *
 * outcome: filled on success.
 * Errors:  the row source's, ERR_RANGE for rows outside the model, ERR_IO when the disk is full
 * (the target is then as it was), ERR_LIMIT when the format cannot hold the report,
 * ERR_CANCELLED.
 */
enum err_code report_write(const struct report_format *format, const struct report_doc *doc,
                           const struct report_options *options, const char *path,
                           struct report_outcome *outcome, struct err *e) MUST_CHECK;

/* Every this many rows progress is told; a power of two. */
#define REPORT_PROGRESS_ROWS 4096
enum err_code report_progress(const struct report_options *options,
                              const struct report_run *run, struct err *e) MUST_CHECK;

enum err_code out_text_write(const struct report_doc *doc, const struct report_options *options,
                             const char *path, struct report_outcome *outcome,
                             struct err *e) MUST_CHECK;
enum err_code out_csv_write(const struct report_doc *doc, const struct report_options *options,
                            const char *path, struct report_outcome *outcome,
                            struct err *e) MUST_CHECK;
enum err_code out_json_write(const struct report_doc *doc, const struct report_options *options,
                             const char *path, struct report_outcome *outcome,
                             struct err *e) MUST_CHECK;
enum err_code out_xlsx_write(const struct report_doc *doc, const struct report_options *options,
                             const char *path, struct report_outcome *outcome,
                             struct err *e) MUST_CHECK;
enum err_code out_pdf_write(const struct report_doc *doc, const struct report_options *options,
                            const char *path, struct report_outcome *outcome,
                            struct err *e) MUST_CHECK;

#endif
