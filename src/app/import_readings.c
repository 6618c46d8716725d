/* Importing a file of readings: read and sorted first, then judged in order of time and stored
 * in batches. Memory is bounded whatever the file's size. */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "app/import_batch.h"
#include "app/import_exchange.h"
#include "app/import_job.h"
#include "app/import_lookup.h"
#include "base/i18n.h"

/* All that one import holds. */
struct reading_import {
    struct import_job job;
    struct zone *zone; /* of the mapping; NULL: the office's */
    struct local_clock *clock;
    struct register_lookup *lookup;
    char *temp_dir;
    struct sorter *sorter;
    struct raw_store *raws;
    struct exchange_finder finder;
    struct chunker chunk;
    struct batcher batch;
    int64_t newest_utc;
    bool any_row;
};

/* ---- setting up ---- */

static struct reading_import *of_job(struct import_job *job)
{
    return (struct reading_import *)job;
}

static enum err_code readings_prepare(struct import_job *job, struct err *e)
{
    struct reading_import *im = of_job(job);
    struct office *o = job->c->office;
    if (job->mapping.zone != NULL) {
        TRY(zone_load(job->mapping.zone, &im->zone, e));
    }
    im->clock = mem_alloc(sizeof *im->clock);
    im->temp_dir = office_path(o, "state");
    if (im->clock == NULL || im->temp_dir == NULL) {
        return err_nomem(e);
    }
    local_clock_init(im->clock, im->zone != NULL ? im->zone : o->zone);
    return register_lookup_new(o, &im->lookup, e);
}

