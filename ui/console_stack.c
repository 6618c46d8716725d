#include <config.h>

#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "ui/console_priv.h"
#include "ui/format.h"
#include "ui/model_jobs.h"
#include "ui/say.h"

struct console_slot *console_top(struct console *c)
{
    CHECK(c->depth > 0);
    return &c->stack[c->depth - 1];
}

const struct console_slot *console_top_const(const struct console *c)
{
    CHECK(c->depth > 0);
    return &c->stack[c->depth - 1];
}

void console_say(struct console *c, enum message_level level, const char *text)
{
    struct buf said;

    buf_init(&said, sizeof(c->message) - 1);
    say_add(c->model, NULL, text, &said);
    c->message_level = level;
    format_copy(c->message, sizeof(c->message), said.failed ? text : buf_str(&said));
    buf_release(&said);
}

struct event console_area_event(const struct console *c)
{
    struct event ev = {.kind = EV_RESIZE};

    ev.rows = c->rows - CONSOLE_LINES_ABOVE - CONSOLE_LINES_BELOW;
    ev.columns = c->columns;
    ev.rows = ev.rows < 1 ? 1 : ev.rows;
    ev.columns = ev.columns < 1 ? 1 : ev.columns;
    return ev;
}

enum err_code console_push(struct console *c, const struct screen_ops *ops,
                           const struct screen_arg *arg, struct effects *out, struct err *e)
{
    struct effects fx = {0};
    struct event area = console_area_event(c);
    struct console_slot slot = {.ops = ops};
    struct screen_arg with = *arg;
    enum err_code rc;

    if (c->depth == CONSOLE_DEPTH_MAX) {
        return err_set(e, ERR_LIMIT, "%s",
                       _("Too many screens are open; press Esc to go back."));
    }
    slot.state = mem_alloc(ops->state_size);
    if (slot.state == NULL) {
        return err_nomem(e);
    }
    c->next_id = c->next_id == UINT32_MAX ? 1 : c->next_id + 1;
    slot.id = c->next_id;
    slot.seen = (int64_t)c->status.ledger_height;
    with.ops = ops;
    rc = ops->init(slot.state, c->model, &with, &fx, e);
    if (rc != ERR_OK) {
        fx_release(&fx);
        ops->release(slot.state);
        mem_free(slot.state);
        return rc;
    }
    c->stack[c->depth++] = slot;
    (void)ops->update(slot.state, &area, &fx);
    console_apply(c, slot.id, &fx, out);
    return ERR_OK;
}

static void drop_top(struct console *c)
{
    struct console_slot *slot = console_top(c);

    slot->ops->release(slot->state);
    mem_free(slot->state);
    memset(slot, 0, sizeof(*slot));
    c->depth--;
}

void console_pop(struct console *c, struct effects *out)
{
    struct event shown = {.kind = EV_SHOWN};
    struct effects fx = {0};
    struct console_slot *slot;

    if (c->depth <= 1) {
        return;
    }
    drop_top(c);
    slot = console_top(c);
    (void)slot->ops->update(slot->state, &shown, &fx);
    console_apply(c, slot->id, &fx, out);
}

/* Put another screen in the place of the top one; if it cannot be opened, the top one stays. */
static void replace_top(struct console *c, const struct screen_ops *ops,
                        const struct screen_arg *arg, struct effects *out)
{
    struct console_slot old = *console_top(c);
    struct err e = ERR_INIT;

    c->depth--;
    if (console_push(c, ops, arg, out, &e) != ERR_OK) {
        c->stack[c->depth++] = old;
        console_say(c, MESSAGE_ERROR, e.text);
        return;
    }
    old.ops->release(old.state);
    mem_free(old.state);
}

void console_restart(struct console *c, const struct screen_ops *ops, struct effects *out)
{
    struct screen_arg none = {0};

    while (c->depth > 1) {
        drop_top(c);
    }
    console_pick_close(c);
    replace_top(c, ops, &none, out);
}

void console_logout(struct console *c, struct effects *out)
{
    struct effects fx = {0};

    fx_job(&fx, logout_job_new(c->model, 0));
    console_apply(c, 0, &fx, out);
    c->logged_in = false;
    c->newest_entry = 0;
    c->has_status = false;
    console_ask_status(c, out);
    console_restart(c, &screen_login, out);
}

/* Who takes both the money and the readings of customers stands at a counter. */
static bool works_at_counter(const struct console *c)
{
    return c->model->may(c->model->ctx, "payment take") &&
           c->model->may(c->model->ctx, UI_COMMAND_READING);
}

/* Who bills, and neither reads meters nor runs the office, begins with what waits. */
static bool works_on_bills(const struct console *c)
{
    return c->model->may(c->model->ctx, "bill run") &&
           !c->model->may(c->model->ctx, UI_COMMAND_READING) &&
           !c->model->may(c->model->ctx, "user add");
}

