/* A screen that shows one thing in full, as data: the sheet's name in the model, and keys.
 * Everything else, moving among its rows, opening what a row stands for, refresh, is the same
 * for all of them.
 *
 * To add one: its sheet in src/app/sheets.def, a ui/page_X.c with keys and
 * `const struct screen_ops screen_X`, a row in ui/screens.def, a scene in the golden tests.
 * ui/page_account.c shows the way. */
#ifndef AFORO_UI_SHEET_SCREEN_H
#define AFORO_UI_SHEET_SCREEN_H

#include "ui/list.h"
#include "ui/screen.h"
#include "ui/sheet_view.h"

#define SHEET_KEYS_MAX 32u

struct sheet_state;

enum sheet_act {
    SHEET_COMMAND, /* open the form of `command`, its fields filled from the sheet */
    SHEET_OPEN,    /* open `screen` with the id that `value` names ("" : the sheet's own) */
    SHEET_CALL,    /* call `call` */
    SHEET_FORM     /* open the form that the selected row's key names */
};

/* A parameter that is filled in. */
struct sheet_fill {
    const char *param;
    const char *value; /* of sheet_get(); NULL: the key of the selected row */
};

struct sheet_key {
    uint32_t key, also;
    unsigned rank; /* as in struct key_row */
    const char *label;
    const char *help;
    enum sheet_act act;
    const char *command; /* SHEET_COMMAND; also the permission that any key takes, or NULL */
    struct sheet_fill fill[PRESETS_MAX]; /* ends with a NULL param */
    const char *rows; /* the key is for rows that open this; NULL: for the sheet */
    const struct screen_ops *screen;
    void (*call)(struct sheet_state *s, struct effects *fx);
};

/* Rows of keys by what they do; `rows` as above; the parameters that are filled in come last,
 * {NULL, NULL}: none. */
#define SHEET_RUNS(key, also, rank, label, help, command, rows, ...)                           \
    {                                                                                          \
        key, also, rank, label, help, SHEET_COMMAND, command, {__VA_ARGS__}, rows, NULL, NULL  \
    }
#define SHEET_OPENS(key, also, rank, label, help, needs, value, rows, screen)                  \
    {                                                                                          \
        key, also, rank, label, help, SHEET_OPEN, needs, {{NULL, value}}, rows, screen, NULL   \
    }
/* The same with one field of that screen filled in. */
#define SHEET_OPENS_FOR(key, also, rank, label, help, needs, value, rows, screen, ...)         \
    {                                                                                          \
        key, also, rank, label, help, SHEET_OPEN, needs, {{NULL, value}, __VA_ARGS__}, rows,   \
            screen, NULL                                                                       \
    }
#define SHEET_CALLS(key, also, rank, label, help, needs, call)                                 \
    {                                                                                          \
        key, also, rank, label, help, SHEET_CALL, needs, {{NULL, NULL}}, NULL, NULL, call      \
    }
#define SHEET_ROW_FORM(key, also, rank, label, help)                                           \
    {                                                                                          \
        key, also, rank, label, help, SHEET_FORM, NULL, {{NULL, NULL}}, NULL, NULL, NULL       \
    }
/* What several pages have. */
#define SHEET_KEY_ACCOUNT                                                                      \
    SHEET_OPENS('a', K_NONE, 7, N_("Account"), N_("Show the account that this belongs to"),    \
                NULL, "account_id", NULL, &screen_account)
#define SHEET_KEY_ATTACH(help, param, value, rows)                                             \
    SHEET_RUNS(K_F7, K_NONE, 8, N_("Attach"), help, "attach", rows, {param, value})

struct sheet_def {
    const char *name; /* of the sheet in the model */
    const struct sheet_key *keys;
    size_t key_count;
    /* The list that it is a row of (ui/row_sheet.h), and whose keys work on it; NULL: a sheet
     * of the model. */
    const struct screen_ops *row_of;
};

struct sheet_state {
    const struct ui_model *model;
    const struct sheet_def *def;
    int64_t id;
    struct sheet sheet; /* owned */
    bool has_sheet;
    struct err failed; /* the last load, ERR_OK if it worked */
    uint32_t serial;
    char lang[4];    /* its sentences are in */
    size_t selected; /* index of a row, or SHEET_NOTHING */
    int top;
    int rows, columns; /* of the area */
    struct sheet_places places;
    struct key_row keys[SHEET_KEYS_MAX]; /* the last one opens a row: only where there is one */
    size_t key_count;
    struct sheet_key own[SHEET_KEYS_MAX]; /* the sheet's, or what the keys of its list become */
    size_t own_count;
};

/* What every sheet screen puts into its struct screen_ops, besides name, title, help, needs and
 * sheet. */
#define SHEET_SCREEN                                                                           \
    .state_size = sizeof(struct sheet_state), .init = sheet_open, .release = sheet_close,      \
    .update = sheet_update, .render = sheet_show, .keys = sheet_keys, .act = sheet_do

enum err_code sheet_open(void *state, const struct ui_model *model,
                         const struct screen_arg *arg, struct effects *fx, struct err *e);
void sheet_close(void *state);
bool sheet_update(void *state, const struct event *ev, struct effects *fx);
void sheet_show(const void *state, struct frame *f, struct rect area);
struct key_table sheet_keys(const void *state);
void sheet_do(void *state, int action, struct effects *fx);

/* The selected row; NULL when there is none. */
const struct sheet_part *sheet_row_selected(const struct sheet_state *s);
/* The screen that a row's `opens` names; NULL when none does. */
const struct screen_ops *sheet_target(const char *opens);

#endif
