#include <config.h>

#include <string.h>

#include "app/words.h"
#include "base/i18n.h"
#include "ui/format.h"
#include "ui/widget_table.h"

#define COLUMN_GAP 2
#define DATETIME_COLUMNS 14

const struct state_word *state_find(const struct state_word *states, const char *code)
{
    for (; states != NULL && states->code != NULL; states++) {
        if (strcmp(states->code, code) == 0) {
            return states;
        }
    }
    return NULL;
}

const char *state_text(const struct state_word *states, const char *code)
{
    const struct state_word *s = state_find(states, code);

    return s == NULL ? code : tr(s->word);
}

/* ---- which columns, how wide ---- */

struct layout {
    size_t count;
    size_t column[TABLE_COLUMNS_MAX]; /* indexes, in table order */
    int width[TABLE_COLUMNS_MAX];
};

/* The largest that a column gets; texts go on where there is room that nobody else wants. */
static int largest(const struct column *c, bool beyond)
{
    return beyond && c->type == COLUMN_TEXT ? c->max * 2 + 4 : c->max;
}

/* Give the columns of what room is left, one column at a time; returns what is left then. */
static int grow(const struct table *t, struct layout *l, int room, bool beyond)
{
    bool grew = true;

    while (room > 0 && grew) {
        grew = false;
        for (size_t i = 0; i < l->count && room > 0; i++) {
            if (l->width[i] < largest(&t->columns[l->column[i]], beyond)) {
                l->width[i]++;
                room--;
                grew = true;
            }
        }
    }
    return room;
}

/* By rank, as many at their smallest as there is room for; one that is too wide leaves its room
 * to others. Those of rank 1 are always there. Returns what room is left. */
static int choose(const struct table *t, int columns, bool chosen[TABLE_COLUMNS_MAX])
{
    int room = columns + COLUMN_GAP;

    for (unsigned rank = 1; rank < TABLE_COLUMNS_MAX; rank++) {
        for (size_t i = 0; i < t->column_count; i++) {
            int wanted = t->columns[i].min + COLUMN_GAP;

            if (t->columns[i].rank == rank && (rank == 1 || wanted <= room)) {
                chosen[i] = true;
                room -= wanted;
            }
        }
    }
    return room;
}

static void lay_out(const struct table *t, int columns, struct layout *l)
{
    bool chosen[TABLE_COLUMNS_MAX] = {false};
    int room = choose(t, columns, chosen);

    l->count = 0;
    for (size_t i = 0; i < t->column_count; i++) {
        if (chosen[i]) {
            l->column[l->count] = i;
            l->width[l->count++] = t->columns[i].min;
        }
    }
    room = grow(t, l, room, false);
    (void)grow(t, l, room, true);
}

bool table_hides(const struct table *t, size_t index, int columns)
{
    struct layout l;

    lay_out(t, columns, &l);
    for (size_t i = 0; i < l.count; i++) {
        if (l.column[i] == index) {
            return false;
        }
    }
    return true;
}

/* ---- cells ---- */

const char *state_sentence(const struct state_word *states, const char *code,
                           char text[FORMAT_MAX])
{
    const char *word = state_text(states, code);
    struct buf several;

    if (states == NULL) { /* codes that words.def knows */
        buf_init(&several, FORMAT_MAX - 1);
        code_words(code, strlen(code), &several);
        format_sentence(text, FORMAT_MAX, buf_str(&several));
        word = several.failed ? code : text;
        buf_release(&several);
        return word;
    }
    if (strlen(word) >= FORMAT_MAX) {
        return word;
    }
    format_sentence(text, FORMAT_MAX, word);
    return text;
}

static void render_state(const struct column *c, struct frame *f, int row, int column,
                         int width, unsigned attr, const char *code)
{
    const struct state_word *s = state_find(c->states, code);
    int at = column;
    unsigned painted = attr;
    char text[FORMAT_MAX];

    frame_fill(f, (struct rect){row, column, 1, width}, attr);
    if (s != NULL && s->attr != ATTR_NORMAL) {
        painted = (attr & ATTR_SELECTED) | (unsigned)s->attr;
    }
    if (s != NULL && s->glyph != GLYPH_NONE && width > 1) {
        at += frame_glyph(f, row, at, painted, s->glyph) + 1;
    }
    (void)frame_text(f, row, at, column + width - at, painted,
                     state_sentence(c->states, code, text));
}

const char *cell_shown(const struct ui_model *m, const struct column *c, const char *machine,
                       char text[FORMAT_MAX])
{
    switch (c->type) {
    case COLUMN_NUMBER:
        format_number(m->format, machine, text);
        return text;
    case COLUMN_DATE:
        format_datetime(m->format, machine, text);
        return text;
    case COLUMN_STATE:
        return state_sentence(c->states, machine, text);
    case COLUMN_TEXT:
        break;
    }
    return machine;
}

