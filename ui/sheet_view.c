#include <config.h>

#include "ui/sheet_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "ui/format.h"
#include "ui/screen.h"
#include "ui/sheet_table.h"
#include "ui/widget_plot.h"

#define FIRST_ROWS 48
#define LABELS_MAX 24
#define PAIR_FROM 70 /* columns from which two facts share a line */
#define PLOT_ROWS 9

static const struct {
    enum attr attr;
    enum glyph glyph;
} moods[] = {
    [SHEET_PLAIN] = {ATTR_NORMAL, GLYPH_NONE}, [SHEET_DIM] = {ATTR_DIM, GLYPH_NONE},
    [SHEET_GOOD] = {ATTR_OK, GLYPH_DOT},       [SHEET_NOTE] = {ATTR_NOTE, GLYPH_CIRCLE},
    [SHEET_WARN] = {ATTR_WARN, GLYPH_RISE},    [SHEET_BAD] = {ATTR_BAD, GLYPH_SQUARE},
};

/* A pane that is filled from its top. */
struct pane {
    const struct ui_model *m;
    const struct sheet *s;
    struct frame *f;
    int column, columns;
    int row; /* the next free one */
    bool side;
    size_t selected;
    struct sheet_places *places;
};

void sheet_format(const struct ui_model *m, enum sheet_as as, const char *text,
                  const char *unit, char out[SHEET_SHOWN_MAX])
{
    char shown[FORMAT_MAX] = "";
    const char *body = text;

    switch (as) {
    case SHEET_AS_TEXT:
    case SHEET_AS_ID:
        break;
    case SHEET_AS_WORD:
    case SHEET_AS_STATE:
        body = tr(text);
        if (strlen(body) < sizeof(shown)) {
            format_sentence(shown, sizeof(shown), body);
            body = shown;
        }
        break;
    case SHEET_AS_NUMBER:
        format_number(m->format, text, shown);
        body = shown;
        break;
    case SHEET_AS_DATE:
        format_date(m->format, text, shown);
        body = shown;
        break;
    case SHEET_AS_TIME:
        format_datetime(m->format, text, shown);
        body = shown;
        break;
    }
    if (unit[0] == '\0') {
        format_copy(out, SHEET_SHOWN_MAX, body);
    } else {
        char both[SHEET_SHOWN_MAX + 32];

        (void)snprintf(both, sizeof(both), "%.200s %.24s", body, unit);
        format_copy(out, SHEET_SHOWN_MAX, both);
    }
}

/* ---- facts ---- */

static int labels_width(const struct pane *p, size_t from, size_t to)
{
    int wide = 0;

    for (size_t i = from; i < to; i++) {
        int one = frame_width(p->f, tr(p->s->parts[i].label));

        wide = one > wide ? one : wide;
    }
    return wide > LABELS_MAX ? LABELS_MAX : wide;
}

static void fact_at(const struct pane *p, const struct sheet_part *part, int column,
                    int columns, int labels, const char *shown)
{
    unsigned attr = moods[part->mood].attr;
    int at = column + labels + 2;
    int end = column + columns;

    frame_field(p->f, p->row, column, labels, ALIGN_LEFT, ATTR_LABEL, tr(part->label));
    if (part->mood >= SHEET_GOOD) {
        at += frame_glyph(p->f, p->row, at, attr, moods[part->mood].glyph) + 1;
    }
    (void)frame_text(p->f, p->row, at, end - at, attr, shown);
}

/* Facts that follow each other stand in two columns where they fit. Returns the first part that
 * is none. */
