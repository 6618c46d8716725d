/* A form for each report: its own parameters, and the file. */
#include <config.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "reports/exports_priv.h"
#include "reports/out.h"
#include "reports/rep_office.h"
#include "reports/rep_params.h"

#define REPORTS_MAX 96
#define LANGUAGES_MAX 2
#define PREFIX "report "

/* "Report: Readings" in one language. They stay where they are: forms that are open point to
 * them. */
struct forms {
    char lang[8]; /* "" while unused */
    char summary[REPORTS_MAX][96];
    struct command list[REPORTS_MAX];
};

static struct {
    pthread_mutex_t lock;
    char name[REPORTS_MAX][sizeof PREFIX + 24];
    struct param params[REPORTS_MAX][OFFICE_REPORT_PARAMS + 2];
    struct forms forms[LANGUAGES_MAX];
} made = {.lock = PTHREAD_MUTEX_INITIALIZER};

static enum err_code run_report(struct command_ctx *c, struct err *e)
{
    const struct office_report_def *def = office_report_find(c->command->name + strlen(PREFIX));
    const char *values[OFFICE_REPORT_PARAMS] = {NULL};
    const char *path = arg_text(c, "output");
    struct office_report report = {0};
    struct report_outcome outcome = {0};
    char whole[PATH_MAX];
    TRY(export_path_check(path, e));
    const struct report_format *format = report_format_of_path(path);
    if (format == NULL) {
        return err_set(e, ERR_USAGE,
                       _("%s: end the file's name in .pdf, .xlsx, .csv, .json or .txt"), path);
    }
    for (size_t i = 0; def->params[i] != NULL; i++) {
        values[i] = arg_text(c, def->params[i]);
    }
    enum err_code code = office_report_open(c->office, def, values, c->progress, &report, e);
    if (code == ERR_OK) {
        code = office_report_write(c->office, &report, format, path, &outcome, e);
    }
    office_report_close(&report);
    if (code == ERR_OK) {
        (void)snprintf(c->message, sizeof c->message,
                       ngettext("%.400s: %" PRIu64 " row", "%.400s: %" PRIu64 " rows",
                                (unsigned long)outcome.rows),
                       export_where(path, whole), outcome.rows);
    }
    return code;
}

/* The file first: it is all that a report must be told. */
static void params_make(size_t index, const struct office_report_def *def)
{
    struct param *p = made.params[index];
    *p++ = (struct param){"output",
                          PARAM_FILE,
                          PARAM_REQUIRED | PARAM_WRITTEN,
                          N_("file to write: .pdf .xlsx .csv .json .txt"),
                          NULL,
                          NULL};
    for (size_t i = 0; def->params[i] != NULL; i++) {
        *p++ = *report_param(def, def->params[i]);
    }
}

static void forms_make(struct forms *f)
{
    (void)snprintf(f->lang, sizeof f->lang, "%.7s", i18n_lang());
    for (size_t i = 0; i < office_report_count; i++) {
        const struct office_report_def *def = &office_reports[i];
        if (made.name[i][0] == '\0') {
            params_make(i, def);
            (void)snprintf(made.name[i], sizeof made.name[i], PREFIX "%s", def->name);
        }
        (void)snprintf(f->summary[i], sizeof f->summary[i], _("Report: %s"), _(def->title));
        f->list[i] = (struct command){.name = made.name[i],
                                      .summary = f->summary[i],
                                      .params = made.params[i],
                                      .run = run_report};
    }
}

const struct command *export_report_at(size_t index)
{
    const struct command *form = NULL;
    CHECK(office_report_count <= REPORTS_MAX);
    pthread_mutex_lock(&made.lock);
    for (size_t i = 0; index < office_report_count && i < LANGUAGES_MAX && form == NULL; i++) {
        struct forms *f = &made.forms[i];
        if (f->lang[0] == '\0') {
            forms_make(f);
        }
        form = strcmp(f->lang, i18n_lang()) == 0 ? &f->list[index] : NULL;
    }
    pthread_mutex_unlock(&made.lock);
    CHECK(form != NULL || index >= office_report_count);
    return form;
}
