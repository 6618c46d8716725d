#include <config.h>

#include "app/files.h"

#include <fcntl.h>
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