static size_t draw_facts(struct pane *p, size_t from)
{
    size_t to = from;
    int labels;
    int half = p->columns >= PAIR_FROM ? (p->columns - 2) / 2 : 0;
    bool second = false;

    while (to < p->s->count && p->s->parts[to].kind == SHEET_FACT &&
           p->s->parts[to].side == p->s->parts[from].side) {
        to++;
    }
    labels = labels_width(p, from, to);
    for (size_t i = from; i < to; i++) {
        const struct sheet_part *part = &p->s->parts[i];
        char shown[SHEET_SHOWN_MAX];
        bool fits;

        sheet_format(p->m, part->as, part->text, part->unit, shown);
        fits = half > 0 && labels + 4 + frame_width(p->f, shown) <= half - 2;
        if (second && !fits) {
            p->row++;
            second = false;
        }
        fact_at(p, part, p->column + 1 + (second ? half : 0), fits ? half - 2 : p->columns - 2,
                labels, shown);
        p->row += fits && !second ? 0 : 1;
        second = fits && !second;
    }
    p->row += second ? 1 : 0;
    return to;
}

/* ---- the other parts ---- */

static void draw_heading(struct pane *p, const struct sheet_part *part)
{
    int at = p->column;

    p->row += p->row > 0 ? 1 : 0;
    at += frame_glyph(p->f, p->row, at, ATTR_BOX, GLYPH_H);
    at += frame_glyph(p->f, p->row, at, ATTR_BOX, GLYPH_NONE);
    at += frame_text(p->f, p->row, at, p->columns - 3, ATTR_TITLE, tr(part->label)) + 1;
    frame_hline(p->f, p->row, at, p->column + p->columns - at, ATTR_BOX, GLYPH_H);
    p->row++;
}

int sheet_paragraphs(struct frame *f, struct rect r, unsigned attr, const char *text)
{
    const char *line = text;
    int row = r.row;

    while (line != NULL && line[0] != '\0' && row < r.row + r.rows) {
        const char *end = strchr(line, '\n');
        char copy[2048];
        size_t len = end != NULL ? (size_t)(end - line) : strlen(line);
        int used;

        (void)snprintf(copy, sizeof(copy), "%.*s", (int)(len < 2000 ? len : 2000), line);
        used = frame_wrap(f, (struct rect){row, r.column, r.row + r.rows - row, r.columns},
                          attr, copy);
        row += used > 0 ? used : 1;
        line = end != NULL ? end + 1 : NULL;
    }
    return row - r.row;
}

static void draw_text(struct pane *p, const struct sheet_part *part)
{
    int glyphs = part->mood >= SHEET_GOOD ? 2 : 0;

    if (glyphs > 0) {
        (void)frame_glyph(p->f, p->row, p->column + 1, moods[part->mood].attr,
                          moods[part->mood].glyph);
    }
    p->row += sheet_paragraphs(p->f,
                               (struct rect){p->row, p->column + 1 + glyphs,
                                             p->f->rows - p->row, p->columns - 2 - glyphs},
                               moods[part->mood].attr, part->text);
}

/* A plot's value written as its top is: that one stands there as number and as text. */
static void figure_of(const struct sheet_part *part, int64_t top, int64_t value,
                      char out[FORMAT_MAX])
{
    const char *point = strchr(part->top, '.');
    int decimals = point != NULL ? (int)strlen(point + 1) : 0;
    int64_t written = 0;
    int64_t unit = 1;

    for (const char *at = part->top; *at != '\0' && written < INT64_MAX / 10 - 9; at++) {
        written = *at != '.' ? written * 10 + (*at - '0') : written;
    }
    while (top / 10 >= written && written > 0) {
        top /= 10;
        value /= 10;
    }
    for (int i = 0; i < decimals; i++) {
        unit *= 10;
    }
    if (decimals == 0) {
        (void)snprintf(out, FORMAT_MAX, "%" PRId64, value);
    } else {
        (void)snprintf(out, FORMAT_MAX, "%" PRId64 ".%0*" PRId64, value / unit, decimals,
                       value % unit);
    }
}

