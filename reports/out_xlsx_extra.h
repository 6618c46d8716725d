/* What a workbook has beside its rows: properties, a table over them, and a chart of them.
 * Private to the xlsx writer. */
#ifndef AFORO_REPORTS_OUT_XLSX_EXTRA_H
#define AFORO_REPORTS_OUT_XLSX_EXTRA_H

#include <stdbool.h>
#include <stddef.h>

#include <xlsxwriter.h>

#include "base/buf.h"
#include "reports/model.h"
#include "reports/xlsx_text.h"

#define XLSX_TABLE_ROWS_MAX 100000 /* beyond it a table makes Excel slow: a filter instead */
#define XLSX_CHART_ROWS_MAX 1000   /* beyond it nothing can be told apart */

/* Where a report's rows lie on a sheet; last >= first. */
struct xlsx_range {
    const char *sheet; /* name */
    lxw_row_t head, first, last;
    size_t columns;
};

/* "Office · period · 21/11/2026 08:08 · America/Costa_Rica" */
void xlsx_about_line(const struct report_doc *doc, const struct numfmt *fmt, struct buf *out);
/* Title, company and date of the workbook. *lost is set when memory ran out for one of them. */
lxw_error xlsx_properties_set(lxw_workbook *book, const struct report_doc *doc, bool *lost);
/* Two columns of a table must not have one name: the later one gets a number. heads: those
 * before. */
void xlsx_head_unique(char *const *heads, size_t count, struct buf *head);
/* A table over the rows, which are written already in constant-memory mode. heads: as they
 * stand in the cells. */
lxw_error xlsx_table_add(lxw_worksheet *ws, const struct xlsx_range *at, char *const *heads);
/* The report's chart on a sheet of its own, of this name. False when memory is out. */
bool xlsx_chart_add(lxw_workbook *book, const char *name, const struct report_doc *doc,
                    const struct xlsx_range *at);

#endif
