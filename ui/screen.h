/* A screen is one struct of functions and its tables. update() changes its state and says as
 * data what should happen next; render() reads the state and draws cells, nothing else. */
#ifndef AFORO_UI_SCREEN_H
#define AFORO_UI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/cell.h"
#include "ui/job.h"
#include "ui/key.h"
#include "ui/model.h"

/* ---- keys ---- */

/* One key that works. The help bar, the help page and dispatch read the same rows. */
struct key_row {
    uint32_t key;      /* as shown on the bar */
    uint32_t also;     /* a second key for the same; K_NONE */
    int action;        /* the owner's number for it, not 0 */
    unsigned rank;     /* 1 stays longest on a narrow bar; 0: on the help page alone */
    const char *label; /* msgid, a word or two */
    const char *help;  /* msgid, a sentence */
    const char *needs; /* command whose permission it takes; NULL: none */
};

struct key_table {
    const struct key_row *rows;
    size_t count;
};

/* The keys of a list or page in its definition. */
#define KEYS_OF(table) .keys = (table), .key_count = sizeof(table) / sizeof((table)[0])

/* The action of a key, or 0. Rows that need a permission the user lacks do not count. */
int key_action(struct key_table t, const struct ui_model *m, uint32_t key);
bool key_allowed(const struct key_row *row, const struct ui_model *m);

/* ---- events ---- */

enum event_kind {
    EV_KEY,
    EV_PASTE,
    EV_RESIZE,
    EV_TICK,    /* about once a second */
    EV_JOB,     /* an answer: event.job, borrowed; the receiver may move its contents out */
    EV_PICKED,  /* one was picked of what FX_PICK offered; event.text, NUL-terminated */
    EV_ANSWER,  /* the dialog asked for by FX_CONFIRM was answered yes; event.action */
    EV_SHOWN,   /* on top again, after the screen above it left */
    EV_CHANGED, /* the ledger grew: what is shown may be old */
    EV_PROGRESS /* a job is at work: event.progress */
};

struct event {
    enum event_kind kind;
    uint32_t key;
    const char *text; /* EV_PASTE: bytes, not trusted */
    size_t len_bytes;
    int rows, columns;  /* EV_RESIZE: of the terminal */
    int64_t now_ms;     /* EV_TICK: a clock that only grows */
    int64_t local_secs; /* EV_TICK: office local time */
    struct job *job;
    int action;
    const struct work_progress *progress; /* NULL: nothing is at work */
};

/* ---- effects ---- */

struct screen_ops;
struct many;

enum effect_kind {
    FX_PUSH,    /* open a screen above this one: screen, arg (an id), presets */
    FX_REPLACE, /* open it instead of this one */
    FX_POP,     /* leave this screen */
    FX_NEXT,    /* leave this screen, or start it again with the next item of the one below */
    FX_MESSAGE, /* show text on the message line: level */
    FX_CONFIRM, /* ask: title and text; "yes" comes back as EV_ANSWER with action */
    FX_PICK,    /* let one of `picks` be picked; title; it comes back as EV_PICKED */
    FX_JOB,     /* run a job; ownership goes with it */
    FX_CANCEL,  /* stop what lane `arg` is doing */
    FX_COMMAND, /* open the form of a command: text is its name; presets fill its fields */
    FX_UNDO, /* open the form of what compensates entry `arg`; 0: the newest one recorded here
              */
    FX_COPY, /* put text where the terminal and other programs find it */
    FX_LOGGED_IN,
    FX_LOGOUT,
    FX_QUIT,
    FX_LANGUAGE, /* text: "es" or "en" */
    FX_THEME,    /* text: its name */
    FX_REDRAW,   /* send the whole screen again */
    FX_SUSPEND   /* to the shell, as Ctrl+Z */
};

enum message_level { MESSAGE_INFO, MESSAGE_WARN, MESSAGE_ERROR };

#define EFFECT_TEXT_MAX 1024u
#define EFFECT_VALUE_MAX 128u
#define EFFECTS_MAX 16u
#define PRESETS_MAX 4u

/* A field of a form that is filled in when it opens. */
struct preset {
    const char *name; /* of a parameter, static */
    char value[EFFECT_VALUE_MAX];
};

struct effect {
    enum effect_kind kind;
    const struct screen_ops *screen;
    int64_t arg;
    int action;
    enum message_level level;
    struct job *job;
    const char *title;                  /* FX_CONFIRM: msgid */
    struct preset presets[PRESETS_MAX]; /* FX_COMMAND */
    size_t preset_count;
    const char
        *focus; /* FX_COMMAND: the field to begin in; NULL: the first one not filled in */
    struct many *many;   /* FX_COMMAND: the rows to run it for, owned; NULL: once */
    struct picks *picks; /* FX_PICK: owned */
    char text[EFFECT_TEXT_MAX];
};

