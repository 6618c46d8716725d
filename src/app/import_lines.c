#include <config.h>

#include "app/import_lines.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"

#define LINES_BYTES_MAX ((size_t)8 << 20)
#define KEY_MAX 2048

static const struct line_kind *const line_kinds[MAPPING_KIND_COUNT] = {
    [MAPPING_METERS] = &line_kind_meters,     [MAPPING_CUSTOMERS] = &line_kind_customers,
    [MAPPING_ACCOUNTS] = &line_kind_accounts, [MAPPING_ASSIGNMENTS] = &line_kind_assignments,
    [MAPPING_BALANCES] = &line_kind_balances, [MAPPING_BILLS] = &line_kind_bills,
    [MAPPING_VISITS] = &line_kind_visits,     [MAPPING_FACTORS] = &line_kind_factors,
};

bool is_row_fault(enum err_code code)
{
    return code == ERR_PARSE || code == ERR_RANGE || code == ERR_NOT_FOUND ||
           code == ERR_EXISTS || code == ERR_STATE || code == ERR_USAGE;
}

static struct line_import *of_job(struct import_job *job)
{
    return (struct line_import *)job;
}

/* What was seen of the file so far, when nothing of it goes into the tables. */
static enum err_code seen_begin(const struct line_import *im, struct err *e)
{
    TRY(db_run(im->job.c->office->db, e, "DROP TABLE IF EXISTS temp.import_seen", NO_VALS));
    return db_run(im->job.c->office->db, e,
                  "CREATE TEMP TABLE import_seen(key TEXT PRIMARY KEY, line INTEGER NOT NULL, "
                  "said TEXT NOT NULL) WITHOUT ROWID",
                  NO_VALS);
}

static enum err_code lines_prepare(struct import_job *job, struct err *e)
{
    struct line_import *im = of_job(job);
    im->kind = line_kinds[job->run.kind];
    arena_init(&im->arena, LINES_BYTES_MAX);
    buf_init(&im->text, ITEM_MAX_BYTES);
    im->lines = mem_array(LINES_PER_BATCH, sizeof *im->lines);
    im->keys = mem_alloc(sizeof *im->keys);
    im->accounts = mem_alloc(sizeof *im->accounts);
    if (im->lines == NULL || im->keys == NULL || im->accounts == NULL) {
        return err_nomem(e);
    }
    return items_init(&im->items, e);
}

static void lines_release(struct import_job *job)
{
    struct line_import *im = of_job(job);
    items_release(&im->items);
    buf_release(&im->text);
    mem_free(im->lines);
    mem_free(im->keys);
    mem_free(im->accounts);
    arena_release(&im->arena);
}

/* ---- a row ---- */

/* The row's key, from the fields that make it: what other rows of the file are compared by. */
static enum err_code line_key(struct line_import *im, struct import_line *l, bool *sound,
                              struct refused *why, struct err *e)
{
    struct buf key;
    buf_init(&key, KEY_MAX * LINE_KEY_FIELDS);
    for (size_t i = 0; i < im->kind->key_count; i++) {
        const char *part = l->field[im->kind->key[i]];
        buf_addf(&key, "%s%s", i > 0 ? "\x1f" : "", part != NULL ? part : "");
    }
    enum err_code code = buf_status(&key, _("row"), e);
    if (code == ERR_OK && (l->key = arena_strdup(&im->arena, buf_str(&key))) == NULL) {
        code = err_nomem(e);
    }
    buf_release(&key);
    TRY(code);
    if (*sound && l->field[im->kind->key[0]] == NULL &&
        (!im->kind->old_too || l->field[FIELD_OLD_ACCOUNT] == NULL)) {
        *sound = import_line_lacks(im->kind->key[0], why);
    }
    return ERR_OK;
}

