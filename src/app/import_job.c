#include <config.h>

#include "app/import_job.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"

#define MAPPING_ARENA_MAX ((size_t)1 << 20)
#define PREVIEW_MAX 1000
#define PREVIEW_BYTES_MAX ((size_t)8 << 20)
#define PROGRESS_ROWS 4096

/* Files of payments are read by `bank import`. */
static const struct import_kind *const file_kinds[MAPPING_KIND_COUNT] = {
    [MAPPING_READINGS] = &import_readings_kind, [MAPPING_METERS] = &import_lines_kind,
    [MAPPING_CUSTOMERS] = &import_lines_kind,   [MAPPING_ACCOUNTS] = &import_lines_kind,
    [MAPPING_ASSIGNMENTS] = &import_lines_kind, [MAPPING_BALANCES] = &import_lines_kind,
    [MAPPING_BILLS] = &import_lines_kind,       [MAPPING_VISITS] = &import_lines_kind,
    [MAPPING_FACTORS] = &import_lines_kind,
};

/* "import meters" imports files of meters. */
static enum mapping_kind kind_of(const struct command *command)
{
    const char *name = strchr(command->name, ' ');
    for (size_t k = 0; name != NULL && k < MAPPING_KIND_COUNT; k++) {
        if (strcmp(name + 1, mapping_kind_name((enum mapping_kind)k)) == 0) {
            return (enum mapping_kind)k;
        }
    }
    CHECK(false && "a command that imports nothing");
    return MAPPING_KIND_COUNT;
}

static enum err_code job_prepare(struct import_job *job, enum mapping_kind kind, struct err *e)
{
    struct command_ctx *c = job->c;
    struct hash hash;
    const char *name = arg_text(c, "mapping");
    TRY(mapping_load(c->office, name, kind, &job->arena, &job->mapping, &hash, e));
    hash_hex(&hash, job->run.mapping_sha256);
    TRY(import_file_open(&job->file, arg_text(c, "file"), &job->mapping, c->progress, e));
    job->run.kind = kind;
    job->run.mapping = name;
    job->run.file = &job->file;
    job->report->kind = kind;
    job->report->file = job->file.name;
    job->report->mapping = name;
    job->report->unit = job->mapping.unit;
    return file_kinds[kind]->prepare(job, e);
}

static enum err_code cancelled(const struct import_job *job, struct err *e)
{
    return job->run.id == 0
               ? err_set(e, ERR_CANCELLED, _("stopped; nothing was recorded"))
               : err_set(e, ERR_CANCELLED,
                         _("stopped; import %" PRId64 " is open: import the same file again to "
                           "go on, or: aforo import discard %" PRId64),
                         job->run.id, job->run.id);
}

enum err_code job_reading(struct import_job *job, uint64_t rows, struct err *e)
{
    uint64_t done = 0;
    uint64_t size = 0;
    if (rows % PROGRESS_ROWS != 0) {
        return ERR_OK;
    }
    import_file_progress(&job->file, &done, &size);
    return progress_step(job->c->progress, _("reading the file"), done, size)
               ? ERR_OK
               : cancelled(job, e);
}

enum err_code job_storing(struct import_job *job, uint64_t done, uint64_t total, struct err *e)
{
    return progress_step(job->c->progress, job->dry ? _("counting") : _("storing"), done, total)
               ? ERR_OK
               : cancelled(job, e);
}

enum err_code job_read_all(const struct import_job *job, uint64_t rows, struct err *e)
{
    return rows == 0 ? err_set(e, ERR_PARSE,
                               _("%s holds no rows under its heading; nothing was recorded"),
                               job->file.path)
                     : import_file_unchanged(&job->file, e);
}

/* ---- preview ---- */

