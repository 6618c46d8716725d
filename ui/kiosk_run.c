/* The kiosk on a terminal. Signals that a terminal or a careless shell can send do not end it;
 * SIGTERM, which systemd sends, and a terminal that is gone, do. */
#include <config.h>

#include "ui/kiosk_run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/i18n.h"
#include "ui/kiosk.h"
#include "ui/term.h"

#define TICK_MS 1000
#define KEYS_AT_ONCE 64
#define SLOW_MS 50
#define INPUT_DROPPED_MAX 65536 /* typed while an answer was awaited */

static volatile sig_atomic_t got_term, got_wipe, got_winch;

static void on_signal(int signo)
{
    if (signo == SIGTERM) {
        got_term = 1;
    } else if (signo == SIGWINCH) {
        got_winch = 1;
    } else {
        got_wipe = 1;
    }
}

/* Before the terminal is taken: there is no moment in which one of these ends the program. */
static void signals_take(void)
{
    static const int ignored[] = {SIGINT,  SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU,  SIGUSR1,
                                  SIGUSR2, SIGALRM, SIGPIPE, SIGPROF, SIGVTALRM};
    static const int taken[] = {SIGTERM, SIGWINCH, SIGHUP, SIGCONT};
    struct sigaction sa;
    memset(&sa, 0, sizeof sa);
    sigemptyset(&sa.sa_mask);
    sa.sa_handler = SIG_IGN;
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) {
        (void)sigaction(ignored[i], &sa, NULL);
    }
    sa.sa_handler = on_signal;
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        (void)sigaction(taken[i], &sa, NULL);
    }
}

struct loop {
    struct kiosk kiosk;
    struct terminal *term;
    struct frame frame;
    bool gone;
};

static void resize(struct loop *l)
{
    int rows = 0;
    int columns = 0;
    term_size(l->term, &rows, &columns);
    if (frame_resize(&l->frame, rows, columns, NULL) == ERR_OK) {
        term_resize(l->term, rows, columns);
    }
}

static void signals_answer(struct loop *l)
{
    if (got_wipe != 0) { /* hung up, or stopped from outside and gone on: somebody else may
                            stand there */
        got_wipe = 0;
        kiosk_wipe(&l->kiosk);
        term_resume(l->term);
        got_winch = 1;
    }
    if (got_winch != 0) {
        got_winch = 0;
        resize(l);
        term_redraw(l->term);
    }
}

/* Pastes are thrown away, and what was typed before an answer came that took its time: it was
 * meant for another page. */
static void keys_take(struct loop *l)
{
    struct term_input in;
    int64_t before = monotonic_ms();
    for (int i = 0; i < KEYS_AT_ONCE && term_next(l->term, &in); i++) {
        enum kiosk_page page = l->kiosk.page;
        if (in.key != K_NONE && kiosk_key(&l->kiosk, in.key)) {
            term_redraw(l->term);
        }
        if (page != l->kiosk.page && monotonic_ms() - before > SLOW_MS) {
            for (int k = 0; k < INPUT_DROPPED_MAX && term_next(l->term, &in); k++) {
            }
            return;
        }
    }
}

static void turn(struct loop *l)
{
    struct pollfd fd = {term_fd(l->term), POLLIN, 0};
    int wait = term_timeout_ms(l->term);
    if (kiosk_tick(&l->kiosk, monotonic_ms())) {
        term_redraw(l->term);
    }
    signals_answer(l);
    kiosk_render(&l->kiosk, &l->frame);
    term_draw(l->term, &l->frame);
    int n = poll(&fd, 1, wait >= 0 && wait < TICK_MS ? wait : TICK_MS);
    /* A terminal that hung up says that it can be read, too: there is nothing to read. */
    if (n > 0 && (fd.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
        l->gone = true;
        return;
    }
    keys_take(l);
}

enum err_code kiosk_run(const struct kiosk_model *m, const char *theme,
                        enum term_charset charset, bool big, struct err *e)
{
    struct loop *l = mem_alloc(sizeof *l);
    if (l == NULL) {
        return err_nomem(e);
    }
    signals_take();
    kiosk_init(&l->kiosk, m);
    l->kiosk.big = big;
    l->kiosk.first_big = big;
    frame_init(&l->frame);
    enum err_code code = term_open(&l->term, theme, charset, e);
    if (code == ERR_OK) {
        l->frame.ascii = term_ascii(l->term);
        l->kiosk.ascii = l->frame.ascii;
        resize(l);
    }
    while (code == ERR_OK && got_term == 0 && !l->gone) {
        turn(l);
    }
    kiosk_wipe(&l->kiosk);
    term_close(l->term);
    frame_release(&l->frame);
    mem_free(l);
    return code;
}
