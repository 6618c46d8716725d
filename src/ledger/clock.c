#include <config.h>

#include "ledger/clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"

struct clock_state {
    char boot_id[37];
    int64_t boot_ms, wall_ms;
};

/* One short line: boot id, boot clock, wall clock. A torn or foreign file counts as absent: it
 * only weakens a check. */
static bool state_read(const char *path, struct clock_state *s)
{
    char line[128] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t n = read(fd, line, sizeof line - 1);
    (void)close(fd);
    return n > 0 &&
           sscanf(line, "%36s %" SCNd64 " %" SCNd64, s->boot_id, &s->boot_ms, &s->wall_ms) ==
               3 &&
           strlen(s->boot_id) == 36;
}

static enum err_code clock_off(struct err *e, const char *what, int64_t by_ms)
{
    return err_set(e, ERR_STATE,
                   _("%s by %" PRId64
                     " s: nothing is recorded until the clock is right, or an administrator "
                     "runs: aforo clock adjust --reason TEXT"),
                   what, (by_ms < 0 ? -by_ms : by_ms) / 1000);
}

enum err_code clock_next(const struct env *env, const char *state_path, int64_t last_ms,
                         bool forced, int64_t *out_ms, bool *held, struct err *e)
{
    int64_t wall = env_wall_ms(env);
    struct clock_state s;
    char boot_id[37];
    *held = false;
    *out_ms = wall;
    if (forced) {
        *out_ms = wall > last_ms ? wall : last_ms + 1;
        return ERR_OK;
    }
    if (wall < last_ms - CLOCK_BACK_MAX_MS) {
        return clock_off(e, _("the clock is behind the newest entry"), last_ms - wall);
    }
    if (state_read(state_path, &s)) {
        TRY(env_boot_id(env, boot_id, e));
        int64_t walked = wall - s.wall_ms;
        int64_t booted = env_boot_ms(env) - s.boot_ms;
        bool same_boot = strcmp(boot_id, s.boot_id) == 0;
        if (same_boot &&
            (walked - booted > CLOCK_DRIFT_MAX_MS || booted - walked > CLOCK_DRIFT_MAX_MS)) {
            return clock_off(e, _("the clock was moved since this machine started"),
                             walked - booted);
        }
        if (!same_boot && walked < -CLOCK_BACK_MAX_MS) {
            return clock_off(
                e, _("the clock is behind what it showed before this machine was restarted"),
                walked);
        }
    }
    if (wall < last_ms) {
        *held = true;
        *out_ms = last_ms + 1;
    }
    return ERR_OK;
}

enum err_code clock_remember(const struct env *env, const char *state_path, bool forced,
                             struct err *e)
{
    char boot_id[37];
    char line[128];
    struct clock_state s;
    TRY(env_boot_id(env, boot_id, e));
    if (!forced && state_read(state_path, &s) && strcmp(s.boot_id, boot_id) == 0) {
        return ERR_OK;
    }
    int n = snprintf(line, sizeof line, "%s %020" PRId64 " %020" PRId64 "\n", boot_id,
                     env_boot_ms(env), env_wall_ms(env));
    CHECK(n > 0 && (size_t)n < sizeof line);
    int fd = open(state_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return err_errno(e, _("cannot write %s"), state_path);
    }
    ssize_t written = pwrite(fd, line, (size_t)n, 0); /* one block: seen whole or not at all */
    (void)close(fd);
    return written == n ? ERR_OK : err_errno(e, _("cannot write %s"), state_path);
}
