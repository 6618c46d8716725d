#include <config.h>

#include <stdio.h>

#include "base/i18n.h"
#include "ui/format.h"
#include "ui/list.h"
#include "ui/widget_chart.h"

#define BELOW_ROWS 3
/* Shorter than this, the list needs its lines more than the detail does. */
#define ROWS_FOR_DETAIL 14
#define LABEL_COLUMNS 16
#define CHART_ROWS 6

/* ---- layout, the same for update and render ---- */

static bool is_wide(int columns)
{
    return columns >= LIST_WIDE;
}

int list_below_rows(const struct list_state *s, int rows, int columns)
{
    int wanted = s->def->detail_rows > 0 ? s->def->detail_rows : BELOW_ROWS;

    return s->show_detail && !is_wide(columns) && rows >= ROWS_FOR_DETAIL ? wanted : 0;
}

/* Without filter line, borders and titles, perhaps the detail and its divider. */
int list_data_rows(const struct list_state *s, int rows, int columns)
{
    int below = list_below_rows(s, rows, columns);

    return rows - 4 - (below > 0 ? below + 1 : 0);
}

/* ---- the detail as labels and values ---- */

/* Where the next pair goes. */
struct flow {
    struct frame *f;
    struct rect area;
    bool lines; /* a line a pair, else as many on a line as fit */
    int row, column;
};

const char *list_cell_text(const struct ui_model *m, enum column_type type,
                           const struct state_word *states, const char *machine,
                           char text[FORMAT_MAX])
{
    switch (type) {
    case COLUMN_NUMBER:
        format_number(m->format, machine, text);
        return text;
    case COLUMN_DATE:
        format_datetime(m->format, machine, text);
        return text;
    case COLUMN_STATE:
        return state_sentence(states, machine, text);
    case COLUMN_TEXT:
        break;
    }
    return machine;
}

enum column_type list_column_type(enum list_type type)
{
    switch (type) {
    case LIST_TEXT:
        return COLUMN_TEXT;
    case LIST_DATE:
    case LIST_TIME:
        return COLUMN_DATE;
    case LIST_NUMBER:
    case LIST_MONEY:
    case LIST_QUANTITY:
        return COLUMN_NUMBER;
    }
    return COLUMN_TEXT;
}

static void put_line(struct flow *w, const char *label, const char *value, bool right)
{
    int end = w->area.column + w->area.columns;
    int at = w->area.column + LABEL_COLUMNS + 1;

    frame_field(w->f, w->row, w->area.column, LABEL_COLUMNS, ALIGN_LEFT, ATTR_LABEL, label);
    if (right) {
        frame_field(w->f, w->row, at, end - at, ALIGN_RIGHT, ATTR_NORMAL, value);
        w->row++;
        return;
    }
    w->row += frame_wrap(
        w->f, (struct rect){w->row, at, w->area.row + w->area.rows - w->row, end - at},
        ATTR_NORMAL, value);
}

static void put_pair(struct flow *w, const char *label, const char *value, bool right)
{
    int end = w->area.column + w->area.columns;
    int need = frame_width(w->f, label) + 1 + frame_width(w->f, value);

    if (w->row >= w->area.row + w->area.rows || value[0] == '\0') {
        return;
    }
    if (w->lines) {
        put_line(w, label, value, right);
        return;
    }
    if (w->column > w->area.column && w->column + need > end) {
        w->row++;
        w->column = w->area.column;
    }
    if (w->row >= w->area.row + w->area.rows) {
        return;
    }
    w->column += frame_text(w->f, w->row, w->column, end - w->column, ATTR_LABEL, label) + 1;
    w->column += frame_text(w->f, w->row, w->column, end - w->column, ATTR_NORMAL, value) + 3;
}

/* The columns that the list has no room for; in the pane at the side, all of them. */
static void put_cells(const struct list_state *s, const struct row *row, struct flow *w)
{
    for (size_t i = 0; i < s->table.column_count; i++) {
        const struct column *c = &s->table.columns[i];
        char text[FORMAT_MAX];

        if (row->cells[i] != NULL && (w->lines || table_hides(&s->table, i, s->columns - 3))) {
            put_pair(w, tr(c->title),
                     list_cell_text(s->model, c->type, c->states, row->cells[i], text), false);
        }
    }
}

