#include <config.h>

#include "ui/console.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "ui/console_priv.h"
#include "ui/format.h"
#include "ui/widget_help.h"
#include "ui/widget_palette.h"

#define STATUS_EVERY_MS 5000

#define HELP_ROW(key, also)                                                                    \
    {                                                                                          \
        (key), (also), CONSOLE_HELP, 2, N_("Help"),                                            \
            N_("Show what this screen is for and all its keys"), NULL                          \
    }
#define PALETTE_ROW(key, also)                                                                 \
    {                                                                                          \
        (key), (also), CONSOLE_PALETTE, 4, N_("Commands"),                                     \
            N_("Find a command or a screen by name and open it"), NULL                         \
    }
#define LANGUAGE_ROW                                                                           \
    {                                                                                          \
        K_F9, K_NONE, CONSOLE_LANGUAGE, 9, N_("Español"),                                      \
            N_("Change to Spanish, or back to English"), NULL                                  \
    }
#define REDRAW_ROW                                                                             \
    {                                                                                          \
        K_CTRL | 'l', K_NONE, CONSOLE_REDRAW, 0, N_("Redraw"),                                 \
            N_("Draw the whole screen again"), NULL                                            \
    }
#define SUSPEND_ROW                                                                            \
    {                                                                                          \
        K_CTRL | 'z', K_NONE, CONSOLE_SUSPEND, 0, N_("Suspend"),                               \
            N_("Go to the shell; \"fg\" comes back"), NULL                                     \
    }
#define UNDO_ROW                                                                               \
    {                                                                                          \
        'u', K_NONE, CONSOLE_UNDO, 0, N_("Undo"),                                              \
            N_("Open what undoes the newest entry that was recorded here"), NULL               \
    }
#define LOCK_ROW                                                                               \
    {                                                                                          \
        K_CTRL | 'x', K_NONE, CONSOLE_LOCK, 0, N_("Lock"),                                     \
            N_("Lock the console; your password brings it back"), NULL                         \
    }
#define QUIT_ROW                                                                               \
    {                                                                                          \
        K_F10, K_CTRL | 'c', CONSOLE_QUIT, 3, N_("Quit"), N_("Quit Aforo"), NULL               \
    }
#define LOGOUT_ROW(key, rank)                                                                  \
    {                                                                                          \
        (key), K_NONE, CONSOLE_LOGOUT, (rank), N_("Log out"),                                  \
            N_("Log out; another user can log in here"), NULL                                  \
    }
#define BACK_ROW(also)                                                                         \
    {                                                                                          \
        K_ESC, (also), CONSOLE_BACK, 3, N_("Back"), N_("Go back to the screen before"), NULL   \
    }

#define COUNTER_ROW(rank)                                                                      \
    {                                                                                          \
        K_F3, K_NONE, CONSOLE_COUNTER, (rank), N_("Counter"),                                  \
            N_("Find a customer, account or meter"), NULL                                      \
    }

/* BACK_ROW is the last: the first screen has nothing to go back to and leaves it away. */
static const struct key_row list_keys[] = {COUNTER_ROW(5),
                                           HELP_ROW(K_F1, '?'),
                                           PALETTE_ROW(':', K_CTRL | 'p'),
                                           LANGUAGE_ROW,
                                           REDRAW_ROW,
                                           SUSPEND_ROW,
                                           UNDO_ROW,
                                           LOCK_ROW,
                                           LOGOUT_ROW('Q', 5),
                                           QUIT_ROW,
                                           BACK_ROW('q')};
/* Where characters go into a field. */
static const struct key_row typing_keys[] = {COUNTER_ROW(6),
                                             HELP_ROW(K_F1, K_NONE),
                                             PALETTE_ROW(K_CTRL | 'p', K_NONE),
                                             LANGUAGE_ROW,
                                             REDRAW_ROW,
                                             SUSPEND_ROW,
                                             LOCK_ROW,
                                             QUIT_ROW,
                                             BACK_ROW(K_NONE)};
/* The counter's, in whose empty field ':' and '?' do what they do on a list. */
static const struct key_row counter_keys[] = {HELP_ROW(K_F1, '?'),
                                              PALETTE_ROW(K_CTRL | 'p', ':'),
                                              LANGUAGE_ROW,
                                              REDRAW_ROW,
                                              SUSPEND_ROW,
                                              LOCK_ROW,
                                              LOGOUT_ROW(K_CTRL | 'd', 5),
                                              QUIT_ROW,
                                              BACK_ROW(K_NONE)};
/* Before login there are no commands. */
static const struct key_row login_keys[] = {HELP_ROW(K_F1, K_NONE), LANGUAGE_ROW, REDRAW_ROW,
                                            SUSPEND_ROW, QUIT_ROW};