struct effects {
    size_t count;
    struct effect list[EFFECTS_MAX];
};

/* Append an effect; it is the caller's to fill further. Beyond EFFECTS_MAX, which no update
 * comes near, the last one is overwritten. */
struct effect *fx_add(struct effects *fx, enum effect_kind kind);
struct effect *fx_open(struct effects *fx, enum effect_kind kind,
                       const struct screen_ops *screen, int64_t arg);
void fx_message(struct effects *fx, enum message_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Hand over a job; NULL (no memory) becomes a message. */
void fx_job(struct effects *fx, struct job *job);
void fx_confirm(struct effects *fx, const char *title, const char *text, int action);
/* "Recorded as entry 18 205." with the number as the office writes it, unless the command had a
 * sentence of its own. */
void fx_ticket(struct effects *fx, const struct ui_model *m, const struct ui_ticket *t);
/* Open a command's form with one field filled in (preset may be NULL). */
struct effect *fx_command(struct effects *fx, const char *name, const char *preset,
                          const char *value);
/* Fill in one more; beyond PRESETS_MAX, or NULL, nothing happens. */
void fx_preset(struct effect *f, const char *preset, const char *value);
/* Free the jobs that nobody took. */
void fx_release(struct effects *fx);

/* ---- screens ---- */

/* What a screen is opened with; borrowed during init. */
struct screen_arg {
    const struct screen_ops *ops; /* the screen itself: kinds of screens share functions */
    int64_t id;                   /* the item it is about, 0: none */
    const char *name;             /* of a command; or NULL */
    const struct preset *presets; /* parameters to fill in */
    size_t preset_count;
    const char *focus;  /* parameter to begin in, or NULL */
    struct many **many; /* a screen that takes it sets it to NULL; or NULL */
    bool next;          /* opened from a list, which has a next item (FX_NEXT) */
};

struct list_def;
struct sheet_def;

struct screen_ops {
    const char *name;              /* "meters": for the palette, goldens and help */
    const char *title;             /* msgid */
    const char *help;              /* msgid: what the screen is for, a few sentences */
    const char *needs;             /* command whose permission opens it; NULL: none */
    const struct list_def *list;   /* of a list screen (ui/list.h); else NULL */
    const struct sheet_def *sheet; /* of a page (ui/sheet_screen.h); else NULL */
    size_t state_size;
    /* The state is zeroed. Whatever happens it must be left fit for release. */
    enum err_code (*init)(void *state, const struct ui_model *model,
                          const struct screen_arg *arg, struct effects *fx, struct err *e);
    void (*release)(void *state);
    /* Returns false for a key it has no use for: the console then tries its own. */
    bool (*update)(void *state, const struct event *ev, struct effects *fx);
    /* area lies inside the frame: what the status line, message line and key bar leave. */
    void (*render)(const void *state, struct frame *f, struct rect area);
    struct key_table (*keys)(const void *state);
    /* Carry out a row of keys() chosen from the help page. */
    void (*act)(void *state, int action, struct effects *fx);
    /* Characters typed go into a field now, so that none of them can be a command; NULL: never.
     */
    bool (*typing)(const void *state);
    /* What is typed now is a password, not to be echoed; NULL: never. */
    bool (*secret)(const void *state);
    /* Typed text would be lost by leaving; NULL: never. */
    bool (*dirty)(const void *state);
    /* What a form is about, by its parameters (app/changed.h): returns how many were filled in.
     * Whoever records something about it meanwhile is named to the user. NULL: nothing. */
    size_t (*about)(const void *state, struct preset out[CHANGED_ABOUT_MAX]);
    /* Move to the next item and give its id; false at the end; NULL: no items. */
    bool (*advance)(void *state, int64_t *id, struct effects *fx);
};

/* Every screen, by the rows of screens.def: SCREEN(ident) can be opened from the palette,
 * SCREEN_WITH(ident) needs to be told what it is about. */
#define SCREEN(ident) extern const struct screen_ops screen_##ident;
#define SCREEN_WITH(ident) extern const struct screen_ops screen_##ident;
#include "ui/screens.def"
#undef SCREEN
#undef SCREEN_WITH

/* Screens that the palette can open, in order. */
extern const struct screen_ops *const screens_openable[];
extern const size_t screens_openable_count;
/* All of them. */
extern const struct screen_ops *const screens_all[];
extern const size_t screens_all_count;

/* A command that the user may run, by its name; NULL: there is none. */
const struct command *ui_command(const struct ui_model *m, const char *name);

/* gettext that maps NULL and "" to "" (the empty msgid is the catalogue's header). */
const char *tr(const char *msgid);

#endif
