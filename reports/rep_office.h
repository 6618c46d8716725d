/* The office's reports: a query each, streamed row by row into any format. */
#ifndef AFORO_REPORTS_REP_OFFICE_H
#define AFORO_REPORTS_REP_OFFICE_H

#include "app/office.h"
#include "reports/model.h"
#include "reports/out.h"

#define OFFICE_REPORT_PARAMS 8
#define OFFICE_REPORT_COLUMNS 14
#define OFFICE_REPORT_TODAY 11    /* numbers of parameters: the office's day of today, */
#define OFFICE_REPORT_LANGUAGE 12 /* and the language */

/* What may narrow a report; the same names on the command line and in the console. */
struct office_report_param {
    const char *name; /* "from", "to", "serial", "account", "user", "kind", "run", "state" */
};

struct office_report_column {
    const char *id;
    const char *heading; /* N_() */
    enum report_type type;
    uint8_t width;
    enum report_total total;
};

struct office_report_def {
    const char *name;  /* "readings" */
    const char *title; /* N_() */
    const char
        *sql; /* ?1.. bind `params` in their order, NULL where not given; ?12 the language
               */
    const char *params[OFFICE_REPORT_PARAMS + 1];                   /* ends with NULL */
    struct office_report_column columns[OFFICE_REPORT_COLUMNS + 1]; /* ends with a NULL id */
};

extern const struct office_report_def office_reports[];
extern const size_t office_report_count;
const struct office_report_def *office_report_find(const char *name);

/* A report being read. */
struct office_report {
    struct report_doc doc;
    const struct office_report_def *def;
    struct report_column columns[OFFICE_REPORT_COLUMNS];
    size_t unit_of[OFFICE_REPORT_COLUMNS]; /* column of a quantity's unit; SIZE_MAX: none */
    struct stmt *q;
    struct buf reckoned;
    const struct reckon_slices *slices; /* NULL: `reckoned` holds all rows */
    void *slices_state;
    struct office *office;
    size_t param_count;
    struct progress reckoning; /* passes on how far it is */
    uint64_t done, total;      /* while rows are reckoned; total 0: they are read */
    const char *values[OFFICE_REPORT_PARAMS]; /* of def->params, borrowed */
    struct db *db;
    const struct progress *progress; /* NULL: none; borrowed */
    uint64_t rows;                   /* read so far */
    char subtitle[512];
    bool people; /* set after opening: codes in words (report_format.people) */
    const struct numfmt *fmt;
    struct buf said[OFFICE_REPORT_COLUMNS];
    struct report_chart chart;
};

/*
 * Prepare a report over the office's tables.
 *
 * values:   one text for each of def->params, NULL where not given; borrowed until closed.
 * progress: NULL or where to show that something is done, also before there is a first row, and
 *           to hear that nobody wants it any more; borrowed until closed.
 * out:      out->doc is ready for report_write(); close with office_report_close().
 */
enum err_code office_report_open(struct office *o, const struct office_report_def *def,
                                 const char *const *values, const struct progress *progress,
                                 struct office_report *out, struct err *e) MUST_CHECK;
void office_report_close(struct office_report *r);
/*
 * Write an open report: codes in words where the format is for people, the office's face on
 * paper.
 *
 * Errors: those of report_write and of the face.
 */
enum err_code office_report_write(struct office *o, struct office_report *r,
                                  const struct report_format *format, const char *path,
                                  struct report_outcome *outcome, struct err *e) MUST_CHECK;

#endif