static void log_in(struct console *c, struct effects *out)
{
    c->logged_in = true;
    c->input_ms = c->now_ms;
    console_ask_status(c, out);
    if (works_at_counter(c)) {
        console_restart(c, &screen_find, out);
        return;
    }
    if (works_on_bills(c)) {
        console_restart(c, &screen_home, out);
        return;
    }
    for (size_t i = 0; i < screens_openable_count; i++) {
        const struct screen_ops *s = screens_openable[i];

        if (s->needs == NULL || c->model->may(c->model->ctx, s->needs)) {
            console_restart(c, s, out);
            return;
        }
    }
    console_say(c, MESSAGE_ERROR,
                _("Your role has no screen; ask an administrator for a role."));
}

/* From a form that is done to the same form for the next item of the list below it. */
static void next_item(struct console *c, struct effects *out)
{
    struct effects fx = {0};
    struct screen_arg arg = {.next = true};
    struct console_slot *below = c->depth > 1 ? &c->stack[c->depth - 2] : NULL;
    bool more;

    if (below == NULL) {
        return;
    }
    more = below->ops->advance != NULL && below->ops->advance(below->state, &arg.id, &fx);
    console_apply(c, below->id, &fx, out);
    if (more) {
        replace_top(c, console_top(c)->ops, &arg, out);
        return;
    }
    console_pop(c, out);
    if (c->message[0] == '\0') {
        console_say(c, MESSAGE_INFO, _("That was the last one of the list."));
    }
}

static void open_screen(struct console *c, const struct effect *f, struct effects *out)
{
    struct screen_arg arg = {.id = f->arg,
                             .presets = f->presets,
                             .preset_count = f->preset_count,
                             .next =
                                 f->kind == FX_PUSH && console_top(c)->ops->advance != NULL};
    struct err e = ERR_INIT;

    if (f->screen->needs != NULL && !c->model->may(c->model->ctx, f->screen->needs)) {
        console_say(c, MESSAGE_ERROR, _("Your role may not open this screen."));
    } else if (f->kind == FX_REPLACE) {
        replace_top(c, f->screen, &arg, out);
    } else if (console_push(c, f->screen, &arg, out, &e) != ERR_OK) {
        console_say(c, MESSAGE_ERROR, e.text);
    }
}

static void open_command(struct console *c, struct effect *f, struct effects *out)
{
    struct screen_arg arg = {.name = f->text,
                             .presets = f->presets,
                             .preset_count = f->preset_count,
                             .focus = f->focus,
                             .many = &f->many};
    struct err e = ERR_INIT;

    if (console_push(c, &screen_command, &arg, out, &e) != ERR_OK) {
        console_say(c, MESSAGE_ERROR, e.text);
    }
}

static void ask(struct console *c, uint32_t from, const struct effect *f)
{
    struct buf said;

    buf_init(&said, EFFECT_TEXT_MAX - 1);
    say_add(c->model, NULL, f->text, &said);
    confirm_open(&c->confirm, tr(f->title), said.failed ? f->text : buf_str(&said));
    buf_release(&said);
    c->confirm_owner = from;
    c->confirm_action = f->action;
    c->overlay = OVERLAY_CONFIRM;
}

static void apply_one(struct console *c, uint32_t from, struct effect *f, struct effects *out)
{
    switch (f->kind) {
    case FX_PUSH:
    case FX_REPLACE:
        open_screen(c, f, out);
        break;
    case FX_POP:
        console_pop(c, out);
        break;
    case FX_NEXT:
        next_item(c, out);
        break;
    case FX_MESSAGE:
        console_say(c, f->level, f->text);
        c->newest_entry = f->arg > 0 ? f->arg : c->newest_entry;
        console_know(c, f->arg);
        break;
    case FX_CONFIRM:
        ask(c, from, f);
        break;
    case FX_PICK:
        console_pick_open(c, from, f);
        break;
    case FX_COMMAND:
        open_command(c, f, out);
        break;
    case FX_UNDO:
        console_ask_undo(c, f->arg, out);
        break;
    case FX_LOGGED_IN:
        log_in(c, out);
        break;
    case FX_LOGOUT:
        console_logout(c, out);
        break;
    case FX_JOB:
        f->job->owner = from;
        *fx_add(out, FX_JOB) = *f;
        f->job = NULL;
        break;
    case FX_CANCEL:
    case FX_QUIT:
    case FX_LANGUAGE:
    case FX_THEME:
    case FX_REDRAW:
    case FX_SUSPEND:
    case FX_COPY:
        *fx_add(out, f->kind) = *f;
        break;
    }
}

void console_apply(struct console *c, uint32_t from, struct effects *fx, struct effects *out)
{
    for (size_t i = 0; i < fx->count; i++) {
        apply_one(c, from, &fx->list[i], out);
    }
    fx_release(fx);
}
