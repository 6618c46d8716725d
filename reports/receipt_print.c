/* A receipt on its way to paper. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/i18n.h"
#include "reports/exports.h"
#include "reports/out_file.h"
#include "reports/receipt_paper.h"

#define PAPER_COLUMNS 48 /* of 80 mm */
#define PAPER_BYTES ((size_t)1 << 20)
#define FEED "\n\n\n\n"

extern char **environ;

static enum err_code all_written(int fd, const struct buf *text)
{
    size_t done = 0;
    while (done < text->len) {
        ssize_t n = write(fd, text->data + done, text->len - done);
        if (n < 0 && errno != EINTR) {
            return ERR_IO;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return ERR_OK;
}

/* lp reads the text from its standard input; what it says goes nowhere: its status counts. */
static enum err_code lp_start(const char *queue, int in, pid_t *pid)
{
    char name[256];
    char *const argv[] = {(char[]){"lp"}, (char[]){"-s"}, (char[]){"-d"}, name, NULL};
    posix_spawn_file_actions_t actions;
    int rc;
    (void)snprintf(name, sizeof name, "%s", queue);
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return ERR_NOMEM;
    }
    rc = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    rc = rc != 0 ? rc
                 : posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                                    O_WRONLY, 0);
    rc = rc != 0 ? rc
                 : posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
                                                    O_WRONLY, 0);
    rc = rc != 0 ? rc : posix_spawnp(pid, "lp", &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return rc == 0 ? ERR_OK : ERR_IO;
}

static enum err_code to_queue(const struct buf *text, const char *queue, struct err *e)
{
    int ends[2] = {-1, -1};
    pid_t pid = 0;
    int status = 1;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return err_errno(e, "pipe");
    }
    enum err_code code = lp_start(queue, ends[0], &pid);
    (void)close(ends[0]);
    if (code == ERR_OK) {
        struct sigaction ignore = {.sa_handler = SIG_IGN};
        struct sigaction before;
        (void)sigaction(SIGPIPE, &ignore, &before); /* lp may end before it has read all */
        code = all_written(ends[1], text);
        (void)sigaction(SIGPIPE, &before, NULL);
    }
    (void)close(ends[1]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return code == ERR_OK && WIFEXITED(status) && WEXITSTATUS(status) == 0
               ? ERR_OK
               : err_set(e, ERR_IO,
                         _("the printer %s did not take the receipt; print it again when it is "
                           "ready"),
                         queue);
}

static enum err_code to_device(const struct buf *text, const char *path, struct err *e)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        return err_errno(e, "%s", path);
    }
    enum err_code code = all_written(fd, text) == ERR_OK ? ERR_OK : err_errno(e, "%s", path);
    (void)close(fd);
    return code;
}

static enum err_code to_folder(const struct office *o, const struct buf *text, int64_t receipt,
                               int64_t copy, char path[512], struct err *e)
{
    char *folder = office_path(o, "printed");
    struct out_file *f = mem_alloc(sizeof *f);
    enum err_code code = folder == NULL || f == NULL ? err_nomem(e) : ERR_OK;
    if (code == ERR_OK && mkdir(folder, 0700) != 0 && errno != EEXIST) {
        code = err_errno(e, "%s", folder);
    }
    if (code == ERR_OK) {
        (void)snprintf(path, 512, "%s/receipt-%" PRId64 "%s%.0" PRId64 ".txt", folder, receipt,
                       copy > 0 ? "-copy-" : "", copy);
        code = out_file_open(f, path, e);
    }
    if (code == ERR_OK) {
        out_file_write(f, text->data, text->len);
        code = out_file_commit(f, e);
    }
    if (f != NULL) {
        out_file_discard(f);
    }
    mem_free(f);
    mem_free(folder);
    return code;
}

static enum err_code paper_make(struct office *o, int64_t receipt, int64_t copy,
                                struct buf *text, struct err *e)
{
    struct arena arena;
    struct receipt r;
    struct paper p;
    arena_init(&arena, (size_t)4 << 20);
    enum err_code code = receipt_load(o, receipt, copy, &arena, &r, e);
    code = code == ERR_OK ? receipt_paper(&r, o->numfmt, &arena, &p, e) : code;
    if (code == ERR_OK) {
        paper_text(&p, PAPER_COLUMNS, text);
        buf_adds(text, FEED);
        code = buf_status(text, _("receipt"), e);
    }
    arena_release(&arena);
    return code;
}

enum err_code receipt_to_printer(struct office *o, int64_t receipt, int64_t copy,
                                 const char *printer, char *message, size_t message_size,
                                 struct err *e)
{
    struct buf text;
    char path[512] = "";
    buf_init(&text, PAPER_BYTES);
    enum err_code code = paper_make(o, receipt, copy, &text, e);
    if (code == ERR_OK) {
        code = printer == NULL                ? to_folder(o, &text, receipt, copy, path, e)
               : strchr(printer, '/') != NULL ? to_device(&text, printer, e)
                                              : to_queue(&text, printer, e);
    }
    buf_release(&text);
    if (code == ERR_OK && copy == 0) {
        (void)snprintf(message, message_size, _("receipt %" PRId64 " printed: %s"), receipt,
                       printer != NULL ? printer : path);
    } else if (code == ERR_OK) {
        (void)snprintf(message, message_size,
                       _("receipt %" PRId64 " printed again, marked as copy %" PRId64 ": %s"),
                       receipt, copy, printer != NULL ? printer : path);
    }
    return code;
}
