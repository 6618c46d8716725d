#include <config.h>

#include "ui/plain.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/i18n.h"
#include "base/text.h"
#include "ui/copy.h"
#include "ui/desk.h"

/* Longer than this without an answer, it is said that work goes on. */
#define QUIET_MS 3000

struct plain {
    struct desk desk; /* first: its effects come back to it */
    struct plain_said said;
    char typed[PLAIN_LINE_MAX];
    size_t typed_len;
    bool too_long; /* the line that is being typed; then none of it is taken */
};

/* Colours, redrawing and the shell are no matter here. */
static void take_effect(struct desk *d, const struct effect *f)
{
    (void)d;
    if (f->kind == FX_COPY) {
        copy_beside(f->text);
    }
}

/* How far long work is, as the screen has it; it tells of work from its first second on. */
static void tell_work(struct plain *p)
{
    desk_progress(&p->desk);
    (void)puts(p->desk.console.progress[0] != '\0' ? p->desk.console.progress : _("Working…"));
    (void)fflush(stdout);
}

/* Wait for what was asked: a line that is said should be the answer. A line that is typed
 * meanwhile stops the waiting, not the work. */
static void settle(struct plain *p)
{
    int64_t told_ms = monotonic_ms();
    bool waits = false;

    desk_answers(&p->desk);
    while (desk_busy(&p->desk) && !p->desk.quit && !waits) {
        struct pollfd fds[2] = {{workers_fd(p->desk.workers), POLLIN, 0},
                                {STDIN_FILENO, POLLIN, 0}};

        (void)poll(fds, 1, DESK_TICK_MS);
        desk_answers(&p->desk);
        desk_tick(&p->desk);
        if (monotonic_ms() - told_ms >= QUIET_MS) {
            told_ms = monotonic_ms();
            tell_work(p);
            waits = isatty(STDIN_FILENO) && poll(&fds[1], 1, 0) > 0;
        } else if (!p->desk.working) { /* so that its rate is known when it is told */
            desk_progress(&p->desk);
        }
    }
    desk_answers(&p->desk);
    desk_progress(&p->desk);
}

static void change_language(struct plain *p)
{
    while (p->desk.language[0] != '\0') {
        struct pollfd fd = {workers_fd(p->desk.workers), POLLIN, 0};

        desk_language(&p->desk);
        if (p->desk.language[0] != '\0') {
            (void)poll(&fd, 1, 50);
            desk_answers(&p->desk);
        }
    }
}

static enum err_code say(struct plain *p, struct err *e)
{
    settle(p);
    change_language(p);
    console_render(&p->desk.console, &p->desk.frame);
    return plain_say(&p->said, &p->desk.frame, stdout, e);
}

/* ---- what is typed ---- */

static bool is_typing(const struct plain *p)
{
    const struct console_slot *top = &p->desk.console.stack[p->desk.console.depth - 1];

    return p->desk.console.overlay == OVERLAY_HELP ||
           p->desk.console.overlay == OVERLAY_PALETTE ||
           p->desk.console.overlay == OVERLAY_PICK || p->desk.console.overlay == OVERLAY_LOCK ||
           (p->desk.console.overlay == OVERLAY_NONE && top->ops->typing != NULL &&
            top->ops->typing(top->state)) ||
           !p->desk.console.logged_in;
}

static bool is_secret(const struct plain *p)
{
    const struct console_slot *top = &p->desk.console.stack[p->desk.console.depth - 1];

    return p->desk.console.overlay == OVERLAY_LOCK ||
           (p->desk.console.overlay == OVERLAY_NONE && top->ops->secret != NULL &&
            top->ops->secret(top->state));
}

static void send_text(struct plain *p, const char *text)
{
    size_t len = strlen(text);

    for (size_t at = 0; at < len;) {
        uint32_t cp = 0;
        size_t used = utf8_decode(text + at, len - at, &cp);

        if (used > 0 && key_is_text(cp)) {
            desk_key(&p->desk, cp);
        }
        at += used > 0 ? used : 1;
    }
}

/* In a field the line takes the place of what stood there. On a list it is keys: "/word"
 * filters, ":name" finds a command; the end of the line ends those. */
static void take_text(struct plain *p, const char *text)
{
    enum console_overlay overlay = p->desk.console.overlay;
    bool finder =
        overlay == OVERLAY_HELP || overlay == OVERLAY_PALETTE || overlay == OVERLAY_PICK;
    bool several = strlen(text) > 1;

    if (is_typing(p) && !finder) {
        desk_key(&p->desk, K_CTRL | 'u');
        send_text(p, text);
        desk_key(&p->desk,
                 p->desk.console.overlay != overlay || overlay == OVERLAY_LOCK || is_secret(p)
                     ? K_ENTER
                     : K_TAB);
        return;
    }
    send_text(p, text);
    if (!finder && several && is_typing(p)) {
        desk_key(&p->desk, K_ENTER);
    }
}

/* To a line by its number: as many steps as it takes, the screen tells where they lead. */
static void go_to(struct plain *p, int row)
{
    for (int steps = 0; steps < PLAIN_ROWS * 2; steps++) {
        int before;

        settle(p);
        console_render(&p->desk.console, &p->desk.frame);
        before = p->desk.frame.cursor_row;
        if (before < 0 || before == row) {
            return;
        }
        desk_key(&p->desk, before < row ? K_DOWN : K_UP);
        settle(p);
        console_render(&p->desk.console, &p->desk.frame);
        if ((p->desk.frame.cursor_row < row) != (before < row) ||
            p->desk.frame.cursor_row == before) { /* past it, or at an end */
            return;
        }
    }
}

