#include <config.h>

#include "app/import_readings.h"

#include <inttypes.h>
#include <string.h>

#include "app/import_batch.h"
#include "app/import_lookup.h"
#include "base/arena.h"
#include "base/i18n.h"

#define MAPPING_ARENA_MAX ((size_t)1 << 20)
#define PROGRESS_ROWS 4096
#define PREVIEW_MAX 1000

/* All that one import holds. */
struct reading_import {
    struct command_ctx *c;
    struct arena arena; /* of the mapping */
    struct mapping mapping;
    struct import_file file;
    struct import_run run;
    struct import_report *report;
    struct zone *zone; /* of the mapping; NULL: the office's */
    struct local_clock *clock;
    struct register_lookup *lookup;
    char *temp_dir;
    struct sorter *sorter;
    struct raw_store *raws;
    struct chunker chunk;
    struct batcher batch;
    int64_t newest_utc;
    bool any_row;
};

/* ---- setting up ---- */

static enum err_code import_prepare(struct reading_import *im, struct err *e)
{
    struct command_ctx *c = im->c;
    struct hash hash;
    const char *name = arg_text(c, "mapping");
    TRY(mapping_load(c->office, name, MAPPING_READINGS, &im->arena, &im->mapping, &hash, e));
    hash_hex(&hash, im->run.mapping_sha256);
    if (im->mapping.zone != NULL) {
        TRY(zone_load(im->mapping.zone, &im->zone, e));
    }
    TRY(import_file_open(&im->file, arg_text(c, "file"), &im->mapping, c->progress, e));
    im->run.kind = MAPPING_READINGS;
    im->run.mapping = name;
    im->run.file = &im->file;
    im->report->kind = MAPPING_READINGS;
    im->report->file = im->file.name;
    im->report->mapping = name;
    im->clock = mem_alloc(sizeof *im->clock);
    im->temp_dir = office_path(c->office, "state");
    if (im->clock == NULL || im->temp_dir == NULL) {
        return err_nomem(e);
    }
    local_clock_init(im->clock, im->zone != NULL ? im->zone : c->office->zone);
    return register_lookup_new(c->office, &im->lookup, e);
}

static void import_release(struct reading_import *im)
{
    import_run_end(&im->run);
    import_file_close(&im->file);
    batcher_release(&im->batch);
    chunker_release(&im->chunk);
    sorter_free(im->sorter);
    raw_store_free(im->raws);
    register_lookup_free(im->lookup);
    mem_free(im->clock);
    mem_free(im->temp_dir);
    zone_free(im->zone);
    arena_release(&im->arena);
}

/* ---- first pass: the file's rows, read and sorted ---- */

/* Read one row and find its register and instant; *k is NULL when it was refused. */
static enum err_code row_understand(struct reading_import *im, const struct csv_row *row,
                                    struct read_row *r, struct sort_row *out,
                                    const struct known_register **k, struct refused *why,
                                    struct err *e)
{
    int64_t second = 0;
    int64_t first = 0;
    *k = NULL;
    r->serial[0] = '\0';
    if (!row_reading(&im->file.reader, row, r, why)) {
        return ERR_OK;
    }
    enum local_kind kind = local_resolve(im->clock, r->local, &first, &second);
    if (kind == LOCAL_NONEXISTENT) {
        im->report->skipped_hour++;
        (void)refuse(why, REFUSE_SKIPPED_HOUR,
                     _("field time: the clock change skips this hour in %s; the time does not "
                       "exist"),
                     zone_name(im->clock->zone));
        return ERR_OK;
    }
    TRY(register_lookup_row(im->lookup, r, im->mapping.unit, k, why, e));
    if (*k == NULL) {
        return ERR_OK;
    }
    if (row->line > UINT32_MAX || (*k)->reg > UINT32_MAX) {
        return err_set(e, ERR_LIMIT,
                       _("%s: line %llu: a file of so many lines must be cut into "
                         "parts"),
                       im->file.path, (unsigned long long)row->line);
    }
    im->newest_utc = !im->any_row || first > im->newest_utc ? first : im->newest_utc;
    im->any_row = true;
    *out = (struct sort_row){.reg = (uint32_t)(*k)->reg,
                             .line = (uint32_t)row->line,
                             .local = r->local,
                             .value = r->value};
    out->flags = (r->exponent ? SORT_FLAG_EXPONENT : 0) |
                 (kind == LOCAL_AMBIGUOUS ? SORT_FLAG_AMBIGUOUS : 0);
    return ERR_OK;
}

static enum err_code row_take(struct reading_import *im, const struct csv_row *row,
                              struct err *e)
{
    struct read_row r;
    struct sort_row s;
    struct refused why;
    const struct known_register *k = NULL;
    im->report->rows++;
    TRY(row_understand(im, row, &r, &s, &k, &why, e));
    if (k == NULL) {
        report_refused(im->report, row->line, r.serial, &why);
        return ERR_OK;
    }
    if (!r.plain) {
        TRY(raw_store_put(im->raws, r.raw.data, r.raw.len, &s.raw, e));
    }
    return sorter_add(im->sorter, &s, e);
}

