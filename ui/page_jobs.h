/* Jobs of pages and of the counter's search. */
#ifndef AFORO_UI_PAGE_JOBS_H
#define AFORO_UI_PAGE_JOBS_H

#include "ui/job.h"
#include "ui/lineedit.h"
#include "ui/list.h"
#include "ui/model.h"

struct sheet_job {
    struct job job;
    const struct ui_model *model;
    const char *name; /* static */
    int64_t id;
    const struct list_def *row_of; /* the list of a row's page; NULL: a sheet of the model */
    struct sheet sheet;            /* the receiver may move it out and leave an empty one */
};

struct search_job {
    struct job job;
    const struct ui_model *model;
    char text[LINEEDIT_BYTES];
    struct ui_search search;
};

/* Each returns NULL when memory is exhausted. */
struct job *sheet_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                          const char *name, int64_t id);
/* The page of a row of a list: what stands in its columns, what the model says of it besides,
 * and where it leads. */
struct job *row_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                        const struct list_def *list, int64_t id);
struct job *search_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                           const char *text);

#endif