static void say_help(const struct plain *p)
{
    struct key_table tables[2];
    const struct console_slot *top = &p->desk.console.stack[p->desk.console.depth - 1];

    tables[0] = top->ops->keys(top->state);
    tables[1] = console_keys(&p->desk.console);
    (void)puts(_("A number goes to the line of that number (in a field: # and the number). An "
                 "empty line is Enter. A point and the name of a key is that key: .f2 .esc "
                 ".tab .pgdn. A point alone says everything again. In a field, what you type "
                 "takes the place of what stands there. Keys here:"));
    for (size_t t = 0; t < 2; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            char name[KEY_NAME_MAX];

            if (key_allowed(&tables[t].rows[i], p->desk.model)) {
                key_label(tables[t].rows[i].key, name);
                (void)printf("  .%s  %s\n", name, tr(tables[t].rows[i].help));
            }
        }
    }
}

/* A question takes its answer and nothing else: a letter of another line would be one. Returns
 * K_NONE for what is none. */
static uint32_t answer_of(const char *line)
{
    static const struct {
        const char *word;
        uint32_t key;
    } words[] = {{"y", 'y'},         {"yes", 'y'}, {"s", 'y'}, {"si", 'y'},
                 {"s\303\255", 'y'}, {"n", 'n'},   {"no", 'n'}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(line, words[i].word) == 0) {
            return words[i].key;
        }
    }
    return K_NONE;
}

static enum err_code take_line(struct plain *p, const char *line, struct err *e)
{
    struct plain_input in = plain_read(line, is_typing(p));

    if (p->desk.console.overlay == OVERLAY_CONFIRM &&
        (in.kind == PLAIN_TEXT || in.kind == PLAIN_WRONG)) {
        in.key = answer_of(line);
        in.kind = in.key != K_NONE ? PLAIN_KEY : PLAIN_WRONG;
    }
    switch (in.kind) {
    case PLAIN_TEXT:
        take_text(p, line);
        break;
    case PLAIN_KEY:
        desk_key(&p->desk, in.key);
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
    return p->desk.quit ? ERR_OK : say(p, e);
}

/* ---- the loop ---- */

/* The terminal's modes before the first password; whatever ends the program gives them back. */
static struct termios modes;
static bool has_modes;

static void on_end(int signo)
{
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    (void)raise(signo); /* SA_RESETHAND: now the default action */
}

static void keep_modes(void)
{
    static const int ends[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    struct sigaction sa = {.sa_handler = on_end, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};

    has_modes = tcgetattr(STDIN_FILENO, &modes) == 0;
    for (size_t i = 0; has_modes && i < sizeof(ends) / sizeof(ends[0]); i++) {
        (void)sigaction(ends[i], &sa, NULL);
    }
}

/* Keys of a password are not shown. */
static void set_echo(bool on)
{
    struct termios now = modes;

    if (has_modes) {
        now.c_lflag = on ? now.c_lflag : now.c_lflag & ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &now);
    }
}

static enum err_code take_bytes(struct plain *p, const char *bytes, size_t len, struct err *e)
{
    for (size_t i = 0; i < len && !p->desk.quit; i++) {
        enum err_code rc = ERR_OK;

        if (bytes[i] != '\n') {
            p->too_long = p->too_long || p->typed_len + 1 >= sizeof(p->typed);
            if (!p->too_long && bytes[i] != '\r') {
                p->typed[p->typed_len++] = bytes[i];
            }
            continue;
        }
        if (p->too_long) {
            (void)printf(_("This line is longer than %d bytes; nothing of it was taken.\n> "),
                         PLAIN_LINE_MAX - 1);
            (void)fflush(stdout);
            p->too_long = false;
            p->typed_len = 0;
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
    enum console_overlay overlay = p->desk.console.overlay;
    char bytes[4096];
    ssize_t n;

    TRY(say(p, e));
    while (!p->desk.quit) {
        struct pollfd fds[2] = {{STDIN_FILENO, POLLIN, 0},
                                {workers_fd(p->desk.workers), POLLIN, 0}};

        (void)poll(fds, 2, DESK_TICK_MS);
        desk_answers(&p->desk);
        desk_tick(&p->desk);
        if (p->desk.console.overlay == OVERLAY_LOCK && overlay != OVERLAY_LOCK) {
            TRY(say(p, e)); /* it locked while nobody typed */
            set_echo(false);
        }
        overlay = p->desk.console.overlay;
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
    enum err_code rc;

    if (p == NULL) {
        return err_nomem(e);
    }
    p->desk.model = m;
    p->desk.effect = take_effect;
    rc = desk_init(&p->desk, e);
    p->desk.frame.spoken = true;
    p->desk.frame.ascii = o->charset == TERM_CHARSET_ASCII;
    if (rc == ERR_OK) {
        rc = desk_open(&p->desk, PLAIN_ROWS, PLAIN_COLUMNS, e);
    }
    if (rc == ERR_OK) {
        (void)puts(_("Aforo in lines of text. Type .. for how it works."));
        keep_modes();
        rc = loop(p, e);
        set_echo(true);
    }
    desk_release(&p->desk);
    plain_said_release(&p->said);
    explicit_bzero(p, sizeof(*p));
    mem_free(p);
    return rc;
}