static enum err_code cancelled(struct err *e, const struct reading_import *im)
{
    return im->run.id == 0
               ? err_set(e, ERR_CANCELLED, _("stopped; nothing was recorded"))
               : err_set(e, ERR_CANCELLED,
                         _("stopped; import %" PRId64 " is open: import the same file again to "
                           "go on, or: aforo import discard %" PRId64),
                         im->run.id, im->run.id);
}

static enum err_code file_take(struct reading_import *im, struct err *e)
{
    struct csv_row row;
    bool eof = false;
    uint64_t done = 0;
    uint64_t size = 0;
    TRY(sorter_new(im->temp_dir, SORT_CHUNK_ROWS, &im->sorter, e));
    TRY(raw_store_new(im->temp_dir, &im->raws, e));
    for (;;) {
        TRY(import_file_next(&im->file, &row, &eof, e));
        if (eof) {
            break;
        }
        TRY(row_take(im, &row, e));
        if (im->report->rows % PROGRESS_ROWS == 0) {
            csv_progress(im->file.csv, &done, &size);
            if (!progress_step(im->c->progress, _("reading"), done, size)) {
                return cancelled(e, im);
            }
        }
    }
    if (im->report->rows == 0) {
        return err_set(e, ERR_PARSE,
                       _("%s holds no rows under its heading; nothing was "
                         "recorded"),
                       im->file.path);
    }
    TRY(import_file_unchanged(&im->file, e));
    import_file_close(&im->file);
    return sorter_finish(im->sorter, e);
}

/* ---- preview ---- */

static void preview_row(const struct reading_import *im, const struct csv_row *row,
                        const struct read_row *r, const struct sort_row *s, int64_t utc,
                        struct buf *out)
{
    struct buf value;
    buf_init(&value, 64);
    quantity_print(r->value, im->mapping.unit, 0, &value);
    if (im->c->json) {
        buf_addf(out, "{\"line\":%llu,\"serial\":", (unsigned long long)row->line);
        json_add_string(out, r->serial, strlen(r->serial));
        buf_adds(out, ",\"local\":\"");
        civil_print(civil_from_secs(s->local), out);
        buf_adds(out, "\",\"utc\":\"");
        time_print_utc(utc * 1000, out);
        buf_addf(out, "\",\"value\":\"%s\",\"unit\":\"%s\"}", buf_str(&value),
                 im->mapping.unit->symbol);
    } else {
        buf_addf(out, _("line %llu: meter %s, "), (unsigned long long)row->line, r->serial);
        civil_print(civil_from_secs(s->local), out);
        buf_adds(out, " (");
        time_print_utc(utc * 1000, out);
        buf_addf(out, "), %s %s\n", buf_str(&value), im->mapping.unit->pretty);
    }
    buf_release(&value);
}

/* Show the first rows as they would be read; nothing is written anywhere. */
static enum err_code import_preview(struct reading_import *im, int64_t rows, struct err *e)
{
    struct csv_row row;
    struct read_row r;
    struct sort_row s;
    struct refused why;
    const struct known_register *k = NULL;
    bool eof = false;
    struct buf none;
    buf_init(&none, (size_t)8 << 20);
    struct buf *out = im->c->out != NULL ? im->c->out : &none;
    enum err_code code = ERR_OK;
    if (im->c->json) {
        buf_addc(out, '[');
    }
    for (int64_t i = 0; code == ERR_OK && i < rows; i++) {
        int64_t first = 0;
        int64_t second = 0;
        code = import_file_next(&im->file, &row, &eof, e);
        if (code != ERR_OK || eof) {
            break;
        }
        code = row_understand(im, &row, &r, &s, &k, &why, e);
        if (im->c->json && i > 0) {
            buf_addc(out, ',');
        }
        if (code == ERR_OK && k != NULL) {
            (void)local_resolve(im->clock, s.local, &first, &second);
            preview_row(im, &row, &r, &s, first, out);
        } else if (code == ERR_OK) {
            report_preview_refused(row.line, &why, im->c->json, out);
        }
    }
    buf_adds(out, im->c->json ? "]\n" : "");
    buf_release(&none);
    return code;
}

/* ---- second pass ---- */

static enum err_code row_crowded(void *ctx, const struct sort_row *row, struct err *e)
{
    struct reading_import *im = ctx;
    struct refused why;
    char serial[SERIAL_MAX + 1];
    TRY(register_serial(im->c->office, row->reg, serial, e));
    (void)refuse(&why, REFUSE_CROWDED,
                 _("field time: more than %d rows of meter %s have this time"), CROWD_MAX,
                 serial);
    report_refused(im->report, row->line, serial, &why);
    return ERR_OK;
}

