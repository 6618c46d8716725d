#include <config.h>

#include "app/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"

enum err_code file_read(const char *path, struct buf *out, struct err *e)
{
    char chunk[8192];
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_errno(e, _("cannot read %s"), path);
    }
    ssize_t n = 0;
    while ((n = read(fd, chunk, sizeof chunk)) > 0 && !out->failed) {
        buf_add(out, chunk, (size_t)n);
    }
    enum err_code code =
        n < 0 ? err_errno(e, _("cannot read %s"), path) : buf_status(out, path, e);
    if (!standard) {
        (void)close(fd);
    }
    return code;
}

enum err_code folder_sync_of(const char *path, struct err *e)
{
    struct buf dir;
    const char *slash = strrchr(path, '/');
    buf_init(&dir, 8192);
    buf_add(&dir, slash == NULL ? "." : path, slash == NULL ? 1 : (size_t)(slash - path) + 1);
    enum err_code code = buf_status(&dir, path, e);
    int fd = code == ERR_OK ? open(buf_str(&dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (code == ERR_OK && (fd < 0 || fsync(fd) != 0)) {
        code = err_errno(e, _("cannot make %s durable"), path);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    buf_release(&dir);
    return code;
}

bool file_put(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n <= 0) {
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

enum err_code file_replace(const char *path, const void *data, size_t len, struct err *e)
{
    struct buf other;
    buf_init(&other, 8192);
    buf_addf(&other, "%s.new", path);
    enum err_code code = buf_status(&other, path, e);
    if (code == ERR_OK) {
        int fd = open(buf_str(&other), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        bool ok = fd >= 0 && file_put(fd, data, len) && fsync(fd) == 0;
        code = ok ? ERR_OK : err_errno(e, _("cannot write %s"), path);
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    if (code == ERR_OK && rename(buf_str(&other), path) != 0) {
        code = err_errno(e, _("cannot write %s"), path);
    }
    if (code != ERR_OK && !other.failed) {
        (void)unlink(buf_str(&other));
    }
    buf_release(&other);
    return code == ERR_OK ? folder_sync_of(path, e) : code;
}

enum err_code file_write(const char *path, const struct buf *data, struct err *e)
{
    TRY(buf_status(data, path, e));
    FILE *f = fopen(path, "wx");
    if (f == NULL) {
        return errno == EEXIST ? err_set(e, ERR_EXISTS, _("%s is there already"), path)
                               : err_errno(e, _("cannot write %s"), path);
    }
    bool ok = fwrite(data->data, 1, data->len, f) == data->len;
    ok = fflush(f) == 0 && ok;
    ok = fclose(f) == 0 && ok;
    return ok ? ERR_OK : err_errno(e, _("cannot write %s"), path);
}
