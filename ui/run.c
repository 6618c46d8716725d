#include <config.h>

#include "ui/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/i18n.h"
#include "ui/copy.h"
#include "ui/desk.h"

#define PROGRESS_MS 250
/* A frame waits so long for answers that are on their way, so that it need not be drawn twice.
 */
#define ANSWER_WAIT_MS 8
/* What a key shows is on its way to the terminal so long before rows are fetched for the next
 * one: on a small machine the two would wait for each other. */
#define AHEAD_AFTER_MS 2
/* Keys taken before the next frame: typing ahead is not drawn letter by letter, nor does it
 * hold back the picture. */
#define KEYS_AT_ONCE 64

struct runner {
    struct desk desk; /* first: its effects come back to it */
    struct terminal *term;
    bool held;        /* nothing is fetched ahead of need */
    int64_t drawn_ms; /* when what the last key showed was drawn */
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

static void resize(struct runner *r);

static void suspend(struct runner *r)
{
    term_suspend(r->term);
    resize(r);
}

static void take_effect(struct desk *d, const struct effect *f)
{
    struct runner *r = (struct runner *)d;

    switch (f->kind) {
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
    case FX_JOB:
    case FX_CANCEL:
    case FX_QUIT:
    case FX_LANGUAGE:
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
        break; /* the desk and the console have carried these out */
    }
}

/* ---- events ---- */

static void resize(struct runner *r)
{
    struct event ev = {.kind = EV_RESIZE};

    term_size(r->term, &ev.rows, &ev.columns);
    if (frame_resize(&r->desk.frame, ev.rows, ev.columns, NULL) != ERR_OK) {
        return; /* no memory for it: the old size goes on */
    }
    term_resize(r->term, ev.rows, ev.columns);
    desk_send(&r->desk, &ev);
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
            r->desk.quit = true;
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
    for (int steps = 0; steps < r->desk.frame.rows; steps++) {
        struct event ev = {.kind = EV_KEY};
        int before;

        console_render(&r->desk.console, &r->desk.frame);
        before = r->desk.frame.cursor_row;
        if (before < 0) {
            return;
        }
        ev.key = before == row ? K_ENTER : before < row ? K_DOWN : K_UP;
        if (before == row && steps > 0) {
            return; /* it came there now */
        }
        desk_send(&r->desk, &ev);
        await_answers(r);
        console_render(&r->desk.console, &r->desk.frame);
        if (before == row || r->desk.frame.cursor_row == before ||
            (r->desk.frame.cursor_row < row) != (before < row)) { /* at an end, or past it */
            return;
        }
    }
}

static void take_keys(struct runner *r)
{
    struct term_input in;

    for (int i = 0; i < KEYS_AT_ONCE && !r->desk.quit && term_next(r->term, &in); i++) {
        struct event ev = {.kind = EV_KEY, .key = in.key};

        if (!r->held) {
            r->held = true;
            workers_hold(r->desk.workers, true);
        }
        if (in.click) {
            click(r, in.row);
            continue;
        }
        if (in.key == K_NONE) {
            ev.kind = EV_PASTE;
            ev.text = in.text;
            ev.len_bytes = in.len_bytes;
        }
        desk_send(&r->desk, &ev);
    }
}

/* ---- the loop ---- */

/* Once the user pauses, let what is likely to be wanted next be fetched. */
static void fetch_ahead(struct runner *r)
{
    if (r->held && monotonic_ms() - r->drawn_ms >= AHEAD_AFTER_MS) {
        r->held = false;
        workers_hold(r->desk.workers, false);
    }
}

static int next_timeout(struct runner *r)
{
    int64_t left = DESK_TICK_MS - (monotonic_ms() - r->desk.ticked_ms);
    int keys = term_timeout_ms(r->term);

    left = left < 0 ? 0 : left;
    if (r->held && left > AHEAD_AFTER_MS && workers_holding(r->desk.workers)) {
        left = AHEAD_AFTER_MS;
    }
    if (desk_busy(&r->desk) && left > PROGRESS_MS) {
        left = PROGRESS_MS;
    }
    return keys >= 0 && keys < left ? keys : (int)left;
}

static void wait_for(struct runner *r, int timeout_ms)
{
    struct pollfd fds[3] = {{term_fd(r->term), POLLIN, 0},
                            {workers_fd(r->desk.workers), POLLIN, 0},
                            {signal_pipe[0], POLLIN, 0}};

    /* A terminal that hung up says that it can be read, too: there is nothing to read. */
    if (poll(fds, 3, timeout_ms) > 0 &&
        (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
        r->desk.quit = true;
    }
}

/* Give answers to what was just asked a moment to arrive. */
static void await_answers(struct runner *r)
{
    int64_t until = monotonic_ms() + ANSWER_WAIT_MS;
    int64_t left;

    while (workers_awaited(r->desk.workers, LANE_QUERY) &&
           (left = until - monotonic_ms()) > 0) {
        struct pollfd fd = {workers_fd(r->desk.workers), POLLIN, 0};

        if (poll(&fd, 1, (int)left) <= 0) {
            return;
        }
        desk_answers(&r->desk);
    }
}

static void draw(struct runner *r)
{
    await_answers(r);
    desk_answers(&r->desk);
    desk_language(&r->desk);
    console_render(&r->desk.console, &r->desk.frame);
    term_draw(r->term, &r->desk.frame);
    r->desk.dirty = false;
    r->drawn_ms = monotonic_ms();
}

static enum err_code open_all(struct runner *r, const struct run_options *o, struct err *e)
{
    int rows;
    int columns;

    TRY(desk_init(&r->desk, e));
    TRY(term_open(&r->term, o->theme, o->charset, e));
    TRY(catch_signals(e));
    term_size(r->term, &rows, &columns);
    r->desk.frame.ascii = term_ascii(r->term);
    if (o->mouse) {
        term_use_mouse(r->term);
    }
    term_resize(r->term, rows, columns);
    return desk_open(&r->desk, rows, columns, e);
}

enum err_code console_run(const struct ui_model *m, const struct run_options *o, struct err *e)
{
    struct runner *r = mem_alloc(sizeof(*r));
    enum err_code rc;

    if (r == NULL) {
        return err_nomem(e);
    }
    r->desk.model = m;
    r->desk.effect = take_effect;
    rc = open_all(r, o, e);
    while (rc == ERR_OK && !r->desk.quit) {
        desk_tick(&r->desk);
        if (r->desk.dirty) {
            draw(r);
        }
        fetch_ahead(r);
        wait_for(r, next_timeout(r));
        take_signals(r);
        take_keys(r);
        desk_answers(&r->desk);
        desk_progress(&r->desk);
        desk_language(&r->desk);
    }
    release_signals();
    term_close(r->term); /* before waiting for work under way: the user is gone */
    desk_release(&r->desk);
    mem_free(r);
    return rc;
}
