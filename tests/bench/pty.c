#include <config.h>

#include "tests/bench/pty.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

static bool fork_on_pty(struct pty *p, const char *term, int rows, int columns)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    *p = (struct pty){.fd = -1};
    p->pid = forkpty(&p->fd, NULL, NULL, &size);
    if (p->pid == 0) {
        (void)setenv("TERM", term, 1);
        (void)setenv("LC_ALL", "C.UTF-8", 1);
        (void)setenv("AFORO_LANG", "en", 1);
        (void)unsetenv("TMUX");
    }
    if (p->pid < 0) {
        perror("forkpty");
    }
    return p->pid >= 0;
}

bool pty_start(struct pty *p, const char *const *argv, const char *term, int rows, int columns)
{
    if (!fork_on_pty(p, term, rows, columns)) {
        return false;
    }
    if (p->pid == 0) {
        /* execvp does not change its arguments. */
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return true;
}

bool pty_call(struct pty *p, int (*run)(void *ctx), void *ctx, const char *term, int rows,
              int columns)
{
    if (!fork_on_pty(p, term, rows, columns)) {
        return false;
    }
    if (p->pid == 0) {
        _exit(run(ctx));
    }
    return true;
}

void pty_send(struct pty *p, const char *keys)
{
    if (write(p->fd, keys, strlen(keys)) < 0) {
        perror("pty");
    }
}

static bool take(struct pty *p, int timeout_ms)
{
    struct pollfd fd = {p->fd, POLLIN, 0};
    char bytes[8192];
    ssize_t n;
    if (poll(&fd, 1, timeout_ms) <= 0 || (n = read(p->fd, bytes, sizeof bytes)) <= 0) {
        return false;
    }
    size_t len = (size_t)n;
    p->bytes += len;
    if (p->kept_len + len > PTY_KEEP) {
        size_t drop = p->kept_len + len - PTY_KEEP;
        memmove(p->kept, p->kept + drop, p->kept_len - drop);
        p->kept_len -= drop;
    }
    memcpy(p->kept + p->kept_len, bytes, len);
    p->kept_len += len;
    return true;
}

int64_t pty_settle(struct pty *p, int quiet_ms, int timeout_ms)
{
    int64_t last = 0;
    while (take(p, last == 0 ? timeout_ms : quiet_ms)) {
        last = bench_now_ns();
    }
    return last;
}

int64_t pty_text(struct pty *p, const char *text, int timeout_ms)
{
    int64_t until = bench_now_ns() + (int64_t)timeout_ms * 1000000;
    while (memmem(p->kept, p->kept_len, text, strlen(text)) == NULL) {
        int64_t left = (until - bench_now_ns()) / 1000000;
        if (left <= 0 || !take(p, (int)left)) {
            return 0;
        }
    }
    return bench_now_ns();
}

void pty_forget(struct pty *p)
{
    p->kept_len = 0;
}

/* The number behind a name in a file of the program's folder in /proc; 0: none. */
static uint64_t number_of(const struct pty *p, const char *file, const char *name)
{
    char line[256];
    uint64_t n = 0;
    (void)snprintf(line, sizeof line, "/proc/%d/%s", (int)p->pid, file);
    FILE *f = fopen(line, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            n = strtoull(line + strlen(name), NULL, 10);
        }
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return n;
}

double pty_memory_mb(const struct pty *p)
{
    return (double)number_of(p, "status", "VmRSS:") / 1024;
}

double pty_peak_mb(const struct pty *p)
{
    return (double)number_of(p, "status", "VmHWM:") / 1024;
}

void pty_forget_peak(const struct pty *p)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/clear_refs", (int)p->pid);
    FILE *f = fopen(path, "w");
    if (f == NULL || fputs("5", f) < 0 || fclose(f) != 0) { /* proc(5): resets the peak */
        perror(path);
    }
}

uint64_t pty_writes(const struct pty *p)
{
    return number_of(p, "io", "syscw:");
}

void pty_end(struct pty *p)
{
    if (p->pid > 0) {
        (void)kill(p->pid, SIGTERM);
        (void)close(p->fd); /* it may wait for its output to be read */
        (void)waitpid(p->pid, NULL, 0);
    }
    *p = (struct pty){.fd = -1};
}