static enum err_code line_read(struct line_import *im, const struct csv_row *row,
                               struct import_line *l, bool *sound, struct refused *why,
                               struct err *e)
{
    TRY(import_line_read(&im->job.file.reader, row, &im->arena, l, sound, why, e));
    return line_key(im, l, sound, why, e);
}

static const char *key_shown(const struct line_import *im, const struct import_line *l)
{
    const char *key = l->field[im->kind->key[0]];
    return key != NULL                           ? key
           : l->field[FIELD_OLD_ACCOUNT] != NULL ? l->field[FIELD_OLD_ACCOUNT]
                                                 : "";
}

static enum err_code line_refuse(struct line_import *im, struct import_line *l,
                                 const struct refused *why, struct err *e)
{
    l->verdict = LINE_REFUSED;
    if (l->why == NULL) {
        l->why = ARENA_NEW(&im->arena, struct refused);
    }
    if (l->why == NULL) {
        return err_nomem(e);
    }
    *l->why = *why;
    return ERR_OK;
}

/* All that a row says, to tell two rows of one key apart. */
static enum err_code line_said(struct line_import *im, const struct import_line *l,
                               struct err *e)
{
    buf_clear(&im->text);
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        buf_addf(&im->text, "%s\x1f", l->field[f] != NULL ? l->field[f] : "");
    }
    return buf_status(&im->text, _("row"), e);
}

static void seen_before(struct import_line *l, uint64_t line, bool same, struct refused *why)
{
    l->verdict = LINE_STORED;
    if (!same) {
        l->verdict = LINE_REFUSED;
        (void)refuse(why, REFUSE_CONTRADICTS, _("line %llu says otherwise of the same"),
                     (unsigned long long)line);
    }
}

/* In a dry run earlier batches stand in no table. */
static enum err_code seen_compare(struct line_import *im, struct import_line *l,
                                  struct refused *why, struct err *e)
{
    struct stmt *q = NULL;
    bool row = false;
    TRY(line_said(im, l, e));
    TRY(db_query(im->job.c->office->db, &q, e,
                 "SELECT line, said = ? FROM temp.import_seen WHERE key = ?",
                 VALS(V_TEXT(buf_str(&im->text)), V_TEXT(l->key))));
    enum err_code code = stmt_next(q, &row, e);
    if (code == ERR_OK && row) {
        seen_before(l, (uint64_t)stmt_int(q, 0), stmt_int(q, 1) != 0, why);
    }
    stmt_done(q);
    return code;
}

/* Is it there already, in the tables or in a row before? */
static enum err_code line_compare(struct line_import *im, struct import_line *l, struct err *e)
{
    struct refused why;
    int64_t before = 0;
    l->verdict = LINE_NEW;
    TRY(im->kind->compare(im, l, &why, e));
    if (l->verdict == LINE_NEW && name_map_get(im->keys, l->key, &before)) {
        seen_before(l, im->lines[before].line, import_line_same(l, &im->lines[before]), &why);
    } else if (l->verdict == LINE_NEW && im->job.dry) {
        TRY(seen_compare(im, l, &why, e));
    }
    return l->verdict == LINE_REFUSED ? line_refuse(im, l, &why, e) : ERR_OK;
}

/* Make the item of a new thing. A row that is refused leaves no trace in ids or draft. */
static enum err_code line_make(struct line_import *im, struct draft *d, size_t at,
                               struct err *e)
{
    struct import_line *l = &im->lines[at];
    struct line_ids before = im->ids;
    struct kept_value *values = d->values;
    struct err why = ERR_INIT;
    struct refused refused;
    struct json *o = json_new_object(im->job.c->arena);
    if (o == NULL) {
        return err_nomem(e);
    }
    enum err_code code = im->kind->make(im, d, l, o, &why);
    if (code != ERR_OK) {
        im->ids = before;
        d->values = values;
        if (!is_row_fault(code)) {
            return err_set(e, code, "%s", why.text);
        }
        (void)refuse(&refused,
                     im->job.run.kind == MAPPING_METERS ? REFUSE_BAD_METER : REFUSE_NOT_TAKEN,
                     "%s", why.text);
        return line_refuse(im, l, &refused, e);
    }
    name_map_put(im->keys, l->key, (int64_t)at);
    if (im->ids.meter.account != before.meter.account && l->field[FIELD_ACCOUNT] != NULL) {
        name_map_put(im->accounts, l->field[FIELD_ACCOUNT], before.meter.account);
    }
    buf_clear(&im->text);
    TRY(json_write_jcs(o, &im->text, e));
    TRY(buf_status(&im->text, _("row"), e));
    return items_add(&im->items, im->text.data, im->text.len, e);
}