static void readings_release(struct import_job *job)
{
    struct reading_import *im = of_job(job);
    batcher_release(&im->batch);
    chunker_release(&im->chunk);
    sorter_free(im->sorter);
    raw_store_free(im->raws);
    register_lookup_free(im->lookup);
    mem_free(im->clock);
    mem_free(im->temp_dir);
    zone_free(im->zone);
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
    r->skipped = false;
    if (!row_reading(&im->job.file.reader, row, r, why) || r->skipped) {
        return ERR_OK;
    }
    enum local_kind kind = local_resolve(im->clock, r->local, &first, &second);
    if (kind == LOCAL_NONEXISTENT) {
        im->job.report->skipped_hour++;
        (void)refuse(why, REFUSE_SKIPPED_HOUR,
                     _("field time: the clock change skips this hour in %s; the time does not "
                       "exist"),
                     zone_name(im->clock->zone));
        return ERR_OK;
    }
    TRY(register_lookup_row(im->lookup, r, im->job.mapping.unit, k, why, e));
    if (*k == NULL) {
        return ERR_OK;
    }
    if (row->line > UINT32_MAX || (*k)->reg > UINT32_MAX) {
        return err_set(e, ERR_LIMIT,
                       _("%s: line %llu: a file of so many lines must be cut into "
                         "parts"),
                       im->job.file.path, (unsigned long long)row->line);
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
    im->job.report->rows++;
    TRY(row_understand(im, row, &r, &s, &k, &why, e));
    if (r.skipped) {
        im->job.report->skipped++;
        return ERR_OK;
    }
    if (k == NULL) {
        report_refused(im->job.report, row->line, r.serial, &why);
        return ERR_OK;
    }
    if (!r.plain) {
        TRY(raw_store_put(im->raws, r.raw.data, r.raw.len, &s.raw, e));
    }
    return sorter_add(im->sorter, &s, e);
}

static enum err_code file_take(struct reading_import *im, struct err *e)
{
    struct csv_row row;
    bool eof = false;
    TRY(sorter_new(im->temp_dir, SORT_CHUNK_ROWS, &im->sorter, e));
    TRY(raw_store_new(im->temp_dir, &im->raws, e));
    for (;;) {
        TRY(import_file_next(&im->job.file, &row, &eof, e));
        if (eof) {
            break;
        }
        TRY(row_take(im, &row, e));
        TRY(job_reading(&im->job, im->job.report->rows, e));
    }
    TRY(job_read_all(&im->job, im->job.report->rows, e));
    import_file_close(&im->job.file);
    return sorter_finish(im->sorter, e);
}

/* ---- preview ---- */

static void row_show(const struct reading_import *im, const struct csv_row *row,
                     const struct read_row *r, const struct sort_row *s, int64_t utc,
                     struct buf *out)
{
    struct buf value;
    buf_init(&value, 64);
    quantity_print(r->value, im->job.mapping.unit, 0, &value);
    if (im->job.c->json) {
        buf_addf(out, "{\"line\":%llu,\"serial\":", (unsigned long long)row->line);
        json_add_string(out, r->serial, strlen(r->serial));
        buf_adds(out, ",\"local\":\"");
        civil_print(civil_from_secs(s->local), out);
        buf_adds(out, "\",\"utc\":\"");
        time_print_utc(utc * 1000, out);
        buf_addf(out, "\",\"value\":\"%s\",\"unit\":\"%s\"}", buf_str(&value),
                 im->job.mapping.unit->symbol);
    } else {
        buf_addf(out, _("line %llu: meter %s, "), (unsigned long long)row->line, r->serial);
        numfmt_clock(im->job.c->office->numfmt, civil_from_secs(s->local), out);
        buf_adds(out, " (");
        time_print_utc(utc * 1000, out);
        buf_adds(out, "), ");
        numfmt_number(im->job.c->office->numfmt, buf_str(&value), out);
        buf_addf(out, " %s\n", im->job.mapping.unit->pretty);
    }
    buf_release(&value);
}

static enum err_code readings_show(struct import_job *job, const struct csv_row *row,
                                   struct buf *out, bool *sound, struct refused *why,
                                   struct err *e)
{
    struct reading_import *im = of_job(job);
    struct read_row r;
    struct sort_row s;
    const struct known_register *k = NULL;
    int64_t first = 0;
    int64_t second = 0;
    TRY(row_understand(im, row, &r, &s, &k, why, e));
    *sound = k != NULL || r.skipped;
    if (r.skipped) {
        buf_addf(out,
                 job->c->json ? "{\"line\":%llu,\"skipped\":true}"
                              : _("line %llu: not read, as the reader says\n"),
                 (unsigned long long)row->line);
    } else if (k != NULL) {
        (void)local_resolve(im->clock, s.local, &first, &second);
        row_show(im, row, &r, &s, first, out);
    }
    return ERR_OK;
}

/* ---- second pass ---- */

static enum err_code row_crowded(void *ctx, const struct sort_row *row, struct err *e)
{
    struct reading_import *im = ctx;
    struct refused why;
    char serial[SERIAL_MAX + 1];
    TRY(register_serial(im->job.c->office, row->reg, serial, e));
    (void)refuse(&why, REFUSE_CROWDED,
                 _("field time: more than %d rows of meter %s have this time"), CROWD_MAX,
                 serial);
    report_refused(im->job.report, row->line, serial, &why);
    return ERR_OK;
}

/* A step that looks like an exchange and is not taken as one. */
static enum err_code exchange_tell(void *ctx, const struct exchange *x, struct err *e)
{
    struct reading_import *im = ctx;
    struct import_report *r = im->job.report;
    bool rollover = false;
    TRY(exchange_is_rollover(im->job.c->office, x, &rollover, e));
    if (rollover || r->exchanges++ >= REPORT_EXCHANGES) {
        return ERR_OK;
    }
    struct exchange_told *t = &r->exchange[r->exchanges - 1];
    *t = (struct exchange_told){.line = x->after.line,
                                .before_local = x->before.local,
                                .after_local = x->after.local,
                                .before = x->before.value,
                                .after = x->after.value,
                                .unit = im->job.mapping.unit};
    return register_serial(im->job.c->office, x->before.reg, t->serial, e);
}

/* Exchanges are recorded first, and the rows go to the meters that stood there; those that a
 * file brought before are followed without being asked for. */
static enum err_code exchanges_apply(struct reading_import *im, struct err *e)
{
    struct sorter *mapped = NULL;
    bool take = arg_flag(im->job.c, "exchanges") && !im->job.dry;
    bool known = false;
    TRY(take ? ERR_OK : exchanges_known(im->job.c->office, &known, e));
    if (!take && !known) {
        return ERR_OK;
    }
    enum err_code code = sorter_new(im->temp_dir, SORT_CHUNK_ROWS, &mapped, e);
    if (code == ERR_OK) {
        code = exchanges_take(im->job.c, im->clock, take ? &im->job.run : NULL, im->sorter,
                              mapped, &im->job.report->exchanges_taken, e);
    }
    if (code == ERR_OK) {
        code = sorter_finish(mapped, e);
    }
    if (code == ERR_OK) {
        sorter_free(im->sorter);
        im->sorter = mapped;
    } else {
        sorter_free(mapped);
    }
    return code;
}

/* From when a reading is too old or in the future. A run that is taken up again keeps what it
 * began with. */
static enum err_code as_of(struct reading_import *im, struct err *e)
{
    const struct command_ctx *c = im->job.c;
    const struct arg *a = arg_get(c, "as-of");
    int64_t now = env_wall_ms(c->office->env) / 1000;
    int64_t utc =
        im->job.mapping.as_of == AS_OF_NEWEST && im->newest_utc < now ? im->newest_utc : now;
    int64_t second = 0;
    if (a->given &&
        zone_resolve(c->office->zone, a->time, &utc, &second) == LOCAL_NONEXISTENT) {
        return err_set(e, ERR_USAGE, _("--as-of %s: the clock change skips this time"),
                       a->text);
    }
    if (!im->job.run.resumed) {
        im->job.run.as_of_utc = utc;
    }
    return ERR_OK;
}

static enum err_code rows_store(struct reading_import *im, struct err *e)
{
    bool end = false;
    uint64_t done = 0;
    uint64_t total = sorter_count(im->sorter);
    im->chunk.office = im->job.c->office;
    im->chunk.sorter = im->sorter;
    im->chunk.clock = im->clock;
    im->chunk.facts = &im->job.report->facts;
    im->chunk.finder = &im->finder;
    im->finder.found = exchange_tell;
    im->finder.ctx = im;
    im->chunk.crowded = row_crowded;
    im->chunk.ctx = im;
    im->batch.c = im->job.c;
    im->batch.chunk = &im->chunk;
    im->batch.run = &im->job.run;
    im->batch.raws = im->raws;
    im->batch.report = im->job.report;
    im->batch.as_of_utc = im->job.run.as_of_utc;
    im->batch.dry = im->job.dry;
    im->batch.each = im->job.mapping.as_of == AS_OF_EACH;
    im->batch.listing = im->job.report->list != NULL;
    TRY(chunker_init(&im->chunk, e));
    TRY(batcher_init(&im->batch, e));
    for (;;) {
        TRY(chunker_next(&im->chunk, &end, e));
        if (end) {
            break;
        }
        im->job.report->already += im->chunk.count - im->chunk.fresh;
        if (im->chunk.fresh > 0) {
            TRY(batcher_store(&im->batch, e));
        }
        done += im->chunk.count;
        TRY(job_storing(&im->job, done, total, e));
    }
    return ERR_OK;
}

static enum err_code readings_store(struct import_job *job, struct err *e)
{
    struct reading_import *im = of_job(job);
    TRY(file_take(im, e));
    TRY(as_of(im, e));
    TRY(exchanges_apply(im, e));
    return rows_store(im, e);
}

const struct import_kind import_readings_kind = {sizeof(struct reading_import),
                                                 readings_prepare, readings_show,
                                                 readings_store, readings_release};
