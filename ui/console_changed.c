#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/console_priv.h"
#include "ui/format.h"
#include "ui/model_jobs.h"

void console_ask_changed(struct console *c, struct effects *out)
{
    for (size_t i = 0; i < c->depth && c->model->changed != NULL; i++) {
        struct console_slot *slot = &c->stack[i];
        struct preset about[CHANGED_ABOUT_MAX];
        struct effects fx = {0};
        size_t count = slot->ops->about == NULL ? 0 : slot->ops->about(slot->state, about);

        if (count > 0) {
            fx_job(&fx, changed_job_new(c->model, CONSOLE_CHANGED_JOB, slot->id, slot->seen,
                                        about, count));
            console_apply(c, 0, &fx, out);
        }
    }
}

void console_know(struct console *c, int64_t entry)
{
    for (size_t i = 0; i < c->depth; i++) {
        if (entry > c->stack[i].seen) {
            c->stack[i].seen = entry;
        }
    }
}

/* The serial of the job is the form's id: it may have been left since. */
void console_take_changed(struct console *c, const struct job *job)
{
    const struct changed_job *j = (const struct changed_job *)(const void *)job;
    const struct changed *w = &j->changed;
    char at[FORMAT_MAX];
    char figure[32];
    char entry[FORMAT_MAX];

    if (job->err.code != ERR_OK || w->seq == 0) {
        return;
    }
    format_datetime(c->model->format, w->at, at);
    (void)snprintf(figure, sizeof(figure), "%" PRId64, w->seq);
    format_number(c->model->format, figure, entry);
    for (size_t i = 0; i < c->depth; i++) {
        struct console_slot *slot = &c->stack[i];

        if (slot->id == job->serial && w->seq > slot->seen) {
            slot->seen = w->seq;
            (void)snprintf(slot->changed, sizeof(slot->changed),
                           _("%s: changed meanwhile by %s, %s: %s, entry %s"), w->about, w->who,
                           at, w->kind, entry);
        }
    }
}
