#include <config.h>

#include "app/backups_made.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/files.h"
#include "base/arena.h"
#include "base/i18n.h"

static const char heading[] = "aforo backups 1\n";
#define LIST_BYTES_MAX ((size_t)2 << 20)

enum presence { GONE, THERE, OUT_OF_REACH };

static enum presence presence_of(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    if (slash == NULL || len >= sizeof folder) {
        return GONE;
    }
    memcpy(folder, path, len);
    folder[len] = '\0';
    return access(path, F_OK) == 0                       ? THERE
           : len > 0 && access(folder, R_OK | X_OK) != 0 ? OUT_OF_REACH
                                                         : GONE;
}

/* The next line of the list, cut at its end; NULL at the end. What is no line of ours is passed
 * over: the list only helps, nothing is decided by it. */
static char *line_next(char **at, int64_t *seq, const char **path)
{
    while (**at != '\0') {
        char *line = *at;
        char *rest = NULL;
        size_t len = strcspn(line, "\n");
        *at = line + len + (line[len] == '\n');
        line[len] = '\0';
        *seq = strtoll(line, &rest, 10);
        if (rest > line && *rest == ' ' && rest[1] == '/') {
            *path = rest + 1;
            return line;
        }
    }
    return NULL;
}

static enum err_code list_read(const struct office *o, struct buf *out, struct err *e)
{
    char *path = office_path(o, "state/backups");
    enum err_code code = path == NULL              ? err_nomem(e)
                         : access(path, F_OK) != 0 ? ERR_OK
                                                   : file_read(path, out, e);
    mem_free(path);
    return code;
}

static enum err_code list_write(const struct office *o, const struct buf *text, struct err *e)
{
    char *path = office_path(o, "state/backups");
    enum err_code code = path == NULL ? err_nomem(e) : buf_status(text, path, e);
    if (code == ERR_OK) {
        code = file_replace(path, text->data, text->len, e);
    }
    mem_free(path);
    return code;
}

enum err_code backups_made_add(const struct office *o, const char *path, int64_t seq,
                               struct err *e)
{
    struct buf before;
    struct buf after;
    int64_t n = 0;
    const char *one = NULL;
    char *whole = realpath(path, NULL);
    if (whole == NULL) {
        return err_errno(e, _("cannot read %s"), path);
    }
    buf_init(&before, LIST_BYTES_MAX);
    buf_init(&after, LIST_BYTES_MAX);
    enum err_code code = list_read(o, &before, e);
    if (code == ERR_OK) { /* the newest first */
        buf_addf(&after, "%s%" PRId64 " %s\n", heading, seq, whole);
        char *at = before.len > 0 ? before.data : NULL;
        for (int kept = 1; at != NULL && kept < BACKUPS_MADE_MAX;) {
            if (line_next(&at, &n, &one) == NULL) {
                break;
            }
            if (strcmp(one, whole) != 0 && presence_of(one) != GONE) {
                buf_addf(&after, "%" PRId64 " %s\n", n, one);
                kept++;
            }
        }
        code = list_write(o, &after, e);
    }
    buf_release(&before);
    buf_release(&after);
    free(whole); /* realpath's */
    return code;
}

void backups_made_tell(const struct office *o, struct buf *out)
{
    struct buf text;
    struct err ignored = ERR_INIT;
    int64_t seq = 0;
    const char *path = NULL;
    bool first = true;
    buf_init(&text, LIST_BYTES_MAX);
    if (list_read(o, &text, &ignored) == ERR_OK && text.len > 0) {
        char *at = text.data;
        while (line_next(&at, &seq, &path) != NULL) {
            enum presence p = presence_of(path);
            if (p == GONE) {
                continue;
            }
            if (first) {
                buf_addf(out, "%s\n",
                         _("Backups that may still hold what was erased; remove them when "
                           "newer ones replace them:"));
                first = false;
            }
            buf_addf(out,
                     p == THERE ? _("    %s, entries 1 to %" PRId64)
                                : _("    %s, entries 1 to %" PRId64
                                    " (its folder cannot be looked into now)"),
                     path, seq);
            buf_addc(out, '\n');
        }
    }
    buf_release(&text);
}
