#define _GNU_SOURCE /* syscall */
#include <config.h>

#include "tests/lib/disk_fault.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/lib/disk_power.h"

#define FDS_MAX 1024
#define NO_FILE (-1)
#define FOLDER (-2)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char dir[512];
    size_t dir_len; /* 0: nothing is watched */
    bool armed, hit, power, lies, streams;
    struct disk_plan plan;
    uint64_t calls, syncs;
    int64_t quota, grown, grown_most;
    bool quota_set;
    int free_blocks;
    char cut_to[512];
    uint64_t cut_seed;
    bool watched[FDS_MAX];
    int file[FDS_MAX]; /* of disk_power.c, or FOLDER */
} disk = {.free_blocks = -1};

/* ---- the system behind
 * -------------------------------------------------------------------------- */

static int sys_open(const char *path, int flags, mode_t mode)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static ssize_t sys_read(int fd, void *out, size_t len, off_t at)
{
    return at < 0 ? syscall(SYS_read, fd, out, len) : syscall(SYS_pread64, fd, out, len, at);
}

static ssize_t sys_write(int fd, const void *data, size_t len, off_t at)
{
    return at < 0 ? syscall(SYS_write, fd, data, len)
                  : syscall(SYS_pwrite64, fd, data, len, at);
}

/* ---- what befalls a call
 * ------------------------------------------------------------------------ */

static bool below(const char *path)
{
    return disk.dir_len > 0 && strncmp(path, disk.dir, disk.dir_len) == 0 &&
           (path[disk.dir_len] == '/' || path[disk.dir_len] == '\0');
}

static bool watched(int fd)
{
    return fd >= 0 && fd < FDS_MAX && disk.watched[fd];
}

static void die(void)
{
    (void)kill(getpid(), SIGKILL);
    (void)pause();
}

/* True when this call is the one; a stop does not come back. */
static bool struck(unsigned call)
{
    if (!disk.armed || (disk.plan.calls & call) == 0) {
        return false;
    }
    uint64_t n = ++disk.calls;
    uint64_t nth = disk.plan.nth;
    if (nth == 0 || n < nth || (n > nth && !disk.plan.persistent)) {
        return false;
    }
    disk.hit = true;
    if (disk.plan.harm == DISK_CUT) {
        power_cut(disk.cut_to, disk.cut_seed);
    }
    if (disk.plan.harm == DISK_STOP || disk.plan.harm == DISK_CUT) {
        die();
    }
    errno = EIO;
    return true;
}

/* After the call that was to be torn was made. */
static int torn(int result)
{
    if (disk.plan.harm == DISK_TEAR) {
        die();
    }
    errno = EIO;
    return result;
}

/* How much of a write a full disk takes. */
static size_t room_take(int fd, off_t at, size_t len)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return len;
    }
    int64_t more = (int64_t)at + (int64_t)len - st.st_size;
    if (more <= 0) {
        return len;
    }
    if (disk.quota_set && more > disk.quota) {
        size_t lacks = (size_t)(more - disk.quota);
        len = lacks < len ? len - lacks : 0;
        more = disk.quota;
    }
    disk.quota -= disk.quota_set ? more : 0;
    disk.grown += more;
    disk.grown_most = disk.grown > disk.grown_most ? disk.grown : disk.grown_most;
    return len;
}

static void room_give(int64_t bytes)
{
    disk.quota += disk.quota_set ? bytes : 0;
    disk.grown -= bytes;
}

static ssize_t write_watched(int fd, const void *data, size_t len, off_t at)
{
    if (struck(DISK_WRITE)) {
        if (disk.plan.harm == DISK_TEAR) {
            (void)sys_write(fd, data, len / 2, at);
        }
        return torn(-1);
    }
    off_t where = at < 0 ? lseek(fd, 0, SEEK_CUR) : at;
    size_t taken = room_take(fd, where, len);
    if (taken == 0 && len > 0) {
        errno = ENOSPC;
        return -1;
    }
    ssize_t n = sys_write(fd, data, taken, at);
    if (n > 0 && disk.power) {
        power_write(disk.file[fd], where, data, (size_t)n);
    }
    return n;
}

/* ---- the calls: bound by their names in the dynamic table, whatever headers make of them
 * ------------- */

