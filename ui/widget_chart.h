/* Small plots of integers in Unicode eighth blocks, or ASCII. */
#ifndef AFORO_UI_WIDGET_CHART_H
#define AFORO_UI_WIDGET_CHART_H

#include "ui/cell.h"

/*
 * One character a value, the last `width` of them; negative values count as none.
 *
 * limit: values above it are marked; -1: no limit.
 * Returns the columns used.
 */
int chart_sparkline(struct frame *f, int row, int column, int width, const int64_t *values,
                    size_t count, int64_t limit);
/* Upright bars, the last that fit, with a line across at the limit (-1: none). */
void chart_bars(struct frame *f, struct rect r, const int64_t *values, size_t count,
                int64_t limit);

#endif
