#include <config.h>

#include "ui/page_jobs.h"

#include "ui/format.h"
#include "ui/row_sheet.h"

static void sheet_run(struct job *job, struct job_env *env)
{
    struct sheet_job *j = (struct sheet_job *)job;

    (void)env;
    job->err.code = j->row_of != NULL
                        ? row_sheet(j->model, j->row_of, j->id, &j->sheet, &job->err)
                        : j->model->sheet(j->model->ctx, j->name, j->id, &j->sheet, &job->err);
    if (job->err.code == ERR_OK) {
        job->err.code = sheet_status(&j->sheet, &job->err);
    }
}

static void sheet_job_free(struct job *job)
{
    sheet_release(&((struct sheet_job *)job)->sheet);
    mem_free(job);
}

struct job *sheet_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                          const char *name, int64_t id)
{
    static const struct job_ops ops = {sheet_run, sheet_job_free};
    struct sheet_job *j = mem_alloc(sizeof(*j));

    if (j == NULL) {
        return NULL;
    }
    j->job = (struct job){
        .ops = &ops, .lane = LANE_QUERY, .kind = kind, .serial = serial, .replaces = true};
    j->model = m;
    j->name = name;
    j->id = id;
    sheet_init(&j->sheet);
    return &j->job;
}

struct job *row_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                        const struct list_def *list, int64_t id)
{
    struct job *job = sheet_job_new(m, kind, serial, list->name, id);

    if (job != NULL) {
        ((struct sheet_job *)job)->row_of = list;
    }
    return job;
}

static void search_run(struct job *job, struct job_env *env)
{
    struct search_job *j = (struct search_job *)job;

    (void)env;
    job->err.code = j->model->find(j->model->ctx, j->text, &j->search, &job->err);
}

static void search_free(struct job *job)
{
    mem_free(job);
}

struct job *search_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                           const char *text)
{
    static const struct job_ops ops = {search_run, search_free};
    struct search_job *j = mem_alloc(sizeof(*j));

    if (j == NULL) {
        return NULL;
    }
    j->job = (struct job){
        .ops = &ops, .lane = LANE_QUERY, .kind = kind, .serial = serial, .replaces = true};
    j->model = m;
    format_copy(j->text, sizeof(j->text), text);
    return &j->job;
}