int disk_open2(const char *path, int flags, ...) __asm__("open");
int disk_open64(const char *path, int flags, ...) __asm__("open64");
int disk_close(int fd) __asm__("close");
ssize_t disk_read(int fd, void *out, size_t len) __asm__("read");
ssize_t disk_pread(int fd, void *out, size_t len, off_t at) __asm__("pread");
ssize_t disk_pread64(int fd, void *out, size_t len, off_t at) __asm__("pread64");
ssize_t disk_write(int fd, const void *data, size_t len) __asm__("write");
ssize_t disk_pwrite(int fd, const void *data, size_t len, off_t at) __asm__("pwrite");
ssize_t disk_pwrite64(int fd, const void *data, size_t len, off_t at) __asm__("pwrite64");
int disk_fsync(int fd) __asm__("fsync");
int disk_fdatasync(int fd) __asm__("fdatasync");
int disk_ftruncate(int fd, off_t len) __asm__("ftruncate");
int disk_ftruncate64(int fd, off_t len) __asm__("ftruncate64");
int disk_rename(const char *from, const char *to) __asm__("rename");
int disk_unlink(const char *path) __asm__("unlink");
int disk_statvfs(const char *path, struct statvfs *out) __asm__("statvfs");
int disk_statvfs64(const char *path, struct statvfs *out) __asm__("statvfs64");

static int open_any(const char *path, int flags, mode_t mode)
{
    if (!below(path)) {
        return sys_open(path, flags, mode);
    }
    (void)pthread_mutex_lock(&lock);
    int fd = -1;
    if (!struck(DISK_OPEN) || disk.plan.harm == DISK_TEAR) {
        fd = sys_open(path, flags, mode);
    }
    if (disk.hit && disk.armed && disk.plan.harm == DISK_TEAR) {
        die();
    }
    if (fd >= 0 && fd < FDS_MAX) {
        struct stat st;
        disk.watched[fd] = true;
        disk.file[fd] = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) ? FOLDER : NO_FILE;
        if (disk.power && disk.file[fd] != FOLDER) {
            disk.file[fd] = power_file(path);
            if ((flags & O_TRUNC) != 0) {
                power_truncate(disk.file[fd], 0);
            }
        }
    }
    (void)pthread_mutex_unlock(&lock);
    return fd;
}

#define OPEN_BODY                                                                              \
    mode_t mode = 0;                                                                           \
    if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {                                              \
        va_list args;                                                                          \
        va_start(args, flags);                                                                 \
        mode = va_arg(args, mode_t);                                                           \
        va_end(args);                                                                          \
    }                                                                                          \
    return open_any(path, flags, mode);

int disk_open2(const char *path, int flags, ...)
{
    OPEN_BODY
}

int disk_open64(const char *path, int flags, ...)
{
    OPEN_BODY
}