/* For who does not see a plot: its values with their names, in the lines that it would take. */
static void draw_figures(struct pane *p, const struct sheet_part *part, int64_t top,
                         struct rect r)
{
    int count = (int)part->value_count;
    int a_line = (count + r.rows - 1) / r.rows;
    int wide = a_line > 0 ? r.columns / a_line : 0;

    for (int i = 0; i < count; i++) {
        char machine[FORMAT_MAX];
        char shown[SHEET_SHOWN_MAX];
        bool over = part->limit >= 0 && part->values[i] > part->limit;

        if (part->values[i] < 0) {
            continue;
        }
        figure_of(part, top, part->values[i], machine);
        sheet_format(p->m, SHEET_AS_NUMBER, machine, "", shown);
        (void)frame_printf(p->f, r.row + i / a_line, r.column + i % a_line * wide, wide - 2,
                           ATTR_NORMAL, "%s %s%s", part->names != NULL ? part->names[i] : "",
                           shown, over ? " !" : "");
    }
}

static void draw_plot(struct pane *p, const struct sheet_part *part)
{
    char top[SHEET_SHOWN_MAX];
    char limit[SHEET_SHOWN_MAX];
    struct plot plot = {part->values, part->value_count, part->limit, part->names, top, limit};
    struct rect r = {p->row + 1, p->column + 1, PLOT_ROWS, p->columns - 2};

    sheet_format(p->m, SHEET_AS_NUMBER, part->top, "", top);
    sheet_format(p->m, SHEET_AS_NUMBER, part->limit_text, "", limit);
    (void)frame_printf(p->f, p->row, p->column + 1, p->columns - 2, ATTR_LABEL, "%s %s",
                       tr(part->label), part->unit);
    if (p->f->spoken) {
        draw_figures(p, part, plot_top(&plot), r);
    } else if (part->kind == SHEET_BARS) {
        plot_bars(p->f, r, &plot);
    } else {
        plot_curve(p->f, r, &plot);
    }
    p->row += PLOT_ROWS + 1;
}

static size_t draw_shares(struct pane *p, size_t from)
{
    struct plot_share shares[32];
    size_t count = 0;
    size_t i = from;

    for (; i < p->s->count && p->s->parts[i].kind == SHEET_SHARE; i++) {
        const struct sheet_part *part = &p->s->parts[i];

        if (count < sizeof(shares) / sizeof(shares[0])) {
            shares[count++] = (struct plot_share){part->label, part->text, part->value,
                                                  part->mood == SHEET_BAD};
        }
    }
    p->row += plot_shares(
        p->f, (struct rect){p->row, p->column + 1, p->f->rows - p->row, p->columns - 2}, shares,
        count, 0);
    return i;
}

static void draw_gauge(struct pane *p, const struct sheet_part *part)
{
    char shown[SHEET_SHOWN_MAX];
    struct plot_gauge g = {tr(part->label), shown, part->value, part->target,
                           part->less_is_better};

    sheet_format(p->m, SHEET_AS_NUMBER, part->text, part->unit, shown);
    plot_gauge(p->f, p->row++, p->column + 1, p->columns - 2, &g);
}

static size_t draw_part(struct pane *p, size_t index)
{
    const struct sheet_part *part = &p->s->parts[index];

    switch (part->kind) {
    case SHEET_FACT:
        return draw_facts(p, index);
    case SHEET_SHARE:
        return draw_shares(p, index);
    case SHEET_TABLE: {
        struct sheet_table t = {p->m,      p->s,       p->f,        p->row,
                                p->column, p->columns, p->selected, p->places};
        size_t next = sheet_table_draw(&t, index);

        p->row = t.row;
        return next;
    }
    case SHEET_HEADING:
        draw_heading(p, part);
        break;
    case SHEET_TEXT:
        draw_text(p, part);
        break;
    case SHEET_BARS:
    case SHEET_CURVE:
        draw_plot(p, part);
        break;
    case SHEET_GAUGE:
        draw_gauge(p, part);
        break;
    case SHEET_ROW: /* a row without a table is our bug; it is not shown */
        break;
    }
    return index + 1;
}

