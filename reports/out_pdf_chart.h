/* A report's chart on paper: its rows are noted as they pass, and drawn at the end. */
#ifndef AFORO_REPORTS_OUT_PDF_CHART_H
#define AFORO_REPORTS_OUT_PDF_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "reports/model.h"
#include "reports/out_pdf_canvas.h"

#define PDF_CHART_LABEL_SIZE 40
#define PDF_CHART_HEIGHT 190.0F

struct pdf_chart {
    const struct report_doc *doc;
    const struct numfmt *fmt;
    size_t count;
    bool many; /* more rows than can be told apart */
    char labels[REPORT_CHART_POINTS_MAX][PDF_CHART_LABEL_SIZE];
    int64_t values[REPORT_CHART_POINTS_MAX][REPORT_CHART_SERIES_MAX];
};

void pdf_chart_init(struct pdf_chart *c, const struct report_doc *doc,
                    const struct numfmt *fmt);
/* Note a row; without a chart, nothing. */
void pdf_chart_note(struct pdf_chart *c, const struct report_cell *cells);
/* Is there something to draw? */
bool pdf_chart_any(const struct pdf_chart *c);
/* Draw it in the box with its upper left corner at x, y, PDF_CHART_HEIGHT high. */
void pdf_chart_draw(const struct pdf_chart *c, struct pdf *p, float x, float y, float width);

#endif