void table_cell_render(const struct ui_model *m, const struct column *c, struct frame *f,
                       int row, int column, int width, unsigned attr, const char *machine)
{
    char text[FORMAT_MAX];
    enum align align = ALIGN_LEFT;

    if (machine == NULL || machine[0] == '\0') {
        frame_field(f, row, column, width, c->type == COLUMN_NUMBER ? ALIGN_RIGHT : ALIGN_LEFT,
                    attr, glyph_text(GLYPH_DASH, f->ascii));
        return;
    }
    switch (c->type) {
    case COLUMN_STATE:
        render_state(c, f, row, column, width, attr, machine);
        return;
    case COLUMN_NUMBER:
        format_number(m->format, machine, text);
        machine = text;
        align = ALIGN_RIGHT;
        break;
    case COLUMN_DATE:
        if (width >= DATETIME_COLUMNS) { /* a date without a time stays one */
            format_datetime(m->format, machine, text);
        } else {
            format_date(m->format, machine, text);
        }
        machine = text;
        break;
    case COLUMN_TEXT:
        break;
    }
    frame_field(f, row, column, width, align, attr, machine);
}

/* ---- rows ---- */

static void render_titles(const struct table *t, const struct layout *l, struct frame *f,
                          int row, int column)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct column *c = &t->columns[l->column[i]];

        frame_field(f, row, column, l->width[i],
                    c->type == COLUMN_NUMBER ? ALIGN_RIGHT : ALIGN_LEFT, ATTR_HEADER,
                    tr(c->title));
        column += l->width[i] + COLUMN_GAP;
    }
}

static void render_row(const struct table *t, const struct layout *l, struct frame *f,
                       int screen_row, struct rect area, size_t index)
{
    bool selected = index == t->selected;
    unsigned attr = selected ? ATTR_NORMAL | ATTR_SELECTED : ATTR_NORMAL;
    const struct row *row = table_row(t, index);
    int column = area.column + 1;

    frame_fill(f, (struct rect){screen_row, area.column, 1, area.columns}, attr);
    if (row != NULL && row->id != 0 && table_is_marked(t, row->id)) {
        (void)frame_glyph(f, screen_row, area.column, selected ? ATTR_CURSOR : ATTR_FILTER,
                          GLYPH_MARK);
    } else if (selected) {
        (void)frame_glyph(f, screen_row, area.column, ATTR_CURSOR, GLYPH_POINTER);
    }
    if (selected) {
        if (f->cursor_row < 0) {
            frame_cursor(f, screen_row, column);
        }
    }
    if (row == NULL) { /* on its way */
        (void)frame_glyph(f, screen_row, column, attr, GLYPH_ELLIPSIS);
        return;
    }
    if (row->id == 0) {
        (void)frame_text(f, screen_row, column, area.columns - 1, attr,
                         _("This row is no longer there."));
        return;
    }
    for (size_t i = 0; i < l->count; i++) {
        size_t c = l->column[i];
        unsigned cell_attr = selected && i == 0 ? ATTR_CURSOR : attr;

        table_cell_render(t->model, &t->columns[c], f, screen_row, column, l->width[i],
                          cell_attr, row->cells[c]);
        column += l->width[i] + COLUMN_GAP;
    }
}

static void render_nothing(const struct table *t, struct frame *f, struct rect area)
{
    struct rect inner = {area.row + 2, area.column + 2, area.rows - 2, area.columns - 4};

    if (f->cursor_row < 0) {
        frame_cursor(f, inner.row, inner.column);
    }
    if (t->failed.code != ERR_OK) {
        (void)frame_wrap(f, inner, ATTR_BAD, t->failed.text);
    } else if (t->loading) {
        (void)frame_wrap(f, inner, ATTR_DIM, _("Loading…"));
    } else if (t->query.term_count > 0) {
        (void)frame_wrap(
            f, inner, ATTR_NORMAL,
            t->nothing != NULL
                ? tr(t->nothing)
                : _("Nothing matches the filter. Press / to change it, Esc to clear it. F3 "
                    "looks for customers, accounts and meters."));
    } else {
        (void)frame_wrap(f, inner, ATTR_NORMAL, tr(t->empty));
    }
}

void table_render(const struct table *t, struct frame *f, struct rect area)
{
    struct layout l;

    lay_out(t, area.columns - 1, &l);
    render_titles(t, &l, f, area.row, area.column + 1);
    if (t->ids.count == 0) {
        render_nothing(t, f, area);
        return;
    }
    for (int i = 0; i < area.rows - 1; i++) {
        size_t index = t->top + (size_t)i;

        if (index < t->ids.count) {
            render_row(t, &l, f, area.row + 1 + i, area, index);
        }
    }
}