/* From when a reading is too old or in the future. A run that is taken up again keeps what it
 * began with. */
static enum err_code as_of(struct reading_import *im, int64_t *utc, struct err *e)
{
    const struct command_ctx *c = im->c;
    const struct arg *a = arg_get(c, "as-of");
    int64_t now = env_wall_ms(c->office->env) / 1000;
    int64_t second = 0;
    *utc = im->mapping.as_of == AS_OF_NEWEST && im->newest_utc < now ? im->newest_utc : now;
    if (a->given && zone_resolve(c->office->zone, a->time, utc, &second) == LOCAL_NONEXISTENT) {
        return err_set(e, ERR_USAGE, _("--as-of %s: the clock change skips this time"),
                       a->text);
    }
    if (im->run.resumed) {
        *utc = im->run.as_of_utc;
    }
    im->run.as_of_utc = *utc;
    return ERR_OK;
}

static enum err_code build_close(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct reading_import *im = c->report;
    TRY(import_run_is_open(c, &im->run, e));
    TRY(import_run_draft(c, d, &im->run, "closed", e));
    TRY(data_int(c, d->data, "batches", im->run.batches, e));
    return report_data(im->report, c->arena, d->data, e);
}

static enum err_code import_close(struct reading_import *im, struct err *e)
{
    struct ticket t;
    void *report = im->c->report;
    if (im->run.id == 0) {
        return ERR_OK;
    }
    im->report->run = im->run.id;
    im->report->resumed = im->run.resumed;
    im->c->result_id = im->run.id;
    im->c->report = im;
    enum err_code code = act_user(im->c, build_close, &t, e);
    im->c->report = report;
    return code;
}

static enum err_code import_store(struct reading_import *im, struct err *e)
{
    bool end = false;
    uint64_t done = 0;
    uint64_t total = sorter_count(im->sorter);
    im->chunk.office = im->c->office;
    im->chunk.sorter = im->sorter;
    im->chunk.clock = im->clock;
    im->chunk.facts = &im->report->facts;
    im->chunk.crowded = row_crowded;
    im->chunk.ctx = im;
    im->batch.c = im->c;
    im->batch.chunk = &im->chunk;
    im->batch.run = &im->run;
    im->batch.raws = im->raws;
    im->batch.report = im->report;
    im->batch.as_of_utc = im->run.as_of_utc;
    im->batch.listing = im->report->list != NULL;
    TRY(chunker_init(&im->chunk, e));
    TRY(batcher_init(&im->batch, e));
    for (;;) {
        TRY(chunker_next(&im->chunk, &end, e));
        if (end) {
            break;
        }
        im->report->already += im->chunk.count - im->chunk.fresh;
        if (im->chunk.fresh > 0) {
            TRY(batcher_store(&im->batch, e));
        }
        done += im->chunk.count;
        if (!progress_step(im->c->progress, _("storing"), done, total)) {
            return cancelled(e, im);
        }
    }
    return import_close(im, e);
}

/* ---- the whole ---- */

static enum err_code import_run(struct reading_import *im, struct err *e)
{
    struct command_ctx *c = im->c;
    TRY(import_prepare(im, e));
    const struct arg *preview = arg_get(c, "preview");
    if (preview->given) {
        if (preview->integer < 1 || preview->integer > PREVIEW_MAX) {
            return err_set(e, ERR_USAGE, _("--preview takes 1 to %d rows"), PREVIEW_MAX);
        }
        return import_preview(im, preview->integer, e);
    }
    TRY(report_open(im->report, arg_text(c, "report"), im->file.path, e));
    TRY(import_run_begin(c, &im->run, e));
    TRY(file_take(im, e));
    TRY(as_of(im, &im->run.as_of_utc, e));
    TRY(import_store(im, e));
    TRY(report_close(im->report, e));
    if (c->out != NULL && c->json) {
        report_print_json(im->report, c->out);
    } else if (c->out != NULL) {
        report_print(im->report, c->office->numfmt, c->out);
    }
    return report_verdict(im->report, im->file.path, e);
}

enum err_code run_import_readings(struct command_ctx *c, struct err *e)
{
    struct import_report *report = c->report != NULL ? c->report : mem_alloc(sizeof *report);
    struct reading_import *im = mem_alloc(sizeof *im);
    enum err_code code = ERR_OK;
    if (report == NULL || im == NULL) {
        code = err_nomem(e);
    } else {
        *report = (struct import_report){0};
        im->c = c;
        im->report = report;
        im->run.lock = -1;
        arena_init(&im->arena, MAPPING_ARENA_MAX);
        code = import_run(im, e);
        struct err ignored = ERR_INIT; /* after another error */
        (void)(report_close(report, &ignored) == ERR_OK);
        import_release(im);
    }
    mem_free(im);
    if (report != c->report) {
        mem_free(report);
    }
    return code;
}
