#include <config.h>

#include "ui/widget_plot.h"

#include "base/quantity.h"
#include "ui/widget_chart.h"

#define BRAILLE_BLANK 0x2800u
#define DOT_ROWS 4 /* dots of a braille cell, downwards; two stand side by side */
#define NAME_GAP 1

int64_t plot_top(const struct plot *p)
{
    int64_t top = p->limit > 0 ? p->limit : 0;

    for (size_t i = 0; i < p->count; i++) {
        top = p->values[i] > top ? p->values[i] : top;
    }
    return top;
}

/* value / max of `steps`, rounded up, so that something used is something seen. */
static int steps_of(int64_t value, int64_t max, int steps)
{
    if (value <= 0 || max <= 0 || steps <= 0) {
        return 0;
    }
    if (value >= max) {
        return steps;
    }
    return (int)(((int128)value * steps + max - 1) / max);
}

/* The line of an upright plot at which a value ends, counted from its foot; at least 0. */
static int level_of(const struct plot *p, int64_t value, int rows)
{
    int steps = steps_of(value, plot_top(p), rows * 8);

    return steps == 0 ? 0 : (steps - 1) / 8;
}

/* The scale at the left: its top, the limit, zero at the foot. Returns what is left for bars.
 */
static struct rect render_scale(struct frame *f, struct rect r, const struct plot *p)
{
    int foot = r.row + r.rows - 1;
    int limit = foot - level_of(p, p->limit, r.rows);

    if (r.columns < PLOT_SCALE * 2) {
        return r;
    }
    for (int row = r.row; row <= foot; row++) {
        (void)frame_glyph(f, row, r.column + PLOT_SCALE - 1, ATTR_BOX, GLYPH_V);
    }
    frame_field(f, foot, r.column, PLOT_SCALE - 2, ALIGN_RIGHT, ATTR_DIM, "0");
    frame_field(f, r.row, r.column, PLOT_SCALE - 2, ALIGN_RIGHT, ATTR_DIM, p->top);
    if (p->limit > 0 && limit != foot) {
        frame_field(f, limit, r.column, PLOT_SCALE - 2, ALIGN_RIGHT, ATTR_LIMIT, p->limit_name);
    }
    return (struct rect){r.row, r.column + PLOT_SCALE, r.rows, r.columns - PLOT_SCALE};
}

static void limit_line(struct frame *f, struct rect r, const struct plot *p)
{
    if (p->limit > 0) {
        frame_hline(f, r.row + r.rows - 1 - level_of(p, p->limit, r.rows), r.column, r.columns,
                    ATTR_LIMIT, GLYPH_LIMIT);
    }
}

/* Columns from one bar to the next: room for the longest name, at most 7. */
static int pitch_of(struct frame *f, const struct plot *p, int columns)
{
    int pitch = p->count == 0 ? 1 : columns / (int)p->count;
    int wish = 4;

    for (size_t i = 0; p->names != NULL && i < p->count; i++) {
        int wide = frame_width(f, p->names[i]) + NAME_GAP;

        wish = wide > wish ? wide : wish;
    }
    wish = wish > 7 ? 7 : wish;
    return pitch < 1 ? 1 : pitch > wish ? wish : pitch;
}

static void upright(struct frame *f, struct rect r, const struct plot *p, size_t index,
                    int column, int wide)
{
    int64_t value = p->values[index];
    int eighths = steps_of(value, plot_top(p), r.rows * 8);
    unsigned attr = p->limit >= 0 && value > p->limit ? ATTR_CHART_OVER : ATTR_CHART;

    for (int level = 0; level * 8 < eighths; level++) {
        int part = eighths - level * 8;
        enum glyph g = (enum glyph)(GLYPH_BLOCK_1 + (part > 8 ? 8 : part) - 1);

        frame_hline(f, r.row + r.rows - 1 - level, column, wide, attr, g);
    }
}

/* Names of bars stand below them where they fit, else every second or third of them. */
static void bar_names(struct frame *f, int row, struct rect r, const struct plot *p,
                      size_t first, int pitch)
{
    int every = 1;

    for (size_t i = first; i < p->count; i++) {
        int wide = frame_width(f, p->names[i]) + NAME_GAP;

        while (wide > every * pitch) {
            every++;
        }
    }
    for (size_t i = first; i < p->count; i++) {
        int column = r.column + (int)(i - first) * pitch;

        if ((int)(p->count - 1 - i) % every == 0) { /* the newest always has its name */
            (void)frame_text(f, row, column, r.column + r.columns - column, ATTR_DIM,
                             p->names[i]);
        }
    }
}