#define TABLE_OF(rows) ((struct key_table){(rows), sizeof(rows) / sizeof((rows)[0])})

struct key_table console_keys(const struct console *c)
{
    const struct console_slot *top = console_top_const(c);
    bool typing = top->ops->typing != NULL && top->ops->typing(top->state);
    struct key_table keys = top->ops == &screen_find ? TABLE_OF(counter_keys)
                            : typing                 ? TABLE_OF(typing_keys)
                                                     : TABLE_OF(list_keys);

    if (!c->logged_in) {
        return TABLE_OF(login_keys);
    }
    keys.count -= c->depth > 1 ? 0 : 1;
    return keys;
}

enum err_code console_init(struct console *c, const struct ui_model *m,
                           const struct screen_ops *first, int rows, int columns,
                           struct effects *out, struct err *e)
{
    struct screen_arg none = {0};

    memset(c, 0, sizeof(*c));
    c->model = m;
    c->rows = rows;
    c->columns = columns;
    c->progress_since_ms = -1;
    c->local_secs = m->local_now(m->ctx);
    console_ask_status(c, out); /* the office's name stands on the first screen too */
    return console_push(c, first, &none, out, e);
}

void console_release(struct console *c)
{
    while (c->depth > 0) {
        struct console_slot *slot = console_top(c);

        slot->ops->release(slot->state);
        mem_free(slot->state);
        c->depth--;
    }
    picks_free(c->picks);
    explicit_bzero(c, sizeof(*c));
}

/* ---- the console's own keys ---- */

static bool is_dirty(const struct console_slot *slot)
{
    return slot->ops->dirty != NULL && slot->ops->dirty(slot->state);
}

static bool any_dirty(const struct console *c)
{
    for (size_t i = 0; i < c->depth; i++) {
        if (is_dirty(&c->stack[i])) {
            return true;
        }
    }
    return false;
}

static void ask_leave(struct console *c, int action)
{
    confirm_open(&c->confirm, _("Leave without saving?"),
                 _("What you typed on this screen has not been saved and will be lost."));
    c->confirm_owner = 0;
    c->confirm_action = action;
    c->overlay = OVERLAY_CONFIRM;
}

/* Whoever leaves a drawer with money in it should know. */
static void ask_drawer(struct console *c, int action)
{
    char text[EFFECT_TEXT_MAX];

    (void)snprintf(text, sizeof(text),
                   _("The drawer \"%s\" is still open in your name. It can stay so. To count "
                     "and close it, go back and choose \"Count your drawer and close it\" in "
                     "the list of commands (:)."),
                   c->status.drawer);
    confirm_open(&c->confirm, _("Leave with the drawer open?"), text);
    c->confirm_owner = 0;
    c->confirm_action = action;
    c->overlay = OVERLAY_CONFIRM;
}

static void go_back(struct console *c, struct effects *out)
{
    if (is_dirty(console_top(c))) {
        ask_leave(c, CONSOLE_BACK);
    } else {
        console_pop(c, out);
    }
}

static void open_help(struct console *c)
{
    struct key_table tables[2] = {console_top(c)->ops->keys(console_top(c)->state),
                                  console_keys(c)};

    help_fill(&c->picker, c->model, tables, 2);
    if (c->logged_in) {
        palette_add(&c->picker, c->model, HELP_PALETTE);
    }
    c->overlay = OVERLAY_HELP;
}

static void open_counter(struct console *c, struct effects *out)
{
    struct effects fx = {0};

    (void)fx_open(&fx, FX_PUSH, &screen_find, 0);
    console_apply(c, 0, &fx, out);
}

/* Leave more than one screen, now that nothing typed is lost by it. */
static void leave(struct console *c, int action, struct effects *out)
{
    if (action == CONSOLE_QUIT) {
        (void)fx_add(out, FX_QUIT);
    } else if (action == CONSOLE_LOGOUT) {
        console_logout(c, out);
    } else {
        console_pop(c, out);
    }
}