static void put_chart(const struct list_state *s, struct flow *w)
{
    struct rect r = {w->row + 1, w->area.column, CHART_ROWS, w->area.columns};

    if (!w->lines || s->detail.series_count == 0 ||
        r.row + r.rows > w->area.row + w->area.rows) {
        return;
    }
    chart_bars(w->f, r, s->detail.series, s->detail.series_count, s->detail.series_limit);
    w->row = r.row + r.rows + 1;
}

static void put_model_lines(const struct list_state *s, struct flow *w)
{
    for (size_t i = 0; i < s->detail.count; i++) {
        const struct list_line *line = &s->detail.lines[i];
        enum column_type type = list_column_type(line->type);
        char text[FORMAT_MAX];

        put_pair(w, line->label, list_cell_text(s->model, type, NULL, line->value, text),
                 type == COLUMN_NUMBER);
    }
    if (s->detail.note != NULL) {
        w->row += w->column > w->area.column ? 1 : 0;
        (void)frame_wrap(w->f,
                         (struct rect){w->row, w->area.column,
                                       w->area.row + w->area.rows - w->row, w->area.columns},
                         ATTR_NORMAL, s->detail.note);
    }
}

static void render_pairs(const struct list_state *s, struct frame *f, struct rect area)
{
    const struct row *row = list_row(s);
    struct flow w = {f, area, is_wide(s->columns), area.row, area.column};

    if (row == NULL) {
        return;
    }
    put_cells(s, row, &w);
    if (list_has_detail(s)) {
        put_chart(s, &w);
        put_model_lines(s, &w);
    }
}

/* ---- drawing ---- */

static void render_side(const struct list_state *s, struct frame *f, struct rect box)
{
    int side = LIST_SIDE_COLUMNS(box.columns);
    struct rect pane = {box.row + 1, box.column + box.columns - side, box.rows - 2, side - 2};

    for (int row = pane.row; row < pane.row + pane.rows; row++) {
        (void)frame_glyph(f, row, pane.column - 1, ATTR_BOX, GLYPH_V);
    }
    (void)frame_glyph(f, box.row, pane.column - 1, ATTR_BOX, GLYPH_TEE_TOP);
    (void)frame_glyph(f, box.row + box.rows - 1, pane.column - 1, ATTR_BOX, GLYPH_TEE_BOTTOM);
    pane.column++;
    pane.columns--;
    (s->def->render != NULL ? s->def->render : render_pairs)(s, f, pane);
}

static void render_below(const struct list_state *s, struct frame *f, struct rect box,
                         int below)
{
    const struct row *row = list_row(s);
    struct rect pane = {box.row + box.rows - 1 - below, box.column + 2, below, box.columns - 4};
    const struct column *first = &s->table.columns[0];
    char text[FORMAT_MAX];

    frame_divider(
        f, box, pane.row - 1,
        row != NULL && row->cells[0] != NULL
            ? list_cell_text(s->model, first->type, first->states, row->cells[0], text)
            : "");
    (s->def->render != NULL ? s->def->render : render_pairs)(s, f, pane);
}

void list_render(const void *state, struct frame *f, struct rect area)
{
    const struct list_state *s = state;
    struct rect box = {area.row + 1, area.column, area.rows - 1, area.columns};
    struct rect list = {box.row + 1, box.column + 1,
                        list_data_rows(s, area.rows, area.columns) + 1, box.columns - 2};
    bool side = s->show_detail && is_wide(area.columns);
    int below = list_below_rows(s, area.rows, area.columns);

    if (side) {
        list.columns -= LIST_SIDE_COLUMNS(area.columns);
    }
    table_filter_render(&s->table, f, area.row, area.column + 1, area.columns - 2);
    frame_box(f, box, ATTR_BOX);
    table_render(&s->table, f, list);
    if (side) {
        render_side(s, f, box);
    } else if (below > 0) {
        render_below(s, f, box, below);
    }
}
