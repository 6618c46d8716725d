#include <config.h>

#include "ui/plain.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "base/text.h"
#include "ui/copy.h"
#include "ui/format.h"
#include "ui/worker.h"

#define TICK_MS 1000
/* Longer than this without an answer, it is said that work goes on. */
#define QUIET_MS 3000

struct plain {
    const struct ui_model *model;
    struct workers *workers;
    struct console console;
    bool opened;
    struct frame frame;
    struct plain_said said;
    bool quit;
    int64_t ticked_ms;
    char language[8];
    char typed[PLAIN_LINE_MAX];
    size_t typed_len;
    bool too_long; /* the rest of a line that is too long goes nowhere */
};

static int64_t now_ms(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- effects and events ---- */

static void take_effects(struct plain *p, struct effects *fx)
{
    for (size_t i = 0; i < fx->count; i++) {
        struct effect *f = &fx->list[i];

        if (f->kind == FX_JOB) {
            workers_post(p->workers, f->job);
            f->job = NULL;
        } else if (f->kind == FX_CANCEL) {
            workers_cancel(p->workers, (enum lane)f->arg);
        } else if (f->kind == FX_QUIT) {
            p->quit = true;
        } else if (f->kind == FX_LANGUAGE) {
            format_copy(p->language, sizeof(p->language), f->text);
        } else if (f->kind == FX_COPY) {
            copy_beside(f->text);
        } /* colours, redrawing and the shell are no matter here */
    }
    fx_release(fx);
}

static void send(struct plain *p, const struct event *ev)
{
    struct effects fx = {0};

    console_update(&p->console, ev, &fx);
    take_effects(p, &fx);
}

static void send_key(struct plain *p, uint32_t key)
{
    struct event ev = {.kind = EV_KEY, .key = key};

    send(p, &ev);
}

static void take_answers(struct plain *p)
{
    struct job *job;

    while ((job = workers_take(p->workers)) != NULL) {
        struct event ev = {.kind = EV_JOB, .job = job};

        send(p, &ev);
        job_free(job);
    }
}

static void tick(struct plain *p)
{
    struct event ev = {.kind = EV_TICK, .now_ms = now_ms()};

    if (ev.now_ms - p->ticked_ms >= TICK_MS) {
        p->ticked_ms = ev.now_ms;
        ev.local_secs = p->model->local_now(p->model->ctx);
        send(p, &ev);
    }
}

static bool any_busy(struct plain *p)
{
    return workers_busy(p->workers, LANE_ROWS) || workers_busy(p->workers, LANE_QUERY) ||
           workers_busy(p->workers, LANE_ACT);
}

/* Wait for what was asked: a line that is said should be the answer. A line that is typed
 * meanwhile stops the waiting, not the work. */
static void settle(struct plain *p)
{
    int64_t told_ms = now_ms();

    take_answers(p);
    while (any_busy(p) && !p->quit) {
        struct pollfd fds[2] = {{workers_fd(p->workers), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};

        (void)poll(fds, isatty(STDIN_FILENO) ? 2 : 1, TICK_MS);
        take_answers(p);
        tick(p);
        if (now_ms() - told_ms >= QUIET_MS) {
            told_ms = now_ms();
            (void)puts(_("Working…"));
            if ((fds[1].revents & POLLIN) != 0) {
                return;
            }
        }
    }
    take_answers(p);
}

static void change_language(struct plain *p)
{
    if (p->language[0] == '\0') {
        return;
    }
    workers_cancel(p->workers, LANE_IDLE);
    while (any_busy(p) || workers_busy(p->workers, LANE_IDLE)) {
        struct pollfd fd = {workers_fd(p->workers), POLLIN, 0};

        (void)poll(&fd, 1, 50);
        take_answers(p);
    }
    i18n_switch(p->language);
    p->language[0] = '\0';
}

static enum err_code say(struct plain *p, struct err *e)
{
    settle(p);
    change_language(p);
    console_render(&p->console, &p->frame);
    return plain_say(&p->said, &p->frame, stdout, e);
}

/* ---- what is typed ---- */

static bool is_typing(const struct plain *p)
{
    const struct console_slot *top = &p->console.stack[p->console.depth - 1];

    return p->console.overlay == OVERLAY_HELP || p->console.overlay == OVERLAY_PALETTE ||
           p->console.overlay == OVERLAY_LOCK ||
           (p->console.overlay == OVERLAY_NONE && top->ops->typing != NULL &&
            top->ops->typing(top->state)) ||
           !p->console.logged_in;
}

static bool is_secret(const struct plain *p)
{
    const struct console_slot *top = &p->console.stack[p->console.depth - 1];

    return p->console.overlay == OVERLAY_LOCK ||
           (p->console.overlay == OVERLAY_NONE && top->ops->secret != NULL &&
            top->ops->secret(top->state));
}

static void send_text(struct plain *p, const char *text)
{
    size_t len = strlen(text);

    for (size_t at = 0; at < len;) {
        uint32_t cp = 0;
        size_t used = utf8_decode(text + at, len - at, &cp);

        if (used > 0 && key_is_text(cp)) {
            send_key(p, cp);
        }
        at += used > 0 ? used : 1;
    }
}

/* In a field the line takes the place of what stood there. On a list it is keys: "/word"
 * filters,
 * ":name" finds a command; the end of the line ends those. */
static void take_text(struct plain *p, const char *text)
{
    bool field = is_typing(p);
    bool finder = p->console.overlay == OVERLAY_HELP || p->console.overlay == OVERLAY_PALETTE;
    bool several = strlen(text) > 1;

    if (field && !finder) {
        send_key(p, K_CTRL | 'u');
        send_text(p, text);
        if (p->console.overlay != OVERLAY_LOCK && !is_secret(p)) {
            send_key(p, K_TAB);
        } else {
            send_key(p, K_ENTER);
        }
        return;
    }
    send_text(p, text);
    if (!finder && several && is_typing(p)) {
        send_key(p, K_ENTER);
    }
}

/* To a line by its number: as many steps as it takes, the screen tells where they lead. */
static void go_to(struct plain *p, int row)
{
    for (int steps = 0; steps < PLAIN_ROWS * 2; steps++) {
        int before;

        settle(p);
        console_render(&p->console, &p->frame);
        before = p->frame.cursor_row;
        if (before < 0 || before == row) {
            return;
        }
        send_key(p, before < row ? K_DOWN : K_UP);
        settle(p);
        console_render(&p->console, &p->frame);
        if ((p->frame.cursor_row < row) != (before < row) ||
            p->frame.cursor_row == before) { /* past it, or at an end */
            return;
        }
    }
}

static void say_help(const struct plain *p)
{
    struct key_table tables[2];
    const struct console_slot *top = &p->console.stack[p->console.depth - 1];

    tables[0] = top->ops->keys(top->state);
    tables[1] = console_keys(&p->console);
    (void)puts(_("A number goes to the line of that number (in a field: # and the number). An "
                 "empty line is Enter. A point and the name of a key is that key: .f2 .esc "
                 ".tab .pgdn. A point alone says everything again. In a field, what you type "
                 "takes the place of what stands there. Keys here:"));
    for (size_t t = 0; t < 2; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            char name[KEY_NAME_MAX];

            if (key_allowed(&tables[t].rows[i], p->model)) {
                key_label(tables[t].rows[i].key, name);
                (void)printf("  .%s  %s\n", name, tr(tables[t].rows[i].help));
            }
        }
    }
}

static enum err_code take_line(struct plain *p, const char *line, struct err *e)
{
    struct plain_input in = plain_read(line, is_typing(p));

    switch (in.kind) {
    case PLAIN_TEXT:
        take_text(p, line);
        break;
    case PLAIN_KEY:
        send_key(p, in.key);
        break;
    case PLAIN_GO:
        go_to(p, in.row);
        break;
    case PLAIN_HELP:
        say_help(p);
        break;
    case PLAIN_AGAIN:
        plain_said_release(&p->said);
        break;
    case PLAIN_WRONG:
        (void)puts(_("There is no such key. Type .. for those that work here."));
        break;
    }
    return p->quit ? ERR_OK : say(p, e);
}

/* ---- the loop ---- */

/* Keys of a password are not shown. */
static void set_echo(bool on)
{
    struct termios t;

    if (tcgetattr(STDIN_FILENO, &t) == 0) {
        t.c_lflag = on ? t.c_lflag | ECHO : t.c_lflag & ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &t);
    }
}

