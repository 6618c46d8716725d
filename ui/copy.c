#include <config.h>

#include "ui/copy.h"

#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"

#define COPY_MAX_BYTES 65536u

extern char **environ;

void copy_to_terminal(const char *text)
{
    static const char *const kinds[] = {"xterm", "tmux",  "screen", "alacritty",
                                        "foot",  "kitty", "wezterm"};
    const char *name = getenv("TERM");
    bool has = false;
    struct buf out;

    for (size_t i = 0; name != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        has = has || strncmp(name, kinds[i], strlen(kinds[i])) == 0;
    }
    if (!has) {
        return;
    }
    buf_init(&out, COPY_MAX_BYTES);
    buf_adds(&out, "\033]52;c;");
    buf_add_base64(&out, text, strlen(text));
    buf_addc(&out, '\a');
    if (!out.failed) {
        (void)fwrite(out.data, 1, out.len, stdout);
        (void)fflush(stdout);
    }
    buf_release(&out);
}

static void into_file(const char *text)
{
    const char *folder = getenv("XDG_RUNTIME_DIR");
    char path[PATH_MAX];
    int fd;

    if (folder == NULL || folder[0] != '/' ||
        snprintf(path, sizeof(path), "%s/aforo-copy", folder) >= (int)sizeof(path)) {
        return;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0) {
        if (write(fd, text, strlen(text)) < 0) {
            (void)unlink(path); /* nothing rather than half of it */
        }
        (void)close(fd);
    }
}

/* The text is in the pipe before tmux begins, so that nobody waits for it. */
static void into_tmux(const char *text)
{
    static char program[] = "tmux";
    static char word[] = "load-buffer";
    static char from[] = "-";
    char *argv[] = {program, word, from, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2];
    pid_t pid;

    if (strlen(text) > PIPE_BUF || pipe2(ends, O_CLOEXEC) != 0) {
        return;
    }
    if (write(ends[1], text, strlen(text)) >= 0 &&
        posix_spawn_file_actions_init(&actions) == 0) {
        (void)posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
        (void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY,
                                               0);
        (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY,
                                               0);
        (void)close(ends[1]);
        ends[1] = -1;
        if (posix_spawnp(&pid, program, &actions, NULL, argv, environ) == 0) {
            (void)waitpid(pid, NULL, 0);
        }
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    (void)close(ends[0]);
    if (ends[1] >= 0) {
        (void)close(ends[1]);
    }
}

void copy_beside(const char *text)
{
    const char *tmux = getenv("TMUX");

    if (tmux != NULL && tmux[0] != '\0') {
        into_tmux(text);
    }
    into_file(text);
}