/* Show the first rows as they would be read; nothing is written anywhere. */
static enum err_code rows_show(struct import_job *job, int64_t rows, struct buf *out,
                               struct err *e)
{
    struct csv_row row;
    bool eof = false;
    buf_adds(out, job->c->json ? "[" : "");
    for (int64_t i = 0; i < rows; i++) {
        struct refused why;
        bool sound = false;
        TRY(import_file_next(&job->file, &row, &eof, e));
        if (eof) {
            break;
        }
        buf_adds(out, job->c->json && i > 0 ? "," : "");
        TRY(file_kinds[job->run.kind]->show(job, &row, out, &sound, &why, e));
        if (!sound) {
            report_preview_refused(row.line, &why, job->c->json, out);
        }
    }
    buf_adds(out, job->c->json ? "]\n" : "");
    return ERR_OK;
}

static enum err_code job_preview(struct import_job *job, int64_t rows, struct err *e)
{
    struct buf none;
    if (rows < 1 || rows > PREVIEW_MAX) {
        return err_set(e, ERR_USAGE, _("--preview takes 1 to %d rows"), PREVIEW_MAX);
    }
    buf_init(&none, PREVIEW_BYTES_MAX);
    enum err_code code = rows_show(job, rows, job->c->out != NULL ? job->c->out : &none, e);
    buf_release(&none);
    return code;
}

/* ---- the whole ---- */

static enum err_code build_close(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct import_job *job = c->report;
    TRY(import_run_is_open(c, &job->run, e));
    TRY(import_run_draft(c, d, &job->run, "closed", e));
    TRY(data_int(c, d->data, "batches", job->run.batches, e));
    return report_data(job->report, c->arena, d->data, e);
}

static enum err_code job_close(struct import_job *job, struct err *e)
{
    struct ticket t;
    void *report = job->c->report;
    if (job->run.id == 0) {
        return ERR_OK;
    }
    job->report->run = job->run.id;
    job->report->resumed = job->run.resumed;
    job->c->result_id = job->run.id;
    job->c->report = job;
    enum err_code code = act_user(job->c, build_close, &t, e);
    job->c->report = report;
    return code;
}

static enum err_code job_run(struct import_job *job, enum mapping_kind kind, struct err *e)
{
    struct command_ctx *c = job->c;
    TRY(job_prepare(job, kind, e));
    const struct arg *preview = arg_get(c, "preview");
    if (preview->given) {
        return job_preview(job, preview->integer, e);
    }
    job->dry = arg_flag(c, "dry-run");
    job->report->dry = job->dry;
    TRY(report_open(job->report, arg_text(c, "report"), job->file.path, e));
    if (!job->dry) {
        TRY(import_run_begin(c, &job->run, e));
    }
    TRY(file_kinds[kind]->store(job, e));
    TRY(job_close(job, e));
    TRY(report_close(job->report, e));
    if (c->out != NULL && c->json) {
        report_print_json(job->report, c->out);
    } else if (c->out != NULL) {
        report_print(job->report, c->office->numfmt, c->out);
    }
    return report_verdict(job->report, job->file.path, e);
}

enum err_code run_import(struct command_ctx *c, struct err *e)
{
    enum mapping_kind kind = kind_of(c->command);
    struct import_report *report = c->report != NULL ? c->report : mem_alloc(sizeof *report);
    struct import_job *job = mem_alloc(file_kinds[kind]->size);
    enum err_code code = ERR_OK;
    if (report == NULL || job == NULL) {
        code = err_nomem(e);
    } else {
        *report = (struct import_report){0};
        job->c = c;
        job->report = report;
        job->run.lock = -1;
        arena_init(&job->arena, MAPPING_ARENA_MAX);
        code = job_run(job, kind, e);
        struct err ignored = ERR_INIT; /* after another error */
        (void)(report_close(report, &ignored) == ERR_OK);
        import_run_end(&job->run);
        import_file_close(&job->file);
        file_kinds[kind]->release(job);
        arena_release(&job->arena);
    }
    mem_free(job);
    if (report != c->report) {
        mem_free(report);
    }
    return code;
}
