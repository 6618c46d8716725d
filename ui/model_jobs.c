#include <config.h>

#include "ui/model_jobs.h"

#include <string.h>

#include "ui/format.h"

#define COMMAND_MAX_BYTES 65536u
#define PREVIEW_MAX_BYTES 4096u

static void plain_free(struct job *job)
{
    mem_free(job);
}

/* Each job structure begins with its struct job; a zeroed one of the given size. */
static void *job_new(size_t size_bytes, const struct job_ops *ops, enum lane lane,
                     uint32_t kind, uint32_t serial, bool replaces)
{
    struct job *job = mem_alloc(size_bytes);

    if (job != NULL) {
        job->ops = ops;
        job->lane = lane;
        job->kind = kind;
        job->serial = serial;
        job->replaces = replaces;
    }
    return job;
}

/* A callee that failed without a sentence still failed; one that worked left no error. */
static void settle(struct job *job, enum err_code rc)
{
    job->err.code = rc;
}

/* ---- session ---- */

static void login_run(struct job *job, struct job_env *env)
{
    struct login_job *j = (struct login_job *)job;

    (void)env;
    if (j->user[0] == '\0') {
        settle(job, j->model->unlock(j->model->ctx, j->password, &j->reply, &job->err));
    } else {
        settle(job, j->model->login(j->model->ctx, j->user, j->password, &j->reply, &job->err));
    }
    explicit_bzero(j->password, sizeof(j->password));
}

static void login_free(struct job *job)
{
    explicit_bzero(((struct login_job *)job)->password,
                   sizeof(((struct login_job *)job)->password));
    mem_free(job);
}

struct job *login_job_new(const struct ui_model *m, uint32_t kind, const char *user,
                          const char *password)
{
    static const struct job_ops ops = {login_run, login_free};
    struct login_job *j = job_new(sizeof(*j), &ops, LANE_ACT, kind, 0, false);

    if (j == NULL) {
        return NULL;
    }
    j->model = m;
    format_copy(j->user, sizeof(j->user), user);
    format_copy(j->password, sizeof(j->password), password);
    return &j->job;
}

struct job *unlock_job_new(const struct ui_model *m, uint32_t kind, const char *password)
{
    return login_job_new(m, kind, "", password);
}

static void logout_run(struct job *job, struct job_env *env)
{
    const struct ui_model *m = ((struct status_job *)job)->model;

    (void)env;
    m->logout(m->ctx);
}

struct job *logout_job_new(const struct ui_model *m, uint32_t kind)
{
    static const struct job_ops ops = {logout_run, plain_free};
    struct status_job *j = job_new(sizeof(*j), &ops, LANE_ACT, kind, 0, false);

    if (j == NULL) {
        return NULL;
    }
    j->model = m;
    return &j->job;
}

static void status_run(struct job *job, struct job_env *env)
{
    struct status_job *j = (struct status_job *)job;

    (void)env;
    settle(job, j->model->status(j->model->ctx, &j->status, &job->err));
}

struct job *status_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial)
{
    static const struct job_ops ops = {status_run, plain_free};
    struct status_job *j = job_new(sizeof(*j), &ops, LANE_QUERY, kind, serial, false);

    if (j == NULL) {
        return NULL;
    }
    j->job.ahead = true; /* no picture is held back for it */
    j->model = m;
    return &j->job;
}

/* ---- commands ---- */

static void command_job_run(struct job *job, struct job_env *env)
{
    struct command_job *j = (struct command_job *)job;
    const struct ui_model *m = j->model;

    if (!j->preview) {
        settle(job, m->command_run(m->ctx, j->name, j->values, j->value_count, &env->progress,
                                   &j->ticket, &job->err));
    } else if (m->command_preview != NULL) {
        settle(job, m->command_preview(m->ctx, j->name, j->values, j->value_count,
                                       &j->consequence, &job->err));
    }
}

static void command_job_free(struct job *job)
{
    struct command_job *j = (struct command_job *)job;

    for (size_t i = 0; i < j->value_count; i++) { /* one of them may be a password */
        explicit_bzero((void *)(uintptr_t)j->values[i].value, strlen(j->values[i].value));
    }
    arena_release(&j->arena);
    buf_release(&j->consequence);
    mem_free(j);
}

