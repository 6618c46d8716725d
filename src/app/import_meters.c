#include <config.h>

#include "app/import_meters.h"

#include <inttypes.h>
#include <string.h>

#include "app/import_meter_row.h"
#include "app/import_report.h"
#include "app/import_run.h"
#include "app/name_map.h"
#include "base/i18n.h"
#include "base/text.h"

/* A meter is some eight rows of tables, so that a batch of them holds the lock as briefly as a
 * full batch of readings. */
#define METERS_PER_BATCH 1024
#define LINES_BYTES_MAX ((size_t)8 << 20)
#define MAPPING_ARENA_MAX ((size_t)1 << 20)
#define PREVIEW_MAX 1000
#define PROGRESS_ROWS 4096

struct meter_import {
    struct command_ctx *c;
    struct arena arena; /* of the mapping */
    struct mapping mapping;
    struct import_file file;
    struct import_run run;
    struct import_report *report;
    uint64_t rows; /* in the whole file */
    /* the batch */
    struct arena lines_arena;
    struct meter_line *lines;
    size_t count;
    struct name_map *serials;  /* of the batch: serial -> line of it */
    struct name_map *accounts; /* made in the batch: number -> id */
    struct item_batch items;
    struct buf text;
};

static enum err_code meters_prepare(struct meter_import *im, struct err *e)
{
    struct command_ctx *c = im->c;
    struct hash hash;
    const char *name = arg_text(c, "mapping");
    TRY(mapping_load(c->office, name, MAPPING_METERS, &im->arena, &im->mapping, &hash, e));
    hash_hex(&hash, im->run.mapping_sha256);
    TRY(import_file_open(&im->file, arg_text(c, "file"), &im->mapping, c->progress, e));
    im->run.kind = MAPPING_METERS;
    im->run.mapping = name;
    im->run.file = &im->file;
    im->report->kind = MAPPING_METERS;
    im->report->file = im->file.name;
    im->report->mapping = name;
    im->lines = mem_array(METERS_PER_BATCH, sizeof *im->lines);
    im->serials = mem_alloc(sizeof *im->serials);
    im->accounts = mem_alloc(sizeof *im->accounts);
    if (im->lines == NULL || im->serials == NULL || im->accounts == NULL) {
        return err_nomem(e);
    }
    return items_init(&im->items, e);
}

static void meters_release(struct meter_import *im)
{
    import_run_end(&im->run);
    import_file_close(&im->file);
    items_release(&im->items);
    buf_release(&im->text);
    mem_free(im->lines);
    mem_free(im->serials);
    mem_free(im->accounts);
    arena_release(&im->lines_arena);
    arena_release(&im->arena);
}

/* ---- a batch ---- */

static int64_t account_made(void *ctx, const char *account)
{
    const struct meter_import *im = ctx;
    int64_t id = 0;
    return name_map_get(im->accounts, account, &id) ? id : 0;
}

/* Errors that are the row's fault, not ours or the machine's. */
static bool is_row_fault(enum err_code code)
{
    return code == ERR_PARSE || code == ERR_RANGE || code == ERR_NOT_FOUND ||
           code == ERR_EXISTS || code == ERR_STATE || code == ERR_USAGE;
}

static enum err_code line_refuse(struct meter_import *im, struct meter_line *l,
                                 const struct refused *why, struct err *e)
{
    l->verdict = METER_REFUSED;
    if (l->why == NULL) {
        l->why = ARENA_NEW(&im->lines_arena, struct refused);
    }
    if (l->why == NULL) {
        return err_nomem(e);
    }
    *l->why = *why;
    return ERR_OK;
}

/* Is the meter there already, in the tables or in a row of this batch? */
static enum err_code line_compare(struct meter_import *im, struct meter_line *l, bool *fresh,
                                  struct err *e)
{
    struct meter_row m;
    struct refused why;
    const char *serial = l->field[FIELD_SERIAL];
    int64_t before = 0;
    bool found = false;
    *fresh = false;
    l->verdict = METER_STORED;
    TRY(meter_by_serial(im->c->office, serial, &m, &found, e));
    if (found) {
        return meter_line_is(l, &m, &why) ? ERR_OK : line_refuse(im, l, &why, e);
    }
    if (name_map_get(im->serials, serial, &before)) {
        if (meter_line_same(l, &im->lines[before])) {
            return ERR_OK;
        }
        (void)refuse(&why, REFUSE_BAD_METER, _("field serial: line %llu says otherwise of %s"),
                     (unsigned long long)im->lines[before].line, serial);
        return line_refuse(im, l, &why, e);
    }
    *fresh = true;
    return ERR_OK;
}

