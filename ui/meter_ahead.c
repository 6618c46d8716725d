#include <config.h>

#include "ui/meter_ahead.h"

#include <string.h>

struct ahead_job {
    struct job job;
    const struct ui_model *model;
    size_t count;
    struct ui_meter_detail details[TABLE_LIKELY_MAX]; /* id 0: could not be read */
};

/* Its place, METER_AHEAD_KEPT when it is not here. */
static size_t place_of(const struct meter_ahead *a, int64_t id)
{
    size_t i = 0;

    while (i < METER_AHEAD_KEPT && (id == 0 || a->kept[i].id != id)) {
        i++;
    }
    return i;
}

const struct ui_meter_detail *meter_ahead_find(const struct meter_ahead *a, int64_t id,
                                               bool *old)
{
    size_t i = place_of(a, id);

    *old = i < METER_AHEAD_KEPT && a->old[i];
    return i < METER_AHEAD_KEPT ? &a->kept[i] : NULL;
}

void meter_ahead_keep(struct meter_ahead *a, const struct ui_meter_detail *detail)
{
    size_t i = place_of(a, detail->id);

    if (detail->id == 0) {
        return;
    }
    if (i == METER_AHEAD_KEPT) {
        i = a->next;
        a->next = (a->next + 1) % METER_AHEAD_KEPT;
    }
    a->kept[i] = *detail;
    a->old[i] = false;
}

void meter_ahead_age(struct meter_ahead *a)
{
    for (size_t i = 0; i < METER_AHEAD_KEPT; i++) {
        a->old[i] = true;
    }
    a->serial++; /* an answer that is on its way is too old */
    a->asking = false;
}

/* ---- fetching ---- */

static void ahead_run(struct job *job, struct job_env *env)
{
    struct ahead_job *j = (struct ahead_job *)job;

    for (size_t i = 0; i < j->count; i++) {
        int64_t id = j->details[i].id;
        struct err ignored = ERR_INIT; /* whoever selects it asks again, and is told why */

        if (!progress_step(&env->progress, "", 0, 0)) {
            j->count = i; /* it gives way with what there is */
        } else if (j->model->meter_detail(j->model->ctx, id, &j->details[i], &ignored) !=
                   ERR_OK) {
            j->details[i].id = 0;
        }
    }
}

static void ahead_free(struct job *job)
{
    mem_free(job);
}

void meter_ahead_ask(struct meter_ahead *a, const struct ui_model *m, const struct table *t,
                     uint32_t kind, struct effects *fx)
{
    static const struct job_ops ops = {ahead_run, ahead_free};
    int64_t likely[TABLE_LIKELY_MAX];
    size_t wanted = 0;
    size_t count = a->asking ? 0 : table_likely(t, likely);
    struct ahead_job *j;

    for (size_t i = 0; i < count; i++) {
        bool old = false;

        if (meter_ahead_find(a, likely[i], &old) == NULL || old) {
            likely[wanted++] = likely[i];
        }
    }
    j = wanted > 0 ? mem_alloc(sizeof(*j)) : NULL;
    if (j == NULL) {
        return;
    }
    j->job.ops = &ops;
    j->job.lane = LANE_QUERY;
    j->job.kind = kind;
    j->job.serial = ++a->serial;
    j->job.replaces = true;
    j->job.ahead = true;
    j->model = m;
    j->count = wanted;
    for (size_t i = 0; i < wanted; i++) {
        j->details[i].id = likely[i];
    }
    a->asking = true;
    fx_job(fx, &j->job);
}

bool meter_ahead_take(struct meter_ahead *a, const struct job *job)
{
    const struct ahead_job *j = (const struct ahead_job *)job;
    bool brought = false;

    if (job->serial != a->serial) {
        return false;
    }
    a->asking = false;
    for (size_t i = 0; job->err.code == ERR_OK && i < j->count; i++) {
        meter_ahead_keep(a, &j->details[i]);
        brought = brought || j->details[i].id != 0;
    }
    return brought;
}