struct job *command_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                            bool preview, const char *name, const struct ui_value *values,
                            size_t value_count)
{
    static const struct job_ops ops = {command_job_run, command_job_free};
    struct command_job *j = job_new(sizeof(*j), &ops, LANE_ACT, kind, serial, false);

    if (j == NULL) {
        return NULL;
    }
    CHECK(value_count <= PARAMS_MAX);
    arena_init(&j->arena, COMMAND_MAX_BYTES);
    buf_init(&j->consequence, PREVIEW_MAX_BYTES);
    j->model = m;
    j->preview = preview;
    j->name = arena_strdup(&j->arena, name);
    for (size_t i = 0; i < value_count && j->name != NULL; i++) {
        struct ui_value v = {arena_strdup(&j->arena, values[i].name),
                             arena_strdup(&j->arena, values[i].value)};

        if (v.name == NULL || v.value == NULL) {
            j->name = NULL;
        } else {
            j->values[j->value_count++] = v;
        }
    }
    if (j->name == NULL) {
        command_job_free(&j->job);
        return NULL;
    }
    return &j->job;
}

/* ---- meters and readings ---- */

static void meter_run(struct job *job, struct job_env *env)
{
    struct meter_job *j = (struct meter_job *)job;

    (void)env;
    settle(job, j->model->meter_detail(j->model->ctx, j->meter, &j->detail, &job->err));
}

struct job *meter_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                          int64_t meter)
{
    static const struct job_ops ops = {meter_run, plain_free};
    struct meter_job *j = job_new(sizeof(*j), &ops, LANE_QUERY, kind, serial, true);

    if (j == NULL) {
        return NULL;
    }
    j->model = m;
    j->meter = meter;
    return &j->job;
}

static void undo_run(struct job *job, struct job_env *env)
{
    struct undo_job *j = (struct undo_job *)job;

    (void)env;
    settle(job, j->model->undo(j->model->ctx, j->entry, &j->undo, &job->err));
}

struct job *undo_job_new(const struct ui_model *m, uint32_t kind, int64_t entry)
{
    static const struct job_ops ops = {undo_run, plain_free};
    struct undo_job *j = job_new(sizeof(*j), &ops, LANE_QUERY, kind, 0, false);

    if (j == NULL) {
        return NULL;
    }
    j->model = m;
    j->entry = entry;
    return &j->job;
}

static void changed_run(struct job *job, struct job_env *env)
{
    struct changed_job *j = (struct changed_job *)job;
    struct changed_about about[CHANGED_ABOUT_MAX];

    (void)env;
    for (size_t i = 0; i < j->count; i++) {
        about[i] = (struct changed_about){j->about[i].name, j->about[i].value};
    }
    settle(job,
           j->model->changed(j->model->ctx, j->since, about, j->count, &j->changed, &job->err));
}

struct job *changed_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                            int64_t since, const struct preset *about, size_t count)
{
    static const struct job_ops ops = {changed_run, plain_free};
    struct changed_job *j = job_new(sizeof(*j), &ops, LANE_QUERY, kind, serial, false);

    CHECK(count <= CHANGED_ABOUT_MAX);
    if (j == NULL) {
        return NULL;
    }
    j->model = m;
    j->since = since;
    memcpy(j->about, about, count * sizeof(*about));
    j->count = count;
    return &j->job;
}

static void upkeep_run(struct job *job, struct job_env *env)
{
    struct upkeep_job *j = (struct upkeep_job *)job;

    settle(job, j->model->upkeep(j->model->ctx, &env->progress, &job->err));
}

struct job *upkeep_job_new(const struct ui_model *m)
{
    static const struct job_ops ops = {upkeep_run, plain_free};
    struct upkeep_job *j = job_new(sizeof(*j), &ops, LANE_IDLE, 0, 0, false);

    if (j != NULL) {
        j->model = m;
    }
    return j == NULL ? NULL : &j->job;
}

static void file_run(struct job *job, struct job_env *env)
{
    struct file_job *j = (struct file_job *)job;

    (void)env;
    settle(job, j->model->file_look(j->model->ctx, j->typed, &j->file, &job->err));
}

static void file_free(struct job *job)
{
    mem_free(job);
}

