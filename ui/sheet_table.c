#include <config.h>

#include "ui/sheet_table.h"

#include "ui/screen.h"

#define GAP 2

struct layout {
    size_t count;
    size_t column[SHEET_CELLS_MAX];
    int width[SHEET_CELLS_MAX];
};

static int smallest(const struct sheet_part *table, unsigned rank)
{
    int total = -GAP;

    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].rank <= rank) {
            total += table->columns[i].min + GAP;
        }
    }
    return total;
}

/* As many columns as fit at their smallest, then one column each in turn up to their largest.
 */
static void lay_out(const struct sheet_part *table, int columns, struct layout *l)
{
    unsigned rank = 1;
    int room;
    bool grew = true;

    l->count = 0;
    while (rank < SHEET_CELLS_MAX && smallest(table, rank + 1) <= columns) {
        rank++;
    }
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].rank <= rank) {
            l->column[l->count] = i;
            l->width[l->count++] = table->columns[i].min;
        }
    }
    room = columns - smallest(table, rank);
    while (room > 0 && grew) {
        grew = false;
        for (size_t i = 0; i < l->count && room > 0; i++) {
            if (l->width[i] < table->columns[l->column[i]].max) {
                l->width[i]++;
                room--;
                grew = true;
            }
        }
    }
}

static enum align align_of(enum sheet_as as)
{
    return as == SHEET_AS_NUMBER || as == SHEET_AS_ID ? ALIGN_RIGHT : ALIGN_LEFT;
}

static void draw_titles(const struct sheet_table *t, const struct sheet_part *table,
                        const struct layout *l)
{
    int at = t->column + 1;

    for (size_t i = 0; i < l->count; i++) {
        const struct sheet_column *c = &table->columns[l->column[i]];

        frame_field(t->f, t->row, at, l->width[i], align_of(c->as), ATTR_HEADER, tr(c->title));
        at += l->width[i] + GAP;
    }
}

/* The sign of the row's mood stands before its state. */
static void draw_word(const struct sheet_table *t, const struct sheet_part *row, int at,
                      int width, unsigned attr, const char *shown)
{
    static const struct {
        enum attr attr;
        enum glyph glyph;
    } signs[] = {
        [SHEET_PLAIN] = {ATTR_NORMAL, GLYPH_NONE}, [SHEET_DIM] = {ATTR_DIM, GLYPH_CROSS},
        [SHEET_GOOD] = {ATTR_OK, GLYPH_DOT},       [SHEET_NOTE] = {ATTR_NOTE, GLYPH_CIRCLE},
        [SHEET_WARN] = {ATTR_WARN, GLYPH_RISE},    [SHEET_BAD] = {ATTR_BAD, GLYPH_SQUARE},
    };
    unsigned painted = (attr & ATTR_SELECTED) | (unsigned)signs[row->mood].attr;

    (void)frame_glyph(t->f, t->row, at, painted, signs[row->mood].glyph);
    frame_field(t->f, t->row, at + 2, width - 2, ALIGN_LEFT, painted, shown);
}

static void draw_cell(const struct sheet_table *t, const struct sheet_part *row,
                      const struct sheet_column *c, int at, int width, unsigned attr,
                      size_t cell)
{
    char shown[SHEET_SHOWN_MAX];

    sheet_format(t->m, c->as, row->cells[cell], "", shown);
    if (row->cells[cell][0] == '\0') {
        frame_field(t->f, t->row, at, width, align_of(c->as), attr,
                    glyph_text(GLYPH_DASH, t->f->ascii));
    } else if (c->as == SHEET_AS_STATE && row->mood != SHEET_PLAIN && width > 3) {
        draw_word(t, row, at, width, attr, shown);
    } else {
        frame_field(t->f, t->row, at, width, align_of(c->as), attr, shown);
    }
}

static void draw_row(const struct sheet_table *t, const struct sheet_part *table, size_t index,
                     const struct layout *l)
{
    const struct sheet_part *row = &t->s->parts[index];
    bool selected = index == t->selected;
    unsigned attr = selected ? ATTR_NORMAL | ATTR_SELECTED : ATTR_NORMAL;
    int at = t->column + 1;

    if (selected) {
        frame_fill(t->f, (struct rect){t->row, t->column, 1, t->columns}, attr);
        (void)frame_glyph(t->f, t->row, t->column, ATTR_CURSOR | ATTR_SELECTED, GLYPH_POINTER);
        frame_cursor(t->f, t->row, t->column);
    }
    for (size_t i = 0; i < l->count; i++) {
        draw_cell(t, row, &table->columns[l->column[i]], at, l->width[i], attr, l->column[i]);
        at += l->width[i] + GAP;
    }
}

size_t sheet_table_draw(struct sheet_table *t, size_t index)
{
    const struct sheet_part *table = &t->s->parts[index];
    struct layout l;
    size_t i = index + 1;

    if (i >= t->s->count || t->s->parts[i].kind != SHEET_ROW) {
        (void)frame_text(t->f, t->row++, t->column + 1, t->columns - 2, ATTR_DIM,
                         tr(table->empty));
        return i;
    }
    lay_out(table, t->columns - 2, &l);
    draw_titles(t, table, &l);
    t->row++;
    for (; i < t->s->count && t->s->parts[i].kind == SHEET_ROW; i++) {
        if (t->places != NULL) {
            t->places->line[i] = t->row;
        }
        draw_row(t, table, i, &l);
        t->row++;
    }
    return i;
}
