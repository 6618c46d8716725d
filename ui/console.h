/* The console without a terminal: the stack of screens, the lines around them, help, palette
 * and questions. Events go in, a frame can be drawn at any time, and what only the outside can
 * do comes out as effects. */
#ifndef AFORO_UI_CONSOLE_H
#define AFORO_UI_CONSOLE_H

#include "ui/lineedit.h"
#include "ui/screen.h"
#include "ui/widget_confirm.h"
#include "ui/widget_picker.h"

#define CONSOLE_DEPTH_MAX 16u
/* Smaller than this, the console says so in one line and waits for a larger window. */
#define CONSOLE_ROWS_MIN 10
#define CONSOLE_COLUMNS_MIN 40
/* Lines around a screen: status above; message and keys below. */
#define CONSOLE_LINES_ABOVE 1
#define CONSOLE_LINES_BELOW 2

struct console_slot {
    const struct screen_ops *ops;
    void *state;
    uint32_t id;                        /* owner of its jobs; 0 is the console itself */
    int64_t seen;                       /* height of the ledger that its user knows of */
    char changed[EFFECT_VALUE_MAX * 2]; /* who recorded what about it meanwhile; "" */
};

enum console_overlay {
    OVERLAY_NONE,
    OVERLAY_HELP,
    OVERLAY_PALETTE,
    OVERLAY_CONFIRM,
    OVERLAY_PICK, /* a list, of which one goes into a field */
    OVERLAY_LOCK  /* nobody was there for a while: the password brings the screen back */
};

struct console {
    const struct ui_model *model;
    struct console_slot stack[CONSOLE_DEPTH_MAX];
    size_t depth;
    uint32_t next_id;

    enum console_overlay overlay;
    struct picker picker;
    struct confirm confirm;
    uint32_t confirm_owner; /* 0: the console itself; of a list to pick from, too */
    int confirm_action;

    struct picks *picks; /* OVERLAY_PICK; owned */
    char pick_title[192];

    struct ui_status status;
    bool has_status;
    bool logged_in;
    uint32_t status_serial;
    bool upkeep; /* is under way */

    struct lineedit password; /* OVERLAY_LOCK */
    bool unlocking;           /* the answer is on its way */
    char lock_wrong[160];
    int64_t input_ms; /* the last key */

    int64_t newest_entry; /* recorded here since login, 0: none */
    int64_t status_asked_ms;

    char message[EFFECT_TEXT_MAX];
    enum message_level message_level;
    char progress[128]; /* of long work; "" when there is none */
    enum lane progress_lane;
    int64_t progress_since_ms; /* -1: nothing is at work */

    int rows, columns; /* of the terminal */
    int64_t now_ms;
    int64_t local_secs;
};

/* Open the console with its first screen. Errors: ERR_NOMEM. */
enum err_code console_init(struct console *c, const struct ui_model *m,
                           const struct screen_ops *first, int rows, int columns,
                           struct effects *out, struct err *e) MUST_CHECK;
void console_release(struct console *c);

/*
 * Take an event. out gets what is left for the outside: FX_JOB, FX_CANCEL, FX_QUIT,
 * FX_LANGUAGE, FX_THEME, FX_REDRAW, FX_SUSPEND. For EV_JOB the caller frees the job afterwards.
 */
void console_update(struct console *c, const struct event *ev, struct effects *out);
/* After i18n_switch(): says so where the texts are not installed. */
void console_language_changed(struct console *c);

/* Draw everything into a frame of any size. */
void console_render(const struct console *c, struct frame *f);

/* The console's own keys (for the bar and the help page). */
struct key_table console_keys(const struct console *c);

#endif