struct job *file_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                         const char *typed)
{
    static const struct job_ops ops = {file_run, file_free};
    struct file_job *j = job_new(sizeof(*j), &ops, LANE_QUERY, kind, serial, true);

    if (j == NULL) {
        return NULL;
    }
    j->model = m;
    format_copy(j->typed, sizeof(j->typed), typed);
    return &j->job;
}

static void goals_run(struct job *job, struct job_env *env)
{
    struct goals_job *j = (struct goals_job *)job;

    (void)env;
    settle(job,
           j->model->list_goals(j->model->ctx, j->list, j->id, j->goals, &j->count, &job->err));
}

static void goals_free(struct job *job)
{
    mem_free(job);
}

struct job *goals_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                          const char *list, int64_t id)
{
    static const struct job_ops ops = {goals_run, goals_free};
    struct goals_job *j = job_new(sizeof(*j), &ops, LANE_QUERY, kind, serial, true);

    if (j == NULL) {
        return NULL;
    }
    j->model = m;
    j->list = list;
    j->id = id;
    return &j->job;
}

static void pick_run(struct job *job, struct job_env *env)
{
    struct pick_job *j = (struct pick_job *)job;

    (void)env;
    settle(job,
           j->model->picks(j->model->ctx, j->command, j->param, j->typed, j->picks, &job->err));
}

static void pick_free(struct job *job)
{
    picks_free(((struct pick_job *)job)->picks);
    mem_free(job);
}

struct job *pick_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                         const char *command, const char *param, const char *typed)
{
    static const struct job_ops ops = {pick_run, pick_free};
    struct pick_job *j = job_new(sizeof(*j), &ops, LANE_QUERY, kind, serial, true);

    if (j == NULL) {
        return NULL;
    }
    j->picks = picks_new();
    if (j->picks == NULL) {
        mem_free(j);
        return NULL;
    }
    j->model = m;
    format_copy(j->command, sizeof(j->command), command);
    format_copy(j->param, sizeof(j->param), param);
    format_copy(j->typed, sizeof(j->typed), typed);
    return &j->job;
}

static void detail_run(struct job *job, struct job_env *env)
{
    struct detail_job *j = (struct detail_job *)job;

    (void)env;
    settle(job, j->model->list_detail(j->model->ctx, j->list, j->id, &j->detail, &job->err));
}

static void detail_free(struct job *job)
{
    list_detail_release(&((struct detail_job *)job)->detail);
    mem_free(job);
}

struct job *detail_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                           const char *list, int64_t id)
{
    static const struct job_ops ops = {detail_run, detail_free};
    struct detail_job *j = job_new(sizeof(*j), &ops, LANE_QUERY, kind, serial, true);

    if (j == NULL) {
        return NULL;
    }
    j->model = m;
    j->list = list;
    j->id = id;
    list_detail_init(&j->detail);
    return &j->job;
}

static void subject_run(struct job *job, struct job_env *env)
{
    struct subject_job *j = (struct subject_job *)job;

    (void)env;
    settle(job, j->model->reading_subject(j->model->ctx, j->meter, &j->subject, &job->err));
}

struct job *subject_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                            int64_t meter)
{
    static const struct job_ops ops = {subject_run, plain_free};
    struct subject_job *j = job_new(sizeof(*j), &ops, LANE_QUERY, kind, serial, true);

    if (j == NULL) {
        return NULL;
    }
    j->model = m;
    j->meter = meter;
    return &j->job;
}

static void check_run(struct job *job, struct job_env *env)
{
    struct check_job *j = (struct check_job *)job;

    (void)env;
    settle(job, j->model->reading_check(j->model->ctx, j->meter, j->value, j->when,
                                        &j->findings, &job->err));
}

struct job *check_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                          int64_t meter, const char *value, const char *when)
{
    static const struct job_ops ops = {check_run, plain_free};
    struct check_job *j = job_new(sizeof(*j), &ops, LANE_QUERY, kind, serial, true);

    if (j == NULL) {
        return NULL;
    }
    j->model = m;
    j->meter = meter;
    format_copy(j->value, sizeof(j->value), value);
    format_copy(j->when, sizeof(j->when), when);
    return &j->job;
}
