/* Streams below the watched folder: libc's own stdio calls the system behind our back, so these
 * streams are made of our calls instead. */
#define _GNU_SOURCE /* fopencookie, RTLD_NEXT */
#include <config.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/disk_fault.h"

#define STREAMS_MAX 64

static struct {
    FILE *file;
    int fd;
} streams[STREAMS_MAX];

FILE *disk_fopen(const char *path, const char *mode) __asm__("fopen");
FILE *disk_fopen64(const char *path, const char *mode) __asm__("fopen64");
FILE *disk_fdopen(int fd, const char *mode) __asm__("fdopen");
int disk_fileno(FILE *f) __asm__("fileno");

typedef FILE *(*fopen_fn)(const char *, const char *);
typedef FILE *(*fdopen_fn)(int, const char *);
typedef int (*fileno_fn)(FILE *);

/* libc's own. ISO C has no cast from an object's address to a function's. */
#define NEXT(type, name)                                                                       \
    type next = NULL;                                                                          \
    void *found = dlsym(RTLD_NEXT, name);                                                      \
    memcpy(&next, &found, sizeof next);

static ssize_t cookie_read(void *cookie, char *out, size_t len)
{
    return read(*(int *)cookie, out, len);
}

static ssize_t cookie_write(void *cookie, const char *data, size_t len)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = write(*(int *)cookie, data + done, len - done);
        if (n <= 0) {
            break;
        }
        done += (size_t)n;
    }
    return (ssize_t)done; /* fewer than len: failed, errno says how */
}

static int cookie_seek(void *cookie, off64_t *at, int whence)
{
    off64_t to = lseek64(*(int *)cookie, *at, whence);
    *at = to < 0 ? *at : to;
    return to < 0 ? -1 : 0;
}

static int cookie_close(void *cookie)
{
    int fd = *(int *)cookie;
    for (int i = 0; i < STREAMS_MAX; i++) {
        if (streams[i].file != NULL && streams[i].fd == fd) {
            streams[i].file = NULL;
        }
    }
    free(cookie);
    return close(fd);
}

static FILE *stream_make(int fd, const char *mode)
{
    static const cookie_io_functions_t calls = {cookie_read, cookie_write, cookie_seek,
                                                cookie_close};
    int *cookie = malloc(sizeof *cookie);
    FILE *f = cookie == NULL ? NULL : fopencookie(cookie, mode, calls);
    int at = 0;
    while (at < STREAMS_MAX && streams[at].file != NULL) {
        at++;
    }
    if (f == NULL || at == STREAMS_MAX) {
        abort();
    }
    *cookie = fd;
    streams[at].file = f;
    streams[at].fd = fd;
    return f;
}

static int flags_of(const char *mode)
{
    int how = strchr(mode, '+') != NULL ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
    return how | (mode[0] == 'w' ? O_CREAT | O_TRUNC : 0) |
           (mode[0] == 'a' ? O_CREAT | O_APPEND : 0) |
           (strchr(mode, 'x') != NULL ? O_EXCL : 0) |
           (strchr(mode, 'e') != NULL ? O_CLOEXEC : 0);
}

FILE *disk_fopen(const char *path, const char *mode)
{
    NEXT(fopen_fn, "fopen")
    if (!disk_takes_stream(path, -1)) {
        return next(path, mode);
    }
    int fd = open(path, flags_of(mode), 0666);
    return fd < 0 ? NULL : stream_make(fd, mode);
}

FILE *disk_fopen64(const char *path, const char *mode)
{
    return disk_fopen(path, mode);
}

FILE *disk_fdopen(int fd, const char *mode)
{
    NEXT(fdopen_fn, "fdopen")
    return disk_takes_stream(NULL, fd) ? stream_make(fd, mode) : next(fd, mode);
}

int disk_fileno(FILE *f)
{
    NEXT(fileno_fn, "fileno")
    for (int i = 0; i < STREAMS_MAX; i++) {
        if (streams[i].file == f && f != NULL) {
            return streams[i].fd;
        }
    }
    return next(f);
}
