/* Paper to a queue or a device. */
#include <config.h>

#include "reports/printer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/env.h"
#include "base/i18n.h"
#include "base/text.h"

#define WAIT_MS 10000
#define SAID_BYTES 300
#define STEP_MS 10 /* between two looks at whether lp has ended */

extern char **environ;

void printer_parse(const char *text, struct printer *out)
{
    static const struct {
        const char *prefix;
        enum printer_form form;
    } forms[] = {{"escpos:", PRINTER_ESCPOS}, {"text:", PRINTER_TEXT}};
    *out = (struct printer){text, PRINTER_BY_KIND, PRINTER_COLUMNS, WAIT_MS};
    for (size_t i = 0; text != NULL && i < sizeof forms / sizeof forms[0]; i++) {
        size_t len = strlen(forms[i].prefix);
        if (strncmp(text, forms[i].prefix, len) == 0) {
            out->name = text + len;
            out->form = forms[i].form;
        }
    }
}

static bool is_path(const struct printer *p)
{
    return p->name != NULL && strchr(p->name, '/') != NULL;
}

bool printer_takes_escpos(const struct printer *p)
{
    struct stat st;
    if (p->form != PRINTER_BY_KIND || !is_path(p) || stat(p->name, &st) != 0) {
        return p->form == PRINTER_ESCPOS;
    }
    return S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode);
}

/* ERR_IO with errno set; ETIMEDOUT when nothing more was taken for wait_ms. */
static enum err_code all_written(int fd, const struct buf *bytes, int wait_ms)
{
    size_t done = 0;
    while (done < bytes->len) {
        struct pollfd ready = {fd, POLLOUT, 0};
        ssize_t n = write(fd, bytes->data + done, bytes->len - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            int got = poll(&ready, 1, wait_ms);
            if (got == 0) {
                errno = ETIMEDOUT;
            }
            if (got == 0 || (got < 0 && errno != EINTR)) {
                return ERR_IO;
            }
        } else if (errno != EINTR) {
            return ERR_IO;
        }
    }
    return ERR_OK;
}

/* ---- a device or a file ---- */

static enum err_code device_fault(const char *path, int why, struct err *e)
{
    switch (why) {
    case ENOENT:
        return err_set(e, ERR_IO, _("printer %s: there is no such device; is it connected?"),
                       path);
    case ENXIO:
    case EPIPE:
        return err_set(e, ERR_IO, _("printer %s: nothing reads from it; is it switched on?"),
                       path);
    case EACCES:
    case EPERM:
        return err_set(e, ERR_IO, _("printer %s: this user may not write to it (group lp?)"),
                       path);
    case ETIMEDOUT:
        return err_set(e, ERR_IO,
                       _("printer %s takes nothing more; is there paper, is its cover shut?"),
                       path);
    default:
        return err_set(e, ERR_IO, _("printer %s: %s"), path, strerror(why));
    }
}

static enum err_code to_device(const struct printer *p, const struct buf *bytes, struct err *e)
{
    struct termios line;
    int fd = open(p->name, O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return device_fault(p->name, errno, e);
    }
    if (tcgetattr(fd, &line) == 0) { /* a serial line: bytes go as they are */
        cfmakeraw(&line);
        (void)tcsetattr(fd, TCSANOW, &line);
    }
    enum err_code code = all_written(fd, bytes, p->wait_ms);
    int why = errno;
    (void)close(fd);
    return code == ERR_OK ? ERR_OK : device_fault(p->name, why, e);
}

/* ---- a queue ---- */

struct lp {
    pid_t pid;
    int in, said; /* its standard input and what it says, ours to close; -1 */
};

static enum err_code pipe_open(int ends[2], struct err *e)
{
    return pipe2(ends, O_CLOEXEC) == 0 ? ERR_OK : err_errno(e, "pipe");
}

