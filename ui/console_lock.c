#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/console_priv.h"
#include "ui/format.h"
#include "ui/model_jobs.h"

/* ---- nobody was there for a while ---- */

void console_lock(struct console *c)
{
    lineedit_init(&c->password, 0, true);
    c->lock_wrong[0] = '\0';
    c->unlocking = false;
    c->message[0] = '\0';
    c->overlay = OVERLAY_LOCK; /* what lay over the screen is gone, the screen stays as it is */
}

void console_check_idle(struct console *c)
{
    int64_t after_ms = c->model->lock_after_ms;

    if (c->logged_in && c->overlay != OVERLAY_LOCK && after_ms > 0 &&
        c->now_ms - c->input_ms >= after_ms && c->progress[0] == '\0') {
        console_lock(c);
    }
}

void console_lock_key(struct console *c, uint32_t key, struct effects *out)
{
    struct effects fx = {0};

    if (key == (K_CTRL | 'd')) {
        c->overlay = OVERLAY_NONE;
        lineedit_wipe(&c->password);
        console_logout(c, out);
        return;
    }
    if (key != K_ENTER) {
        (void)lineedit_key(&c->password, key);
        return;
    }
    if (c->unlocking || c->password.len == 0) {
        return;
    }
    fx_job(&fx, unlock_job_new(c->model, CONSOLE_UNLOCK_JOB, c->password.text));
    c->unlocking = fx.list[0].kind == FX_JOB;
    lineedit_wipe(&c->password);
    console_apply(c, 0, &fx, out);
}

void console_take_unlock(struct console *c, const struct job *job)
{
    c->unlocking = false;
    if (c->overlay != OVERLAY_LOCK) {
        return;
    }
    if (job->err.code == ERR_OK) {
        c->overlay = OVERLAY_NONE;
        c->input_ms = c->now_ms;
        c->lock_wrong[0] = '\0';
    } else {
        format_copy(c->lock_wrong, sizeof(c->lock_wrong), job->err.text);
    }
}

/* The screen is not drawn: who passes by sees nothing of it. */
void console_lock_render(const struct console *c, struct frame *f, struct rect area)
{
    int columns = area.columns < 60 ? area.columns : 60;
    int rows = area.rows < 9 ? area.rows : 9;
    struct rect box = {area.row + (area.rows - rows) / 3,
                       area.column + (area.columns - columns) / 2, rows, columns};
    int left = box.column + 3;
    int wide = columns - 6;
    int at = left;
    char who[160];

    frame_fill(f, area, ATTR_NORMAL);
    frame_box(f, box, ATTR_BOX);
    (void)frame_printf(f, box.row, left, wide, ATTR_HEADER, " %s ", _("Locked"));
    (void)snprintf(who, sizeof(who), _("%s works here. What was open is as it was."),
                   c->status.user);
    (void)frame_wrap(f, (struct rect){box.row + 2, left, 2, wide}, ATTR_NORMAL, who);
    at += frame_text(f, box.row + 4, at, wide / 2, ATTR_LABEL, _("Password")) + 2;
    lineedit_render(&c->password, f, box.row + 4, at, left + wide - at, ATTR_FIELD_FOCUS, true);
    if (c->unlocking) {
        (void)frame_text(f, box.row + 6, left, wide, ATTR_NOTE, _("Checking the password…"));
    } else if (c->lock_wrong[0] != '\0') {
        (void)frame_text(f, box.row + 6, left, wide, ATTR_BAD, c->lock_wrong);
    }
}

/* ---- undo ---- */

void console_ask_undo(struct console *c, int64_t entry, struct effects *out)
{
    struct effects fx = {0};

    entry = entry > 0 ? entry : c->newest_entry;
    if (entry == 0) {
        console_say(c, MESSAGE_WARN,
                    _("Nothing was recorded here since you logged in. Choose an entry in the "
                      "history to undo an older one."));
        return;
    }
    fx_job(&fx, undo_job_new(c->model, CONSOLE_UNDO_JOB, entry));
    console_apply(c, 0, &fx, out);
}

void console_take_undo(struct console *c, const struct job *job, struct effects *out)
{
    const struct undo_job *u = (const struct undo_job *)(const void *)job;
    struct effects fx = {0};
    struct effect *f;

    if (job->err.code != ERR_OK) {
        console_say(c, MESSAGE_ERROR, job->err.text);
        return;
    }
    if (ui_command(c->model, u->undo.command) == NULL) {
        const struct command *undoes = command_find(u->undo.command);
        char text[EFFECT_TEXT_MAX];

        (void)snprintf(text, sizeof(text),
                       _("Entry %lld is undone by \"%s\", which your role may not do: ask "
                         "somebody who may."),
                       (long long)u->entry,
                       undoes != NULL ? tr(undoes->summary) : u->undo.command);
        console_say(c, MESSAGE_WARN, text);
        return;
    }
    f = fx_command(&fx, u->undo.command, NULL, NULL);
    for (size_t i = 0; i < u->undo.count; i++) {
        fx_preset(f, u->undo.values[i].name, u->undo.values[i].value);
    }
    console_apply(c, 0, &fx, out);
    if (c->message[0] == '\0') {
        char text[160];

        (void)snprintf(text, sizeof(text), _("This undoes entry %lld."), (long long)u->entry);
        console_say(c, MESSAGE_INFO, text);
    }
}