static void own_action(struct console *c, int action, struct effects *out)
{
    switch ((enum console_action)action) {
    case CONSOLE_HELP:
        open_help(c);
        break;
    case CONSOLE_COUNTER:
        open_counter(c, out);
        break;
    case CONSOLE_PALETTE:
        palette_fill(&c->picker, c->model);
        c->overlay = OVERLAY_PALETTE;
        break;
    case CONSOLE_LANGUAGE:
        format_copy(fx_add(out, FX_LANGUAGE)->text, EFFECT_TEXT_MAX,
                    strcmp(i18n_lang(), "es") == 0 ? "en" : "es");
        break;
    case CONSOLE_REDRAW:
        (void)fx_add(out, FX_REDRAW);
        break;
    case CONSOLE_SUSPEND:
        (void)fx_add(out, FX_SUSPEND);
        break;
    case CONSOLE_BACK:
        go_back(c, out);
        break;
    case CONSOLE_UNDO:
        console_ask_undo(c, 0, out);
        break;
    case CONSOLE_LOCK:
        console_lock(c);
        break;
    case CONSOLE_LOGOUT:
    case CONSOLE_QUIT:
        if (any_dirty(c)) {
            ask_leave(c, action);
        } else if (c->logged_in && c->status.drawer[0] != '\0') {
            ask_drawer(c, action);
        } else {
            leave(c, action, out);
        }
        break;
    }
}

/* ---- overlays ---- */

static void answer_yes(struct console *c, struct effects *out)
{
    struct event ev = {.kind = EV_ANSWER, .action = c->confirm_action};

    if (c->confirm_owner == 0) {
        leave(c, c->confirm_action, out);
        return;
    }
    for (size_t i = 0; i < c->depth; i++) {
        if (c->stack[i].id == c->confirm_owner) {
            struct effects fx = {0};

            (void)c->stack[i].ops->update(c->stack[i].state, &ev, &fx);
            console_apply(c, c->stack[i].id, &fx, out);
            return;
        }
    }
}

static void run_other(struct console *c, size_t index, struct effects *out)
{
    static const int actions[] = {
        [PALETTE_LOGOUT] = CONSOLE_LOGOUT,
        [PALETTE_REDRAW] = CONSOLE_REDRAW,
        [PALETTE_QUIT] = CONSOLE_QUIT,
    };

    own_action(c, actions[index], out);
}

static void run_palette_item(struct console *c, const struct picker_item *item,
                             struct effects *out)
{
    struct effects fx = {0};

    switch ((enum palette_kind)item->kind) {
    case PALETTE_COMMAND:
        fx_command(&fx, item->left, NULL, NULL);
        break;
    case PALETTE_SCREEN:
        (void)fx_open(&fx, FX_PUSH, screens_openable[item->index], 0);
        break;
    case PALETTE_THEME:
        format_copy(fx_add(&fx, FX_THEME)->text, EFFECT_TEXT_MAX, themes[item->index].name);
        break;
    case PALETTE_LANGUAGE:
        format_copy(fx_add(&fx, FX_LANGUAGE)->text, EFFECT_TEXT_MAX,
                    palette_languages[item->index]);
        break;
    case PALETTE_OTHER:
        run_other(c, item->index, out);
        break;
    }
    console_apply(c, 0, &fx, out);
}

static void run_help_item(struct console *c, const struct picker_item *item,
                          struct effects *out)
{
    struct console_slot *top = console_top(c);
    struct effects fx = {0};

    if (item->kind >= HELP_PALETTE) {
        struct picker_item same = *item;

        same.kind -= HELP_PALETTE;
        run_palette_item(c, &same, out);
        return;
    }
    if (item->kind == 1) {
        own_action(c, console_keys(c).rows[item->index].action, out);
        return;
    }
    top->ops->act(top->state, top->ops->keys(top->state).rows[item->index].action, &fx);
    console_apply(c, top->id, &fx, out);
}

static void picker_overlay_key(struct console *c, uint32_t key, struct effects *out)
{
    bool help = c->overlay == OVERLAY_HELP;
    struct picker_item item;
    const struct picker_item *chosen;

    if (key == K_ESC || key == (K_CTRL | 'c') || (key == K_F1 && help)) {
        console_pick_close(c);
        return;
    }
    if (key != K_ENTER) {
        (void)picker_key(&c->picker, key);
        return;
    }
    chosen = picker_chosen(&c->picker);
    if (chosen == NULL) {
        return;
    }
    if (c->overlay == OVERLAY_PICK) {
        console_pick_take(c, chosen, out);
        return;
    }
    item = *chosen;
    c->overlay = OVERLAY_NONE;
    if (help) {
        run_help_item(c, &item, out);
    } else {
        run_palette_item(c, &item, out);
    }
}

static void overlay_key(struct console *c, uint32_t key, struct effects *out)
{
    enum confirm_answer answer;

    if (c->overlay != OVERLAY_CONFIRM) {
        picker_overlay_key(c, key, out);
        return;
    }
    answer = confirm_key(&c->confirm, key);
    if (answer != CONFIRM_NONE) {
        c->overlay = OVERLAY_NONE;
    }
    if (answer == CONFIRM_YES) {
        answer_yes(c, out);
    }
}

void console_language_changed(struct console *c)
{
    if (!i18n_there()) {
        console_say(c, MESSAGE_WARN, _("The texts of that language are not installed here."));
    }
}

