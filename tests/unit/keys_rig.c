#include <config.h>

#include "keys_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/verify_office.h"
#include "base/i18n.h"
#include "base/text.h"
#include "reports/exports.h"

struct keys_rig rig;

static uint64_t state;

void chance_seed(uint64_t seed)
{
    state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

uint32_t pick(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 16) % below);
}

static size_t command_count(void)
{
    static size_t count;
    while (commands[count] != NULL) {
        count++;
    }
    return count;
}

const char *command_name(size_t index)
{
    size_t count = command_count();
    const struct command *c = index < count ? commands[index] : export_at(index - count);
    return c != NULL ? c->name : NULL;
}

/* The forms of reports differ in their fields only: they count as the first of them. */
size_t command_index(const char *name)
{
    const char *known;
    bool report = strncmp(name, "report ", 7) == 0;
    for (size_t i = 0; (known = command_name(i)) != NULL; i++) {
        if (strcmp(known, name) == 0 || (report && strncmp(known, "report ", 7) == 0)) {
            return i;
        }
    }
    return COMMANDS_MAX - 1;
}

/* ---- between the console and the office -------------------------------------------------- */

/* After one of these olga may be somebody else, or nobody. */
static bool wears(const char *name)
{
    static const char *const names[] = {"user roles",    "user disable", "user recover",
                                        "role define",   "user key",     "request approve",
                                        "user password", "request run"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Is she still who logged in: the same password, roles and grants? */
static bool is_herself(void)
{
    struct err e = ERR_INIT;
    struct session *who = NULL;
    int wait_s = 0;
    int64_t same = 0;
    bool in =
        session_login(rig.bound.act, "olga", FIXTURE_PASSWORD, &who, &wait_s, &e) == ERR_OK &&
        strcmp(who->roles, rig.role) == 0;
    session_free(who);
    return in &&
           db_get_int(rig.bound.act->db, &same, NULL, &e,
                      "SELECT count(*) FROM role_grant WHERE role = ?",
                      VALS(V_TEXT(rig.role))) == ERR_OK &&
           same == rig.grants;
}

/* Whatever key was pressed: what the role may not is not even asked for. */
static enum err_code counted_run(void *ctx, const char *name, const struct ui_value *values,
                                 size_t count, const struct progress *progress,
                                 struct ui_ticket *out, struct err *e)
{
    bool may = false;
    size_t at = command_index(name);
    rig.reached.runs[at]++;
    MUST(rig.bound.session != NULL, "\"%s\" without anybody logged in", name);
    if (command_find(name) != NULL) {
        MUST(session_may(rig.bound.act, rig.bound.session->user, name, &may, e) == ERR_OK, "%s",
             e->text);
        MUST(may || rig.worn, "the console asked for \"%s\" as %s", name, rig.role);
    }
    enum err_code code = rig.real.command_run(ctx, name, values, count, progress, out, e);
    rig.reached.done[at] += code == ERR_OK ? 1 : 0;
    rig.old_key = rig.old_key || (code == ERR_OK && strcmp(name, "user key") == 0);
    rig.worn = rig.worn || (code == ERR_OK && wears(name) && !is_herself());
    return code;
}

/* What its trial refuses was run as well: it is not asked about. */
static enum err_code counted_preview(void *ctx, const char *name, const struct ui_value *values,
                                     size_t count, struct buf *out, struct err *e)
{
    enum err_code code = rig.real.command_preview(ctx, name, values, count, out, e);
    rig.reached.runs[command_index(name)] += code != ERR_OK ? 1 : 0;
    return code;
}

static enum err_code told_login(void *ctx, const char *user, const char *password,
                                struct ui_login_reply *reply, struct err *e)
{
    enum err_code code = rig.real.login(ctx, user, password, reply, e);
    (void)snprintf(rig.refused, sizeof rig.refused, "%.40s: %.200s", user,
                   code == ERR_OK ? "" : e->text);
    return code;
}

static bool go_on(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)what;
    (void)done;
    (void)total;
    return true;
}

void rig_send(const struct event *ev)
{
    struct effects fx = {0};
    console_update(&rig.console, ev, &fx);
    for (size_t i = 0; i < fx.count; i++) {
        struct effect *f = &fx.list[i];
        if (f->kind == FX_JOB) {
            MUST(rig.job_count < JOBS_MAX, "too many jobs wait");
            rig.jobs[rig.job_count++] = f->job;
            f->job = NULL;
        } else if (f->kind == FX_LANGUAGE) {
            i18n_switch(f->text);
        }
    }
    fx_release(&fx);
}

static void deliver(struct job *job)
{
    struct event ev = {.kind = EV_JOB, .job = job};
    rig_send(&ev);
    job_free(job);
}

static void on_post(void *ctx, struct job *part)
{
    (void)ctx;
    deliver(part);
}

/* Answers of different lanes come in any order; those of one lane in theirs. What nobody waits
 * for comes late. */
void rig_jobs(size_t leave)
{
    size_t idle = 0;
    for (size_t rounds = 0; rig.job_count > leave + idle; rounds++) {
        struct job_env env = {{NULL, go_on}, NULL, on_post};
        size_t at = pick((uint32_t)rig.job_count);
        MUST(rounds < 20000, "jobs ask for jobs without end");
        for (size_t i = 0; i < at; i++) {
            at = rig.jobs[i]->lane == rig.jobs[at]->lane ? i : at;
        }
        struct job *job = rig.jobs[at];
        if (job->lane == LANE_IDLE && pick(64) != 0) {
            idle = 1; /* there is one at a time */
            continue;
        }
        rig.job_count--;
        memmove(&rig.jobs[at], &rig.jobs[at + 1], (rig.job_count - at) * sizeof rig.jobs[0]);
        idle = job->lane == LANE_IDLE ? 0 : idle;
        job->ops->run(job, &env);
        deliver(job);
    }
}

const struct console_slot *rig_top(void)
{
    return &rig.console.stack[rig.console.depth - 1];
}

bool rig_typing(void)
{
    return rig_top()->ops->typing != NULL && rig_top()->ops->typing(rig_top()->state);
}

bool rig_may_open(const struct screen_ops *ops)
{
    return ops->needs == NULL || rig.model.may(rig.model.ctx, ops->needs);
}

void rig_key(uint32_t key)
{
    struct event ev = {.kind = EV_KEY, .key = key};
    rig.pressed++;
    rig_send(&ev);
    rig_count_screen();
}

void rig_type(const char *text)
{
    while (*text != '\0') {
        uint32_t cp = 0;
        size_t used = utf8_decode(text, strlen(text), &cp);
        text += used > 0 ? used : 1;
        rig_key(cp == '\n' ? K_ENTER : cp == '\t' ? K_TAB : cp);
    }
}

/* ---- what is seen ------------------------------------------------------------------------ */

void rig_check_frame(void)
{
    console_render(&rig.console, &rig.frame);
    for (int row = 0; row < rig.frame.rows; row++) {
        int width = 0;
        for (int column = 0; column < rig.frame.columns; column++) {
            const struct cell *c = frame_at(&rig.frame, row, column);
            width += c->width;
            for (const char *p = c->text; *p != '\0'; p++) {
                MUST((unsigned char)*p >= ' ' && *p != 0x7f, "key %llu: a control on screen %s",
                     (unsigned long long)rig.pressed, rig_top()->ops->name);
            }
        }
        MUST(width == rig.frame.columns, "key %llu: row %d of screen %s is %d wide",
             (unsigned long long)rig.pressed, row, rig_top()->ops->name, width);
    }
}

void rig_count_screen(void)
{
    const struct screen_ops *top = rig_top()->ops;
    for (size_t i = 0; i < screens_all_count && i < SCREENS_MAX; i++) {
        if (screens_all[i] == top) {
            rig.reached.screens[i]++;
            MUST(rig.worn || top == &screen_login || !rig.console.logged_in ||
                     rig_may_open(top),
                 "%s is at the screen %s", rig.role, top->name);
            return;
        }
    }
}

bool rig_shows(const char *text)
{
    struct buf all;
    console_render(&rig.console, &rig.frame);
    buf_init(&all, 4u << 20);
    for (int row = 0; row < rig.frame.rows; row++) {
        for (int column = 0; column < rig.frame.columns; column++) {
            const char *cell = frame_at(&rig.frame, row, column)->text;
            if (*cell != ' ' || (all.len > 0 && all.data[all.len - 1] != ' ')) {
                buf_adds(&all, cell);
            }
        }
    }
    bool shows = strstr(buf_str(&all), text) != NULL;
    buf_release(&all);
    return shows;
}

/* ---- from a fresh office to its verification --------------------------------------------- */

struct office_fixture rig_busy;

void rig_open(const char *dir)
{
    struct effects fx = {0};
    struct err e = ERR_INIT;
    MUST(bound_open(dir, &rig.bound, &e) == ERR_OK, "%s", e.text);
    rig.real = bound_model(&rig.bound);
    rig.model = rig.real;
    rig.model.command_run = counted_run;
    rig.model.command_preview = counted_preview;
    rig.model.login = told_login;
    rig.model.lock_after_ms = 60000;
    rig.worn = false;
    rig.old_key = false;
    memset(&rig.reached, 0, sizeof rig.reached);
    MUST(db_get_int(rig.bound.act->db, &rig.grants, NULL, &e,
                    "SELECT count(*) FROM role_grant WHERE role = ?",
                    VALS(V_TEXT(rig.role))) == ERR_OK,
         "%s", e.text);
    frame_init(&rig.frame);
    MUST(frame_resize(&rig.frame, 24, 80, NULL) == ERR_OK, "no frame");
    MUST(console_init(&rig.console, &rig.model, &screen_login, 24, 80, &fx, NULL) == ERR_OK,
         "no console");
    fx_release(&fx);
}

void rig_close(void)
{
    size_t *total = (size_t *)(void *)&rig.total;
    const size_t *reached = (const size_t *)(const void *)&rig.reached;
    for (size_t i = 0; i < sizeof rig.total / sizeof *total; i++) {
        total[i] += reached[i];
    }
    for (size_t i = 0; i < rig.job_count; i++) {
        job_free(rig.jobs[i]);
    }
    rig.job_count = 0;
    console_release(&rig.console);
    frame_release(&rig.frame);
    bound_close(&rig.bound);
}

void rig_begin(struct office_fixture *f, const char *role)
{
    char place[FIXTURE_PATH_MAX];
    fixture_temp_folder(place);
    fixture_copy_folder(rig_busy.dir, place);
    *f = rig_busy;
    memcpy(f->dir, place, sizeof place);
    fixture_reopen(f);
    (void)fixture_run(f, f->ana, "user roles", "login", "olga", "roles", role, NULL);
    MUST(chdir(place) == 0, "%s", place); /* files that it writes stay in the office's folder */
    rig.role = role;
    rig.office = f;
    rig_open(f->dir);
}

void rig_end(struct office_fixture *f)
{
    struct err e = ERR_INIT;
    struct audit a;
    struct verify_request q = {.dir = f->dir, .level = VERIFY_FULL, .env = &env_system};
    rig_close();
    fixture_close(f);
    MUST(verify_office(&q, &a, &e) == ERR_OK, "%s", e.text);
    i18n_switch("en");
    MUST(chdir("/") == 0, "/");
    fixture_remove_folder(f->dir);
}
