#include <config.h>

#include "ui/widget_chart.h"

#include "base/quantity.h"

#define EIGHTHS 8

static int64_t largest(const int64_t *values, size_t count, int64_t floor)
{
    int64_t max = floor;

    for (size_t i = 0; i < count; i++) {
        max = values[i] > max ? values[i] : max;
    }
    return max;
}

/* value / max of `steps`, rounded up, so that something used is something seen. */
static int scale(int64_t value, int64_t max, int steps)
{
    int128 product = (int128)value * steps;

    if (value <= 0 || max <= 0) {
        return 0;
    }
    return (int)((product + max - 1) / max);
}

static unsigned bar_attr(int64_t value, int64_t limit)
{
    return limit >= 0 && value > limit ? ATTR_CHART_OVER : ATTR_CHART;
}

int chart_sparkline(struct frame *f, int row, int column, int width, const int64_t *values,
                    size_t count, int64_t limit)
{
    int64_t max;

    if (width <= 0 || f->spoken) {
        return 0;
    }
    if (count > (size_t)width) {
        values += count - (size_t)width;
        count = (size_t)width;
    }
    max = largest(values, count, 0);
    for (size_t i = 0; i < count; i++) {
        int level = scale(values[i], max, EIGHTHS);
        enum glyph g = level == 0 ? GLYPH_BLOCK_1 : (enum glyph)(GLYPH_BLOCK_1 + level - 1);

        (void)frame_glyph(f, row, column + (int)i, bar_attr(values[i], limit), g);
    }
    return (int)count;
}

/* Columns of one bar with the gap after it. */
static int bar_pitch(int columns, size_t count)
{
    int pitch = count == 0 ? 1 : columns / (int)count;

    return pitch < 1 ? 1 : pitch > 4 ? 4 : pitch;
}

static void draw_bar(struct frame *f, struct rect r, int column, int columns, int64_t value,
                     int64_t max, int64_t limit)
{
    int eighths = scale(value, max, r.rows * EIGHTHS);

    for (int level = 0; level * EIGHTHS < eighths; level++) {
        int part = eighths - level * EIGHTHS;
        enum glyph g = (enum glyph)(GLYPH_BLOCK_1 + (part > EIGHTHS ? EIGHTHS : part) - 1);

        frame_hline(f, r.row + r.rows - 1 - level, column, columns, bar_attr(value, limit), g);
    }
}

void chart_bars(struct frame *f, struct rect r, const int64_t *values, size_t count,
                int64_t limit)
{
    int64_t max;
    int pitch;
    int wide;

    if (r.rows < 1 || r.columns < 1) {
        return;
    }
    if (count > (size_t)r.columns) {
        values += count - (size_t)r.columns;
        count = (size_t)r.columns;
    }
    max = largest(values, count, limit);
    pitch = bar_pitch(r.columns, count);
    wide = pitch > 1 ? pitch - 1 : 1;
    if (limit >= 0 && max > 0) {
        int level = (scale(limit, max, r.rows * EIGHTHS) - 1) / EIGHTHS;

        frame_hline(f, r.row + r.rows - 1 - (level < 0 ? 0 : level), r.column, r.columns,
                    ATTR_LIMIT, GLYPH_LIMIT);
    }
    for (size_t i = 0; i < count; i++) {
        draw_bar(f, r, r.column + (int)i * pitch, wide, values[i], max, limit);
    }
}
