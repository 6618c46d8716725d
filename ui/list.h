/* A list screen as data: columns, keys and what they do. Everything else, moving, filter, sort,
 * detail pane, refresh, is the same for all of them.
 *
 * To add one: its rows in src/app/list_rows.c, a ui/list_X.c with columns, keys and
 * `const struct screen_ops screen_X`, a row SCREEN(X) in ui/screens.def. Its goldens are made
 * by make update-golden. ui/list_bills.c shows the way. */
#ifndef AFORO_UI_LIST_H
#define AFORO_UI_LIST_H

#include "ui/format.h"
#include "ui/screen.h"
#include "ui/widget_table.h"

#define LIST_KEYS_MAX 32u
#define LIST_FILLS_MAX PRESETS_MAX
/* From this width on the detail stands at the right of the list instead of below it. */
#define LIST_WIDE 110
/* What the detail takes there, its line included: more where the list has enough. */
#define LIST_SIDE_COLUMNS(columns) ((columns) >= 170 ? 64 : 46)

/* The preset that opens a list with a filter in it. */
#define LIST_FILTER_PRESET "filter"

struct list_state;

enum list_act {
    LIST_COMMAND, /* open the form of `command`, its fields filled from the row */
    LIST_OPEN,    /* open `screen` with the row's id */
    LIST_GOAL,    /* open `screen` with the id of what the row speaks of: its page is `opens` */
    LIST_CALL     /* call `call` */
};

/* A parameter of the command that is filled from a cell. */
struct list_fill {
    const char *param;
    int cell; /* -1: the row's id */
};

struct list_key {
    uint32_t key, also;
    unsigned rank; /* as in struct key_row */
    const char *label;
    const char *help;
    enum list_act act;
    const char *command; /* LIST_COMMAND; also the permission that any key takes, or NULL */
    struct list_fill fill[LIST_FILLS_MAX]; /* ends with a NULL param */
    const struct screen_ops *screen;
    void (*call)(struct list_state *s, struct effects *fx);
    const char *opens;
};

/* Rows of keys by what they do; the parameters that are filled in come last, {NULL, 0}: none.
 */
#define LIST_RUNS(key, also, rank, label, help, command, ...)                                  \
    {                                                                                          \
        key, also, rank, label, help, LIST_COMMAND, command, {__VA_ARGS__}, NULL, NULL, NULL   \
    }
#define LIST_OPENS(key, also, rank, label, help, needs, screen)                                \
    {                                                                                          \
        key, also, rank, label, help, LIST_OPEN, needs, {{NULL, 0}}, screen, NULL, NULL        \
    }
#define LIST_GOALS(key, also, rank, label, help, needs, opens, screen)                         \
    {                                                                                          \
        key, also, rank, label, help, LIST_GOAL, needs, {{NULL, 0}}, screen, NULL, opens       \
    }
/* The same with a field of that screen filled from the row's number. */
#define LIST_GOALS_FOR(key, also, rank, label, help, needs, opens, screen, param)              \
    {                                                                                          \
        key, also, rank, label, help, LIST_GOAL, needs, {{param, -1}}, screen, NULL, opens     \
    }
#define LIST_CALLS(key, also, rank, label, help, needs, call)                                  \
    {                                                                                          \
        key, also, rank, label, help, LIST_CALL, needs, {{NULL, 0}}, NULL, call, NULL          \
    }

struct list_def {
    const char *name;             /* of the list in the model (app/list.h) */
    const struct column *columns; /* in the order of the list's */
    size_t column_count;
    int sort_column;
    bool descending;
    const char *empty;           /* msgid: said when there are no rows and no filter */
    const struct list_key *keys; /* its own, besides those of every list */
    size_t key_count;
    const struct screen_ops *page; /* what Enter opens with the row's id, unless a key of its
                                      own does; NULL: one of its own keys is Enter */
    int detail_rows; /* lines below the list on a narrow screen; 0: as many as a list has */
    /* Draw the detail; NULL: labels and values of the hidden columns and of the model's lines.
     */
    void (*render)(const struct list_state *s, struct frame *f, struct rect area);
};

struct list_state {
    const struct ui_model *model;
    const struct list_def *def;
    struct table table;
    bool show_detail;
    uint32_t detail_serial;
    int64_t detail_asked;      /* row */
    int64_t detail_id;         /* row that detail is about, 0: none */
    struct list_detail detail; /* owned */
    uint32_t goals_serial;
    const struct list_key *goal; /* the key that waits for them; NULL: that of the meter */
    const char *many_command;    /* to be run for every marked row, once the values are here */
    uint32_t values_serial;
    int rows, columns; /* of the area */
    struct key_row keys[LIST_KEYS_MAX];
    size_t key_count;
};

/* What every list screen puts into its struct screen_ops, besides name, title, help, needs and
 * list. */
#define LIST_SCREEN                                                                            \
    .state_size = sizeof(struct list_state), .init = list_init, .release = list_release,       \
    .update = list_update, .render = list_render, .keys = list_keys, .act = list_do,           \
    .typing = list_typing, .advance = list_advance

enum err_code list_init(void *state, const struct ui_model *model, const struct screen_arg *arg,
                        struct effects *fx, struct err *e);
void list_release(void *state);
bool list_update(void *state, const struct event *ev, struct effects *fx);
void list_render(const void *state, struct frame *f, struct rect area);
struct key_table list_keys(const void *state);
void list_do(void *state, int action, struct effects *fx);
bool list_typing(const void *state);
bool list_advance(void *state, int64_t *id, struct effects *fx);

/* The selected row, NULL while it is on its way or gone. */
const struct row *list_row(const struct list_state *s);
/* Has the detail of the selected row arrived? */
bool list_has_detail(const struct list_state *s);

/* A cell as people read it: in `text`, a word, or the machine text itself. states: of
 * COLUMN_STATE, else NULL. */
const char *list_cell_text(const struct ui_model *m, enum column_type type,
                           const struct state_word *states, const char *machine,
                           char text[FORMAT_MAX]);
enum column_type list_column_type(enum list_type type);

/* For list.c and list_view.c: rows of data inside the box, with and without the detail below.
 */
int list_data_rows(const struct list_state *s, int rows, int columns);
int list_below_rows(const struct list_state *s, int rows, int columns);

#endif
