#include <config.h>

#include "reports/out_pdf_chart.h"

#include <string.h>

#define INK_AXIS 0x5A6472
#define INK_GRID 0xDDE4EA
#define AXIS_WIDTH 64.0F   /* figures at the left */
#define LABEL_HEIGHT 14.0F /* names below */
#define LEGEND_HEIGHT 16.0F
#define LABEL_ROOM 34.0F /* of one name */
#define TYPE_SIZE 6.5F
#define GRID_LINES 5

static const uint32_t inks[REPORT_CHART_SERIES_MAX] = {0x0B5777, 0xE08A1E, 0x4C9F70, 0xB23A2E,
                                                       0x7A5C99};

void pdf_chart_init(struct pdf_chart *c, const struct report_doc *doc, const struct numfmt *fmt)
{
    c->doc = doc;
    c->fmt = fmt;
    c->count = 0;
    c->many = false;
}

void pdf_chart_note(struct pdf_chart *c, const struct report_cell *cells)
{
    const struct report_chart *chart = c->doc->chart;
    struct buf label;
    if (chart == NULL || c->many) {
        return;
    }
    if (c->count == REPORT_CHART_POINTS_MAX) {
        c->many = true;
        return;
    }
    buf_init(&label, 8 * (size_t)REPORT_TEXT_MAX);
    report_cell_people(&c->doc->columns[chart->category], &cells[chart->category], c->fmt,
                       &label);
    text_sanitize_to(buf_str(&label), label.len, c->labels[c->count], PDF_CHART_LABEL_SIZE);
    buf_release(&label);
    for (size_t i = 0; i < chart->series_count; i++) {
        const struct report_cell *cell = &cells[chart->series[i]];
        c->values[c->count][i] = cell->empty ? 0 : cell->value;
    }
    c->count++;
}

bool pdf_chart_any(const struct pdf_chart *c)
{
    return c->doc->chart != NULL && c->count > 0 && !c->many;
}

/* What is drawn where. All series have the same unit, as the model asks. */
struct frame {
    const struct pdf_chart *c;
    struct pdf *p;
    float left, width, base, height; /* of the bars' area */
    int64_t low, high;               /* values at its lower and upper edge */
};

static int64_t value_of(const struct pdf_chart *c, size_t point, size_t series)
{
    int64_t sum = 0;
    if (c->doc->chart->kind != REPORT_CHART_STACKED) {
        return c->values[point][series];
    }
    for (size_t i = 0; i <= series; i++) {
        sum += c->values[point][i];
    }
    return sum;
}

/* 1, 2 or 5 times a power of ten: the least such step that needs no more lines than GRID_LINES.
 */
static int64_t grid_step(int64_t span)
{
    static const int64_t firsts[] = {1, 2, 5};
    for (int64_t power = 1; power <= INT64_MAX / 100; power *= 10) {
        for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
            if (span / (firsts[i] * power) < GRID_LINES) {
                return firsts[i] * power;
            }
        }
    }
    return INT64_MAX / 10;
}

static void range_find(struct frame *f)
{
    int64_t low = 0, high = 0;
    for (size_t i = 0; i < f->c->count; i++) {
        for (size_t s = 0; s < f->c->doc->chart->series_count; s++) {
            int64_t v = value_of(f->c, i, s);
            low = v < low ? v : low;
            high = v > high ? v : high;
        }
    }
    f->low = low / 2 > INT64_MIN / 4 ? low : INT64_MIN / 4;
    f->high = high < INT64_MAX / 4 ? high : INT64_MAX / 4;
    f->high = f->high > f->low ? f->high : f->low + 1;
}

static float height_of(const struct frame *f, int64_t value)
{
    return f->base + f->height * (float)((double)(value - f->low) / (double)(f->high - f->low));
}