/* Make the item of a new meter. A row that is refused leaves no trace in ids or draft. */
static enum err_code line_install(struct meter_import *im, struct draft *d, size_t at,
                                  struct meter_ids *ids, struct err *e)
{
    struct meter_line *l = &im->lines[at];
    struct new_meter m = meter_line_new(l);
    struct meter_ids before = *ids;
    struct kept_value *values = d->values;
    struct err why = ERR_INIT;
    struct refused refused;
    struct json *o = json_new_object(im->c->arena);
    if (o == NULL) {
        return err_nomem(e);
    }
    enum err_code code = meter_data(im->c, d, &m, ids, account_made, im, o, &why);
    if (code != ERR_OK) {
        *ids = before;
        d->values = values;
        if (!is_row_fault(code)) {
            return err_set(e, code, "%s", why.text);
        }
        (void)refuse(&refused, REFUSE_BAD_METER, "%s", why.text);
        return line_refuse(im, l, &refused, e);
    }
    l->verdict = METER_NEW;
    name_map_put(im->serials, m.serial, (int64_t)at);
    if (ids->account != before.account) {
        name_map_put(im->accounts, m.account, before.account);
    }
    buf_clear(&im->text);
    TRY(json_write_jcs(o, &im->text, e));
    TRY(buf_status(&im->text, _("meter"), e));
    return items_add(&im->items, im->text.data, im->text.len, e);
}

static enum err_code lines_install(struct meter_import *im, struct draft *d,
                                   struct meter_ids *ids, struct err *e)
{
    name_map_clear(im->serials);
    name_map_clear(im->accounts);
    items_clear(&im->items);
    for (size_t i = 0; i < im->count; i++) {
        bool fresh = false;
        TRY(line_compare(im, &im->lines[i], &fresh, e));
        if (fresh) {
            TRY(line_install(im, d, i, ids, e));
        }
    }
    return ERR_OK;
}

/* "accounts":[first, count], so that the run can be taken back. */
static enum err_code data_range(struct command_ctx *c, struct json *o, const char *name,
                                int64_t first, int64_t end, struct err *e)
{
    struct json *range = json_new_array(c->arena);
    return range != NULL && json_push(c->arena, range, json_new_int(c->arena, first)) &&
                   json_push(c->arena, range, json_new_int(c->arena, end - first)) &&
                   json_set(c->arena, o, name, range)
               ? ERR_OK
               : err_nomem(e);
}

static enum err_code build_batch(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct meter_import *im = c->report;
    struct meter_ids ids;
    struct meter_ids first;
    struct hash root;
    char hex[65];
    if (im->run.id != 0) {
        TRY(import_run_is_open(c, &im->run, e));
    }
    TRY(meter_ids_next(c, &ids, e));
    first = ids;
    TRY(import_run_draft(c, d, &im->run, "batch", e));
    TRY(lines_install(im, d, &ids, e));
    if (im->items.count == 0) {
        return ERR_OK; /* lines_store does not record it */
    }
    TRY(items_finish(&im->items, &root, e));
    hash_hex(&root, hex);
    d->items = &im->items;
    TRY(data_int(c, d->data, "batch", im->run.batches + 1, e));
    TRY(data_int(c, d->data, "first", first.meter, e));
    TRY(data_int(c, d->data, "count", im->items.count, e));
    TRY(data_range(c, d->data, "accounts", first.account, ids.account, e));
    TRY(data_range(c, d->data, "customers", first.customer, ids.customer, e));
    TRY(data_range(c, d->data, "points", first.point, ids.point, e));
    return data_text(c, d->data, "root", hex, e);
}

