/* A program on a pseudo-terminal of its own, watched from outside: what it sends and when. */
#ifndef AFORO_TESTS_BENCH_PTY_H
#define AFORO_TESTS_BENCH_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PTY_KEEP 65536u

struct pty {
    pid_t pid;
    int fd;
    char kept[PTY_KEEP]; /* the newest bytes, for pty_text() */
    size_t kept_len;
    uint64_t bytes; /* in all */
};

/* Start argv (searched in PATH) with TERM=term at a size. False: said on standard error. */
bool pty_start(struct pty *p, const char *const *argv, const char *term, int rows, int columns);
/* Start a function of this program instead; its return value is the exit status. */
bool pty_call(struct pty *p, int (*run)(void *ctx), void *ctx, const char *term, int rows,
              int columns);
void pty_send(struct pty *p, const char *keys);
/* Read until nothing comes for quiet_ms. Returns when the last byte came, 0: none within
 * timeout_ms. */
int64_t pty_settle(struct pty *p, int quiet_ms, int timeout_ms);
/* Read until a text was sent, since the last pty_forget(). Returns when, 0: not in time. */
int64_t pty_text(struct pty *p, const char *text, int timeout_ms);
void pty_forget(struct pty *p);
/* Resident size now and at its largest, in MB; 0: unknown. */
double pty_memory_mb(const struct pty *p);
double pty_peak_mb(const struct pty *p);
/* From now on the largest counts anew. */
void pty_forget_peak(const struct pty *p);
/* Calls of write() by the program so far; 0: unknown. */
uint64_t pty_writes(const struct pty *p);
/* End it and wait. */
void pty_end(struct pty *p);

#endif
