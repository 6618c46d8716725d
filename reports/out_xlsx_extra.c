#include <config.h>

#include "reports/out_xlsx_extra.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

static bool same_name(const char *a, const char *b)
{
    struct buf x, y;
    buf_init(&x, REPORT_TEXT_MAX);
    buf_init(&y, REPORT_TEXT_MAX);
    text_fold(a, strlen(a), &x);
    text_fold(b, strlen(b), &y);
    bool same = strcmp(buf_str(&x), buf_str(&y)) == 0;
    buf_release(&x);
    buf_release(&y);
    return same;
}

static bool taken(char *const *heads, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (same_name(heads[i], name)) {
            return true;
        }
    }
    return false;
}

void xlsx_head_unique(char *const *heads, size_t count, struct buf *head)
{
    size_t len = head->len;
    for (unsigned n = 2; taken(heads, count, buf_str(head)) && n <= REPORT_COLUMNS_MAX; n++) {
        head->len = len;
        buf_addf(head, " %u", n);
    }
}

static void add_part(struct buf *out, const char *s)
{
    if (s != NULL && s[0] != '\0') {
        buf_adds(out, out->len > 0 ? " \xC2\xB7 " : "");
        buf_adds(out, s);
    }
}

/* "Office · period · made 21/11/2026 08:08 · America/Costa_Rica" */
void xlsx_about_line(const struct report_doc *doc, const struct numfmt *fmt, struct buf *out)
{
    struct buf when;
    buf_init(&when, 128);
    numfmt_clock(fmt, doc->generated, &when);
    add_part(out, doc->office);
    add_part(out, doc->subtitle);
    add_part(out, buf_str(&when));
    add_part(out, doc->zone);
    out->failed = out->failed || when.failed;
    buf_release(&when);
}

/* The library copies the texts. */
lxw_error xlsx_properties_set(lxw_workbook *book, const struct report_doc *doc, bool *lost)
{
    struct buf title, company;
    buf_init(&title, REPORT_TEXT_MAX);
    buf_init(&company, REPORT_TEXT_MAX);
    text_sanitize(doc->title, strlen(doc->title), &title);
    if (doc->office != NULL) {
        text_sanitize(doc->office, strlen(doc->office), &company);
    }
    if (title.len > 200) { /* attributes of the package are for a line of text */
        title.data[xlsx_units_fit(title.data, 200, 200)] = '\0';
    }
    if (company.len > 200) {
        company.data[xlsx_units_fit(company.data, 200, 200)] = '\0';
    }
    lxw_doc_properties p = {0};
    p.title = title.data;
    p.company = company.data;
    p.created = (time_t)civil_to_secs(doc->generated);
    lxw_error failed = workbook_set_properties(book, &p);
    *lost = *lost || title.failed || company.failed;
    buf_release(&title);
    buf_release(&company);
    return failed;
}

/*
 * In constant-memory mode the library refuses tables, because it would write their headings
 * into rows that have gone. Here the headings stand already, word for word, and the rows that
 * the library keeps besides are not written in that mode: so it may believe for once that it is
 * in the other. Source: ISO/IEC 29500-1, 18.5.1.2 (table), 18.5.1.3 (tableColumn).
 */
lxw_error xlsx_table_add(lxw_worksheet *ws, const struct xlsx_range *at, char *const *heads)
{
    lxw_table_column columns[REPORT_COLUMNS_MAX] = {{0}};
    lxw_table_column *list[REPORT_COLUMNS_MAX + 1] = {NULL};
    for (size_t i = 0; i < at->columns; i++) {
        columns[i].header = heads[i];
        list[i] = &columns[i];
    }
    lxw_table_options options = {
        .columns = list, .style_type = LXW_TABLE_STYLE_TYPE_LIGHT, .style_type_number = 1};
    uint8_t was = ws->optimize;
    ws->optimize = LXW_FALSE;
    lxw_error failed =
        worksheet_add_table(ws, at->head, 0, at->last, (lxw_col_t)(at->columns - 1), &options);
    ws->optimize = was;
    return failed;
}

static void series_add(lxw_chart *chart, const struct report_doc *doc,
                       const struct xlsx_range *at, size_t column)
{
    struct buf name;
    lxw_chart_series *s = chart_add_series(chart, NULL, NULL);
    if (s == NULL) {
        return;
    }
    lxw_col_t category = (lxw_col_t)doc->chart->category, value = (lxw_col_t)column;
    buf_init(&name, REPORT_TEXT_MAX);
    report_heading(&doc->columns[column], &name);
    chart_series_set_categories(s, at->sheet, at->first, category, at->last, category);
    chart_series_set_values(s, at->sheet, at->first, value, at->last, value);
    chart_series_set_name(s, buf_str(&name));
    buf_release(&name);
}

bool xlsx_chart_add(lxw_workbook *book, const char *name, const struct report_doc *doc,
                    const struct xlsx_range *at)
{
    lxw_chartsheet *sheet = workbook_add_chartsheet(book, name);
    lxw_chart *chart = workbook_add_chart(
        book, doc->chart->kind == REPORT_CHART_LINES     ? LXW_CHART_LINE
              : doc->chart->kind == REPORT_CHART_STACKED ? LXW_CHART_COLUMN_STACKED
                                                         : LXW_CHART_COLUMN);
    if (sheet == NULL || chart == NULL) {
        return false;
    }
    for (size_t i = 0; i < doc->chart->series_count; i++) {
        series_add(chart, doc, at, doc->chart->series[i]);
    }
    chart_title_set_name(chart, doc->title);
    chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
    return chartsheet_set_chart(sheet, chart) == LXW_NO_ERROR;
}
