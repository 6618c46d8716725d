/* Plots of integers where people would rather look than read: months with their limit, the load
 * of a day, shares of a whole, a figure against its target. Unicode blocks and braille, or
 * ASCII. Pure: they draw what they are given and format nothing. */
#ifndef AFORO_UI_WIDGET_PLOT_H
#define AFORO_UI_WIDGET_PLOT_H

#include "ui/cell.h"

/* Columns of the scale at the left of an upright plot, its line included. */
#define PLOT_SCALE 9

struct plot {
    const int64_t *values; /* oldest first; negative: unknown, left blank */
    size_t count;
    int64_t limit;            /* -1: none */
    const char *const *names; /* one a value, below it; NULL: none */
    const char *top;          /* the largest value or limit (plot_top), written; "" for none */
    const char *limit_name;   /* the limit, written; "" for none */
};

/* What the scale of a plot ends at. */
int64_t plot_top(const struct plot *p);

/* Upright bars with a scale, a line at the limit and names below: months, the last that fit. */
void plot_bars(struct frame *f, struct rect r, const struct plot *p);

/* A filled curve of many values, two a column: the load of a day by hour or quarter. */
void plot_curve(struct frame *f, struct rect r, const struct plot *p);

/* One line of a list of bars: a name, its bar and its figure, as losses by feeder. */
struct plot_share {
    const char *name;
    const char *figure; /* written */
    int64_t value;      /* negative: no bar, the figure says so */
    bool over;          /* beyond what is allowed */
};
/* Lying bars on one scale, `top` (0: the largest of them). Returns the lines used. */
int plot_shares(struct frame *f, struct rect r, const struct plot_share *shares, size_t count,
                int64_t top);

/* A figure against its target. */
struct plot_gauge {
    const char *name;
    const char *figure;
    int64_t value, target; /* target <= 0: the figure alone */
    bool less_is_better;
};
/* One line; the sign before it says whether the target is met. */
void plot_gauge(struct frame *f, int row, int column, int columns, const struct plot_gauge *g);

#endif
