/* One command for many rows: what differs from row to row, and the job that runs it for each.
 */
#ifndef AFORO_UI_MANY_H
#define AFORO_UI_MANY_H

#include "base/arena.h"
#include "ui/model_jobs.h"
#include "ui/screen.h"

/* So many rows can be marked; more are better done by an import or a command for all. */
#define MANY_MAX 10000u

struct many {
    struct arena arena;             /* holds everything */
    const char *names[PRESETS_MAX]; /* of parameters, static */
    size_t name_count;
    const char *(*values)[PRESETS_MAX]; /* a row each */
    size_t count;
};

/* NULL when memory is out. */
struct many *many_new(size_t rows);
void many_free(struct many *m); /* NULL is fine */
/* Append a row's values, copied. False when memory is out. */
bool many_add(struct many *m, const char *const *values);

/* On LANE_QUERY: the values that keys of a list fill in, of rows by their ids. */
struct values_job {
    struct job job;
    const struct rowsource *source;
    struct idarray ids;     /* owned */
    int cells[PRESETS_MAX]; /* -1: the id */
    struct many *many;      /* owned until somebody takes it; its names are filled in */
};
/* Takes neither ids nor names; both are copied. */
struct job *values_job_new(const struct rowsource *source, const struct idarray *ids,
                           const char *const *names, const int *cells, size_t count,
                           uint32_t kind, uint32_t serial);

/* On LANE_ACT: the command for each row; stops where the user says so. */
struct many_job {
    struct job job;
    const struct ui_model *model;
    struct arena arena; /* holds name and values */
    const char *name;
    struct ui_value values[PARAMS_MAX]; /* common ones; those of `many` are put in row by row */
    size_t value_count;
    struct many *many; /* owned */
    size_t done, failed;
    char first[64];          /* value of the first row that failed */
    struct err first_error;  /* and why */
    struct ui_ticket ticket; /* of the last one that was recorded */
};
/* Takes `many`, also when it returns NULL. */
struct job *many_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                         const char *name, const struct ui_value *values, size_t value_count,
                         struct many *many);

#endif
