#include <config.h>

#include "ui/many.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/format.h"

#define MANY_MAX_BYTES (32u << 20)
#define VALUES_MAX_BYTES (1u << 20)
#define FETCH_AT_ONCE 256u

struct many *many_new(size_t rows)
{
    struct many *m = mem_alloc(sizeof(*m));

    if (m == NULL) {
        return NULL;
    }
    arena_init(&m->arena, MANY_MAX_BYTES);
    m->values = arena_array(&m->arena, rows, sizeof(*m->values));
    if (m->values == NULL) {
        many_free(m);
        return NULL;
    }
    return m;
}

void many_free(struct many *m)
{
    if (m != NULL) {
        arena_release(&m->arena);
        mem_free(m);
    }
}

bool many_add(struct many *m, const char *const *values)
{
    for (size_t i = 0; i < m->name_count; i++) {
        m->values[m->count][i] = arena_strdup(&m->arena, values[i]);
        if (m->values[m->count][i] == NULL) {
            return false;
        }
    }
    m->count++;
    return true;
}

/* ---- what differs, from the rows ---- */

static bool add_row(struct values_job *j, const struct row *row)
{
    const char *values[PRESETS_MAX] = {NULL};
    char number[24];

    (void)snprintf(number, sizeof(number), "%" PRId64, row->id);
    for (size_t i = 0; i < j->many->name_count; i++) {
        const char *cell = j->cells[i] < 0 ? number : row->cells[j->cells[i]];

        values[i] = cell == NULL ? "" : cell;
    }
    return many_add(j->many, values);
}

static enum err_code add_chunk(struct values_job *j, size_t from, size_t count, struct err *e)
{
    struct rowset set = {0};
    enum err_code rc;

    arena_init(&set.arena, 4 * VALUES_MAX_BYTES);
    set.rows = arena_array(&set.arena, count, sizeof(*set.rows));
    set.max = count;
    rc = set.rows == NULL ? err_nomem(e)
                          : j->source->fetch(j->source->ctx, j->ids.ids + from, count, &set, e);
    for (size_t i = 0; rc == ERR_OK && i < set.count; i++) {
        rc = add_row(j, &set.rows[i]) ? ERR_OK : err_nomem(e);
    }
    arena_release(&set.arena);
    return rc;
}

static void values_run(struct job *job, struct job_env *env)
{
    struct values_job *j = (struct values_job *)job;
    enum err_code rc = ERR_OK;

    for (size_t at = 0; at < j->ids.count && rc == ERR_OK; at += FETCH_AT_ONCE) {
        size_t left = j->ids.count - at;

        rc = progress_step(&env->progress, "", at, j->ids.count)
                 ? add_chunk(j, at, left < FETCH_AT_ONCE ? left : FETCH_AT_ONCE, &job->err)
                 : err_set(&job->err, ERR_CANCELLED, "cancelled");
    }
    job->err.code = rc;
}

static void values_free(struct job *job)
{
    struct values_job *j = (struct values_job *)job;

    idarray_release(&j->ids);
    many_free(j->many);
    mem_free(j);
}

struct job *values_job_new(const struct rowsource *source, const struct idarray *ids,
                           const char *const *names, const int *cells, size_t count,
                           uint32_t kind, uint32_t serial)
{
    static const struct job_ops ops = {values_run, values_free};
    struct values_job *j = mem_alloc(sizeof(*j));

    if (j == NULL) {
        return NULL;
    }
    j->job.ops = &ops;
    j->job.lane = LANE_QUERY;
    j->job.kind = kind;
    j->job.serial = serial;
    j->source = source;
    j->many = many_new(ids->count);
    if (j->many == NULL || idarray_add(&j->ids, ids->ids, ids->count, NULL) != ERR_OK) {
        values_free(&j->job);
        return NULL;
    }
    for (size_t i = 0; i < count && i < PRESETS_MAX; i++) {
        j->many->names[i] = names[i];
        j->cells[i] = cells[i];
        j->many->name_count++;
    }
    return &j->job;
}

/* ---- the command, row by row ---- */

/* The common values with this row's in their places; those that are new come behind. */
static size_t row_values(const struct many_job *j, size_t row, struct ui_value *out)
{
    size_t count = j->value_count;

    memcpy(out, j->values, count * sizeof(*out));
    for (size_t i = 0; i < j->many->name_count; i++) {
        size_t at = 0;

        while (at < count && strcmp(out[at].name, j->many->names[i]) != 0) {
            at++;
        }
        if (at == count && count < PARAMS_MAX) {
            count++;
        }
        if (at < count) {
            out[at] = (struct ui_value){j->many->names[i], j->many->values[row][i]};
        }
    }
    return count;
}

static void many_run(struct job *job, struct job_env *env)
{
    struct many_job *j = (struct many_job *)job;
    const struct ui_model *m = j->model;

    for (size_t row = 0; row < j->many->count; row++) {
        struct ui_value values[PARAMS_MAX];
        struct ui_ticket ticket = {0};
        struct err e = ERR_INIT;
        size_t count = row_values(j, row, values);

        if (!progress_step(&env->progress, "", row, j->many->count)) {
            (void)err_set(&job->err, ERR_CANCELLED, "%s", _("stopped"));
            return;
        }
        if (m->command_run(m->ctx, j->name, values, count, NULL, &ticket, &e) == ERR_OK) {
            j->ticket = ticket;
            j->done++;
        } else if (j->failed++ == 0) {
            format_copy(j->first, sizeof(j->first), j->many->values[row][0]);
            j->first_error = e;
        }
    }
}

static void many_job_free(struct job *job)
{
    struct many_job *j = (struct many_job *)job;

    arena_release(&j->arena);
    many_free(j->many);
    mem_free(j);
}

struct job *many_job_new(const struct ui_model *m, uint32_t kind, uint32_t serial,
                         const char *name, const struct ui_value *values, size_t value_count,
                         struct many *many)
{
    static const struct job_ops ops = {many_run, many_job_free};
    struct many_job *j = mem_alloc(sizeof(*j));

    if (j == NULL) {
        many_free(many);
        return NULL;
    }
    CHECK(value_count <= PARAMS_MAX);
    j->job.ops = &ops;
    j->job.lane = LANE_ACT;
    j->job.kind = kind;
    j->job.serial = serial;
    j->model = m;
    j->many = many;
    arena_init(&j->arena, VALUES_MAX_BYTES);
    j->name = arena_strdup(&j->arena, name);
    for (size_t i = 0; i < value_count && j->name != NULL; i++) {
        struct ui_value v = {arena_strdup(&j->arena, values[i].name),
                             arena_strdup(&j->arena, values[i].value)};

        j->values[j->value_count++] = v;
        j->name = v.name == NULL || v.value == NULL ? NULL : j->name;
    }
    if (j->name == NULL) {
        many_job_free(&j->job);
        return NULL;
    }
    return &j->job;
}
