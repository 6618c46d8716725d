#include <config.h>

#include "tests/unit/ui_rig.h"

#include "base/i18n.h"
#include "base/text.h"
#include "tests/unit/check_ui.h"
#include "ui/format.h"

static void deliver(struct rig *r, struct job *job);

static bool go_on(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)what;
    (void)done;
    (void)total;
    return true;
}

static void on_post(void *ctx, struct job *part)
{
    deliver(ctx, part);
}

static void take_effects(struct rig *r, struct effects *fx)
{
    for (size_t i = 0; i < fx->count; i++) {
        struct effect *f = &fx->list[i];

        switch (f->kind) {
        case FX_JOB:
            ck_assert_uint_lt(r->job_count, RIG_JOBS_MAX);
            r->jobs[r->job_count++] = f->job;
            f->job = NULL;
            break;
        case FX_QUIT:
            r->quit = true;
            break;
        case FX_LANGUAGE:
            i18n_switch(f->text);
            break;
        case FX_THEME:
            format_copy(r->theme, sizeof(r->theme), f->text);
            break;
        case FX_REDRAW:
            r->redrawn++;
            break;
        case FX_SUSPEND:
            r->suspended++;
            break;
        case FX_CANCEL:
            break;
        case FX_COPY:
            format_copy(r->copied, sizeof(r->copied), f->text);
            break;
        case FX_UNDO:
        case FX_PUSH:
        case FX_REPLACE:
        case FX_POP:
        case FX_NEXT:
        case FX_MESSAGE:
        case FX_PICK:
        case FX_CONFIRM:
        case FX_COMMAND:
        case FX_LOGGED_IN:
        case FX_LOGOUT:
            ck_abort_msg("an effect of the console itself came out: %d", (int)f->kind);
        }
    }
    fx_release(fx);
}

static void send(struct rig *r, const struct event *ev)
{
    struct effects fx = {0};

    console_update(&r->console, ev, &fx);
    take_effects(r, &fx);
}

static void deliver(struct rig *r, struct job *job)
{
    struct event ev = {.kind = EV_JOB, .job = job};

    send(r, &ev);
    job_free(job);
}

void rig_run_job(struct rig *r, size_t index)
{
    struct job_env env = {{r, go_on}, r, on_post};
    struct job *job = r->jobs[index];

    r->job_count--;
    memmove(&r->jobs[index], &r->jobs[index + 1], (r->job_count - index) * sizeof(r->jobs[0]));
    job->ops->run(job, &env);
    deliver(r, job);
}

void rig_run_all(struct rig *r)
{
    for (int rounds = 0; r->job_count > 0; rounds++) {
        ck_assert_msg(rounds < 1000, "jobs ask for jobs without end");
        rig_run_job(r, 0);
    }
}

static void event(struct rig *r, const struct event *ev)
{
    send(r, ev);
    if (!r->deferred) {
        rig_run_all(r);
    }
}

void rig_open(struct rig *r, const struct screen_ops *first, int rows, int columns)
{
    struct effects fx = {0};
    size_t meters = r->fake.meter_count;
    bool logged_in = r->fake.logged_in;

    fake_init(&r->fake);
    r->fake.meter_count = meters > 0 ? meters : fake_listed;
    r->fake.logged_in = logged_in;
    frame_init(&r->frame);
    ck_assert_int_eq(frame_resize(&r->frame, rows, columns, NULL), ERR_OK);
    ck_assert_int_eq(console_init(&r->console, &r->fake.model, first, rows, columns, &fx, NULL),
                     ERR_OK);
    r->console.logged_in = logged_in;
    take_effects(r, &fx);
    if (!r->deferred) {
        rig_run_all(r);
    }
}

void rig_open_meters(struct rig *r, size_t meter_count, int rows, int columns)
{
    memset(r, 0, sizeof(*r));
    r->fake.meter_count = meter_count;
    r->fake.logged_in = true;
    rig_open(r, &screen_meters, rows, columns);
}

void rig_close(struct rig *r)
{
    for (size_t i = 0; i < r->job_count; i++) {
        job_free(r->jobs[i]);
    }
    console_release(&r->console);
    frame_release(&r->frame);
}

void rig_key(struct rig *r, uint32_t key)
{
    struct event ev = {.kind = EV_KEY, .key = key};

    event(r, &ev);
}

void rig_type(struct rig *r, const char *text)
{
    while (*text != '\0') {
        uint32_t cp = 0;
        size_t used = utf8_decode(text, strlen(text), &cp);

        ck_assert_uint_gt(used, 0);
        text += used;
        rig_key(r, cp == '\n' ? K_ENTER : cp == '\t' ? K_TAB : cp == '\033' ? K_ESC : cp);
    }
}

void rig_paste(struct rig *r, const char *text, size_t len)
{
    struct event ev = {.kind = EV_PASTE, .text = text, .len_bytes = len};

    event(r, &ev);
}

void rig_resize(struct rig *r, int rows, int columns)
{
    struct event ev = {.kind = EV_RESIZE, .rows = rows, .columns = columns};

    ck_assert_int_eq(frame_resize(&r->frame, rows, columns, NULL), ERR_OK);
    event(r, &ev);
}

void rig_tick(struct rig *r, int64_t ms)
{
    struct event ev = {.kind = EV_TICK};

    r->now_ms += ms;
    ev.now_ms = r->now_ms;
    ev.local_secs = r->fake.model.local_now(r->fake.model.ctx) + r->now_ms / 1000;
    event(r, &ev);
}

const char *rig_text(struct rig *r)
{
    static struct buf text;

    if (text.max == 0) {
        buf_init(&text, 4u << 20);
    }
    buf_clear(&text);
    console_render(&r->console, &r->frame);
    frame_dump(&r->frame, &text);
    return buf_str(&text);
}

void rig_sees(struct rig *r, const char *text)
{
    const char *all = rig_text(r);

    ck_assert_msg(strstr(all, text) != NULL, "\"%s\" is not on the screen:\n%.9000s", text,
                  all);
}

void rig_misses(struct rig *r, const char *text)
{
    const char *all = rig_text(r);

    ck_assert_msg(strstr(all, text) == NULL, "\"%s\" is on the screen:\n%.9000s", text, all);
}

const struct screen_ops *rig_top(const struct rig *r)
{
    return r->console.stack[r->console.depth - 1].ops;
}