/* ---- a batch ---- */

static enum err_code ids_next(struct line_import *im, struct err *e)
{
    struct command_ctx *c = im->job.c;
    TRY(meter_ids_next(c, &im->ids.meter, e));
    TRY(next_id(c, "SELECT max(id) FROM posting", &im->ids.posting, e));
    TRY(next_id(c, "SELECT max(id) FROM old_bill", &im->ids.bill, e));
    TRY(next_id(c, "SELECT max(id) FROM visit", &im->ids.visit, e));
    TRY(next_id(c, "SELECT max(id) FROM gas_factor", &im->ids.factor, e));
    im->first = im->ids;
    return ERR_OK;
}

static enum err_code lines_make(struct line_import *im, struct draft *d, struct err *e)
{
    name_map_clear(im->keys);
    name_map_clear(im->accounts);
    items_clear(&im->items);
    for (size_t i = 0; i < im->count; i++) {
        TRY(line_compare(im, &im->lines[i], e));
        if (im->lines[i].verdict == LINE_NEW) {
            TRY(line_make(im, d, i, e));
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

/* What else a batch of meters made. */
static enum err_code meters_ranges(const struct line_import *im, struct json *o, struct err *e)
{
    struct command_ctx *c = im->job.c;
    const struct meter_ids *a = &im->first.meter;
    const struct meter_ids *b = &im->ids.meter;
    TRY(data_range(c, o, "accounts", a->account, b->account, e));
    TRY(data_range(c, o, "customers", a->customer, b->customer, e));
    return data_range(c, o, "points", a->point, b->point, e);
}

static enum err_code build_batch(struct command_ctx *c, struct draft *d, struct err *e)
{
    struct line_import *im = c->report;
    if (im->job.run.id != 0) {
        TRY(import_run_is_open(c, &im->job.run, e));
    }
    TRY(ids_next(im, e));
    TRY(import_run_draft(c, d, &im->job.run, "batch", e));
    TRY(lines_make(im, d, e));
    if (im->items.count == 0) {
        return ERR_OK; /* lines_store does not record it */
    }
    TRY(data_int(c, d->data, "batch", im->job.run.batches + 1, e));
    TRY(data_int(c, d->data, "first", *im->kind->next(&im->first), e));
    if (im->job.run.kind == MAPPING_METERS) {
        TRY(meters_ranges(im, d->data, e));
    } else {
        TRY(data_text(c, d->data, "of", mapping_kind_name(im->job.run.kind), e));
    }
    return data_items(c, d, &im->items, e);
}

/* Go through the batch without recording, to know whether there is anything new in it. */
static enum err_code lines_survey(struct line_import *im, struct err *e)
{
    struct draft d = {.actor = im->job.c->session->actor, .date = im->job.c->date};
    arena_reset(im->job.c->arena);
    return build_batch(im->job.c, &d, e);
}

static enum err_code lines_remember(struct line_import *im, struct err *e)
{
    for (size_t i = 0; i < im->count; i++) {
        const struct import_line *l = &im->lines[i];
        if (l->verdict != LINE_NEW) {
            continue;
        }
        TRY(line_said(im, l, e));
        TRY(db_run(im->job.c->office->db, e,
                   "INSERT INTO temp.import_seen(key, line, said) VALUES(?,?,?)",
                   VALS(V_TEXT(l->key), V_INT((int64_t)l->line), V_TEXT(buf_str(&im->text)))));
    }
    return ERR_OK;
}

static void lines_report(struct line_import *im)
{
    struct import_report *report = im->job.report;
    for (size_t i = 0; i < im->count; i++) {
        const struct import_line *l = &im->lines[i];
        if (l->verdict == LINE_REFUSED) {
            report_refused(report, l->line, key_shown(im, l), l->why);
        } else if (l->verdict == LINE_STORED) {
            report->already++;
        } else {
            report->stored.accepted++;
        }
    }
}

static enum err_code lines_record(struct line_import *im, struct err *e)
{
    struct ticket t;
    TRY(lines_survey(im, e));
    if (im->job.dry) {
        return lines_remember(im, e);
    }
    if (im->items.count == 0) {
        return ERR_OK;
    }
    TRY(import_run_open(im->job.c, &im->job.run, e));
    TRY(act_user(im->job.c, build_batch, &t, e));
    im->job.run.batches++;
    return ERR_OK;
}

static enum err_code lines_store(struct line_import *im, struct err *e)
{
    struct command_ctx *c = im->job.c;
    void *report = c->report;
    c->report = im;
    enum err_code code = im->count > 0 ? lines_record(im, e) : ERR_OK;
    c->report = report;
    TRY(code);
    lines_report(im);
    im->count = 0;
    arena_reset(&im->arena);
    return ERR_OK;
}

/* ---- the file ---- */

/* Read the whole file once before anything is recorded: a file that is cut leaves nothing
 * behind. */
static enum err_code file_scan(struct line_import *im, struct err *e)
{
    struct csv_row row;
    bool eof = false;
    for (;; im->rows++) {
        TRY(import_file_next(&im->job.file, &row, &eof, e));
        if (eof) {
            break;
        }
        TRY(job_reading(&im->job, im->rows, e));
    }
    TRY(job_read_all(&im->job, im->rows, e));
    return import_file_restart(&im->job.file, &im->job.mapping, e);
}

static enum err_code line_take(struct line_import *im, const struct csv_row *row, struct err *e)
{
    struct refused why;
    bool sound = false;
    struct import_line *l = &im->lines[im->count];
    im->job.report->rows++;
    TRY(line_read(im, row, l, &sound, &why, e));
    if (!sound) {
        report_refused(im->job.report, row->line, key_shown(im, l), &why);
        return ERR_OK;
    }
    im->count++;
    return ERR_OK;
}

static enum err_code file_store(struct import_job *job, struct err *e)
{
    struct line_import *im = of_job(job);
    struct csv_row row;
    bool eof = false;
    TRY(file_scan(im, e));
    if (job->dry) {
        TRY(seen_begin(im, e));
    }
    while (!eof) {
        TRY(import_file_next(&job->file, &row, &eof, e));
        if (!eof) {
            TRY(line_take(im, &row, e));
        }
        if (eof || im->count == LINES_PER_BATCH || im->arena.used_bytes > LINES_BYTES_MAX / 2) {
            TRY(lines_store(im, e));
            TRY(job_storing(job, job->report->rows, im->rows, e));
        }
    }
    return import_file_unchanged(&job->file, e);
}

/* ---- preview ---- */

static void line_show(const struct import_line *l, bool json, struct buf *out)
{
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

static enum err_code lines_show(struct import_job *job, const struct csv_row *row,
                                struct buf *out, bool *sound, struct refused *why,
                                struct err *e)
{
    struct line_import *im = of_job(job);
    arena_reset(&im->arena);
    TRY(line_read(im, row, &im->lines[0], sound, why, e));
    if (*sound) {
        line_show(&im->lines[0], job->c->json, out);
    }
    return ERR_OK;
}

const struct import_kind import_lines_kind = {sizeof(struct line_import), lines_prepare,
                                              lines_show, file_store, lines_release};
