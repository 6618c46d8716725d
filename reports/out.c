#include <config.h>

#include "reports/out.h"

#include <string.h>

#include "base/i18n.h"

const struct report_format report_formats[] = {
    {"text", ".txt", "text/plain; charset=utf-8", true, out_text_write},
    {"csv", ".csv", "text/csv; charset=utf-8", false, out_csv_write},
    {"json", ".json", "application/json", false, out_json_write},
    {"xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true,
     out_xlsx_write},
    {"pdf", ".pdf", "application/pdf", true, out_pdf_write},
};
const size_t report_format_count = sizeof(report_formats) / sizeof(report_formats[0]);

const struct report_format *report_format_find(const char *name)
{
    for (size_t i = 0; i < report_format_count; i++) {
        if (strcmp(report_formats[i].name, name) == 0) {
            return &report_formats[i];
        }
    }
    return NULL;
}

const struct report_format *report_format_of_path(const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < report_format_count; i++) {
        size_t suffix_len = strlen(report_formats[i].suffix);
        if (len > suffix_len &&
            strcmp(path + len - suffix_len, report_formats[i].suffix) == 0) {
            return &report_formats[i];
        }
    }
    return NULL;
}

enum err_code report_write(const struct report_format *format, const struct report_doc *doc,
                           const struct report_options *options, const char *path,
                           struct report_outcome *outcome, struct err *e)
{
    memset(outcome, 0, sizeof(*outcome));
    CHECK(options->fmt != NULL);
    return format->write(doc, options, path, outcome, e);
}

enum err_code report_progress(const struct report_options *options,
                              const struct report_run *run, struct err *e)
{
    if ((run->rows & (REPORT_PROGRESS_ROWS - 1)) != 0 || run->rows == 0 ||
        progress_step(options->progress, run->doc->title, run->rows, 0)) {
        return ERR_OK;
    }
    return err_set(e, ERR_CANCELLED,
                   ngettext("The report was stopped after %llu row; nothing was written.",
                            "The report was stopped after %llu rows; nothing was written.",
                            (unsigned long)run->rows),
                   (unsigned long long)run->rows);
}
