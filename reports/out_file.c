#include <config.h>

#include "reports/out_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/i18n.h"

#define TEMP_TRIES 100
#define TEMP_PREFIX ".aforo-"
#define TEMP_SUFFIX ".tmp"

enum err_code out_file_error(const struct out_file *f, int saved_errno, struct err *e)
{
    if (saved_errno == ENOSPC || saved_errno == EFBIG || saved_errno == EDQUOT) {
        return err_set(
            e, ERR_IO,
            _("%s could not be written: %s. Free some space or choose another place."),
            f->target, strerror(saved_errno));
    }
    errno = saved_errno;
    return err_errno(e, _("%s could not be written"), f->target);
}

/* Length of the directory part of path, with its slash; 0 when there is none. */
static size_t dir_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

/* A name of our own in the directory, created now: pid and counter make it unique, O_EXCL
 * proves it. */
static int temp_create(struct out_file *f, const char *dir, size_t dir_len)
{
    static atomic_uint serial;
    for (int i = 0; i < TEMP_TRIES; i++) {
        int n = snprintf(f->temp, sizeof(f->temp), "%.*s" TEMP_PREFIX "%ld-%u" TEMP_SUFFIX,
                         (int)dir_len, dir, (long)getpid(), atomic_fetch_add(&serial, 1));
        if (n < 0 || (size_t)n >= sizeof(f->temp)) {
            errno = ENAMETOOLONG;
            break;
        }
        int fd = open(f->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
    return -1;
}

/* The process that a temporary file of ours is named after; 0: it is none. */
static long temp_owner(const char *name)
{
    char *end = NULL;
    if (strncmp(name, TEMP_PREFIX, strlen(TEMP_PREFIX)) != 0) {
        return 0;
    }
    long pid = strtol(name + strlen(TEMP_PREFIX), &end, 10);
    if (pid < 1 || *end != '-' || end[1] < '0' || end[1] > '9') {
        return 0;
    }
    (void)strtol(end + 1, &end, 10);
    return strcmp(end, TEMP_SUFFIX) == 0 ? pid : 0;
}

void out_file_sweep(const char *dir)
{
    DIR *d = opendir(dir);
    const struct dirent *f = NULL;
    while (d != NULL && (f = readdir(d)) != NULL) {
        long pid = temp_owner(f->d_name);
        if (pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH) {
            (void)unlinkat(dirfd(d), f->d_name, 0);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
}

/* Decide where the finished bytes go: over a regular file (links followed), or into a device by
 * copying. */
static enum err_code target_resolve(struct out_file *f, const char *path, struct err *e)
{
    struct stat st;
    f->copy = strcmp(path, "-") == 0;
    if (strlen(path) >= sizeof(f->target) || path[0] == '\0') {
        return err_set(e, ERR_RANGE, _("The name of the output file is empty or too long."));
    }
    memcpy(f->target, path, strlen(path) + 1);
    memcpy(f->real, path, strlen(path) + 1);
    if (f->copy || stat(path, &st) != 0) {
        return ERR_OK; /* a file that does not exist yet; a missing directory shows when the
                          temp is made */
    }
    if (S_ISDIR(st.st_mode)) {
        return err_set(e, ERR_IO, _("%s is a directory: give the name of a file in it."), path);
    }
    if (!S_ISREG(st.st_mode)) {
        f->copy = true;
    } else if (realpath(path, f->real) == NULL) {
        return out_file_error(f, errno, e);
    }
    return ERR_OK;
}

enum err_code out_file_open(struct out_file *f, const char *path, struct err *e)
{
    f->fd = -1;
    f->relaxed = false;
    f->failed_errno = 0;
    f->used = 0;
    f->temp[0] = '\0';
    TRY(target_resolve(f, path, e));
    const char *dir = f->copy ? "/tmp/" : f->real;
    f->fd = temp_create(f, dir, dir_length(dir));
    if (f->fd < 0) {
        int saved = errno;
        f->temp[0] = '\0';
        return out_file_error(f, saved, e);
    }
    return ERR_OK;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? errno : EIO;
        }
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

static void file_flush(struct out_file *f)
{
    if (f->failed_errno == 0 && f->used > 0) {
        f->failed_errno = write_all(f->fd, f->buffer, f->used);
    }
    f->used = 0;
}

void out_file_write(struct out_file *f, const void *data, size_t len_bytes)
{
    if (len_bytes > sizeof(f->buffer) - f->used) {
        file_flush(f);
    }
    if (len_bytes > sizeof(f->buffer)) {
        if (f->failed_errno == 0) {
            f->failed_errno = write_all(f->fd, data, len_bytes);
        }
        return;
    }
    memcpy(f->buffer + f->used, data, len_bytes);
    f->used += len_bytes;
}

bool out_file_failed(const struct out_file *f)
{
    return f->failed_errno != 0;
}

void out_file_lend(struct out_file *f)
{
    if (f->target[0] != '\0' && f->fd >= 0) {
        (void)close(f->fd);
        f->fd = -1;
    }
}

/* Copy the finished temporary file to standard output or a device. */
static int copy_out(struct out_file *f)
{
    bool standard = strcmp(f->target, "-") == 0;
    int to = standard ? STDOUT_FILENO : open(f->real, O_WRONLY | O_CLOEXEC);
    if (to < 0) {
        return errno;
    }
    int failed = lseek(f->fd, 0, SEEK_SET) < 0 ? errno : 0;
    ssize_t n = 0;
    while (failed == 0 && (n = read(f->fd, f->buffer, sizeof(f->buffer))) != 0) {
        failed = n < 0 ? (errno == EINTR ? 0 : errno) : write_all(to, f->buffer, (size_t)n);
    }
    if (!standard && close(to) != 0 && failed == 0) {
        failed = errno;
    }
    return failed;
}

/* The rename is durable only when the directory is. */
static int dir_sync(const char *path)
{
    char dir[PATH_MAX];
    size_t len = dir_length(path);
    if (len == 0) {
        dir[len++] = '.';
    } else {
        memcpy(dir, path, len);
    }
    dir[len] = '\0';
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    int failed = fsync(fd) != 0 && errno != EINVAL && errno != EROFS ? errno : 0;
    (void)close(fd);
    return failed;
}

static int file_place(struct out_file *f)
{
    if (f->copy) {
        return copy_out(f);
    }
    if (!f->relaxed && fsync(f->fd) != 0) {
        return errno;
    }
    if (rename(f->temp, f->real) != 0) {
        return errno;
    }
    f->temp[0] = '\0';
    return f->relaxed ? 0 : dir_sync(f->real);
}

enum err_code out_file_commit(struct out_file *f, struct err *e)
{
    if (f->fd < 0) { /* lent: take it back */
        f->fd = open(f->temp, O_RDWR | O_CLOEXEC);
        if (f->fd < 0) {
            return out_file_error(f, errno, e);
        }
    }
    file_flush(f);
    int failed = f->failed_errno != 0 ? f->failed_errno : file_place(f);
    out_file_discard(f);
    return failed == 0 ? ERR_OK : out_file_error(f, failed, e);
}

void out_file_discard(struct out_file *f)
{
    out_file_lend(f);
    if (f->temp[0] != '\0') {
        (void)unlink(f->temp);
        f->temp[0] = '\0';
    }
}

enum err_code out_file_save(const char *path, const void *data, size_t len_bytes, struct err *e)
{
    struct out_file *f = mem_alloc(sizeof *f);
    if (f == NULL) {
        return err_nomem(e);
    }
    enum err_code code = out_file_open(f, path, e);
    if (code == ERR_OK) {
        out_file_write(f, data, len_bytes);
        code = out_file_commit(f, e);
    }
    out_file_discard(f);
    mem_free(f);
    return code;
}