static void grid_draw(const struct frame *f)
{
    const struct report_doc *doc = f->c->doc;
    const struct report_column *column = &doc->columns[doc->chart->series[0]];
    int64_t step = grid_step(f->high - f->low);
    struct buf figure;
    buf_init(&figure, 256);
    for (int64_t v = f->low / step * step; v <= f->high; v += step) {
        struct report_cell cell = {.value = v};
        float y = height_of(f, v);
        if (v < f->low) {
            continue;
        }
        pdf_reset(f->p, &figure);
        report_cell_people(column, &cell, f->c->fmt, &figure);
        pdf_ink(f->p, v == 0 ? INK_AXIS : INK_GRID);
        pdf_line(f->p, f->left, y, f->left + f->width, y, 0.5F);
        pdf_ink(f->p, INK_AXIS);
        pdf_text(f->p, PDF_SANS, TYPE_SIZE, PDF_RIGHT, f->left - 5, y - 2, buf_str(&figure));
    }
    pdf_drop(f->p, &figure);
}

static void bar_draw(const struct frame *f, size_t point, size_t series, float x, float width)
{
    bool stacked = f->c->doc->chart->kind == REPORT_CHART_STACKED;
    int64_t top = value_of(f->c, point, series);
    int64_t from = stacked && series > 0 ? value_of(f->c, point, series - 1) : 0;
    float a = height_of(f, from < top ? from : top), b = height_of(f, from < top ? top : from);
    if (b - a > 0.01F) {
        pdf_ink(f->p, inks[series]);
        pdf_box(f->p, x, a, width, b - a);
    }
}

static void point_draw(const struct frame *f, size_t point)
{
    const struct report_chart *chart = f->c->doc->chart;
    float step = f->width / (float)f->c->count, x = f->left + step * (float)point;
    float inside = step * 0.72F, from = x + (step - inside) / 2;
    bool side = chart->kind == REPORT_CHART_COLUMNS;
    for (size_t s = 0; s < chart->series_count; s++) {
        if (chart->kind != REPORT_CHART_LINES) {
            float width = side ? inside / (float)chart->series_count : inside;
            bar_draw(f, point, s, from + (side ? width * (float)s : 0), width);
        } else if (point > 0) {
            pdf_ink(f->p, inks[s]);
            pdf_line(f->p, x - step / 2, height_of(f, value_of(f->c, point - 1, s)),
                     x + step / 2, height_of(f, value_of(f->c, point, s)), 1.2F);
        } else {
            pdf_ink(f->p, inks[s]);
            pdf_box(f->p, x + step / 2 - 1.2F, height_of(f, value_of(f->c, point, s)) - 1.2F,
                    2.4F, 2.4F);
        }
    }
    size_t every = (size_t)(LABEL_ROOM / step) + 1;
    if (point % every == 0) {
        pdf_ink(f->p, INK_AXIS);
        pdf_text_within(f->p, PDF_SANS, TYPE_SIZE, PDF_CENTRE, x + step / 2, f->base - 10,
                        step * (float)every - 2, false, f->c->labels[point]);
    }
}

static void legend_draw(const struct frame *f, float y)
{
    const struct report_doc *doc = f->c->doc;
    float x = f->left;
    struct buf name;
    buf_init(&name, REPORT_TEXT_MAX);
    for (size_t s = 0; s < doc->chart->series_count; s++) {
        pdf_reset(f->p, &name);
        report_heading(&doc->columns[doc->chart->series[s]], &name);
        pdf_ink(f->p, inks[s]);
        pdf_box(f->p, x, y, 6, 6);
        pdf_ink(f->p, INK_AXIS);
        pdf_text_within(f->p, PDF_SANS, 7, PDF_LEFT, x + 9, y + 0.5F, 120, false,
                        buf_str(&name));
        x += 9 + 16 + pdf_text_width(f->p, PDF_SANS, 7, buf_str(&name), name.len);
    }
    pdf_drop(f->p, &name);
}

void pdf_chart_draw(const struct pdf_chart *c, struct pdf *p, float x, float y, float width)
{
    struct frame f = {.c = c,
                      .p = p,
                      .left = x + AXIS_WIDTH,
                      .width = width - AXIS_WIDTH,
                      .base = y - PDF_CHART_HEIGHT + LABEL_HEIGHT + LEGEND_HEIGHT,
                      .height = PDF_CHART_HEIGHT - LABEL_HEIGHT - LEGEND_HEIGHT - 10};
    range_find(&f);
    grid_draw(&f);
    for (size_t i = 0; i < c->count; i++) {
        point_draw(&f, i);
    }
    legend_draw(&f, y - PDF_CHART_HEIGHT + 2);
}