static enum err_code take_bytes(struct plain *p, const char *bytes, size_t len, struct err *e)
{
    for (size_t i = 0; i < len && !p->quit; i++) {
        enum err_code rc = ERR_OK;

        if (bytes[i] != '\n') {
            p->too_long = p->typed_len + 1 >= sizeof(p->typed);
            if (!p->too_long && bytes[i] != '\r') {
                p->typed[p->typed_len++] = bytes[i];
            }
            continue;
        }
        p->typed[p->typed_len] = '\0';
        p->typed_len = 0;
        if (is_secret(p) && isatty(STDIN_FILENO)) {
            (void)putchar('\n');
        }
        rc = take_line(p, p->typed, e);
        explicit_bzero(p->typed, sizeof(p->typed)); /* it may have been a password */
        set_echo(!is_secret(p));
        if (rc != ERR_OK) {
            return rc;
        }
    }
    return ERR_OK;
}

static enum err_code loop(struct plain *p, struct err *e)
{
    enum console_overlay overlay = p->console.overlay;
    char bytes[4096];
    ssize_t n;

    TRY(say(p, e));
    while (!p->quit) {
        struct pollfd fds[2] = {{STDIN_FILENO, POLLIN, 0}, {workers_fd(p->workers), POLLIN, 0}};

        (void)poll(fds, 2, TICK_MS);
        take_answers(p);
        tick(p);
        if (p->console.overlay == OVERLAY_LOCK && overlay != OVERLAY_LOCK) {
            TRY(say(p, e)); /* it locked while nobody typed */
            set_echo(false);
        }
        overlay = p->console.overlay;
        if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) {
            continue;
        }
        n = read(STDIN_FILENO, bytes, sizeof(bytes));
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return ERR_OK; /* the input ended */
        }
        if (n > 0) {
            TRY(take_bytes(p, bytes, (size_t)n, e));
            explicit_bzero(bytes, sizeof(bytes));
        }
    }
    return ERR_OK;
}

enum err_code plain_run(const struct ui_model *m, const struct run_options *o, struct err *e)
{
    struct plain *p = mem_alloc(sizeof(*p));
    struct effects fx = {0};
    enum err_code rc;

    if (p == NULL) {
        return err_nomem(e);
    }
    p->model = m;
    frame_init(&p->frame);
    p->frame.ascii = o->charset == TERM_CHARSET_ASCII;
    rc = frame_resize(&p->frame, PLAIN_ROWS, PLAIN_COLUMNS, e);
    if (rc == ERR_OK) {
        rc = workers_new(&p->workers, e);
    }
    if (rc == ERR_OK) {
        rc = console_init(&p->console, m, &screen_login, PLAIN_ROWS, PLAIN_COLUMNS, &fx, e);
        p->opened = rc == ERR_OK;
    }
    if (rc == ERR_OK) {
        (void)puts(_("Aforo in lines of text. Type .. for how it works."));
        take_effects(p, &fx);
        rc = loop(p, e);
        set_echo(true);
    }
    workers_free(p->workers);
    if (p->opened) {
        console_release(&p->console);
    }
    plain_said_release(&p->said);
    frame_release(&p->frame);
    explicit_bzero(p, sizeof(*p));
    mem_free(p);
    return rc;
}
