/* What the console writes to files and to paper: forms beside those of the commands. */
#include <config.h>

#include "verb_console_export.h"

#include <stdio.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/personal.h"
#include "base/i18n.h"
#include "reports/exports.h"
#include "ui/format.h"

#define SAID_MAX ((size_t)1 << 20)

static const char *paper_printer; /* set before any thread starts */

void bound_printer(const char *printer)
{
    paper_printer = printer;
}

/* Whoever is logged in may write what she may see: what is personal is masked as on screen.
 * What is recorded when it is written, only who may record it. */
static bool may_export(struct bound *b, const struct command *form)
{
    const char *records = export_records(form->name);
    return b->may_count > 0 && (records == NULL || bound_may(b, records));
}

bool bound_may_any(void *ctx, const char *name)
{
    if (bound_may(ctx, name)) {
        return true;
    }
    /* Asked for the keys of each frame: a command need not be looked for among the exports. */
    const struct command *form = command_find(name) == NULL ? export_find(name) : NULL;
    return form != NULL && may_export(ctx, form);
}

const struct command *bound_any_command(void *ctx, size_t index)
{
    struct bound *b = ctx;
    if (index < b->may_count) {
        return bound_command_at(ctx, index);
    }
    size_t left = index - b->may_count;
    const struct command *form = NULL;
    for (size_t i = 0; (form = export_at(i)) != NULL; i++) {
        if (may_export(b, form) && left-- == 0) {
            return form;
        }
    }
    return NULL;
}

#define WRITTEN_FOLDER "written" /* in the office's */

/* The ending says the format: sheets for tables, paper for what is handed out. */
static const char *ending_of(const char *form)
{
    return strncmp(form, "report", 6) == 0     ? "xlsx"
           : strncmp(form, "proof", 5) == 0    ? "json"
           : strcmp(form, "receipt file") == 0 ? "txt"
                                               : "pdf";
}

/* "/srv/office/written/report-meters-20261122-094215.xlsx" */
void bound_file_default(void *ctx, const char *name, char out[PATH_TYPED_MAX])
{
    struct bound *b = ctx;
    struct civil now = civil_from_secs(
        civil_to_secs(zone_to_civil(b->query->zone, env_wall_ms(b->query->env) / 1000)));
    int n =
        snprintf(out, PATH_TYPED_MAX, "%s/" WRITTEN_FOLDER "/%s-%04d%02d%02d-%02d%02d%02d.%s",
                 b->place, name, now.date.year, now.date.month, now.date.day, now.hour,
                 now.minute, now.second, ending_of(name));
    if (n < 0 || n >= PATH_TYPED_MAX) {
        out[0] = '\0';
        return;
    }
    for (char *at = strrchr(out, '/'); *at != '\0'; at++) {
        *at = *at == ' ' ? '-' : *at;
    }
}

/* The folder of that default is made when it is first written to. */
static void folder_make(const struct bound *b, const char *path)
{
    char folder[PATH_MAX];
    int n = snprintf(folder, sizeof folder, "%s/" WRITTEN_FOLDER, b->place);
    if (n > 0 && (size_t)n < sizeof folder && strncmp(path, folder, (size_t)n) == 0 &&
        path[n] == '/') {
        (void)mkdir(folder, 0700); /* what hinders it hinders the file, which says so */
    }
}

static enum err_code run_export(struct bound *b, const struct command *form,
                                const struct ui_value *values, size_t count,
                                const struct progress *progress, struct ui_ticket *out,
                                struct err *e)
{
    struct buf said;
    struct command_ctx c = {.office = b->act,
                            .session = b->session,
                            .command = form,
                            .progress = progress,
                            .out = &said};
    *out = (struct ui_ticket){0};
    if (b->session == NULL) {
        return err_set(e, ERR_DENIED, _("log in first"));
    }
    for (size_t i = 0; i < count; i++) {
        if (*values[i].value != '\0') {
            TRY(arg_set(&c, values[i].name, values[i].value, e));
            folder_make(b, values[i].value);
        }
    }
    TRY(personal_access(b->act, b->session->user, e));
    buf_init(&said, SAID_MAX);
    enum err_code code = form->run(&c, e);
    (void)snprintf(out->message, sizeof out->message, "%.511s", c.message);
    format_copy(out->said, sizeof out->said, buf_str(&said));
    buf_release(&said);
    return code;
}

static const char *value_of(const struct ui_value *values, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(values[i].name, name) == 0) {
            return values[i].value;
        }
    }
    return "";
}

enum err_code bound_any_run(void *ctx, const char *name, const struct ui_value *values,
                            size_t count, const struct progress *progress,
                            struct ui_ticket *out, struct err *e)
{
    struct bound *b = ctx;
    const struct command *form = export_find(name);
    if (form != NULL) {
        return run_export(b, form, values, count, progress, out, e);
    }
    TRY(bound_command_run(ctx, name, values, count, progress, out, e));
    if (strcmp(name, "receipt print") == 0) { /* it is recorded: now the paper */
        TRY(personal_access(b->act, b->session->user, e));
        return receipt_to_printer(b->act, strtoll(value_of(values, count, "receipt"), NULL, 10),
                                  out->result, paper_printer, out->message, sizeof out->message,
                                  e);
    }
    return ERR_OK;
}