/* Go through the batch without recording, to know whether there is anything new in it. */
static enum err_code lines_survey(struct meter_import *im, struct err *e)
{
    struct draft d = {.actor = im->c->session->actor, .date = im->c->date};
    arena_reset(im->c->arena);
    return build_batch(im->c, &d, e);
}

static void lines_report(struct meter_import *im)
{
    for (size_t i = 0; i < im->count; i++) {
        const struct meter_line *l = &im->lines[i];
        if (l->verdict == METER_REFUSED) {
            report_refused(im->report, l->line, l->field[FIELD_SERIAL], l->why);
        } else if (l->verdict == METER_STORED) {
            im->report->already++;
        } else {
            im->report->stored.accepted++;
        }
    }
}

static enum err_code lines_record(struct meter_import *im, struct err *e)
{
    struct ticket t;
    TRY(lines_survey(im, e));
    if (im->items.count == 0) {
        return ERR_OK;
    }
    TRY(import_run_open(im->c, &im->run, e));
    TRY(act_user(im->c, build_batch, &t, e));
    im->run.batches++;
    return ERR_OK;
}

static enum err_code lines_store(struct meter_import *im, struct err *e)
{
    void *report = im->c->report;
    im->c->report = im;
    enum err_code code = im->count > 0 ? lines_record(im, e) : ERR_OK;
    im->c->report = report;
    TRY(code);
    lines_report(im);
    im->count = 0;
    arena_reset(&im->lines_arena);
    return ERR_OK;
}

/* ---- the file ---- */

static enum err_code cancelled(struct err *e, const struct meter_import *im)
{
    return im->run.id == 0
               ? err_set(e, ERR_CANCELLED, _("stopped; nothing was recorded"))
               : err_set(e, ERR_CANCELLED,
                         _("stopped; import %" PRId64 " is open: import the same file again to "
                           "go on, or: aforo import discard %" PRId64),
                         im->run.id, im->run.id);
}

/* Read the whole file once before anything is recorded: a file that is cut leaves nothing
 * behind. */
static enum err_code file_scan(struct meter_import *im, struct err *e)
{
    struct csv_row row;
    bool eof = false;
    uint64_t done = 0;
    uint64_t size = 0;
    for (;; im->rows++) {
        TRY(import_file_next(&im->file, &row, &eof, e));
        if (eof) {
            break;
        }
        if (im->rows % PROGRESS_ROWS == 0) {
            csv_progress(im->file.csv, &done, &size);
            if (!progress_step(im->c->progress, _("reading"), done, size)) {
                return cancelled(e, im);
            }
        }
    }
    if (im->rows == 0) {
        return err_set(e, ERR_PARSE,
                       _("%s holds no rows under its heading; nothing was recorded"),
                       im->file.path);
    }
    TRY(import_file_unchanged(&im->file, e));
    return import_file_restart(&im->file, &im->mapping, e);
}

static enum err_code line_take(struct meter_import *im, const struct csv_row *row,
                               struct err *e)
{
    struct refused why;
    bool sound = false;
    struct meter_line *l = &im->lines[im->count];
    im->report->rows++;
    TRY(meter_line_read(&im->file.reader, row, &im->lines_arena, l, &sound, &why, e));
    if (!sound) {
        const char *serial = l->field[FIELD_SERIAL];
        report_refused(im->report, row->line, serial != NULL ? serial : "", &why);
        return ERR_OK;
    }
    im->count++;
    return ERR_OK;
}

static enum err_code file_store(struct meter_import *im, struct err *e)
{
    struct csv_row row;
    bool eof = false;
    while (!eof) {
        TRY(import_file_next(&im->file, &row, &eof, e));
        if (!eof) {
            TRY(line_take(im, &row, e));
        }
        if (eof || im->count == METERS_PER_BATCH ||
            im->lines_arena.used_bytes > LINES_BYTES_MAX / 2) {
            TRY(lines_store(im, e));
            if (!progress_step(im->c->progress, _("storing"), im->report->rows, im->rows)) {
                return cancelled(e, im);
            }
        }
    }
    return import_file_unchanged(&im->file, e);
}

static enum err_code build_close(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct meter_import *im = c->report;
    TRY(import_run_is_open(c, &im->run, e));
    TRY(import_run_draft(c, d, &im->run, "closed", e));
    TRY(data_int(c, d->data, "batches", im->run.batches, e));
    return report_data(im->report, c->arena, d->data, e);
}