static bool has_side(const struct sheet *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->parts[i].side) {
            return true;
        }
    }
    return false;
}

/* Returns the lines that it took; more than the canvas has when it was too low. */
static int draw(const struct ui_model *m, const struct sheet *s, struct frame *f,
                size_t selected, struct sheet_places *places)
{
    bool wide = f->columns >= SHEET_WIDE && has_side(s);
    int left = wide ? f->columns - SHEET_SIDE_COLUMNS - 1 : f->columns;
    struct pane panes[2] = {
        {m, s, f, 1, left - 2, 0, false, selected, places},
        {m, s, f, left + 1, SHEET_SIDE_COLUMNS - 1, 0, true, selected, places},
    };

    if (s->head[0] != '\0') {
        (void)frame_text(f, 0, 2, left - 4, ATTR_HEADER, s->head);
        panes[0].row = 2;
    }
    for (size_t i = 0; i < s->count;) {
        i = draw_part(&panes[wide && s->parts[i].side ? 1 : 0], i);
    }
    if (wide) {
        int lines = panes[0].row > panes[1].row ? panes[0].row : panes[1].row;

        for (int row = 0; row < lines; row++) {
            (void)frame_glyph(f, row, left, ATTR_BOX, GLYPH_V);
        }
    }
    return panes[0].row > panes[1].row ? panes[0].row : panes[1].row;
}

enum err_code sheet_draw(const struct ui_model *m, const struct sheet *s, struct frame *canvas,
                         int columns, size_t selected, struct sheet_places *places,
                         struct err *e)
{
    int rows = FIRST_ROWS;
    int lines;

    for (;;) {
        TRY(frame_resize(canvas, rows, columns, e));
        lines = draw(m, s, canvas, selected, places);
        if (lines <= canvas->rows || canvas->rows >= FRAME_ROWS_MAX || canvas->rows < rows) {
            break;
        }
        rows = lines > FRAME_ROWS_MAX ? FRAME_ROWS_MAX : lines;
    }
    if (places != NULL) {
        places->lines = lines < canvas->rows ? lines : canvas->rows;
    }
    return ERR_OK;
}

void sheet_render(const struct ui_model *m, const struct sheet *s, struct frame *f,
                  struct rect area, int top, size_t selected)
{
    struct frame canvas;
    struct sheet_places places = {0};
    struct err e = ERR_INIT;

    frame_init(&canvas);
    canvas.ascii = f->ascii;
    canvas.spoken = f->spoken;
    if (sheet_draw(m, s, &canvas, area.columns, selected, &places, &e) != ERR_OK) {
        (void)frame_text(f, area.row, area.column, area.columns, ATTR_BAD, e.text);
        frame_release(&canvas);
        return;
    }
    if (top > places.lines - area.rows) {
        top = places.lines - area.rows;
    }
    top = top < 0 ? 0 : top;
    for (int row = 0; row < area.rows && row + top < canvas.rows; row++) {
        if (area.row + row < f->rows && area.column + canvas.columns <= f->columns) {
            memcpy(
                &f->cells[(size_t)(area.row + row) * (size_t)f->columns + (size_t)area.column],
                &canvas.cells[(size_t)(row + top) * (size_t)canvas.columns],
                (size_t)canvas.columns * sizeof(struct cell));
        }
    }
    if (canvas.cursor_row >= top && canvas.cursor_row < top + area.rows) {
        frame_cursor(f, area.row + canvas.cursor_row - top, area.column + canvas.cursor_column);
    }
    if (top + area.rows < places.lines) { /* more follows below */
        (void)frame_glyph(f, area.row + area.rows - 1, area.column + area.columns - 1, ATTR_DIM,
                          GLYPH_SORT_DOWN);
    }
    frame_release(&canvas);
}
