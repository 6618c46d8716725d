/* The cell formats of a workbook: a few for all reports, two for each column. */
#ifndef AFORO_REPORTS_OUT_XLSX_STYLE_H
#define AFORO_REPORTS_OUT_XLSX_STYLE_H

#include <xlsxwriter.h>

#include "base/err.h"
#include "base/text.h"
#include "reports/model.h"

struct xlsx_styles { /* owned by the workbook */
    lxw_format *title, *about, *head, *wrap;
    lxw_format *cell[REPORT_COLUMNS_MAX], *sum[REPORT_COLUMNS_MAX];
    int32_t cell_index[REPORT_COLUMNS_MAX]; /* numbers of `cell` in the workbook */
};

/* Make the formats of a report's columns, dates as fmt has them. Errors: ERR_NOMEM. */
enum err_code xlsx_styles_make(lxw_workbook *book, const struct report_doc *doc,
                               const struct numfmt *fmt, struct xlsx_styles *out,
                               struct err *e) MUST_CHECK;

#endif
