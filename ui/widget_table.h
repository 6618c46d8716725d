/* A list of any length: ids built in the background, visible rows fetched by id, position kept
 * through refresh, sorting and resize, and a filter that is always in sight. */
#ifndef AFORO_UI_WIDGET_TABLE_H
#define AFORO_UI_WIDGET_TABLE_H

#include "ui/format.h"
#include "ui/lineedit.h"
#include "ui/screen.h"

#define TABLE_COLUMNS_MAX ROW_CELLS_MAX

enum column_type { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_DATE, COLUMN_STATE };

/* A machine code, and how it is shown: never by colour alone. */
struct state_word {
    const char *code;
    enum glyph glyph; /* GLYPH_NONE: the word alone */
    enum attr attr;
    const char *word; /* msgid */
};

struct column {
    const char *name;  /* for filters: "route" */
    const char *title; /* msgid */
    enum column_type type;
    int min, max;  /* columns on screen */
    unsigned rank; /* 1 is dropped last when the screen is narrow; 0: for filters alone */
    bool sortable;
    /* COLUMN_STATE: up to a NULL code; NULL: codes that app/words.def knows, one or several */
    const struct state_word *states;
};

/* What keeps its place when new ids arrive. */
enum table_keep {
    KEEP_NOTHING, /* start at the top */
    KEEP_IF_SEEN, /* the selected row if it is among the first ids that come, else the top */
    KEEP_ROW      /* the selected row wherever it is now, else its neighbour */
};

struct table {
    const struct ui_model *model;
    const struct rowsource *source;
    const struct column *columns; /* static; at most TABLE_COLUMNS_MAX */
    size_t column_count;
    const char *empty;   /* msgid: said when there are no rows and no filter */
    const char *nothing; /* msgid: said when nothing matches the filter; NULL: as everywhere */
    uint32_t rows_kind, window_kind;

    struct idarray ids;
    size_t total; /* without filter */
    bool has_total;
    bool partial; /* ids hold the first screenful alone, or what was found so far */
    bool loading;
    uint32_t rows_serial;
    enum table_keep keep;
    struct err failed; /* the last build or fetch, ERR_OK if it worked */

    size_t selected, top; /* indexes into ids */
    int height;           /* rows of data on screen */

    struct rowset window; /* rows of ids[window_first ..] when they were fetched */
    size_t window_first;
    bool asking; /* a fetch is under way */
    bool stale;  /* the ids came anew: the window holds rows as they were before */
    size_t asked_first, asked_count;
    uint32_t window_serial;
    bool upwards; /* the last move: rows are fetched ahead on that side first */

    struct idarray marked; /* by id, ascending */

    struct row_query query;
    struct lineedit filter;             /* the active filter, as typed */
    char filter_before[LINEEDIT_BYTES]; /* what Esc brings back */
    bool editing;
};

void table_init(struct table *t, const struct ui_model *m, const struct rowsource *source,
                const struct column *columns, size_t column_count, const char *empty,
                uint32_t rows_kind, uint32_t window_kind);
void table_release(struct table *t);

/* Ask for the ids again. */
void table_load(struct table *t, enum table_keep keep, struct effects *fx);
/* Rows of data that the screen shows now. */
void table_set_height(struct table *t, int rows, struct effects *fx);
/* Move by rows; returns false when nothing moved. */
bool table_move(struct table *t, int64_t by, struct effects *fx);
/* What the keys of every table do. A screen's own actions count on from TABLE_ACTIONS. */
enum table_action {
    TABLE_FILTER = 1,
    TABLE_SORT,
    TABLE_SORT_PICK,
    TABLE_MARK,
    TABLE_MARK_ALL,
    TABLE_COPY,
    TABLE_UP,
    TABLE_DOWN,
    TABLE_PGUP,
    TABLE_PGDN,
    TABLE_HOME,
    TABLE_END,
    TABLE_ACTIONS
};
void table_act(struct table *t, enum table_action action, struct effects *fx);
/* Arrow and vi keys, paging, ends; Esc takes away the marks, and where there are none the
 * filter. Returns true when the key was one of these and, Esc, when it took something away. */
