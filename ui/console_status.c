#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/i18n.h"
#include "ui/console_priv.h"
#include "ui/format.h"
#include "ui/model_jobs.h"

#define PROGRESS_SHOWN_AFTER_MS 700

void console_ask_status(struct console *c, struct effects *out)
{
    struct effects fx = {0};

    c->status_serial++;
    c->status_asked_ms = c->now_ms;
    fx_job(&fx, status_job_new(c->model, 0, c->status_serial));
    console_apply(c, 0, &fx, out);
}

static void tell_changed(struct console *c, struct effects *out)
{
    struct event ev = {.kind = EV_CHANGED};

    for (size_t i = 0; i < c->depth; i++) {
        struct effects fx = {0};

        (void)c->stack[i].ops->update(c->stack[i].state, &ev, &fx);
        console_apply(c, c->stack[i].id, &fx, out);
    }
}

void console_take_status(struct console *c, const struct job *job, struct effects *out)
{
    const struct status_job *s = (const struct status_job *)job;
    bool grew;

    if (job->serial != c->status_serial) {
        return; /* an older answer, perhaps of another session */
    }
    if (job->err.code != ERR_OK) {
        if (job->err.code != ERR_CANCELLED) {
            console_say(c, MESSAGE_ERROR, job->err.text);
        }
        return;
    }
    grew = c->has_status && s->status.ledger_height != c->status.ledger_height;
    if (c->logged_in && !c->upkeep && c->model->upkeep != NULL &&
        (grew ||
         c->status.user[0] == '\0')) { /* after login, and when there is something new */
        struct effects fx = {0};

        c->upkeep = true;
        fx_job(&fx, upkeep_job_new(c->model));
        console_apply(c, 0, &fx, out);
    }
    c->status = s->status;
    c->has_status = true;
    if (grew) {
        tell_changed(c, out);
        console_ask_changed(c, out);
    }
}

/* "Importing 40 % · 12 000/s · 3 min left · Esc stops it" */
static void describe(struct console *c, const struct work_progress *p, int64_t elapsed_ms)
{
    uint64_t rate = elapsed_ms > 0 ? p->done * 1000u / (uint64_t)elapsed_ms : 0;
    char figure[32];
    char shown[FORMAT_MAX];
    const char *what = p->what[0] != '\0' ? p->what : _("Working…");

    (void)snprintf(figure, sizeof(figure), "%" PRIu64, rate);
    format_number(c->model->format, figure, shown);
    if (p->total > 0 && rate > 0 && p->done <= p->total) {
        (void)snprintf(c->progress, sizeof(c->progress),
                       _("%s %u %% · %s/s · %llu s left · Esc stops it"), what,
                       (unsigned)(p->done / ((p->total + 99) / 100)), shown,
                       (unsigned long long)((p->total - p->done) / rate));
    } else if (rate > 0) {
        (void)snprintf(c->progress, sizeof(c->progress), _("%s %s/s · Esc stops it"), what,
                       shown);
    } else { /* what is not counted, or so slow that "0/s" would say it stands still */
        (void)snprintf(c->progress, sizeof(c->progress), _("%s · Esc stops it"), what);
    }
}

void console_take_progress(struct console *c, const struct work_progress *p)
{
    if (p == NULL || !p->running) {
        c->progress[0] = '\0';
        c->progress_since_ms = -1;
        return;
    }
    if (c->progress_since_ms < 0 || p->lane != c->progress_lane) {
        c->progress_lane = p->lane;
        c->progress_since_ms = c->now_ms;
    }
    if (c->now_ms - c->progress_since_ms >= PROGRESS_SHOWN_AFTER_MS) {
        describe(c, p, c->now_ms - c->progress_since_ms);
    }
}