/* lp reads the paper from its standard input. rc: errno of the spawning. */
static int lp_spawn(const struct printer *p, const char *title, int in, int said, pid_t *pid)
{
    char name[PRINTER_NAME_MAX + 1], job[80];
    char *argv[] = {(char[]){"lp"}, (char[]){"-s"},  (char[]){"-d"},
                    name,           (char[]){"-t"},  job,
                    (char[]){"-o"}, (char[]){"raw"}, NULL};
    posix_spawn_file_actions_t actions;
    int rc;
    (void)snprintf(name, sizeof name, "%s", p->name);
    (void)snprintf(job, sizeof job, "%s", title);
    if (!printer_takes_escpos(p)) {
        argv[6] = NULL;
    }
    rc = posix_spawn_file_actions_init(&actions);
    if (rc != 0) {
        return rc;
    }
    rc = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    rc = rc != 0 ? rc : posix_spawn_file_actions_adddup2(&actions, said, STDERR_FILENO);
    rc = rc != 0 ? rc
                 : posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                                    O_WRONLY, 0);
    rc = rc != 0 ? rc : posix_spawnp(pid, "lp", &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static enum err_code lp_start(const struct printer *p, const char *title, struct lp *lp,
                              struct err *e)
{
    int in[2] = {-1, -1};
    int said[2] = {-1, -1};
    int rc = 0;
    enum err_code code = pipe_open(in, e);
    code = code == ERR_OK ? pipe_open(said, e) : code;
    if (code == ERR_OK) {
        (void)fcntl(in[1], F_SETFL, O_NONBLOCK);
        (void)fcntl(said[0], F_SETFL, O_NONBLOCK);
        rc = lp_spawn(p, title, in[0], said[1], &lp->pid);
        lp->pid = rc == 0 ? lp->pid : 0;
    }
    lp->in = in[1];
    lp->said = said[0];
    if (in[0] >= 0) {
        (void)close(in[0]);
    }
    if (said[1] >= 0) {
        (void)close(said[1]);
    }
    return code != ERR_OK ? code
           : rc == 0      ? ERR_OK
           : rc == ENOENT ? err_set(e, ERR_IO,
                                    _("printer %s: the program lp is not installed (Debian: "
                                      "cups-client)"),
                                    p->name)
                          : err_set(e, ERR_IO, _("printer %s: %s"), p->name, strerror(rc));
}

/* Take what it has said so far; false when it will say no more. */
static bool lp_hear(const struct lp *lp, char said[SAID_BYTES], size_t *len)
{
    char more[256];
    ssize_t n = read(lp->said, more, sizeof more);
    for (ssize_t i = 0; i < n && *len + 1 < SAID_BYTES; i++) {
        said[(*len)++] = more[i] == '\n' ? ' ' : more[i];
    }
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Listen until the program has ended, whoever still holds its standard error open; said:
 * cleaned. False: it had to be killed, because the time was over. */
static bool lp_end(const struct lp *lp, int wait_ms, int *status, char said[SAID_BYTES])
{
    char bytes[SAID_BYTES];
    size_t len = 0;
    int64_t until = monotonic_ms() + wait_ms;
    struct pollfd ready = {lp->said, POLLIN, 0};
    pid_t ended = 0;
    while (ended == 0 && monotonic_ms() < until) {
        if (poll(&ready, 1, STEP_MS) > 0 && !lp_hear(lp, bytes, &len)) {
            ready.fd = -1; /* it closed it, and may run on */
        }
        ended = waitpid(lp->pid, status, WNOHANG);
    }
    if (ended == 0) {
        (void)kill(lp->pid, SIGKILL);
        while (waitpid(lp->pid, status, 0) < 0 && errno == EINTR) {
        }
    }
    while (ready.fd >= 0 && poll(&ready, 1, 0) > 0 && lp_hear(lp, bytes, &len) &&
           len + 1 < SAID_BYTES) { /* its last words */
    }
    while (len > 0 && strchr(" .", bytes[len - 1]) != NULL) { /* a sentence goes on after it */
        len--;
    }
    text_sanitize_to(bytes, len, said, SAID_BYTES);
    return ended != 0;
}

static enum err_code lp_feed(struct lp *lp, const struct buf *bytes, int wait_ms)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    (void)sigaction(SIGPIPE, &ignore, &before); /* lp may end before it has read all */
    enum err_code code = all_written(lp->in, bytes, wait_ms);
    (void)sigaction(SIGPIPE, &before, NULL);
    (void)close(lp->in);
    lp->in = -1;
    return code;
}

static enum err_code to_queue(const struct printer *p, const char *title,
                              const struct buf *bytes, struct err *e)
{
    struct lp lp = {0, -1, -1};
    char said[SAID_BYTES] = "";
    enum err_code code = lp_start(p, title, &lp, e);
    if (code == ERR_OK) {
        enum err_code fed = lp_feed(&lp, bytes, p->wait_ms);
        int status = 1;
        if (!lp_end(&lp, p->wait_ms, &status, said)) {
            code = err_set(e, ERR_IO, _("printer %s: lp gave no answer in %d seconds"), p->name,
                           p->wait_ms / 1000);
        } else if (fed != ERR_OK || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            code = err_set(e, ERR_IO, _("printer %s did not take it: %s"), p->name,
                           said[0] != '\0' ? said : _("lp says nothing of why"));
        }
    }
    if (lp.in >= 0) {
        (void)close(lp.in);
    }
    if (lp.said >= 0) {
        (void)close(lp.said);
    }
    return code;
}

enum err_code printer_send(const struct printer *p, const char *title, const struct buf *bytes,
                           struct err *e)
{
    if (p->name == NULL || p->name[0] == '\0' || strlen(p->name) > PRINTER_NAME_MAX) {
        return err_set(e, ERR_USAGE, _("the name of the printer is empty or too long"));
    }
    return is_path(p) ? to_device(p, bytes, e) : to_queue(p, title, bytes, e);
}