/* ---- events ---- */

static bool to_top(struct console *c, const struct event *ev, struct effects *out)
{
    struct console_slot *top = console_top(c);
    uint32_t id = top->id;
    struct effects fx = {0};
    bool used = top->ops->update(top->state, ev, &fx);

    console_apply(c, id, &fx, out);
    return used;
}

static void on_key(struct console *c, const struct event *ev, struct effects *out)
{
    int action;

    c->message[0] = '\0';
    c->input_ms = c->now_ms;
    if (ev->key == (K_CTRL | 'l')) { /* helps everywhere: the terminal may be garbled */
        (void)fx_add(out, FX_REDRAW);
        return;
    }
    if (c->overlay == OVERLAY_LOCK) {
        console_lock_key(c, ev->key, out);
        return;
    }
    if (c->overlay != OVERLAY_NONE) {
        overlay_key(c, ev->key, out);
        return;
    }
    if (ev->key == K_ESC && c->progress[0] != '\0') { /* the line says so */
        fx_add(out, FX_CANCEL)->arg = c->progress_lane;
        return;
    }
    if (to_top(c, ev, out)) {
        return;
    }
    action = key_action(console_keys(c), c->model, ev->key);
    if (action != 0) {
        own_action(c, action, out);
    }
}

static void on_paste(struct console *c, const struct event *ev, struct effects *out)
{
    c->input_ms = c->now_ms;
    if (c->overlay == OVERLAY_LOCK) {
        lineedit_paste(&c->password, ev->text, ev->len_bytes);
    } else if (c->overlay == OVERLAY_HELP || c->overlay == OVERLAY_PALETTE ||
               c->overlay == OVERLAY_PICK) {
        picker_paste(&c->picker, ev->text, ev->len_bytes);
    } else if (c->overlay == OVERLAY_NONE) {
        (void)to_top(c, ev, out);
    }
}

static void on_resize(struct console *c, const struct event *ev, struct effects *out)
{
    struct event area;

    c->rows = ev->rows;
    c->columns = ev->columns;
    area = console_area_event(c);
    for (size_t i = 0; i < c->depth; i++) {
        struct effects fx = {0};

        (void)c->stack[i].ops->update(c->stack[i].state, &area, &fx);
        console_apply(c, c->stack[i].id, &fx, out);
    }
}

static void on_tick(struct console *c, const struct event *ev, struct effects *out)
{
    c->now_ms = ev->now_ms;
    c->local_secs = ev->local_secs;
    console_check_idle(c);
    (void)to_top(c, ev, out);
    if (c->logged_in && c->now_ms - c->status_asked_ms >= STATUS_EVERY_MS) {
        console_ask_status(c, out);
    }
}

static void on_job(struct console *c, const struct event *ev, struct effects *out)
{
    if (ev->job->owner == 0) {
        if (ev->job->lane == LANE_IDLE) { /* whether it was done or not */
            c->upkeep = false;
        } else if (ev->job->kind == CONSOLE_UNDO_JOB) {
            console_take_undo(c, ev->job, out);
        } else if (ev->job->kind == CONSOLE_UNLOCK_JOB) {
            console_take_unlock(c, ev->job);
        } else if (ev->job->kind == CONSOLE_CHANGED_JOB) {
            console_take_changed(c, ev->job);
        } else if (ev->job->lane == LANE_QUERY) {
            console_take_status(c, ev->job, out);
        }
        return;
    }
    for (size_t i = 0; i < c->depth; i++) {
        if (c->stack[i].id == ev->job->owner) {
            struct effects fx = {0};

            (void)c->stack[i].ops->update(c->stack[i].state, ev, &fx);
            console_apply(c, ev->job->owner, &fx, out);
            break;
        }
    }
    if (ev->job->lane == LANE_ACT && c->logged_in) { /* something may have been written */
        console_ask_status(c, out);
    }
}

void console_update(struct console *c, const struct event *ev, struct effects *out)
{
    switch (ev->kind) {
    case EV_KEY:
        on_key(c, ev, out);
        break;
    case EV_PASTE:
        on_paste(c, ev, out);
        break;
    case EV_RESIZE:
        on_resize(c, ev, out);
        break;
    case EV_TICK:
        on_tick(c, ev, out);
        break;
    case EV_JOB:
        on_job(c, ev, out);
        break;
    case EV_PROGRESS:
        c->now_ms = ev->now_ms;
        console_take_progress(c, ev->progress);
        break;
    case EV_PICKED:
    case EV_ANSWER:
    case EV_SHOWN:
    case EV_CHANGED:
        break; /* the console's own, sent to screens */
    }
}
