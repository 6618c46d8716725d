#include <config.h>

#include "ui/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "ui/console.h"
#include "ui/copy.h"
#include "ui/format.h"
#include "ui/worker.h"

#define TICK_MS 1000
#define PROGRESS_MS 250
/* A frame waits so long for answers that are on their way, so that it need not be drawn twice.
 */
#define ANSWER_WAIT_MS 8
/* Keys taken before the next frame: typing ahead is not drawn letter by letter, nor does it
 * hold back the picture. */
#define KEYS_AT_ONCE 64

struct runner {
    const struct ui_model *model;
    struct terminal *term;
    struct workers *workers;
    struct console console;
    bool opened;
    struct frame frame;
    bool dirty;
    bool quit;
    int64_t ticked_ms;
    bool working;     /* progress is being told */
    char language[8]; /* to change to as soon as no worker runs; "" none */
};

/* ---- signals: a byte in a pipe ---- */

static int signal_pipe[2] = {-1, -1};
static const int caught[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT};
#define CAUGHT_COUNT (sizeof(caught) / sizeof(caught[0]))
static struct sigaction saved[CAUGHT_COUNT];

static void on_signal(int signo)
{
    int saved_errno = errno;
    unsigned char byte = (unsigned char)signo;

    if (write(signal_pipe[1], &byte, 1) < 0) {
        /* full: as many signals wait as anybody needs */
    }
    errno = saved_errno;
}

static enum err_code catch_signals(struct err *e)
{
    struct sigaction sa;

    if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        return err_errno(e, "%s", _("The console cannot open a pipe"));
    }
    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = on_signal;
    sa.sa_flags = SA_RESTART;
    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < CAUGHT_COUNT; i++) {
        (void)sigaction(caught[i], &sa, &saved[i]);
    }
    return ERR_OK;
}

static void release_signals(void)
{
    if (signal_pipe[0] < 0) {
        return;
    }
    for (size_t i = 0; i < CAUGHT_COUNT; i++) {
        (void)sigaction(caught[i], &saved[i], NULL);
    }
    (void)close(signal_pipe[0]);
    (void)close(signal_pipe[1]);
    signal_pipe[0] = -1;
    signal_pipe[1] = -1;
}

/* ---- effects ---- */

