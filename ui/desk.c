#include <config.h>

#include "ui/desk.h"

#include "base/env.h"
#include "base/i18n.h"
#include "ui/format.h"

/* ---- effects ---- */

static void take_effects(struct desk *d, struct effects *fx)
{
    for (size_t i = 0; i < fx->count; i++) {
        struct effect *f = &fx->list[i];

        if (f->kind == FX_JOB) {
            workers_post(d->workers, f->job);
            f->job = NULL;
        } else if (f->kind == FX_CANCEL) {
            workers_cancel(d->workers, (enum lane)f->arg);
        } else if (f->kind == FX_QUIT) {
            d->quit = true;
        } else if (f->kind == FX_LANGUAGE) {
            format_copy(d->language, sizeof(d->language), f->text);
        } else {
            d->effect(d, f);
        }
    }
    fx_release(fx);
}

enum err_code desk_init(struct desk *d, struct err *e)
{
    frame_init(&d->frame);
    return workers_new(&d->workers, e);
}

enum err_code desk_open(struct desk *d, int rows, int columns, struct err *e)
{
    struct effects fx = {0};

    TRY(frame_resize(&d->frame, rows, columns, e));
    TRY(console_init(&d->console, d->model, &screen_login, rows, columns, &fx, e));
    d->opened = true;
    d->dirty = true;
    take_effects(d, &fx);
    return ERR_OK;
}

void desk_release(struct desk *d)
{
    workers_free(d->workers);
    d->workers = NULL;
    if (d->opened) {
        console_release(&d->console);
    }
    frame_release(&d->frame);
}

/* ---- events ---- */

void desk_send(struct desk *d, const struct event *ev)
{
    struct effects fx = {0};

    console_update(&d->console, ev, &fx);
    take_effects(d, &fx);
    d->dirty = true;
}

void desk_key(struct desk *d, uint32_t key)
{
    struct event ev = {.kind = EV_KEY, .key = key};

    desk_send(d, &ev);
}

void desk_answers(struct desk *d)
{
    struct job *job;

    while ((job = workers_take(d->workers)) != NULL) {
        struct event ev = {.kind = EV_JOB, .job = job};

        desk_send(d, &ev);
        job_free(job);
    }
}

void desk_tick(struct desk *d)
{
    struct event ev = {.kind = EV_TICK, .now_ms = monotonic_ms()};

    if (ev.now_ms - d->ticked_ms >= DESK_TICK_MS) {
        d->ticked_ms = ev.now_ms;
        ev.local_secs = d->model->local_now(d->model->ctx);
        desk_send(d, &ev);
    }
}

void desk_progress(struct desk *d)
{
    struct work_progress p;
    struct event ev = {.kind = EV_PROGRESS, .now_ms = monotonic_ms()};

    workers_progress(d->workers, LANE_ACT, &p);
    if (!p.running) {
        workers_progress(d->workers, LANE_ROWS, &p);
    }
    if (p.running || d->working) {
        d->working = p.running;
        ev.progress = &p;
        desk_send(d, &ev);
    }
}

bool desk_busy(struct desk *d)
{
    return workers_busy(d->workers, LANE_ROWS) || workers_busy(d->workers, LANE_QUERY) ||
           workers_busy(d->workers, LANE_ACT);
}

void desk_language(struct desk *d)
{
    if (d->language[0] != '\0' && workers_busy(d->workers, LANE_IDLE)) {
        workers_cancel(d->workers, LANE_IDLE);
    }
    if (d->language[0] != '\0' && !desk_busy(d) && !workers_busy(d->workers, LANE_IDLE)) {
        i18n_switch(d->language);
        console_language_changed(&d->console);
        d->language[0] = '\0';
        d->dirty = true;
    }
}
