#include <config.h>

#include "ledger/clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"

/* One short line: boot id, boot clock, wall clock. A torn or foreign file counts as absent: it
 * only weakens a check. */
static bool state_read(const char *path, struct clock_memory *s)
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

/* Wall and boot clock walked together since the state was written. */
static enum err_code state_fits(const struct env *env, const struct clock_memory *s,
                                int64_t wall, struct err *e)
{
    char boot_id[37];
    TRY(env_boot_id(env, boot_id, e));
    int64_t walked = wall - s->wall_ms;
    int64_t booted = env_boot_ms(env) - s->boot_ms;
    bool same_boot = strcmp(boot_id, s->boot_id) == 0;
    if (same_boot &&
        (walked - booted > CLOCK_DRIFT_MAX_MS || booted - walked > CLOCK_DRIFT_MAX_MS)) {
        return clock_off(e, _("the clock was moved since this machine started"),
                         walked - booted);
    }
    if (!same_boot && walked < -CLOCK_BACK_MAX_MS) {
        return clock_off(e,
                         _("the clock is behind what it showed before this machine was "
                           "restarted"),
                         walked);
    }
    return ERR_OK;
}

/* What is remembered may be old: another process may have run clock adjust since. */
static enum err_code state_check(const struct env *env, const char *path,
                                 struct clock_memory *memory, int64_t wall, struct err *e)
{
    struct clock_memory s = {.valid = false};
    struct err ignored = ERR_INIT;
    if (memory != NULL && memory->valid && state_fits(env, memory, wall, &ignored) == ERR_OK) {
        return ERR_OK;
    }
    s.valid = state_read(path, &s);
    if (memory != NULL) {
        *memory = s;
    }
    return s.valid ? state_fits(env, &s, wall, e) : ERR_OK;
}

enum err_code clock_next(const struct env *env, const char *state_path,
                         struct clock_memory *memory, int64_t last_ms, bool forced,
                         int64_t *out_ms, bool *held, struct err *e)
{
    int64_t wall = env_wall_ms(env);
    *held = false;
    *out_ms = wall;
    if (forced) {
        *out_ms = wall > last_ms ? wall : last_ms + 1;
        return ERR_OK;
    }
    if (wall < last_ms - CLOCK_BACK_MAX_MS) {
        return clock_off(e, _("the clock is behind the newest entry"), last_ms - wall);
    }
    TRY(state_check(env, state_path, memory, wall, e));
    if (wall < last_ms) {
        *held = true;
        *out_ms = last_ms + 1;
    }
    return ERR_OK;
}

enum err_code clock_remember(const struct env *env, const char *state_path,
                             struct clock_memory *memory, bool forced, struct err *e)
{
    char line[128];
    struct clock_memory s = {.valid = false};
    char boot_id[37];
    TRY(env_boot_id(env, boot_id, e));
    if (!forced && memory != NULL && memory->valid && strcmp(memory->boot_id, boot_id) == 0) {
        return ERR_OK;
    }
    if (!forced && state_read(state_path, &s) && strcmp(s.boot_id, boot_id) == 0) {
        return ERR_OK;
    }
    memcpy(s.boot_id, boot_id, sizeof boot_id);
    s.boot_ms = env_boot_ms(env);
    s.wall_ms = env_wall_ms(env);
    int n = snprintf(line, sizeof line, "%s %020" PRId64 " %020" PRId64 "\n", boot_id,
                     s.boot_ms, s.wall_ms);
    CHECK(n > 0 && (size_t)n < sizeof line);
    int fd = open(state_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return err_errno(e, _("cannot write %s"), state_path);
    }
    ssize_t written = pwrite(fd, line, (size_t)n, 0); /* one block: seen whole or not at all */
    (void)close(fd);
    if (written != n) {
        return err_errno(e, _("cannot write %s"), state_path);
    }
    if (memory != NULL) {
        *memory = s;
        memory->valid = true;
    }
    return ERR_OK;
}