static int64_t now_ms(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void resize(struct runner *r);

static void suspend(struct runner *r)
{
    term_suspend(r->term);
    resize(r);
}

static void take_effect(struct runner *r, struct effect *f)
{
    switch (f->kind) {
    case FX_JOB:
        workers_post(r->workers, f->job);
        f->job = NULL;
        break;
    case FX_CANCEL:
        workers_cancel(r->workers, (enum lane)f->arg);
        break;
    case FX_QUIT:
        r->quit = true;
        break;
    case FX_LANGUAGE:
        format_copy(r->language, sizeof(r->language), f->text);
        break;
    case FX_THEME:
        (void)term_set_theme(r->term, f->text);
        break;
    case FX_REDRAW:
        term_redraw(r->term);
        break;
    case FX_SUSPEND:
        suspend(r);
        break;
    case FX_COPY:
        copy_to_terminal(f->text);
        copy_beside(f->text);
        break;
    case FX_UNDO:
    case FX_PUSH:
    case FX_REPLACE:
    case FX_POP:
    case FX_NEXT:
    case FX_MESSAGE:
    case FX_CONFIRM:
    case FX_COMMAND:
    case FX_LOGGED_IN:
    case FX_LOGOUT:
        break; /* the console has carried these out */
    }
}

static void take_effects(struct runner *r, struct effects *fx)
{
    for (size_t i = 0; i < fx->count; i++) {
        take_effect(r, &fx->list[i]);
    }
    fx_release(fx);
}

static void send(struct runner *r, const struct event *ev)
{
    struct effects fx = {0};

    console_update(&r->console, ev, &fx);
    take_effects(r, &fx);
    r->dirty = true;
}

/* ---- events ---- */

static void resize(struct runner *r)
{
    struct event ev = {.kind = EV_RESIZE};

    term_size(r->term, &ev.rows, &ev.columns);
    if (frame_resize(&r->frame, ev.rows, ev.columns, NULL) != ERR_OK) {
        return; /* no memory for it: the old size goes on */
    }
    term_resize(r->term, ev.rows, ev.columns);
    send(r, &ev);
}

static void take_signals(struct runner *r)
{
    unsigned char byte;
    bool resized = false; /* a storm of them is one */

    while (read(signal_pipe[0], &byte, 1) == 1) {
        switch (byte) {
        case SIGWINCH:
            resized = true;
            break;
        case SIGTSTP:
            suspend(r);
            break;
        case SIGCONT:
            term_resume(r->term);
            resized = true;
            break;
        default: /* those that end it */
            r->quit = true;
            break;
        }
    }
    if (resized) {
        resize(r);
    }
}

/* Answers to what a key asked for, so that the next look at the frame is right. */
static void await_answers(struct runner *r);

/* A click goes to its line by the keys that lead there; on the line of the cursor it is Enter.
 */
static void click(struct runner *r, int row)
{
    for (int steps = 0; steps < r->frame.rows; steps++) {
        struct event ev = {.kind = EV_KEY};
        int before;

        console_render(&r->console, &r->frame);
        before = r->frame.cursor_row;
        if (before < 0) {
            return;
        }
        ev.key = before == row ? K_ENTER : before < row ? K_DOWN : K_UP;
        if (before == row && steps > 0) {
            return; /* it came there now */
        }
        send(r, &ev);
        await_answers(r);
        console_render(&r->console, &r->frame);
        if (before == row || r->frame.cursor_row == before ||
            (r->frame.cursor_row < row) != (before < row)) { /* at an end, or past it */
            return;
        }
    }
}

static void take_keys(struct runner *r)
{
    struct term_input in;

    for (int i = 0; i < KEYS_AT_ONCE && !r->quit && term_next(r->term, &in); i++) {
        struct event ev = {.kind = EV_KEY, .key = in.key};

        if (in.click) {
            click(r, in.row);
            continue;
        }
        if (in.key == K_NONE) {
            ev.kind = EV_PASTE;
            ev.text = in.text;
            ev.len_bytes = in.len_bytes;
        }
        send(r, &ev);
    }
}

static void take_answers(struct runner *r)
{
    struct job *job;

    while ((job = workers_take(r->workers)) != NULL) {
        struct event ev = {.kind = EV_JOB, .job = job};

        send(r, &ev);
        job_free(job);
    }
}

static void tick(struct runner *r)
{
    struct event ev = {.kind = EV_TICK, .now_ms = now_ms()};

    if (ev.now_ms - r->ticked_ms >= TICK_MS) {
        r->ticked_ms = ev.now_ms;
        ev.local_secs = r->model->local_now(r->model->ctx);
        send(r, &ev);
    }
}

/* Tell of long work: what the user asked for before what the program fetches. */
static void tell_progress(struct runner *r)
{
    struct work_progress p;
    struct event ev = {.kind = EV_PROGRESS, .now_ms = now_ms()};

    workers_progress(r->workers, LANE_ACT, &p);
    if (!p.running) {
        workers_progress(r->workers, LANE_ROWS, &p);
    }
    if (p.running || r->working) {
        r->working = p.running;
        ev.progress = &p;
        send(r, &ev);
    }
}

static bool any_busy(struct runner *r)
{
    return workers_busy(r->workers, LANE_ROWS) || workers_busy(r->workers, LANE_QUERY) ||
           workers_busy(r->workers, LANE_ACT);
}

/* The language lives in the environment, which no thread may read while it changes: what nobody
 * waits for is stopped. */
static void change_language(struct runner *r)
{
    if (r->language[0] != '\0' && workers_busy(r->workers, LANE_IDLE)) {
        workers_cancel(r->workers, LANE_IDLE);
    }
    if (r->language[0] != '\0' && !any_busy(r) && !workers_busy(r->workers, LANE_IDLE)) {
        i18n_switch(r->language);
        r->language[0] = '\0';
        r->dirty = true;
    }
}

/* ---- the loop ---- */

static int next_timeout(struct runner *r)
{
    int64_t left = TICK_MS - (now_ms() - r->ticked_ms);
    int keys = term_timeout_ms(r->term);

    left = left < 0 ? 0 : left;
    if (any_busy(r) && left > PROGRESS_MS) {
        left = PROGRESS_MS;
    }
    return keys >= 0 && keys < left ? keys : (int)left;
}

static void wait_for(struct runner *r, int timeout_ms)
{
    struct pollfd fds[3] = {{term_fd(r->term), POLLIN, 0},
                            {workers_fd(r->workers), POLLIN, 0},
                            {signal_pipe[0], POLLIN, 0}};

    /* A terminal that hung up says that it can be read, too: there is nothing to read. */
    if (poll(fds, 3, timeout_ms) > 0 &&
        (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
        r->quit = true;
    }
}

/* Give answers to what was just asked a moment to arrive. */
static void await_answers(struct runner *r)
{
    int64_t until = now_ms() + ANSWER_WAIT_MS;
    int64_t left;

    while (workers_awaited(r->workers, LANE_QUERY) && (left = until - now_ms()) > 0) {
        struct pollfd fd = {workers_fd(r->workers), POLLIN, 0};

        if (poll(&fd, 1, (int)left) <= 0) {
            return;
        }
        take_answers(r);
    }
}

static void draw(struct runner *r)
{
    await_answers(r);
    take_answers(r);
    change_language(r);
    console_render(&r->console, &r->frame);
    term_draw(r->term, &r->frame);
    r->dirty = false;
}

static enum err_code open_all(struct runner *r, const struct run_options *o, struct err *e)
{
    struct effects fx = {0};
    int rows;
    int columns;

    TRY(workers_new(&r->workers, e));
    TRY(term_open(&r->term, o->theme, o->charset, e));
    TRY(catch_signals(e));
    term_size(r->term, &rows, &columns);
    r->frame.ascii = term_ascii(r->term);
    if (o->mouse) {
        term_use_mouse(r->term);
    }
    TRY(frame_resize(&r->frame, rows, columns, e));
    term_resize(r->term, rows, columns);
    TRY(console_init(&r->console, r->model, &screen_login, rows, columns, &fx, e));
    r->opened = true;
    take_effects(r, &fx);
    return ERR_OK;
}

enum err_code console_run(const struct ui_model *m, const struct run_options *o, struct err *e)
{
    struct runner *r = mem_alloc(sizeof(*r));
    enum err_code rc;

    if (r == NULL) {
        return err_nomem(e);
    }
    r->model = m;
    frame_init(&r->frame);
    rc = open_all(r, o, e);
    r->dirty = true;
    while (rc == ERR_OK && !r->quit) {
        tick(r);
        if (r->dirty) {
            draw(r);
        }
        wait_for(r, next_timeout(r));
        take_signals(r);
        take_keys(r);
        take_answers(r);
        tell_progress(r);
        change_language(r);
    }
    release_signals();
    term_close(r->term); /* before waiting for work under way: the user is gone */
    workers_free(r->workers);
    if (r->opened) {
        console_release(&r->console);
    }
    frame_release(&r->frame);
    mem_free(r);
    return rc;
}