void plot_bars(struct frame *f, struct rect r, const struct plot *p)
{
    int names = p->names != NULL && r.rows > 2 ? 1 : 0;
    struct rect in = {r.row, r.column, r.rows - names, r.columns};
    size_t first;
    int pitch;

    if (in.rows < 1 || in.columns < 1 || p->count == 0) {
        return;
    }
    in = render_scale(f, in, p);
    first = p->count > (size_t)in.columns ? p->count - (size_t)in.columns : 0;
    pitch = pitch_of(f, p, in.columns);
    limit_line(f, in, p);
    for (size_t i = first; i < p->count; i++) {
        upright(f, in, p, i, in.column + (int)(i - first) * pitch, pitch > 1 ? pitch - 1 : 1);
    }
    if (names > 0) {
        bar_names(f, r.row + r.rows - 1, in, p, first, pitch);
    }
}

/* ---- the curve ---- */

/* The mean of what falls into one of `slots` places, so that no value is left out. */
static int64_t slot_value(const struct plot *p, size_t slot, size_t slots)
{
    size_t from = slot * p->count / slots;
    size_t to = (slot + 1) * p->count / slots;
    int128 sum = 0;
    int64_t count = 0;

    to = to <= from ? from + 1 : to;
    for (size_t i = from; i < to && i < p->count; i++) {
        if (p->values[i] >= 0) {
            sum += p->values[i];
            count++;
        }
    }
    return count == 0 ? -1 : (int64_t)(sum / count);
}

/* Dots of one half of a braille cell that are filled, from its foot. */
static unsigned half_cell(int filled, bool right)
{
    static const unsigned dots[2][DOT_ROWS] = {{0x40, 0x04, 0x02, 0x01},
                                               {0x80, 0x20, 0x10, 0x08}};
    unsigned mask = 0;

    for (int i = 0; i < filled && i < DOT_ROWS; i++) {
        mask |= dots[right ? 1 : 0][i];
    }
    return mask;
}

static void braille(struct frame *f, int row, int column, unsigned attr, unsigned mask)
{
    unsigned cp = BRAILLE_BLANK + mask;
    char text[4] = {(char)(0xe0 | (cp >> 12)), (char)(0x80 | ((cp >> 6) & 0x3f)),
                    (char)(0x80 | (cp & 0x3f)), '\0'};

    if (mask != 0) {
        (void)frame_text(f, row, column, 1, attr, text);
    }
}

static void curve_column(struct frame *f, struct rect r, const struct plot *p, int column,
                         const int64_t value[2])
{
    int64_t top = plot_top(p);
    int high[2] = {steps_of(value[0], top, r.rows * DOT_ROWS),
                   steps_of(value[1], top, r.rows * DOT_ROWS)};
    bool over = p->limit >= 0 && (value[0] > p->limit || value[1] > p->limit);
    unsigned attr = over ? ATTR_CHART_OVER : ATTR_CHART;

    for (int level = 0; level < r.rows; level++) {
        int row = r.row + r.rows - 1 - level;
        int filled = high[0] > high[1] ? high[0] : high[1];

        if (!f->ascii) {
            braille(f, row, r.column + column, attr,
                    half_cell(high[0] - level * DOT_ROWS, false) |
                        half_cell(high[1] - level * DOT_ROWS, true));
        } else if (filled > level * DOT_ROWS) {
            int part = (filled - level * DOT_ROWS) * 2;

            (void)frame_glyph(f, row, r.column + column, attr,
                              (enum glyph)(GLYPH_BLOCK_1 + (part > 8 ? 8 : part) - 1));
        }
    }
}