bool table_key(struct table *t, uint32_t key, struct effects *fx);
/* Take an answer; returns false when it is not this table's. */
bool table_job(struct table *t, struct job *job, struct effects *fx);
/* Next sortable column, each upwards and then downwards. */
void table_sort_next(struct table *t, struct effects *fx);
/* Have the console offer the columns; the title that was picked (EV_PICKED) is sorted by.
 * Numbers and dates begin with the largest; the column that is sorted by already is turned
 * round. */
void table_sort_offer(const struct table *t, struct effects *fx);
void table_sort_picked(struct table *t, const char *title, struct effects *fx);
/* The selected row's id, 0 when there is none. */
int64_t table_selected(const struct table *t);
/* The row at an index if it has been fetched, else NULL; a row of id 0 is gone. */
const struct row *table_row(const struct table *t, size_t index);

/* ---- fetched rows (widget_table_window.c) ---- */

/* Ask for the visible rows that are not here, else for those that the next moves will show. */
void table_window_ask(struct table *t, struct effects *fx);
/* The rows that the next key is likely to select, the likeliest first; how many. */
#define TABLE_LIKELY_MAX 6
size_t table_likely(const struct table *t, int64_t ids[TABLE_LIKELY_MAX]);
/* Take the answer; rows that are here already stay. */
void table_window_take(struct table *t, struct window_job *w, struct effects *fx);

/* ---- marks (widget_table_mark.c) ---- */

/* Mark the selected row, or take its mark away, and go on to the next. */
void table_mark(struct table *t, struct effects *fx);
/* Mark all rows of the list as it is filtered; when all are marked, none. */
void table_mark_all(struct table *t, struct effects *fx);
void table_mark_none(struct table *t);
/* FX_COPY of the selected row: its cells as they are shown, with tabs between. */
void table_copy(const struct table *t, struct effects *fx);
bool table_is_marked(const struct table *t, int64_t id);

/* ---- filter (widget_filter.c) ---- */

void table_filter_begin(struct table *t);
/* What the help bar shows while editing. */
struct key_table table_filter_keys(void);
/* While editing: every change loads at once; Enter keeps it, Esc brings the old one back.
 * Returns false for function keys, which stay the screen's and the console's. */
bool table_filter_event(struct table *t, const struct event *ev, struct effects *fx);
/* Set or clear ("") the filter; the selected row stays selected if it is still there. */
void table_filter_set(struct table *t, const char *text, struct effects *fx);
/*
 * Read a filter as typed: words, and column=value terms; a column by the beginning of its name
 * or translated title, a state by the beginning of its translated word. Quotes hold spaces.
 */
void filter_parse(const char *text, const struct column *columns, size_t column_count,
                  struct row_query *q);
/* One line: filter or the field to type it, count of rows, order. */
void table_filter_render(const struct table *t, struct frame *f, int row, int column,
                         int columns);

/* ---- drawing (widget_table_view.c) ---- */

/* Titles in the first line, rows below; area has height + 1 rows. */
void table_render(const struct table *t, struct frame *f, struct rect area);
/* A cell as it is shown, without its glyph; text or machine is returned. */
const char *cell_shown(const struct ui_model *m, const struct column *c, const char *machine,
                       char text[FORMAT_MAX]);
/* Is this column left away where rows are `columns` wide? Those for filters alone always are.
 */
bool table_hides(const struct table *t, size_t index, int columns);
/* One cell, formatted by its column, in exactly `width` columns. */
void table_cell_render(const struct ui_model *m, const struct column *c, struct frame *f,
                       int row, int column, int width, unsigned attr, const char *machine);
/* The row of a state, or NULL for a code that is not in the list. */
const struct state_word *state_find(const struct state_word *states, const char *code);
/* Its word in the user's language; an unknown code stands for itself. */
const char *state_text(const struct state_word *states, const char *code);
/* The same with a capital, in `text` where it has room. */
const char *state_sentence(const struct state_word *states, const char *code,
                           char text[FORMAT_MAX]);

#endif
