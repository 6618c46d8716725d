#include <config.h>

#include "ui/rescue.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Fixed memory, written before the handlers are set. */
static char goodbye[RESCUE_MAX];
static volatile sig_atomic_t goodbye_len;
static struct termios modes;
static int real_stderr = -1;
static int held = -1; /* what was written to standard error meanwhile */

#ifndef AFORO_SANITIZED
static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
#else
static const int crash_signals[] = {SIGABRT}; /* the sanitizer reports the others itself */
#endif

/* Only calls that a signal handler may make. */
static void release_stderr(void)
{
    char chunk[512];
    ssize_t n;

    if (held < 0) {
        return;
    }
    (void)dup2(real_stderr, STDERR_FILENO);
    (void)lseek(held, 0, SEEK_SET);
    while ((n = read(held, chunk, sizeof(chunk))) > 0) {
        if (write(STDERR_FILENO, chunk, (size_t)n) < 0) {
            break;
        }
    }
    (void)close(held);
    (void)close(real_stderr);
    held = -1;
    real_stderr = -1;
}

static void hold_stderr(void)
{
    held = memfd_create("aforo-stderr", MFD_CLOEXEC);
    if (held < 0) {
        return; /* an old kernel: messages may spoil the picture, no more */
    }
    real_stderr = dup(STDERR_FILENO);
    if (real_stderr < 0) {
        (void)close(held);
        held = -1;
        return;
    }
    (void)fflush(stderr);
    (void)dup2(held, STDERR_FILENO);
}

static void on_crash(int signo)
{
    if (goodbye_len > 0 && write(STDOUT_FILENO, goodbye, (size_t)goodbye_len) > 0) {
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &modes);
        goodbye_len = 0;
    }
    release_stderr();
    (void)raise(signo); /* SA_RESETHAND: now the default action */
}

static void set_handlers(void (*handler)(int))
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = handler;
    sa.sa_flags = (int)(SA_RESETHAND | SA_NODEFER);
    sigemptyset(&sa.sa_mask);
    for (size_t i = 0; i < sizeof(crash_signals) / sizeof(crash_signals[0]); i++) {
        (void)sigaction(crash_signals[i], &sa, NULL);
    }
}

void rescue_begin(const char *bytes, size_t len_bytes, const struct termios *before)
{
    len_bytes = len_bytes < RESCUE_MAX ? len_bytes : RESCUE_MAX;
    memcpy(goodbye, bytes, len_bytes);
    goodbye_len = (sig_atomic_t)len_bytes;
    modes = *before;
    hold_stderr();
    set_handlers(on_crash);
}

void rescue_end(void)
{
    goodbye_len = 0;
    set_handlers(SIG_DFL);
    release_stderr();
}
