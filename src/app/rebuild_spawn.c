/* The second process of a deep check: what it says line by line, and how it ended. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/verify_deep.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/json.h"

#define LINE_SIZE 16384
#define POLL_MS 100

extern char **environ;

struct child {
    pid_t pid;
    int out; /* its standard output and error */
    char line[LINE_SIZE];
    size_t len;
    uint64_t done, total;
    struct err error; /* what it said went wrong */
};

static enum err_code child_start(struct child *c, const char *program, const char *export_path,
                                 const char *dir, struct err *e)
{
    int pipe_fds[2];
    posix_spawn_file_actions_t actions;
    /* posix_spawn does not change its arguments. */
    char *argv[] = {(char *)(uintptr_t) "aforo",    (char *)(uintptr_t) "rebuild",
                    (char *)(uintptr_t)export_path, (char *)(uintptr_t)dir,
                    (char *)(uintptr_t) "--json",   NULL};
    if (pipe2(pipe_fds, O_CLOEXEC) != 0) {
        return err_errno(e, _("cannot start the second process"));
    }
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc == 0) {
        (void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        (void)posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], 1);
        (void)posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], 2);
        rc = posix_spawn(&c->pid, program != NULL ? program : "/proc/self/exe", &actions, NULL,
                         argv, environ);
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    (void)close(pipe_fds[1]);
    c->out = pipe_fds[0];
    if (rc != 0) {
        (void)close(c->out);
        errno = rc;
        return err_errno(e, _("cannot start the second process"));
    }
    return ERR_OK;
}

static enum err_code code_named(const char *name)
{
    for (int i = 0; i < ERR_CODE_COUNT; i++) {
        if (strcmp(err_code_name((enum err_code)i), name) == 0) {
            return (enum err_code)i;
        }
    }
    return ERR_DB;
}

/* A line is JSON; one that is not (a crash, a sanitizer) is the best sentence there is. */
static void line_take(struct child *c, const char *line, size_t len)
{
    struct arena arena;
    struct json *o = NULL;
    struct err ignored = ERR_INIT;
    int64_t done = 0;
    int64_t total = 0;
    arena_init(&arena, 1 << 20);
    bool parsed = json_parse(line, len, &json_limits_default, &arena, &o, &ignored) == ERR_OK &&
                  o->type == JSON_OBJECT;
    const char *name = parsed ? json_get_str(o, "error") : NULL;
    const char *message = parsed ? json_get_str(o, "message") : NULL;
    if (name != NULL && message != NULL) {
        (void)err_set(&c->error, code_named(name), "%s", message);
    } else if (parsed && json_get_int(o, "done", &done) && json_get_int(o, "total", &total)) {
        c->done = (uint64_t)done;
        c->total = (uint64_t)total;
    } else if (!parsed && c->error.code == ERR_OK && len > 0) {
        (void)err_set(&c->error, ERR_DB, "%.*s", (int)(len < 512 ? len : 512), line);
    }
    arena_release(&arena);
}

/* Read what is there. False at the end. */
static bool output_read(struct child *c)
{
    ssize_t n = read(c->out, c->line + c->len, sizeof c->line - c->len);
    if (n < 0) {
        return errno == EINTR;
    }
    c->len += (size_t)n;
    char *end = NULL;
    while ((end = memchr(c->line, '\n', c->len)) != NULL) {
        size_t taken = (size_t)(end - c->line) + 1;
        line_take(c, c->line, taken - 1);
        memmove(c->line, c->line + taken, c->len - taken);
        c->len -= taken;
    }
    if (c->len == sizeof c->line) { /* nothing of ours is that long */
        c->len = 0;
    }
    return n > 0;
}

static enum err_code child_wait(struct child *c, struct err *e)
{
    int status = 0;
    while (waitpid(c->pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return err_errno(e, _("the second process was lost"));
        }
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return ERR_OK;
    }
    if (c->error.code != ERR_OK) {
        return err_set(e, c->error.code, "%s", c->error.text);
    }
    return WIFSIGNALED(status)
               ? err_set(e, ERR_DB, _("the second process was ended by signal %d"),
                         WTERMSIG(status))
               : err_set(e, ERR_DB, _("the second process ended with status %d"),
                         WEXITSTATUS(status));
}

enum err_code rebuild_spawn(const char *program, const char *export_path, const char *dir,
                            const struct progress *progress, struct err *e)
{
    struct child *c = mem_alloc(sizeof *c);
    if (c == NULL) {
        return err_nomem(e);
    }
    bool stopped = false;
    enum err_code code = child_start(c, program, export_path, dir, e);
    if (code == ERR_OK) {
        bool more = true;
        while (more && !stopped) {
            struct pollfd p = {.fd = c->out, .events = POLLIN};
            int ready = poll(&p, 1, POLL_MS);
            more = ready > 0 ? output_read(c) : true;
            stopped = !progress_step(progress, _("rebuilding tables"), c->done, c->total);
        }
        if (stopped) { /* what it leaves goes with its folder */
            (void)kill(c->pid, SIGKILL);
        }
        code = child_wait(c, e);
        (void)close(c->out);
    }
    mem_free(c);
    return stopped ? err_set(e, ERR_CANCELLED, _("the check was stopped")) : code;
}
