/* Between console.c, which takes events, and its helpers. */
#ifndef AFORO_UI_CONSOLE_PRIV_H
#define AFORO_UI_CONSOLE_PRIV_H

#include "ui/console.h"

enum console_action {
    CONSOLE_HELP = 10001,
    CONSOLE_COUNTER,
    CONSOLE_PALETTE,
    CONSOLE_LANGUAGE,
    CONSOLE_REDRAW,
    CONSOLE_SUSPEND,
    CONSOLE_BACK,
    CONSOLE_UNDO,
    CONSOLE_LOCK,
    CONSOLE_LOGOUT,
    CONSOLE_QUIT
};

/* What is on top; there is always a screen. */
struct console_slot *console_top(struct console *c);
const struct console_slot *console_top_const(const struct console *c);

/* ---- the stack and what screens ask for (console_stack.c) ---- */

/* Carry out what `from` asked for; what only the outside can do is passed on with its owner
 * filled in. */
void console_apply(struct console *c, uint32_t from, struct effects *fx, struct effects *out);
enum err_code console_push(struct console *c, const struct screen_ops *ops,
                           const struct screen_arg *arg, struct effects *out, struct err *e);
/* Leave the top screen; the last one stays. */
void console_pop(struct console *c, struct effects *out);
/* Leave all screens and open one. */
void console_restart(struct console *c, const struct screen_ops *ops, struct effects *out);
/* The part of the terminal that belongs to the screen, as an EV_RESIZE. */
struct event console_area_event(const struct console *c);
void console_say(struct console *c, enum message_level level, const char *text);
void console_logout(struct console *c, struct effects *out);

/* What the keys do while something lies over the screen (console_view.c). */
struct key_table console_overlay_keys(const struct console *c);

/* Jobs of the console itself, by kind. */
enum { CONSOLE_STATUS_JOB, CONSOLE_UNDO_JOB, CONSOLE_UNLOCK_JOB, CONSOLE_CHANGED_JOB };

/* ---- a list to pick from (console_pick.c) ---- */

/* Show what a form asked for; takes the effect's list. */
void console_pick_open(struct console *c, uint32_t from, struct effect *f);
void console_pick_close(struct console *c);
void console_pick_take(struct console *c, const struct picker_item *item, struct effects *out);
void console_pick_render(const struct console *c, struct frame *f, struct rect area);

/* ---- locked, and undo (console_lock.c) ---- */

/* Lock when nobody was there for as long as the model says. */
void console_check_idle(struct console *c);
void console_lock(struct console *c);
void console_lock_key(struct console *c, uint32_t key, struct effects *out);
void console_take_unlock(struct console *c, const struct job *job);
void console_lock_render(const struct console *c, struct frame *f, struct rect area);
/* Ask for what undoes an entry (0: the newest recorded here), and open its form. */
void console_ask_undo(struct console *c, int64_t entry, struct effects *out);
void console_take_undo(struct console *c, const struct job *job, struct effects *out);

/* ---- changed by others while a form is open (console_changed.c) ---- */

/* The ledger grew: ask who recorded what about the forms that are open. */
void console_ask_changed(struct console *c, struct effects *out);
void console_take_changed(struct console *c, const struct job *job);
/* An entry of this console's own is no news to its forms. */
void console_know(struct console *c, int64_t entry);

/* ---- the status line and long work (console_status.c) ---- */

/* Ask for the figures of the status line. */
void console_ask_status(struct console *c, struct effects *out);
/* Take the answer; screens are told when the ledger has grown. */
void console_take_status(struct console *c, const struct job *job, struct effects *out);
void console_take_progress(struct console *c, const struct work_progress *p);

#endif