void plot_curve(struct frame *f, struct rect r, const struct plot *p)
{
    int names = p->names != NULL && r.rows > 2 ? 1 : 0;
    struct rect in = {r.row, r.column, r.rows - names, r.columns};
    size_t slots;

    if (in.rows < 1 || in.columns < 1 || p->count == 0) {
        return;
    }
    in = render_scale(f, in, p);
    slots = (size_t)in.columns * 2;
    if (slots > p->count * 4) { /* two columns a value at most: no day is a foot wide */
        slots = p->count * 4;
        in.columns = (int)(slots / 2);
    }
    limit_line(f, in, p);
    for (int i = 0; i < in.columns; i++) {
        const int64_t value[2] = {slot_value(p, (size_t)i * 2, slots),
                                  slot_value(p, (size_t)i * 2 + 1, slots)};

        curve_column(f, in, p, i, value);
    }
    for (size_t i = 0; names > 0 && i < p->count; i++) {
        int column = in.column + (int)(i * (size_t)in.columns / p->count);

        if (p->names[i] != NULL && p->names[i][0] != '\0') {
            (void)frame_text(f, r.row + r.rows - 1, column, in.column + in.columns - column,
                             ATTR_DIM, p->names[i]);
        }
    }
}

/* ---- lying bars ---- */

static const enum glyph full = GLYPH_BLOCK_8;

static int widest(struct frame *f, const struct plot_share *shares, size_t count, bool figures)
{
    int wide = 0;

    for (size_t i = 0; i < count; i++) {
        int one = frame_width(f, figures ? shares[i].figure : shares[i].name);

        wide = one > wide ? one : wide;
    }
    return wide;
}

static int64_t largest_share(const struct plot_share *shares, size_t count)
{
    int64_t top = 0;

    for (size_t i = 0; i < count; i++) {
        top = shares[i].value > top ? shares[i].value : top;
    }
    return top;
}

int plot_shares(struct frame *f, struct rect r, const struct plot_share *shares, size_t count,
                int64_t top)
{
    int names = widest(f, shares, count, false);
    int figures = widest(f, shares, count, true);
    int room;
    int used = 0;

    names = names > r.columns / 3 ? r.columns / 3 : names;
    room = r.columns - names - figures - 4;
    top = top > 0 ? top : largest_share(shares, count);
    for (size_t i = 0; i < count && used < r.rows; i++, used++) {
        const struct plot_share *s = &shares[i];
        int row = r.row + used;
        unsigned attr = s->over ? ATTR_CHART_OVER : ATTR_CHART;
        int wide = steps_of(s->value, top, room);

        (void)frame_text(f, row, r.column, names, ATTR_NORMAL, s->name);
        frame_field(f, row, r.column + names + 1, figures, ALIGN_RIGHT,
                    s->over ? ATTR_BAD : ATTR_NORMAL, s->figure);
        (void)frame_glyph(f, row, r.column + names + figures + 2,
                          s->over ? ATTR_BAD : ATTR_NORMAL, s->over ? GLYPH_RISE : GLYPH_NONE);
        if (wide > 0 && !f->spoken) {
            frame_hline(f, row, r.column + names + figures + 4, wide, attr, full);
        }
    }
    return used;
}

void plot_gauge(struct frame *f, int row, int column, int columns, const struct plot_gauge *g)
{
    bool has_target = g->target > 0;
    bool met = g->less_is_better ? g->value <= g->target : g->value >= g->target;
    int at = column;
    int end = column + columns;
    int names = columns * 2 / 5;
    int bar;

    if (columns < 12) {
        (void)frame_text(f, row, column, columns, ATTR_NORMAL, g->figure);
        return;
    }
    (void)frame_glyph(f, row, at,
                      !has_target ? ATTR_DIM
                      : met       ? ATTR_OK
                                  : ATTR_WARN,
                      !has_target ? GLYPH_MIDDOT
                      : met       ? GLYPH_CHECK
                                  : GLYPH_RISE);
    frame_field(f, row, at + 2, names - 2, ALIGN_LEFT, ATTR_LABEL, g->name);
    at += names + 1;
    frame_field(f, row, at, 10, ALIGN_RIGHT, ATTR_NORMAL, g->figure);
    at += 11;
    bar = end - at;
    if (has_target && bar >= 5 && !f->spoken) {
        int64_t top = g->value > g->target ? g->value : g->target;
        int mark = steps_of(g->target, top, bar);
        int wide = steps_of(g->value, top, bar);

        frame_hline(f, row, at, bar, ATTR_BOX, GLYPH_MIDDOT);
        frame_hline(f, row, at, wide, met ? ATTR_CHART : ATTR_CHART_OVER, full);
        (void)frame_glyph(f, row, at + mark - 1, ATTR_LIMIT, GLYPH_SPLIT);
    }
}