int disk_close(int fd)
{
    (void)pthread_mutex_lock(&lock);
    if (watched(fd)) {
        disk.watched[fd] = false;
    }
    int rc = (int)syscall(SYS_close, fd);
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

static ssize_t read_any(int fd, void *out, size_t len, off_t at)
{
    if (!watched(fd)) {
        return sys_read(fd, out, len, at);
    }
    (void)pthread_mutex_lock(&lock);
    ssize_t n = struck(DISK_READ) ? torn(-1) : sys_read(fd, out, len, at);
    (void)pthread_mutex_unlock(&lock);
    return n;
}

ssize_t disk_read(int fd, void *out, size_t len)
{
    return read_any(fd, out, len, -1);
}

ssize_t disk_pread(int fd, void *out, size_t len, off_t at)
{
    return read_any(fd, out, len, at);
}

ssize_t disk_pread64(int fd, void *out, size_t len, off_t at)
{
    return read_any(fd, out, len, at);
}

static ssize_t write_any(int fd, const void *data, size_t len, off_t at)
{
    if (!watched(fd)) {
        return sys_write(fd, data, len, at);
    }
    (void)pthread_mutex_lock(&lock);
    ssize_t n = write_watched(fd, data, len, at);
    (void)pthread_mutex_unlock(&lock);
    return n;
}

ssize_t disk_write(int fd, const void *data, size_t len)
{
    return write_any(fd, data, len, -1);
}

ssize_t disk_pwrite(int fd, const void *data, size_t len, off_t at)
{
    return write_any(fd, data, len, at);
}

ssize_t disk_pwrite64(int fd, const void *data, size_t len, off_t at)
{
    return write_any(fd, data, len, at);
}

/* The page cache of the machine that runs the test need not reach its disk. */
static int sync_any(int fd, long call)
{
    if (!watched(fd)) {
        return (int)syscall(call, fd);
    }
    (void)pthread_mutex_lock(&lock);
    int rc = 0;
    bool now = struck(DISK_SYNC);
    disk.syncs += !now;
    if ((!now || disk.plan.harm == DISK_TEAR) && disk.power && !disk.lies) {
        if (disk.file[fd] == FOLDER) {
            power_sync_names();
        } else {
            power_sync(disk.file[fd]);
        }
    }
    rc = now ? torn(-1) : 0;
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

int disk_fsync(int fd)
{
    return sync_any(fd, SYS_fsync);
}

int disk_fdatasync(int fd)
{
    return sync_any(fd, SYS_fdatasync);
}

static int truncate_any(int fd, off_t len)
{
    if (!watched(fd)) {
        return (int)syscall(SYS_ftruncate, fd, len);
    }
    (void)pthread_mutex_lock(&lock);
    struct stat st;
    bool now = struck(DISK_TRUNCATE);
    int rc = 0;
    if (!now || disk.plan.harm == DISK_TEAR) {
        int64_t before = fstat(fd, &st) == 0 ? st.st_size : len;
        rc = (int)syscall(SYS_ftruncate, fd, len);
        if (rc == 0) {
            room_give(before - len);
        }
        if (rc == 0 && disk.power) {
            power_truncate(disk.file[fd], len);
        }
    }
    rc = now ? torn(-1) : rc;
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

int disk_ftruncate(int fd, off_t len)
{
    return truncate_any(fd, len);
}

int disk_ftruncate64(int fd, off_t len)
{
    return truncate_any(fd, len);
}

int disk_rename(const char *from, const char *to)
{
    if (!below(from)) {
        return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    }
    (void)pthread_mutex_lock(&lock);
    bool now = struck(DISK_NAME);
    int rc = -1;
    if (!now || disk.plan.harm == DISK_TEAR) {
        rc = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
        if (rc == 0 && disk.power) {
            power_rename(from, to);
        }
    }
    rc = now ? torn(-1) : rc;
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

int disk_unlink(const char *path)
{
    if (!below(path)) {
        return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    }
    (void)pthread_mutex_lock(&lock);
    struct stat st;
    bool now = struck(DISK_NAME);
    int rc = -1;
    if (!now || disk.plan.harm == DISK_TEAR) {
        int64_t size = lstat(path, &st) == 0 ? st.st_size : 0;
        rc = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
        if (rc == 0) {
            room_give(size);
        }
        if (rc == 0 && disk.power) {
            power_unlink(path);
        }
    }
    rc = now ? torn(-1) : rc;
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

/* The fields that tell of room, in the terms of a disk of 1000 blocks. */
static int statvfs_any(const char *path, struct statvfs *out)
{
    if (!below(path) || disk.free_blocks < 0) {
        int fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
        int rc = fd < 0 ? -1 : fstatvfs(fd, out);
        if (fd >= 0) {
            (void)syscall(SYS_close, fd);
        }
        return rc;
    }
    *out = (struct statvfs){.f_bsize = 4096, .f_frsize = 4096, .f_blocks = 1000};
    out->f_bfree = out->f_bavail = (fsblkcnt_t)disk.free_blocks;
    return 0;
}

int disk_statvfs(const char *path, struct statvfs *out)
{
    return statvfs_any(path, out);
}

int disk_statvfs64(const char *path, struct statvfs *out)
{
    return statvfs_any(path, out);
}

/* ---- the tests' side
 * ---------------------------------------------------------------------------- */

void disk_watch(const char *dir)
{
    memset(&disk, 0, sizeof disk);
    disk.free_blocks = -1;
    if (dir != NULL) {
        disk.dir_len = (size_t)snprintf(disk.dir, sizeof disk.dir, "%s", dir);
    }
}

void disk_streams(void)
{
    disk.streams = true;
}

bool disk_takes_stream(const char *path, int fd)
{
    return disk.streams && (path != NULL ? below(path) : watched(fd));
}

void disk_arm(const struct disk_plan *plan)
{
    disk.plan = *plan;
    disk.calls = 0;
    disk.hit = false;
    disk.armed = true;
}

bool disk_disarm(void)
{
    disk.armed = false;
    return disk.hit;
}

uint64_t disk_calls(void)
{
    return disk.calls;
}

unsigned disk_open_files(void)
{
    unsigned n = 0;
    for (int fd = 0; fd < FDS_MAX; fd++) {
        n += disk.watched[fd];
    }
    return n;
}

void disk_quota(int64_t bytes)
{
    disk.quota = bytes;
    disk.quota_set = bytes >= 0;
}

int64_t disk_grown_most(void)
{
    return disk.grown_most;
}

void disk_free_of_1000(int free_blocks)
{
    disk.free_blocks = free_blocks;
}

void disk_power(void)
{
    power_begin(disk.dir);
    disk.power = true;
}

void disk_power_to(const char *dir, uint64_t seed)
{
    (void)snprintf(disk.cut_to, sizeof disk.cut_to, "%s", dir);
    disk.cut_seed = seed;
}

void disk_lies(bool lies)
{
    disk.lies = lies;
}

uint64_t disk_syncs(void)
{
    return disk.syncs;
}

size_t disk_unsynced(const char *suffix)
{
    return power_unsynced(suffix);
}