static enum err_code meters_close(struct meter_import *im, struct err *e)
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

/* ---- preview ---- */

static void preview_line(const struct meter_import *im, const struct meter_line *l,
                         struct buf *out)
{
    bool json = im->c->json;
    buf_addf(out, json ? "{\"line\":%llu" : _("line %llu:"), (unsigned long long)l->line);
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        if (l->field[f] == NULL) {
            continue;
        }
        buf_addf(out, json ? ",\"%s\":" : " %s ", field_name((enum field)f));
        if (json) {
            json_add_string(out, l->field[f], strlen(l->field[f]));
        } else {
            buf_addc(out, '"');
            text_sanitize(l->field[f], strlen(l->field[f]), out);
            buf_addc(out, '"');
        }
    }
    buf_adds(out, json ? "}" : "\n");
}

static enum err_code meters_preview(struct meter_import *im, int64_t rows, struct err *e)
{
    struct csv_row row;
    struct refused why;
    bool eof = false;
    bool sound = false;
    struct buf none;
    buf_init(&none, (size_t)8 << 20);
    struct buf *out = im->c->out != NULL ? im->c->out : &none;
    enum err_code code = ERR_OK;
    buf_adds(out, im->c->json ? "[" : "");
    for (int64_t i = 0; code == ERR_OK && i < rows; i++) {
        code = import_file_next(&im->file, &row, &eof, e);
        if (code != ERR_OK || eof) {
            break;
        }
        arena_reset(&im->lines_arena);
        code = meter_line_read(&im->file.reader, &row, &im->lines_arena, &im->lines[0], &sound,
                               &why, e);
        if (im->c->json && i > 0) {
            buf_addc(out, ',');
        }
        if (code == ERR_OK && sound) {
            preview_line(im, &im->lines[0], out);
        } else if (code == ERR_OK) {
            report_preview_refused(row.line, &why, im->c->json, out);
        }
    }
    buf_adds(out, im->c->json ? "]\n" : "");
    buf_release(&none);
    return code;
}

/* ---- the whole ---- */

static enum err_code meters_run(struct meter_import *im, struct err *e)
{
    struct command_ctx *c = im->c;
    TRY(meters_prepare(im, e));
    const struct arg *preview = arg_get(c, "preview");
    if (preview->given) {
        if (preview->integer < 1 || preview->integer > PREVIEW_MAX) {
            return err_set(e, ERR_USAGE, _("--preview takes 1 to %d rows"), PREVIEW_MAX);
        }
        return meters_preview(im, preview->integer, e);
    }
    TRY(report_open(im->report, arg_text(c, "report"), im->file.path, e));
    TRY(import_run_begin(c, &im->run, e));
    TRY(file_scan(im, e));
    TRY(file_store(im, e));
    TRY(meters_close(im, e));
    TRY(report_close(im->report, e));
    if (c->out != NULL && c->json) {
        report_print_json(im->report, c->out);
    } else if (c->out != NULL) {
        report_print(im->report, c->office->numfmt, c->out);
    }
    return report_verdict(im->report, im->file.path, e);
}

enum err_code run_import_meters(struct command_ctx *c, struct err *e)
{
    struct import_report *report = c->report != NULL ? c->report : mem_alloc(sizeof *report);
    struct meter_import *im = mem_alloc(sizeof *im);
    enum err_code code = ERR_OK;
    if (report == NULL || im == NULL) {
        code = err_nomem(e);
    } else {
        *report = (struct import_report){0};
        im->c = c;
        im->report = report;
        im->run.lock = -1;
        arena_init(&im->arena, MAPPING_ARENA_MAX);
        arena_init(&im->lines_arena, LINES_BYTES_MAX);
        buf_init(&im->text, ITEM_MAX_BYTES);
        code = meters_run(im, e);
        struct err ignored = ERR_INIT; /* after another error */
        (void)(report_close(report, &ignored) == ERR_OK);
        meters_release(im);
    }
    mem_free(im);
    if (report != c->report) {
        mem_free(report);
    }
    return code;
}
